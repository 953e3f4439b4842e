use super::*;
use crate::audio::ring::capture_ring;
use crate::audio::tests::device;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn silence_is_a_stall_after_one_second_and_death_after_three() {
    let health = Health::default();
    let mut watchdog = Watchdog::new(ms(500));
    assert_eq!(watchdog.check(ms(1_499), &health), Verdict::Fine);
    assert_eq!(watchdog.check(ms(1_500), &health), Verdict::Stalled);
    assert_eq!(watchdog.check(ms(3_499), &health), Verdict::Fine, "a stall is told once");
    assert_eq!(watchdog.check(ms(3_500), &health), Verdict::Dead(Fault::None));
}

#[test]
fn a_callback_after_a_stall_is_a_revival() {
    let (mut callback, source) = capture_ring(&device(8_000, 1));
    let health = source.health();
    let mut watchdog = Watchdog::new(ms(0));
    assert_eq!(watchdog.check(ms(1_000), &health), Verdict::Stalled);
    callback.process(&[0.0], Duration::ZERO);
    assert_eq!(watchdog.check(ms(2_000), &health), Verdict::Revived);
    assert_eq!(watchdog.check(ms(2_999), &health), Verdict::Fine);
    assert_eq!(watchdog.check(ms(3_000), &health), Verdict::Stalled);
}

#[test]
fn a_flood_of_errors_is_death_only_without_callbacks() {
    let (mut callback, source) = capture_ring(&device(8_000, 1));
    let health = source.health();
    let mut watchdog = Watchdog::new(ms(0));
    (0..10_000).for_each(|_| health.fault(Fault::System));
    assert_eq!(watchdog.check(ms(25), &health), Verdict::Fine, "some hosts do so when they start");
    callback.process(&[0.0], Duration::ZERO);
    assert_eq!(watchdog.check(ms(50), &health), Verdict::Fine);
    assert_eq!(watchdog.check(ms(200), &health), Verdict::Fine, "errors before the callback are forgiven");
    (0..50).for_each(|_| health.fault(Fault::System));
    assert_eq!(watchdog.check(ms(201), &health), Verdict::Dead(Fault::System));
}

#[test]
fn a_device_that_is_gone_is_dead_at_once_and_a_gap_is_harmless() {
    let health = Health::default();
    let mut watchdog = Watchdog::new(ms(0));
    (0..1_000).for_each(|_| health.fault(Fault::Harmless));
    assert_eq!(watchdog.check(ms(500), &health), Verdict::Fine);
    health.fault(Fault::Gone);
    health.fault(Fault::System);
    assert_eq!(watchdog.check(ms(500), &health), Verdict::Dead(Fault::Gone));
}

#[test]
fn when_the_other_direction_has_died_a_short_silence_is_death_too() {
    let (mut callback, source) = capture_ring(&device(8_000, 1));
    let health = source.health();
    let mut watchdog = Watchdog::new(ms(0));
    watchdog.suspect(ms(100));
    assert_eq!(watchdog.check(ms(299), &health), Verdict::Fine);
    callback.process(&[0.0], Duration::ZERO);
    assert_eq!(watchdog.check(ms(300), &health), Verdict::Fine, "it lives");
    assert_eq!(watchdog.check(ms(600), &health), Verdict::Dead(Fault::None));
    let mut watchdog = Watchdog::new(ms(0));
    watchdog.suspect(ms(0));
    assert_eq!(watchdog.check(ms(1_001), &health), Verdict::Fine, "a callback, and the suspicion is over");
    assert_eq!(watchdog.check(ms(1_400), &health), Verdict::Fine);
}
