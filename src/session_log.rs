//! The log of a session: all that happened to it, as JSON lines, so that it can be looked at and played again.
//!
//! The first line is the [`Head`]. Every other one has `ms` since the start by a clock that never jumps, `from` where it
//! came, and the `event`: what the server and the client said in the GA dialect, what the sound engine told, and under
//! `here` everything else that the [`App`](crate::app::App) was told. As that is all that the app knows, a log is
//! enough to have the same session again. Sound is the number of its bytes, unless [`Sound::Kept`]. No key is in it,
//! because none is in any message. Pure, but for [`writer`].

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::app::{AppConfig, Msg};
use crate::protocol::dialect::{decode_server, encode_client, encode_server};
use crate::protocol::{ClientMessage, Dialect, ServerEvent, ServerMessage};
use crate::transport::LinkEvent;

mod sound;
pub mod writer;

/// Of the lines. A program reads its own and older ones.
pub const VERSION: u32 = 1;

/// What becomes of sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sound {
    /// The number of its bytes stands in its place.
    #[default]
    Length,
    /// It is kept, as base64.
    Kept,
}

/// How a session began.
#[derive(Debug, Serialize, Deserialize)]
pub struct Head<S = AppConfig> {
    pub v: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// RFC 3339.
    pub begun: String,
    /// Keys of the actions, as the settings had them.
    pub keys: BTreeMap<String, String>,
    pub session: S,
}

/// A line, read.
#[derive(Debug)]
pub enum Line {
    Head(Box<Head>),
    /// What happened to the program.
    Happened {
        at: Duration,
        msg: Box<Msg>,
    },
    /// What the program told the server; it follows from what happened before.
    Sent,
}

#[derive(Serialize, Deserialize)]
struct Framed {
    ms: f64,
    from: Source,
    event: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    Server,
    Client,
    Sound,
    Here,
}

impl<S: Serialize> Head<S> {
    /// As a line.
    pub fn line(&self) -> String {
        with_end(self)
    }
}

/// What happened, as a line.
pub fn message(at: Duration, msg: &Msg, sound: Sound) -> String {
    let (from, event) = match msg {
        Msg::Link(LinkEvent::Message(message)) => (Source::Server, server(message, sound)),
        Msg::Audio(event) => (Source::Sound, sound::to_value(event, sound)),
        other => (Source::Here, serde_json::to_value(other).expect("messages have string keys")),
    };
    line(at, from, event)
}

/// What was told to the server, as a line.
pub fn sent(at: Duration, message: &ClientMessage, sound: Sound) -> String {
    let event = serde_json::from_str(&encode_client(message, Dialect::Ga)).expect("it was JSON just now");
    line(at, Source::Client, shortened(event, sound))
}

/// Reads a line, whoever wrote it; the error says what is wrong with it.
pub fn read(text: &str) -> Result<Line, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| plain(&error))?;
    if value.get("session").is_some() {
        let version = value.get("v").and_then(Value::as_u64);
        if version.is_none_or(|v| v > u64::from(VERSION)) {
            return Err("it was written by a newer version of this program".to_owned());
        }
        return serde_json::from_value(value).map(Line::Head).map_err(|error| plain(&error));
    }
    let Framed { ms, from, event } = serde_json::from_value(value).map_err(|error| plain(&error))?;
    // Whole microseconds were written.
    let us = (ms * 1000.0).round();
    if !(0.0..=1e15).contains(&us) {
        return Err("its time is none".to_owned());
    }
    let msg = match from {
        Source::Client => return Ok(Line::Sent),
        Source::Server => Msg::Link(LinkEvent::Message(from_server(event)?)),
        Source::Sound => Msg::Audio(sound::from_value(event)?),
        Source::Here => serde_json::from_value(event).map_err(|error| plain(&error))?,
    };
    Ok(Line::Happened { at: Duration::from_micros(us as u64), msg: Box::new(msg) })
}

fn line(at: Duration, from: Source, event: Value) -> String {
    let ms = at.as_micros() as f64 / 1000.0;
    with_end(&Framed { ms, from, event })
}

fn with_end(value: &impl Serialize) -> String {
    let mut line = serde_json::to_string(value).expect("lines have string keys");
    line.push('\n');
    line
}

/// Without the place in the line, which helps nobody.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

fn server(message: &ServerMessage, sound: Sound) -> Value {
    match (&message.event, encode_server(message, Dialect::Ga)) {
        (ServerEvent::Unknown { kind, .. }, _) => json!({"type": kind}),
        (_, Some(text)) => shortened(serde_json::from_str(&text).expect("it was JSON just now"), sound),
        (_, None) => Value::Null,
    }
}

fn from_server(mut event: Value) -> Result<ServerMessage, String> {
    if let Value::Object(object) = &mut event {
        sound::lengthen(object)?;
    }
    decode_server(&event.to_string()).map_err(|error| error.to_string())
}

fn shortened(mut event: Value, sound: Sound) -> Value {
    if let (Value::Object(object), Sound::Length) = (&mut event, sound) {
        sound::shorten(object);
    }
    event
}

/// Whether an event's `delta` is sound.
fn is_sound(event: &Map<String, Value>) -> bool {
    event.get("type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("audio.delta"))
}

#[cfg(test)]
mod tests;
