//! A task as the store keeps it: a map of texts under Taskwarrior's property names.
//!
//! Pure. Values may have been written by other programs: what cannot be read counts as absent, and is left as it is.

use std::collections::BTreeMap;

use jiff::{Span, Timestamp};
use taskchampion::storage::TaskMap;
use uuid::Uuid;

use super::stints;
use super::task::{Changes, NewTask, Note, Priority, Status, Task};

/// One property to set, or to remove.
pub(super) type Assignment = (String, Option<String>);

const TAG: &str = "tag_";
const NOTE: &str = "annotation_";
const DEPENDS: &str = "dep_";
/// Not Taskwarrior's own: user-defined attributes, which it keeps.
pub(super) const REMIND: &str = "remind";
/// Seconds from the reminder to the due date, where `remind` says nothing: for templates, whose `remind` another
/// program would copy as it is into each task that it makes from them.
pub(super) const REMIND_BEFORE: &str = "remindbefore";
/// The reminder that was told last; written by [`super::reminders`] alone.
pub(super) const REMINDED: &str = "reminded";
/// See [`stints`].
pub(super) const TRACKED: &str = "tracked";
/// Which tags or dependencies there are, once more, as some versions of Taskwarrior write it.
const ALL_TAGS: &str = "tags";
const ALL_DEPENDS: &str = "depends";

pub(super) fn status(map: &TaskMap) -> Status {
    map.get("status").map_or(Status::Pending, |name| status_named(name))
}

fn status_named(name: &str) -> Status {
    match name {
        "pending" => Status::Pending,
        "completed" => Status::Completed,
        "deleted" => Status::Deleted,
        "recurring" => Status::Recurring,
        _ => Status::Other,
    }
}

/// Whether a task with these properties has a number. Taskwarrior gives templates one, too, which people here
/// never see.
pub(super) fn has_number(map: &TaskMap) -> bool {
    status(map) == Status::Pending
}

/// `number` is its place in the working set, which also keeps some finished tasks.
pub(super) fn read(uuid: Uuid, map: &TaskMap, number: Option<usize>) -> Task {
    Task {
        uuid,
        number: number.filter(|_| has_number(map)),
        title: text(map, "description").unwrap_or_default(),
        status: status(map),
        due: time(map, "due"),
        remind: time(map, REMIND).or_else(|| remind_before(map)),
        reminded: time(map, REMINDED),
        wait: time(map, "wait"),
        scheduled: time(map, "scheduled"),
        until: time(map, "until"),
        start: time(map, "start"),
        priority: map.get("priority").and_then(|letter| priority(letter)),
        project: text(map, "project"),
        tags: tags(map),
        depends: depends(map),
        recur: text(map, "recur"),
        parent: map.get("parent").and_then(|uuid| uuid.parse().ok()),
        notes: notes(map),
        tracked: map.get(TRACKED).map(|text| stints::read(text)).unwrap_or_default(),
        entry: time(map, "entry"),
        modified: time(map, "modified"),
        end: time(map, "end"),
        others: map.iter().filter(|(name, value)| !is_read(name, value)).map(owned).collect(),
    }
}

fn remind_before(map: &TaskMap) -> Option<Timestamp> {
    let seconds: i64 = map.get(REMIND_BEFORE)?.parse().ok()?;
    time(map, "due")?.checked_sub(Span::new().try_seconds(seconds).ok()?).ok()
}

/// Whether a property says something in one of the fields of [`Task`].
fn is_read(name: &str, value: &str) -> bool {
    match name {
        "description" | "project" | "recur" | ALL_TAGS | ALL_DEPENDS | REMIND_BEFORE | TRACKED => true,
        "status" => !matches!(status_named(value), Status::Other),
        "due" | REMIND | REMINDED | "wait" | "scheduled" | "until" | "start" | "entry" | "modified"
        | "end" => instant(value).is_some(),
        "priority" => priority(value).is_some(),
        "parent" => value.parse::<Uuid>().is_ok(),
        _ => {
            name.starts_with(TAG)
                || name.strip_prefix(NOTE).is_some_and(|second| instant(second).is_some())
                || name.strip_prefix(DEPENDS).is_some_and(|uuid| uuid.parse::<Uuid>().is_ok())
        }
    }
}

