//! The one sanitizer for untrusted text: from the model, servers, tools, devices, files and task titles.
//!
//! Everything that a person sees of such text goes through [`Clean`]; nothing else may print it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text without control, escape, bidi or invisible characters; `\n` and `\t` stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clean(String);

impl Clean {
    /// Several lines are kept.
    pub fn new(text: &str) -> Self {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Self(text.to_owned());
        }
        let mut filter = Filter::default();
        let mut clean = String::with_capacity(text.len());
        filter.push(text, &mut clean);
        Self(clean)
    }

    /// On one line: breaks and tabs become spaces.
    pub fn line(text: &str) -> Self {
        let clean = Self::new(text);
        if clean.0.contains(['\n', '\t']) { Self(clean.0.replace(['\n', '\t'], " ")) } else { clean }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

impl Serialize for Clean {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What is read is cleaned like everything else, to one line.
impl<'de> Deserialize<'de> for Clean {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::line(&text))
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Cleans a stream of pieces: a sequence split between two of them is still removed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    state: State,
    last: Option<char>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// After ESC and intermediate bytes: one final byte ends it.
    Intermediate,
    /// After `ESC [` or U+009B: parameters until a final byte.
    Control,
    /// In an OSC, DCS, SOS, PM or APC string, until BEL, ST or a line's end.
    Str,
    /// As `Str`, after an ESC that may begin ST.
    StrEscape,
}

impl Filter {
    /// Appends the harmless part of `piece` to `out`.
    pub fn push(&mut self, piece: &str, out: &mut String) {
        for c in piece.chars() {
            self.state = self.step(c, out);
        }
    }

    fn step(&mut self, c: char, out: &mut String) -> State {
        match self.state {
            State::Text => self.text(c, out),
            State::Escape => match c {
                '[' => State::Control,
                ']' | 'P' | 'X' | '^' | '_' => State::Str,
                ' '..='/' => State::Intermediate,
                '0'..='~' => State::Text,
                _ => self.text(c, out),
            },
            State::Intermediate => match c {
                ' '..='/' => State::Intermediate,
                '0'..='~' => State::Text,
                _ => self.text(c, out),
            },
            State::Control => match c {
                ' '..='?' => State::Control,
                '@'..='~' => State::Text,
                _ => self.text(c, out),
            },
            State::Str => match c {
                '\u{7}' | '\u{9c}' => State::Text,
                '\u{1b}' => State::StrEscape,
                '\n' => self.text(c, out),
                _ => State::Str,
            },
            State::StrEscape => match c {
                '\\' => State::Text,
                '\u{1b}' => State::StrEscape,
                '\n' => self.text(c, out),
                _ => State::Str,
            },
        }
    }

    fn text(&mut self, c: char, out: &mut String) -> State {
        match c {
            '\u{1b}' => return State::Escape,
            '\u{9b}' => return State::Control,
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => return State::Str,
            // A joiner is kept only inside an emoji.
            '\u{200d}' if self.last.is_some_and(is_pictograph) => out.push(c),
            _ if is_harmful(c) => {}
            _ => {
                self.last = Some(c).filter(|&c| c != '\u{fe0f}').or(self.last);
                out.push(c);
            }
        }
        State::Text
    }
}

fn is_harmful(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => c.is_control(),
    }
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests;
