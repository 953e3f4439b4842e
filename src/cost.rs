//! What answers cost: a table of prices, and bills made of token counts. Pure.
//!
//! The table is data (`config/prices.toml`, a person's own on top). A model without a price has no bill rather than a
//! wrong one.

use std::collections::BTreeMap;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::Deserialize;

use crate::protocol::Usage;
use crate::protocol::usage::InputTokens;

const BUILT_IN: &str = include_str!("../config/prices.toml");
const PER_DOLLAR: f64 = 1e6;

/// An amount in millionths of a US dollar, which is what one token costs at one dollar a million.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Money(u64);

impl Money {
    /// Nothing, for less than nothing.
    pub fn from_dollars(dollars: f64) -> Self {
        Self((dollars * PER_DOLLAR).round() as u64)
    }

    pub fn dollars(self) -> f64 {
        self.0 as f64 / PER_DOLLAR
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, more: Self) {
        *self = *self + more;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// `$1.25`, below ten cents `$0.0125`: small amounts are the usual ones.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => write!(f, "$0"),
            1..100_000 => write!(f, "${:.4}", self.dollars()),
            _ => write!(f, "${:.2}", self.dollars()),
        }
    }
}

/// What one model asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    #[serde(default)]
    text: Kind,
    audio: Option<Kind>,
    image: Option<Kind>,
    /// Of sound, in dollars.
    per_minute: Option<f64>,
}

/// Of one kind of token, in dollars per million.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    #[serde(default)]
    input: f64,
    cached: Option<f64>,
    #[serde(default)]
    output: f64,
}

impl Kind {
    /// In millionths. Servers have been seen to report more cached tokens than there were.
    fn input(&self, tokens: u64, cached: u64) -> f64 {
        let cached = cached.min(tokens);
        (tokens - cached) as f64 * self.input + cached as f64 * self.cached.unwrap_or(self.input)
    }
}

impl Price {
    /// Of one response.
    pub fn bill(&self, usage: &Usage) -> Money {
        let audio = self.audio.unwrap_or(self.text);
        let image = self.image.unwrap_or(self.text);
        let (input, output) = (attributed(usage), usage.output_token_details);
        let cached = cached(&input);
        let told = output.text_tokens + output.audio_tokens;
        // Reasoning is output that is in neither detail, and is billed as text.
        let text_out = output.text_tokens + usage.output_tokens.saturating_sub(told);
        let millionths = self.text.input(input.text_tokens, cached.0)
            + audio.input(input.audio_tokens, cached.1)
            + image.input(input.image_tokens, cached.2)
            + text_out as f64 * self.text.output
            + output.audio_tokens as f64 * audio.output;
        Money(millionths.round() as u64)
    }

    /// Of a transcription that is billed by its length.
    pub fn bill_seconds(&self, seconds: f64) -> Option<Money> {
        self.per_minute.map(|price| Money::from_dollars(price * seconds / 60.0))
    }
}

/// All input tokens, each of a kind: what no kind is told of is text.
fn attributed(usage: &Usage) -> InputTokens {
    let mut input = usage.input_token_details;
    let told = input.text_tokens + input.audio_tokens + input.image_tokens;
    input.text_tokens += usage.input_tokens.saturating_sub(told);
    input
}

/// Cached tokens: text, audio, image. Where the kinds are not told, they are taken for the kinds that there are, the
/// cheapest first, so that a budget is spent too early rather than too late.
fn cached(input: &InputTokens) -> (u64, u64, u64) {
    let of = input.cached_tokens_details;
    if of.text_tokens + of.audio_tokens + of.image_tokens > 0 || input.cached_tokens == 0 {
        return (of.text_tokens, of.audio_tokens, of.image_tokens);
    }
    let text = input.cached_tokens.min(input.text_tokens);
    let image = (input.cached_tokens - text).min(input.image_tokens);
    (text, input.cached_tokens - text - image, image)
}

/// Prices by model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prices(BTreeMap<String, Price>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    models: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    /// For people.
    #[serde(rename = "as_of")]
    _as_of: Option<String>,
    #[serde(flatten)]
    price: toml::Table,
}

impl Prices {
    /// Those that came with the program.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("checked by a test")
    }

    /// A table in the form of `config/prices.toml`. The error is for the person, with line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())?;
        let price = |(name, entry): (String, Entry)| {
            let price: Price = entry.price.try_into().map_err(|e| format!("models.{name}: {e}"))?;
            price.check().map_err(|why| format!("models.{name}: {why}"))?;
            Ok((name, price))
        };
        Ok(Self(file.models.into_iter().map(price).collect::<Result<_, String>>()?))
    }

    /// With `own` in place of, and beside, these.
    #[must_use]
    pub fn with(mut self, own: Self) -> Self {
        self.0.extend(own.0);
        self
    }

    /// Of the model of this name, or of which it is a dated version.
    pub fn of(&self, model: &str) -> Option<Price> {
        let is_version = |name: &str| {
            let rest = model.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
            rest.is_some_and(|rest| {
                rest.starts_with("20") && rest.chars().all(|c| c.is_ascii_digit() || c == '-')
            })
        };
        self.0
            .get(model)
            .or_else(|| self.0.iter().find(|(name, _)| is_version(name)).map(|(_, p)| p))
            .copied()
    }
}

impl Price {
    fn check(&self) -> Result<(), &'static str> {
        let kinds = [Some(self.text), self.audio, self.image];
        let figures =
            kinds.iter().flatten().flat_map(|kind| [kind.input, kind.cached.unwrap_or(0.0), kind.output]);
        let sound =
            figures.chain(self.per_minute).all(|figure| figure.is_finite() && (0.0..=1e6).contains(&figure));
        if sound { Ok(()) } else { Err("a price is a number of dollars, 0 or more") }
    }
}

#[cfg(test)]
mod tests;
