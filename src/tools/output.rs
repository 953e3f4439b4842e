//! What a model is told about a call, as compact JSON.

use std::collections::BTreeMap;

use jiff::Zoned;
use serde::Serialize;

use super::ToolOutcome;
use crate::tasks::diff::Change;
use crate::tasks::{StoreError, Task, when};

/// Longer messages repeat too much of what the model said itself.
const MAX_MESSAGE: usize = 300;

/// A task as the model sees it.
#[derive(Debug, Serialize)]
pub(super) struct TaskView {
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<usize>,
    uuid: String,
    title: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_words: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

impl TaskView {
    pub(super) fn new(task: &Task, now: &Zoned) -> Self {
        Self {
            number: task.number,
            uuid: task.uuid.to_string(),
            title: task.title.clone(),
            status: task.status.as_str(),
            due: task.due.map(|due| when::format(due, now.time_zone())),
            due_words: task.due.map(|due| when::describe(due, now)),
            priority: task.priority.map(crate::tasks::Priority::as_str),
            project: task.project.clone(),
            tags: task.tags.clone(),
            notes: task.notes.iter().map(|note| note.text.clone()).collect(),
        }
    }

    pub(super) fn all<'a>(tasks: impl IntoIterator<Item = &'a Task>, now: &Zoned) -> Vec<Self> {
        tasks.into_iter().map(|task| Self::new(task, now)).collect()
    }
}

/// A property before and after; `null` where there was or is none.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Success {
    pub(super) ok: bool,
    pub(super) action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) task: Option<TaskView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tasks: Option<Vec<TaskView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) changed: Option<BTreeMap<&'static str, Difference>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) what: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    #[serde(skip)]
    pub(super) summary: String,
    #[serde(skip)]
    pub(super) is_change: bool,
    /// What is different now.
    #[serde(skip)]
    pub(super) changes: Vec<Change>,
}

impl Success {
    pub(super) fn new(action: &'static str, summary: String) -> Self {
        Self { ok: true, action, summary, ..Self::default() }
    }

    pub(super) fn into_outcome(self) -> ToolOutcome {
        let output = json(&self);
        let (summary, changed, changes) = (self.summary, self.is_change, self.changes);
        ToolOutcome { output, ok: true, summary, changed, changes }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Failure {
    ok: bool,
    error: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<TaskView>,
}

impl Failure {
    pub(super) fn new(error: &'static str, message: impl Into<String>) -> Self {
        let message: String = message.into();
        let message = message.chars().take(MAX_MESSAGE).collect();
        Self { ok: false, error, message, candidates: Vec::new() }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new("invalid_arguments", message)
    }

    pub(super) fn with_candidates(self, candidates: Vec<TaskView>) -> Self {
        Self { candidates, ..self }
    }

    pub(super) fn into_outcome(self) -> ToolOutcome {
        let output = json(&self);
        ToolOutcome { output, ok: false, summary: self.message, changed: false, changes: Vec::new() }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = if matches!(error, StoreError::Gone(_)) { "not_found" } else { "storage" };
        Self::new(code, error.to_string())
    }
}

impl From<when::Unclear> for Failure {
    fn from(error: when::Unclear) -> Self {
        Self::new("unclear_time", error.to_string())
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("text keys and plain values are always JSON")
}
