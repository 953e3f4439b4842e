//! From the bytes of a chat completion, streamed or not, to thoughts. Pure, and never panics, whatever comes.

use std::collections::VecDeque;

use serde_json::Value;

use super::sse::{Sse, TooLong};
use crate::server::engine::Thought;

/// Of an answer that is not streamed, in bytes.
const MAX_WHOLE: usize = 4 << 20;
/// Of calls in one answer, and of one call's arguments in bytes: more is a model that has lost its way.
const MAX_CALLS: usize = 64;
const MAX_ARGUMENTS: usize = 1 << 20;
/// Local models show their reasoning between these, before the answer; nobody wants to hear it.
const THINKING: (&str, &str) = ("<think>", "</think>");

/// What is wrong with an answer that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    /// The server says so itself.
    Complaint {
        status: u16,
        body: String,
    },
    /// It ended too early.
    Cut,
    /// It is something else.
    Garbled,
    OutOfTokens,
}

impl From<TooLong> for Wrong {
    fn from(_: TooLong) -> Self {
        Self::Garbled
    }
}

/// An answer on its way.
#[derive(Debug, Default)]
pub(super) struct Reply {
    form: Form,
    words: Words,
    calls: Vec<Call>,
    thoughts: VecDeque<Thought>,
    finish: Option<String>,
    /// `[DONE]` has come.
    done: bool,
    chunks: usize,
}

#[derive(Debug, Default)]
enum Form {
    /// Until its first byte that is not blank.
    #[default]
    Unknown,
    Stream(Sse),
    Whole(Vec<u8>),
}

