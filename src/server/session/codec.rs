//! Sound on the wire, in the session's formats, to and from samples at the engines' rate.

use super::g711;
use crate::pcm::{AudioBytes, Pcm16, f32_to_i16, i16_to_f32};
use crate::protocol::session::AudioFormat;
use crate::resample::Resampler;
use crate::server::engine::ENGINE_RATE;

const TELEPHONE_RATE: u32 = 8_000;
const RATIO: u64 = (ENGINE_RATE / TELEPHONE_RATE) as u64;

/// A stream of a client's bytes to samples.
#[derive(Debug)]
pub(super) struct Decoder {
    format: AudioFormat,
    /// Half a sample, where a client cut in the middle of one.
    odd: Option<u8>,
    up: Option<Upsampler>,
}

/// Keeps the count exact: three out for each one in, the filter's delay taken off.
#[derive(Debug)]
struct Upsampler {
    inner: Resampler,
    skip: usize,
    owed: u64,
}

impl Decoder {
    pub(super) fn new(format: AudioFormat) -> Self {
        let up = !matches!(format, AudioFormat::Pcm { .. });
        Self { format, odd: None, up: up.then(Upsampler::new) }
    }

    pub(super) fn format(&self) -> AudioFormat {
        self.format
    }

    pub(super) fn push(&mut self, bytes: Vec<u8>) -> Vec<i16> {
        let decode = match self.format {
            AudioFormat::Pcm { .. } | AudioFormat::Unknown => return self.pcm(bytes),
            AudioFormat::Pcmu => g711::ulaw_decode,
            AudioFormat::Pcma => g711::alaw_decode,
        };
        let samples: Vec<f32> = bytes.into_iter().map(|b| i16_to_f32(decode(b))).collect();
        self.up.as_mut().map(|up| up.push(&samples)).unwrap_or_default()
    }

    /// What is still inside the filter; the next sound begins anew.
    pub(super) fn flush(&mut self) -> Vec<i16> {
        self.odd = None;
        self.up.as_mut().map(Upsampler::flush).unwrap_or_default()
    }

    fn pcm(&mut self, mut bytes: Vec<u8>) -> Vec<i16> {
        if let Some(first) = self.odd.take() {
            bytes.insert(0, first);
        }
        if bytes.len() % 2 == 1 {
            self.odd = bytes.pop();
        }
        Pcm16::from_le_bytes(&bytes).into_samples()
    }
}

impl Upsampler {
    fn new() -> Self {
        let inner = Resampler::new(TELEPHONE_RATE, ENGINE_RATE);
        Self { skip: inner.delay_frames(), inner, owed: 0 }
    }

    fn push(&mut self, samples: &[f32]) -> Vec<i16> {
        self.owed += samples.len() as u64 * RATIO;
        let mut out = Vec::new();
        self.inner.push(samples, &mut out);
        self.trim(&out)
    }

    fn flush(&mut self) -> Vec<i16> {
        let mut out = Vec::new();
        self.inner.finish(&mut out);
        let mut samples = self.trim(&out);
        samples.resize(samples.len() + self.owed as usize, 0);
        *self = Self::new();
        samples
    }

    fn trim(&mut self, out: &[f32]) -> Vec<i16> {
        let skipped = self.skip.min(out.len());
        self.skip -= skipped;
        let take = (out.len() - skipped).min(self.owed as usize);
        self.owed -= take as u64;
        out[skipped..skipped + take].iter().map(|&x| f32_to_i16(x)).collect()
    }
}

/// A stream of samples to a client's bytes.
#[derive(Debug)]
pub(super) struct Encoder {
    format: AudioFormat,
    down: Resampler,
}

impl Encoder {
    pub(super) fn new(format: AudioFormat) -> Self {
        let rate = if matches!(format, AudioFormat::Pcm { .. }) { ENGINE_RATE } else { TELEPHONE_RATE };
        Self { format, down: Resampler::new(ENGINE_RATE, rate) }
    }

    pub(super) fn push(&mut self, samples: &[i16]) -> AudioBytes {
        let encode = match self.format {
            AudioFormat::Pcm { .. } | AudioFormat::Unknown => return le_bytes(samples),
            AudioFormat::Pcmu => g711::ulaw_encode,
            AudioFormat::Pcma => g711::alaw_encode,
        };
        let samples: Vec<f32> = samples.iter().map(|&s| i16_to_f32(s)).collect();
        let mut out = Vec::new();
        self.down.push(&samples, &mut out);
        AudioBytes(out.into_iter().map(|x| encode(f32_to_i16(x))).collect())
    }

    /// What is still inside the filter.
    pub(super) fn flush(&mut self) -> AudioBytes {
        let encode = match self.format {
            AudioFormat::Pcm { .. } | AudioFormat::Unknown => return AudioBytes::default(),
            AudioFormat::Pcmu => g711::ulaw_encode,
            AudioFormat::Pcma => g711::alaw_encode,
        };
        let mut out = Vec::new();
        self.down.finish(&mut out);
        AudioBytes(out.into_iter().map(|x| encode(f32_to_i16(x))).collect())
    }
}

fn le_bytes(samples: &[i16]) -> AudioBytes {
    AudioBytes(samples.iter().flat_map(|s| s.to_le_bytes()).collect())
}

/// A whole clip as base64, as items carry it.
pub(super) fn to_base64(samples: &[i16], format: AudioFormat) -> String {
    let mut encoder = Encoder::new(format);
    let mut bytes = encoder.push(samples);
    bytes.0.extend(encoder.flush().0);
    serde_json::to_value(bytes).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A whole clip from base64; `None` where it is none.
pub(super) fn from_base64(text: &str, format: AudioFormat) -> Option<Vec<i16>> {
    let bytes: AudioBytes = serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()?;
    let mut decoder = Decoder::new(format);
    let mut samples = decoder.push(bytes.0);
    samples.extend(decoder.flush());
    Some(samples)
}

#[cfg(test)]
mod tests;
