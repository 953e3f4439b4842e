//! What is only looked at: lists, one task in full, statistics.

use std::cmp::Reverse;

use jiff::{Timestamp, Zoned};
use serde_json::json;

use super::Answer;
use super::arguments::{ListArgs, Sort};
use super::error::TasksError;
use super::find::{self, Among};
use crate::tasks::checked::{self, MAX_TITLE};
use crate::tasks::filter::{Due, Filter, Scope};
use crate::tasks::matching::Care;
use crate::tasks::schedule::Untimely;
use crate::tasks::statistics::{Period, sentence, statistics};
use crate::tasks::{Status, Task, TaskStore, recur, urgency, when};

/// `pending`: as the store has them.
pub(super) fn list(
    store: &TaskStore,
    pending: Vec<Task>,
    wanted: &ListArgs,
    now: &Zoned,
) -> Result<Answer, TasksError> {
    let due = wanted.due.as_deref().map(|due| Due::parse(due, now)).transpose();
    let filter = Filter {
        scope: wanted.scope(),
        text: wanted.text.clone(),
        project: wanted.project.clone(),
        tag: wanted.tag.clone(),
        due: due.map_err(Untimely::Unclear)?,
    };
    let is_pending = matches!(filter.scope, Scope::Pending | Scope::Waiting);
    let mut tasks = if is_pending { pending } else { store.all()? };
    tasks.retain(|task| filter.shows(task, now));
    sort(&mut tasks, wanted.sort, now);
    let count = tasks.len();
    tasks.truncate(wanted.limit.unwrap_or(usize::MAX));
    let more = count - tasks.len();
    Ok(Answer::Tasks { tasks, more })
}

pub(super) fn search(store: &TaskStore, words: &[String], now: &Zoned) -> Result<Answer, TasksError> {
    let text = checked::line("words", &words.join(" "), MAX_TITLE)?;
    let filter = Filter { scope: Scope::Kept, text: Some(text.clone()), ..Filter::default() };
    let mut tasks = store.all()?;
    tasks.retain(|task| filter.shows(task, now));
    if tasks.is_empty() {
        return Err(TasksError::NotFound(text));
    }
    sort(&mut tasks, Sort::Urgency, now);
    Ok(Answer::Tasks { tasks, more: 0 })
}

/// What is to be done comes before what is over, the latest of that first.
fn sort(tasks: &mut [Task], order: Sort, now: &Zoned) {
    urgency::sort(tasks, now);
    match order {
        Sort::Urgency => {}
        Sort::Number => tasks.sort_by_key(|task| task.number.unwrap_or(usize::MAX)),
        Sort::Due => tasks.sort_by_key(|task| task.due.unwrap_or(Timestamp::MAX)),
        Sort::Priority => tasks.sort_by_key(|task| Reverse(task.priority)),
        Sort::Project => tasks.sort_by_cached_key(|task| (task.project.is_none(), task.project.clone())),
        Sort::Title => tasks.sort_by_cached_key(|task| task.title.to_lowercase()),
        Sort::Created => tasks.sort_by_key(|task| Reverse(task.entry)),
    }
    tasks.sort_by_key(|task| (task.status != Status::Pending).then_some(Reverse(task.end)));
}

pub(super) fn show(store: &TaskStore, words: &[String], now: &Zoned) -> Result<Answer, TasksError> {
    let tasks = find::tasks(store, words, Among::Any, Care::Usual)?;
    let mut text = Vec::new();
    for task in &tasks {
        if !text.is_empty() {
            text.push(String::new());
        }
        text.extend(in_full(store, task, now)?);
    }
    let json = if let [task] = tasks.as_slice() { json!(task) } else { json!(tasks) };
    Ok(Answer::Words { text, json, is_clean: false })
}

fn in_full(store: &TaskStore, task: &Task, now: &Zoned) -> Result<Vec<String>, TasksError> {
    let time = |time: Option<Timestamp>| time.map(|time| when::describe(time, now));
    let mut depends = Vec::new();
    for uuid in &task.depends {
        let title = store.get(*uuid)?.map(|task| format!("{}: {}", task.handle(), task.title));
        depends.push(title.unwrap_or_else(|| uuid.to_string()));
    }
    let tags: Vec<_> = task.tags.iter().map(|tag| format!("+{tag}")).collect();
    let fields = [
        ("status", Some(task.status.as_str().to_owned())),
        ("due", time(task.due)),
        ("reminder", time(task.remind)),
        ("repeats", task.recur.as_deref().map(recur::words)),
        ("hidden until", time(task.wait)),
        ("scheduled", time(task.scheduled)),
        ("until", time(task.until)),
        ("started", time(task.start)),
        ("worked", worked(task, now)),
        ("priority", task.priority.map(|priority| priority.as_str().to_owned())),
        ("project", task.project.clone()),
        ("tags", Some(tags.join(" ")).filter(|tags| !tags.is_empty())),
        ("depends on", Some(depends.join(", ")).filter(|titles| !titles.is_empty())),
        ("created", time(task.entry)),
        ("changed", time(task.modified)),
        ("ended", time(task.end)),
        ("uuid", Some(task.uuid.to_string())),
    ];
    let mut lines = vec![format!("{}: {}", task.handle(), task.title)];
    let known = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
    lines.extend(known.map(|(name, value)| format!("  {name:<13}{value}")));
    lines.extend(task.others.iter().map(|(name, value)| format!("  {name:<12} {value}")));
    for note in &task.notes {
        lines.push(format!("  note {}", when::describe(note.time, now)));
        lines.extend(note.text.lines().map(|line| format!("    {line}")));
    }
    Ok(lines)
}

fn worked(task: &Task, now: &Zoned) -> Option<String> {
    let under_way = task.start.filter(|_| task.is_active());
    let under_way = under_way.map_or(0, |start| now.timestamp().as_second() - start.as_second());
    let seconds: u64 = task.tracked.iter().map(|stint| stint.seconds).sum();
    match seconds.saturating_add_signed(under_way) / 60 {
        0 => None,
        minutes @ 1..60 => Some(format!("{minutes} min")),
        minutes => Some(format!("{} h {} min", minutes / 60, minutes % 60)),
    }
}

pub(super) fn stats(store: &TaskStore, period: Period, now: &Zoned) -> Result<Answer, TasksError> {
    let statistics = statistics(&store.all()?, period, now);
    let words = sentence(&statistics, period);
    let mut text = vec![words.clone()];
    let mut json = json!({
        "from": statistics.from.to_string(),
        "to": statistics.to.to_string(),
        "completed": statistics.completed,
        "created": statistics.created,
        "worked_seconds": statistics.tracked_seconds,
        "pending": statistics.pending,
        "overdue": statistics.overdue,
        "due_today": statistics.due_today,
        "words": words,
    });
    if period == Period::Week {
        let day = |day: &crate::tasks::statistics::Day| {
            let name = day.date.strftime("%a %e %b");
            format!("  {name}  {:>3} completed  {:>3} created", day.completed, day.created)
        };
        text.extend(statistics.days.iter().map(day));
        let day = |day: &crate::tasks::statistics::Day| json!({"date": day.date.to_string(), "completed": day.completed, "created": day.created});
        json["days"] = statistics.days.iter().map(day).collect();
    }
    Ok(Answer::Words { text, json, is_clean: false })
}
