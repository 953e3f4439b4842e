//! The local voice detector, with the noise taken out before it.
//!
//! Steady noise is speech to the network: a fan as loud as the voice all the time, behind noise suppression 1 % of it.
//! What goes to the server is left as it is, as that costs 6 ms of delay, and servers have their own.

use super::canceller::{Canceller, Processing};
use crate::vad::VoiceActivity;

pub(super) struct Ears {
    noise: Option<Canceller>,
    voice: VoiceActivity,
    block: Vec<f32>,
}

impl Ears {
    pub(super) fn new() -> Self {
        let noise = Canceller::new(Processing { noise: true, ..Processing::default() });
        Self { noise, voice: VoiceActivity::new(), block: Vec::new() }
    }

    /// How likely a block of the cleaned microphone is speech, 0 to 1.
    pub(super) fn score(&mut self, block: &[f32]) -> f32 {
        self.block.clear();
        self.block.extend_from_slice(block);
        if let Some(noise) = &mut self.noise {
            noise.near(&mut self.block);
        }
        self.voice.score(&self.block)
    }
}

#[cfg(test)]
mod tests;
