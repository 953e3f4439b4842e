//! The two device callbacks, and the lock-free rings and counters between them and the audio thread.
//!
//! `process` of both callbacks must not lock, allocate, log or wake a thread: it copies and counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use ringbuf::traits::{Consumer as _, Observer as _, Producer as _, Split as _};
use ringbuf::{HeapCons, HeapProd, HeapRb};

use super::backend::DeviceInfo;
use super::meters::AtomicLevel;

/// Room in the rings: far more than is ever kept in them, so that even a huge device buffer fits.
const RING_MS: u64 = 2_500;
/// Length of the fade at a flush and at an underrun.
pub(super) const FADE_MS: u64 = 8;
/// Captured sound that reaches us later than this is of no use any more.
pub(super) const STALE: Duration = Duration::from_millis(500);

pub(super) fn frames_in(ms: u64, rate: u32) -> usize {
    crate::pcm::ms_to_samples(ms, rate) as usize
}

/// Duration to whole frames, rounded to the nearest.
pub(super) fn duration_frames(duration: Duration, rate: u32) -> u64 {
    ((duration.as_nanos() * u128::from(rate) + 500_000_000) / 1_000_000_000) as u64
}

/// What a stream last complained about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    None = 0,
    /// A gap or a change that needs nothing from us.
    Harmless = 1,
    /// The device is gone.
    Gone = 2,
    /// The stream or its server has ended.
    Ended = 3,
    /// The system reported an error it does not explain.
    System = 4,
    /// A file could not be written.
    Write = 5,
}

impl Fault {
    fn from_code(code: u8) -> Self {
        [Self::None, Self::Harmless, Self::Gone, Self::Ended, Self::System, Self::Write]
            .into_iter()
            .find(|&f| f as u8 == code)
            .unwrap_or(Self::System)
    }

    /// Whether the stream cannot go on.
    pub fn is_fatal(self) -> bool {
        matches!(self, Self::Gone | Self::Ended | Self::Write)
    }

    pub fn describe(self) -> &'static str {
        match self {
            Self::None | Self::Harmless => "no sound came through",
            Self::Gone => "the device is gone",
            Self::Ended => "the sound system closed the stream",
            Self::System => "the sound system reported errors",
            Self::Write => "the file could not be written, is the disk full?",
        }
    }
}

/// Counts of one stream; written by its callbacks, read by the watchdog.
#[derive(Debug, Default)]
pub struct Health {
    callbacks: AtomicU64,
    errors: AtomicU64,
    last_fault: AtomicU8,
    fatal: AtomicU8,
}

impl Health {
    fn beat(&self) {
        self.callbacks.fetch_add(1, Ordering::Relaxed);
    }

    /// For error callbacks, which may come 100,000 times a second.
    pub fn fault(&self, fault: Fault) {
        self.errors.fetch_add(u64::from(fault != Fault::Harmless), Ordering::Relaxed);
        self.last_fault.store(fault as u8, Ordering::Relaxed);
        if fault.is_fatal() {
            self.fatal.store(fault as u8, Ordering::Relaxed);
        }
    }

    pub(super) fn callbacks(&self) -> u64 {
        self.callbacks.load(Ordering::Relaxed)
    }

    pub(super) fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    pub(super) fn last_fault(&self) -> Fault {
        Fault::from_code(self.last_fault.load(Ordering::Relaxed))
    }

    pub(super) fn fatal(&self) -> Option<Fault> {
        Some(Fault::from_code(self.fatal.load(Ordering::Relaxed))).filter(|&f| f != Fault::None)
    }
}

#[derive(Debug, Default)]
struct CaptureShared {
    health: Arc<Health>,
    /// Frames lost: no room in the ring, or too old on arrival.
    lost: AtomicU64,
    /// Frames put into the ring when the last sound of a file had been put into it.
    end: AtomicU64,
    ended: AtomicBool,
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

    /// Frames that fit now.
    pub fn room(&self) -> usize {
        self.ring.vacant_len() / self.channels
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
    /// Running dry at this position is no underrun.
    settled: AtomicU64,
    underruns: AtomicU64,
    largest: AtomicU32,
    level: AtomicLevel,
}

/// The device's side of playback.
pub struct PlaybackCallback {
    ring: HeapCons<f32>,
    rate: u32,
    fade: usize,
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
    rate: u32,
    hint: u32,
    written: u64,
    shared: Arc<PlaybackShared>,
}

pub(super) fn playback_ring(info: &DeviceInfo) -> (PlaybackCallback, PlaybackSink) {
    let (producer, consumer) = HeapRb::new(frames_in(RING_MS, info.rate).max(1)).split();
    let shared = Arc::new(PlaybackShared::default());
    let callback = PlaybackCallback {
        ring: consumer,
        rate: info.rate,
        fade: frames_in(FADE_MS, info.rate).max(1),
        read: 0,
        audible: 0,
        runs: Runs::default(),
        sounding: false,
        last: 0.0,
        decay: 0,
        shared: Arc::clone(&shared),
    };
    let sink = PlaybackSink { ring: producer, rate: info.rate, hint: info.buffer_frames, written: 0, shared };
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
        let faded = self.flush(out, self.audible);
        let taken = self.ring.pop_slice(&mut out[faded..]);
        self.advance(taken);
        if let Some(&last) = out[..faded + taken].last() {
            self.last = if taken > 0 { last } else { 0.0 };
        }
        self.shared.level.raise(crest(&out[..faded + taken]));
        self.silence(&mut out[faded + taken..]);
        self.shared.read.store(self.read, Ordering::Release);
    }

    /// Says how many frames a device wants at once, when they are asked for in parts.
    pub fn expect(&self, frames: usize) {
        self.shared.largest.fetch_max(frames as u32, Ordering::Relaxed);
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

    /// Frames that the ring should hold: one callback and 20 ms, in which the audio thread gets its turn.
    pub(super) fn target(&self) -> usize {
        let callback = self.shared.largest.load(Ordering::Relaxed).max(self.hint) as usize;
        (callback + frames_in(20, self.rate)).min(self.ring.capacity().get())
    }

    /// At this fill the next callback may run dry before the audio thread has its next turn.
    pub(super) fn low_water(&self) -> usize {
        self.shared.largest.load(Ordering::Relaxed) as usize + frames_in(7, self.rate)
    }

    /// Puts in what fits; returns how many frames.
    pub(super) fn push(&mut self, frames: &[f32]) -> usize {
        let pushed = self.ring.push_slice(frames);
        self.written += pushed as u64;
        pushed
    }

    /// Says that after `frames` more frames silence is right.
    pub(super) fn settle_after(&self, frames: usize) {
        self.shared.settled.store(self.written + frames as u64, Ordering::Release);
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
