//! What hangs on a title: a time, a repetition, a priority, a project, tags, notes.

use super::pattern::{self, Gaps};
use super::repeat;
use super::time;
use super::words::{self, Word};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) when: Option<String>,
    /// How often it comes again, and the first such time where that is said.
    pub(super) repeat: Option<(String, Option<String>)>,
    pub(super) priority: Option<&'static str>,
    pub(super) project: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) notes: Option<String>,
}

/// Longer project names are rather a part of the title.
const MAX_PROJECT_WORDS: usize = 3;

/// Splits what is known to be no title off the end of `words`; at least one word stays.
pub(super) fn split(words: &[Word]) -> (&[Word], Details) {
    let mut details = Details::default();
    let mut title = words;
    while let Some(shorter) = cut(title, &mut details) {
        title = shorter;
    }
    (title, details)
}

/// As [`split`], where also all of `words` may be details.
pub(super) fn split_off(words: &[Word]) -> (&[Word], Details) {
    let mut details = Details::default();
    if time::is_time(words) {
        details.when = Some(time::bare(words));
        return (&[], details);
    }
    if let Some(level) = explicit_priority(words) {
        details.priority = Some(level);
        return (&[], details);
    }
    split(words)
}

/// `words` without a time at their end.
pub(super) fn without_time(words: &[Word]) -> (&[Word], Option<String>) {
    let at = (1..words.len()).find(|at| time::is_time(&words[*at..]));
    at.map_or((words, None), |at| (&words[..at], Some(time::bare(&words[at..]))))
}

fn cut<'a>(words: &'a [Word], details: &mut Details) -> Option<&'a [Word]> {
    let last = words.last().filter(|_| words.len() > 1)?;
    if matches!(last.key.as_str(), "and" | "please" | "thanks") {
        return Some(&words[..words.len() - 1]);
    }
    if let [title @ .., tag] = words
        && is_hashtag(&tag.raw)
    {
        details.tags.insert(0, words::join(std::slice::from_ref(tag)).trim_start_matches('#').to_owned());
        return Some(title);
    }
    let urgent = words.first().filter(|word| word.raw.ends_with(':')).and_then(|word| urgent(&word.key));
    if let Some(priority) = urgent.filter(|_| details.priority.is_none()) {
        details.priority = Some(priority);
        return Some(&words[1..]);
    }
    // Notes may end with a time that is part of them, a project may not.
    let takers = [
        Details::take_notes,
        Details::take_repeat,
        Details::take_when,
        Details::take_priority,
        Details::take_named,
    ];
    takers.iter().find_map(|take| {
        (1..words.len()).find(|at| take(details, &words[*at..], &words[*at - 1])).map(|at| &words[..at])
    })
}

fn is_hashtag(raw: &str) -> bool {
    raw.strip_prefix('#').is_some_and(|tag| tag.starts_with(char::is_alphabetic))
}

