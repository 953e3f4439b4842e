//! The short sounds beside the tracks, at the session's rate; `assets/cues/make.py` makes them.

use std::sync::LazyLock;

use hound::WavReader;

use super::Cue;
use crate::pcm::{SESSION_RATE, i16_to_f32};
use crate::resample::resample_clip;

static LISTENING: LazyLock<Vec<f32>> =
    LazyLock::new(|| decode(include_bytes!("../../assets/cues/listening.wav")));
static DONE: LazyLock<Vec<f32>> = LazyLock::new(|| decode(include_bytes!("../../assets/cues/done.wav")));
static ERROR: LazyLock<Vec<f32>> = LazyLock::new(|| decode(include_bytes!("../../assets/cues/error.wav")));

/// A cue as frames of `rate` hertz.
pub(super) fn frames(cue: Cue, rate: u32) -> Vec<f32> {
    let samples = match cue {
        Cue::Listening => &LISTENING,
        Cue::Done => &DONE,
        Cue::Error => &ERROR,
    };
    resample_clip(samples, SESSION_RATE, rate)
}

fn decode(wav: &[u8]) -> Vec<f32> {
    let reader = WavReader::new(wav).expect("the cues are WAV files");
    reader.into_samples::<i16>().map_while(Result::ok).map(i16_to_f32).collect()
}

#[cfg(test)]
mod tests;
