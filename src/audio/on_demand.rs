//! A canceller that works while it is needed.
//!
//! Its work is most of what listening costs, and sound waits 9 ms in it. While no echo can come back, the microphone
//! goes past it.

use super::canceller::{BLOCK, Canceller};

/// Farther apart than this, the two sides have lost each other anyway: half a second.
const MOST_APART: isize = 50;

pub(super) struct OnDemand {
    canceller: Canceller,
    /// While it rests: the blocks played that it was spared, less those of the microphone.
    resting: Option<isize>,
    /// Scratch.
    cleaned: Vec<f32>,
}

impl OnDemand {
    pub(super) fn new(canceller: Canceller) -> Self {
        Self { canceller, resting: Some(0), cleaned: Vec::with_capacity(BLOCK) }
    }

    /// Cleans a block of the microphone in its place, if that is `needed`. `played` are the blocks that were played
    /// since the one before.
    pub(super) fn process(&mut self, played: &[f32], block: &mut [f32], needed: bool) {
        let lead = match (self.resting, needed) {
            (Some(lead), false) => {
                self.resting = Some(lead + (played.len() / BLOCK) as isize - 1);
                return;
            }
            (resting, _) => resting,
        };
        self.resting = (!needed).then_some(0);
        self.make_up(lead.unwrap_or(0));
        played.chunks_exact(BLOCK).for_each(|played| self.canceller.far(played));
        self.cleaned.clear();
        self.cleaned.extend_from_slice(block);
        self.canceller.near(&mut self.cleaned);
        // What is cleaned comes later than what is not: one fades into the other.
        for (i, (sample, &cleaned)) in block.iter_mut().zip(&self.cleaned).enumerate() {
            let share = (i + 1) as f32 / BLOCK as f32;
            let share = match (lead.is_some(), needed) {
                (true, _) => share,
                (false, true) => 1.0,
                (false, false) => 1.0 - share,
            };
            *sample += (cleaned - *sample) * share;
        }
    }

    /// One side was spared more than the other: it has that much silence ahead, or the delay between both would have
    /// to be found anew.
    fn make_up(&mut self, lead: isize) {
        let lead = if lead.abs() > MOST_APART { 0 } else { lead };
        for _ in 0..lead.max(0) {
            self.canceller.far(&[0.0; BLOCK]);
        }
        for _ in 0..(-lead).max(0) {
            self.canceller.near(&mut [0.0; BLOCK]);
        }
    }
}
