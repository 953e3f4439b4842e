//! The playback callback, the audio thread's side of it, and the ring and counters between them.
//!
//! `process` must not lock, allocate, log or wake a thread: it copies and counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use ringbuf::traits::{Consumer as _, Observer as _, Producer as _, Split as _};
use ringbuf::{HeapCons, HeapProd, HeapRb};

use super::backend::DeviceInfo;
use super::health::Health;
use super::meters::AtomicLevel;
use super::ring::{RING_MS, duration_frames, frames_in};

/// Length of the fade at a flush and at an underrun.
pub(super) const FADE_MS: u64 = 8;
/// Room for what was played and is not yet known to the echo canceller.
const REFERENCE_MS: u64 = 1_000;

/// Room for cues that wait for each other.
const CUES_MS: u64 = 500;

/// Positions are counts of frames that ever went into the ring.
#[derive(Debug, Default)]
struct PlaybackShared {
    health: Arc<Health>,
    /// All before this position was taken out.
    read: AtomicU64,
    /// All before this position had left the speaker when the last callback began.
    audible: AtomicU64,
    /// All before this position is to be thrown away.
    discard: AtomicU64,
    /// The last `discard` that was carried out, and `audible` and `read` (with the fade) at that time.
    discarded: AtomicU64,
    discard_audible: AtomicU64,
    discard_read: AtomicU64,
    /// Nothing is to be taken out; what sounds fades.
    paused: AtomicBool,
    /// Running dry at this position is no underrun.
    settled: AtomicU64,
    underruns: AtomicU64,
    largest: AtomicU32,
    level: AtomicLevel,
}

/// The device's side of playback.
pub struct PlaybackCallback {
    ring: HeapCons<f32>,
    /// All that was handed to the device, silence too, for the echo canceller.
    reference: HeapProd<f32>,
    /// Short sounds that are added to whatever plays; no position counts them.
    cues: HeapCons<f32>,
    rate: u32,
    fade: usize,
    /// Frames left of the fade-in after a pause.
    fade_in: usize,
    read: u64,
    audible: u64,
    runs: Runs,
    sounding: bool,
    last: f32,
    decay: usize,
    shared: Arc<PlaybackShared>,
}

/// The audio thread's side of playback.
pub(super) struct PlaybackSink {
    ring: HeapProd<f32>,
    reference: HeapCons<f32>,
    cues: HeapProd<f32>,
    rate: u32,
    hint: u32,
    written: u64,
    shared: Arc<PlaybackShared>,
}

pub(super) fn playback_ring(info: &DeviceInfo) -> (PlaybackCallback, PlaybackSink) {
    let (producer, consumer) = HeapRb::new(frames_in(RING_MS, info.rate).max(1)).split();
    let (played, reference) = HeapRb::new(frames_in(REFERENCE_MS, info.rate).max(1)).split();
    let (cues, cues_out) = HeapRb::new(frames_in(CUES_MS, info.rate).max(1)).split();
    let shared = Arc::new(PlaybackShared::default());
    let callback = PlaybackCallback {
        ring: consumer,
        reference: played,
        cues: cues_out,
        rate: info.rate,
        fade: frames_in(FADE_MS, info.rate).max(1),
        fade_in: 0,
        read: 0,
        audible: 0,
        runs: Runs::default(),
        sounding: false,
        last: 0.0,
        decay: 0,
        shared: Arc::clone(&shared),
    };
    let (rate, hint) = (info.rate, info.buffer_frames);
    let sink = PlaybackSink { ring: producer, reference, cues, rate, hint, written: 0, shared };
    (callback, sink)
}

impl PlaybackCallback {
    /// Fills `out` with mono samples; the first of them will be heard after `latency`.
    pub fn process(&mut self, out: &mut [f32], latency: Duration) {
        self.shared.health.beat();
        self.expect(out.len());
        let pending = self.runs.pending(duration_frames(latency, self.rate));
        // What was heard cannot be unheard, however the latency changes.
        self.audible = self.audible.max(self.read.saturating_sub(pending));
        self.shared.audible.store(self.audible, Ordering::Relaxed);
        let paused = self.shared.paused.load(Ordering::Acquire);
        let faded = self.flush(out, self.audible);
        let taken =
            if paused { self.pause(&mut out[faded..]) } else { self.ring.pop_slice(&mut out[faded..]) };
        self.fade_in(&mut out[faded..faded + taken]);
        self.advance(taken);
        if let Some(&last) = out[..faded + taken].last() {
            self.last = if taken > 0 { last } else { 0.0 };
        }
        if paused {
            self.rest(&mut out[faded + taken..]);
        } else {
            self.silence(&mut out[faded + taken..]);
        }
        self.add_cues(out);
        self.shared.level.raise(crest(out));
        // Full only when nobody has asked for it in a long time.
        self.reference.push_slice(out);
        self.shared.read.store(self.read, Ordering::Release);
    }

