use super::*;

#[test]
fn marks_of_the_decoder_are_no_words() {
    let heard = ["<s>", "tomato(2)", "<sil>", "[NOISE]", "++UM++", "soup", "</s>"];
    let words: Vec<_> = heard.into_iter().filter_map(spoken).collect();
    assert_eq!(words, ["tomato", "soup"]);
}

#[test]
fn a_library_that_is_not_there_is_named() {
    let error = Library::open(Path::new("/nowhere/libpocketsphinx.so")).expect_err("there is none");
    assert!(error.to_string().contains("/nowhere/libpocketsphinx.so"), "{error}");
}

#[test]
fn a_library_that_is_another_is_refused() {
    let libc = if cfg!(target_os = "macos") { "/usr/lib/libSystem.B.dylib" } else { "libc.so.6" };
    assert!(Library::open(Path::new(libc)).is_err());
}

#[test]
fn a_parameter_that_is_none_is_refused_and_not_printed() {
    let library = Library::find().expect("the packages that `make setup` installs");
    let error = Decoder::new(&library, &[("loudness", "11")]).expect_err("no such parameter");
    assert!(error.to_string().contains("loudness"), "{error}");
}

#[test]
fn a_value_with_a_nul_is_refused() {
    let library = Library::find().expect("the packages that `make setup` installs");
    assert!(
        matches!(Decoder::new(&library, &[("hmm", "a\0b")]), Err(Error::Parameter(name)) if name == "hmm")
    );
}
