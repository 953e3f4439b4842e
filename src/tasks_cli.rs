//! `realtime-cli tasks`: the task list without any assistant, for people and for scripts.
//!
//! Acts at once and says what changed; never asks. With `--json` it writes one JSON value and nothing else:
//! `list` an array of tasks (the form of [`Task`]), the others an object: `{"action", "task"}` with `action` one of
//! `created`, `completed`, `deleted`, `undone` (then also `what`), or `{"error", "message", "candidates"}` with
//! `error` one of `not_found`, `ambiguous`, `nothing_to_undo`.

use std::io::{self, Write};
use std::path::Path;

use clap::Subcommand;
use jiff::Zoned;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::tasks::filter::{Filter, Scope};
use crate::tasks::matching::{self, Care, Match};
use crate::tasks::when::{self, Unclear};
use crate::tasks::{self, NewTask, Priority, Status, StoreError, Task, TaskStore, urgency, wording};
use crate::text::Clean;

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum TasksCommand {
    /// List what is to be done, the most urgent first
    List {
        /// Also list completed and deleted tasks
        #[arg(long)]
        all: bool,
        /// Write a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Add a task
    Add {
        /// What is to be done
        #[arg(required = true, value_name = "TITLE")]
        title: Vec<String>,
        /// When, in words (`tomorrow at 5 pm`, `friday`) or ISO 8601
        #[arg(long, value_name = "WORDS")]
        due: Option<String>,
        /// How much it matters
        #[arg(long)]
        priority: Option<Priority>,
        /// The project it belongs to
        #[arg(long)]
        project: Option<String>,
        /// A label; may be given several times
        #[arg(long = "tag", value_name = "TAG")]
        tags: Vec<String>,
        /// Write a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Mark a task as done
    Done {
        /// Its number, the beginning of its uuid, or words of its title
        #[arg(required = true, value_name = "TASK")]
        task: Vec<String>,
        /// Write a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Delete a task; `undo` brings it back
    Delete {
        /// Its number, the beginning of its uuid, or words of its title
        #[arg(required = true, value_name = "TASK")]
        task: Vec<String>,
        /// Write a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Take back the latest change
    Undo {
        /// Write a JSON object
        #[arg(long)]
        json: bool,
    },
}

/// How a command ended that met no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// No task, or not exactly one, or no change was there to act on; nothing was changed.
    NotFound,
}

impl Outcome {
    /// For the process: 0 or 3.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NotFound => 3,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TasksError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Unclear(#[from] Unclear),
    #[error("the title is empty; say what is to be done")]
    NoTitle,
    #[error("`{0}` cannot be a tag; use letters")]
    Tag(String),
    #[error("cannot write the answer: {0}")]
    Write(#[from] io::Error),
}

/// Runs one command on the store in `store_dir` and writes what came of it to `out`. `json` is as good as the
/// command's own flag. A reader that went away is no error.
pub fn run(
    command: &TasksCommand,
    store_dir: &Path,
    json: bool,
    now: &Zoned,
    out: &mut dyn Write,
) -> Result<Outcome, TasksError> {
    let store = TaskStore::open(store_dir)?;
    // A copy that could not be made is made by the next command, or told by a conversation.
    store.begin(now)?;
    let answer = answer(command, &store, now)?;
    let written =
        if json || command.is_json() { write_json(out, &answer.json) } else { write_text(out, &answer.text) };
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(answer.outcome),
    }
}

impl TasksCommand {
    fn is_json(&self) -> bool {
        match self {
            Self::List { json, .. }
            | Self::Add { json, .. }
            | Self::Done { json, .. }
            | Self::Delete { json, .. }
            | Self::Undo { json } => *json,
        }
    }
}

/// What to write, in both forms.
struct Answer {
    outcome: Outcome,
    /// Lines, not yet cleaned.
    text: Vec<String>,
    json: Value,
}

impl Answer {
    fn done(text: String, json: Value) -> Self {
        Self { outcome: Outcome::Done, text: vec![text], json }
    }

    fn failed(error: &str, message: String, candidates: &[Task], now: &Zoned) -> Self {
        let mut json = json!({"error": error, "message": message});
        if !candidates.is_empty() {
            json["candidates"] = json!(candidates);
        }
        let mut text = vec![message];
        text.extend(candidates.iter().map(|task| format!("  {}", wording::line(task, now))));
        Self { outcome: Outcome::NotFound, text, json }
    }
}

fn answer(command: &TasksCommand, store: &TaskStore, now: &Zoned) -> Result<Answer, TasksError> {
    match command {
        TasksCommand::List { all, .. } => list(store, if *all { Scope::All } else { Scope::Pending }, now),
        TasksCommand::Add { title, due, priority, project, tags, .. } => {
            let new = NewTask {
                title: Clean::line(&title.join(" ")).into_string().trim().to_owned(),
                due: due
                    .as_deref()
                    .map(|due| when::parse(due, now))
                    .transpose()?
                    .map(|due| due.time.timestamp()),
                priority: *priority,
                project: project.clone(),
                tags: tags.iter().map(|tag| valid_tag(tag)).collect::<Result<_, _>>()?,
                ..NewTask::default()
            };
            add(store, &new, now)
        }
        TasksCommand::Done { task, .. } => done(store, &task.join(" "), now),
        TasksCommand::Delete { task, .. } => delete(store, &task.join(" "), now),
        TasksCommand::Undo { .. } => undo(store, now),
    }
}

fn list(store: &TaskStore, scope: Scope, now: &Zoned) -> Result<Answer, TasksError> {
    let filter = Filter { scope, ..Filter::default() };
    let mut tasks = if scope == Scope::Pending { store.pending()? } else { store.all()? };
    tasks.retain(|task| filter.shows(task, now));
    urgency::sort(&mut tasks, now);
    tasks.sort_by_key(|task| task.status != Status::Pending);
    let width = tasks.iter().map(|task| number(task).len()).max().unwrap_or_default();
    let mut text: Vec<_> = tasks.iter().map(|task| row(task, width, now)).collect();
    if text.is_empty() {
        text.push("no tasks".to_owned());
    }
    Ok(Answer { outcome: Outcome::Done, text, json: json!(tasks) })
}

fn number(task: &Task) -> String {
    task.number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

fn row(task: &Task, width: usize, now: &Zoned) -> String {
    let status = (task.status != Status::Pending).then(|| task.status.as_str().to_owned());
    let details: Vec<_> = status.into_iter().chain(wording::details(task, now)).collect();
    let details = if details.is_empty() { String::new() } else { format!("  ({})", details.join(", ")) };
    format!("{:>width$}  {}{details}", number(task), task.title)
}

fn valid_tag(text: &str) -> Result<String, TasksError> {
    tasks::tag(Clean::line(text).as_str()).ok_or_else(|| TasksError::Tag(Clean::line(text).into_string()))
}

fn add(store: &TaskStore, new: &NewTask, now: &Zoned) -> Result<Answer, TasksError> {
    if new.title.is_empty() {
        return Err(TasksError::NoTitle);
    }
    let task = store.add(new, now)?;
    let text = format!("added {}", wording::line(&task, now));
    Ok(Answer::done(text, json!({"action": "created", "task": task})))
}

fn done(store: &TaskStore, reference: &str, now: &Zoned) -> Result<Answer, TasksError> {
    let task = match find(store, reference, Care::Usual)? {
        Match::One(task) => task,
        found @ (Match::Many(_) | Match::None) => return Ok(unclear(reference, found, now)),
    };
    let changed = store.complete(task.uuid, now)?;
    let verb = if changed.is_change() { "completed" } else { "already completed" };
    let text = format!("{verb} {}: {}", task.handle(), task.title);
    Ok(Answer::done(text, json!({"action": "completed", "task": changed.after})))
}

fn delete(store: &TaskStore, reference: &str, now: &Zoned) -> Result<Answer, TasksError> {
    let task = match find(store, reference, Care::Strict)? {
        Match::One(task) => task,
        found @ (Match::Many(_) | Match::None) => return Ok(unclear(reference, found, now)),
    };
    let changed = store.delete(task.uuid, now)?;
    let text = format!("deleted {}: {}", task.handle(), task.title);
    Ok(Answer::done(text, json!({"action": "deleted", "task": changed.after})))
}

fn undo(store: &TaskStore, now: &Zoned) -> Result<Answer, TasksError> {
    let Some(undone) = store.undo()? else {
        return Ok(Answer::failed("nothing_to_undo", "nothing to undo".to_owned(), &[], now));
    };
    let what = undone.what();
    Ok(Answer::done(
        format!("undone: {what}"),
        json!({"action": "undone", "what": what, "task": undone.task}),
    ))
}

/// A pending task, or else a completed one.
fn find(store: &TaskStore, reference: &str, care: Care) -> Result<Match, TasksError> {
    let found = matching::find(reference, &store.pending()?, &[], care);
    if found != Match::None {
        return Ok(found);
    }
    let mut tasks = store.all()?;
    tasks.retain(|task| task.status == Status::Completed);
    // Places such as `the second one` are meant among pending tasks, of which there are not that many.
    Ok(matching::find(reference, &tasks, &[Uuid::nil()], Care::Strict))
}

fn unclear(reference: &str, found: Match, now: &Zoned) -> Answer {
    match found {
        Match::Many(tasks) => {
            let message = match tasks.len() {
                1 => format!("no task is clearly `{reference}`; is it this one?"),
                count => format!("{count} tasks could be `{reference}`; say which by its number"),
            };
            Answer::failed("ambiguous", message, &tasks, now)
        }
        Match::One(_) | Match::None => {
            Answer::failed("not_found", format!("no task `{reference}`"), &[], now)
        }
    }
}

fn write_text(out: &mut dyn Write, lines: &[String]) -> io::Result<()> {
    for line in lines {
        writeln!(out, "{}", Clean::line(line))?;
    }
    out.flush()
}

/// Whatever a terminal could take for a command is escaped: the value stays the same.
fn write_json(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    let mut line = String::new();
    for c in value.to_string().chars() {
        if Clean::new(c.encode_utf8(&mut [0; 4])).is_empty() {
            line.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            line.push(c);
        }
    }
    writeln!(out, "{line}")?;
    out.flush()
}

#[cfg(test)]
mod tests;
