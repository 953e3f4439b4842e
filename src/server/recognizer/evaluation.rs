//! How well task commands are understood, with synthesizers for speakers.
//!
//! Takes about a minute, so it is run by hand: `cargo test --release evaluation -- --ignored --nocapture`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::pcm::{f32_to_i16, i16_to_f32};
use crate::resample::resample_clip;
use crate::server::engine::{ENGINE_RATE, Recognizer};

use super::PocketSphinx;

const COMMANDS: &str = include_str!("commands.txt");

/// The tool that each command should call, and the command.
fn commands() -> Vec<(&'static str, &'static str)> {
    COMMANDS.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('\t')).collect()
}

/// `voice` is `espeak-ng/VOICE` or `flite/VOICE`. At the engine's rate, with the silence around it that a voice
/// detector leaves.
fn speech(voice: &str, text: &str, dir: &Path) -> Vec<i16> {
    let wav = dir.join("speech.wav");
    let (program, voice) = voice.split_once('/').expect("program/voice");
    let mut command = Command::new(program);
    match program {
        "espeak-ng" => command.args(["-v", voice, "-w"]).arg(&wav).arg(text),
        _ => command.args(["-voice", voice, "-t", text, "-o"]).arg(&wav),
    };
    let status = command.status().unwrap_or_else(|e| panic!("needs `{program}`, see `make setup`: {e}"));
    assert!(status.success(), "{program} failed");
    let mut reader = hound::WavReader::open(&wav).expect("a wav file");
    let samples: Vec<f32> = reader.samples::<i16>().map(|s| i16_to_f32(s.expect("a sample"))).collect();
    let samples = resample_clip(&samples, reader.spec().sample_rate, ENGINE_RATE);
    let mut clip = vec![0_i16; ENGINE_RATE as usize * 3 / 10];
    clip.extend(samples.iter().map(|&x| f32_to_i16(x)));
    clip.resize(clip.len() + ENGINE_RATE as usize / 2, 0);
    clip
}

fn word_errors(said: &str, heard: &str) -> (usize, usize) {
    let (said, heard): (Vec<_>, Vec<_>) = (said.split(' ').collect(), heard.split(' ').collect());
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, a) in said.iter().enumerate() {
        let before = std::mem::replace(&mut row, vec![i + 1]);
        for (j, b) in heard.iter().enumerate() {
            row.push((before[j] + usize::from(a != b)).min(before[j + 1] + 1).min(row[j] + 1));
        }
    }
    (row[heard.len()], said.len())
}

#[test]
#[ignore = "a measurement of about a minute"]
fn commands_in_synthetic_voices() {
    let dir = tempfile::tempdir().unwrap();
    let sphinx = PocketSphinx::find(dir.path()).unwrap();
    let voices = std::env::var("VOICES").unwrap_or_else(|_| {
        "espeak-ng/en-us espeak-ng/en-us+f3 flite/slt flite/rms flite/kal16 flite/awb".to_owned()
    });
    let voices: Vec<&str> = voices.split_whitespace().collect();
    for pair in voices.chunks(2) {
        thread::scope(|scope| {
            for voice in pair {
                scope.spawn(|| println!("{}", evaluate(&sphinx, voice)));
            }
        });
    }
}

fn evaluate(sphinx: &PocketSphinx, voice: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let (mut wrong, mut words, mut exact) = (0, 0, 0);
    let mut report = String::new();
    for (_, said) in commands() {
        let mut utterance = sphinx.begin();
        utterance.feed(&speech(voice, said, dir.path()));
        let heard = utterance.finish().unwrap().text;
        let (errors, length) = word_errors(said, &heard);
        (wrong, words, exact) = (wrong + errors, words + length, exact + usize::from(errors == 0));
        if errors > 0 {
            let _ = writeln!(report, "    {said}\n        {heard}");
        }
    }
    let rate = 100.0 * wrong as f64 / words as f64;
    let _ = write!(report, "{voice}: {rate:.1} % word errors, {exact} of {} word for word", commands().len());
    report
}

#[test]
#[ignore = "a measurement in real time"]
#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn words_come_soon_after_speech_fed_in_real_time() {
    let dir = tempfile::tempdir().unwrap();
    let sphinx = PocketSphinx::find(dir.path()).unwrap();
    let clip = speech("flite/slt", "create a task to buy groceries", dir.path());
    for _ in 0..8 {
        thread::sleep(Duration::from_secs(2));
        let mut utterance = sphinx.begin();
        for block in clip.chunks(ENGINE_RATE as usize / 50) {
            thread::sleep(Duration::from_millis(20));
            utterance.feed(block);
        }
        let asked = Instant::now();
        let heard = utterance.finish().unwrap().text;
        println!("{:?} after {} ms of speech: {heard}", asked.elapsed(), clip.len() / 24);
    }
}
