//! Function calls: each is run once and answered once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Conversation, Purpose, Report};
use crate::protocol::{CallId, ClientEvent, Item, ItemId, ResponseId};

/// A tool that takes longer is answered for.
pub const RUN_WITHIN: Duration = Duration::from_secs(10);

/// A complete call, ready to be run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FunctionCall {
    pub call_id: CallId,
    pub name: String,
    /// A JSON text as the model wrote it; it may be anything.
    pub arguments: String,
}

#[derive(Debug)]
struct Call {
    item_id: ItemId,
    response_id: ResponseId,
    name: String,
    arguments: String,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// Arguments are coming in; `complete` when all are there.
    Collecting {
        complete: bool,
    },
    Running {
        until: Instant,
    },
    /// Finished, but earlier calls of its response are not.
    Finished {
        output: String,
    },
    Answered,
    /// Its response did not complete: never run, never answered.
    Dropped,
}

/// Every call of the conversation, also those long answered, so that none is run twice.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// In the order in which they were announced.
    order: Vec<CallId>,
    by_id: BTreeMap<CallId, Call>,
    answer_owed: bool,
    /// The next answer is about what came of calls.
    followed: bool,
}

impl Calls {
    /// A call is announced; some servers tell its parts late or not at all. True if it is new.
    pub(super) fn announce(
        &mut self,
        response_id: &ResponseId,
        item_id: &ItemId,
        call_id: &CallId,
        name: &str,
    ) -> bool {
        let key = key(call_id, item_id);
        if let Some(call) = self.by_id.get_mut(&key) {
            if call.name.is_empty() {
                name.clone_into(&mut call.name);
            }
            return false;
        }
        self.order.push(key.clone());
        let call = Call {
            item_id: item_id.clone(),
            response_id: response_id.clone(),
            name: name.to_owned(),
            arguments: String::new(),
            state: State::Collecting { complete: false },
        };
        self.by_id.insert(key, call);
        true
    }

    pub(super) fn arguments_delta(&mut self, call_id: &CallId, item_id: &ItemId, delta: &str) {
        if let Some(call) = self.find(call_id, item_id)
            && call.state == (State::Collecting { complete: false })
        {
            call.arguments.push_str(delta);
        }
    }

    pub(super) fn arguments_done(&mut self, call_id: &CallId, item_id: &ItemId, arguments: &str) {
        if let Some(call) = self.find(call_id, item_id)
            && matches!(call.state, State::Collecting { .. })
        {
            arguments.clone_into(&mut call.arguments);
            call.state = State::Collecting { complete: true };
        }
    }

    /// The response has completed: its complete calls are to be run now, in order.
    pub(super) fn run(&mut self, response_id: &ResponseId, now: Instant) -> Vec<FunctionCall> {
        let mut ready = Vec::new();
        for id in &self.order {
            let Some(call) = self.by_id.get_mut(id).filter(|c| c.response_id == *response_id) else {
                continue;
            };
            if let State::Collecting { complete } = call.state {
                if complete {
                    call.state = State::Running { until: now + RUN_WITHIN };
                    let (name, arguments) = (call.name.clone(), call.arguments.clone());
                    ready.push(FunctionCall { call_id: id.clone(), name, arguments });
                } else {
                    call.state = State::Dropped;
                }
            }
        }
        ready
    }

    /// The response ended in another way: what has not begun will not. Returns the calls dropped.
    pub(super) fn drop_response(&mut self, response_id: &ResponseId) -> Vec<CallId> {
        self.drop_where(|call| call.response_id == *response_id)
    }

    /// The link is lost: no more of any argument will come.
    pub(super) fn abandon_incomplete(&mut self) -> Vec<CallId> {
        self.drop_where(|_| true)
    }

    /// Nothing that is open will be answered. Returns the calls dropped.
    pub(super) fn forget(&mut self) -> Vec<CallId> {
        let mut dropped = self.abandon_incomplete();
        for (id, call) in &mut self.by_id {
            if matches!(call.state, State::Running { .. } | State::Finished { .. }) {
                call.state = State::Dropped;
                dropped.push(id.clone());
            }
        }
        self.answer_owed = false;
        dropped
    }

