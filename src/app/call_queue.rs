//! Calls run one after the other, in the order in which they came: what was created by one is listed by the next.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{App, Effect};
use crate::conversation::calls::RUN_WITHIN;
use crate::conversation::{FunctionCall, Input};
use crate::protocol::CallId;

/// No call before it takes so long, not even one that asks the person: its own time begins when it does.
const IN_LINE: Duration = Duration::from_secs(3600);

#[derive(Debug, Default)]
pub(super) struct CallQueue {
    waiting: VecDeque<FunctionCall>,
    /// The latest that was begun.
    latest: Option<CallId>,
}

impl App {
    pub(super) fn queue_call(&mut self, call: FunctionCall) {
        self.queue.waiting.push_back(call);
    }

    /// The next one begins when the latest is through or was given up.
    pub(super) fn next_call(&mut self, now: Instant) {
        loop {
            let is_busy = self.queue.latest.as_ref().is_some_and(|id| self.is_running(id));
            if is_busy || self.queue.waiting.is_empty() {
                break;
            }
            let Some(call) = self.queue.waiting.pop_front() else { break };
            if !self.is_running(&call.call_id) {
                continue;
            }
            self.queue.latest = Some(call.call_id.clone());
            self.call_started(&call, now);
            self.converse(Input::ToolWaits { call_id: call.call_id.clone(), until: now + RUN_WITHIN }, now);
            self.effects.push_back(Effect::Call(call));
        }
        let ids: Vec<_> = self.queue.waiting.iter().map(|call| call.call_id.clone()).collect();
        for call_id in ids {
            self.converse(Input::ToolWaits { call_id, until: now + IN_LINE }, now);
        }
    }
}
