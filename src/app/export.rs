//! What was said as a file: for reading, for programs, and as subtitles.
//!
//! Answers that were interrupted are as they were heard.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Resumed;
use crate::conversation::{Entry, EntryKind, Transcript};
use crate::protocol::ItemId;
use crate::text::Clean;
use crate::ui::commands::Format;

/// A subtitle stays as long as reading takes, at the usual 17 characters a second, and never shorter than this.
const SHORTEST: Duration = Duration::from_millis(1500);
const READING_MS: u64 = 1000 / 17;

/// When each entry began, since the conversation did.
#[derive(Debug, Default)]
pub(super) struct Times {
    begun: Option<Instant>,
    /// How long the conversation had lasted by then, where it was resumed.
    before: Duration,
    since: BTreeMap<ItemId, Duration>,
    known: usize,
}

impl Times {
    /// Takes note of entries that are new.
    pub(super) fn note(&mut self, entries: &[Entry], now: Instant) {
        let begun = *self.begun.get_or_insert(now);
        if entries.len() == self.known {
            return;
        }
        self.known = entries.len();
        let at = now.saturating_duration_since(begun) + self.before;
        let is_new = |entry: &&Entry| !entry.item_id.is_empty() && !self.since.contains_key(&entry.item_id);
        let new: Vec<_> = entries.iter().filter(is_new).map(|entry| (entry.item_id.clone(), at)).collect();
        self.since.extend(new);
    }

    /// What was said in a conversation before, and how long ago that began.
    pub(super) fn resume(&mut self, since: impl Iterator<Item = (ItemId, Duration)>, elapsed: Duration) {
        self.since.extend(since);
        self.before = elapsed;
    }

    /// When an entry began.
    pub(super) fn of(&self, id: &ItemId) -> Duration {
        self.since.get(id).copied().unwrap_or_default()
    }
}

/// A conversation that is over.
pub fn remembered(resumed: Resumed, format: Format) -> String {
    let (mut times, mut transcript) = (Times::default(), Transcript::default());
    times.resume(resumed.entries.iter().map(|(at, entry)| (entry.item_id.clone(), *at)), resumed.elapsed);
    transcript.remember(resumed.entries.into_iter().map(|(_, entry)| entry));
    render(transcript.entries(), &times, format)
}

/// One thing that was said or done.
struct Spoken {
    at: Duration,
    who: &'static str,
    text: Clean,
    interrupted: bool,
}

pub(super) fn render(entries: &[Entry], times: &Times, format: Format) -> String {
    let spoken: Vec<Spoken> = entries.iter().filter_map(|entry| said(entry, times)).collect();
    match format {
        Format::Markdown => markdown(&spoken),
        Format::Json => format!("{:#}\n", json(&spoken)),
        Format::Srt => subtitles(&spoken),
    }
}

/// `None` for what nobody said, and for what was not heard at all.
fn said(entry: &Entry, times: &Times) -> Option<Spoken> {
    let (who, text, interrupted) = match &entry.kind {
        EntryKind::User { text, .. } => ("you", text.clone()?, false),
        EntryKind::Assistant { text, heard_chars, .. } => {
            let heard = text.chars().take(heard_chars.unwrap_or(usize::MAX)).collect();
            ("assistant", heard, heard_chars.is_some())
        }
        EntryKind::Call { call, .. } => ("tool", format!("{} {}", call.name, call.arguments), false),
        EntryKind::Deed { .. } | EntryKind::Notice { .. } => return None,
    };
    let text = Clean::new(text.trim());
    let at = times.of(&entry.item_id);
    (!text.is_empty()).then_some(Spoken { at, who, text, interrupted })
}

fn markdown(spoken: &[Spoken]) -> String {
    let mut out = "# Conversation\n".to_owned();
    for Spoken { at, who, text, interrupted } in spoken {
        let (minutes, seconds) = (at.as_secs() / 60, at.as_secs() % 60);
        let cut = if *interrupted { " — *interrupted*" } else { "" };
        // Writing to a string cannot fail.
        let _ = match *who {
            "tool" => write!(out, "\n*{minutes:02}:{seconds:02}* `{}`\n", text.as_str().replace('`', "'")),
            _ => write!(out, "\n*{minutes:02}:{seconds:02}* **{who}:** {text}{cut}\n"),
        };
    }
    out
}

/// `at_s` is in seconds since the conversation began.
fn json(spoken: &[Spoken]) -> Value {
    let entry = |s: &Spoken| {
        json!({
            "at_s": s.at.as_millis() as f64 / 1000.0,
            "who": s.who,
            "text": s.text.as_str(),
            "interrupted": s.interrupted,
        })
    };
    json!({"v": 1, "entries": spoken.iter().map(entry).collect::<Vec<_>>()})
}

/// Each is shown until the next one, or until it is read.
fn subtitles(spoken: &[Spoken]) -> String {
    let mut out = String::new();
    let lines: Vec<&Spoken> = spoken.iter().filter(|s| s.who != "tool").collect();
    for (index, line) in lines.iter().enumerate() {
        let letters = line.text.as_str().chars().count() as u64;
        let read = line.at + SHORTEST.max(Duration::from_millis(letters * READING_MS));
        let end = lines.get(index + 1).map_or(read, |next| next.at.clamp(line.at, read));
        let text = line.text.as_str().replace('\n', " ").replace("-->", "->");
        let (from, to) = (timecode(line.at), timecode(end));
        let _ = write!(out, "{}\n{from} --> {to}\n{}: {text}\n\n", index + 1, line.who);
    }
    out
}

fn timecode(at: Duration) -> String {
    let (s, ms) = (at.as_secs(), at.subsec_millis());
    format!("{:02}:{:02}:{:02},{ms:03}", s / 3600, s / 60 % 60, s % 60)
}

#[cfg(test)]
mod tests;
