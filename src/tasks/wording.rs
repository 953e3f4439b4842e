//! Tasks in a few words, for people. Holds untrusted text: whoever shows it cleans it.

use jiff::Zoned;

use super::task::Task;
use super::{recur, when};

/// As `1: buy groceries (due tomorrow 17:00, every week, started, high, home, +shop)`.
pub fn line(task: &Task, now: &Zoned) -> String {
    let details = details(task, now).join(", ");
    let details = if details.is_empty() { details } else { format!(" ({details})") };
    match task.number {
        Some(number) => format!("{number}: {}{details}", task.title),
        None => format!("{}{details}", task.title),
    }
}

/// What there is to say about a task besides its title.
pub fn details(task: &Task, now: &Zoned) -> Vec<String> {
    let due = task.due.map(|due| format!("due {}", when::describe(due, now)));
    let priority = task.priority.map(|priority| priority.as_str().to_owned());
    let tags = task.tags.iter().map(|tag| format!("+{tag}"));
    let repeat = task.recur.as_deref().map(recur::words);
    let active = task.is_active().then(|| "started".to_owned());
    let first = due.into_iter().chain(repeat).chain(active);
    first.chain(priority).chain(task.project.clone()).chain(tags).collect()
}
