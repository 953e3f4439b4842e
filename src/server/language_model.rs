//! What the recognizer expects to hear: trigrams over task talk, with any common word allowed in a title.
//!
//! Owns the three compiled-in sources (`assets/speech`), the making of an ARPA file and a pronunciation dictionary
//! from them, and the cache of both. Knows no recognizer program and runs nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

mod grammar;
mod ngram;

pub use grammar::{Grammar, GrammarError};
pub use ngram::Trigrams;

const PHRASES: &str = include_str!("../../assets/speech/phrases.txt");
const TITLES: &str = include_str!("../../assets/speech/titles.txt");
/// What the columns of the titles are called in the phrases.
const COLUMNS: [&str; 3] = ["errand", "errand_doing", "errand_name"];
const WORDS: &str = include_str!("../../assets/speech/words.txt");
/// Raised when the making changes in a way that the sources do not show.
const RECIPE: u32 = 1;
const SENTENCES: usize = 200_000;
/// Any fixed number: the same sources must always give the same model.
const SEED: u64 = 0x7461_736b;

#[derive(Debug, thiserror::Error)]
pub enum LanguageModelError {
    #[error("the phrase grammar is broken: {0}")]
    Grammar(#[from] GrammarError),
    #[error("cannot read the dictionary `{path}`: {source}")]
    Dictionary { path: PathBuf, source: io::Error },
    #[error("cannot write the language model to `{path}`: {source}; check the cache directory")]
    Cache { path: PathBuf, source: io::Error },
}

/// Where a ready model lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFiles {
    /// Trigrams, ARPA form.
    pub arpa: PathBuf,
    /// How each of their words is pronounced.
    pub dictionary: PathBuf,
}

/// The task model in `cache`, made first when it is not there. `dictionary` has the pronunciations of English.
pub fn prepare(cache: &Path, dictionary: &Path) -> Result<ModelFiles, LanguageModelError> {
    let known = fs::metadata(dictionary)
        .map_err(|source| LanguageModelError::Dictionary { path: dictionary.to_owned(), source })?;
    let name = format!("tasks-{:016x}", fingerprint(known.len()));
    let files = ModelFiles {
        arpa: cache.join(format!("{name}.arpa")),
        dictionary: cache.join(format!("{name}.dict")),
    };
    // The dictionary is written last, so where it is, both are.
    if files.arpa.is_file() && files.dictionary.is_file() {
        return Ok(files);
    }
    let pronunciations = fs::read_to_string(dictionary)
        .map_err(|source| LanguageModelError::Dictionary { path: dictionary.to_owned(), source })?;
    let model = task_model(&pronunciations)?;
    let words: BTreeSet<&str> = model.words().collect();
    store(cache, &files.arpa, &model.to_arpa())?;
    store(cache, &files.dictionary, &sub_dictionary(&pronunciations, &words))?;
    Ok(files)
}

/// The trigrams of task talk over the words that `pronunciations` (dictionary form) has.
pub fn task_model(pronunciations: &str) -> Result<Trigrams, GrammarError> {
    let common = common_words(pronunciations);
    let grammar = Grammar::parse(&phrases(), &common)?;
    let sentences = draw(&grammar);
    Ok(Trigrams::estimate(grammar.into_words(), &common, &sentences))
}

/// The phrases, with the titles as further classes.
fn phrases() -> String {
    let mut source = PHRASES.to_owned();
    for line in title_lines() {
        for (class, words) in COLUMNS.iter().zip(line.split('|')) {
            source.extend([class, " = ", words, "\n"]);
        }
    }
    source
}

fn title_lines() -> impl Iterator<Item = &'static str> {
    TITLES.lines().filter(|line| !line.starts_with('#'))
}

fn common_words(pronunciations: &str) -> Vec<&'static str> {
    let known: BTreeSet<&str> = pronunciations.lines().filter_map(headword).collect();
    WORDS.lines().filter(|word| known.contains(word)).collect()
}

fn draw(grammar: &Grammar) -> Vec<Vec<u32>> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let sentence = |_| {
        let mut sentence = Vec::new();
        grammar.sample(&mut random, &mut sentence);
        sentence
    };
    (0..SENTENCES).map(sentence).collect()
}

/// The titles of the list, as they are said.
#[cfg(test)]
pub(crate) fn titles() -> impl Iterator<Item = &'static str> {
    title_lines().filter_map(|line| line.split(" | ").next())
}

/// What the model is made from, word for word.
#[cfg(test)]
pub(crate) fn sentences(pronunciations: &str) -> Result<BTreeSet<String>, GrammarError> {
    let grammar = Grammar::parse(&phrases(), &common_words(pronunciations))?;
    let drawn = draw(&grammar);
    let words = grammar.into_words();
    let text = |sentence: &Vec<u32>| {
        sentence.iter().map(|word| words[*word as usize].as_str()).collect::<Vec<_>>().join(" ")
    };
    Ok(drawn.iter().map(text).collect())
}

/// The lines of `pronunciations` whose word is in `words`, other ways to say it included.
fn sub_dictionary(pronunciations: &str, words: &BTreeSet<&str>) -> String {
    let mut out = String::new();
    for line in pronunciations.lines().filter(|line| headword(line).is_some_and(|w| words.contains(w))) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// `tomato` of both `tomato T AH ..` and `tomato(2) T AH ..`.
fn headword(line: &str) -> Option<&str> {
    let word = line.split_whitespace().next()?;
    Some(word.split_once('(').map_or(word, |(head, _)| head)).filter(|head| !head.is_empty())
}

/// Different for other sources: FNV-1a.
fn fingerprint(dictionary_len: u64) -> u64 {
    let numbers = [u64::from(RECIPE), SENTENCES as u64, SEED, dictionary_len];
    let numbers = numbers.iter().flat_map(|n| n.to_le_bytes());
    PHRASES
        .bytes()
        .chain(TITLES.bytes())
        .chain(WORDS.bytes())
        .chain(numbers)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Whole or not at all, also when two programs do it at once.
fn store(cache: &Path, path: &Path, text: &str) -> Result<(), LanguageModelError> {
    let failed = |source| LanguageModelError::Cache { path: path.to_owned(), source };
    private_dir(cache).map_err(failed)?;
    let unfinished = path.with_extension(format!("{}-{:08x}", std::process::id(), fastrand::u32(..)));
    private_file(&unfinished).and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)?;
    fs::rename(&unfinished, path).map_err(|source| {
        let _ = fs::remove_file(&unfinished);
        failed(source)
    })
}

/// No secret is in it, but all that the program writes is for its owner only.
fn private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests;
