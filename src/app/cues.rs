//! When a short sound is right: never twice of a kind within a second, never where nobody listens.

use std::time::{Duration, Instant};

use crate::audio::Cue;

const APART: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Cues {
    on: bool,
    /// The person is heard.
    open: bool,
    last: Vec<(Cue, Instant)>,
}

impl Cues {
    pub(super) fn new(on: bool) -> Self {
        Self { on, open: false, last: Vec::new() }
    }

    /// Takes note of whether the person is heard. Returns whether that has just begun.
    pub(super) fn opens(&mut self, open: bool) -> bool {
        !std::mem::replace(&mut self.open, open) && open
    }

    pub(super) fn may_sound(&mut self, cue: Cue, now: Instant) -> bool {
        self.last.retain(|&(_, at)| now < at + APART);
        let may = self.on && self.last.iter().all(|&(last, _)| last != cue);
        if may {
            self.last.push((cue, now));
        }
        may
    }
}
