//! A reminder that is due, which a client tells of in a system message.

use super::super::engine::PromptItem;

const BEGIN: &str = "Reminder due now: ";

/// What is to be said of it. Only the latest item counts: all that was said since is answered instead.
pub(super) fn said(items: &[PromptItem]) -> Option<String> {
    let Some(PromptItem::System(text)) = items.last() else { return None };
    let quoted = text.strip_prefix(BEGIN)?.lines().next()?;
    let words: String = serde_json::from_str(quoted).ok()?;
    let words = words
        .strip_prefix("reminder: ")
        .map_or(words.clone(), |title| format!("This is your reminder: {title}"));
    Some(format!("{words}."))
}
