//! From the device's interleaved samples to 20 ms frames at the session's rate, through the gate.
//!
//! In between, in blocks of 10 ms: what is done about the echo, and the local voice detector.

use std::collections::VecDeque;

use crate::pcm::{self, FRAME_SAMPLES, Pcm16, SESSION_RATE};
use crate::resample::Resampler;

use super::Gate;
use super::backend::DeviceInfo;
use super::canceller::BLOCK;
use super::ears::Ears;
use super::echo::Echo;

/// A microphone that gives nothing but exact zeros for this long is muted or not allowed.
const SILENT_MS: u64 = 1_500;

/// What came out of one push.
#[derive(Debug, Default)]
pub(super) struct Captured {
    /// To be sent on.
    pub(super) frames: Vec<Pcm16>,
    /// The latest level, if a frame was completed: peak and root mean square.
    pub(super) level: Option<(f32, f32)>,
    /// The microphone has just been found to be silent; told once.
    pub(super) fell_silent: bool,
    /// How likely each block of 10 ms is speech of the person, 0 to 1.
    pub(super) speech: Vec<f32>,
}

pub(super) struct Capture {
    gate: Gate,
    preroll: VecDeque<Pcm16>,
    preroll_frames: usize,
    line: Option<Line>,
    echo: Echo,
    ears: Option<Ears>,
    /// Somebody wants to know what is speech.
    attentive: bool,
    /// Of the microphone, at the session's rate, not yet cleaned.
    block: Vec<f32>,
    /// Blocks that wait, as far as it is known.
    waiting: usize,
    /// Of the frame in progress, before anything was done to it: the loudest sample and the sum of squares.
    peak: f32,
    squares: f32,
    frame: Vec<i16>,
    channel: Option<u16>,
}

struct Line {
    channels: usize,
    /// The one channel that is taken.
    only: Option<usize>,
    rate: u32,
    resampler: Resampler,
    mono: Vec<f32>,
    resampled: Vec<f32>,
    zeros: u64,
    told: bool,
}

impl Capture {
    /// Keeps `preroll_ms` of sound while the gate is closed; the gate is closed at first. `ears` score speech.
    pub(super) fn new(preroll_ms: u64, echo: Echo, ears: Option<Ears>) -> Self {
        let frame_ms = pcm::samples_to_ms(FRAME_SAMPLES as u64, SESSION_RATE);
        Self {
            gate: Gate::Closed,
            preroll: VecDeque::new(),
            preroll_frames: preroll_ms.div_ceil(frame_ms) as usize,
            line: None,
            echo,
            ears,
            attentive: false,
            block: Vec::with_capacity(BLOCK),
            waiting: 0,
            peak: 0.0,
            squares: 0.0,
            frame: Vec::with_capacity(FRAME_SAMPLES),
            channel: None,
        }
    }

    /// Takes one channel, counted from 1, of devices that have it.
    pub(super) fn with_channel(self, channel: Option<u16>) -> Self {
        Self { channel, ..self }
    }

    pub(super) fn attach(&mut self, microphone: &DeviceInfo) {
        let &DeviceInfo { rate, channels, .. } = microphone;
        self.echo.attach(microphone);
        self.line = Some(Line {
            channels: usize::from(channels.max(1)),
            only: self.channel.filter(|&c| (1..=channels).contains(&c)).map(|c| usize::from(c) - 1),
            rate,
            resampler: Resampler::new(rate, SESSION_RATE),
            mono: Vec::new(),
            resampled: Vec::new(),
            zeros: 0,
            told: false,
        });
    }

    /// The input is gone: sound from before must not be glued to sound from after.
    pub(super) fn detach(&mut self) {
        self.line = None;
        self.block.clear();
        self.frame.clear();
        self.preroll.clear();
    }

    /// Whether speech is to be told from other sound.
    pub(super) fn set_attentive(&mut self, attentive: bool) {
        self.attentive = attentive;
    }

    pub(super) fn is_open(&self) -> bool {
        self.gate == Gate::Open
    }

    /// Opening gives out the pre-roll.
    pub(super) fn set_gate(&mut self, gate: Gate) -> Vec<Pcm16> {
        self.gate = gate;
        match gate {
            Gate::Open => self.preroll.drain(..).collect(),
            Gate::Closed => Vec::new(),
        }
    }

    pub(super) fn echo(&mut self) -> &mut Echo {
        &mut self.echo
    }

    /// Says how many frames of the device are about to be pushed or skipped.
    pub(super) fn expect(&mut self, frames: usize) {
        self.waiting = self.line.as_ref().map_or(0, |l| frames * 100 / l.rate as usize);
    }

