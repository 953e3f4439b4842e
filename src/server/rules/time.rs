//! Tells whether words are a time. What time they mean is decided elsewhere; here nothing is computed.

use super::numbers;
use super::words::{self, Word};

const WEEKDAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thur",
    "thurs",
    "fri",
];
/// These are also plain words, so only after `on`, `next` and the like.
const SHORT_WEEKDAYS: &[&str] = &["sat", "sun"];
const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
];
const UNITS: &[&str] = &["second", "minute", "min", "hour", "day", "week", "month", "year"];
const LEADS: &[&str] = &["by", "before", "due", "until", "till", "for", "on", "is", "its"];

/// Whether all of `words` are one time, perhaps with `by`, `for` or `due` before it.
pub(super) fn is_time(words: &[Word]) -> bool {
    parts(words).is_some_and(|parts| !parts.is_empty())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Day,
    Clock,
}

/// What the time is made of, in order; `None` when something else is among the words.
fn parts(words: &[Word]) -> Option<Vec<(Part, &[Word])>> {
    let keys = words::keys(words);
    let mut at = keys.iter().take_while(|key| LEADS.contains(key)).count();
    let introduced = keys[..at].last().is_some_and(|key| *key == "on" || *key == "by");
    let mut parts = Vec::new();
    let count =
        |parts: &[(Part, &[Word])], kind: Part| parts.iter().filter(|(part, _)| *part == kind).count();
    while at < words.len() {
        let (days, clocks) = (count(&parts, Part::Day), count(&parts, Part::Clock));
        let (kind, used) = match (day(&keys[at..], introduced && days == 0), clock(&keys[at..], days > 0)) {
            (_, Some(used)) if clocks < 2 => (Part::Clock, used),
            (Some(used), _) if days < 2 => (Part::Day, used),
            _ => return None,
        };
        parts.push((kind, &words[at..at + used]));
        at += used;
    }
    Some(parts)
}

/// The corrected time: what `new` leaves open stays as it was in `old`, so that `at six` after `tomorrow at five` is
/// tomorrow.
pub(super) fn merged(old: &str, new: &[Word]) -> String {
    let said = words::split(old);
    let (Some(before), Some(after)) = (parts(&said), parts(new)) else { return bare(new) };
    let of = |parts: &[(Part, &[Word])], kind: Part| {
        let words: Vec<_> =
            parts.iter().filter(|(part, _)| *part == kind).map(|(_, words)| bare(words)).collect();
        words.join(" ")
    };
    let is_relative = |parts: &[(Part, &[Word])]| {
        parts
            .iter()
            .any(|(_, words)| matches!(words[0].key.as_str(), "in" | "within") && words[1].key != "the")
    };
    if is_relative(&before) || is_relative(&after) {
        return bare(new);
    }
    match (of(&after, Part::Day), of(&after, Part::Clock)) {
        (day, clock) if day.is_empty() => with_clock(&of(&before, Part::Day), &clock),
        (day, clock) if clock.is_empty() => with_clock(&day, &of(&before, Part::Clock)),
        _ => bare(new),
    }
}

fn with_clock(day: &str, clock: &str) -> String {
    let is_bare = clock.starts_with(|c: char| c.is_ascii_digit());
    let link = if is_bare { " at " } else { " " };
    if day.is_empty() || clock.is_empty() { format!("{day}{clock}") } else { format!("{day}{link}{clock}") }
}

/// `ten minutes`, also with `for` or `by` before it.
pub(super) fn is_amount(words: &[Word]) -> bool {
    let words = without_link(words);
    amount(&words::keys(words)) == Some(words.len())
}

/// Of an amount the moment when it is over: `in ten minutes`.
pub(super) fn after_amount(words: &[Word]) -> String {
    format!("in {}", words::join(without_link(words)))
}

/// The amount itself: `a week` of `by a week`.
pub(super) fn amount_of(words: &[Word]) -> &[Word] {
    without_link(words)
}

fn without_link(words: &[Word]) -> &[Word] {
    match words {
        [first, rest @ ..] if matches!(first.key.as_str(), "for" | "by" | "another") => without_link(rest),
        _ => words,
    }
}

/// A word that only ties a time to the rest.
pub(super) fn is_lead(word: &Word) -> bool {
    LEADS.contains(&word.key.as_str())
}

/// One day by its name or date, and nothing else: `on friday`, `next monday`, `december 4th`, `the day after tomorrow`.
pub(super) fn is_named_day(words: &[Word]) -> bool {
    let names = |word: &Word| {
        let key = word.key.as_str();
        is_weekday(key, false) || MONTHS.contains(&key) || is_numeric_date(key) || key == "after"
    };
    let is_edge = |word: &Word| matches!(word.key.as_str(), "end" | "start" | "beginning");
    matches!(parts(words).as_deref(), Some([(Part::Day, day)]) if day.iter().any(names) && !day.iter().any(is_edge))
}

