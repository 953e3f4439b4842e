//! Times in the arguments: due dates, reminders and repetitions, from words.

use jiff::{Span, Timestamp, Zoned};

use super::output::Failure;
use crate::tasks::recur::Rule;
use crate::tasks::urgency;
use crate::tasks::when::{self, Unclear, When, repeat};

/// Without a clock time, people are reminded at nine.
const MORNING: i64 = 9;

/// When a task is due, and whether it repeats.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    pub(super) due: Option<When>,
    pub(super) repeat: Option<Rule>,
}

/// From what was said of both. `every monday` as a due date is a repetition; a repetition says when it begins, unless
/// there is a due date.
pub(super) fn schedule(due: Option<&str>, repeat: Option<&str>, now: &Zoned) -> Result<Schedule, Failure> {
    let (due, repeat) = (said(due), said(repeat));
    let is_repeat = repeat.is_none() && due.is_some_and(repeat::is_repeat);
    let (due, repeat) = if is_repeat { (None, due) } else { (due, repeat) };
    let due = due.map(|due| when::parse(due, now)).transpose()?;
    let Some(text) = repeat else { return Ok(Schedule { due, repeat: None }) };
    let repeat = repeat::parse(text, now)?;
    let start = || repeat.start(now).ok_or_else(|| Unclear::Repeat(text.to_owned()));
    let due = due.map_or_else(start, Ok)?;
    Ok(Schedule { due: Some(due), repeat: Some(repeat.rule) })
}

/// When to remind: a time to come, or one told by its distance from `due`.
pub(super) fn remind(text: &str, due: Option<&When>, now: &Zoned) -> Result<Timestamp, Failure> {
    let relative = due.and_then(|due| when::parse_before(text, &moment(due)));
    let at = match relative {
        Some(at) => at.timestamp(),
        None => remind_at(&when::parse(text, now)?, now),
    };
    if at < now.timestamp() {
        return Err(Failure::new("unclear_time", format!("`{text}` is over already; say a time to come")));
    }
    Ok(at)
}

/// The moment that a reminder counts from: of a whole day, its morning.
fn moment(due: &When) -> Zoned {
    if due.has_clock {
        return due.time.clone();
    }
    due.time.checked_add(Span::new().hours(MORNING)).unwrap_or_else(|_| due.time.clone())
}

/// Without a clock time, in the morning of that day, or in an hour where that is over.
pub(super) fn remind_at(when: &When, now: &Zoned) -> Timestamp {
    if when.has_clock || when.time.date() < now.date() {
        return when.time.timestamp();
    }
    let soon =
        now.checked_add(Span::new().hours(1)).map_or_else(|_| now.timestamp(), |time| time.timestamp());
    moment(when).timestamp().max(soon)
}

/// A due date as it was once said.
pub(super) fn of_task(due: Timestamp, now: &Zoned) -> When {
    let time = due.to_zoned(now.time_zone().clone());
    When { has_clock: !when::is_date_only(&time), time, is_assumed: false }
}

/// What the person should hear of a time that was taken from their words.
pub(super) fn oddity(due: Option<&When>, now: &Zoned) -> Option<String> {
    let due = due?;
    if urgency::is_overdue(due.time.timestamp(), now) {
        return Some("the due date is in the past: say so".to_owned());
    }
    let words = due.time.strftime("%-I:%M %p");
    due.is_assumed.then(|| format!("am or pm was not said: {words} is assumed; say the time back"))
}

/// An empty text is none.
pub(super) fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}
