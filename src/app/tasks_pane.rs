//! The tasks beside the conversation: read again when the store has changed, by whomever.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Zoned;

use crate::tasks::{Priority, Stamp, Status, StoreError, Task, TaskStore, urgency, when};
use crate::text::Clean;
use crate::ui::view::{self, TaskRow};

/// Time alone makes tasks overdue.
const AGAIN_AFTER: Duration = Duration::from_secs(60);
/// More than any screen shows.
const MOST_ROWS: usize = 200;

pub struct TasksPane {
    store: TaskStore,
    last: Mutex<Option<(Stamp, Zoned)>>,
}

impl TasksPane {
    pub fn new(store: TaskStore) -> Self {
        Self { store, last: Mutex::new(None) }
    }

    /// The rows, most urgent first, if they may be others than last time. Blocks for some milliseconds.
    pub(super) fn news(&self, now: &Zoned) -> Option<Vec<TaskRow>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = self.store.stamp();
        let fresh =
            |(old, at): &(Stamp, Zoned)| *old == stamp && now.duration_since(at).unsigned_abs() < AGAIN_AFTER;
        if last.as_ref().is_some_and(fresh) {
            return None;
        }
        let rows =
            self.rows(now).inspect_err(|error| tracing::warn!(%error, "the tasks cannot be read")).ok()?;
        *last = Some((stamp, now.clone()));
        Some(rows)
    }

    fn rows(&self, now: &Zoned) -> Result<Vec<TaskRow>, StoreError> {
        let mut tasks = self.store.pending()?;
        tasks.retain(|task| !task.is_waiting(now.timestamp()));
        urgency::sort(&mut tasks, now);
        Ok(tasks.iter().take(MOST_ROWS).map(|task| row(task, now)).collect())
    }
}

fn row(task: &Task, now: &Zoned) -> TaskRow {
    TaskRow {
        number: task.number.unwrap_or_default() as u32,
        title: Clean::line(&task.title),
        due_words: task.due.map(|due| Clean::line(&when::describe(due, now))),
        overdue: task.due.is_some_and(|due| urgency::is_overdue(due, now)),
        priority: match task.priority {
            Some(Priority::High) => view::Priority::High,
            Some(Priority::Low) => view::Priority::Low,
            Some(Priority::Medium) | None => view::Priority::Normal,
        },
        done: task.status == Status::Completed,
    }
}
