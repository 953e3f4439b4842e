//! The shapes of beta, and of servers between the two dialects, to those of GA and back.

use serde_json::{Map, Value, json};

type Object = Map<String, Value>;

/// Server event types: beta name, GA name.
const RENAMED: [(&str, &str); 6] = [
    ("response.text.delta", "response.output_text.delta"),
    ("response.text.done", "response.output_text.done"),
    ("response.audio.delta", "response.output_audio.delta"),
    ("response.audio.done", "response.output_audio.done"),
    ("response.audio_transcript.delta", "response.output_audio_transcript.delta"),
    ("response.audio_transcript.done", "response.output_audio_transcript.done"),
];

/// Content types of assistant items: beta name, GA name.
const CONTENT: [(&str, &str); 2] = [("text", "output_text"), ("audio", "output_audio")];

/// Audio formats: beta name, GA name.
const FORMATS: [(&str, &str); 3] =
    [("pcm16", "audio/pcm"), ("g711_ulaw", "audio/pcmu"), ("g711_alaw", "audio/pcma")];

/// Session fields: beta name, path in GA.
const SESSION: [(&str, [&str; 3]); 7] = [
    ("input_audio_format", ["audio", "input", "format"]),
    ("input_audio_transcription", ["audio", "input", "transcription"]),
    ("input_audio_noise_reduction", ["audio", "input", "noise_reduction"]),
    ("turn_detection", ["audio", "input", "turn_detection"]),
    ("output_audio_format", ["audio", "output", "format"]),
    ("voice", ["audio", "output", "voice"]),
    ("speed", ["audio", "output", "speed"]),
];

/// What beta does not know at all, per place.
const GA_SESSION_ONLY: [&str; 6] =
    ["type", "reasoning", "truncation", "parallel_tool_calls", "include", "prompt"];
const GA_RESPONSE_ONLY: [&str; 3] = ["reasoning", "parallel_tool_calls", "prompt"];
const BETA_TRANSCRIPTION: [&str; 3] = ["model", "language", "prompt"];

/// Fields of a session's input whose `null` means that they are off.
const SWITCHED: [&str; 3] = ["transcription", "noise_reduction", "turn_detection"];

/// What a server says is off. One that has `null` for everything about the input says nothing.
pub(super) fn switched_off(event: &Object) -> Vec<&'static str> {
    let Some(session) = event.get("session").and_then(Value::as_object) else { return Vec::new() };
    let flat = |field: &str| {
        let name = SESSION.iter().find(|(_, path)| path[1] == "input" && path[2] == field)?.0;
        session.get(name)
    };
    let nested = session.get("audio").and_then(|audio| audio.get("input"));
    let value = |field: &str| nested.and_then(|input| input.get(field)).or_else(|| flat(field));
    let tells = ["format", SWITCHED[0], SWITCHED[1], SWITCHED[2]]
        .iter()
        .any(|field| value(field).is_some_and(|value| !value.is_null()));
    if !tells {
        return Vec::new();
    }
    SWITCHED.into_iter().filter(|field| value(field).is_some_and(Value::is_null)).collect()
}

