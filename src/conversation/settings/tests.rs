use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::conversation::tests::{Scene, config, created};
use crate::conversation::{Conversation, Input, Intent, Output, TurnMode};
use crate::protocol::Dialect;
use crate::protocol::session::Tool;
use crate::protocol::tests::sent;

/// Every value that a setting can have, or some where there are many.
fn value_of(name: &'static str) -> BoxedStrategy<String> {
    let words = |words: &'static [&'static str]| prop::sample::select(words).prop_map(str::to_owned).boxed();
    match name {
        "voice" => words(&["marin", "cedar", "nobody", "voice_123"]),
        "speed" => (0.25..=1.5_f64).prop_map(|n| n.to_string()).boxed(),
        "vad.threshold" | "session.retention_ratio" => (0.0..=1.0_f64).prop_map(|n| n.to_string()).boxed(),
        "session.output_modality" => words(&["audio", "text"]),
        "session.audio_format" => words(&["pcm", "g711_ulaw", "g711_alaw"]),
        "session.reasoning_effort" => words(&["auto", "minimal", "low", "medium", "high", "xhigh"]),
        "session.max_output_tokens" => {
            prop_oneof![Just("inf".to_owned()), (1..=4096_u32).prop_map(|n| n.to_string())].boxed()
        }
        "session.noise_reduction" => words(&["auto", "near_field", "far_field", "off"]),
        "session.truncation" => words(&["auto", "retention_ratio", "disabled"]),
        "session.token_limit" => (0..100_000_u32).prop_map(|n| n.to_string()).boxed(),
        "session.tool_choice" => words(&["auto", "none", "required", "list_tasks"]),
        "session.parallel_tool_calls" => words(&["auto", "on", "off"]),
        "vad.kind" => words(&["server_vad", "semantic_vad"]),
        "vad.eagerness" => words(&["auto", "low", "medium", "high"]),
        "vad.idle_timeout_ms" => {
            prop_oneof![Just("0".to_owned()), (5000..=30_000_u32).prop_map(|n| n.to_string())].boxed()
        }
        "vad.silence_duration_ms" | "vad.prefix_padding_ms" => {
            (0..5000_u32).prop_map(|n| n.to_string()).boxed()
        }
        "vad.create_response" | "vad.interrupt_response" | "session.tracing" => words(&["true", "false"]),
        "transcription.model" => words(&["", "whisper-1", "gpt-4o-transcribe"]),
        "transcription.language" => words(&["", "en", "de"]),
        _ => words(&["", "a text", "\u{1f600} \" \\ \n"]),
    }
}

fn change() -> impl Strategy<Value = (&'static str, String)> {
    prop::sample::select(SETTINGS.as_slice()).prop_flat_map(|name| (Just(name), value_of(name)))
}

fn mode() -> impl Strategy<Value = TurnMode> {
    prop::sample::select(vec![TurnMode::Vad, TurnMode::PushToTalk, TurnMode::TextOnly])
}

fn with_tool(mode: TurnMode, dialect: Dialect) -> SessionConfig {
    let tool = Tool::Function {
        name: "list_tasks".to_owned(),
        description: Some("lists".to_owned()),
        parameters: Some(json!({"type": "object", "properties": {}})),
    };
    SessionConfig { tools: vec![tool], dialect, ..config(mode) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_is_set_at_the_start_and_later_every_update_is_valid(
        first in prop::collection::vec(change(), 0..30),
        later in prop::collection::vec(change(), 0..10),
        mode in mode(),
        beta in any::<bool>(),
    ) {
        let dialect = if beta { Dialect::Beta } else { Dialect::Ga };
        let mut config = with_tool(mode, dialect);
        config.options.can_speak = config.spoken;
        for (name, value) in &first {
            prop_assert!(config.set(name, value).is_some(), "{name} {value}");
        }
        let mut conversation = Conversation::new(config);
        let now = crate::conversation::tests::start();
        let changes = later.into_iter().map(|(name, value)| Input::Intent(Intent::Set { name, value }));
        for input in std::iter::once(Input::Connected).chain(changes) {
            conversation.handle(input, now);
            while let Some(output) = conversation.poll_output() {
                let Output::Send(message) = output else { continue };
                sent(&message, dialect);
            }
        }
    }

    #[test]
    fn what_was_set_is_what_is_got((name, value) in change()) {
        let mut config = with_tool(TurnMode::Vad, Dialect::Ga);
        config.options.can_speak = true;
        config.set(name, &value).expect("a value of it");
        prop_assert_eq!(config.get(name), value);
    }
}

#[test]
fn what_is_left_to_the_server_is_not_sent() {
    let session = serde_json::to_value(config(TurnMode::Vad).session(TurnMode::Vad)).unwrap();
    let keys: Vec<_> = session.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["audio", "instructions", "output_modalities", "tool_choice", "tools", "type"]);
    assert_eq!(
        session["audio"]["output"],
        json!({"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"})
    );
    assert!(session["audio"]["input"].get("noise_reduction").is_none());
}

