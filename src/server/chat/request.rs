//! From a prompt to the body of a chat-completions request. Pure.
//!
//! Chat endpoints are strict where the Realtime protocol is not: all calls of one answer stand in one message of the
//! assistant, and directly behind it exactly one output of each.

use serde_json::{Map, Value, json};

use crate::server::engine::{Prompt, PromptItem, ToolChoice, ToolSpec};

/// Stands where the person's words should.
const UNINTELLIGIBLE: &str =
    "(The person said something, but no words were understood. Ask them to say it again.)";
/// Stands behind words of which the recognizer is not sure.
const UNCERTAIN: &str = "(This was heard badly. Ask back before anything is changed or deleted by it.)";
/// Stands where an output should.
const NO_OUTPUT: &str = "{\"error\": \"no result has come\"}";

/// With `is_openai`, the limit of tokens is called as the newer models want it, which others do not know.
pub(super) fn body(prompt: &Prompt, model: &str, is_openai: bool) -> Value {
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(model));
    body.insert("messages".to_owned(), Value::Array(messages(prompt)));
    body.insert("stream".to_owned(), json!(true));
    if !prompt.tools.is_empty() {
        body.insert("tools".to_owned(), prompt.tools.iter().map(tool).collect());
        body.insert("tool_choice".to_owned(), tool_choice(&prompt.tool_choice));
    }
    if let Some(most) = prompt.max_tokens {
        let name = if is_openai { "max_completion_tokens" } else { "max_tokens" };
        body.insert(name.to_owned(), json!(most));
    }
    if let Some(temperature) = prompt.temperature {
        body.insert("temperature".to_owned(), json!(temperature));
    }
    Value::Object(body)
}

fn tool(spec: &ToolSpec) -> Value {
    json!({"type": "function", "function": {
        "name": spec.name, "description": spec.description, "parameters": spec.parameters,
    }})
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Function(name) => json!({"type": "function", "function": {"name": name}}),
    }
}

fn messages(prompt: &Prompt) -> Vec<Value> {
    let mut messages = Vec::new();
    if !prompt.instructions.trim().is_empty() {
        messages.push(message("system", &prompt.instructions));
    }
    let mut items = prompt.items.iter().peekable();
    while let Some(item) = items.next() {
        match item {
            PromptItem::System(text) => messages.push(message("system", text)),
            PromptItem::User(text) => messages.push(message("user", text)),
            PromptItem::UserUncertain(text) => {
                messages.push(message("user", &format!("{text}\n{UNCERTAIN}")));
            }
            PromptItem::UserUnintelligible => messages.push(message("user", UNINTELLIGIBLE)),
            PromptItem::Assistant(text) => messages.push(message("assistant", text)),
            PromptItem::Call { .. } => {
                let mut calls = vec![item];
                while let Some(call) = items.next_if(|item| matches!(item, PromptItem::Call { .. })) {
                    calls.push(call);
                }
                add_calls(&mut messages, &calls, &prompt.items);
            }
            // With its call, wherever it came.
            PromptItem::Output { call_id, .. } if has_call(&prompt.items, call_id) => {}
            PromptItem::Output { output, .. } => {
                messages.push(message("system", &format!("A function returned: {output}")));
            }
        }
    }
    messages
}

fn message(role: &str, content: &str) -> Value {
    json!({"role": role, "content": content})
}

fn has_call(items: &[PromptItem], id: &str) -> bool {
    items.iter().any(|item| matches!(item, PromptItem::Call { call_id, .. } if call_id == id))
}

/// The calls join what the assistant said just before; their outputs follow.
fn add_calls(messages: &mut Vec<Value>, calls: &[&PromptItem], items: &[PromptItem]) {
    let said = messages.pop_if(|last| last["role"] == "assistant" && last.get("tool_calls").is_none());
    let content = said.map_or(Value::Null, |mut message| message["content"].take());
    let mut tool_calls = Vec::new();
    let mut outputs = Vec::new();
    for call in calls {
        let PromptItem::Call { call_id, name, arguments } = call else { continue };
        tool_calls.push(json!({
            "id": call_id, "type": "function", "function": {"name": name, "arguments": object(arguments)},
        }));
        let output = items.iter().find_map(|item| match item {
            PromptItem::Output { call_id: id, output } if id == call_id => Some(output.as_str()),
            _ => None,
        });
        let output = output.unwrap_or(NO_OUTPUT);
        outputs.push(json!({"role": "tool", "tool_call_id": call_id, "content": output}));
    }
    messages.push(json!({"role": "assistant", "content": content, "tool_calls": tool_calls}));
    messages.extend(outputs);
}

/// Servers that take the arguments apart refuse the whole conversation for one that is no object.
fn object(arguments: &str) -> &str {
    match serde_json::from_str::<Value>(arguments) {
        Ok(Value::Object(_)) => arguments,
        _ => "{}",
    }
}
