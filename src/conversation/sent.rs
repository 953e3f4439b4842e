//! What was sent under which event id, so that an error can be told from a race.

use std::collections::BTreeMap;

use crate::protocol::EventId;

/// Ids that are remembered; errors come soon or never.
const REMEMBERED: u64 = 256;

/// Why an event was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Session,
    /// The person wants another value of this setting.
    Change(&'static str),
    Item,
    Create,
    /// Cancel, truncate, delete: they race with the end of a response, and losing is no failure.
    Tidy,
    Other,
}

#[derive(Debug, Default)]
pub(super) struct Sent {
    next: u64,
    purposes: BTreeMap<u64, Purpose>,
}

impl Sent {
    pub(super) fn note(&mut self, purpose: Purpose) -> EventId {
        self.next += 1;
        self.purposes.insert(self.next, purpose);
        self.purposes.remove(&self.next.saturating_sub(REMEMBERED));
        EventId(format!("evt_{}", self.next))
    }

    pub(super) fn purpose(&self, id: &EventId) -> Option<Purpose> {
        let number = id.as_str().strip_prefix("evt_")?.parse().ok()?;
        self.purposes.get(&number).copied()
    }

    /// A new connection: ids go on, old answers will not come.
    pub(super) fn clear(&mut self) {
        self.purposes.clear();
    }
}

/// Errors that no retry cures.
pub(super) fn is_fatal(code: &str) -> bool {
    matches!(
        code,
        "invalid_api_key"
            | "insufficient_quota"
            | "credit_balance_exhausted"
            | "account_deactivated"
            | "billing_hard_limit_reached"
            | "beta_api_shape_disabled"
    )
}

/// Errors that only say that something was over already. `session_expired` is followed by a close, which is told.
pub(super) fn is_benign(code: &str) -> bool {
    matches!(code, "response_cancel_not_active" | "input_audio_buffer_commit_empty" | "session_expired")
}
