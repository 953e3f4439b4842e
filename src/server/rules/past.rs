//! What a person says to have done: `I bought the groceries` is the task `buy the groceries`.

use super::time;
use super::words::{self, Word};

/// Longer statements are stories.
const MAX_WORDS: usize = 10;

/// Verbs of things to do with a past of their own, and that past.
const IRREGULAR: &[(&str, &str)] = &[
    ("bought", "buy"),
    ("brought", "bring"),
    ("built", "build"),
    ("caught", "catch"),
    ("chose", "choose"),
    ("cut", "cut"),
    ("drew", "draw"),
    ("drove", "drive"),
    ("fed", "feed"),
    ("found", "find"),
    ("gave", "give"),
    ("got", "get"),
    ("hung", "hang"),
    ("made", "make"),
    ("met", "meet"),
    ("paid", "pay"),
    ("put", "put"),
    ("ran", "run"),
    ("read", "read"),
    ("sent", "send"),
    ("set", "set"),
    ("sold", "sell"),
    ("spoke", "speak"),
    ("swept", "sweep"),
    ("taught", "teach"),
    ("told", "tell"),
    ("took", "take"),
    ("went", "go"),
    ("written", "write"),
    ("wrote", "write"),
];
const REGULAR: &[&str] = &[
    "answer", "apply", "ask", "assemble", "backup", "bake", "book", "brush", "call", "cancel", "charge",
    "check", "clean", "clear", "collect", "contact", "cook", "copy", "deliver", "deposit", "dust", "email",
    "empty", "exercise", "file", "fill", "fix", "fold", "install", "invite", "iron", "mail", "measure",
    "mow", "order", "organize", "pack", "paint", "phone", "pick", "plan", "plant", "practice", "prepare",
    "print", "publish", "register", "renew", "repair", "replace", "reply", "report", "reserve", "return",
    "review", "sand", "scan", "schedule", "ship", "shop", "sign", "sort", "study", "submit", "talk", "text",
    "tidy", "transfer", "update", "upload", "vacuum", "visit", "walk", "wash", "water", "weed", "wipe",
    "wrap",
];
const SUBJECTS: &[&str] = &["i", "we", "ive", "weve", "just", "already", "have", "finally", "also", "now"];

/// The task that is said to be done, as it may have been named.
pub(super) fn task(words: &[Word]) -> Option<String> {
    let words = without_time(words);
    let asks =
        words.first().is_some_and(|word| matches!(word.key.as_str(), "have" | "has" | "did" | "is" | "are"));
    if words.len() > MAX_WORDS || is_denied(words) || asks {
        return None;
    }
    active(words).or_else(|| passive(words))
}

/// The task that is asked for: `did I call mom`, `have we paid the rent`, `is the rent paid`.
pub(super) fn asked(words: &[Word]) -> Option<String> {
    match without_time(words) {
        [auxiliary, person, verb, object @ ..]
            if matches!(auxiliary.key.as_str(), "did" | "have" | "has")
                && matches!(person.key.as_str(), "i" | "we")
                && !object.is_empty() =>
        {
            let base = base(&verb.key).or_else(|| plain(&verb.key))?;
            Some(format!("{base} {}", words::join(object)))
        }
        [is, object @ .., verb] if matches!(is.key.as_str(), "is" | "are") && !object.is_empty() => {
            let base = base(&verb.key).filter(|base| *base != verb.key)?;
            Some(format!("{base} {}", words::join(object)))
        }
        _ => None,
    }
}

/// The task that was not done after all: `I didn't buy the milk`, `I never called mom`, `I forgot to call mom`.
pub(super) fn denied(words: &[Word]) -> Option<String> {
    let keys = words::keys(words);
    let start = match keys.as_slice() {
        ["i" | "we", "didnt" | "havent" | "never", "actually" | "really", ..] => 3,
        ["i" | "we", "didnt" | "havent" | "never", ..] => 2,
        ["i" | "we", "did" | "have", "not", ..] => 3,
        ["i" | "we", "forgot", "to", ..] => 3,
        _ => return None,
    };
    let (verb, object) = without_time(words).get(start..)?.split_first()?;
    let base = base(&verb.key).or_else(|| plain(&verb.key))?;
    (!object.is_empty()).then(|| format!("{base} {}", words::join(object)))
}

