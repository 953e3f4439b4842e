//! What came of calls, in one or two spoken sentences each.

mod list;
mod moment;
mod shown;
mod statistics;

use serde_json::{Map, Value};

use super::calls::{self, Call};
use super::history::Exchange;
use super::numbers;
use crate::text::Clean;

/// More titles than these nobody remembers.
const MOST_READ: usize = 5;
const MAX_TITLE: usize = 160;
const MAX_MESSAGE: usize = 300;
/// Actions that are told in one sentence for several tasks.
const TOGETHER: [&str; 3] = ["created", "completed", "deleted"];

/// In order, where what was done alike to several tasks is one sentence.
pub(super) fn all(exchanges: &[Exchange]) -> String {
    let mut sentences: Vec<String> = Vec::new();
    // What was looked at for the sake of a change is no news.
    let mut rest = match exchanges {
        [first, rest @ ..] if !rest.is_empty() && kind(first).as_deref() == Some("shown") => rest,
        all => all,
    };
    while let Some(first) = rest.first() {
        let alike = rest
            .iter()
            .take_while(|exchange| plain(exchange).is_some() && kind(exchange) == kind(first))
            .count();
        let (now, later) = rest.split_at(alike.max(1));
        let text = if alike > 1 { together(now) } else { spoken(first) };
        let text = if sentences.is_empty() { text } else { without_okay(&text) };
        sentences.push(text);
        rest = later;
    }
    sentences.join(" ")
}

fn without_okay(text: &str) -> String {
    text.strip_prefix("Okay, ").map_or_else(|| text.to_owned(), capitalized)
}

fn kind(exchange: &Exchange) -> Option<String> {
    Some(exchange.value().get("action")?.as_str()?.to_owned())
}

/// The title, when there is no more to say about what was done to it.
fn plain(exchange: &Exchange) -> Option<String> {
    let value = exchange.value();
    let task = value.get("task");
    let has_more =
        ["message", "next", "tasks"].iter().any(|name| value.get(*name).is_some_and(|it| !it.is_null()));
    let is_timed = kind(exchange).as_deref() == Some("created") && text(task, "due_words").is_some();
    (exchange.has_worked() && !has_more && !is_timed && TOGETHER.contains(&kind(exchange)?.as_str()))
        .then(|| title(task))
}

fn together(exchanges: &[Exchange]) -> String {
    let titles: Vec<_> = exchanges.iter().filter_map(plain).collect();
    let titles = joined(&titles, "and");
    match exchanges.first().and_then(kind).as_deref() {
        Some("completed") => format!("Done: {titles} are complete."),
        Some("deleted") => format!("Okay, I deleted {titles}."),
        _ => format!("Okay, I added {titles}."),
    }
}

fn spoken(exchange: &Exchange) -> String {
    let Ok(Value::Object(output)) = serde_json::from_str(&exchange.output) else {
        return foreign(&exchange.output);
    };
    match output.get("ok") {
        Some(Value::Bool(true)) => success(&output, &exchange.call),
        Some(Value::Bool(false)) => failure(&output, &exchange.call),
        _ => foreign(&exchange.output),
    }
}

fn success(output: &Map<String, Value>, call: &Call) -> String {
    let task = output.get("task");
    let title = title(task);
    let due = moment_of(task, "due_words");
    match string(output, "action").as_deref() {
        Some("created") => created(task, &title),
        Some("reminder_added") => reminder(&title, due.as_deref()),
        Some("listed") => list::spoken(output, call),
        Some("updated") => updated(output, &title),
        Some("completed" | "deleted") if is_list(output, "tasks") => several(output),
        Some("completed") => match string(output, "message") {
            Some(message) => sentence(&message),
            None => format!("Done: {title} is complete.{}", next(output)),
        },
        Some("deleted") => format!("Okay, I deleted {title}."),
        Some("reopened") => format!("Okay, {title} is open again."),
        Some("started") => format!("Okay, you are working on {title}."),
        Some("stopped") => format!("Okay, you stopped working on {title}."),
        Some("note_added" | "noted") => format!("Okay, I noted that on {title}."),
        Some("reminder_set") => remind_time(task, &title, "Okay, the reminder is set:"),
        Some("snoozed") => remind_time(task, &title, "Okay, I remind you again:"),
        Some("shown") => shown::spoken(task),
        Some("counted") => statistics::spoken(output, call),
        Some("undone") => match string(output, "what") {
            Some(what) => format!("Okay, undone: {what}."),
            None => "Okay, the last change is undone.".to_owned(),
        },
        _ => string(output, "message").map_or_else(|| "Done.".to_owned(), |message| sentence(&message)),
    }
}

