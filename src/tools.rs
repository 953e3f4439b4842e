//! The functions that a model may call: what it is told about them, and what happens when it calls one.
//!
//! A call never fails towards its caller: whatever goes wrong is an output that the model can read. Knows the
//! tasks, but neither the protocol nor any screen. Takes identifiers and text only: no paths, no queries.

mod arguments;
pub mod confirmation;
mod counts;
mod definitions;
mod lookup;
mod output;
mod reminders;
mod several;
mod task_tools;
mod times;

use std::sync::Arc;

use jiff::Zoned;
use serde_json::Value;
use uuid::Uuid;

use crate::tasks::TaskStore;
pub use crate::tasks::diff::Change;
use confirmation::Pending;
use output::{Failure, Success};
use task_tools::TaskTools;

/// Tells the present moment, in the person's time zone.
pub type Clock = Arc<dyn Fn() -> Zoned + Send + Sync>;

/// No sensible call is longer, in bytes.
const MAX_ARGUMENTS: usize = 64 * 1024;

#[derive(Debug, Clone, PartialEq)]
pub struct ToolDefinition {
    pub name: &'static str,
    pub description: &'static str,
    /// JSON Schema of the arguments.
    pub parameters: Value,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ToolOutcome {
    /// For the model: a compact JSON object, with `ok` and what [`ToolOutcome::ok`] implies.
    ///
    /// Done: `{"ok":true,"action":..}` with `action` one of `created`, `listed`, `shown`, `updated`, `completed`,
    /// `reopened`, `deleted`, `started`, `stopped`, `noted`, `reminder_added`, `reminder_set`, `snoozed`, `undone`,
    /// `counted`, and, where there is one, `task`, `tasks`, `count` (of all that fit, which may be more than `tasks`),
    /// `changed` (`{"due":{"from":..,"to":..}}`, times in words), `next` (of what repeats: `number`, `due`,
    /// `due_words`, `skipped`), `what` was undone, `statistics`, and a `message` when nothing had to be done or
    /// something is odd. Not done: `{"ok":false,"error":..,"message":..}` with `error` one of `not_found`,
    /// `ambiguous`, `invalid_arguments`, `unknown_tool`, `nothing_to_undo`, `unclear_time`, `storage`,
    /// `needs_confirmation` (with `count` and `titles`), `not_confirmed`, and perhaps `candidates`, which are tasks.
    pub output: String,
    pub ok: bool,
    /// One line for the screen. Holds untrusted text.
    pub summary: String,
    /// Whether the tasks are different now.
    pub changed: bool,
    /// What is different now, for the screen. Holds untrusted text.
    pub changes: Vec<Change>,
    /// It is done only when the person has said yes: see [`Registry::confirm`]. `output` is for those who cannot ask.
    pub pending: Option<Pending>,
}

/// What a person does to a task by hand. A task is named by its uuid: numbers move.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskChange {
    Add {
        title: String,
    },
    Rename {
        uuid: Uuid,
        title: String,
    },
    Complete(Uuid),
    Reopen(Uuid),
    Delete(Uuid),
    /// Remind again at a time in words.
    Snooze {
        uuid: Uuid,
        until: String,
    },
    /// Take back the latest change.
    Undo,
}

pub struct Registry {
    definitions: Vec<ToolDefinition>,
    tasks: TaskTools,
}

impl Registry {
    pub fn new(store: TaskStore, clock: Clock) -> Self {
        Self { definitions: definitions::all(), tasks: TaskTools::new(store, clock) }
    }

    pub fn definitions(&self) -> &[ToolDefinition] {
        &self.definitions
    }

    /// Runs one function. Blocks, usually for some milliseconds.
    pub fn call(&self, name: &str, arguments: &str) -> ToolOutcome {
        if arguments.len() > MAX_ARGUMENTS {
            return Failure::invalid("the arguments are too long").into_outcome();
        }
        outcome(self.tasks.call(name, arguments))
    }

    /// Does what waited for the person's yes, which has been given. Blocks as long. What was finished meanwhile is left
    /// out.
    pub fn confirm(&self, pending: &Pending) -> ToolOutcome {
        outcome(self.tasks.confirm(pending))
    }

    /// Does what a person asked for by hand, with the same care as a call. Blocks as long.
    pub fn change(&self, change: &TaskChange) -> ToolOutcome {
        outcome(self.tasks.change(change))
    }
}

fn outcome(result: Result<Success, Failure>) -> ToolOutcome {
    match result {
        Ok(success) => success.into_outcome(),
        Err(failure) => failure.into_outcome(),
    }
}

#[cfg(test)]
mod tests;
