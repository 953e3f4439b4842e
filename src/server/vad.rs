//! Tells speech from other sound, with a small neural network that is built in.
//!
//! The only file that knows earshot. It hears 16 ms at a time, at 16 kHz.

use earshot::Detector;

use super::engine::{ENGINE_RATE, VoiceDetector};
use crate::pcm;
use crate::resample::Resampler;

const RATE: u32 = 16_000;
const FRAME: usize = 256;
/// The network answers the same to sound at any level, also to what no microphone would call sound: −60 dBFS.
const INAUDIBLE: f32 = 0.001;

pub struct EarshotDetector {
    detector: Detector,
    resampler: Resampler,
    /// At [`RATE`], not yet heard.
    pending: Vec<f32>,
    latest: f32,
}

impl EarshotDetector {
    pub fn new() -> Self {
        Self {
            detector: Detector::default(),
            resampler: Resampler::new(ENGINE_RATE, RATE),
            pending: Vec::with_capacity(4 * FRAME),
            latest: 0.0,
        }
    }
}

impl Default for EarshotDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl VoiceDetector for EarshotDetector {
    fn hear(&mut self, samples: &[i16]) -> f32 {
        let samples: Vec<f32> = samples.iter().map(|&s| pcm::i16_to_f32(s)).collect();
        self.resampler.push(&samples, &mut self.pending);
        let whole = self.pending.len() / FRAME * FRAME;
        for frame in self.pending[..whole].chunks_exact(FRAME) {
            let score = self.detector.predict_f32(frame);
            self.latest = if rms(frame) < INAUDIBLE { 0.0 } else { score };
        }
        self.pending.drain(..whole);
        self.latest
    }
}

fn rms(frame: &[f32]) -> f32 {
    (frame.iter().map(|s| s * s).sum::<f32>() / frame.len() as f32).sqrt()
}

#[cfg(test)]
mod tests;
