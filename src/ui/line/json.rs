//! Events as JSON lines: safe on a terminal, and the text unchanged for whoever parses them.

use std::fmt::Write as _;
use std::io;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::LineEvent;
use crate::text::Filter;

/// Raised when a field changes its meaning or goes; new fields may come at any time.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Envelope<'a> {
    v: u32,
    #[serde(flatten)]
    event: &'a LineEvent,
}

/// One object and `\n`.
pub(super) fn line(event: &LineEvent) -> io::Result<String> {
    let json = serde_json::to_string(&Envelope { v: VERSION, event })?;
    Ok(escaped(&json) + "\n")
}

/// JSON within a string becomes JSON; anything else stays a string.
pub(super) fn embedded<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)).serialize(serializer)
}

/// JSON escapes the characters below U+0020 itself; this does DEL, C1, bidi and invisible ones.
///
/// They stand in strings only, so that the value stays the same.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut kept = String::new();
    for c in json.chars() {
        kept.clear();
        Filter::default().push(c.encode_utf8(&mut [0; 4]), &mut kept);
        if kept.is_empty() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}
