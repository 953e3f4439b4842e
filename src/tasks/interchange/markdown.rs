//! Markdown checklists, with the signs of the plugin Obsidian Tasks: `- [ ] call mom #phone ⏫ 🔁 every week 📅 2026-12-04`.
//! Projects are headings; notes are lines below a task, further in.

use std::collections::BTreeMap;

use jiff::{Timestamp, Zoned};

use super::{Lost, Parsed, Source, Written, note_common_losses, tokens};
use crate::tasks::recur;
use crate::tasks::task::{Note, Priority, Status, Task};
use crate::tasks::when::repeat;

const DUE: &str = "📅";
const SCHEDULED: &str = "⏳";
const HIDDEN: &str = "🛫";
const REMIND: &str = "⏰";
const CREATED: &str = "➕";
const DONE: &str = "✅";
const REPEATS: &str = "🔁";
const SIGNS: &[&str] =
    &[DUE, SCHEDULED, HIDDEN, REMIND, CREATED, DONE, REPEATS, "⏫", "🔺", "🔼", "🔽", "⏬"];

pub(super) fn write(tasks: &[Task], now: &Zoned) -> Written {
    let mut written = Written::default();
    let mut projects: BTreeMap<Option<String>, Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        if matches!(task.status, Status::Pending | Status::Completed) {
            let project = task.project.as_deref().map(tokens::one_line).filter(|name| !name.is_empty());
            projects.entry(project).or_default().push(task);
        } else {
            let what = if task.status == Status::Recurring { "templates" } else { "deleted or unknown" };
            written.lost.note(what, true);
        }
    }
    for (project, tasks) in projects {
        if let Some(project) = project {
            let gap = if written.text.is_empty() { "" } else { "\n" };
            written.text.extend([gap, "## ", &project, "\n\n"]);
        }
        for task in tasks {
            item(task, &mut written, now);
        }
    }
    written
}

fn item(task: &Task, written: &mut Written, now: &Zoned) {
    let mark = if task.status == Status::Completed { 'x' } else { ' ' };
    let title = tokens::one_line(&task.title);
    written.lost.note("signs in titles", title != task.title || !is_plain(&title));
    let mut words = vec![format!("- [{mark}] {title}")];
    words.extend(task.tags.iter().map(|tag| format!("#{}", tokens::word(tag))));
    words.extend(task.priority.map(|priority| match priority {
        Priority::High => "⏫".to_owned(),
        Priority::Medium => "🔼".to_owned(),
        Priority::Low => "🔽".to_owned(),
    }));
    words.extend(task.recur.as_deref().map(|rule| format!("{REPEATS} {}", recur::words(rule))));
    // Days alone, but for what has a clock time: other programs read the day.
    let moment = |time| {
        let text = tokens::time(time, now);
        text.split_once('T').map_or(text.clone(), |(day, clock)| format!("{day} {}", &clock[..5]))
    };
    let times = [
        (CREATED, task.entry.map(|time| tokens::date(time, now))),
        (SCHEDULED, task.scheduled.map(moment)),
        (HIDDEN, task.wait.map(moment)),
        (REMIND, task.remind.map(moment)),
        (DUE, task.due.map(moment)),
        (DONE, task.end.filter(|_| mark == 'x').map(|time| tokens::date(time, now))),
    ];
    words.extend(times.into_iter().filter_map(|(sign, time)| Some(format!("{sign} {}", time?))));
    written.text.push_str(&words.join(" "));
    written.text.push('\n');
    for note in &task.notes {
        notes(note, &mut written.text);
    }
    note_losses(task, &mut written.lost);
}

fn note_losses(task: &Task, lost: &mut Lost) {
    lost.note("times of notes", !task.notes.is_empty());
    lost.note("until", task.until.is_some());
    lost.note("dependencies", !task.depends.is_empty());
    note_common_losses(lost, task);
}

fn notes(note: &Note, text: &mut String) {
    let lines = note.text.lines().map(tokens::one_line).filter(|line| !line.is_empty());
    for (index, line) in lines.enumerate() {
        let mark = if index == 0 { "- " } else { "  " };
        // A box in a note is not a task.
        let escape = if is_box(&line) { "\\" } else { "" };
        text.extend(["  ", mark, escape, &line, "\n"]);
    }
}

fn is_box(line: &str) -> bool {
    line.starts_with('[') || checkbox(line).is_some()
}

fn unescaped(line: &str) -> &str {
    line.strip_prefix('\\').filter(|rest| is_box(rest)).unwrap_or(line)
}

/// Whether nothing in a title would be read as a property.
pub(super) fn is_plain(title: &str) -> bool {
    let is_tagged = title.split(' ').next_back().is_some_and(|word| tag(word).is_some());
    !is_tagged && !SIGNS.iter().any(|sign| title.contains(sign))
}

