//! A task as the store keeps it: a map of texts under Taskwarrior's property names.
//!
//! Pure. Values may have been written by other programs: what cannot be read counts as absent, and is left as it is.

use jiff::Timestamp;
use taskchampion::storage::TaskMap;
use uuid::Uuid;

use super::task::{Changes, NewTask, Note, Priority, Status, Task};

/// One property to set, or to remove.
pub(super) type Assignment = (String, Option<String>);

const TAG: &str = "tag_";
const NOTE: &str = "annotation_";

pub(super) fn status(map: &TaskMap) -> Status {
    match map.get("status").map(String::as_str) {
        None | Some("pending") => Status::Pending,
        Some("completed") => Status::Completed,
        Some("deleted") => Status::Deleted,
        Some("recurring") => Status::Recurring,
        Some(_) => Status::Other,
    }
}

/// Whether a task with these properties has a place in the working set, and so a number.
pub(super) fn has_number(map: &TaskMap) -> bool {
    matches!(status(map), Status::Pending | Status::Recurring)
}

/// `number` is its place in the working set, which also keeps some finished tasks.
pub(super) fn read(uuid: Uuid, map: &TaskMap, number: Option<usize>) -> Task {
    Task {
        uuid,
        number: number.filter(|_| has_number(map)),
        title: text(map, "description").unwrap_or_default(),
        status: status(map),
        due: time(map, "due"),
        remind: time(map, "remind"),
        wait: time(map, "wait"),
        priority: map.get("priority").and_then(|letter| priority(letter)),
        project: text(map, "project"),
        tags: tags(map),
        notes: notes(map),
        entry: time(map, "entry"),
        modified: time(map, "modified"),
        end: time(map, "end"),
    }
}

/// The properties of a new task.
pub(super) fn create(new: &NewTask, now: Timestamp) -> Vec<Assignment> {
    let changes = Changes {
        title: Some(new.title.clone()),
        due: Some(new.due),
        remind: Some(new.remind),
        priority: Some(new.priority),
        project: Some(new.project.clone()),
        tags: Some(new.tags.clone()),
        note: new.note.clone(),
        status: Some(Status::Pending),
    };
    let mut assignments = vec![set("entry", seconds(now))];
    assignments.extend(update(&TaskMap::new(), &changes, now));
    assignments
}

/// What `changes` mean for the properties in `map`: only real differences, and the time of change when there is one.
pub(super) fn update(map: &TaskMap, changes: &Changes, now: Timestamp) -> Vec<Assignment> {
    let mut wanted = Vec::new();
    wanted.extend(changes.title.iter().map(|title| set("description", title.clone())));
    wanted.extend(changes.due.map(|due| ("due".to_owned(), due.map(seconds))));
    wanted.extend(changes.remind.map(|remind| ("remind".to_owned(), remind.map(seconds))));
    wanted.extend(changes.priority.map(|p| ("priority".to_owned(), p.map(|p| letter(p).to_owned()))));
    wanted.extend(changes.project.iter().map(|project| ("project".to_owned(), project.clone())));
    wanted.extend(changes.tags.iter().flat_map(|tags| retag(map, tags)));
    wanted.extend(changes.note.iter().map(|note| set(&free_note(map, now), note.clone())));
    wanted.extend(changes.status.into_iter().flat_map(|to| restate(map, to, now)));
    wanted.retain(|(name, value)| map.get(name) != value.as_ref());
    if !wanted.is_empty() {
        wanted.push(set("modified", seconds(now)));
    }
    wanted
}

fn restate(map: &TaskMap, to: Status, now: Timestamp) -> Vec<Assignment> {
    if map.contains_key("status") && status(map) == to {
        return Vec::new();
    }
    let end = matches!(to, Status::Completed | Status::Deleted).then(|| seconds(now));
    vec![set("status", to.as_str().to_owned()), ("end".to_owned(), end)]
}

fn retag(map: &TaskMap, tags: &[String]) -> Vec<Assignment> {
    let dropped = self::tags(map).into_iter().filter(|tag| !tags.contains(tag));
    let dropped = dropped.map(|tag| (format!("{TAG}{tag}"), None));
    // Other programs write other values under a tag's name: they stay.
    let added = tags.iter().map(|tag| format!("{TAG}{tag}")).filter(|name| !map.contains_key(name));
    dropped.chain(added.map(|name| (name, Some(String::new())))).collect()
}

/// Notes are named after the second of their making: the first one that is free.
fn free_note(map: &TaskMap, now: Timestamp) -> String {
    let mut second = now.as_second();
    while map.contains_key(&format!("{NOTE}{second}")) {
        second += 1;
    }
    format!("{NOTE}{second}")
}

fn set(name: &str, value: String) -> Assignment {
    (name.to_owned(), Some(value))
}

fn seconds(time: Timestamp) -> String {
    time.as_second().to_string()
}

fn instant(seconds: &str) -> Option<Timestamp> {
    Timestamp::from_second(seconds.parse().ok()?).ok()
}

fn time(map: &TaskMap, name: &str) -> Option<Timestamp> {
    map.get(name).and_then(|seconds| instant(seconds))
}

fn text(map: &TaskMap, name: &str) -> Option<String> {
    map.get(name).filter(|text| !text.is_empty()).cloned()
}

fn priority(letter: &str) -> Option<Priority> {
    match letter {
        "H" => Some(Priority::High),
        "M" => Some(Priority::Medium),
        "L" => Some(Priority::Low),
        _ => None,
    }
}

fn letter(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "H",
        Priority::Medium => "M",
        Priority::Low => "L",
    }
}

fn tags(map: &TaskMap) -> Vec<String> {
    let mut tags: Vec<_> = map.keys().filter_map(|name| name.strip_prefix(TAG)).map(str::to_owned).collect();
    tags.sort_unstable();
    tags
}

fn notes(map: &TaskMap) -> Vec<Note> {
    let note = |(name, text): (&String, &String)| {
        let time = instant(name.strip_prefix(NOTE)?)?;
        Some(Note { time, text: text.clone() })
    };
    let mut notes: Vec<_> = map.iter().filter_map(note).collect();
    notes.sort_by_key(|note| note.time);
    notes
}

/// Makes a valid tag of a text, as other programs demand it: no blanks or colons, no digit or sign at the
/// beginning, and not all in capitals, which are for tags with a meaning of their own.
pub fn tag(text: &str) -> Option<String> {
    const NOT_FIRST: &str = "+-*/()<>^!%=~";
    let joined = text.split_whitespace().collect::<Vec<_>>().join("_").replace([':', ','], "_");
    let tag = joined.trim_start_matches(|c: char| c.is_ascii_digit() || NOT_FIRST.contains(c));
    let is_capitals = tag.chars().all(|c| c.is_ascii_uppercase());
    let tag = if is_capitals { tag.to_lowercase() } else { tag.to_owned() };
    (!tag.is_empty()).then_some(tag)
}
