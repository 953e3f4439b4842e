//! `no, friday`, `not the dentist, the plumber`, `make that two bottles`: what was just done is put right.

use super::super::engine::PromptItem;
use super::calls::{self, Call};
use super::details;
use super::dialogue::{self, Step};
use super::history::{self, Exchange};
use super::intent::Meaning;
use super::numbers;
use super::past;
use super::pattern;
use super::reference;
use super::talk::{self, Topic};
use super::time;
use super::words::{self, Word};

/// What stands before the new words: `no, make it …`.
const LEADS: &[&str] = &[
    "make|change|set it|that to|for? {new}",
    "its|it_is|it_should_be|it_has_to_be|that_should_be|should_be|rather {new}",
    "i_mean|i_meant|i_said|i_wanted {new}",
];
/// What was said wrongly, or was heard so, and what is meant in its place.
const INSTEAD: &[&str] = &[
    "not {old} but|i_meant|i_mean|i_said|rather {new}",
    "not the|my|task|number {old} the|my|task|number {new}",
    "not {comma} {new}",
    "{new} not {old}",
    "{new} instead of {old}",
];
/// Things by which something is counted.
const MEASURES: &[&str] = &[
    "bag", "bags", "bottle", "bottles", "box", "boxes", "bunch", "bunches", "can", "cans", "carton",
    "cartons", "cup", "cups", "dozen", "gallon", "gallons", "gram", "grams", "jar", "jars", "kilo", "kilos",
    "liter", "liters", "litre", "litres", "loaf", "loaves", "pack", "packs", "packet", "packets", "pair",
    "pairs", "piece", "pieces", "pint", "pints", "pound", "pounds", "roll", "rolls",
];

/// The calls that put right what was done last. None when the words are no correction.
pub(super) fn corrected(
    words: &[Word],
    meaning: &Meaning,
    recent: &[Exchange],
    earlier: &[PromptItem],
) -> Option<Vec<Step>> {
    let last = recent.last().filter(|exchange| exchange.is_change())?;
    let (said, is_replacing) = new_words(words).filter(|(said, _)| !asks_something(said))?;
    if !is_no_command(said, meaning) && !sets_time(meaning) {
        return None;
    }
    let one = |call: Call| Some(vec![Step::Call(call)]);
    if time::is_time(said) {
        return one(retimed(last, said, earlier)?);
    }
    if time::is_hour(said) && old_time(last).is_some() {
        return one(retimed(last, &words::split(&format!("at {}", words::join(said))), earlier)?);
    }
    let is_new_task = matches!(last.call.tool.as_str(), calls::CREATE | calls::REMIND);
    let has_new_title = is_new_task || last.call.arguments.contains_key("title");
    if has_new_title && let Some(title) = recounted(last, said) {
        return one(Call::on(calls::UPDATE, history::last_task(earlier)?).with("title", title));
    }
    if !is_replacing && !is_no_command(said, meaning) {
        return None;
    }
    if let Some(priority) = details::priority(said) {
        return one(Call::on(calls::UPDATE, history::last_task(earlier)?).with("priority", priority));
    }
    if !has_new_title {
        return other_task(last, said, is_replacing);
    }
    let (title, details) = details::split(said);
    let call = Call::on(calls::UPDATE, history::last_task(earlier)?);
    let call = call.with("title", words::join_action(title));
    one(details.when.into_iter().fold(call, |call, due| call.with("due", due)))
}

/// The words in place of those before; the second tells whether both stand there.
fn new_words(words: &[Word]) -> Option<(&[Word], bool)> {
    let rest = talk::corrected(words);
    let said = rest.unwrap_or(words);
    let instead = INSTEAD.iter().filter(|_| !is_statement(said)).find_map(|pattern| {
        let gaps = pattern::fit(pattern, said)?;
        // The article belongs to the name.
        let new = gaps.words("new");
        let from = said.len() - new.len();
        let is_last = said[from..] == *new;
        let article =
            is_last && from > 0 && matches!(said[from - 1].key.as_str(), "the" | "my" | "task" | "number");
        Some(if article { &said[from - 1..] } else { new })
    });
    if let Some(new) = instead {
        return Some((new, true));
    }
    let led = LEADS.iter().find_map(|pattern| pattern::fit(pattern, said)).map(|gaps| gaps.words("new"));
    led.or(rest).map(|new| (new, false))
}

/// `I do not like mondays` replaces nothing.
fn is_statement(words: &[Word]) -> bool {
    let starts = words
        .first()
        .is_some_and(|word| matches!(word.key.as_str(), "i" | "you" | "we" | "they" | "he" | "she"));
    let helps = |pair: &[Word]| {
        let is_helper = matches!(
            pair[0].key.as_str(),
            "do" | "did"
                | "does"
                | "is"
                | "are"
                | "am"
                | "can"
                | "could"
                | "will"
                | "would"
                | "should"
                | "have"
                | "has"
                | "was"
                | "were"
                | "may"
                | "might"
                | "must"
        );
        pair[1].key == "not" && is_helper
    };
    starts || words.len() > 12 || words.windows(2).any(helps)
}

/// `make it friday` is a command as well, but here it is known whether it was a reminder.
fn sets_time(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Call(call) if call.tool == calls::UPDATE && call.text("due").is_some())
}