#[test]
fn everything_that_can_be_set_is_sent() {
    let mut config = with_tool(TurnMode::Vad, Dialect::Ga);
    for (name, value) in [
        ("voice", "voice_9"),
        ("speed", "1.25"),
        ("instructions", "Answer in German."),
        ("session.audio_format", "g711_ulaw"),
        ("session.reasoning_effort", "high"),
        ("session.max_output_tokens", "900"),
        ("session.noise_reduction", "far_field"),
        ("session.truncation", "retention_ratio"),
        ("session.retention_ratio", "0.6"),
        ("session.token_limit", "8000"),
        ("session.tool_choice", "list_tasks"),
        ("session.parallel_tool_calls", "off"),
        ("session.tracing", "true"),
        ("vad.kind", "semantic_vad"),
        ("vad.eagerness", "low"),
        ("vad.interrupt_response", "false"),
        ("transcription.model", "whisper-1"),
        ("transcription.prompt", "Anna"),
    ] {
        config.set(name, value).unwrap();
    }
    let session = serde_json::to_value(config.session(TurnMode::Vad)).unwrap();
    insta::assert_json_snapshot!(session);
}

fn set(scene: &mut Scene, name: &'static str, value: &str) {
    scene.input(Input::Intent(Intent::Set { name, value: value.to_owned() }));
}

#[test]
fn a_change_sends_what_changes_and_nothing_else() {
    let mut scene = Scene::new(TurnMode::Vad);
    set(&mut scene, "session.max_output_tokens", "100");
    set(&mut scene, "session.max_output_tokens", "inf");
    set(&mut scene, "session.noise_reduction", "near_field");
    set(&mut scene, "session.noise_reduction", "auto");
    set(&mut scene, "session.truncation", "disabled");
    set(&mut scene, "session.truncation", "auto");
    set(&mut scene, "speed", "1.1");
    set(&mut scene, "speed", "1");
    let sent: Vec<_> = scene.sent.iter().map(|event| event["session"].clone()).collect();
    let input = |value: Value| json!({"type": "realtime", "audio": {"input": {"noise_reduction": value}}});
    let output = |speed: f64| json!({"type": "realtime", "audio": {"output": {"speed": speed}}});
    assert_eq!(
        sent,
        [
            json!({"type": "realtime", "max_output_tokens": 100}),
            json!({"type": "realtime", "max_output_tokens": "inf"}),
            input(json!({"type": "near_field"})),
            input(Value::Null),
            json!({"type": "realtime", "truncation": "disabled"}),
            json!({"type": "realtime", "truncation": "auto"}),
            output(1.1),
            output(1.0),
        ]
    );
}

