//! How much there is to do and how much was done.

use serde_json::{Map, Value};

use super::super::numbers;
use super::{sentence, string};

pub(super) fn spoken(output: &Map<String, Value>) -> String {
    let inner = output.get("statistics").and_then(Value::as_object).unwrap_or(output);
    let number = |name: &str| {
        let value = inner.get(name).or_else(|| output.get(name))?.as_u64()?;
        usize::try_from(value).ok()
    };
    let period = match string(inner, "period").or_else(|| string(output, "period")).as_deref() {
        Some("day") => " today",
        Some("week") => " this week",
        _ => "",
    };
    let counted =
        |count: usize| format!("{} {}", numbers::spoken(count), if count == 1 { "task" } else { "tasks" });
    let open = number("pending")
        .or_else(|| number("open"))
        .map(|count| format!("You have {} to do", counted(count)));
    let overdue = number("overdue")
        .filter(|count| *count > 0)
        .map(|count| format!("{} overdue", numbers::spoken(count)));
    let today = number("due_today")
        .filter(|count| *count > 0)
        .map(|count| format!("{} due today", numbers::spoken(count)));
    let parts: Vec<_> = overdue.into_iter().chain(today).collect();
    let open = open.map(|open| {
        if parts.is_empty() { format!("{open}.") } else { format!("{open}, {}.", parts.join(" and ")) }
    });
    let done = number("completed").map(|count| format!("You completed {}{period}.", counted(count)));
    let sentences: Vec<_> =
        if period.is_empty() { [open, done] } else { [done, open] }.into_iter().flatten().collect();
    if sentences.is_empty() {
        return string(output, "message").map_or_else(|| "Done.".to_owned(), |message| sentence(&message));
    }
    sentences.join(" ")
}
