//! The settings as `config show` prints them, each with its origin, none with a secret.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::json;
use toml::Value;

use super::{Config, keys};
use crate::text::Clean;

const NO_KEY: &str = "not set";

/// One setting as it is shown; none of the texts is clean yet, none has a secret.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Shown {
    pub name: Cow<'static, str>,
    pub value: String,
    pub origin: String,
}

impl Config {
    /// Every setting, and whether there is a key.
    pub fn rows(&self) -> Vec<Shown> {
        let setting = |key: &keys::Key| Shown {
            name: key.name.into(),
            value: self.shown(key.name).to_string(),
            origin: self.origin(key.name).to_string(),
        };
        let key =
            |(name, value): (&'static str, String)| Shown { name: name.into(), value, origin: String::new() };
        keys::KEYS.iter().map(setting).chain(self.key_states().into_iter().map(key)).collect()
    }

    /// One setting a line: name, value and, after `#`, where it was set. Valid TOML.
    pub fn show(&self) -> String {
        let lines: Vec<(String, String)> = keys::KEYS
            .iter()
            .map(|key| {
                let line = format!("{} = {}", key.name, self.shown(key.name));
                (
                    Clean::line(&line).into_string(),
                    Clean::line(&self.origin(key.name).to_string()).into_string(),
                )
            })
            .collect();
        let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0).min(60);
        let mut text = String::new();
        for (line, origin) in lines {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{line:width$}  # {origin}");
        }
        for (name, state) in self.key_states() {
            let _ = writeln!(text, "# {name}: {state}");
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "# warning: {}", Clean::line(warning));
        }
        text
    }

    /// An object: `settings` by name, each with `value` and `origin`; the `api_key`'s state; `directories`.
    pub fn show_json(&self) -> serde_json::Value {
        let settings: serde_json::Map<_, _> = keys::KEYS
            .iter()
            .map(|key| {
                let entry =
                    json!({"value": self.shown(key.name), "origin": self.origin(key.name).to_string()});
                (key.name.to_owned(), entry)
            })
            .collect();
        json!({
            "file": self.file,
            "directories": {
                "config": self.paths.config_dir,
                "data": self.paths.data_dir,
                "state": self.paths.state_dir,
                "cache": self.paths.cache_dir,
            },
            "api_key": self.key_status(),
            "settings": settings,
        })
    }

    /// The value, with what an address should not show masked.
    fn shown(&self, name: &str) -> Value {
        match name {
            "server.url" => Value::String(self.settings.server.url.displayed()),
            "server.proxy" => Value::String(self.settings.server.proxy.displayed()),
            _ if name.starts_with("offline.") && name.ends_with("_url") => {
                Value::String(super::Address(self.text(name).to_owned()).displayed())
            }
            _ => self.values[name].value.clone(),
        }
    }

    /// Whether there is a key, and where from.
    pub fn key_status(&self) -> String {
        self.key_source().unwrap_or_else(|| NO_KEY.to_owned())
    }

    /// Where each key comes from; those of the offline engine's endpoints only where there is one.
    fn key_states(&self) -> Vec<(&'static str, String)> {
        let mut states = vec![("API key", self.key_status())];
        for (name, variable, setting) in super::offline::KEYS {
            let state = self.key_state(variable, setting);
            if state != NO_KEY {
                states.push((name, state));
            }
        }
        states
    }

    fn key_state(&self, variable: &str, setting: &str) -> String {
        match (self.text(setting).is_empty(), self.env.text(variable)) {
            (false, _) => "from a file".to_owned(),
            (true, Some(_)) => format!("from ${variable}"),
            (true, None) => NO_KEY.to_owned(),
        }
    }
}
