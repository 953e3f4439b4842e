use serde_json::{Value, json};

use super::*;
use crate::conversation::tests::{Scene, config};
use crate::conversation::{Input, Intent, Report, SessionConfig, TurnMode};
use crate::protocol::Dialect;

fn tool(name: &str) -> Tool {
    Tool::Function { name: name.to_owned(), description: None, parameters: None }
}

/// A spoken conversation with two tools and transcription, as it was asked for, before any answer.
fn scene() -> Scene {
    let mut config =
        SessionConfig { tools: vec![tool("list_tasks"), tool("create_task")], ..config(TurnMode::Vad) };
    config.set("transcription.model", "whisper-1").unwrap();
    config.model = "gpt-realtime-2.1".to_owned();
    Scene::of(config)
}

/// What the service would tell of that session.
fn full() -> Value {
    json!({"type": "realtime", "id": "sess_1", "object": "realtime.session", "model": "gpt-realtime-2.1",
        "output_modalities": ["audio"], "instructions": "be short", "tool_choice": "auto",
        "tools": [{"type": "function", "name": "create_task", "parameters": {}}, {"type": "function", "name": "list_tasks"}],
        "max_output_tokens": "inf", "truncation": "auto", "tracing": null, "prompt": null, "expires_at": 1,
        "audio": {
            "input": {"format": {"type": "audio/pcm", "rate": 24000}, "noise_reduction": null,
                "transcription": {"model": "whisper-1", "language": null, "prompt": ""},
                "turn_detection": {"type": "server_vad", "threshold": 0.500_01, "prefix_padding_ms": 300,
                    "silence_duration_ms": 500, "idle_timeout_ms": null, "create_response": true,
                    "interrupt_response": true}},
            "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin", "speed": 1.0}}})
}

fn updated(scene: &mut Scene, session: &Value) {
    scene.server(&json!({"type": "session.updated", "event_id": "e", "session": session}));
}

fn with(path: &str, value: &Value) -> Value {
    let mut session = full();
    *session.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value.clone();
    session
}

#[test]
fn who_echoes_all_in_part_or_nothing_has_agreed() {
    for session in [
        full(),
        json!({}),
        json!({"id": "s", "model": "gpt-realtime-2.1-2026-05-07"}),
        json!({"model": "openai/gpt-realtime-2.1", "voice": "marin", "modalities": ["text", "audio"],
            "input_audio_format": "pcm16", "turn_detection": {"type": "server_vad"}}),
        // Nothing is known of its input: all nulls.
        json!({"type": "realtime", "model": null, "tools": null, "instructions": null, "audio": {
            "input": {"format": null, "noise_reduction": null, "transcription": null, "turn_detection": null},
            "output": {"format": null, "voice": null}}}),
        with("/instructions", &json!("You are on the phone.\n\nbe short\n")),
        with("/audio/output/voice", &json!("Marin")),
        with("/audio/input/turn_detection/threshold", &json!(0.502)),
    ] {
        let mut scene = scene();
        updated(&mut scene, &session);
        assert_eq!(scene.texts(), [""; 0], "{session}");
    }
}