    pub(super) fn push(&mut self, interleaved: &[f32]) -> Captured {
        let mut captured = Captured::default();
        let Some(line) = &mut self.line else { return captured };
        captured.fell_silent = line.take(interleaved);
        let resampled = std::mem::take(&mut line.resampled);
        let mut rest = resampled.as_slice();
        while !rest.is_empty() {
            let (part, later) = rest.split_at(rest.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(part);
            rest = later;
            if self.block.len() == BLOCK {
                self.clean_block(&mut captured);
            }
        }
        if let Some(line) = &mut self.line {
            line.resampled = resampled;
        }
        captured
    }

    /// Device frames that were lost, or are too old to be sent. Silence stands for them where the echo is taken
    /// away, or its place in what was played would be lost with them.
    pub(super) fn skip(&mut self, frames: usize) {
        let Some(line) = &self.line else { return };
        for _ in 0..frames * 100 / line.rate as usize {
            self.echo.near(&mut [0.0; BLOCK], self.waiting);
            self.waiting = self.waiting.saturating_sub(1);
        }
    }

    /// Fills the last frame up with silence.
    pub(super) fn finish(&mut self) -> Captured {
        let mut captured = Captured::default();
        while !(self.block.is_empty() && self.frame.is_empty()) {
            self.block.resize(BLOCK, 0.0);
            self.clean_block(&mut captured);
        }
        captured
    }

    fn clean_block(&mut self, captured: &mut Captured) {
        let mut block = std::mem::take(&mut self.block);
        self.peak = block.iter().fold(self.peak, |m, s| m.max(s.abs()));
        self.squares += block.iter().map(|s| s * s).sum::<f32>();
        self.echo.near(&mut block, self.waiting);
        self.waiting = self.waiting.saturating_sub(1);
        match &mut self.ears {
            Some(ears) if self.attentive => captured.speech.push(ears.score(&block)),
            Some(ears) => ears.rest(&block),
            None => {}
        }
        self.frame.extend(block.iter().map(|&s| pcm::f32_to_i16(s)));
        block.clear();
        self.block = block;
        if self.frame.len() == FRAME_SAMPLES {
            self.complete(captured);
        }
    }

    fn complete(&mut self, captured: &mut Captured) {
        let samples = std::mem::replace(&mut self.frame, Vec::with_capacity(FRAME_SAMPLES));
        let rms = (std::mem::take(&mut self.squares) / FRAME_SAMPLES as f32).sqrt();
        captured.level = Some((std::mem::take(&mut self.peak).min(1.0), rms.min(1.0)));
        let frame = Pcm16::new(samples);
        match self.gate {
            Gate::Open => captured.frames.push(frame),
            Gate::Closed => {
                self.preroll.push_back(frame);
                let extra = self.preroll.len().saturating_sub(self.preroll_frames);
                self.preroll.drain(..extra);
            }
        }
    }
}

impl Line {
    /// Leaves the new samples in `resampled`. Returns whether the microphone has just been found silent.
    fn take(&mut self, interleaved: &[f32]) -> bool {
        self.mono.clear();
        match self.only {
            Some(channel) => pick(interleaved, self.channels, channel, &mut self.mono),
            None => down_mix(interleaved, self.channels, &mut self.mono),
        }
        self.resampled.clear();
        self.resampler.push(&self.mono, &mut self.resampled);
        let limit = pcm::ms_to_samples(SILENT_MS, self.rate);
        match self.mono.iter().rposition(|&s| s != 0.0) {
            Some(at) => self.zeros = (self.mono.len() - 1 - at) as u64,
            None => self.zeros += self.mono.len() as u64,
        }
        let silent = self.zeros >= limit;
        let news = silent && !self.told;
        self.told |= silent;
        news
    }
}

/// The mean of the first two channels, or the only one; further channels of large interfaces are rarely
/// microphones and would only make the voice quieter. What is not a number becomes silence.
pub(super) fn down_mix(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) {
    let used = channels.clamp(1, 2);
    mono.extend(interleaved.chunks_exact(channels.max(1)).map(|frame| {
        let mean = frame[..used].iter().sum::<f32>() / used as f32;
        if mean.is_finite() { mean } else { 0.0 }
    }));
}

/// One channel, counted from 0.
fn pick(interleaved: &[f32], channels: usize, channel: usize, mono: &mut Vec<f32>) {
    let samples = interleaved.chunks_exact(channels).map(|frame| frame[channel]);
    mono.extend(samples.map(|sample| if sample.is_finite() { sample } else { 0.0 }));
}

#[cfg(test)]
mod tests;
