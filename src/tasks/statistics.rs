//! How much was done, and how much is to be done. Pure.

use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp, Zoned};

use super::task::{Status, Task};
use super::urgency;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Today.
    Day,
    /// Today and the six days before it.
    Week,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistics {
    pub from: Date,
    pub to: Date,
    /// In the period.
    pub completed: usize,
    pub created: usize,
    pub tracked_seconds: u64,
    /// Now.
    pub pending: usize,
    pub overdue: usize,
    pub due_today: usize,
    /// Each day of the period, the oldest first.
    pub days: Vec<Day>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    pub date: Date,
    pub weekday: Weekday,
    pub completed: usize,
    pub created: usize,
}

/// Deleted tasks count as created, and as nothing else; templates not at all.
pub fn statistics(tasks: &[Task], period: Period, now: &Zoned) -> Statistics {
    let to = now.date();
    let back = if period == Period::Week { 6 } else { 0 };
    let from = to.checked_sub(Span::new().days(back)).unwrap_or(to);
    let tasks: Vec<_> = tasks.iter().filter(|task| task.status != Status::Recurring).collect();
    let date = |time: Timestamp| time.to_zoned(now.time_zone().clone()).date();
    let count = |is_counted: &dyn Fn(&Task) -> bool| tasks.iter().filter(|task| is_counted(task)).count();
    let dates = std::iter::successors(Some(from), |date| date.tomorrow().ok()).take_while(|date| *date <= to);
    let days: Vec<_> = dates
        .map(|day| Day {
            date: day,
            weekday: day.weekday(),
            completed: count(&|task| {
                task.status == Status::Completed && task.end.is_some_and(|end| date(end) == day)
            }),
            created: count(&|task| task.entry.is_some_and(|entry| date(entry) == day)),
        })
        .collect();
    let is_open = |task: &Task| task.status == Status::Pending;
    Statistics {
        from,
        to,
        completed: days.iter().map(|day| day.completed).sum(),
        created: days.iter().map(|day| day.created).sum(),
        tracked_seconds: tasks.iter().map(|task| tracked(task, from, to, now)).sum(),
        pending: count(&is_open),
        overdue: count(&|task| is_open(task) && task.due.is_some_and(|due| urgency::is_overdue(due, now))),
        due_today: count(&|task| is_open(task) && task.due.is_some_and(|due| date(due) == to)),
        days,
    }
}

/// Seconds of work on a task between the beginning of one day and the end of another, with what is under way.
fn tracked(task: &Task, from: Date, to: Date, now: &Zoned) -> u64 {
    let edge = |date: Date| date.to_zoned(now.time_zone().clone()).map(|time| time.timestamp().as_second());
    let begin = edge(from).unwrap_or(i64::MIN);
    let end = to.tomorrow().ok().and_then(|date| edge(date).ok()).unwrap_or(i64::MAX);
    let active = task.start.filter(|_| task.is_active());
    let active = active.map(|start| (start.as_second(), now.timestamp().as_second()));
    let past = task.tracked.iter().map(|stint| {
        let start = stint.start.as_second();
        (start, start.saturating_add_unsigned(stint.seconds))
    });
    past.chain(active).map(|(s, e)| e.min(end).saturating_sub(s.max(begin)).max(0) as u64).sum()
}

/// As `in seven days 5 completed, 3 created; 8 to do, 1 overdue`.
pub fn sentence(statistics: &Statistics, period: Period) -> String {
    let period = if period == Period::Day { "today" } else { "in seven days" };
    let worked = match statistics.tracked_seconds / 60 {
        0 => String::new(),
        minutes @ 1..60 => format!(", {minutes} min worked"),
        minutes => format!(", {} h {} min worked", minutes / 60, minutes % 60),
    };
    let Statistics { completed, created, pending, overdue, .. } = statistics;
    format!("{period} {completed} completed, {created} created{worked}; {pending} to do, {overdue} overdue")
}

#[cfg(test)]
mod tests;
