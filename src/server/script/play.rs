//! A script while one client is there: which rules play, and what is to be done when. Pure.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::{Action, Rule, Script, Step, fill};
use crate::pcm::AudioBytes;

#[derive(Debug)]
pub(in crate::server) struct Player {
    script: Arc<Script>,
    /// How often each rule has played.
    played: Vec<u32>,
    plays: Vec<Play>,
    ids: Ids,
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::server) enum Cue {
    Send(Value),
    Close { code: u16, reason: String },
    Drop,
}

/// One rule on its way through its steps.
#[derive(Debug)]
struct Play {
    due: Instant,
    steps: VecDeque<Step>,
    event: Value,
    names: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Ids {
    seed: u64,
    next: u64,
}

impl Player {
    pub(in crate::server) fn new(script: Arc<Script>, seed: u64) -> Self {
        let played = vec![0; script.rules.len()];
        Self { script, played, plays: Vec::new(), ids: Ids { seed: seed & 0xffff_ffff, next: 0 } }
    }

    /// Takes in what a client sent; the first rule that waits for it plays.
    pub(in crate::server) fn take(&mut self, event: Value, now: Instant) {
        let script = Arc::clone(&self.script);
        let ready = |(at, rule): &(usize, &Rule)| {
            rule.waits_for(&event) && rule.times.is_none_or(|t| self.played[*at] < t)
        };
        let Some((at, rule)) = script.rules.iter().enumerate().find(ready) else { return };
        self.played[at] += 1;
        let steps: VecDeque<Step> = rule.steps.iter().cloned().collect();
        let Some(first) = steps.front() else { return };
        self.plays.push(Play { due: now + first.after, steps, event, names: BTreeMap::new() });
    }

    /// When there is something to do next.
    pub(in crate::server) fn due(&self) -> Option<Instant> {
        self.plays.iter().map(|play| play.due).min()
    }

    /// The next thing to do, if its time has come.
    pub(in crate::server) fn poll(&mut self, now: Instant) -> Option<Cue> {
        let due = self.due().filter(|due| *due <= now)?;
        let at = self.plays.iter().position(|play| play.due == due)?;
        let play = &mut self.plays[at];
        let step = play.steps.pop_front()?;
        let cue = play.cue(step.action, &mut self.ids);
        match play.steps.front() {
            Some(next) => play.due += next.after,
            None => drop(self.plays.remove(at)),
        }
        Some(cue)
    }
}

impl Rule {
    fn waits_for(&self, event: &Value) -> bool {
        event.get("type").is_some_and(|kind| *kind == self.on)
            && self.matching.iter().all(|(path, wanted)| fill::at(event, path) == Some(wanted))
    }
}

impl Play {
    fn cue(&mut self, action: Action, ids: &mut Ids) -> Cue {
        match action {
            Action::Send(event) => Cue::Send(self.filled(&event, ids)),
            Action::Sound(event, pcm) => {
                let mut event = self.filled(&event, ids);
                event["delta"] = json!(AudioBytes::from(&pcm));
                Cue::Send(event)
            }
            Action::Close { code, reason } => Cue::Close { code, reason },
            Action::Drop => Cue::Drop,
        }
    }

    fn filled(&mut self, event: &Map<String, Value>, ids: &mut Ids) -> Value {
        let mut places = Places { event: &self.event, names: &mut self.names, ids };
        let mut event = fill::object(event, &mut places);
        event.entry("event_id").or_insert_with(|| Value::String(ids.make("event")));
        Value::Object(event)
    }
}

struct Places<'a> {
    event: &'a Value,
    names: &'a mut BTreeMap<String, String>,
    ids: &'a mut Ids,
}

impl fill::Values for Places<'_> {
    fn value(&mut self, place: &str) -> Option<Value> {
        if place == "null" {
            return Some(Value::Null);
        }
        if let Some(name) = place.strip_prefix("id:") {
            let id = self.names.entry(name.to_owned()).or_insert_with(|| self.ids.make(name));
            return Some(Value::String(id.clone()));
        }
        let path: Vec<_> = place.strip_prefix("event.")?.split('.').collect();
        // A field that the client left out is told as `null`.
        Some(fill::at(self.event, &path).cloned().unwrap_or_default())
    }
}

impl Ids {
    fn make(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}_{:08x}{:04x}", self.seed, self.next)
    }
}
