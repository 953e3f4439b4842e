use std::ops::ControlFlow;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::engine::{Brain, Prompt, PromptItem, Thought, ToolChoice, ToolSpec};
use super::Rules;

mod corrections;
mod coverage;
mod doubts;
mod follow_ups;
mod outputs;
mod sentences;

const TOOLS: [&str; 17] = [
    "create_task",
    "list_tasks",
    "update_task",
    "complete_task",
    "delete_task",
    "add_reminder",
    "undo",
    "show_task",
    "reopen_task",
    "start_task",
    "stop_task",
    "add_note",
    "set_reminder",
    "snooze_reminder",
    "task_statistics",
    "delete_tasks",
    "complete_tasks",
];

fn tool(name: &str, parameters: Value) -> ToolSpec {
    ToolSpec { name: name.to_owned(), description: String::new(), parameters }
}

fn prompt(items: Vec<PromptItem>) -> Prompt {
    let tools = TOOLS.iter().map(|name| tool(name, json!({"type": "object", "properties": {}}))).collect();
    Prompt { items, tools, ..Prompt::default() }
}

fn user(text: &str) -> PromptItem {
    PromptItem::User(text.to_owned())
}

fn assistant(text: &str) -> PromptItem {
    PromptItem::Assistant(text.to_owned())
}

/// A call and its output, as two items.
fn exchange(id: &str, name: &str, arguments: &Value, output: &Value) -> Vec<PromptItem> {
    let (name, arguments) = (name.to_owned(), arguments.to_string());
    vec![
        PromptItem::Call { call_id: id.to_owned(), name, arguments },
        PromptItem::Output { call_id: id.to_owned(), output: output.to_string() },
    ]
}

fn thoughts(prompt: &Prompt) -> Vec<Thought> {
    let mut all = Vec::new();
    let mut out = |thought| {
        all.push(thought);
        ControlFlow::Continue(())
    };
    Rules.respond(prompt, &mut out).unwrap();
    all
}

fn text(prompt: &Prompt) -> String {
    let words = thoughts(prompt).into_iter().filter_map(|thought| match thought {
        Thought::Text(text) => Some(text),
        Thought::Call { .. } => None,
    });
    words.collect()
}

fn calls(prompt: &Prompt) -> Vec<(String, Value)> {
    let calls = thoughts(prompt).into_iter().filter_map(|thought| match thought {
        Thought::Call { name, arguments } => Some((name, serde_json::from_str(&arguments).unwrap())),
        Thought::Text(_) => None,
    });
    calls.collect()
}

/// Calls, else the text, in one line: `create_task {"title":"buy milk"}`.
fn line(prompt: &Prompt) -> String {
    let calls: Vec<_> = calls(prompt).iter().map(|(name, arguments)| format!("{name} {arguments}")).collect();
    if calls.is_empty() { text(prompt) } else { calls.join(" + ") }
}

#[test]
fn without_a_suitable_function_it_says_so() {
    for (said, verb) in [("create a task to buy milk", "add tasks"), ("delete the milk task", "delete tasks")]
    {
        let prompt = Prompt { tools: Vec::new(), ..prompt(vec![user(said)]) };
        let said = text(&prompt);
        assert!(said.contains(verb) && said.contains("no function"), "{said}");
        assert_eq!(calls(&prompt), []);
    }
}

#[test]
fn speech_without_words_is_asked_for_again() {
    for item in [PromptItem::UserUnintelligible, user(""), user(" \n"), user("...")] {
        let prompt = prompt(vec![user("list my tasks"), assistant("You have no tasks."), item]);
        assert_eq!(line(&prompt), "I did not catch that.");
    }
}

#[test]
fn an_empty_conversation_begins_with_a_greeting() {
    assert!(line(&prompt(Vec::new())).starts_with("Hello."));
    assert!(line(&prompt(vec![PromptItem::System("Be brief.".to_owned())])).starts_with("Hello."));
}

#[test]
fn text_comes_in_pieces_that_together_are_the_text() {
    let prompt = prompt(vec![user("What is the capital of France?")]);
    let pieces = thoughts(&prompt);
    assert!(pieces.len() >= 3, "{pieces:?}");
    assert_eq!(
        text(&prompt),
        "Offline I only know your tasks, and I did not understand that. Say help for examples; other things need an API key or a chat model."
    );
}

#[test]
fn break_stops_the_answer() {
    let mut count = 0;
    let mut out = |_| {
        count += 1;
        ControlFlow::Break(())
    };
    Rules.respond(&prompt(vec![user("help")]), &mut out).unwrap();
    assert_eq!(count, 1);
}

