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
fn the_question_tells_how_many_and_which() {
    let tasks = |count: u128| (1..=count).map(|n| (Uuid::from_u128(n), format!("task {n}")));
    let question = |count| Pending::new(Bulk::Delete, tasks(count)).question();
    assert_eq!(question(2), "delete 2 tasks? “task 1”, “task 2”");
    assert_eq!(question(8), "delete 8 tasks? “task 1”, “task 2”, “task 3”, “task 4”, “task 5” and 3 more");
}
