//! Trigram probabilities with Witten-Bell smoothing, and their ARPA form.
//!
//! Each level is mixed with the one below: `P(w|h) = (c(hw) + T(h) P(w|h')) / (c(h) + T(h))`, where `c` counts,
//! `T(h)` is the number of different words seen after `h`, and `h'` is `h` without its oldest word. So an unseen
//! word has `T(h) / (c(h) + T(h))` times its probability after `h'`, which is just the back-off weight of ARPA, and
//! everything sums to one without further ado.

use std::collections::HashMap;
use std::fmt::Write as _;

/// The share of unigram probability that goes by the common words' rank alone, whatever the sentences had.
const OPEN_SHARE: f64 = 0.3;
/// A trigram seen less often is left to its bigram.
const MIN_TRIGRAM: u32 = 2;
const BITS: u32 = 20;
const MASK: u64 = (1 << BITS) - 1;

/// A trigram model over a closed vocabulary.
#[derive(Debug, Clone)]
pub struct Trigrams {
    words: Vec<String>,
    /// By word number; the last two are `</s>` and `<s>`.
    unigrams: Vec<f64>,
    pairs: Level,
    triples: Level,
}

/// Probabilities by n-gram, and back-off weights by history.
#[derive(Debug, Clone, Default)]
struct Level {
    /// In the order of the keys.
    grams: Vec<(u64, f64)>,
    backoffs: HashMap<u64, f64>,
}

impl Level {
    fn get(&self, key: u64) -> Option<f64> {
        self.grams.binary_search_by_key(&key, |(key, _)| *key).ok().map(|index| self.grams[index].1)
    }

    fn backoff(&self, history: u64) -> f64 {
        self.backoffs.get(&history).copied().unwrap_or(1.0)
    }
}

impl Trigrams {
    /// From sentences of word numbers (indices of `words`); `common` are frequent words, the most frequent first,
    /// which get their share of probability even where no sentence has them.
    pub fn estimate(words: Vec<String>, common: &[&str], sentences: &[Vec<u32>]) -> Self {
        let (end, start) = (words.len() as u64, words.len() as u64 + 1);
        let (mut pairs, mut triples) = (Vec::new(), Vec::new());
        let mut counts = vec![0_u32; words.len() + 1];
        for sentence in sentences {
            let (mut before, mut last) = (None, start);
            for word in sentence.iter().map(|&w| u64::from(w)).chain([end]) {
                counts[word as usize] += 1;
                pairs.push(last << BITS | word);
                if let Some(before) = before {
                    triples.push((before << BITS | last) << BITS | word);
                }
                (before, last) = (Some(last), word);
            }
        }
        let unigrams = unigrams(&words, common, &counts);
        let bigrams = level(&tally(pairs, 1), |word, _| unigrams[word as usize]);
        let trigrams = level(&tally(triples, MIN_TRIGRAM), |_, pair| bigrams.get(pair).unwrap_or_default());
        Self { words, unigrams, pairs: bigrams, triples: trigrams }
    }

    /// The vocabulary, without the marks of a sentence's ends.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// The probability of `word` (`</s>` for the end) after `history` (`<s>` for the beginning), oldest first, of
    /// which the last two count. `None` for a word that is not in the vocabulary.
    pub fn probability(&self, history: &[&str], word: &str) -> Option<f64> {
        let word = self.number(word)?;
        let history: Option<Vec<u64>> = history.iter().map(|w| self.number(w)).collect();
        let history = history?;
        Some(match history.as_slice() {
            [.., before, last] => self.after_two(*before, *last, word),
            [last] => self.after_one(*last, word),
            [] => self.unigrams[word as usize],
        })
    }

    fn after_two(&self, before: u64, last: u64, word: u64) -> f64 {
        let history = before << BITS | last;
        self.triples
            .get(history << BITS | word)
            .unwrap_or_else(|| self.triples.backoff(history) * self.after_one(last, word))
    }

    fn after_one(&self, last: u64, word: u64) -> f64 {
        self.pairs
            .get(last << BITS | word)
            .unwrap_or_else(|| self.pairs.backoff(last) * self.unigrams[word as usize])
    }

    fn number(&self, word: &str) -> Option<u64> {
        match word {
            "</s>" => Some(self.words.len() as u64),
            "<s>" => Some(self.words.len() as u64 + 1),
            word => self.words.iter().position(|w| w == word).map(|n| n as u64),
        }
    }

