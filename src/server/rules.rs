//! The offline dialogue: rules over the person's words in place of a language model.
//!
//! Owns what is understood and said without a network. Pure: no clock, no I/O, and no knowledge of tasks but through
//! the functions that a prompt offers. What a title or a time means is decided by the function that is called.

mod calls;
mod choice;
mod correction;
mod details;
mod dialogue;
mod doubt;
mod fill;
mod grammar;
mod history;
mod intent;
mod items;
mod list;
mod numbers;
mod past;
mod pattern;
mod question;
mod reference;
mod reminder;
mod repeat;
mod report;
mod talk;
mod time;
mod words;

use std::ops::ControlFlow;

use serde_json::Value;

use self::calls::Call;
use self::dialogue::Step;
use self::talk::Topic;
use super::engine::{Brain, EngineError, Prompt, PromptItem, Thought, ToolChoice};

/// Words per piece of text that is handed out.
const PIECE_WORDS: usize = 4;

/// Understands requests about tasks, says what became of them, and is honest about everything else.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules;

impl Brain for Rules {
    fn respond(
        &self,
        prompt: &Prompt,
        out: &mut dyn FnMut(Thought) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        // Whether all was handed out makes no difference here.
        let _ = hand_out(steps(prompt), out);
        Ok(())
    }
}

fn steps(prompt: &Prompt) -> Vec<Step> {
    if let Some(reminder) = reminder::said(&prompt.items) {
        return vec![Step::Say(reminder)];
    }
    let end = prompt.items.iter().rposition(|item| !matches!(item, PromptItem::System(_)));
    let Some(end) = end else { return required(prompt, "", &[]).unwrap_or_else(|| say(Topic::Greeting)) };
    let earlier = &prompt.items[..end];
    match &prompt.items[end] {
        PromptItem::Output { .. } => after_outputs(prompt),
        PromptItem::User(text) => required(prompt, text, earlier)
            .unwrap_or_else(|| in_turn(offered(dialogue::answer(text, earlier), prompt))),
        PromptItem::UserUncertain(text) => required(prompt, text, earlier)
            .unwrap_or_else(|| in_turn(offered(dialogue::careful_answer(text, earlier), prompt))),
        PromptItem::UserUnintelligible => say(Topic::Unheard),
        PromptItem::Call { .. } => vec![Step::Say("I am still waiting for the result.".to_owned())],
        PromptItem::Assistant(_) | PromptItem::System(_) => say(Topic::Unknown),
    }
}

fn say(topic: Topic) -> Vec<Step> {
    vec![Step::say(topic)]
}

/// The calls that had to wait, else what came of all. Never more calls when one is required: that would never end.
fn after_outputs(prompt: &Prompt) -> Vec<Step> {
    if prompt.tool_choice == ToolChoice::Auto {
        let left = dialogue::left_over(&prompt.items, |steps| offered(steps, prompt));
        if !left.is_empty() {
            return in_turn(left);
        }
    }
    vec![Step::Say(report::all(&history::latest(&prompt.items)))]
}

/// The steps that may be done at once. Calls run side by side: what must see the change before it waits, and so does
/// whatever comes behind an undo.
fn in_turn(steps: Vec<Step>) -> Vec<Step> {
    let tool = |step: &Step| match step {
        Step::Call(call) => Some(call.tool.clone()),
        Step::Say(_) => None,
    };
    let must_wait = |at: &usize| {
        let before: Vec<_> = steps[..*at].iter().filter_map(tool).collect();
        let looks = tool(&steps[*at])
            .is_some_and(|tool| [calls::LIST, calls::STATISTICS, calls::UNDO].contains(&tool.as_str()));
        (looks && before.iter().any(|tool| tool != calls::LIST))
            || before.last().is_some_and(|tool| tool == calls::UNDO)
    };
    let end = (1..steps.len()).find(must_wait).unwrap_or(steps.len());
    steps.into_iter().take(end).collect()
}

/// Calls of functions that are not offered are done with others, or become words.
fn offered(steps: Vec<Step>, prompt: &Prompt) -> Vec<Step> {
    steps.into_iter().flat_map(|step| possible(step, prompt)).collect()
}

fn possible(step: Step, prompt: &Prompt) -> Vec<Step> {
    let Step::Call(call) = step else { return vec![step] };
    if is_offered(prompt, &call.tool) {
        let is_bulk = [calls::DELETE_MANY, calls::COMPLETE_MANY].contains(&call.tool.as_str());
        let asks = is_bulk.then(|| Step::say(Topic::NeedsYes));
        return asks.into_iter().chain([Step::Call(call)]).collect();
    }
    let refusal = unable(&call.tool).to_owned();
    let others = call.in_place();
    let is_possible = !others.is_empty() && others.iter().all(|call| is_offered(prompt, &call.tool));
    if is_possible { others.into_iter().map(Step::Call).collect() } else { vec![Step::Say(refusal)] }
}

