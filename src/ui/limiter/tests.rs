#![expect(clippy::disallowed_methods, reason = "an instant to count from")]

use super::*;

#[test]
fn frames_follow_changes_at_most_every_33_ms() {
    let start = Instant::now();
    let mut limiter = FrameLimiter::default();
    // (at ms, changed before, drawn then)
    let table = [
        (0, false, false),
        (1, true, true),
        (2, false, false),
        (10, true, false),
        (33, true, false),
        (34, false, true),
        (35, false, false),
        (500, false, false),
        (501, true, true),
    ];
    for (at, changed, drawn) in table {
        if changed {
            limiter.request();
        }
        assert_eq!(limiter.take(start + Duration::from_millis(at)), drawn, "at {at} ms");
    }
}

#[test]
fn the_driver_is_told_when_to_come_back() {
    let start = Instant::now();
    let mut limiter = FrameLimiter::default();
    assert_eq!(limiter.due(start), None);
    limiter.request();
    assert_eq!(limiter.due(start), Some(start));
    assert!(limiter.take(start));
    limiter.request();
    assert_eq!(limiter.due(start + Duration::from_millis(5)), Some(start + FRAME));
}
