//! Taskwarrior's JSON, as of `task export`: an array of objects, or an object a line. Holds everything.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Lost, Parsed, Source, Written};
use crate::tasks::task::{Note, Priority, Status, Task};
use crate::tasks::{record, stints};

const FORMAT: &str = "%Y%m%dT%H%M%SZ";
/// Names that have a field of their own, or are made up for each export.
const KNOWN: &[&str] = &[
    "uuid",
    "id",
    "urgency",
    "description",
    "status",
    "due",
    "remind",
    "reminded",
    "wait",
    "scheduled",
    "until",
    "start",
    "entry",
    "modified",
    "end",
    "priority",
    "project",
    "tags",
    "depends",
    "annotations",
    "recur",
    "parent",
    "tracked",
];

pub(super) fn write(tasks: &[Task]) -> Written {
    let mut lost = Lost::default();
    let lines: Vec<_> = tasks.iter().map(|task| object(task, &mut lost).to_string()).collect();
    Written { text: format!("[\n{}\n]\n", lines.join(",\n")), lost }
}

fn object(task: &Task, lost: &mut Lost) -> Value {
    let mut map = Map::new();
    for (name, value) in &task.others {
        // A known name with a value that nobody can read.
        if KNOWN.contains(&name.as_str()) {
            lost.note(name, true);
        } else {
            map.insert(name.clone(), json!(value));
        }
    }
    map.insert("uuid".to_owned(), json!(task.uuid.to_string()));
    map.insert("description".to_owned(), json!(task.title));
    let status = if task.status == Status::Other { Status::Pending } else { task.status };
    map.insert("status".to_owned(), json!(status.as_str()));
    for (name, time) in record::times(task) {
        map.extend(time.map(|time| (name.to_owned(), json!(stamp(time)))));
    }
    let letter = task.priority.map(|priority| match priority {
        Priority::High => "H",
        Priority::Medium => "M",
        Priority::Low => "L",
    });
    let texts = [
        ("priority", letter.map(str::to_owned)),
        ("project", task.project.clone()),
        ("recur", task.recur.clone()),
        ("parent", task.parent.map(|uuid| uuid.to_string())),
        ("tracked", Some(stints::write(&task.tracked)).filter(|text| !text.is_empty())),
    ];
    for (name, text) in texts {
        map.extend(text.map(|text| (name.to_owned(), json!(text))));
    }
    if !task.tags.is_empty() {
        map.insert("tags".to_owned(), json!(task.tags));
    }
    if !task.depends.is_empty() {
        let uuids: Vec<_> = task.depends.iter().map(ToString::to_string).collect();
        map.insert("depends".to_owned(), json!(uuids));
    }
    if !task.notes.is_empty() {
        let note = |note: &Note| json!({"entry": stamp(note.time), "description": note.text});
        map.insert("annotations".to_owned(), task.notes.iter().map(note).collect());
    }
    Value::Object(map)
}

fn stamp(time: Timestamp) -> String {
    time.strftime(FORMAT).to_string()
}

pub(super) fn read(text: &str, source: &mut Source<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    let entries = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(entries)) => entries.into_iter().enumerate().collect(),
        Ok(entry) => vec![(0, entry)],
        Err(whole) => {
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            let lines: Vec<_> = lines.collect();
            // An object a line, unless the very first one is none.
            let is_lines = lines.first().is_some_and(|(_, line)| serde_json::from_str::<Value>(line).is_ok());
            if !is_lines {
                parsed.fail(whole.line().max(1), whole.to_string());
                return parsed;
            }
            let mut entries = Vec::new();
            for (index, line) in lines {
                match serde_json::from_str(line) {
                    Ok(entry) => entries.push((index, entry)),
                    Err(error) => parsed.fail(index + 1, error.to_string()),
                }
            }
            entries
        }
    };
    for (index, entry) in entries {
        let place = index + 1;
        parsed.take(place, task(&entry, source));
    }
    parsed
}

