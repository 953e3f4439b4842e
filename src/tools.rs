//! The functions that a model may call: what it is told about them, and what happens when it calls one.
//!
//! A call never fails towards its caller: whatever goes wrong is an output that the model can read. Knows the
//! tasks, but neither the protocol nor any screen. Takes identifiers and text only: no paths, no queries.

mod arguments;
mod definitions;
mod output;
mod task_tools;

use std::sync::Arc;

use jiff::Zoned;
use serde_json::Value;
use uuid::Uuid;

use crate::tasks::TaskStore;
pub use crate::tasks::diff::Change;
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolOutcome {
    /// For the model: a compact JSON object, with `ok` and what [`ToolOutcome::ok`] implies.
    ///
    /// Done: `{"ok":true,"action":..}` with `action` one of `created`, `listed`, `updated`, `completed`, `deleted`,
    /// `reminder_added`, `undone`, and, where there is one, `task`, `tasks`, `count` (of all that fit, which may be
    /// more than `tasks`), `changed` (`{"due":{"from":..,"to":..}}`, times in words), `what` was undone, and a
    /// `message` when nothing had to be done. Not done: `{"ok":false,"error":..,"message":..}` with `error` one of
    /// `not_found`, `ambiguous`, `invalid_arguments`, `unknown_tool`, `nothing_to_undo`, `unclear_time`, `storage`,
    /// and perhaps `candidates`, which are tasks.
    pub output: String,
    pub ok: bool,
    /// One line for the screen. Holds untrusted text.
    pub summary: String,
    /// Whether the tasks are different now.
    pub changed: bool,
    /// What is different now, for the screen. Holds untrusted text.
    pub changes: Vec<Change>,
}

/// What a person does to a task by hand. A task is named by its uuid: numbers move.
#[derive(Debug, Clone, PartialEq, Eq)]
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
