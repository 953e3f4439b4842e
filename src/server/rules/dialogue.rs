//! What the conversation so far adds to the person's words: answers to questions, `it`, corrections.

use serde_json::{Map, Value};

use super::super::engine::PromptItem;
use super::intent::{self, Call, Meaning, Question};
use super::numbers;
use super::reference;
use super::report;
use super::talk::{self, Topic};
use super::time;
use super::words::{self, Word};

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    Call(Call),
    Say(String),
}

/// A call and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Exchange {
    pub(super) call: Call,
    pub(super) output: String,
}

impl Exchange {
    fn value(&self) -> Value {
        serde_json::from_str(&self.output).unwrap_or(Value::Null)
    }

    fn failed_with(&self, error: &str) -> bool {
        self.value().get("error").and_then(Value::as_str) == Some(error)
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
    Some(Exchange { call: call.unwrap_or_else(|| Call::new("", Map::new())), output: output.clone() })
}

/// What the last words of the person ask for; `earlier` is the conversation before them.
pub(super) fn answer(text: &str, earlier: &[PromptItem]) -> Vec<Step> {
    let words = words::split(text);
    if let Some(step) = follow_up(&words, earlier) {
        return step;
    }
    intent::understand(text).into_iter().map(|meaning| step(meaning, earlier)).collect()
}

fn step(meaning: Meaning, earlier: &[PromptItem]) -> Step {
    match meaning {
        Meaning::Call(call) if call.task() == Some("it") => match last_task(earlier) {
            Some(task) => Step::Call(call.with("task", task)),
            None => Step::Say("Which task do you mean?".to_owned()),
        },
        Meaning::Call(call) => Step::Call(call),
        Meaning::Ask(question) => Step::Say(question.text().to_owned()),
        Meaning::Talk(topic) => Step::Say(topic.text().to_owned()),
    }
}

fn follow_up(words: &[Word], earlier: &[PromptItem]) -> Option<Vec<Step>> {
    let meaning = intent::one(words);
    let recent = recent(earlier);
    let pending = |error: &str| recent.iter().rev().find(|exchange| exchange.failed_with(error));
    if let Some(steps) = pending("ambiguous").and_then(|asked| choice(words, &meaning, asked)) {
        return Some(steps);
    }
    if let Some(question) = question(earlier)
        && is_answer(words, &meaning, question)
    {
        return question.answered(words).map(|meaning| vec![step(meaning, earlier)]);
    }
    if time::is_time(words) {
        return new_time(words, pending("unclear_time"), earlier).map(|call| vec![Step::Call(call)]);
    }
    if let Some(missed) = pending("not_found").filter(|_| meaning == Meaning::Talk(Topic::Unknown)) {
        let task = looks_like_name(words).then(|| reference::clean(words)).flatten();
        return task.map(|task| vec![Step::Call(missed.call.clone().with("task", task))]);
    }
    correction(words, &meaning, &recent, earlier).map(|call| vec![Step::Call(call)])
}

/// The outputs of the last turn that had some, unless the person went on to something else since.
fn recent(earlier: &[PromptItem]) -> Vec<Exchange> {
    let Some(last) = earlier.iter().rposition(|item| matches!(item, PromptItem::Output { .. })) else {
        return Vec::new();
    };
    let later = &earlier[last + 1..];
    let answers =
        later.iter().filter(|item| matches!(item, PromptItem::User(_) | PromptItem::UserUnintelligible));
    if answers.count() > 2 { Vec::new() } else { latest(&earlier[..=last]) }
}

fn question(earlier: &[PromptItem]) -> Option<Question> {
    let PromptItem::Assistant(text) = earlier.last()? else { return None };
    Question::at_end_of(text)
}

fn is_answer(words: &[Word], meaning: &Meaning, question: Question) -> bool {
    let asks_something = matches!(
        words.first().map(|word| word.key.as_str()),
        Some("what" | "whats" | "who" | "why" | "how" | "when" | "where" | "is" | "are" | "do" | "does")
    );
    let has_noun = words.iter().any(|word| matches!(word.key.as_str(), "task" | "tasks" | "reminder"));
    match meaning {
        Meaning::Talk(topic) => *topic == Topic::Unknown && !asks_something,
        // `finish the report` may be the title that was asked for.
        Meaning::Call(call) => {
            matches!(question, Question::Title | Question::Reminder)
                && matches!(call.tool.as_str(), intent::COMPLETE | intent::DELETE)
                && !has_noun
        }
        Meaning::Ask(_) => false,
    }
}

/// The earlier call again, with the candidate that was chosen.
fn choice(words: &[Word], meaning: &Meaning, asked: &Exchange) -> Option<Vec<Step>> {
    let value = asked.value();
    let candidates = value.get("candidates").and_then(Value::as_array).filter(|all| !all.is_empty())?;
    let again = |task: &Value| Some(Step::Call(asked.call.clone().with("task", identity(task)?)));
    let said = match meaning {
        Meaning::Talk(Topic::Yes) if candidates.len() == 1 => return Some(vec![again(&candidates[0])?]),
        Meaning::Talk(Topic::NeverMind) => return Some(vec![Step::Say(Topic::NeverMind.text().to_owned())]),
        Meaning::Talk(Topic::Unknown) => words.to_vec(),
        Meaning::Call(call) if call.tool == asked.call.tool => words::split(call.task()?),
        Meaning::Call(_) | Meaning::Ask(_) | Meaning::Talk(_) => return None,
    };
    if is_all(&said) {
        return Some(candidates.iter().filter_map(again).collect());
    }
    let chosen = pick(&said, candidates);
    match chosen.as_slice() {
        [one] => Some(vec![again(one)?]),
        [] => None,
        several => Some(vec![Step::Say(report::which(several))]),
    }
}

fn is_all(words: &[Word]) -> bool {
    let keys = words::keys(talk::without_frame(words));
    matches!(keys.as_slice(), ["both" | "all"] | ["both" | "all", "of", ..] | ["all", "two" | "three"])
}

/// The candidates that the words fit: by place, by number, or by all the words.
fn pick<'a>(said: &[Word], candidates: &'a [Value]) -> Vec<&'a Value> {
    let said = talk::without_frame(said);
    let keys: Vec<_> = words::keys(said).into_iter().filter(|key| *key != "the").collect();
    let at = |index: usize| candidates.get(index).into_iter().collect::<Vec<_>>();
    match keys.as_slice() {
        ["last" | "latter"] | ["last" | "latter", "one" | "task"] => return at(candidates.len() - 1),
        ["former"] => return at(0),
        [place, rest @ ..] if rest.is_empty() || matches!(rest, ["one" | "task" | "reminder"]) => {
            if let Some(number) = numbers::ordinal(place) {
                return (number as usize).checked_sub(1).map(at).unwrap_or_default();
            }
        }
        _ => {}
    }
    let Some(name) = reference::clean(said) else { return Vec::new() };
    if let Ok(number) = name.parse::<u64>() {
        let numbered =
            candidates.iter().filter(|task| task.get("number").and_then(Value::as_u64) == Some(number));
        let numbered: Vec<_> = numbered.collect();
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        return if numbered.is_empty() { index.map(at).unwrap_or_default() } else { numbered };
    }
    by_words(&name, candidates)
}

