//! The functions that a prompt may offer, and a call of one of them.

use serde_json::{Map, Value};

pub(super) const CREATE: &str = "create_task";
pub(super) const LIST: &str = "list_tasks";
pub(super) const SHOW: &str = "show_task";
pub(super) const UPDATE: &str = "update_task";
pub(super) const COMPLETE: &str = "complete_task";
pub(super) const REOPEN: &str = "reopen_task";
pub(super) const DELETE: &str = "delete_task";
pub(super) const START: &str = "start_task";
pub(super) const STOP: &str = "stop_task";
pub(super) const NOTE: &str = "add_note";
pub(super) const REMIND: &str = "add_reminder";
pub(super) const SET_REMINDER: &str = "set_reminder";
pub(super) const SNOOZE: &str = "snooze_reminder";
pub(super) const UNDO: &str = "undo";
pub(super) const STATISTICS: &str = "task_statistics";
pub(super) const DELETE_MANY: &str = "delete_tasks";
pub(super) const COMPLETE_MANY: &str = "complete_tasks";

/// As many calls are made in one answer.
pub(super) const MAX_CALLS: usize = 10;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) tool: String,
    pub(super) arguments: Map<String, Value>,
}

impl Call {
    pub(super) fn new(tool: &str, arguments: Map<String, Value>) -> Self {
        Self { tool: tool.to_owned(), arguments }
    }

    pub(super) fn plain(tool: &str) -> Self {
        Self::new(tool, Map::new())
    }

    pub(super) fn on(tool: &str, task: impl Into<Value>) -> Self {
        Self::plain(tool).with("task", task)
    }

    /// How the task was named, for the calls that name one.
    pub(super) fn task(&self) -> Option<&str> {
        self.text("task")
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.arguments.get(name)?.as_str()
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.arguments.insert(name.to_owned(), value.into());
        self
    }

    /// Whether a mishearing could do harm: something that is there already is changed or lost.
    pub(super) fn is_risky(&self) -> bool {
        let harmless = [CREATE, REMIND, LIST, SHOW, STATISTICS, START, STOP, SNOOZE];
        !harmless.contains(&self.tool.as_str())
    }

    /// The same as far as it can be done without functions that are not offered.
    pub(super) fn in_place(self) -> Vec<Self> {
        match self.tool.as_str() {
            NOTE => {
                let note = self.arguments.get("note").cloned().unwrap_or_default();
                vec![Self::on(UPDATE, self.task().unwrap_or_default()).with("notes", note)]
            }
            SET_REMINDER => {
                let at = self.arguments.get("at").cloned().unwrap_or_default();
                vec![Self::on(UPDATE, self.task().unwrap_or_default()).with("due", at)]
            }
            SHOW => vec![Self::plain(LIST).with("text", self.task().unwrap_or_default())],
            STATISTICS if self.arguments.is_empty() => vec![Self::plain(LIST)],
            STATISTICS => vec![Self::plain(LIST).with("status", "completed")],
            DELETE_MANY => self.one_by_one(DELETE),
            COMPLETE_MANY => self.one_by_one(COMPLETE),
            _ => Vec::new(),
        }
    }

    fn one_by_one(&self, tool: &str) -> Vec<Self> {
        let tasks = self.arguments.get("tasks").and_then(Value::as_array);
        tasks.into_iter().flatten().map(|task| Self::on(tool, task.clone())).collect()
    }
}
