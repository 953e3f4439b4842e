//! The session object: what a client asks for and what a server has in effect.
//!
//! One type serves both. As an update, what is absent stays as it is; see [`Session::merge`].

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Patch;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<SessionKind>,
    /// Server only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Server only: `realtime.session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Server only: Unix time at which the session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_modalities: Option<Vec<Modality>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    #[serde(skip_serializing_if = "Audio::is_empty")]
    pub audio: Audio,
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
    pub truncation: Patch<Value>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub tracing: Patch<Value>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub include: Patch<Vec<String>>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub prompt: Patch<Value>,
    /// Beta only, 0.6 to 1.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    Realtime,
    Transcription,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    Text,
    Audio,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audio {
    #[serde(skip_serializing_if = "AudioInput::is_empty")]
    pub input: AudioInput,
    #[serde(skip_serializing_if = "AudioOutput::is_empty")]
    pub output: AudioOutput,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AudioInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<AudioFormat>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub transcription: Patch<Transcription>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub noise_reduction: Patch<NoiseReduction>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub turn_detection: Patch<TurnDetection>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AudioOutput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<AudioFormat>,
    /// A name, or an object with the `id` of a voice of one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<Value>,
    /// 0.25 to 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum AudioFormat {
    /// Little-endian 16-bit mono; the service knows 24,000 Hz only.
    #[serde(rename = "audio/pcm")]
    Pcm {
        #[serde(default = "default_rate")]
        rate: u32,
    },
    #[serde(rename = "audio/pcmu")]
    Pcmu,
    #[serde(rename = "audio/pcma")]
    Pcma,
    #[serde(other)]
    Unknown,
}

fn default_rate() -> u32 {
    crate::pcm::SESSION_RATE
}

