use proptest::prelude::*;

use super::*;

#[expect(clippy::disallowed_methods, reason = "a test needs some beginning")]
fn start() -> Instant {
    Instant::now()
}

const LIMIT: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Copy)]
enum Step {
    Stroke(Stroke),
    Other,
    Away,
    Releases(bool),
    Toggle,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::sample::select(vec![Stroke::Press, Stroke::Repeat, Stroke::Release]).prop_map(Step::Stroke),
        1 => Just(Step::Other),
        1 => Just(Step::Away),
        1 => any::<bool>().prop_map(Step::Releases),
        1 => Just(Step::Toggle),
        5 => prop_oneof![20_u64..60, 100_u64..1000, 100_000_u64..200_000].prop_map(Step::Wait),
    ]
}

fn method() -> impl Strategy<Value = Method> {
    prop::sample::select(vec![Method::Auto, Method::Hold, Method::Repeat, Method::Toggle])
}

proptest! {
    /// Strokes come in any order, and any of them may be lost.
    #[test]
    fn takes_never_overlap_and_never_go_on_beyond_the_limit(
        method in method(), steps in prop::collection::vec(step(), 0..60)) {
        let mut key = TalkKey::new(method, LIMIT);
        let mut now = start();
        let mut since: Option<Instant> = None;
        let mut check = |talk: Option<Talk>, now: Instant| {
            match talk {
                Some(Talk::Start) => {
                    assert!(since.is_none(), "two starts");
                    since = Some(now);
                }
                Some(Talk::Stop { up_at, .. }) => {
                    let since = since.take().expect("a stop without a start");
                    assert!(up_at >= since && up_at <= now && now <= since + LIMIT);
                }
                None => {}
            }
            since
        };
        for step in steps {
            let talk = match step {
                Step::Stroke(stroke) => key.stroke(stroke, now),
                Step::Other => key.other_key(now),
                Step::Away => key.turn_away(now),
                Step::Toggle => key.toggle(now),
                Step::Releases(releases) => {
                    key.set_releases(releases);
                    None
                }
                Step::Wait(ms) => {
                    let end = now + Duration::from_millis(ms);
                    while let Some(at) = key.poll_timeout().filter(|at| *at <= end) {
                        let talk = key.timeout(at);
                        check(talk, at);
                        prop_assert!(key.poll_timeout() != Some(at), "it stays due");
                    }
                    now = end;
                    None
                }
            };
            let since = check(talk, now);
            prop_assert_eq!(key.is_talking(), since.is_some());
            if let Some(since) = since {
                prop_assert!(now <= since + LIMIT);
                prop_assert!(key.poll_timeout().is_some_and(|at| at <= since + LIMIT), "nobody comes back");
            }
        }
    }

    /// However it was left, one clean press talks again.
    #[test]
    fn a_person_is_never_locked_out(method in method(), steps in prop::collection::vec(step(), 0..40)) {
        let mut key = TalkKey::new(method, LIMIT);
        let mut now = start();
        for step in steps {
            now += Duration::from_millis(30);
            match step {
                Step::Stroke(stroke) => drop(key.stroke(stroke, now)),
                Step::Other => drop(key.other_key(now)),
                Step::Away => drop(key.turn_away(now)),
                Step::Toggle => drop(key.toggle(now)),
                Step::Releases(releases) => key.set_releases(releases),
                Step::Wait(ms) => now += Duration::from_millis(ms),
            }
        }
        key.other_key(now);
        now += Duration::from_secs(1);
        prop_assert_eq!(key.stroke(Stroke::Press, now), Some(Talk::Start));
    }
}

#[test]
fn slow_and_fast_repeats_are_learned_within_bounds() {
    for (interval, window) in [(20, 180), (40, 200), (90, 250)] {
        let mut key = TalkKey::new(Method::Repeat, LIMIT);
        let mut now = start();
        key.stroke(Stroke::Press, now);
        now += Duration::from_millis(500);
        for _ in 0..40 {
            now += Duration::from_millis(interval);
            assert_eq!(key.stroke(Stroke::Press, now), None);
        }
        let due = key.poll_timeout().unwrap().duration_since(now).as_millis();
        assert!(due.abs_diff(window) < 5, "{interval}: {due}");
    }
}

#[test]
fn repeats_after_the_end_belong_to_the_key_and_a_later_press_does_not() {
    let mut key = TalkKey::new(Method::Repeat, LIMIT);
    let mut now = start();
    key.stroke(Stroke::Press, now);
    now += Duration::from_millis(800);
    assert_eq!(key.timeout(now), None);
    assert!(key.is_open());
    assert!(matches!(key.stroke(Stroke::Press, now), Some(Talk::Stop { why: Stop::Key, .. })));
    for _ in 0..20 {
        now += Duration::from_millis(50);
        assert!(key.owns(Stroke::Press, now));
        assert_eq!(key.stroke(Stroke::Press, now), None);
    }
    now += Duration::from_millis(300);
    assert!(!key.owns(Stroke::Press, now));
}

#[test]
fn the_way_follows_what_the_terminal_can() {
    let way = |method, releases| {
        let mut key = TalkKey::new(method, LIMIT);
        key.set_releases(releases);
        key.way()
    };
    assert_eq!([way(Method::Auto, false), way(Method::Auto, true)], [Way::Repeat, Way::Hold]);
    assert_eq!([way(Method::Hold, false), way(Method::Hold, true)], [Way::Repeat, Way::Hold]);
    assert_eq!([way(Method::Repeat, true), way(Method::Toggle, true)], [Way::Repeat, Way::Toggle]);
}
