//! Sound on the wire, in a session's formats, to and from samples at our rate.

use crate::g711;
use crate::pcm::{AudioBytes, Pcm16, SESSION_RATE, f32_to_i16, i16_to_f32};
use crate::protocol::session::AudioFormat;
use crate::resample::Resampler;

const TELEPHONE_RATE: u32 = 8_000;

/// Samples on the wire in a second.
fn rate_of(format: AudioFormat) -> u32 {
    match format {
        AudioFormat::Pcm { rate } => rate,
        AudioFormat::Pcmu | AudioFormat::Pcma => TELEPHONE_RATE,
        AudioFormat::Unknown => SESSION_RATE,
    }
}

/// A stream of bytes to samples.
#[derive(Debug)]
pub struct Decoder {
    format: AudioFormat,
    /// Half a sample, where the other side cut in the middle of one.
    odd: Option<u8>,
    /// `None` where the rate is ours.
    filter: Option<Filter>,
}

/// To our rate, with the count kept exact and the filter's delay taken off.
#[derive(Debug)]
struct Filter {
    rate: u32,
    inner: Resampler,
    skip: usize,
    taken: u64,
    given: u64,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(AudioFormat::default())
    }
}

impl Decoder {
    pub fn new(format: AudioFormat) -> Self {
        let rate = rate_of(format);
        Self { format, odd: None, filter: (rate != SESSION_RATE).then(|| Filter::new(rate)) }
    }

    pub fn format(&self) -> AudioFormat {
        self.format
    }

    pub fn push(&mut self, bytes: Vec<u8>) -> Vec<i16> {
        let samples = match self.format {
            AudioFormat::Pcm { .. } | AudioFormat::Unknown => self.pcm(bytes),
            AudioFormat::Pcmu => bytes.into_iter().map(g711::ulaw_decode).collect(),
            AudioFormat::Pcma => bytes.into_iter().map(g711::alaw_decode).collect(),
        };
        match &mut self.filter {
            Some(filter) => filter.push(&samples),
            None => samples,
        }
    }

    /// What is still inside the filter; the next sound begins anew.
    pub fn flush(&mut self) -> Vec<i16> {
        self.odd = None;
        self.filter.as_mut().map(Filter::flush).unwrap_or_default()
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

impl Filter {
    fn new(rate: u32) -> Self {
        let inner = Resampler::new(rate, SESSION_RATE);
        Self { rate, skip: inner.delay_frames(), inner, taken: 0, given: 0 }
    }

    /// What is not given yet of that which was taken.
    fn owed(&self) -> usize {
        let due = self.taken * u64::from(SESSION_RATE) / u64::from(self.rate);
        (due - self.given) as usize
    }

    fn push(&mut self, samples: &[i16]) -> Vec<i16> {
        self.taken += samples.len() as u64;
        let samples: Vec<f32> = samples.iter().map(|&sample| i16_to_f32(sample)).collect();
        let mut out = Vec::new();
        self.inner.push(&samples, &mut out);
        self.trim(&out)
    }

    fn flush(&mut self) -> Vec<i16> {
        let mut out = Vec::new();
        self.inner.finish(&mut out);
        let mut samples = self.trim(&out);
        samples.resize(samples.len() + self.owed(), 0);
        *self = Self::new(self.rate);
        samples
    }

    fn trim(&mut self, out: &[f32]) -> Vec<i16> {
        let skipped = self.skip.min(out.len());
        self.skip -= skipped;
        let take = (out.len() - skipped).min(self.owed());
        self.given += take as u64;
        out[skipped..skipped + take].iter().map(|&x| f32_to_i16(x)).collect()
    }
}

/// A stream of samples to bytes.
#[derive(Debug)]
pub struct Encoder {
    format: AudioFormat,
    /// `None` where the rate is ours.
    filter: Option<Resampler>,
}

impl Encoder {
    pub fn new(format: AudioFormat) -> Self {
        let rate = rate_of(format);
        Self { format, filter: (rate != SESSION_RATE).then(|| Resampler::new(SESSION_RATE, rate)) }
    }

    pub fn push(&mut self, samples: &[i16]) -> AudioBytes {
        let Some(filter) = &mut self.filter else { return self.encode(samples) };
        let samples: Vec<f32> = samples.iter().map(|&sample| i16_to_f32(sample)).collect();
        let mut out = Vec::new();
        filter.push(&samples, &mut out);
        self.encode_filtered(out)
    }

    /// What is still inside the filter.
    pub fn flush(&mut self) -> AudioBytes {
        let mut out = Vec::new();
        if let Some(filter) = &mut self.filter {
            filter.finish(&mut out);
        }
        self.encode_filtered(out)
    }

    fn encode_filtered(&self, samples: Vec<f32>) -> AudioBytes {
        let samples: Vec<i16> = samples.into_iter().map(f32_to_i16).collect();
        self.encode(&samples)
    }

    fn encode(&self, samples: &[i16]) -> AudioBytes {
        AudioBytes(match self.format {
            AudioFormat::Pcm { .. } | AudioFormat::Unknown => {
                samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
            }
            AudioFormat::Pcmu => samples.iter().copied().map(g711::ulaw_encode).collect(),
            AudioFormat::Pcma => samples.iter().copied().map(g711::alaw_encode).collect(),
        })
    }
}

/// A whole clip as base64, as items carry it.
pub fn to_base64(samples: &[i16], format: AudioFormat) -> String {
    let mut encoder = Encoder::new(format);
    let mut bytes = encoder.push(samples);
    bytes.0.extend(encoder.flush().0);
    serde_json::to_value(bytes).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A whole clip from base64; `None` where it is none.
pub fn from_base64(text: &str, format: AudioFormat) -> Option<Vec<i16>> {
    let bytes: AudioBytes = serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()?;
    let mut decoder = Decoder::new(format);
    let mut samples = decoder.push(bytes.0);
    samples.extend(decoder.flush());
    Some(samples)
}

#[cfg(test)]
mod tests;
