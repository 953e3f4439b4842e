//! Whether an answer says that it has changed the tasks. Pure; English only.
//!
//! Careful: to doubt an honest answer is worse than to miss a false one. Only plain forms count (`I've added …`,
//! `Deleted.`, `… has been moved`), and none of them beside a word of doubt, of denial, or of an earlier time.

/// What may stand between `I` and what was done.
const LINKS: &[&str] =
    &["have", "just", "also", "now", "then", "went", "gone", "ahead", "and", "successfully", "both"];
/// What was done, said by who did it.
const DEEDS: &[&str] = &[
    "added",
    "canceled",
    "cancelled",
    "changed",
    "cleared",
    "completed",
    "created",
    "deleted",
    "made",
    "marked",
    "moved",
    "postponed",
    "put",
    "removed",
    "renamed",
    "reopened",
    "rescheduled",
    "restored",
    "reverted",
    "saved",
    "scheduled",
    "set",
    "tagged",
    "undid",
    "undone",
    "updated",
];
/// These say something about tasks only with such a word behind them.
const VAGUE: &[&str] = &["changed", "cleared", "made", "put", "saved", "set", "updated"];
const OBJECTS: &[&str] = &[
    "change",
    "date",
    "deadline",
    "due",
    "item",
    "list",
    "priority",
    "project",
    "reminder",
    "reminders",
    "task",
    "tasks",
    "title",
];
/// What was done, without who did it: `Added milk.`, `… has been added`. `completed` also opens a list.
const BARE: &[&str] = &[
    "added",
    "created",
    "deleted",
    "marked",
    "moved",
    "removed",
    "renamed",
    "reopened",
    "rescheduled",
    "restored",
    "undone",
    "updated",
];
/// After a bare word, these make a heading or an account of it: `Added on Monday`, `Deleted tasks: …`.
const ACCOUNTS: &[&str] = &["at", "by", "in", "items", "last", "on", "reminders", "tasks", "this"];
const OPENINGS: &[&str] = &[
    "absolutely",
    "all",
    "alright",
    "certainly",
    "course",
    "done",
    "fine",
    "got",
    "good",
    "great",
    "it",
    "of",
    "ok",
    "okay",
    "perfect",
    "right",
    "set",
    "sure",
];
/// Whole answers.
const ALONE: &[&str] = &["all done", "all set", "consider it done", "done", "it's done", "that's done"];
/// With one of these a sentence claims nothing that was done just now.
const DOUBTS: &[&str] = &[
    "after",
    "ago",
    "already",
    "before",
    "believe",
    "cannot",
    "can't",
    "couldn't",
    "didn't",
    "earlier",
    "failed",
    "haven't",
    "if",
    "mentioned",
    "never",
    "none",
    "not",
    "nothing",
    "once",
    "previously",
    "said",
    "think",
    "thought",
    "unable",
    "unless",
    "until",
    "when",
    "whenever",
    "whether",
    "yeah",
    "yep",
    "yes",
    "yesterday",
];
/// With one of these a sentence without `I` is an account of what was done at some time.
const TIMES: &[&str] = &["month", "morning", "today", "week", "were", "you"];

/// Whether `answer` claims to have just changed the tasks.
pub(super) fn claims_change(answer: &str) -> bool {
    let sentences = sentences(answer);
    let is_alone = sentences.first().is_some_and(|first| ALONE.contains(&first.join(" ").as_str()));
    is_alone || sentences.iter().any(|sentence| claims(sentence))
}

/// Whether what the person said lets an honest answer speak of earlier changes.
pub(super) fn asks_for_a_report(said: &str) -> bool {
    const OPENINGS: &[&str] = &[
        "are", "cool", "did", "great", "has", "have", "how", "is", "nice", "pardon", "perfect", "repeat",
        "say", "sorry", "thank", "thanks", "was", "were", "what", "what's", "when", "where", "which", "who",
        "why",
    ];
    words(said).first().is_some_and(|first| OPENINGS.contains(&first.as_str()))
}