pub(super) fn read(text: &str, source: &mut Source<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    let mut project = None;
    // Whether the latest checkbox is a task that notes may belong to.
    let mut is_open = false;
    for (index, line) in text.lines().enumerate() {
        let content = line.trim();
        if let Some(heading) = line.strip_prefix("## ").or(line.strip_prefix("### ")) {
            project = Some(tokens::one_line(heading)).filter(|name| !name.is_empty());
            is_open = false;
        } else if line.starts_with("# ") {
            project = None;
            is_open = false;
        } else if let Some((is_done, rest)) = checkbox(content) {
            let task = task(rest, is_done, project.clone(), source);
            is_open = task.is_ok();
            parsed.take(index + 1, task);
        } else if !content.is_empty()
            && line.starts_with([' ', '\t'])
            && is_open
            && let Some((_, task)) = parsed.tasks.last_mut()
        {
            add_note(task, line, source);
        }
    }
    parsed
}

/// `- [ ] rest`, `* [x] rest`, `1. [ ] rest`; whether it is ticked.
fn checkbox(line: &str) -> Option<(bool, &str)> {
    let rest = line.strip_prefix(['-', '*', '+']).or_else(|| {
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.strip_prefix(['.', ')']).filter(|_| rest.len() < line.len())
    })?;
    let rest = rest.trim_start().strip_prefix('[')?;
    let mark = rest.chars().next()?;
    let rest = rest[mark.len_utf8()..].strip_prefix(']')?;
    rest.starts_with(' ').then(|| (matches!(mark, 'x' | 'X'), rest.trim()))
}

fn add_note(task: &mut Task, line: &str, source: &Source<'_>) {
    let content = line.trim();
    let item = content.strip_prefix("- ").or(content.strip_prefix("* ")).or(content.strip_prefix("+ "));
    let is_continued = line.starts_with("    ") && !task.notes.is_empty();
    match (item, task.notes.last_mut()) {
        (None, Some(note)) => note.text.extend(["\n", unescaped(content)]),
        (Some(_), Some(note)) if is_continued => note.text.extend(["\n", content]),
        (item, last) => {
            // Notes are kept apart by their seconds.
            let after = last.and_then(|note| note.time.checked_add(jiff::SignedDuration::from_secs(1)).ok());
            let text = item.unwrap_or(content);
            let time = after.unwrap_or_else(|| source.second());
            task.notes.push(Note { time, text: unescaped(text).to_owned() });
        }
    }
}

fn task(line: &str, is_done: bool, project: Option<String>, source: &mut Source<'_>) -> Result<Task, String> {
    let now = source.now.clone();
    let mut task = Task { project, ..source.base(None) };
    if is_done {
        task.status = Status::Completed;
        task.end = Some(source.second());
    }
    let start = SIGNS.iter().filter_map(|sign| line.find(sign)).min().unwrap_or(line.len());
    let mut words: Vec<_> = line[..start].split_whitespace().collect();
    while let Some(tag) = words.last().and_then(|word| tag(word)) {
        task.tags.push(tag);
        words.pop();
    }
    task.title = words.join(" ");
    let mut rest = &line[start..];
    while let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        rest = &rest[sign.len()..];
        let end = SIGNS.iter().filter_map(|sign| rest.find(sign)).min().unwrap_or(rest.len());
        let mut value: Vec<_> = rest[..end].trim_matches('\u{fe0f}').split_whitespace().collect();
        while let Some(tag) = value.last().and_then(|word| tag(word)) {
            task.tags.push(tag);
            value.pop();
        }
        apply(&mut task, sign, &value.join(" "), &now)?;
        rest = &rest[end..];
    }
    task.tags.sort_unstable();
    task.tags.dedup();
    Ok(task)
}

fn tag(word: &str) -> Option<String> {
    crate::tasks::tag(word.strip_prefix('#')?)
}

fn apply(task: &mut Task, sign: &str, value: &str, now: &Zoned) -> Result<(), String> {
    let priority = match sign {
        "⏫" | "🔺" => Some(Priority::High),
        "🔼" => Some(Priority::Medium),
        "🔽" | "⏬" => Some(Priority::Low),
        _ => None,
    };
    if priority.is_some() {
        task.priority = priority;
        return Ok(());
    }
    if sign == REPEATS {
        let rule = repeat::parse(value, now).map_err(|error| error.to_string())?;
        task.recur = Some(rule.rule.as_recur());
        return Ok(());
    }
    let time = tokens::parse_time(&value.replacen(' ', "T", 1), now);
    let time: Option<Timestamp> = Some(time.ok_or_else(|| format!("`{sign} {value}` is no date"))?);
    match sign {
        DUE => task.due = time,
        SCHEDULED => task.scheduled = time,
        HIDDEN => task.wait = time,
        REMIND => task.remind = time,
        CREATED => task.entry = time,
        _ => task.end = time,
    }
    Ok(())
}
