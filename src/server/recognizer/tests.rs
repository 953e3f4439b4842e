use super::*;

fn demo(name: &str) -> Vec<i16> {
    let path = format!("{}/assets/demo/{name}.wav", env!("CARGO_MANIFEST_DIR"));
    hound::WavReader::open(&path).expect(&path).into_samples().map(|s| s.expect("a sample")).collect()
}

fn sphinx(cache: &Path) -> PocketSphinx {
    PocketSphinx::find(cache).expect("the packages that `make setup` installs")
}

#[test]
fn the_five_sentences_are_understood_for_sure_and_silence_is_not() {
    let cache = tempfile::tempdir().expect("a folder");
    let sphinx = sphinx(cache.path());
    let hear = |samples: &[i16]| {
        let mut utterance = sphinx.begin();
        samples.chunks(480).for_each(|piece| utterance.feed(piece));
        utterance.finish().expect("heard")
    };
    for (name, words) in [
        ("buy-groceries", "create a task to buy groceries"),
        ("call-mom", "add a reminder to call mom"),
        ("list-tasks", "list all my tasks"),
        ("complete-groceries", "mark the grocery task as complete"),
        ("delete-mom", "delete the task about calling mom"),
    ] {
        let heard = hear(&demo(name));
        assert_eq!(heard.text, words);
        assert!(heard.confidence > Some(Heard::WEAK), "{words}: {heard:?}");
    }
    assert_eq!(hear(&[0; 24_000]), Heard { text: String::new(), confidence: Some(0.0) });
}

#[test]
fn words_come_while_two_people_speak_at_the_same_time() {
    let cache = tempfile::tempdir().expect("a folder");
    let sphinx = sphinx(cache.path());
    let (one, other) = (demo("buy-groceries"), demo("delete-mom"));
    let mut utterances = [sphinx.begin(), sphinx.begin()];
    let mut told = [String::new(), String::new()];
    for at in (0..one.len().min(other.len())).step_by(480) {
        for ((clip, utterance), told) in [&one, &other].into_iter().zip(&mut utterances).zip(&mut told) {
            utterance.feed(&clip[at..clip.len().min(at + 480)]);
            told.extend(utterance.new_words());
        }
    }
    assert!(told[1].starts_with("delete the task"), "{told:?}");
    for utterance in utterances {
        assert!(!utterance.finish().expect("heard").text.is_empty());
    }
}

#[test]
fn an_utterance_that_is_given_up_leaves_its_decoder_as_it_was() {
    let cache = tempfile::tempdir().expect("a folder");
    let sphinx = sphinx(cache.path());
    let mut given_up = sphinx.begin();
    given_up.feed(&demo("delete-mom"));
    drop(given_up);
    let mut utterance = sphinx.begin();
    utterance.feed(&demo("buy-groceries"));
    assert_eq!(utterance.finish().expect("heard").text, "create a task to buy groceries");
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
