//! What is asked of every session.

use serde_json::{Value, json};

use super::TurnMode;
use crate::pcm::SESSION_RATE;
use crate::protocol::dialect::{Dialect, Quirks};
use crate::protocol::session::{
    AudioFormat, MaxTokens, Modality, NoiseReduction, Reasoning, SessionKind, Tool, ToolChoice,
    Transcription, TurnDetection,
};
use crate::protocol::{Patch, Session};

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SessionConfig {
    pub instructions: String,
    pub tools: Vec<Tool>,
    pub mode: TurnMode,
    /// Answers are spoken, else written.
    pub spoken: bool,
    /// A name, or the id of a voice of one's own, which begins with `voice_`.
    pub voice: String,
    /// 0.25 to 1.5.
    pub speed: f64,
    /// `None`, or one without a model, leaves the person's words untranscribed.
    pub transcription: Option<Transcription>,
    pub vad: Vad,
    pub options: Options,
    /// Of the person's and the assistant's sound on the wire, in Hz.
    pub rates: (u32, u32),
    /// How the server is spoken to, which says what it can be asked for.
    pub dialect: Dialect,
    pub quirks: Quirks,
    /// The model that was asked for at the connection; empty where the server chooses.
    pub model: String,
    /// Begins the ids of items that are made here; short, they may have 32 characters.
    pub id_prefix: String,
}

/// The server's voice activity detection.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Vad {
    pub kind: VadKind,
    /// 0 to 1.
    pub threshold: f64,
    pub prefix_padding_ms: u32,
    pub silence_duration_ms: u32,
    /// 5,000 to 30,000.
    pub idle_timeout_ms: Option<u32>,
    /// The end of a turn is answered unasked.
    pub create_response: bool,
    /// The beginning of a turn ends the answer.
    pub interrupt_response: bool,
    /// Of `semantic_vad`; `None` is the server's.
    pub eagerness: Option<Eagerness>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VadKind {
    Server,
    Semantic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Eagerness {
    Low,
    Medium,
    High,
}

/// What most people leave to the server, which is the default.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Options {
    /// Answers could be spoken, also where they are written now.
    pub can_speak: bool,
    /// Told to the model after the instructions.
    pub besides: String,
    /// `near_field` or `far_field`; `Clear` is off.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub noise_reduction: Patch<String>,
    pub reasoning_effort: Option<String>,
    /// `None` is as many as the model can.
    pub max_output_tokens: Option<u32>,
    pub truncation: Truncation,
    /// `none`, `required`, or a tool's name; `None` is the model's choice.
    pub tool_choice: Option<String>,
    pub parallel_tool_calls: Option<bool>,
    pub tracing: bool,
    pub sound: SoundFormat,
}

/// How sound goes over the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoundFormat {
    /// PCM of 16 bits at the server's rates: 540 kbit/s on the wire, each way.
    #[default]
    Pcm,
    /// μ-law at 8 kHz, as the telephone has it: 110 kbit/s, as the frames around it stay.
    G711Ulaw,
    /// The same in the other law.
    G711Alaw,
}

/// What happens when a conversation is too long for the model.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Truncation {
    pub kind: TruncationKind,
    /// The share that is kept, 0 to 1.
    pub retention_ratio: f64,
    /// Tokens after the instructions; 0 is as many as the model can take.
    pub token_limit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TruncationKind {
    Auto,
    RetentionRatio,
    Disabled,
}

impl Default for SessionConfig {
    /// Written, and without tools.
    fn default() -> Self {
        Self {
            instructions: String::new(),
            tools: Vec::new(),
            mode: TurnMode::TextOnly,
            spoken: false,
            voice: String::new(),
            speed: 1.0,
            transcription: None,
            vad: Vad::default(),
            options: Options::default(),
            rates: (SESSION_RATE, SESSION_RATE),
            dialect: Dialect::Ga,
            quirks: Quirks::default(),
            model: String::new(),
            id_prefix: "msg".to_owned(),
        }
    }
}

impl Default for Truncation {
    fn default() -> Self {
        Self { kind: TruncationKind::Auto, retention_ratio: 0.8, token_limit: 0 }
    }
}

impl Default for Vad {
    fn default() -> Self {
        Self {
            kind: VadKind::Server,
            threshold: 0.5,
            prefix_padding_ms: 300,
            silence_duration_ms: 500,
            idle_timeout_ms: None,
            create_response: true,
            interrupt_response: true,
            eagerness: None,
        }
    }
}

