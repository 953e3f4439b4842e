use serde_json::{Value, json};

use super::super::tests::{Scene, call_item, committed, created, done, message, speech_started, stopped};
use super::super::{Input, Intent, TurnMode};
use super::*;
use crate::pcm::AudioBytes;

/// So many seconds of sound, each sample of which says at which second it was said.
fn say(scene: &mut Scene, second: i16, seconds: usize) {
    for at in 0..seconds {
        let frame = Pcm16::new(vec![second + at as i16; 480]);
        (0..50).for_each(|_| scene.input(Input::Mic(frame.clone())));
    }
}

fn reconnect(scene: &mut Scene) -> Vec<Value> {
    scene.input(Input::Disconnected);
    again(scene)
}

fn again(scene: &mut Scene) -> Vec<Value> {
    scene.sent.clear();
    scene.input(Input::Connected);
    std::mem::take(&mut scene.sent)
}

/// The seconds that can be heard in what was sent, silence left out.
fn heard(sent: &[Value]) -> Vec<i16> {
    let mut seconds: Vec<i16> = sent
        .iter()
        .filter_map(|event| event["audio"].as_str())
        .map(|audio| serde_json::from_value::<AudioBytes>(json!(audio)).expect("base64"))
        .flat_map(|bytes| Pcm16::from_le_bytes(&bytes.0).into_samples())
        .filter(|sample| *sample != 0)
        .collect();
    seconds.dedup();
    seconds
}

fn transcribed(item: &str, words: &str) -> Value {
    json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": item, "content_index": 0,
        "transcript": words})
}

#[test]
fn a_turn_that_a_lost_connection_breaks_is_heard_whole_by_the_next() {
    let mut scene = Scene::new(TurnMode::Vad);
    say(&mut scene, 1, 3);
    scene.server(&speech_started("u"));
    say(&mut scene, 4, 2);
    scene.input(Input::Disconnected);
    say(&mut scene, 6, 2);
    let sent = again(&mut scene);
    assert_eq!(heard(&sent), [1, 2, 3, 4, 5, 6, 7], "with what is before it was known to be speech");
    assert_eq!(sent.iter().filter(|event| event["type"] == "input_audio_buffer.append").count(), 1);
    assert!(scene.texts().iter().all(|text| !text.starts_with("note")), "{:?}", scene.texts());
}

#[test]
fn of_a_quiet_session_that_is_renewed_the_next_hears_the_last_second() {
    let mut scene = Scene::new(TurnMode::Vad);
    say(&mut scene, 1, 8);
    scene.input(Input::Renewing);
    say(&mut scene, 9, 2);
    assert_eq!(heard(&again(&mut scene)), [8, 9, 10]);
}

#[test]
fn a_turn_that_a_renewal_breaks_is_heard_whole_by_the_next() {
    let mut scene = Scene::new(TurnMode::Vad);
    say(&mut scene, 1, 3);
    scene.server(&speech_started("u"));
    scene.input(Input::Renewing);
    assert_eq!(heard(&again(&mut scene)), [1, 2, 3]);
}

#[test]
fn a_turn_that_was_said_and_not_understood_is_heard_again_with_the_silence_that_ends_it() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.server(&speech_started("u"));
    say(&mut scene, 1, 2);
    scene.servers(&[stopped("u"), committed("u"), created("r")]);
    let sent = reconnect(&mut scene);
    assert_eq!(heard(&sent), [1, 2]);
    let types: Vec<_> = sent.iter().map(|event| event["type"].as_str().expect("a type")).collect();
    assert_eq!(types, ["session.update", "input_audio_buffer.append"], "the server answers by itself");
    assert!(!scene.conversation.is_settled(), "an answer is on its way");
    assert_eq!(scene.texts(), [format!("you: ({})", super::super::SAID_AGAIN)]);
}

