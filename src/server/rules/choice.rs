//! Which of several tasks the person means, once they were told of them.

use jiff::civil::Date;
use serde_json::Value;

use super::dialogue::Step;
use super::history::{self, Exchange};
use super::intent::Meaning;
use super::numbers;
use super::reference;
use super::report;
use super::talk::{self, Topic};
use super::time;
use super::words::{self, Word};

/// The earlier call again, with the candidate that was chosen.
pub(super) fn chosen(words: &[Word], meaning: &Meaning, asked: &Exchange) -> Option<Vec<Step>> {
    let value = asked.value();
    let candidates = value.get("candidates").and_then(Value::as_array).filter(|all| !all.is_empty())?;
    let again = |task: &Value| Some(Step::Call(asked.call.clone().with("task", history::identity(task)?)));
    let said = match meaning {
        Meaning::Talk(Topic::Yes) if candidates.len() == 1 => return Some(vec![again(&candidates[0])?]),
        Meaning::Talk(Topic::NeverMind) => return Some(vec![Step::Say(Topic::NeverMind.text().to_owned())]),
        Meaning::Talk(Topic::Unknown) | Meaning::Offer(_) => words.to_vec(),
        Meaning::Call(call) if call.tool == asked.call.tool => words::split(call.task()?),
        Meaning::Call(_)
        | Meaning::Calls(_)
        | Meaning::Them(_)
        | Meaning::PushBack { .. }
        | Meaning::Ask(_)
        | Meaning::Talk(_) => return None,
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
    if let Some(day) = day(said) {
        return candidates.iter().filter(|task| is_due(task, day)).collect();
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

/// `friday` in `the one for friday`.
fn day(said: &[Word]) -> Option<&str> {
    let is_small = |word: &&Word| {
        matches!(
            word.key.as_str(),
            "the" | "one" | "task" | "for" | "on" | "due" | "that" | "is" | "its" | "from"
        )
    };
    let telling: Vec<_> = said.iter().filter(|word| !is_small(word)).collect();
    let [day] = telling.as_slice() else { return None };
    let key = day.key.trim_end_matches('s');
    (matches!(key, "today" | "tomorrow" | "overdue") || key.ends_with("day") && time::is_weekday_name(key))
        .then_some(key)
}

fn is_due(task: &Value, day: &str) -> bool {
    let text = |name: &str| task.get(name).and_then(Value::as_str);
    let weekday = text("due").and_then(|due| due.get(..10)?.parse::<Date>().ok()).map(Date::weekday);
    let is_that_weekday = weekday.is_some_and(|weekday| format!("{weekday:?}").to_lowercase() == day);
    is_that_weekday || text("due_words").is_some_and(|words| words.split(' ').next() == Some(day))
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
