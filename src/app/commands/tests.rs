use serde_json::json;

use super::*;
use crate::app::panels::Adjustable;
use crate::app::tests::{Scene, config};
use crate::app::{AppConfig, Face, Msg};
use crate::cli::Exit;
use crate::conversation::Turn;
use crate::transport::LinkEvent;
use crate::ui::input::Edit;
use crate::ui::keymap::Action;

fn scene() -> Scene {
    let adjustable = Adjustable { voices: vec!["cedar".to_owned()], volume: 0.5, ..Adjustable::default() };
    let mut scene = Scene::connected(AppConfig { adjustable, ..config(Face::Screen, TurnMode::Vad) });
    scene.audio.clear();
    scene
}

#[test]
fn a_command_is_run_and_not_said() {
    let mut scene = scene();
    scene.type_line("/mute on");
    assert_eq!(scene.app.conversation.turn(), Turn::Muted);
    scene.type_line("/mute on");
    assert_eq!(scene.app.conversation.turn(), Turn::Muted, "it is already");
    scene.type_line("/mute");
    scene.type_line("/mode ptt");
    assert_eq!(scene.app.conversation.mode(), TurnMode::PushToTalk);
    assert!(!scene.sent.iter().any(|e| e["type"] == "conversation.item.create"), "{:?}", scene.sent);
    scene.type_line("/quit");
    assert_eq!(scene.exit, Some(Exit::Ok));
}

#[test]
fn an_unknown_command_stays_in_the_line_to_be_mended() {
    let mut scene = scene();
    scene.type_line("/muet");
    assert!(scene.transcript().contains("did you mean `/mute`?"), "{}", scene.transcript());
    assert_eq!(scene.app.view.input.text(), "/muet");
    assert_eq!(scene.sent_types(), [""; 0]);
}

#[test]
fn pasted_text_is_a_message_whatever_it_begins_with_and_two_slashes_are_one() {
    let mut scene = scene();
    scene.update(Msg::Paste("/quit".to_owned()));
    scene.key(Action::Submit);
    scene.type_line("//etc");
    scene.type_line(" /etc");
    assert_eq!(scene.exit, None);
    let said: Vec<_> = scene.sent.iter().filter(|e| e["type"] == "conversation.item.create").collect();
    let said: Vec<_> = said.iter().map(|e| e["item"]["content"][0]["text"].as_str().unwrap()).collect();
    assert_eq!(said, ["/quit", "/etc", "/etc"]);
}

#[test]
fn tab_completes_what_is_typed() {
    let mut scene = scene();
    "/voice c".chars().for_each(|c| scene.key(Action::Edit(Edit::Insert(c))));
    scene.key(Action::Complete);
    assert_eq!(scene.app.view.input.text(), "/voice cedar");
    scene.key(Action::Submit);
    assert_eq!(scene.sent[0]["session"]["audio"]["output"], json!({"voice": "cedar"}));
}

#[test]
fn the_volume_is_shown_for_a_moment() {
    let mut scene = scene();
    scene.key(Action::Volume(1));
    scene.key(Action::Volume(1));
    assert_eq!(scene.audio.last(), Some(&AudioCommand::SetVolume(0.7)));
    assert_eq!(scene.app.view.volume, Some(70));
    scene.pass(Duration::from_millis(1900));
    assert_eq!(scene.app.view.volume, Some(70));
    scene.pass(Duration::from_millis(200));
    assert_eq!(scene.app.view.volume, None);
    scene.type_line("/volume 200");
    scene.key(Action::Volume(1));
    assert_eq!(scene.audio.last(), Some(&AudioCommand::SetVolume(2.0)));
}

#[test]
fn the_echo_can_be_dealt_with_in_another_way() {
    let mut scene = scene();
    scene.type_line("/echo half");
    assert_eq!(scene.echo_modes(), [EchoMode::Half]);
    assert!(scene.transcript().contains("echo: half"));
}

#[test]
fn a_new_conversation_has_a_new_connection_and_the_old_one_stays_on_screen() {
    let mut scene = scene();
    scene.type_line("my name is Anna");
    scene.answer(1);
    scene.type_line("/new");
    assert_eq!(scene.renewals, 1);
    scene.sent.clear();
    scene.link(LinkEvent::Connecting { attempt: 1 });
    scene.link(LinkEvent::Connected);
    assert_eq!(scene.sent_types(), ["session.update"], "nothing is told of what was before");
    assert!(scene.transcript().contains("Anna") && scene.transcript().contains("a new conversation"));
}

#[test]
fn a_new_conversation_while_the_link_is_down_waits_for_it() {
    let mut scene = scene();
    scene.lost(1000);
    scene.type_line("/new");
    assert_eq!(scene.renewals, 0);
}

#[test]
fn a_cleared_screen_forgets_nothing() {
    let mut scene = scene();
    scene.type_line("my name is Anna");
    scene.answer(1);
    scene.type_line("/clear");
    let now = scene.now;
    assert_eq!(scene.app.view(now).transcript, []);
    scene.type_line("and mine?");
    assert_eq!(scene.app.view(now).transcript.len(), 1);
    scene.lost(1000);
    scene.sent.clear();
    scene.link(LinkEvent::Connected);
    let told = scene.sent.iter().filter(|e| e["type"] == "conversation.item.create").count();
    assert_eq!(told, 3, "the assistant knows of all");
}

#[test]
fn what_was_said_is_handed_out_to_be_written() {
    let mut scene = scene();
    scene.type_line("hello");
    scene.answer(1);
    scene.type_line("/export talk.md");
    let [Request::Export { path, text }] = &scene.requests[..] else { panic!("{:?}", scene.requests) };
    assert_eq!(path, "talk.md");
    assert!(text.contains("**you:** hello") && text.contains("**assistant:** yes"), "{text}");
}

#[test]
fn without_a_microphone_its_commands_say_so() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    for line in ["/mute", "/mode ptt", "/echo off"] {
        scene.type_line(line);
    }
    assert_eq!(scene.transcript().matches("no microphone").count(), 3, "{}", scene.transcript());
}

#[test]
fn a_setting_of_the_session_is_checked_asked_for_and_told_when_the_server_has_it() {
    let mut scene = scene();
    scene.sent.clear();
    scene.type_line("/set threshold 2");
    assert_eq!(scene.sent_types(), [""; 0]);
    let told = "`vad.threshold` takes a number from 0 to 1, not `2`";
    assert!(scene.transcript().contains(told), "{}", scene.transcript());
    scene.key(Action::Edit(Edit::KillToStart));
    scene.type_line("/set threshold 0.8");
    let asked = scene.sent.last().expect("an update")["session"].clone();
    assert_eq!(asked["audio"]["input"]["turn_detection"]["threshold"], 0.8);
    assert!(!scene.transcript().contains("is `0.8`"), "not before the server says so");
    scene.server(&json!({"type": "session.updated", "session": asked}));
    let told = "`vad.threshold` is `0.8` from the next answer on, for this run";
    assert!(scene.transcript().contains(told), "{}", scene.transcript());
    scene.type_line("/set server.url ws://x");
    assert!(scene.transcript().contains("is read at the start"), "{}", scene.transcript());
}
