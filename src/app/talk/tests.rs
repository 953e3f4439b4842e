use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use serde_json::json;

use super::*;
use crate::app::tests::{Scene, config};
use crate::app::{Face, Msg};
use crate::audio::{AudioCommand, AudioEvent, Gate, Microphone};
use crate::conversation::TurnMode;
use crate::ui::keymap::Action;

const APPEND: &str = "input_audio_buffer.append";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn scene() -> Scene {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::PushToTalk));
    // The terminal reports releases.
    scene.update(Msg::KeyReleases(true));
    scene
}

fn space(scene: &mut Scene, kind: KeyEventKind) {
    let key = KeyEvent::new_with_kind(KeyCode::Char(' '), KeyModifiers::NONE, kind);
    scene.update(Msg::Key(key));
}

fn press(scene: &mut Scene) {
    space(scene, KeyEventKind::Press);
}

fn release(scene: &mut Scene) {
    space(scene, KeyEventKind::Release);
}

fn other(scene: &mut Scene, code: KeyCode) {
    scene.update(Msg::Key(code.into()));
}

/// Time passes in steps of 20 ms, each with a frame of the microphone, whatever the gate.
fn hear(scene: &mut Scene, time: u64) -> usize {
    let before = appended(scene);
    for _ in 0..time / 20 {
        scene.pass(ms(20));
        scene.speak(1);
    }
    appended(scene) - before
}

fn appended(scene: &Scene) -> usize {
    scene.sent.iter().filter(|event| event["type"] == APPEND).count()
}

fn sent(scene: &mut Scene) -> Vec<String> {
    let mut types = scene.sent_types();
    types.retain(|kind| kind != APPEND);
    types
}

#[test]
fn no_sample_leaves_while_the_key_is_up_but_the_tail() {
    let mut scene = scene();
    assert_eq!(hear(&mut scene, 1000), 0);
    press(&mut scene);
    assert_eq!(hear(&mut scene, 1000), 50);
    release(&mut scene);
    // Of the tenth frame of the tail, the end is the take's.
    assert_eq!(hear(&mut scene, 200), 9);
    assert_eq!(hear(&mut scene, 5000), 0);
    assert_eq!(
        sent(&mut scene),
        ["input_audio_buffer.clear", "input_audio_buffer.commit", "response.create"]
    );
    assert_eq!(scene.gates(), [Gate::Open, Gate::Closed]);
}

#[test]
fn the_end_of_a_take_is_cued_and_a_press_too_short_is_cleared() {
    let mut scene = scene();
    press(&mut scene);
    hear(&mut scene, 140);
    scene.sent.clear();
    scene.cues();
    release(&mut scene);
    assert_eq!(sent(&mut scene), ["input_audio_buffer.clear"]);
    assert!(scene.transcript().contains("too short: hold the key while you speak"));
    assert_eq!(hear(&mut scene, 2000), 0);
    assert_eq!(scene.cues(), []);
    press(&mut scene);
    hear(&mut scene, 300);
    release(&mut scene);
    hear(&mut scene, 300);
    assert_eq!(scene.cues(), [Cue::Listening, Cue::Done]);
}

#[test]
fn a_key_that_bounces_is_one_take() {
    let mut scene = scene();
    press(&mut scene);
    hear(&mut scene, 500);
    release(&mut scene);
    hear(&mut scene, 100);
    press(&mut scene);
    assert_eq!(hear(&mut scene, 100), 5);
    release(&mut scene);
    hear(&mut scene, 1000);
    let sent = sent(&mut scene);
    assert_eq!(sent, ["input_audio_buffer.clear", "input_audio_buffer.commit", "response.create"]);
}

#[test]
fn a_press_interrupts_the_assistant() {
    let mut scene = scene();
    scene.server(&json!({"type": "response.created", "response": {"id": "r"}}));
    let sound = json!({"type": "response.output_audio.delta", "response_id": "r", "item_id": "a",
        "output_index": 0, "content_index": 0, "delta": "AAAA".repeat(4000)});
    scene.server(&sound);
    scene.update(Msg::Audio(AudioEvent::Started { track: "a".into() }));
    scene.sent.clear();
    press(&mut scene);
    assert!(scene.audio.contains(&AudioCommand::Flush));
    assert_eq!(sent(&mut scene), ["response.cancel", "input_audio_buffer.clear"]);
    let flushed = AudioEvent::Flushed {
        track: Some("a".into()),
        heard_ms: 100,
        taken_ms: 100,
        queued_tracks_unheard: vec![],
    };
    scene.update(Msg::Audio(flushed));
    assert_eq!(sent(&mut scene), ["conversation.item.truncate"]);
}

