//! Which task is meant by `the grocery task`, `calling mom`, `number 3` or the beginning of a uuid.
//!
//! Pure. A clear best match is one task; anything less is a question for the person. Never a guess: `call dad` is
//! not `call mom`, even where that is the only call to make.

mod score;
pub mod words;

use uuid::Uuid;

use super::numerals;
use super::task::Task;

/// Fewer characters of a uuid could well be a word.
const UUID_PREFIX: usize = 6;
/// As many are offered when the meant task is unclear.
const MOST_OFFERED: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
pub enum Match {
    One(Task),
    /// All of these could be meant, the likeliest first; a single one is too unlike what was said to act on it.
    Many(Vec<Task>),
    None,
}

/// How sure a match has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Words may be misheard or misspelled a little.
    Usual,
    /// As said, for what is hard to take back.
    Strict,
}

/// Looks for the task meant by `reference` among `tasks`. `the second one` is the second of those last `shown` to the
/// person, which may meanwhile be gone; of `tasks`, when none were shown.
pub fn find(reference: &str, tasks: &[Task], shown: &[Uuid], care: Care) -> Match {
    let reference = reference.trim();
    let titled: Vec<_> = tasks.iter().filter(|task| task.title.trim() == reference).collect();
    if let Some(number) = number(reference) {
        let (numbered, others): (Vec<_>, Vec<_>) = tasks.iter().partition(|task| task.number == Some(number));
        // One uuid in fifty begins with eight decimal digits.
        let others = others.into_iter();
        let named = others.filter(|task| task.title.trim() == reference || is_uuid_prefix(reference, task));
        return choose(numbered.into_iter().chain(named));
    }
    if !titled.is_empty() {
        return choose(titled);
    }
    let identified: Vec<_> = tasks.iter().filter(|task| is_uuid_prefix(reference, task)).collect();
    if !identified.is_empty() {
        return choose(identified);
    }
    let known: Vec<_> =
        if shown.is_empty() { tasks.iter().map(|task| task.uuid).collect() } else { shown.to_vec() };
    if let Some(index) = place(reference, known.len()) {
        let meant = known.get(index);
        return choose(tasks.iter().filter(|task| meant == Some(&task.uuid)));
    }
    by_words(reference, tasks, care)
}

fn by_words(reference: &str, tasks: &[Task], care: Care) -> Match {
    let spoken = words::split(reference);
    let same: Vec<_> = tasks.iter().filter(|task| words::split(&task.title) == spoken).collect();
    if !same.is_empty() && !spoken.is_empty() {
        return choose(same);
    }
    let said = words::content(reference);
    if said.is_empty() {
        return Match::None;
    }
    let titles: Vec<_> = tasks.iter().map(|task| (task, words::content(&task.title))).collect();
    let sure = [score::says_all, score::is_contained, score::is_labelled];
    for rule in sure {
        let found = score::best(&titles, |task, title| rule(&said, task, title));
        if !found.is_empty() {
            return choose(found);
        }
    }
    let similar = score::best(&titles, |_, title| score::sounds_like(&said, title));
    match care {
        Care::Usual if !similar.is_empty() => choose(similar),
        Care::Usual | Care::Strict => offer(score::ranked(&titles, |_, title| score::overlaps(&said, title))),
    }
}

fn choose<'a>(tasks: impl IntoIterator<Item = &'a Task>) -> Match {
    let mut tasks: Vec<_> = tasks.into_iter().cloned().collect();
    match tasks.len() {
        0 => Match::None,
        1 => Match::One(tasks.remove(0)),
        _ => Match::Many(tasks),
    }
}

fn offer(tasks: Vec<&Task>) -> Match {
    if tasks.is_empty() {
        return Match::None;
    }
    Match::Many(tasks.into_iter().take(MOST_OFFERED).cloned().collect())
}

/// `3`, `#3`, `number three`, `task no. 3`.
fn number(reference: &str) -> Option<usize> {
    let lower = reference.to_lowercase();
    let words: Vec<_> = lower.split([' ', '.']).filter(|word| !word.is_empty()).collect();
    let start = words.iter().position(|word| !["task", "number", "no", "item", "the"].contains(word))?;
    let mut rest = words[start..].to_vec();
    rest[0] = rest[0].strip_prefix('#').unwrap_or(rest[0]);
    let is_introduced =
        start > 0 || reference.starts_with('#') || rest[0].bytes().all(|b| b.is_ascii_digit());
    let (number, used) = numerals::cardinal(&rest).filter(|_| is_introduced && !rest[0].is_empty())?;
    (used == rest.len() && words[..start].last() != Some(&"the")).then_some(number as usize)
}

/// `the second one`, `first task`, `the last one`, as an index.
fn place(reference: &str, count: usize) -> Option<usize> {
    let lower = reference.to_lowercase();
    let words: Vec<_> = lower.split_whitespace().skip_while(|word| *word == "the").collect();
    let end =
        words.len() - usize::from(matches!(words.last(), Some(&("one" | "task" | "item" | "reminder"))));
    let words = &words[..end];
    if words == ["last"] {
        return Some(count.saturating_sub(1));
    }
    let (number, used) = numerals::ordinal(words)?;
    let index = (number as usize).checked_sub(1)?;
    (used == words.len()).then_some(index)
}

fn is_uuid_prefix(reference: &str, task: &Task) -> bool {
    reference.len() >= UUID_PREFIX
        && reference.is_ascii()
        && task.uuid.to_string().starts_with(&reference.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
