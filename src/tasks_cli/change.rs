//! What changes tasks. Several at once are one change: all of them or none, and one undo takes all back.

use jiff::Zoned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Answer;
use super::arguments::Properties;
use super::error::TasksError;
use super::find::{self, Among};
use super::properties;
use crate::tasks::checked;
use crate::tasks::diff::diff;
use crate::tasks::matching::Care;
use crate::tasks::{Changed, Changes, Status, Task, TaskStore, when, wording};

pub(super) fn add(
    store: &TaskStore,
    title: &[String],
    wanted: &Properties,
    now: &Zoned,
) -> Result<Answer, TasksError> {
    let depends = depends(store, &wanted.depends)?;
    let new = properties::new_task(&title.join(" "), wanted, depends, now)?;
    let task = store.add(&new, now)?;
    let mut text = vec![format!("added {}", wording::line(&task, now))];
    text.extend(task.remind.map(|remind| format!("  reminder: {}", when::describe(remind, now))));
    text.extend(task.wait.map(|wait| format!("  hidden until: {}", when::describe(wait, now))));
    Ok(Answer::Words { text, json: json!({"action": "created", "task": task}), is_clean: false })
}

/// `None`: not said.
fn depends(store: &TaskStore, words: &[String]) -> Result<Option<Vec<Uuid>>, TasksError> {
    if words.is_empty() {
        return Ok(None);
    }
    let mut uuids = Vec::new();
    for word in words.iter().filter(|word| !word.eq_ignore_ascii_case("none")) {
        uuids.push(find::task(store, word, Among::PendingFirst, Care::Usual)?.uuid);
    }
    uuids.sort_unstable();
    uuids.dedup();
    Ok(Some(uuids))
}

pub(super) fn edit(
    store: &TaskStore,
    words: &[String],
    title: Option<&str>,
    untags: &[String],
    wanted: &Properties,
    now: &Zoned,
) -> Result<Answer, TasksError> {
    if title.is_none() && untags.is_empty() && *wanted == Properties::default() {
        return Err(TasksError::NothingToChange);
    }
    // Words that are no time are told before the task is looked for.
    properties::changes(&Task::default(), title, untags, wanted, None, now)?;
    let tasks = find::tasks(store, words, Among::PendingFirst, Care::Usual)?;
    let depends = depends(store, &wanted.depends)?;
    let wishes = tasks.iter().map(|task| {
        let changes = properties::changes(task, title, untags, wanted, depends.clone(), now)?;
        Ok((task.uuid, changes))
    });
    let wishes: Vec<_> = wishes.collect::<Result<_, TasksError>>()?;
    let changed = store.update_each(&wishes, now)?;
    Ok(told(&changed, now))
}

pub(super) fn note(
    store: &TaskStore,
    reference: &str,
    text: &[String],
    now: &Zoned,
) -> Result<Answer, TasksError> {
    let note = checked::notes("note", &text.join(" "))?;
    let note = note.ok_or_else(|| checked::Invalid::Empty("note".to_owned()))?;
    let task = find::task(store, reference, Among::PendingFirst, Care::Usual)?;
    let text = format!("note to {}: {} ({note})", task.handle(), task.title);
    let changed = store.update(task.uuid, &Changes { note: Some(note), ..Changes::default() }, now)?;
    Ok(Answer::Words { text: vec![text], json: json_of("noted", &[changed]), is_clean: false })
}

pub(super) fn start(
    store: &TaskStore,
    words: &[String],
    active: bool,
    now: &Zoned,
) -> Result<Answer, TasksError> {
    let tasks = find::tasks(store, words, Among::Pending, Care::Usual)?;
    let changes = Changes { active: Some(active), ..Changes::default() };
    let changed = store.update_all(&uuids(&tasks), &changes, now)?;
    let action = if active { "started" } else { "stopped" };
    Ok(finished(action, &tasks, &changed, now))
}

pub(super) fn done(store: &TaskStore, words: &[String], now: &Zoned) -> Result<Answer, TasksError> {
    let tasks = find::tasks(store, words, Among::PendingFirst, Care::Usual)?;
    restate(store, "completed", Status::Completed, &tasks, now)
}

pub(super) fn reopen(store: &TaskStore, words: &[String], now: &Zoned) -> Result<Answer, TasksError> {
    let tasks = find::tasks(store, words, Among::Finished, Care::Strict);
    let tasks = match tasks {
        // What is open already is told as that.
        Err(error @ TasksError::NotFound(_)) => {
            find::tasks(store, words, Among::Pending, Care::Strict).map_err(|_| error)?
        }
        tasks => tasks?,
    };
    restate(store, "reopened", Status::Pending, &tasks, now)
}

