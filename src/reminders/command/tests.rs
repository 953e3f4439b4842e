use std::sync::Mutex;

use jiff::{ToSpan, Zoned};

use super::*;
use crate::tasks::{NewTask, TaskStore};

#[derive(Default)]
struct Fake(Mutex<Vec<Notification>>);

impl Notifier for Fake {
    fn notify(&self, notification: &Notification) -> Result<(), String> {
        self.0.lock().expect("no panic").push(notification.clone());
        Err("nobody is there".to_owned())
    }
}

#[test]
fn what_is_due_is_told_and_shown_once_and_a_desktop_that_is_not_there_is_no_failure() {
    let now: Zoned = "2026-12-02T10:00:00[UTC]".parse().expect("a time");
    let dir = tempfile::tempdir().expect("a directory");
    let store = TaskStore::open(dir.path()).expect("a store");
    for (title, minutes) in [("milk\u{1b}[2J", 1), ("later", 9)] {
        let remind = Some(now.timestamp() + minutes.minutes());
        store.add(&NewTask { title: title.to_owned(), remind, ..NewTask::default() }, &now).expect("added");
    }
    let fake = Arc::new(Fake::default());
    let teller = Teller { watch: Watch::new(store), notifier: Some(fake.clone()) };
    let mut out = Vec::new();
    for minutes in [0, 1, 2] {
        teller.look(now.timestamp() + minutes.minutes(), &mut out).expect("looked");
    }
    assert_eq!(String::from_utf8_lossy(&out), "reminder: milk\n");
    let shown = fake.0.lock().expect("no panic");
    assert_eq!(*shown, [Notification { summary: "milk".to_owned(), body: "Reminder" }]);
}
