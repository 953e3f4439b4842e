//! Which tasks a person wants to hear of.

use serde_json::{Map, Value, json};

use super::details;
use super::numbers;
use super::time;
use super::words::{self, Word};

const NOUNS: &[&str] = &[
    "task",
    "tasks",
    "todo",
    "todos",
    "list",
    "lists",
    "reminder",
    "reminders",
    "items",
    "agenda",
    "tusks",
    "asks",
];
/// In front of `tasks` these say nothing about what a task is about.
const PLAIN: &[&str] = &[
    "all",
    "of",
    "my",
    "the",
    "our",
    "me",
    "us",
    "please",
    "current",
    "every",
    "each",
    "single",
    "a",
    "an",
    "to",
    "do",
    "on",
    "i",
    "have",
    "list",
    "task",
    "up",
    "completed",
    "complete",
    "done",
    "finished",
    "pending",
    "open",
    "active",
    "remaining",
    "unfinished",
    "outstanding",
    "incomplete",
    "uncompleted",
    "overdue",
    "late",
    "due",
    "todays",
    "tomorrows",
    "this",
    "weeks",
    "next",
    "first",
    "last",
    "top",
    "most",
    "urgent",
    "important",
    "high",
    "low",
    "medium",
    "priority",
    "other",
    "what",
    "are",
    "is",
    "any",
    "there",
    "out",
    "back",
    "for",
    "about",
    "and",
    "both",
    "in",
    "project",
    "upcoming",
    "existing",
    "new",
    "again",
    "you",
    "can",
    "out",
    "loud",
    "tell",
    "whole",
    "entire",
    "old",
];

/// In words: `on the fourth of december 2027`.
const LONGEST_DAY: usize = 6;

pub(super) fn arguments(said: &[Word], text: &[Word]) -> Map<String, Value> {
    let keys = words::keys(said);
    let mut arguments = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            arguments.insert(name.to_owned(), value);
        }
    };
    let project = project(said);
    let explicit = (!text.is_empty()).then(|| words::join(text)).or_else(|| about(said));
    put("status", status(&keys).map(Value::from));
    put("due", due(said, &keys).map(Value::from));
    put("limit", limit(&keys).map(Value::from));
    put("tag", tag(said, &keys).map(Value::from));
    put("text", explicit.or_else(|| kind(said, &keys, project.as_deref())).map(Value::from));
    put("project", project.map(Value::from));
    arguments
}

pub(super) fn completed() -> Map<String, Value> {
    [("status".to_owned(), json!("completed"))].into_iter().collect()
}

/// Whether `all tasks` were narrowed by something that is no filter: then all would be too many.
pub(super) fn is_narrowed_otherwise(said: &[Word]) -> bool {
    let is_other = |word: &Word| {
        matches!(
            word.key.as_str(),
            "except"
                | "but"
                | "besides"
                | "excluding"
                | "not"
                | "other"
                | "high"
                | "low"
                | "medium"
                | "priority"
                | "urgent"
                | "important"
                | "first"
                | "last"
                | "top"
                | "old"
                | "oldest"
                | "newest"
                | "before"
                | "after"
                | "since"
                | "until"
                | "than"
                | "or"
                | "from"
                | "some"
                | "most"
        )
    };
    said.iter().any(is_other) || arguments(said, &[]).contains_key("limit")
}

fn status(keys: &[&str]) -> Option<&'static str> {
    let negates =
        |key: &&str| matches!(*key, "be" | "get" | "not" | "isnt" | "arent" | "havent" | "un" | "getting");
    let is_completed = |at: usize| {
        let (before, key) = (at.checked_sub(1).and_then(|at| keys.get(at)), keys[at]);
        matches!(key, "completed" | "complete" | "done" | "finished" | "closed")
            && !before.is_some_and(negates)
    };
    let completed = (0..keys.len()).any(is_completed);
    let has = |words: &[&str]| keys.iter().any(|key| words.contains(key));
    let pending = has(&["pending", "open", "active", "remaining", "unfinished", "outstanding", "incomplete"]);
    match (completed, pending || has(&["including", "both", "everything"])) {
        (true, true) => Some("all"),
        (true, false) => Some("completed"),
        _ => pending.then_some("pending"),
    }
}

fn due(said: &[Word], keys: &[&str]) -> Option<String> {
    let named = named_day(said).or_else(|| said.iter().find_map(days_own).map(str::to_owned));
    named.or_else(|| due_name(said, keys).map(str::to_owned))
}

/// `friday` of `friday's tasks`.
fn days_own(word: &Word) -> Option<&str> {
    let is_own = word.raw.contains(['\'', '’']);
    word.key.strip_suffix('s').filter(|day| is_own && time::is_weekday_name(day))
}

/// `friday` in `what do I have on friday`. A day that only bounds a time, or one of several, is none.
fn named_day(said: &[Word]) -> Option<String> {
    if said.iter().filter(|word| time::is_weekday_name(&word.key)).count() > 1 {
        return None;
    }
    let spans = (0..said.len()).flat_map(|start| (1..=LONGEST_DAY).rev().map(move |length| (start, length)));
    let mut spans = spans.filter_map(|(start, length)| Some((start, said.get(start..start + length)?)));
    let (start, day) = spans.find(|(_, words)| time::is_named_day(words))?;
    let bounds = ["before", "by", "until", "till", "after", "since", "from"];
    let is_bound = |word: &Word| bounds.contains(&word.key.as_str());
    let leads = day.iter().take_while(|word| time::is_lead(word));
    let is_bounded = said[start.saturating_sub(1)..start].iter().chain(leads).any(is_bound);
    (!is_bounded).then(|| time::bare(day))
}

