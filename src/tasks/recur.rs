//! How often a task repeats, and when it is due next. Pure.
//!
//! # Why a repetition is a template and its instances
//! Taskwarrior may work on the same store at any time, and makes tasks by itself: with every report it looks at each
//! task of status `recurring`, the template, counts the dates from the template's `due` on in steps of `recur`, up to
//! the first one to come, and makes a pending task for each date that has no letter in the template's `mask` yet. The
//! made one names its template as `parent` and its place in the mask as `imask`. Three ways to repeat were weighed:
//!
//! - A pending task with `recur` and no `parent`: the first change of it by Taskwarrior makes a template of it, and
//!   takes it out of the list. Not safe.
//! - An attribute of our own, which Taskwarrior does not know: nothing is made twice, but what is completed in
//!   Taskwarrior never comes again, and its repetitions would mean nothing to us.
//! - Taskwarrior's own: a template, and one instance. The mask tells either program which dates are taken, so that
//!   neither makes what the other has made; each completes and goes on with what the other began. This is done here.
//!
//! When an instance is completed, in the same transaction and behind the same undo point, its letter in the mask
//! becomes `+`, dates that are over already get an `X` (so that Taskwarrior does not make up for them either), the next
//! one `-`, and the task for it is made; unless there is another open instance, which is the next one then. One undo
//! takes all of it back. Each date is counted from the template's: what is due on the 31st comes on the last day of
//! shorter months and on the 31st again, at the same time on the clock whatever daylight saving does. Taskwarrior's own
//! arithmetic may differ by some days or an hour there; the mask counts, so that nothing comes twice for it.

use jiff::civil::Weekday;
use jiff::{Span, Zoned};

/// A rule as `every 2 weeks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// At least 1.
    every: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Hour,
    Day,
    /// Monday to Friday.
    Weekday,
    Week,
    Month,
}

/// More makes no sense, and no date.
const MOST: u32 = 1_000;

impl Rule {
    pub const DAILY: Self = Self { every: 1, unit: Unit::Day };
    pub const WEEKDAYS: Self = Self { every: 1, unit: Unit::Weekday };
    pub const WEEKLY: Self = Self { every: 1, unit: Unit::Week };
    pub const MONTHLY: Self = Self { every: 1, unit: Unit::Month };
    pub const YEARLY: Self = Self { every: 12, unit: Unit::Month };

    /// From 1 to 1,000 of a unit; weekdays only by one.
    pub fn new(every: u32, unit: Unit) -> Option<Self> {
        let most = if unit == Unit::Weekday { 1 } else { MOST };
        (1..=most).contains(&every).then_some(Self { every, unit })
    }

    /// Reads what Taskwarrior accepts as `recur`, but for what is shorter than an hour.
    pub fn parse(recur: &str) -> Option<Self> {
        let recur = recur.trim().to_lowercase();
        let (every, unit) = match recur.as_str() {
            "hourly" => (1, Unit::Hour),
            "daily" => (1, Unit::Day),
            "weekdays" => (1, Unit::Weekday),
            "weekly" => (1, Unit::Week),
            "biweekly" | "fortnight" | "sennight" => (2, Unit::Week),
            "monthly" => (1, Unit::Month),
            "bimonthly" => (2, Unit::Month),
            "quarterly" => (3, Unit::Month),
            "semiannual" => (6, Unit::Month),
            "annual" | "yearly" => (12, Unit::Month),
            "biannual" | "biyearly" => (24, Unit::Month),
            _ => return iso(&recur).or_else(|| counted(&recur)),
        };
        Self::new(every, unit)
    }

    /// As Taskwarrior reads it, in the form of which it knows the calendar best.
    pub fn as_recur(self) -> String {
        match (self.unit, self.every) {
            (Unit::Hour, every) => format!("{every}h"),
            (Unit::Day, 1) => "daily".to_owned(),
            (Unit::Day, every) => format!("{every}d"),
            (Unit::Weekday, _) => "weekdays".to_owned(),
            (Unit::Week, 1) => "weekly".to_owned(),
            (Unit::Week, 2) => "biweekly".to_owned(),
            (Unit::Week, every) => format!("{every}w"),
            (Unit::Month, 1) => "monthly".to_owned(),
            (Unit::Month, 3) => "quarterly".to_owned(),
            (Unit::Month, 12) => "yearly".to_owned(),
            (Unit::Month, every) => format!("{every}m"),
        }
    }

