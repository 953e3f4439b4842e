//! Text frames to events and back, in either dialect.
//!
//! GA is the model. Servers are read tolerantly and in both dialects at once, whatever was asked for; clients are
//! read strictly, as the service does, because a field that is silently ignored is a bug that nobody finds.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ApiError, ClientEvent, ClientMessage, EventId, ServerEvent, ServerMessage, Session};

mod beta;
mod quirks;
mod strict;

pub use quirks::Quirks;

/// The two generations of the protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    #[default]
    Ga,
    /// Gone from its first home since 2026-05-12, alive elsewhere.
    Beta,
}

/// A frame that is no event at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the frame is not JSON: {0}")]
    Json(String),
    #[error("the frame is not an object with a `type`")]
    NoType,
}

/// One event as a text frame.
pub fn encode_client(message: &ClientMessage, dialect: Dialect) -> String {
    encode_client_with(message, dialect, &Quirks::default())
}

/// One event as a text frame for a server with quirks.
pub fn encode_client_with(message: &ClientMessage, dialect: Dialect, quirks: &Quirks) -> String {
    let mut value = to_object(&message.event, message.event_id.as_ref());
    if dialect == Dialect::Beta {
        beta::client_to_beta(&mut value);
    }
    quirks.apply(&mut value);
    Value::Object(value).to_string()
}

/// What of a session is not sent to a server of this dialect and with these quirks, as paths within it.
pub fn lost(session: &Session, dialect: Dialect, quirks: &Quirks) -> Vec<String> {
    let before = serde_json::to_value(session).expect("sessions serialize");
    let Value::Object(before) = before else { unreachable!("sessions are objects") };
    let mut lost = if dialect == Dialect::Beta { beta::lost(&before) } else { Vec::new() };
    let mut sent = Map::from_iter([("session".to_owned(), Value::Object(before))]);
    if dialect == Dialect::Beta {
        beta::client_to_beta(&mut sent);
    }
    let left_out = quirks.leave_out.iter().filter(|path| at(&sent["session"], path).is_some());
    lost.extend(left_out.map(|path| ga_path(path)));
    lost
}

/// A path within a session of any shape, as it is in GA.
pub fn ga_path(path: &str) -> String {
    beta::ga_path(path)
}

fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, step| value.get(step))
}

/// One event as a text frame; `None` where the dialect has no such event.
pub fn encode_server(message: &ServerMessage, dialect: Dialect) -> Option<String> {
    if matches!(message.event, ServerEvent::Unknown { .. }) {
        return None;
    }
    let mut value = to_object(&message.event, message.event_id.as_ref());
    tell_missing_transcripts(&mut value);
    if dialect == Dialect::Beta && !beta::server_to_beta(&mut value) {
        return None;
    }
    Some(Value::Object(value).to_string())
}

/// A person's sound without words yet has a `null` for them: there are clients that insist on the field.
fn tell_missing_transcripts(event: &mut Map<String, Value>) {
    let content = event.get_mut("item").and_then(|item| item.get_mut("content"));
    let parts = content.and_then(Value::as_array_mut).into_iter().flatten();
    for part in parts.filter_map(Value::as_object_mut) {
        if part.get("type").is_some_and(|kind| kind == "input_audio") {
            part.entry("transcript").or_insert(Value::Null);
        }
    }
}

/// Reads a server's frame of either dialect. What is not understood is [`ServerEvent::Unknown`], not an error.
pub fn decode_server(text: &str) -> Result<ServerMessage, DecodeError> {
    let value: Value = serde_json::from_str(text).map_err(|e| DecodeError::Json(e.to_string()))?;
    let Value::Object(mut object) = value else { return Err(DecodeError::NoType) };
    let kind = object.get("type").and_then(Value::as_str).ok_or(DecodeError::NoType)?.trim().to_owned();
    object.insert("type".to_owned(), Value::String(kind.clone()));
    let event_id = take_event_id(&mut object);
    let off = beta::switched_off(&object);
    strip_nulls(&mut object);
    beta::server_from_any(&mut object);
    beta::tell_switched_off(&mut object, &off);
    let known = object.get("type").and_then(Value::as_str).is_some_and(|t| ServerEvent::TYPES.contains(&t));
    let event = if known {
        serde_json::from_value(Value::Object(object))
            .unwrap_or_else(|error| ServerEvent::Unknown { kind, problem: Some(error.to_string()) })
    } else {
        ServerEvent::Unknown { kind, problem: None }
    };
    Ok(ServerMessage { event_id, event })
}

/// Reads a client's frame in `dialect`. The error is what the service would answer.
pub fn decode_client(text: &str, dialect: Dialect) -> Result<ClientMessage, Box<ApiError>> {
    let value: Value = serde_json::from_str(text)
        .map_err(|e| strict::invalid("invalid_json", &format!("The event is not valid JSON: {e}"), None))?;
    let Value::Object(mut object) = value else {
        return Err(strict::invalid("invalid_event", "The event must be a JSON object.", None));
    };
    let event_id = take_event_id(&mut object);
    decode_client_object(object, dialect)
        .map(|event| ClientMessage { event_id: event_id.clone(), event })
        .map_err(|mut error| {
            error.event_id = event_id;
            error
        })
}

fn decode_client_object(
    mut object: Map<String, Value>,
    dialect: Dialect,
) -> Result<ClientEvent, Box<ApiError>> {
    strict::check_type(&object)?;
    match dialect {
        Dialect::Beta => beta::client_from_beta(&mut object),
        Dialect::Ga => strict::check_session_type(&object)?,
    }
    let given = strict::Keys::of(&object);
    let event: ClientEvent =
        serde_json::from_value(Value::Object(object)).map_err(|error| strict::explain(&error.to_string()))?;
    given.check(&event)?;
    Ok(event)
}

fn to_object(event: &impl Serialize, event_id: Option<&EventId>) -> Map<String, Value> {
    let value = serde_json::to_value(event).expect("events have string keys and serialize");
    let Value::Object(mut object) = value else { unreachable!("events are objects") };
    if let Some(id) = event_id {
        object.insert("event_id".to_owned(), Value::String(id.0.clone()));
    }
    object
}

fn take_event_id(object: &mut Map<String, Value>) -> Option<EventId> {
    match object.remove("event_id") {
        Some(Value::String(id)) => Some(EventId(id)),
        _ => None,
    }
}

/// In what a server sends, `null` and absence mean the same, but for what [`beta::switched_off`] finds.
fn strip_nulls(object: &mut Map<String, Value>) {
    object.retain(|_, value| !value.is_null());
    for value in object.values_mut() {
        strip_nulls_in(value);
    }
}

fn strip_nulls_in(value: &mut Value) {
    match value {
        Value::Object(object) => strip_nulls(object),
        Value::Array(values) => values.iter_mut().for_each(strip_nulls_in),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
