//! Changes of several tasks wait for the person's yes; too many calls are refused.

use std::sync::Arc;

use super::*;
use crate::tasks::TaskStore;
use crate::tools::Registry;
use crate::ui::view::EntryKind;

/// A conversation in which `delete_tasks` was called and came to a question.
fn asked(face: Face) -> Scene {
    let mut scene = Scene::connected(config(face, TurnMode::TextOnly));
    match face {
        Face::Screen => scene.type_line("delete them all"),
        Face::Reader | Face::Lines => scene.update(Msg::Line("delete them all".to_owned())),
    }
    call(&mut scene, 1);
    ask(&mut scene, 1);
    scene
}

fn call(scene: &mut Scene, n: u32) {
    let (r, i, c) = (format!("r{n}"), format!("i{n}"), format!("c{n}"));
    scene.server(&json!({"type": "response.created", "response": {"id": r}}));
    scene.server(&json!({"type": "response.done", "response": {"id": r, "status": "completed", "output": [
        {"id": i, "type": "function_call", "call_id": c, "name": "delete_tasks", "arguments": "{\"all\":true}"}]}}));
}

fn ask(scene: &mut Scene, n: u32) {
    scene.update(Msg::Tool { call_id: format!("c{n}").as_str().into(), outcome: question() });
}

fn question() -> ToolOutcome {
    let dir = tempfile::TempDir::new().unwrap();
    let clock = || "2026-12-02T10:00:00[UTC]".parse::<jiff::Zoned>().unwrap();
    let registry = Registry::new(TaskStore::open(dir.path()).unwrap(), Arc::new(clock));
    for title in ["milk", "bread\u{1b}[2J"] {
        registry.call("create_task", &json!({"title": title}).to_string());
    }
    registry.call("delete_tasks", r#"{"all":true}"#)
}

fn outputs(scene: &Scene) -> Vec<String> {
    let items = scene.sent.iter().filter(|event| event["item"]["type"] == "function_call_output");
    items.map(|event| event["item"]["output"].as_str().unwrap().to_owned()).collect()
}

fn notices(scene: &mut Scene) -> Vec<String> {
    let text = |entry: &crate::ui::view::Entry| match &entry.kind {
        EntryKind::Notice { text, .. } => Some(text.as_str().to_owned()),
        _ => None,
    };
    scene.app.view(scene.now).transcript.iter().filter_map(text).collect()
}

fn press(scene: &mut Scene, c: char) {
    let key = crossterm::event::KeyEvent::new(
        crossterm::event::KeyCode::Char(c),
        crossterm::event::KeyModifiers::NONE,
    );
    scene.update(Msg::Key(key));
}

#[test]
fn nothing_is_done_or_answered_before_the_person_has_said_yes() {
    let mut scene = asked(Face::Screen);
    assert_eq!(notices(&mut scene), ["delete 2 tasks? “milk”, “bread”: type yes or no, or say it"]);
    scene.pass(Duration::from_secs(59));
    assert_eq!((outputs(&scene).len(), scene.confirmed.len()), (0, 0));
    let now = scene.now;
    assert_eq!(scene.app.view(now).turn, crate::ui::view::Turn::Asked);
    scene.type_line("y");
    assert_eq!(scene.app.view(now).turn, crate::ui::view::Turn::Thinking);
    let (call_id, pending) = scene.confirmed.remove(0);
    assert_eq!((call_id.as_str(), pending.count()), ("c1", 2));
    let outcome = ToolOutcome { pending: None, ok: true, output: "{\"ok\":true}".to_owned(), ..question() };
    scene.update(Msg::Tool { call_id, outcome });
    assert_eq!(outputs(&scene), ["{\"ok\":true}"]);
}

#[test]
fn the_first_letter_of_a_word_is_no_answer() {
    let mut scene = asked(Face::Screen);
    press(&mut scene, 'y');
    assert!(scene.confirmed.is_empty());
    "esterday I said something else".chars().for_each(|c| press(&mut scene, c));
    scene.key(Action::Submit);
    assert!(scene.confirmed.is_empty());
    assert!(outputs(&scene)[0].contains("not_confirmed"), "{:?}", outputs(&scene));
}

#[test]
fn a_typed_no_and_no_answer_at_all_are_a_no() {
    let mut scene = asked(Face::Screen);
    scene.type_line("n");
    assert!(outputs(&scene)[0].contains("not_confirmed"), "{:?}", outputs(&scene));
    let mut scene = asked(Face::Screen);
    scene.pass(Duration::from_secs(60));
    assert!(outputs(&scene)[0].contains("did not answer in time"), "{:?}", outputs(&scene));
    assert!(scene.confirmed.is_empty());
}

#[test]
fn typed_words_answer_and_anything_but_yes_is_a_no() {
    let table =
        [("yes", 1, false), ("no", 0, false), ("only the milk", 0, true), ("yes but keep milk", 0, true)];
    for (text, confirmed, is_said) in table {
        for face in [Face::Screen, Face::Reader, Face::Lines] {
            let mut scene = asked(face);
            scene.sent.clear();
            match face {
                Face::Screen => scene.type_line(text),
                Face::Reader | Face::Lines => scene.update(Msg::Line(text.to_owned())),
            }
            assert_eq!(scene.confirmed.len(), confirmed, "{text} {face:?}");
            if face != Face::Lines {
                let said = scene.sent.iter().any(|event| event["item"]["role"] == "user");
                assert_eq!(said, is_said, "{text} {face:?}");
            }
        }
    }
}

#[test]
fn a_script_that_ends_has_nobody_to_answer() {
    let mut scene = asked(Face::Lines);
    scene.update(Msg::EndOfInput);
    assert!(outputs(&scene)[0].contains("did not answer in time"), "{:?}", outputs(&scene));
    scene.answer(9);
    assert!(scene.exit.is_some());
}

#[test]
fn only_what_is_said_after_the_question_answers_it() {
    let say = |scene: &mut Scene, item: &str, text: Option<&str>| {
        if let Some(text) = text {
            scene.server(
                &json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": item,
                "content_index": 0, "transcript": text}),
            );
        } else {
            scene.server(&json!({"type": "input_audio_buffer.committed", "item_id": item}));
        }
    };
    for (words, confirmed) in [("Yes, please.", 1), ("I do not know.", 0)] {
        let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
        say(&mut scene, "u1", None);
        call(&mut scene, 1);
        ask(&mut scene, 1);
        // The words that led to the question are known only now.
        say(&mut scene, "u1", Some("yes do it"));
        assert_eq!((scene.confirmed.len(), outputs(&scene).len()), (0, 0));
        say(&mut scene, "u2", None);
        say(&mut scene, "u2", Some(words));
        assert_eq!((scene.confirmed.len(), outputs(&scene).len()), (confirmed, 1 - confirmed), "{words}");
    }
}

