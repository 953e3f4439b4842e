use jiff::{Timestamp, ToSpan, Zoned};
use proptest::prelude::*;

use super::*;
use crate::tasks::{Changes, NewTask, Task};

fn zoned() -> Zoned {
    "2026-12-02T10:00:00[UTC]".parse().expect("a time")
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

fn told(watch: &Watch, minutes: i64) -> Option<(Vec<String>, bool)> {
    let news = watch.look(at(minutes)).expect("looked")?;
    Some((news.due.into_iter().map(|reminder| reminder.title).collect(), news.missed))
}

fn texts(titles: &[&str]) -> Vec<String> {
    titles.iter().map(|title| (*title).to_owned()).collect()
}

#[test]
fn what_was_due_before_the_first_look_was_missed_and_is_told_together() {
    let (_dir, store) = store();
    (1..=3).for_each(|n| drop(add(&store, &format!("t{n}"), n)));
    let watch = Watch::new(store);
    assert_eq!(told(&watch, 2), Some((texts(&["t1", "t2"]), true)));
    assert_eq!(told(&watch, 2), None);
    assert_eq!(told(&watch, 3), Some((texts(&["t3"]), false)));
}

#[test]
fn what_another_program_adds_or_moves_is_seen_at_the_next_look() {
    let (dir, store) = store();
    let watch = Watch::new(store);
    assert_eq!(told(&watch, 0), None);
    let other = TaskStore::open(dir.path()).expect("a store");
    let task = add(&other, "milk", 5);
    assert_eq!(told(&watch, 4), None);
    assert_eq!(told(&watch, 5), Some((texts(&["milk"]), false)));
    let moved = Changes { remind: Some(Some(at(8))), ..Changes::default() };
    other.update(task.uuid, &moved, &zoned()).expect("moved");
    let news = watch.look(at(6)).expect("looked").expect("news");
    assert_eq!((news.due, news.settled), (vec![], vec![task.uuid]));
    assert_eq!(told(&watch, 8), Some((texts(&["milk"]), false)));
}

#[test]
fn a_task_that_is_done_needs_no_attention_any_more() {
    let (_dir, store) = store();
    let task = add(&store, "milk", 5);
    let watch = Watch::new(store.clone());
    assert_eq!(told(&watch, 0), None);
    assert!(told(&watch, 5).is_some());
    store.complete(task.uuid, &zoned()).expect("done");
    assert_eq!(watch.look(at(6)).expect("looked").expect("news").settled, [task.uuid]);
    assert_eq!(watch.look(at(7)).expect("looked"), None);
}

#[derive(Debug, Clone)]
enum Step {
    /// The clock says so many minutes, and one of the programs looks.
    Look { who: usize, minutes: i64 },
    /// A program ends and begins anew.
    Restart { who: usize },
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn each_rings_once_whatever_the_clock_and_the_programs_do(
        reminders in prop::collection::vec(0_i64..60, 1..6),
        steps in prop::collection::vec(
            prop_oneof![
                6 => (0_usize..2, -10_i64..70).prop_map(|(who, minutes)| Step::Look { who, minutes }),
                1 => (0_usize..2).prop_map(|who| Step::Restart { who }),
            ],
            0..20,
        ),
    ) {
        let (dir, store) = store();
        for (n, minutes) in reminders.iter().enumerate() {
            add(&store, &format!("task {n}"), *minutes);
        }
        let begin = || Watch::new(TaskStore::open(dir.path()).expect("a store"));
        let mut programs = [begin(), begin()];
        let mut rung = Vec::new();
        let last = Step::Look { who: 0, minutes: 70 };
        for step in steps.into_iter().chain([last]) {
            match step {
                Step::Restart { who } => programs[who] = begin(),
                Step::Look { who, minutes } => {
                    let news = programs[who].look(at(minutes)).expect("looked").unwrap_or_default();
                    prop_assert!(news.due.iter().all(|reminder| reminder.at <= at(minutes)));
                    prop_assert!(news.settled.is_empty());
                    rung.extend(news.due.into_iter().map(|reminder| reminder.title));
                }
            }
        }
        rung.sort();
        let expected: Vec<_> = (0..reminders.len()).map(|n| format!("task {n}")).collect();
        prop_assert_eq!(rung, expected);
    }
}
