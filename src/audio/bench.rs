//! What the benches reach of this module.

use std::time::Duration;

use super::echo::{Echo, EchoConfig};
use super::playback::{Player, PlayerConfig};
use super::sink::{PlaybackCallback, PlaybackSink, playback_ring};
use super::{DeviceInfo, EchoMode, TrackId};
use crate::pcm::Pcm16;

fn device(rate: u32) -> DeviceInfo {
    DeviceInfo { rate, channels: 1, buffer_frames: rate / 100, ..DeviceInfo::default() }
}

/// A playback ring with its two ends.
pub struct Output {
    callback: PlaybackCallback,
    sink: PlaybackSink,
    frames: Vec<f32>,
}

impl Output {
    pub fn new(rate: u32) -> Self {
        let (callback, sink) = playback_ring(&device(rate));
        Self { callback, sink, frames: Vec::new() }
    }

    pub fn fill(&mut self, frames: usize) {
        self.frames.resize(frames, 0.1);
        self.sink.push(&self.frames);
    }

    pub fn call(&mut self, out: &mut [f32]) {
        self.callback.process(out, Duration::ZERO);
    }
}

/// A player with its output.
pub struct Playback {
    callback: PlaybackCallback,
    player: Player,
    chunks: usize,
    track: u64,
}

impl Playback {
    /// Keeps `chunks` chunks of 100 ms queued at first, and again when they are played.
    pub fn with_queue(rate: u32, chunks: usize) -> Self {
        let (callback, sink) = playback_ring(&device(rate));
        let mut player = Player::new(PlayerConfig { volume: 1.0, prebuffer_ms: 0, queue_ms: 20 * 60 * 1000 });
        player.attach(sink);
        let mut playback = Self { callback, player, chunks, track: 0 };
        playback.queue();
        playback
    }

    fn queue(&mut self) {
        self.track += 1;
        let id: TrackId = self.track.to_string().into();
        for _ in 0..self.chunks {
            self.player.play(&id, Pcm16::silence(2_400), Duration::ZERO);
        }
        self.player.end(&id, &mut Vec::new());
    }

    pub fn turn(&mut self, out: &mut [f32]) {
        let mut events = Vec::new();
        self.player.step(Duration::ZERO, &mut events);
        self.callback.process(out, Duration::ZERO);
        if self.player.queued_ms() == 0 {
            self.queue();
        }
    }
}

/// The canceller with the gate above it.
pub struct Cleaning(Echo);

impl Cleaning {
    pub fn new(noise: bool) -> Self {
        Self(Echo::new(EchoConfig { mode: EchoMode::Aec, noise, gain: false }))
    }

    /// 10 ms are played, and the same comes back.
    pub fn block(&mut self, block: &[f32]) -> f32 {
        self.0.far(block, crate::pcm::SESSION_RATE);
        let mut near = block.to_vec();
        self.0.near(&mut near, 1);
        near[0]
    }
}
