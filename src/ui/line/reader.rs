//! Events as lines to be listened to: who said what, in whole sentences and without signs.

use std::collections::BTreeMap;

use super::LineEvent;
use crate::text::Clean;
use crate::ui::calls;
use crate::ui::view::NoticeLevel;

/// The line for an event, without its end; `None` for what need not be told. `calls` has the calls that run.
pub(super) fn line(event: &LineEvent, calls: &mut BTreeMap<String, String>) -> Option<String> {
    let line = match event {
        LineEvent::User { text, spoken: true, .. } => format!("you: {text}"),
        // The terminal shows what is typed, and tokens are of no use here.
        LineEvent::User { spoken: false, .. } | LineEvent::Usage { .. } => return None,
        LineEvent::Assistant { text, .. } if text.trim().is_empty() => return None,
        LineEvent::Assistant { text, interrupted: false, .. } => format!("assistant: {text}"),
        LineEvent::Assistant { text, .. } => format!("assistant, interrupted: {text}"),
        LineEvent::ToolCall { name, arguments, call_id } => {
            let call = format!("{name} {}", calls::words(arguments));
            calls.insert(call_id.clone(), call.trim_end().to_owned());
            return None;
        }
        LineEvent::ToolResult { call_id, ok, output, summary } => {
            let call = calls.remove(call_id).unwrap_or_else(|| "a call".to_owned());
            match (ok, summary.as_str()) {
                (true, "") => format!("tool {call}: done"),
                (true, summary) => format!("tool {call}: {summary}"),
                (false, _) => format!("tool {call}: failed: {}", calls::reason(output)),
            }
        }
        LineEvent::Notice { level: NoticeLevel::Info, text } => format!("note: {text}"),
        LineEvent::Notice { level: NoticeLevel::Warning, text } => format!("warning: {text}"),
        LineEvent::Notice { level: NoticeLevel::Error, text } => format!("error: {text}"),
        LineEvent::Reminder { words, .. } => words.clone(),
        LineEvent::State { text } => text.clone(),
        LineEvent::Ready => return None,
    };
    Some(Clean::new(&line).as_str().trim_end().to_owned())
}
