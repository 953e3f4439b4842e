use serde_json::json;

use crate::conversation::tests::{Scene, created};
use crate::conversation::{Adjusted, Input, Intent, Output, Report, TurnMode};

fn updated(voice: &str, speed: f64) -> serde_json::Value {
    json!({"type": "session.updated", "session": {"type": "realtime",
        "audio": {"output": {"voice": voice, "speed": speed}}}})
}

fn want_voice(scene: &mut Scene, voice: &str) {
    scene.input(Input::Intent(Intent::Set { name: "voice", value: voice.to_owned() }));
}

fn refuse(scene: &mut Scene, code: &str) {
    let id = scene.sent.last().expect("something was sent")["event_id"].clone();
    scene.server(&json!({"type": "error", "error": {"type": "invalid_request_error", "code": code,
        "message": "no", "event_id": id}}));
}

#[test]
fn another_voice_is_asked_for_and_told_when_the_server_has_it() {
    let mut scene = Scene::new(TurnMode::Vad);
    want_voice(&mut scene, "cedar");
    assert_eq!(
        scene.sent[0]["session"],
        json!({"type": "realtime", "audio": {"output": {"voice": "cedar"}}})
    );
    assert_eq!(scene.conversation.voice(), "marin", "not before the server says so");
    scene.server(&updated("cedar", 1.0));
    assert_eq!(scene.conversation.voice(), "cedar");
    assert!(
        scene
            .take_outputs()
            .contains(&Output::Adjusted(Adjusted { name: "voice", value: "cedar".to_owned() }))
    );
}

#[test]
fn another_speed_waits_for_the_end_of_the_answer() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.server(&created("r"));
    scene.input(Input::Intent(Intent::Set { name: "speed", value: "1.25".to_owned() }));
    assert_eq!(scene.sent_types(), [""; 0]);
    scene.server(
        &json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": []}}),
    );
    assert_eq!(scene.sent[0]["session"]["audio"]["output"], json!({"speed": 1.25}));
    scene.server(&updated("marin", 1.25));
    assert!((scene.conversation.speed() - 1.25).abs() < 1e-9);
}

#[test]
fn a_voice_that_can_no_longer_be_changed_is_told_plainly_and_taken_back() {
    let mut scene = Scene::new(TurnMode::Vad);
    want_voice(&mut scene, "cedar");
    refuse(&mut scene, "cannot_update_voice");
    assert!(scene.texts().iter().any(|t| t.contains("/new begins anew")), "{:?}", scene.texts());
    assert_eq!(scene.reports.iter().filter(|r| matches!(r, Report::Notice { .. })).count(), 1);
    scene.sent.clear();
    scene.input(Input::Disconnected);
    scene.input(Input::Connected);
    assert_eq!(scene.sent[0]["session"]["audio"]["output"]["voice"], "marin");
}

#[test]
fn another_refusal_is_told_in_the_servers_words() {
    let mut scene = Scene::new(TurnMode::Vad);
    want_voice(&mut scene, "nobody");
    refuse(&mut scene, "invalid_value");
    assert!(
        scene
            .texts()
            .iter()
            .any(|t| t.contains("the server refused `voice` = `nobody`: no; it stays `marin`")),
        "{:?}",
        scene.texts()
    );
    assert_eq!(scene.conversation.voice(), "marin");
}

#[test]
fn voice_and_speed_survive_a_reconnect_also_when_chosen_while_the_link_is_down() {
    let mut scene = Scene::new(TurnMode::Vad);
    want_voice(&mut scene, "cedar");
    scene.server(&updated("cedar", 1.0));
    scene.input(Input::Disconnected);
    scene.input(Input::Intent(Intent::Set { name: "speed", value: "0.75".to_owned() }));
    scene.sent.clear();
    scene.input(Input::Connected);
    let output = scene.sent[0]["session"]["audio"]["output"].clone();
    assert_eq!((&output["voice"], &output["speed"]), (&json!("cedar"), &json!(0.75)));
    assert_eq!(scene.sent_types(), ["session.update"], "once is enough");
    scene.server(&updated("cedar", 0.75));
    assert!(
        scene
            .take_outputs()
            .contains(&Output::Adjusted(Adjusted { name: "speed", value: "0.75".to_owned() }))
    );
}

#[test]
fn where_answers_are_written_there_is_no_voice_to_change() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    want_voice(&mut scene, "cedar");
    scene.input(Input::Intent(Intent::Set { name: "speed", value: "1.5".to_owned() }));
    assert_eq!(scene.sent_types(), [""; 0]);
    assert!(scene.texts().iter().all(|t| t.contains("there is no voice")), "{:?}", scene.texts());
}

#[test]
fn a_new_conversation_knows_nothing_of_the_old_one_which_stays_to_be_read() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("my name is Anna");
    scene.server(&created("r"));
    scene.input(Input::Intent(Intent::BeginAnew));
    assert!(scene.conversation.is_settled());
    scene.server(&json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "a",
        "content_index": 0, "delta": "late"}));
    assert!(!scene.texts().join("\n").contains("late"), "what the old session still says is not heard");
    scene.sent.clear();
    scene.input(Input::Connected);
    scene.say("who am I?");
    assert_eq!(scene.sent_types(), ["session.update", "conversation.item.create", "response.create"]);
    assert!(scene.texts()[0].contains("Anna"));
    scene.input(Input::Disconnected);
    scene.sent.clear();
    scene.input(Input::Connected);
    assert_eq!(scene.sent.iter().filter(|e| e["type"] == "conversation.item.create").count(), 1);
}

#[test]
fn a_call_of_the_old_conversation_is_not_answered_to_the_new_one() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("add milk");
    scene.server(&created("r"));
    scene.server(&json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": [
        {"id": "c", "type": "function_call", "call_id": "call", "name": "create_task", "arguments": "{}"}]}}));
    scene.input(Input::Intent(Intent::BeginAnew));
    scene.sent.clear();
    scene.input(Input::Connected);
    scene.input(Input::ToolOutput { call_id: "call".into(), output: "{}".to_owned(), ok: true });
    assert_eq!(scene.sent_types(), ["session.update"]);
    assert!(scene.conversation.is_settled());
}
