//! Notices when the assistant hears itself: what was taken for the person is what it has just said.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::protocol::ItemId;

/// The echo of the last sound arrives within this: devices, room, and the server's detector.
const TAIL: Duration = Duration::from_millis(1_500);
/// So many turns in a row that were its own words make a loop.
const LOOP: u32 = 2;
/// Fewer words than this say nothing.
const LEAST_WORDS: usize = 4;
/// The share of a turn's words that stand, in this order, in what was said.
const LIKENESS: f64 = 0.7;
/// Turns whose words are still to come.
const WAITING: usize = 8;

#[derive(Debug, Default)]
pub(super) struct SelfTalk {
    /// When the last sound of the assistant was heard.
    sounded: Option<Instant>,
    /// Turns of the person that began while the assistant could be heard.
    suspects: VecDeque<ItemId>,
    /// The last turns that were its own words.
    strikes: u32,
}

impl SelfTalk {
    /// The assistant has just fallen silent.
    pub(super) fn fell_silent(&mut self, now: Instant) {
        self.sounded = Some(now);
    }

    /// A turn of the person has begun.
    pub(super) fn turn_began(&mut self, item_id: &ItemId, audible: bool, now: Instant) {
        let lately = self.sounded.is_some_and(|at| now.saturating_duration_since(at) < TAIL);
        if audible || lately {
            self.suspects.push_back(item_id.clone());
            self.suspects.drain(..self.suspects.len().saturating_sub(WAITING));
        }
    }

    /// The words of a turn are known. Returns whether this makes a loop, once.
    pub(super) fn is_loop(&mut self, item_id: &ItemId, words: &str, said: &[&str]) -> bool {
        let heard = self.words_of_suspect(item_id, words);
        let echo = said.iter().any(|said| is_echo(&heard, &split(said)));
        self.strikes = if echo { self.strikes + 1 } else { 0 };
        let looped = self.strikes >= LOOP;
        if looped {
            self.strikes = 0;
        }
        looped
    }

    /// Nothing for a turn that began in silence.
    fn words_of_suspect(&mut self, item_id: &ItemId, words: &str) -> Vec<String> {
        match self.suspects.iter().position(|id| id == item_id) {
            Some(at) => {
                self.suspects.remove(at);
                split(words)
            }
            None => Vec::new(),
        }
    }
}

fn split(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty());
    words.map(str::to_lowercase).collect()
}

/// The words stand close together in what was said: scattered over a long answer, any few words do.
fn is_echo(heard: &[String], said: &[String]) -> bool {
    let stretch = (heard.len() + heard.len() / 2).min(said.len());
    let alike = |part: &[String]| common(heard, part) as f64 >= LIKENESS * heard.len() as f64;
    heard.len() >= LEAST_WORDS && stretch > 0 && said.windows(stretch).any(alike)
}

/// The length of the longest common subsequence.
fn common(a: &[String], b: &[String]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for word in a {
        let mut diagonal = 0;
        for (i, other) in b.iter().enumerate() {
            let above = row[i + 1];
            row[i + 1] = if word == other { diagonal + 1 } else { above.max(row[i]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
