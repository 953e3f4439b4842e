use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::dialect::{self, DecodeError, decode_client, decode_server, encode_client, encode_server};
use super::session::{Modality, SessionKind, TurnDetection};
use super::*;

/// An event as it goes out; panics unless it is one that a client of `dialect` may send, and nothing besides.
pub(crate) fn sent(message: &ClientMessage, dialect: Dialect) -> Value {
    static GA: LazyLock<Validator> = LazyLock::new(|| strict("ga"));
    static BETA: LazyLock<Validator> = LazyLock::new(|| strict("beta"));
    let event: Value = serde_json::from_str(&encode_client(message, dialect)).expect("JSON");
    let mut checked = event.clone();
    // Beta's schema lists the voices that there were.
    if let Some(voice) = checked.pointer_mut("/session/voice") {
        *voice = json!("alloy");
    }
    let validator = if dialect == Dialect::Ga { &GA } else { &BETA };
    let errors: Vec<_> = validator.iter_errors(&checked).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{event}");
    event
}

fn strict(name: &str) -> Validator {
    let root = env!("CARGO_MANIFEST_DIR");
    let path = format!("{root}/tests/protocol/schemas/{name}.client.strict.schema.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).expect("schema")).expect("JSON");
    jsonschema::validator_for(&schema).expect("compiles")
}

fn server(event: &Value) -> ServerEvent {
    decode_server(&event.to_string()).expect("decodes").event
}

fn refused(event: &Value) -> (String, Option<String>) {
    let error = decode_client(&event.to_string(), Dialect::Ga).expect_err("is refused");
    (error.code.clone().unwrap_or_default(), error.param.clone())
}

#[test]
fn unknown_events_and_fields_do_not_hurt() {
    assert_eq!(
        server(&json!({"type": "x.future.event", "a": 1})),
        ServerEvent::Unknown { kind: "x.future.event".to_owned(), problem: None }
    );
    assert_eq!(
        server(&json!({"type": "input_audio_buffer.speech_started", "item_id": "i", "new": [1]})),
        ServerEvent::SpeechStarted(server_event::SpeechStarted { item_id: "i".into(), audio_start_ms: 0 })
    );
}

#[test]
fn missing_fields_and_nulls_read_as_absent() {
    for kind in ServerEvent::TYPES {
        let nulls = json!({"type": kind, "item_id": null, "delta": null, "response": null, "session": null,
            "item": {"type": "message", "role": "user", "content": null, "id": null}, "error": {"code": null}});
        assert!(!matches!(server(&nulls), ServerEvent::Unknown { .. }), "{kind}");
    }
}

#[test]
fn a_known_event_of_a_wrong_shape_says_what_is_wrong() {
    let event = server(&json!({"type": "response.output_audio.delta", "delta": "**"}));
    let ServerEvent::Unknown { kind, problem: Some(problem) } = event else { panic!("{event:?}") };
    assert_eq!(kind, "response.output_audio.delta");
    assert!(problem.contains("Invalid symbol"), "{problem}");
}

#[test]
fn what_is_no_event_is_an_error() {
    assert_eq!(decode_server("[1]"), Err(DecodeError::NoType));
    assert_eq!(decode_server("{\"type\":7}"), Err(DecodeError::NoType));
    assert!(matches!(decode_server("{"), Err(DecodeError::Json(_))));
    assert!(matches!(decode_server(&"[".repeat(100_000)), Err(DecodeError::Json(_))));
}

#[test]
fn beta_names_and_shapes_read_as_ga() {
    let event = server(&json!({"type": "response.audio_transcript.delta", "delta": "hi", "item_id": "i"}));
    assert!(matches!(event, ServerEvent::OutputTranscriptDelta(d) if d.delta == "hi"));
    let event = server(&json!({"type": "session.created", "session": {"modalities": ["text", "audio"],
        "voice": "sage", "input_audio_format": "g711_ulaw", "turn_detection": {"type": "server_vad"}}}));
    let ServerEvent::SessionCreated(created) = event else { panic!("{event:?}") };
    assert_eq!(created.session.output_modalities, Some(vec![Modality::Audio]));
    assert_eq!(created.session.audio.input.format, Some(session::AudioFormat::Pcmu));
    assert_eq!(created.session.audio.output.voice, Some(json!("sage")));
    assert!(matches!(
        created.session.audio.input.turn_detection,
        Patch::Set(TurnDetection::ServerVad { .. })
    ));
}

#[test]
fn an_error_that_is_a_string_keeps_its_words_and_code() {
    let ServerEvent::Error { error } =
        server(&json!({"type": "error", "error": "Invalid JSON", "code": "bad"}))
    else {
        panic!("no error")
    };
    assert_eq!((error.message.as_str(), error.code()), ("Invalid JSON", "bad"));
}

#[test]
fn a_client_is_refused_with_the_services_codes() {
    let code = |event: Value| refused(&event);
    assert_eq!(code(json!({"event_id": "e"})), ("invalid_event".to_owned(), None));
    assert_eq!(
        code(json!({"type": "scooby.dooby.doo"})),
        ("invalid_value".to_owned(), Some("type".to_owned()))
    );
    assert_eq!(
        code(json!({"type": "session.update", "session": {"instructions": "x"}})),
        ("missing_required_parameter".to_owned(), Some("session.type".to_owned()))
    );
    assert_eq!(
        code(json!({"type": "session.update", "session": {"type": "realtime",
            "tools": [{"type": "function", "name": "f", "meta": 1}]}})),
        ("unknown_parameter".to_owned(), Some("session.tools[0].meta".to_owned()))
    );
    assert_eq!(
        code(json!({"type": "conversation.item.delete"})),
        ("missing_required_parameter".to_owned(), Some("item_id".to_owned()))
    );
}

#[test]
fn an_error_names_the_event_that_caused_it() {
    let error =
        decode_client("{\"type\":\"x\",\"event_id\":\"mine\"}", Dialect::Ga).expect_err("unknown type");
    assert_eq!(error.event_id, Some("mine".into()));
}

#[test]
fn null_switches_turn_detection_off_and_absence_leaves_it() {
    let read = |session: Value| match decode_client(
        &json!({"type": "session.update", "session": session}).to_string(),
        Dialect::Ga,
    )
    .expect("valid")
    .event
    {
        ClientEvent::SessionUpdate { session } => session.audio.input.turn_detection,
        other => panic!("{other:?}"),
    };
    let off = json!({"type": "realtime", "audio": {"input": {"turn_detection": null}}});
    assert_eq!(read(off), Patch::Clear);
    assert_eq!(read(json!({"type": "realtime"})), Patch::Keep);
}

#[test]
fn an_update_changes_only_what_it_names() {
    let mut session = Session { instructions: Some("be kind".into()), ..Session::default() };
    session.audio.input.turn_detection = Patch::Set(TurnDetection::Unknown);
    let mut update = Session { kind: Some(SessionKind::Realtime), ..Session::default() };
    update.audio.output.speed = Some(1.2);
    session.merge(&update);
    assert_eq!(session.instructions.as_deref(), Some("be kind"));
    assert_eq!(session.audio.input.turn_detection, Patch::Set(TurnDetection::Unknown));
    assert_eq!(session.audio.output.speed, Some(1.2));
    update.audio.input.turn_detection = Patch::Clear;
    session.merge(&update);
    assert_eq!(session.audio.input.turn_detection, Patch::Clear);
}

#[test]
fn beta_has_no_item_done_and_another_name_for_added() {
    let item = Item::assistant_text("i".into(), "hi");
    let event = server_event::ItemEvent { previous_item_id: None, item };
    let message = |event| ServerMessage { event_id: Some("e".into()), event };
    assert_eq!(encode_server(&message(ServerEvent::ItemDone(event.clone())), Dialect::Beta), None);
    let text = encode_server(&message(ServerEvent::ItemAdded(event)), Dialect::Beta).expect("has one");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["type"], "conversation.item.created");
    assert_eq!(value["item"]["content"][0]["type"], "text");
}

