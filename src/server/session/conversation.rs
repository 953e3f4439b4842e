//! The items of a conversation in their order, what is known of the words in them, and the sound of the latest.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::refusal::{Refusal, invalid, no_such_item, refuse};
use crate::codec;
use crate::pcm::{ms_to_samples, samples_to_ms};
use crate::protocol::item::{ContentPart, Item, ItemKind, PartKind, Role};
use crate::protocol::session::AudioFormat;
use crate::protocol::{CallId, ItemId};
use crate::server::engine::ENGINE_RATE;

/// Sound kept for `conversation.item.retrieve`: five minutes, about 14 MB.
const KEPT_SAMPLES: usize = 5 * 60 * ENGINE_RATE as usize;
/// Of one item no more than three: as base64 it must still fit into a frame that clients take.
pub(super) const KEPT_OF_ONE: usize = 3 * 60 * ENGINE_RATE as usize;
/// More items than an hour of talk makes.
const MAX_ITEMS: usize = 4_096;
/// Text of all items together, in bytes.
const MAX_TEXT: usize = 16 << 20;

/// What is known of the words spoken in an item.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Words {
    /// Nothing was spoken, or its words stand in the item.
    #[default]
    Written,
    /// A recognizer is at work; `told` when the client wants to hear of it.
    Pending { told: Option<String> },
    /// Empty when they could not be understood.
    Known(String),
}

#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) item: Item,
    pub(super) words: Words,
    /// The words were heard, but not well.
    pub(super) is_weak: bool,
    /// Samples of the item's sound, kept or not.
    pub(super) length: u64,
    sound: Vec<i16>,
    /// The part of the words that was heard before the sound was cut off.
    pub(super) heard: Option<String>,
}

impl Record {
    pub(super) fn new(item: Item) -> Self {
        Self { item, words: Words::Written, is_weak: false, length: 0, sound: Vec::new(), heard: None }
    }

    /// A person's speech, the words of which a recognizer is looking for.
    pub(super) fn speech(item: Item, sound: Vec<i16>, length: u64, told: Option<String>) -> Self {
        Self { words: Words::Pending { told }, length, sound, ..Self::new(item) }
    }

    pub(super) fn is_pending(&self) -> bool {
        matches!(self.words, Words::Pending { .. })
    }

    pub(super) fn is_from_assistant(&self) -> bool {
        matches!(self.item.kind, ItemKind::Message { role: Role::Assistant, .. })
    }

    pub(super) fn set_transcript(&mut self, words: &str) {
        if let Some(part) = self.audio_part() {
            part.transcript = Some(words.to_owned());
        }
    }

    fn audio_part(&mut self) -> Option<&mut ContentPart> {
        let ItemKind::Message { content, .. } = &mut self.item.kind else { return None };
        content.iter_mut().find(|p| matches!(p.kind, PartKind::InputAudio | PartKind::OutputAudio))
    }
}

#[derive(Debug, Default)]
pub(super) struct Conversation {
    order: Vec<ItemId>,
    records: BTreeMap<ItemId, Record>,
    /// Given for one response only: no part of the conversation.
    aside: BTreeMap<ItemId, Record>,
    /// Items with sound, oldest first.
    sounding: VecDeque<ItemId>,
    kept: usize,
    text: usize,
    /// Every call ever made: outputs must name one.
    calls: BTreeSet<CallId>,
}

/// Where an item goes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    Last,
    First,
    After(ItemId),
}

impl Conversation {
    pub(super) fn contains(&self, id: &ItemId) -> bool {
        self.records.contains_key(id)
    }

    /// Also of those that stand beside the conversation.
    pub(super) fn record(&self, id: &ItemId) -> Option<&Record> {
        self.records.get(id).or_else(|| self.aside.get(id))
    }

    pub(super) fn record_mut(&mut self, id: &ItemId) -> Option<&mut Record> {
        self.records.get_mut(id).or_else(|| self.aside.get_mut(id))
    }

    pub(super) fn order(&self) -> &[ItemId] {
        &self.order
    }

    pub(super) fn before(&self, id: &ItemId) -> Option<ItemId> {
        let at = self.order.iter().position(|i| i == id)?;
        at.checked_sub(1).map(|at| self.order[at].clone())
    }

    pub(super) fn knows_call(&self, id: &CallId) -> bool {
        self.calls.contains(id)
    }

    pub(super) fn remember_call(&mut self, id: CallId) {
        self.calls.insert(id);
    }

    /// Refuses what a client adds beyond any use.
    pub(super) fn check_room(&self) -> Result<(), Refusal> {
        if self.order.len() < MAX_ITEMS && self.text < MAX_TEXT {
            return Ok(());
        }
        let message = "The conversation is full. Delete items before adding new ones.".to_owned();
        Err(refuse("conversation_full", message, None))
    }

    /// Returns the id of the item before it.
    pub(super) fn insert(&mut self, place: &Place, record: Record) -> Option<ItemId> {
        let id = record.item.id();
        let at = match place {
            Place::Last => self.order.len(),
            Place::First => 0,
            Place::After(previous) => {
                self.order.iter().position(|i| i == previous).map_or(self.order.len(), |at| at + 1)
            }
        };
        if let ItemKind::FunctionCall { call_id, .. } = &record.item.kind {
            self.calls.insert(call_id.clone());
        }
        self.text += text_size(&record.item);
        self.order.insert(at, id.clone());
        let samples = record.sound.len();
        self.records.insert(id.clone(), record);
        if samples > 0 {
            self.keep(id, samples);
        }
        at.checked_sub(1).map(|at| self.order[at].clone())
    }

