//! The functions on tasks.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Zoned;
use uuid::Uuid;

use super::arguments::{
    self, Annotate, Create, List, ListStatus, MAX_LIMIT, MAX_NAME, MAX_TITLE, MAX_UNDO, Undo, Update, Which,
};
use super::confirmation::Bulk;
use super::output::{Difference, Failure, NextView, Success, TaskView};
use super::{Clock, TaskChange, times};
use crate::tasks::diff::{Change, diff};
use crate::tasks::filter::{Filter, Scope};
use crate::tasks::matching::Care;
use crate::tasks::{
    Changed, Changes, NewTask, Priority, Status, StoreError, Task, TaskStore, recur, urgency, when,
};

const DEFAULT_LIMIT: u32 = 50;

pub(super) struct TaskTools {
    pub(super) store: TaskStore,
    pub(super) clock: Clock,
    pub(super) known: Mutex<Known>,
}

/// What words such as `the second one` and `it` mean.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The latest list, in its order: `the second one` is the second of these.
    pub(super) listed: Vec<Uuid>,
    /// What the latest call was about.
    pub(super) mentioned: Option<Uuid>,
}

impl TaskTools {
    pub(super) fn new(store: TaskStore, clock: Clock) -> Self {
        Self { store, clock, known: Mutex::default() }
    }

    pub(super) fn call(&self, name: &str, arguments: &str) -> Result<Success, Failure> {
        let now = (self.clock)();
        match name {
            "create_task" => self.create(&arguments::parse(arguments)?, &now),
            "list_tasks" => self.list(&arguments::parse(arguments)?, &now),
            "show_task" => self.show(&arguments::parse(arguments)?, &now),
            "update_task" => self.update(&arguments::parse(arguments)?, &now),
            "complete_task" => self.complete(&arguments::parse(arguments)?, &now),
            "reopen_task" => self.reopen(&arguments::parse(arguments)?, &now),
            "delete_task" => self.delete(&arguments::parse(arguments)?, &now),
            "start_task" => self.activate(&arguments::parse(arguments)?, true, &now),
            "stop_task" => self.activate(&arguments::parse(arguments)?, false, &now),
            "add_note" => self.annotate(&arguments::parse(arguments)?, &now),
            "add_reminder" => self.remind(&arguments::parse(arguments)?, &now),
            "set_reminder" => self.set_reminder(&arguments::parse(arguments)?, &now),
            "snooze_reminder" => self.snooze(&arguments::parse(arguments)?, &now),
            "complete_tasks" => self.several(Bulk::Complete, &arguments::parse(arguments)?, &now),
            "delete_tasks" => self.several(Bulk::Delete, &arguments::parse(arguments)?, &now),
            "undo" => self.undo(&arguments::parse(arguments)?, &now),
            "task_statistics" => self.count(&arguments::parse(arguments)?, &now),
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
            TaskChange::Snooze { uuid, until } => self.snooze_by_hand(*uuid, until, &now),
            TaskChange::Undo => self.undo(&Undo { count: None }, &now),
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
        let title = arguments::line("title", &wanted.title, MAX_TITLE)?;
        let schedule = times::schedule(wanted.due.as_deref(), wanted.repeat.as_deref(), now)?;
        let due = schedule.due.as_ref();
        let remind = times::said(wanted.remind.as_deref());
        let new = NewTask {
            title,
            due: due.map(|due| due.time.timestamp()),
            remind: remind.map(|remind| times::remind(remind, due, now)).transpose()?,
            priority: wanted.priority,
            project: arguments::optional_line("project", wanted.project.as_deref(), MAX_NAME)?,
            tags: arguments::tags(wanted.tags.as_deref())?.unwrap_or_default(),
            note: arguments::notes(wanted.notes.as_deref())?,
            repeat: schedule.repeat,
            ..NewTask::default()
        };
        let message = times::oddity(due, now);
        Ok(Success { message, ..self.add("created", &new, now)? })
    }

    pub(super) fn add(&self, action: &'static str, new: &NewTask, now: &Zoned) -> Result<Success, Failure> {
        let task = self.store.add(new, now)?;
        self.mention(task.uuid);
        let summary = format!("added {}: {}", task.handle(), task.title);
        let changes = diff(None, Some(&task), now);
        let task = Some(TaskView::new(&task, now));
        Ok(Success { task, is_change: true, changes, ..Success::new(action, summary) })
    }

    fn show(&self, wanted: &Which, now: &Zoned) -> Result<Success, Failure> {
        let task = self.find_any(&wanted.task, now)?;
        self.mention(task.uuid);
        let mut depends_on = Vec::new();
        for uuid in &task.depends {
            depends_on.extend(self.store.get(*uuid)?.map(|task| task.title));
        }
        let summary = format!("looked at {}: {}", task.handle(), task.title);
        let task = Some(TaskView::full(&task, depends_on, now));
        Ok(Success { task, ..Success::new("shown", summary) })
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
            due: times::due(wanted.due.as_deref(), now)?,
        };
        let mut tasks =
            if filter.scope == Scope::Pending { self.store.pending()? } else { self.store.all()? };
        tasks.retain(|task| filter.shows(task, now));
        sort(&mut tasks, now);
        let count = tasks.len();
        tasks.truncate(limit as usize);
        self.set_listed(&tasks);
        let summary = if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") };
        let tasks = Some(TaskView::all(&tasks, now));
        Ok(Success { tasks, count: Some(count), ..Success::new("listed", summary) })
    }

