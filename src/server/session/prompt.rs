//! From items to what a brain is told, and what that costs.

use super::conversation::{Record, Words};
use crate::protocol::Usage;
use crate::protocol::item::{ContentPart, ItemKind, PartKind, Role};
use crate::protocol::session::{Tool, ToolChoice};
use crate::protocol::usage::{InputTokens, OutputTokens};
use crate::server::engine::{self, ENGINE_RATE, Prompt, PromptItem, ToolSpec};

/// Characters of text to a token, as a rule of thumb.
const CHARS_PER_TOKEN: u64 = 4;
/// The service counts a person's sound in steps of 100 ms and its own in steps of 50 ms.
const INPUT_TOKEN: u64 = ENGINE_RATE as u64 / 10;
const OUTPUT_TOKEN: u64 = ENGINE_RATE as u64 / 20;

pub(super) fn text_tokens(text: &str) -> u64 {
    (text.chars().count() as u64).div_ceil(CHARS_PER_TOKEN)
}

pub(super) fn output_tokens(samples: u64) -> u64 {
    samples.div_ceil(OUTPUT_TOKEN)
}

/// The prompt for `records`, oldest first, and the tokens in it.
pub(super) fn prompt<'a>(
    instructions: &str,
    tools: &[Tool],
    choice: &ToolChoice,
    records: impl Iterator<Item = &'a Record>,
) -> (Prompt, InputTokens) {
    let mut tokens = InputTokens { text_tokens: text_tokens(instructions), ..InputTokens::default() };
    let tools = tool_specs(tools, choice);
    for tool in &tools {
        tokens.text_tokens += text_tokens(&tool.description) + text_tokens(&tool.parameters.to_string());
    }
    let mut items = Vec::new();
    for record in records {
        count(record, &mut tokens);
        items.extend(prompt_item(record));
    }
    let tool_choice = tool_choice(&tools, choice);
    let instructions = instructions.to_owned();
    (Prompt { instructions, items, tools, tool_choice, ..Prompt::default() }, tokens)
}

pub(super) fn usage(input: InputTokens, output: OutputTokens) -> Usage {
    let input_tokens = input.text_tokens + input.audio_tokens + input.image_tokens;
    let output_tokens = output.text_tokens + output.audio_tokens;
    Usage {
        total_tokens: input_tokens + output_tokens,
        input_tokens,
        output_tokens,
        input_token_details: input,
        output_token_details: output,
    }
}

fn tool_specs(tools: &[Tool], choice: &ToolChoice) -> Vec<ToolSpec> {
    if matches!(choice, ToolChoice::Mode(mode) if mode == "none") {
        return Vec::new();
    }
    let spec = |tool: &Tool| match tool {
        Tool::Function { name, description, parameters } => Some(ToolSpec {
            name: name.clone(),
            description: description.clone().unwrap_or_default(),
            parameters: parameters
                .clone()
                .unwrap_or_else(|| serde_json::json!({"type": "object", "properties": {}})),
        }),
        Tool::Mcp { .. } | Tool::Unknown => None,
    };
    tools.iter().filter_map(spec).collect()
}

fn tool_choice(tools: &[ToolSpec], choice: &ToolChoice) -> engine::ToolChoice {
    match choice {
        ToolChoice::Mode(mode) if mode == "required" && !tools.is_empty() => engine::ToolChoice::Required,
        ToolChoice::Function { name: Some(name), .. } if tools.iter().any(|t| t.name == *name) => {
            engine::ToolChoice::Function(name.clone())
        }
        ToolChoice::Mode(_) | ToolChoice::Function { .. } => engine::ToolChoice::Auto,
    }
}

fn prompt_item(record: &Record) -> Option<PromptItem> {
    match &record.item.kind {
        ItemKind::Message { role, content, .. } => {
            let text = words(record, content);
            match role {
                Role::System | Role::Unknown => Some(PromptItem::System(text)),
                Role::User if text.is_empty() && has_sound(content) => Some(PromptItem::UserUnintelligible),
                Role::User if record.is_weak => Some(PromptItem::UserUncertain(text)),
                Role::User => Some(PromptItem::User(text)),
                // Nothing of it was heard, or nothing was said before it was cancelled.
                Role::Assistant if text.is_empty() => None,
                Role::Assistant => Some(PromptItem::Assistant(text)),
            }
        }
        ItemKind::FunctionCall { call_id, name, arguments } => Some(PromptItem::Call {
            call_id: call_id.0.clone(),
            name: name.clone(),
            arguments: arguments.clone(),
        }),
        ItemKind::FunctionCallOutput { call_id, output } => {
            Some(PromptItem::Output { call_id: call_id.0.clone(), output: output.clone() })
        }
        ItemKind::McpListTools { .. }
        | ItemKind::McpCall { .. }
        | ItemKind::McpApprovalRequest { .. }
        | ItemKind::McpApprovalResponse { .. }
        | ItemKind::ItemReference
        | ItemKind::Unknown => None,
    }
}

fn has_sound(content: &[ContentPart]) -> bool {
    content.iter().any(|p| p.kind == PartKind::InputAudio)
}

fn words(record: &Record, content: &[ContentPart]) -> String {
    if let Some(heard) = &record.heard {
        return heard.clone();
    }
    let mut words: Vec<&str> = content.iter().filter_map(ContentPart::words).collect();
    if let Words::Known(spoken) = &record.words
        && !content.iter().any(|p| p.transcript.is_some())
    {
        words.push(spoken);
    }
    words.retain(|w| !w.trim().is_empty());
    words.join(" ")
}

fn count(record: &Record, tokens: &mut InputTokens) {
    if record.length > 0 {
        let assistant = record.is_from_assistant();
        tokens.audio_tokens += record.length.div_ceil(if assistant { OUTPUT_TOKEN } else { INPUT_TOKEN });
    }
    match &record.item.kind {
        ItemKind::Message { content, .. } => {
            let typed = content.iter().filter_map(|p| p.text.as_deref());
            tokens.text_tokens += typed.map(text_tokens).sum::<u64>();
        }
        ItemKind::FunctionCall { name, arguments, .. } => {
            tokens.text_tokens += text_tokens(name) + text_tokens(arguments);
        }
        ItemKind::FunctionCallOutput { output, .. } => tokens.text_tokens += text_tokens(output),
        ItemKind::McpListTools { .. }
        | ItemKind::McpCall { .. }
        | ItemKind::McpApprovalRequest { .. }
        | ItemKind::McpApprovalResponse { .. }
        | ItemKind::ItemReference
        | ItemKind::Unknown => {}
    }
}
