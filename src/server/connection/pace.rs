//! How many events a second a client may send. Pure.

use std::time::{Duration, Instant};

/// A client may send this many at once, as when it tells of an old conversation,
const BURST: u32 = 4_000;
/// and this many a second in the long run: twenty times what live sound needs.
const PER_SECOND: u32 = 1_000;

/// A bucket of events.
#[derive(Debug)]
pub(super) struct Pace {
    left: f64,
    since: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { left: f64::from(BURST), since: now }
    }

    /// Counts one event. `Some` when the client has to wait, until when.
    pub(super) fn take(&mut self, now: Instant) -> Option<Instant> {
        let passed = now.saturating_duration_since(self.since).as_secs_f64();
        self.since = now;
        self.left = (self.left + passed * f64::from(PER_SECOND)).min(f64::from(BURST)) - 1.0;
        (self.left < 0.0).then(|| now + Duration::from_secs_f64(-self.left / f64::from(PER_SECOND)))
    }
}

#[cfg(test)]
mod tests;
