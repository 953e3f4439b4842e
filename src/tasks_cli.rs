//! `realtime-cli tasks`: the task manager without any assistant, for people and for scripts.
//!
//! Acts at once and says what changed; asks only before several tasks are deleted. With `--json` it writes one JSON
//! value and nothing else: `list` and `search` an array of tasks (the form of [`Task`]), `show`
//! one task (several: an array), `stats` an object of counts, the others an object `{"action", ..}` with `task` or
//! `tasks`, and for what repeats `next`; what was not done is `{"error", "message"}`, and perhaps `candidates`.

mod arguments;
mod change;
pub mod edge;
mod error;
mod exchange;
mod find;
mod list;
mod properties;
mod table;

use std::io::{self, Read, Write};
use std::path::Path;

use jiff::Zoned;
use serde_json::{Value, json};

pub use arguments::TasksCommand;
pub use error::TasksError;
pub use table::Look;

use crate::tasks::statistics::Period;
use crate::tasks::sync::{Place, SyncError};
use crate::tasks::{Task, TaskStore, wording};
use crate::text::Clean;

/// What a command has around it.
pub struct Edge<'a> {
    pub store_dir: &'a Path,
    pub look: Look,
    pub input: &'a mut dyn Read,
    pub out: &'a mut dyn Write,
    /// For what is said beside the answer: what an export leaves out.
    pub notices: &'a mut dyn Write,
    /// Asks the person; `None` where there is none.
    pub ask: &'a mut dyn FnMut(&str) -> Option<bool>,
    /// Looked for when it is needed.
    pub place: &'a dyn Fn() -> Result<Place, SyncError>,
}

/// Runs one command and writes what came of it. The exit code: 0 done, 1 failed, 2 said wrongly, 3 nothing there to
/// act on. A reader that went away is no error.
pub fn run(command: &TasksCommand, edge: &mut Edge<'_>, now: &Zoned) -> Result<u8, TasksError> {
    let is_json = command.is_json();
    let (code, written) = match answer(command, edge, now) {
        Ok(answer) if is_json => (0, write_json(edge.out, &answer.json())),
        Ok(answer) => (0, write_text(edge.out, &answer.text(edge.look, now))),
        Err(error) if is_json => (error.exit_code(), write_json(edge.out, &error_json(&error).to_string())),
        Err(error @ TasksError::Ambiguous(..)) => {
            (error.exit_code(), write_candidates(edge.out, &error, now))
        }
        Err(error) if error.exit_code() == 3 => {
            (3, writeln!(edge.out, "{}", Clean::line(&error.to_string())))
        }
        Err(error) => return Err(error),
    };
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(code),
    }
}

/// What to write, for both forms.
enum Answer {
    Words {
        text: Vec<String>,
        json: Value,
        /// The lines are clean.
        is_clean: bool,
    },
    /// A line or an element each.
    Tasks {
        tasks: Vec<Task>,
        /// So many were left out.
        more: usize,
    },
}

fn answer(command: &TasksCommand, edge: &mut Edge<'_>, now: &Zoned) -> Result<Answer, TasksError> {
    let store = &TaskStore::open(edge.store_dir)?;
    // A copy that could not be made is made by the next command, or told by a conversation.
    let begun = store.begin(now)?;
    match command {
        TasksCommand::List(wanted) => list::list(store, begun.pending, wanted, now),
        TasksCommand::Search { words, .. } => list::search(store, words, now),
        TasksCommand::Show(which) => list::show(store, &which.tasks, now),
        TasksCommand::Stats { week, .. } => {
            list::stats(store, if *week { Period::Week } else { Period::Day }, now)
        }
        TasksCommand::Add { title, properties, .. } => change::add(store, title, properties, now),
        TasksCommand::Edit { which, title, untags, properties } => {
            change::edit(store, &which.tasks, title.as_deref(), untags, properties, now)
        }
        TasksCommand::Done(which) => change::done(store, &which.tasks, now),
        TasksCommand::Reopen(which) => change::reopen(store, &which.tasks, now),
        TasksCommand::Delete { which, yes } => {
            let mut nobody = |_: &str| None;
            let ask = if which.form.json { &mut nobody } else { &mut *edge.ask };
            change::delete(store, &which.tasks, *yes, ask, now)
        }
        TasksCommand::Start(which) => change::start(store, &which.tasks, true, now),
        TasksCommand::Stop(which) => change::start(store, &which.tasks, false, now),
        TasksCommand::Note { task, text, .. } => change::note(store, task, text, now),
        TasksCommand::Undo { count, .. } => change::undo(store, *count),
        TasksCommand::Export { file, format, pending, force, .. } => {
            let wanted =
                exchange::Export { file: file.as_deref(), format: *format, pending: *pending, force: *force };
            exchange::export(store, &wanted, edge, now)
        }
        TasksCommand::Import { file, format, skip_bad, .. } => {
            exchange::import(store, file, *format, *skip_bad, edge, now)
        }
        TasksCommand::Sync { .. } => sync(store, edge),
    }
}