    /// The text of an ARPA file.
    pub fn to_arpa(&self) -> String {
        let mut out = String::with_capacity(self.triples.grams.len() * 40);
        let counts = [self.unigrams.len(), self.pairs.grams.len(), self.triples.grams.len()];
        out.push_str("\\data\\\n");
        for (order, count) in counts.iter().enumerate() {
            let _ = writeln!(out, "ngram {}={count}", order + 1);
        }
        out.push_str("\n\\1-grams:\n");
        for (word, &p) in self.unigrams.iter().enumerate() {
            let _ = writeln!(
                out,
                "{:.4}\t{}\t{:.4}",
                log(p),
                self.text(word as u64),
                log(self.pairs.backoff(word as u64))
            );
        }
        out.push_str("\n\\2-grams:\n");
        for &(key, p) in &self.pairs.grams {
            let [_, a, b] = split(key);
            let weight = log(self.triples.backoff(key));
            let _ = writeln!(out, "{:.4}\t{} {}\t{weight:.4}", log(p), self.text(a), self.text(b));
        }
        out.push_str("\n\\3-grams:\n");
        for &(key, p) in &self.triples.grams {
            let [a, b, c] = split(key);
            let _ = writeln!(out, "{:.4}\t{} {} {}", log(p), self.text(a), self.text(b), self.text(c));
        }
        out.push_str("\n\\end\\\n");
        out
    }

    fn text(&self, word: u64) -> &str {
        match word as usize - self.words.len().min(word as usize) {
            0 if (word as usize) < self.words.len() => &self.words[word as usize],
            0 => "</s>",
            _ => "<s>",
        }
    }
}

fn split(key: u64) -> [u64; 3] {
    [key >> (2 * BITS), key >> BITS & MASK, key & MASK]
}

/// Base 10; -99 stands for never, as the format has it.
fn log(p: f64) -> f64 {
    if p > 0.0 { p.log10() } else { -99.0 }
}

/// By word number, `</s>` and `<s>` (which never follows anything) last.
fn unigrams(words: &[String], common: &[&str], counts: &[u32]) -> Vec<f64> {
    let mut open = vec![1.0 / (common.len() as f64 + 200.0); words.len()];
    let numbers: HashMap<&str, usize> = words.iter().enumerate().map(|(n, w)| (w.as_str(), n)).collect();
    for (rank, number) in common.iter().enumerate().filter_map(|(r, w)| Some((r, *numbers.get(w)?))) {
        open[number] = 1.0 / (rank as f64 + 100.0);
    }
    let open_total: f64 = open.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let total = f64::from(counts.iter().sum::<u32>().max(1));
    let share = |n: usize| open.get(n).map_or(0.0, |weight| OPEN_SHARE * weight / open_total);
    let mut unigrams: Vec<f64> = counts
        .iter()
        .enumerate()
        .map(|(n, &count)| (1.0 - OPEN_SHARE) * f64::from(count) / total + share(n))
        .collect();
    unigrams.push(0.0);
    unigrams
}

/// How often each key is there, in order, without those that are there less than `least` times.
fn tally(mut keys: Vec<u64>, least: u32) -> Vec<(u64, u32)> {
    keys.sort_unstable();
    let mut out: Vec<(u64, u32)> = Vec::new();
    for key in keys {
        match out.last_mut() {
            Some((last, count)) if *last == key => *count += 1,
            _ => out.push((key, 1)),
        }
    }
    out.retain(|(_, count)| *count >= least);
    out
}

/// `lower` is the probability one level down, of the last word, and of the last two as a key.
fn level(counts: &[(u64, u32)], lower: impl Fn(u64, u64) -> f64) -> Level {
    let mut level = Level { grams: Vec::with_capacity(counts.len()), backoffs: HashMap::new() };
    for group in counts.chunk_by(|(a, _), (b, _)| a >> BITS == b >> BITS) {
        let seen = group.len() as f64;
        let total = seen + group.iter().map(|(_, count)| f64::from(*count)).sum::<f64>();
        level.backoffs.insert(group[0].0 >> BITS, seen / total);
        for &(key, count) in group {
            let below = lower(key & MASK, key & (MASK << BITS | MASK));
            level.grams.push((key, (f64::from(count) + seen * below) / total));
        }
    }
    level
}