    /// Says how many frames a device wants at once, when they are asked for in parts.
    pub fn expect(&self, frames: usize) {
        self.shared.largest.fetch_max(frames as u32, Ordering::Relaxed);
    }

    /// Says that the device has played this many frames of silence by itself.
    pub fn silent(&mut self, frames: usize) {
        self.reference.push_iter(std::iter::repeat_n(0.0, frames));
    }

    /// Frames that [`Self::process`] has sound for now.
    pub fn ready(&self) -> usize {
        self.ring.occupied_len()
    }

    pub fn health(&self) -> Arc<Health> {
        Arc::clone(&self.shared.health)
    }

    fn advance(&mut self, taken: usize) {
        self.read += taken as u64;
        self.runs.sound(taken as u64);
        if taken > 0 {
            self.sounding = true;
            self.decay = 0;
        }
    }

    fn add_cues(&mut self, out: &mut [f32]) {
        for (sample, cue) in out.iter_mut().zip(self.cues.pop_iter()) {
            *sample = (*sample + cue).clamp(-1.0, 1.0);
        }
    }

    /// Carries out a pending discard: fades what sounds, drops the rest. Returns the frames written.
    fn flush(&mut self, out: &mut [f32], audible: u64) -> usize {
        let until = self.shared.discard.load(Ordering::Acquire);
        if until <= self.read {
            self.acknowledge(until, audible);
            return 0;
        }
        let left = (until - self.read) as usize;
        let length = if self.sounding { self.fade.min(left).min(out.len()) } else { 0 };
        let faded = self.ring.pop_slice(&mut out[..length]);
        fade_out(&mut out[..faded]);
        self.read += faded as u64;
        self.acknowledge(until, audible);
        self.ring.skip((until - self.read) as usize);
        self.read = until;
        self.runs = Runs::default();
        self.sounding = false;
        self.decay = 0;
        faded
    }

    /// Takes out what is needed to fade, once. Returns the frames written.
    fn pause(&mut self, out: &mut [f32]) -> usize {
        if !self.sounding {
            return 0;
        }
        let length = self.fade.min(out.len());
        let faded = self.ring.pop_slice(&mut out[..length]);
        fade_out(&mut out[..faded]);
        faded
    }

    /// Silence that is meant.
    fn rest(&mut self, out: &mut [f32]) {
        if self.sounding {
            self.sounding = false;
            self.fade_in = self.fade;
        }
        self.decay = 0;
        self.runs.silence(out.len() as u64);
        out.fill(0.0);
    }

    fn fade_in(&mut self, out: &mut [f32]) {
        let length = self.fade as f32;
        for sample in out.iter_mut().take(self.fade_in) {
            *sample *= 1.0 - self.fade_in as f32 / length;
            self.fade_in -= 1;
        }
    }

    fn acknowledge(&self, until: u64, audible: u64) {
        if self.shared.discarded.load(Ordering::Relaxed) != until {
            self.shared.discard_audible.store(audible.min(until), Ordering::Relaxed);
            self.shared.discard_read.store(self.read.min(until), Ordering::Relaxed);
            self.shared.discarded.store(until, Ordering::Release);
        }
    }