#[derive(Debug, Default)]
struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Reply {
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Result<(), Wrong> {
        if let Form::Unknown = self.form {
            bytes = bytes.trim_ascii_start();
            self.form = match bytes.first() {
                None => return Ok(()),
                Some(b'{') => Form::Whole(Vec::new()),
                Some(_) => Form::Stream(Sse::default()),
            };
        }
        match &mut self.form {
            Form::Whole(whole) if whole.len() + bytes.len() > MAX_WHOLE => Err(Wrong::Garbled),
            Form::Whole(whole) => {
                whole.extend_from_slice(bytes);
                Ok(())
            }
            Form::Stream(sse) => {
                let mut events = Vec::new();
                sse.push(bytes, &mut |data| events.push(data.to_owned()))?;
                events.iter().try_for_each(|data| self.event(data))
            }
            Form::Unknown => Ok(()),
        }
    }

    /// The next thing to say or do.
    pub(super) fn poll(&mut self) -> Option<Thought> {
        self.thoughts.pop_front()
    }

    /// No more will come that matters.
    pub(super) fn is_over(&self) -> bool {
        self.done
    }

    /// No more will come at all. Poll once more.
    pub(super) fn finish(&mut self) -> Result<(), Wrong> {
        match std::mem::take(&mut self.form) {
            Form::Unknown => return Err(Wrong::Cut),
            Form::Whole(whole) => {
                let value = serde_json::from_slice(&whole).map_err(|_| Wrong::Garbled)?;
                self.chunk(&value)?;
                self.done = true;
            }
            Form::Stream(mut sse) => {
                let mut events = Vec::new();
                sse.finish(&mut |data| events.push(data.to_owned()));
                events.iter().try_for_each(|data| self.event(data))?;
            }
        }
        self.thoughts.extend(self.words.finish().map(Thought::Text));
        if self.chunks == 0 {
            return Err(Wrong::Garbled);
        }
        // A call may lack its end; words that came are words.
        if !self.done && self.finish.is_none() {
            return Err(Wrong::Cut);
        }
        self.end_calls()
    }

    fn event(&mut self, data: &str) -> Result<(), Wrong> {
        if data.trim() == "[DONE]" {
            self.done = true;
            return Ok(());
        }
        let value = serde_json::from_str(data).map_err(|_| Wrong::Garbled)?;
        self.chunk(&value)
    }

    fn chunk(&mut self, value: &Value) -> Result<(), Wrong> {
        if let Some(error) = value.get("error").filter(|error| !error.is_null()) {
            let code = error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
            let status = code.filter(|code| (400..600).contains(code)).unwrap_or(500);
            return Err(Wrong::Complaint { status, body: value.to_string() });
        }
        let Some(choices) = value.get("choices").and_then(Value::as_array) else {
            // Some send notes of their own; one that is alone is told at the end.
            return Ok(());
        };
        self.chunks += 1;
        let Some(choice) = choices.first() else { return Ok(()) };
        let delta = choice.get("delta").or_else(|| choice.get("message")).unwrap_or(&Value::Null);
        self.content(&delta["content"]);
        let calls = delta["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
        for (at, call) in calls.iter().enumerate() {
            self.call(call, at)?;
        }
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = Some(reason.to_owned());
        }
        Ok(())
    }

    fn content(&mut self, content: &Value) {
        match content {
            Value::String(text) => self.thoughts.extend(self.words.push(text).map(Thought::Text)),
            // In parts, as some do.
            Value::Array(parts) => parts.iter().for_each(|part| {
                if let Some(text) = part["text"].as_str() {
                    self.thoughts.extend(self.words.push(text).map(Thought::Text));
                }
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
        }
    }

    fn call(&mut self, piece: &Value, at: usize) -> Result<(), Wrong> {
        let id = piece["id"].as_str().unwrap_or_default();
        let name = piece["function"]["name"].as_str().unwrap_or_default();
        // Some count all calls as the first; then another id tells that another one begins.
        let index = piece["index"].as_u64().or(Some(at as u64));
        let continues = |call: &Call| {
            call.index == index && (id.is_empty() || call.id.is_empty() || call.id == id || name.is_empty())
        };
        let place = match self.calls.iter().rposition(continues) {
            Some(place) => place,
            None if self.calls.len() >= MAX_CALLS => return Err(Wrong::Garbled),
            None => {
                self.calls.push(Call { index, ..Call::default() });
                self.calls.len() - 1
            }
        };
        let call = &mut self.calls[place];
        if call.id.is_empty() {
            id.clone_into(&mut call.id);
        }
        if call.name.is_empty() {
            name.clone_into(&mut call.name);
        }
        match &piece["function"]["arguments"] {
            Value::String(text) => call.arguments.push_str(text),
            object @ Value::Object(_) => call.arguments.push_str(&object.to_string()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
        }
        if call.arguments.len() > MAX_ARGUMENTS { Err(Wrong::Garbled) } else { Ok(()) }
    }

    /// Calls go out when nothing more can come: only then is the last one known to be whole.
    fn end_calls(&mut self) -> Result<(), Wrong> {
        let short = self.finish.as_deref() == Some("length");
        for call in std::mem::take(&mut self.calls) {
            let arguments = if call.arguments.trim().is_empty() { "{}".to_owned() } else { call.arguments };
            if short && serde_json::from_str::<Value>(&arguments).is_err() {
                return Err(Wrong::OutOfTokens);
            }
            if !call.name.is_empty() {
                self.thoughts.push_back(Thought::Call { name: call.name, arguments });
            }
        }
        Ok(())
    }
}

/// The text, without reasoning and without blanks before the first word.
#[derive(Debug, Default)]
struct Words {
    place: Place,
    /// What may be the beginning of a mark.
    held: String,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Before,
    Thinking,
    Within,
}

impl Words {
    fn push(&mut self, text: &str) -> Option<String> {
        if self.place == Place::Within {
            return Some(text.to_owned()).filter(|text| !text.is_empty());
        }
        self.held.push_str(text);
        loop {
            match self.place {
                Place::Before => {
                    let begun = self.held.trim_start();
                    if begun.is_empty() || THINKING.0.starts_with(begun) {
                        return None;
                    }
                    if let Some(rest) = begun.strip_prefix(THINKING.0) {
                        self.held = rest.to_owned();
                        self.place = Place::Thinking;
                    } else {
                        self.place = Place::Within;
                        let begun = begun.to_owned();
                        self.held.clear();
                        return Some(begun);
                    }
                }
                Place::Thinking => {
                    let Some(end) = self.held.find(THINKING.1) else {
                        // Only what may be the beginning of its end is kept.
                        let tail = self.held.len().saturating_sub(THINKING.1.len());
                        let tail = (tail..=self.held.len()).find(|&at| self.held.is_char_boundary(at));
                        self.held.drain(..tail.unwrap_or(0));
                        return None;
                    };
                    self.held.drain(..end + THINKING.1.len());
                    self.place = Place::Before;
                }
                Place::Within => return None,
            }
        }
    }

    /// What was held back for nothing.
    fn finish(&mut self) -> Option<String> {
        let held = std::mem::take(&mut self.held);
        let is_text = self.place == Place::Before && !held.trim().is_empty();
        is_text.then(|| held.trim_start().to_owned())
    }
}
