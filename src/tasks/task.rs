//! What a task is for the rest of the program: plain data, with a stable JSON form.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::recur::Rule;

/// A task as it was when it was read.
///
/// Its JSON form is stable, for scripts: `uuid`, `title`, `status`, `tags`, and, where there is one,
/// `number`, `due`, `remind`, `reminded`, `wait`, `scheduled`, `until`, `start`, `priority`, `project`, `depends` (uuids),
/// `recur`, `parent`, `notes` (`[{"time", "text"}]`), `tracked` (`[{"start", "seconds"}]`), `entry`, `modified`,
/// `end` and `others`. Times are RFC 3339 in UTC, to the second. A due date without a clock time is the local
/// midnight with which that day begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Task {
    #[serde(serialize_with = "as_text")]
    pub uuid: Uuid,
    /// A small number for people; only pending tasks have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    pub title: String,
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub due: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub remind: Option<Timestamp>,
    /// The reminder that was told last, by its time; see [`Task::rings_at`].
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub reminded: Option<Timestamp>,
    /// Hidden from lists until then.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub wait: Option<Timestamp>,
    /// Not to be begun before.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub scheduled: Option<Timestamp>,
    /// Of no use any more from then on: Taskwarrior deletes it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub until: Option<Timestamp>,
    /// Somebody works on it since.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub start: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Sorted.
    pub tags: Vec<String>,
    /// What has to be done before; sorted.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_texts")]
    pub depends: Vec<Uuid>,
    /// How often it repeats, as Taskwarrior writes it: `weekly`, `3d`. See [`super::recur`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recur: Option<String>,
    /// The template of which it is one instance.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub parent: Option<Uuid>,
    /// Oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// When it was worked on, without what is under way; oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracked: Vec<Stint>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub entry: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub modified: Option<Timestamp>,
    /// When it was completed or deleted.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub end: Option<Timestamp>,
    /// Properties that mean nothing here, or that cannot be read, as the store has them: user-defined attributes,
    /// and what Taskwarrior keeps beside a repetition.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, String>,
}

impl Task {
    /// Waits for its time and is not to be seen before.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.wait.is_some_and(|wait| wait > now)
    }

    /// When its reminder is to ring; `None` also where it has rung for that time. One that was moved rings again.
    pub fn rings_at(&self) -> Option<Timestamp> {
        self.remind.filter(|_| self.status == Status::Pending && self.reminded != self.remind)
    }

    /// Somebody works on it.
    pub fn is_active(&self) -> bool {
        self.status == Status::Pending && self.start.is_some()
    }

    /// How people find it again: its number, or the beginning of its uuid.
    pub fn handle(&self) -> String {
        match self.number {
            Some(number) => number.to_string(),
            None => self.uuid.to_string()[..8].to_owned(),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    #[default]
    Pending,
    Completed,
    Deleted,
    /// A template from which tasks are made, one after the other; nothing to do by itself.
    Recurring,
    /// Something that another program wrote.
    Other,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Deleted => "deleted",
            Self::Recurring => "recurring",
            Self::Other => "other",
        }
    }
}

/// The greatest is the most pressing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    #[value(alias = "l")]
    Low,
    #[value(alias = "m")]
    Medium,
    #[value(alias = "h")]
    High,
}

impl Priority {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    #[serde(serialize_with = "as_text")]
    pub time: Timestamp,
    pub text: String,
}

/// A time in which it was worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stint {
    #[serde(serialize_with = "as_text")]
    pub start: Timestamp,
    pub seconds: u64,
}

/// What a new task begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewTask {
    pub title: String,
    pub due: Option<Timestamp>,
    pub remind: Option<Timestamp>,
    pub wait: Option<Timestamp>,
    pub scheduled: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub priority: Option<Priority>,
    pub project: Option<String>,
    pub tags: Vec<String>,
    pub depends: Vec<Uuid>,
    /// Repeats like this, counted from `due`; without one it does not.
    pub repeat: Option<Rule>,
    pub note: Option<String>,
}

/// What is to become different about a task; `None` leaves a property alone, `Some(None)` removes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub title: Option<String>,
    pub due: Option<Option<Timestamp>>,
    pub remind: Option<Option<Timestamp>>,
    pub wait: Option<Option<Timestamp>>,
    pub scheduled: Option<Option<Timestamp>>,
    pub until: Option<Option<Timestamp>>,
    pub priority: Option<Option<Priority>>,
    pub project: Option<Option<String>>,
    /// All tags that it has from now on.
    pub tags: Option<Vec<String>>,
    /// All that it depends on from now on.
    pub depends: Option<Vec<Uuid>>,
    /// A repetition counts from the due date; there has to be one.
    pub repeat: Option<Option<Rule>>,
    /// One more note.
    pub note: Option<String>,
    pub status: Option<Status>,
    /// Whether somebody works on it from now on.
    pub active: Option<bool>,
}

/// A task before and after a change; equal when there was nothing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub before: Task,
    pub after: Task,
    /// What repeats and was completed comes again.
    pub next: Option<Next>,
}

impl Changed {
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }
}

/// The task that comes after one that was completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    pub task: Task,
    /// So many that lay between and are over already were left out.
    pub skipped: u32,
}

fn as_text<S: Serializer>(value: &impl std::fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn as_optional_text<S: Serializer>(
    value: &Option<impl std::fmt::Display>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

fn as_texts<S: Serializer>(values: &[Uuid], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(ToString::to_string))
}
