//! The functions on tasks.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{Span, Timestamp, Zoned};
use uuid::Uuid;

use super::arguments::{
    self, Create, List, ListStatus, MAX_LIMIT, MAX_NAME, MAX_TITLE, Nothing, Remind, Update, Which,
};
use super::output::{Difference, Failure, Success, TaskView};
use super::{Clock, TaskChange};
use crate::tasks::diff::{Change, diff};
use crate::tasks::filter::{Filter, Scope};
use crate::tasks::matching::{self, Care, Match};
use crate::tasks::when::{self, When};
use crate::tasks::{Changed, Changes, NewTask, Priority, Status, StoreError, Task, TaskStore, urgency};

const DEFAULT_LIMIT: u32 = 50;
const REMINDER: &str = "reminder";

pub(super) struct TaskTools {
    store: TaskStore,
    clock: Clock,
    /// The latest list, in its order: `the second one` is the second of these.
    listed: Mutex<Vec<Uuid>>,
}

impl TaskTools {
    pub(super) fn new(store: TaskStore, clock: Clock) -> Self {
        Self { store, clock, listed: Mutex::default() }
    }

    pub(super) fn call(&self, name: &str, arguments: &str) -> Result<Success, Failure> {
        let now = (self.clock)();
        match name {
            "create_task" => self.create(&arguments::parse(arguments)?, &now),
            "list_tasks" => self.list(&arguments::parse(arguments)?, &now),
            "update_task" => self.update(&arguments::parse(arguments)?, &now),
            "complete_task" => self.complete(&arguments::parse(arguments)?, &now),
            "delete_task" => self.delete(&arguments::parse(arguments)?, &now),
            "add_reminder" => self.remind(&arguments::parse(arguments)?, &now),
            "undo" => {
                let Nothing {} = arguments::parse(arguments)?;
                self.undo(&now)
            }
            _ => Err(Failure::new("unknown_tool", format!("there is no function `{name}`"))),
        }
    }

    pub(super) fn change(&self, change: &TaskChange) -> Result<Success, Failure> {
        let now = (self.clock)();
        match change {
            TaskChange::Add { title } => {
                let title = arguments::line("title", title, MAX_TITLE)?;
                self.add("created", &NewTask { title, ..NewTask::default() }, &now)
            }
            TaskChange::Rename { uuid, title } => {
                let title = Some(arguments::line("title", title, MAX_TITLE)?);
                self.apply(*uuid, &Changes { title, ..Changes::default() }, &now)
            }
            TaskChange::Complete(uuid) => self.restate(*uuid, "completed", Status::Completed, &now),
            TaskChange::Reopen(uuid) => self.restate(*uuid, "reopened", Status::Pending, &now),
            TaskChange::Delete(uuid) => self.restate(*uuid, "deleted", Status::Deleted, &now),
            TaskChange::Undo => self.undo(&now),
        }
    }

    /// What was on screen may have been finished by others meanwhile: that is told and not done over.
    fn restate(&self, uuid: Uuid, action: &'static str, to: Status, now: &Zoned) -> Result<Success, Failure> {
        let found = self.store.get(uuid)?.ok_or(StoreError::Gone(uuid))?;
        let is_expected = match to {
            Status::Completed => found.status == Status::Pending,
            Status::Pending => found.status == Status::Completed,
            _ => found.status != Status::Deleted,
        };
        if !is_expected {
            let message = format!("`{}` is {} already", found.title, found.status.as_str());
            return Err(Failure::new("not_found", message));
        }
        let changes = Changes { status: Some(to), ..Changes::default() };
        let changed = self.store.update(uuid, &changes, now)?;
        Ok(finished(action, &found, &changed, now))
    }

    fn create(&self, wanted: &Create, now: &Zoned) -> Result<Success, Failure> {
        let due = wanted.due.as_deref().filter(|due| !due.trim().is_empty());
        let new = NewTask {
            title: arguments::line("title", &wanted.title, MAX_TITLE)?,
            due: due.map(|due| when::parse(due, now)).transpose()?.map(|when| when.time.timestamp()),
            remind: None,
            priority: wanted.priority,
            project: arguments::optional_line("project", wanted.project.as_deref(), MAX_NAME)?,
            tags: arguments::tags(wanted.tags.as_deref())?.unwrap_or_default(),
            note: arguments::notes(wanted.notes.as_deref())?,
            ..NewTask::default()
        };
        self.add("created", &new, now)
    }

