//! Conversations that are kept, where `history.keep` says so: one file each, JSON lines, for its owner only.
//!
//! The first line says when it began; the others have `at`, the time, and an entry as
//! [`Remembered`]. An entry that comes again takes the place of the one
//! before. Pure.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::{Resumed, export};
use crate::conversation::remembered::Remembered;
use crate::ui::commands::Format;

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Head {
    v: u32,
    conversation: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Line {
    at: Timestamp,
    #[serde(flatten)]
    entry: Remembered,
}

/// A conversation that was kept.
#[derive(Debug, PartialEq)]
pub struct Kept {
    pub begun: Timestamp,
    pub entries: Vec<(Timestamp, Remembered)>,
    /// Lines that could not be read.
    pub damaged: Vec<u64>,
}

/// The first line of a file.
pub fn head(begun: Timestamp) -> String {
    line(&Head { v: VERSION, conversation: begun })
}

/// Another one.
pub fn entry(at: Timestamp, entry: Remembered) -> String {
    line(&Line { at, entry })
}

fn line(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value).expect("lines have string keys");
    text.push('\n');
    text
}

/// Reads a file; the error says why it is of no use.
pub fn read(bytes: &[u8]) -> Result<Kept, String> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = (1..).zip(text.lines());
    let (_, first) = lines.next().ok_or("it is empty")?;
    let head: Head =
        serde_json::from_str(first).map_err(|_| "its first line is not that of a conversation")?;
    if head.v > VERSION {
        return Err("it was written by a newer version of this program".to_owned());
    }
    let (mut entries, mut damaged) = (Vec::new(), Vec::new());
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str::<Line>(line) {
            Ok(Line { at, entry }) => entries.push((at, entry)),
            Err(_) => damaged.push(number),
        }
    }
    Ok(Kept { begun: head.conversation, entries, damaged })
}

impl Kept {
    /// To go on with at `now`.
    pub fn resumed(self, now: Timestamp) -> Resumed {
        let begun = self.begun;
        let since = |at: Timestamp| at.duration_since(begun).try_into().unwrap_or_default();
        let entries = self.entries.into_iter().map(|(at, entry)| (since(at), entry)).collect();
        Resumed { entries, elapsed: since(now) }
    }

    /// As a file for others.
    pub fn export(self, format: Format) -> String {
        let begun = self.begun;
        export::remembered(self.resumed(begun), format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::remembered::Said;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn said(id: &str, after: Option<&str>, said: Said) -> Remembered {
        Remembered { item_id: id.into(), after: after.map(Into::into), said }
    }

    fn file() -> String {
        let you = Said::You { text: "buy \u{1b}[31mmilk".to_owned(), spoken: true };
        let tool = Said::Tool {
            call_id: "c".into(),
            name: "create_task".to_owned(),
            arguments: "{\"title\":\"milk\"}".to_owned(),
            output: "{\"ok\":true}".to_owned(),
            ok: true,
        };
        let answer = Said::Assistant { text: "Okay, I".to_owned(), interrupted: true };
        head(at(0))
            + &entry(at(2), said("b", Some("a"), tool))
            + &entry(at(1), said("a", None, you))
            + &entry(at(4), said("d", Some("b"), answer))
    }

    #[test]
    fn what_was_kept_is_read_again() {
        let kept = read(file().as_bytes()).unwrap();
        assert_eq!((kept.begun, kept.entries.len(), &kept.damaged[..]), (at(0), 3, &[][..]));
        assert_eq!(kept.resumed(at(60)).elapsed.as_secs(), 60);
    }

    #[test]
    fn damaged_lines_are_left_out_and_numbered() {
        let text = file().replace("\"who\":\"tool\"", "\"who\":\"nobody\"") + "{\"at\":\"2027-01-";
        let kept = read(text.as_bytes()).unwrap();
        assert_eq!((kept.entries.len(), &kept.damaged[..]), (2, &[2, 5][..]));
    }

    #[test]
    fn a_file_that_is_no_conversation_is_refused_with_a_reason() {
        for (text, why) in [
            ("", "empty"),
            ("hello\n", "first line"),
            ("{\"v\":9,\"conversation\":\"2027-01-15T08:00:00Z\"}", "newer"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_kept_conversation_becomes_a_file_in_the_order_of_what_was_said() {
        let markdown = read(file().as_bytes()).unwrap().export(Format::Markdown);
        let want = "# Conversation\n\n*00:01* **you:** buy milk\n\n*00:02* `create_task {\"title\":\"milk\"}`\n\n\
            *00:04* **assistant:** Okay, I — *interrupted*\n";
        assert_eq!(markdown, want);
        let subtitles = read(file().as_bytes()).unwrap().export(Format::Srt);
        assert!(subtitles.contains("00:00:04,000 --> 00:00:05,500\nassistant: Okay, I"), "{subtitles}");
    }
}
