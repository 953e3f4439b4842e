//! Completes or deletes several tasks at once, when the person has agreed.

use jiff::Zoned;

use super::arguments::{self, MAX_NAME, MAX_TASKS, MAX_TITLE, Several};
use super::confirmation::{Bulk, Pending};
use super::output::{Failure, Success, TaskView};
use super::task_tools::{TaskTools, changes_of};
use super::times;
use crate::tasks::filter::{Filter, Scope};
use crate::tasks::matching::Care;
use crate::tasks::{Changes, Status, Task};

impl TaskTools {
    pub(super) fn several(&self, bulk: Bulk, wanted: &Several, now: &Zoned) -> Result<Success, Failure> {
        let tasks = self.meant(wanted, now)?;
        let pending = Pending::new(bulk, tasks.into_iter().map(|task| (task.uuid, task.title)));
        // One task that was named is one task.
        if pending.count() == 1 && wanted.tasks.is_some() {
            return self.confirm(&pending);
        }
        Err(Failure::needs_confirmation(pending))
    }

    pub(super) fn confirm(&self, pending: &Pending) -> Result<Success, Failure> {
        let now = (self.clock)();
        let (action, status) = match pending.bulk() {
            Bulk::Complete => ("completed", Status::Completed),
            Bulk::Delete => ("deleted", Status::Deleted),
        };
        let open = self.store.pending()?;
        let is_open = |uuid| open.iter().any(|task| task.uuid == uuid);
        let uuids: Vec<_> = pending.uuids().iter().copied().filter(|uuid| is_open(*uuid)).collect();
        let changes = Changes { status: Some(status), ..Changes::default() };
        let changed = self.store.update_all(&uuids, &changes, &now)?;
        let noun = if changed.len() == 1 { "task" } else { "tasks" };
        let missing = pending.count() - changed.len();
        let message = (missing > 0).then(|| format!("{missing} of them had been finished meanwhile"));
        let after: Vec<_> = changed.iter().map(|changed| &changed.after).take(MAX_TASKS).collect();
        Ok(Success {
            tasks: Some(TaskView::all(after, &now)),
            count: Some(changed.len()),
            message,
            is_change: !changed.is_empty(),
            changes: changed.iter().flat_map(|changed| changes_of(changed, &now)).collect(),
            ..Success::new(action, format!("{action} {} {noun}", changed.len()))
        })
    }

    fn meant(&self, wanted: &Several, now: &Zoned) -> Result<Vec<Task>, Failure> {
        let all = wanted.all == Some(true);
        match &wanted.tasks {
            Some(_) if all => Err(Failure::invalid("give either `tasks` or `all`")),
            Some(names) if names.is_empty() || names.len() > MAX_TASKS => {
                Err(Failure::invalid(format!("`tasks` has to name from 1 to {MAX_TASKS} tasks")))
            }
            Some(_) if wanted.has_filter() => {
                Err(Failure::invalid("filters go with `all`, not with `tasks`"))
            }
            Some(names) => self.named(names, now),
            None if !all => Err(Failure::invalid("say which `tasks`, or `all`: true with filters")),
            None => self.filtered(wanted, now),
        }
    }

    /// All of them have to be clear, or none is touched.
    fn named(&self, names: &[String], now: &Zoned) -> Result<Vec<Task>, Failure> {
        let mut tasks: Vec<Task> = Vec::with_capacity(names.len());
        for name in names {
            let task = self.find(name, Care::Strict, now)?;
            if !tasks.iter().any(|known| known.uuid == task.uuid) {
                tasks.push(task);
            }
        }
        Ok(tasks)
    }

    fn filtered(&self, wanted: &Several, now: &Zoned) -> Result<Vec<Task>, Failure> {
        let filter = Filter {
            scope: Scope::Pending,
            text: arguments::optional_line("text", wanted.text.as_deref(), MAX_TITLE)?,
            project: arguments::optional_line("project", wanted.project.as_deref(), MAX_NAME)?,
            tag: arguments::optional_line("tag", wanted.tag.as_deref(), MAX_NAME)?,
            due: times::due(wanted.due.as_deref(), now)?,
        };
        let mut tasks = self.store.pending()?;
        tasks.retain(|task| filter.shows(task, now));
        if tasks.is_empty() {
            return Err(Failure::new("not_found", "no pending task is like that"));
        }
        Ok(tasks)
    }
}

impl Several {
    fn has_filter(&self) -> bool {
        self.text.is_some() || self.project.is_some() || self.tag.is_some() || self.due.is_some()
    }
}
