//! The items that a client gives: what they must have, and how they are written down.

use super::conversation::{Conversation, Record};
use super::ids::Ids;
use super::refusal::{
    Refusal, duplicate_item, invalid, missing, not_longer, plain_name, refuse, unsupported,
};
use crate::codec;
use crate::protocol::ItemId;
use crate::protocol::item::{ContentPart, Item, ItemKind, ItemStatus, PartKind, Role};
use crate::protocol::session::AudioFormat;

const MAX_ID: usize = 128;
const MAX_CALL_ID: usize = 64;

/// A client's item, checked, and its sound where only that says what was spoken.
pub(super) struct Given {
    pub(super) record: Record,
    pub(super) speech: Option<Vec<i16>>,
}

/// Checks `item`, which stands at `at` in the event, and gives it the names that it lacks.
pub(super) fn accept(
    mut item: Item,
    at: &str,
    format: AudioFormat,
    conversation: &Conversation,
    ids: &mut Ids,
) -> Result<Given, Refusal> {
    let mut speech = None;
    match &mut item.kind {
        ItemKind::Message { role, content, .. } => speech = check_message(*role, content, at, format)?,
        ItemKind::FunctionCall { call_id, name, .. } => {
            plain_name(&format!("{at}.name"), name, MAX_CALL_ID)?;
            if call_id.is_empty() {
                *call_id = ids.make("call");
            }
            plain_name(&format!("{at}.call_id"), call_id.as_str(), MAX_CALL_ID)?;
        }
        ItemKind::FunctionCallOutput { call_id, .. } => {
            plain_name(&format!("{at}.call_id"), call_id.as_str(), MAX_CALL_ID)?;
            if !conversation.knows_call(call_id) {
                let message = format!("Tool call ID '{call_id}' not found in conversation.");
                return Err(refuse("invalid_tool_call_id", message, None));
            }
        }
        ItemKind::McpListTools { .. }
        | ItemKind::McpCall { .. }
        | ItemKind::McpApprovalRequest { .. }
        | ItemKind::McpApprovalResponse { .. }
        | ItemKind::ItemReference
        | ItemKind::Unknown => {
            let supported = ["message", "function_call", "function_call_output"];
            return Err(unsupported(&format!("{at}.type"), None, &supported));
        }
    }
    check_frame(&item, at, conversation)?;
    item.id.get_or_insert_with(|| ids.make("item"));
    item.object = Some("realtime.item".to_owned());
    item.status = item.status.or(Some(ItemStatus::Completed));
    let record = match &speech {
        Some(samples) => Record::speech(item, samples.clone(), samples.len() as u64, None),
        None => Record::new(item),
    };
    Ok(Given { record, speech })
}

fn check_frame(item: &Item, at: &str, conversation: &Conversation) -> Result<(), Refusal> {
    if let Some(id) = &item.id {
        if id.is_empty() || id.as_str() == "root" {
            return Err(invalid(&format!("{at}.id"), format!("Invalid value: '{id}'.")));
        }
        not_longer(&format!("{at}.id"), id.as_str(), MAX_ID)?;
        if conversation.record(id).is_some() {
            return Err(duplicate_item(id));
        }
    }
    if item.status == Some(ItemStatus::Unknown) {
        let supported = ["completed", "incomplete", "in_progress"];
        return Err(unsupported(&format!("{at}.status"), None, &supported));
    }
    match item.object.as_deref() {
        None | Some("realtime.item") => Ok(()),
        Some(other) => Err(unsupported(&format!("{at}.object"), Some(other), &["realtime.item"])),
    }
}

/// Returns the samples of all its sound when there is some without a transcript.
fn check_message(
    role: Role,
    content: &mut [ContentPart],
    at: &str,
    format: AudioFormat,
) -> Result<Option<Vec<i16>>, Refusal> {
    let supported: &[&str] = match role {
        Role::System => &["input_text"],
        Role::User => &["input_text", "input_audio", "input_image"],
        Role::Assistant => &["output_text"],
        Role::Unknown => {
            return Err(unsupported(&format!("{at}.role"), None, &["system", "user", "assistant"]));
        }
    };
    let mut sound = Vec::new();
    for (index, part) in content.iter_mut().enumerate() {
        let at = format!("{at}.content[{index}]");
        let kind = part_name(part.kind);
        if !kind.is_some_and(|k| supported.contains(&k)) {
            return Err(unsupported(&format!("{at}.type"), kind, supported));
        }
        match part.kind {
            PartKind::InputText | PartKind::OutputText if part.text.is_none() => {
                return Err(missing(&format!("{at}.text")));
            }
            PartKind::InputImage => check_image(part, &at)?,
            PartKind::InputAudio => {
                let at = format!("{at}.audio");
                let audio = part.audio.take().ok_or_else(|| missing(&at))?;
                let samples = codec::from_base64(&audio, format);
                let samples = samples.ok_or_else(|| invalid(&at, "Invalid base64 audio.".to_owned()))?;
                if part.transcript.is_none() {
                    sound.extend(samples);
                }
            }
            PartKind::InputText | PartKind::OutputText | PartKind::OutputAudio | PartKind::Unknown => {}
        }
    }
    Ok((!sound.is_empty()).then_some(sound))
}

fn check_image(part: &ContentPart, at: &str) -> Result<(), Refusal> {
    let at = format!("{at}.image_url");
    let url = part.image_url.as_deref().ok_or_else(|| missing(&at))?;
    if url.starts_with("data:image/png;base64,") || url.starts_with("data:image/jpeg;base64,") {
        return Ok(());
    }
    Err(invalid(&at, "Invalid value. Expected a base64 data URI of a PNG or JPEG image.".to_owned()))
}

fn part_name(kind: PartKind) -> Option<&'static str> {
    match kind {
        PartKind::InputText => Some("input_text"),
        PartKind::InputAudio => Some("input_audio"),
        PartKind::InputImage => Some("input_image"),
        PartKind::OutputText => Some("output_text"),
        PartKind::OutputAudio => Some("output_audio"),
        PartKind::Unknown => None,
    }
}

/// A person's speech from the input buffer: its sound and words stand beside it.
pub(super) fn spoken(id: ItemId) -> Item {
    let part = ContentPart { kind: PartKind::InputAudio, ..ContentPart::default() };
    server_item(
        id,
        ItemStatus::Completed,
        ItemKind::Message { role: Role::User, content: vec![part], phase: None },
    )
}

pub(super) fn server_item(id: ItemId, status: ItemStatus, kind: ItemKind) -> Item {
    Item { id: Some(id), object: Some("realtime.item".to_owned()), status: Some(status), kind }
}
