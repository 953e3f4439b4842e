//! Responses: what is asked of a model, and what it made of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::session::{AudioOutput, MaxTokens, Modality, Reasoning, Tool, ToolChoice};
use super::{Item, Patch, ResponseId, Usage};

/// At most 16 pairs, keys of 64 and values of 512 characters; servers echo it.
pub type Metadata = BTreeMap<String, String>;

/// The parameters of `response.create`; what is absent comes from the session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResponseCreate {
    /// `auto`, or `none` for a response beside the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// A context of its own; an empty one means none at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Vec<Item>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_modalities: Option<Vec<Modality>>,
    #[serde(skip_serializing_if = "ResponseAudio::is_empty")]
    pub audio: ResponseAudio,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Tool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Reasoning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<MaxTokens>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub metadata: Patch<Metadata>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub prompt: Patch<Value>,
    /// Beta only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResponseAudio {
    #[serde(skip_serializing_if = "nothing")]
    pub output: AudioOutput,
}

fn nothing(output: &AudioOutput) -> bool {
    *output == AudioOutput::default()
}

impl ResponseAudio {
    fn is_empty(&self) -> bool {
        nothing(&self.output)
    }
}

/// The response object of `response.created` and `response.done`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Response {
    pub id: ResponseId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    pub status: ResponseStatus,
    pub status_details: Option<StatusDetails>,
    pub output: Vec<Item>,
    /// `None` for a response beside the conversation.
    pub conversation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_modalities: Option<Vec<Modality>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<MaxTokens>,
    #[serde(skip_serializing_if = "ResponseAudio::is_empty")]
    pub audio: ResponseAudio,
    pub metadata: Option<Metadata>,
    pub usage: Option<Usage>,
    /// Beta only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseStatus {
    #[default]
    InProgress,
    Completed,
    Cancelled,
    Failed,
    Incomplete,
    #[serde(other)]
    Unknown,
}

/// Why a response ended other than completed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusDetails {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `turn_detected`, `client_cancelled`, `max_output_tokens`, `content_filter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ResponseError>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResponseError {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