fn is_list(output: &Map<String, Value>, name: &str) -> bool {
    output.get(name).is_some_and(Value::is_array)
}

fn created(task: Option<&Value>, title: &str) -> String {
    let due = moment_of(task, "due_words").map(|due| format!(", due {due}"));
    let repeat =
        text(task, "repeat_words").or_else(|| text(task, "repeat")).map(|every| format!(", {every}"));
    // One at the time itself goes without saying.
    let has_own = text(task, "remind") != text(task, "due");
    let remind = moment_of(task, "remind_words").filter(|_| has_own && due.is_some());
    let remind = remind.map(|at| format!(" I remind you {at}.")).unwrap_or_default();
    format!("Okay, I added {title}{}{}.{remind}", due.unwrap_or_default(), repeat.unwrap_or_default())
}

fn remind_time(task: Option<&Value>, title: &str, what: &str) -> String {
    let at = ["remind_words", "reminder_words", "due_words"].iter().find_map(|name| moment_of(task, name));
    match at {
        Some(at) => format!("{what} {title} {at}."),
        None => format!("{what} {title}."),
    }
}

/// When a task that comes again is due next.
fn next(output: &Map<String, Value>) -> String {
    let next = output.get("next").and_then(|next| moment_of(Some(next), "due_words"));
    next.map(|due| format!(" It is due again {due}.")).unwrap_or_default()
}

/// What was done to many at once.
fn several(output: &Map<String, Value>) -> String {
    let tasks: Vec<_> = output.get("tasks").and_then(Value::as_array).into_iter().flatten().collect();
    let count = output.get("count").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    let count = count.unwrap_or(tasks.len());
    let titles: Vec<_> = tasks.iter().take(MOST_READ).map(|task| title(Some(task))).collect();
    let what = if titles.len() == count {
        joined(&titles, "and")
    } else {
        format!("{} tasks", numbers::spoken(count))
    };
    let is_deleted = string(output, "action").as_deref() == Some("deleted");
    match (count, is_deleted) {
        (0, _) => "There was nothing to do.".to_owned(),
        (_, true) => format!("Okay, I deleted {what}."),
        (1, false) => format!("Done: {what} is complete."),
        (_, false) => format!("Done: {what} are complete."),
    }
}

fn reminder(title: &str, due: Option<&str>) -> String {
    let first = title.split(' ').next().unwrap_or_default().to_lowercase();
    let link = if matches!(first.as_str(), "the" | "my" | "a" | "an" | "our" | "that") { "of" } else { "to" };
    match due {
        Some(due) => format!("Okay, I added the reminder {link} {title}, {due}."),
        None => format!("Okay, I added the reminder {link} {title}. No time is set."),
    }
}

fn updated(output: &Map<String, Value>, title: &str) -> String {
    let changed = output.get("changed").and_then(Value::as_object);
    let differences: Vec<_> =
        changed.into_iter().flatten().map(|(name, change)| (name.as_str(), change)).collect();
    let old_title = differences
        .iter()
        .find(|(name, _)| *name == "title")
        .and_then(|(_, change)| text(Some(change), "from"));
    let due = moment_of(output.get("task"), "due_words");
    let parts: Vec<_> =
        differences.iter().map(|(name, change)| change_words(name, change, due.as_deref())).collect();
    match parts.as_slice() {
        [] if changed.is_some() => format!("Nothing had to change: {title} is already so."),
        [] => format!("Okay, I changed {title}."),
        parts => format!("Okay, {} {}.", old_title.as_deref().unwrap_or(title), joined(parts, "and")),
    }
}

fn change_words(name: &str, change: &Value, due_words: Option<&str>) -> String {
    let to = change.get("to").filter(|to| !to.is_null()).map(value_words).filter(|to| !to.is_empty());
    match (name, to) {
        ("title", Some(to)) => format!("is now called {to}"),
        ("due", Some(to)) => match due_words {
            Some(due) => format!("is now due {due}"),
            None => format!("is now due {}", moment::spoken(&to)),
        },
        ("due", None) => "has no due date any more".to_owned(),
        ("priority", Some(to)) if to != "none" => format!("has {to} priority now"),
        ("priority", _) => "has no priority any more".to_owned(),
        ("project", Some(to)) => format!("is now in project {to}"),
        ("project", None) => "is in no project any more".to_owned(),
        ("remind", Some(to)) => format!("has its reminder {}", moment::spoken(&to)),
        ("remind", None) => "has no reminder any more".to_owned(),
        ("repeat", Some(to)) => format!("comes again {to}"),
        ("repeat", None) => "does not come again".to_owned(),
        ("notes", _) => "has a new note".to_owned(),
        ("tags", Some(to)) => format!("is now tagged {to}"),
        ("tags", None) => "has no tags any more".to_owned(),
        (name, Some(to)) => format!("has {} {to} now", clean(name, MAX_TITLE)),
        (name, None) => format!("has no {} any more", clean(name, MAX_TITLE)),
    }
}

