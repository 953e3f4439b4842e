//! What was heard badly is asked back before it changes or removes anything, and done only on a clear yes.
//!
//! Nothing is remembered here: that a question is open is read from the conversation, and the words that led to it
//! are understood anew when they are confirmed.

use serde_json::Value;

use super::super::engine::PromptItem;
use super::calls::{self, Call};
use super::dialogue::{self, Step};
use super::history;
use super::intent::{self, Meaning};
use super::reference;
use super::talk::{self, Topic};
use super::words::{self, Word};
use crate::text::Clean;

/// So many words in a row may be uncertain, each about the one before it.
const MAX_DEPTH: usize = 3;
const MAX_TITLE: usize = 120;
/// A person who is not understood twice needs another way.
const OTHER_WAY: &str = "I am still not sure what I heard. Please type it.";

/// `steps` as they may be done when the words for them were not heard well.
pub(super) fn checked(steps: Vec<Step>, earlier: &[PromptItem]) -> Vec<Step> {
    if steps == [Step::Say(Topic::Unknown.text().to_owned())] {
        return vec![Step::Say(Topic::Unheard.text().to_owned())];
    }
    if !is_risky(&steps) {
        return steps;
    }
    let text = if is_second_time(earlier) { OTHER_WAY.to_owned() } else { question(&steps, earlier) };
    vec![Step::Say(text)]
}

/// Whether this was asked back and then confirmed, but not clearly either, more than once.
fn is_second_time(earlier: &[PromptItem]) -> bool {
    let uncertain: Vec<_> =
        earlier.iter().rev().filter(|item| history::words_of(item).is_some()).take(2).collect();
    let is_yes = |item: &&PromptItem| match item {
        PromptItem::UserUncertain(text) => talk::is_clear_yes(&words::split(text)),
        _ => false,
    };
    uncertain.first().is_some_and(is_yes) && pending(earlier, 0).is_some()
}

fn is_risky(steps: &[Step]) -> bool {
    steps.iter().any(|step| matches!(step, Step::Call(call) if call.is_risky()))
}

/// What the words do to the question that is open, if one is.
pub(super) fn resolved(words: &[Word], earlier: &[PromptItem], depth: usize) -> Option<Vec<Step>> {
    let steps = pending(earlier, depth)?;
    if talk::is_clear_yes(words) {
        return Some(steps);
    }
    match intent::one(words) {
        Meaning::Talk(Topic::NeverMind | Topic::Wrong) => {
            Some(vec![Step::Say(Topic::NeverMind.text().to_owned())])
        }
        Meaning::Talk(Topic::Yes) => Some(vec![Step::Say(question(&steps, earlier))]),
        Meaning::Talk(Topic::Unknown) => other(words, &steps),
        Meaning::Talk(_)
        | Meaning::Call(_)
        | Meaning::Calls(_)
        | Meaning::Them(_)
        | Meaning::PushBack { .. }
        | Meaning::Offer(_)
        | Meaning::Ask(_) => None,
    }
}

/// `no, the plumber` as an answer to `Delete the dentist?`.
fn other(words: &[Word], steps: &[Step]) -> Option<Vec<Step>> {
    let [Step::Call(call)] = steps else { return None };
    let said = talk::corrected(words).unwrap_or(words);
    let task = reference::clean(said).filter(|_| call.task().is_some() && dialogue::looks_like_name(said))?;
    Some(vec![Step::Call(call.clone().with("task", task))])
}

/// What waits for a yes: the latest words of the person were uncertain, nothing was done, and they were asked.
fn pending(earlier: &[PromptItem], depth: usize) -> Option<Vec<Step>> {
    let at = earlier.iter().rposition(|item| history::words_of(item).is_some())?;
    let PromptItem::UserUncertain(text) = &earlier[at] else { return None };
    let is_nothing_done =
        |item: &PromptItem| matches!(item, PromptItem::Assistant(_) | PromptItem::System(_));
    // Cut off, it may have been heard in part.
    let is_question = |item: &PromptItem| matches!(item, PromptItem::Assistant(text) if text.contains('?'));
    let after = &earlier[at + 1..];
    if depth >= MAX_DEPTH || !after.iter().all(is_nothing_done) || !after.iter().any(is_question) {
        return None;
    }
    let steps = dialogue::intended(text, &earlier[..at], depth + 1);
    is_risky(&steps).then_some(steps)
}

fn question(steps: &[Step], earlier: &[PromptItem]) -> String {
    let calls = steps.iter().filter_map(|step| match step {
        Step::Call(call) => Some(described(call, earlier)),
        Step::Say(_) => None,
    });
    let text = calls.collect::<Vec<_>>().join(", and ");
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}? Say yes or no.", chars.as_str())
}

/// As `delete “call mom”`.
fn described(call: &Call, earlier: &[PromptItem]) -> String {
    let named = |name: &str| call.text(name).map(clean).unwrap_or_default();
    let task = || {
        let name = call.task().unwrap_or_default();
        let title = history::title_of(name, earlier);
        match title.as_deref().unwrap_or(name) {
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("task number {}", clean(number))
            }
            title => format!("“{}”", clean(title)),
        }
    };
    match call.tool.as_str() {
        calls::DELETE => format!("delete {}", task()),
        calls::COMPLETE => format!("mark {} as done", task()),
        calls::REOPEN => format!("reopen {}", task()),
        calls::NOTE => format!("note “{}” on {}", named("note"), task()),
        calls::SET_REMINDER => format!("remind you of {} {}", task(), named("at")),
        calls::UPDATE => format!("change {}: {}", task(), changes(call)),
        calls::UNDO => "undo the last change".to_owned(),
        calls::DELETE_MANY => format!("delete {}", several(call)),
        calls::COMPLETE_MANY => format!("mark {} as done", several(call)),
        calls::CREATE | calls::REMIND => format!("add “{}”", named("title")),
        calls::LIST | calls::STATISTICS => "look at your tasks".to_owned(),
        _ => format!("go on with {}", task()),
    }
}

fn changes(call: &Call) -> String {
    let given = call.arguments.iter().filter(|(name, _)| *name != "task");
    let parts = given.map(|(name, value)| match value {
        Value::Null => format!("no {name}"),
        Value::String(text) => format!("{name} {}", clean(text)),
        Value::Array(values) => {
            let names: Vec<_> = values.iter().filter_map(Value::as_str).map(clean).collect();
            format!("{name} {}", names.join(" and "))
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => format!("{name} {value}"),
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn several(call: &Call) -> String {
    let tasks = call.arguments.get("tasks").and_then(Value::as_array);
    let names: Vec<_> = tasks.into_iter().flatten().filter_map(Value::as_str).map(clean).collect();
    match names.len() {
        0 => "all those tasks".to_owned(),
        _ if names.iter().any(|name| name.len() == 36) => format!("those {} tasks", names.len()),
        _ => names.join(" and "),
    }
}

fn clean(text: &str) -> String {
    Clean::line(text).into_string().chars().take(MAX_TITLE).collect()
}
