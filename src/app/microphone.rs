//! What opens and closes the microphone, and the short sounds that say so.

use std::time::{Duration, Instant};

use super::{App, Effect, LinkState, screen};
use crate::audio::{AudioCommand, Cue, Gate, Microphone};
use crate::conversation::{Input, Intent, TurnMode};

/// Muted for this long, the microphone is given back, so that the system shows that nobody listens.
pub(super) const RELEASE_AFTER: Duration = Duration::from_secs(30);

impl App {
    pub(super) fn toggle_mute(&mut self, now: Instant) {
        if self.conversation.mode() == TurnMode::TextOnly {
            // There is nothing to mute.
            return;
        }
        let muted = !self.conversation.is_muted();
        self.converse(Input::Intent(Intent::SetMuted(muted)), now);
        if muted {
            self.cue(Cue::Done, now);
        }
    }

    pub(super) fn toggle_mode(&mut self, now: Instant) {
        let mode = match self.conversation.mode() {
            TurnMode::Vad => TurnMode::PushToTalk,
            TurnMode::PushToTalk => TurnMode::Vad,
            TurnMode::TextOnly => return,
        };
        self.end_take(now);
        self.converse(Input::Intent(Intent::SetMode(mode)), now);
        // The next key may come before the next frame.
        self.view.mode = screen::mode(mode);
    }

    /// A person speaks when they like; a recording waits until somebody hears it.
    pub(super) fn set_gate(&mut self) {
        let waits = self.recording && self.link != LinkState::Up && (self.fast || !self.met);
        let gate = if self.capture && !waits { Gate::Open } else { Gate::Closed };
        if gate != self.gate {
            self.gate = gate;
            self.effects.push_back(Effect::Audio(AudioCommand::Capture(gate)));
        }
    }

    /// Gives the microphone back when it was muted for long, and takes it again when it is not.
    pub(super) fn mind_microphone(&mut self, now: Instant) {
        if !self.conversation.is_muted() {
            self.muted_since = None;
        } else if self.muted_since.is_none() {
            self.muted_since = Some(now);
        }
        let long = self.muted_since.is_some_and(|since| now >= since + RELEASE_AFTER);
        self.set_microphone(if long { Microphone::Released } else { Microphone::Kept });
    }

    pub(super) fn set_microphone(&mut self, microphone: Microphone) {
        if microphone != self.microphone {
            self.microphone = microphone;
            self.devices.forget_microphone();
            self.effects.push_back(Effect::Audio(AudioCommand::Microphone(microphone)));
        }
    }

    /// The microphone is open to a server that hears it: for the first time, after a mute, by the talk key, or because
    /// it is there again.
    pub(super) fn cue_listening(&mut self, now: Instant) {
        let heard = self.gate == Gate::Open && self.met && self.devices.has_microphone();
        if self.cues.opens(heard) {
            self.cue(Cue::Listening, now);
        }
    }

    pub(super) fn cue(&mut self, cue: Cue, now: Instant) {
        if self.cues.may_sound(cue, now) {
            self.effects.push_back(Effect::Audio(AudioCommand::Cue(cue)));
        }
    }
}