fn plain(key: &str) -> Option<&'static str> {
    let irregular = IRREGULAR.iter().map(|(_, base)| *base);
    irregular.chain(REGULAR.iter().copied()).find(|base| *base == key)
}

/// Whether `words` begin with a verb of something to do.
pub(super) fn starts_with_verb(words: &[Word]) -> bool {
    words.first().is_some_and(|first| plain(&first.key).is_some() || first.key == "do")
}

/// Whether `words` may be something to do, and are not asked of the assistant.
pub(super) fn is_wish(words: &[Word]) -> bool {
    let asked_of_us =
        ["tell", "give", "find", "speak", "go", "set", "run", "report", "answer", "check", "put", "make"];
    let is_about_us = |word: &Word| matches!(word.key.as_str(), "me" | "us" | "you");
    let is_asked = words.first().is_some_and(|word| asked_of_us.contains(&word.key.as_str()));
    starts_with_verb(words) && !is_asked && !words.iter().any(is_about_us)
}

pub(super) fn is_denied(words: &[Word]) -> bool {
    words.iter().any(|word| {
        let key = word.key.as_str();
        matches!(key, "not" | "never" | "cannot" | "if" | "when" | "should" | "would" | "nearly" | "almost")
            || (key.ends_with("nt") && matches!(key.len(), 4..=8) && is_short_not(key))
    })
}

fn is_short_not(key: &str) -> bool {
    let verb = key.trim_end_matches("nt");
    matches!(
        verb,
        "is" | "are"
            | "was"
            | "were"
            | "did"
            | "do"
            | "does"
            | "have"
            | "has"
            | "had"
            | "ca"
            | "wo"
            | "could"
    )
}

fn without_time(words: &[Word]) -> &[Word] {
    let is_late = |key: &str| {
        matches!(
            key,
            "already" | "yet" | "yesterday" | "now" | "earlier" | "too" | "finally" | "myself" | "please"
        )
    };
    let mut words = words;
    while let [rest @ .., last] = words
        && !rest.is_empty()
        && is_late(&last.key)
    {
        words = rest;
    }
    let end = (2..words.len()).find(|at| time::is_time(&words[*at..]));
    end.map_or(words, |end| &words[..end])
}

fn active(words: &[Word]) -> Option<String> {
    let subjects = words.iter().take_while(|word| SUBJECTS.contains(&word.key.as_str())).count();
    let (verb, object) = words[subjects..].split_first()?;
    let base = base(&verb.key)?;
    // `read the book` without an `I` before it is a wish.
    let is_past = subjects > 0 || base != verb.key;
    (is_past && !object.is_empty()).then(|| format!("{base} {}", words::join(object)))
}

/// `the plants are watered`, `mom has been called`.
fn passive(words: &[Word]) -> Option<String> {
    let (verb, rest) = words.split_last()?;
    let base = base(&verb.key).filter(|base| *base != verb.key)?;
    let is_light = |word: &&Word| {
        matches!(word.key.as_str(), "is" | "are" | "has" | "have" | "been" | "was" | "were" | "got" | "all")
    };
    let light = rest.iter().rev().take_while(is_light).count();
    let object = &rest[..rest.len() - light];
    let is_asked = object.first().is_some_and(|word| matches!(word.key.as_str(), "what" | "which" | "who"));
    (light > 0 && !object.is_empty() && !is_asked).then(|| format!("{base} {}", words::join(object)))
}

fn base(key: &str) -> Option<&'static str> {
    let irregular = IRREGULAR.iter().find(|(past, _)| *past == key).map(|(_, base)| *base);
    irregular.or_else(|| REGULAR.iter().find(|base| is_past(base, key)).copied())
}

fn is_past(base: &str, key: &str) -> bool {
    let Some(bare) = key.strip_suffix("ed") else { return false };
    let is_doubled = bare.strip_prefix(base).is_some_and(|rest| rest.len() == 1 && base.ends_with(rest));
    bare == base
        || base.strip_suffix('e') == Some(bare)
        || base.strip_suffix('y').is_some_and(|stem| bare.strip_suffix('i') == Some(stem))
        || is_doubled
}