#[test]
fn a_difference_that_matters_is_told_in_words() {
    let clear = Value::Null;
    for (session, said) in [
        (with("/audio/output/voice", &json!("alloy")), "`voice` is `alloy`, not `marin`"),
        (with("/model", &json!("gpt-4o")), "the model is `gpt-4o`, not `gpt-realtime-2.1`"),
        (with("/output_modalities", &json!(["text"])), "answers are written, not spoken"),
        (with("/instructions", &json!("You are a pirate.")), "the instructions are not ours"),
        (with("/tools", &json!([])), "the tools are missing, so it cannot work with your tasks"),
        (
            with("/tools", &json!([{"type": "function", "name": "list_tasks"}])),
            "these tools are missing: `create_task`",
        ),
        (with("/audio/input/transcription", &clear), "your words are not written down"),
        (with("/audio/input/turn_detection", &clear), "the end of your turn is not found"),
        (
            with("/audio/input/turn_detection", &json!({"type": "semantic_vad"})),
            "`vad.kind` is `semantic_vad`",
        ),
        (with("/audio/input/turn_detection/threshold", &json!(0.9)), "`vad.threshold` is 0.9, not 0.5"),
        (
            with("/audio/input/turn_detection/create_response", &json!(false)),
            "`vad.create_response` is `false`",
        ),
        (
            with("/audio/output/format", &json!({"type": "audio/pcmu"})),
            "the assistant's sound is in another format",
        ),
        (with("/audio/input/format/rate", &json!(16_000)), "the microphone's sound is in another format"),
    ] {
        let mut scene = scene();
        updated(&mut scene, &session);
        let [text] = &scene.texts()[..] else { panic!("{said}: {:?}", scene.texts()) };
        assert!(text.starts_with("note: the server does not do all that it was asked for: "), "{text}");
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn several_differences_are_one_line_and_told_once_whatever_is_reconnected() {
    let mut scene = scene();
    let mut session = with("/audio/output/voice", &json!("alloy"));
    session["audio"]["input"]["transcription"] = Value::Null;
    updated(&mut scene, &session);
    updated(&mut scene, &session);
    scene.input(Input::Disconnected);
    scene.input(Input::Connected);
    updated(&mut scene, &session);
    let [text] = &scene.texts()[..] else { panic!("{:?}", scene.texts()) };
    assert!(text.contains("your words are not written down; `voice` is `alloy`"), "{text}");
}

#[test]
fn in_push_to_talk_a_server_that_ends_turns_by_itself_is_told() {
    let mut scene = Scene::new(TurnMode::PushToTalk);
    updated(&mut scene, &full());
    assert!(scene.texts()[0].contains("it ends your turns by itself, not by the key"), "{:?}", scene.texts());
}

#[test]
fn the_answer_to_an_earlier_update_says_nothing_of_a_later_wish() {
    let mut scene = scene();
    scene.input(Input::Intent(Intent::Set { name: "vad.threshold", value: "0.8".to_owned() }));
    updated(&mut scene, &full());
    assert_eq!(scene.texts(), [""; 0]);
    updated(&mut scene, &with("/audio/input/turn_detection/threshold", &json!(0.8)));
    assert_eq!(scene.texts(), [""; 0]);
    assert_eq!(scene.conversation.setting("vad.threshold"), "0.8");
}

#[test]
fn a_wish_that_is_silently_not_granted_is_told_and_taken_back() {
    let mut scene = scene();
    updated(&mut scene, &full());
    scene.input(Input::Intent(Intent::Set { name: "vad.threshold", value: "0.8".to_owned() }));
    updated(&mut scene, &full());
    assert!(scene.texts()[0].contains("`vad.threshold` is 0.50001, not 0.8"), "{:?}", scene.texts());
    assert_eq!(scene.conversation.setting("vad.threshold"), "0.5");
}

// ---- refusing ----

/// The server refuses what was sent last.
fn refuse(scene: &mut Scene, code: &str, param: Option<&str>, message: &str) {
    let id = scene.sent.last().expect("something was sent")["event_id"].clone();
    scene.server(&json!({"type": "error", "error": {"type": "invalid_request_error", "code": code,
        "message": message, "param": param, "event_id": id}}));
}

/// As it is before the first answer, with the update that was sent.
fn asking(settings: &[(&str, &str)], dialect: Dialect) -> Scene {
    let mut config = SessionConfig {
        tools: vec![tool("list_tasks"), tool("create_task")],
        dialect,
        ..config(TurnMode::Vad)
    };
    for (name, value) in settings {
        config.set(name, value).unwrap();
    }
    let mut scene = Scene::of(config);
    scene.input(Input::Disconnected);
    scene.input(Input::Connected);
    scene
}

#[test]
fn a_field_that_is_refused_is_told_and_the_rest_is_asked_for_again() {
    let mut scene = asking(&[("session.reasoning_effort", "high")], Dialect::Ga);
    let before = scene.sent.last().unwrap()["session"].clone();
    assert_eq!(before["reasoning"], json!({"effort": "high"}));
    refuse(
        &mut scene,
        "unknown_parameter",
        Some("session.reasoning"),
        "Unknown parameter: 'session.reasoning'.",
    );
    assert_eq!(
        scene.texts(),
        [
            "note: the server refused `session.reasoning_effort`: Unknown parameter: 'session.reasoning'; it goes on without"
        ]
    );
    let again = scene.sent.last().unwrap()["session"].clone();
    let mut expected = before;
    expected.as_object_mut().unwrap().remove("reasoning");
    assert_eq!(again, expected);
    scene.sent.clear();
    scene.input(Input::Disconnected);
    scene.input(Input::Connected);
    assert_eq!(scene.sent[0]["session"], expected, "nor is the next session asked for it");
}

#[test]
fn each_field_is_found_by_param_or_by_what_is_quoted_and_in_either_dialect() {
    let settings = [("transcription.model", "none-such"), ("vad.idle_timeout_ms", "6000")];
    for (param, message, said, gone) in [
        (
            Some("session.audio.input.transcription.model"),
            "no",
            "`transcription.model`",
            "/audio/input/transcription/model",
        ),
        (
            Some("session.input_audio_transcription.model"),
            "no",
            "`transcription.model`",
            "/audio/input/transcription/model",
        ),
        (Some("session.voice"), "no", "`voice`", "/audio/output/voice"),
        (Some("voice"), "no", "`voice`", "/audio/output/voice"),
        (None, "Invalid 'session.audio.output.voice'", "`voice`", "/audio/output/voice"),
        (Some("session.audio.input.turn_detection.type"), "no", "`vad.kind`", "/audio/input/turn_detection"),
        (
            Some("session.audio.input.turn_detection.idle_timeout_ms"),
            "no",
            "`vad.idle_timeout_ms`",
            "/audio/input/turn_detection/idle_timeout_ms",
        ),
        (Some("session.tools[1].parameters"), "no", "the tool `create_task`", "/tools/1"),
    ] {
        let mut scene = asking(&settings, Dialect::Ga);
        refuse(&mut scene, "invalid_value", param, message);
        assert!(
            scene.texts()[0].starts_with(&format!("note: the server refused {said}: ")),
            "{:?}",
            scene.texts()
        );
        let again = &scene.sent.last().unwrap()["session"];
        assert_eq!(again.pointer(gone), None, "{param:?}: {again}");
        assert_eq!(again["tools"][0]["name"], "list_tasks");
    }
}

#[test]
fn a_refusal_that_names_nothing_costs_what_can_be_done_without_and_then_it_is_left_so() {
    let mut scene = asking(&[("session.max_output_tokens", "9"), ("speed", "1.2")], Dialect::Ga);
    refuse(&mut scene, "invalid_value", None, "bad session");
    assert_eq!(
        scene.texts(),
        ["note: the server refused the session's settings: bad session; it goes on without"]
    );
    let again = scene.sent.last().unwrap()["session"].clone();
    assert_eq!(again["instructions"], "be short");
    assert_eq!(again["tools"].as_array().unwrap().len(), 2);
    assert!(again.get("max_output_tokens").is_none() && again["audio"]["output"].get("speed").is_none());
    let sent = scene.sent.len();
    for _ in 0..3 {
        refuse(&mut scene, "invalid_value", None, "bad session");
    }
    assert_eq!(scene.sent.len(), sent, "it is not asked for ever");
    assert_eq!(scene.texts().len(), 2);
    assert!(scene.texts()[1].contains("perhaps without the tools"), "{:?}", scene.texts());
}

#[test]
fn a_server_that_refuses_one_field_after_the_other_is_given_up_at_some_time() {
    let mut scene = asking(&[], Dialect::Ga);
    for _ in 0..40 {
        refuse(&mut scene, "invalid_value", Some("session.tools[0]"), "no");
        refuse(&mut scene, "invalid_value", Some("session.instructions"), "no");
    }
    assert!(scene.sent.len() < 20, "{}", scene.sent.len());
    assert!(scene.texts().len() < 15, "{:?}", scene.texts());
}

#[test]
fn an_error_without_an_event_id_that_is_about_the_session_is_one_all_the_same() {
    let mut scene = asking(&[("session.tracing", "true")], Dialect::Ga);
    scene.server(&json!({"type": "error", "error": {"code": "invalid_value", "message": "no",
        "param": "session.tracing"}}));
    assert!(scene.texts()[0].contains("refused `session.tracing`"), "{:?}", scene.texts());
}

#[test]
fn a_change_that_is_refused_costs_nothing_else() {
    let mut scene = scene();
    scene.input(Input::Intent(Intent::Set { name: "transcription.language", value: "xx".to_owned() }));
    refuse(
        &mut scene,
        "invalid_value",
        Some("session.audio.input.transcription.language"),
        "Unsupported language.",
    );
    assert_eq!(
        scene.texts(),
        [
            "note: the server refused `transcription.language` = `xx`: Unsupported language.; it stays as it was"
        ]
    );
    assert_eq!(scene.sent.len(), 1, "nothing is sent again");
    assert!(scene.reports.iter().all(|report| matches!(report, Report::Notice { .. })));
}

#[test]
fn a_trouble_of_the_servers_own_is_told_and_costs_no_setting() {
    let mut scene = asking(&[("session.tracing", "true")], Dialect::Ga);
    let sent = scene.sent.len();
    let id = scene.sent.last().unwrap()["event_id"].clone();
    scene.server(
        &json!({"type": "error", "error": {"type": "server_error", "message": "overloaded", "event_id": id}}),
    );
    assert_eq!(scene.texts(), ["note: the server says: overloaded"]);
    assert_eq!(scene.sent.len(), sent);
}

fn formats(sent: &Value) -> [&Value; 2] {
    ["input", "output"].map(|side| &sent["session"]["audio"][side]["format"])
}

#[test]
fn a_server_that_refuses_telephone_sound_is_given_pcm_and_nothing_else_is_lost() {
    let pcm = json!({"type": "audio/pcm", "rate": 24000});
    let params = [
        (Some("session.audio.input.format"), Dialect::Ga),
        (Some("session.audio.output.format.type"), Dialect::Ga),
        (Some("session.audio"), Dialect::Ga),
        (None, Dialect::Ga),
        (Some("session.input_audio_format"), Dialect::Beta),
    ];
    for (param, dialect) in params {
        let mut scene = asking(&[("session.audio_format", "g711_ulaw")], dialect);
        assert_eq!(formats(scene.sent.last().unwrap()), [&json!({"type": "audio/pcmu"}); 2]);
        refuse(&mut scene, "invalid_value", param, "Unsupported format.");
        assert_eq!(scene.conversation.setting("session.audio_format"), "pcm", "{param:?}");
        assert_eq!(scene.conversation.formats(), Default::default());
        let last = scene.sent.last().unwrap();
        assert_eq!(formats(last), [&pcm; 2], "{param:?}");
        assert_eq!(last["session"]["tools"].as_array().map(Vec::len), Some(2), "{param:?}");
        assert_eq!(scene.texts(), ["note: the server does not take sound as `g711_ulaw`"]);
    }
}

#[test]
fn a_server_that_goes_on_with_pcm_either_way_without_a_word_is_asked_for_pcm_both_ways() {
    for side in ["input", "output"] {
        let mut scene = asking(&[("session.audio_format", "g711_alaw")], Dialect::Ga);
        let told =
            json!({"type": "realtime", "audio": {side: {"format": {"type": "audio/pcm", "rate": 24000}}}});
        let sent = scene.sent.len();
        scene.server(&json!({"type": "session.updated", "session": told}));
        assert_eq!(scene.conversation.setting("session.audio_format"), "pcm", "{side}");
        assert_eq!(scene.sent.len(), sent + 1, "{side}");
        let adjusted =
            |output: &crate::conversation::Output| matches!(output, crate::conversation::Output::Adjusted(_));
        assert!(scene.take_outputs().iter().any(adjusted), "{side}");
    }
}

#[test]
fn what_a_server_has_refused_it_is_not_asked_for_again() {
    let mut scene = asking(&[], Dialect::Ga);
    refuse(&mut scene, "unknown_parameter", Some("session.audio.input.format"), "no");
    assert!(!scene.conversation.renews_for_format("g711_ulaw"));
    scene.input(Input::Renewing);
    scene.input(Input::Intent(Intent::Set { name: "session.audio_format", value: "g711_ulaw".to_owned() }));
    assert_eq!(scene.conversation.formats(), Default::default());
    assert!(scene.texts().last().unwrap().contains("in its own format alone"), "{:?}", scene.texts());
}

#[test]
fn a_server_with_its_own_format_is_not_asked_for_another() {
    let mut own = SessionConfig { rates: (16_000, 24_000), ..config(TurnMode::Vad) };
    own.set("session.audio_format", "g711_ulaw").unwrap();
    assert_eq!(own.lost(), ["`session.audio_format`"]);
    assert_eq!(own.formats().0, AudioFormat::Pcm { rate: 16_000 });
    assert_eq!(own.sparing(), "");
    let mut left_out = config(TurnMode::Vad);
    left_out.quirks.leave_out = vec!["audio.input.format".to_owned()];
    assert_eq!(left_out.sparing(), "");
}

#[test]
fn the_format_of_a_running_session_stays() {
    let mut scene = asking(&[], Dialect::Ga);
    let wish = Intent::Set { name: "session.audio_format", value: "g711_ulaw".to_owned() };
    scene.input(Input::Intent(wish.clone()));
    assert_eq!(scene.conversation.formats(), Default::default());
    scene.input(Input::Renewing);
    scene.input(Input::Intent(wish));
    scene.input(Input::Connected);
    assert_eq!(scene.conversation.formats(), (AudioFormat::Pcmu, AudioFormat::Pcmu));
    assert_eq!(formats(scene.sent.last().unwrap())[0], &json!({"type": "audio/pcmu"}));
}

#[test]
fn while_answers_are_written_the_format_of_the_assistants_sound_is_the_servers_own() {
    let settings = [("session.audio_format", "g711_ulaw"), ("session.output_modality", "text")];
    let mut scene = asking(&settings, Dialect::Ga);
    let told = json!({"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcmu"}},
        "output": {"format": {"type": "audio/pcm", "rate": 24000}}}});
    scene.server(&json!({"type": "session.updated", "session": told}));
    assert_eq!(scene.conversation.setting("session.audio_format"), "g711_ulaw");
    assert_eq!(scene.texts(), [""; 0]);
}
