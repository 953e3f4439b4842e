//! A bad network, between a server and its client: events that come late, and connections that are cut. Pure.

use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Faults {
    /// Every event of the server arrives this much later,
    pub latency: Duration,
    /// and up to this much more. The order stays, as TCP has it.
    pub jitter: Duration,
    /// Before which share of the server's events the connection is cut, 0 to 1. TCP loses no single events; what is
    /// lost is the connection.
    pub cuts: f64,
}

/// The faults of one connection, one after the other.
#[derive(Debug)]
pub(super) struct Weather {
    faults: Faults,
    rng: fastrand::Rng,
    last: Option<Instant>,
}

impl Weather {
    pub(super) fn new(faults: Faults, seed: u64) -> Self {
        Self { faults, rng: fastrand::Rng::with_seed(seed), last: None }
    }

    /// Whether the connection is cut before the next event.
    pub(super) fn cuts(&mut self) -> bool {
        self.faults.cuts > 0.0 && self.rng.f64() < self.faults.cuts
    }

    /// When an event that is made `now` may arrive; `None` for at once.
    pub(super) fn due(&mut self, now: Instant) -> Option<Instant> {
        if self.faults.latency.is_zero() && self.faults.jitter.is_zero() {
            return None;
        }
        let late = now + self.faults.latency + self.faults.jitter.mul_f64(self.rng.f64());
        let due = self.last.map_or(late, |last| last.max(late));
        self.last = Some(due);
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weather(faults: Faults, seed: u64) -> Weather {
        Weather::new(faults, seed)
    }

    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn without_faults_events_arrive_at_once() {
        let mut clear = weather(Faults::default(), 1);
        assert_eq!((clear.due(start()), clear.cuts()), (None, false));
    }

    #[test]
    fn late_events_stay_in_their_order_and_within_their_time() {
        let (latency, jitter) = (Duration::from_millis(100), Duration::from_millis(50));
        let mut bad = weather(Faults { latency, jitter, cuts: 0.0 }, 1);
        let now = start();
        let dues: Vec<_> = (0..50).filter_map(|_| bad.due(now)).collect();
        assert_eq!(dues.len(), 50);
        assert!(dues.is_sorted());
        assert!(dues.iter().all(|due| (latency..=latency + jitter).contains(&(*due - now))));
        assert_ne!(dues[0], dues[49], "they are not all equally late");
    }

    #[test]
    fn the_same_seed_gives_the_same_faults() {
        let faults = Faults { jitter: Duration::from_millis(50), cuts: 0.2, ..Faults::default() };
        let now = start();
        let run = |seed| {
            let mut bad = weather(faults, seed);
            (0..40).map(|_| (bad.cuts(), bad.due(now))).collect::<Vec<_>>()
        };
        assert_eq!(run(3), run(3));
        assert_ne!(run(3), run(4));
        let cuts = run(3).iter().filter(|(cut, _)| *cut).count();
        assert!((1..30).contains(&cuts), "{cuts}");
    }
}
