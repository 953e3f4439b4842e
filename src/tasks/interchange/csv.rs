//! A table for spreadsheets, as RFC 4180 has it. Holds everything.
//!
//! A cell that a spreadsheet would take for a formula has a `'` before it, which is taken away again.

use jiff::Timestamp;

use super::{Parsed, Source, Written, tokens};
use crate::tasks::stints;
use crate::tasks::task::{Note, Priority, Status, Task};

const COLUMNS: [&str; 20] = [
    "uuid",
    "title",
    "status",
    "due",
    "remind",
    "wait",
    "scheduled",
    "until",
    "priority",
    "project",
    "tags",
    "depends",
    "recur",
    "parent",
    "notes",
    "start",
    "entry",
    "modified",
    "end",
    "others",
];

pub(super) fn write(tasks: &[Task]) -> Written {
    let mut text = COLUMNS.join(",") + "\r\n";
    for task in tasks {
        let cells: Vec<_> = COLUMNS.iter().map(|column| cell(&value(task, column))).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    Written { text, ..Written::default() }
}

fn value(task: &Task, column: &str) -> String {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    let joined = |texts: &mut dyn Iterator<Item = String>| texts.collect::<Vec<_>>().join(" ");
    match column {
        "uuid" => task.uuid.to_string(),
        "title" => task.title.clone(),
        "status" => task.status.as_str().to_owned(),
        "due" => time(task.due),
        "remind" => time(task.remind),
        "wait" => time(task.wait),
        "scheduled" => time(task.scheduled),
        "until" => time(task.until),
        "start" => time(task.start),
        "entry" => time(task.entry),
        "modified" => time(task.modified),
        "end" => time(task.end),
        "priority" => task.priority.map(|priority| priority.as_str().to_owned()).unwrap_or_default(),
        "project" => task.project.clone().unwrap_or_default(),
        "tags" => joined(&mut task.tags.iter().map(|tag| tokens::word(tag))),
        "depends" => joined(&mut task.depends.iter().map(ToString::to_string)),
        "recur" => task.recur.clone().unwrap_or_default(),
        "parent" => task.parent.map(|uuid| uuid.to_string()).unwrap_or_default(),
        "notes" => task.notes.iter().map(note).collect::<Vec<_>>().join("\n"),
        _ => others(task),
    }
}

/// A line; breaks in it are `\n`.
fn note(note: &Note) -> String {
    format!("{} {}", note.time, note.text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"))
}

/// What has no column, as JSON.
fn others(task: &Task) -> String {
    let mut others = task.others.clone();
    if !task.tracked.is_empty() {
        others.insert("tracked".to_owned(), stints::write(&task.tracked));
    }
    if others.is_empty() { String::new() } else { serde_json::json!(others).to_string() }
}

/// What spreadsheets begin formulas with; and the sign that guards them.
fn is_guarded(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\'')
}

fn cell(value: &str) -> String {
    let guard = if value.starts_with(is_guarded) { "'" } else { "" };
    // The bytes of a blank at an edge are lost by programs that trim.
    let is_quoted = value.contains([',', '"', '\n', '\r', ';', '\t']) || value.trim() != value;
    if is_quoted { format!("\"{guard}{}\"", value.replace('"', "\"\"")) } else { format!("{guard}{value}") }
}

fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(is_guarded)).unwrap_or(cell)
}

pub(super) fn read(text: &str, source: &mut Source<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    let mut records = records(text, separator(text)).into_iter();
    let Some((_, header)) = records.next() else { return parsed };
    let columns: Vec<_> = header.iter().map(|name| column(name)).collect();
    if !columns.contains(&Some("title")) {
        parsed.fail(1, "the first line names no column `title`");
        return parsed;
    }
    for (name, column) in header.iter().zip(&columns) {
        parsed.lost.note(&format!("column `{name}`"), column.is_none());
    }
    for (line, cells) in records.filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty())) {
        let cells =
            columns.iter().zip(&cells).filter_map(|(column, cell)| Some(((*column)?, unguarded(cell))));
        let task = task(&cells.collect::<Vec<_>>(), source);
        parsed.take(line, task);
    }
    parsed
}

/// The one that is most often in the first line.
fn separator(text: &str) -> char {
    let first = text.lines().next().unwrap_or_default();
    let count = |sign: char| first.matches(sign).count();
    [',', ';', '\t'].into_iter().max_by_key(|sign| (count(*sign), *sign == ',')).unwrap_or(',')
}

/// Cells, with the number of the line at which each record begins.
fn records(text: &str, separator: char) -> Vec<(usize, Vec<String>)> {
    let mut records = Vec::new();
    let (mut record, mut cell, mut line, mut start) = (Vec::new(), String::new(), 1, 1);
    let (mut in_quotes, mut was_quoted) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        line += usize::from(c == '\n');
        match c {
            '"' if in_quotes && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if in_quotes => in_quotes = false,
            _ if in_quotes => cell.push(c),
            '"' if cell.is_empty() && !was_quoted => (in_quotes, was_quoted) = (true, true),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                record.push(std::mem::take(&mut cell));
                records.push((start, std::mem::take(&mut record)));
                (start, was_quoted) = (line, false);
            }
            _ if c == separator => {
                record.push(std::mem::take(&mut cell));
                was_quoted = false;
            }
            _ => cell.push(c),
        }
    }
    if !cell.is_empty() || !record.is_empty() || was_quoted {
        record.push(cell);
        records.push((start, record));
    }
    records
}

