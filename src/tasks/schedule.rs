//! Due dates, reminders and repetitions that belong together, from words. Pure.

use jiff::{Span, Timestamp, Zoned};

use super::recur::Rule;
use super::task::Task;
use super::urgency;
use super::when::{self, Unclear, When, repeat};

/// Without a clock time, people are reminded at nine.
const MORNING: i64 = 9;

/// When a task is due, and whether it repeats.
#[derive(Debug, Default)]
pub struct Schedule {
    pub due: Option<When>,
    pub repeat: Option<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untimely {
    #[error(transparent)]
    Unclear(#[from] Unclear),
    #[error("`{0}` is over already; say a time to come")]
    Over(String),
}

/// From what was said of both. `every monday` as a due date is a repetition; a repetition says when it begins, unless
/// there is a due date.
pub fn schedule(due: Option<&str>, repeat: Option<&str>, now: &Zoned) -> Result<Schedule, Unclear> {
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
pub fn remind(text: &str, due: Option<&When>, now: &Zoned) -> Result<Timestamp, Untimely> {
    let relative = due.and_then(|due| when::parse_before(text, &moment(due)));
    let at = match relative {
        Some(at) => at.timestamp(),
        None => remind_at(&when::parse(text, now)?, now),
    };
    if at < now.timestamp() {
        return Err(Untimely::Over(text.to_owned()));
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
pub fn remind_at(when: &When, now: &Zoned) -> Timestamp {
    if when.has_clock || when.time.date() < now.date() {
        return when.time.timestamp();
    }
    let soon =
        now.checked_add(Span::new().hours(1)).map_or_else(|_| now.timestamp(), |time| time.timestamp());
    moment(when).timestamp().max(soon)
}

/// A due date as it was once said.
pub fn of_task(due: Timestamp, now: &Zoned) -> When {
    let time = due.to_zoned(now.time_zone().clone());
    When { has_clock: !when::is_date_only(&time), time, is_assumed: false }
}

/// Moved to another day, a task keeps its time of the day, unless that is over there already.
pub fn moved(due: When, from: Option<&When>, now: &Zoned) -> When {
    let Some(from) = from.filter(|from| from.has_clock && !due.has_clock) else { return due };
    match due.time.with().time(from.time.time()).build() {
        Ok(time) if time > *now => When { time, has_clock: true, ..due },
        _ => due,
    }
}

/// A reminder that goes along with its task to another time: as long before it as it was, while that is to come.
pub fn moved_reminder(task: &Task, due: &When, now: &Zoned) -> Timestamp {
    let from = task.due.map(|from| of_task(from, now)).filter(|from| from.has_clock && due.has_clock);
    let before = from.zip(task.remind).map(|(from, remind)| from.time.timestamp().duration_since(remind));
    let at = before.and_then(|before| due.time.timestamp().checked_sub(before).ok());
    at.filter(|at| *at > now.timestamp()).unwrap_or_else(|| remind_at(due, now))
}

/// Whether a due date that was taken from words is over already.
pub fn is_past(due: &When, now: &Zoned) -> bool {
    urgency::is_overdue(due.time.timestamp(), now)
}

/// An empty text is none.
pub fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}