#[test]
fn words_that_may_be_a_noise_are_asked_for_again_once() {
    let say = |scene: &mut Scene, item: &str, text: &str| {
        scene.server(&json!({"type": "input_audio_buffer.committed", "item_id": item}));
        scene.server(
            &json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": item,
            "content_index": 0, "transcript": text}),
        );
    };
    for (second, confirmed) in
        [("yes", 1), ("Yes, delete both.", 1), ("okay", 0), ("yes, delete all five", 0)]
    {
        let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
        call(&mut scene, 1);
        ask(&mut scene, 1);
        say(&mut scene, "u1", "yeah");
        assert_eq!((scene.confirmed.len(), outputs(&scene).len()), (0, 0));
        assert!(notices(&mut scene)[1].contains("was that a yes?"));
        say(&mut scene, "u2", second);
        assert_eq!((scene.confirmed.len(), outputs(&scene).len()), (confirmed, 1 - confirmed), "{second}");
    }
}

#[test]
fn a_second_question_waits_for_no_one() {
    let mut scene = asked(Face::Screen);
    scene.server(&json!({"type": "response.created", "response": {"id": "r2"}}));
    scene.server(&json!({"type": "response.done", "response": {"id": "r2", "status": "completed", "output": [
        {"id": "i2", "type": "function_call", "call_id": "c2", "name": "delete_tasks", "arguments": "{}"}]}}));
    ask(&mut scene, 2);
    scene.type_line("y");
    assert_eq!(scene.confirmed.len(), 1);
    assert_eq!(scene.confirmed[0].0.as_str(), "c1");
}

#[test]
fn a_model_that_calls_without_end_is_stopped_and_the_person_told() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    scene.type_line("go on");
    for n in 1..=14 {
        call(&mut scene, n);
        if scene.calls.len() == n as usize {
            let outcome = ToolOutcome { pending: None, ..question() };
            scene.update(Msg::Tool { call_id: format!("c{n}").as_str().into(), outcome });
        }
    }
    assert_eq!(scene.calls.len(), 10);
    assert_eq!(outputs(&scene).iter().filter(|output| output.contains("too_many_calls")).count(), 4);
    let told = notices(&mut scene);
    assert_eq!(told.iter().filter(|text| text.contains("too many functions")).count(), 1, "{told:?}");
    scene.answer(50);
    scene.type_line("once more");
    call(&mut scene, 60);
    assert_eq!(scene.calls.len(), 11);
}
