use serde_json::{Value, json};

use super::{exchange, line, prompt, user};

fn spoken(name: &str, arguments: &Value, output: &Value) -> String {
    let mut items = vec![user("do it")];
    items.extend(exchange("1", name, arguments, output));
    line(&prompt(items))
}

fn check(table: &[(&str, Value, Value, &str)]) {
    for (name, arguments, output, expected) in table {
        assert_eq!(spoken(name, arguments, output), *expected, "{output}");
    }
}

fn done(action: &str, task: &Value) -> Value {
    json!({"ok": true, "action": action, "task": task})
}

fn failed(error: &str, message: &str) -> Value {
    json!({"ok": false, "error": error, "message": message})
}

fn tasks(titles: &[&str]) -> Value {
    let tasks: Vec<_> = titles.iter().map(|title| json!({"title": title})).collect();
    json!({"ok": true, "action": "listed", "count": titles.len(), "tasks": tasks})
}

#[test]
fn changes_are_told() {
    let milk = json!({"number": 1, "title": "buy milk.", "status": "pending"});
    let due = json!({"title": "buy milk", "due_words": "tomorrow 17:00"});
    check(&[
        ("create_task", json!({}), done("created", &milk), "Okay, I added buy milk."),
        ("create_task", json!({}), done("created", &due), "Okay, I added buy milk, due tomorrow at 5 pm."),
        (
            "add_reminder",
            json!({}),
            done("reminder_added", &due),
            "Okay, I added the reminder to buy milk, tomorrow at 5 pm.",
        ),
        (
            "add_reminder",
            json!({}),
            done("reminder_added", &milk),
            "Okay, I added the reminder to buy milk. No time is set.",
        ),
        (
            "add_reminder",
            json!({}),
            done("reminder_added", &json!({"title": "the dentist"})),
            "Okay, I added the reminder of the dentist. No time is set.",
        ),
        ("complete_task", json!({}), done("completed", &milk), "Done: buy milk is complete."),
        ("delete_task", json!({}), done("deleted", &milk), "Okay, I deleted buy milk."),
        (
            "undo",
            json!({}),
            json!({"ok": true, "action": "undone", "what": "completed task 2: buy milk"}),
            "Okay, undone: completed task 2: buy milk.",
        ),
        ("undo", json!({}), json!({"ok": true, "action": "undone"}), "Okay, the last change is undone."),
    ]);
}

#[test]
fn updates_say_what_is_different() {
    let updated = |changed: Value, task: Value| json!({"ok": true, "action": "updated", "task": task, "changed": changed});
    let milk = json!({"title": "buy milk", "due_words": "tomorrow"});
    check(&[
        (
            "update_task",
            json!({}),
            updated(json!({"due": {"from": null, "to": "2026-12-04"}}), milk.clone()),
            "Okay, buy milk is now due tomorrow.",
        ),
        (
            "update_task",
            json!({}),
            updated(json!({"due": {"from": "2026-12-04", "to": null}}), milk.clone()),
            "Okay, buy milk has no due date any more.",
        ),
        (
            "update_task",
            json!({}),
            updated(json!({"priority": {"from": null, "to": "high"}}), milk.clone()),
            "Okay, buy milk has high priority now.",
        ),
        (
            "update_task",
            json!({}),
            updated(
                json!({"title": {"from": "buy milk", "to": "buy oat milk"}}),
                json!({"title": "buy oat milk"}),
            ),
            "Okay, buy milk is now called buy oat milk.",
        ),
        (
            "update_task",
            json!({}),
            updated(json!({"due": {"to": "x"}, "project": {"to": "home"}}), milk.clone()),
            "Okay, buy milk is now due tomorrow, and is now in project home.",
        ),
        (
            "update_task",
            json!({}),
            updated(json!({}), milk.clone()),
            "Nothing had to change: buy milk is already so.",
        ),
        ("update_task", json!({}), json!({"ok": true, "action": "updated"}), "Okay, I changed the task."),
    ]);
}

#[test]
fn lists_are_read_out() {
    let many = ["a", "b", "c", "d", "e", "f", "g"];
    let cut = json!({"ok": true, "action": "listed", "count": 30, "tasks": [{"title": "a"}, {"title": "b"}]});
    check(&[
        ("list_tasks", json!({}), tasks(&[]), "You have no tasks."),
        ("list_tasks", json!({}), tasks(&["buy groceries"]), "You have one task: buy groceries."),
        (
            "list_tasks",
            json!({}),
            tasks(&["buy groceries", "call mom"]),
            "You have two tasks: buy groceries, and call mom.",
        ),
        ("list_tasks", json!({}), tasks(&many[..5]), "You have five tasks: a, b, c, d, and e."),
        ("list_tasks", json!({}), tasks(&many), "You have seven tasks: a, b, c, d, e, and two more."),
        ("list_tasks", json!({}), cut, "You have 30 tasks: a, b, and 28 more."),
        ("list_tasks", json!({"due": "today"}), tasks(&[]), "You have no tasks due today."),
        ("list_tasks", json!({"due": "next friday"}), tasks(&[]), "You have no tasks due next Friday."),
        (
            "list_tasks",
            json!({"due": "friday"}),
            json!({"ok": true, "action": "listed", "count": 2, "tasks": [
                {"title": "a", "due_words": "Fri 4 Dec 09:00"}, {"title": "b", "due_words": "Fri 4 Dec"}]}),
            "You have two tasks due Friday: a at 9 am, and b.",
        ),
        ("list_tasks", json!({"status": "completed"}), tasks(&["a"]), "You have one completed task: a."),
        ("list_tasks", json!({"text": "milk"}), tasks(&[]), "You have no tasks about milk."),
    ]);
}