fn task(entry: &Value, source: &mut Source<'_>) -> Result<Task, String> {
    let map = entry.as_object().ok_or("not an object")?;
    let uuid = match map.get("uuid") {
        Some(uuid) => uuid.as_str().and_then(|uuid| uuid.parse().ok()).ok_or("`uuid` is none")?,
        None => (source.fresh)(),
    };
    let time = |name: &str| map.get(name).map(|value| instant(name, value)).transpose();
    let text = |name: &str| map.get(name).and_then(as_text).filter(|text| !text.is_empty());
    let (status, others) = (status(text("status").as_deref())?, others(map));
    Ok(Task {
        uuid,
        number: None,
        title: text("description").ok_or("`description` is missing")?,
        status,
        due: time("due")?,
        remind: time("remind")?,
        reminded: time("reminded")?,
        wait: time("wait")?,
        scheduled: time("scheduled")?,
        until: time("until")?,
        start: time("start")?,
        priority: text("priority").map(|letter| priority(&letter)).transpose()?,
        project: text("project"),
        tags: tags(map.get("tags")),
        depends: depends(map.get("depends"))?,
        recur: text("recur"),
        parent: text("parent").map(|uuid| uuid.parse().map_err(|_| "`parent` is no uuid")).transpose()?,
        notes: notes(map.get("annotations"))?,
        tracked: text("tracked").map(|text| stints::read(&text)).unwrap_or_default(),
        entry: time("entry")?.or(Some(source.second())),
        modified: time("modified")?,
        end: time("end")?,
        others,
    })
}

fn others(map: &Map<String, Value>) -> BTreeMap<String, String> {
    let others = map.iter().filter(|(name, _)| !KNOWN.contains(&name.as_str()));
    // What would pass for a tag, note or dependency in a store has come in another form.
    let others =
        others.filter(|(name, _)| !["tag_", "annotation_", "dep_"].iter().any(|p| name.starts_with(p)));
    others.filter_map(|(name, value)| Some((name.clone(), as_text(value)?))).collect()
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        // Of Taskwarrior's numbers, whole ones are written as `2.0`.
        Value::Number(number) => {
            let whole = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 1e15);
            Some(whole.map_or_else(|| number.to_string(), |value| format!("{value:.0}")))
        }
        other => Some(other.to_string()),
    }
}

fn status(name: Option<&str>) -> Result<Status, String> {
    match name {
        // `waiting` was a status of its own once; its `wait` says the same.
        None | Some("pending" | "waiting") => Ok(Status::Pending),
        Some("completed") => Ok(Status::Completed),
        Some("deleted") => Ok(Status::Deleted),
        Some("recurring") => Ok(Status::Recurring),
        Some(other) => Err(format!("`{other}` is no status")),
    }
}

fn priority(letter: &str) -> Result<Priority, String> {
    match letter {
        "H" => Ok(Priority::High),
        "M" => Ok(Priority::Medium),
        "L" => Ok(Priority::Low),
        other => Err(format!("`{other}` is no priority")),
    }
}

fn instant(name: &str, value: &Value) -> Result<Timestamp, String> {
    let text = as_text(value).unwrap_or_default();
    let time = DateTime::strptime(FORMAT, &text).ok().and_then(|time| time.to_zoned(TimeZone::UTC).ok());
    let time = time.map(|time| time.timestamp());
    let seconds = || text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let rfc = || text.parse::<Timestamp>().ok();
    time.or_else(seconds).or_else(rfc).ok_or_else(|| format!("`{name}` is no time: `{text}`"))
}

/// An array, or as older versions wrote it, one text with commas.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(values)) => values.iter().filter_map(as_text).collect(),
        Some(Value::String(text)) => text.split(',').map(|part| part.trim().to_owned()).collect(),
        _ => Vec::new(),
    }
}

fn tags(value: Option<&Value>) -> Vec<String> {
    let mut tags = texts(value);
    tags.retain(|tag| !tag.is_empty());
    tags.sort_unstable();
    tags.dedup();
    tags
}

fn depends(value: Option<&Value>) -> Result<Vec<Uuid>, String> {
    let texts = texts(value).into_iter().filter(|text| !text.is_empty());
    let uuids = texts.map(|text| text.parse::<Uuid>().map_err(|_| format!("`depends` is no uuid: `{text}`")));
    let mut uuids = uuids.collect::<Result<Vec<_>, _>>()?;
    uuids.sort_unstable();
    uuids.dedup();
    Ok(uuids)
}

fn notes(value: Option<&Value>) -> Result<Vec<Note>, String> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let note = |note: &Value| {
        let time = instant("annotations", note.get("entry").unwrap_or(&Value::Null))?;
        let text = note.get("description").and_then(as_text).ok_or("an annotation is empty")?;
        Ok::<_, String>(Note { time, text })
    };
    let mut notes = value.as_array().into_iter().flatten().map(note).collect::<Result<Vec<_>, _>>()?;
    notes.sort_by_key(|note| note.time);
    Ok(notes)
}
