//! What the line formats share: dates, repetitions, and texts that have to stay on one line.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::tasks::recur::{Rule, Unit};
use crate::tasks::when;
use crate::text::Clean;

/// `2026-12-04`, or with a clock time as RFC 3339 has it.
pub(super) fn time(time: Timestamp, now: &Zoned) -> String {
    when::format(time, now.time_zone())
}

pub(super) fn date(time: Timestamp, now: &Zoned) -> String {
    time.to_zoned(now.time_zone().clone()).strftime("%Y-%m-%d").to_string()
}

/// Only as computers write times.
pub(super) fn parse_time(text: &str, now: &Zoned) -> Option<Timestamp> {
    let is_like_it = text.len() >= 10 && text.starts_with(|c: char| c.is_ascii_digit());
    when::parse(text, now).ok().filter(|_| is_like_it).map(|when| when.time.timestamp())
}

pub(super) fn day(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let date: Date = text.parse().ok().filter(|_| text.len() == 10)?;
    date.to_zoned(zone.clone()).ok().map(|time| time.timestamp())
}

/// On one line, without what a terminal or another program could take for a command.
pub(super) fn one_line(text: &str) -> String {
    Clean::line(text).as_str().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name as one word.
pub(super) fn word(text: &str) -> String {
    one_line(text).replace(' ', "_")
}

/// As `2w`, the form of todo.txt programs; weekdays are `1b`.
pub(super) fn short_rule(rule: Rule) -> String {
    let (every, unit) = rule.parts();
    match unit {
        Unit::Hour => format!("{every}h"),
        Unit::Day => format!("{every}d"),
        Unit::Weekday => "1b".to_owned(),
        Unit::Week => format!("{every}w"),
        Unit::Month if every.is_multiple_of(12) => format!("{}y", every / 12),
        Unit::Month => format!("{every}m"),
    }
}

/// `+1w`, which counts from the due date, means the same here.
pub(super) fn parse_short_rule(text: &str) -> Option<Rule> {
    match text.trim_start_matches('+') {
        "1b" | "b" => Some(Rule::WEEKDAYS),
        text => Rule::parse(text),
    }
}
