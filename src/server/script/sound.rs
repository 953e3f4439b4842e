//! The sound of a script: files, tones and silence, at the session's rate.

use std::path::Path;

use crate::pcm::{SESSION_RATE, f32_to_i16, i16_to_f32, ms_to_samples};
use crate::resample::resample_clip;

/// Of one sound: an hour.
const MAX_MS: u64 = 3_600_000;
/// Half of full scale: loud, and nothing clips when it is mixed.
const LEVEL: f64 = 0.5;

pub(super) fn samples(ms: u64) -> usize {
    ms_to_samples(ms.min(MAX_MS), SESSION_RATE) as usize
}

/// `ms` of a sine, or of silence.
pub(super) fn tone(hz: Option<f64>, ms: u64) -> Result<Vec<i16>, String> {
    if ms > MAX_MS {
        return Err(format!("`ms` is at most {MAX_MS}"));
    }
    let step = hz.unwrap_or(0.0) * std::f64::consts::TAU / f64::from(SESSION_RATE);
    Ok((0..samples(ms)).map(|i| f32_to_i16((LEVEL * (step * i as f64).sin()) as f32)).collect())
}

/// A WAV file with samples of 16 bit; of several channels the first.
pub(super) fn wav(path: &Path) -> Result<Vec<i16>, String> {
    let told = |error: hound::Error| format!("cannot read `{}`: {error}", path.display());
    let mut reader = hound::WavReader::open(path).map_err(told)?;
    let spec = reader.spec();
    if spec.bits_per_sample != 16 || spec.sample_format != hound::SampleFormat::Int {
        return Err(format!("`{}` has no samples of 16 bit; convert it", path.display()));
    }
    let channels = usize::from(spec.channels.max(1));
    let samples = reader.samples::<i16>().step_by(channels).collect::<Result<Vec<_>, _>>().map_err(told)?;
    if spec.sample_rate == SESSION_RATE {
        return Ok(samples);
    }
    let samples: Vec<f32> = samples.into_iter().map(i16_to_f32).collect();
    Ok(resample_clip(&samples, spec.sample_rate, SESSION_RATE).into_iter().map(f32_to_i16).collect())
}
