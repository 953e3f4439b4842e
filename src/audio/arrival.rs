//! Tells from when sound arrives how old it is, where the sound system puts no times on it. Pure.
//!
//! Sound that was held up comes in a burst, and the burst catches up. Sound that was never recorded does not.

use std::time::Duration;

/// Sound that stays late for this long without catching up is not late: there was none in between.
const SETTLE: Duration = Duration::from_millis(300);
/// What must be caught up in that time, if it is a burst.
const CATCHING_UP: f64 = 0.05;
/// Lateness under this is the machine's and the device's unevenness.
const UNEVEN: f64 = 0.1;

#[derive(Debug)]
pub(super) struct Arrival {
    rate: f64,
    frames: u64,
    /// The least that arrival ever was behind the frames, in seconds.
    freshest: f64,
    /// Since when it has been late, and by how much then.
    late: Option<(Duration, f64)>,
}

impl Arrival {
    pub(super) fn new(rate: u32) -> Self {
        Self { rate: f64::from(rate.max(1)), frames: 0, freshest: f64::INFINITY, late: None }
    }

    /// How much later than the freshest ones the next `frames` come, when they arrive `now`.
    pub(super) fn age(&mut self, now: Duration, frames: usize) -> Duration {
        self.frames += frames as u64;
        let behind = now.as_secs_f64() - self.frames as f64 / self.rate;
        self.freshest = self.freshest.min(behind);
        let age = behind - self.freshest;
        if age < UNEVEN {
            self.late = None;
        } else {
            let (since, then) = *self.late.get_or_insert((now, behind));
            if now.saturating_sub(since) >= SETTLE {
                let burst = then - behind >= CATCHING_UP;
                self.late = burst.then_some((now, behind));
                if !burst {
                    self.freshest = behind;
                }
            }
        }
        Duration::from_secs_f64((behind - self.freshest).max(0.0))
    }
}

#[cfg(test)]
mod tests;
