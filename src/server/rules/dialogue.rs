//! What the conversation so far adds to the person's words: answers to questions, `it`, corrections.

use super::super::engine::PromptItem;
use super::calls::{self, Call, MAX_CALLS};
use super::choice;
use super::correction;
use super::doubt;
use super::history::{self, Exchange};
use super::intent::{self, Meaning};
use super::list;
use super::question::Question;
use super::reference;
use super::talk::{self, Topic};
use super::time;
use super::words::{self, Word};
use crate::text::Clean;

/// The end of the question whether something is a task to add.
const OFFERED: &str = "” to your list?";

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    Call(Call),
    Say(String),
}

impl Step {
    pub(super) fn say(topic: Topic) -> Self {
        Self::Say(topic.text().to_owned())
    }

    fn ask(question: Question) -> Self {
        Self::Say(question.text().to_owned())
    }
}

/// What the last words of the person ask for; `earlier` is the conversation before them.
pub(super) fn answer(text: &str, earlier: &[PromptItem]) -> Vec<Step> {
    intended(text, earlier, 0)
}

/// As [`answer`], for words that may not have been heard well.
pub(super) fn careful_answer(text: &str, earlier: &[PromptItem]) -> Vec<Step> {
    doubt::checked(intended(text, earlier, 0), earlier)
}

/// What the words mean when they were heard well. `depth` counts the questions that are open one within another.
pub(super) fn intended(text: &str, earlier: &[PromptItem], depth: usize) -> Vec<Step> {
    let words = words::split(text);
    let steps = doubt::resolved(&words, earlier, depth)
        .or_else(|| confirmed(&words, earlier))
        .or_else(|| follow_up(&words, earlier));
    let mut steps = steps.unwrap_or_else(|| {
        intent::understand(text).into_iter().flat_map(|it| steps_of(it, earlier)).collect()
    });
    steps.truncate(MAX_CALLS);
    steps
}

/// A yes or no that the program itself asked for, because of a call that still waits for it.
fn confirmed(words: &[Word], earlier: &[PromptItem]) -> Option<Vec<Step>> {
    let open = history::open_call(earlier)?;
    let is_bulk = [calls::DELETE_MANY, calls::COMPLETE_MANY].contains(&open);
    match intent::one(words) {
        Meaning::Talk(Topic::Yes) if is_bulk => Some(vec![Step::say(Topic::Confirmed)]),
        Meaning::Talk(Topic::NeverMind) if is_bulk => Some(vec![Step::say(Topic::NeverMind)]),
        _ => None,
    }
}

pub(super) fn steps_of(meaning: Meaning, earlier: &[PromptItem]) -> Vec<Step> {
    let step = match meaning {
        Meaning::Call(call) if call.task() == Some("it") => match history::last_task(earlier) {
            Some(task) => Step::Call(call.with("task", task)),
            None => Step::ask(Question::Which),
        },
        Meaning::Call(call) => Step::Call(call),
        Meaning::Calls(calls) => return calls.into_iter().map(Step::Call).collect(),
        Meaning::Them(tool) => return them(tool, earlier),
        // How long that is from when it is due is known once it was looked at.
        Meaning::PushBack { task, .. } => {
            return steps_of(Meaning::Call(Call::on(calls::SHOW, task)), earlier);
        }
        Meaning::Offer(call) => {
            let title = Clean::line(call.text("title").unwrap_or_default()).into_string();
            Step::Say(format!("Shall I add “{title}{OFFERED}"))
        }
        Meaning::Ask(question) => Step::ask(question),
        Meaning::Talk(Topic::Again) => Step::Say(said_last(earlier)),
        Meaning::Talk(topic) => Step::say(topic),
    };
    vec![step]
}

fn said_last(earlier: &[PromptItem]) -> String {
    let last = earlier.iter().rev().find_map(|item| match item {
        PromptItem::Assistant(text) => Some(Clean::line(text).into_string()),
        _ => None,
    });
    last.filter(|text| !text.is_empty()).unwrap_or_else(|| Topic::Again.text().to_owned())
}

