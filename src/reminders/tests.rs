use super::*;
use crate::tasks::Status;

fn second(second: i64) -> Option<Timestamp> {
    Timestamp::from_second(second).ok()
}

fn task(remind: Option<i64>, reminded: Option<i64>, status: Status) -> Task {
    Task { remind: remind.and_then(second), reminded: reminded.and_then(second), status, ..Task::default() }
}

#[test]
fn the_next_is_the_earliest_that_has_yet_to_ring() {
    use Status::{Completed, Deleted, Pending, Recurring};
    let table = [
        (vec![], None),
        (vec![(None, None, Pending)], None),
        (vec![(Some(9), None, Pending), (Some(5), None, Pending)], second(5)),
        (vec![(Some(9), None, Pending), (Some(5), Some(5), Pending)], second(9)),
        // Moved, to later or to earlier.
        (vec![(Some(9), Some(5), Pending)], second(9)),
        (vec![(Some(5), Some(9), Pending)], second(5)),
        (vec![(Some(5), None, Completed), (Some(5), None, Deleted), (Some(5), None, Recurring)], None),
    ];
    for (tasks, expected) in table {
        let tasks: Vec<_> = tasks.into_iter().map(|(at, told, status)| task(at, told, status)).collect();
        assert_eq!(next(&tasks), expected, "{tasks:?}");
    }
}

#[test]
fn at_most_five_are_told_by_name() {
    let reminder = |n: usize| Reminder { title: format!("t{n}"), ..Reminder::default_for_tests() };
    let told = |count: usize| words(&(1..=count).map(reminder).collect::<Vec<_>>(), true);
    assert_eq!(told(1), "while you were away: t1");
    assert_eq!(told(2), "while you were away: t1 and t2");
    assert_eq!(told(5), "while you were away: t1, t2, t3, t4 and t5");
    assert_eq!(told(8), "while you were away: t1, t2, t3, t4, t5 and 3 more");
    assert_eq!(words(&[reminder(1)], false), "reminder: t1");
}

impl Reminder {
    pub(crate) fn default_for_tests() -> Self {
        Self { uuid: Uuid::nil(), title: String::new(), at: Timestamp::UNIX_EPOCH }
    }
}
