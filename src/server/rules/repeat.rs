//! Tells whether words are a repetition: `every monday at 9`, `daily`, `on the first of every month`.

use super::numbers;
use super::time;
use super::words::{self, Word};

/// Whether all of `words` say how often something comes again, perhaps with a time of day.
pub(super) fn is_repeat(words: &[Word]) -> bool {
    split(words).is_some()
}

/// In the order in which it is understood best: `at 9 every day` is `every day at 9`.
pub(super) fn bare(words: &[Word]) -> String {
    let Some((repeat, time)) = split(words) else { return words::join(words) };
    let parts = [words::join(repeat), words::join(time)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The first time that the repetition names: `monday at 9` of `every monday at 9`.
pub(super) fn first(words: &[Word]) -> Option<String> {
    let (repeat, time) = split(words)?;
    let day = repeat.iter().find(|word| time::is_weekday_name(word.key.trim_end_matches('s')));
    let day = day.map(|day| day.key.trim_end_matches('s').to_owned()).or_else(|| part_of_day(repeat));
    let parts = [day.unwrap_or_default(), words::join(time)];
    let first = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    (!first.is_empty()).then_some(first)
}

fn part_of_day(repeat: &[Word]) -> Option<String> {
    let part = repeat.iter().find(|word| matches!(word.key.as_str(), "morning" | "afternoon" | "evening"))?;
    Some(format!("tomorrow {}", part.key))
}

/// The repetition itself and the time of day that stood before or behind it.
fn split(words: &[Word]) -> Option<(&[Word], &[Word])> {
    let at = (0..words.len()).find(|at| head(&words::keys(&words[*at..])).is_some())?;
    let used = head(&words::keys(&words[at..]))?;
    let (before, repeat, after) = (&words[..at], &words[at..at + used], &words[at + used..]);
    match (before, after) {
        ([], []) => Some((repeat, &[])),
        ([], time) | (time, []) => time::is_time(time).then_some((repeat, time)),
        _ => None,
    }
}

fn head(keys: &[&str]) -> Option<usize> {
    match keys {
        ["daily" | "weekly" | "monthly" | "yearly" | "annually" | "hourly", ..] => Some(1),
        ["once" | "twice", "a" | "every" | "per", unit, ..] if time::is_unit_name(unit) => Some(3),
        ["on", "weekdays" | "weekends", ..] => Some(2),
        ["on", day, ..] if day.ends_with("days") && time::is_weekday_name(day.trim_end_matches('s')) => {
            Some(2)
        }
        ["on", "the", place, "of", "every" | "each" | "the", "month", ..] if is_place(place) => Some(6),
        ["the", place, "of", "every" | "each", "month", ..] if is_place(place) => Some(5),
        ["every" | "each", "single", "day", ..] => Some(3),
        ["every" | "each", "other" | "second" | "third", unit, ..] if is_turn(unit) => Some(3),
        ["every" | "each", rest @ ..] => Some(1 + turns(rest)?),
        _ => None,
    }
}

fn is_place(key: &str) -> bool {
    numbers::ordinal(key).is_some() || key == "last"
}

/// `day`, `two weeks`, `monday and thursday`.
fn turns(keys: &[&str]) -> Option<usize> {
    if let Some((_, used)) = numbers::cardinal(keys) {
        return keys.get(used).filter(|unit| time::is_unit_name(unit)).map(|_| used + 1);
    }
    let first = keys.first().filter(|key| is_turn(key))?;
    let mut used = 1;
    while time::is_weekday_name(first)
        && let [link, day, ..] = &keys[used..]
        && *link == "and"
        && time::is_weekday_name(day)
    {
        used += 2;
    }
    Some(used)
}

fn is_turn(key: &str) -> bool {
    time::is_weekday_name(key)
        || matches!(key, "morning" | "afternoon" | "evening" | "night" | "weekday" | "weekend")
        || (time::is_unit_name(key) && !key.ends_with('s') && key != "second")
}
