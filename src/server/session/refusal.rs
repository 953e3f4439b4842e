//! What a client is told when it asks for something that cannot be: the service's codes and, where known, its words.

#![expect(clippy::unnecessary_box_returns, reason = "refusals travel boxed, because they are long")]

use std::fmt::Display;

use crate::protocol::{ApiError, ItemId, ResponseId};

pub(super) type Refusal = Box<ApiError>;

pub(super) fn refuse(code: &str, message: String, param: Option<&str>) -> Refusal {
    Box::new(ApiError {
        kind: "invalid_request_error".to_owned(),
        code: Some(code.to_owned()),
        message,
        param: param.map(str::to_owned),
        event_id: None,
    })
}

pub(super) fn invalid(param: &str, message: String) -> Refusal {
    refuse("invalid_value", message, Some(param))
}

/// `given` is left out where the wire types did not keep it.
pub(super) fn unsupported(param: &str, given: Option<&str>, supported: &[&str]) -> Refusal {
    let given = given.map(|g| format!(": '{g}'")).unwrap_or_default();
    let supported = supported.iter().map(|s| format!("'{s}'")).collect::<Vec<_>>().join(", ");
    invalid(param, format!("Invalid value{given}. Supported values are: {supported}."))
}

pub(super) fn missing(param: &str) -> Refusal {
    refuse("missing_required_parameter", format!("Missing required parameter: '{param}'."), Some(param))
}

pub(super) fn unknown(param: &str) -> Refusal {
    refuse("unknown_parameter", format!("Unknown parameter: '{param}'."), Some(param))
}

/// Refuses a number outside `least..=most`; `kind` is `integer` or `decimal`.
pub(super) fn within<T: PartialOrd + Display>(
    param: &str,
    kind: &str,
    value: &T,
    least: &T,
    most: &T,
) -> Result<(), Refusal> {
    let (side, sign, limit) = match value {
        v if v < least => ("below_min", ">=", least),
        v if v > most => ("above_max", "<=", most),
        _ => return Ok(()),
    };
    let words = side.replace('_', " ").replace("min", "minimum").replace("max", "maximum");
    let message = format!(
        "Invalid '{param}': {kind} {words} value. Expected a value {sign} {limit}, but got {value} instead."
    );
    Err(refuse(&format!("{kind}_{side}_value"), message, Some(param)))
}

pub(super) fn not_longer(param: &str, text: &str, most: usize) -> Result<(), Refusal> {
    let length = text.chars().count();
    if length <= most {
        return Ok(());
    }
    let message = format!(
        "Invalid '{param}': string too long. Expected a string with maximum length {most}, but got a string with \
         length {length} instead."
    );
    Err(refuse("string_above_max_length", message, Some(param)))
}

pub(super) fn not_more(param: &str, length: usize, most: usize) -> Result<(), Refusal> {
    if length <= most {
        return Ok(());
    }
    let message = format!(
        "Invalid '{param}': array too long. Expected an array with maximum length {most}, but got an array with \
         length {length} instead."
    );
    Err(refuse("array_above_max_length", message, Some(param)))
}

/// Letters, digits, `_` and `-`: what names of functions and ids of calls are made of.
pub(super) fn plain_name(param: &str, name: &str, most: usize) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(missing(param));
    }
    not_longer(param, name, most)?;
    if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return Ok(());
    }
    let pattern = "^[a-zA-Z0-9_-]+$";
    let message = format!(
        "Invalid '{param}': string does not match pattern. Expected a string that matches the pattern '{pattern}'."
    );
    Err(invalid(param, message))
}

/// `verb` as in "retrieve", `gerund` as in "retrieving".
pub(super) fn no_such_item(verb: &str, gerund: &str, id: &ItemId) -> Refusal {
    let message = format!("Error {gerund} item: the item with id '{id}' does not exist.");
    refuse(&format!("item_{verb}_invalid_item_id"), message, Some("item_id"))
}

pub(super) fn no_such_previous_item(id: &ItemId) -> Refusal {
    let message = format!("Error adding item: the previous item with id '{id}' does not exist.");
    refuse("item_create_invalid_previous_item_id", message, Some("previous_item_id"))
}

pub(super) fn duplicate_item(id: &ItemId) -> Refusal {
    let message = format!("Error adding item: an item with id '{id}' already exists.");
    refuse("item_create_duplicate_item_id", message, None)
}

pub(super) fn already_active(id: &ResponseId) -> Refusal {
    let message = format!(
        "Conversation already has an active response in progress: {id}. Wait until the response is finished before \
         creating a new one."
    );
    refuse("conversation_already_has_active_response", message, None)
}

pub(super) fn nothing_to_cancel() -> Refusal {
    refuse("response_cancel_not_active", "Cancellation failed: no active response found".to_owned(), None)
}
