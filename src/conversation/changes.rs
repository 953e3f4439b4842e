//! What the person changes while the conversation goes on: any setting of the session, and to begin anew.
//!
//! What was changed is part of the configuration, so that a new session after a lost link is told of it, too.

use std::time::Instant;

use serde_json::Value;

use super::agreement;
use super::config::SoundFormat;
use super::sent::Purpose;
use super::{Cancel, Conversation, Level, Output, SessionConfig, TurnMode};
use crate::protocol::session::{AudioFormat, SessionKind, ToolChoice};
use crate::protocol::{ApiError, ClientEvent, ResponseCreate, Session, dialect};

const WRITTEN: &str = "answers are written here: there is no voice to change";
const VOICE_IS_FIXED: &str = "the voice can be changed before the first answer; /new begins anew";
const NEXT_SESSION: &str =
    "there is no way to tell the server so now: it holds from the next session on; /new begins one";
const FORMAT: &str = "session.audio_format";
const ANEW: &str = "a new conversation begins here: the assistant knows nothing of what is above";

/// A setting of the session, and what it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjusted {
    pub name: &'static str,
    pub value: String,
}

#[derive(Debug)]
pub(super) struct Changes {
    /// What the server said last, else what it was first asked for.
    voice: String,
    speed: f64,
    wishes: Vec<Wish>,
}

/// A change that the server has not agreed to yet.
#[derive(Debug)]
struct Wish {
    name: &'static str,
    /// For when it is refused.
    before: String,
    update: Session,
    told: bool,
}

impl Changes {
    pub(super) fn new(config: &SessionConfig) -> Self {
        Self { voice: config.voice.clone(), speed: config.speed, wishes: Vec::new() }
    }

    /// The server is told of the whole configuration.
    pub(super) fn told(&mut self) {
        self.wishes.iter_mut().for_each(|wish| wish.told = true);
    }
}

impl Conversation {
    /// Answers are spoken, else written.
    pub fn is_spoken(&self) -> bool {
        self.config.spoken
    }

    /// The voice of the session, as the server says.
    pub fn voice(&self) -> &str {
        &self.changes.voice
    }

    /// How fast the assistant speaks, as the server says.
    pub fn speed(&self) -> f64 {
        self.changes.speed
    }

    /// Of the person's and the assistant's sound on the wire.
    pub fn formats(&self) -> (AudioFormat, AudioFormat) {
        self.config.formats()
    }

