use super::*;

const HEADROOM: u64 = 20;

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// Lets a track of 20 ms chunks come at these times.
fn track(jitter: &mut Jitter, times: impl IntoIterator<Item = u64>) -> Arrivals {
    let mut arrivals = Arrivals::default();
    for time in times {
        jitter.arrived(&mut arrivals, 480, ms(time));
    }
    arrivals
}

fn wait(jitter: &Jitter, at: u64) -> u64 {
    jitter.wait_ms(HEADROOM, ms(at)) as u64
}

#[test]
fn a_server_in_real_time_needs_no_more_than_the_headroom() {
    let mut jitter = Jitter::new(20);
    assert_eq!(wait(&jitter, 0), 20);
    track(&mut jitter, (0..100).map(|i| i * 20));
    assert_eq!(wait(&jitter, 2_000), 5 + HEADROOM, "a bucket counts with its upper edge");
}

#[test]
fn a_server_that_bursts_is_not_waited_for() {
    let mut jitter = Jitter::new(20);
    track(&mut jitter, [0, 3, 5, 8, 10, 13, 15, 18]);
    let arrivals = track(&mut jitter, [1_000]);
    assert_eq!(wait(&jitter, 1_000), 5);
    assert!(!jitter.is_enough(&arrivals, 480, HEADROOM, ms(1_000)));
    let arrivals = track(&mut jitter, [2_000, 2_003]);
    assert!(jitter.is_enough(&arrivals, 960, HEADROOM, ms(2_003)), "it is ahead by more than is needed");
}

#[test]
fn what_is_needed_follows_the_usual_lateness_and_not_a_single_one() {
    let mut jitter = Jitter::new(20);
    let late = |i: u64| i * 20 + if i % 5 == 4 { 55 } else { 0 };
    track(&mut jitter, (0..100).map(late));
    assert_eq!(wait(&jitter, 3_000), 60 + HEADROOM);
    track(&mut jitter, (0..500).map(|i| 3_000 + i * 20));
    track(&mut jitter, [13_000, 13_320]);
    assert_eq!(wait(&jitter, 14_000), 5 + HEADROOM, "it is forgotten");
}

#[test]
fn a_late_first_chunk_does_not_hide_the_jitter_of_the_others() {
    let mut jitter = Jitter::new(20);
    track(&mut jitter, (0..100).map(|i| i * 20 + if i % 2 == 0 { 55 } else { 0 }));
    assert_eq!(wait(&jitter, 3_000), 60 + HEADROOM);
}

#[test]
fn an_underrun_raises_the_wait_at_once_by_a_step_and_calm_lets_it_sink() {
    let mut jitter = Jitter::new(20);
    let mut arrivals = track(&mut jitter, (0..200).map(|i| i * 20));
    arrivals.run_dry();
    assert!(jitter.arrived(&mut arrivals, 480, ms(4_500)));
    assert_eq!(wait(&jitter, 4_500), 5 + 40 + HEADROOM);
    assert!(!jitter.is_enough(&arrivals, 480, HEADROOM, ms(4_500)), "it begins anew");
    assert!(jitter.is_enough(&arrivals, 480, HEADROOM, ms(4_565)));
    assert_eq!(wait(&jitter, 8_500), 5 + 20 + HEADROOM);
    assert_eq!(wait(&jitter, 20_000), 5 + HEADROOM);
}

#[test]
fn nothing_is_waited_for_longer_than_400_ms_and_less_than_the_headroom_is_never_enough() {
    let mut jitter = Jitter::new(20);
    track(&mut jitter, (0..20).map(|i| i * 1_000));
    assert_eq!(wait(&jitter, 20_000), 400);
    let arrivals = track(&mut jitter, [30_000]);
    assert!(!jitter.is_enough(&arrivals, 24 * HEADROOM - 1, HEADROOM, ms(40_000)));
    assert!(jitter.is_enough(&arrivals, 24 * HEADROOM, HEADROOM, ms(40_000)));
    assert!(!jitter.is_enough(&arrivals, 0, 0, ms(40_000)));
}
