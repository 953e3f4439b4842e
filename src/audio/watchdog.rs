//! Tells from a stream's counts whether it is alive. Pure: time and counts are arguments.
//!
//! Devices do not always say that they are gone: some just stop calling back, others report the same error
//! 100,000 times a second.

use std::time::Duration;

use super::health::{Fault, Health};

/// No callback for this long is worth a word.
const STALL: Duration = Duration::from_secs(1);
/// No callback for this long: open the device again.
const DEAD: Duration = Duration::from_secs(3);
/// Errors without a callback in [`FLOOD_QUIET`] that make a flood.
const FLOOD: u64 = 50;
const FLOOD_QUIET: Duration = Duration::from_millis(150);
/// When the other direction has died, no callback for this long is death too: often the sound server has gone.
const SUSPECT_QUIET: Duration = Duration::from_millis(300);
const SUSPICION: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    /// It has just stopped calling back.
    Stalled,
    /// It has just begun to call back again after [`Verdict::Stalled`].
    Revived,
    /// It has to be opened again.
    Dead(Fault),
}

/// Watches one stream from when it was opened.
#[derive(Debug)]
pub(super) struct Watchdog {
    callbacks: u64,
    alive_at: Duration,
    errors_then: u64,
    stalled: bool,
    suspected: Option<Duration>,
}

impl Watchdog {
    pub(super) fn new(now: Duration) -> Self {
        Self { callbacks: 0, alive_at: now, errors_then: 0, stalled: false, suspected: None }
    }

    /// The other direction has just died.
    pub(super) fn suspect(&mut self, now: Duration) {
        self.suspected = Some(now);
    }

    pub(super) fn check(&mut self, now: Duration, health: &Health) -> Verdict {
        if let Some(fault) = health.fatal() {
            return Verdict::Dead(fault);
        }
        if health.callbacks() != self.callbacks {
            self.callbacks = health.callbacks();
            self.errors_then = health.errors();
            self.alive_at = now;
            return if std::mem::take(&mut self.stalled) { Verdict::Revived } else { Verdict::Fine };
        }
        let suspected = self.suspected.is_some_and(|at| now.saturating_sub(at) <= SUSPICION);
        self.quiet(now.saturating_sub(self.alive_at), suspected, health)
    }

    fn quiet(&mut self, quiet: Duration, suspected: bool, health: &Health) -> Verdict {
        let flood = health.errors() - self.errors_then >= FLOOD && quiet >= FLOOD_QUIET;
        if flood || quiet >= if suspected { SUSPECT_QUIET } else { DEAD } {
            return Verdict::Dead(health.last_fault());
        }
        if quiet >= STALL && !self.stalled {
            self.stalled = true;
            return Verdict::Stalled;
        }
        Verdict::Fine
    }
}

#[cfg(test)]
mod tests;
