//! Lists of tasks, as many as can be remembered.

use serde_json::{Map, Value};

use super::super::calls::Call;
use super::super::numbers;
use super::{MAX_TITLE, MOST_READ, clean, joined, moment, moment_of, title};

pub(super) fn spoken(output: &Map<String, Value>, call: &Call) -> String {
    let tasks: Vec<_> = output.get("tasks").and_then(Value::as_array).into_iter().flatten().collect();
    let told = output.get("count").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    let count = told.unwrap_or(tasks.len()).max(tasks.len());
    let kind = Kind::of(call);
    // One more is as quick to read as to announce.
    let most = if count == MOST_READ + 1 { count } else { MOST_READ };
    let read: Vec<_> = tasks.iter().take(most).map(|task| kind.entry(task)).collect();
    match (count, read.len()) {
        (0, _) => format!("You have no {}tasks{}.", kind.before, kind.after),
        (_, 0) => format!("You have {}.", kind.counted(count)),
        (count, shown) if shown < count => {
            let more = numbers::spoken(count - shown);
            format!("You have {}: {}, and {more} more.", kind.counted(count), read.join(", "))
        }
        _ => format!("You have {}: {}.", kind.counted(count), joined(&read, "and")),
    }
}

/// What the list was narrowed to, so that `no tasks` is not heard as more than it says.
struct Kind {
    before: &'static str,
    after: String,
    /// The day is said for all of them, and not again for each.
    is_day: bool,
    tells_due: bool,
}

impl Kind {
    fn of(call: &Call) -> Self {
        let is_completed = call.text("status") == Some("completed");
        let (due, is_day) = match call.text("due") {
            Some("overdue") => (" overdue".to_owned(), false),
            Some("week") => (" due within a week".to_owned(), false),
            Some("none") => (" without a due date".to_owned(), false),
            Some(day) => (format!(" due {}", moment::named_day(&clean(day, MAX_TITLE))), true),
            None => (String::new(), false),
        };
        let named = |name: &str, link: &str| {
            call.text(name).map(|value| format!(" {link} {}", clean(value, MAX_TITLE))).unwrap_or_default()
        };
        let after = [due, named("text", "about"), named("project", "in project"), named("tag", "tagged")];
        let before = if is_completed { "completed " } else { "" };
        Self { before, after: after.concat(), is_day, tells_due: !is_completed }
    }

    fn counted(&self, count: usize) -> String {
        let noun = if count == 1 { "task" } else { "tasks" };
        format!("{} {}{noun}{}", numbers::spoken(count), self.before, self.after)
    }

    fn entry(&self, task: &Value) -> String {
        let name = title(Some(task));
        let due = moment_of(Some(task), "due_words").filter(|_| self.tells_due);
        match due.as_deref() {
            Some(due) if self.is_day => {
                format!("{name}{}", due.find(" at ").map_or("", |clock| &due[clock..]))
            }
            Some(due) => format!("{name} {due}"),
            None => name,
        }
    }
}
