use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

fn pieces(text: &str) -> Vec<String> {
    let (mut sentences, mut out) = (Sentences::default(), VecDeque::new());
    sentences.push(text, &mut out);
    sentences.finish(&mut out);
    out.into()
}

#[test]
fn sentences_are_cut_behind_their_space() {
    assert_eq!(pieces("Hello there. How are you? Fine!"), ["Hello there. ", "How are you? ", "Fine!"]);
    assert_eq!(pieces("One line\nand another"), ["One line\n", "and another"]);
    assert_eq!(pieces("He said \"stop.\" Then left."), ["He said \"stop.\" ", "Then left."]);
}

#[test]
fn full_stops_inside_a_sentence_do_not_cut() {
    for text in [
        "Dr. Who is here.",
        "It costs 3.50 euros.",
        "At 5 p.m. we meet.",
        "1. Buy milk",
        "No. 7 is it.",
        "J. Doe",
    ] {
        assert_eq!(pieces(text), [text]);
    }
}

#[test]
fn a_sentence_is_complete_when_the_next_word_begins() {
    let (mut sentences, mut out) = (Sentences::default(), VecDeque::new());
    sentences.push("Done with it. ", &mut out);
    assert!(out.is_empty());
    sentences.push("N", &mut out);
    assert_eq!(out, ["Done with it. "]);
}

#[test]
fn what_runs_on_is_cut_at_a_comma_or_a_space() {
    let clause = "milk, ".repeat(40);
    assert!(pieces(&clause).iter().all(|p| p.len() <= LONG + 8), "{:?}", pieces(&clause));
    let words = "word ".repeat(200);
    assert!(pieces(&words).iter().all(|p| p.len() <= TOO_LONG + 8));
}

proptest! {
    #[test]
    fn nothing_is_lost_however_it_comes(parts: Vec<String>) {
        let (mut sentences, mut out) = (Sentences::default(), VecDeque::new());
        for part in &parts {
            sentences.push(part, &mut out);
        }
        sentences.finish(&mut out);
        prop_assert!(out.iter().all(|piece| !piece.is_empty()));
        prop_assert_eq!(out.into_iter().collect::<String>(), parts.concat());
    }
}