#[test]
fn failures_are_told_honestly() {
    let ambiguous = |candidates: Value| json!({"ok": false, "error": "ambiguous", "candidates": candidates});
    let two = json!([{"number": 1, "title": "buy milk"}, {"number": 4, "title": "buy bread"}]);
    check(&[
        (
            "snooze_reminder",
            json!({}),
            failed("not_found", "nothing is ringing; the next reminder is of `a`, tomorrow 09:00"),
            "Nothing is ringing; the next reminder is of a, tomorrow 09:00.",
        ),
        (
            "delete_task",
            json!({"task": "calling mom"}),
            failed("not_found", "no"),
            "I found no task about calling mom.",
        ),
        ("delete_task", json!({"task": "7"}), failed("not_found", "no"), "I found no task number 7."),
        ("delete_task", json!({}), failed("not_found", "no"), "I found no such task."),
        (
            "delete_task",
            json!({}),
            ambiguous(two),
            "Which one do you mean: number 1, buy milk, or number 4, buy bread?",
        ),
        ("delete_task", json!({}), ambiguous(json!([{"title": "call dad"}])), "Do you mean call dad?"),
        ("delete_task", json!({}), ambiguous(json!([])), "Several tasks could be meant. Which one?"),
        (
            "create_task",
            json!({}),
            failed("unclear_time", "`blue` is not a time"),
            "I did not understand the time: blue is not a time.",
        ),
        ("undo", json!({}), failed("nothing_to_undo", "nothing"), "There is nothing to undo."),
        (
            "undo",
            json!({}),
            failed("storage", "disk is full."),
            "The tasks could not be read or saved: disk is full.",
        ),
        ("undo", json!({}), failed("invalid_arguments", "too long"), "That did not work: too long."),
        ("undo", json!({}), json!({"ok": false}), "That did not work."),
        ("x", json!({}), failed("unknown_tool", "no `x`"), "That function is not there: no x."),
        ("weather", json!({}), json!("It rains."), "The function answered: It rains."),
    ]);
}

#[test]
fn several_outputs_are_all_told_in_order() {
    let mut items = vec![user("both")];
    let first = exchange("1", "create_task", &json!({}), &done("created", &json!({"title": "a"})));
    let second = exchange("2", "complete_task", &json!({}), &done("completed", &json!({"title": "b"})));
    items.extend([first[0].clone(), second[0].clone(), first[1].clone(), second[1].clone()]);
    assert_eq!(line(&prompt(items)), "Okay, I added a. Done: b is complete.");
}

#[test]
fn titles_are_spoken_without_hidden_characters() {
    let task = json!({"title": "a\u{1b}[31m\u{202e}b\nc"});
    assert_eq!(spoken("create_task", &json!({}), &done("created", &task)), "Okay, I added ab c.");
}

#[test]
fn counts_are_told_with_what_was_asked_first() {
    let counted = json!({"ok": true, "action": "counted", "statistics":
        {"completed": 5, "pending": 8, "overdue": 1, "due_today": 2, "days": [], "words": "x"}});
    check(&[
        (
            "task_statistics",
            json!({"period": "week"}),
            counted.clone(),
            "You completed five tasks in the last seven days. You have eight tasks to do, one overdue and two due today.",
        ),
        (
            "task_statistics",
            json!({}),
            counted,
            "You have eight tasks to do, one overdue and two due today. You completed five tasks in the last seven days.",
        ),
    ]);
}

#[test]
fn one_task_is_told_whole() {
    let task = json!({"title": "dentist", "status": "pending", "due_words": "Fri 4 Dec 09:30", "priority": "high",
        "project": "health", "tags": ["body"], "notes": ["bring the card"], "started": null});
    let bare = json!({"title": "dentist", "status": "pending"});
    check(&[
        (
            "show_task",
            json!({}),
            done("shown", &task),
            "dentist is due Friday, December 4th at 9:30 am, has high priority, is in project health, and is tagged body. \
             Notes: bring the card.",
        ),
        ("show_task", json!({}), done("shown", &bare), "dentist has no date and nothing else."),
    ]);
}

#[test]
fn what_was_done_alike_is_one_sentence() {
    let mut items = vec![user("add a and b to my list and complete c")];
    for (id, name, action, title) in [
        ("1", "create_task", "created", "a"),
        ("2", "create_task", "created", "b"),
        ("3", "delete_task", "deleted", "c"),
    ] {
        items.extend(exchange(id, name, &json!({}), &done(action, &json!({"title": title}))));
    }
    assert_eq!(line(&prompt(items)), "Okay, I added a, and b. I deleted c.");
}
