//! The wire types against recorded and published events, and against the JSON Schemas.

use std::fs;
use std::path::{Path, PathBuf};

use realtime_cli::protocol::dialect::{decode_client, decode_server, encode_client, encode_server};
use realtime_cli::protocol::{ClientEvent, Dialect, ServerEvent};
use serde_json::Value;

use crate::schema::schema;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/protocol")
}

fn lines(file: &str) -> Vec<Value> {
    let path = folder().join("samples").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().filter(|l| !l.is_empty()).map(|l| serde_json::from_str(l).expect(l)).collect()
}

fn assert_understood(event: &Value) {
    let message = decode_server(&event.to_string()).unwrap_or_else(|e| panic!("{e}: {event}"));
    if let ServerEvent::Unknown { kind, problem } = message.event {
        panic!("{kind} was not understood ({problem:?}): {event}");
    }
}

#[test]
fn every_published_server_event_is_understood() {
    for file in ["ga.server.jsonl", "beta.server.jsonl"] {
        lines(file).iter().for_each(assert_understood);
    }
}

#[test]
fn every_known_error_is_understood() {
    for line in lines("known_errors.jsonl") {
        let message = decode_server(&line["event"].to_string()).expect("decodes");
        let ServerEvent::Error { error } = message.event else { panic!("no error: {line}") };
        assert!(!error.message.is_empty(), "{line}");
    }
}

#[test]
fn every_recorded_event_of_other_servers_is_understood() {
    let mut count = 0;
    for entry in fs::read_dir(folder().join("samples/thirdparty")).expect("folder") {
        let name = entry.expect("entry").file_name().into_string().expect("name");
        for line in lines(&format!("thirdparty/{name}")) {
            if line["dir"] == "server" {
                assert_understood(&line["event"]);
                count += 1;
            }
        }
    }
    assert_eq!(count, 92);
}

#[test]
fn every_published_client_event_is_read_strictly_in_its_dialect() {
    for (file, dialect) in [("ga.client.jsonl", Dialect::Ga), ("beta.client.jsonl", Dialect::Beta)] {
        for event in lines(file) {
            let kind = event["type"].as_str().expect("type").to_owned();
            match decode_client(&event.to_string(), dialect) {
                Ok(_) => {}
                // Left over from beta in the newer description.
                Err(_) if dialect == Dialect::Ga && kind == "transcription_session.update" => {}
                Err(error) => panic!("{error:?}: {event}"),
            }
        }
    }
}

/// What was read is written again in a form that the strict schema allows.
#[test]
fn every_client_event_that_is_written_holds_to_the_strict_schema() {
    for (dialect, name) in [(Dialect::Ga, "ga.client.strict"), (Dialect::Beta, "beta.client.strict")] {
        let validator = schema(name);
        for (file, from) in [("ga.client.jsonl", Dialect::Ga), ("beta.client.jsonl", Dialect::Beta)] {
            for event in lines(file) {
                let Ok(message) = decode_client(&event.to_string(), from) else { continue };
                let beta_only = matches!(message.event, ClientEvent::TranscriptionSessionUpdate { .. });
                if beta_only && dialect == Dialect::Ga {
                    continue;
                }
                let mut message = message;
                if dialect == Dialect::Ga {
                    forget_what_only_beta_has(&mut message.event);
                }
                let written: Value =
                    serde_json::from_str(&encode_client(&message, dialect)).expect("written as JSON");
                let errors: Vec<_> = validator.iter_errors(&written).map(|e| e.to_string()).collect();
                assert!(errors.is_empty(), "{errors:?}\n{written}");
            }
        }
    }
}

fn forget_what_only_beta_has(event: &mut ClientEvent) {
    if let ClientEvent::ResponseCreate { response: Some(response) } = event {
        response.temperature = None;
    }
    if let ClientEvent::SessionUpdate { session } = event {
        session.temperature = None;
    }
}

#[test]
fn every_server_event_that_is_written_holds_to_the_schema() {
    // Their published examples lack what their own schema requires.
    let broken = ["transcription_session.updated", "conversation.item.input_audio_transcription.completed"];
    for (dialect, name) in [(Dialect::Ga, "ga.server"), (Dialect::Beta, "beta.server")] {
        let validator = schema(name);
        for event in lines(&format!("{name}.jsonl")) {
            if broken.contains(&event["type"].as_str().expect("type")) {
                continue;
            }
            let mut message = decode_server(&event.to_string()).expect("decodes");
            message.event_id.get_or_insert_with(|| "event_1".into());
            let Some(text) = encode_server(&message, dialect) else { continue };
            let written: Value = serde_json::from_str(&text).expect("written as JSON");
            let errors: Vec<_> = validator.iter_errors(&written).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}\n{written}");
        }
    }
}
