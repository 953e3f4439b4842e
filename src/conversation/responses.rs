//! The one sequencer that owns `response.create` and `response.cancel`.
//!
//! At most one response is asked for or running at a time. A response may also come unasked, when the server ends
//! a turn by itself.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::protocol::ResponseId;

/// From asking to `response.created`, and from there to the first delta.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How often that time may pass without any news of a running response before it is given up.
const PATIENCE: u8 = 6;
/// An answer over which the connection was lost so often, one time after the other, is given up: there are servers that
/// close it on what they cannot answer, and each try is paid for.
const MOST_LOSSES: u8 = 3;
/// Some servers send no `response.done` after a cancel.
const CANCEL_WITHIN: Duration = Duration::from_secs(2);
/// Interrupted responses of which late deltas are still expected, and counted ones that may be told of again.
const REMEMBERED: usize = 32;

#[derive(Debug, Default)]
pub(super) struct Responses {
    /// An answer is owed to the person.
    wanted: bool,
    state: State,
    /// How often the connection was lost over what is owed.
    losses: u8,
    interrupted: VecDeque<ResponseId>,
    /// The latest of which the usage is counted.
    billed: VecDeque<ResponseId>,
}

#[derive(Debug, Default, PartialEq)]
enum State {
    #[default]
    None,
    /// `response.create` is sent, or the server is about to answer by itself. `cancel`: the person has cut in since.
    Asked {
        until: Instant,
        cancel: bool,
    },
    Running {
        id: ResponseId,
        until: Instant,
        patience: u8,
        begun: bool,
    },
    /// Interrupted; its end is still to come.
    Ending {
        id: ResponseId,
        until: Instant,
    },
    /// The server has one running of which we know nothing.
    Foreign {
        until: Instant,
    },
}

/// What of it concerns the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overdue {
    Nothing,
    /// The answer has not begun, but may still come.
    Late,
    /// Nothing shows that there will be an answer, and it is not waited for any more.
    Missing,
    /// The end of the response is not waited for any more.
    GivenUp {
        begun: bool,
    },
}

/// What the end of a connection means for the answer that was on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    Nothing,
    OwedAgain,
    GivenUp,
}

impl Responses {
    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    /// The server ended a turn by itself and will answer it.
    pub(super) fn expect(&mut self, now: Instant) {
        // Also one to be cancelled: the person spoke on before it was created, and this is what it will answer.
        if matches!(self.state, State::None | State::Asked { cancel: true, .. }) {
            self.state = State::Asked { until: now + ANSWER_WITHIN, cancel: false };
        }
    }

    /// True once for each `response.create` that is to be sent now.
    pub(super) fn take_due(&mut self, now: Instant) -> bool {
        let due = self.wanted && self.state == State::None;
        if due {
            self.wanted = false;
            self.state = State::Asked { until: now + ANSWER_WITHIN, cancel: false };
        }
        due
    }

    /// True if it is to be cancelled at once.
    pub(super) fn created(&mut self, id: ResponseId, now: Instant) -> bool {
        if let State::Asked { cancel: true, .. } = self.state {
            self.forget(id, now);
            return true;
        }
        // It is made of all items there are, so what was owed is paid with it.
        self.wanted = false;
        self.state = State::Running { id, until: now + ANSWER_WITHIN, patience: PATIENCE, begun: false };
        false
    }

    /// Something of the response has come.
    pub(super) fn progressed(&mut self) {
        if let State::Running { patience, begun, .. } = &mut self.state {
            (*patience, *begun) = (PATIENCE, true);
        }
    }

    pub(super) fn done(&mut self, id: &ResponseId) {
        self.losses = 0;
        match &self.state {
            State::Running { id: running, .. } | State::Ending { id: running, .. } => {
                if running == id || id.is_empty() {
                    self.state = State::None;
                }
            }
            State::Foreign { .. } => self.state = State::None,
            State::None | State::Asked { .. } => {}
        }
    }

