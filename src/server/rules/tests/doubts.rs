//! What was not heard well does no harm.

use serde_json::{Value, json};

use super::{assistant, exchange, line, prompt, user};
use crate::server::engine::PromptItem;

fn weak(text: &str) -> PromptItem {
    PromptItem::UserUncertain(text.to_owned())
}

fn said(items: Vec<PromptItem>) -> String {
    line(&prompt(items))
}

const ASKED: &str = "Delete “call mom”? Say yes or no.";

#[test]
fn what_changes_or_removes_is_asked_back() {
    let table = [
        ("delete the call mom task", ASKED),
        ("complete the dentist task", "Mark “dentist” as done? Say yes or no."),
        ("I bought the milk", "Mark “buy the milk” as done? Say yes or no."),
        ("delete task two", "Delete task number 2? Say yes or no."),
        ("delete all my tasks", "Delete all those tasks? Say yes or no."),
        ("move the dentist to friday", "Change “dentist”: due friday? Say yes or no."),
        ("reopen the dentist", "Reopen “dentist”? Say yes or no."),
        ("undo", "Undo the last change? Say yes or no."),
        ("delete the milk and complete the bread", "Delete “milk”, and mark “bread” as done? Say yes or no."),
    ];
    for (words, expected) in table {
        assert_eq!(said(vec![weak(words)]), expected, "{words}");
    }
}

#[test]
fn what_adds_or_looks_is_done_at_once() {
    assert_eq!(said(vec![weak("create a task to buy milk")]), r#"create_task {"title":"buy milk"}"#);
    assert_eq!(said(vec![weak("remind me to call mom")]), r#"add_reminder {"title":"call mom"}"#);
    assert_eq!(said(vec![weak("list my tasks")]), "list_tasks {}");
    assert_eq!(said(vec![weak("snooze")]), r#"snooze_reminder {"until":"in 10 minutes"}"#);
}

#[test]
fn what_makes_no_sense_was_not_caught() {
    assert_eq!(said(vec![weak("purple monkey dishwasher")]), "I did not catch that.");
}

#[test]
fn typed_words_are_never_doubted() {
    assert_eq!(said(vec![user("delete the call mom task")]), r#"delete_task {"task":"call mom"}"#);
}

fn asked(answer: PromptItem) -> String {
    said(vec![weak("delete the call mom task"), assistant(ASKED), answer])
}

#[test]
fn it_is_done_on_a_clear_yes_only() {
    let deleted = r#"delete_task {"task":"call mom"}"#;
    for yes in ["yes", "Yes, please.", "yep", "do it", "yes do that"] {
        assert_eq!(asked(user(yes)), deleted, "{yes}");
    }
    for no in ["no", "never mind", "no thanks", "cancel"] {
        assert_eq!(asked(user(no)), "All right, I leave it.", "{no}");
    }
    for unclear in ["okay", "fine"] {
        assert_eq!(asked(user(unclear)), ASKED, "{unclear}");
    }
    assert_eq!(asked(user("list my tasks")), "list_tasks {}");
    assert_eq!(asked(user("no, the plumber")), r#"delete_task {"task":"plumber"}"#);
    assert_eq!(asked(PromptItem::UserUnintelligible), "I did not catch that.");
}

#[test]
fn a_yes_that_is_not_heard_well_is_asked_back_once() {
    assert_eq!(asked(weak("yes")), ASKED);
    let again = vec![weak("delete the call mom task"), assistant(ASKED), weak("yes"), assistant(ASKED)];
    let with = |answer: PromptItem| said([again.clone(), vec![answer]].concat());
    assert_eq!(with(user("yes")), r#"delete_task {"task":"call mom"}"#);
    assert_eq!(with(user("no")), "All right, I leave it.");
    assert_eq!(with(weak("yes")), "I am still not sure what I heard. Please type it.");
}

#[test]
fn a_correction_that_is_not_heard_well_is_asked_back_as_well() {
    assert_eq!(asked(weak("no, the plumber")), "Delete “plumber”? Say yes or no.");
}

#[test]
fn a_question_that_nobody_heard_is_not_answered_by_yes() {
    let items = vec![weak("delete the call mom task"), user("yes")];
    assert_eq!(said(items), "All right. What shall I do?");
}

#[test]
fn a_yes_to_an_older_question_does_nothing() {
    let items = vec![
        weak("delete the call mom task"),
        assistant(ASKED),
        user("hello"),
        assistant("Hello. What shall I do with your tasks?"),
        user("yes"),
    ];
    assert_eq!(said(items), "All right. What shall I do?");
}

#[test]
fn a_choice_that_is_not_heard_well_is_told_by_its_title() {
    let candidates = json!([{"uuid": "u1", "title": "buy milk"}, {"uuid": "u2", "title": "buy bread"}]);
    let output = json!({"ok": false, "error": "ambiguous", "candidates": candidates});
    let mut items = vec![user("delete buy")];
    items.extend(exchange("1", "delete_task", &json!({"task": "buy"}), &output));
    items.extend([assistant("Which one do you mean?"), weak("the second one")]);
    assert_eq!(said(items.clone()), "Delete “buy bread”? Say yes or no.");
    items.extend([assistant("Delete “buy bread”? Say yes or no."), user("yes")]);
    assert_eq!(said(items.clone()), r#"delete_task {"task":"u2"}"#);
    let deleted: Value = json!({"ok": true, "action": "deleted", "task": {"title": "buy bread"}});
    items.extend(exchange("2", "delete_task", &json!({"task": "u2"}), &deleted));
    assert_eq!(said(items), "Okay, I deleted buy bread.");
}

#[test]
fn what_the_program_asks_for_is_left_to_it() {
    let open = |said: &str| {
        let call = PromptItem::Call {
            call_id: "1".to_owned(),
            name: "delete_tasks".to_owned(),
            arguments: r#"{"all":true}"#.to_owned(),
        };
        let asked = vec![user("delete all my tasks"), assistant("That needs a yes from you."), call];
        super::text(&prompt([asked, vec![user(said)]].concat()))
    };
    assert_eq!(open("yes"), "All right.");
    assert_eq!(open("no"), "All right, I leave it.");
    assert_eq!(super::text(&prompt(vec![user("delete all my tasks")])), "That needs a yes from you.");
}
