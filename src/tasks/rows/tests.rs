use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use tempfile::TempDir;

use super::super::{NewTask, Priority, Status, Task, TaskStore};
use super::*;

fn now() -> Zoned {
    Timestamp::from_second(1_000).unwrap().to_zoned(TimeZone::UTC)
}

fn by_uuid(tasks: Vec<Task>) -> BTreeMap<Uuid, Task> {
    tasks.into_iter().map(|task| (task.uuid, task)).collect()
}

/// A store in which there is something of everything.
fn store(dir: &TempDir) -> TaskStore {
    let store = TaskStore::open(dir.path()).unwrap();
    let titles = ["plain", "\"quoted\" \\ and \n ü 🎉 \u{0}", "done", "deleted", ""];
    let uuids = titles.map(|title| {
        let new = NewTask {
            title: title.to_owned(),
            due: Some(now().timestamp()),
            priority: Some(Priority::Low),
            project: Some("home \\ \"x\"".to_owned()),
            tags: vec!["b".to_owned(), "a".to_owned()],
            note: Some("two\nlines".to_owned()),
            repeat: (title == "plain").then(|| crate::tasks::recur::Rule::parse("weekly").unwrap()),
            ..NewTask::default()
        };
        store.add(&new, &now()).unwrap().uuid
    });
    store.complete(uuids[2], &now()).unwrap();
    store.delete(uuids[3], &now()).unwrap();
    store
}

#[test]
fn rows_hold_the_same_tasks_as_the_store_reads_through_taskchampion() {
    let dir = TempDir::new().unwrap();
    let store = store(&dir);
    let expected = store.read(&async |txn| txn.all().await).unwrap();
    assert_eq!(expected.len(), 6, "with a template");
    assert_eq!(by_uuid(all(dir.path()).unwrap()), by_uuid(expected));
    let expected = store.read(&async |txn| txn.working_set().await).unwrap();
    assert_eq!(expected.len(), 5);
    assert_eq!(by_uuid(numbered(dir.path()).unwrap()), by_uuid(expected.clone()));
    // Among many without a number, each is looked up.
    let done = |index| Task { uuid: Uuid::from_u128(index), status: Status::Completed, ..Task::default() };
    store.import(&(1..=40).map(done).collect::<Vec<_>>(), &now()).unwrap();
    assert_eq!(by_uuid(numbered(dir.path()).unwrap()), by_uuid(expected));
    assert_eq!(all(dir.path()).unwrap().len(), 46);
}

#[test]
fn a_row_that_is_not_as_it_is_known_leaves_the_reading_to_taskchampion() {
    let strange = [r#"{"status": 1}"#, "[]", "", "null", r#"{"status": "pending""#];
    for data in strange {
        assert_eq!(read(Some(1), Uuid::nil(), data), None, "{data}");
    }
    assert!(read(None, Uuid::nil(), "{}").is_some());
    let dir = TempDir::new().unwrap();
    assert!(all(dir.path()).is_none() && numbered(dir.path()).is_none());
}
