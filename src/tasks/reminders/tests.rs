use std::sync::Barrier;
use std::thread;

use jiff::{Timestamp, ToSpan, Zoned};

use crate::tasks::{Changes, NewTask, Task, TaskStore};

fn zoned() -> Zoned {
    "2026-12-02T10:00:00+01:00[Europe/Berlin]".parse().expect("a time")
}

fn at(minutes: i64) -> Timestamp {
    zoned().timestamp() + minutes.minutes()
}

fn store() -> (tempfile::TempDir, TaskStore) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = TaskStore::open(dir.path()).expect("a store");
    (dir, store)
}

fn add(store: &TaskStore, title: &str, remind: i64) -> Task {
    let new = NewTask { title: title.to_owned(), remind: Some(at(remind)), ..NewTask::default() };
    store.add(&new, &zoned()).expect("added")
}

fn claimed(store: &TaskStore, minutes: i64) -> Vec<String> {
    let tasks = store.claim_reminders(at(minutes)).expect("claimed");
    tasks.into_iter().map(|task| task.title).collect()
}

fn set(store: &TaskStore, task: &Task, remind: Option<i64>) {
    let changes = Changes { remind: Some(remind.map(at)), ..Changes::default() };
    store.update(task.uuid, &changes, &zoned()).expect("changed");
}

#[test]
fn a_reminder_is_claimed_once_when_it_is_due_whatever_the_clock_does_then() {
    let (dir, store) = store();
    add(&store, "late", 10);
    add(&store, "early", 5);
    assert_eq!(claimed(&store, 4), Vec::<String>::new());
    assert_eq!(claimed(&store, 60), ["early", "late"], "a jump forward");
    for minutes in [60, 0, 7, 10, 61] {
        assert_eq!(claimed(&store, minutes), Vec::<String>::new(), "{minutes}");
    }
    let again = TaskStore::open(dir.path()).expect("a store");
    assert_eq!(claimed(&again, 70), Vec::<String>::new(), "another program");
}

#[test]
fn a_reminder_that_was_moved_is_claimed_again() {
    let (_dir, store) = store();
    let task = add(&store, "milk", 5);
    assert_eq!(claimed(&store, 5), ["milk"]);
    set(&store, &task, Some(15));
    assert_eq!(claimed(&store, 14), Vec::<String>::new());
    assert_eq!(claimed(&store, 15), ["milk"]);
    // The clock was put back meanwhile.
    set(&store, &task, Some(3));
    assert_eq!(claimed(&store, 3), ["milk"]);
    set(&store, &task, None);
    assert_eq!(claimed(&store, 90), Vec::<String>::new());
}

#[test]
fn what_is_finished_is_not_claimed() {
    let (_dir, store) = store();
    let (done, deleted) = (add(&store, "done", 5), add(&store, "deleted", 5));
    store.complete(done.uuid, &zoned()).expect("done");
    store.delete(deleted.uuid, &zoned()).expect("deleted");
    assert_eq!(claimed(&store, 9), Vec::<String>::new());
    store.reopen(done.uuid, &zoned()).expect("reopened");
    assert_eq!(claimed(&store, 9), ["done"], "it was never told");
}

#[test]
fn an_undo_takes_back_the_change_before_the_claim_and_leaves_the_claim() {
    let (_dir, store) = store();
    let task = add(&store, "milk", 5);
    store
        .update(task.uuid, &Changes { title: Some("oat milk".to_owned()), ..Changes::default() }, &zoned())
        .unwrap();
    assert_eq!(claimed(&store, 5), ["oat milk"]);
    store.undo().unwrap().expect("something to undo");
    let undone = store.get(task.uuid).unwrap().expect("there");
    assert_eq!((undone.title.as_str(), undone.reminded), ("milk", Some(at(5))));
    assert_eq!(claimed(&store, 6), Vec::<String>::new());
    store.undo().unwrap().expect("the making of it");
    assert_eq!(store.get(task.uuid).unwrap(), None);
    assert_eq!(store.undo().unwrap(), None);
}

#[test]
fn a_snooze_that_is_undone_after_it_rang_does_not_ring_again() {
    let (_dir, store) = store();
    let task = add(&store, "milk", 5);
    assert_eq!(claimed(&store, 5), ["milk"]);
    set(&store, &task, Some(15));
    assert_eq!(claimed(&store, 15), ["milk"]);
    store.undo().unwrap().expect("the snooze");
    assert_eq!(store.get(task.uuid).unwrap().expect("there").remind, Some(at(5)));
    assert_eq!(claimed(&store, 20), Vec::<String>::new());
}

#[test]
fn an_undone_removal_of_a_reminder_that_has_yet_to_ring_lets_it_ring() {
    let (_dir, store) = store();
    let task = add(&store, "milk", 5);
    set(&store, &task, None);
    store.undo().unwrap().expect("the removal");
    assert_eq!(claimed(&store, 5), ["milk"]);
}

#[test]
fn what_comes_next_of_a_series_rings_anew() {
    let (_dir, store) = store();
    let (due, remind) = (Some(at(10)), Some(at(5)));
    let repeat = crate::tasks::recur::Rule::parse("daily");
    let new = NewTask { title: "pills".to_owned(), due, remind, repeat, ..NewTask::default() };
    let task = store.add(&new, &zoned()).unwrap();
    assert_eq!(claimed(&store, 5), ["pills"]);
    let next = store.complete(task.uuid, &zoned()).unwrap().next.expect("it repeats").task;
    assert_eq!(next.reminded, None);
    assert_eq!(claimed(&store, 5 + 24 * 60), ["pills"]);
}

#[test]
fn of_two_programs_at_once_exactly_one_claims_each_reminder() {
    let (dir, store) = store();
    (0..20).for_each(|n| drop(add(&store, &format!("task {n:02}"), n)));
    let both = [store, TaskStore::open(dir.path()).expect("a store")];
    let barrier = Barrier::new(2);
    let mut all: Vec<String> = thread::scope(|scope| {
        let run = |store: &TaskStore| {
            let mut mine = Vec::new();
            for minutes in 0..20 {
                barrier.wait();
                mine.extend(claimed(store, minutes));
            }
            mine
        };
        let [one, other] = &both;
        let one = scope.spawn(move || run(one));
        let other = run(other);
        [one.join().expect("no panic"), other].concat()
    });
    all.sort();
    let expected: Vec<_> = (0..20).map(|n| format!("task {n:02}")).collect();
    assert_eq!(all, expected);
}