    fn update(&self, wanted: &Update, now: &Zoned) -> Result<Success, Failure> {
        let is_empty = plain_changes(wanted)? == Changes::default();
        if is_empty && wanted.due.is_none() && wanted.remind.is_none() && wanted.repeat.is_none() {
            return Err(Failure::invalid("nothing to change is given; give for example `title` or `due`"));
        }
        // Words that are no time are told before the task is looked for.
        wishes(wanted, None, now)?;
        let task = self.find(&wanted.task, Care::Usual, now)?;
        let (wishes, message) = wishes(wanted, Some(&task), now)?;
        let done = self.apply(task.uuid, &wishes, now)?;
        Ok(Success { message: done.message.or(message), ..done })
    }

    pub(super) fn apply(&self, uuid: Uuid, wishes: &Changes, now: &Zoned) -> Result<Success, Failure> {
        let changed = self.store.update(uuid, wishes, now)?;
        self.mention(uuid);
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
                self.mention(task.uuid);
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

    fn reopen(&self, wanted: &Which, now: &Zoned) -> Result<Success, Failure> {
        let task = match self.find_finished(&wanted.task, now) {
            Ok(task) => task,
            Err(failure) => {
                let Ok(open) = self.find(&wanted.task, Care::Usual, now) else { return Err(failure) };
                let message = Some(format!("`{}` is pending already", open.title));
                let summary = format!("pending already: {}", open.title);
                let task = Some(TaskView::new(&open, now));
                return Ok(Success { task, message, ..Success::new("reopened", summary) });
            }
        };
        let changed = self.store.reopen(task.uuid, now)?;
        self.mention(task.uuid);
        Ok(finished("reopened", &changed.after, &changed, now))
    }

    fn delete(&self, wanted: &Which, now: &Zoned) -> Result<Success, Failure> {
        let task = self.find(&wanted.task, Care::Strict, now)?;
        let changed = self.store.delete(task.uuid, now)?;
        self.mention(task.uuid);
        let message = task.recur.is_some().then(|| "it does not come again either".to_owned());
        Ok(Success { message, ..finished("deleted", &task, &changed, now) })
    }

    fn activate(&self, wanted: &Which, active: bool, now: &Zoned) -> Result<Success, Failure> {
        let task = self.find(&wanted.task, Care::Usual, now)?;
        let changes = Changes { active: Some(active), ..Changes::default() };
        let done = self.apply(task.uuid, &changes, now)?;
        let action = if active { "started" } else { "stopped" };
        Ok(Success { action, summary: format!("{action} {}: {}", task.handle(), task.title), ..done })
    }

    fn annotate(&self, wanted: &Annotate, now: &Zoned) -> Result<Success, Failure> {
        let note = arguments::notes(Some(&wanted.note))?;
        let note = Some(note.ok_or_else(|| Failure::invalid("`note` is empty"))?);
        let task = self.find(&wanted.task, Care::Usual, now)?;
        let done = self.apply(task.uuid, &Changes { note, ..Changes::default() }, now)?;
        Ok(Success { action: "noted", summary: format!("note to {}: {}", task.handle(), task.title), ..done })
    }

    /// The latest few, one after the other. What each was about is told, the latest first.
    fn undo(&self, wanted: &Undo, now: &Zoned) -> Result<Success, Failure> {
        let count = wanted.count.unwrap_or(1);
        if !(1..=MAX_UNDO).contains(&count) {
            return Err(Failure::invalid(format!("`count` has to be from 1 to {MAX_UNDO}")));
        }
        let mut words = Vec::new();
        let (mut changes, mut tasks) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let Some(undone) = self.store.undo()? else { break };
            words.push(undone.what());
            let sides = undone.sides.iter();
            changes.extend(sides.flat_map(|(before, after)| diff(before.as_ref(), after.as_ref(), now)));
            self.mention(undone.task.uuid);
            tasks.push(undone.task);
        }
        let Some(latest) = tasks.first() else {
            return Err(Failure::new("nothing_to_undo", "there is no change to take back"));
        };
        let task = Some(TaskView::new(latest, now));
        let fewer =
            (words.len() < count as usize).then(|| "there were no more changes to take back".to_owned());
        let undone = words.len();
        let what = words.join("; ");
        Ok(Success {
            task,
            count: (count > 1).then_some(undone),
            what: Some(what.clone()),
            message: fewer,
            is_change: true,
            changes,
            ..Success::new("undone", format!("undone: {what}"))
        })
    }
}

/// What is to be done by urgency, then what is finished, the latest first.
fn sort(tasks: &mut [Task], now: &Zoned) {
    urgency::sort(tasks, now);
    tasks.sort_by_key(|task| (task.status != Status::Pending).then_some(Reverse(task.end)));
}

