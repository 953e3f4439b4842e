//! What is done about the echo: cancellation, the gate above it, half-duplex.
//!
//! Works on blocks of 10 ms at the session's rate. What is played is given to [`Echo::far`] as the device takes it;
//! it is heard later, so its echo always finds it known.
//!
//! While no echo can come back, the canceller rests: the microphone goes past it, without its cost and its delay.

use std::collections::VecDeque;

use super::backend::DeviceInfo;
use super::canceller::{BLOCK, Canceller, Processing};
use super::echo_gate::EchoGate;
use super::on_demand::OnDemand;
use super::{EchoMode, EchoState};
use crate::pcm::SESSION_RATE;
use crate::resample::Resampler;

/// Half-duplex: blocks after the last sound played in which nothing is let through.
const HALF_TAIL: usize = 30;
/// Blocks of playback that are kept while the microphone gives nothing: a second.
const MOST_FAR: usize = 100 * BLOCK;

/// How the microphone's sound is to be treated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct EchoConfig {
    pub(super) mode: EchoMode,
    pub(super) noise: bool,
    pub(super) gain: bool,
}

pub(super) struct Echo {
    config: EchoConfig,
    /// What the microphone comes from has its own canceller.
    system: bool,
    canceller: Option<OnDemand>,
    gate: EchoGate,
    far_rate: u32,
    resampler: Resampler,
    /// What was played and is not yet known to the canceller, at the session's rate.
    far: VecDeque<f32>,
    /// Scratch: what was played for one block of the microphone.
    played: Vec<f32>,
    resampled: Vec<f32>,
    /// The volume at the end of the last block: 0 shut, 1 open.
    volume: f32,
}

impl Echo {
    pub(super) fn new(config: EchoConfig) -> Self {
        let mut echo = Self {
            config,
            system: false,
            canceller: None,
            gate: EchoGate::new(),
            far_rate: SESSION_RATE,
            resampler: Resampler::new(SESSION_RATE, SESSION_RATE),
            far: VecDeque::new(),
            played: Vec::new(),
            resampled: Vec::new(),
            volume: 1.0,
        };
        echo.begin();
        echo
    }

    pub(super) fn set_mode(&mut self, mode: EchoMode) {
        if mode != self.config.mode {
            self.config.mode = mode;
            self.begin();
        }
    }

    /// Another microphone, or the same in another place of time.
    pub(super) fn attach(&mut self, microphone: &DeviceInfo) {
        self.system = microphone.echo_cancelled;
        self.begin();
    }

    fn begin(&mut self) {
        let EchoConfig { noise, gain, .. } = self.config;
        let own = |noise, gain| Processing { echo: self.cancels(), noise, gain };
        // What the system has cleaned is clean.
        let what = if self.is_system() { Processing::default() } else { own(noise, gain) };
        self.canceller = Canceller::new(what).map(OnDemand::new);
        self.gate = EchoGate::new();
        self.far.clear();
    }

    fn is_system(&self) -> bool {
        self.system && self.config.mode == EchoMode::Auto
    }

    fn cancels(&self) -> bool {
        match self.config.mode {
            EchoMode::Auto => !self.system,
            EchoMode::Aec => true,
            EchoMode::Gate | EchoMode::Half | EchoMode::Off => false,
        }
    }

    pub(super) fn state(&self) -> EchoState {
        match self.config.mode {
            EchoMode::Auto if self.system => EchoState::System,
            EchoMode::Auto | EchoMode::Aec if self.gate.is_harmless() => EchoState::Cancelling,
            EchoMode::Auto | EchoMode::Aec => EchoState::Converging,
            EchoMode::Gate => EchoState::Gating,
            EchoMode::Half => EchoState::HalfDuplex,
            EchoMode::Off => EchoState::Off,
        }
    }

    /// Nothing is played any more, so nothing comes back.
    pub(super) fn fall_silent(&mut self) {
        self.far.clear();
        self.gate.fall_silent();
    }

    /// Takes what the device was given to play, also its silence, at `rate` frames per second.
    pub(super) fn far(&mut self, frames: &[f32], rate: u32) {
        if matches!(self.state(), EchoState::Off | EchoState::System) {
            return;
        }
        if rate != self.far_rate {
            self.far_rate = rate;
            self.resampler = Resampler::new(rate, SESSION_RATE);
        }
        self.resampled.clear();
        self.resampler.push(frames, &mut self.resampled);
        self.far.extend(&self.resampled);
        let extra = self.far.len().saturating_sub(MOST_FAR);
        self.far.drain(..extra);
    }

    /// Cleans a block of the microphone in its place. `waiting` blocks are there, this one included: what was played
    /// is shared out among them, in case that both have piled up.
    pub(super) fn near(&mut self, block: &mut [f32], waiting: usize) {
        let blocks = (self.far.len() / BLOCK).div_ceil(waiting.max(1));
        self.played.clear();
        self.played.extend(self.far.drain(..blocks * BLOCK));
        self.played.chunks_exact(BLOCK).for_each(|block| self.gate.far(power(block)));
        if let Some(canceller) = &mut self.canceller {
            let needed = self.gate.is_echoing() || self.config.noise || self.config.gain;
            canceller.process(&self.played, block, needed);
        }
        let open = self.lets_through(power(block));
        self.fade(block, if open { 1.0 } else { 0.0 });
    }

    fn lets_through(&mut self, power: f32) -> bool {
        let louder = self.gate.near(power);
        match self.state() {
            EchoState::Off | EchoState::System | EchoState::Cancelling => true,
            EchoState::Converging | EchoState::Gating => louder,
            EchoState::HalfDuplex => self.gate.recent(HALF_TAIL) <= 1e-6,
        }
    }

    fn fade(&mut self, block: &mut [f32], goal: f32) {
        if self.volume == goal && goal == 1.0 {
            return;
        }
        let step = (goal - self.volume) / block.len() as f32;
        for sample in block {
            self.volume += step;
            *sample *= self.volume;
        }
        self.volume = goal;
    }
}

pub(super) fn power(block: &[f32]) -> f32 {
    block.iter().map(|s| s * s).sum::<f32>() / block.len().max(1) as f32
}

#[cfg(test)]
impl Echo {
    /// What was played and is not yet known to the canceller.
    pub(super) fn backlog_ms(&self) -> u64 {
        crate::pcm::samples_to_ms(self.far.len() as u64, SESSION_RATE)
    }
}

#[cfg(test)]
mod tests;