fn them(tool: &str, earlier: &[PromptItem]) -> Vec<Step> {
    let mut tasks = history::last_tasks(earlier);
    tasks.truncate(MAX_CALLS);
    match tasks.as_slice() {
        [] => vec![Step::Say("Which tasks do you mean?".to_owned())],
        [task] => {
            let tool = if tool == calls::DELETE_MANY { calls::DELETE } else { calls::COMPLETE };
            vec![Step::Call(Call::on(tool, task.as_str()))]
        }
        _ => vec![Step::Call(Call::plain(tool).with("tasks", tasks))],
    }
}

/// What is left to do for the person's words, when calls were made for them and their outputs are there. Calls that
/// need what others find, or must not overtake them, wait until then.
pub(super) fn left_over(items: &[PromptItem], possible: impl Fn(Vec<Step>) -> Vec<Step>) -> Vec<Step> {
    let Some(at) = items.iter().rposition(|item| history::words_of(item).is_some()) else {
        return Vec::new();
    };
    let (earlier, now) = items.split_at(at);
    let text = history::words_of(&now[0]).unwrap_or_default();
    let done = history::latest(items);
    let is_doubtful = matches!(now[0], PromptItem::UserUncertain(_));
    if is_doubtful
        || now[1..].iter().any(|item| matches!(item, PromptItem::Assistant(_)))
        || !done.iter().all(Exchange::has_worked)
    {
        return Vec::new();
    }
    if let [looked] = done.as_slice()
        && looked.call.tool == calls::SHOW
        && let Meaning::PushBack { by, .. } = intent::one(&words::split(text))
    {
        return vec![later(looked, &by)];
    }
    let calls = possible(intended(text, earlier, 0)).into_iter().filter(|step| matches!(step, Step::Call(_)));
    let calls: Vec<_> = calls.collect();
    let is_same = calls.iter().zip(&done).all(|(step, exchange)| *step == Step::Call(exchange.call.clone()));
    if is_same { calls.into_iter().skip(done.len()).collect() } else { Vec::new() }
}

/// The task that was looked at is due `by` so much later.
fn later(looked: &Exchange, by: &str) -> Step {
    let value = looked.value();
    let task = value.get("task");
    let due = task.and_then(|task| task.get("due")?.as_str()).filter(|due| due.len() >= 10 && due.is_ascii());
    let Some(task) = task.and_then(history::identity) else { return Step::ask(Question::Change) };
    let Some(due) = due else {
        return Step::Say("It has no due date to move. Say when it should be due.".to_owned());
    };
    let is_exact = ["hour", "minute", "second", "min"].iter().any(|unit| by.contains(unit));
    if is_exact {
        return Step::Say("I can move it by days or weeks only. Say the new time.".to_owned());
    }
    let (day, clock) = due.split_at(10);
    let clock = clock.get(1..6).map(|clock| format!(" at {clock}")).unwrap_or_default();
    Step::Call(Call::on(calls::UPDATE, task).with("due", format!("{by} from {day}{clock}")))
}

fn follow_up(words: &[Word], earlier: &[PromptItem]) -> Option<Vec<Step>> {
    let meaning = intent::one(words);
    let recent = history::recent(earlier);
    let pending = |error: &str| recent.iter().rev().find(|exchange| exchange.failed_with(error));
    if let Some(steps) = pending("ambiguous").and_then(|asked| choice::chosen(words, &meaning, asked)) {
        return Some(steps);
    }
    if let Some(steps) = answered(words, &meaning, earlier) {
        return Some(steps);
    }
    if let Some(steps) = taken_back(&meaning, earlier).or_else(|| one_more(words, &meaning, earlier)) {
        return Some(steps);
    }
    if let Some(steps) = correction::corrected(words, &meaning, &recent, earlier) {
        return Some(steps);
    }
    if time::is_time(words) {
        let call = correction::new_time(words, pending("unclear_time"), &recent, earlier);
        return call.map(|call| vec![Step::Call(call)]);
    }
    let missed = pending("not_found").filter(|_| meaning == Meaning::Talk(Topic::Unknown))?;
    let said = talk::corrected(words).unwrap_or(words);
    let task = looks_like_name(said).then(|| reference::clean(said)).flatten()?;
    Some(vec![Step::Call(missed.call.clone().with("task", task))])
}

