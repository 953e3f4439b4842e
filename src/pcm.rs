//! Sound as numbers: 16-bit mono samples, their bytes on the wire, and levels.
//!
//! Knows nothing of devices, rates other than as an argument, or the protocol.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The rate of a Realtime session's PCM, in samples per second.
pub const SESSION_RATE: u32 = 24_000;
/// One frame of captured sound: 20 ms at [`SESSION_RATE`].
pub const FRAME_SAMPLES: usize = 480;

/// Padding may be missing or present: servers differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Mono 16-bit samples, at [`SESSION_RATE`] unless said otherwise.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Pcm16(Vec<i16>);

impl Pcm16 {
    pub fn new(samples: Vec<i16>) -> Self {
        Self(samples)
    }

    pub fn silence(samples: usize) -> Self {
        Self(vec![0; samples])
    }

    /// From samples in [-1, 1]; what is beyond is clipped.
    pub fn from_f32(samples: &[f32]) -> Self {
        Self(samples.iter().map(|&x| f32_to_i16(x)).collect())
    }

    /// From little-endian bytes; an odd last byte is left out.
    pub fn from_le_bytes(bytes: &[u8]) -> Self {
        Self(bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect())
    }

    pub fn to_le_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|s| s.to_le_bytes()).collect()
    }

    pub fn samples(&self) -> &[i16] {
        &self.0
    }

    pub fn into_samples(self) -> Vec<i16> {
        self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Length in milliseconds at `rate` samples per second, rounded down.
    pub fn duration_ms(&self, rate: u32) -> u64 {
        samples_to_ms(self.0.len() as u64, rate)
    }
}

impl fmt::Debug for Pcm16 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pcm16({} samples)", self.0.len())
    }
}

/// Sound as the bytes of the session's format; base64 in JSON.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AudioBytes(pub Vec<u8>);

impl From<&Pcm16> for AudioBytes {
    fn from(pcm: &Pcm16) -> Self {
        Self(pcm.to_le_bytes())
    }
}

impl fmt::Debug for AudioBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AudioBytes({} bytes)", self.0.len())
    }
}

impl Serialize for AudioBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for AudioBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        BASE64.decode(text.as_bytes()).map(Self).map_err(serde::de::Error::custom)
    }
}

pub fn samples_to_ms(samples: u64, rate: u32) -> u64 {
    samples * 1000 / u64::from(rate.max(1))
}

pub fn ms_to_samples(ms: u64, rate: u32) -> u64 {
    ms * u64::from(rate) / 1000
}

pub fn f32_to_i16(sample: f32) -> i16 {
    (sample * 32_768.0).clamp(-32_768.0, 32_767.0) as i16
}

pub fn i16_to_f32(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}

/// Largest absolute sample, 0 to 1.
pub fn peak(samples: &[i16]) -> f32 {
    samples.iter().map(|s| s.unsigned_abs()).max().map_or(0.0, |m| f32::from(m) / 32_768.0)
}

/// Root mean square, 0 to 1; 0 for no samples.
pub fn rms(samples: &[i16]) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    let sum: f64 = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    ((sum / samples.len() as f64).sqrt() / 32_768.0) as f32
}

#[cfg(test)]
mod tests;
