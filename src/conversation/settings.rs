//! The settings of a session by their names and as texts, which is how people change them.
//!
//! The names are those of the settings file, which checks the ranges before anything comes here.

use super::SessionConfig;
use super::config::{Eagerness, SoundFormat, TruncationKind, VadKind};
use crate::protocol::Patch;
use crate::protocol::session::Transcription;

/// All that there are.
pub const SETTINGS: [&str; 25] = [
    "voice",
    "speed",
    "instructions",
    "session.output_modality",
    "session.audio_format",
    "session.reasoning_effort",
    "session.max_output_tokens",
    "session.noise_reduction",
    "session.truncation",
    "session.retention_ratio",
    "session.token_limit",
    "session.tool_choice",
    "session.parallel_tool_calls",
    "session.tracing",
    "vad.kind",
    "vad.eagerness",
    "vad.threshold",
    "vad.silence_duration_ms",
    "vad.prefix_padding_ms",
    "vad.idle_timeout_ms",
    "vad.create_response",
    "vad.interrupt_response",
    "transcription.model",
    "transcription.language",
    "transcription.prompt",
];

impl SessionConfig {
    /// Takes `value` over. `None`, and nothing is changed, where there is no such setting or it is no value of it.
    pub fn set(&mut self, name: &str, value: &str) -> Option<()> {
        let (vad, options) = (&mut self.vad, &mut self.options);
        match name {
            "voice" => value.clone_into(&mut self.voice),
            "speed" => self.speed = value.parse::<f64>().ok()?.clamp(0.25, 1.5),
            "instructions" => value.clone_into(&mut options.besides),
            "session.output_modality" => self.spoken = options.can_speak && value == "audio",
            "session.audio_format" => options.sound = one_of(&SOUND, value)?,
            "session.reasoning_effort" => options.reasoning_effort = unless("auto", value),
            "session.max_output_tokens" => {
                options.max_output_tokens = if value == "inf" { None } else { Some(value.parse().ok()?) };
            }
            "session.noise_reduction" => {
                options.noise_reduction = match value {
                    "auto" => Patch::Keep,
                    "off" => Patch::Clear,
                    kind => Patch::Set(kind.to_owned()),
                };
            }
            "session.truncation" => options.truncation.kind = one_of(&TRUNCATION, value)?,
            "session.retention_ratio" => options.truncation.retention_ratio = value.parse().ok()?,
            "session.token_limit" => options.truncation.token_limit = value.parse().ok()?,
            "session.tool_choice" => options.tool_choice = unless("auto", value),
            "session.parallel_tool_calls" => {
                options.parallel_tool_calls =
                    one_of(&[("auto", None), ("on", Some(true)), ("off", Some(false))], value)?;
            }
            "session.tracing" => options.tracing = value.parse().ok()?,
            "vad.kind" => vad.kind = one_of(&KINDS, value)?,
            "vad.eagerness" => vad.eagerness = one_of(&EAGERNESS, value)?,
            "vad.threshold" => vad.threshold = value.parse().ok()?,
            "vad.silence_duration_ms" => vad.silence_duration_ms = value.parse().ok()?,
            "vad.prefix_padding_ms" => vad.prefix_padding_ms = value.parse().ok()?,
            "vad.idle_timeout_ms" => vad.idle_timeout_ms = Some(value.parse().ok()?).filter(|&ms| ms > 0),
            "vad.create_response" => vad.create_response = value.parse().ok()?,
            "vad.interrupt_response" => vad.interrupt_response = value.parse().ok()?,
            "transcription.model" => self.transcribe().model = unless("", value),
            "transcription.language" => self.transcribe().language = unless("", value),
            "transcription.prompt" => self.transcribe().prompt = unless("", value),
            _ => return None,
        }
        Some(())
    }

    /// The value as [`Self::set`] takes it; empty where there is no such setting.
    pub fn get(&self, name: &str) -> String {
        let (vad, options) = (&self.vad, &self.options);
        let or = |value: &Option<String>, without: &str| value.as_deref().unwrap_or(without).to_owned();
        let words = self.transcription.clone().unwrap_or_default();
        match name {
            "voice" => self.voice.clone(),
            "speed" => self.speed.to_string(),
            "instructions" => options.besides.clone(),
            "session.output_modality" => (if self.spoken { "audio" } else { "text" }).to_owned(),
            "session.audio_format" => word_of(&SOUND, options.sound),
            "session.reasoning_effort" => or(&options.reasoning_effort, "auto"),
            "session.max_output_tokens" => or(&options.max_output_tokens.map(|n| n.to_string()), "inf"),
            "session.noise_reduction" => match &options.noise_reduction {
                Patch::Keep => "auto".to_owned(),
                Patch::Clear => "off".to_owned(),
                Patch::Set(kind) => kind.clone(),
            },
            "session.truncation" => word_of(&TRUNCATION, options.truncation.kind),
            "session.retention_ratio" => options.truncation.retention_ratio.to_string(),
            "session.token_limit" => options.truncation.token_limit.to_string(),
            "session.tool_choice" => or(&options.tool_choice, "auto"),
            "session.parallel_tool_calls" => match options.parallel_tool_calls {
                None => "auto".to_owned(),
                Some(several) => (if several { "on" } else { "off" }).to_owned(),
            },
            "session.tracing" => options.tracing.to_string(),
            "vad.kind" => word_of(&KINDS, vad.kind),
            "vad.eagerness" => vad.eagerness.map_or("auto", Eagerness::word).to_owned(),
            "vad.threshold" => vad.threshold.to_string(),
            "vad.silence_duration_ms" => vad.silence_duration_ms.to_string(),
            "vad.prefix_padding_ms" => vad.prefix_padding_ms.to_string(),
            "vad.idle_timeout_ms" => vad.idle_timeout_ms.unwrap_or(0).to_string(),
            "vad.create_response" => vad.create_response.to_string(),
            "vad.interrupt_response" => vad.interrupt_response.to_string(),
            "transcription.model" => or(&words.model, ""),
            "transcription.language" => or(&words.language, ""),
            "transcription.prompt" => or(&words.prompt, ""),
            _ => String::new(),
        }
    }

    fn transcribe(&mut self) -> &mut Transcription {
        self.transcription.get_or_insert_default()
    }
}

const KINDS: [(&str, VadKind); 2] = [("server_vad", VadKind::Server), ("semantic_vad", VadKind::Semantic)];
const SOUND: [(&str, SoundFormat); 3] =
    [("pcm", SoundFormat::Pcm), ("g711_ulaw", SoundFormat::G711Ulaw), ("g711_alaw", SoundFormat::G711Alaw)];
const TRUNCATION: [(&str, TruncationKind); 3] = [
    ("auto", TruncationKind::Auto),
    ("retention_ratio", TruncationKind::RetentionRatio),
    ("disabled", TruncationKind::Disabled),
];
const EAGERNESS: [(&str, Option<Eagerness>); 4] = [
    ("auto", None),
    ("low", Some(Eagerness::Low)),
    ("medium", Some(Eagerness::Medium)),
    ("high", Some(Eagerness::High)),
];

fn unless(none: &str, value: &str) -> Option<String> {
    Some(value.to_owned()).filter(|value| value != none)
}

fn one_of<T: Copy>(words: &[(&str, T)], value: &str) -> Option<T> {
    words.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning)
}

fn word_of<T: Copy + PartialEq>(words: &[(&str, T)], meaning: T) -> String {
    let word = words.iter().find(|(_, known)| *known == meaning).map(|(word, _)| *word);
    word.expect("each has its word").to_owned()
}

#[cfg(test)]
mod tests;
