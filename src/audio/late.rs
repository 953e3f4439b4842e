//! Tells from its callbacks whether a playing device ran dry. Pure; it is part of the callback.
//!
//! Most sound systems do not report it: the sound they had is over, and the next callback comes only then.

use std::time::Duration;

/// Clocks of devices are read a little unevenly.
const TOLERANCE: Duration = Duration::from_millis(2);
/// Who is away for longer was stopped or asleep: no buffer could have helped.
const AWAY: Duration = Duration::from_millis(250);
/// A device that has just begun calls back unevenly.
const SETTLING: Duration = Duration::from_secs(1);

/// Watches the callbacks of one stream.
#[derive(Debug, Default)]
pub(super) struct Late {
    began: Option<Duration>,
    last: Duration,
    dry_at: Duration,
}

impl Late {
    /// A callback at `now`, on any steady clock, asks for `length` of sound that will be heard after `latency`.
    /// Whether the device had run dry before.
    pub(super) fn call(&mut self, now: Duration, latency: Duration, length: Duration) -> bool {
        let began = *self.began.get_or_insert(now);
        let settled = self.last.saturating_sub(began) >= SETTLING;
        let away = now.saturating_sub(self.last) >= AWAY;
        let dry = settled && !away && now > self.dry_at + TOLERANCE;
        if away {
            self.began = Some(now);
        }
        self.last = now;
        self.dry_at = now + latency + length;
        dry
    }
}

#[cfg(test)]
mod tests;
