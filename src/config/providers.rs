//! Servers that are known by name: where they are, how they want to be spoken to, and what they are called.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use super::Environment;
use crate::protocol::dialect::{Dialect, Quirks};
use crate::transport::auth::KeyPlace;

const BUILT_IN: &str = include_str!("../../config/providers.toml");
pub(super) const SESSION_RATE: u32 = 24_000;
const RATES: std::ops::RangeInclusive<u32> = 8_000..=48_000;

/// One server as `config/providers.toml` has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Provider {
    pub name: String,
    /// With `${NAME}` for what the environment has.
    url: String,
    hosts: Vec<String>,
    pub key_place: KeyPlace,
    pub key_env: Option<String>,
    /// Empty: the address says it all.
    pub model: String,
    pub dialect: Dialect,
    pub voices: Vec<String>,
    /// Of the microphone's and the assistant's PCM on the wire, in Hz.
    pub rates: (u32, u32),
    pub quirks: Quirks,
}

impl Provider {
    /// Its address; the error names the variable that is missing.
    pub fn url(&self, env: &Environment) -> Result<String, String> {
        let mut url = String::new();
        let mut rest = self.url.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, end) = after.split_once('}').ok_or("its address has a `${` without an end")?;
            let value =
                env.text(name).ok_or_else(|| format!("set `{name}`, or give the address by `--url`"))?;
            if !value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) {
                return Err(format!("`{name}` is no part of an address"));
            }
            url.push_str(before);
            url.push_str(value);
            rest = end;
        }
        url.push_str(rest);
        Ok(url)
    }

    pub(super) fn has(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| match known.strip_prefix('.') {
            Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
            None => host == known,
        })
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Providers(BTreeMap<String, Provider>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    url: String,
    #[serde(default)]
    hosts: Vec<String>,
    auth: String,
    key_env: Option<String>,
    #[serde(default)]
    model: String,
    #[serde(default)]
    dialect: Dialect,
    #[serde(default)]
    voices: Vec<String>,
    input_rate: Option<u32>,
    output_rate: Option<u32>,
    session: Option<String>,
    tools: Option<String>,
    formats: Option<(String, String)>,
    #[serde(default)]
    leave_out: Vec<String>,
}

impl Providers {
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("checked by a test")
    }

    /// A table in the form of `config/providers.toml`. The error is for the person.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entries: BTreeMap<String, Entry> =
            toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())?;
        let provider = |(name, entry): (String, Entry)| {
            let provider = entry.provider(&name).map_err(|why| format!("{name}: {why}"))?;
            Ok((name, provider))
        };
        Ok(Self(entries.into_iter().map(provider).collect::<Result<_, String>>()?))
    }

    #[must_use]
    pub fn with(mut self, own: Self) -> Self {
        self.0.extend(own.0);
        self
    }

    /// The one of this name; the error lists those that there are.
    pub fn named(&self, name: &str) -> Result<&Provider, String> {
        self.0.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
            format!("there is no provider `{name}`; there are {}", names.join(", "))
        })
    }

    /// The one to which an address belongs.
    pub fn of(&self, url: &Url) -> Option<&Provider> {
        let host = url.host_str()?;
        self.0.values().find(|provider| provider.has(host))
    }
}

impl Entry {
    fn provider(self, name: &str) -> Result<Provider, String> {
        let rate = |rate: Option<u32>| {
            let rate = rate.unwrap_or(SESSION_RATE);
            if RATES.contains(&rate) { Ok(rate) } else { Err(format!("{rate} Hz is no rate for speech")) }
        };
        let flat_session = flag(self.session.as_deref(), "session", "flat")?;
        let nested_tools = flag(self.tools.as_deref(), "tools", "nested")?;
        let quirks = Quirks { flat_session, nested_tools, formats: self.formats, leave_out: self.leave_out };
        Ok(Provider {
            name: name.to_owned(),
            url: self.url,
            hosts: self.hosts,
            key_place: KeyPlace::parse(&self.auth)?,
            key_env: self.key_env,
            model: self.model,
            dialect: self.dialect,
            voices: self.voices,
            rates: (rate(self.input_rate)?, rate(self.output_rate)?),
            quirks,
        })
    }
}

fn flag(given: Option<&str>, field: &str, word: &str) -> Result<bool, String> {
    match given {
        None => Ok(false),
        Some(given) if given == word => Ok(true),
        Some(other) => Err(format!("`{field}` is `{word}` or left out, not `{other}`")),
    }
}

#[cfg(test)]
mod tests;
