use jiff::civil;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::*;
use crate::tasks::{Note, Status};

fn now() -> Zoned {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    "2026-12-02T10:00:00".parse::<civil::DateTime>().unwrap().to_zoned(zone).unwrap()
}

fn milk() -> Task {
    Task {
        uuid: Uuid::nil(),
        number: Some(1),
        title: "milk".to_owned(),
        status: Status::Pending,
        due: None,
        remind: None,
        wait: None,
        priority: None,
        project: None,
        tags: Vec::new(),
        notes: Vec::new(),
        entry: None,
        modified: None,
        ..Task::default()
    }
}

fn words(before: Option<&Task>, after: Option<&Task>) -> Vec<String> {
    diff(before, after, &now()).iter().map(ToString::to_string).collect()
}

#[test]
fn each_property_is_told_before_and_after() {
    let due = Some("2026-12-04T08:00:00Z".parse().unwrap());
    let note = Note { time: now().timestamp(), text: "two litres".to_owned() };
    let table = [
        (Task { due, ..milk() }, "due: none → Fri 4 Dec 09:00"),
        (Task { remind: due, ..milk() }, "reminder: none → Fri 4 Dec 09:00"),
        (Task { status: Status::Completed, number: None, ..milk() }, "status: pending → completed"),
        (Task { title: "oat milk".to_owned(), ..milk() }, "title: “milk” → “oat milk”"),
        (Task { priority: Some(Priority::High), ..milk() }, "priority: none → high"),
        (Task { project: Some("home".to_owned()), ..milk() }, "project: none → home"),
        (Task { tags: vec!["a".to_owned(), "b".to_owned()], ..milk() }, "tags: none → +a +b"),
        (Task { notes: vec![note], ..milk() }, "note: none → “two litres”"),
    ];
    for (after, expected) in table {
        assert_eq!(words(Some(&milk()), Some(&after)), [expected]);
        let (field, values) = expected.split_once(": ").unwrap();
        let (from, to) = values.split_once(" → ").unwrap();
        assert_eq!(words(Some(&after), Some(&milk())), [format!("{field}: {to} → {from}")]);
    }
}

#[test]
fn nothing_different_is_nothing_to_tell() {
    let moved = Task { number: Some(7), modified: Some(now().timestamp()), ..milk() };
    assert_eq!(words(Some(&milk()), Some(&moved)), [""; 0]);
    assert_eq!(words(None, None), [""; 0]);
}

#[test]
fn a_task_that_was_made_is_told_in_full_and_one_unmade_by_its_title() {
    let due = Some("2026-12-02T16:00:00Z".parse().unwrap());
    let task = Task { due, ..milk() };
    assert_eq!(words(None, Some(&task)), ["task: none → “milk”", "due: none → today 17:00"]);
    assert_eq!(words(Some(&task), None), ["task: “milk” → none"]);
}

#[test]
fn a_change_names_its_task_as_it_is_now() {
    let after = Task { title: "oat milk".to_owned(), ..milk() };
    assert_eq!(diff(Some(&milk()), Some(&after), &now())[0].task, "oat milk");
}
