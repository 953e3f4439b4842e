//! How long the devices' buffers are: as short as the machine proves able to serve.
//!
//! A short buffer is heard soon and runs dry easily. So it begins short, and what ran dry is opened with a longer
//! one; what was found good is kept for as long as the program runs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::backend::Direction;

/// 384, 576, 960 and 1,920 frames at 48 kHz. With the first an idle machine with two cores loses a block in minutes, a
/// loaded one in seconds.
const LENGTHS_MS: [u32; 4] = [8, 12, 20, 40];
/// A microphone's first one may be shorter: what comes late from it is kept by the sound system.
const FIRST_INPUT_MS: u32 = 5;
/// So many times within [`WITHIN`] may not be chance.
const TIMES: usize = 2;
const WITHIN: Duration = Duration::from_secs(60);
/// A pause in what sounds is waited for this long, then a longer buffer is worth a gap.
const PATIENCE: Duration = Duration::from_secs(5);

/// The lengths to ask for, shared by all attempts to open.
#[derive(Debug)]
pub(super) struct Buffers {
    pinned: Option<u32>,
    input: AtomicUsize,
    output: AtomicUsize,
}

impl Buffers {
    /// `pinned` is a person's own length, which is kept whatever happens.
    pub(super) fn new(pinned: Option<u32>) -> Self {
        Self { pinned, input: AtomicUsize::new(0), output: AtomicUsize::new(0) }
    }

    pub(super) fn ms(&self, direction: Direction) -> u32 {
        let step = self.step(direction).load(Ordering::Relaxed);
        let own = match direction {
            Direction::Input if step == 0 => FIRST_INPUT_MS,
            Direction::Input | Direction::Output => LENGTHS_MS[step],
        };
        self.pinned.unwrap_or(own)
    }

    /// From now on asks for the next longer length; `false` when there is none.
    pub(super) fn lengthen(&self, direction: Direction) -> bool {
        let step = self.step(direction);
        let next = step.load(Ordering::Relaxed) + 1;
        let possible = self.pinned.is_none() && next < LENGTHS_MS.len();
        if possible {
            step.store(next, Ordering::Relaxed);
        }
        possible
    }

    fn step(&self, direction: Direction) -> &AtomicUsize {
        match direction {
            Direction::Input => &self.input,
            Direction::Output => &self.output,
        }
    }
}

/// Decides from the count of times that a device ran dry whether its buffer is too short, and when to replace it.
#[derive(Debug, Default)]
pub(super) struct Strain {
    seen: u64,
    latest: Option<Duration>,
    count: usize,
    too_short: Option<Duration>,
}

impl Strain {
    /// Takes the count since the device was opened. True once, when the buffer has proved too short.
    pub(super) fn proves_too_short(&mut self, now: Duration, count: u64) -> bool {
        let new = count.saturating_sub(self.seen) as usize;
        self.seen = count;
        if new == 0 || self.too_short.is_some() {
            return false;
        }
        let recent = self.latest.is_some_and(|at| now.saturating_sub(at) <= WITHIN);
        self.count = if recent { self.count } else { 0 } + new;
        self.latest = Some(now);
        let proved = self.count >= TIMES;
        if proved {
            self.too_short = Some(now);
        }
        proved
    }

    /// Whether the moment has come to replace what has proved too short.
    pub(super) fn is_to_be_replaced(&self, now: Duration, idle: bool) -> bool {
        self.too_short.is_some_and(|since| idle || now.saturating_sub(since) >= PATIENCE)
    }

    /// There is nothing longer: it has to do.
    pub(super) fn accept(&mut self) {
        *self = Self { seen: self.seen, ..Self::default() };
    }
}

#[cfg(test)]
mod tests;
