//! How strictly a client is read: the service's own errors for what it refuses.

use serde_json::{Map, Value};

use super::super::{ApiError, ClientEvent};

pub(super) fn invalid(code: &str, message: &str, param: Option<&str>) -> Box<ApiError> {
    Box::new(ApiError {
        kind: "invalid_request_error".to_owned(),
        code: Some(code.to_owned()),
        message: message.to_owned(),
        param: param.map(str::to_owned),
        event_id: None,
    })
}

pub(super) fn check_type(object: &Map<String, Value>) -> Result<(), Box<ApiError>> {
    let Some(kind) = object.get("type").and_then(Value::as_str) else {
        return Err(invalid("invalid_event", "The 'type' field is missing.", None));
    };
    if ClientEvent::TYPES.contains(&kind) {
        return Ok(());
    }
    let known = ClientEvent::TYPES.map(|t| format!("'{t}'")).join(", ");
    Err(invalid(
        "invalid_value",
        &format!("Invalid value: '{kind}'. Supported values are: {known}."),
        Some("type"),
    ))
}

/// GA wants to be told which kind of session it is, in every update.
pub(super) fn check_session_type(object: &Map<String, Value>) -> Result<(), Box<ApiError>> {
    let is_update = object.get("type").and_then(Value::as_str) == Some("session.update");
    if is_update && object.get("session").is_some_and(|s| s.get("type").is_none_or(Value::is_null)) {
        return Err(missing("session.type"));
    }
    Ok(())
}

/// From serde's words to the service's.
pub(super) fn explain(error: &str) -> Box<ApiError> {
    match error.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        Some(field) => missing(field),
        None => invalid("invalid_value", &format!("Invalid value: {error}."), None),
    }
}

fn missing(field: &str) -> Box<ApiError> {
    invalid("missing_required_parameter", &format!("Missing required parameter: '{field}'."), Some(field))
}

/// The keys that a client gave, to be compared with those that were understood.
pub(super) struct Keys(Value);

impl Keys {
    pub(super) fn of(object: &Map<String, Value>) -> Self {
        // Sound is long, and has nothing below it to compare.
        let keep = |(key, value): (&String, &Value)| {
            (key.clone(), if key == "audio" && value.is_string() { Value::Bool(true) } else { value.clone() })
        };
        Self(Value::Object(object.iter().map(keep).collect()))
    }

    /// What does not survive a round trip through the types is unknown.
    pub(super) fn check(&self, event: &ClientEvent) -> Result<(), Box<ApiError>> {
        let understood = match event {
            ClientEvent::InputAudioBufferAppend { .. } => {
                serde_json::json!({"type": true, "audio": true})
            }
            _ => serde_json::to_value(event).expect("events serialize"),
        };
        match unknown_path(&self.0, &understood) {
            Some(path) => {
                Err(invalid("unknown_parameter", &format!("Unknown parameter: '{path}'."), Some(&path)))
            }
            None => Ok(()),
        }
    }
}

/// The path of the first key of `given` that `understood` lacks, such as `session.tools[0].meta`.
fn unknown_path(given: &Value, understood: &Value) -> Option<String> {
    match (given, understood) {
        (Value::Object(given), Value::Object(understood)) => given.iter().find_map(|(key, value)| {
            if is_empty(value) {
                return None;
            }
            let Some(inner) = understood.get(key) else { return Some(key.clone()) };
            unknown_path(value, inner).map(|rest| join(key, &rest))
        }),
        (Value::Array(given), Value::Array(understood)) => {
            given.iter().zip(understood).enumerate().find_map(|(i, (value, inner))| {
                unknown_path(value, inner).map(|rest| join(&format!("[{i}]"), &rest))
            })
        }
        _ => None,
    }
}

fn join(key: &str, rest: &str) -> String {
    if rest.starts_with('[') { format!("{key}{rest}") } else { format!("{key}.{rest}") }
}

/// Nothing was asked for: an empty object may vanish on the way through the types.
fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(Map::is_empty)
}