#[test]
fn a_named_function_is_called_with_what_the_words_give() {
    let schema = json!({
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "days": {"type": "integer", "minimum": 1, "maximum": 7},
            "hourly": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "note": {"type": "string"},
        },
        "required": ["city", "unit", "days", "hourly", "tags"],
    });
    let mut prompt = prompt(vec![user("please tell me the weather in Fahrenheit for three days")]);
    prompt.tools.push(tool("weather", schema));
    prompt.tool_choice = ToolChoice::Function("weather".to_owned());
    let expected = json!({
        "city": "tell me the weather in Fahrenheit for three days",
        "unit": "fahrenheit", "days": 3, "hourly": true, "tags": [],
    });
    assert_eq!(calls(&prompt), [("weather".to_owned(), expected)]);
}

#[test]
fn a_named_function_wins_over_the_words() {
    let choose = |name: &str, said: &str| {
        let mut prompt = prompt(vec![user(said)]);
        prompt.tool_choice = ToolChoice::Function(name.to_owned());
        line(&prompt)
    };
    assert_eq!(
        choose("create_task", "buy milk tomorrow"),
        r#"create_task {"due":"tomorrow","title":"buy milk"}"#
    );
    assert_eq!(choose("create_task", "create a task to buy milk"), r#"create_task {"title":"buy milk"}"#);
    assert_eq!(choose("complete_task", "the grocery task"), r#"complete_task {"task":"grocery"}"#);
    assert_eq!(choose("list_tasks", "hello"), "list_tasks {}");
    assert!(choose("no_such_function", "hello").contains("no function"));
}

#[test]
fn a_required_call_is_made_and_deletes_nothing_by_guess() {
    let choose = |said: &str| {
        let mut prompt = prompt(vec![user(said)]);
        prompt.tool_choice = ToolChoice::Required;
        line(&prompt)
    };
    assert_eq!(choose("delete the milk task"), r#"delete_task {"task":"milk"}"#);
    assert_eq!(choose("what a lovely day"), "list_tasks {}");
    let mut only_delete = prompt(vec![user("what a lovely day")]);
    only_delete.tools.retain(|tool| tool.name == "delete_task");
    only_delete.tool_choice = ToolChoice::Required;
    assert_eq!(calls(&only_delete), []);
}

#[test]
fn a_required_call_is_not_repeated_after_its_output() {
    let mut items = vec![user("list my tasks")];
    items.extend(exchange(
        "1",
        "list_tasks",
        &json!({}),
        &json!({"ok": true, "action": "listed", "count": 0}),
    ));
    let prompt = Prompt { tool_choice: ToolChoice::Required, ..prompt(items) };
    assert_eq!(line(&prompt), "You have no tasks.");
}

fn any_json() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("ok"),
        Just("action"),
        Just("task"),
        Just("tasks"),
        Just("title"),
        Just("error"),
        Just("candidates"),
        Just("number"),
        Just("count"),
        Just("changed"),
        Just("due"),
        Just("due_words"),
        Just("message"),
        Just("what"),
        Just("uuid"),
        Just("to"),
        Just("required"),
        Just("properties"),
        Just("type"),
        Just("enum"),
        Just("items"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop_oneof![
            Just("ambiguous"),
            Just("not_found"),
            Just("listed"),
            Just("updated"),
            Just("unclear_time"),
            Just("string")
        ]
        .prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone().prop_map(str::to_owned), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Words that steer into every part of the grammar, and others.
fn any_words() -> impl Strategy<Value = String> {
    let known = "create add a the task reminder to by mark as complete delete about remind me at 5 pm tomorrow \
                 friday in half past quarter end of next week march 3rd high priority project tagged with note number \
                 two first one both it no undo list my tasks and then change rename due date yes today #3 every call \
                 snooze reopen start stop working on i bought didnt not them all everything week show how many sorry \
                 actually make that never mind back push move shopping milk, eggs was finished";
    let known: Vec<_> = known.split_whitespace().map(str::to_owned).collect();
    let word = prop_oneof![4 => prop::sample::select(known), 1 => "\\PC{0,8}"];
    prop::collection::vec(word, 0..14).prop_map(|words| words.join(" "))
}

/// Words without which nothing is deleted, completed or undone.
fn is_word_of_loss(word: &str) -> bool {
    let key = word.to_lowercase();
    let parts = [
        "delet", "remov", "clear", "undo", "complet", "finish", "mark", "done", "tick", "check", "back",
        "bought",
    ];
    let whole = ["take", "drop", "i", "make", "put", "cut", "set"];
    parts.iter().any(|part| key.contains(part)) || whole.contains(&key.as_str())
}

fn any_items() -> impl Strategy<Value = Vec<PromptItem>> {
    let json = || prop_oneof![4 => any_json().prop_map(|value| value.to_string()), 1 => "\\PC{0,20}"];
    let name = prop_oneof![prop::sample::select(TOOLS.to_vec()).prop_map(str::to_owned), "\\PC{0,8}"];
    let id = || prop_oneof![Just("1".to_owned()), Just("2".to_owned())];
    let item = prop_oneof![
        3 => any_words().prop_map(PromptItem::User),
        1 => any_words().prop_map(PromptItem::UserUncertain),
        1 => Just(PromptItem::UserUnintelligible),
        1 => any_words().prop_map(PromptItem::Assistant),
        1 => any_words().prop_map(PromptItem::System),
        2 => (id(), name, json()).prop_map(|(call_id, name, arguments)| PromptItem::Call { call_id, name, arguments }),
        2 => (id(), json()).prop_map(|(call_id, output)| PromptItem::Output { call_id, output }),
    ];
    prop::collection::vec(item, 0..7)
}

fn any_choice() -> impl Strategy<Value = ToolChoice> {
    let name = prop_oneof![prop::sample::select(TOOLS.to_vec()), Just("other")];
    prop_oneof![
        3 => Just(ToolChoice::Auto),
        1 => Just(ToolChoice::Required),
        1 => name.prop_map(|name| ToolChoice::Function(name.to_owned())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_was_said_only_offered_functions_are_called_with_objects(
        items in any_items(),
        tools in prop::sample::subsequence(TOOLS.to_vec(), 0..=TOOLS.len()),
        schema in any_json(),
        tool_choice in any_choice(),
    ) {
        let specs = tools.iter().map(|name| tool(name, schema.clone())).collect();
        let prompt = Prompt { items, tools: specs, tool_choice, ..Prompt::default() };
        let all = thoughts(&prompt);
        prop_assert!(!all.is_empty());
        for thought in all {
            match thought {
                Thought::Call { name, arguments } => {
                    prop_assert!(tools.contains(&name.as_str()), "{name} was not offered");
                    prop_assert!(serde_json::from_str::<Value>(&arguments).unwrap().is_object());
                }
                Thought::Text(text) => {
                    prop_assert!(!text.is_empty());
                    prop_assert!(!text.chars().any(char::is_control), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_lost_without_a_word_for_it(text in any_words()) {
        let harmless: Vec<_> = text.split(' ').filter(|word| !is_word_of_loss(word)).collect();
        let made = calls(&prompt(vec![user(&harmless.join(" "))]));
        let lost = |tool: &str| {
            ["delete_task", "delete_tasks", "complete_task", "complete_tasks", "undo"].contains(&tool)
        };
        prop_assert!(!made.iter().any(|(tool, _)| lost(tool)), "{harmless:?}: {made:?}");
    }

    #[test]
    fn what_is_not_heard_well_never_changes_what_is_there(items in any_items(), text in any_words()) {
        let items = [items, vec![PromptItem::UserUncertain(text)]].concat();
        let harmless = ["create_task", "add_reminder", "list_tasks", "show_task", "task_statistics", "start_task",
            "stop_task", "snooze_reminder"];
        for (tool, _) in calls(&prompt(items)) {
            prop_assert!(harmless.contains(&tool.as_str()), "{tool}");
        }
    }

    #[test]
    fn any_title_comes_through_a_command(title in "[a-z]{3,9}( [a-z]{3,9}){0,3}") {
        let spoiled = ["daily", "weekly", "hourly", "monthly", "and", "then", "also", "today", "tonight", "noon", "midnight", "urgent", "please", "thanks", "for", "bye"];
        prop_assume!(!title.split(' ').any(|word| spoiled.contains(&word)));
        let made = calls(&prompt(vec![user(&format!("Create a task to {title}."))]));
        prop_assert_eq!(made, [("create_task".to_owned(), json!({"title": title}))]);
    }
}

#[test]
fn a_text_of_any_length_is_answered_quickly() {
    for long in
        ["remind me to ".repeat(5_000), "add a note to ".repeat(5_000), "tomorrow at 5 and ".repeat(5_000)]
    {
        assert!(!thoughts(&prompt(vec![user(&long)])).is_empty());
    }
}

#[test]
fn a_reminder_that_the_client_tells_of_is_said_and_nothing_else_is_done() {
    let said = |text: &str, after: Option<PromptItem>| {
        let mut items = vec![user("delete them all"), assistant("No."), PromptItem::System(text.to_owned())];
        items.extend(after);
        super::steps(&prompt(items))
    };
    let due = "Reminder due now: \"reminder: delete all tasks\"\nTell the person of it.";
    let expected = "This is your reminder: delete all tasks.".to_owned();
    assert_eq!(said(due, None), [super::Step::Say(expected)]);
    let answered = said(due, Some(user("list my tasks")));
    assert!(matches!(&answered[..], [super::Step::Call(_)]), "{answered:?}");
}
