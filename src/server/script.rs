//! Scripts: exact sequences of events for the tests of clients, from a TOML file.
//!
//! A script is a list of rules. Each says what it waits for and which steps follow; docs/serve.md has the format. What
//! is wrong with a file is told with its line. Reading is all that happens here; `play` is pure.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use crate::pcm::Pcm16;

mod fill;
pub(super) mod play;
mod sound;

/// Steps of one rule, with all repetitions written out.
const MAX_STEPS: usize = 100_000;
/// The event of a rule that waits for nothing but a client.
pub(super) const CONNECT: &str = "connect";

/// Rules in the order in which they are tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    /// The type of a client's event, or [`CONNECT`].
    on: String,
    /// Values that the event must have, by path.
    matching: Vec<(Vec<String>, Value)>,
    /// How often it may play for one client.
    times: Option<u32>,
    steps: Vec<Step>,
}

/// What is done, and how long after the step before it.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    after: Duration,
    action: Action,
}

#[derive(Debug, Clone, PartialEq)]
enum Action {
    /// An event with places to be filled in.
    Send(Map<String, Value>),
    /// The same with a piece of sound as its `delta`.
    Sound(Map<String, Value>, Pcm16),
    Close {
        code: u16,
        reason: String,
    },
    /// Ends the connection without a close.
    Drop,
}

/// What is wrong with a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ScriptError {
    pub line: usize,
    pub problem: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileOf {
    #[serde(default)]
    rule: Vec<Spanned<RuleOf>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleOf {
    on: String,
    #[serde(default, rename = "match")]
    matching: BTreeMap<String, Value>,
    times: Option<u32>,
    steps: Vec<Spanned<StepOf>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StepOf {
    after_ms: u64,
    send: Option<EventOf>,
    sound: Option<EventOf>,
    wav: Option<String>,
    tone_hz: Option<f64>,
    ms: Option<u64>,
    delta_ms: Option<u64>,
    every_ms: Option<u64>,
    close: Option<u16>,
    reason: Option<String>,
    drop: Option<bool>,
    repeat: Option<usize>,
    steps: Option<Vec<Spanned<Self>>>,
}

/// A table, or JSON as it stands in a record.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum EventOf {
    Table(Map<String, Value>),
    Json(String),
}

impl Script {
    /// Reads `text`; sound files are looked for in `folder`.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, ScriptError> {
        let file: FileOf = toml::from_str(text).map_err(|error| ScriptError {
            line: line_of(text, error.span().map_or(0, |span| span.start)),
            problem: error.message().to_owned(),
        })?;
        let reader = Reader { text, folder };
        let rules = file.rule.iter().map(|rule| reader.rule(rule)).collect::<Result<Vec<_>, _>>()?;
        if rules.is_empty() {
            let problem = "no rules; begin one with `[[rule]]`".to_owned();
            return Err(ScriptError { line: 1, problem });
        }
        Ok(Self { rules })
    }
}

struct Reader<'a> {
    text: &'a str,
    folder: &'a Path,
}

