//! What came of it, in figures and as a document.

use std::fmt;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::time::Duration;

use super::noise::Noise;
use super::setting;
use crate::server::engine::{Brain as _, Heard, Prompt, PromptItem, Thought, ToolSpec};
use crate::server::language_model;
use crate::server::rules::Rules;

const TOOLS: [&str; 7] =
    ["create_task", "add_reminder", "list_tasks", "complete_task", "delete_task", "update_task", "undo"];
const INTRODUCTION: &str = include_str!("introduction.md");

/// One command, spoken and heard.
#[derive(Debug, Default)]
pub(super) struct Trial {
    pub(super) heard: Heard,
    /// The words told before the end, and after how much sound the first of them.
    pub(super) told: String,
    pub(super) first_words: Option<Duration>,
    /// From the last sample to the words.
    pub(super) tail: Duration,
    pub(super) work: Duration,
    pub(super) sound: Duration,
}

/// All commands by one voice in one noise.
pub(super) struct Row {
    pub(super) voice: String,
    pub(super) noise: Noise,
    trials: Vec<Outcome>,
}

struct Outcome {
    trial: Trial,
    errors: usize,
    words: usize,
    intent: bool,
    command: bool,
    /// Of the words told early, those that the end did not have.
    unsaid: usize,
    told: usize,
}

/// The calls that the dialogue makes of these words: names and arguments.
pub(super) fn understood(text: &str) -> Vec<(String, String)> {
    let tool = |name: &str| ToolSpec {
        name: name.to_owned(),
        description: String::new(),
        parameters: serde_json::Value::Null,
    };
    let item =
        if text.is_empty() { PromptItem::UserUnintelligible } else { PromptItem::User(text.to_owned()) };
    let prompt = Prompt { items: vec![item], tools: TOOLS.map(tool).to_vec(), ..Prompt::default() };
    let mut calls = Vec::new();
    let mut take = |thought| {
        if let Thought::Call { name, arguments } = thought {
            calls.push((name, arguments));
        }
        ControlFlow::Continue(())
    };
    Rules.respond(&prompt, &mut take).expect("rules do not fail");
    calls
}

fn names(calls: &[(String, String)]) -> Vec<&str> {
    calls.iter().map(|(name, _)| name.as_str()).collect()
}

fn word_errors(said: &[&str], heard: &[&str]) -> usize {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, a) in said.iter().enumerate() {
        let before = std::mem::replace(&mut row, vec![i + 1]);
        for (j, b) in heard.iter().enumerate() {
            row.push((before[j] + usize::from(a != b)).min(before[j + 1] + 1).min(row[j] + 1));
        }
    }
    row[heard.len()]
}

fn split(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

impl Row {
    pub(super) fn new(voice: &str, noise: Noise) -> Self {
        Self { voice: voice.to_owned(), noise, trials: Vec::new() }
    }

    pub(super) fn add(&mut self, said: &str, trial: Trial) {
        let (wanted, got) = (understood(said), understood(&trial.heard.text));
        let (intent, command) = (names(&wanted) == names(&got), wanted == got);
        if setting("WRONG", "").len() == 1 && !command {
            let sure = trial.heard.confidence.unwrap_or_default();
            eprintln!(
                "    {}  {sure:.2} {said}\n              {}",
                if intent { "-" } else { "X" },
                trial.heard.text
            );
        }
        if setting("CONFIDENCES", "").len() == 1 {
            let sure = trial.heard.confidence.unwrap_or_default();
            println!("CONFIDENCE {} {} {} {sure:.4}", self.noise, u8::from(intent), u8::from(command));
        }
        let (words, heard, told) = (split(said), split(&trial.heard.text), split(&trial.told));
        let kept = told.iter().zip(&heard).take_while(|(a, b)| a == b).count();
        self.trials.push(Outcome {
            errors: word_errors(&words, &heard),
            words: words.len(),
            intent,
            command,
            unsaid: told.len() - kept,
            told: told.len(),
            trial,
        });
    }

    fn is_american(&self) -> bool {
        !(self.voice.contains("awb") || self.voice.contains("en-gb"))
    }
}

/// Over any number of trials.
struct Figures {
    word_errors: f64,
    intent: f64,
    command: f64,
    speed: f64,
    tail_ms: (u128, u128),
}

fn share(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn figures<'a>(rows: impl Iterator<Item = &'a Row>) -> Figures {
    let trials: Vec<&Outcome> = rows.flat_map(|row| &row.trials).collect();
    let count = |is: fn(&Outcome) -> bool| share(trials.iter().filter(|t| is(t)).count(), trials.len());
    let sum = |of: fn(&Outcome) -> usize| trials.iter().map(|t| of(t)).sum::<usize>();
    let seconds = |of: fn(&Trial) -> Duration| trials.iter().map(|t| of(&t.trial).as_secs_f64()).sum::<f64>();
    let mut tails: Vec<u128> = trials.iter().map(|t| t.trial.tail.as_millis()).collect();
    tails.sort_unstable();
    Figures {
        word_errors: share(sum(|t| t.errors), sum(|t| t.words)),
        intent: count(|t| t.intent),
        command: count(|t| t.command),
        speed: seconds(|t| t.sound) / seconds(|t| t.work),
        tail_ms: (tails[tails.len() / 2], tails[tails.len() - 1]),
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (median, most) = self.tail_ms;
        let Self { word_errors, intent, command, speed, .. } = self;
        write!(f, "{word_errors:.1} | {intent:.0} | {command:.0} | {speed:.0}x | {median} / {most}")
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} | {} | {} |", self.noise, self.voice, figures([self].into_iter()))
    }
}

