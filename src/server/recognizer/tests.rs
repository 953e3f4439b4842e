use std::fs;

use super::*;

fn demo(name: &str) -> Vec<i16> {
    let path = format!("{}/assets/demo/{name}.wav", env!("CARGO_MANIFEST_DIR"));
    hound::WavReader::open(&path).expect(&path).into_samples().map(|s| s.expect("a sample")).collect()
}

fn hear(recognizer: &Sphinx, samples: &[i16]) -> Result<Heard, EngineError> {
    let mut utterance = recognizer.begin();
    samples.chunks(480).for_each(|piece| utterance.feed(piece));
    utterance.finish()
}

#[test]
fn the_five_sentences_are_understood() {
    let cache = tempfile::tempdir().expect("a folder");
    let sphinx = Sphinx::new(cache.path());
    for (name, words) in [
        ("buy-groceries", "create a task to buy groceries"),
        ("call-mom", "add a reminder to call mom"),
        ("list-tasks", "list all my tasks"),
        ("complete-groceries", "mark the grocery task as complete"),
        ("delete-mom", "delete the task about calling mom"),
    ] {
        let heard = hear(&sphinx, &demo(name)).expect("needs `pocketsphinx` and `pocketsphinx-en-us`");
        assert_eq!(heard.text, words);
    }
}

#[test]
fn silence_has_no_words() {
    let cache = tempfile::tempdir().expect("a folder");
    let heard = hear(&Sphinx::new(cache.path()), &vec![0; 24_000]).expect("decodes");
    assert_eq!(heard.text, "");
}

#[cfg(unix)]
fn script(folder: &Path, body: &str) -> Program {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("decoder");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("executable");
    Program::of(&path)
}

#[cfg(unix)]
#[test]
fn several_stretches_of_speech_are_one_utterance() {
    let folder = tempfile::tempdir().expect("a folder");
    let decoder = script(folder.path(), "cat >/dev/null; echo create a task; echo to buy milk").start();
    let text = decoder.expect("starts").finish(Duration::from_secs(60)).expect("words");
    assert_eq!(text, "create a task to buy milk");
}

#[cfg(unix)]
#[test]
fn a_recognizer_that_hangs_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let decoder = script(folder.path(), "exec sleep 1000").start().expect("starts");
    let error = decoder.finish(Duration::from_millis(10)).expect_err("hangs");
    assert!(error.to_string().contains("too long"));
}

#[cfg(unix)]
#[test]
fn a_recognizer_that_dies_is_an_error_not_a_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut decoder = script(folder.path(), "exit 1").start().expect("starts");
    while decoder.is_alive() {
        thread::yield_now();
    }
    assert!(decoder.hear(&[0; 1 << 20]).is_err());
}
