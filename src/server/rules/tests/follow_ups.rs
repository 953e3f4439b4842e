use serde_json::{Value, json};

use super::{assistant, exchange, line, prompt, user};
use crate::server::engine::PromptItem;

fn after(name: &str, arguments: &Value, output: &Value, said: &str) -> String {
    let mut items = vec![user("first"), assistant("Okay.")];
    items.extend(exchange("1", name, arguments, output));
    items.extend([assistant("Something."), user(said)]);
    line(&prompt(items))
}

fn ambiguous() -> Value {
    json!({"ok": false, "error": "ambiguous", "message": "which?", "candidates": [
        {"number": 3, "title": "buy milk"}, {"number": 7, "title": "buy oat bread"},
    ]})
}

#[test]
fn an_answer_to_which_one_continues_with_that_task() {
    let table = [
        ("the first one", "3"),
        ("first", "3"),
        ("The second.", "7"),
        ("the last one", "7"),
        ("number two", "7"),
        ("number seven", "7"),
        ("3", "3"),
        ("the milk one", "3"),
        ("milk", "3"),
        ("no, the milk one", "3"),
        ("buy oat bread", "7"),
        ("the bread task please", "7"),
        ("delete the first one", "3"),
        ("i mean number 7", "7"),
    ];
    for (said, number) in table {
        let actual = after("delete_task", &json!({"task": "buy"}), &ambiguous(), said);
        assert_eq!(actual, format!(r#"delete_task {{"task":"{number}"}}"#), "{said}");
    }
}

#[test]
fn the_other_arguments_stay() {
    let actual =
        after("update_task", &json!({"task": "buy", "due": "friday"}), &ambiguous(), "the second one");
    assert_eq!(actual, r#"update_task {"due":"friday","task":"7"}"#);
}

#[test]
fn a_uuid_names_the_candidate_where_there_is_one() {
    let output = json!({"ok": false, "error": "ambiguous", "candidates": [{"number": 1, "uuid": "0123-4567", "title": "a"}]});
    assert_eq!(
        after("delete_task", &json!({"task": "x"}), &output, "yes"),
        r#"delete_task {"task":"0123-4567"}"#
    );
}

#[test]
fn both_are_two_calls_and_none_is_none() {
    let actual = after("complete_task", &json!({"task": "buy"}), &ambiguous(), "both of them");
    assert_eq!(actual, r#"complete_task {"task":"3"} + complete_task {"task":"7"}"#);
    assert_eq!(
        after("delete_task", &json!({"task": "buy"}), &ambiguous(), "neither"),
        "All right, I leave it."
    );
}

#[test]
fn an_answer_that_fits_several_is_asked_again() {
    let actual = after("delete_task", &json!({"task": "x"}), &ambiguous(), "buy");
    assert_eq!(actual, "Which one do you mean: number 3, buy milk, or number 7, buy oat bread?");
}

#[test]
fn another_command_ends_the_question() {
    assert_eq!(after("delete_task", &json!({"task": "buy"}), &ambiguous(), "list my tasks"), "list_tasks {}");
    let other = after("delete_task", &json!({"task": "buy"}), &ambiguous(), "what is the capital of france");
    assert!(other.starts_with("Offline I only know your tasks"), "{other}");
}

#[test]
fn a_name_after_not_found_tries_again() {
    let output = json!({"ok": false, "error": "not_found"});
    let again = after("complete_task", &json!({"task": "gross"}), &output, "the grocery task");
    assert_eq!(again, r#"complete_task {"task":"grocery"}"#);
    assert!(after("complete_task", &json!({"task": "x"}), &output, "sing a song").starts_with("Offline"));
}

#[test]
fn a_time_alone_completes_what_came_before() {
    let unclear = json!({"ok": false, "error": "unclear_time"});
    let again = after("create_task", &json!({"title": "a", "due": "smorrow"}), &unclear, "tomorrow");
    assert_eq!(again, r#"create_task {"due":"tomorrow","title":"a"}"#);
    let added = json!({"ok": true, "action": "reminder_added", "task": {"number": 4, "title": "call mom"}});
    let set = after("add_reminder", &json!({"title": "call mom"}), &added, "at 6 pm");
    assert_eq!(set, r#"update_task {"due":"6 pm","remind":"6 pm","task":"4"}"#);
}

#[test]
fn it_is_the_task_last_spoken_of() {
    let added = json!({"ok": true, "action": "created", "task": {"number": 4, "title": "by milk"}});
    let table = [
        ("delete it", r#"delete_task {"task":"4"}"#),
        ("mark that as done", r#"complete_task {"task":"4"}"#),
        ("make it high priority", r#"update_task {"priority":"high","task":"4"}"#),
        ("make it tomorrow", r#"update_task {"due":"tomorrow","task":"4"}"#),
        ("move it to friday at 9", r#"update_task {"due":"friday at 9","task":"4"}"#),
        ("no, call it buy oat milk", r#"update_task {"task":"4","title":"buy oat milk"}"#),
        ("No, buy milk.", r#"update_task {"task":"4","title":"buy milk"}"#),
        ("no i said buy silk", r#"update_task {"task":"4","title":"buy silk"}"#),
        ("undo that", "undo {}"),
        ("no", "Shall I undo it?"),
    ];
    for (said, expected) in table {
        assert_eq!(after("create_task", &json!({"title": "by milk"}), &added, said), expected, "{said}");
    }
}

#[test]
fn a_deleted_task_is_not_it() {
    let deleted = json!({"ok": true, "action": "deleted", "task": {"number": 4, "title": "a"}});
    assert_eq!(after("delete_task", &json!({"task": "a"}), &deleted, "delete it"), "Which task do you mean?");
}

#[test]
fn our_own_questions_are_answered() {
    let answer =
        |question: &str, said: &str| line(&prompt(vec![user("hm"), assistant(question), user(said)]));
    assert_eq!(
        answer("What should the task say?", "to buy milk tomorrow"),
        r#"create_task {"due":"tomorrow","title":"buy milk"}"#
    );
    assert_eq!(
        answer("What should the task say?", "Finish the report"),
        r#"create_task {"title":"Finish the report"}"#
    );
    assert_eq!(answer("What should I remind you of?", "call mom"), r#"add_reminder {"title":"call mom"}"#);
    assert_eq!(answer("Which task should I delete?", "the milk one"), r#"delete_task {"task":"milk"}"#);
    assert_eq!(answer("What should the task say?", "list my tasks"), "list_tasks {}");
    assert_eq!(answer("What should the task say?", "never mind"), "All right, I leave it.");
}

#[test]
fn an_old_question_is_forgotten() {
    let mut items = exchange("1", "delete_task", &json!({"task": "buy"}), &ambiguous());
    for _ in 0..3 {
        items.extend([assistant("Which?"), PromptItem::UserUnintelligible]);
    }
    items.push(user("the first one"));
    assert!(line(&prompt(items)).starts_with("Offline"));
}
