//! Sessions that only transcribe.

use super::*;

fn transcribing(dialect: Dialect) -> Scene {
    Scene::begun(dialect, SessionKind::Transcription).0
}

fn update(scene: &mut Scene, mut session: Value) -> Vec<Value> {
    session["type"] = json!("transcription");
    scene.send(json!({"type": "session.update", "session": session}))
}

#[test]
fn the_session_has_what_hears_and_nothing_that_answers() {
    let (_, greeting) = Scene::begun(Dialect::Ga, SessionKind::Transcription);
    assert_eq!(types(&greeting), ["session.created"]);
    let session = &greeting[0]["session"];
    assert_eq!(
        (&session["type"], &session["object"]),
        (&json!("transcription"), &json!("realtime.transcription_session"))
    );
    assert_eq!(session["audio"]["input"]["turn_detection"]["type"], "server_vad");
    assert_eq!(session["audio"]["input"]["transcription"]["model"], "offline");
    for absent in ["model", "instructions", "tools", "output_modalities", "tool_choice"] {
        assert!(session.get(absent).is_none(), "{session}");
    }
    assert!(session["audio"].get("output").is_none());
}

#[test]
fn speech_becomes_words_and_no_answer() {
    let mut scene = transcribing(Dialect::Ga);
    let mut events = scene.append(&loud(500));
    events.extend(scene.append(&silence(600)));
    assert_eq!(
        types(&events),
        [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
        ]
    );
    let events = scene.recognize("good morning");
    let completed = events.last().expect("words");
    assert_eq!(completed["type"], "conversation.item.input_audio_transcription.completed");
    assert_eq!(completed["transcript"], "good morning");
}

#[test]
fn a_client_may_end_turns_by_hand() {
    let mut scene = transcribing(Dialect::Ga);
    let input = json!({"transcription": {"model": "gpt-realtime-whisper"}});
    let events = update(&mut scene, json!({"audio": {"input": input}}));
    // That model looks for no turns.
    assert_eq!(events[0]["session"]["audio"]["input"]["turn_detection"], Value::Null);
    assert_eq!(scene.append(&loud(500)), Vec::<Value>::new());
    let events = scene.send(json!({"type": "input_audio_buffer.commit"}));
    assert_eq!(events[0]["type"], "input_audio_buffer.committed");
    let input =
        json!({"transcription": {"model": "gpt-realtime-whisper"}, "turn_detection": {"type": "server_vad"}});
    let events = update(&mut scene, json!({"audio": {"input": input}}));
    assert_eq!(refused(&events), ("invalid_value", "session.audio.input.turn_detection"));
}

#[test]
fn what_only_a_dialogue_has_is_refused() {
    let mut scene = transcribing(Dialect::Ga);
    assert_eq!(
        refused(&update(&mut scene, json!({"instructions": "x"}))),
        ("unknown_parameter", "session.instructions")
    );
    let output = json!({"audio": {"output": {"voice": "alloy"}}});
    assert_eq!(refused(&update(&mut scene, output)), ("unknown_parameter", "session.audio.output"));
    assert_eq!(refused(&scene.update(json!({}))), ("invalid_value", "session.type"));
    assert_eq!(refused(&scene.send(json!({"type": "response.create"}))), ("invalid_value", "type"));
    let mut dialogue = Scene::new();
    assert_eq!(refused(&update(&mut dialogue, json!({}))), ("invalid_value", "session.type"));
}

#[test]
fn beta_has_an_update_of_its_own() {
    let mut scene = transcribing(Dialect::Beta);
    let session =
        json!({"input_audio_format": "g711_ulaw", "input_audio_transcription": {"model": "whisper-1"}});
    let events = scene.send(json!({"type": "transcription_session.update", "session": session}));
    assert_eq!(types(&events), ["transcription_session.updated"]);
    assert_eq!(events[0]["session"]["input_audio_format"], "g711_ulaw");
    assert_eq!(events[0]["session"]["input_audio_transcription"]["model"], "whisper-1");
    let mut dialogue = Scene::greeted(Dialect::Beta).0;
    let events = dialogue.send(json!({"type": "transcription_session.update", "session": {}}));
    assert_eq!(refused(&events), ("invalid_value", "session.type"));
}
