//! What is asked of every session.

use serde_json::Value;

use super::TurnMode;
use crate::protocol::session::{
    AudioFormat, Modality, SessionKind, Tool, ToolChoice, Transcription, TurnDetection,
};
use crate::protocol::{Patch, Session};

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SessionConfig {
    pub instructions: String,
    pub tools: Vec<Tool>,
    pub mode: TurnMode,
    /// Answers are spoken, else written.
    pub spoken: bool,
    pub voice: String,
    /// 0.25 to 1.5.
    pub speed: f64,
    /// `None` leaves the person's words untranscribed.
    pub transcription: Option<Transcription>,
    pub vad: Vad,
    /// Of the person's and the assistant's sound on the wire, in Hz.
    pub rates: (u32, u32),
    /// Begins the ids of items that are made here; short, they may have 32 characters.
    pub id_prefix: String,
}

/// The server's voice activity detection.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Vad {
    /// 0 to 1.
    pub threshold: f64,
    pub prefix_padding_ms: u32,
    pub silence_duration_ms: u32,
}

impl Default for Vad {
    fn default() -> Self {
        Self { threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 500 }
    }
}

impl SessionConfig {
    /// The whole configuration as an update.
    pub(super) fn session(&self, mode: TurnMode) -> Session {
        let mut session = Session {
            kind: Some(SessionKind::Realtime),
            output_modalities: Some(vec![if self.spoken { Modality::Audio } else { Modality::Text }]),
            instructions: Some(self.instructions.clone()),
            tools: Some(self.tools.clone()),
            tool_choice: Some(ToolChoice::Mode("auto".to_owned())),
            ..Session::default()
        };
        let input = &mut session.audio.input;
        input.format = Some(AudioFormat::Pcm { rate: self.rates.0 });
        input.transcription = self.transcription.clone().map_or(Patch::Clear, Patch::Set);
        input.turn_detection = match mode {
            TurnMode::Vad => Patch::Set(self.vad.turn_detection()),
            TurnMode::PushToTalk | TurnMode::TextOnly => Patch::Clear,
        };
        if self.spoken {
            let output = &mut session.audio.output;
            output.format = Some(AudioFormat::Pcm { rate: self.rates.1 });
            output.voice = Some(Value::String(self.voice.clone()));
            output.speed = Some(self.speed);
        }
        session
    }
}

impl Vad {
    fn turn_detection(self) -> TurnDetection {
        TurnDetection::ServerVad {
            threshold: Some(self.threshold),
            prefix_padding_ms: Some(self.prefix_padding_ms),
            silence_duration_ms: Some(self.silence_duration_ms),
            idle_timeout_ms: Patch::Keep,
            create_response: Some(true),
            interrupt_response: Some(true),
        }
    }
}
