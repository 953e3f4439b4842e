//! Words as people say them, brought to a common form: lower case, without endings or filling words.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Say nothing about which task is meant.
const FILLING: &[&str] = &[
    "a", "about", "an", "and", "at", "entry", "for", "from", "i", "in", "into", "is", "it", "item", "me",
    "my", "of", "on", "one", "our", "please", "reminder", "s", "some", "task", "that", "the", "their",
    "thing", "this", "to", "todo", "up", "was", "with", "your",
];

/// May be said or left out: `doing the laundry` is `laundry`.
const LIGHT: &[&str] = &[
    "complete", "do", "doing", "done", "finish", "get", "go", "going", "have", "make", "need", "remember",
    "remind",
];

/// Say what to do, but not with what: two tasks with only these in common have nothing in common.
const VERBS: &[&str] = &[
    "ask", "book", "bring", "buy", "call", "cancel", "check", "clean", "cook", "deliver", "email", "fix",
    "mail", "meet", "order", "pack", "pay", "phone", "pick", "plan", "read", "renew", "repair", "reply",
    "return", "schedule", "send", "ship", "take", "talk", "text", "update", "visit", "wash", "write",
];

/// The words of a text in their common form, in order.
pub fn stems(text: &str) -> Vec<String> {
    split(text).iter().map(|word| stem(word)).collect()
}

/// As [`stems`], without words that say nothing; all of them where there are no others.
pub fn content(text: &str) -> Vec<String> {
    let words = split(text);
    let telling: Vec<_> = words.iter().filter(|word| !FILLING.contains(&word.as_str())).collect();
    let kept = if telling.is_empty() { words.iter().collect() } else { telling };
    kept.into_iter().map(|word| stem(word)).collect()
}

pub(super) fn is_light(stemmed: &str) -> bool {
    static STEMS: LazyLock<HashSet<String>> = LazyLock::new(|| stemmed_all(LIGHT));
    STEMS.contains(stemmed)
}

pub(super) fn is_verb(stemmed: &str) -> bool {
    static STEMS: LazyLock<HashSet<String>> = LazyLock::new(|| stemmed_all(VERBS));
    is_light(stemmed) || STEMS.contains(stemmed)
}

fn stemmed_all(words: &[&str]) -> HashSet<String> {
    words.iter().map(|word| stem(word)).collect()
}

/// Lower case words of letters and digits; scripts that put no blanks between words give a word per character.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            '\'' | '\u{2019}' => {}
            _ if is_unspaced(c) => words.extend([c.to_string(), String::new()]),
            _ if c.is_alphanumeric() => words.last_mut().expect("there is always one").push(c),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Without the endings of English plurals and verb forms. The result need not be a word: it only has to be the same
/// for `grocery` and `groceries`, `make` and `making`, `plan` and `planned`, but not for `car` and `care`.
pub(super) fn stem(word: &str) -> String {
    if word.len() < 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let mut stem = without_verb_ending(word).unwrap_or_else(|| without_plural(word));
    if stem.len() >= 6 && stem.ends_with('e') {
        stem.pop();
    }
    if let [.., before, last] = stem.as_bytes()
        && before == last
        && !is_vowel(*last)
    {
        stem.pop();
    }
    stem
}

fn without_verb_ending(word: &str) -> Option<String> {
    let bare = word.strip_suffix("ing").or_else(|| word.strip_suffix("ed"))?;
    let is_verb = bare.len() >= 3 && !bare.ends_with('e') && bare.bytes().any(|b| is_vowel(b) || b == b'y');
    is_verb.then(|| if lost_an_e(bare) { format!("{bare}e") } else { bare.to_owned() })
}

/// `mak` and `writ` did, `call`, `book`, `visit` and `fix` did not.
fn lost_an_e(bare: &str) -> bool {
    let [start @ .., before, vowel, last] = bare.as_bytes() else { return false };
    let is_closed = !is_vowel(*before) && is_vowel(*vowel) && !is_vowel(*last) && !b"wxy".contains(last);
    is_closed && !start.iter().any(|b| is_vowel(*b))
}

fn without_plural(word: &str) -> String {
    if let Some(bare) = word.strip_suffix("ies").or_else(|| word.strip_suffix("ie"))
        && bare.len() >= 3
    {
        return format!("{bare}y");
    }
    if let Some(bare) = word.strip_suffix("es")
        && (["ch", "sh", "x", "ss", "zz"].iter().any(|end| bare.ends_with(end))
            || bare.len() >= 4 && bare.ends_with('o'))
    {
        return bare.to_owned();
    }
    match word.strip_suffix('s') {
        Some(bare) if bare.len() >= 3 && !bare.ends_with(['s', 'u', 'i']) => bare.to_owned(),
        _ => word.to_owned(),
    }
}

fn is_vowel(byte: u8) -> bool {
    b"aeiou".contains(&byte)
}
