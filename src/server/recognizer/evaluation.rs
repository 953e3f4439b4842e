//! How well task commands are understood, with synthesizers for speakers; `make accuracy` runs it and writes
//! `docs/recognition.md`.
//!
//! Each command is spoken by each voice, in quiet and in noise, heard, and given to the dialogue's rules. What they make
//! of the words that were said is what should have come out. One person speaks to one decoder: what it learns of the
//! channel it keeps from command to command.
//!
//! To try something out, with the sentences that are there for it, in a minute or two:
//! `LIST=development VOICES="flite/slt" NOISES="clean pink/10" SPHINX="lw=7 wip=0.5" WRONG=1 \
//!  cargo test evaluation::table -- --ignored --nocapture`

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::{DICTIONARY, MODEL_DIRS, PARAMETERS, PocketSphinx};
use crate::server::engine::{ENGINE_RATE, Recognizer};
use crate::server::language_model;
use pocketsphinx::Library;

mod noise;
mod report;
mod voices;

use noise::Noise;
use report::{Row, Trial};

const DEVELOPMENT: &str = include_str!("evaluation/development.txt");
const TEST: &str = include_str!("evaluation/test.txt");
/// Of American English, by three synthesizers; then others.
const VOICES: &str = "flite/slt flite/rms flite/kal16 festival/cmu_us_slt_arctic_hts festival/kal_diphone \
                      espeak-ng/en-us espeak-ng/en-us+f3 flite/awb espeak-ng/en-gb espeak-ng/en-gb-scotland";
const NOISES: &str = "clean pink/20 white/20 babble/20 pink/10 white/10 babble/10";

/// The tool that each command should call, and the command.
fn commands(list: &str) -> Vec<(&str, &str)> {
    list.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('\t')).collect()
}

fn setting(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// Where spoken sentences are kept from run to run.
fn folder() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let folder = target.join("accuracy");
    fs::create_dir_all(&folder).expect("a folder to write to");
    folder
}

#[test]
#[ignore = "a measurement of many minutes"]
fn table() {
    let list = if setting("LIST", "test") == "test" { TEST } else { DEVELOPMENT };
    let every = setting("EVERY", "1").parse().expect("a number");
    let commands: Vec<_> = commands(list).into_iter().step_by(every).collect();
    let (voices, noises) = (setting("VOICES", VOICES), setting("NOISES", NOISES));
    let folder = folder();
    let jobs: Vec<(&str, Noise)> = noises
        .split_whitespace()
        .flat_map(|noise| {
            voices.split_whitespace().map(move |voice| (voice, noise.parse().expect("KIND/DB")))
        })
        .collect();
    let next = Mutex::new(jobs.iter());
    let rows = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((voice, noise)) = next.lock().expect("no panic").next() else { return };
                    let row = evaluate(voice, *noise, &commands, &folder);
                    eprintln!("{row}");
                    rows.lock().expect("no panic").push(row);
                }
            });
        }
    });
    let mut rows = rows.into_inner().expect("no panic");
    rows.sort_by_key(|row| jobs.iter().position(|(v, n)| *v == row.voice && *n == row.noise));
    let text = report::document(&rows, &commands);
    println!("{text}");
    if let Ok(file) = env::var("WRITE") {
        fs::write(&file, text).unwrap_or_else(|e| panic!("{file}: {e}"));
    }
}

fn recognizer(folder: &Path) -> PocketSphinx {
    let model = Path::new(MODEL_DIRS.iter().find(|dir| Path::new(dir).is_dir()).expect("see `make setup`"));
    let files = language_model::prepare(folder, &model.join(DICTIONARY)).expect("a language model");
    let others = setting("SPHINX", "");
    let others = others.split_whitespace().filter_map(|parameter| parameter.split_once('='));
    let parameters: Vec<_> = PARAMETERS.into_iter().chain(others).collect();
    PocketSphinx::with_files(Library::find().expect("see `make setup`"), model, &files, &parameters)
        .expect("parameters that there are")
}

#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn evaluate(voice: &str, noise: Noise, commands: &[(&str, &str)], folder: &Path) -> Row {
    let sphinx = recognizer(folder);
    let mut row = Row::new(voice, noise);
    for (index, (_, said)) in commands.iter().enumerate() {
        let mut clip = voices::speech(voice, said, folder);
        noise.add(&mut clip, index as u64, folder);
        let mut trial = Trial::default();
        let began = Instant::now();
        let mut utterance = sphinx.begin();
        for (block, samples) in clip.chunks(ENGINE_RATE as usize / 50).enumerate() {
            utterance.feed(samples);
            if let Some(new) = utterance.new_words() {
                trial.told.push_str(&new);
                trial.first_words.get_or_insert(Duration::from_millis(20 * (block as u64 + 1)));
            }
        }
        let ended = Instant::now();
        trial.heard = utterance.finish().expect("hears");
        trial.tail = ended.elapsed();
        trial.work = began.elapsed();
        trial.sound = Duration::from_millis(clip.len() as u64 * 1_000 / u64::from(ENGINE_RATE));
        row.add(said, trial);
    }
    row
}

#[test]
fn the_sentences_of_the_test_are_new_to_the_model_and_to_whoever_tunes_it() {
    let model = Path::new(MODEL_DIRS.iter().find(|dir| Path::new(dir).is_dir()).expect("see `make setup`"));
    let dictionary = fs::read_to_string(model.join(DICTIONARY)).expect("a dictionary");
    let known = language_model::sentences(&dictionary).expect("a grammar");
    let development = commands(DEVELOPMENT);
    let test = commands(TEST);
    assert!(test.len() >= 60, "{}", test.len());
    let is_known = |said: &str| known.contains(said) || development.iter().any(|(_, other)| *other == said);
    let old: Vec<_> = test.into_iter().filter(|(_, said)| is_known(said)).collect();
    assert!(old.is_empty(), "{old:#?}");
}

#[test]
fn what_is_said_in_the_evaluation_is_understood_when_it_is_read() {
    let all = commands(TEST).into_iter().chain(commands(DEVELOPMENT));
    let called = |said| report::understood(said).into_iter().next().map(|(name, _)| name);
    let missed: Vec<_> = all.filter(|(tool, said)| called(said).as_deref() != Some(*tool)).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}
