use super::*;

const BLOCK: usize = 480;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Blocks of 10 ms that arrive in time, up to `until_ms`; the last one's age.
fn in_time(arrival: &mut Arrival, from_ms: u64, until_ms: u64) -> Duration {
    (from_ms..until_ms).step_by(10).map(|at| arrival.age(ms(at), BLOCK)).last().expect("some")
}

#[test]
fn sound_that_comes_as_it_is_recorded_is_fresh() {
    let mut arrival = Arrival::new(48_000);
    assert!(in_time(&mut arrival, 0, 10_000) < ms(1));
    let uneven: Vec<_> = (1..20).map(|i| arrival.age(ms(10_000 + i * 10 + i % 3 * 20), BLOCK)).collect();
    assert!(uneven.iter().all(|age| *age <= ms(51)), "{uneven:?}");
}

#[test]
fn a_burst_after_a_stop_begins_old_and_ends_fresh() {
    let mut arrival = Arrival::new(48_000);
    in_time(&mut arrival, 0, 1_000);
    // Nothing was read for four seconds; then all of it comes within 40 ms.
    let burst: Vec<_> = (0..404).map(|i| arrival.age(ms(5_000 + i / 10), BLOCK)).collect();
    assert!(burst[0] > ms(3_900), "{:?}", burst[0]);
    let stale = burst.iter().filter(|age| **age > ms(500)).count();
    assert!((345..365).contains(&stale), "{stale}");
    assert!(burst[403] < ms(30), "{:?}", burst[403]);
}

#[test]
fn sound_after_a_time_without_any_is_old_only_until_that_is_clear() {
    let mut arrival = Arrival::new(48_000);
    in_time(&mut arrival, 0, 1_000);
    assert!(arrival.age(ms(5_000), BLOCK) > ms(3_900));
    let after: Vec<_> = (1..60).map(|i| arrival.age(ms(5_000 + i * 10), BLOCK)).collect();
    assert!(after[20] > ms(3_900) && after[32] < ms(1), "{after:?}");
}

#[test]
fn a_clock_that_runs_slow_does_not_age_the_sound() {
    let mut arrival = Arrival::new(48_000);
    let hour = 360_000_u64;
    let worst = (0..hour).map(|i| arrival.age(Duration::from_micros(i * 10_003), BLOCK)).max();
    assert!(worst.expect("some") < ms(110), "300 ppm slow: {worst:?}");
}