impl SessionConfig {
    /// The whole configuration as an update. What is left to the server is not in it.
    pub(super) fn session(&self, mode: TurnMode) -> Session {
        let options = &self.options;
        let mut session = Session {
            kind: Some(SessionKind::Realtime),
            output_modalities: Some(vec![if self.spoken { Modality::Audio } else { Modality::Text }]),
            instructions: Some(self.told()),
            tools: Some(self.tools.clone()),
            tool_choice: Some(self.tool_choice()),
            parallel_tool_calls: options.parallel_tool_calls,
            reasoning: options.reasoning_effort.clone().map(|effort| Reasoning { effort }),
            max_output_tokens: options.max_output_tokens.map(MaxTokens::Count),
            truncation: options.truncation.patch(),
            tracing: if options.tracing { Patch::Set(json!("auto")) } else { Patch::Keep },
            ..Session::default()
        };
        let input = &mut session.audio.input;
        let (input_format, output_format) = self.formats();
        input.format = Some(input_format);
        let wanted = self.transcription.clone().filter(|t| t.model.is_some() && mode != TurnMode::TextOnly);
        input.transcription = wanted.map_or(Patch::Clear, Patch::Set);
        input.noise_reduction = match &options.noise_reduction {
            Patch::Set(kind) => Patch::Set(NoiseReduction { kind: kind.clone(), strength: None }),
            Patch::Clear => Patch::Clear,
            Patch::Keep => Patch::Keep,
        };
        input.turn_detection = match mode {
            TurnMode::Vad => Patch::Set(self.vad.turn_detection()),
            TurnMode::PushToTalk | TurnMode::TextOnly => Patch::Clear,
        };
        if self.spoken {
            let output = &mut session.audio.output;
            output.format = Some(output_format);
            output.voice = Some(self.voice());
            // Not every server knows a speed, and this one is everybody's own.
            output.speed = Some(self.speed).filter(|speed| (speed - 1.0).abs() > 1e-6);
        }
        session
    }

    /// Of the person's and the assistant's sound on the wire.
    pub fn formats(&self) -> (AudioFormat, AudioFormat) {
        match self.options.sound {
            SoundFormat::G711Ulaw if self.takes_formats() => (AudioFormat::Pcmu, AudioFormat::Pcmu),
            SoundFormat::G711Alaw if self.takes_formats() => (AudioFormat::Pcma, AudioFormat::Pcma),
            _ => (AudioFormat::Pcm { rate: self.rates.0 }, AudioFormat::Pcm { rate: self.rates.1 }),
        }
    }

    /// Whether the server can be asked for other sound than PCM: one with rates or names of its own knows no other.
    pub(super) fn takes_formats(&self) -> bool {
        let is_told = !self.quirks.leave_out.iter().any(|path| path.contains("format"));
        self.rates == (SESSION_RATE, SESSION_RATE) && self.quirks.formats.is_none() && is_told
    }

    /// What helps a voice over a slow network, if anything does; to be put behind what is told.
    pub fn sparing(&self) -> &'static str {
        if self.takes_formats() && self.options.sound == SoundFormat::Pcm {
            "; `/set audio_format g711_ulaw` takes a quarter of the network"
        } else {
            ""
        }
    }

    /// What can be said of the use of tools.
    pub fn tool_choices(&self) -> Vec<&str> {
        let tools = self.tools.iter().filter_map(|tool| match tool {
            Tool::Function { name, .. } => Some(name.as_str()),
            Tool::Mcp { .. } | Tool::Unknown => None,
        });
        ["auto", "none", "required"].into_iter().chain(tools).collect()
    }

    /// The model has to use a tool, so that it would never come to an end by itself.
    pub(super) fn forces_tools(&self) -> bool {
        self.options.tool_choice.as_deref().is_some_and(|choice| choice != "none")
    }

    fn told(&self) -> String {
        match self.options.besides.trim() {
            "" => self.instructions.clone(),
            besides => format!("{}\n\n# Besides\n{besides}\n", self.instructions.trim_end()),
        }
    }

    fn voice(&self) -> Value {
        // Beta knows names only.
        if self.voice.starts_with("voice_") && self.dialect == Dialect::Ga {
            json!({"id": self.voice})
        } else {
            json!(self.voice)
        }
    }

    fn tool_choice(&self) -> ToolChoice {
        match self.options.tool_choice.as_deref() {
            None => ToolChoice::Mode("auto".to_owned()),
            Some(mode @ ("none" | "required")) => ToolChoice::Mode(mode.to_owned()),
            Some(name) => ToolChoice::Function {
                kind: "function".to_owned(),
                name: Some(name.to_owned()),
                server_label: None,
            },
        }
    }
}

impl Truncation {
    fn patch(self) -> Patch<Value> {
        match self.kind {
            TruncationKind::Auto => Patch::Keep,
            TruncationKind::Disabled => Patch::Set(json!("disabled")),
            TruncationKind::RetentionRatio => {
                let mut value = json!({"type": "retention_ratio", "retention_ratio": self.retention_ratio});
                if self.token_limit > 0 {
                    value["token_limits"] = json!({"post_instructions": self.token_limit});
                }
                Patch::Set(value)
            }
        }
    }
}

impl Vad {
    fn turn_detection(self) -> TurnDetection {
        let (create_response, interrupt_response) =
            (Some(self.create_response), Some(self.interrupt_response));
        match self.kind {
            VadKind::Server => TurnDetection::ServerVad {
                threshold: Some(self.threshold),
                prefix_padding_ms: Some(self.prefix_padding_ms),
                silence_duration_ms: Some(self.silence_duration_ms),
                idle_timeout_ms: self.idle_timeout_ms.map_or(Patch::Keep, Patch::Set),
                create_response,
                interrupt_response,
            },
            VadKind::Semantic => TurnDetection::SemanticVad {
                eagerness: self.eagerness.map(|eagerness| eagerness.word().to_owned()),
                create_response,
                interrupt_response,
            },
        }
    }
}

impl Eagerness {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
