//! Repetitions as people say them: `every monday at 9`, `daily`, `every other week`, `on the 15th of every month`.

use jiff::Zoned;

use super::super::numerals;
use super::super::recur::{Rule, Unit};
use super::{MAX_CHARS, Unclear, When, on, parser, words};

/// A repetition that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    pub rule: Rule,
    /// The first time, where the words name a day or a time.
    pub first: Option<When>,
}

impl Repeat {
    /// When it is due for the first time: what was said, or else today, or the next weekday.
    pub fn start(&self, now: &Zoned) -> Option<When> {
        if let Some(first) = &self.first {
            return Some(first.clone());
        }
        let is_weekend = now.weekday().to_monday_zero_offset() > 4;
        let steps = u32::from(self.rule == Rule::WEEKDAYS && is_weekend);
        on(self.rule.nth(now, steps)?.date(), now.time_zone())
    }
}

/// Whether a text speaks of a repetition at all, and not of one time.
pub fn is_repeat(text: &str) -> bool {
    let words = words::split(text);
    words.iter().any(|word| matches!(word.as_str(), "every" | "each" | "everyday"))
        || named(&as_strs(&words)).is_some()
}

pub fn parse(text: &str, now: &Zoned) -> Result<Repeat, Unclear> {
    let unclear = || Unclear::Repeat(text.chars().take(MAX_CHARS).collect());
    if text.len() > MAX_CHARS {
        return Err(unclear());
    }
    if let Some(rule) = Rule::parse(text) {
        return Ok(Repeat { rule, first: None });
    }
    let words = words::split(text);
    repeat(&as_strs(&words), now).ok_or_else(unclear)
}

fn as_strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

fn repeat(words: &[&str], now: &Zoned) -> Option<Repeat> {
    let words = words.strip_prefix(&["repeat"]).or(words.strip_prefix(&["repeats"])).unwrap_or(words);
    if let Some(at) = words.iter().position(|word| matches!(*word, "every" | "each")) {
        let (before, after) = (&words[..at], &words[at + 1..]);
        let (rule, rest) = every(after)?;
        return Some(Repeat { rule, first: first(rule, before, &rest, now)? });
    }
    let (rule, used) = named(words)?;
    let rest: Vec<_> = words[used..].to_vec();
    Some(Repeat { rule, first: first(rule, &[], &rest, now)? })
}

/// The day and time that is said besides. `Some(None)`: nothing is. `at 9` is nine in the morning also at ten: it is
/// every day's nine, and the first one of them that is still to come.
#[expect(clippy::option_option, reason = "nothing said and nothing understood are two things")]
fn first(rule: Rule, before: &[&str], after: &[&str], now: &Zoned) -> Option<Option<When>> {
    // `on the 15th of every month`, `at 9 every day`.
    let before = before.strip_suffix(&["of"]).unwrap_or(before);
    let words: Vec<_> = before.iter().chain(after).map(|word| (*word).to_owned()).collect();
    if words.is_empty() {
        return Some(None);
    }
    let said = parser::parse(&words, &now.start_of_day().ok()?)?;
    let is_ahead = |time: &Zoned| if said.has_clock { time > now } else { time.date() >= now.date() };
    let time = (0..=2).filter_map(|count| rule.nth(&said.time, count)).find(is_ahead)?;
    Some(Some(When { time, ..said }))
}

/// `daily`, `weekly`, and what else has a word of its own; with how many words it takes.
fn named(words: &[&str]) -> Option<(Rule, usize)> {
    let new = |every, unit| Rule::new(every, unit);
    let (rule, used) = match words {
        ["once", "a" | "an", unit, ..] => (counted(1, unit)?, 3),
        ["hourly", ..] => (new(1, Unit::Hour)?, 1),
        ["daily" | "everyday", ..] => (Rule::DAILY, 1),
        ["weekdays", ..] => (Rule::WEEKDAYS, 1),
        ["on", "weekdays", ..] => (Rule::WEEKDAYS, 2),
        ["weekly", ..] => (Rule::WEEKLY, 1),
        ["biweekly" | "fortnightly", ..] => (new(2, Unit::Week)?, 1),
        ["monthly", ..] => (Rule::MONTHLY, 1),
        ["quarterly", ..] => (new(3, Unit::Month)?, 1),
        ["yearly" | "annually" | "annual", ..] => (Rule::YEARLY, 1),
        _ => return None,
    };
    Some((rule, used))
}

/// What is behind `every`, and the words that say when.
fn every<'a>(words: &[&'a str]) -> Option<(Rule, Vec<&'a str>)> {
    let (count, used) = match words {
        ["other" | "second", ..] if words.len() > 1 => (2, 1),
        ["single", ..] => (1, 1),
        ["couple", "of", ..] => (2, 2),
        _ => numerals::cardinal(words).filter(|(_, used)| words.get(*used).is_some()).unwrap_or((1, 0)),
    };
    let rest = &words[used..];
    match rest {
        ["weekday" | "weekdays" | "workday" | "workdays", rest @ ..] if count == 1 => {
            Some((Rule::WEEKDAYS, rest.to_vec()))
        }
        ["working" | "work", "day", rest @ ..] if count == 1 => Some((Rule::WEEKDAYS, rest.to_vec())),
        ["morning" | "afternoon" | "evening" | "night", ..] => {
            Some((Rule::new(count, Unit::Day)?, rest.to_vec()))
        }
        ["weekend", after @ ..] => {
            let when = ["saturday"].into_iter().chain(after.iter().copied()).collect();
            Some((Rule::new(count, Unit::Week)?, when))
        }
        [unit, after @ ..] if counted(count, unit).is_some() => Some((counted(count, unit)?, after.to_vec())),
        // `every monday at 9`, `every january 5th`, `every 15th`: when it is says how often it is.
        [name, ..] => {
            let singular = weekday(name).map_or_else(
                || rest.to_vec(),
                |day| {
                    let mut words = rest.to_vec();
                    words[0] = day;
                    words
                },
            );
            let rule = match name {
                _ if weekday(name).is_some() => Rule::new(count, Unit::Week)?,
                _ if is_month(name) && used == 0 => Rule::YEARLY,
                _ if numerals::ordinal(rest).is_some() => monthly_or_yearly(rest),
                _ => return None,
            };
            Some((rule, singular))
        }
        [] => None,
    }
}

fn monthly_or_yearly(words: &[&str]) -> Rule {
    if words.iter().any(|word| is_month(word)) { Rule::YEARLY } else { Rule::MONTHLY }
}

fn counted(count: u32, unit: &str) -> Option<Rule> {
    // Single letters are for computers.
    if unit.len() < 2 {
        return None;
    }
    let (each, unit) = match super::amount::unit(unit)? {
        super::amount::Unit::Hour => (1, Unit::Hour),
        super::amount::Unit::Day => (1, Unit::Day),
        super::amount::Unit::Week => (1, Unit::Week),
        super::amount::Unit::Month => (1, Unit::Month),
        super::amount::Unit::Year => (12, Unit::Month),
        super::amount::Unit::Second | super::amount::Unit::Minute => return None,
    };
    Rule::new(count.checked_mul(each)?, unit)
}

fn weekday(name: &str) -> Option<&str> {
    let singular = name.strip_suffix('s').filter(|name| name.ends_with("day")).unwrap_or(name);
    super::day::is_weekday(singular).then_some(singular)
}

fn is_month(name: &str) -> bool {
    super::day::is_month(name)
}

#[cfg(test)]
mod tests;