    /// What helps a voice over a slow network, if anything does; to be put behind what is told.
    pub fn sparing(&self) -> &'static str {
        self.config.sparing()
    }

    /// A setting as it is wanted now, by its name.
    pub fn setting(&self, name: &str) -> String {
        self.config.get(name)
    }

    pub(super) fn set(&mut self, name: &'static str, value: &str) {
        if matches!(name, "voice" | "speed") && !self.config.spoken {
            return self.notice(Level::Info, WRITTEN);
        }
        if name == "session.output_modality" && value == "audio" && !self.config.options.can_speak {
            return self.notice(Level::Info, "this run has no sound: answers are written");
        }
        if name == FORMAT {
            return self.set_sound_format(value);
        }
        let takes = self.config.tool_choices();
        if name == "session.tool_choice" && !takes.contains(&value) {
            let text = format!("`{name}` takes `{}`", takes.join("`, `"));
            return self.notice(Level::Warning, &text);
        }
        let (before, old) = (self.asked(), self.config.get(name));
        if self.config.set(name, value).is_none() {
            return self.notice(Level::Warning, &format!("`{name}` cannot be `{value}`"));
        }
        let update = self.asked().since(&before);
        let lost = dialect::lost(&update, self.config.dialect, &self.config.quirks);
        if !lost.is_empty() {
            self.config.set(name, &old).expect("it was so before");
            return self.notice(Level::Warning, &format!("this server cannot be asked for `{name}`"));
        }
        let waits = self.changes.wishes.iter_mut().find(|wish| wish.name == name && !wish.told);
        match waits {
            Some(wish) => wish.update.merge(&update),
            None if update == Session::default() => {
                self.adjusted(name);
                if self.asked() != before {
                    self.notice(Level::Info, NEXT_SESSION);
                }
            }
            None => {
                let update = Session { kind: Some(SessionKind::Realtime), ..update };
                self.changes.wishes.push(Wish { name, before: old, update, told: false });
            }
        }
    }

    /// Whether a new session is what this format of sound takes, and whether that would have it.
    pub fn renews_for_format(&self, value: &str) -> bool {
        let has_sound = self.config.spoken || self.mode != TurnMode::TextOnly;
        self.up && has_sound && self.can_have_format(value) && self.config.get(FORMAT) != value
    }

    /// Whether the next session would be asked for it.
    fn can_have_format(&self, value: &str) -> bool {
        let mut config = self.config.clone();
        let set = config.set(FORMAT, value).is_some() && config.takes_formats();
        set && self.asked_with(&config).audio.input.format == Some(config.formats().0)
    }

    /// Of the next session: the sound of the present one could not be told apart.
    fn set_sound_format(&mut self, value: &str) {
        if self.config.get(FORMAT) != value {
            if !self.can_have_format(value) {
                let text = "this server takes and gives sound in its own format alone";
                return self.notice(Level::Warning, text);
            }
            if self.up {
                return self.notice(Level::Info, NEXT_SESSION);
            }
            self.config.set(FORMAT, value).expect("it can be had");
        }
        self.adjusted(FORMAT);
    }

    /// The server does not take the format that it was asked for: what every server understands is asked for instead.
    /// False where it was.
    pub(super) fn fall_back_to_pcm(&mut self) -> bool {
        let other = self.config.options.sound != SoundFormat::Pcm;
        if other {
            let wanted = self.config.get(FORMAT);
            self.notice(Level::Warning, &format!("the server does not take sound as `{wanted}`"));
            self.config.options.sound = SoundFormat::Pcm;
            self.adjusted(FORMAT);
            self.update_session();
        }
        other
    }

    fn adjusted(&mut self, name: &'static str) {
        let value = self.config.get(name);
        self.outputs.push_back(Output::Adjusted(Adjusted { name, value }));
    }

    /// Between two answers: the service takes no other speed while one is being made.
    pub(super) fn send_changes(&mut self) {
        if !self.up || !self.responses.is_quiet() {
            return;
        }
        let untold = self.changes.wishes.iter_mut().filter(|wish| !wish.told);
        let updates: Vec<_> = untold
            .map(|wish| {
                wish.told = true;
                (wish.name, wish.update.clone())
            })
            .collect();
        for (name, update) in updates {
            self.send_update(Purpose::Change(name), update);
        }
    }

    /// A model that must use a tool would use one again to answer what came of it, for ever.
    pub(super) fn free_choice(&mut self) -> Option<Box<ResponseCreate>> {
        let choice = Some(ToolChoice::Mode("auto".to_owned()));
        let follows = self.calls.take_followed();
        (follows && self.config.forces_tools())
            .then(|| Box::new(ResponseCreate { tool_choice: choice, ..ResponseCreate::default() }))
    }

    pub(super) fn send_update(&mut self, purpose: Purpose, session: Session) {
        self.agreement.asked();
        self.send(purpose, ClientEvent::SessionUpdate { session: Box::new(session) });
    }

    /// The change that was sent last and is not answered.
    pub(super) fn latest_change(&self) -> Option<&'static str> {
        self.changes.wishes.iter().rev().find(|wish| wish.told).map(|wish| wish.name)
    }

    /// The server told of its settings. One that leaves something out has taken what it was asked for.
    pub(super) fn note_in_effect(&mut self, session: &Session) {
        let output = &session.audio.output;
        let voice = output.voice.as_ref().and_then(name).unwrap_or(&self.config.voice).to_owned();
        let speed = output.speed.unwrap_or(self.config.speed);
        (self.changes.voice, self.changes.speed) = (voice, speed);
        let agreed = |wish: &Wish| wish.told && agreement::differences(&wish.update, session).is_empty();
        let names: Vec<_> = self.changes.wishes.iter().filter(|w| agreed(w)).map(|w| w.name).collect();
        self.changes.wishes.retain(|wish| !agreed(wish));
        for name in names {
            self.adjusted(name);
        }
    }

    /// The server has answered everything, and does not agree: what it has instead is told by whoever compares.
    pub(super) fn give_up_changes(&mut self) {
        while let Some(at) = self.changes.wishes.iter().position(|wish| wish.told) {
            self.take_back(at);
        }
    }

    /// An error answers a change: it is taken back.
    pub(super) fn change_refused(&mut self, name: &'static str, error: &ApiError) {
        let Some(at) = self.changes.wishes.iter().position(|wish| wish.told && wish.name == name) else {
            return;
        };
        let wanted = self.config.get(name);
        self.take_back(at);
        if error.code() == "cannot_update_voice" {
            return self.notice(Level::Warning, VOICE_IS_FIXED);
        }
        let now = self.config.get(name);
        let why = if error.message.is_empty() { error.code() } else { &error.message };
        let stays =
            if now.is_empty() { "it stays as it was".to_owned() } else { format!("it stays `{now}`") };
        self.notice(Level::Warning, &format!("the server refused `{name}` = `{wanted}`: {why}; {stays}"));
    }

    fn take_back(&mut self, at: usize) {
        let wish = self.changes.wishes.remove(at);
        // What was wished for since stays so.
        if !self.changes.wishes.iter().any(|later| later.name == wish.name) {
            self.config.set(wish.name, &wish.before).expect("it was so before");
        }
    }

    /// Leaves the session as it would be lost, and what was said to the person alone.
    pub(super) fn begin_anew(&mut self, now: Instant) {
        self.barge_in(Cancel::Ours, now);
        self.disconnected();
        for call_id in self.calls.forget() {
            self.transcript.call_failed(&call_id);
        }
        self.responses.unwant();
        self.speech.clear();
        self.hearing = false;
        self.interrupted = false;
        self.transcript.begin_anew();
        self.notice(Level::Info, ANEW);
    }
}

/// A voice is a name, or an object with the id of one's own.
pub(super) fn name(voice: &Value) -> Option<&str> {
    voice.as_str().or_else(|| voice.get("id").and_then(Value::as_str))
}

#[cfg(test)]
mod tests;