fn sync(store: &TaskStore, edge: &Edge<'_>) -> Result<Answer, TasksError> {
    let before = store.all()?;
    let synced = store.sync((edge.place)()?)?;
    let after = store.all()?;
    let received = after.iter().filter(|task| !before.contains(task)).count();
    let text = match (synced.sent, received) {
        (0, 0) => "synced: nothing was new".to_owned(),
        (sent, received) => format!("synced: {sent} changes sent, {received} new or changed here"),
    };
    let json = json!({"action": "synced", "sent": synced.sent, "received": received});
    Ok(Answer::Words { text: vec![text], json, is_clean: false })
}

fn error_json(error: &TasksError) -> Value {
    let mut json = json!({"error": error.name(), "message": error.to_string()});
    if !error.candidates().is_empty() {
        json["candidates"] = json!(error.candidates());
    }
    json
}

fn write_candidates(out: &mut dyn Write, error: &TasksError, now: &Zoned) -> io::Result<()> {
    writeln!(out, "{}", Clean::line(&error.to_string()))?;
    for task in error.candidates() {
        writeln!(out, "  {}", Clean::line(&wording::line(task, now)))?;
    }
    out.flush()
}

impl Answer {
    fn json(&self) -> String {
        match self {
            Self::Words { json, .. } => json.to_string(),
            Self::Tasks { tasks, .. } => serde_json::to_string(tasks).expect("tasks have names for keys"),
        }
    }

    /// Lines, clean but for colours of ours.
    fn text(self, look: Look, now: &Zoned) -> String {
        match self {
            Self::Words { text, is_clean: true, .. } => text.join("\n") + "\n",
            Self::Words { text, .. } => {
                text.iter().flat_map(|line| [Clean::line(line).into_string(), "\n".to_owned()]).collect()
            }
            Self::Tasks { tasks, more: 0 } if tasks.is_empty() => "no tasks\n".to_owned(),
            Self::Tasks { tasks, more } => {
                let mut lines = table::lines(&tasks, look, now);
                if more > 0 {
                    lines.extend(["and ", &more.to_string(), " more\n"]);
                }
                lines
            }
        }
    }
}

/// All at once: standard output writes each line by itself.
fn write_text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Whatever a terminal could take for a command is escaped: the value stays the same.
fn write_json(out: &mut dyn Write, json: &str) -> io::Result<()> {
    let mut line = String::with_capacity(json.len() + 1);
    let mut rest = json;
    while let Some(end) = rest.find(|c| !matches!(c, ' '..='~')) {
        let (plain, other) = rest.split_at(end);
        line.push_str(plain);
        let (c, after) = other.split_at(other.chars().next().map_or(0, char::len_utf8));
        if Clean::new(c).is_empty() {
            line.extend(c.encode_utf16().map(|unit| format!("\\u{unit:04x}")));
        } else {
            line.push_str(c);
        }
        rest = after;
    }
    line.push_str(rest);
    line.push('\n');
    write_text(out, &line)
}

#[cfg(test)]
mod tests;
