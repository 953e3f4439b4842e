//! What is done only when the person has said yes: changes of several tasks at once.
//!
//! A [`Pending`] is what a call came to that needs a yes. It is made here alone, the model never sees it, and no
//! argument of any call stands for it: only the program can give it back, with [`super::Registry::confirm`], when the
//! person has agreed by a key, a typed line, or their next spoken turn. What was shown is what is done: the tasks are
//! fixed by their uuids when the question is asked.

use std::time::Duration;

use uuid::Uuid;

use super::ToolOutcome;
use super::output::Failure;

/// No answer for so long is a no.
pub const CONFIRM_WITHIN: Duration = Duration::from_secs(60);
/// So many titles are shown; how many more there are is told.
const TITLES: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bulk {
    Complete,
    Delete,
}

/// A change of several tasks that waits for the person's yes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pending {
    bulk: Bulk,
    uuids: Vec<Uuid>,
    titles: Vec<String>,
}

/// Why it is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The person said no, or something else than yes.
    No,
    /// Nobody answered in time.
    Silence,
    /// Another question is open.
    Busy,
}

impl Pending {
    pub(super) fn new(bulk: Bulk, tasks: impl IntoIterator<Item = (Uuid, String)>) -> Self {
        let (uuids, titles): (Vec<_>, Vec<_>) = tasks.into_iter().unzip();
        Self { bulk, uuids, titles }
    }

    pub(super) fn bulk(&self) -> Bulk {
        self.bulk
    }

    pub(super) fn uuids(&self) -> &[Uuid] {
        &self.uuids
    }

    pub fn count(&self) -> usize {
        self.uuids.len()
    }

    /// Of the first few tasks. Untrusted text.
    pub fn titles(&self) -> &[String] {
        &self.titles[..self.titles.len().min(TITLES)]
    }

    /// As `delete 3 tasks? “a”, “b”, “c”`. Holds untrusted text.
    pub fn question(&self) -> String {
        let verb = self.verb();
        let noun = if self.count() == 1 { "task" } else { "tasks" };
        let titles: Vec<_> = self.titles().iter().map(|title| format!("“{title}”")).collect();
        let more = match self.count() - titles.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{verb} {} {noun}? {}{more}", self.count(), titles.join(", "))
    }

    /// What the model is told when it is not done.
    pub fn refused(&self, why: Refusal) -> ToolOutcome {
        let message = match why {
            Refusal::No => "the person did not agree; nothing was changed",
            Refusal::Silence => "not confirmed: the person did not answer in time; nothing was changed",
            Refusal::Busy => {
                "not confirmed: the person is still asked about another call; call again after it"
            }
        };
        let mut outcome = Failure::new("not_confirmed", message).into_outcome();
        outcome.summary = match why {
            Refusal::No => "not done".to_owned(),
            Refusal::Silence => "not done: no answer".to_owned(),
            Refusal::Busy => "not asked: another question is open".to_owned(),
        };
        outcome
    }
}

/// What the person's spoken words are for a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    Yes,
    /// It may have been a yes, or a noise that was taken for one.
    Unclear,
    No,
}

impl Pending {
    /// A recognizer takes noise for short words, and tells nobody how sure it is: a `yes` has to stand alone, or beside
    /// what is to be done, and a number with it has to be the right one.
    pub fn hear(&self, text: &str) -> Heard {
        const CLEAR: &[&[&str]] =
            &[&["yes"], &["yes", "please"], &["confirm"], &["confirmed"], &["yes", "confirm"]];
        let words = words(text);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let counts: Vec<_> = words.iter().filter_map(|word| number(word)).collect();
        let rest: Vec<_> = words.iter().copied().filter(|word| number(word).is_none()).collect();
        if !is_yes(&rest.join(" ")) {
            return Heard::No;
        }
        if counts.iter().any(|count| *count != self.count()) {
            return Heard::No;
        }
        let is_named = words.contains(&"yes") && words.contains(&self.verb());
        if CLEAR.contains(&&words[..]) || is_named { Heard::Yes } else { Heard::Unclear }
    }

    fn verb(&self) -> &'static str {
        match self.bulk {
            Bulk::Complete => "complete",
            Bulk::Delete => "delete",
        }
    }
}

fn number(word: &str) -> Option<usize> {
    const NUMBERS: &[&str] =
        &["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    let named = NUMBERS.iter().position(|number| *number == word).map(|at| at + 2);
    named.or_else(|| word.parse().ok()).or((word == "both").then_some(2))
}

fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['\'', '\u{2019}'], "");
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether what the person said or typed is a clear yes. All else is none.
pub fn is_yes(text: &str) -> bool {
    const YES: &[&str] = &["yes", "y", "yeah", "yep", "yup", "sure", "ok", "okay", "confirm", "confirmed"];
    /// May stand beside a yes, and change nothing about it.
    const WITH: &[&str] = &[
        "please",
        "do",
        "it",
        "that",
        "go",
        "ahead",
        "of",
        "course",
        "them",
        "all",
        "delete",
        "complete",
        "i",
        "am",
        "im",
        "oh",
        "well",
        "absolutely",
        "definitely",
    ];
    let words = words(text);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let is_known = words.iter().all(|word| YES.contains(word) || WITH.contains(word));
    let is_said =
        words.iter().any(|word| YES.contains(word)) || matches!(words[..], ["do", "it"] | ["go", "ahead"]);
    words.len() <= 8 && is_known && is_said
}

#[cfg(test)]
mod tests;
