//! The events that a server sends.
//!
//! Every field has a default: servers leave out what the schema requires.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CallId, EventId, Item, ItemId, Response, ResponseId, Session};
use crate::pcm::AudioBytes;

#[derive(Debug, Clone, PartialEq)]
pub struct ServerMessage {
    pub event_id: Option<EventId>,
    pub event: ServerEvent,
}

/// All 46 of GA, those that only beta has, and whatever else comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum ServerEvent {
    #[serde(rename = "error")]
    Error { error: ApiError },
    #[serde(rename = "session.created")]
    SessionCreated(SessionEvent),
    #[serde(rename = "session.updated")]
    SessionUpdated(SessionEvent),
    /// Beta only.
    #[serde(rename = "transcription_session.updated")]
    TranscriptionSessionUpdated(SessionEvent),
    #[serde(rename = "conversation.created")]
    ConversationCreated(ConversationCreated),
    #[serde(rename = "conversation.item.added")]
    ItemAdded(ItemEvent),
    #[serde(rename = "conversation.item.done")]
    ItemDone(ItemEvent),
    /// The beta name of `added`; some GA servers use it.
    #[serde(rename = "conversation.item.created")]
    ItemCreated(ItemEvent),
    #[serde(rename = "conversation.item.retrieved")]
    ItemRetrieved(ItemEvent),
    #[serde(rename = "conversation.item.deleted")]
    ItemDeleted(ItemIdOnly),
    #[serde(rename = "conversation.item.truncated")]
    ItemTruncated(ItemTruncated),
    #[serde(rename = "conversation.item.input_audio_transcription.delta")]
    InputTranscriptionDelta(InputTranscriptionDelta),
    #[serde(rename = "conversation.item.input_audio_transcription.completed")]
    InputTranscriptionCompleted(InputTranscriptionCompleted),
    #[serde(rename = "conversation.item.input_audio_transcription.failed")]
    InputTranscriptionFailed(InputTranscriptionFailed),
    #[serde(rename = "conversation.item.input_audio_transcription.segment")]
    InputTranscriptionSegment(InputTranscriptionSegment),
    #[serde(rename = "input_audio_buffer.committed")]
    Committed(Committed),
    #[serde(rename = "input_audio_buffer.cleared")]
    Cleared {},
    #[serde(rename = "input_audio_buffer.speech_started")]
    SpeechStarted(SpeechStarted),
    #[serde(rename = "input_audio_buffer.speech_stopped")]
    SpeechStopped(SpeechStopped),
    #[serde(rename = "input_audio_buffer.timeout_triggered")]
    TimeoutTriggered(TimeoutTriggered),
    #[serde(rename = "input_audio_buffer.dtmf_event_received")]
    DtmfEventReceived(DtmfEventReceived),
    #[serde(rename = "output_audio_buffer.started")]
    OutputAudioBufferStarted(ResponseIdOnly),
    #[serde(rename = "output_audio_buffer.stopped")]
    OutputAudioBufferStopped(ResponseIdOnly),
    #[serde(rename = "output_audio_buffer.cleared")]
    OutputAudioBufferCleared(ResponseIdOnly),
    #[serde(rename = "response.created")]
    ResponseCreated(ResponseEvent),
    #[serde(rename = "response.done")]
    ResponseDone(ResponseEvent),
    #[serde(rename = "response.output_item.added")]
    OutputItemAdded(OutputItem),
    #[serde(rename = "response.output_item.done")]
    OutputItemDone(OutputItem),
    #[serde(rename = "response.content_part.added")]
    ContentPartAdded(ContentPartEvent),
    #[serde(rename = "response.content_part.done")]
    ContentPartDone(ContentPartEvent),
    #[serde(rename = "response.output_text.delta")]
    OutputTextDelta(TextDelta),
    #[serde(rename = "response.output_text.done")]
    OutputTextDone(TextDone),
    #[serde(rename = "response.output_audio.delta")]
    OutputAudioDelta(AudioDelta),
    #[serde(rename = "response.output_audio.done")]
    OutputAudioDone(AudioDone),
    #[serde(rename = "response.output_audio_transcript.delta")]
    OutputTranscriptDelta(TextDelta),
    #[serde(rename = "response.output_audio_transcript.done")]
    OutputTranscriptDone(TranscriptDone),
    #[serde(rename = "response.function_call_arguments.delta")]
    CallArgumentsDelta(CallArgumentsDelta),
    #[serde(rename = "response.function_call_arguments.done")]
    CallArgumentsDone(CallArgumentsDone),
    #[serde(rename = "response.mcp_call_arguments.delta")]
    McpCallArgumentsDelta(CallArgumentsDelta),
    #[serde(rename = "response.mcp_call_arguments.done")]
    McpCallArgumentsDone(CallArgumentsDone),
    #[serde(rename = "response.mcp_call.in_progress")]
    McpCallInProgress(McpProgress),
    #[serde(rename = "response.mcp_call.completed")]
    McpCallCompleted(McpProgress),
    #[serde(rename = "response.mcp_call.failed")]
    McpCallFailed(McpProgress),
    #[serde(rename = "mcp_list_tools.in_progress")]
    McpListToolsInProgress(ItemIdOnly),
    #[serde(rename = "mcp_list_tools.completed")]
    McpListToolsCompleted(ItemIdOnly),
    #[serde(rename = "mcp_list_tools.failed")]
    McpListToolsFailed(ItemIdOnly),
    #[serde(rename = "rate_limits.updated")]
    RateLimitsUpdated(RateLimits),
    /// In no schema, but in a guide and in the wild: a sign beside `response.done`, never instead of it here.
    #[serde(rename = "response.cancelled")]
    ResponseCancelled(ResponseIdOnly),
    /// A type of which nothing is known, or a known one that could not be read; `problem` says which.
    #[serde(skip)]
    Unknown { kind: String, problem: Option<String> },
}