const COLUMNS: &str = "word errors % | intent % | command % | speed | words after ms, median / most |";
const RULE: &str = "|---|---|---|---|---|";

/// What was to be reached on American voices: intents and commands right, in percent.
fn bar(noise: Noise) -> &'static str {
    match noise.to_string().rsplit(' ').nth(1) {
        Some("20") => "92, 65",
        Some("10") => "80, 45",
        _ => "97, 80",
    }
}

/// The whole of `docs/recognition.md`.
pub(super) fn document(rows: &[Row], commands: &[(&str, &str)]) -> String {
    let mut out = INTRODUCTION
        .replace("{COMMANDS}", &commands.len().to_string())
        .replace("{KNOWN}", &with_known_title(commands).to_string());
    let mut kinds: Vec<Noise> = rows.iter().map(|row| row.noise).collect();
    kinds.dedup();
    let american = || rows.iter().filter(|row| row.is_american());
    let _ =
        writeln!(out, "\n## American voices\n\n| noise | {COLUMNS} bar: intent, command |\n|---{RULE}---|");
    for kind in &kinds {
        let figures = figures(american().filter(|row| row.noise == *kind));
        let _ = writeln!(out, "| {kind} | {figures} | {} |", bar(*kind));
    }
    for kind in &kinds {
        let _ = writeln!(out, "\n## Voice by voice: {kind}\n\n| voice | {COLUMNS}\n|---{RULE}");
        for row in rows.iter().filter(|row| row.noise == *kind) {
            let _ = writeln!(out, "| {} | {} |", row.voice, figures([row].into_iter()));
        }
    }
    let _ = write!(out, "\n{}\n{}", early_words(rows), weak_hearing(rows));
    out
}

fn early_words(rows: &[Row]) -> String {
    let trials: Vec<&Outcome> = rows.iter().flat_map(|row| &row.trials).collect();
    let told: usize = trials.iter().map(|t| t.told).sum();
    let unsaid: usize = trials.iter().map(|t| t.unsaid).sum();
    let all: usize = trials.iter().map(|t| split(&t.trial.heard.text).len()).sum();
    let mut firsts: Vec<u128> =
        trials.iter().filter_map(|t| t.trial.first_words).map(|first| first.as_millis()).collect();
    firsts.sort_unstable();
    let median = firsts.get(firsts.len() / 2).copied().unwrap_or_default();
    format!(
        "## Words while the person speaks\n\n{:.0} % of the words are told before the end, the first {median} ms after the \
         sound began (300 ms of which are silence); {:.1} % of those told are not in the words at the end, or not there.\n",
        share(told, all),
        share(unsaid, told)
    )
}

/// Commands in which a title of the language model's list stands as a whole.
fn with_known_title(commands: &[(&str, &str)]) -> usize {
    let titles: Vec<String> = language_model::titles().map(|title| format!(" {title} ")).collect();
    let knows = |said: &str| titles.iter().any(|title| format!(" {said} ").contains(title));
    commands.iter().filter(|(_, said)| knows(said)).count()
}

/// Confidences below which a hearing might be called weak.
const LIMITS: [f32; 4] = [0.4, 0.5, 0.6, 0.7];

fn weak_hearing(rows: &[Row]) -> String {
    let mut out = format!(
        "## Confidence\n\nA hearing with a confidence below {} is weak: the dialogue asks before it changes or deletes \
         anything that is there. All voices, with other limits for comparison:\n\n\
         | noise | limit | weak when right % | weak when the intent is wrong % | wrong intents that are not weak % |\n\
         |---|---|---|---|---|\n",
        Heard::WEAK
    );
    let mut kinds: Vec<Noise> = rows.iter().map(|row| row.noise).collect();
    kinds.dedup();
    for kind in kinds {
        let trials: Vec<&Outcome> =
            rows.iter().filter(|row| row.noise == kind).flat_map(|row| &row.trials).collect();
        for limit in LIMITS {
            let weak = |t: &&Outcome| t.trial.heard.confidence.unwrap_or_default() < limit;
            let (right, right_weak) = count(&trials, |t| t.command, weak);
            let (wrong, wrong_weak) = count(&trials, |t| !t.intent, weak);
            let _ = writeln!(
                out,
                "| {kind} | {limit} | {:.0} | {:.0} | {:.1} |",
                share(right_weak, right),
                share(wrong_weak, wrong),
                share(wrong - wrong_weak, trials.len())
            );
        }
    }
    out
}

/// How many are of a kind, and how many of those are weak.
fn count(
    trials: &[&Outcome],
    of_kind: impl Fn(&&Outcome) -> bool,
    weak: impl Fn(&&Outcome) -> bool,
) -> (usize, usize) {
    let of_kind = || trials.iter().copied().filter(|t| of_kind(t));
    (of_kind().count(), of_kind().filter(|t| weak(t)).count())
}