    fn drop_where(&mut self, which: impl Fn(&Call) -> bool) -> Vec<CallId> {
        let mut dropped = Vec::new();
        for (id, call) in &mut self.by_id {
            if which(call) && matches!(call.state, State::Collecting { .. }) {
                call.state = State::Dropped;
                dropped.push(id.clone());
            }
        }
        dropped
    }

    /// A running call may take until then.
    pub(super) fn wait(&mut self, call_id: &CallId, until: Instant) {
        if let Some(Call { state: State::Running { until: deadline }, .. }) = self.by_id.get_mut(call_id) {
            *deadline = until;
        }
    }

    /// False if the call is not running: unknown, or answered for already.
    pub(super) fn finish(&mut self, call_id: &CallId, output: String) -> bool {
        match self.by_id.get_mut(call_id) {
            Some(call) if matches!(call.state, State::Running { .. }) => {
                call.state = State::Finished { output };
                true
            }
            _ => false,
        }
    }

    /// The next output to be sent: announced order, so a slow call holds back those behind it.
    pub(super) fn next_output(&mut self) -> Option<(CallId, String)> {
        for id in &self.order {
            let Some(call) = self.by_id.get_mut(id) else { continue };
            match &mut call.state {
                State::Running { .. } => return None,
                State::Finished { output } => {
                    let output = std::mem::take(output);
                    call.state = State::Answered;
                    self.answer_owed = true;
                    return Some((id.clone(), output));
                }
                // One that is still collecting is of another response, which may never end.
                State::Collecting { .. } | State::Answered | State::Dropped => {}
            }
        }
        None
    }

    /// True once, when outputs were sent and no call is open any more.
    pub(super) fn take_answer_owed(&mut self) -> bool {
        let owed = !self.any_open() && std::mem::take(&mut self.answer_owed);
        self.followed |= owed;
        owed
    }

    /// Whether any call is being run, or waits for its turn to be answered.
    pub(super) fn any_open(&self) -> bool {
        self.by_id.values().any(|c| matches!(c.state, State::Running { .. } | State::Finished { .. }))
    }

    pub(super) fn take_followed(&mut self) -> bool {
        std::mem::take(&mut self.followed)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.by_id.values().filter_map(Call::until).min()
    }

    pub(super) fn expire(&self, now: Instant) -> Vec<CallId> {
        let overdue = |c: &Call| c.until().is_some_and(|until| until <= now);
        self.by_id.iter().filter(|(_, c)| overdue(c)).map(|(id, _)| id.clone()).collect()
    }

    fn find(&mut self, call_id: &CallId, item_id: &ItemId) -> Option<&mut Call> {
        if self.by_id.contains_key(call_id) {
            return self.by_id.get_mut(call_id);
        }
        self.by_id.values_mut().find(|c| !item_id.is_empty() && c.item_id == *item_id)
    }
}

impl Call {
    fn until(&self) -> Option<Instant> {
        match self.state {
            State::Running { until } => Some(until),
            State::Collecting { .. } | State::Finished { .. } | State::Answered | State::Dropped => None,
        }
    }
}

impl Conversation {
    pub(super) fn tool_output(&mut self, call_id: &CallId, output: String, ok: bool) {
        if self.calls.finish(call_id, output.clone()) {
            self.transcript.call_finished(call_id, &output, ok);
            self.report(Report::ToolResult { call_id: call_id.clone(), ok, output });
        }
    }

    /// Sends finished outputs in order. A batch that is through is owed an answer.
    pub(super) fn send_outputs(&mut self) {
        if !self.up {
            return;
        }
        while let Some((call_id, output)) = self.calls.next_output() {
            let id = self.new_item_id();
            self.transcript.call_answered(&call_id);
            let item = Item::function_call_output(id, call_id, output);
            self.send(Purpose::Item, ClientEvent::ConversationItemCreate { previous_item_id: None, item });
        }
        if self.calls.take_answer_owed() {
            self.responses.want();
        }
    }
}

/// Some servers leave the call id out; the item's does as well.
pub(super) fn key(call_id: &CallId, item_id: &ItemId) -> CallId {
    if call_id.is_empty() { CallId(item_id.0.clone()) } else { call_id.clone() }
}

/// An output that tells the model of a failure.
pub fn failure(error: &str, message: &str) -> String {
    serde_json::json!({"ok": false, "error": error, "message": message}).to_string()
}
