use jiff::tz::TimeZone;

use super::*;
use crate::tasks::Stint;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Zoned {
    time("2026-12-02T11:00:00Z").to_zoned(TimeZone::fixed(jiff::tz::offset(1)))
}

fn task(entry: &str, end: Option<&str>) -> Task {
    let status = if end.is_some() { Status::Completed } else { Status::Pending };
    Task { status, entry: Some(time(entry)), end: end.map(time), ..Task::default() }
}

#[test]
fn days_are_those_of_the_persons_zone() {
    let tasks = [
        task("2026-11-20T09:00:00Z", Some("2026-12-01T22:59:59Z")),
        task("2026-12-01T23:00:00Z", Some("2026-12-01T23:00:00Z")),
        Task { due: Some(time("2026-12-01T09:00:00Z")), ..task("2026-11-25T22:59:59Z", None) },
        Task { due: Some(time("2026-12-02T22:00:00Z")), ..task("2026-11-25T23:00:00Z", None) },
        Task { status: Status::Recurring, ..task("2026-12-02T09:00:00Z", None) },
        Task { status: Status::Deleted, ..task("2026-12-02T09:00:00Z", Some("2026-12-02T09:30:00Z")) },
    ];
    let week = statistics(&tasks, Period::Week, &now());
    assert_eq!((week.from.to_string().as_str(), week.to.to_string().as_str()), ("2026-11-26", "2026-12-02"));
    assert_eq!((week.completed, week.created, week.pending), (2, 3, 2));
    assert_eq!((week.overdue, week.due_today), (1, 1));
    let counts: Vec<_> = week.days.iter().map(|day| (day.completed, day.created)).collect();
    assert_eq!(counts, [(0, 1), (0, 0), (0, 0), (0, 0), (0, 0), (1, 0), (1, 2)]);
    let day = statistics(&tasks, Period::Day, &now());
    assert_eq!((day.completed, day.created, day.days.len()), (1, 2, 1));
}

#[test]
fn work_is_counted_within_the_period_and_up_to_now() {
    let stint = |start: &str, seconds| Stint { start: time(start), seconds };
    let worked = Task {
        tracked: vec![stint("2026-11-01T09:00:00Z", 600), stint("2026-12-01T22:30:00Z", 3_600)],
        start: Some(time("2026-12-02T10:50:00Z")),
        ..task("2026-11-01T09:00:00Z", None)
    };
    assert_eq!(statistics(std::slice::from_ref(&worked), Period::Day, &now()).tracked_seconds, 1_800 + 600);
    assert_eq!(statistics(&[worked], Period::Week, &now()).tracked_seconds, 3_600 + 600);
}