    fn remind(&self, wanted: &Remind, now: &Zoned) -> Result<Success, Failure> {
        let at = wanted.at.as_deref().filter(|at| !at.trim().is_empty());
        let when = at.map(|at| when::parse(at, now)).transpose()?;
        if let Some(when) = &when
            && remind_at(when, now) < now.timestamp()
        {
            let at = at.unwrap_or_default();
            return Err(Failure::new("unclear_time", format!("`{at}` is over already; say a time to come")));
        }
        let new = NewTask {
            title: arguments::line("title", &wanted.title, MAX_TITLE)?,
            due: when.as_ref().map(|when| when.time.timestamp()),
            remind: when.as_ref().map(|when| remind_at(when, now)),
            tags: vec![REMINDER.to_owned()],
            ..NewTask::default()
        };
        self.add("reminder_added", &new, now)
    }

    fn add(&self, action: &'static str, new: &NewTask, now: &Zoned) -> Result<Success, Failure> {
        let task = self.store.add(new, now)?;
        let summary = format!("added {}: {}", task.handle(), task.title);
        let changes = diff(None, Some(&task), now);
        let task = Some(TaskView::new(&task, now));
        Ok(Success { task, is_change: true, changes, ..Success::new(action, summary) })
    }

    fn list(&self, wanted: &List, now: &Zoned) -> Result<Success, Failure> {
        let limit = wanted.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Failure::invalid(format!("`limit` has to be from 1 to {MAX_LIMIT}")));
        }
        let filter = Filter {
            scope: match wanted.status {
                None | Some(ListStatus::Pending) => Scope::Pending,
                Some(ListStatus::Completed) => Scope::Completed,
                Some(ListStatus::All) => Scope::Kept,
            },
            text: arguments::optional_line("text", wanted.text.as_deref(), MAX_TITLE)?,
            project: arguments::optional_line("project", wanted.project.as_deref(), MAX_NAME)?,
            tag: arguments::optional_line("tag", wanted.tag.as_deref(), MAX_NAME)?,
            due: wanted.due,
        };
        let mut tasks =
            if filter.scope == Scope::Pending { self.store.pending()? } else { self.store.all()? };
        tasks.retain(|task| filter.shows(task, now));
        sort(&mut tasks, now);
        let count = tasks.len();
        tasks.truncate(limit as usize);
        *self.listed.lock().unwrap_or_else(PoisonError::into_inner) =
            tasks.iter().map(|task| task.uuid).collect();
        let summary = if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") };
        let tasks = Some(TaskView::all(&tasks, now));
        Ok(Success { tasks, count: Some(count), ..Success::new("listed", summary) })
    }

    fn update(&self, wanted: &Update, now: &Zoned) -> Result<Success, Failure> {
        let mut wishes = changes(wanted, now)?;
        if wishes == Changes::default() {
            return Err(Failure::invalid("nothing to change is given; give for example `title` or `due`"));
        }
        let task = self.find(&wanted.task, Care::Usual, now)?;
        if let Some(due) = &wanted.due
            && task.remind.is_some()
        {
            let when = due.as_deref().map(|due| when::parse(due, now)).transpose()?;
            wishes.remind = Some(when.map(|when| remind_at(&when, now)));
        }
        self.apply(task.uuid, &wishes, now)
    }

    fn apply(&self, uuid: Uuid, wishes: &Changes, now: &Zoned) -> Result<Success, Failure> {
        let changed = self.store.update(uuid, wishes, now)?;
        let differences = differences(&changed, now);
        let message = differences.is_empty().then(|| "it is that way already".to_owned());
        let news = if differences.is_empty() { " (nothing new)" } else { "" };
        let summary = format!("changed {}: {}{news}", changed.after.handle(), changed.after.title);
        Ok(Success {
            task: Some(TaskView::new(&changed.after, now)),
            changed: Some(differences),
            message,
            is_change: changed.is_change(),
            changes: changes_of(&changed, now),
            ..Success::new("updated", summary)
        })
    }

    fn complete(&self, wanted: &Which, now: &Zoned) -> Result<Success, Failure> {
        let failure = match self.find(&wanted.task, Care::Usual, now) {
            Ok(task) => {
                let changed = self.store.complete(task.uuid, now)?;
                return Ok(finished("completed", &task, &changed, now));
            }
            Err(failure) => failure,
        };
        let Some(done) = self.completed(&wanted.task)? else { return Err(failure) };
        let message = Some(format!("`{}` is completed already", done.title));
        let summary = format!("completed already: {}", done.title);
        let task = Some(TaskView::new(&done, now));
        Ok(Success { task, message, ..Success::new("completed", summary) })
    }

    /// The latest completed task of that name.
    fn completed(&self, reference: &str) -> Result<Option<Task>, Failure> {
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

    fn delete(&self, wanted: &Which, now: &Zoned) -> Result<Success, Failure> {
        let task = self.find(&wanted.task, Care::Strict, now)?;
        let changed = self.store.delete(task.uuid, now)?;
        Ok(finished("deleted", &task, &changed, now))
    }

    fn undo(&self, now: &Zoned) -> Result<Success, Failure> {
        let Some(undone) = self.store.undo()? else {
            return Err(Failure::new("nothing_to_undo", "there is no change to take back"));
        };
        let what = undone.what();
        let sides = undone.sides.iter();
        let changes = sides.flat_map(|(before, after)| diff(before.as_ref(), after.as_ref(), now)).collect();
        let task = Some(TaskView::new(&undone.task, now));
        let summary = format!("undone: {what}");
        Ok(Success { task, what: Some(what), is_change: true, changes, ..Success::new("undone", summary) })
    }

    fn find(&self, reference: &str, care: Care, now: &Zoned) -> Result<Task, Failure> {
        let reference = arguments::line("task", reference, MAX_TITLE)?;
        let pending = self.store.pending()?;
        match matching::find(&reference, &pending, &self.listed(), care) {
            Match::One(task) => Ok(task),
            Match::Many(tasks) => {
                let message = match tasks.as_slice() {
                    [task] => {
                        format!("no task is clearly `{reference}`; perhaps `{}` is meant: ask", task.title)
                    }
                    tasks => format!("{} tasks could be `{reference}`; ask which one", tasks.len()),
                };
                Err(Failure::new("ambiguous", message).with_candidates(TaskView::all(&tasks, now)))
            }
            Match::None => Err(Failure::new("not_found", format!("there is no pending task `{reference}`"))),
        }
    }

    fn listed(&self) -> Vec<Uuid> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What is to be done by urgency, then what is finished, the latest first.
fn sort(tasks: &mut [Task], now: &Zoned) {
    urgency::sort(tasks, now);
    tasks.sort_by_key(|task| (task.status != Status::Pending).then_some(Reverse(task.end)));
}

/// Without a clock time, in the morning of that day, or in an hour where that is over.
fn remind_at(when: &When, now: &Zoned) -> Timestamp {
    let time = &when.time;
    if when.has_clock || time.date() < now.date() {
        return time.timestamp();
    }
    let morning =
        time.checked_add(Span::new().hours(9)).map_or_else(|_| time.timestamp(), |time| time.timestamp());
    let soon =
        now.checked_add(Span::new().hours(1)).map_or_else(|_| now.timestamp(), |time| time.timestamp());
    morning.max(soon)
}

fn changes(wanted: &Update, now: &Zoned) -> Result<Changes, Failure> {
    let due = match &wanted.due {
        None => None,
        Some(None) => Some(None),
        Some(Some(due)) => Some(Some(when::parse(due, now)?.time.timestamp())),
    };
    let project = match &wanted.project {
        None => None,
        Some(project) => Some(arguments::optional_line("project", project.as_deref(), MAX_NAME)?),
    };
    Ok(Changes {
        title: wanted.title.as_deref().map(|title| arguments::line("title", title, MAX_TITLE)).transpose()?,
        due,
        remind: None,
        priority: wanted.priority.map(arguments::NewPriority::priority),
        project,
        tags: arguments::tags(wanted.tags.as_deref())?,
        note: arguments::notes(wanted.notes.as_deref())?,
        ..Changes::default()
    })
}

fn finished(action: &'static str, found: &Task, changed: &Changed, now: &Zoned) -> Success {
    let number = found.number.map(|number| format!("{number}: ")).unwrap_or_default();
    let summary = format!("{action} {number}{}", found.title);
    let task = Some(TaskView::new(&changed.after, now));
    let changes = changes_of(changed, now);
    Success { task, is_change: changed.is_change(), changes, ..Success::new(action, summary) }
}

fn changes_of(changed: &Changed, now: &Zoned) -> Vec<Change> {
    diff(Some(&changed.before), Some(&changed.after), now)
}

fn differences(changed: &Changed, now: &Zoned) -> BTreeMap<&'static str, Difference> {
    let (before, after) = (properties(&changed.before, now), properties(&changed.after, now));
    let pairs = before.into_iter().zip(after).filter(|((_, from), (_, to))| from != to);
    pairs.map(|((name, from), (_, to))| (name, Difference { from, to })).collect()
}

fn properties(task: &Task, now: &Zoned) -> [(&'static str, Option<String>); 6] {
    let tags = Some(task.tags.join(" ")).filter(|tags| !tags.is_empty());
    let note = task.notes.last().map(|note| note.text.clone());
    [
        ("title", Some(task.title.clone())),
        ("due", task.due.map(|due| when::describe(due, now))),
        ("priority", task.priority.map(|priority| Priority::as_str(priority).to_owned())),
        ("project", task.project.clone()),
        ("tags", tags),
        ("notes", note),
    ]
}
