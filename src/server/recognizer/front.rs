//! What is done to speech before it is decoded: another rate, an even level.

use super::level::Leveller;
use crate::denoise::Denoiser;
use crate::pcm::{f32_to_i16, i16_to_f32};
use crate::resample::Resampler;
use crate::server::engine::ENGINE_RATE;

/// The rate of the acoustic model.
pub(super) const MODEL_RATE: u32 = 16_000;
/// Appended so that the last word is heard to its end: 100 ms.
const TAIL_SAMPLES: usize = MODEL_RATE as usize / 10;

/// A stream at [`ENGINE_RATE`] in, one at [`MODEL_RATE`] out.
pub(super) struct FrontEnd {
    resampler: Resampler,
    denoiser: Option<Denoiser>,
    primed: bool,
    held: Vec<f32>,
    leveller: Leveller,
}

impl Default for FrontEnd {
    fn default() -> Self {
        Self::new()
    }
}

impl FrontEnd {
    pub(super) fn new() -> Self {
        Self {
            resampler: Resampler::new(ENGINE_RATE, MODEL_RATE),
            denoiser: (std::env::var("NS").is_ok()).then(|| Denoiser::new(MODEL_RATE)),
            primed: std::env::var("PRIME").is_err(),
            held: Vec::new(),
            leveller: Leveller::new(),
        }
    }

    /// Appends to `out` what is ready.
    pub(super) fn push(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        let input: Vec<f32> = samples.iter().map(|&s| i16_to_f32(s)).collect();
        let (mut resampled, mut ready) = (Vec::new(), Vec::new());
        self.resampler.push(&input, &mut resampled);
        let resampled = self.denoise(resampled);
        self.leveller.push(&resampled, &mut ready);
        out.extend(ready.iter().map(|&x| f32_to_i16(x)));
    }

    fn denoise(&mut self, samples: Vec<f32>) -> Vec<f32> {
        let Some(denoiser) = &mut self.denoiser else { return samples };
        let mut out = Vec::new();
        self.held.extend(samples);
        if !self.primed && self.held.len() < 3200 {
            return out;
        }
        if !std::mem::replace(&mut self.primed, true) {
            let mut scratch = Vec::new();
            for _ in 0..3 {
                denoiser.push(&self.held[..3200], &mut scratch);
            }
        }
        let held = std::mem::take(&mut self.held);
        denoiser.push(&held, &mut out);
        out
    }

    /// Appends all that is left, and a little silence.
    pub(super) fn finish(mut self, out: &mut Vec<i16>) {
        let (mut rest, mut ready) = (Vec::new(), Vec::new());
        self.resampler.finish(&mut rest);
        rest.resize(rest.len() + TAIL_SAMPLES, 0.0);
        self.primed = true;
        let rest = self.denoise(rest);
        self.leveller.push(&rest, &mut ready);
        self.leveller.finish(&mut ready);
        out.extend(ready.iter().map(|&x| f32_to_i16(x)));
    }
}