impl Default for AudioFormat {
    fn default() -> Self {
        Self::Pcm { rate: default_rate() }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Transcription {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// ISO 639-1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub languages: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keywords: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoiseReduction {
    /// `near_field` or `far_field`.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<f64>,
}

/// How the server finds the end of a turn. `server_vad` and `semantic_vad` have different fields; each only
/// writes its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TurnDetection {
    ServerVad {
        /// 0 to 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        threshold: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prefix_padding_ms: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        silence_duration_ms: Option<u32>,
        #[serde(default, skip_serializing_if = "Patch::is_keep")]
        idle_timeout_ms: Patch<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        create_response: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interrupt_response: Option<bool>,
    },
    SemanticVad {
        /// `low`, `medium`, `high` or `auto`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        eagerness: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        create_response: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interrupt_response: Option<bool>,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tool {
    Function {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// JSON Schema of the arguments.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parameters: Option<Value>,
    },
    Mcp {
        #[serde(flatten)]
        fields: Map<String, Value>,
    },
    #[serde(other)]
    Unknown,
}

/// `auto`, `none`, `required`, or one certain tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ToolChoice {
    Mode(String),
    Function {
        #[serde(rename = "type")]
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server_label: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasoning {
    pub effort: String,
}

/// A number of tokens, or `"inf"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MaxTokens {
    Count(u32),
    Inf(String),
}

impl Audio {
    fn is_empty(&self) -> bool {
        self.input.is_empty() && self.output.is_empty()
    }
}

impl AudioInput {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl AudioOutput {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Session {
    /// Takes over every field that `update` has; the rest stays.
    pub fn merge(&mut self, update: &Self) {
        set(&mut self.kind, update.kind.as_ref());
        set(&mut self.model, update.model.as_ref());
        set(&mut self.output_modalities, update.output_modalities.as_ref());
        set(&mut self.instructions, update.instructions.as_ref());
        set(&mut self.tools, update.tools.as_ref());
        set(&mut self.tool_choice, update.tool_choice.as_ref());
        set(&mut self.parallel_tool_calls, update.parallel_tool_calls.as_ref());
        set(&mut self.reasoning, update.reasoning.as_ref());
        set(&mut self.max_output_tokens, update.max_output_tokens.as_ref());
        set(&mut self.temperature, update.temperature.as_ref());
        patch(&mut self.truncation, &update.truncation);
        patch(&mut self.tracing, &update.tracing);
        patch(&mut self.include, &update.include);
        patch(&mut self.prompt, &update.prompt);
        let (input, new) = (&mut self.audio.input, &update.audio.input);
        set(&mut input.format, new.format.as_ref());
        patch(&mut input.transcription, &new.transcription);
        patch(&mut input.noise_reduction, &new.noise_reduction);
        patch(&mut input.turn_detection, &new.turn_detection);
        let (output, new) = (&mut self.audio.output, &update.audio.output);
        set(&mut output.format, new.format.as_ref());
        set(&mut output.voice, new.voice.as_ref());
        set(&mut output.speed, new.speed.as_ref());
    }

    /// What an update has to say, so that a session that was told `before` is like this one. What this one leaves to
    /// the server is switched off, or put back to the service's default, where there is a way to say so.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let (input, was) = (&self.audio.input, &before.audio.input);
        let (output, had) = (&self.audio.output, &before.audio.output);
        let truncation = match changed_patch(&self.truncation, &before.truncation) {
            Patch::Clear => Patch::Set(Value::from("auto")),
            truncation => truncation,
        };
        Self {
            output_modalities: changed(self.output_modalities.as_ref(), before.output_modalities.as_ref()),
            instructions: changed(self.instructions.as_ref(), before.instructions.as_ref()),
            tools: changed(self.tools.as_ref(), before.tools.as_ref()),
            tool_choice: changed(self.tool_choice.as_ref(), before.tool_choice.as_ref()),
            parallel_tool_calls: changed(
                self.parallel_tool_calls.as_ref(),
                before.parallel_tool_calls.as_ref(),
            ),
            reasoning: changed(self.reasoning.as_ref(), before.reasoning.as_ref()),
            max_output_tokens: changed(self.max_output_tokens.as_ref(), before.max_output_tokens.as_ref())
                .or_else(|| {
                    let ended = self.max_output_tokens.is_none() && before.max_output_tokens.is_some();
                    ended.then(|| MaxTokens::Inf("inf".to_owned()))
                }),
            truncation,
            tracing: changed_patch(&self.tracing, &before.tracing),
            audio: Audio {
                input: AudioInput {
                    format: changed(input.format.as_ref(), was.format.as_ref()),
                    transcription: changed_patch(&input.transcription, &was.transcription),
                    noise_reduction: changed_patch(&input.noise_reduction, &was.noise_reduction),
                    turn_detection: changed_patch(&input.turn_detection, &was.turn_detection),
                },
                output: AudioOutput {
                    format: changed(output.format.as_ref(), had.format.as_ref()),
                    voice: changed(output.voice.as_ref(), had.voice.as_ref()),
                    speed: changed(output.speed.as_ref(), had.speed.as_ref())
                        .or_else(|| (output.speed.is_none() && had.speed.is_some()).then_some(1.0)),
                },
            },
            ..Self::default()
        }
    }
}

fn changed<T: Clone + PartialEq>(now: Option<&T>, before: Option<&T>) -> Option<T> {
    now.filter(|_| now != before).cloned()
}

fn changed_patch<T: Clone + PartialEq>(now: &Patch<T>, before: &Patch<T>) -> Patch<T> {
    match now {
        _ if now == before => Patch::Keep,
        Patch::Keep => Patch::Clear,
        now => now.clone(),
    }
}

fn set<T: Clone>(field: &mut Option<T>, new: Option<&T>) {
    if let Some(new) = new {
        *field = Some(new.clone());
    }
}

fn patch<T: Clone>(field: &mut Patch<T>, new: &Patch<T>) {
    if !new.is_keep() {
        field.clone_from(new);
    }
}
