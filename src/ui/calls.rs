//! A function call of the model, as one entry of the conversation.

use std::time::Duration;

use ratatui::style::Style;
use serde_json::Value;

use super::theme::{Role, Theme};
use super::view::ToolState;
use super::wrap;
use crate::text::Clean;

/// Columns for one argument, and for all of them.
const ARGUMENT: usize = 60;
const ARGUMENTS: usize = 160;

pub(crate) fn symbol(state: ToolState) -> (&'static str, Role) {
    match state {
        ToolState::Running => ("…", Role::Busy),
        ToolState::Done => ("✓", Role::Good),
        ToolState::Failed => ("✗", Role::Error),
    }
}

/// `name argument=value: what came of it (time)`
pub(crate) fn pieces(
    name: &Clean,
    arguments: &Clean,
    state: ToolState,
    summary: &Clean,
    elapsed: Option<Duration>,
    theme: Theme,
) -> Vec<(String, Style)> {
    let dim = theme.style(Role::Dim);
    let mut pieces = vec![(name.to_string(), theme.style(Role::Title))];
    let arguments = words(arguments.as_str());
    if !arguments.is_empty() {
        pieces.push((format!(" {arguments}"), dim));
    }
    let outcome = match state {
        ToolState::Running => ": running".to_owned(),
        ToolState::Done if summary.is_empty() => ": done".to_owned(),
        ToolState::Done => format!(": {summary}"),
        ToolState::Failed => format!(": failed: {summary}"),
    };
    pieces.push((outcome, theme.style(Role::Text)));
    if let Some(elapsed) = elapsed {
        pieces.push((format!(" ({})", duration(elapsed)), dim));
    }
    pieces
}

/// A JSON object as `key=value` pairs; anything else as it is.
///
/// Parsing turns the escapes of JSON into real control characters, so the values are cleaned again.
pub(crate) fn words(arguments: &str) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_str(arguments) else {
        return wrap::fit(Clean::line(arguments).as_str(), ARGUMENTS);
    };
    let fields = fields.iter().map(|(key, value)| {
        let value = match value {
            Value::String(text) if text.contains(' ') => format!("“{text}”"),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        wrap::fit(Clean::line(&format!("{key}={value}")).as_str(), ARGUMENT)
    });
    wrap::fit(&fields.collect::<Vec<_>>().join(" "), ARGUMENTS)
}

/// Why a call failed: the `message` in its JSON, or all it gave back.
pub(crate) fn reason(output: &str) -> String {
    match serde_json::from_str(output) {
        Ok(Value::Object(mut fields)) => match fields.remove("message") {
            Some(Value::String(message)) => message,
            _ => output.to_owned(),
        },
        _ => output.to_owned(),
    }
}

/// `430 ms`, `1.2 s`
pub(crate) fn duration(duration: Duration) -> String {
    match duration.as_millis() {
        ms @ 0..1000 => format!("{ms} ms"),
        _ => format!("{:.1} s", duration.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests;