impl ServerEvent {
    /// Every type that is understood.
    pub const TYPES: [&'static str; 48] = [
        "error",
        "session.created",
        "session.updated",
        "transcription_session.updated",
        "conversation.created",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.created",
        "conversation.item.retrieved",
        "conversation.item.deleted",
        "conversation.item.truncated",
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.completed",
        "conversation.item.input_audio_transcription.failed",
        "conversation.item.input_audio_transcription.segment",
        "input_audio_buffer.committed",
        "input_audio_buffer.cleared",
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.timeout_triggered",
        "input_audio_buffer.dtmf_event_received",
        "output_audio_buffer.started",
        "output_audio_buffer.stopped",
        "output_audio_buffer.cleared",
        "response.created",
        "response.done",
        "response.output_item.added",
        "response.output_item.done",
        "response.content_part.added",
        "response.content_part.done",
        "response.output_text.delta",
        "response.output_text.done",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.delta",
        "response.output_audio_transcript.done",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.mcp_call_arguments.delta",
        "response.mcp_call_arguments.done",
        "response.mcp_call.in_progress",
        "response.mcp_call.completed",
        "response.mcp_call.failed",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.completed",
        "mcp_list_tools.failed",
        "rate_limits.updated",
        "response.cancelled",
    ];
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApiError {
    #[serde(rename = "type")]
    pub kind: String,
    pub code: Option<String>,
    pub message: String,
    pub param: Option<String>,
    /// The client's event that caused it.
    pub event_id: Option<EventId>,
}

impl ApiError {
    /// The machine-readable name. Some servers put it into `type` and leave `code` empty.
    pub fn code(&self) -> &str {
        self.code.as_deref().unwrap_or(&self.kind)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionEvent {
    pub session: Box<Session>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConversationCreated {
    pub conversation: ConversationObject,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConversationObject {
    pub id: String,
    pub object: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemEvent {
    /// `None` for the first item, and where a server does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_item_id: Option<ItemId>,
    pub item: Item,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemIdOnly {
    pub item_id: ItemId,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResponseIdOnly {
    pub response_id: ResponseId,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemTruncated {
    pub item_id: ItemId,
    pub content_index: u32,
    pub audio_end_ms: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InputTranscriptionDelta {
    pub item_id: ItemId,
    pub content_index: u32,
    pub delta: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InputTranscriptionCompleted {
    pub item_id: ItemId,
    pub content_index: u32,
    pub transcript: String,
    /// Tokens or seconds, told apart by its `type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Value>,
    /// Some servers send several, of which only the last has no `in_progress` here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InputTranscriptionFailed {
    pub item_id: ItemId,
    pub content_index: u32,
    pub error: ApiError,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InputTranscriptionSegment {
    pub item_id: ItemId,
    pub content_index: u32,
    pub id: String,
    pub text: String,
    pub speaker: String,
    /// Seconds.
    pub start: f64,
    /// Seconds.
    pub end: f64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Committed {
    pub item_id: ItemId,
    pub previous_item_id: Option<ItemId>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpeechStarted {
    pub item_id: ItemId,
    /// Counted from all audio written, prefix padding included.
    pub audio_start_ms: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpeechStopped {
    pub item_id: ItemId,
    pub audio_end_ms: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TimeoutTriggered {
    pub item_id: ItemId,
    pub audio_start_ms: u64,
    pub audio_end_ms: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DtmfEventReceived {
    pub event: String,
    pub received_at: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResponseEvent {
    pub response: Box<Response>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputItem {
    #[serde(default)]
    pub response_id: ResponseId,
    #[serde(default)]
    pub output_index: u32,
    pub item: Item,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContentPartEvent {
    pub response_id: ResponseId,
    pub item_id: ItemId,
    pub output_index: u32,
    pub content_index: u32,
    pub part: Part,
}

/// A content part as these two events write it: `text` or `audio`, also where an item says `output_text`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Part {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextDelta {
    pub response_id: ResponseId,
    pub item_id: ItemId,
    pub output_index: u32,
    pub content_index: u32,
    pub delta: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextDone {
    pub response_id: ResponseId,
    pub item_id: ItemId,
    pub output_index: u32,
    pub content_index: u32,
    pub text: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TranscriptDone {
    pub response_id: ResponseId,
    pub item_id: ItemId,
    pub output_index: u32,
    pub content_index: u32,
    pub transcript: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AudioDelta {
    pub response_id: ResponseId,
    pub item_id: ItemId,
    pub output_index: u32,
    pub content_index: u32,
    /// Of the session's output format; any length, even an odd one.
    pub delta: AudioBytes,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AudioDone {
    pub response_id: ResponseId,
    pub item_id: ItemId,
    pub output_index: u32,
    pub content_index: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallArgumentsDelta {
    pub response_id: ResponseId,
    pub item_id: ItemId,
    pub output_index: u32,
    #[serde(skip_serializing_if = "CallId::is_empty")]
    pub call_id: CallId,
    pub delta: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallArgumentsDone {
    pub response_id: ResponseId,
    pub item_id: ItemId,
    pub output_index: u32,
    #[serde(skip_serializing_if = "CallId::is_empty")]
    pub call_id: CallId,
    /// Absent in beta.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub arguments: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct McpProgress {
    pub item_id: ItemId,
    pub output_index: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateLimits {
    pub rate_limits: Vec<RateLimit>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateLimit {
    /// `requests` or `tokens`.
    pub name: String,
    pub limit: u64,
    pub remaining: u64,
    pub reset_seconds: f64,
}
