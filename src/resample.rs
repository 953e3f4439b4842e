//! From one sample rate to another, in a stream or at once.
//!
//! The only file that knows rubato. A windowed sinc over 128 samples of the lower rate: flat to five sixths of its
//! Nyquist frequency (10 kHz at 24 kHz), aliases and distortion below −130 dB, own delay 64 of these samples: 2.7 ms
//! at 24 kHz and more, 4 ms for a microphone of 16 kHz, 8 ms for one of 8 kHz.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, FixedAsync, Resampler as _, SincInterpolationParameters, SincInterpolationType, WindowFunction,
};

/// Chunks are small, as sound waits until one is full.
const CHUNKS_PER_SECOND: u32 = 400;

/// Length of the filter in samples of the lower rate.
const TAPS: u64 = 128;

/// Where the filter has lost half, as a share of the lower rate's Nyquist frequency. What rubato chooses by itself
/// goes by the length in samples of the input, and lets aliases through at high rates.
const CUTOFF: f32 = 0.947;

/// 320 are those of 11,025 Hz in 24,000: no usual rate has more.
const MOST_PLACES: usize = 320;

/// A stateful mono resampler for streams of any block size.
pub struct Resampler {
    from: u32,
    to: u32,
    inner: Option<Async<f32>>,
    chunk: usize,
    delay: usize,
    pending: Vec<f32>,
    out: Vec<f32>,
}

impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Resampler({} -> {})", self.from, self.to)
    }
}

impl Resampler {
    /// Works in chunks of 2.5 ms of input; equal rates are passed through.
    pub fn new(from: u32, to: u32) -> Self {
        let chunk = (from / CHUNKS_PER_SECOND).max(1) as usize;
        let ratio = f64::from(to) / f64::from(from);
        let parameters = parameters(from, to);
        let inner = (from != to).then(|| {
            Async::new_sinc(ratio, 1.05, &parameters, chunk, 1, FixedAsync::Input)
                .expect("rates are positive and the ratio is finite")
        });
        // Half the filter, less the one step by which the first frame out stands before the first one in: so says
        // the phase of a tone at six pairs of rates.
        let delay =
            inner.as_ref().map_or(0, |_| (parameters.sinc_len as f64 / 2.0 * ratio - 1.0).round() as usize);
        let out = vec![0.0; inner.as_ref().map_or(0, rubato::Resampler::output_frames_max)];
        Self { from, to, inner, chunk, delay, pending: Vec::with_capacity(chunk * 2), out }
    }

    /// Appends to `output` what can be made from `input` and what was left before.
    pub fn push(&mut self, input: &[f32], output: &mut Vec<f32>) {
        let Some(inner) = &mut self.inner else {
            output.extend_from_slice(input);
            return;
        };
        self.pending.extend_from_slice(input);
        let mut used = 0;
        while self.pending.len() - used >= self.chunk {
            let source = InterleavedSlice::new(&self.pending[used..used + self.chunk], 1, self.chunk)
                .expect("the slice has one chunk");
            let room = self.out.len();
            let mut sink = InterleavedSlice::new_mut(&mut self.out, 1, room).expect("one channel");
            let (taken, made) =
                inner.process_into_buffer(&source, &mut sink, None).expect("sizes are as asked for");
            used += taken;
            output.extend_from_slice(&self.out[..made]);
        }
        self.pending.drain(..used);
    }

    /// Pushes silence through until all that was put in has come out.
    pub fn finish(&mut self, output: &mut Vec<f32>) {
        if self.inner.is_some() {
            let tail = self.delay_frames() * self.from as usize / self.to as usize + 2 * self.chunk;
            let tail = tail - (tail + self.pending.len()) % self.chunk;
            self.push(&vec![0.0; tail], output);
        }
    }

    /// Samples that are resampled at a time.
    pub fn chunk(&self) -> usize {
        self.chunk
    }

    /// Frames of the output rate that are at most held back: the filter's delay, and what does not fill a chunk.
    pub fn held_frames(&self) -> usize {
        let chunk = (self.chunk as u64 * u64::from(self.to)).div_ceil(u64::from(self.from)) as usize;
        self.inner.as_ref().map_or(0, |_| self.delay + chunk)
    }

    /// The filter's own delay, in frames of the output rate, true to half a frame.
    pub fn delay_frames(&self) -> usize {
        self.delay
    }
}

/// Where all places of the new samples between the old are few, the filter is known at each of them, and a sample
/// costs a quarter of what interpolating between four does.
fn parameters(from: u32, to: u32) -> SincInterpolationParameters {
    let parameters =
        SincInterpolationParameters::new(taps(from, to), WindowFunction::BlackmanHarris2).f_cutoff(CUTOFF);
    let places = (to / common_divisor(from, to)) as usize;
    if places <= MOST_PLACES {
        let fine = parameters.oversampling_factor.next_multiple_of(places);
        parameters.oversampling_factor(fine).interpolation(SincInterpolationType::Nearest)
    } else {
        parameters
    }
}

fn common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// Length of the filter in samples of the input's rate, a multiple of 8 as rubato wants it.
fn taps(from: u32, to: u32) -> usize {
    (TAPS * u64::from(from)).div_ceil(u64::from(from.min(to))).next_multiple_of(8) as usize
}

/// A whole clip at once, without the filter's delay: `samples.len() * to / from` samples, rounded up.
pub fn resample_clip(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    let mut resampler = Resampler::new(from, to);
    let wanted = (samples.len() as u64 * u64::from(to)).div_ceil(u64::from(from)) as usize;
    let mut out = Vec::with_capacity(wanted + 1024);
    resampler.push(samples, &mut out);
    resampler.finish(&mut out);
    out.drain(..resampler.delay_frames().min(out.len()));
    out.resize(wanted, 0.0);
    out
}

#[cfg(test)]
mod tests;
