//! How long to wait before the next try. Pure: time and chance are arguments.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The shape of the waits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// The first wait is at most this.
    pub base: Duration,
    /// No wait is drawn above this.
    pub cap: Duration,
    /// A connection that held this long starts the waits anew.
    pub health: Duration,
    /// At most this many tries in any minute, whatever was drawn.
    pub per_minute: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(300),
            cap: Duration::from_secs(10),
            health: Duration::from_secs(10),
            per_minute: 15,
        }
    }
}

const MINUTE: Duration = Duration::from_mins(1);

/// Exponential waits with full jitter: each is drawn evenly between nothing and its nominal length.
#[derive(Debug, Clone)]
pub struct Backoff {
    policy: Policy,
    rng: fastrand::Rng,
    failures: u32,
    connected: Option<Instant>,
    tries: VecDeque<Instant>,
}

impl Backoff {
    pub fn new(policy: Policy, seed: u64) -> Self {
        Self {
            policy,
            rng: fastrand::Rng::with_seed(seed),
            failures: 0,
            connected: None,
            tries: VecDeque::new(),
        }
    }

    /// A try begins.
    pub fn trying(&mut self, now: Instant) {
        self.tries.push_back(now);
        while self.tries.len() > self.policy.per_minute {
            self.tries.pop_front();
        }
    }

    /// The try succeeded.
    pub fn connected(&mut self, now: Instant) {
        self.connected = Some(now);
    }

    /// The try failed, or its connection was lost: how long to wait from `now` on.
    pub fn next(&mut self, now: Instant) -> Duration {
        if self.connected.take().is_some_and(|since| now.duration_since(since) >= self.policy.health) {
            self.failures = 0;
        }
        let nominal = self.nominal();
        self.failures = self.failures.saturating_add(1);
        nominal.mul_f64(self.rng.f64()).max(self.rest_of_minute(now))
    }

    /// The longest wait that [`Self::next`] may draw now.
    pub fn nominal(&self) -> Duration {
        self.policy
            .base
            .saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX))
            .min(self.policy.cap)
    }

    fn rest_of_minute(&self, now: Instant) -> Duration {
        match self.tries.front() {
            Some(&oldest) if self.tries.len() >= self.policy.per_minute => {
                (oldest + MINUTE).saturating_duration_since(now)
            }
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests;
