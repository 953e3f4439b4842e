//! What is asked when something is missing, and what the answer to it means.

use super::calls::{self, Call};
use super::details;
use super::intent::{self, Meaning};
use super::reference;
use super::talk;
use super::time;
use super::words::{self, Word};

/// Something is missing: the question, and with the answer it becomes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Title,
    Reminder,
    Complete,
    Delete,
    Change,
    Note,
    Snooze,
    /// Which task `it` is.
    Which,
    /// Yes or no.
    Undo,
}

impl Question {
    const ALL: [Self; 9] = [
        Self::Title,
        Self::Reminder,
        Self::Complete,
        Self::Delete,
        Self::Change,
        Self::Note,
        Self::Snooze,
        Self::Which,
        Self::Undo,
    ];

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Title => "What should the task say?",
            Self::Reminder => "What should I remind you of?",
            Self::Complete => "Which task is complete?",
            Self::Delete => "Which task should I delete?",
            Self::Change => "Which task should I change, and how?",
            Self::Note => "What should the note say?",
            Self::Snooze => "When shall I remind you again?",
            Self::Which => "Which task do you mean?",
            Self::Undo => "Shall I undo it?",
        }
    }

    /// The question with which an answer of ours ended.
    pub(super) fn at_end_of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| text.trim_end().ends_with(question.text()))
    }

    /// Whether any words may be the answer, also such that would be a command elsewhere: `finish the report`.
    pub(super) fn takes_any_words(self) -> bool {
        matches!(self, Self::Title | Self::Reminder | Self::Note)
    }

    /// What the answer means, where `asked` are the person's words that led to the question.
    pub(super) fn answered(self, answer: &[Word], asked: &str) -> Option<Meaning> {
        let answer = talk::without_frame(answer);
        let answer = match answer {
            [to, rest @ ..] if to.key == "to" => rest,
            _ => answer,
        };
        if answer.is_empty() {
            return None;
        }
        match self {
            Self::Title => Some(titled(calls::CREATE, answer, asked)?),
            Self::Reminder => Some(titled(calls::REMIND, answer, asked)?),
            Self::Complete | Self::Delete => {
                let tool = if self == Self::Delete { calls::DELETE } else { calls::COMPLETE };
                intent::forced(tool, answer).map(Meaning::Call)
            }
            Self::Change => continued(asked, " to", answer),
            Self::Note => continued(asked, ":", answer),
            Self::Snooze => snoozed(answer),
            Self::Which => which(answer, asked),
            Self::Undo => None,
        }
    }
}

/// The words that led to the question may have a time or a priority already.
fn titled(tool: &str, answer: &[Word], asked: &str) -> Option<Meaning> {
    let title = words::join_action(details::split(answer).0);
    let is_whole = |call: &Call| call.text("title") == Some(title.as_str());
    match continued(asked, " to", answer) {
        Some(Meaning::Call(call)) if is_whole(&call) => Some(Meaning::Call(call)),
        _ => intent::forced(tool, answer).map(Meaning::Call),
    }
}

/// The words before the question and the answer as one sentence.
fn continued(asked: &str, link: &str, answer: &[Word]) -> Option<Meaning> {
    let asked = asked.trim_end_matches(['.', '?', '!', ' ']);
    let meaning = intent::one(&words::split(&format!("{asked}{link} {}", words::join(answer))));
    matches!(meaning, Meaning::Call(_)).then_some(meaning)
}

fn snoozed(answer: &[Word]) -> Option<Meaning> {
    let until = match answer {
        answer if time::is_amount(answer) => time::after_amount(answer),
        answer if time::is_time(answer) => time::bare(answer),
        answer if time::is_hour(answer) => format!("at {}", words::join(answer)),
        _ => return None,
    };
    Some(Meaning::Call(Call::plain(calls::SNOOZE).with("until", until)))
}

fn which(answer: &[Word], asked: &str) -> Option<Meaning> {
    let Meaning::Call(call) = intent::one(&words::split(asked)) else { return None };
    let task = reference::clean(answer).filter(|_| call.task() == Some("it"))?;
    Some(Meaning::Call(call.with("task", task)))
}
