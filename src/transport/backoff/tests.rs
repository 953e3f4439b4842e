use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn lavish() -> Policy {
    Policy { per_minute: usize::MAX, ..Policy::default() }
}

#[test]
fn nominal_waits_double_up_to_the_cap() {
    let now = Instant::now();
    let mut backoff = Backoff::new(lavish(), 1);
    let nominal: Vec<u128> = (0..8)
        .map(|_| {
            let nominal = backoff.nominal().as_millis();
            backoff.next(now);
            nominal
        })
        .collect();
    assert_eq!(nominal, [300, 600, 1200, 2400, 4800, 9600, 10_000, 10_000]);
}

#[test]
fn only_a_connection_that_held_starts_the_waits_anew() {
    let now = Instant::now();
    let mut backoff = Backoff::new(lavish(), 1);
    for _ in 0..5 {
        backoff.next(now);
    }
    backoff.connected(now);
    backoff.next(now + 9 * SECOND);
    assert_eq!(backoff.nominal(), 10 * SECOND, "nine seconds are not health");
    backoff.connected(now);
    assert!(backoff.next(now + 10 * SECOND) <= Duration::from_millis(300));
    backoff.next(now + 60 * SECOND);
    assert_eq!(backoff.nominal(), Duration::from_millis(1200), "health counts once");
}

proptest! {
    #[test]
    fn a_wait_lies_between_nothing_and_its_nominal_length(seed: u64, failures in 0_usize..200) {
        let now = Instant::now();
        let mut backoff = Backoff::new(lavish(), seed);
        for _ in 0..failures {
            backoff.next(now);
        }
        let nominal = backoff.nominal();
        prop_assert!(backoff.next(now) <= nominal);
    }

    #[test]
    fn the_same_seed_waits_the_same(seed: u64) {
        let now = Instant::now();
        let waits = |mut backoff: Backoff| (0..10).map(|_| backoff.next(now)).collect::<Vec<_>>();
        prop_assert_eq!(waits(Backoff::new(lavish(), seed)), waits(Backoff::new(lavish(), seed)));
    }

    #[test]
    fn a_server_that_accepts_and_closes_is_tried_at_most_fifteen_times_a_minute(seed: u64) {
        let mut now = Instant::now();
        let mut backoff = Backoff::new(Policy::default(), seed);
        let mut tries = Vec::new();
        for _ in 0..60 {
            backoff.trying(now);
            tries.push(now);
            backoff.connected(now);
            now += backoff.next(now);
        }
        for window in tries.windows(16) {
            prop_assert!(window[15] - window[0] >= MINUTE);
        }
    }
}

#[test]
fn waits_are_spread_over_their_whole_length() {
    let now = Instant::now();
    let draws: Vec<f64> =
        (0..1000).map(|seed| Backoff::new(lavish(), seed).next(now).as_secs_f64() / 0.3).collect();
    let mean = draws.iter().sum::<f64>() / 1000.0;
    assert!((0.45..0.55).contains(&mean), "{mean}");
    assert!(draws.iter().any(|&x| x < 0.05) && draws.iter().any(|&x| x > 0.95));
}