#[test]
fn what_the_dialect_lacks_is_told_and_not_sent() {
    let mut scene = Scene::of(SessionConfig { dialect: Dialect::Beta, ..config(TurnMode::Vad) });
    set(&mut scene, "session.reasoning_effort", "high");
    assert_eq!(scene.sent_types(), [""; 0]);
    assert_eq!(scene.texts(), ["note: this server cannot be asked for `session.reasoning_effort`"]);
    assert_eq!(scene.conversation.setting("session.reasoning_effort"), "auto");
    let mut config = config(TurnMode::Vad);
    config.dialect = Dialect::Beta;
    for (name, value) in [
        ("session.reasoning_effort", "high"),
        ("session.truncation", "disabled"),
        ("vad.idle_timeout_ms", "6000"),
        ("session.tracing", "true"),
    ] {
        config.set(name, value).unwrap();
    }
    assert_eq!(
        config.lost(),
        ["`session.reasoning_effort`", "`session.truncation`", "`vad.idle_timeout_ms`"]
    );
    config.dialect = Dialect::Ga;
    assert_eq!(config.lost(), [""; 0]);
    config.quirks.leave_out = vec!["tool_choice".to_owned(), "audio.output.speed".to_owned()];
    assert_eq!(config.lost(), [""; 0], "what was not set is not missed");
    config.set("speed", "1.2");
    assert_eq!(config.lost(), ["`speed`"]);
}

#[test]
fn a_turn_is_answered_only_when_asked_where_that_is_wanted() {
    let mut scene = Scene::new(TurnMode::Vad);
    set(&mut scene, "vad.create_response", "false");
    scene.sent.clear();
    scene.server(&json!({"type": "input_audio_buffer.speech_started", "item_id": "u"}));
    scene.server(&json!({"type": "input_audio_buffer.speech_stopped", "item_id": "u"}));
    assert!(scene.conversation.poll_timeout().is_none(), "nobody waits for an answer");
    scene.input(Input::Intent(Intent::Answer));
    assert_eq!(scene.sent_types(), ["response.create"]);
}

#[test]
fn an_answer_goes_on_while_the_person_speaks_where_that_is_wanted() {
    let mut scene = Scene::new(TurnMode::Vad);
    set(&mut scene, "vad.interrupt_response", "false");
    scene.server(&created("r"));
    scene.sent.clear();
    scene.server(&json!({"type": "input_audio_buffer.speech_started", "item_id": "u"}));
    scene.input(Input::SpeechConfirmed);
    assert_eq!(scene.sent_types(), [""; 0]);
    assert!(!scene.take_outputs().contains(&Output::FlushPlayback));
}

#[test]
fn a_model_that_must_use_tools_is_free_to_answer_what_came_of_them() {
    let mut scene = Scene::of(with_tool(TurnMode::TextOnly, Dialect::Ga));
    set(&mut scene, "session.tool_choice", "required");
    scene.say("list");
    assert_eq!(scene.sent.pop().unwrap().get("response"), None);
    scene.server(&created("r"));
    scene.server(&json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": [
        {"id": "c", "type": "function_call", "call_id": "call", "name": "list_tasks", "arguments": "{}"}]}}));
    scene.input(Input::ToolOutput { call_id: "call".into(), output: "{}".to_owned(), ok: true });
    assert_eq!(scene.sent.last().unwrap()["response"], json!({"tool_choice": "auto"}));
}

#[test]
fn a_tool_that_there_is_not_cannot_be_chosen() {
    let mut scene = Scene::of(with_tool(TurnMode::TextOnly, Dialect::Ga));
    set(&mut scene, "session.tool_choice", "fly");
    assert_eq!(scene.texts(), ["note: `session.tool_choice` takes `auto`, `none`, `required`, `list_tasks`"]);
    assert_eq!(scene.sent_types(), [""; 0]);
}

#[test]
fn without_sound_answers_cannot_be_spoken() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    set(&mut scene, "session.output_modality", "audio");
    assert_eq!(scene.texts(), ["note: this run has no sound: answers are written"]);
}

#[test]
fn what_can_only_be_left_out_holds_from_the_next_session_on() {
    let mut scene = Scene::new(TurnMode::Vad);
    set(&mut scene, "session.reasoning_effort", "high");
    set(&mut scene, "session.reasoning_effort", "auto");
    assert_eq!(scene.sent_types(), ["session.update"]);
    assert!(scene.texts()[0].ends_with("/new begins one"), "{:?}", scene.texts());
    scene.input(Input::Disconnected);
    scene.input(Input::Connected);
    assert!(scene.sent[0]["session"].get("reasoning").is_none());
}
