//! Items: what a conversation is made of.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CallId, ItemId};

/// One item. `id` is chosen by whoever creates it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ItemId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ItemStatus>,
    #[serde(flatten)]
    pub kind: ItemKind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ItemKind {
    Message {
        role: Role,
        #[serde(default)]
        content: Vec<ContentPart>,
        /// Reasoning models: `commentary` or `final_answer`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<String>,
    },
    FunctionCall {
        #[serde(default, skip_serializing_if = "CallId::is_empty")]
        call_id: CallId,
        #[serde(default)]
        name: String,
        /// A JSON text, not yet an object.
        #[serde(default)]
        arguments: String,
    },
    FunctionCallOutput {
        #[serde(default)]
        call_id: CallId,
        #[serde(default)]
        output: String,
    },
    McpListTools {
        #[serde(default)]
        server_label: String,
        #[serde(default)]
        tools: Vec<Value>,
    },
    McpCall {
        #[serde(default)]
        server_label: String,
        #[serde(default)]
        name: String,
        #[serde(default)]
        arguments: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval_request_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Value>,
    },
    McpApprovalRequest {
        #[serde(default)]
        server_label: String,
        #[serde(default)]
        name: String,
        #[serde(default)]
        arguments: String,
    },
    McpApprovalResponse {
        #[serde(default)]
        approval_request_id: String,
        #[serde(default)]
        approve: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Only inside `response.create`: an item of the conversation, by id.
    ItemReference,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    InProgress,
    Completed,
    Incomplete,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    System,
    User,
    Assistant,
    /// `developer` and whatever comes.
    #[serde(other)]
    Unknown,
}

/// A piece of a message; which fields are there depends on `kind`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ContentPart {
    #[serde(rename = "type", default)]
    pub kind: PartKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// Base64 of the session's format; not decoded, because nobody here needs it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    InputText,
    InputAudio,
    InputImage,
    #[serde(alias = "text")]
    OutputText,
    #[serde(alias = "audio")]
    OutputAudio,
    #[default]
    #[serde(other)]
    Unknown,
}

impl Item {
    pub fn new(kind: ItemKind) -> Self {
        Self { id: None, object: None, status: None, kind }
    }

    /// What a person typed.
    pub fn user_text(id: ItemId, text: &str) -> Self {
        Self::message(id, Role::User, ContentPart::text(PartKind::InputText, text))
    }

    /// Something that the program tells the model.
    pub fn system_text(id: ItemId, text: &str) -> Self {
        Self::message(id, Role::System, ContentPart::text(PartKind::InputText, text))
    }

    /// What the assistant said, as text: the form in which a new session is told of an old one.
    pub fn assistant_text(id: ItemId, text: &str) -> Self {
        Self::message(id, Role::Assistant, ContentPart::text(PartKind::OutputText, text))
    }

    pub fn function_call_output(id: ItemId, call_id: CallId, output: String) -> Self {
        Self { id: Some(id), ..Self::new(ItemKind::FunctionCallOutput { call_id, output }) }
    }

    fn message(id: ItemId, role: Role, part: ContentPart) -> Self {
        let kind = ItemKind::Message { role, content: vec![part], phase: None };
        Self { id: Some(id), ..Self::new(kind) }
    }

    /// The id, or an empty one where a server left it out.
    pub fn id(&self) -> ItemId {
        self.id.clone().unwrap_or_default()
    }
}

impl ContentPart {
    pub fn text(kind: PartKind, text: &str) -> Self {
        Self { kind, text: Some(text.to_owned()), ..Self::default() }
    }

    /// The words of this part, written or spoken, if any are known.
    pub fn words(&self) -> Option<&str> {
        self.text.as_deref().or(self.transcript.as_deref())
    }
}
