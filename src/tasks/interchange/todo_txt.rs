//! todo.txt: a task a line, as `(A) 2026-12-01 call mom +family @phone due:2026-12-04`.
//!
//! Words at the end of a line are properties alone; what stands before them is the title, as it is.

use jiff::{Timestamp, Zoned};

use super::{Lost, Parsed, Source, Written, note_common_losses, tokens};
use crate::tasks::recur::Rule;
use crate::tasks::task::{Priority, Status, Task};

pub(super) fn write(tasks: &[Task], now: &Zoned) -> Written {
    let mut written = Written::default();
    for task in tasks {
        if !matches!(task.status, Status::Pending | Status::Completed) {
            let what = if task.status == Status::Recurring { "templates" } else { "deleted or unknown" };
            written.lost.note(what, true);
            continue;
        }
        written.text.push_str(&line(task, &mut written.lost, now));
        written.text.push('\n');
    }
    written
}

fn line(task: &Task, lost: &mut Lost, now: &Zoned) -> String {
    let is_done = task.status == Status::Completed;
    let letter = task.priority.map(|priority| match priority {
        Priority::High => 'A',
        Priority::Medium => 'B',
        Priority::Low => 'C',
    });
    let entry = tokens::date(task.entry.unwrap_or(now.timestamp()), now);
    let mut words = Vec::new();
    if is_done {
        let end = task.end.or(task.entry).unwrap_or(now.timestamp());
        words.extend(["x".to_owned(), tokens::date(end, now)]);
    } else {
        words.extend(letter.map(|letter| format!("({letter})")));
    }
    words.push(entry);
    let title = tokens::one_line(&task.title);
    lost.note("signs in titles", title != task.title || has_property_at_end(&title));
    words.push(title);
    words.extend(task.project.iter().map(|project| format!("+{}", tokens::word(project))));
    words.extend(task.tags.iter().map(|tag| format!("@{}", tokens::word(tag))));
    words.extend(letter.filter(|_| is_done).map(|letter| format!("pri:{letter}")));
    let times = [
        ("due", task.due),
        ("t", task.wait),
        ("remind", task.remind),
        ("scheduled", task.scheduled),
        ("until", task.until),
    ];
    words.extend(
        times.into_iter().filter_map(|(key, time)| Some(format!("{key}:{}", tokens::time(time?, now)))),
    );
    let rule = task.recur.as_deref().and_then(Rule::parse);
    words.extend(rule.map(|rule| format!("rec:{}", tokens::short_rule(rule))));
    lost.note("repetition", task.recur.is_some() && rule.is_none());
    lost.note("blanks in names", task.project.as_ref().is_some_and(|name| tokens::word(name) != *name));
    lost.note("notes", !task.notes.is_empty());
    lost.note("dependencies", !task.depends.is_empty());
    note_common_losses(lost, task);
    words.join(" ")
}

/// A title that would be read as something else.
pub(super) fn has_property_at_end(title: &str) -> bool {
    title.split(' ').next_back().is_some_and(|word| Property::read(word).is_some())
}

enum Property<'a> {
    Project(&'a str),
    Context(&'a str),
    Pair(&'a str, &'a str),
}

impl<'a> Property<'a> {
    fn read(word: &'a str) -> Option<Self> {
        if let Some(name) = word.strip_prefix('+').filter(|name| !name.is_empty()) {
            return Some(Self::Project(name));
        }
        if let Some(name) = word.strip_prefix('@').filter(|name| !name.is_empty()) {
            return Some(Self::Context(name));
        }
        let (key, value) = word.split_once(':')?;
        let is_known = matches!(key, "due" | "t" | "remind" | "scheduled" | "until" | "rec" | "pri");
        (is_known && !value.is_empty()).then_some(Self::Pair(key, value))
    }
}

pub(super) fn read(text: &str, source: &mut Source<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let task = task(line.trim(), source);
        parsed.take(index + 1, task);
    }
    parsed
}

fn task(line: &str, source: &mut Source<'_>) -> Result<Task, String> {
    let now = source.now.clone();
    let mut task = source.base(None);
    let mut words: Vec<_> = line.split_whitespace().collect();
    if words.first() == Some(&"x") {
        words.remove(0);
        task.status = Status::Completed;
        task.end = take_date(&mut words, &now).or(Some(source.second()));
    } else if let Some(letter) = words.first().and_then(|word| letter(word)) {
        words.remove(0);
        task.priority = Some(letter);
    }
    task.entry = take_date(&mut words, &now).or(task.entry);
    let end = words.iter().rposition(|word| Property::read(word).is_none()).map_or(0, |last| last + 1);
    let tags = words.iter().enumerate().filter_map(|(index, word)| Some((index, Property::read(word)?)));
    for (index, property) in tags {
        apply(&mut task, &property, index >= end, &now)?;
    }
    task.title = words[..end].join(" ");
    task.tags.sort_unstable();
    task.tags.dedup();
    Ok(task)
}

fn take_date(words: &mut Vec<&str>, now: &Zoned) -> Option<Timestamp> {
    let date = tokens::day(words.first()?, now.time_zone())?;
    words.remove(0);
    Some(date)
}

/// `(A)` to `(Z)`; what is below the third letter is low as well.
fn letter(word: &str) -> Option<Priority> {
    match word.as_bytes() {
        [b'(', letter @ b'A'..=b'Z', b')'] => Some(priority(*letter)),
        _ => None,
    }
}

fn priority(letter: u8) -> Priority {
    match letter.to_ascii_uppercase() {
        b'A' => Priority::High,
        b'B' => Priority::Medium,
        _ => Priority::Low,
    }
}

/// What stands in the middle of a title is part of it and says no times.
fn apply(task: &mut Task, property: &Property<'_>, is_at_end: bool, now: &Zoned) -> Result<(), String> {
    match *property {
        Property::Project(name) if task.project.is_none() && is_at_end => {
            task.project = Some(name.to_owned());
        }
        Property::Project(name) | Property::Context(name) if is_at_end => {
            task.tags.extend(crate::tasks::tag(name));
        }
        Property::Pair(key, value) if is_at_end => return pair(task, key, value, now),
        _ => {}
    }
    Ok(())
}

fn pair(task: &mut Task, key: &str, value: &str, now: &Zoned) -> Result<(), String> {
    let time = || tokens::parse_time(value, now).ok_or_else(|| format!("`{key}:{value}` is no date"));
    match key {
        "due" => task.due = Some(time()?),
        "t" => task.wait = Some(time()?),
        "remind" => task.remind = Some(time()?),
        "scheduled" => task.scheduled = Some(time()?),
        "until" => task.until = Some(time()?),
        "pri" => task.priority = value.bytes().next().map(priority),
        _ => {
            let rule = tokens::parse_short_rule(value);
            let rule = rule.ok_or_else(|| format!("`{key}:{value}` is no repetition"))?;
            task.recur = Some(rule.as_recur());
        }
    }
    Ok(())
}
