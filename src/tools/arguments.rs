//! The arguments of the functions, checked: types, lengths, known names only.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::output::Failure;
pub(super) use crate::tasks::checked::{MAX_NAME, MAX_NOTES, MAX_TAGS, MAX_TITLE};
use crate::tasks::{Priority, checked};

pub(super) const MAX_LIMIT: u32 = 100;
/// Named one by one in one call.
pub(super) const MAX_TASKS: usize = 50;
pub(super) const MAX_UNDO: u32 = 10;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    pub(super) title: String,
    pub(super) due: Option<String>,
    pub(super) remind: Option<String>,
    pub(super) priority: Option<Priority>,
    pub(super) project: Option<String>,
    pub(super) tags: Option<Vec<String>>,
    pub(super) notes: Option<String>,
    pub(super) repeat: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    pub(super) status: Option<ListStatus>,
    pub(super) text: Option<String>,
    pub(super) project: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) due: Option<String>,
    pub(super) limit: Option<u32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ListStatus {
    Pending,
    Completed,
    All,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a text are three things here")]
pub(super) struct Update {
    pub(super) task: String,
    pub(super) title: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) due: Option<Option<String>>,
    pub(super) priority: Option<NewPriority>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) remind: Option<Option<String>>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) project: Option<Option<String>>,
    pub(super) tags: Option<Vec<String>>,
    pub(super) notes: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) repeat: Option<Option<String>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum NewPriority {
    High,
    Medium,
    Low,
    None,
}

impl NewPriority {
    pub(super) fn priority(self) -> Option<Priority> {
        match self {
            Self::High => Some(Priority::High),
            Self::Medium => Some(Priority::Medium),
            Self::Low => Some(Priority::Low),
            Self::None => None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    pub(super) task: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remind {
    pub(super) title: String,
    pub(super) at: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Annotate {
    pub(super) task: String,
    pub(super) note: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetReminder {
    pub(super) task: String,
    /// `null` or nothing: no reminder any more.
    pub(super) at: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Snooze {
    pub(super) task: Option<String>,
    pub(super) until: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Undo {
    pub(super) count: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Count {
    pub(super) period: Option<CountPeriod>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CountPeriod {
    Day,
    Week,
}

/// Several tasks: by words for each, or all that a filter shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Several {
    pub(super) tasks: Option<Vec<String>>,
    pub(super) all: Option<bool>,
    pub(super) text: Option<String>,
    pub(super) project: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) due: Option<String>,
}

/// A function without arguments may also be called with none at all.
pub(super) fn parse<T: DeserializeOwned>(arguments: &str) -> Result<T, Failure> {
    let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
    // Structs can also be read from arrays, which no schema here allows.
    if !arguments.trim_start().starts_with('{') {
        return Err(Failure::invalid("the arguments have to be one JSON object"));
    }
    serde_json::from_str(arguments).map_err(|error| Failure::invalid(error.to_string()))
}

/// One line without control characters; the limit counts characters.
pub(super) fn line(name: &str, text: &str, max: usize) -> Result<String, Failure> {
    Ok(checked::line(name, text, max)?)
}

/// As [`line()`], for optional texts: an empty one counts as none.
pub(super) fn optional_line(name: &str, text: Option<&str>, max: usize) -> Result<Option<String>, Failure> {
    text.filter(|text| !text.trim().is_empty()).map(|text| line(name, text, max)).transpose()
}

/// As [`optional_line`], but with several lines.
pub(super) fn notes(text: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(text) = text else { return Ok(None) };
    Ok(checked::notes("notes", text)?)
}

pub(super) fn tags(tags: Option<&[String]>) -> Result<Option<Vec<String>>, Failure> {
    Ok(tags.map(|tags| checked::tags("tags", tags)).transpose()?)
}

/// Tells `null` from absence.
#[expect(clippy::option_option, reason = "absent, null and a text are three things here")]
fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