/// After nulls were taken out, and all has GA's shape.
pub(super) fn tell_switched_off(event: &mut Object, off: &[&'static str]) {
    if let Some(session) = object(event, "session") {
        for field in off {
            put(session, ["audio", "input", field], Value::Null);
        }
    }
}

/// What [`client_to_beta`] leaves out of a session, as paths in GA.
pub(super) fn lost(session: &Object) -> Vec<String> {
    let known = |path: &[&str]| {
        let root = path.split_first().and_then(|(first, rest)| Some((session.get(*first)?, rest)));
        root.is_some_and(|(root, rest)| rest.iter().try_fold(root, |value, step| value.get(*step)).is_some())
    };
    let whole = GA_SESSION_ONLY.iter().filter(|field| **field != "type" && known(&[*field]));
    let idle = ["audio", "input", "turn_detection", "idle_timeout_ms"];
    let within = known(&idle).then(|| idle.join("."));
    // Beta's is a word.
    let choice =
        session.get("tool_choice").filter(|choice| choice.is_object()).map(|_| "tool_choice".to_owned());
    whole.map(|field| (*field).to_owned()).chain(within).chain(choice).collect()
}

pub(super) fn ga_path(path: &str) -> String {
    let (first, rest) = path.find(['.', '[']).map_or((path, ""), |end| path.split_at(end));
    let ga = match first {
        "modalities" => "output_modalities".to_owned(),
        "max_response_output_tokens" => "max_output_tokens".to_owned(),
        first => SESSION
            .iter()
            .find(|(beta, _)| *beta == first)
            .map_or_else(|| first.to_owned(), |(_, path)| path.join(".")),
    };
    format!("{ga}{rest}")
}

pub(super) fn client_to_beta(event: &mut Object) {
    if let Some(session) = object(event, "session") {
        session_to_beta(session);
        session.retain(|key, value| {
            let unknown = GA_SESSION_ONLY.contains(&key.as_str());
            !(unknown || key == "tool_choice" && value.is_object())
        });
    }
    if let Some(response) = object(event, "response") {
        session_to_beta(response);
        response.retain(|key, _| !GA_RESPONSE_ONLY.contains(&key.as_str()));
        items(response, "input", item_to_beta);
    }
    if let Some(item) = object(event, "item") {
        item_to_beta(item);
    }
}

pub(super) fn client_from_beta(event: &mut Object) {
    let transcribes = event.get("type").is_some_and(|kind| kind == "transcription_session.update");
    if let Some(session) = object(event, "session") {
        session_from_any(session);
        let kind = if transcribes { "transcription" } else { "realtime" };
        session.entry("type").or_insert_with(|| json!(kind));
    }
    if let Some(response) = object(event, "response") {
        session_from_any(response);
    }
}

/// False where beta has no such event.
pub(super) fn server_to_beta(event: &mut Object) -> bool {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
    let renamed = match kind {
        "conversation.item.done" | "input_audio_buffer.timeout_triggered" => return false,
        "conversation.item.added" => "conversation.item.created",
        _ => RENAMED.iter().find(|(_, ga)| *ga == kind).map_or(kind, |(beta, _)| *beta),
    };
    let renamed = Value::String(renamed.to_owned());
    event.insert("type".to_owned(), renamed);
    if let Some(session) = object(event, "session") {
        session_to_beta(session);
        session.remove("type");
    }
    if let Some(response) = object(event, "response") {
        response_to_beta(response);
    }
    if let Some(item) = object(event, "item") {
        item_to_beta(item);
    }
    true
}

fn response_to_beta(response: &mut Object) {
    let max = response.remove("max_output_tokens");
    session_to_beta(response);
    // In the response object, unlike in its parameters, beta has the short name.
    if let Some(max) = max {
        response.insert("max_output_tokens".to_owned(), max);
    }
    items(response, "output", item_to_beta);
}

/// Whatever a server's shape, to GA's.
pub(super) fn server_from_any(event: &mut Object) {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
    if let Some((_, ga)) = RENAMED.iter().find(|(beta, _)| *beta == kind) {
        event.insert("type".to_owned(), Value::String((*ga).to_owned()));
    }
    if let Some(Value::String(message)) = event.get("error") {
        let error = json!({"message": message, "code": event.get("code")});
        event.insert("error".to_owned(), error);
    }
    for place in ["session", "response"] {
        if let Some(inner) = object(event, place) {
            session_from_any(inner);
        }
    }
}

fn session_from_any(session: &mut Object) {
    for (beta, path) in SESSION {
        if let Some(mut value) = session.remove(beta) {
            if path[2] == "format" {
                value = format_from_beta(value);
            }
            put(session, path, value);
        }
    }
    if let Some(modalities) = session.remove("modalities") {
        let audio = modalities.as_array().is_some_and(|m| m.iter().any(|v| v == "audio"));
        session.entry("output_modalities").or_insert_with(|| json!([if audio { "audio" } else { "text" }]));
    }
    if let Some(max) = session.remove("max_response_output_tokens") {
        session.entry("max_output_tokens").or_insert(max);
    }
    items(session, "tools", flatten_tool);
}

fn session_to_beta(session: &mut Object) {
    for (beta, [audio, direction, field]) in SESSION {
        let value = object(session, audio).and_then(|a| object(a, direction)).and_then(|d| d.remove(field));
        if let Some(mut value) = value {
            match field {
                "format" => value = format_to_beta(&value),
                "transcription" => keep(&mut value, &BETA_TRANSCRIPTION),
                "noise_reduction" => keep(&mut value, &["type"]),
                "turn_detection" => drop_key(&mut value, "idle_timeout_ms"),
                _ => {}
            }
            session.insert(beta.to_owned(), value);
        }
    }
    session.remove("audio");
    if let Some(modalities) = session.remove("output_modalities") {
        let audio = modalities.as_array().is_some_and(|m| m.iter().any(|v| v == "audio"));
        // Beta never allowed audio alone.
        session
            .insert("modalities".to_owned(), if audio { json!(["text", "audio"]) } else { json!(["text"]) });
    }
    if let Some(max) = session.remove("max_output_tokens") {
        session.insert("max_response_output_tokens".to_owned(), max);
    }
}

fn item_to_beta(item: &mut Object) {
    item.remove("phase");
    items(item, "content", |part| {
        let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
        if let Some((beta, _)) = CONTENT.iter().find(|(_, ga)| *ga == kind) {
            part.insert("type".to_owned(), Value::String((*beta).to_owned()));
        }
    });
}

/// Some servers nest functions as chat completions do.
fn flatten_tool(tool: &mut Object) {
    if let Some(Value::Object(function)) = tool.remove("function") {
        tool.extend(function);
    }
}

fn format_from_beta(value: Value) -> Value {
    let Some(name) = value.as_str() else { return value };
    match FORMATS.iter().find(|(beta, _)| *beta == name) {
        Some((_, "audio/pcm")) => json!({"type": "audio/pcm", "rate": 24_000}),
        Some((_, ga)) => json!({"type": ga}),
        // Left as a type that nobody knows, so that it is told as such.
        None => json!({"type": name}),
    }
}

fn format_to_beta(value: &Value) -> Value {
    let name = value.get("type").and_then(Value::as_str).unwrap_or_default();
    let beta = FORMATS.iter().find(|(_, ga)| *ga == name).map_or(name, |(beta, _)| *beta);
    Value::String(beta.to_owned())
}

fn object<'a>(parent: &'a mut Object, key: &str) -> Option<&'a mut Object> {
    parent.get_mut(key).and_then(Value::as_object_mut)
}

fn items(parent: &mut Object, key: &str, change: impl Fn(&mut Object)) {
    let list = parent.get_mut(key).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut).for_each(change);
}

fn put(root: &mut Object, path: [&str; 3], value: Value) {
    let mut place = root;
    for key in &path[..2] {
        let next = place.entry(*key).or_insert_with(|| json!({}));
        let Some(object) = next.as_object_mut() else { return };
        place = object;
    }
    place.entry(path[2]).or_insert(value);
}

fn keep(value: &mut Value, keys: &[&str]) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|key, _| keys.contains(&key.as_str()));
    }
}

fn drop_key(value: &mut Value, key: &str) {
    if let Some(object) = value.as_object_mut() {
        object.remove(key);
    }
}
