//! A person's words, each as it was written and as it is compared.

/// No command is longer; the rest of a longer text is left unread.
pub(super) const MAX_WORDS: usize = 200;

const PUNCTUATION: &[char] =
    &['.', ',', ';', ':', '!', '?', '…', '"', '“', '”', '‘', '’', '\'', '`', '(', ')', '-', '–', '—'];
const QUOTES: &[char] = &['"', '“', '”', '‘', '’', '\'', '`'];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As written, with its punctuation.
    pub(super) raw: String,
    /// Lower case, without outer punctuation and apostrophes; never empty.
    pub(super) key: String,
}

impl Word {
    pub(super) fn ends_sentence(&self) -> bool {
        self.raw.ends_with(['.', '!', '?', ';']) && !matches!(self.key.as_str(), "am" | "pm")
    }
}

/// Splits at white space. A separator that stands alone belongs to the word before it.
pub(super) fn split(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for raw in text.split_whitespace().take(MAX_WORDS) {
        let key = key(raw);
        match words.last_mut() {
            Some(last) if key.is_empty() => last.raw.extend([" ", raw]),
            None if key.is_empty() => {}
            _ => words.push(Word { raw: raw.to_owned(), key }),
        }
    }
    words
}

fn key(raw: &str) -> String {
    let lower = raw.trim_matches(PUNCTUATION).to_lowercase().replace(['\'', '’'], "");
    match lower.as_str() {
        "to-do" => "todo".to_owned(),
        "to-dos" => "todos".to_owned(),
        "a.m" => "am".to_owned(),
        "p.m" => "pm".to_owned(),
        _ => lower,
    }
}

pub(super) fn keys(words: &[Word]) -> Vec<&str> {
    words.iter().map(|word| word.key.as_str()).collect()
}

/// The words as written, without the punctuation and quotes around the whole.
pub(super) fn join(words: &[Word]) -> String {
    let raw: Vec<_> = words.iter().map(|word| word.raw.as_str()).collect();
    let text = raw.join(" ");
    let text = text.trim_end_matches(['.', ',', ';', ':', '!', '?', '…', ' ', '-', '–', '—']);
    let text = text.trim_start_matches(['-', '–', '—', ',', ' ']);
    unquote(text).trim().to_owned()
}

fn unquote(text: &str) -> &str {
    let inner = text.strip_prefix(QUOTES).and_then(|text| text.strip_suffix(QUOTES));
    let inner = inner.map(|inner| inner.trim_end_matches(['.', ',', ' ']));
    inner.filter(|inner| !inner.is_empty() && !inner.contains(QUOTES)).unwrap_or(text)
}

/// As [`join`], with the mishearing `by` for `buy` put right: right after `to` no other word fits.
pub(super) fn join_action(words: &[Word]) -> String {
    let text = join(words);
    let Some((first, rest)) = text.split_once(' ') else { return text };
    match first {
        "by" | "bye" => format!("buy {rest}"),
        "By" | "Bye" => format!("Buy {rest}"),
        _ => text,
    }
}
