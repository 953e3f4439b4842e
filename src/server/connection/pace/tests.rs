use super::*;

#[expect(clippy::disallowed_methods, reason = "any instant will do")]
fn start() -> Instant {
    Instant::now()
}

#[test]
fn live_sound_never_waits() {
    let mut pace = Pace::new(start());
    assert!((0..100_000).all(|i| pace.take(start() + Duration::from_millis(20 * i)).is_none()));
}

#[test]
fn a_flood_waits_for_its_share() {
    let now = start();
    let mut pace = Pace::new(now);
    let free = (0..10_000).take_while(|_| pace.take(now).is_none()).count();
    assert_eq!(free, BURST as usize);
    let wait = pace.take(now).expect("has to wait") - now;
    assert!(wait <= Duration::from_millis(3), "{wait:?}");
    assert_eq!(pace.take(now + Duration::from_secs(1)), None);
}