fn value_words(value: &Value) -> String {
    match value {
        Value::String(text) => clean(text, MAX_TITLE),
        Value::Array(values) => joined(
            &values.iter().filter_map(Value::as_str).map(|text| clean(text, MAX_TITLE)).collect::<Vec<_>>(),
            "and",
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            clean(&value.to_string(), MAX_TITLE)
        }
    }
}

fn failure(output: &Map<String, Value>, call: &Call) -> String {
    let message = string(output, "message");
    let because = |what: &str| match &message {
        Some(message) => format!("{what}: {message}."),
        None => format!("{what}."),
    };
    match string(output, "error").as_deref() {
        Some("not_found") if call.tool == calls::SNOOZE && call.task().is_none() => {
            sentence(message.as_deref().unwrap_or("nothing is ringing"))
        }
        Some("not_found") => not_found(call),
        Some("ambiguous") => {
            let candidates: Vec<_> =
                output.get("candidates").and_then(Value::as_array).into_iter().flatten().collect();
            which(&candidates)
        }
        Some("unclear_time") => because("I did not understand the time"),
        Some("nothing_to_undo") => "There is nothing to undo.".to_owned(),
        Some("needs_confirmation") => because("That has to be confirmed first"),
        Some("declined" | "not_confirmed") => "All right, I leave it.".to_owned(),
        Some("no_reminder") => because("There is no reminder for that"),
        Some("storage") => because("The tasks could not be read or saved"),
        Some("unknown_tool") => because("That function is not there"),
        _ => because("That did not work"),
    }
}

fn not_found(call: &Call) -> String {
    match call.task().map(|task| clean(task, MAX_TITLE)).filter(|task| !task.is_empty()) {
        Some(task) if task.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("I found no task number {task}.")
        }
        Some(task) if is_uuid(&task) => "That task is not there any more.".to_owned(),
        Some(task) => format!("I found no task about {task}."),
        None => "I found no such task.".to_owned(),
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The question which of several tasks is meant, with their numbers where they have some.
pub(super) fn which(candidates: &[&Value]) -> String {
    let names: Vec<_> = candidates.iter().take(MOST_READ).map(|task| candidate(task)).collect();
    match names.as_slice() {
        [] => "Several tasks could be meant. Which one?".to_owned(),
        [one] => format!("Do you mean {one}?"),
        names if candidates.len() > MOST_READ => {
            format!(
                "{} tasks could be meant, among them {}. Which one?",
                candidates.len(),
                joined(names, "and")
            )
        }
        names => format!("Which one do you mean: {}?", joined(names, "or")),
    }
}

fn candidate(task: &Value) -> String {
    let number = task.get("number").and_then(Value::as_u64);
    let name = title(Some(task));
    number.map_or_else(|| name.clone(), |number| format!("number {number}, {name}"))
}

/// An output that is not of the task functions is read as it is.
fn foreign(output: &str) -> String {
    let text = match serde_json::from_str(output) {
        Ok(Value::String(text)) => clean(&text, MAX_MESSAGE),
        _ => clean(output, MAX_MESSAGE),
    };
    if text.is_empty() {
        "The function gave no answer.".to_owned()
    } else {
        format!("The function answered: {text}.")
    }
}

/// `a`, `a, and b`, `a, b, and c`.
fn joined(parts: &[String], link: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{}, {link} {last}", first.join(", ")),
    }
}

fn title(task: Option<&Value>) -> String {
    text(task, "title").unwrap_or_else(|| "the task".to_owned())
}

fn text(object: Option<&Value>, name: &str) -> Option<String> {
    let text = clean(object?.get(name)?.as_str()?, MAX_TITLE);
    (!text.is_empty()).then_some(text)
}

/// A time in words that can be spoken.
fn moment_of(task: Option<&Value>, name: &str) -> Option<String> {
    text(task, name).map(|words| moment::spoken(&words))
}

fn string(output: &Map<String, Value>, name: &str) -> Option<String> {
    let text = clean(output.get(name)?.as_str()?, MAX_MESSAGE);
    (!text.is_empty()).then_some(text)
}

/// On one line, without marks that are only for eyes and without a final stop.
fn clean(text: &str, most: usize) -> String {
    let line = Clean::line(text).into_string().replace('`', "");
    let short: String = line.trim().chars().take(most).collect();
    short.trim_end_matches(['.', ' ']).to_owned()
}

fn sentence(text: &str) -> String {
    format!("{}.", capitalized(text))
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", chars.as_str())
}
