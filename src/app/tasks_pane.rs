//! The tasks beside the conversation: read again when the store has changed, by whomever.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{Timestamp, Zoned};

use crate::tasks::{Priority, Stamp, Status, StoreError, Task, TaskStore, urgency, when};
use crate::text::Clean;
use crate::ui::view::{self, TaskRow};

/// Time alone makes tasks overdue.
const AGAIN_AFTER: Duration = Duration::from_secs(60);
/// More than any screen shows.
const MOST_ROWS: usize = 200;
const MOST_DONE: usize = 50;

pub struct TasksPane {
    store: TaskStore,
    last: Mutex<Option<(Stamp, Zoned)>>,
    with_done: AtomicBool,
}

/// The tasks as they are now.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TaskNews {
    pub rows: Vec<TaskRow>,
    /// Another program has changed them.
    pub by_others: bool,
}

impl TasksPane {
    pub fn new(store: TaskStore) -> Self {
        Self { store, last: Mutex::new(None), with_done: AtomicBool::new(false) }
    }

    /// The next news come at once, with what was done today or without.
    pub(super) fn show_done(&self, with_done: bool) {
        self.with_done.store(with_done, Ordering::Relaxed);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The tasks, most urgent first, if they may be others than last time. Blocks for some milliseconds.
    pub(super) fn news(&self, now: &Zoned) -> Option<TaskNews> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = self.store.stamp();
        let fresh =
            |(old, at): &(Stamp, Zoned)| *old == stamp && now.duration_since(at).unsigned_abs() < AGAIN_AFTER;
        if last.as_ref().is_some_and(fresh) {
            return None;
        }
        let rows =
            self.rows(now).inspect_err(|error| tracing::warn!(%error, "the tasks cannot be read")).ok()?;
        let by_others = last.as_ref().is_some_and(|(old, _)| stamp.is_by_others(old));
        *last = Some((stamp, now.clone()));
        Some(TaskNews { rows, by_others })
    }

    fn rows(&self, now: &Zoned) -> Result<Vec<TaskRow>, StoreError> {
        let mut tasks = self.store.pending()?;
        tasks.retain(|task| !task.is_waiting(now.timestamp()));
        urgency::sort(&mut tasks, now);
        tasks.truncate(MOST_ROWS);
        if self.with_done.load(Ordering::Relaxed) {
            tasks.extend(self.done_today(now)?);
        }
        Ok(tasks.iter().map(|task| row(task, now)).collect())
    }

    /// The latest first.
    fn done_today(&self, now: &Zoned) -> Result<Vec<Task>, StoreError> {
        let today = |end: Timestamp| end.to_zoned(now.time_zone().clone()).date() == now.date();
        let mut tasks = self.store.all()?;
        tasks.retain(|task| task.status == Status::Completed && task.end.is_some_and(today));
        tasks.sort_by_key(|task| Reverse(task.end));
        tasks.truncate(MOST_DONE);
        Ok(tasks)
    }
}

fn row(task: &Task, now: &Zoned) -> TaskRow {
    TaskRow {
        uuid: task.uuid,
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
        details: details(task, now).iter().map(|line| Clean::line(line)).collect(),
    }
}

/// All that a person may want to know of a task besides its title.
fn details(task: &Task, now: &Zoned) -> Vec<String> {
    let at = |name: &str, time: Option<Timestamp>| time.map(|time| format!("{name}: {}", in_full(time, now)));
    let tags: Vec<_> = task.tags.iter().map(|tag| format!("+{tag}")).collect();
    let lines = [
        at("done", task.end.filter(|_| task.status == Status::Completed)),
        at("due", task.due),
        at("remind", task.remind),
        task.priority.map(|priority| format!("priority: {}", priority.as_str())),
        task.project.as_ref().map(|project| format!("project: {project}")),
        (!tags.is_empty()).then(|| format!("tags: {}", tags.join(" "))),
    ];
    let notes = task.notes.iter().map(|note| format!("note: {}", note.text));
    lines.into_iter().flatten().chain(notes).collect()
}

/// As `Fri 4 Dec 2026 09:00`, which fits into one line of the narrowest pane.
fn in_full(time: Timestamp, now: &Zoned) -> String {
    let time = time.to_zoned(now.time_zone().clone());
    let clock = if when::is_date_only(&time) { "" } else { " %H:%M" };
    time.strftime(&format!("%a %-d %b %Y{clock}")).to_string()
}

#[cfg(test)]
mod tests;
