use super::*;

const PRONUNCIATIONS: &str = "\
call K AO L\nbuy B AY\nmilk M IH L K\nbread B R EH D\nmom M AA M\na AH\na(2) EY\ntask T AE S K\ncreate K R IY EY T\nto T UW\n";

/// A small model over a few sentences.
fn model() -> Trigrams {
    let words: Vec<String> =
        ["create", "a", "task", "to", "buy", "milk", "bread", "call", "mom"].map(str::to_owned).into();
    let sentences =
        [vec![0, 1, 2, 3, 4, 5], vec![0, 1, 2, 3, 4, 6], vec![0, 1, 2, 3, 7, 8], vec![0, 1, 2, 3, 4, 5]];
    Trigrams::estimate(words, &["mom", "milk"], &sentences)
}

fn sum(model: &Trigrams, history: &[&str]) -> f64 {
    model.words().chain(["</s>"]).map(|word| model.probability(history, word).expect("is in it")).sum()
}

#[test]
fn after_any_history_the_probabilities_sum_to_one() {
    let model = model();
    let words: Vec<&str> = model.words().chain(["<s>"]).collect();
    assert!((sum(&model, &[]) - 1.0).abs() < 1e-9, "{}", sum(&model, &[]));
    for last in &words {
        assert!((sum(&model, &[last]) - 1.0).abs() < 1e-9, "{last}: {}", sum(&model, &[last]));
        for before in &words {
            let total = sum(&model, &[before, last]);
            assert!((total - 1.0).abs() < 1e-9, "{before} {last}: {total}");
        }
    }
}

#[test]
fn what_was_said_is_likelier_than_what_was_not_and_nothing_is_impossible() {
    let model = model();
    let after = |word| model.probability(&["to", "buy"], word).expect("is in it");
    assert!(after("milk") > after("bread"));
    assert!(after("bread") > after("task"));
    assert!(after("task") > 0.0);
    assert_eq!(model.probability(&["to"], "unheard"), None);
}

#[test]
fn the_arpa_file_announces_as_many_lines_as_it_has() {
    let arpa = model().to_arpa();
    for order in 1..=3 {
        let announced =
            arpa.lines().find_map(|l| l.strip_prefix(&format!("ngram {order}=")).map(str::to_owned));
        let section = arpa.split(&format!("\\{order}-grams:\n")).nth(1).expect("a section");
        let lines = section.lines().take_while(|l| !l.is_empty() && !l.starts_with('\\')).count();
        assert_eq!(announced.expect("a count"), lines.to_string());
    }
    assert!(arpa.trim_end().ends_with("\\end\\"));
}

#[test]
fn the_sources_make_a_model_of_the_words_that_can_be_pronounced() {
    let model = task_model(PRONUNCIATIONS).expect("the grammar is sound");
    assert!(model.probability(&["<s>"], "create").expect("is in it") > 0.0);
    assert!(model.words().count() < 100_000);
}

#[test]
fn every_title_has_its_three_forms() {
    for line in title_lines() {
        let forms: Vec<&str> = line.split(" | ").collect();
        assert!(forms.len() == 3 && forms.iter().all(|form| !form.trim().is_empty()), "{line}");
        let is_word = |c: char| c.is_ascii_lowercase() || c == '\'' || c == ' ';
        assert!(forms.iter().all(|form| form.chars().all(is_word)), "{line}");
    }
}

#[test]
fn a_broken_grammar_is_told_with_its_place() {
    assert!(Grammar::parse("start = {nothing}", &[]).is_err());
    assert!(Grammar::parse("start = (a | b", &[]).is_err());
}

#[test]
fn every_way_to_say_a_word_is_kept() {
    let words = BTreeSet::from(["a", "milk"]);
    assert_eq!(sub_dictionary(PRONUNCIATIONS, &words), "milk M IH L K\na AH\na(2) EY\n");
}

#[test]
fn a_model_is_made_once() {
    let cache = tempfile::tempdir().expect("a folder");
    let dictionary = cache.path().join("words.dict");
    fs::write(&dictionary, PRONUNCIATIONS).expect("written");
    let first = prepare(cache.path(), &dictionary).expect("made");
    let made = fs::metadata(&first.arpa).and_then(|m| m.modified()).expect("is there");
    assert_eq!(prepare(cache.path(), &dictionary).expect("found"), first);
    assert_eq!(fs::metadata(&first.arpa).and_then(|m| m.modified()).expect("is there"), made);
}
