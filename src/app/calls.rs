//! What is known of function calls, and of what the person did by hand, beside the conversation: time, outcome,
//! difference, and which of them an undo would take back.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{App, Face};
use crate::conversation::transcript::CallState;
use crate::conversation::{EntryKind, FunctionCall, Input, Level};
use crate::protocol::CallId;
use crate::tools::{Change, TaskChange, ToolOutcome};
use crate::ui::keymap::{Action, Focus};

/// A call that takes longer shows its time, again after each of these.
const TICK: Duration = Duration::from_secs(1);
/// The function that takes back what others did.
const UNDO: &str = "undo";

#[derive(Debug, Default)]
pub(super) struct ToolRuns {
    runs: BTreeMap<CallId, ToolRun>,
    /// When the time shown of a running call is the next second.
    ticks: BTreeMap<CallId, Instant>,
    /// What changed something and was not taken back, the latest last.
    undoable: Vec<CallId>,
    /// How often something was done by hand.
    deeds: usize,
    /// Another after each change of what is known of any.
    revision: u64,
}

#[derive(Debug, Default)]
pub(super) struct ToolRun {
    started: Option<Instant>,
    undoes: bool,
    pub(super) elapsed: Option<Duration>,
    pub(super) summary: String,
    pub(super) changes: Vec<Change>,
    /// The tasks are different since.
    pub(super) changed: bool,
    /// The key that takes it back.
    pub(super) undo_key: Option<String>,
}

impl ToolRuns {
    pub(super) fn get(&self, id: &CallId) -> Option<&ToolRun> {
        self.runs.get(id)
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    fn finish(&mut self, id: &CallId, outcome: ToolOutcome, now: Instant) {
        self.revision += 1;
        self.ticks.remove(id);
        let Some(run) = self.runs.get_mut(id) else { return };
        run.elapsed = run.started.map(|started| now.saturating_duration_since(started));
        (run.summary, run.changes, run.changed) = (outcome.summary, outcome.changes, outcome.changed);
        match (run.changed, run.undoes) {
            (true, true) => drop(self.undoable.pop()),
            (true, false) => self.undoable.push(id.clone()),
            (false, _) => {}
        }
    }

    /// Only the latest change tells its key.
    fn mark_undoable(&mut self, key: Option<&str>) {
        self.revision += 1;
        self.runs.values_mut().for_each(|run| run.undo_key = None);
        if let Some(run) = self.undoable.last().and_then(|id| self.runs.get_mut(id)) {
            run.undo_key = key.map(str::to_owned);
        }
    }

    pub(super) fn next_tick(&self) -> Option<Instant> {
        self.ticks.values().min().copied()
    }
}

impl App {
    pub(super) fn call_started(&mut self, call: &FunctionCall, now: Instant) {
        let run = ToolRun { started: Some(now), undoes: call.name == UNDO, ..ToolRun::default() };
        self.tools.runs.insert(call.call_id.clone(), run);
        if self.face == Face::Screen {
            self.tools.ticks.insert(call.call_id.clone(), now + TICK);
        }
    }

    pub(super) fn call_finished(&mut self, call_id: CallId, outcome: ToolOutcome, now: Instant) {
        if let Some(pending) = outcome.pending {
            return self.ask(call_id, pending, now);
        }
        let (output, ok) = (outcome.output.clone(), outcome.ok);
        self.tools.finish(&call_id, outcome, now);
        self.mark_undoable();
        self.converse(Input::ToolOutput { call_id, output, ok }, now);
    }

    /// What was done by hand is told as a call is.
    pub(super) fn done_by_hand(&mut self, change: &TaskChange, outcome: ToolOutcome, now: Instant) {
        self.tools.deeds += 1;
        let id = CallId(format!("by hand {}", self.tools.deeds));
        let run = ToolRun { undoes: *change == TaskChange::Undo, ..ToolRun::default() };
        self.tools.runs.insert(id.clone(), run);
        let ok = outcome.ok;
        self.read_out(&outcome.summary);
        if self.face == Face::Lines {
            let level = if ok { Level::Info } else { Level::Warning };
            self.tell(level, &outcome.summary, now);
        }
        self.tools.finish(&id, outcome, now);
        self.mark_undoable();
        self.converse(Input::Deed { id, ok }, now);
    }

    /// Another program's change is the latest now: an undo would take back that one.
    pub(super) fn forget_undoable(&mut self) {
        self.tools.undoable.clear();
        self.mark_undoable();
    }

    fn mark_undoable(&mut self) {
        let key = self.view.keymap.key(Focus::EmptyLine, Action::Undo);
        self.tools.mark_undoable(key.as_deref());
    }

    /// Counts the seconds of calls that still run.
    pub(super) fn tick_calls(&mut self, now: Instant) {
        let due: Vec<_> = self.tools.ticks.extract_if(.., |_, at| *at <= now).map(|(id, _)| id).collect();
        for id in due {
            let is_running = self.is_running(&id);
            let Some(run) = self.tools.runs.get_mut(&id).filter(|_| is_running) else { continue };
            let Some(started) = run.started else { continue };
            let seconds = now.saturating_duration_since(started).as_secs();
            run.elapsed = Some(Duration::from_secs(seconds));
            self.tools.revision += 1;
            self.tools.ticks.insert(id, started + Duration::from_secs(seconds) + TICK);
        }
    }

    /// One that took too long is answered for, and runs no more for anyone.
    pub(super) fn is_running(&self, id: &CallId) -> bool {
        self.conversation.transcript().entries().iter().rev().any(|entry| match &entry.kind {
            EntryKind::Call { call, state: CallState::Running, .. } => call.call_id == *id,
            _ => false,
        })
    }
}
