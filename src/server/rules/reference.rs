//! The words with which a person names a task, less those that only say that it is one.

use super::numbers;
use super::words::{self, Word};

/// Whether `words` point back to the task last spoken of.
pub(super) fn is_pronoun(words: &[Word]) -> bool {
    let keys = words::keys(words);
    matches!(
        keys.as_slice(),
        ["it" | "that" | "this"] | ["that" | "this", "one" | "task" | "reminder" | "item"]
    )
}

/// `the task about calling mom` is `calling mom`, `task number two` is `2`. None when nothing is left.
pub(super) fn clean(words: &[Word]) -> Option<String> {
    if is_pronoun(words) {
        return Some("it".to_owned());
    }
    let words = without_list(words);
    let words =
        skip(words, |key| matches!(key, "the" | "my" | "a" | "an" | "our" | "that" | "this" | "of" | "as"));
    if let Some(place) = place(&words::keys(words)) {
        return Some(place);
    }
    let (words, follows_noun) = behind_noun(words);
    if let Some(number) = number(&words::keys(words), follows_noun) {
        return Some(number.to_string());
    }
    let words = before_noun(words);
    let text = words::join_action(words);
    (!text.is_empty()).then_some(text)
}

fn skip(words: &[Word], is_filler: impl Fn(&str) -> bool) -> &[Word] {
    &words[words.iter().take_while(|word| is_filler(&word.key)).count()..]
}

fn without_list(words: &[Word]) -> &[Word] {
    let start = words.iter().rposition(|word| matches!(word.key.as_str(), "from" | "off" | "on" | "in"));
    let is_list = |end: &[Word]| {
        let is_known = |word: &Word| {
            matches!(
                word.key.as_str(),
                "from" | "off" | "on" | "in" | "of" | "my" | "the" | "task" | "todo" | "to" | "do"
            ) || is_list_word(&word.key)
        };
        // Such as `from my shopping list`.
        let is_named =
            matches!(end, [_, my, _, list] if list.key == "list" && matches!(my.key.as_str(), "my" | "the"));
        is_named || end.last().is_some_and(|word| is_list_word(&word.key)) && end.iter().all(is_known)
    };
    match start {
        Some(start) if start > 0 && is_list(&words[start..]) => &words[..start],
        _ => words,
    }
}

fn is_list_word(key: &str) -> bool {
    matches!(key, "list" | "lists" | "tasks" | "todos")
}

fn is_noun(key: &str) -> bool {
    matches!(
        key,
        "task"
            | "tasks"
            | "tasked"
            | "tusk"
            | "reminder"
            | "reminders"
            | "remainder"
            | "item"
            | "entry"
            | "todo"
            | "ask"
    )
}

/// `second task` is `the second one`; the first is not a number of a task but a place in a list.
fn place(keys: &[&str]) -> Option<String> {
    let place = match keys {
        [place] => place,
        [place, noun] if is_noun(noun) || *noun == "one" => place,
        _ => return None,
    };
    if *place == "last" {
        return Some("the last one".to_owned());
    }
    numbers::ordinal(place).and_then(numbers::ordinal_word).map(|word| format!("the {word} one"))
}

/// What follows `task about`, `reminder to`, `one called`.
fn behind_noun(words: &[Word]) -> (&[Word], bool) {
    let Some((first, rest)) = words.split_first() else { return (words, false) };
    let is_link = |word: &Word| {
        matches!(
            word.key.as_str(),
            "about"
                | "bout"
                | "but"
                | "for"
                | "to"
                | "two"
                | "called"
                | "named"
                | "titled"
                | "saying"
                | "regarding"
                | "with"
                | "of"
                | "says"
        )
    };
    let is_linked = rest.len() > 1 && (is_link(&rest[0]) || (rest.len() > 2 && rest[1].key == "says"));
    let is_stand_in = matches!(first.key.as_str(), "one" | "thing") && is_linked;
    if !is_noun(&first.key) && !is_stand_in {
        return (words, false);
    }
    let skipped = match rest {
        [that, says, ..] if matches!(that.key.as_str(), "that" | "which") && says.key == "says" => 2,
        _ => usize::from(is_linked),
    };
    (&rest[skipped..], skipped == 0)
}

fn number(keys: &[&str], follows_noun: bool) -> Option<u32> {
    match keys {
        ["number" | "no" | "numbers", rest @ ..] => numbers::expected(rest),
        _ if follows_noun => numbers::expected(keys),
        _ => numbers::cardinal(keys).filter(|(_, used)| *used == keys.len()).map(|(number, _)| number),
    }
}

fn before_noun(words: &[Word]) -> &[Word] {
    match words {
        [task @ .., noun] if is_noun(&noun.key) || noun.key == "one" => task,
        _ => words,
    }
}