/// The answer to a question of ours.
fn answered(words: &[Word], meaning: &Meaning, earlier: &[PromptItem]) -> Option<Vec<Step>> {
    let (last, before) = earlier.split_last()?;
    let PromptItem::Assistant(text) = last else { return None };
    if text.trim_end().ends_with(OFFERED) && *meaning == Meaning::Talk(Topic::Yes) {
        let offered = before.iter().rev().find_map(history::words_of).unwrap_or_default();
        let Meaning::Offer(call) = intent::one(&words::split(offered)) else { return None };
        return Some(vec![Step::Call(call)]);
    }
    let question = Question::at_end_of(text)?;
    if question == Question::Undo {
        return match meaning {
            Meaning::Talk(Topic::Yes) => Some(vec![Step::Call(Call::plain(calls::UNDO))]),
            Meaning::Talk(Topic::NeverMind) => Some(vec![Step::say(Topic::NeverMind)]),
            _ => None,
        };
    }
    if !is_answer(words, meaning, question) {
        return None;
    }
    let asked = before.iter().rev().find_map(history::words_of).unwrap_or_default();
    question.answered(words, asked).map(|meaning| steps_of(meaning, earlier))
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
            let may_be_title = [calls::COMPLETE, calls::DELETE, calls::START, calls::STOP, calls::UPDATE];
            question.takes_any_words() && may_be_title.contains(&call.tool.as_str()) && !has_noun
        }
        Meaning::Offer(_) => question.takes_any_words(),
        Meaning::Calls(_) | Meaning::Them(_) | Meaning::PushBack { .. } | Meaning::Ask(_) => false,
    }
}

/// `never mind` right after a change may mean the change.
fn taken_back(meaning: &Meaning, earlier: &[PromptItem]) -> Option<Vec<Step>> {
    let is_asked =
        matches!(earlier.last(), Some(PromptItem::Assistant(text)) if text.trim_end().ends_with('?'));
    if is_asked || !history::just_now(earlier).iter().any(Exchange::is_change) {
        return None;
    }
    match meaning {
        Meaning::Talk(Topic::NeverMind | Topic::Wrong) => Some(vec![Step::ask(Question::Undo)]),
        Meaning::Talk(Topic::NotThat) => Some(vec![Step::Call(Call::plain(calls::UNDO))]),
        _ => None,
    }
}

/// `and bread` after something was added, `tomorrow?` after a list.
fn one_more(words: &[Word], meaning: &Meaning, earlier: &[PromptItem]) -> Option<Vec<Step>> {
    let (first, rest) = words.split_first()?;
    let last = history::just_now(earlier).pop().filter(Exchange::has_worked)?;
    if last.call.tool == calls::LIST && time::is_time(words) {
        return Some(vec![Step::Call(Call::new(calls::LIST, list::arguments(words, &[])))]);
    }
    let is_more =
        matches!(first.key.as_str(), "and" | "also" | "plus") && *meaning == Meaning::Talk(Topic::Unknown);
    if !is_more || rest.len() > 4 || time::is_time(rest) || last.call.tool != calls::CREATE {
        return None;
    }
    let call = intent::forced(calls::CREATE, talk::without_frame(rest))?;
    let project = last.call.text("project").map(str::to_owned);
    Some(vec![Step::Call(project.into_iter().fold(call, |call, project| call.with("project", project)))])
}

pub(super) fn looks_like_name(words: &[Word]) -> bool {
    let first = words.first().map(|word| word.key.as_str());
    let last = words.last().map(|word| word.key.as_str());
    words.len() <= 6
        && (matches!(first, Some("the" | "my" | "number" | "task"))
            || matches!(last, Some("one" | "task" | "reminder")))
}
