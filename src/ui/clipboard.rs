//! Putting text into the clipboard by the terminal (OSC 52). It is written on a key press only, and never read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::scroll;
use super::transcript;
use super::view::{Entry, EntryKind, Scroll, UserText, View};

/// Longer ones are dropped by some terminals without a word: bytes in base64, as xterm has it.
const MOST: usize = 74_994;

/// What the copy key takes, on a screen of this size: the message that was found, the one on top while scrolled
/// back, else the last answer. Or why nothing, in words.
pub fn wanted(view: &View, columns: u16, rows: u16) -> Result<String, String> {
    let found = view.search.as_ref().and_then(|search| search.current_entry());
    let text = if let Some(entry) = found {
        view.transcript.get(entry).map(|entry| transcript::text(&entry.kind))
    } else if view.scroll == Scroll::Follow {
        view.transcript.iter().rev().filter(|entry| is_answer(entry)).find_map(message)
    } else {
        view.transcript.iter().skip(scroll::top_entry(view, columns, rows)).find_map(message)
    };
    let text = text.filter(|text| !text.is_empty()).ok_or("nothing to copy yet")?;
    if STANDARD.encode(&text).len() > MOST {
        return Err(format!("too long to copy: {} characters", text.chars().count()));
    }
    Ok(text)
}

/// What makes a terminal take `text` into its clipboard.
pub(crate) fn sequence(text: &str) -> String {
    format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(text))
}

fn is_answer(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::Assistant { .. })
}

/// What a person or the assistant said; nothing else.
fn message(entry: &Entry) -> Option<String> {
    let text = match &entry.kind {
        EntryKind::User { text: UserText::Partial(text) | UserText::Final(text), .. } => text,
        EntryKind::Assistant { text, .. } => text,
        EntryKind::User { .. } | EntryKind::Tool { .. } | EntryKind::Notice { .. } => return None,
    };
    Some(text.to_string()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
