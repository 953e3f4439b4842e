use super::*;

#[test]
fn only_a_clear_yes_is_one() {
    for yes in [
        "yes",
        "Yes.",
        "y",
        "YES please",
        "yeah, do it",
        "okay",
        "sure, go ahead",
        "Yes, delete them all!",
        "do it",
    ] {
        assert!(is_yes(yes), "{yes}");
    }
    let others = [
        "no",
        "n",
        "",
        " ",
        "yes but not the first",
        "no, yes",
        "not yes",
        "yesterday",
        "delete them all",
        "all",
        "what?",
        "yes or no?",
        "I said yes to the dress and bought it",
        "don't",
        "ja",
        "hm",
        "yes wait",
        "do",
    ];
    for other in others {
        assert!(!is_yes(other), "{other}");
    }
}

#[test]
fn a_spoken_yes_stands_alone_or_beside_what_is_to_be_done() {
    let tasks = (1..=5).map(|n| (Uuid::from_u128(n), format!("task {n}")));
    let pending = Pending::new(Bulk::Delete, tasks);
    let table = [
        (
            Heard::Yes,
            &["Yes.", "yes", "Yes, please!", "confirm", "yes, delete them", "Yes, delete all five."][..],
        ),
        (Heard::Yes, &["yes delete all 5"]),
        // Words for which noise is taken, and that may be about something else.
        (
            Heard::Unclear,
            &["okay", "yeah", "sure", "oh yes", "y", "yes all five", "do it", "yes complete them"],
        ),
        (
            Heard::No,
            &[
                "no",
                "",
                "yes, delete all four",
                "yes delete both",
                "five",
                "yes but not the first",
                "delete them",
            ],
        ),
    ];
    for (expected, texts) in table {
        for text in texts {
            assert_eq!(pending.hear(text), expected, "{text}");
        }
    }
}

#[test]
fn the_question_tells_how_many_and_which() {
    let tasks = |count: u128| (1..=count).map(|n| (Uuid::from_u128(n), format!("task {n}")));
    let question = |count| Pending::new(Bulk::Delete, tasks(count)).question();
    assert_eq!(question(2), "delete 2 tasks? “task 1”, “task 2”");
    assert_eq!(question(8), "delete 8 tasks? “task 1”, “task 2”, “task 3”, “task 4”, “task 5” and 3 more");
}
