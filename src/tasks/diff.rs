//! What is different about a task, property by property, in words for people. Pure.

use std::borrow::Cow;
use std::fmt;

use jiff::{Timestamp, Zoned};

use super::task::{Priority, Task};
use super::{recur, when};

/// One property before and after. Holds untrusted text: whoever shows it cleans it.
///
/// Its words are `due: none → Fri 4 Dec 09:00`, and with the person's own words in quotes `title: “milk” → “oat milk”`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Change {
    /// The title of the task that it is about, as it is now, or as it was last.
    pub task: String,
    /// `task` is the whole of one that was made or unmade; the others are `title`, `status`, `due`, `reminder`,
    /// `repeat`, `hidden until`, `scheduled`, `until`, `started`, `priority`, `project`, `tags`, `depends on` and
    /// `note`.
    pub field: Cow<'static, str>,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_quoted = matches!(&*self.field, "task" | "title" | "note");
        let words = |value: &Option<String>| match value {
            Some(text) if is_quoted => format!("“{text}”"),
            Some(text) => text.clone(),
            None => "none".to_owned(),
        };
        write!(f, "{}: {} → {}", self.field, words(&self.before), words(&self.after))
    }
}

/// What has become different between two looks at the same task; no task before is one that was made, none after one
/// that was unmade. Times are in words of the zone of `now`.
pub fn diff(before: Option<&Task>, after: Option<&Task>, now: &Zoned) -> Vec<Change> {
    let Some(named) = after.or(before) else { return Vec::new() };
    let change = |field: &'static str, before, after| Change {
        task: named.title.clone(),
        field: field.into(),
        before,
        after,
    };
    let (Some(old), Some(new)) = (before, after) else {
        let title = |task: Option<&Task>| task.map(|task| task.title.clone());
        let whole = change("task", title(before), title(after));
        let is_made = before.is_none();
        let details = details(named, now).into_iter().filter(|(_, value)| is_made && value.is_some());
        return std::iter::once(whole)
            .chain(details.map(|(field, value)| change(field, None, value)))
            .collect();
    };
    let status = ("status", Some(old.status.as_str().to_owned()), Some(new.status.as_str().to_owned()));
    let title = ("title", Some(old.title.clone()), Some(new.title.clone()));
    let pairs = details(old, now).into_iter().zip(details(new, now));
    let others = pairs.map(|((field, before), (_, after))| (field, before, after));
    let all = [title, status].into_iter().chain(others);
    all.filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| change(field, before, after))
        .collect()
}

/// Every property but title and status, in the order in which they are told.
fn details(task: &Task, now: &Zoned) -> [(&'static str, Option<String>); 12] {
    let time = |time: Option<Timestamp>| time.map(|time| when::describe(time, now));
    let tags: Vec<_> = task.tags.iter().map(|tag| format!("+{tag}")).collect();
    let depends = match task.depends.len() {
        0 => None,
        1 => Some("1 task".to_owned()),
        count => Some(format!("{count} tasks")),
    };
    [
        ("due", time(task.due)),
        ("reminder", time(task.remind)),
        ("repeat", task.recur.as_deref().map(recur::words)),
        ("hidden until", time(task.wait)),
        ("scheduled", time(task.scheduled)),
        ("until", time(task.until)),
        ("started", time(task.start)),
        ("priority", task.priority.map(|priority| Priority::as_str(priority).to_owned())),
        ("project", task.project.clone()),
        ("tags", Some(tags.join(" ")).filter(|tags| !tags.is_empty())),
        ("depends on", depends),
        ("note", task.notes.last().map(|note| note.text.clone())),
    ]
}

#[cfg(test)]
mod tests;
