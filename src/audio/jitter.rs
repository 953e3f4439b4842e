//! How long playback waits for sound: learned from how late the sound of recent tracks came.
//!
//! Pure: whoever calls gives the time. A chunk is late by the time since its track's first chunk came, less the
//! sound before it; a track that began to play that much later would not have run dry. What is kept is a histogram
//! of the lateness of chunks, against the least late of their track so far, as WebRTC's `NetEq` does: the first chunk
//! may itself have been late. A server that sends faster than real time is early, and nothing waits for it.

use std::time::Duration;

use crate::pcm::SESSION_RATE;

/// Width of a bucket of the histogram, in ms.
const BUCKET_MS: f64 = 5.0;
/// The lateness of the first bucket; what is earlier counts there.
const EARLIEST_MS: f64 = -100.0;
const BUCKETS: usize = 100;
/// The share of chunks that have to be in time.
const QUANTILE: f64 = 0.95;
/// Weight of the past when a chunk comes: the last 500 chunks count.
const FORGET: f64 = 0.998;
/// How far the first chunk of a track may have been late itself. Who is earlier than this sends faster than real
/// time.
const FIRST_LATE_MS: f64 = 100.0;
/// The longest that is waited.
const MOST_MS: f64 = 400.0;
/// How much longer is waited after an underrun, at least and at most.
const STEP_MS: (f64, f64) = (20.0, 40.0);
/// What an underrun has raised sinks by this in a second.
const CALM_MS_PER_S: f64 = 5.0;

/// When the sound of one track came.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Arrivals {
    /// When the first chunk came, or the first one after an underrun.
    first: Option<Duration>,
    /// Sound that came since then, in ms.
    sound_ms: f64,
    /// How far the earliest chunk was ahead of real time, in ms.
    early_ms: f64,
    /// All of it was played and more was to come.
    dry: bool,
}

impl Arrivals {
    /// The track ran dry. The next chunk begins it anew.
    pub(super) fn run_dry(&mut self) {
        self.dry = true;
    }

    fn begin(&mut self, now: Duration) {
        *self = Self { first: Some(now), ..Self::default() };
    }

    fn elapsed_ms(&self, now: Duration) -> f64 {
        self.first.map_or(0.0, |first| millis(now.saturating_sub(first)))
    }
}

/// What is known of the network and the server.
#[derive(Debug)]
pub(super) struct Jitter {
    /// The wait when nothing is known.
    base_ms: f64,
    lateness: [f64; BUCKETS],
    weight: f64,
    /// What the last underruns would have needed.
    raised_ms: f64,
    raised_at: Duration,
}

impl Jitter {
    pub(super) fn new(base_ms: u64) -> Self {
        let lateness = [0.0; BUCKETS];
        Self {
            base_ms: base_ms as f64,
            lateness,
            weight: 0.0,
            raised_ms: EARLIEST_MS,
            raised_at: Duration::ZERO,
        }
    }

    /// Takes note of `samples` that came for a track. Returns whether they end an underrun.
    pub(super) fn arrived(&mut self, arrivals: &mut Arrivals, samples: usize, now: Duration) -> bool {
        if samples == 0 {
            return false;
        }
        let ends_underrun = std::mem::take(&mut arrivals.dry);
        if arrivals.first.is_some() {
            let late = arrivals.elapsed_ms(now) - arrivals.sound_ms;
            let need = late + arrivals.early_ms.min(FIRST_LATE_MS);
            self.learn(need);
            if ends_underrun {
                self.raise(need, now);
            }
            arrivals.early_ms = arrivals.early_ms.max(-late);
        }
        if arrivals.first.is_none() || ends_underrun {
            arrivals.begin(now);
        }
        arrivals.sound_ms += samples_ms(samples as u64);
        ends_underrun
    }

    /// Whether a track that has `waiting` samples may begin, or go on after it ran dry. `headroom_ms` is what the
    /// player cannot do without.
    pub(super) fn is_enough(
        &self,
        arrivals: &Arrivals,
        waiting: u64,
        headroom_ms: u64,
        now: Duration,
    ) -> bool {
        let waiting_ms = samples_ms(waiting);
        if waiting == 0 || waiting_ms < headroom_ms as f64 {
            return false;
        }
        let early_ms = if self.is_ignorant() { waiting_ms - self.base_ms } else { arrivals.early_ms };
        arrivals.elapsed_ms(now) + early_ms >= self.wait_ms(headroom_ms, now)
    }

    /// From a track's first sound to its beginning, in ms, if it comes at the pace of real time.
    pub(super) fn wait_ms(&self, headroom_ms: u64, now: Duration) -> f64 {
        if self.is_ignorant() {
            return self.base_ms;
        }
        (self.expected_ms(now) + headroom_ms as f64).clamp(0.0, MOST_MS)
    }

    fn is_ignorant(&self) -> bool {
        self.weight == 0.0
    }

    fn learn(&mut self, late_ms: f64) {
        let bucket = ((late_ms - EARLIEST_MS) / BUCKET_MS).clamp(0.0, (BUCKETS - 1) as f64) as usize;
        self.lateness.iter_mut().for_each(|weight| *weight *= FORGET);
        self.lateness[bucket] += 1.0;
        self.weight = self.weight * FORGET + 1.0;
    }

    /// For the rebuffering there is not the time to learn. One long pause is not answered by as long a wait.
    fn raise(&mut self, late_ms: f64, now: Duration) {
        let before = self.expected_ms(now).max(0.0);
        self.raised_ms = late_ms.clamp(before + STEP_MS.0, before + STEP_MS.1);
        self.raised_at = now;
    }

    /// The lateness to be ready for.
    fn expected_ms(&self, now: Duration) -> f64 {
        let calm = millis(now.saturating_sub(self.raised_at)) / 1000.0 * CALM_MS_PER_S;
        self.usual_lateness().max(self.raised_ms - calm)
    }

    /// The upper edge of the bucket below which [`QUANTILE`] of the chunks are.
    fn usual_lateness(&self) -> f64 {
        let mut below = 0.0;
        let bucket = self.lateness.iter().position(|weight| {
            below += weight;
            below >= QUANTILE * self.weight
        });
        EARLIEST_MS + (bucket.unwrap_or(BUCKETS - 1) + 1) as f64 * BUCKET_MS
    }
}

fn samples_ms(samples: u64) -> f64 {
    samples as f64 * 1000.0 / f64::from(SESSION_RATE)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests;
