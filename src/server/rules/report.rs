//! What came of calls, in one or two spoken sentences each.

use serde_json::{Map, Value};

use super::dialogue::Exchange;
use super::intent::Call;
use super::numbers;
use crate::text::Clean;

/// More titles than these nobody remembers.
const MOST_READ: usize = 5;
const MAX_TITLE: usize = 160;
const MAX_MESSAGE: usize = 300;

pub(super) fn all(exchanges: &[Exchange]) -> String {
    exchanges.iter().map(spoken).collect::<Vec<_>>().join(" ")
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
    let title = title(output.get("task"));
    let due = text(output.get("task"), "due_words");
    match string(output, "action").as_deref() {
        Some("created") => match due {
            Some(due) => format!("Okay, I added {title}, due {due}."),
            None => format!("Okay, I added {title}."),
        },
        Some("reminder_added") => reminder(&title, due.as_deref()),
        Some("listed") => list(output, call),
        Some("updated") => updated(output, &title),
        Some("completed") => match string(output, "message") {
            Some(message) => sentence(&message),
            None => format!("Done: {title} is complete."),
        },
        Some("deleted") => format!("Okay, I deleted {title}."),
        Some("undone") => match string(output, "what") {
            Some(what) => format!("Okay, undone: {what}."),
            None => "Okay, the last change is undone.".to_owned(),
        },
        _ => string(output, "message").map_or_else(|| "Done.".to_owned(), |message| sentence(&message)),
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

fn list(output: &Map<String, Value>, call: &Call) -> String {
    let tasks: Vec<_> = output.get("tasks").and_then(Value::as_array).into_iter().flatten().collect();
    let told = output.get("count").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    let count = told.unwrap_or(tasks.len()).max(tasks.len());
    let kind = Kind::of(call);
    let read: Vec<_> = tasks.iter().take(MOST_READ).map(|task| title(Some(task))).collect();
    match (count, read.len()) {
        (0, _) => format!("You have no {}tasks{}.", kind.before, kind.after),
        (_, 0) => format!("You have {}.", kind.counted(count)),
        (count, shown) if shown < count => {
            let first =
                if shown == 1 { "one is".to_owned() } else { format!("{} are", numbers::spoken(shown)) };
            format!("You have {}. The first {first}: {}.", kind.counted(count), joined(&read, "and"))
        }
        _ => format!("You have {}: {}.", kind.counted(count), joined(&read, "and")),
    }
}

/// What the list was narrowed to, so that `no tasks` is not heard as more than it says.
struct Kind {
    before: &'static str,
    after: String,
}

impl Kind {
    fn of(call: &Call) -> Self {
        let given = |name: &str| call.arguments.get(name).and_then(Value::as_str);
        let before = if given("status") == Some("completed") { "completed " } else { "" };
        let due = match given("due") {
            Some("today") => " due today",
            Some("overdue") => " overdue",
            Some("week") => " due within a week",
            _ => "",
        };
        let named = |name: &str, link: &str| {
            given(name).map(|value| format!(" {link} {}", clean(value, MAX_TITLE))).unwrap_or_default()
        };
        let after =
            [due.to_owned(), named("text", "about"), named("project", "in project"), named("tag", "tagged")];
        Self { before, after: after.concat() }
    }

    fn counted(&self, count: usize) -> String {
        let noun = if count == 1 { "task" } else { "tasks" };
        format!("{} {}{noun}{}", numbers::spoken(count), self.before, self.after)
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
    let due = text(output.get("task"), "due_words");
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
        ("due", Some(to)) => format!("is now due {}", due_words.unwrap_or(&to)),
        ("due", None) => "has no due date any more".to_owned(),
        ("priority", Some(to)) if to != "none" => format!("has {to} priority now"),
        ("priority", _) => "has no priority any more".to_owned(),
        ("project", Some(to)) => format!("is now in project {to}"),
        ("project", None) => "is in no project any more".to_owned(),
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
        Some("not_found") => not_found(call),
        Some("ambiguous") => {
            let candidates: Vec<_> =
                output.get("candidates").and_then(Value::as_array).into_iter().flatten().collect();
            which(&candidates)
        }
        Some("unclear_time") => because("I did not understand the time"),
        Some("nothing_to_undo") => "There is nothing to undo.".to_owned(),
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
    number.map_or_else(|| title(Some(task)), |number| format!("number {number}, {}", title(Some(task))))
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
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}