    pub(super) fn insert_aside(&mut self, record: Record) {
        self.aside.insert(record.item.id(), record);
    }

    pub(super) fn remove_aside(&mut self, id: &ItemId) {
        self.aside.remove(id);
    }

    /// The final form of an item that was put in unfinished.
    pub(super) fn finish(&mut self, item: Item, mut sound: Vec<i16>, length: u64) {
        let id = item.id();
        let Some(record) = self.records.get_mut(&id) else { return };
        self.text += text_size(&item);
        record.item = item;
        if record.heard.is_some() {
            // It was cut off while it was still being made.
            let said = record.audio_part().and_then(|part| part.transcript.take()).unwrap_or_default();
            record.heard = Some(first_part(&said, record.length, length));
            sound.truncate(record.length as usize);
        } else {
            record.length = length;
        }
        let samples = sound.len();
        record.sound = sound;
        self.keep(id, samples);
    }

    pub(super) fn delete(&mut self, id: &ItemId) -> Result<Record, Refusal> {
        let record = self.records.remove(id).ok_or_else(|| no_such_item("delete", "deleting", id))?;
        self.order.retain(|i| i != id);
        self.sounding.retain(|i| i != id);
        self.kept -= record.sound.len();
        self.text = self.text.saturating_sub(text_size(&record.item));
        Ok(record)
    }

    /// The item with its sound, as far as that is still kept.
    pub(super) fn retrieve(&self, id: &ItemId, format: AudioFormat) -> Result<Item, Refusal> {
        let record = self.records.get(id).ok_or_else(|| no_such_item("retrieve", "retrieving", id))?;
        let mut record = record.clone();
        if !record.sound.is_empty() {
            let audio = codec::to_base64(&record.sound, format);
            if let Some(part) = record.audio_part() {
                part.audio = Some(audio);
            }
        }
        Ok(record.item)
    }

    /// Forgets what was not heard: the sound behind `end_ms`, and the transcript as a whole.
    pub(super) fn truncate(&mut self, id: &ItemId, content_index: u32, end_ms: u64) -> Result<(), Refusal> {
        let record = self.records.get_mut(id).ok_or_else(|| no_such_item("truncate", "truncating", id))?;
        let length = record.length;
        let assistant = record.is_from_assistant();
        if !assistant || content_index != 0 || length == 0 {
            let message = "Only model output audio messages can be truncated".to_owned();
            return Err(refuse("unsupported_content_type", message, None));
        }
        let length_ms = samples_to_ms(length, ENGINE_RATE);
        if end_ms > length_ms {
            let message = format!("Audio content of {length_ms}ms is already shorter than {end_ms}ms");
            return Err(invalid("audio_end_ms", message));
        }
        let end = ms_to_samples(end_ms, ENGINE_RATE);
        let cut = record.sound.len().saturating_sub(end as usize);
        record.sound.truncate(end as usize);
        record.length = end;
        let said = record.heard.take();
        let transcript = record.audio_part().and_then(|part| part.transcript.take());
        let said = said.or(transcript).unwrap_or_default();
        record.heard = Some(first_part(&said, end, length));
        self.kept -= cut;
        Ok(())
    }

    /// Notes more sound of an item that is still being made.
    pub(super) fn lengthen(&mut self, id: &ItemId, length: u64) {
        if let Some(record) = self.records.get_mut(id).filter(|r| r.heard.is_none()) {
            record.length = length;
        }
    }

    fn keep(&mut self, id: ItemId, samples: usize) {
        if samples == 0 {
            return;
        }
        self.sounding.push_back(id);
        self.kept += samples;
        while self.kept > KEPT_SAMPLES {
            let Some(oldest) = self.sounding.pop_front() else { break };
            if let Some(record) = self.records.get_mut(&oldest) {
                self.kept -= std::mem::take(&mut record.sound).len();
            }
        }
    }
}

/// The words of `said` up to `end` of `length`, as if spoken evenly, without the one that was cut.
fn first_part(said: &str, end: u64, length: u64) -> String {
    let count = said.chars().count() as u64;
    let chars = (count * end / length.max(1)) as usize;
    let heard: String = said.chars().take(chars).collect();
    if chars as u64 >= count {
        return heard;
    }
    heard.rfind(char::is_whitespace).map_or_else(String::new, |at| heard[..at].to_owned())
}

fn text_size(item: &Item) -> usize {
    match &item.kind {
        ItemKind::Message { content, .. } => content
            .iter()
            .map(|p| p.words().map_or(0, str::len) + p.image_url.as_ref().map_or(0, String::len))
            .sum(),
        ItemKind::FunctionCall { name, arguments, .. } => name.len() + arguments.len(),
        ItemKind::FunctionCallOutput { output, .. } => output.len(),
        ItemKind::McpListTools { .. }
        | ItemKind::McpCall { .. }
        | ItemKind::McpApprovalRequest { .. }
        | ItemKind::McpApprovalResponse { .. }
        | ItemKind::ItemReference
        | ItemKind::Unknown => 0,
    }
}