    /// Every so many of the unit.
    pub fn parts(self) -> (u32, Unit) {
        (self.every, self.unit)
    }

    /// As `every week`.
    pub fn words(self) -> String {
        let (every, unit) = match self.unit {
            Unit::Hour => (self.every, "hour"),
            Unit::Day => (self.every, "day"),
            Unit::Weekday => (1, "weekday"),
            Unit::Week => (self.every, "week"),
            Unit::Month if self.every.is_multiple_of(12) => (self.every / 12, "year"),
            Unit::Month => (self.every, "month"),
        };
        if every == 1 { format!("every {unit}") } else { format!("every {every} {unit}s") }
    }

    /// The date after `count` steps from the first one on, at the same time on the clock.
    pub fn nth(self, first: &Zoned, count: u32) -> Option<Zoned> {
        let steps = i64::from(self.every).checked_mul(i64::from(count))?;
        let span = match self.unit {
            Unit::Hour => Span::new().try_hours(steps),
            Unit::Day => Span::new().try_days(steps),
            Unit::Weekday => Span::new().try_days(weekdays(first.weekday(), i64::from(count))),
            Unit::Week => Span::new().try_weeks(steps),
            Unit::Month => Span::new().try_months(steps),
        };
        first.checked_add(span.ok()?).ok()
    }
}

/// What `recur` says in words; as it is where it is no rule known here.
pub fn words(recur: &str) -> String {
    Rule::parse(recur).map_or_else(|| recur.to_owned(), Rule::words)
}

/// Days from a day to the `count`th weekday after it.
fn weekdays(from: Weekday, count: i64) -> i64 {
    if count == 0 {
        return 0;
    }
    let day = i64::from(from.to_monday_zero_offset());
    // A weekend counts as the Friday before it.
    let place = day.min(4) + count;
    place / 5 * 7 + place % 5 - day
}

/// `p2w`, `p1y`, `pt12h`.
fn iso(text: &str) -> Option<Rule> {
    let rest = text.strip_prefix('p')?;
    let (rest, is_time) = rest.strip_prefix('t').map_or((rest, false), |rest| (rest, true));
    let number = rest.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let every = number.parse::<u32>().ok()?;
    match (&rest[number.len()..], is_time) {
        ("h", true) => Rule::new(every, Unit::Hour),
        ("d", false) => Rule::new(every, Unit::Day),
        ("w", false) => Rule::new(every, Unit::Week),
        ("m", false) => Rule::new(every, Unit::Month),
        ("y", false) => Rule::new(every.checked_mul(12)?, Unit::Month),
        _ => None,
    }
}

/// `3d`, `2wks`, `month`, `4 quarters`.
fn counted(text: &str) -> Option<Rule> {
    let name = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = &text[..text.len() - name.len()];
    let every: u32 = if number.is_empty() { 1 } else { number.parse().ok()? };
    let (each, unit) = match name.trim_start() {
        "h" | "hr" | "hrs" | "hour" | "hours" => (1, Unit::Hour),
        "d" | "day" | "days" => (1, Unit::Day),
        "w" | "wk" | "wks" | "week" | "weeks" => (1, Unit::Week),
        "m" | "mo" | "mos" | "mth" | "mths" | "mnths" | "month" | "months" => (1, Unit::Month),
        "q" | "qtr" | "qtrs" | "qrtr" | "qrtrs" | "quarter" | "quarters" => (3, Unit::Month),
        "y" | "yr" | "yrs" | "year" | "years" => (12, Unit::Month),
        _ => return None,
    };
    Rule::new(every.checked_mul(each)?, unit)
}

#[cfg(test)]
mod tests;
