//! The settings that are asked of the server for each session, which can also be changed while the program runs.

use toml::Value;

use super::keys::{self, KEYS, Key, Kind};
use super::{Config, quoted};
use crate::text::Clean;

/// Those outside the sections of their own.
const ALONE: [&str; 3] = ["voice", "speed", "instructions"];
const SECTIONS: [&str; 3] = ["session.", "vad.", "transcription."];

/// Whether the setting is asked of the server.
pub fn is_of_session(name: &str) -> bool {
    ALONE.contains(&name) || SECTIONS.iter().any(|section| name.starts_with(section))
}

fn all() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(|key| is_of_session(key.name))
}

/// All of them, each with its values where they are few.
pub fn session_settings() -> Vec<(&'static str, Vec<&'static str>)> {
    let values = |kind| match kind {
        Kind::Choice(words) => words.to_vec(),
        Kind::Switch => vec!["true", "false"],
        Kind::Tokens { .. } => vec!["inf"],
        Kind::Text | Kind::Number { .. } | Kind::Integer { .. } | Kind::IntegerOrNone { .. } => Vec::new(),
    };
    all().map(|key| (key.name, values(key.kind))).collect()
}

/// The setting's whole name, and its value in its one form. A name may be its last part alone. The error is for the
/// person.
pub fn session_setting(name: &str, value: &str) -> Result<(&'static str, String), String> {
    let last = |key: &Key| key.name.rsplit('.').next() == Some(name);
    let key = all().find(|key| key.name == name).or_else(|| all().find(|key| last(key)));
    let Some(key) = key else { return Err(unknown(name)) };
    let parsed = key.kind.parse(value).ok_or_else(|| {
        format!("`{}` takes {}, not {}", key.name, key.kind.expected(), quoted(Clean::line(value).as_str()))
    })?;
    Ok((key.name, plain(&parsed)))
}

fn unknown(name: &str) -> String {
    let name = Clean::line(name);
    match keys::nearest(name.as_str()) {
        Some(known) if known == name.as_str() => {
            format!("`{name}` is read at the start; change it in the settings file, or with `--set`")
        }
        Some(known) if is_of_session(known) => {
            format!("there is no setting `{name}`; did you mean `{known}`?")
        }
        _ => format!("there is no setting `{name}` of the session; `/settings` lists them all"),
    }
}

/// As the settings file has it.
pub fn as_shown(name: &str, value: &str) -> String {
    let parsed = keys::find(name).and_then(|key| key.kind.parse(value));
    parsed.map_or_else(|| Value::String(value.to_owned()).to_string(), |value| value.to_string())
}

/// Without the quotes of a text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Config {
    /// A setting's value as a text without quotes.
    ///
    /// # Panics
    /// When there is no setting of that name.
    pub fn plain(&self, name: &str) -> String {
        plain(&self.values[name].value)
    }
}

/// The setting of this name, for who sets any of them. The error is for the person.
pub fn setting_named(name: &str) -> Result<&'static str, String> {
    let hint = || keys::nearest(name).map(|known| format!("; did you mean `{known}`?")).unwrap_or_default();
    keys::find(name)
        .map(|key| key.name)
        .ok_or_else(|| format!("there is no setting `{}`{}", Clean::line(name), hint()))
}

#[cfg(test)]
mod tests;
