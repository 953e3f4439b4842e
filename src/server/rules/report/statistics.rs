//! How much there is to do and how much was done.

use serde_json::{Map, Value};

use super::super::calls::Call;
use super::super::numbers;
use super::{sentence, string};

/// What was asked for comes first: how much there is to do, or how much was done in a period.
pub(super) fn spoken(output: &Map<String, Value>, call: &Call) -> String {
    let inner = output.get("statistics").and_then(Value::as_object).unwrap_or(output);
    let number = |name: &str| usize::try_from(inner.get(name)?.as_u64()?).ok();
    let is_of_period = call.text("period").is_some();
    let period = if call.text("period") == Some("day") { "today" } else { "in the last seven days" };
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
    let done = number("completed").map(|count| format!("You completed {} {period}.", counted(count)));
    let sentences: Vec<_> =
        if is_of_period { [done, open] } else { [open, done] }.into_iter().flatten().collect();
    if sentences.is_empty() {
        return string(output, "message").map_or_else(|| "Done.".to_owned(), |message| sentence(&message));
    }
    sentences.join(" ")
}