fn owned((name, value): (&String, &String)) -> (String, String) {
    (name.clone(), value.clone())
}

/// Every time of a task, by the name of its property.
pub(super) fn times(task: &Task) -> [(&'static str, Option<Timestamp>); 10] {
    [
        ("due", task.due),
        (REMIND, task.remind),
        (REMINDED, task.reminded),
        ("wait", task.wait),
        ("scheduled", task.scheduled),
        ("until", task.until),
        ("start", task.start),
        ("entry", task.entry),
        ("modified", task.modified),
        ("end", task.end),
    ]
}

/// The whole of a task as properties: what [`read`] makes of them is the same task, but for its number.
pub(super) fn write(task: &Task) -> TaskMap {
    let mut map: TaskMap = task.others.clone().into_iter().collect();
    if task.status != Status::Other {
        map.insert("status".to_owned(), task.status.as_str().to_owned());
    }
    map.insert("description".to_owned(), task.title.clone());
    let times = times(task);
    let texts = [
        ("priority", task.priority.map(|priority| letter(priority).to_owned())),
        ("project", task.project.clone()),
        ("recur", task.recur.clone()),
        ("parent", task.parent.map(|uuid| uuid.to_string())),
        (TRACKED, (!task.tracked.is_empty()).then(|| stints::write(&task.tracked))),
    ];
    let times = times.into_iter().filter_map(|(name, time)| Some((name.to_owned(), seconds(time?))));
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?)));
    map.extend(times.chain(texts));
    map.extend(task.tags.iter().map(|tag| (format!("{TAG}{tag}"), String::new())));
    map.extend(task.depends.iter().map(|uuid| (format!("{DEPENDS}{uuid}"), "x".to_owned())));
    for note in &task.notes {
        map.insert(free_note(&map, note.time), note.text.clone());
    }
    map
}

/// The properties of a new task.
pub(super) fn create(new: &NewTask, now: Timestamp) -> Vec<Assignment> {
    let changes = Changes {
        title: Some(new.title.clone()),
        due: Some(new.due),
        remind: Some(new.remind),
        wait: Some(new.wait),
        scheduled: Some(new.scheduled),
        until: Some(new.until),
        priority: Some(new.priority),
        project: Some(new.project.clone()),
        tags: Some(new.tags.clone()),
        depends: Some(new.depends.clone()),
        note: new.note.clone(),
        status: Some(Status::Pending),
        // Repetitions concern more than one task.
        repeat: None,
        active: None,
    };
    let mut assignments = vec![set("entry", seconds(now))];
    assignments.extend(update(&TaskMap::new(), &changes, now));
    assignments
}

/// What `changes` mean for the properties in `map`: only real differences, and the time of change when there is one.
/// Without the repetition, which concerns more than one task.
pub(super) fn update(map: &TaskMap, changes: &Changes, now: Timestamp) -> Vec<Assignment> {
    let times = [
        ("due", changes.due),
        (REMIND, changes.remind),
        ("wait", changes.wait),
        ("scheduled", changes.scheduled),
        ("until", changes.until),
    ];
    let mut wanted = Vec::new();
    wanted.extend(changes.title.iter().map(|title| set("description", title.clone())));
    wanted.extend(times.into_iter().filter_map(|(name, time)| Some((name.to_owned(), time?.map(seconds)))));
    wanted.extend(changes.remind.map(|_| (REMIND_BEFORE.to_owned(), None)));
    wanted.extend(changes.priority.map(|p| ("priority".to_owned(), p.map(|p| letter(p).to_owned()))));
    wanted.extend(changes.project.iter().map(|project| ("project".to_owned(), project.clone())));
    wanted.extend(changes.tags.iter().flat_map(|tags| retag(map, tags)));
    wanted.extend(changes.depends.iter().flat_map(|uuids| redepend(map, uuids)));
    wanted.extend(changes.note.iter().map(|note| set(&free_note(map, now), note.clone())));
    wanted.extend(changes.status.into_iter().flat_map(|to| restate(map, to, now)));
    let is_over = matches!(changes.status, Some(Status::Completed | Status::Deleted));
    let active = changes.active.or(is_over.then_some(false));
    wanted.extend(active.into_iter().flat_map(|active| activate(map, active, now)));
    wanted.retain(|(name, value)| map.get(name) != value.as_ref());
    if !wanted.is_empty() {
        wanted.push(set("modified", seconds(now)));
    }
    wanted
}

