//! The capture callback, the audio thread's side of it, and the lock-free ring and counters between them.
//!
//! `process` must not lock, allocate, log or wake a thread: it copies and counts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;
use std::time::Duration;

use ringbuf::traits::{Consumer as _, Observer as _, Producer as _, Split as _};
use ringbuf::{HeapCons, HeapProd, HeapRb};

use super::backend::DeviceInfo;
use super::health::Health;

/// Room in the rings: far more than is ever kept in them, so that even a huge device buffer fits.
pub(super) const RING_MS: u64 = 2_500;
/// Captured sound that reaches us later than this is of no use any more.
pub(super) const STALE: Duration = Duration::from_millis(500);

pub(super) fn frames_in(ms: u64, rate: u32) -> usize {
    crate::pcm::ms_to_samples(ms, rate) as usize
}

/// Duration to whole frames, rounded to the nearest.
pub(super) fn duration_frames(duration: Duration, rate: u32) -> u64 {
    ((duration.as_nanos() * u128::from(rate) + 500_000_000) / 1_000_000_000) as u64
}

#[derive(Debug, Default)]
struct CaptureShared {
    health: Arc<Health>,
    /// Frames lost: no room in the ring, or too old on arrival.
    lost: AtomicU64,
    /// Frames put into the ring when the last sound of a file had been put into it.
    end: AtomicU64,
    ended: AtomicBool,
    /// The gate was opened at least once.
    wanted: AtomicBool,
    /// Who takes the sound out.
    taker: OnceLock<Thread>,
}

/// The device's side of capture.
pub struct CaptureCallback {
    ring: HeapProd<f32>,
    channels: usize,
    written: u64,
    shared: Arc<CaptureShared>,
}

/// The audio thread's side of capture.
pub(super) struct CaptureSource {
    ring: HeapCons<f32>,
    channels: usize,
    read: u64,
    shared: Arc<CaptureShared>,
}

pub(super) fn capture_ring(info: &DeviceInfo) -> (CaptureCallback, CaptureSource) {
    let channels = usize::from(info.channels.max(1));
    let (producer, consumer) = HeapRb::new(frames_in(RING_MS, info.rate).max(1) * channels).split();
    let shared = Arc::new(CaptureShared::default());
    (
        CaptureCallback { ring: producer, channels, written: 0, shared: Arc::clone(&shared) },
        CaptureSource { ring: consumer, channels, read: 0, shared },
    )
}

impl CaptureCallback {
    /// Takes interleaved samples that were captured `age` ago.
    pub fn process(&mut self, interleaved: &[f32], age: Duration) {
        self.shared.health.beat();
        let frames = interleaved.len() / self.channels;
        let taken = if age > STALE { 0 } else { frames.min(self.room()) };
        self.ring.push_slice(&interleaved[..taken * self.channels]);
        self.written += taken as u64;
        self.shared.lost.fetch_add((frames - taken) as u64, Ordering::Relaxed);
    }

    /// Silence in place of frames that the device has lost; they are counted as lost.
    pub fn fill(&mut self, frames: usize) {
        let filled = frames.min(self.room());
        self.ring.push_iter(std::iter::repeat_n(0.0, filled * self.channels));
        self.written += filled as u64;
        self.shared.lost.fetch_add(frames as u64, Ordering::Relaxed);
    }

    /// Frames that fit now.
    pub fn room(&self) -> usize {
        self.ring.vacant_len() / self.channels
    }

    /// Whether anybody has ever listened: a recording waits for that.
    pub fn is_wanted(&self) -> bool {
        self.shared.wanted.load(Ordering::Relaxed)
    }

    /// Has the sound taken out at once. Not from a device's own callback: it may wake a thread.
    pub fn announce(&self) {
        if let Some(taker) = self.shared.taker.get() {
            taker.unpark();
        }
    }

    /// Marks that what was put in so far is all of a file's sound.
    pub fn mark_end(&mut self) {
        self.shared.end.store(self.written, Ordering::Relaxed);
        self.shared.ended.store(true, Ordering::Release);
    }

    pub fn health(&self) -> Arc<Health> {
        Arc::clone(&self.shared.health)
    }
}

impl CaptureSource {
    /// From now on this thread, which is to park while it waits, takes the sound out.
    pub(super) fn take_here(&self) {
        let _ = self.shared.taker.set(std::thread::current());
    }

    /// Takes at most `frames` frames, appending them interleaved to `out`. Returns how many.
    pub(super) fn take(&mut self, frames: usize, out: &mut Vec<f32>) -> usize {
        let taken = self.waiting().min(frames);
        let start = out.len();
        out.resize(start + taken * self.channels, 0.0);
        self.ring.pop_slice(&mut out[start..]);
        self.read += taken as u64;
        taken
    }

    /// Throws away the oldest frames.
    pub(super) fn skip(&mut self, frames: usize) {
        let skipped = self.ring.skip(frames.min(self.waiting()) * self.channels) / self.channels;
        self.read += skipped as u64;
        self.shared.lost.fetch_add(skipped as u64, Ordering::Relaxed);
    }

    pub(super) fn waiting(&self) -> usize {
        self.ring.occupied_len() / self.channels
    }

    pub(super) fn want(&self) {
        self.shared.wanted.store(true, Ordering::Relaxed);
    }

    /// Frames lost since the last call.
    pub(super) fn drain_lost(&self) -> u64 {
        self.shared.lost.swap(0, Ordering::Relaxed)
    }

    /// Frames left until the end of a file's sound, once that is known.
    pub(super) fn until_end(&self) -> Option<u64> {
        let ended = self.shared.ended.load(Ordering::Acquire);
        ended.then(|| self.shared.end.load(Ordering::Relaxed).saturating_sub(self.read))
    }

    pub(super) fn health(&self) -> Arc<Health> {
        Arc::clone(&self.shared.health)
    }
}

#[cfg(test)]
mod tests;
