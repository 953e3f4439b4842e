use super::*;
use crate::conversation::tests::start;

const MS: Duration = Duration::from_millis(1);

/// Pieces of 100 ms, one every `step`; what was told, with its time in tenths of a second.
fn told(pace: &mut Pace, item: &str, step: Duration, pieces: u32, from: Instant) -> Vec<(u128, Late)> {
    let at = |n: u32| from + step * n;
    (0..pieces)
        .filter_map(|n| {
            let late = pace.came(&item.into(), SESSION_RATE as usize / 10, at(n))?;
            Some((at(n).duration_since(from).as_millis() / 100, late))
        })
        .collect()
}

#[test]
fn sound_at_its_own_pace_is_never_late_be_it_in_a_burst_or_not() {
    let mut pace = Pace::default();
    assert_eq!(told(&mut pace, "a", 100 * MS, 6_000, start()), []);
    assert_eq!(told(&mut pace, "b", MS, 6_000, start()), []);
}

#[test]
fn sound_at_an_eighth_of_its_pace_is_told_of_soon_and_every_ten_seconds() {
    let told = told(&mut Pace::default(), "a", 800 * MS, 40, start());
    let times: Vec<u128> = told.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [24, 128, 232], "in tenths of a second");
    assert_eq!(told[0].1, Late { sound: 300 * MS, time: 2_400 * MS, first: true });
    assert!(!told[1].1.first && !told[2].1.first);
}

#[test]
fn each_answer_is_measured_by_itself() {
    let mut pace = Pace::default();
    let begin = start();
    assert_eq!(told(&mut pace, "a", 100 * MS, 10, begin), []);
    assert_eq!(
        told(&mut pace, "b", 100 * MS, 10, begin + 60_000 * MS),
        [],
        "the pause before it does not count"
    );
    let later = told(&mut pace, "c", 800 * MS, 10, begin + 90_000 * MS);
    assert!(later[0].1.first);
}
