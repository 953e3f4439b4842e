use std::fs;

use super::*;

fn demo(name: &str) -> Vec<i16> {
    let path = format!("{}/assets/demo/{name}.wav", env!("CARGO_MANIFEST_DIR"));
    hound::WavReader::open(&path).expect(&path).into_samples().map(|s| s.expect("a sample")).collect()
}

fn hear(recognizer: &PocketSphinx, samples: &[i16]) -> Result<String, EngineError> {
    let mut utterance = recognizer.begin();
    samples.chunks(480).for_each(|piece| utterance.feed(piece));
    utterance.finish().map(|heard| heard.text)
}

#[test]
fn the_five_sentences_are_understood_and_silence_is_not() {
    let cache = tempfile::tempdir().expect("a folder");
    let sphinx = PocketSphinx::find(cache.path()).expect("the packages that `make setup` installs");
    for (name, words) in [
        ("buy-groceries", "create a task to buy groceries"),
        ("call-mom", "add a reminder to call mom"),
        ("list-tasks", "list all my tasks"),
        ("complete-groceries", "mark the grocery task as complete"),
        ("delete-mom", "delete the task about calling mom"),
    ] {
        assert_eq!(hear(&sphinx, &demo(name)).as_deref(), Ok(words));
    }
    assert_eq!(hear(&sphinx, &[0; 24_000]).as_deref(), Ok(""));
}

#[test]
fn a_model_that_is_not_there_is_told_with_the_cure() {
    let cache = tempfile::tempdir().expect("a folder");
    let error = PocketSphinx::with_model(Path::new("/bin/cat"), cache.path(), cache.path());
    assert!(error.expect_err("has no dictionary").to_string().contains(DICTIONARY));
}

#[cfg(unix)]
fn script(folder: &Path, body: &str, deadline: Duration) -> PocketSphinx {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("decoder");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("executable");
    PocketSphinx::start(Launch { program: path.into(), arguments: Vec::new(), deadline }).expect("starts")
}

#[cfg(unix)]
#[test]
fn several_stretches_of_speech_are_one_utterance() {
    let folder = tempfile::tempdir().expect("a folder");
    let two = "cat >/dev/null; echo create a task; echo to buy milk";
    let sphinx = script(folder.path(), two, Duration::from_secs(60));
    for _ in 0..3 {
        assert_eq!(hear(&sphinx, &[0; 4800]).as_deref(), Ok("create a task to buy milk"));
    }
}

#[cfg(unix)]
#[test]
fn a_recognizer_that_hangs_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let sphinx = script(folder.path(), "exec sleep 1000", Duration::from_millis(10));
    assert!(hear(&sphinx, &[0; 480]).expect_err("hangs").to_string().contains("too long"));
}

#[cfg(unix)]
#[test]
fn a_recognizer_that_dies_is_an_error_not_a_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let sphinx = script(folder.path(), "exit 1", Duration::from_secs(60));
    assert!(hear(&sphinx, &[0; 48_000]).expect_err("dies").to_string().contains("stopped"));
}