    /// False when its bill has come before.
    pub(super) fn is_first_bill(&mut self, id: &ResponseId) -> bool {
        let is_first = id.is_empty() || !self.billed.contains(id);
        if is_first {
            remember(&mut self.billed, id.clone());
        }
        is_first
    }

    /// The person cut in: what is owed is forgotten, and late deltas of the running response will be dropped.
    /// Returns the id to cancel.
    pub(super) fn interrupt(&mut self, now: Instant) -> Option<ResponseId> {
        self.wanted = false;
        self.losses = 0;
        match &mut self.state {
            State::Running { id, .. } => {
                let id = id.clone();
                self.forget(id.clone(), now);
                Some(id)
            }
            State::Asked { cancel, .. } => {
                *cancel = true;
                None
            }
            State::None | State::Ending { .. } | State::Foreign { .. } => None,
        }
    }

    /// Late deltas of this response are to be dropped; its end is awaited.
    fn forget(&mut self, id: ResponseId, now: Instant) {
        remember(&mut self.interrupted, id.clone());
        self.state = State::Ending { id, until: now + CANCEL_WITHIN };
    }

    /// Nothing is asked for, runs or is about to end.
    pub(super) fn is_quiet(&self) -> bool {
        self.state == State::None
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    pub(super) fn is_interrupted(&self, id: &ResponseId) -> bool {
        self.interrupted.contains(id) || (id.is_empty() && matches!(self.state, State::Ending { .. }))
    }

    /// Our `response.create` met a running one.
    pub(super) fn collided(&mut self, now: Instant) {
        self.wanted = true;
        if matches!(self.state, State::None | State::Asked { .. }) {
            self.state = State::Foreign { until: now + CANCEL_WITHIN };
        }
    }

    /// Our `response.create` was refused for another reason.
    pub(super) fn refused(&mut self) {
        if matches!(self.state, State::Asked { .. }) {
            self.state = State::None;
        }
    }

    /// What was asked for or running is owed again.
    pub(super) fn disconnected(&mut self) -> Lost {
        let lost = matches!(
            self.state,
            State::Asked { cancel: false, .. } | State::Running { .. } | State::Foreign { .. }
        );
        self.state = State::None;
        if !lost {
            return Lost::Nothing;
        }
        self.losses += 1;
        if self.losses == MOST_LOSSES {
            (self.losses, self.wanted) = (0, false);
            return Lost::GivenUp;
        }
        self.wanted = true;
        Lost::OwedAgain
    }

    /// There is nothing to be answered after all.
    pub(super) fn unwant(&mut self) {
        self.wanted = false;
    }

    pub(super) fn connected(&self) {
        debug_assert_eq!(self.state, State::None, "a new session has no response");
    }

    /// Whether an answer is owed, asked for or running.
    pub(super) fn is_busy(&self) -> bool {
        self.wanted
            || !matches!(self.state, State::None | State::Ending { .. } | State::Asked { cancel: true, .. })
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::None => None,
            State::Asked { until, .. }
            | State::Running { until, .. }
            | State::Ending { until, .. }
            | State::Foreign { until } => Some(*until),
        }
    }

    /// Looks after what is overdue.
    pub(super) fn expire(&mut self, now: Instant) -> Overdue {
        if self.deadline().is_none_or(|until| until > now) {
            return Overdue::Nothing;
        }
        let overdue = match &mut self.state {
            // It may still come.
            State::Running { until, patience: patience @ 2.., begun, .. } => {
                *until = now + ANSWER_WITHIN;
                *patience -= 1;
                let first = *patience == PATIENCE - 1;
                return if first && !*begun { Overdue::Late } else { Overdue::Nothing };
            }
            State::Running { begun, .. } => Overdue::GivenUp { begun: *begun },
            State::Asked { cancel: false, .. } => Overdue::Missing,
            State::Asked { .. } | State::None | State::Ending { .. } | State::Foreign { .. } => {
                Overdue::Nothing
            }
        };
        self.state = State::None;
        overdue
    }
}

fn remember(latest: &mut VecDeque<ResponseId>, id: ResponseId) {
    latest.push_back(id);
    if latest.len() > REMEMBERED {
        latest.pop_front();
    }
}
