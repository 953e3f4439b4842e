//! Tells speech from other sound, with a small neural network that is built in.
//!
//! The only file that knows earshot. It hears 16 ms at a time, at 16 kHz. Behind the echo canceller it is the local
//! detector; in the offline engine it is the server's.

use earshot::Detector;

use crate::resample::Resampler;

/// What the network hears.
pub const RATE: u32 = 16_000;
const FRAME: usize = 256;
/// The network answers the same to sound at any level, also to what no microphone would call sound: −60 dBFS.
const INAUDIBLE: f32 = 0.001;

/// A voice activity detector for one stream.
pub struct VoiceActivity {
    detector: Detector,
    resampler: Resampler,
    /// At [`RATE`], not yet heard.
    pending: Vec<f32>,
    latest: f32,
}

impl VoiceActivity {
    /// For sound at `rate` samples per second.
    pub fn new(rate: u32) -> Self {
        Self {
            detector: Detector::default(),
            resampler: Resampler::new(rate, RATE),
            pending: Vec::with_capacity(4 * FRAME),
            latest: 0.0,
        }
    }

    /// The likelihood, 0 to 1, that the latest sound is speech, after taking in `samples` (any number);
    /// with too few for a new answer, the last one again.
    pub fn score(&mut self, samples: &[f32]) -> f32 {
        self.resampler.push(samples, &mut self.pending);
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
