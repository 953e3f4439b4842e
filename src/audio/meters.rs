//! Levels and counters, written by the audio thread and read when the screen is drawn.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};

use super::EchoState;

/// What the meters showed at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Meters {
    /// Loudest sample of the last 20 ms from the microphone, 0 to 1; also while the gate is closed.
    pub mic_peak: f32,
    /// Root mean square of the same.
    pub mic_rms: f32,
    /// Loudest sample that went to the speaker lately, 0 to 1.
    pub speaker_peak: f32,
    /// Times that playback had to fall silent in the middle of a track: more of it came later.
    pub underruns: u64,
    /// 20 ms frames that were captured but came too late or found no room.
    pub dropped_frames: u64,
    /// Device frames of the microphone that were lost before they became 20 ms frames.
    pub lost_capture: u64,
    /// Samples refused because the playback queue was full.
    pub refused_samples: u64,
    /// Sound that waits to be played, in milliseconds.
    pub queued_ms: u64,
    /// How long a track waits for more sound before it begins, in milliseconds.
    pub jitter_ms: u64,
    pub echo: EchoState,
    /// The microphone's device is open.
    pub microphone_open: bool,
    /// A track has begun to sound and is not yet over.
    pub playing: bool,
}

/// An `f32` that is not negative.
#[derive(Debug, Default)]
pub(super) struct AtomicLevel(AtomicU32);

impl AtomicLevel {
    pub(super) fn set(&self, level: f32) {
        self.0.store(level.to_bits(), Ordering::Relaxed);
    }

    /// Bits of floats that are not negative sort as the floats do.
    pub(super) fn raise(&self, level: f32) {
        self.0.fetch_max(level.to_bits(), Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> f32 {
        f32::from_bits(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn drain(&self) -> f32 {
        f32::from_bits(self.0.swap(0, Ordering::Relaxed))
    }
}

#[derive(Debug, Default)]
pub(super) struct SharedMeters {
    pub(super) mic_peak: AtomicLevel,
    pub(super) mic_rms: AtomicLevel,
    pub(super) speaker_peak: AtomicLevel,
    pub(super) underruns: AtomicU64,
    pub(super) dropped_frames: AtomicU64,
    pub(super) lost_capture: AtomicU64,
    pub(super) refused_samples: AtomicU64,
    pub(super) queued_ms: AtomicU64,
    pub(super) jitter_ms: AtomicU64,
    pub(super) playing: AtomicBool,
    pub(super) echo: AtomicU8,
    pub(super) microphone_open: AtomicBool,
}

impl SharedMeters {
    pub(super) fn read(&self) -> Meters {
        let count = |a: &AtomicU64| a.load(Ordering::Relaxed);
        Meters {
            mic_peak: self.mic_peak.get(),
            mic_rms: self.mic_rms.get(),
            speaker_peak: self.speaker_peak.get(),
            underruns: count(&self.underruns),
            dropped_frames: count(&self.dropped_frames),
            lost_capture: count(&self.lost_capture),
            refused_samples: count(&self.refused_samples),
            queued_ms: count(&self.queued_ms),
            echo: EchoState::from_code(self.echo.load(Ordering::Relaxed)),
            jitter_ms: count(&self.jitter_ms),
            microphone_open: self.microphone_open.load(Ordering::Relaxed),
            playing: self.playing.load(Ordering::Relaxed),
        }
    }
}