#[test]
fn words_that_are_known_are_not_said_again() {
    let ends: [&[Value]; 2] = [
        &[transcribed("u", "buy milk")],
        &[created("r"), done("r", "completed", &json!([call_item("i", "c", "create_task")]))],
    ];
    for end in ends {
        let mut scene = Scene::new(TurnMode::Vad);
        scene.server(&speech_started("u"));
        say(&mut scene, 1, 2);
        scene.servers(&[stopped("u"), committed("u")]);
        scene.servers(end);
        assert_eq!(heard(&reconnect(&mut scene)), Vec::<i16>::new());
    }
}

#[test]
fn an_answer_that_was_cut_by_the_loss_does_not_say_that_the_words_were_understood() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.server(&speech_started("u"));
    say(&mut scene, 1, 2);
    let begun = json!({"type": "response.output_item.added", "response_id": "r", "output_index": 0,
        "item": message("a", "")});
    scene.servers(&[stopped("u"), committed("u"), created("r"), begun]);
    assert_eq!(heard(&reconnect(&mut scene)), [1, 2]);
}

#[test]
fn of_two_turns_the_one_whose_words_are_known_is_left_out() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.server(&speech_started("u1"));
    say(&mut scene, 1, 2);
    scene.servers(&[stopped("u1"), committed("u1")]);
    say(&mut scene, 3, 3);
    scene.server(&speech_started("u2"));
    say(&mut scene, 6, 1);
    scene.server(&transcribed("u1", "buy milk"));
    assert_eq!(heard(&reconnect(&mut scene)), [5, 6], "with a second before it was known to be speech");
}

#[test]
fn words_of_an_earlier_turn_that_come_late_do_not_count_for_the_latest() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.server(&speech_started("u1"));
    say(&mut scene, 1, 1);
    scene.servers(&[stopped("u1"), committed("u1"), created("r"), done("r", "completed", &json!([]))]);
    scene.server(&speech_started("u2"));
    say(&mut scene, 2, 1);
    scene.servers(&[stopped("u2"), committed("u2"), transcribed("u1", "hello")]);
    assert_eq!(heard(&reconnect(&mut scene)), [2]);
}

#[test]
fn a_take_that_ends_while_the_link_is_down_is_committed_to_the_next() {
    let mut scene = Scene::new(TurnMode::PushToTalk);
    scene.input(Input::Intent(Intent::TalkStart));
    say(&mut scene, 1, 1);
    scene.input(Input::Disconnected);
    say(&mut scene, 2, 1);
    scene.input(Input::Intent(Intent::TalkStop));
    assert!(!scene.conversation.is_settled());
    let sent = again(&mut scene);
    assert_eq!(heard(&sent), [1, 2]);
    let types: Vec<_> = sent.iter().map(|event| event["type"].as_str().expect("a type")).collect();
    let wanted =
        ["session.update", "input_audio_buffer.append", "input_audio_buffer.commit", "response.create"];
    assert_eq!(types, wanted);
}

#[test]
fn a_turn_longer_than_half_a_minute_loses_its_beginning_and_that_is_told() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.server(&speech_started("u"));
    say(&mut scene, 1, 40);
    assert_eq!(heard(&reconnect(&mut scene)), (11..=40).collect::<Vec<i16>>());
    assert!(scene.texts().contains(&format!("note: {LOST_BEGINNING}")), "{:?}", scene.texts());
}

#[test]
fn a_turn_that_costs_one_connection_after_the_other_is_given_up() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.server(&speech_started("u"));
    say(&mut scene, 1, 1);
    scene.servers(&[stopped("u"), committed("u")]);
    for _ in 0..RETRIES {
        assert_eq!(heard(&reconnect(&mut scene)), [1]);
    }
    assert_eq!(heard(&reconnect(&mut scene)), Vec::<i16>::new());
    assert!(scene.conversation.is_settled());
    let texts = scene.texts();
    assert!(texts.last().expect("a note").contains("say it again"), "{texts:?}");
}

#[test]
fn while_no_server_hears_speech_no_more_than_ten_seconds_are_heard_again() {
    let mut scene = Scene::new(TurnMode::Vad);
    say(&mut scene, 1, 15);
    assert_eq!(heard(&reconnect(&mut scene)), (6..=15).collect::<Vec<i16>>());
}
