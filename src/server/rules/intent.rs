//! From a person's words to what they want.

use serde_json::{Map, Value, json};

use super::details::{self, Details};
use super::grammar::{Act, GRAMMAR};
use super::list;
use super::pattern::{self, Gaps};
use super::reference;
use super::talk::{self, Topic};
use super::time;
use super::words::{self, Word};

pub(super) const CREATE: &str = "create_task";
pub(super) const LIST: &str = "list_tasks";
pub(super) const UPDATE: &str = "update_task";
pub(super) const COMPLETE: &str = "complete_task";
pub(super) const DELETE: &str = "delete_task";
pub(super) const REMIND: &str = "add_reminder";
pub(super) const UNDO: &str = "undo";

/// As many commands in one breath are followed.
const MAX_COMMANDS: usize = 5;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) tool: String,
    pub(super) arguments: Map<String, Value>,
}

impl Call {
    pub(super) fn new(tool: &str, arguments: Map<String, Value>) -> Self {
        Self { tool: tool.to_owned(), arguments }
    }

    /// How the task was named, for the calls that name one.
    pub(super) fn task(&self) -> Option<&str> {
        self.arguments.get("task")?.as_str()
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.arguments.insert(name.to_owned(), value.into());
        self
    }
}

/// Something is missing: the question, and with the answer it becomes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Title,
    Reminder,
    Complete,
    Delete,
    Change,
}

impl Question {
    const ALL: [Self; 5] = [Self::Title, Self::Reminder, Self::Complete, Self::Delete, Self::Change];

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Title => "What should the task say?",
            Self::Reminder => "What should I remind you of?",
            Self::Complete => "Which task is complete?",
            Self::Delete => "Which task should I delete?",
            Self::Change => "Which task should I change, and how?",
        }
    }

    /// The question with which an answer of ours ended.
    pub(super) fn at_end_of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| text.trim_end().ends_with(question.text()))
    }

    pub(super) fn answered(self, answer: &[Word]) -> Option<Meaning> {
        let answer = talk::without_frame(answer);
        let answer = answer.strip_prefix_of("to").unwrap_or(answer);
        if answer.is_empty() {
            return None;
        }
        match self {
            Self::Title => create(answer, None, None),
            Self::Reminder => remind(answer, None),
            Self::Complete => Some(named(COMPLETE, answer)),
            Self::Delete => Some(named(DELETE, answer)),
            Self::Change => None,
        }
    }
}

trait StripWord {
    fn strip_prefix_of(&self, key: &str) -> Option<&Self>;
}

impl StripWord for [Word] {
    fn strip_prefix_of(&self, key: &str) -> Option<&Self> {
        self.split_first().filter(|(first, _)| first.key == key).map(|(_, rest)| rest)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    Call(Call),
    Ask(Question),
    Talk(Topic),
}

/// What is meant by `text`, one after the other; at least one.
pub(super) fn understand(text: &str) -> Vec<Meaning> {
    let words = words::split(text);
    let mut meanings = Vec::new();
    let mut rest = words.as_slice();
    while meanings.len() + 1 < MAX_COMMANDS
        && let Some((first, at)) = first_command(rest)
    {
        meanings.push(first);
        rest = &rest[at..];
    }
    meanings.push(one(rest));
    if meanings.len() > 1 {
        meanings.retain(|meaning| !is_courtesy(meaning));
    }
    meanings
}

fn is_courtesy(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Talk(Topic::Thanks | Topic::Goodbye | Topic::Greeting))
}

/// The first of several commands, and where the next begins. `and` also joins words of one title, so what follows
/// it must be a command beyond doubt.
fn first_command(words: &[Word]) -> Option<(Meaning, usize)> {
    (1..words.len()).find_map(|at| {
        let (left, right) = words.split_at(at);
        let joined = matches!(right[0].key.as_str(), "and" | "then" | "also");
        let ended = left.last().is_some_and(Word::ends_sentence);
        if !(joined && speaks_of_tasks(right) || ended) {
            return None;
        }
        let is_call = |meaning: &Meaning| matches!(meaning, Meaning::Call(_));
        let next = one(right);
        (is_call(&next) || is_courtesy(&next)).then(|| one(left)).filter(is_call).map(|first| (first, at))
    })
}

fn speaks_of_tasks(words: &[Word]) -> bool {
    let words = talk::without_frame(words);
    let is_noun = |word: &Word| {
        matches!(
            word.key.as_str(),
            "task" | "tasks" | "reminder" | "reminders" | "todo" | "list" | "undo" | "number"
        )
    };
    let starts = |key: &str| words.first().is_some_and(|word| word.key == key);
    (words.iter().any(is_noun) && !starts("to")) || pattern::fit("remind me {title}", words).is_some()
}

/// What is meant by one command.
pub(super) fn one(words: &[Word]) -> Meaning {
    if let Some(topic) = talk::topic(words) {
        return Meaning::Talk(topic);
    }
    let bare = talk::without_frame(words);
    let understood = command(bare).or_else(|| led_by_time(bare)).or_else(|| command(words));
    understood.unwrap_or(Meaning::Talk(Topic::Unknown))
}

fn command(words: &[Word]) -> Option<Meaning> {
    GRAMMAR.iter().find_map(|(pattern, act)| meaning(*act, &pattern::fit(pattern, words)?, words))
}

/// `tomorrow at 5 remind me to call mom`.
fn led_by_time(words: &[Word]) -> Option<Meaning> {
    let end = (1..words.len()).rev().find(|end| time::is_time(&words[..*end]))?;
    let (when, rest) = words.split_at(end);
    let Some(Meaning::Call(call)) = command(talk::without_frame(rest)) else { return None };
    let name = match call.tool.as_str() {
        CREATE => "due",
        REMIND => "at",
        _ => return None,
    };
    Some(Meaning::Call(call.with(name, time::bare(when))))
}

