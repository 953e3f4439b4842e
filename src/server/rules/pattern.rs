//! Sentences with gaps: `mark {task} as? @done`.
//!
//! An element is a word or alternatives (`a|b`, several words as `get_rid_of`, with `:` only before a colon), a class
//! (`@done`), or a gap (`{task}`) of one or more words, as few as
//! possible, but as many as possible for a time. `?` makes an element optional. The names
//! of some gaps say what fits: `{when}` a time, `{span}` an amount of time, `{repeat}` a repetition, `{count}` a number,
//! `{prio}` a priority, `{it}` a pronoun, `{list}` the name of a list, `{colon}` and `{comma}`
//! words up to such a mark.

use super::details;
use super::numbers;
use super::reference;
use super::repeat;
use super::time;
use super::words::{self, Word};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Gaps<'a>(Vec<(&'static str, &'a [Word])>);

impl<'a> Gaps<'a> {
    /// The words in that gap, none when it is not in the pattern.
    pub(super) fn words(&self, name: &str) -> &'a [Word] {
        self.0.iter().find(|(gap, _)| *gap == name).map_or(&[], |(_, words)| words)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        !self.words(name).is_empty()
    }
}

/// What fills the gaps when `words` from first to last fit `pattern`.
pub(super) fn fit<'a>(pattern: &'static str, words: &'a [Word]) -> Option<Gaps<'a>> {
    let mut gaps = step(pattern, words)?;
    gaps.0.reverse();
    Some(gaps)
}

fn step<'a>(elements: &'static str, words: &'a [Word]) -> Option<Gaps<'a>> {
    if elements.is_empty() {
        return words.is_empty().then(Gaps::default);
    }
    let (element, rest) = elements.split_once(' ').unwrap_or((elements, ""));
    match element.strip_prefix('{') {
        Some(gap) => fill(gap.trim_end_matches('}'), rest, words),
        None => literal(element, rest, words),
    }
}

fn fill<'a>(gap: &'static str, rest: &'static str, words: &'a [Word]) -> Option<Gaps<'a>> {
    let name = gap.trim_end_matches('?');
    let least = usize::from(name.len() == gap.len());
    let first = if rest.is_empty() { words.len().max(least) } else { least };
    let try_with = |count: usize| {
        if count > 0 && !fits(name, &words[..count]) {
            return None;
        }
        let mut gaps = step(rest, &words[count..])?;
        gaps.0.push((name, &words[..count]));
        Some(gaps)
    };
    let mut counts = first..=words.len();
    // `at 6 pm to` begins with a time that is shorter, but then `pm` would be left over.
    if matches!(name, "when" | "repeat") {
        counts.rev().find_map(try_with)
    } else {
        counts.find_map(try_with)
    }
}

fn fits(gap: &str, words: &[Word]) -> bool {
    match gap {
        "when" => time::is_time(words),
        "span" => time::is_amount(words),
        "hour" => time::is_hour(words),
        "repeat" => repeat::is_repeat(words),
        "count" | "num" => numbers::whole(&words::keys(words)).is_some(),
        "list" => is_list_name(words),
        "prio" => details::priority(words).is_some(),
        "it" => reference::is_pronoun(words),
        "comma" => words.last().is_some_and(|word| word.raw.ends_with(',')),
        "colon" => words.last().is_some_and(|word| word.raw.ends_with(':')),
        _ => true,
    }
}

/// `shopping` in `my shopping list`, but not `to do` and no words of another kind.
fn is_list_name(words: &[Word]) -> bool {
    let is_other = |word: &Word| {
        matches!(
            word.key.as_str(),
            "my" | "the"
                | "our"
                | "a"
                | "your"
                | "this"
                | "that"
                | "to"
                | "do"
                | "todo"
                | "task"
                | "tasks"
                | "whole"
                | "and"
                | "on"
                | "of"
                | "in"
                | "me"
                | "for"
                | "entire"
                | "reminder"
                | "reminders"
        )
    };
    words.len() <= 2 && !words.iter().any(is_other)
}

fn literal<'a>(element: &'static str, rest: &'static str, words: &'a [Word]) -> Option<Gaps<'a>> {
    let choices = element.trim_end_matches('?');
    let is_optional = choices.len() < element.len();
    let found = choices.split('|').flat_map(class).filter_map(|choice| length(choice, words));
    let skipped = is_optional.then_some(0);
    found.chain(skipped).find_map(|used| step(rest, &words[used..]))
}

fn class(choice: &'static str) -> std::str::Split<'static, char> {
    let words = match choice {
        "@create" => {
            "create|creates|created|creating|crate|great|make|makes|add|adds|added|adding|ad|at|had|put|set_up|set|sets|\
             new|enter|record|insert|start|write|schedule"
        }
        "@a" => "a|an|the|another|new|my|one|me|uh|of|in",
        "@task" => "task|tasks|tasked|tusk|tusks|todo|to_do|to_do_item|todo_item|item|entry",
        "@tasks" => {
            "tasks|task|todos|todo|to_dos|to_do|reminders|reminder|items|agenda|tusks|list|lists|task_list|asks"
        }
        "@reminder" => "reminder|reminders|remainder|remainders|remind_her|reminded|remember",
        "@to" => "to|two|too|2",
        "@called" => {
            "called|named|titled|labeled|saying|says|that_says|which_says|with_the_title|with_title|about|for"
        }
        "@done" => "complete|completed|completes|completely|done|finished|finish|dun",
        "@mark" => "mark|marks|marked|marc|mock|set|flag|make|label",
        "@finish" => {
            "complete|completes|completed|finish|finished|close|tick|check|cross|tick_off|check_off|cross_off|mark_off"
        }
        "@delete" => {
            "delete|deletes|deleted|deleting|remove|removes|removed|erase|trash|cancel|scrap|discard|drop|\
                      get_rid_of|throw_away|throw_out"
        }
        "@change" => "change|changes|changed|update|updates|updated|edit|modify|set|switch|alter|correct",
        "@move" => {
            "move|moves|moved|reschedule|postpone|push|delay|shift|defer|bump|change|update|set|put_off"
        }
        "@list" => {
            "list|lists|tasks|todos|task_list|todo_list|to_do_list|to_do|to_dos|shopping_list|list_of_tasks"
        }
        _ => choice,
    };
    words.split('|')
}

/// How many words `choice` takes at the beginning of `words`, when they are the same.
fn length(choice: &str, words: &[Word]) -> Option<usize> {
    let (choice, has_colon) = choice.strip_suffix(':').map_or((choice, false), |choice| (choice, true));
    // Most choices differ in their first letter already.
    if words.first()?.key.as_bytes().first() != choice.as_bytes().first() {
        return None;
    }
    let parts = choice.split('_').count();
    let is_same = words.len() >= parts && choice.split('_').zip(words).all(|(part, word)| part == word.key);
    let is_right = is_same && (!has_colon || words[parts - 1].raw.ends_with(':'));
    is_right.then_some(parts)
}