fn by_words<'a>(name: &str, candidates: &'a [Value]) -> Vec<&'a Value> {
    let said = words::split(name);
    let title = |task: &Value| words::split(task.get("title").and_then(Value::as_str).unwrap_or_default());
    let same: Vec<_> =
        candidates.iter().filter(|task| words::keys(&title(task)) == words::keys(&said)).collect();
    if same.len() == 1 {
        return same;
    }
    let small = |key: &str| {
        matches!(
            key,
            "the" | "a" | "an" | "one" | "task" | "to" | "with" | "about" | "i" | "mean" | "it" | "is"
        )
    };
    let content: Vec<_> = said.iter().map(|word| stem(&word.key)).filter(|key| !small(key)).collect();
    let has_all = |task: &&Value| {
        let title = title(task);
        content.iter().all(|stem_said| title.iter().any(|word| stem(&word.key) == *stem_said))
    };
    if content.is_empty() { Vec::new() } else { candidates.iter().filter(has_all).collect() }
}

/// `groceries` and `grocery`, `calling` and `call` are the same.
fn stem(key: &str) -> &str {
    let ends = ["ies", "ing", "es", "s", "y"];
    let cut = ends.iter().find_map(|end| key.strip_suffix(end)).filter(|stem| stem.len() >= 3);
    cut.unwrap_or(key)
}

/// What names a task without doubt: numbers may be given anew meanwhile.
fn identity(task: &Value) -> Option<String> {
    let text = |name: &str| task.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let number = || task.get("number")?.as_u64().map(|number| number.to_string());
    text("uuid").or_else(number).or_else(|| text("title"))
}

/// The task that was last spoken of, while it is there.
fn last_task(earlier: &[PromptItem]) -> Option<String> {
    let value = earlier.iter().rev().find_map(|item| {
        let PromptItem::Output { output, .. } = item else { return None };
        let value = serde_json::from_str::<Value>(output).ok()?;
        (value.get("task").is_some() || value.get("tasks").is_some()).then_some(value)
    })?;
    if value.get("action").and_then(Value::as_str) == Some("deleted") {
        return None;
    }
    let only = || value.get("tasks")?.as_array().filter(|tasks| tasks.len() == 1)?.first();
    value.get("task").or_else(only).and_then(identity)
}

/// A time alone: for the call whose time was not understood, or for the task last spoken of.
fn new_time(words: &[Word], unclear: Option<&Exchange>, earlier: &[PromptItem]) -> Option<Call> {
    let time = time::bare(words);
    match unclear {
        Some(asked) if asked.call.tool == intent::REMIND => Some(asked.call.clone().with("at", time)),
        Some(asked) => Some(asked.call.clone().with("due", time)),
        None => {
            Some(Call::new(intent::UPDATE, Map::new()).with("task", last_task(earlier)?).with("due", time))
        }
    }
}

fn looks_like_name(words: &[Word]) -> bool {
    let first = words.first().map(|word| word.key.as_str());
    let last = words.last().map(|word| word.key.as_str());
    words.len() <= 6
        && (matches!(first, Some("the" | "my" | "number" | "task"))
            || matches!(last, Some("one" | "task" | "reminder")))
}

/// `no, buy milk` after a task was added gives it that title.
fn correction(
    words: &[Word],
    meaning: &Meaning,
    recent: &[Exchange],
    earlier: &[PromptItem],
) -> Option<Call> {
    let title = talk::corrected(words)?;
    let has_noun = title.iter().any(|word| matches!(word.key.as_str(), "task" | "tasks" | "reminder"));
    let is_new = match meaning {
        Meaning::Talk(topic) => *topic == Topic::Unknown,
        Meaning::Call(call) => {
            matches!(call.tool.as_str(), intent::COMPLETE | intent::DELETE)
                && call.task() != Some("it")
                && !has_noun
        }
        Meaning::Ask(_) => false,
    };
    let action = recent.last()?.value().get("action")?.as_str()?.to_owned();
    if !is_new || !matches!(action.as_str(), "created" | "reminder_added" | "updated") {
        return None;
    }
    let task = last_task(earlier)?;
    Some(Call::new(intent::UPDATE, Map::new()).with("task", task).with("title", words::join_action(title)))
}