impl Reader<'_> {
    fn rule(&self, rule: &Spanned<RuleOf>) -> Result<Rule, ScriptError> {
        let at = rule.span().start;
        let rule = rule.get_ref();
        if rule.on != CONNECT && !crate::protocol::ClientEvent::TYPES.contains(&rule.on.as_str()) {
            let problem = format!("`on` is `connect` or the type of a client's event, not `{}`", rule.on);
            return Err(self.wrong(at, &problem));
        }
        let mut steps = Vec::new();
        self.steps(&rule.steps, &mut steps)?;
        let path = |path: &String| path.split('.').map(str::to_owned).collect();
        Ok(Rule {
            on: rule.on.clone(),
            matching: rule.matching.iter().map(|(at, value)| (path(at), value.clone())).collect(),
            times: rule.times,
            steps,
        })
    }

    fn steps(&self, given: &[Spanned<StepOf>], out: &mut Vec<Step>) -> Result<(), ScriptError> {
        for step in given {
            self.step(step, out)?;
            if out.len() > MAX_STEPS {
                let problem = format!("more than {MAX_STEPS} steps; repeat fewer times");
                return Err(self.wrong(step.span().start, &problem));
            }
        }
        Ok(())
    }

    fn step(&self, step: &Spanned<StepOf>, out: &mut Vec<Step>) -> Result<(), ScriptError> {
        let at = step.span().start;
        let step = step.get_ref();
        self.check_fields(step, at)?;
        let after = Duration::from_millis(step.after_ms);
        match step {
            StepOf { send: Some(event), .. } => {
                out.push(Step { after, action: Action::Send(self.event(event, at)?) });
            }
            StepOf { sound: Some(event), .. } => self.sound(step, event, at, out)?,
            StepOf { close: Some(code), reason, .. } => {
                let reason = reason.clone().unwrap_or_default();
                out.push(Step { after, action: Action::Close { code: *code, reason } });
            }
            StepOf { drop: Some(true), .. } => out.push(Step { after, action: Action::Drop }),
            StepOf { repeat: Some(times), steps: Some(steps), .. } => {
                let first = out.len();
                for _ in 0..*times {
                    self.steps(steps, out)?;
                }
                if let Some(step) = out.get_mut(first) {
                    step.after += after;
                }
            }
            _ => {
                let problem =
                    "a step is one of `send`, `sound`, `close`, `drop = true`, or `repeat` with `steps`";
                return Err(self.wrong(at, problem));
            }
        }
        Ok(())
    }

    /// One kind of step at a time, with the fields that belong to it.
    fn check_fields(&self, step: &StepOf, at: usize) -> Result<(), ScriptError> {
        let kinds = [
            ("send", step.send.is_some()),
            ("sound", step.sound.is_some()),
            ("close", step.close.is_some()),
            ("drop", step.drop.is_some()),
            ("repeat", step.repeat.is_some()),
        ];
        let mut given = kinds.iter().filter(|(_, given)| *given).map(|(name, _)| *name);
        let kind = given.next().unwrap_or_default();
        if let Some(other) = given.next() {
            return Err(self.wrong(at, &format!("`{kind}` and `{other}` are two steps; make one of each")));
        }
        let fields = [
            ("wav", "sound", step.wav.is_some()),
            ("tone_hz", "sound", step.tone_hz.is_some()),
            ("ms", "sound", step.ms.is_some()),
            ("delta_ms", "sound", step.delta_ms.is_some()),
            ("every_ms", "sound", step.every_ms.is_some()),
            ("reason", "close", step.reason.is_some()),
            ("steps", "repeat", step.steps.is_some()),
        ];
        match fields.iter().find(|(_, of, given)| *given && *of != kind) {
            Some((name, of, _)) => Err(self.wrong(at, &format!("`{name}` belongs to a step with `{of}`"))),
            None => Ok(()),
        }
    }

    fn event(&self, event: &EventOf, at: usize) -> Result<Map<String, Value>, ScriptError> {
        let event = match event {
            EventOf::Table(event) => event.clone(),
            EventOf::Json(text) => serde_json::from_str(text)
                .map_err(|error| self.wrong(at, &format!("the event is not a JSON object: {error}")))?,
        };
        if event.get("type").is_some_and(Value::is_string) {
            return Ok(event);
        }
        Err(self.wrong(at, "the event has no `type`, such as `type = \"response.created\"`"))
    }

    fn sound(
        &self,
        step: &StepOf,
        event: &EventOf,
        at: usize,
        out: &mut Vec<Step>,
    ) -> Result<(), ScriptError> {
        let event = self.event(event, at)?;
        let samples = match (&step.wav, step.ms) {
            (Some(name), _) => sound::wav(&self.folder.join(name)),
            (None, Some(ms)) => sound::tone(step.tone_hz, ms),
            (None, None) => {
                Err("say what sounds: `wav = \"FILE\"`, or `ms` of `tone_hz` or of silence".to_owned())
            }
        };
        let samples = samples.map_err(|problem| self.wrong(at, &problem))?;
        let every = Duration::from_millis(step.every_ms.unwrap_or(0));
        let mut after = Duration::from_millis(step.after_ms);
        for piece in samples.chunks(sound::samples(step.delta_ms.unwrap_or(100)).max(1)) {
            let action = Action::Sound(event.clone(), Pcm16::new(piece.to_vec()));
            out.push(Step { after, action });
            after = every;
        }
        Ok(())
    }

    fn wrong(&self, at: usize, problem: &str) -> ScriptError {
        ScriptError { line: line_of(self.text, at), problem: problem.to_owned() }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
