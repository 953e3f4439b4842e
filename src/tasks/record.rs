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
    of(uuid, map.iter().map(|(name, value)| (name.as_str(), value.as_str())), number)
}

/// The same from properties in any order, each of them once.
pub(super) fn of<'a>(
    uuid: Uuid,
    properties: impl Iterator<Item = (&'a str, &'a str)>,
    number: Option<usize>,
) -> Task {
    let mut task = Task { uuid, ..Task::default() };
    let mut before = None;
    for (name, value) in properties {
        if name == REMIND_BEFORE {
            before = value.parse().ok();
        } else if !take(&mut task, name, value) {
            task.others.insert(name.to_owned(), value.to_owned());
        }
    }
    task.number = number.filter(|_| task.status == Status::Pending);
    task.remind = task.remind.or_else(|| remind_before(task.due?, before?));
    task.tags.sort_unstable();
    task.depends.sort_unstable();
    task.notes.sort_by_key(|note| note.time);
    task
}

fn remind_before(due: Timestamp, seconds: i64) -> Option<Timestamp> {
    due.checked_sub(Span::new().try_seconds(seconds).ok()?).ok()
}

/// Takes one property over. False: it says nothing here, or cannot be read.
fn take(task: &mut Task, name: &str, value: &str) -> bool {
    let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    match name {
        "description" => value.clone_into(&mut task.title),
        "project" => task.project = known(value),
        "recur" => task.recur = known(value),
        TRACKED => task.tracked = stints::read(value),
        // Said again by properties of their own.
        ALL_TAGS | ALL_DEPENDS => {}
        "status" => {
            task.status = status_named(value);
            return task.status != Status::Other;
        }
        "priority" => return put(&mut task.priority, priority(value)),
        "parent" => return put(&mut task.parent, value.parse().ok()),
        "due" => return put(&mut task.due, instant(value)),
        REMIND => return put(&mut task.remind, instant(value)),
        REMINDED => return put(&mut task.reminded, instant(value)),
        "wait" => return put(&mut task.wait, instant(value)),
        "scheduled" => return put(&mut task.scheduled, instant(value)),
        "until" => return put(&mut task.until, instant(value)),
        "start" => return put(&mut task.start, instant(value)),
        "entry" => return put(&mut task.entry, instant(value)),
        "modified" => return put(&mut task.modified, instant(value)),
        "end" => return put(&mut task.end, instant(value)),
        _ => return take_one_of_many(task, name, value),
    }
    true
}

/// Sets have a property for each of what they hold.
fn take_one_of_many(task: &mut Task, name: &str, value: &str) -> bool {
    if let Some(tag) = name.strip_prefix(TAG) {
        task.tags.push(tag.to_owned());
        return true;
    }
    let note = name.strip_prefix(NOTE).and_then(instant).map(|time| Note { time, text: value.to_owned() });
    let depends = name.strip_prefix(DEPENDS).and_then(|uuid| uuid.parse::<Uuid>().ok());
    let is_known = note.is_some() || depends.is_some();
    task.notes.extend(note);
    task.depends.extend(depends);
    is_known
}

fn put<T>(field: &mut Option<T>, value: Option<T>) -> bool {
    *field = value;
    field.is_some()
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
