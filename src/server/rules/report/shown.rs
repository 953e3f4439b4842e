//! All there is to say about one task.

use serde_json::Value;

use super::{MAX_MESSAGE, clean, joined, moment_of, text, title};

pub(super) fn spoken(task: Option<&Value>) -> String {
    let name = title(task);
    let due = moment_of(task, "due_words").map(|due| format!("is due {due}"));
    let priority = text(task, "priority").map(|priority| format!("has {priority} priority"));
    let project = text(task, "project").map(|project| format!("is in project {project}"));
    let strings = |name: &str| {
        let all = task.and_then(|task| task.get(name)?.as_array()).into_iter().flatten();
        all.filter_map(Value::as_str).map(|text| clean(text, MAX_MESSAGE)).collect::<Vec<_>>()
    };
    let tags = Some(strings("tags")).filter(|tags| !tags.is_empty());
    let tags = tags.map(|tags| format!("is tagged {}", joined(&tags, "and")));
    let remind = moment_of(task, "remind_words").map(|at| format!("reminds you {at}"));
    let repeat = text(task, "repeat_words")
        .or_else(|| text(task, "repeat"))
        .map(|every| format!("comes again {every}"));
    let status =
        text(task, "status").filter(|status| status != "pending").map(|status| format!("is {status}"));
    let started = task
        .and_then(|task| task.get("started"))
        .is_some_and(|it| !it.is_null() && *it != Value::Bool(false));
    let started = started.then(|| "is being worked on".to_owned());
    let facts: Vec<_> =
        [status, started, due, remind, repeat, priority, project, tags].into_iter().flatten().collect();
    let facts = match facts.as_slice() {
        [] => format!("{name} has no date and nothing else."),
        facts => format!("{name} {}.", joined(facts, "and")),
    };
    match strings("notes").as_slice() {
        [] => facts,
        notes => format!("{facts} Notes: {}.", notes.join("; ")),
    }
}