fn asks_something(words: &[Word]) -> bool {
    let first = words.first().map_or("", |word| word.key.as_str());
    matches!(
        first,
        "what" | "whats" | "who" | "why" | "how" | "when" | "where" | "which" | "is" | "are" | "do" | "does"
    )
}

/// `finish the report` after `no` may be a title, but `delete it` is a command.
fn is_no_command(said: &[Word], meaning: &Meaning) -> bool {
    let has_noun = said.iter().any(|word| matches!(word.key.as_str(), "task" | "tasks" | "reminder"));
    match meaning {
        Meaning::Talk(topic) => *topic == Topic::Unknown,
        Meaning::Offer(_) => true,
        Meaning::Call(call) => {
            let may_be_title = [calls::COMPLETE, calls::DELETE, calls::START, calls::STOP];
            may_be_title.contains(&call.tool.as_str()) && call.task() != Some("it") && !has_noun
        }
        Meaning::Calls(_) | Meaning::Them(_) | Meaning::PushBack { .. } | Meaning::Ask(_) => false,
    }
}

/// What was done is taken back, and done to the task that was meant.
fn other_task(last: &Exchange, said: &[Word], is_replacing: bool) -> Option<Vec<Step>> {
    last.call.task()?;
    if !is_replacing && !dialogue::looks_like_name(said) {
        return None;
    }
    let task = reference::clean(said).filter(|task| task != "it")?;
    Some(vec![Step::Call(Call::plain(calls::UNDO)), Step::Call(last.call.clone().with("task", task))])
}

/// A time alone: for the call whose time was not understood, or for the task last spoken of.
pub(super) fn new_time(
    words: &[Word],
    unclear: Option<&Exchange>,
    recent: &[Exchange],
    earlier: &[PromptItem],
) -> Option<Call> {
    if let Some(asked) = unclear {
        let name = time_of(&asked.call).map_or_else(|| time_name(&asked.call), |(name, _)| name);
        return Some(asked.call.clone().with(name, time::bare(words)));
    }
    match recent.last().filter(|exchange| exchange.is_change()) {
        Some(last) => retimed(last, words, earlier),
        None => Some(Call::on(calls::UPDATE, history::last_task(earlier)?).with("due", time::bare(words))),
    }
}

/// The task that was changed last at another time; what the new words leave open stays.
fn retimed(last: &Exchange, new: &[Word], earlier: &[PromptItem]) -> Option<Call> {
    let time = old_time(last).map_or_else(|| time::bare(new), |old| time::merged(old, new));
    if last.call.tool == calls::SNOOZE {
        return Some(last.call.clone().with("until", time));
    }
    let task = history::last_task(earlier)?;
    // It was made with that time as the one when it is due.
    if last.call.tool == calls::REMIND {
        return Some(Call::on(calls::UPDATE, task).with("due", time.as_str()).with("remind", time));
    }
    let is_reminder = last.call.tool == calls::SET_REMINDER || last.call.arguments.contains_key("remind");
    Some(if is_reminder {
        Call::on(calls::SET_REMINDER, task).with("at", time)
    } else {
        Call::on(calls::UPDATE, task).with("due", time)
    })
}

fn old_time(last: &Exchange) -> Option<&str> {
    time_of(&last.call).map(|(_, time)| time)
}

fn time_of(call: &Call) -> Option<(&'static str, &str)> {
    ["at", "until", "remind", "due"].into_iter().find_map(|name| Some((name, call.text(name)?)))
}

fn time_name(call: &Call) -> &'static str {
    match call.tool.as_str() {
        calls::REMIND | calls::SET_REMINDER => "at",
        calls::SNOOZE => "until",
        _ => "due",
    }
}

/// The title with another amount in it: `two bottles` for `buy a bottle of milk`, and for `buy milk`.
fn recounted(last: &Exchange, said: &[Word]) -> Option<String> {
    let value = last.value();
    let title = words::split(value.get("task")?.get("title")?.as_str()?);
    let (_, used) = numbers::cardinal(&words::keys(said))?;
    let new = words::join(said);
    let of = |from: usize, to: usize| {
        let parts = [words::join(&title[..from]), new.clone(), words::join(&title[to..])];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let is_amount = |at: usize| {
        let key = title[at].key.as_str();
        matches!(key, "a" | "an" | "some") || numbers::cardinal(&[key]).is_some()
    };
    match &said[used..] {
        [] => (0..title.len()).find(|at| is_amount(*at)).map(|at| of(at, at + 1)),
        [thing] => {
            let at = title.iter().position(|word| is_same_thing(&word.key, &thing.key));
            match at {
                Some(at) => Some(of(at - usize::from(at > 0 && is_amount(at - 1)), at + 1)),
                None if MEASURES.contains(&thing.key.as_str()) && past::starts_with_verb(&title) => {
                    let rest = words::join(&title[1..]);
                    (!rest.is_empty()).then(|| format!("{} {new} of {rest}", title[0].raw))
                }
                None => None,
            }
        }
        _ => None,
    }
}

/// `bottle` and `bottles`.
fn is_same_thing(a: &str, b: &str) -> bool {
    let stem = |key: &str| key.strip_suffix("es").or_else(|| key.strip_suffix('s')).unwrap_or(key).to_owned();
    a == b || a.trim_end_matches('s') == b.trim_end_matches('s') || stem(a) == stem(b)
}
