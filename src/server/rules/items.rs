//! Several things in one breath: `milk, eggs and bread` are three, `salt and pepper shakers` may be one.

use super::numbers;
use super::past;
use super::reference;
use super::words::{self, Word};

/// Longer parts are rather one sentence than things on a list.
const MAX_ITEM_WORDS: usize = 4;

/// The titles in what is put on a list. Where a verb stands before the first only, it belongs to all of them, and
/// they stay together: `buy milk and eggs`.
pub(super) fn titles(words: &[Word]) -> Vec<&[Word]> {
    let parts = parts(words);
    let led = parts.iter().filter(|part| past::starts_with_verb(part)).count();
    let is_short = parts.iter().all(|part| part.len() <= MAX_ITEM_WORDS);
    if is_short && (led == 0 || led == parts.len()) { parts } else { vec![words] }
}

/// What is to be done, one thing after the other, each with its own verb.
pub(super) fn actions(words: &[Word]) -> Option<Vec<&[Word]>> {
    let parts = parts(words);
    (parts.len() > 1 && parts.iter().all(|part| past::starts_with_verb(part))).then_some(parts)
}

/// The tasks that are named one after the other, none when it may be a single one.
pub(super) fn references(words: &[Word]) -> Vec<String> {
    let (last, is_plural) = match words {
        [rest @ .., noun] if matches!(noun.key.as_str(), "tasks" | "reminders" | "ones") => (rest, true),
        _ => (words, false),
    };
    let (all, is_numbered) = match last {
        [the, noun, rest @ ..] if matches!(the.key.as_str(), "the" | "my") && is_plural_noun(&noun.key) => {
            (rest, true)
        }
        [noun, rest @ ..] if is_plural_noun(&noun.key) => (rest, true),
        _ => (last, false),
    };
    let parts = parts(all);
    if let [.., first, count] = all
        && all.len() <= 3
        && first.key == "first"
        && is_plural
    {
        return first_ones(&count.key);
    }
    let is_named = |part: &&[Word]| is_plural || is_numbered || is_clearly_a_task(part);
    if parts.len() < 2 || !parts.iter().all(is_named) {
        return Vec::new();
    }
    parts.into_iter().filter_map(reference::clean).collect()
}

fn first_ones(count: &str) -> Vec<String> {
    let count = numbers::whole(&[count]).unwrap_or(0).min(5);
    (1..=count).filter_map(|place| Some(format!("the {} one", numbers::ordinal_word(place)?))).collect()
}

fn is_plural_noun(key: &str) -> bool {
    matches!(key, "tasks" | "numbers" | "reminders")
}

fn is_clearly_a_task(part: &[Word]) -> bool {
    let first = part.first().map_or("", |word| word.key.as_str());
    let last = part.last().map_or("", |word| word.key.as_str());
    matches!(first, "the" | "my" | "number" | "task")
        || matches!(last, "task" | "one" | "reminder")
        || numbers::whole(&words::keys(part)).is_some()
}

/// Cut at `and` and at commas.
pub(super) fn parts(words: &[Word]) -> Vec<&[Word]> {
    let groups = words.split(|word| matches!(word.key.as_str(), "and" | "plus"));
    let parts = groups.flat_map(|group| group.split_inclusive(|word| word.raw.ends_with(',')));
    parts.filter(|part| !part.is_empty()).collect()
}
