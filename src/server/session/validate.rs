//! What `session.update` and `response.create` have in common and may get wrong.
//!
//! `at` is where in the client's event the value stands, such as `session` or `response`.

use serde_json::Value;

use super::refusal::{
    Refusal, invalid, missing, not_longer, not_more, plain_name, refuse, unsupported, within,
};
use crate::pcm::SESSION_RATE;
use crate::protocol::response::Metadata;
use crate::protocol::session::{AudioFormat, MaxTokens, Modality, Reasoning, Tool, ToolChoice};

/// Longer instructions than any model would read.
const MAX_INSTRUCTIONS: usize = 200_000;
const MAX_TOOLS: usize = 128;
const MAX_NAME: usize = 64;
const MAX_DESCRIPTION: usize = 20_000;
/// Of `max_output_tokens`.
const MAX_TOKENS: u32 = 4_096;
const MAX_PAIRS: usize = 16;
const MAX_KEY: usize = 64;
const MAX_VALUE: usize = 512;

pub(super) fn modalities(at: &str, given: Option<&[Modality]>) -> Result<(), Refusal> {
    match given {
        None | Some([Modality::Audio | Modality::Text]) => Ok(()),
        Some(other) => {
            let names: Vec<_> = other.iter().map(|m| format!("'{}'", modality_name(*m))).collect();
            let message = format!(
                "Invalid modalities: [{}]. Supported combinations are: ['text'] and ['audio'].",
                names.join(", ")
            );
            Err(invalid(&format!("{at}.output_modalities"), message))
        }
    }
}

fn modality_name(modality: Modality) -> &'static str {
    match modality {
        Modality::Text => "text",
        Modality::Audio => "audio",
        Modality::Unknown => "unknown",
    }
}

pub(super) fn instructions(at: &str, given: Option<&str>) -> Result<(), Refusal> {
    given.map_or(Ok(()), |text| not_longer(&format!("{at}.instructions"), text, MAX_INSTRUCTIONS))
}

pub(super) fn format(at: &str, given: Option<AudioFormat>) -> Result<(), Refusal> {
    match given {
        Some(AudioFormat::Pcm { rate }) if rate != SESSION_RATE => Err(invalid(
            &format!("{at}.rate"),
            format!("Invalid value: {rate}. Supported values are: {SESSION_RATE}."),
        )),
        Some(AudioFormat::Unknown) => {
            Err(unsupported(&format!("{at}.type"), None, &["audio/pcm", "audio/pcmu", "audio/pcma"]))
        }
        Some(AudioFormat::Pcm { .. } | AudioFormat::Pcmu | AudioFormat::Pcma) | None => Ok(()),
    }
}

/// A name, or an object with an `id`.
pub(super) fn voice(at: &str, given: Option<&Value>) -> Result<(), Refusal> {
    let Some(given) = given else { return Ok(()) };
    match voice_name(given) {
        Some(name) if !name.is_empty() => not_longer(at, name, MAX_NAME),
        _ => Err(invalid(at, "Invalid value. Expected the name of a voice.".to_owned())),
    }
}

pub(super) fn voice_name(voice: &Value) -> Option<&str> {
    voice.as_str().or_else(|| voice.get("id").and_then(Value::as_str))
}

pub(super) fn tools(at: &str, given: Option<&[Tool]>) -> Result<(), Refusal> {
    let given = given.unwrap_or_default();
    not_more(&format!("{at}.tools"), given.len(), MAX_TOOLS)?;
    for (index, tool) in given.iter().enumerate() {
        let at = format!("{at}.tools[{index}]");
        match tool {
            Tool::Function { name, description, parameters } => {
                plain_name(&format!("{at}.name"), name, MAX_NAME)?;
                let description = description.as_deref().unwrap_or_default();
                not_longer(&format!("{at}.description"), description, MAX_DESCRIPTION)?;
                if parameters.as_ref().is_some_and(|p| !p.is_object() && !p.is_null()) {
                    return Err(invalid(
                        &format!("{at}.parameters"),
                        "Invalid type: expected an object.".to_owned(),
                    ));
                }
            }
            Tool::Mcp { .. } => return Err(unsupported(&format!("{at}.type"), Some("mcp"), &["function"])),
            Tool::Unknown => return Err(unsupported(&format!("{at}.type"), None, &["function"])),
        }
    }
    Ok(())
}

/// `tools` are those that will be in effect.
pub(super) fn tool_choice(at: &str, given: Option<&ToolChoice>, tools: &[Tool]) -> Result<(), Refusal> {
    let at = format!("{at}.tool_choice");
    match given {
        None => Ok(()),
        Some(ToolChoice::Mode(mode)) if matches!(mode.as_str(), "auto" | "none" | "required") => Ok(()),
        Some(ToolChoice::Mode(mode)) => Err(unsupported(&at, Some(mode), &["none", "auto", "required"])),
        Some(ToolChoice::Function { kind, name, .. }) if kind == "function" => match name {
            None => Err(missing(&format!("{at}.name"))),
            Some(name) if tools.iter().any(|t| matches!(t, Tool::Function { name: n, .. } if n == name)) => {
                Ok(())
            }
            Some(name) => Err(invalid(&at, format!("Tool choice '{name}' not found in 'tools' parameter."))),
        },
        Some(ToolChoice::Function { kind, .. }) => {
            Err(unsupported(&format!("{at}.type"), Some(kind), &["function"]))
        }
    }
}

pub(super) fn max_tokens(at: &str, given: Option<&MaxTokens>) -> Result<(), Refusal> {
    let at = format!("{at}.max_output_tokens");
    match given {
        None => Ok(()),
        Some(MaxTokens::Count(count)) => within(&at, "integer", count, &1, &MAX_TOKENS),
        Some(MaxTokens::Inf(word)) if word == "inf" => Ok(()),
        Some(MaxTokens::Inf(word)) => Err(unsupported(&at, Some(word), &["inf"])),
    }
}

pub(super) fn reasoning(at: &str, given: Option<&Reasoning>) -> Result<(), Refusal> {
    one_of(
        &format!("{at}.reasoning.effort"),
        given.map(|r| r.effort.as_str()),
        &["minimal", "low", "medium", "high", "xhigh"],
    )
}

pub(super) fn one_of(at: &str, given: Option<&str>, supported: &[&str]) -> Result<(), Refusal> {
    match given {
        Some(word) if !supported.contains(&word) => Err(unsupported(at, Some(word), supported)),
        _ => Ok(()),
    }
}

pub(super) fn temperature(at: &str, given: Option<f64>) -> Result<(), Refusal> {
    given.map_or(Ok(()), |t| within(&format!("{at}.temperature"), "decimal", &t, &0.6, &1.2))
}

pub(super) fn metadata(at: &str, given: Option<&Metadata>) -> Result<(), Refusal> {
    let Some(given) = given else { return Ok(()) };
    let at = format!("{at}.metadata");
    if given.len() > MAX_PAIRS {
        let message = format!(
            "Invalid '{at}': too many properties. Expected an object with at most {MAX_PAIRS} properties, but got an \
             object with {} properties instead.",
            given.len()
        );
        return Err(refuse("object_above_max_properties", message, Some(&at)));
    }
    for (key, value) in given {
        not_longer(&at, key, MAX_KEY)?;
        not_longer(&format!("{at}.{key}"), value, MAX_VALUE)?;
    }
    Ok(())
}
