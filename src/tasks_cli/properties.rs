//! From the words of the command line to what a task is to become. Pure.

use clap::ValueEnum as _;
use jiff::{Timestamp, Zoned};
use uuid::Uuid;

use super::arguments::Properties;
use super::error::TasksError;
use crate::tasks::checked::{self, MAX_NAME, MAX_TITLE};
use crate::tasks::schedule::{self, Schedule};
use crate::tasks::when::{self, When};
use crate::tasks::{Changes, NewTask, Priority, Task};

/// `depends`: what was found for `--depends`.
pub(super) fn new_task(
    title: &str,
    wanted: &Properties,
    depends: Option<Vec<Uuid>>,
    now: &Zoned,
) -> Result<NewTask, TasksError> {
    let schedule = schedule::schedule(given(wanted.due.as_deref()), given(wanted.repeat.as_deref()), now)?;
    let due = schedule.due.as_ref();
    let remind = given(wanted.remind.as_deref()).map(|text| schedule::remind(text, due, now)).transpose()?;
    Ok(NewTask {
        title: checked::line("title", title, MAX_TITLE)?,
        due: due.map(|due| due.time.timestamp()),
        remind,
        wait: time(wanted.wait.as_deref(), now)?.flatten(),
        scheduled: time(wanted.scheduled.as_deref(), now)?.flatten(),
        until: time(wanted.until.as_deref(), now)?.flatten(),
        priority: priority(wanted.priority.as_deref())?.flatten(),
        project: project(wanted.project.as_deref())?.flatten(),
        tags: checked::tags("tag", &wanted.tags)?,
        depends: depends.unwrap_or_default(),
        repeat: schedule.repeat,
        note: wanted.note.as_deref().map(|note| checked::notes("note", note)).transpose()?.flatten(),
    })
}

/// What is to become different about `task`. A reminder goes along with the due date.
pub(super) fn changes(
    task: &Task,
    title: Option<&str>,
    untags: &[String],
    wanted: &Properties,
    depends: Option<Vec<Uuid>>,
    now: &Zoned,
) -> Result<Changes, TasksError> {
    let own_due = task.due.map(|due| schedule::of_task(due, now));
    let (due, repeat) = due_and_repeat(own_due.as_ref(), wanted, now)?;
    let due_now = due.clone().unwrap_or(own_due);
    let is_moved = due.is_some() && task.remind.is_some();
    let moved = is_moved.then(|| due_now.as_ref().map(|due| schedule::moved_reminder(task, due, now)));
    let remind = match wanted.remind.as_deref() {
        None => moved,
        Some(text) if is_none(text) => Some(None),
        Some(text) => Some(Some(schedule::remind(text, due_now.as_ref(), now)?)),
    };
    if let Some(depends) = &depends
        && depends.contains(&task.uuid)
    {
        return Err(TasksError::Itself);
    }
    Ok(Changes {
        title: title.map(|title| checked::line("title", title, MAX_TITLE)).transpose()?,
        due: due.map(|due| due.map(|due| due.time.timestamp())),
        remind,
        wait: time(wanted.wait.as_deref(), now)?,
        scheduled: time(wanted.scheduled.as_deref(), now)?,
        until: time(wanted.until.as_deref(), now)?,
        priority: priority(wanted.priority.as_deref())?,
        project: project(wanted.project.as_deref())?,
        tags: tags(task, &wanted.tags, untags)?,
        depends,
        repeat,
        note: wanted.note.as_deref().map(|note| checked::notes("note", note)).transpose()?.flatten(),
        ..Changes::default()
    })
}

type NewSchedule = (Option<Option<When>>, Option<Option<crate::tasks::recur::Rule>>);

/// A new rule for a task that is due already counts from there, unless its words say otherwise.
fn due_and_repeat(
    own_due: Option<&When>,
    wanted: &Properties,
    now: &Zoned,
) -> Result<NewSchedule, TasksError> {
    let (due_text, repeat_text) = (given(wanted.due.as_deref()), given(wanted.repeat.as_deref()));
    let Schedule { due, repeat } = schedule::schedule(due_text, repeat_text, now)?;
    let is_plain = |text| when::repeat::parse(text, now).is_ok_and(|repeat| repeat.first.is_none());
    let keeps_due = own_due.is_some() && due_text.is_none() && repeat_text.is_some_and(is_plain);
    let due = match due {
        Some(_) if keeps_due => None,
        Some(due) => Some(Some(schedule::moved(due, own_due, now))),
        None => wanted.due.as_ref().map(|_| None),
    };
    let repeat = match repeat {
        Some(rule) => Some(Some(rule)),
        None => wanted.repeat.as_ref().map(|_| None),
    };
    Ok((due, repeat))
}

/// `none` removes.
fn is_none(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.eq_ignore_ascii_case("none")
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !is_none(text))
}

#[expect(clippy::option_option, reason = "not said, removed and a time are three things")]
fn time(text: Option<&str>, now: &Zoned) -> Result<Option<Option<Timestamp>>, TasksError> {
    let Some(text) = text else { return Ok(None) };
    if is_none(text) {
        return Ok(Some(None));
    }
    Ok(Some(Some(when::parse(text, now)?.time.timestamp())))
}

#[expect(clippy::option_option, reason = "not said, removed and a priority are three things")]
fn priority(text: Option<&str>) -> Result<Option<Option<Priority>>, TasksError> {
    let Some(text) = text else { return Ok(None) };
    if is_none(text) {
        return Ok(Some(None));
    }
    let priority = Priority::from_str(text.trim(), true);
    Ok(Some(Some(priority.map_err(|_| TasksError::Priority(text.to_owned()))?)))
}

#[expect(clippy::option_option, reason = "not said, removed and a name are three things")]
fn project(text: Option<&str>) -> Result<Option<Option<String>>, TasksError> {
    let Some(text) = text else { return Ok(None) };
    if is_none(text) {
        return Ok(Some(None));
    }
    Ok(Some(Some(checked::line("project", text, MAX_NAME)?)))
}

/// All tags from now on, where any are to become different.
fn tags(task: &Task, add: &[String], remove: &[String]) -> Result<Option<Vec<String>>, TasksError> {
    if add.is_empty() && remove.is_empty() {
        return Ok(None);
    }
    let is_cleared = add.iter().any(|tag| is_none(tag));
    let add: Vec<_> = add.iter().filter(|tag| !is_none(tag)).cloned().collect();
    let add = checked::tags("tag", &add)?;
    let remove = checked::tags("untag", remove)?;
    let kept = task.tags.iter().filter(|tag| !is_cleared && !remove.contains(tag));
    let mut tags: Vec<_> = kept.cloned().chain(add).collect();
    tags.sort_unstable();
    tags.dedup();
    Ok(Some(tags))
}
