//! What a model is told about a call, as compact JSON.

use std::collections::BTreeMap;

use jiff::{Timestamp, Zoned};
use serde::Serialize;
use serde_json::Value;

use super::ToolOutcome;
use super::confirmation::Pending;
use crate::tasks::checked::Invalid;
use crate::tasks::diff::Change;
use crate::tasks::{Next, Note, StoreError, Task, recur, when};

/// Longer messages repeat too much of what the model said itself.
const MAX_MESSAGE: usize = 300;

/// Of a note in a list; `show_task` tells it whole.
const MAX_BRIEF: usize = 200;

/// A task as the model sees it.
#[derive(Debug, Default, Serialize)]
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
    remind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remind_words: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full: Option<FullView>,
}

/// What is told only when one task is looked at.
#[derive(Debug, Serialize)]
pub(super) struct FullView {
    #[serde(skip_serializing_if = "Option::is_none")]
    created_words: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_words: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_words: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_words: Option<String>,
    #[serde(skip_serializing_if = "is_zero")]
    worked_minutes: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
fn is_zero(minutes: &u64) -> bool {
    *minutes == 0
}

impl TaskView {
    pub(super) fn new(task: &Task, now: &Zoned) -> Self {
        let iso = |time: Option<Timestamp>| time.map(|time| when::format(time, now.time_zone()));
        let words = |time: Option<Timestamp>| time.map(|time| when::describe(time, now));
        Self {
            number: task.number,
            uuid: task.uuid.to_string(),
            title: task.title.clone(),
            status: task.status.as_str(),
            due: iso(task.due),
            due_words: words(task.due),
            remind: iso(task.remind),
            remind_words: words(task.remind),
            repeat: task.recur.as_deref().map(recur::words),
            hidden_until: words(task.wait.filter(|_| task.is_waiting(now.timestamp()))),
            started: words(task.start.filter(|_| task.is_active())),
            priority: task.priority.map(crate::tasks::Priority::as_str),
            project: task.project.clone(),
            tags: task.tags.clone(),
            notes: task.notes.iter().map(|note| note.text.clone()).collect(),
            full: None,
        }
    }

    /// For lists: of notes only the beginning.
    pub(super) fn all<'a>(tasks: impl IntoIterator<Item = &'a Task>, now: &Zoned) -> Vec<Self> {
        let brief = |note: String| match note.char_indices().nth(MAX_BRIEF) {
            Some((end, _)) => format!("{}…", &note[..end]),
            None => note,
        };
        let view = |task| {
            let view = Self::new(task, now);
            Self { notes: view.notes.into_iter().map(brief).collect(), ..view }
        };
        tasks.into_iter().map(view).collect()
    }

    /// With all there is to know. `depends_on`: titles.
    pub(super) fn full(task: &Task, depends_on: Vec<String>, now: &Zoned) -> Self {
        let words = |time: Option<Timestamp>| time.map(|time| when::describe(time, now));
        let under_way = task.start.filter(|_| task.is_active());
        let under_way = under_way.map_or(0, |start| now.timestamp().as_second() - start.as_second());
        let seconds: u64 = task.tracked.iter().map(|stint| stint.seconds).sum();
        let full = FullView {
            created_words: words(task.entry),
            changed_words: words(task.modified),
            ended_words: words(task.end),
            scheduled_words: words(task.scheduled),
            worked_minutes: seconds.saturating_add_signed(under_way) / 60,
            depends_on,
        };
        let note = |note: &Note| format!("{}: {}", when::describe(note.time, now), note.text);
        let notes = task.notes.iter().map(note).collect();
        Self { full: Some(full), notes, ..Self::new(task, now) }
    }
}

/// What comes after a task that repeats.
#[derive(Debug, Serialize)]
pub(super) struct NextView {
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_words: Option<String>,
    skipped: u32,
}

impl NextView {
    pub(super) fn new(next: &Next, now: &Zoned) -> Self {
        let view = TaskView::new(&next.task, now);
        Self { number: view.number, due: view.due, due_words: view.due_words, skipped: next.skipped }
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
    pub(super) next: Option<NextView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) statistics: Option<Value>,
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
        ToolOutcome { output, ok: true, summary, changed, changes, pending: None }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Failure {
    ok: bool,
    error: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<TaskView>,
    #[serde(flatten)]
    question: Option<Box<Question>>,
}

/// Of tasks for which the person's yes is needed.
#[derive(Debug, Serialize)]
struct Question {
    count: usize,
    titles: Vec<String>,
    #[serde(skip)]
    pending: Pending,
}

impl Failure {
    pub(super) fn new(error: &'static str, message: impl Into<String>) -> Self {
        let message: String = message.into();
        let message = message.chars().take(MAX_MESSAGE).collect();
        Self { ok: false, error, message, candidates: Vec::new(), question: None }
    }

    /// Nothing is done before the person has said yes.
    pub(super) fn needs_confirmation(pending: Pending) -> Self {
        let message = "the person is asked for a yes; nothing is changed yet";
        let (count, titles) = (pending.count(), pending.titles().to_vec());
        let question = Some(Box::new(Question { count, titles, pending }));
        Self { question, ..Self::new("needs_confirmation", message) }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new("invalid_arguments", message)
    }

    pub(super) fn with_candidates(self, candidates: Vec<TaskView>) -> Self {
        Self { candidates, ..self }
    }

    pub(super) fn into_outcome(self) -> ToolOutcome {
        let output = json(&self);
        let (summary, pending) = (self.message, self.question.map(|question| question.pending));
        ToolOutcome { output, ok: false, summary, changed: false, changes: Vec::new(), pending }
    }
}

impl From<Invalid> for Failure {
    fn from(error: Invalid) -> Self {
        Self::invalid(error.to_string())
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
