//! Notices answers that claim a change of the tasks which nobody made.

mod wording;

use std::time::Instant;

use super::{App, Face};
use crate::conversation::{Entry, EntryKind, Input, Level, Report};
use crate::protocol::ItemId;

const NO_CHANGE: &str = "no change was made: the assistant speaks of one, but did nothing to your tasks";

#[derive(Debug, Default)]
pub(super) struct Claims {
    /// The latest answer that claims a change, until its turn is through.
    open: Option<ItemId>,
    /// What the person had said when the last notice was given: one for a turn is enough.
    told: Option<ItemId>,
}

impl Claims {
    pub(super) fn hear(&mut self, report: &Report) {
        if let Report::Assistant { item_id, text, interrupted: false } = report
            && wording::claims_change(text)
        {
            self.open = Some(item_id.clone());
        }
    }
}

impl App {
    /// A call may come after the words about it, so nothing is judged before all is settled.
    pub(super) fn check_claims(&mut self, now: Instant) {
        if self.claims.open.is_none() || !self.conversation.is_settled() {
            return;
        }
        let Some(claim) = self.claims.open.take().filter(|_| self.face != Face::Lines) else { return };
        let entries = self.conversation.transcript().entries();
        let Some(answer) = entries.iter().position(|entry| entry.item_id == claim) else { return };
        let (asked, turn) = turn(entries, answer);
        let is_report = asked.and_then(words).is_some_and(wording::asks_for_a_report);
        let asked = asked.map(|entry| entry.item_id.clone());
        if is_report || self.has_changed(turn) || (asked.is_some() && asked == self.claims.told) {
            return;
        }
        self.claims.told = asked;
        self.converse(Input::Notice { level: Level::Warning, text: NO_CHANGE.to_owned() }, now);
    }

    fn has_changed(&self, turn: &[Entry]) -> bool {
        turn.iter().any(|entry| match &entry.kind {
            EntryKind::Call { call, .. } => self.tools.get(&call.call_id).is_some_and(|run| run.changed),
            _ => false,
        })
    }
}

/// What was said before the answer, and all from there on to what was said next. Speech without words is no turn: it
/// may have been a cough.
fn turn(entries: &[Entry], answer: usize) -> (Option<&Entry>, &[Entry]) {
    let said = |entry: &Entry| words(entry).is_some();
    let begin = entries[..answer].iter().rposition(said);
    let end = entries[answer..].iter().position(said).map_or(entries.len(), |after| answer + after);
    (begin.map(|begin| &entries[begin]), &entries[begin.unwrap_or(0)..end])
}

/// What the person said, as far as it is known.
fn words(entry: &Entry) -> Option<&str> {
    match &entry.kind {
        EntryKind::User { text, .. } => text.as_deref().filter(|text| !text.trim().is_empty()),
        _ => None,
    }
}