/// Each takes in `end` when it is one detail that is not known yet; `before` is the word before it.
impl Details {
    /// What is known here, else what is known in `other`.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            when: self.when.or(other.when),
            repeat: self.repeat.or(other.repeat),
            priority: self.priority.or(other.priority),
            project: self.project.or(other.project),
            tags: if self.tags.is_empty() { other.tags } else { self.tags },
            notes: self.notes.or(other.notes),
        }
    }

    fn take_repeat(&mut self, end: &[Word], _: &Word) -> bool {
        let is_new = self.repeat.is_none() && repeat::is_repeat(end);
        if is_new {
            self.repeat = Some((repeat::bare(end), repeat::first(end)));
        }
        is_new
    }

    fn take_when(&mut self, end: &[Word], before: &Word) -> bool {
        let is_part_of_title = matches!(
            before.key.as_str(),
            "every" | "each" | "the" | "a" | "my" | "of" | "about" | "than" | "or"
        );
        let is_new = self.when.is_none() && !is_part_of_title && time::is_time(end);
        // `every friday at 5` ends with a time as well, but cut there it would be half of one.
        if is_new && !is_weekly(before, end) {
            self.when = Some(time::bare(end));
        }
        self.when.is_some() && is_new
    }

    fn take_priority(&mut self, end: &[Word], before: &Word) -> bool {
        let is_part_of_title = matches!(
            before.key.as_str(),
            "something" | "anything" | "the" | "a" | "an" | "is" | "not" | "very"
        );
        let found = explicit_priority(end).filter(|_| self.priority.is_none() && !is_part_of_title);
        self.priority = self.priority.or(found);
        found.is_some()
    }

    fn take_named(&mut self, end: &[Word], _: &Word) -> bool {
        let project = fit(
            end,
            &[
                "and? in|under|to the|my? {project} project",
                "and? in|to|under|for project {project}",
                "and? in|on|onto|to the|my {list} list",
            ],
        );
        let name = project.map(|gaps| [gaps.words("project"), gaps.words("list")].concat());
        let is_name = |name: &Vec<Word>| {
            let joins = |word: &Word| matches!(word.key.as_str(), "and" | "with" | "tagged" | "tag" | "note");
            name.len() <= MAX_PROJECT_WORDS && !name.iter().any(joins)
        };
        if let Some(name) = name.filter(is_name) {
            self.project.get_or_insert_with(|| words::join(&name));
            return true;
        }
        if let Some(gaps) = fit(end, &["and? tagged as|with? {tags}", "and? with|and the|a? tag|tags {tags}"])
        {
            self.tags.splice(0..0, names(gaps.words("tags")));
            return true;
        }
        false
    }

    fn take_notes(&mut self, end: &[Word], _: &Word) -> bool {
        let notes =
            fit(end, &["and|with a|the? note|notes saying|that|says? {notes}", "note:|notes: {notes}"]);
        if let Some(gaps) = &notes {
            self.notes.get_or_insert_with(|| words::join(gaps.words("notes")));
        }
        notes.is_some()
    }
}

fn fit<'a>(words: &'a [Word], patterns: &[&'static str]) -> Option<Gaps<'a>> {
    patterns.iter().find_map(|pattern| pattern::fit(pattern, words))
}

fn is_weekly(before: &Word, end: &[Word]) -> bool {
    let is_day = before.key.ends_with("day") || before.key == "week" || before.key == "month";
    is_day && end.first().is_some_and(|word| word.key == "at" || word.key == "in")
}

/// `home and garden` are two names.
pub(super) fn names(words: &[Word]) -> Vec<String> {
    let groups = words.split(|word| word.key == "and").flat_map(|group| {
        group.split_inclusive(|word| word.raw.ends_with(',')).map(words::join).collect::<Vec<_>>()
    });
    groups
        .map(|name| name.trim_start_matches('#').replace(' ', "-"))
        .filter(|name| !name.is_empty())
        .collect()
}

/// The priority that `words` name, also bare as in an answer: `high`.
pub(super) fn priority(words: &[Word]) -> Option<&'static str> {
    let keys = words::keys(words);
    match keys.as_slice() {
        ["a" | "an" | "as" | "the" | "at" | "very", _, ..] => priority(&words[1..]),
        [level] => level_of(level.strip_suffix("-priority").unwrap_or(level)).or_else(|| urgent(level)),
        [level, "priority"] | ["priority", level] => level_of(level).or_else(|| urgent(level)),
        _ => None,
    }
}

/// At the end of a title only what cannot be a part of it.
fn explicit_priority(words: &[Word]) -> Option<&'static str> {
    let keys = words::keys(words);
    let start =
        keys.iter().take_while(|key| matches!(**key, "and" | "with" | "as" | "a" | "at" | "make")).count();
    match &keys[start..] {
        [level, "priority"] | ["priority", level] => level_of(level),
        [level] if level.ends_with("-priority") => level_of(level.strip_suffix("-priority")?),
        ["urgent" | "urgently" | "asap"] => Some("high"),
        ["it" | "this" | "that" | "which", "is", end @ ..] | ["its" | "thats", end @ ..]
            if !end.is_empty() =>
        {
            priority(&words[words.len() - end.len()..])
        }
        ["it", end @ ..] if start > 0 && !end.is_empty() => priority(&words[words.len() - end.len()..]),
        _ => None,
    }
}

fn level_of(level: &str) -> Option<&'static str> {
    match level {
        "high" | "highest" | "top" | "higher" | "hi" => Some("high"),
        "medium" | "normal" | "middle" | "mid" => Some("medium"),
        "low" | "lowest" | "lower" => Some("low"),
        "no" | "none" => Some("none"),
        _ => None,
    }
}

fn urgent(key: &str) -> Option<&'static str> {
    matches!(key, "urgent" | "important" | "critical").then_some("high")
}
