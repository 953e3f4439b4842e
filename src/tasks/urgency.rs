//! Which task comes first: overdue ones, then those due within a week, then by priority, then the oldest.

use std::cmp::Reverse;

use jiff::{SignedDuration, Span, Timestamp, Zoned};
use uuid::Uuid;

use super::task::{Priority, Task};
use super::when;

/// What lies so far back was on an earlier day, whatever the zone and its clocks do.
const SURELY_ANOTHER_DAY: SignedDuration = SignedDuration::from_hours(48);

/// Sorts the most urgent task to the front.
pub fn sort(tasks: &mut [Task], now: &Zoned) {
    let in_a_week = now.checked_add(Span::new().days(7)).map_or(Timestamp::MAX, |limit| limit.timestamp());
    tasks.sort_by_cached_key(|task| key(task, in_a_week, now));
}

/// A due date without a clock time is over when its day is.
pub fn is_overdue(due: Timestamp, now: &Zoned) -> bool {
    let since = now.timestamp().duration_since(due);
    if !since.is_positive() || since > SURELY_ANOTHER_DAY {
        return since.is_positive();
    }
    let due = due.to_zoned(now.time_zone().clone());
    !when::is_date_only(&due) || due.date() < now.date()
}

/// The least is the most urgent. Times are seconds since 1970.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Overdue, soon, the rest; and of the first two, when.
    pressing: (u8, i64),
    priority: Reverse<Option<Priority>>,
    due: i64,
    entry: Option<i64>,
    number: Option<usize>,
    /// Of those without a number: each number is there once.
    title: Option<String>,
    uuid: Uuid,
}

fn key(task: &Task, in_a_week: Timestamp, now: &Zoned) -> Key {
    let pressing = match task.due {
        Some(due) if is_overdue(due, now) => (0, due.as_second()),
        Some(due) if due < in_a_week => (1, due.as_second()),
        _ => (2, 0),
    };
    Key {
        pressing,
        priority: Reverse(task.priority),
        due: task.due.map_or(i64::MAX, Timestamp::as_second),
        entry: task.entry.map(Timestamp::as_second),
        number: task.number,
        title: task.number.is_none().then(|| task.title.clone()),
        uuid: task.uuid,
    }
}

#[cfg(test)]
mod tests;
