//! The events that a client sends.

use serde::{Deserialize, Serialize};

use super::{EventId, Item, ItemId, ResponseCreate, ResponseId, Session};
use crate::pcm::AudioBytes;

/// An event with the id that errors about it will name.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientMessage {
    pub event_id: Option<EventId>,
    pub event: ClientEvent,
}

impl From<ClientEvent> for ClientMessage {
    fn from(event: ClientEvent) -> Self {
        Self { event_id: None, event }
    }
}

/// All eleven of GA, and `transcription_session.update` of beta.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum ClientEvent {
    #[serde(rename = "session.update")]
    SessionUpdate { session: Box<Session> },
    /// Beta only.
    #[serde(rename = "transcription_session.update")]
    TranscriptionSessionUpdate { session: Box<Session> },
    #[serde(rename = "input_audio_buffer.append")]
    InputAudioBufferAppend { audio: AudioBytes },
    #[serde(rename = "input_audio_buffer.commit")]
    InputAudioBufferCommit {},
    #[serde(rename = "input_audio_buffer.clear")]
    InputAudioBufferClear {},
    #[serde(rename = "conversation.item.create")]
    ConversationItemCreate {
        /// Where: after this one, `root` for the first place, absent for the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous_item_id: Option<ItemId>,
        item: Item,
    },
    #[serde(rename = "conversation.item.retrieve")]
    ConversationItemRetrieve { item_id: ItemId },
    #[serde(rename = "conversation.item.truncate")]
    ConversationItemTruncate {
        item_id: ItemId,
        content_index: u32,
        /// Never more than the audio that the server has sent.
        audio_end_ms: u64,
    },
    #[serde(rename = "conversation.item.delete")]
    ConversationItemDelete { item_id: ItemId },
    #[serde(rename = "response.create")]
    ResponseCreate {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        response: Option<Box<ResponseCreate>>,
    },
    #[serde(rename = "response.cancel")]
    ResponseCancel {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        response_id: Option<ResponseId>,
    },
    /// WebRTC and SIP only.
    #[serde(rename = "output_audio_buffer.clear")]
    OutputAudioBufferClear {},
}

impl ClientEvent {
    /// Every type that a server can be sent.
    pub const TYPES: [&'static str; 12] = [
        "session.update",
        "transcription_session.update",
        "input_audio_buffer.append",
        "input_audio_buffer.commit",
        "input_audio_buffer.clear",
        "conversation.item.create",
        "conversation.item.retrieve",
        "conversation.item.truncate",
        "conversation.item.delete",
        "response.create",
        "response.cancel",
        "output_audio_buffer.clear",
    ];
}
