//! Tasks as the files of other programs, and back. Pure: text to tasks and tasks to text.
//!
//! Whatever a format cannot hold is counted, so that a person can be told of it.

mod csv;
mod ical;
mod markdown;
mod taskwarrior;
mod todo_txt;
mod tokens;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use jiff::{Timestamp, Zoned};
use uuid::Uuid;

use super::checked::{self, Invalid, MAX_NAME, MAX_NOTES, MAX_TITLE};
use super::task::{Status, Task};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Taskwarrior's JSON; everything
    #[value(alias = "json")]
    Taskwarrior,
    /// A line a task, of todotxt.org
    #[value(name = "todo.txt", alias = "todo-txt", alias = "txt")]
    TodoTxt,
    /// A checklist with the signs of Obsidian Tasks
    #[value(alias = "md")]
    Markdown,
    /// iCalendar with VTODO, for calendars
    #[value(alias = "ics", alias = "icalendar")]
    Ical,
    /// A table for spreadsheets; everything
    Csv,
}

impl Format {
    /// By the file's ending.
    pub fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_lowercase().as_str() {
            "json" | "jsonl" | "ndjson" => Some(Self::Taskwarrior),
            "txt" => Some(Self::TodoTxt),
            "md" | "markdown" => Some(Self::Markdown),
            "ics" | "ical" | "ifb" => Some(Self::Ical),
            "csv" | "tsv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// `now` brings the time zone, and the moment for formats that want to know when they were written.
    pub fn write(self, tasks: &[Task], now: &Zoned) -> Written {
        match self {
            Self::Taskwarrior => taskwarrior::write(tasks),
            Self::TodoTxt => todo_txt::write(tasks, now),
            Self::Markdown => markdown::write(tasks, now),
            Self::Ical => ical::write(tasks, now),
            Self::Csv => csv::write(tasks),
        }
    }

    /// Never fails as a whole: what cannot be read is in [`Parsed::bad`].
    pub fn read(self, text: &str, source: &mut Source<'_>) -> Parsed {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut parsed = match self {
            Self::Taskwarrior => taskwarrior::read(text, source),
            Self::TodoTxt => todo_txt::read(text, source),
            Self::Markdown => markdown::read(text, source),
            Self::Ical => ical::read(text, source),
            Self::Csv => csv::read(text, source),
        };
        parsed.check();
        parsed
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    pub lost: Lost,
}

/// What a file was left without: the property, and of how many tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lost(pub BTreeMap<String, usize>);

impl Lost {
    fn note(&mut self, what: &str, is_lost: bool) {
        if is_lost {
            *self.0.entry(what.to_owned()).or_default() += 1;
        }
    }
}

/// As `notes of 2 tasks, tracked of 1 task`.
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (what, count)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let tasks = if *count == 1 { "task" } else { "tasks" };
            write!(f, "{comma}{what} of {count} {tasks}")?;
        }
        Ok(())
    }
}

/// What reading needs besides the text.
pub struct Source<'a> {
    /// A new uuid.
    pub fresh: &'a mut dyn FnMut() -> Uuid,
    /// The task of that uuid, if there is one already: what a format cannot hold stays as it is.
    pub known: &'a dyn Fn(Uuid) -> Option<Task>,
    pub now: &'a Zoned,
}

impl Source<'_> {
    /// What a task of a file begins with.
    fn base(&mut self, uuid: Option<Uuid>) -> Task {
        let uuid = uuid.unwrap_or_else(|| (self.fresh)());
        let new = || Task { uuid, entry: Some(self.second()), ..Task::default() };
        (self.known)(uuid).unwrap_or_else(new)
    }

    /// Stores keep whole seconds.
    fn second(&self) -> Timestamp {
        Timestamp::from_second(self.now.timestamp().as_second()).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// With the number of the line or entry at which each begins.
    pub tasks: Vec<(usize, Task)>,
    pub bad: Vec<Bad>,
    pub lost: Lost,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// Of the line, or of the entry where a format does not go by lines; from 1 on.
    pub place: usize,
    pub reason: String,
}

/// As `line 3: the title is missing`.
impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.place, self.reason)
    }
}

impl Parsed {
    fn fail(&mut self, place: usize, reason: impl Into<String>) {
        self.bad.push(Bad { place, reason: reason.into() });
    }

    fn take(&mut self, place: usize, task: Result<Task, String>) {
        match task {
            Ok(task) => self.tasks.push((place, task)),
            Err(reason) => self.fail(place, reason),
        }
    }

    fn check(&mut self) {
        for (place, task) in std::mem::take(&mut self.tasks) {
            match check(&task) {
                Ok(()) => self.tasks.push((place, task)),
                Err(reason) => self.fail(place, reason.to_string()),
            }
        }
        self.bad.sort_by_key(|bad| bad.place);
    }
}

fn check(task: &Task) -> Result<(), Invalid> {
    if task.title.trim().is_empty() {
        return Err(Invalid::Empty("title".to_owned()));
    }
    checked::check_length("title", &task.title, MAX_TITLE)?;
    let mut names = task.project.iter().chain(&task.tags);
    names.try_for_each(|name| checked::check_length("name", name, MAX_NAME))?;
    let mut texts = task.notes.iter().map(|note| &note.text).chain(task.others.values());
    texts.try_for_each(|text| checked::check_length("note", text, MAX_NOTES))
}

/// Counts what the formats for people have no place for.
fn note_common_losses(lost: &mut Lost, task: &Task) {
    lost.note("work times", !task.tracked.is_empty() || task.start.is_some());
    lost.note("other properties", task.others.keys().any(|name| !is_of_repetition(name)));
    lost.note("status", task.status == Status::Other);
}

/// What Taskwarrior keeps beside a repetition, which is made anew from `recur`.
fn is_of_repetition(name: &str) -> bool {
    matches!(name, "imask" | "mask" | "rtype")
}

#[cfg(test)]
mod tests;