fn due_name(said: &[Word], keys: &[&str]) -> Option<&'static str> {
    let has = |word: &str| keys.contains(&word);
    if has("overdue") || has("late") || keys.windows(2).any(|pair| pair == ["past", "due"]) {
        return Some("overdue");
    }
    if has("today") || has("todays") || has("tonight") {
        return Some("today");
    }
    if has("tomorrow") || has("tomorrows") {
        return Some("tomorrow");
    }
    let lacks = has("without") || has("no");
    if lacks && (has("date") || has("dates") || has("deadline") || has("deadlines")) {
        return Some("none");
    }
    // A week is the narrowest that is known around another day.
    let is_near = has("week") || has("weeks");
    (is_near
        || said.iter().any(|word| word.key.ends_with("day") && time::is_time(std::slice::from_ref(word))))
    .then_some("week")
}

/// `the first three tasks`, `my next task`.
fn limit(keys: &[&str]) -> Option<u32> {
    let at = keys.iter().position(|key| matches!(*key, "first" | "last" | "top" | "next" | "urgent"))?;
    match (keys.get(at + 1..), keys[at]) {
        (Some(["task", ..]), "first" | "top" | "next") => Some(1),
        (Some(["task", ..]), "urgent") if at > 0 && keys[at - 1] == "most" => Some(1),
        (_, "urgent") => None,
        (Some(rest), _) => numbers::cardinal(rest)
            .filter(|(number, used)| {
                *number > 0 && rest.get(*used).is_none_or(|key| NOUNS.contains(key) || *key == "things")
            })
            .map(|(number, _)| number),
        _ => None,
    }
}

fn tag(said: &[Word], keys: &[&str]) -> Option<String> {
    let tagged = keys.iter().position(|key| matches!(*key, "tagged" | "tag" | "labeled"));
    if let Some(at) = tagged {
        let skip = keys[at + 1..].iter().take_while(|key| matches!(**key, "with" | "as" | "is")).count();
        return details::names(said.get(at + 1 + skip..at + 2 + skip)?).pop();
    }
    let is_reminders =
        keys.contains(&"reminders") && !keys.contains(&"tasks") && keys.first() != Some(&"remind");
    is_reminders.then(|| "reminder".to_owned())
}

/// `in the home project`, `in project home`.
fn project(said: &[Word]) -> Option<String> {
    if let Some(name) = named_list(said) {
        return Some(name);
    }
    let at = said.iter().position(|word| word.key == "project")?;
    let follows = said.get(at + 1).filter(|word| !NOUNS.contains(&word.key.as_str()));
    let start = said[..at]
        .iter()
        .rposition(|word| matches!(word.key.as_str(), "in" | "from" | "of" | "for" | "under"));
    let between = start.map(|start| &said[start + 1..at]).unwrap_or_default();
    let named: Vec<_> =
        between.iter().filter(|word| !matches!(word.key.as_str(), "the" | "my" | "our")).cloned().collect();
    match follows {
        _ if !named.is_empty() => Some(words::join(&named)),
        Some(word) => Some(words::join(std::slice::from_ref(word))),
        None => None,
    }
}

/// `shopping` in `what is on my shopping list`.
fn named_list(said: &[Word]) -> Option<String> {
    let at = said.iter().rposition(|word| word.key == "list")?;
    let start = said[..at].iter().rposition(|word| matches!(word.key.as_str(), "my" | "the" | "our"))?;
    let name = &said[start + 1..at];
    let is_plain = |word: &Word| PLAIN.contains(&word.key.as_str()) || NOUNS.contains(&word.key.as_str());
    (!name.is_empty() && name.len() <= 2 && !name.iter().any(is_plain)).then(|| words::join(name))
}

/// What follows `about`, without a time at its end.
fn about(said: &[Word]) -> Option<String> {
    let is_about = |word: &Word| {
        matches!(
            word.key.as_str(),
            "about"
                | "containing"
                | "mentioning"
                | "regarding"
                | "matching"
                | "mention"
                | "contain"
                | "concerning"
        )
    };
    let at = said.iter().position(is_about)?;
    let (text, _) = details::split(&said[at + 1..]);
    let text: Vec<_> =
        text.iter().skip_while(|word| matches!(word.key.as_str(), "the" | "my")).cloned().collect();
    if time::is_time(&text)
        || text.iter().all(|word| NOUNS.contains(&word.key.as_str()) || time::is_lead(word))
    {
        return None;
    }
    (!text.is_empty()).then(|| words::join(&text))
}

/// `grocery` in `show my grocery tasks`.
fn kind(said: &[Word], keys: &[&str], project: Option<&str>) -> Option<String> {
    let at = keys.iter().rposition(|key| matches!(*key, "task" | "tasks" | "todos" | "reminders"))?;
    let is_kind = |word: &&Word| {
        let key = word.key.as_str();
        !PLAIN.contains(&key)
            && numbers::cardinal(&[key]).is_none()
            && days_own(word).is_none()
            && !time::is_time(std::slice::from_ref(word))
    };
    let start = 1.min(at);
    let kind: Vec<_> = said[start..at].iter().rev().take_while(is_kind).cloned().collect();
    let kind: Vec<_> = kind.into_iter().rev().collect();
    let text = words::join(&kind);
    let is_name = !text.is_empty() && project != Some(text.as_str()) && kind.len() <= 3;
    let is_question =
        kind.iter().any(|word| matches!(word.key.as_str(), "many" | "which" | "got" | "your" | "its"));
    (is_name && !is_question).then_some(text)
}
