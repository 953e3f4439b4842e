use super::*;

/// Scores of blocks of 10 ms, one after the other; what was said of them, with the time.
fn run(
    barge_in: &mut BargeIn,
    from_ms: u64,
    scores: impl IntoIterator<Item = f32>,
) -> Vec<(u64, LocalSpeech)> {
    let block = Duration::from_millis(10);
    let mut said = Vec::new();
    for (i, score) in scores.into_iter().enumerate() {
        let ms = from_ms + i as u64 * 10;
        said.extend(barge_in.hear(score, block, Duration::from_millis(ms)).map(|speech| (ms, speech)));
    }
    said
}

fn speech(ms: usize) -> impl Iterator<Item = f32> {
    std::iter::repeat_n(0.9, ms / 10)
}

fn silence(ms: usize) -> impl Iterator<Item = f32> {
    std::iter::repeat_n(0.1, ms / 10)
}

#[test]
fn speech_pauses_at_its_first_sign_and_is_confirmed_when_it_lasts() {
    let said = run(&mut BargeIn::default(), 0, silence(100).chain(speech(500)));
    assert_eq!(said, [(100, LocalSpeech::Suspected), (440, LocalSpeech::Confirmed)]);
}

#[test]
fn short_gaps_between_words_do_not_matter() {
    let words = speech(150).chain(silence(100)).chain(speech(300));
    let said = run(&mut BargeIn::default(), 0, words);
    assert_eq!(said, [(0, LocalSpeech::Suspected), (440, LocalSpeech::Confirmed)]);
}

#[test]
fn a_cough_is_a_false_alarm_within_a_second() {
    let said = run(&mut BargeIn::default(), 0, speech(120).chain(silence(1_000)));
    assert_eq!(said, [(0, LocalSpeech::Suspected), (410, LocalSpeech::FalseAlarm)]);
}

#[test]
fn sound_that_is_now_speech_and_now_not_does_not_hold_playback_up_for_long() {
    let flutter = (0..400).map(|i| if i % 20 < 4 { 0.9 } else { 0.1 });
    let said = run(&mut BargeIn::default(), 0, flutter);
    let alarms: Vec<_> =
        said.iter().filter(|(_, s)| *s == LocalSpeech::FalseAlarm).map(|(at, _)| *at).collect();
    assert_eq!(alarms.first(), Some(&800));
    assert!(said.iter().all(|(_, s)| *s != LocalSpeech::Confirmed), "{said:?}");
}

#[test]
fn after_a_false_alarm_it_takes_more_for_a_while() {
    let mut barge_in = BargeIn::default();
    run(&mut barge_in, 0, speech(50).chain(silence(350)));
    assert_eq!(run(&mut barge_in, 1_000, std::iter::repeat_n(0.7, 50)), []);
    assert_eq!(run(&mut barge_in, 2_000, [0.85])[0].1, LocalSpeech::Suspected);
    barge_in.reset();
    assert_eq!(run(&mut barge_in, 4_000, [0.7])[0].1, LocalSpeech::Suspected);
}

#[test]
fn confirmed_speech_that_nobody_heeds_is_let_go() {
    let mut barge_in = BargeIn::default();
    let said = run(&mut barge_in, 0, speech(2_000));
    let last = said.last().copied();
    assert!(matches!(said[2], (1_340, LocalSpeech::FalseAlarm)), "{said:?}");
    assert!(last.is_some());
}

#[test]
fn a_flush_begins_anew() {
    let mut barge_in = BargeIn::default();
    assert!(!barge_in.reset());
    run(&mut barge_in, 0, speech(100));
    assert!(barge_in.reset());
    assert_eq!(run(&mut barge_in, 100, speech(10)), [(100, LocalSpeech::Suspected)]);
}