pub(super) fn delete(
    store: &TaskStore,
    words: &[String],
    yes: bool,
    ask: &mut dyn FnMut(&str) -> Option<bool>,
    now: &Zoned,
) -> Result<Answer, TasksError> {
    let tasks = find::tasks(store, words, Among::PendingFirst, Care::Strict)?;
    if tasks.len() > 1 && !yes {
        let titles: Vec<_> = tasks.iter().map(|task| format!("  {}", wording::line(task, now))).collect();
        let question = format!("{}\ndelete these {} tasks? [y/N] ", titles.join("\n"), tasks.len());
        match ask(&question) {
            Some(true) => {}
            Some(false) => return Err(TasksError::Refused),
            None => return Err(TasksError::Unconfirmed(tasks.len())),
        }
    }
    restate(store, "deleted", Status::Deleted, &tasks, now)
}

fn restate(
    store: &TaskStore,
    action: &'static str,
    to: Status,
    tasks: &[Task],
    now: &Zoned,
) -> Result<Answer, TasksError> {
    let changes = Changes { status: Some(to), ..Changes::default() };
    let changed = store.update_all(&uuids(tasks), &changes, now)?;
    Ok(finished(action, tasks, &changed, now))
}

fn uuids(tasks: &[Task]) -> Vec<Uuid> {
    tasks.iter().map(|task| task.uuid).collect()
}

/// Tasks under the handles by which they were found.
fn finished(action: &'static str, found: &[Task], changed: &[Changed], now: &Zoned) -> Answer {
    let line = |changed: &Changed| {
        let handle = found.iter().find(|task| task.uuid == changed.after.uuid).map(Task::handle);
        // One that was reopened has its number only now.
        let handle = changed.after.number.map(|number| number.to_string()).or(handle).unwrap_or_default();
        let verb = if changed.is_change() { action.to_owned() } else { format!("already {action}") };
        let next = changed.next.as_ref().and_then(|next| next.task.due);
        let next = next.map(|due| format!("; next {}", when::describe(due, now))).unwrap_or_default();
        let ends = action == "deleted" && changed.after.recur.is_some();
        let ends = if ends { "; it does not come again either" } else { "" };
        format!("{verb} {handle}: {}{next}{ends}", changed.after.title)
    };
    Answer::Words {
        text: changed.iter().map(line).collect(),
        json: json_of(action, changed),
        is_clean: false,
    }
}

/// With what is different, as `changed 3: buy milk (due: none → tomorrow 09:00)`.
fn told(changed: &[Changed], now: &Zoned) -> Answer {
    let line = |changed: &Changed| {
        let differences = diff(Some(&changed.before), Some(&changed.after), now);
        let words: Vec<_> = differences.iter().map(ToString::to_string).collect();
        let words = if words.is_empty() { "it is that way already".to_owned() } else { words.join("; ") };
        format!("changed {}: {} ({words})", changed.after.handle(), changed.after.title)
    };
    Answer::Words {
        text: changed.iter().map(line).collect(),
        json: json_of("updated", changed),
        is_clean: false,
    }
}

/// One task as `task`, several as `tasks`.
fn json_of(action: &'static str, changed: &[Changed]) -> Value {
    let mut json = json!({"action": action});
    if let [changed] = changed {
        json["task"] = json!(changed.after);
        if let Some(next) = &changed.next {
            json["next"] = json!(next.task);
        }
    } else {
        json["count"] = json!(changed.len());
        json["tasks"] = changed.iter().map(|changed| json!(changed.after)).collect();
    }
    json
}

pub(super) fn undo(store: &TaskStore, count: u32) -> Result<Answer, TasksError> {
    let mut words = Vec::new();
    let mut latest = None;
    for _ in 0..count {
        let Some(undone) = store.undo()? else { break };
        words.push(undone.what());
        latest.get_or_insert(undone.task);
    }
    let task = latest.ok_or(TasksError::NothingToUndo)?;
    let mut text: Vec<_> = words.iter().map(|what| format!("undone: {what}")).collect();
    if words.len() < count as usize {
        text.push("there were no more changes to take back".to_owned());
    }
    let json = json!({"action": "undone", "what": words.join("; "), "count": words.len(), "task": task});
    Ok(Answer::Words { text, json, is_clean: false })
}
