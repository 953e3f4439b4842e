use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::server::engine::ENGINE_RATE;

/// A folder with a voice of 16 kHz and a program in piper's place.
struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    /// `script` is what the program does, in the shell.
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage = Self { folder };
        std::fs::write(stage.path("voice.onnx"), "a network").unwrap();
        std::fs::write(stage.path("voice.onnx.json"), r#"{"audio": {"sample_rate": 16000}}"#).unwrap();
        // Copied by a process of its own: a program that any child of ours still holds open cannot be started.
        std::fs::write(stage.path("new"), format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(stage.path("new"), std::fs::Permissions::from_mode(0o700)).unwrap();
        let copy = std::process::Command::new("cp")
            .arg("-p")
            .args([stage.path("new"), stage.path("piper")])
            .status();
        assert!(copy.unwrap().success());
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn piper(&self) -> Result<Piper, EngineError> {
        Piper::with_program(self.path("piper"), &self.path("voice.onnx"))
    }

    fn said(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

fn speak(piper: &Piper, text: &str, speed: f32) -> Result<Vec<i16>, EngineError> {
    let mut samples = Vec::new();
    piper.speak(text, &Voice { speed, ..Voice::default() }, &mut |piece| {
        samples.extend_from_slice(piece);
        ControlFlow::Continue(())
    })?;
    Ok(samples)
}

/// Notes how it was called and what it read, and gives 16,000 samples of sound.
const LOUD: &str = "cd \"$(dirname \"$0\")\"; echo \"$@\" >> arguments; env > environment; read line; \
    echo \"$line\" >> read; head -c 32000 /dev/zero | tr '\\0' '@'";

#[test]
fn a_sentence_is_spoken_at_the_rate_of_the_voice() {
    let stage = Stage::new(LOUD);
    let samples = speak(&stage.piper().unwrap(), "Buy *milk*,\nplease.", 1.0).unwrap();
    let expected = ENGINE_RATE as usize;
    assert!((expected - 200..expected + 200).contains(&samples.len()), "{}", samples.len());
    assert_eq!(stage.said("read"), "Buy milk , please.\n");
    let voice = stage.path("voice.onnx");
    let arguments = format!("--model {} --output-raw --length-scale 1.00", voice.display());
    assert_eq!(stage.said("arguments").lines().next(), Some(arguments.as_str()));
}

#[test]
fn the_next_process_waits_already_and_serves_the_next_sentence_of_that_speed() {
    let stage = Stage::new(LOUD);
    let piper = stage.piper().unwrap();
    speak(&piper, "one", 1.5).unwrap();
    let waiting = piper.warm.lock().unwrap().as_ref().map(|(scale, child)| (scale.clone(), child.0.id()));
    let (scale, id) = waiting.expect("a process");
    assert_eq!(scale, "0.67");
    assert_eq!(piper.take("0.67").unwrap().0.id(), id);
    speak(&piper, "two", 1.5).unwrap();
    assert_ne!(piper.take("1.00").unwrap().0.id(), id, "another speed needs another process");
}

#[test]
fn the_program_does_not_get_our_keys() {
    let stage = Stage::new(LOUD);
    speak(&stage.piper().unwrap(), "one", 1.0).unwrap();
    assert!(!stage.said("environment").contains("_KEY="));
}

#[test]
fn a_listener_who_has_enough_ends_it() {
    let stage = Stage::new("read line; exec yes @");
    let mut pieces = 0;
    let end = stage.piper().unwrap().speak("for ever", &Voice::default(), &mut |_| {
        pieces += 1;
        ControlFlow::Break(())
    });
    assert_eq!((end, pieces), (Ok(()), 1));
}

#[test]
fn what_is_missing_is_told_with_its_cure() {
    let silent = Stage::new("exit 1");
    let error = speak(&silent.piper().unwrap(), "hello", 1.0).unwrap_err();
    assert!(error.0.contains("gave no sound") && error.0.contains("echo hello | piper"), "{error}");
    let gone = Piper::with_program("/nowhere/piper", &silent.path("voice.onnx")).unwrap();
    assert!(speak(&gone, "hello", 1.0).unwrap_err().0.contains("pipx install piper-tts"));
    std::fs::write(silent.path("voice.onnx.json"), "{}").unwrap();
    assert!(silent.piper().map(|_| ()).unwrap_err().0.contains("no sample rate"));
    std::fs::remove_file(silent.path("voice.onnx")).unwrap();
    assert!(silent.piper().map(|_| ()).unwrap_err().0.contains("realtime-cli models"));
}

#[test]
fn marks_alone_are_not_worth_a_process() {
    let stage = Stage::new("exit 1");
    assert_eq!(speak(&stage.piper().unwrap(), " ... ", 1.0), Ok(Vec::new()));
}
