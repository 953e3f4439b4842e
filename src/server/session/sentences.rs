//! Cuts a stream of words into pieces worth speaking, so that the first sound need not wait for the last word.

use std::collections::VecDeque;

/// No shorter piece than this is spoken on its own while more is to come.
const SHORTEST: usize = 4;
/// Beyond this a comma will do.
const LONG: usize = 100;
/// Beyond this any space will do.
const TOO_LONG: usize = 240;

#[derive(Debug, Default)]
pub(super) struct Sentences {
    pending: String,
}

impl Sentences {
    /// Takes in `text` and appends every sentence that is now complete to `out`, with the space behind it.
    pub(super) fn push(&mut self, text: &str, out: &mut VecDeque<String>) {
        self.pending.push_str(text);
        while let Some(end) = cut(&self.pending) {
            let rest = self.pending.split_off(end);
            out.push_back(std::mem::replace(&mut self.pending, rest));
        }
    }

    /// What is left when no more comes.
    pub(super) fn finish(&mut self, out: &mut VecDeque<String>) {
        if !self.pending.is_empty() {
            out.push_back(std::mem::take(&mut self.pending));
        }
    }
}

/// Where the first piece ends, if it is complete: behind its mark and the spaces that follow, with the next word begun.
fn cut(text: &str) -> Option<usize> {
    let mut comma = None;
    let mut space = None;
    let mut mark: Option<(usize, char)> = None;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            mark = if c == '\n' { Some((at, '\n')) } else { mark };
            space = Some(at + c.len_utf8());
            continue;
        }
        let after_space = text[..at].ends_with(char::is_whitespace);
        match mark {
            Some((end, kind)) if after_space && ends_a_sentence(&text[..end], kind) => return Some(at),
            Some((_, ',' | ';' | ':')) if after_space => comma = Some(at),
            _ => {}
        }
        match (comma, space) {
            (Some(comma), _) if at >= LONG => return Some(comma),
            (None, Some(space)) if at >= TOO_LONG => return Some(space),
            _ => {}
        }
        // Quotes and brackets may stand between a mark and its space.
        if !matches!(c, '"' | '\'' | ')' | '”' | '’') {
            mark = matches!(c, '.' | '!' | '?' | '…' | ',' | ';' | ':').then_some((at, c));
        }
    }
    None
}

fn ends_a_sentence(before: &str, mark: char) -> bool {
    if before.trim().len() < SHORTEST && mark != '\n' {
        return false;
    }
    match mark {
        '!' | '?' | '…' => true,
        '\n' => !before.trim().is_empty(),
        '.' => !is_abbreviation(before.rsplit(char::is_whitespace).next().unwrap_or_default()),
        _ => false,
    }
}

/// `word` stands before a full stop that does not end a sentence: initials, titles, numbers of a list.
fn is_abbreviation(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '"', '“']);
    word.chars().count() == 1
        || word.contains('.') && !word.chars().any(|c| c.is_ascii_digit())
        || word.len() < 3 && word.chars().all(|c| c.is_ascii_digit())
        || matches!(word, "Dr" | "Mr" | "Mrs" | "Ms" | "St" | "vs" | "etc" | "No" | "approx")
}

#[cfg(test)]
mod tests;
