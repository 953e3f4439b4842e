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
    let library = Library::find().expect("the packages that `make setup` installs");
    let error = PocketSphinx::with_model(library, cache.path(), cache.path());
    assert!(error.expect_err("has no dictionary").to_string().contains(DICTIONARY));
}

#[test]
fn a_model_that_is_none_is_an_error_not_a_crash() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = ModelFiles { arpa: folder.path().join("lm"), dictionary: folder.path().join("dict") };
    let library = Library::find().expect("the packages that `make setup` installs");
    let error = PocketSphinx::with_files(library, folder.path(), &files, &[]).expect_err("has no model");
    assert!(error.to_string().contains("model"), "{error}");
}
