//! What the conversation so far tells: calls and what came of them, and which task was last spoken of.

use serde_json::{Map, Value};

use super::super::engine::PromptItem;
use super::calls::{self, Call};

/// A call and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Exchange {
    pub(super) call: Call,
    pub(super) output: String,
}

impl Exchange {
    pub(super) fn value(&self) -> Value {
        serde_json::from_str(&self.output).unwrap_or(Value::Null)
    }

    pub(super) fn failed_with(&self, error: &str) -> bool {
        self.value().get("error").and_then(Value::as_str) == Some(error)
    }

    pub(super) fn has_worked(&self) -> bool {
        self.value().get("ok").and_then(Value::as_bool) == Some(true)
    }

    /// Whether it worked and there is something to take back.
    pub(super) fn is_change(&self) -> bool {
        let looks = [calls::LIST, calls::SHOW, calls::STATISTICS, calls::UNDO];
        self.has_worked() && !looks.contains(&self.call.tool.as_str())
    }
}

/// Words of the person, however they came.
pub(super) fn words_of(item: &PromptItem) -> Option<&str> {
    match item {
        PromptItem::User(text) | PromptItem::UserUncertain(text) => Some(text),
        PromptItem::UserUnintelligible => Some(""),
        PromptItem::System(_)
        | PromptItem::Assistant(_)
        | PromptItem::Call { .. }
        | PromptItem::Output { .. } => None,
    }
}

/// The outputs at the end of `items`, in order, back to the last words of somebody.
pub(super) fn latest(items: &[PromptItem]) -> Vec<Exchange> {
    let is_part = |item: &&PromptItem| {
        matches!(item, PromptItem::Call { .. } | PromptItem::Output { .. } | PromptItem::System(_))
    };
    let count = items.iter().rev().take_while(is_part).count();
    let (_, end) = items.split_at(items.len() - count);
    end.iter().filter_map(|item| exchange(item, items)).collect()
}

fn exchange(item: &PromptItem, items: &[PromptItem]) -> Option<Exchange> {
    let PromptItem::Output { call_id, output } = item else { return None };
    let call = items.iter().rev().find_map(|item| {
        let PromptItem::Call { call_id: id, name, arguments } = item else { return None };
        let arguments: Map<_, _> = serde_json::from_str(arguments).unwrap_or_default();
        (id == call_id).then(|| Call::new(name, arguments))
    });
    Some(Exchange { call: call.unwrap_or_else(|| Call::plain("")), output: output.clone() })
}

/// The outputs of the last turn that had some, unless the person went on to something else since.
pub(super) fn recent(earlier: &[PromptItem]) -> Vec<Exchange> {
    let Some(last) = earlier.iter().rposition(|item| matches!(item, PromptItem::Output { .. })) else {
        return Vec::new();
    };
    let later = &earlier[last + 1..];
    if later.iter().filter(|item| words_of(item).is_some()).count() > 2 {
        return Vec::new();
    }
    latest(&earlier[..=last])
}

/// The outputs since the person last said something.
pub(super) fn just_now(earlier: &[PromptItem]) -> Vec<Exchange> {
    let since = earlier.iter().rposition(|item| words_of(item).is_some()).map_or(0, |at| at + 1);
    earlier[since..].iter().filter_map(|item| exchange(item, earlier)).collect()
}

/// The function of the latest call, when its output is not there yet.
pub(super) fn open_call(earlier: &[PromptItem]) -> Option<&str> {
    let (at, id, name) = earlier.iter().enumerate().rev().find_map(|(at, item)| match item {
        PromptItem::Call { call_id, name, .. } => Some((at, call_id, name)),
        _ => None,
    })?;
    let is_its = |item: &PromptItem| matches!(item, PromptItem::Output { call_id, .. } if call_id == id);
    (!earlier[at..].iter().any(is_its)).then_some(name.as_str())
}

/// What names a task without doubt: numbers may be given anew meanwhile.
pub(super) fn identity(task: &Value) -> Option<String> {
    let text = |name: &str| task.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let number = || task.get("number")?.as_u64().map(|number| number.to_string());
    text("uuid").or_else(number).or_else(|| text("title"))
}

/// The task that was last spoken of, while it is there.
pub(super) fn last_task(earlier: &[PromptItem]) -> Option<String> {
    let value = values(earlier).find(|value| value.get("task").is_some() || value.get("tasks").is_some())?;
    if value.get("action").and_then(Value::as_str) == Some("deleted") {
        return None;
    }
    let only = || value.get("tasks")?.as_array().filter(|tasks| tasks.len() == 1)?.first();
    value.get("task").or_else(only).and_then(identity)
}

/// All tasks that were spoken of in the last turn that had some.
pub(super) fn last_tasks(earlier: &[PromptItem]) -> Vec<String> {
    let several = |exchange: &Exchange| {
        let value = exchange.value();
        let tasks = value.get("tasks").and_then(Value::as_array).cloned().unwrap_or_default();
        let one = value.get("task").cloned();
        tasks.into_iter().chain(one).filter_map(|task| identity(&task)).collect::<Vec<_>>()
    };
    recent(earlier).iter().flat_map(several).collect()
}

/// The title of the task that is called `identity` in an output, latest first.
pub(super) fn title_of(name: &str, earlier: &[PromptItem]) -> Option<String> {
    values(earlier).find_map(|value| {
        let lists = ["tasks", "candidates"].into_iter().filter_map(|name| value.get(name)?.as_array());
        let mut tasks = lists.flatten().chain(value.get("task"));
        let task = tasks.find(|task| identity(task).as_deref() == Some(name))?;
        Some(task.get("title")?.as_str()?.to_owned())
    })
}

fn values(earlier: &[PromptItem]) -> impl Iterator<Item = Value> {
    earlier.iter().rev().filter_map(|item| {
        let PromptItem::Output { output, .. } = item else { return None };
        serde_json::from_str(output).ok()
    })
}
