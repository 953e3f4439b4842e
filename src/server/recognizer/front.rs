//! What is done to speech before it is decoded: another rate, less noise, an even level.

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
    denoiser: Denoiser,
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
            denoiser: Denoiser::new(MODEL_RATE),
            leveller: Leveller::new(),
        }
    }

    /// Appends to `out` what is ready.
    pub(super) fn push(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        let input: Vec<f32> = samples.iter().map(|&s| i16_to_f32(s)).collect();
        let mut resampled = Vec::new();
        self.resampler.push(&input, &mut resampled);
        self.clean(&resampled, out);
    }

    /// Appends all that is left, and a little silence.
    pub(super) fn finish(mut self, out: &mut Vec<i16>) {
        let mut rest = Vec::new();
        self.resampler.finish(&mut rest);
        rest.resize(rest.len() + TAIL_SAMPLES, 0.0);
        self.clean(&rest, out);
        let mut ready = Vec::new();
        self.leveller.finish(&mut ready);
        out.extend(ready.iter().map(|&x| f32_to_i16(x)));
    }

    fn clean(&mut self, samples: &[f32], out: &mut Vec<i16>) {
        let (mut quiet, mut ready) = (Vec::new(), Vec::new());
        self.denoiser.push(samples, &mut quiet);
        self.leveller.push(&quiet, &mut ready);
        out.extend(ready.iter().map(|&x| f32_to_i16(x)));
    }
}
