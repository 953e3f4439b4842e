//! What is done to speech before it is decoded: another rate, less noise where there is much, an even level.

use super::level::{Leveller, rms};
use crate::denoise::Denoiser;
use crate::pcm::{f32_to_i16, i16_to_f32};
use crate::resample::Resampler;
use crate::server::engine::ENGINE_RATE;

/// The rate of the acoustic model.
pub(super) const MODEL_RATE: u32 = 16_000;
/// Appended so that the last word is heard to its end: 100 ms.
const TAIL_SAMPLES: usize = MODEL_RATE as usize / 10;
/// How much is heard before it is decided whether there is much noise: 600 ms, half of which a voice detector leaves
/// before the speech.
const LOOK_AHEAD: usize = MODEL_RATE as usize * 6 / 10;
/// Samples in the frame over which loudness is measured: 20 ms.
const FRAME: usize = MODEL_RATE as usize / 50;
/// There is much noise where the quietest frame is no more than this below the loudest: 24 dB, as in speech some 16 dB
/// above its noise. In 10 dB of pink noise the suppressor raised the intents understood from 17 to 61 and from 72 to
/// 94 % with two voices; without noise it lowered those of one from 94 to 83 %, so there it is left out.
const MUCH: f32 = 15.8;

/// How often a suppressor hears the noise before the speech.
const TIMES: usize = 6;
/// That noise is at most this much louder than its quietest frame: 6 dB.
const EDGE: f32 = 2.0;

/// A stream at [`ENGINE_RATE`] in, one at [`MODEL_RATE`] out.
pub(super) struct FrontEnd {
    resampler: Resampler,
    noise: Noise,
    leveller: Leveller,
}

enum Noise {
    /// Not yet known; what was heard so far.
    Unknown(Vec<f32>),
    Little,
    Much(Box<Denoiser>),
}

impl Default for FrontEnd {
    fn default() -> Self {
        Self {
            resampler: Resampler::new(ENGINE_RATE, MODEL_RATE),
            noise: Noise::Unknown(Vec::new()),
            leveller: Leveller::new(),
        }
    }
}

impl FrontEnd {
    /// Appends to `out` what is ready.
    pub(super) fn push(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        let input: Vec<f32> = samples.iter().map(|&s| i16_to_f32(s)).collect();
        let mut resampled = Vec::new();
        self.resampler.push(&input, &mut resampled);
        let quiet = self.noise.push(resampled);
        let mut ready = Vec::new();
        self.leveller.push(&quiet, &mut ready);
        append(&ready, out);
    }

    /// Appends all that is left, and a little silence.
    pub(super) fn finish(mut self, out: &mut Vec<i16>) {
        let mut rest = Vec::new();
        self.resampler.finish(&mut rest);
        rest.resize(rest.len() + TAIL_SAMPLES, 0.0);
        let quiet = self.noise.finish(rest);
        let mut ready = Vec::new();
        self.leveller.push(&quiet, &mut ready);
        self.leveller.finish(&mut ready);
        append(&ready, out);
    }
}

impl Noise {
    fn push(&mut self, samples: Vec<f32>) -> Vec<f32> {
        match self {
            Self::Unknown(heard) => {
                heard.extend(samples);
                if heard.len() < LOOK_AHEAD { Vec::new() } else { self.decide() }
            }
            Self::Little => samples,
            Self::Much(denoiser) => {
                let mut out = Vec::new();
                denoiser.push(&samples, &mut out);
                out
            }
        }
    }

    /// `rest` is silence in part, so nothing is to be learnt of it.
    fn finish(mut self, rest: Vec<f32>) -> Vec<f32> {
        let mut out = self.decide();
        out.extend(self.push(rest));
        out
    }

    /// Returns what was heard so far, if that has not been decided yet.
    fn decide(&mut self) -> Vec<f32> {
        let Self::Unknown(heard) = self else { return Vec::new() };
        let heard = std::mem::take(heard);
        *self = if is_noisy(&heard) { Self::Much(Box::new(primed(&heard))) } else { Self::Little };
        self.push(heard)
    }
}

/// A suppressor that knows the noise: what is before the speech is too short for it to learn from, so it hears that some
/// times over.
fn primed(heard: &[f32]) -> Denoiser {
    let mut denoiser = Denoiser::new(MODEL_RATE);
    let noise = noise_before(heard);
    let mut unheard = Vec::new();
    (0..TIMES).for_each(|_| denoiser.push(noise, &mut unheard));
    denoiser
}

/// From the beginning on what is not much louder than the quietest.
fn noise_before(samples: &[f32]) -> &[f32] {
    let loudness: Vec<f32> = samples.chunks_exact(FRAME).map(rms).collect();
    let quietest = loudness.iter().copied().fold(f32::INFINITY, f32::min);
    let frames = loudness.iter().take_while(|loud| **loud <= quietest * EDGE).count();
    &samples[..frames * FRAME]
}

fn is_noisy(samples: &[f32]) -> bool {
    let loudness: Vec<f32> = samples.chunks_exact(FRAME).map(rms).collect();
    let loudest = loudness.iter().copied().fold(0.0, f32::max);
    let quietest = loudness.iter().copied().fold(f32::INFINITY, f32::min);
    quietest * MUCH > loudest && loudest > 0.0
}

fn append(samples: &[f32], out: &mut Vec<i16>) {
    out.extend(samples.iter().map(|&x| f32_to_i16(x)));
}

#[cfg(test)]
mod tests;
