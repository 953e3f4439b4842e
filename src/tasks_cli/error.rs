//! Why a command was not done.

use std::io;
use std::path::PathBuf;

use crate::tasks::checked::Invalid;
use crate::tasks::schedule::Untimely;
use crate::tasks::when::Unclear;
use crate::tasks::{StoreError, Task, sync::SyncError};

#[derive(Debug, thiserror::Error)]
pub enum TasksError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Time(#[from] Untimely),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("`{0}` is no priority; say high, medium, low or none")]
    Priority(String),
    #[error("a task cannot wait for itself")]
    Itself,
    #[error("nothing to change is given; give for example `--due friday`, or see `--help`")]
    NothingToChange,
    #[error("no task `{0}`")]
    NotFound(String),
    #[error("{0}")]
    Ambiguous(String, Vec<Task>),
    #[error("nothing to undo")]
    NothingToUndo,
    #[error("{0} tasks would be deleted; add --yes to do it")]
    Unconfirmed(usize),
    #[error("nothing was deleted")]
    Refused,
    #[error("say what it is with --format: taskwarrior, todo.txt, markdown, ical or csv")]
    NoFormat,
    #[error("`{0}` is there already; add --force to write over it")]
    Exists(PathBuf),
    #[error("cannot read `{0}`: {1}")]
    Read(PathBuf, io::Error),
    #[error("cannot write `{0}`: {1}")]
    File(PathBuf, io::Error),
    #[error("{} of it cannot be read, and nothing was taken over; mend it, or add --skip-bad{}", count(.0), .0)]
    Bad(BadLines),
    #[error(transparent)]
    Sync(#[from] SyncError),
    #[error("cannot write the answer: {0}")]
    Write(#[from] io::Error),
}

/// What could not be read, each with its place.
#[derive(Debug)]
pub struct BadLines(pub Vec<String>);

impl std::fmt::Display for BadLines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

fn count(bad: &BadLines) -> String {
    match bad.0.len() {
        1 => "one entry".to_owned(),
        count => format!("{count} entries"),
    }
}

impl From<Unclear> for TasksError {
    fn from(error: Unclear) -> Self {
        Self::Time(error.into())
    }
}

impl TasksError {
    /// For programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Store(_) => "storage",
            Self::Time(_) => "unclear_time",
            Self::Invalid(_) | Self::Priority(_) | Self::Itself => "invalid",
            Self::NothingToChange | Self::NoFormat => "usage",
            Self::NotFound(_) => "not_found",
            Self::Ambiguous(..) => "ambiguous",
            Self::NothingToUndo => "nothing_to_undo",
            Self::Unconfirmed(_) => "needs_confirmation",
            Self::Refused => "not_confirmed",
            Self::Exists(_) => "file_exists",
            Self::Read(..) | Self::File(..) | Self::Write(_) => "file",
            Self::Bad(_) => "bad_format",
            Self::Sync(_) => "sync",
        }
    }

    /// 3: nothing there to act on; 2: said wrongly; 1: it failed.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotFound(_) | Self::Ambiguous(..) | Self::NothingToUndo => 3,
            Self::Time(_) | Self::Invalid(_) | Self::Priority(_) | Self::Itself => 2,
            Self::NothingToChange | Self::NoFormat | Self::Unconfirmed(_) | Self::Exists(_) => 2,
            Self::Sync(SyncError::NotSet | SyncError::NoSecret) => 2,
            Self::Store(_) | Self::Refused | Self::Read(..) | Self::File(..) => 1,
            Self::Bad(_) | Self::Sync(_) | Self::Write(_) => 1,
        }
    }

    pub fn candidates(&self) -> &[Task] {
        match self {
            Self::Ambiguous(_, tasks) => tasks,
            _ => &[],
        }
    }
}
