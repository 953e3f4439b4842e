//! What a task is for the rest of the program: plain data, with a stable JSON form.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// A task as it was when it was read.
///
/// Its JSON form is stable, for scripts: `uuid`, `title`, `status`, `tags`, and, where there is one,
/// `number`, `due`, `remind`, `wait`, `priority`, `project`, `notes` (`[{"time", "text"}]`), `entry`, `modified`
/// and `end`. Times are RFC 3339 in UTC, to the second. A due date without a clock time is the local midnight
/// with which that day begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// Hidden from lists until then.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub wait: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Sorted.
    pub tags: Vec<String>,
    /// Oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub entry: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub modified: Option<Timestamp>,
    /// When it was completed or deleted.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub end: Option<Timestamp>,
}

impl Task {
    /// Waits for its time and is not to be seen before.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.wait.is_some_and(|wait| wait > now)
    }

    /// How people find it again: its number, or the beginning of its uuid.
    pub fn handle(&self) -> String {
        match self.number {
            Some(number) => number.to_string(),
            None => self.uuid.to_string()[..8].to_owned(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Pending,
    Completed,
    Deleted,
    /// A template from which another program makes tasks.
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

/// What a new task begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewTask {
    pub title: String,
    pub due: Option<Timestamp>,
    pub remind: Option<Timestamp>,
    pub priority: Option<Priority>,
    pub project: Option<String>,
    pub tags: Vec<String>,
    pub note: Option<String>,
}

/// What is to become different about a task; `None` leaves a property alone, `Some(None)` removes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub title: Option<String>,
    pub due: Option<Option<Timestamp>>,
    pub remind: Option<Option<Timestamp>>,
    pub priority: Option<Option<Priority>>,
    pub project: Option<Option<String>>,
    /// All tags that it has from now on.
    pub tags: Option<Vec<String>>,
    /// One more note.
    pub note: Option<String>,
    pub status: Option<Status>,
}

/// A task before and after a change; equal when there was nothing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub before: Task,
    pub after: Task,
}

impl Changed {
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }
}

fn as_text<S: Serializer>(value: &impl std::fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn as_optional_text<S: Serializer>(value: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
