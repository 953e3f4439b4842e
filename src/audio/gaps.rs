//! Finds sound that a device lost without a word, by the times it puts on what it delivers. Pure.
//!
//! `PulseAudio` leaves out blocks when we are late, `ALSA` after an overrun. An echo canceller takes the hole for a
//! jump of the delay, again and again; silence of the same length costs it nothing.

use std::time::Duration;

/// Lateness from here on is lost sound.
const LOSS: f64 = 0.006;
/// Times jitter, mostly to be late: only what so many in a row agree on counts.
const AGREEING: usize = 4;
/// What the device's clock may be off, in seconds per second.
const DRIFT: f64 = 500e-6;
/// No more silence than this is put in: what is older is of no use.
const MOST: f64 = 0.5;

#[derive(Debug)]
pub(super) struct Gaps {
    rate: f64,
    /// When the next block should have been captured, in seconds.
    expected: Option<f64>,
    late: [f64; AGREEING],
    seen: usize,
}

impl Gaps {
    pub(super) fn new(rate: u32) -> Self {
        Self { rate: f64::from(rate.max(1)), expected: None, late: [0.0; AGREEING], seen: 0 }
    }

    /// Takes the next block: its length, and when its first frame was captured. Returns how many frames are missing
    /// before it.
    pub(super) fn missing(&mut self, captured: Duration, frames: usize) -> usize {
        let (captured, length) = (captured.as_secs_f64(), frames as f64 / self.rate);
        let Some(expected) = self.expected else {
            self.expected = Some(captured + length);
            return 0;
        };
        let late = captured - expected;
        self.late[self.seen % AGREEING] = late;
        self.seen += 1;
        let agreed = self.late.iter().take(self.seen).fold(f64::INFINITY, |m, l| m.min(*l));
        let lost = if self.seen >= AGREEING && agreed >= LOSS { agreed } else { 0.0 };
        // Early is never by chance: then what was expected was too late.
        let correction = if lost > 0.0 { lost } else { late.min(length * DRIFT) };
        self.expected = Some(expected + correction + length);
        self.late.iter_mut().for_each(|l| *l -= correction);
        (lost.min(MOST) * self.rate).round() as usize
    }
}

#[cfg(test)]
mod tests;
