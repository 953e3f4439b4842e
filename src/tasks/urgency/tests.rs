use super::*;
use crate::tasks::task::{Priority, Status};
use jiff::tz::TimeZone;
use uuid::Uuid;

fn task(title: &str, due: Option<i64>, priority: Option<Priority>, entry: i64) -> Task {
    Task {
        uuid: Uuid::nil(),
        number: None,
        title: title.to_owned(),
        status: Status::Pending,
        due: due.map(|hours| at(hours).timestamp()),
        remind: None,
        wait: None,
        priority,
        project: None,
        tags: Vec::new(),
        notes: Vec::new(),
        entry: Some(at(entry).timestamp()),
        modified: None,
        ..Task::default()
    }
}

/// Hours from a Wednesday at noon on.
fn at(hours: i64) -> Zoned {
    let noon = "2026-12-02T12:00:00Z".parse::<Timestamp>().unwrap().to_zoned(TimeZone::UTC);
    noon.checked_add(Span::new().hours(hours)).unwrap()
}

#[test]
fn overdue_comes_before_soon_before_priority_before_age() {
    let mut tasks = vec![
        task("new", None, None, -1),
        task("old", None, None, -100),
        task("far", Some(24 * 8), None, -1),
        task("low", None, Some(Priority::Low), -1),
        task("high", None, Some(Priority::High), -1),
        task("soon", Some(3), None, -1),
        task("this week", Some(24 * 6), Some(Priority::High), -1),
        task("today", Some(-12), None, -1),
        task("late", Some(-1), None, -1),
        task("very late", Some(-48), None, -1),
    ];
    sort(&mut tasks, &at(0));
    let titles: Vec<_> = tasks.iter().map(|task| task.title.as_str()).collect();
    assert_eq!(
        titles,
        ["very late", "late", "today", "soon", "this week", "high", "low", "far", "old", "new"]
    );
}

#[test]
fn a_day_is_over_at_its_end_and_a_moment_at_once() {
    assert!(!is_overdue(at(-12).timestamp(), &at(0)));
    assert!(!is_overdue(at(-12).timestamp(), &at(11)));
    assert!(is_overdue(at(-12).timestamp(), &at(12)));
    assert!(is_overdue(at(-1).timestamp(), &at(0)));
    assert!(!is_overdue(at(0).timestamp(), &at(0)));
}