/// `six` where a clock time must be meant.
pub(super) fn is_hour(words: &[Word]) -> bool {
    let keys = words::keys(words);
    numbers::cardinal(&keys).is_some_and(|(hour, used)| used == keys.len() && (1..=24).contains(&hour))
}

/// How many of `keys` name a weekday or a part of the day, as behind `every`.
pub(super) fn is_weekday_name(key: &str) -> bool {
    is_weekday(key, true)
}

pub(super) fn is_unit_name(key: &str) -> bool {
    is_unit(key)
}

/// The time without the words that only tie it to the rest: `by friday` is `friday`, `at 6 pm` is `6 pm`.
pub(super) fn bare(words: &[Word]) -> String {
    let start = words.iter().take_while(|word| LEADS.contains(&word.key.as_str())).count();
    let rest = &words[start..];
    let keys = words::keys(rest);
    let is_clear = |key: &str| {
        matches!(key, "noon" | "midday" | "midnight" | "am" | "pm" | "m" | "end" | "start" | "beginning")
            || is_clock_word(key)
            || key.contains(':')
    };
    match keys.split_first() {
        Some((&"at", clock)) if clock.iter().any(|key| is_clear(key)) => words::join(&rest[1..]),
        _ => words::join(rest),
    }
}

fn day(keys: &[&str], introduced: bool) -> Option<usize> {
    let used = match keys {
        ["the", "day", "after", "tomorrow", ..] => 4,
        ["day", "after", "tomorrow", ..] => 3,
        ["to", "morrow" | "day" | "night", ..] => 2,
        ["today" | "tonight" | "tomorrow" | "eod" | "eow" | "eom", ..] => 1,
        ["on", rest @ ..] => return day(rest, true).map(|used| used + 1),
        ["this" | "next" | "coming", day, ..] if is_weekday(day, true) || is_period(day) => 2,
        ["this" | "the", "weekend", ..] => 2,
        ["the", "following", "day" | "week" | "month", ..] => 3,
        ["next", number, unit, ..] if numbers::cardinal(&[number]).is_some() && is_unit(unit) => return None,
        ["at", "the", "end" | "start" | "beginning", "of", rest @ ..] => 4 + edge(rest)?,
        ["the", "end" | "start" | "beginning", "of", rest @ ..] => 3 + edge(rest)?,
        ["end" | "start" | "beginning", "of", rest @ ..] => 2 + edge(rest)?,
        ["in" | "within", rest @ ..] => 1 + amount(rest)?,
        [day, ..] if is_weekday(day, introduced) => 1,
        _ => return date(keys, introduced).or_else(|| from_now(keys)),
    };
    Some(used)
}

fn is_weekday(key: &str, introduced: bool) -> bool {
    WEEKDAYS.contains(&key) || (introduced && SHORT_WEEKDAYS.contains(&key))
}

fn is_period(key: &str) -> bool {
    matches!(key, "week" | "month" | "year" | "weekend" | "morning" | "afternoon" | "evening" | "quarter")
}

fn edge(keys: &[&str]) -> Option<usize> {
    match keys {
        ["the" | "this" | "next", "day" | "week" | "month" | "year", ..] => Some(2),
        ["day" | "week" | "month" | "year", ..] => Some(1),
        [month, ..] if MONTHS.contains(month) => Some(1),
        _ => None,
    }
}

fn is_unit(key: &str) -> bool {
    UNITS.contains(&key) || key.strip_suffix('s').is_some_and(|key| UNITS.contains(&key))
}

/// `20 minutes`, `an hour`, `half an hour`, `two and a half hours`, `a couple of days`, `an hour and 10 minutes`.
fn amount(keys: &[&str]) -> Option<usize> {
    let number = match keys {
        ["half", "a" | "an", ..] => 2,
        ["a", "couple" | "few", "of", ..] => 3,
        ["a", "couple" | "few", ..] => 2,
        ["a" | "an", ..] => 1,
        _ => numbers::cardinal(keys)?.1,
    };
    let half = if keys[number..].starts_with(&["and", "a", "half"]) { 3 } else { 0 };
    let used = number + half;
    if !keys.get(used).is_some_and(|key| is_unit(key)) {
        return None;
    }
    match &keys[used + 1..] {
        ["and", "a", "half", ..] => Some(used + 4),
        ["and", rest @ ..] => Some(amount(rest).map_or(used + 1, |more| used + 2 + more)),
        _ => Some(used + 1),
    }
}

fn from_now(keys: &[&str]) -> Option<usize> {
    let used = amount(keys)?;
    keys[used..].starts_with(&["from", "now"]).then_some(used + 2)
}