/// Names as other programs have them, too.
fn column(name: &str) -> Option<&'static str> {
    let name = unguarded(name.trim()).to_lowercase();
    let known = match name.as_str() {
        "description" | "name" | "task" | "summary" | "content" | "subject" => "title",
        "due date" | "due_date" | "duedate" | "deadline" | "date" => "due",
        "state" | "done" | "completed" | "is completed" => "status",
        "list" | "list name" | "folder" => "project",
        "labels" | "label" | "tag" => "tags",
        "note" | "comment" | "comments" => "notes",
        "reminder" => "remind",
        "repeat" | "recurrence" => "recur",
        "created" | "created at" => "entry",
        other => other,
    };
    COLUMNS.iter().copied().find(|column| *column == known)
}

fn task(cells: &[(&str, &str)], source: &mut Source<'_>) -> Result<Task, String> {
    let uuid = cells.iter().find(|(column, cell)| *column == "uuid" && !cell.is_empty());
    let uuid = uuid.map(|(_, cell)| cell.parse().map_err(|_| format!("`{cell}` is no uuid"))).transpose()?;
    let mut task = source.base(uuid);
    for (column, cell) in cells {
        set(&mut task, column, cell, source)?;
    }
    Ok(task)
}

fn set(task: &mut Task, column: &str, cell: &str, source: &Source<'_>) -> Result<(), String> {
    let time = || {
        let known = || tokens::parse_time(cell.trim(), source.now);
        let is_empty = cell.trim().is_empty();
        if is_empty { Ok(None) } else { known().map(Some).ok_or_else(|| format!("`{cell}` is no date")) }
    };
    let text = || Some(cell.to_owned()).filter(|cell| !cell.is_empty());
    match column {
        "title" => cell.clone_into(&mut task.title),
        "status" => task.status = status(cell)?,
        "due" => task.due = time()?,
        "remind" => task.remind = time()?,
        "wait" => task.wait = time()?,
        "scheduled" => task.scheduled = time()?,
        "until" => task.until = time()?,
        "start" => task.start = time()?,
        "entry" => task.entry = time()?,
        "modified" => task.modified = time()?,
        "end" => task.end = time()?,
        "priority" => task.priority = priority(cell)?,
        "project" => task.project = text(),
        "tags" => {
            task.tags = cell.split([' ', ',']).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
            task.tags.sort_unstable();
            task.tags.dedup();
        }
        "depends" => {
            let uuids =
                cell.split_whitespace().map(|uuid| uuid.parse().map_err(|_| format!("`{uuid}` is no uuid")));
            task.depends = uuids.collect::<Result<_, _>>()?;
            task.depends.sort_unstable();
        }
        "recur" => task.recur = text(),
        "parent" => {
            let uuid = text().map(|uuid| uuid.parse().map_err(|_| format!("`{uuid}` is no uuid")));
            task.parent = uuid.transpose()?;
        }
        "notes" => task.notes = notes(cell, source.second()),
        "others" if !cell.is_empty() => {
            task.others = serde_json::from_str(cell).map_err(|_| "`others` is no JSON object of texts")?;
            task.tracked = task.others.remove("tracked").map(|text| stints::read(&text)).unwrap_or_default();
        }
        _ => {}
    }
    Ok(())
}

fn status(cell: &str) -> Result<Status, String> {
    match cell.trim().to_lowercase().as_str() {
        "" | "pending" | "open" | "todo" | "to do" | "false" | "no" | "0" | "other" | "needs-action" => {
            Ok(Status::Pending)
        }
        "completed" | "complete" | "done" | "closed" | "true" | "yes" | "x" | "1" => Ok(Status::Completed),
        "deleted" => Ok(Status::Deleted),
        "recurring" => Ok(Status::Recurring),
        other => Err(format!("`{other}` is no status")),
    }
}

fn priority(cell: &str) -> Result<Option<Priority>, String> {
    match cell.trim().to_lowercase().as_str() {
        "" | "none" | "normal" => Ok(None),
        "high" | "h" => Ok(Some(Priority::High)),
        "medium" | "m" => Ok(Some(Priority::Medium)),
        "low" | "l" => Ok(Some(Priority::Low)),
        other => Err(format!("`{other}` is no priority")),
    }
}

/// Lines of our own begin with a time; of others, all is one note.
fn notes(cell: &str, now: Timestamp) -> Vec<Note> {
    let own = |line: &str| {
        let (time, text) = line.split_once(' ')?;
        Some(Note { time: time.parse().ok()?, text: unescaped(text) })
    };
    let lines: Option<Vec<_>> = cell.lines().map(own).collect();
    match lines {
        Some(notes) => notes,
        None => vec![Note { time: now, text: cell.to_owned() }],
    }
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, chars.as_str().chars().next()) {
            ('\\', Some(next @ ('n' | 'r' | '\\'))) => {
                chars.next();
                plain.push(match next {
                    'n' => '\n',
                    'r' => '\r',
                    _ => '\\',
                });
            }
            _ => plain.push(c),
        }
    }
    plain
}
