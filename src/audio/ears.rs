//! The local voice detector, with the noise taken out before it.
//!
//! Steady noise is speech to the network: a fan as loud as the voice all the time, behind noise suppression 1 % of it.
//! What goes to the server is left as it is, as that costs 6 ms of delay, and servers have their own.
//!
//! Nobody asks it anything while nothing is played. Then it rests, and only remembers what it must have heard to know
//! the noise.

use std::collections::VecDeque;

use super::canceller::{BLOCK, Canceller, Processing};
use crate::pcm::SESSION_RATE;
use crate::resample::Resampler;
use crate::vad::{self, VoiceActivity};

/// Of what it heard while it rested: a second, after which the noise is known.
const MEMORY: usize = 100 * BLOCK;
/// Blocks that it catches up with for each new one: with a second in 50 ms.
const AT_ONCE: usize = 20;

/// Samples of a block of 10 ms at the detector's rate.
const HEARD: usize = vad::RATE as usize / 100;

pub(super) struct Ears {
    resampler: Resampler,
    noise: Option<Canceller>,
    voice: VoiceActivity,
    /// Not yet listened to.
    waiting: VecDeque<f32>,
    /// Scratch, at the session's rate.
    block: Vec<f32>,
    /// At the detector's, not yet a block there.
    resampled: Vec<f32>,
}

impl Ears {
    pub(super) fn new() -> Self {
        Self {
            resampler: Resampler::new(SESSION_RATE, vad::RATE),
            noise: Canceller::at(vad::RATE, Processing { noise: true, ..Processing::default() }),
            voice: VoiceActivity::new(vad::RATE),
            waiting: VecDeque::new(),
            block: Vec::new(),
            resampled: Vec::new(),
        }
    }

    /// Takes a block of the cleaned microphone while nobody wants to know what it is.
    pub(super) fn rest(&mut self, block: &[f32]) {
        self.waiting.extend(block);
        let extra = self.waiting.len().saturating_sub(MEMORY);
        self.waiting.drain(..extra);
    }

    /// How likely a block of the cleaned microphone is speech, 0 to 1; 0 while there is something to catch up with.
    pub(super) fn score(&mut self, block: &[f32]) -> f32 {
        self.waiting.extend(block);
        let mut score = 0.0;
        for _ in 0..AT_ONCE {
            if self.waiting.is_empty() {
                break;
            }
            score = self.next();
        }
        if self.waiting.is_empty() { score } else { 0.0 }
    }

    fn next(&mut self) -> f32 {
        self.block.clear();
        self.block.extend(self.waiting.drain(..BLOCK.min(self.waiting.len())));
        self.resampler.push(&self.block, &mut self.resampled);
        let whole = self.resampled.len() / HEARD * HEARD;
        if let Some(noise) = &mut self.noise {
            self.resampled[..whole].chunks_exact_mut(HEARD).for_each(|block| noise.near(block));
        }
        let score = self.voice.score(&self.resampled[..whole]);
        self.resampled.drain(..whole);
        score
    }
}

#[cfg(test)]
mod tests;
