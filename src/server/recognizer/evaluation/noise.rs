//! Noise of three kinds, always the same for the same number.

use std::path::Path;
use std::str::FromStr;

use super::voices;
use crate::pcm::{f32_to_i16, i16_to_f32};

/// Samples of a frame of 20 ms.
const FRAME: usize = 480;
/// What talks in the background, by voices that also speak in front.
const BABBLE: [(&str, &str); 6] = [
    ("flite/slt", "please create a task to email the landlord about the broken window"),
    ("flite/rms", "create a task to finish the quarterly report by friday"),
    ("flite/kal16", "remind me tomorrow at nine to call the insurance company"),
    ("flite/awb", "create a task to invite the neighbors for dinner"),
    ("espeak-ng/en-gb", "rename the grocery task to buy fruit and vegetables"),
    ("espeak-ng/en-us+f3", "make a task to pick up the dry cleaning tomorrow"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noise {
    Clean,
    White(i32),
    /// Falls by 3 dB an octave, as in rooms.
    Pink(i32),
    /// Six people at once.
    Babble(i32),
}

impl FromStr for Noise {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, level) = text.split_once('/').unwrap_or((text, "0"));
        let level = level.parse().map_err(|_| ())?;
        match kind {
            "clean" => Ok(Self::Clean),
            "white" => Ok(Self::White(level)),
            "pink" => Ok(Self::Pink(level)),
            "babble" => Ok(Self::Babble(level)),
            _ => Err(()),
        }
    }
}

impl std::fmt::Display for Noise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Clean => write!(f, "clean"),
            Self::White(level) => write!(f, "white {level} dB"),
            Self::Pink(level) => write!(f, "pink {level} dB"),
            Self::Babble(level) => write!(f, "babble {level} dB"),
        }
    }
}

impl Noise {
    /// Adds noise to all of the clip, so many dB below the speech in it (pauses do not count).
    pub(super) fn add(self, clip: &mut [i16], seed: u64, folder: &Path) {
        let (mut noise, below) = match self {
            Self::Clean => return,
            Self::White(below) => (white(clip.len(), seed), below),
            Self::Pink(below) => (pink(&white(clip.len(), seed)), below),
            Self::Babble(below) => (babble(clip.len(), seed, folder), below),
        };
        let power: f32 = noise.iter().map(|x| x * x).sum::<f32>() / noise.len() as f32;
        let gain = (speech_power(clip) / power).sqrt() * 10_f32.powf(-below as f32 / 20.0);
        noise.iter_mut().for_each(|x| *x *= gain);
        for (sample, noise) in clip.iter_mut().zip(noise) {
            *sample = f32_to_i16(i16_to_f32(*sample) + noise);
        }
    }
}

/// Of the frames that are no more than 30 dB below the loudest.
fn speech_power(clip: &[i16]) -> f32 {
    let frames: Vec<f32> = clip
        .chunks(FRAME)
        .map(|frame| frame.iter().map(|&s| i16_to_f32(s).powi(2)).sum::<f32>() / frame.len() as f32)
        .collect();
    let loudest = frames.iter().copied().fold(0.0, f32::max);
    let speech: Vec<f32> = frames.into_iter().filter(|power| *power > loudest / 1_000.0).collect();
    speech.iter().sum::<f32>() / speech.len() as f32
}

fn white(samples: usize, seed: u64) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(seed);
    // The sum of uniform ones is as good as normal.
    (0..samples).map(|_| (0..6).map(|_| random.f32() - 0.5).sum()).collect()
}

/// Paul Kellet's filter.
fn pink(white: &[f32]) -> Vec<f32> {
    let (poles, gains) = ([0.99765, 0.963, 0.57], [0.099_046, 0.296_516_4, 1.052_691_3]);
    let mut state = [0.0_f32; 3];
    let filtered = white.iter().map(|&x| {
        for ((state, pole), gain) in state.iter_mut().zip(poles).zip(gains) {
            *state = pole * *state + gain * x;
        }
        state.iter().sum::<f32>() + 0.1848 * x
    });
    filtered.collect()
}

fn babble(samples: usize, seed: u64, folder: &Path) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut out = vec![0.0_f32; samples];
    for (voice, text) in BABBLE {
        let speech = voices::speech(voice, text, folder);
        let gain = 1.0 / speech_power(&speech).sqrt();
        let begin = random.usize(..speech.len());
        for (at, sample) in out.iter_mut().enumerate() {
            *sample += gain * i16_to_f32(speech[(begin + at) % speech.len()]);
        }
    }
    out
}