fn claims(sentence: &[String]) -> bool {
    let words: Vec<_> = sentence.iter().map(String::as_str).collect();
    let is_doubtful = words.iter().any(|word| DOUBTS.contains(word)) || tells_of_last_time(&words);
    !is_doubtful && !denies(&words) && (by_me(&words) || opens(&words) || was_done(&words))
}

/// `I've just added milk`
fn by_me(words: &[&str]) -> bool {
    words.iter().enumerate().filter(|(_, word)| matches!(**word, "i" | "i've")).any(|(at, _)| {
        let rest = &words[at + 1..];
        let links = rest.iter().take_while(|word| LINKS.contains(word)).count();
        let Some((deed, rest)) = rest[links..].split_first() else { return false };
        let is_vague = VAGUE.contains(deed) && !rest.iter().take(3).any(|word| OBJECTS.contains(word));
        let is_other = rest.first().is_some_and(|next| matches!(*next, "tasks" | "items" | "my" | "on"));
        DEEDS.contains(deed) && !is_vague && !is_other
    })
}

/// `Okay, added milk to your list`
fn opens(words: &[&str]) -> bool {
    let openings = words.iter().take_while(|word| OPENINGS.contains(word)).count();
    let Some((deed, rest)) = words[openings..].split_first() else { return false };
    BARE.contains(deed) && !rest.first().is_some_and(|next| ACCOUNTS.contains(next)) && !has_time(words)
}

/// `The task has been added`, `it is now marked as complete`
fn was_done(words: &[&str]) -> bool {
    let links = ["now", "just", "successfully"];
    let after = |at: usize| {
        let rest = words[at..].iter().find(|word| !links.contains(word));
        rest.is_some_and(|deed| BARE.contains(deed))
    };
    let is_done = words.iter().enumerate().any(|(at, word)| match *word {
        "been" => after(at + 1),
        "is" | "are" | "it's" => words.get(at + 1) == Some(&"now") && after(at + 2),
        _ => false,
    });
    is_done && !has_time(words)
}

fn has_time(words: &[&str]) -> bool {
    words.iter().any(|word| TIMES.contains(word))
}

/// `last week`, but not `the last change`
fn tells_of_last_time(words: &[&str]) -> bool {
    let times = ["week", "month", "year", "time", "night", "monday", "friday"];
    words.windows(2).any(|pair| pair[0] == "last" && times.contains(&pair[1]))
}

/// `no task`, but not `no problem`
fn denies(words: &[&str]) -> bool {
    words.windows(2).any(|pair| pair[0] == "no" && !matches!(pair[1], "problem" | "worries"))
}

/// The words of each sentence that states something: no questions, no points of a list.
fn sentences(text: &str) -> Vec<Vec<String>> {
    let text = without_quotes(&text.to_lowercase().replace('\u{2019}', "'"));
    let lines = text.lines().filter(|line| !is_point(line));
    let pieces = lines.flat_map(|line| line.split_inclusive(['.', '!', '?', ';']));
    let stated = pieces.filter(|piece| !piece.ends_with('?'));
    stated.map(words).filter(|words| !words.is_empty()).collect()
}

fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('\u{2019}', "'");
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
    words.map(|word| word.trim_matches('\'').to_owned()).filter(|word| !word.is_empty()).collect()
}

/// A title may say anything.
fn without_quotes(text: &str) -> String {
    let mut out = String::new();
    let mut is_open = false;
    for c in text.chars() {
        match c {
            '"' | '`' => is_open = !is_open,
            '“' | '«' => is_open = true,
            '”' | '»' => is_open = false,
            '\n' => {
                is_open = false;
                out.push(c);
            }
            _ if is_open => {}
            _ => out.push(c),
        }
    }
    out
}

fn is_point(line: &str) -> bool {
    let line = line.trim_start();
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with(['-', '*', '•', '·'])
        || (after_number.len() < line.len() && after_number.starts_with(['.', ')']))
}

#[cfg(test)]
mod tests;
