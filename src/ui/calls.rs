//! A function call of the model, as one entry of the conversation.

use std::time::Duration;

use ratatui::style::Style;
use serde_json::{Map, Value};

use super::theme::{Role, Theme};
use super::view::{Differences, ToolState};
use super::wrap;
use crate::text::Clean;

/// Columns for one argument, and for all of them.
const ARGUMENT: usize = 60;
const ARGUMENTS: usize = 160;

pub(crate) fn symbol(state: ToolState) -> (&'static str, Role) {
    match state {
        ToolState::Collecting | ToolState::Running => ("…", Role::Busy),
        ToolState::Done => ("✓", Role::Good),
        ToolState::Failed => ("✗", Role::Error),
    }
}

/// `name argument=value: what came of it (time)`, and below it what it changed.
pub(crate) fn pieces(
    name: &Clean,
    arguments: &Clean,
    state: ToolState,
    summary: &Clean,
    elapsed: Option<Duration>,
    differences: &Differences,
    theme: Theme,
) -> Vec<(String, Style)> {
    let dim = theme.style(Role::Dim);
    let mut pieces = vec![(name.to_string(), theme.style(Role::Title))];
    let arguments = words(arguments.as_str());
    if !arguments.is_empty() {
        pieces.push((format!(" {arguments}"), dim));
    }
    let outcome = match state {
        ToolState::Collecting => ": preparing".to_owned(),
        ToolState::Running => ": running".to_owned(),
        ToolState::Done if summary.is_empty() => ": done".to_owned(),
        ToolState::Done => format!(": {summary}"),
        ToolState::Failed => format!(": failed: {summary}"),
    };
    pieces.push((outcome, theme.style(Role::Text)));
    if let Some(elapsed) = elapsed {
        let time = if state == ToolState::Running {
            format!(", {} s", elapsed.as_secs())
        } else {
            format!(" ({})", duration(elapsed))
        };
        pieces.push((time, dim));
    }
    pieces.extend(difference(differences, theme));
    pieces
}

/// On lines of its own: `due: none → tomorrow · F8 undoes`
fn difference(differences: &Differences, theme: Theme) -> Vec<(String, Style)> {
    let changes: Vec<_> = differences.changes.iter().map(Clean::as_str).collect();
    let undo = differences.undo_key.iter().map(|key| format!("{key} undoes"));
    let (changes, undo) = (changes.join(" · "), undo.collect::<String>());
    let gap = if changes.is_empty() || undo.is_empty() { "" } else { " · " };
    if changes.is_empty() && undo.is_empty() {
        return Vec::new();
    }
    vec![(format!("\n{changes}"), theme.style(Role::Text)), (format!("{gap}{undo}"), theme.style(Role::Key))]
}

/// A JSON object as `key=value` pairs, also one of which only the beginning is there; anything else as it is.
///
/// Parsing turns the escapes of JSON into real control characters, so the values are cleaned again.
pub(crate) fn words(arguments: &str) -> String {
    let Some(fields) = object(arguments) else {
        return wrap::fit(Clean::line(arguments).as_str(), ARGUMENTS);
    };
    let fields = fields.iter().filter(|(key, _)| !key.is_empty()).map(|(key, value)| {
        let value = match value {
            Value::String(text) if text.contains(' ') => format!("“{text}”"),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        wrap::fit(Clean::line(&format!("{key}={value}")).as_str(), ARGUMENT)
    });
    wrap::fit(&fields.collect::<Vec<_>>().join(" "), ARGUMENTS)
}

/// The fields of an object, as far as they have come.
fn object(arguments: &str) -> Option<Map<String, Value>> {
    const ENDINGS: [&str; 7] = ["", "}", "\"}", "\"]}", "]}", ":\"…\"}", "\":\"…\"}"];
    let begun = arguments.trim_end().trim_end_matches([',', '\\', ':']);
    let whole = std::iter::once(arguments.to_owned());
    let ended = ENDINGS.iter().map(|ending| format!("{begun}{ending}"));
    whole.chain(ended).find_map(|text| serde_json::from_str(&text).ok())
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