/// What makes `to` of `from`.
pub(super) fn difference(from: &TaskMap, to: &TaskMap) -> Vec<Assignment> {
    let gone = from.keys().filter(|name| !to.contains_key(*name)).map(|name| (name.clone(), None));
    let set = to.iter().filter(|(name, value)| from.get(*name) != Some(*value));
    let set = set.map(|(name, value)| (name.clone(), Some(value.clone())));
    let sorted: BTreeMap<_, _> = gone.chain(set).collect();
    sorted.into_iter().collect()
}

fn activate(map: &TaskMap, active: bool, now: Timestamp) -> Vec<Assignment> {
    match (time(map, "start"), active) {
        (None, true) => vec![set("start", seconds(now))],
        (Some(start), false) => {
            let before = map.get(TRACKED).map(String::as_str).unwrap_or_default();
            vec![("start".to_owned(), None), set(TRACKED, stints::add(before, start, now))]
        }
        _ => Vec::new(),
    }
}

fn restate(map: &TaskMap, to: Status, now: Timestamp) -> Vec<Assignment> {
    if map.contains_key("status") && status(map) == to {
        return Vec::new();
    }
    let end = matches!(to, Status::Completed | Status::Deleted).then(|| seconds(now));
    vec![set("status", to.as_str().to_owned()), ("end".to_owned(), end)]
}

fn retag(map: &TaskMap, tags: &[String]) -> Vec<Assignment> {
    mark(map, (TAG, ""), &self::tags(map), tags, ALL_TAGS)
}

fn redepend(map: &TaskMap, uuids: &[Uuid]) -> Vec<Assignment> {
    let names = |uuids: &[Uuid]| uuids.iter().map(ToString::to_string).collect::<Vec<_>>();
    mark(map, (DEPENDS, "x"), &names(&depends(map)), &names(uuids), ALL_DEPENDS)
}

/// A property for each of a set. Other programs write other values under the same names: they stay. Where they keep
/// the whole set as well, that is kept true.
fn mark(
    map: &TaskMap,
    (prefix, value): (&str, &str),
    before: &[String],
    after: &[String],
    whole: &str,
) -> Vec<Assignment> {
    let dropped = before.iter().filter(|name| !after.contains(name));
    let dropped = dropped.map(|name| (format!("{prefix}{name}"), None));
    let added = after.iter().map(|name| format!("{prefix}{name}")).filter(|name| !map.contains_key(name));
    let added = added.map(|name| (name, Some(value.to_owned())));
    let whole =
        map.contains_key(whole).then(|| (whole.to_owned(), Some(after.join(",")).filter(|a| !a.is_empty())));
    dropped.chain(added).chain(whole).collect()
}

/// Notes are named after the second of their making: the first one that is free.
fn free_note(map: &TaskMap, now: Timestamp) -> String {
    let mut second = now.as_second();
    while map.contains_key(&format!("{NOTE}{second}")) {
        second += 1;
    }
    format!("{NOTE}{second}")
}

pub(super) fn set(name: &str, value: String) -> Assignment {
    (name.to_owned(), Some(value))
}

pub(super) fn seconds(time: Timestamp) -> String {
    time.as_second().to_string()
}

fn instant(seconds: &str) -> Option<Timestamp> {
    Timestamp::from_second(seconds.parse().ok()?).ok()
}

pub(super) fn time(map: &TaskMap, name: &str) -> Option<Timestamp> {
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

fn depends(map: &TaskMap) -> Vec<Uuid> {
    let mut uuids: Vec<_> =
        map.keys().filter_map(|name| name.strip_prefix(DEPENDS)?.parse::<Uuid>().ok()).collect();
    uuids.sort_unstable();
    uuids
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
