//! A connection that nobody talks over is given up, and is there again for the first word or key.
//!
//! Services bill what lies open, if only for the context sent anew. Speech at rest is kept by the conversation, five
//! seconds of it, so that what woke the connection is heard.

use std::fmt;
use std::time::{Duration, Instant};

use super::{App, Effect, LinkState, Msg};
use crate::pcm::{self, Pcm16};
use crate::vad::VoiceActivity;

/// How likely it must be that a frame is speech,
const SPEECH: f32 = 0.6;
/// and how many in a row: 100 ms. A door that slams is shorter.
const FRAMES: u32 = 5;

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Nobody has said anything for long.
    Quiet,
    /// All is spent that was to be spent.
    Budget,
}

#[derive(Debug)]
pub(super) struct Rest {
    /// After how much quiet; `None`: never.
    after: Option<Duration>,
    quiet_since: Option<Instant>,
    pub(super) why: Option<Why>,
    voice: Voice,
}

/// Hears whether somebody speaks while no server does.
#[derive(Default)]
struct Voice {
    detector: Option<VoiceActivity>,
    frames: u32,
}

impl fmt::Debug for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voice").field("frames", &self.frames).finish_non_exhaustive()
    }
}

impl Voice {
    fn is_heard(&mut self, pcm: &Pcm16) -> bool {
        let detector = self.detector.get_or_insert_with(|| VoiceActivity::new(pcm::SESSION_RATE));
        let samples: Vec<f32> = pcm.samples().iter().map(|&s| pcm::i16_to_f32(s)).collect();
        self.frames = if detector.score(&samples) >= SPEECH { self.frames + 1 } else { 0 };
        self.frames >= FRAMES
    }
}

impl Rest {
    pub(super) fn new(after: Option<Duration>) -> Self {
        Self { after, quiet_since: None, why: None, voice: Voice::default() }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        Some(self.quiet_since? + self.after?)
    }
}

impl App {
    /// A key, a line or a paste is a sign of life, whatever becomes of it.
    pub(super) fn note_life(&mut self, msg: &Msg) {
        if matches!(msg, Msg::Key(_) | Msg::Action(_) | Msg::Paste(_) | Msg::Line(_)) {
            self.rest.quiet_since = None;
            self.wake(Why::Quiet);
        }
    }

    /// Gives the connection up when there was no life for long.
    pub(super) fn mind_rest(&mut self, now: Instant) {
        if self.link != LinkState::Up || !self.conversation.is_settled() {
            self.rest.quiet_since = None;
            return;
        }
        let since = *self.rest.quiet_since.get_or_insert(now);
        if self.rest.after.is_some_and(|after| now >= since + after) {
            self.rest(Why::Quiet);
        }
    }

    pub(super) fn rest(&mut self, why: Why) {
        self.rest.why = Some(why);
        self.rest.quiet_since = None;
        self.rest.voice = Voice::default();
        self.effects.push_back(Effect::Rest(true));
    }

    /// Connects again, if this is why there is no connection.
    pub(super) fn wake(&mut self, why: Why) {
        if self.rest.why == Some(why) {
            self.rest.why = None;
            self.effects.push_back(Effect::Rest(false));
        }
    }

    pub(super) fn listen_at_rest(&mut self, pcm: &Pcm16) {
        if self.rest.why == Some(Why::Quiet) && self.capture && self.rest.voice.is_heard(pcm) {
            self.wake(Why::Quiet);
            self.effects.push_back(Effect::Draw);
        }
    }
}
