use super::*;
use crate::pcm::Pcm16;

const SECOND: Duration = Duration::from_secs(1);

fn frame(samples: usize) -> AudioBytes {
    AudioBytes::from(&Pcm16::new(vec![7; samples]))
}

fn play(track: &str, samples: usize) -> AudioCommand {
    AudioCommand::Play { track: track.into(), pcm: Pcm16::new(vec![9; samples]) }
}

fn started(track: &str) -> AudioEvent {
    AudioEvent::Started { track: track.into() }
}

fn flushed(track: Option<&str>, taken_ms: u64) -> AudioEvent {
    AudioEvent::Flushed {
        track: track.map(Into::into),
        heard_ms: taken_ms,
        taken_ms,
        queued_tracks_unheard: vec![],
    }
}

fn put(side: Side, at: u64, length: usize) -> Cut {
    Cut::Put { side, at, samples: vec![if side == Side::You { 7 } else { 9 }; length] }
}

#[test]
fn frames_that_arrive_unevenly_follow_each_other_and_a_pause_is_a_gap() {
    let mut tape = Tape::default();
    assert_eq!(tape.sent(&frame(480), SECOND), put(Side::You, 23_520, 480));
    assert_eq!(tape.sent(&frame(480), SECOND + Duration::from_millis(90)), put(Side::You, 24_000, 480));
    assert_eq!(tape.sent(&frame(480), SECOND + Duration::from_millis(91)), put(Side::You, 24_480, 480));
    assert_eq!(tape.sent(&frame(480), 3 * SECOND), put(Side::You, 71_520, 480));
}

#[test]
fn a_server_with_a_format_of_its_own_gets_the_same_time_axis() {
    for (format, bytes) in [(AudioFormat::Pcm { rate: 16_000 }, 640), (AudioFormat::Pcmu, 160)] {
        let mut tape = Tape::default();
        tape.format(format);
        let mut end = 0;
        for n in 1..=50 {
            let Cut::Put { at, samples, .. } = tape.sent(&AudioBytes(vec![0x55; bytes]), n * SECOND / 50)
            else {
                panic!()
            };
            end = at + samples.len() as u64;
        }
        assert!((23_700..=24_000).contains(&end), "{format:?}: {end}");
    }
}

#[test]
fn an_answer_stands_where_it_began_to_sound() {
    let mut tape = Tape::default();
    assert_eq!(tape.command(&play("a", 4_800)), None, "nobody has heard it yet");
    assert_eq!(tape.event(&started("a"), SECOND), Some(put(Side::Assistant, 24_000, 4_800)));
    assert_eq!(tape.command(&play("a", 4_800)), Some(put(Side::Assistant, 28_800, 4_800)));
    tape.event(&AudioEvent::Finished { track: "a".into() }, 2 * SECOND);
    tape.command(&play("b", 10));
    assert_eq!(tape.event(&started("b"), 2 * SECOND), Some(put(Side::Assistant, 48_000, 10)));
}

#[test]
fn the_rest_of_an_answer_that_waited_for_nothing_stands_where_it_went_on() {
    let ms = Duration::from_millis;
    let mut tape = Tape::default();
    tape.command(&play("a", 48_000));
    tape.event(&started("a"), SECOND);
    tape.event(&AudioEvent::Speech(LocalSpeech::Suspected), SECOND + ms(500));
    let later = tape.event(&AudioEvent::Speech(LocalSpeech::FalseAlarm), SECOND + ms(700));
    assert_eq!(later, Some(Cut::Delay { side: Side::Assistant, from: 36_000, by: 4_800 }));
    assert_eq!(tape.command(&play("a", 480)), Some(put(Side::Assistant, 76_800, 480)));
    // One second of it was heard, 200 ms of silence are within.
    let dropped = tape.event(&flushed(Some("a"), 1_000), 2 * SECOND + ms(200));
    assert_eq!(dropped, Some(Cut::Drop { side: Side::Assistant, from: 24_000 + 24_000 + 4_800 }));
}

#[test]
fn what_was_not_heard_is_not_on_the_tape() {
    let mut tape = Tape::default();
    tape.command(&play("a", 48_000));
    tape.command(&play("b", 480));
    tape.event(&started("a"), SECOND);
    let cut = Cut::Drop { side: Side::Assistant, from: 24_000 + 12_000 };
    assert_eq!(tape.event(&flushed(Some("a"), 500), 2 * SECOND), Some(cut));
    assert_eq!(tape.event(&started("b"), 2 * SECOND), None, "it was flushed before it began");
}

#[test]
fn the_end_of_the_session_cuts_what_plays() {
    let mut tape = Tape::default();
    tape.command(&play("a", 48_000));
    tape.event(&started("a"), SECOND);
    let cut = Cut::Drop { side: Side::Assistant, from: 36_000 };
    assert_eq!(tape.end(SECOND + Duration::from_millis(500)), Some(cut));
    assert_eq!(tape.end(2 * SECOND), None);
}
