//! Which task a call means, and what is said when that is not clear.

use std::cmp::Reverse;
use std::sync::PoisonError;

use jiff::Zoned;
use uuid::Uuid;

use super::arguments::{self, MAX_TITLE};
use super::output::{Failure, TaskView};
use super::task_tools::TaskTools;
use crate::tasks::matching::{self, Care, Match};
use crate::tasks::{Status, Task};

impl TaskTools {
    /// A pending task.
    pub(super) fn find(&self, reference: &str, care: Care, now: &Zoned) -> Result<Task, Failure> {
        let reference = arguments::line("task", reference, MAX_TITLE)?;
        let pending = self.store.pending()?;
        self.one(&reference, &pending, care, now)?
            .ok_or_else(|| Failure::new("not_found", format!("there is no pending task `{reference}`")))
    }

    /// A pending task, or else one that is completed, or else one that is deleted; of several of one name, the latest.
    pub(super) fn find_any(&self, reference: &str, now: &Zoned) -> Result<Task, Failure> {
        let reference = arguments::line("task", reference, MAX_TITLE)?;
        if let Some(task) = self.one(&reference, &self.store.pending()?, Care::Usual, now)? {
            return Ok(task);
        }
        self.find_finished(&reference, now)
    }

    /// One that is completed, or else one that is deleted.
    pub(super) fn find_finished(&self, reference: &str, now: &Zoned) -> Result<Task, Failure> {
        let reference = arguments::line("task", reference, MAX_TITLE)?;
        let all = self.store.all()?;
        for status in [Status::Completed, Status::Deleted] {
            let mut tasks: Vec<_> = all.iter().filter(|task| task.status == status).cloned().collect();
            tasks.sort_by_key(|task| Reverse(task.end));
            let mut titles = std::collections::HashSet::new();
            tasks.retain(|task| titles.insert(task.title.clone()));
            if let Some(task) = self.one(&reference, &tasks, Care::Strict, now)? {
                return Ok(task);
            }
        }
        Err(Failure::new("not_found", format!("there is no task `{reference}`, neither done nor deleted")))
    }

    fn one(&self, reference: &str, tasks: &[Task], care: Care, now: &Zoned) -> Result<Option<Task>, Failure> {
        if is_pronoun(reference) {
            let last = self.mentioned();
            return Ok(tasks.iter().find(|task| Some(task.uuid) == last).cloned());
        }
        match matching::find(reference, tasks, &self.listed(), care) {
            Match::One(task) => Ok(Some(task)),
            Match::Many(tasks) => {
                let message = match tasks.as_slice() {
                    [task] => {
                        format!("no task is clearly `{reference}`; perhaps `{}` is meant: ask", task.title)
                    }
                    tasks => format!("{} tasks could be `{reference}`; ask which one", tasks.len()),
                };
                Err(Failure::new("ambiguous", message).with_candidates(TaskView::all(&tasks, now)))
            }
            Match::None => Ok(None),
        }
    }

    /// The latest completed task of that name.
    pub(super) fn completed(&self, reference: &str) -> Result<Option<Task>, Failure> {
        let mut tasks = self.store.all()?;
        let pending: Vec<_> = tasks.extract_if(.., |task| task.status == Status::Pending).collect();
        if matching::find(reference, &pending, &[], Care::Usual) != Match::None {
            return Ok(None);
        }
        tasks.retain(|task| task.status == Status::Completed);
        tasks.sort_by_key(|task| Reverse(task.end));
        let listed = self.listed();
        Ok(match matching::find(reference, &tasks, &listed, Care::Strict) {
            Match::One(task) => Some(task),
            Match::Many(tasks)
                if tasks.iter().all(|task| task.title == tasks[0].title) && tasks.len() > 1 =>
            {
                tasks.into_iter().next()
            }
            Match::Many(_) | Match::None => None,
        })
    }

    pub(super) fn listed(&self) -> Vec<Uuid> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).listed.clone()
    }

    pub(super) fn set_listed(&self, tasks: &[Task]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.listed = tasks.iter().map(|task| task.uuid).collect();
        // Of a list of one, that one is `it`; of several, none is.
        known.mentioned = if let [task] = tasks { Some(task.uuid) } else { None };
    }

    fn mentioned(&self) -> Option<Uuid> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).mentioned
    }

    pub(super) fn mention(&self, uuid: Uuid) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).mentioned = Some(uuid);
    }
}

/// `it`, `that one`: the task of which the latest call was.
fn is_pronoun(reference: &str) -> bool {
    let lower = reference.trim().trim_end_matches(['.', '!', '?']).to_lowercase();
    matches!(
        lower.as_str(),
        "it" | "that"
            | "this"
            | "that one"
            | "this one"
            | "that task"
            | "this task"
            | "the same"
            | "the same one"
    )
}
