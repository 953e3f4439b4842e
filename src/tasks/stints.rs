//! When a task was worked on, as one text: `1764140400+1500 1764147600+600`, starts in seconds since 1970, and for
//! how many seconds. Pure. Taskwarrior knows only since when a task is active, and keeps this as it is.

use jiff::Timestamp;

use super::task::Stint;

/// Of so many, the latest are kept.
const MOST: usize = 200;

/// What cannot be read is left out.
pub(super) fn read(text: &str) -> Vec<Stint> {
    let stint = |word: &str| {
        let (start, seconds) = word.split_once('+')?;
        let start = Timestamp::from_second(start.parse().ok()?).ok()?;
        Some(Stint { start, seconds: seconds.parse().ok()? })
    };
    text.split_whitespace().filter_map(stint).collect()
}

pub(super) fn write(stints: &[Stint]) -> String {
    let latest = &stints[stints.len().saturating_sub(MOST)..];
    let words: Vec<_> = latest.iter().map(|s| format!("{}+{}", s.start.as_second(), s.seconds)).collect();
    words.join(" ")
}

/// One more, from `start` to `end`.
pub(super) fn add(text: &str, start: Timestamp, end: Timestamp) -> String {
    let seconds = end.as_second().saturating_sub(start.as_second()).max(0) as u64;
    let mut stints = read(text);
    stints.push(Stint { start, seconds });
    write(&stints)
}