    fn silence(&mut self, out: &mut [f32]) {
        if !out.is_empty() && self.sounding {
            self.sounding = false;
            self.decay = self.fade;
            if self.shared.settled.load(Ordering::Acquire) != self.read {
                self.shared.underruns.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.runs.silence(out.len() as u64);
        for sample in out {
            self.decay = self.decay.saturating_sub(1);
            *sample = self.last * self.decay as f32 / self.fade as f32;
        }
    }
}

impl PlaybackSink {
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// Frames ever put in.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Frames ever taken out, thrown-away ones with them.
    pub(super) fn read(&self) -> u64 {
        self.shared.read.load(Ordering::Acquire)
    }

    /// The position that has left the speaker.
    pub(super) fn audible(&self) -> u64 {
        self.shared.audible.load(Ordering::Relaxed)
    }

    pub(super) fn fill(&self) -> usize {
        self.written.saturating_sub(self.read()) as usize
    }

    /// Frames that the ring should hold: one callback and 40 ms, in which even on a busy machine the audio thread
    /// gets its turn. Nothing waits for them: the first ones are taken by the next callback, and a flush drops them.
    pub(super) fn target(&self) -> usize {
        let callback = self.shared.largest.load(Ordering::Relaxed).max(self.hint) as usize;
        (callback + frames_in(40, self.rate)).min(self.ring.capacity().get())
    }

    /// At this fill a callback may run dry before the audio thread has its next turn: what whole callbacks take in
    /// the 7 ms until then.
    pub(super) fn low_water(&self) -> usize {
        let turn = frames_in(7, self.rate);
        let callback = (self.shared.largest.load(Ordering::Relaxed) as usize).max(1);
        (turn / callback + 1) * callback
    }

    /// Puts in what fits; returns how many frames.
    pub(super) fn push(&mut self, frames: &[f32]) -> usize {
        let pushed = self.ring.push_slice(frames);
        self.written += pushed as u64;
        pushed
    }

    /// Has these frames added to what plays, after those of earlier cues; what does not fit is left out.
    pub(super) fn push_cue(&mut self, frames: &[f32]) {
        self.cues.push_slice(frames);
    }

    /// Says that after `frames` more frames silence is right.
    pub(super) fn settle_after(&self, frames: usize) {
        self.shared.settled.store(self.written + frames as u64, Ordering::Release);
    }

    /// From the next callback on: silence, and nothing is taken out, until it is told otherwise.
    pub(super) fn set_paused(&self, paused: bool) {
        self.shared.paused.store(paused, Ordering::Release);
    }

    /// Appends all that was handed to the device since the last call.
    pub(super) fn take_reference(&mut self, out: &mut Vec<f32>) {
        let start = out.len();
        out.resize(start + self.reference.occupied_len(), 0.0);
        let taken = self.reference.pop_slice(&mut out[start..]);
        out.truncate(start + taken);
    }

    /// Has the next callback throw away all that is in the ring. Returns the position to wait for.
    pub(super) fn discard(&mut self) -> u64 {
        self.settle_after(0);
        self.shared.discard.store(self.written, Ordering::Release);
        self.written
    }

    /// Whether a discard up to `until` was carried out: then what was audible and what was taken, as positions.
    pub(super) fn discarded(&self, until: u64) -> Option<(u64, u64)> {
        let done = self.shared.discarded.load(Ordering::Acquire) >= until;
        done.then(|| {
            let load = |a: &AtomicU64| a.load(Ordering::Relaxed);
            (load(&self.shared.discard_audible), load(&self.shared.discard_read))
        })
    }

    /// Underruns that the callback met since the last call.
    pub(super) fn drain_underruns(&self) -> u64 {
        self.shared.underruns.swap(0, Ordering::Relaxed)
    }

    /// The loudest sample since the last call.
    pub(super) fn drain_level(&self) -> f32 {
        self.shared.level.drain()
    }

    pub(super) fn health(&self) -> Arc<Health> {
        Arc::clone(&self.shared.health)
    }
}

/// Linear to nothing.
pub(super) fn fade_out(frames: &mut [f32]) {
    let length = frames.len() as f32;
    for (i, sample) in frames.iter_mut().enumerate() {
        *sample *= 1.0 - (i + 1) as f32 / length;
    }
}

fn crest(frames: &[f32]) -> f32 {
    frames.iter().fold(0.0, |m, s| m.max(s.abs()))
}

/// The last runs of sound and silence that were handed to the device, newest first: silence, sound, silence.
struct Runs {
    silent: u64,
    sounding: u64,
    before: u64,
}

impl Default for Runs {
    fn default() -> Self {
        Self { silent: 0, sounding: 0, before: u64::MAX }
    }
}

impl Runs {
    fn sound(&mut self, frames: u64) {
        if frames > 0 && self.silent > 0 {
            *self = Self { silent: 0, sounding: 0, before: self.silent };
        }
        self.sounding += frames;
    }

    fn silence(&mut self, frames: u64) {
        self.silent += frames;
    }

    /// How many of the newest `latency` frames were sound.
    fn pending(&self, latency: u64) -> u64 {
        let rest = latency.saturating_sub(self.silent);
        let newest = rest.min(self.sounding);
        newest + (rest - newest).saturating_sub(self.before)
    }
}

#[cfg(test)]
mod tests;
