//! What one response is to be: the session's settings, overridden by what `response.create` says.

use serde_json::Value;

use super::refusal::{Refusal, unknown, unsupported};
use super::settings::Settings;
use super::validate;
use crate::protocol::response::{Metadata, ResponseAudio, ResponseCreate};
use crate::protocol::session::{AudioFormat, AudioOutput, MaxTokens, Modality, Tool, ToolChoice};
use crate::protocol::{Dialect, Response, ResponseId, ResponseStatus};
use crate::server::engine::{Prompt, Voice};

#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Whether its items join the conversation.
    pub(super) place: Placement,
    pub(super) instructions: String,
    pub(super) tools: Vec<Tool>,
    pub(super) tool_choice: ToolChoice,
    pub(super) modality: Modality,
    pub(super) format: AudioFormat,
    pub(super) voice: Voice,
    voice_value: Value,
    max_output_tokens: MaxTokens,
    metadata: Option<Metadata>,
    /// Whether more than one function may be called.
    parallel_calls: bool,
    temperature: Option<f64>,
    conversation_id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placement {
    InConversation,
    /// Beside it: what it says is not remembered.
    OutOfBand,
}

impl Plan {
    /// With `voice_fixed`, a response in the conversation must keep to the session's voice.
    pub(super) fn new(
        settings: &Settings,
        conversation_id: &str,
        create: &ResponseCreate,
        voice_fixed: bool,
    ) -> Result<Self, Refusal> {
        let place = placement(create.conversation.as_deref(), conversation_id)?;
        check(settings, create)?;
        if voice_fixed && place == Placement::InConversation {
            settings.check_voice(create.audio.output.voice.as_ref())?;
        }
        let session = settings.session();
        let audio = &session.audio.output;
        let or_auto = || ToolChoice::Mode("auto".to_owned());
        let voice_value =
            create.audio.output.voice.clone().or_else(|| audio.voice.clone()).unwrap_or(Value::Null);
        let modalities = create.output_modalities.as_ref().or(session.output_modalities.as_ref());
        Ok(Self {
            place,
            instructions: create
                .instructions
                .clone()
                .or_else(|| session.instructions.clone())
                .unwrap_or_default(),
            tools: create.tools.clone().unwrap_or_else(|| settings.tools().to_vec()),
            tool_choice: create
                .tool_choice
                .clone()
                .or_else(|| session.tool_choice.clone())
                .unwrap_or_else(or_auto),
            modality: modalities.and_then(|m| m.first().copied()).unwrap_or(Modality::Audio),
            format: create.audio.output.format.or(audio.format).unwrap_or_default(),
            voice: Voice {
                name: validate::voice_name(&voice_value).unwrap_or_default().to_owned(),
                speed: audio.speed.unwrap_or(1.0) as f32,
            },
            voice_value,
            max_output_tokens: create
                .max_output_tokens
                .clone()
                .or_else(|| session.max_output_tokens.clone())
                .unwrap_or_else(|| MaxTokens::Inf("inf".to_owned())),
            metadata: create.metadata.as_option().cloned(),
            parallel_calls: create.parallel_tool_calls.or(session.parallel_tool_calls).unwrap_or(true),
            temperature: create.temperature.or(session.temperature),
            conversation_id: conversation_id.to_owned(),
        })
    }

    pub(super) fn is_in_conversation(&self) -> bool {
        self.place == Placement::InConversation
    }

    pub(super) fn is_spoken(&self) -> bool {
        self.modality == Modality::Audio
    }

    pub(super) fn allows_parallel_calls(&self) -> bool {
        self.parallel_calls
    }

    /// The most tokens that it may make.
    pub(super) fn token_limit(&self) -> u64 {
        /// The largest output of the service's models: nobody listens for that half an hour.
        const MOST: u64 = 32_000;
        match self.max_output_tokens {
            MaxTokens::Count(count) => u64::from(count),
            MaxTokens::Inf(_) => MOST,
        }
    }

    /// `prompt` with what a client has said about the length and the temper of the answer.
    pub(super) fn limited(&self, prompt: Prompt) -> Prompt {
        let max_tokens = match self.max_output_tokens {
            MaxTokens::Count(count) => Some(count),
            MaxTokens::Inf(_) => None,
        };
        Prompt { max_tokens, temperature: self.temperature, ..prompt }
    }

    /// The response object at its beginning.
    pub(super) fn response(&self, id: &ResponseId) -> Response {
        Response {
            id: id.clone(),
            object: Some("realtime.response".to_owned()),
            status: ResponseStatus::InProgress,
            conversation_id: (self.place == Placement::InConversation).then(|| self.conversation_id.clone()),
            output_modalities: Some(vec![self.modality]),
            max_output_tokens: Some(self.max_output_tokens.clone()),
            audio: ResponseAudio {
                output: AudioOutput {
                    format: Some(self.format),
                    voice: Some(self.voice_value.clone()),
                    speed: None,
                },
            },
            metadata: self.metadata.clone(),
            temperature: self.temperature,
            ..Response::default()
        }
    }
}

fn placement(given: Option<&str>, conversation_id: &str) -> Result<Placement, Refusal> {
    match given {
        None | Some("auto") => Ok(Placement::InConversation),
        Some(id) if id == conversation_id => Ok(Placement::InConversation),
        Some("none") => Ok(Placement::OutOfBand),
        Some(other) => Err(unsupported("response.conversation", Some(other), &["auto", "none"])),
    }
}

fn check(settings: &Settings, create: &ResponseCreate) -> Result<(), Refusal> {
    if create.temperature.is_some() && settings.dialect() == Dialect::Ga {
        return Err(unknown("response.temperature"));
    }
    if create.audio.output.speed.is_some() {
        return Err(unknown("response.audio.output.speed"));
    }
    validate::temperature("response", create.temperature)?;
    validate::modalities("response", create.output_modalities.as_deref())?;
    validate::instructions("response", create.instructions.as_deref())?;
    validate::tools("response", create.tools.as_deref())?;
    let tools = create.tools.as_deref().unwrap_or(settings.tools());
    validate::tool_choice("response", create.tool_choice.as_ref(), tools)?;
    validate::reasoning("response", create.reasoning.as_ref())?;
    validate::max_tokens("response", create.max_output_tokens.as_ref())?;
    validate::metadata("response", create.metadata.as_option())?;
    validate::format("response.audio.output.format", create.audio.output.format)?;
    validate::voice("response.audio.output.voice", create.audio.output.voice.as_ref())
}