#[test]
fn a_key_that_is_stuck_talks_no_longer_than_the_limit_and_what_was_said_counts() {
    let mut scene = scene();
    press(&mut scene);
    hear(&mut scene, 119_900);
    scene.sent.clear();
    hear(&mut scene, 1000);
    assert!(scene.transcript().contains("120 s, which is the limit"));
    assert_eq!(sent(&mut scene), ["input_audio_buffer.commit", "response.create"]);
    space(&mut scene, KeyEventKind::Repeat);
    assert_eq!(hear(&mut scene, 1000), 0);
}

#[test]
fn another_key_and_a_lost_focus_let_go() {
    let mut scene = scene();
    press(&mut scene);
    hear(&mut scene, 500);
    other(&mut scene, KeyCode::Char('a'));
    space(&mut scene, KeyEventKind::Repeat);
    hear(&mut scene, 300);
    assert_eq!(scene.gates(), [Gate::Open, Gate::Closed]);
    assert_eq!(scene.app.view.input.text(), "a");
    other(&mut scene, KeyCode::Enter);
    press(&mut scene);
    hear(&mut scene, 500);
    scene.update(Msg::FocusLost);
    hear(&mut scene, 300);
    assert_eq!(scene.gates(), [Gate::Open, Gate::Closed]);
}

#[test]
fn the_keys_characters_never_land_in_the_input() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::PushToTalk));
    press(&mut scene);
    hear(&mut scene, 660);
    for _ in 0..40 {
        press(&mut scene);
        hear(&mut scene, 40);
    }
    hear(&mut scene, 1000);
    assert_eq!(scene.app.view.input.text(), "");
    assert_eq!(scene.gates(), [Gate::Open, Gate::Closed]);
    other(&mut scene, KeyCode::Char('a'));
    press(&mut scene);
    assert_eq!(scene.app.view.input.text(), "a ", "in a line, Space is a space");
    assert_eq!(scene.gates(), []);
}

#[test]
fn muted_the_key_opens_nothing_and_the_device_is_given_back() {
    let mut scene = scene();
    scene.key(Action::Mute);
    press(&mut scene);
    assert_eq!(hear(&mut scene, 500), 0);
    release(&mut scene);
    assert!(scene.transcript().contains("muted"));
    assert_eq!(scene.gates(), []);
    hear(&mut scene, 31_000);
    assert!(scene.audio.contains(&AudioCommand::Microphone(Microphone::Released)));
    scene.key(Action::Mute);
    press(&mut scene);
    assert!(scene.audio.contains(&AudioCommand::Microphone(Microphone::Kept)));
    assert_eq!(hear(&mut scene, 500), 25);
}

#[test]
fn a_change_of_the_mode_ends_the_take_first() {
    let mut scene = scene();
    press(&mut scene);
    hear(&mut scene, 500);
    scene.sent.clear();
    other(&mut scene, KeyCode::F(2));
    let sent = sent(&mut scene);
    assert_eq!(sent[0], "input_audio_buffer.commit", "{sent:?}");
    assert!(sent.contains(&"session.update".to_owned()), "{sent:?}");
}

#[test]
fn in_push_to_talk_the_server_detects_no_turns() {
    let mut scene = Scene::new(config(Face::Screen, TurnMode::PushToTalk));
    scene.update(Msg::Link(crate::transport::LinkEvent::Connected));
    let input = &scene.sent[0]["session"]["audio"]["input"];
    assert!(input.get("turn_detection").is_some_and(serde_json::Value::is_null), "{input}");
}

#[test]
fn a_command_talks_without_the_key() {
    let mut scene = scene();
    scene.key(Action::TalkToggle);
    assert_eq!(hear(&mut scene, 500), 25);
    scene.key(Action::TalkToggle);
    hear(&mut scene, 300);
    assert_eq!(scene.gates(), [Gate::Open, Gate::Closed]);
}

#[test]
fn a_long_paste_is_asked_about() {
    let mut scene = scene();
    let text = "long ".repeat(2400);
    for (answer, length) in [(KeyCode::Esc, 0), (KeyCode::Enter, 12_000)] {
        scene.update(Msg::Paste(text.clone()));
        assert_eq!(scene.app.view.input.text(), "");
        other(&mut scene, KeyCode::Char('x'));
        other(&mut scene, answer);
        assert_eq!(scene.app.view.input.text().len(), length);
    }
    scene.update(Msg::Paste("short".to_owned()));
    assert!(scene.app.view.input.text().ends_with("short"));
}

#[test]
fn a_paste_lets_go_of_the_key() {
    let mut scene = scene();
    press(&mut scene);
    hear(&mut scene, 500);
    scene.update(Msg::Paste("mute \u{14} and quit \u{3}".to_owned()));
    hear(&mut scene, 300);
    assert_eq!(scene.gates(), [Gate::Open, Gate::Closed]);
}