fn is_offered(prompt: &Prompt, name: &str) -> bool {
    prompt.tools.iter().any(|tool| tool.name == name)
}

fn unable(tool: &str) -> &'static str {
    match tool {
        calls::CREATE => "I cannot add tasks here: this session offers me no function for it.",
        calls::LIST | calls::SHOW | calls::STATISTICS => {
            "I cannot look at tasks here: this session offers me no function for it."
        }
        calls::UPDATE | calls::NOTE => {
            "I cannot change tasks here: this session offers me no function for it."
        }
        calls::COMPLETE => "I cannot complete tasks here: this session offers me no function for it.",
        calls::DELETE => "I cannot delete tasks here: this session offers me no function for it.",
        calls::REMIND | calls::SET_REMINDER => {
            "I cannot add reminders here: this session offers me no function for it."
        }
        calls::SNOOZE => "I cannot put off reminders here: this session offers me no function for it.",
        calls::REOPEN => "I cannot reopen tasks here. Say undo to take back the last change.",
        calls::START | calls::STOP => {
            "I cannot keep track of work here: this session offers me no function for it."
        }
        calls::DELETE_MANY | calls::COMPLETE_MANY => Topic::OneAtATime.text(),
        _ => "I cannot do that here: this session offers me no function for it.",
    }
}

/// When a call is demanded: that call, as well as the words allow. None when the choice is free.
fn required(prompt: &Prompt, text: &str, earlier: &[PromptItem]) -> Option<Vec<Step>> {
    let name = match &prompt.tool_choice {
        ToolChoice::Auto => return None,
        ToolChoice::Required => None,
        ToolChoice::Function(name) => Some(name.as_str()),
    };
    let is_right = |step: &Step| match step {
        Step::Call(call) => is_offered(prompt, &call.tool) && name.is_none_or(|name| name == call.tool),
        Step::Say(_) => false,
    };
    let mut steps = dialogue::answer(text, earlier);
    steps.retain(is_right);
    if steps.is_empty() {
        steps.push(demanded(prompt, name, text));
    }
    Some(steps)
}

/// The named function, else the first one that the words can fill. Nothing is deleted on a guess of ours: which
/// function it is was either named or is a harmless one where there is a choice.
fn demanded(prompt: &Prompt, name: Option<&str>, text: &str) -> Step {
    let words = words::split(text);
    let said = talk::without_frame(&words);
    let candidates = prompt.tools.iter().filter(|tool| match name {
        Some(name) => tool.name == name,
        None => !is_destructive(&tool.name),
    });
    // Looking changes nothing, so it is the first choice when nothing was named.
    let (looking, other): (Vec<_>, Vec<_>) = candidates.partition(|tool| tool.name == calls::LIST);
    let mut possible = looking.into_iter().chain(other).filter_map(|tool| {
        let known = intent::forced(&tool.name, said);
        let call = known.or_else(|| Some(Call::new(&tool.name, fill::arguments(&tool.parameters, said)?)));
        call.map(Step::Call)
    });
    possible.next().unwrap_or_else(|| Step::Say(refusal(prompt, name, &words).to_owned()))
}

fn is_destructive(tool: &str) -> bool {
    [calls::DELETE, calls::DELETE_MANY, calls::COMPLETE_MANY, calls::UNDO].contains(&tool)
}

fn refusal(prompt: &Prompt, name: Option<&str>, words: &[words::Word]) -> &'static str {
    match name {
        Some(name) if !is_offered(prompt, name) => unable(name),
        _ if words.is_empty() => Topic::Unheard.text(),
        _ => unable(""),
    }
}

fn hand_out(steps: Vec<Step>, out: &mut dyn FnMut(Thought) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut is_first = true;
    for step in steps {
        match step {
            Step::Call(Call { tool, arguments }) => {
                out(Thought::Call { name: tool, arguments: Value::Object(arguments).to_string() })?;
            }
            Step::Say(text) => {
                let text = if is_first { text } else { format!(" {text}") };
                is_first = false;
                pieces(&text).into_iter().try_for_each(|piece| out(Thought::Text(piece)))?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// Groups of words that together are exactly `text`.
fn pieces(text: &str) -> Vec<String> {
    let words: Vec<_> = text.split_inclusive(' ').collect();
    words.chunks(PIECE_WORDS).map(<[&str]>::concat).collect()
}

#[cfg(test)]
mod tests;