fn meaning(act: Act, gaps: &Gaps<'_>, said: &[Word]) -> Option<Meaning> {
    let task = || if gaps.has("it") { gaps.words("it") } else { gaps.words("task") };
    let text = |gap: &str| Value::from(words::join(gaps.words(gap)));
    let priority = || details::priority(gaps.words("prio"));
    let update = |name: &str, value: Value| Some(changed(task(), name, value));
    match act {
        Act::Undo => Some(Meaning::Call(Call::new(UNDO, Map::new()))),
        Act::List => Some(Meaning::Call(Call::new(LIST, list::arguments(said, gaps.words("text"))))),
        Act::ListCompleted => Some(Meaning::Call(Call::new(LIST, list::completed()))),
        Act::Remind => remind(gaps.words("title"), when(gaps)),
        Act::Create => create(gaps.words("title"), when(gaps), priority()),
        Act::Complete => Some(named(COMPLETE, task())),
        Act::Delete => Some(named(DELETE, task())),
        Act::Retitle => update("title", json!(words::join_action(gaps.words("title")))),
        Act::Redate => update("due", json!(time::bare(gaps.words("when")))),
        Act::Undate => update("due", Value::Null),
        Act::Reprioritize => update("priority", json!(priority())),
        Act::Raise => update("priority", json!("high")),
        Act::Lower => update("priority", json!("low")),
        Act::Unprioritize => update("priority", json!("none")),
        Act::Reproject => update("project", text("project")),
        Act::Unproject => update("project", Value::Null),
        Act::Annotate if gaps.has("colon") => Some(changed(gaps.words("colon"), "notes", text("notes"))),
        Act::Annotate => update("notes", text("notes")),
        Act::Retag => update("tags", json!(details::names(gaps.words("tags")))),
        Act::Change => Some(change(task(), gaps.words("value"))),
        Act::AskTitle => Some(Meaning::Ask(Question::Title)),
        Act::AskReminder => Some(Meaning::Ask(Question::Reminder)),
        Act::AskComplete => Some(Meaning::Ask(Question::Complete)),
        Act::AskDelete => Some(Meaning::Ask(Question::Delete)),
        Act::AskChange => Some(Meaning::Ask(Question::Change)),
        Act::OneAtATime => Some(Meaning::Talk(Topic::OneAtATime)),
        Act::Reopen => Some(Meaning::Talk(Topic::Reopen)),
    }
}

fn when(gaps: &Gaps<'_>) -> Option<String> {
    gaps.has("when").then(|| time::bare(gaps.words("when")))
}

fn create(title: &[Word], when: Option<String>, priority: Option<&'static str>) -> Option<Meaning> {
    let (title, details) = details::split(title);
    let due = when.or(details.when.clone());
    let priority = priority.or(details.priority).filter(|level| *level != "none");
    let call = Call::new(CREATE, titled(title)?);
    Some(Meaning::Call(with_details(call, &details, "due", due.as_deref(), priority)))
}

/// A reminder knows no priority and no project: with one of them it is a task with a time.
fn remind(title: &[Word], when: Option<String>) -> Option<Meaning> {
    let (title, details) = details::split(title);
    if time::is_time(title) {
        return Some(Meaning::Ask(Question::Reminder));
    }
    let at = when.or(details.when);
    let call = Call::new(REMIND, titled(title)?);
    Some(Meaning::Call(with_details(call, &Details::default(), "at", at.as_deref(), None)))
}

fn titled(title: &[Word]) -> Option<Map<String, Value>> {
    let title = words::join_action(title);
    (!title.is_empty()).then(|| [("title".to_owned(), json!(title))].into_iter().collect())
}

fn with_details(
    mut call: Call,
    details: &Details,
    when: &str,
    time: Option<&str>,
    priority: Option<&'static str>,
) -> Call {
    if !details.tags.is_empty() {
        call = call.with("tags", details.tags.clone());
    }
    let texts = [
        (when, time),
        ("priority", priority),
        ("project", details.project.as_deref()),
        ("notes", details.notes.as_deref()),
    ];
    let given = texts.into_iter().filter_map(|(name, text)| Some((name, text?)));
    given.fold(call, |call, (name, text)| call.with(name, text))
}

fn named(tool: &str, task: &[Word]) -> Meaning {
    let question = if tool == DELETE { Question::Delete } else { Question::Complete };
    let call = |task: String| Meaning::Call(Call::new(tool, Map::new()).with("task", task));
    reference::clean(task).map_or(Meaning::Ask(question), call)
}

fn changed(task: &[Word], name: &str, value: Value) -> Meaning {
    let call =
        |task: String| Meaning::Call(Call::new(UPDATE, Map::new()).with("task", task).with(name, value));
    reference::clean(task).map_or(Meaning::Ask(Question::Change), call)
}

/// The end of `change … to …` tells whether it is a time, a priority or a title.
fn change(task: &[Word], value: &[Word]) -> Meaning {
    match details::priority(value) {
        _ if time::is_time(value) => changed(task, "due", json!(time::bare(value))),
        Some(priority) => changed(task, "priority", json!(priority)),
        None => changed(task, "title", json!(words::join_action(value))),
    }
}

/// The call of a known function with these words, whatever they seem to ask for.
pub(super) fn forced(tool: &str, said: &[Word]) -> Option<Call> {
    if said.is_empty() {
        return None;
    }
    let meaning = match tool {
        CREATE => create(said, None, None),
        REMIND => remind(said, None),
        COMPLETE | DELETE => Some(named(tool, said)),
        _ => None,
    };
    match meaning {
        Some(Meaning::Call(call)) => Some(call),
        _ => None,
    }
}
