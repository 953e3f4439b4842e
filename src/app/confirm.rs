//! Asks the person before several tasks are changed at once. Only the person answers: by a typed line, or by what they
//! say next. No single key does: it may be the beginning of a word. The call waits for it; the model has no part in it.

use std::time::{Duration, Instant};

use super::{App, Effect, Ending, Face, call_limit};
use crate::conversation::{EntryKind, Input, Level, Report};
use crate::protocol::{CallId, ItemId};
use crate::tools::ToolOutcome;
use crate::tools::confirmation::{CONFIRM_WITHIN, Heard, Pending, Refusal, is_yes};

/// What is agreed to is done within this, or answered for, as any call.
const DO_WITHIN: Duration = Duration::from_secs(10);

/// A question that is open.
#[derive(Debug)]
pub(super) struct Asked {
    call_id: CallId,
    pending: Pending,
    until: Instant,
    /// What the person had begun to say before the question was asked cannot be an answer to it.
    said_before: Vec<ItemId>,
    heard: Option<Heard>,
    /// They were told that their words were not clear.
    is_told: bool,
}

impl Asked {
    pub(super) fn until(&self) -> Instant {
        self.until
    }
}

impl App {
    /// One question at a time: two that are open could be taken for each other.
    pub(super) fn ask(&mut self, call_id: CallId, pending: Pending, now: Instant) {
        if !self.is_running(&call_id) {
            return;
        }
        if self.asked.is_some() {
            return self.call_finished(call_id, pending.refused(Refusal::Busy), now);
        }
        let until = now + CONFIRM_WITHIN;
        self.converse(Input::ToolWaits { call_id: call_id.clone(), until: until + DO_WITHIN }, now);
        let how = if self.face == Face::Screen { "type yes or no, or say it" } else { "type yes or no" };
        let text = format!("{}: {how}", pending.question());
        let entries = self.conversation.transcript().entries().iter();
        let said = entries.filter(|entry| matches!(entry.kind, EntryKind::User { .. }));
        let said_before = said.map(|entry| entry.item_id.clone()).collect();
        self.asked = Some(Asked { call_id, pending, until, said_before, heard: None, is_told: false });
        self.converse(Input::Notice { level: Level::Warning, text }, now);
    }

    /// The next thing that the person says is their answer, and only a clear yes is one.
    pub(super) fn hear_answer(&mut self, report: &Report) {
        if let (Some(asked), Report::User { item_id, text, spoken: true }) = (&mut self.asked, report)
            && !asked.said_before.contains(item_id)
            && !text.trim().is_empty()
        {
            asked.heard = Some(asked.pending.hear(text));
        }
    }

    /// True where the text was the answer and nothing else. Anything but a yes is a no, and said as well.
    pub(super) fn answer_by_text(&mut self, text: &str, now: Instant) -> bool {
        if self.asked.is_none() {
            return false;
        }
        let yes = is_yes(text);
        self.answer_question(yes, now);
        let lower = text.trim().to_lowercase();
        yes || matches!(lower.trim_end_matches(['.', '!']), "no" | "n" | "nope")
    }

    /// Lines of a script, or of a person without a screen. Without any more, nobody can answer.
    pub(super) fn answer_by_line(&mut self, now: Instant) {
        if self.asked.is_none() {
            return;
        }
        if let Some(line) = self.lines.pop_front() {
            // What is more than an answer is said next.
            if !self.answer_by_text(&line, now) {
                self.lines.push_front(line);
            }
        } else if self.ending == Ending::AfterAnswer {
            self.refuse(Refusal::Silence, now);
        }
    }

    fn answer_question(&mut self, yes: bool, now: Instant) {
        if !yes {
            return self.refuse(Refusal::No, now);
        }
        if let Some(Asked { call_id, pending, .. }) = self.asked.take() {
            self.converse(Input::ToolWaits { call_id: call_id.clone(), until: now + DO_WITHIN }, now);
            self.effects.push_back(Effect::Confirm { call_id, pending });
        }
    }

    /// Once: who is not clear then has not agreed.
    fn ask_for_clear_words(&mut self, now: Instant) {
        let Some(asked) = self.asked.as_mut() else { return };
        if std::mem::replace(&mut asked.is_told, true) {
            return self.refuse(Refusal::No, now);
        }
        asked.heard = None;
        let how = if self.face == Face::Screen { "type it" } else { "type yes" };
        self.tell(Level::Warning, &format!("was that a yes? say just “yes”, or {how}"), now);
    }

    fn refuse(&mut self, why: Refusal, now: Instant) {
        if let Some(Asked { call_id, pending, .. }) = self.asked.take() {
            let outcome: ToolOutcome = pending.refused(why);
            self.tell(Level::Info, &outcome.summary, now);
            self.call_finished(call_id, outcome, now);
        }
    }

    pub(super) fn expire_question(&mut self, now: Instant) {
        if self.asked.as_ref().is_some_and(|asked| asked.until <= now) {
            self.refuse(Refusal::Silence, now);
        }
    }

    /// Carries out what was heard meanwhile, and forgets a question whose call is answered or given up.
    pub(super) fn settle_question(&mut self, now: Instant) {
        if let Some(asked) = &self.asked {
            match asked.heard {
                _ if !self.is_running(&asked.call_id) => self.asked = None,
                Some(Heard::Unclear) => self.ask_for_clear_words(now),
                Some(heard) => self.answer_question(heard == Heard::Yes, now),
                None => {}
            }
        }
        if std::mem::take(&mut self.limit.is_news) {
            self.tell(Level::Warning, call_limit::STOPPED, now);
        }
    }
}
