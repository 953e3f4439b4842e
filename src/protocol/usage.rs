//! Token counts, as `response.done` and transcriptions report them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    pub total_tokens: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub input_token_details: InputTokens,
    pub output_token_details: OutputTokens,
}

/// `cached_tokens` are part of the others, not beside them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InputTokens {
    pub text_tokens: u64,
    pub audio_tokens: u64,
    pub image_tokens: u64,
    pub cached_tokens: u64,
    pub cached_tokens_details: CachedTokens,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CachedTokens {
    pub text_tokens: u64,
    pub audio_tokens: u64,
    pub image_tokens: u64,
}

/// What a transcription cost: some models count tokens, others time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TranscriptionUsage {
    Tokens(Usage),
    Seconds(f64),
}

impl TranscriptionUsage {
    /// `{"type": "tokens", …}` or `{"type": "duration", "seconds"}`; `None` for anything else.
    pub fn read(usage: &Value) -> Option<Self> {
        match usage.get("type")?.as_str()? {
            "tokens" => serde_json::from_value(usage.clone()).ok().map(Self::Tokens),
            "duration" => {
                let seconds = usage.get("seconds")?.as_f64()?;
                (seconds.is_finite() && seconds >= 0.0).then_some(Self::Seconds(seconds))
            }
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputTokens {
    pub text_tokens: u64,
    pub audio_tokens: u64,
}
