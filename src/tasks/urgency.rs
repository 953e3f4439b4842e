//! Which task comes first: overdue ones, then those due within a week, then by priority, then the oldest.

use std::cmp::{Ordering, Reverse};

use jiff::{Span, Timestamp, Zoned};

use super::task::Task;
use super::when;

/// Sorts the most urgent task to the front.
pub fn sort(tasks: &mut [Task], now: &Zoned) {
    tasks.sort_by(|a, b| compare(a, b, now));
}

/// `Less`: `a` is more urgent.
pub fn compare(a: &Task, b: &Task, now: &Zoned) -> Ordering {
    key(a, now).cmp(&key(b, now)).then_with(|| rest(a).cmp(&rest(b)))
}

/// A due date without a clock time is over when its day is.
pub fn is_overdue(due: Timestamp, now: &Zoned) -> bool {
    let due = due.to_zoned(now.time_zone().clone());
    if when::is_date_only(&due) { due.date() < now.date() } else { due < *now }
}

fn key(task: &Task, now: &Zoned) -> (u8, Option<Timestamp>) {
    match task.due {
        Some(due) if is_overdue(due, now) => (0, Some(due)),
        Some(due) if is_soon(due, now) => (1, Some(due)),
        _ => (2, None),
    }
}

fn is_soon(due: Timestamp, now: &Zoned) -> bool {
    now.checked_add(Span::new().days(7)).is_ok_and(|limit| due < limit.timestamp())
}

fn rest(task: &Task) -> impl Ord {
    let by_due = task.due.unwrap_or(Timestamp::MAX);
    (Reverse(task.priority), by_due, task.entry, task.number, &task.title, task.uuid)
}

#[cfg(test)]
mod tests;
