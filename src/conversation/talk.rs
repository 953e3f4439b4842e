//! Push-to-talk: a take begins, and is committed or dropped.

use std::time::Instant;

use super::{Cancel, Conversation, Level, MIN_TALK_MS, Purpose, TOO_SHORT, TurnMode};
use crate::protocol::ClientEvent;

impl Conversation {
    pub(super) fn talk_start(&mut self, now: Instant) {
        if self.mode != TurnMode::PushToTalk || self.hearing {
            return;
        }
        if self.muted {
            return self.notice(Level::Info, "the microphone is muted: unmute it to talk");
        }
        self.barge_in(Cancel::Ours, now);
        self.interrupted = false;
        self.hearing = true;
        self.talk_samples = 0;
        self.speech.begins(None);
        self.send(Purpose::Other, ClientEvent::InputAudioBufferClear {});
    }

    pub(super) fn talk_stop(&mut self, now: Instant) {
        if self.mode != TurnMode::PushToTalk || !self.hearing {
            return;
        }
        if crate::pcm::samples_to_ms(self.talk_samples, crate::pcm::SESSION_RATE) < MIN_TALK_MS {
            return self.talk_drop();
        }
        self.hearing = false;
        self.turn_ended = Some(now);
        self.speech.ends(None);
        // A take that ends while the link is down is heard by the next connection.
        if self.up {
            self.send(Purpose::Other, ClientEvent::InputAudioBufferCommit {});
            self.responses.want();
        }
    }

    pub(super) fn talk_drop(&mut self) {
        if self.mode != TurnMode::PushToTalk || !self.hearing {
            return;
        }
        self.hearing = false;
        self.speech.clear();
        self.send(Purpose::Other, ClientEvent::InputAudioBufferClear {});
        self.notice(Level::Info, TOO_SHORT);
    }
}
