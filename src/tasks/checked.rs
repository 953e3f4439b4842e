//! Texts from outside that are to become part of a task: cleaned, and not too long. Pure.

use super::record::tag;
use crate::text::Clean;

/// Lengths are in characters.
pub const MAX_TITLE: usize = 500;
pub const MAX_NOTES: usize = 10_000;
/// Of a project's or tag's name.
pub const MAX_NAME: usize = 100;
pub const MAX_TAGS: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("`{0}` is longer than {1} characters")]
    Long(String, usize),
    #[error("`{0}` is empty")]
    Empty(String),
    #[error("at most {MAX_TAGS} `tags` are allowed")]
    Tags,
    #[error("`{0}` cannot be a tag; use letters")]
    Tag(String),
}

/// One line without control characters.
pub fn line(name: &str, text: &str, max: usize) -> Result<String, Invalid> {
    check_length(name, text, max)?;
    let line = Clean::line(text).into_string().trim().to_owned();
    if line.is_empty() { Err(Invalid::Empty(name.to_owned())) } else { Ok(line) }
}

/// Several lines without control characters; `None` where nothing is left.
pub fn notes(name: &str, text: &str) -> Result<Option<String>, Invalid> {
    check_length(name, text, MAX_NOTES)?;
    let notes = Clean::new(text).into_string().trim().to_owned();
    Ok((!notes.is_empty()).then_some(notes))
}

/// Valid tags, sorted, each once.
pub fn tags(name: &str, tags: &[String]) -> Result<Vec<String>, Invalid> {
    if tags.len() > MAX_TAGS {
        return Err(Invalid::Tags);
    }
    let valid = |text: &String| {
        let line = line(name, text, MAX_NAME)?;
        tag(&line).ok_or(Invalid::Tag(line))
    };
    let mut tags = tags.iter().map(valid).collect::<Result<Vec<_>, _>>()?;
    tags.sort_unstable();
    tags.dedup();
    Ok(tags)
}

pub(super) fn check_length(name: &str, text: &str, max: usize) -> Result<(), Invalid> {
    // Every character has at least one byte: most texts need no counting.
    if text.len() > max && text.chars().count() > max {
        return Err(Invalid::Long(name.to_owned(), max));
    }
    Ok(())
}
