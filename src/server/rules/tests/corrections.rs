//! What was just done is put right.

use serde_json::{Value, json};

use super::{assistant, exchange, line, prompt, user};

fn after(name: &str, arguments: &Value, output: &Value, said: &str) -> String {
    let mut items = vec![user("first"), assistant("Okay."), user("second")];
    items.extend(exchange("1", name, arguments, output));
    items.extend([assistant("Okay, done."), user(said)]);
    line(&prompt(items))
}

fn check(name: &str, arguments: &Value, action: &str, title: &str, table: &[(&str, &str)]) {
    let output = json!({"ok": true, "action": action, "task": {"number": 4, "title": title}});
    let wrong: Vec<_> = table
        .iter()
        .map(|(said, expected)| (said, expected, after(name, arguments, &output, said)))
        .filter(|(_, expected, actual)| actual != *expected)
        .map(|(said, expected, actual)| format!("{said}\n   is {actual}\n  not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_corrected_time_keeps_what_it_leaves_open() {
    let made = json!({"title": "call mom", "due": "tomorrow at five"});
    check(
        "create_task",
        &made,
        "created",
        "call mom",
        &[
            ("no, Friday", r#"update_task {"due":"Friday at five","task":"4"}"#),
            ("no I meant Friday", r#"update_task {"due":"Friday at five","task":"4"}"#),
            ("sorry, at six", r#"update_task {"due":"tomorrow at six","task":"4"}"#),
            ("no, six", r#"update_task {"due":"tomorrow at six","task":"4"}"#),
            ("make it friday", r#"update_task {"due":"friday at five","task":"4"}"#),
            ("not tomorrow, friday", r#"update_task {"due":"friday at five","task":"4"}"#),
            ("friday not tomorrow", r#"update_task {"due":"friday at five","task":"4"}"#),
            ("actually in two hours", r#"update_task {"due":"in two hours","task":"4"}"#),
            ("no, monday at noon", r#"update_task {"due":"monday at noon","task":"4"}"#),
        ],
    );
    let reminder = json!({"title": "call mom", "at": "tomorrow at five"});
    check(
        "add_reminder",
        &reminder,
        "reminder_added",
        "call mom",
        &[
            (
                "sorry, at six",
                r#"update_task {"due":"tomorrow at six","remind":"tomorrow at six","task":"4"}"#,
            ),
            ("no, friday", r#"update_task {"due":"friday at five","remind":"friday at five","task":"4"}"#),
            (
                "know thursday",
                r#"update_task {"due":"thursday at five","remind":"thursday at five","task":"4"}"#,
            ),
            (
                "make it friday",
                r#"update_task {"due":"friday at five","remind":"friday at five","task":"4"}"#,
            ),
        ],
    );
    let moved = json!({"task": "mom", "due": "monday"});
    check(
        "update_task",
        &moved,
        "updated",
        "call mom",
        &[("no, tuesday", r#"update_task {"due":"tuesday","task":"4"}"#)],
    );
    check(
        "snooze_reminder",
        &json!({"until": "in ten minutes"}),
        "snoozed",
        "call mom",
        &[("no, in an hour", r#"snooze_reminder {"until":"in an hour"}"#)],
    );
}

#[test]
fn a_corrected_title_replaces_the_old_one() {
    check(
        "create_task",
        &json!({"title": "by milk"}),
        "created",
        "by milk",
        &[
            ("no, call it buy bread", r#"update_task {"task":"4","title":"buy bread"}"#),
            ("no, buy bread", r#"update_task {"task":"4","title":"buy bread"}"#),
            ("no, buy bread on friday", r#"update_task {"due":"friday","task":"4","title":"buy bread"}"#),
            ("I said buy bread", r#"update_task {"task":"4","title":"buy bread"}"#),
            ("no, high priority", r#"update_task {"priority":"high","task":"4"}"#),
            ("no, delete it", r#"delete_task {"task":"4"}"#),
            ("no, what is due today", r#"list_tasks {"due":"today"}"#),
        ],
    );
}

#[test]
fn another_amount_changes_the_title() {
    let count = |title: &str, said: &str| {
        let output = json!({"ok": true, "action": "created", "task": {"number": 4, "title": title}});
        after("create_task", &json!({"title": title}), &output, said)
    };
    let expected = |title: &str| format!(r#"update_task {{"task":"4","title":"{title}"}}"#);
    assert_eq!(
        count("buy a bottle of wine", "actually, make that two bottles"),
        expected("buy two bottles of wine")
    );
    assert_eq!(count("buy milk", "make that two bottles"), expected("buy two bottles of milk"));
    assert_eq!(count("buy 3 eggs", "make that six"), expected("buy six eggs"));
    assert_eq!(count("buy eggs", "no, six eggs"), expected("buy six eggs"));
}

#[test]
fn the_other_task_is_done_instead() {
    let undo_first = "undo {}";
    check(
        "complete_task",
        &json!({"task": "dentist"}),
        "completed",
        "dentist",
        &[
            ("not the dentist, the plumber", undo_first),
            ("no, not the dentist, the plumber", undo_first),
            ("not the dentist the plumber", undo_first),
            ("no, the plumber", undo_first),
            ("I meant the plumber task", undo_first),
            ("no, not that one", undo_first),
            ("wrong one", undo_first),
            ("never mind", "Shall I undo it?"),
            ("forget it", "Shall I undo it?"),
            ("that was wrong", "Shall I undo it?"),
        ],
    );
    let mut items = vec![user("complete the dentist")];
    items.extend(exchange(
        "1",
        "complete_task",
        &json!({"task": "dentist"}),
        &json!({"ok": true, "action": "completed", "task": {"title": "dentist"}}),
    ));
    items.extend([assistant("Done."), user("no, the plumber")]);
    items.extend(exchange("2", "undo", &json!({}), &json!({"ok": true, "action": "undone", "what": "x"})));
    assert_eq!(line(&prompt(items.clone())), r#"complete_task {"task":"plumber"}"#);
    items.extend(exchange(
        "3",
        "complete_task",
        &json!({"task": "plumber"}),
        &json!({"ok": true, "action": "completed", "task": {"title": "call the plumber"}}),
    ));
    assert_eq!(line(&prompt(items)), "Okay, undone: x. Done: call the plumber is complete.");
}

#[test]
fn an_undo_that_was_offered_waits_for_a_yes() {
    let answer =
        |said: &str| line(&prompt(vec![user("never mind"), assistant("Shall I undo it?"), user(said)]));
    assert_eq!(answer("yes please"), "undo {}");
    assert_eq!(answer("no"), "All right, I leave it.");
}

#[test]
fn nothing_is_corrected_after_a_look() {
    let listed = json!({"ok": true, "action": "listed", "count": 1, "tasks": [{"number": 1, "title": "a"}]});
    assert!(after("list_tasks", &json!({}), &listed, "no, purple bread").starts_with("Offline"));
    assert_eq!(after("list_tasks", &json!({}), &listed, "never mind"), "All right, I leave it.");
}

#[test]
fn a_day_after_a_list_is_another_list() {
    let listed = json!({"ok": true, "action": "listed", "count": 1, "tasks": [{"number": 1, "title": "a"}]});
    let answer = |said: &str| after("list_tasks", &json!({"due": "today"}), &listed, said);
    assert_eq!(answer("tomorrow?"), r#"list_tasks {"due":"tomorrow"}"#);
    assert_eq!(answer("and tomorrow?"), r#"list_tasks {"due":"tomorrow"}"#);
    assert_eq!(answer("and friday?"), r#"list_tasks {"due":"friday"}"#);
    assert_eq!(answer("what about saturday"), r#"list_tasks {"due":"saturday"}"#);
}

#[test]
fn all_that_were_spoken_of_are_done_at_once() {
    let tasks = json!([{"uuid": "u1", "title": "a"}, {"uuid": "u2", "title": "b"}]);
    let listed = json!({"ok": true, "action": "listed", "count": 2, "tasks": tasks});
    let delete = r#"delete_tasks {"tasks":["u1","u2"]}"#;
    for said in ["delete them", "delete both", "delete all of them"] {
        assert_eq!(after("list_tasks", &json!({}), &listed, said), delete, "{said}");
    }
    let complete = r#"complete_tasks {"tasks":["u1","u2"]}"#;
    for said in ["mark them all as done", "complete both of them", "I'm done with them"] {
        assert_eq!(after("list_tasks", &json!({}), &listed, said), complete, "{said}");
    }
}

#[test]
fn a_task_is_pushed_back_from_when_it_is_due() {
    let push = |due: &Value, said: &str| {
        let mut items = vec![user(said)];
        let task = json!({"uuid": "u1", "title": "dentist", "due": due});
        items.extend(exchange(
            "1",
            "show_task",
            &json!({"task": "dentist"}),
            &json!({"ok": true, "action": "shown", "task": task}),
        ));
        line(&prompt(items))
    };
    assert_eq!(
        push(&json!("2026-12-04T09:00:00+01:00"), "push the dentist back a week"),
        r#"update_task {"due":"a week from 2026-12-04 at 09:00","task":"u1"}"#
    );
    assert_eq!(
        push(&json!("2026-12-04"), "postpone the dentist by two days"),
        r#"update_task {"due":"two days from 2026-12-04","task":"u1"}"#
    );
    assert!(push(&Value::Null, "push the dentist back a week").contains("no due date"));
}

#[test]
fn what_looks_waits_for_what_changes() {
    let said = "mark the milk task as done and list my tasks";
    assert_eq!(line(&prompt(vec![user(said)])), r#"complete_task {"task":"milk"}"#);
    let mut items = vec![user(said)];
    let done = json!({"ok": true, "action": "completed", "task": {"title": "milk"}});
    items.extend(exchange("1", "complete_task", &json!({"task": "milk"}), &done));
    assert_eq!(line(&prompt(items.clone())), "list_tasks {}");
    items.extend(exchange(
        "2",
        "list_tasks",
        &json!({}),
        &json!({"ok": true, "action": "listed", "count": 0}),
    ));
    assert_eq!(line(&prompt(items)), "Done: milk is complete. You have no tasks.");
}

#[test]
fn a_missing_part_completes_what_was_said_before() {
    let answer = |before: &str, question: &str, said: &str| {
        line(&prompt(vec![user(before), assistant(question), user(said)]))
    };
    assert_eq!(
        answer("remind me tomorrow at five", "What should I remind you of?", "call mom"),
        r#"add_reminder {"at":"tomorrow at five","title":"call mom"}"#
    );
    assert_eq!(
        answer("create a high priority task", "What should the task say?", "buy milk"),
        r#"create_task {"priority":"high","title":"buy milk"}"#
    );
    assert_eq!(
        answer("add a note to the dentist", "What should the note say?", "bring the card"),
        r#"add_note {"note":"bring the card","task":"dentist"}"#
    );
    assert_eq!(
        answer("change the grocery task", "Which task should I change, and how?", "to buy food"),
        r#"update_task {"task":"grocery","title":"buy food"}"#
    );
    assert_eq!(
        answer("remind me later", "When shall I remind you again?", "in an hour"),
        r#"snooze_reminder {"until":"in an hour"}"#
    );
    assert_eq!(
        answer("delete it", "Which task do you mean?", "the dentist"),
        r#"delete_task {"task":"dentist"}"#
    );
}

#[test]
fn a_candidate_is_named_by_its_day() {
    let output = json!({"ok": false, "error": "ambiguous", "candidates": [
        {"uuid": "u1", "title": "call mom", "due": "2026-12-04", "due_words": "Fri 4 Dec"},
        {"uuid": "u2", "title": "call mom", "due": "2026-12-07", "due_words": "tomorrow"},
    ]});
    let pick = |said: &str| after("delete_task", &json!({"task": "call mom"}), &output, said);
    assert_eq!(pick("the one for friday"), r#"delete_task {"task":"u1"}"#);
    assert_eq!(pick("the one for tomorrow"), r#"delete_task {"task":"u2"}"#);
    assert_eq!(pick("monday's"), r#"delete_task {"task":"u2"}"#);
}