/// `march 3rd`, `3 march 2028`, `the third of march`, `the 15th`, `2026-12-04`, `12/25`.
fn date(keys: &[&str], introduced: bool) -> Option<usize> {
    let (start, has_the) = if keys.first() == Some(&"the") { (1, true) } else { (0, false) };
    let rest = &keys[start..];
    let first = *rest.first()?;
    if is_numeric_date(first) {
        return Some(start + 1);
    }
    if MONTHS.contains(&first) {
        let the = usize::from(rest.get(1) == Some(&"the"));
        let used = 1 + the + day_number(&rest[1 + the..])?;
        return Some(start + used + year(&rest[used..]));
    }
    let used = day_number(rest)?;
    let of = usize::from(rest.get(used) == Some(&"of"));
    if rest.get(used + of).is_some_and(|key| MONTHS.contains(key)) {
        let used = used + of + 1;
        return Some(start + used + year(&rest[used..]));
    }
    let is_short = first.starts_with(|c: char| c.is_ascii_digit()) && numbers::ordinal(first).is_some();
    (is_short && (has_the || introduced)).then_some(start + used)
}

fn day_number(keys: &[&str]) -> Option<usize> {
    let (number, used) = match keys {
        [tens @ ("twenty" | "thirty"), unit, ..] if numbers::ordinal(unit).is_some() => {
            (numbers::cardinal(&[tens])?.0 + numbers::ordinal(unit)?, 2)
        }
        [first, ..] if numbers::ordinal(first).is_some() => (numbers::ordinal(first)?, 1),
        _ => numbers::cardinal(keys)?,
    };
    (1..=31).contains(&number).then_some(used)
}

fn year(keys: &[&str]) -> usize {
    let is_year =
        |key: &&str| key.len() == 4 && key.starts_with("20") && key.bytes().all(|b| b.is_ascii_digit());
    usize::from(keys.first().is_some_and(is_year))
}

fn is_numeric_date(key: &str) -> bool {
    let has = |c: char| (2..=3).contains(&key.split(c).count()) && key.split(c).all(is_digits);
    let iso =
        key.len() >= 10 && key.split(['-', 't', ':', 'z', '+', '.']).all(|p| p.is_empty() || is_digits(p));
    has('/')
        || (iso && key.starts_with("20") && key.matches('-').count() >= 2)
        || key.split('.').count() == 3 && has('.')
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A time of day. Behind a day a bare part of the day is one, too: `tomorrow morning`.
fn clock(keys: &[&str], after_day: bool) -> Option<usize> {
    match keys {
        ["at" | "around", "night", ..] => Some(2),
        ["in", "the", "morning" | "afternoon" | "evening", ..] => Some(3),
        ["at" | "around" | "by", rest @ ..] => hour(rest, true).map(|used| used + 1),
        ["morning" | "afternoon" | "evening" | "night", ..] if after_day => Some(1),
        _ => hour(keys, false),
    }
}

fn hour(keys: &[&str], introduced: bool) -> Option<usize> {
    match keys {
        ["noon" | "midday" | "midnight", ..] => return Some(1),
        ["half", "past", rest @ ..] => return Some(2 + numbers::cardinal(rest)?.1),
        ["quarter", "past" | "to", rest @ ..] => return Some(2 + numbers::cardinal(rest)?.1),
        ["a", "quarter", "past" | "to", rest @ ..] => return Some(3 + numbers::cardinal(rest)?.1),
        [first, ..] if is_clock_word(first) => return Some(1 + usize::from(is_half(keys.get(1)))),
        _ => {}
    }
    let (hour, used) = numbers::cardinal(keys)?;
    let minutes = numbers::cardinal(&keys[used..]).filter(|(minute, _)| (1..60).contains(minute));
    for used in [minutes.map(|(_, more)| used + more), Some(used)].into_iter().flatten() {
        match &keys[used..] {
            ["am" | "pm" | "oclock", ..] => return Some(used + 1),
            ["a" | "p", "m", ..] => return Some(used + 2),
            _ if introduced && hour <= 24 => return Some(used),
            _ => {}
        }
    }
    None
}

fn is_half(key: Option<&&str>) -> bool {
    matches!(key, Some(&"am" | &"pm"))
}

/// `17:30`, `5pm`, `5:30pm`.
fn is_clock_word(key: &str) -> bool {
    let half = key.strip_suffix("am").or_else(|| key.strip_suffix("pm"));
    let time = half.unwrap_or(key);
    match time.split_once(':') {
        Some((hour, minute)) => is_digits(hour) && hour.len() <= 2 && is_digits(minute) && minute.len() == 2,
        None => half.is_some() && is_digits(time) && time.len() <= 2,
    }
}
