//! How many functions a model may call: a model that goes round in circles is stopped, and the person told.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::App;
use crate::conversation::calls::failure;
use crate::conversation::{EntryKind, FunctionCall, Input};

/// For one turn of the person.
const MOST_A_TURN: usize = 10;
const MOST_A_MINUTE: usize = 60;
const MINUTE: Duration = Duration::from_secs(60);
pub(super) const STOPPED: &str =
    "the assistant calls too many functions: stopped until you say something new";

#[derive(Debug, Default)]
pub(super) struct CallLimit {
    /// Turns of the person when the latest call was made, and calls since that turn.
    turns: usize,
    in_turn: usize,
    recent: VecDeque<Instant>,
    /// The person is to be told.
    pub(super) is_news: bool,
}

impl CallLimit {
    fn allows(&mut self, turns: usize, now: Instant) -> bool {
        if turns != self.turns {
            (self.turns, self.in_turn) = (turns, 0);
        }
        while self.recent.front().is_some_and(|at| now.saturating_duration_since(*at) >= MINUTE) {
            self.recent.pop_front();
        }
        self.in_turn += 1;
        let allows = self.in_turn <= MOST_A_TURN && self.recent.len() < MOST_A_MINUTE;
        if allows {
            self.recent.push_back(now);
        }
        // Told once a turn: a model that is refused may go on for a while.
        self.is_news |= !allows && self.in_turn <= MOST_A_TURN + 1;
        allows
    }
}

impl App {
    /// The answer to a call that is one too many.
    pub(super) fn refuse_call(&mut self, call: &FunctionCall, now: Instant) -> Option<Input> {
        let is_turn = |kind: &EntryKind| matches!(kind, EntryKind::User { .. });
        let turns = self.conversation.transcript().entries().iter().filter(|e| is_turn(&e.kind)).count();
        if self.limit.allows(turns, now) {
            return None;
        }
        let why = "too many calls for one turn of the person; nothing was done: call no more, and say so";
        let output = failure("too_many_calls", why);
        Some(Input::ToolOutput { call_id: call.call_id.clone(), output, ok: false })
    }
}
