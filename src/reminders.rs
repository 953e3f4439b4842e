//! Reminders: what is due and what comes next, and who looks.
//!
//! What is due is decided by the clock on the wall; that each rings once is kept by the store, where a reminder is claimed
//! before anyone tells of it ([`TaskStore::claim_reminders`](crate::tasks::TaskStore::claim_reminders)).

use jiff::Timestamp;
use uuid::Uuid;

use crate::tasks::Task;

pub mod command;
pub mod notify;
pub mod watch;

/// So many titles are told of those that were missed.
const TOLD: usize = 5;

/// A reminder that has come due.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reminder {
    pub uuid: Uuid,
    /// Untrusted text.
    pub title: String,
    pub at: Timestamp,
}

/// What has changed since the last look.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct News {
    /// The oldest first.
    pub due: Vec<Reminder>,
    /// They came due while no program was there to tell.
    pub missed: bool,
    /// Tasks of earlier news that need no more attention: done, gone, or to be told of at another time.
    pub settled: Vec<Uuid>,
}

impl Reminder {
    /// Of a task that has one.
    pub fn of(task: &Task) -> Option<Self> {
        Some(Self { uuid: task.uuid, title: task.title.clone(), at: task.remind? })
    }

    fn is_settled(&self, tasks: &[Task]) -> bool {
        !tasks.iter().any(|task| task.uuid == self.uuid && task.remind == Some(self.at))
    }
}

/// When the next one rings, which may be over.
pub fn next(pending: &[Task]) -> Option<Timestamp> {
    pending.iter().filter_map(Task::rings_at).min()
}

/// The titles as `a, b and c`; of many, the first few and how many more. Untrusted text.
pub fn titles(reminders: &[Reminder]) -> String {
    let shown: Vec<_> = reminders.iter().take(TOLD).map(|reminder| reminder.title.as_str()).collect();
    match (&shown[..], reminders.len() - shown.len()) {
        ([first @ .., last], 0) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (all, 0) => all.concat(),
        (all, more) => format!("{} and {more} more", all.join(", ")),
    }
}

/// In one line for a person. Untrusted text.
pub fn words(reminders: &[Reminder], missed: bool) -> String {
    let before = if missed { "while you were away" } else { "reminder" };
    format!("{before}: {}", titles(reminders))
}

#[cfg(test)]
mod tests;
