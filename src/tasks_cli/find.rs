//! Which tasks the words mean.

use std::cmp::Reverse;

use uuid::Uuid;

use super::error::TasksError;
use crate::tasks::matching::{self, Care, Match};
use crate::tasks::{Status, Task, TaskStore};

/// Among which tasks is looked, the first ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// Pending ones alone.
    Pending,
    /// Pending ones, or else completed ones.
    PendingFirst,
    /// Completed ones, or else deleted ones.
    Finished,
    /// Pending, completed, deleted.
    Any,
}

/// Splits the words of the command line into one reference for each task. Words that are numbers or uuids, or that
/// hold blanks, stand for a task each; other words are those of one title.
pub(super) fn references(words: &[String]) -> Vec<String> {
    let is_each =
        words.iter().all(|word| is_identifier(word)) || words.iter().any(|word| word.trim().contains(' '));
    if is_each { words.to_vec() } else { vec![words.join(" ")] }
}

fn is_identifier(word: &str) -> bool {
    let number = word.strip_prefix('#').unwrap_or(word);
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let is_uuid = word.len() >= 6 && word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    is_number || (is_uuid && word.bytes().any(|b| b.is_ascii_digit()))
}

/// Each task that is meant, once, in the order of the words; an error when one of them is not clear.
pub(super) fn tasks(
    store: &TaskStore,
    words: &[String],
    among: Among,
    care: Care,
) -> Result<Vec<Task>, TasksError> {
    let mut found: Vec<Task> = Vec::new();
    let pending = store.pending()?;
    for reference in references(words) {
        let task = one(store, &pending, &reference, among, care)?;
        if !found.iter().any(|known| known.uuid == task.uuid) {
            found.push(task);
        }
    }
    Ok(found)
}

pub(super) fn task(store: &TaskStore, reference: &str, among: Among, care: Care) -> Result<Task, TasksError> {
    one(store, &store.pending()?, reference, among, care)
}

fn one(
    store: &TaskStore,
    pending: &[Task],
    reference: &str,
    among: Among,
    care: Care,
) -> Result<Task, TasksError> {
    if among != Among::Finished {
        match matching::find(reference, pending, &[], care) {
            Match::One(task) => return Ok(task),
            Match::Many(tasks) => return Err(ambiguous(reference, tasks)),
            Match::None => {}
        }
    }
    let statuses: &[Status] = match among {
        Among::Pending => &[],
        Among::PendingFirst => &[Status::Completed],
        Among::Finished | Among::Any => &[Status::Completed, Status::Deleted],
    };
    if statuses.is_empty() {
        return Err(TasksError::NotFound(reference.to_owned()));
    }
    let all = store.all()?;
    for status in statuses {
        let mut tasks: Vec<_> = all.iter().filter(|task| task.status == *status).cloned().collect();
        // Of several of one name, the latest is meant.
        tasks.sort_by_key(|task| Reverse(task.end));
        let mut titles = std::collections::HashSet::new();
        let is_named = matching::find(reference, &tasks, &[Uuid::nil()], Care::Strict);
        if let Match::One(task) = is_named {
            return Ok(task);
        }
        tasks.retain(|task| titles.insert(task.title.clone()));
        // Places such as `the second one` are meant among pending tasks, of which there are not that many.
        match matching::find(reference, &tasks, &[Uuid::nil()], Care::Strict) {
            Match::One(task) => return Ok(task),
            Match::Many(tasks) => return Err(ambiguous(reference, tasks)),
            Match::None => {}
        }
    }
    Err(TasksError::NotFound(reference.to_owned()))
}

fn ambiguous(reference: &str, tasks: Vec<Task>) -> TasksError {
    let message = match tasks.len() {
        1 => format!("no task is clearly `{reference}`; is it this one?"),
        count => format!("{count} tasks could be `{reference}`; say which by its number"),
    };
    TasksError::Ambiguous(message, tasks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(words: &[&str]) -> Vec<String> {
        references(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn numbers_and_uuids_are_several_tasks_and_words_are_one() {
        assert_eq!(split(&["3", "#5", "7"]), ["3", "#5", "7"]);
        assert_eq!(split(&["3", "0a1b2c3d"]), ["3", "0a1b2c3d"]);
        assert_eq!(split(&["buy", "3", "eggs"]), ["buy 3 eggs"]);
        assert_eq!(split(&["the", "decade", "facade"]), ["the decade facade"]);
        assert_eq!(split(&["decade", "facade"]), ["decade facade"]);
        assert_eq!(split(&["buy milk", "call mom"]), ["buy milk", "call mom"]);
    }
}
