//! What the person changes while the conversation goes on: the voice, the speed, and to begin anew.
//!
//! What was changed is part of the configuration, so that a new session after a lost link is told of it, too.

use std::time::Instant;

use serde_json::Value;

use super::sent::Purpose;
use super::{Adjusted, Cancel, Conversation, Level, Output, SessionConfig};
use crate::protocol::session::SessionKind;
use crate::protocol::{ClientEvent, Session};

const WRITTEN: &str = "answers are written here: there is no voice to change";
const VOICE_IS_FIXED: &str = "the voice can be changed before the first answer; /new begins anew";
const ANEW: &str = "a new conversation begins here: the assistant knows nothing of what is above";

#[derive(Debug)]
pub(super) struct Changes {
    /// What the server said last, else what it was first asked for.
    voice: String,
    speed: f64,
    /// A wish that the server has not been told of, and one that it has not answered.
    new_voice: Wish,
    new_speed: Wish,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Wish {
    #[default]
    None,
    Untold,
    Told,
}

impl Changes {
    pub(super) fn new(config: &SessionConfig) -> Self {
        let voice = config.voice.clone();
        Self { voice, speed: config.speed, new_voice: Wish::None, new_speed: Wish::None }
    }

    /// The server is told of the whole configuration.
    pub(super) fn told(&mut self) {
        for wish in [&mut self.new_voice, &mut self.new_speed] {
            if *wish == Wish::Untold {
                *wish = Wish::Told;
            }
        }
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

    pub(super) fn set_voice(&mut self, voice: String) {
        if !self.config.spoken {
            return self.notice(Level::Info, WRITTEN);
        }
        self.config.voice = voice;
        self.changes.new_voice = Wish::Untold;
    }

    pub(super) fn set_speed(&mut self, speed: f64) {
        if !self.config.spoken {
            return self.notice(Level::Info, WRITTEN);
        }
        self.config.speed = speed.clamp(0.25, 1.5);
        self.changes.new_speed = Wish::Untold;
    }

    /// Between two answers: the service takes no other speed while one is being made.
    pub(super) fn send_changes(&mut self) {
        if !self.up || !self.responses.is_quiet() {
            return;
        }
        if self.changes.new_voice == Wish::Untold {
            self.changes.new_voice = Wish::Told;
            let mut session = update();
            session.audio.output.voice = Some(Value::String(self.config.voice.clone()));
            self.send(Purpose::Voice, ClientEvent::SessionUpdate { session: Box::new(session) });
        }
        if self.changes.new_speed == Wish::Untold {
            self.changes.new_speed = Wish::Told;
            let mut session = update();
            session.audio.output.speed = Some(self.config.speed);
            self.send(Purpose::Speed, ClientEvent::SessionUpdate { session: Box::new(session) });
        }
    }

    /// The server told of its settings. One that leaves voice or speed out has taken what it was asked for.
    pub(super) fn note_in_effect(&mut self, session: &Session) {
        let output = &session.audio.output;
        let voice = output.voice.as_ref().and_then(name).unwrap_or(&self.config.voice).to_owned();
        let speed = output.speed.unwrap_or(self.config.speed);
        (self.changes.voice, self.changes.speed) = (voice, speed);
        let same_speed = (self.changes.speed - self.config.speed).abs() < 1e-6;
        if self.changes.new_voice == Wish::Told && self.changes.voice == self.config.voice {
            self.changes.new_voice = Wish::None;
            self.outputs.push_back(Output::Adjusted(Adjusted::Voice(self.config.voice.clone())));
        }
        if self.changes.new_speed == Wish::Told && same_speed {
            self.changes.new_speed = Wish::None;
            self.outputs.push_back(Output::Adjusted(Adjusted::Speed(self.config.speed)));
        }
    }

    /// An error answers what was sent for this purpose: a change that is refused is taken back. Whether that says all
    /// there is to say.
    pub(super) fn refused(&mut self, purpose: Option<Purpose>, code: &str) -> bool {
        match purpose {
            Some(Purpose::Voice) => {
                self.changes.new_voice = Wish::None;
                self.config.voice.clone_from(&self.changes.voice);
            }
            Some(Purpose::Speed) => {
                self.changes.new_speed = Wish::None;
                self.config.speed = self.changes.speed;
            }
            _ => return false,
        }
        let fixed = code == "cannot_update_voice";
        if fixed {
            self.notice(Level::Warning, VOICE_IS_FIXED);
        }
        fixed
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

fn update() -> Session {
    Session { kind: Some(SessionKind::Realtime), ..Session::default() }
}

/// A voice is a name, or an object with the id of one's own.
fn name(voice: &Value) -> Option<&str> {
    voice.as_str().or_else(|| voice.get("id").and_then(Value::as_str))
}

#[cfg(test)]
mod tests;