#[test]
fn every_known_type_is_decoded_as_itself() {
    for kind in ServerEvent::TYPES {
        let event = json!({"type": kind, "item": {"type": "message", "role": "user"}, "error": {}});
        let text = encode_server(&ServerMessage { event_id: None, event: server(&event) }, Dialect::Ga)
            .expect("written");
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["type"], kind);
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_decoder_panic(text: String) {
        let _ = decode_server(&text);
        let _ = decode_client(&text, Dialect::Ga);
        let _ = decode_client(&text, Dialect::Beta);
    }

    #[test]
    fn sound_survives_the_wire_in_both_dialects(bytes: Vec<u8>, beta: bool) {
        let dialect = if beta { Dialect::Beta } else { Dialect::Ga };
        let event = ClientEvent::InputAudioBufferAppend { audio: crate::pcm::AudioBytes(bytes) };
        let text = encode_client(&event.clone().into(), dialect);
        prop_assert_eq!(decode_client(&text, dialect).expect("reads its own").event, event);
    }

    #[test]
    fn typed_text_survives_the_wire_in_both_dialects(text: String, beta: bool) {
        let dialect = if beta { Dialect::Beta } else { Dialect::Ga };
        let event = ClientEvent::ConversationItemCreate {
            previous_item_id: None,
            item: Item::user_text("item_1".into(), &text),
        };
        let wire = encode_client(&event.clone().into(), dialect);
        prop_assert_eq!(decode_client(&wire, dialect).expect("reads its own").event, event);
    }
}

#[test]
fn a_servers_quirks_change_what_is_sent_and_nothing_else() {
    let event = json!({"type": "session.update", "session": {"type": "realtime",
        "audio": {"input": {"turn_detection": {"type": "server_vad"}, "format": {"type": "audio/pcm", "rate": 16000}},
            "output": {"voice": "ara", "speed": 1.0}},
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}]}});
    let message = dialect::decode_client(&event.to_string(), Dialect::Ga).unwrap();
    let encoded = |dialect, quirks: &dialect::Quirks| -> Value {
        serde_json::from_str(&dialect::encode_client_with(&message, dialect, quirks)).unwrap()
    };
    let flat = dialect::Quirks { flat_session: true, ..dialect::Quirks::default() };
    let session = &encoded(Dialect::Ga, &flat)["session"];
    assert_eq!(
        (&session["voice"], &session["turn_detection"]["type"]),
        (&json!("ara"), &json!("server_vad"))
    );
    assert_eq!(session["audio"]["output"], json!({"speed": 1.0}));
    let qwen = dialect::Quirks {
        nested_tools: true,
        formats: Some(("pcm".to_owned(), "pcm".to_owned())),
        leave_out: vec!["speed".to_owned()],
        ..dialect::Quirks::default()
    };
    let session = &encoded(Dialect::Beta, &qwen)["session"];
    assert_eq!(session["input_audio_format"], "pcm");
    assert_eq!(session["tools"][0]["function"]["name"], "f");
    assert_eq!(session.get("speed"), None);
}