/// What is to become different, times aside.
fn plain_changes(wanted: &Update) -> Result<Changes, Failure> {
    let project = match &wanted.project {
        None => None,
        Some(project) => Some(arguments::optional_line("project", project.as_deref(), MAX_NAME)?),
    };
    Ok(Changes {
        title: wanted.title.as_deref().map(|title| arguments::line("title", title, MAX_TITLE)).transpose()?,
        priority: wanted.priority.map(arguments::NewPriority::priority),
        project,
        tags: arguments::tags(wanted.tags.as_deref())?,
        note: arguments::notes(wanted.notes.as_deref())?,
        ..Changes::default()
    })
}

/// All that is to become different, and what is odd about it. A reminder goes along with the due date.
fn wishes(wanted: &Update, task: Option<&Task>, now: &Zoned) -> Result<(Changes, Option<String>), Failure> {
    let text =
        |value: &Option<Option<String>>| value.clone().flatten().filter(|text| !text.trim().is_empty());
    let (due_text, repeat_text) = (text(&wanted.due), text(&wanted.repeat));
    let schedule = times::schedule(due_text.as_deref(), repeat_text.as_deref(), now)?;
    // A new rule for a task that is due already counts from there, unless its words say otherwise.
    let keeps_due = due_text.is_none()
        && repeat_text
            .as_deref()
            .is_some_and(|text| when::repeat::parse(text, now).is_ok_and(|r| r.first.is_none()));
    let own_due = task.and_then(|task| task.due).map(|due| times::of_task(due, now));
    let due = match schedule.due {
        due if keeps_due => own_due.clone().or(due),
        due => due.map(|due| times::moved(due, own_due.as_ref(), now)),
    };
    let mut changes = plain_changes(wanted)?;
    changes.due = match (&due, &wanted.due) {
        (Some(due), _) => Some(Some(due.time.timestamp())),
        (None, Some(_)) => Some(None),
        (None, None) => None,
    };
    changes.repeat = match (schedule.repeat, &wanted.repeat) {
        (Some(rule), _) => Some(Some(rule)),
        (None, Some(_)) => Some(None),
        (None, None) => None,
    };
    let remind_text = text(&wanted.remind);
    let due_now = if changes.due.is_some() { due.clone() } else { own_due };
    changes.remind = match (&wanted.remind, remind_text) {
        (Some(_), None) => Some(None),
        (Some(_), Some(text)) => Some(Some(times::remind(&text, due_now.as_ref(), now)?)),
        (None, _) => moved_reminder(&changes, task, due_now.as_ref(), keeps_due, now),
    };
    Ok((changes, times::oddity(due.as_ref().filter(|_| !keeps_due), now)))
}

#[expect(clippy::option_option, reason = "absent, none and a time are three things here")]
fn moved_reminder(
    changes: &Changes,
    task: Option<&Task>,
    due: Option<&when::When>,
    keeps_due: bool,
    now: &Zoned,
) -> Option<Option<jiff::Timestamp>> {
    let is_moved = changes.due.is_some() && !keeps_due;
    let task = task.filter(|task| is_moved && task.remind.is_some())?;
    Some(due.map(|due| times::moved_reminder(task, due, now)))
}

pub(super) fn finished(action: &'static str, found: &Task, changed: &Changed, now: &Zoned) -> Success {
    let number = found.number.map(|number| format!("{number}: ")).unwrap_or_default();
    let summary = format!("{action} {number}{}", found.title);
    let task = Some(TaskView::new(&changed.after, now));
    let changes = changes_of(changed, now);
    let next = changed.next.as_ref().map(|next| NextView::new(next, now));
    let due = changed.next.as_ref().and_then(|next| next.task.due);
    let summary = match due {
        Some(due) => format!("{summary}; next {}", when::describe(due, now)),
        None => summary,
    };
    Success { task, next, is_change: changed.is_change(), changes, ..Success::new(action, summary) }
}

pub(super) fn changes_of(changed: &Changed, now: &Zoned) -> Vec<Change> {
    diff(Some(&changed.before), Some(&changed.after), now)
}

fn differences(changed: &Changed, now: &Zoned) -> BTreeMap<&'static str, Difference> {
    let (before, after) = (properties(&changed.before, now), properties(&changed.after, now));
    let pairs = before.into_iter().zip(after).filter(|((_, from), (_, to))| from != to);
    pairs.map(|((name, from), (_, to))| (name, Difference { from, to })).collect()
}

fn properties(task: &Task, now: &Zoned) -> [(&'static str, Option<String>); 9] {
    let tags = Some(task.tags.join(" ")).filter(|tags| !tags.is_empty());
    let note = task.notes.last().map(|note| note.text.clone());
    [
        ("title", Some(task.title.clone())),
        ("due", task.due.map(|due| when::describe(due, now))),
        ("remind", task.remind.map(|remind| when::describe(remind, now))),
        ("repeat", task.recur.as_deref().map(recur::words)),
        ("started", task.start.map(|start| when::describe(start, now))),
        ("priority", task.priority.map(|priority| Priority::as_str(priority).to_owned())),
        ("project", task.project.clone()),
        ("tags", tags),
        ("notes", note),
    ]
}
