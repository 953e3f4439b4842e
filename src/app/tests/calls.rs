//! Function calls on the screen: arguments, time, difference, undo.

use super::*;
use crate::ui::view::{EntryKind, ToolState};

fn scene() -> Scene {
    Scene::connected(config(Face::Screen, TurnMode::TextOnly))
}

/// What the screen shows of calls and of what was done by hand: state, time, changes, key.
fn shown(scene: &mut Scene) -> Vec<String> {
    let shown = |entry: &crate::ui::view::Entry| match &entry.kind {
        EntryKind::Tool { name, state, elapsed, differences, .. } => {
            let changes: Vec<_> = differences.changes.iter().map(Clean::as_str).collect();
            let key = differences.undo_key.as_deref().unwrap_or("-");
            Some(format!("{name} {state:?} {elapsed:?} [{}] {key}", changes.join(", ")))
        }
        _ => None,
    };
    scene.app.view(scene.now).transcript.iter().filter_map(shown).collect()
}

fn call(scene: &mut Scene, n: u32, name: &str) {
    let (r, i, c) = (format!("r{n}"), format!("i{n}"), format!("c{n}"));
    scene.server(&json!({"type": "response.created", "response": {"id": r}}));
    scene.server(&json!({"type": "response.done", "response": {"id": r, "status": "completed", "output": [
        {"id": i, "type": "function_call", "call_id": c, "name": name, "arguments": "{}"}]}}));
}

fn changed(field: &'static str) -> ToolOutcome {
    let (before, after) = (None, Some("x".to_owned()));
    let change = crate::tools::Change { task: "milk".to_owned(), field: field.into(), before, after };
    let (output, summary) = ("{}".to_owned(), "did it".to_owned());
    ToolOutcome { output, ok: true, summary, changed: true, changes: vec![change], pending: None }
}

fn finish(scene: &mut Scene, n: u32, outcome: ToolOutcome) {
    scene.update(Msg::Tool { call_id: format!("c{n}").as_str().into(), outcome });
    scene.answer(n + 100);
}

#[test]
fn differences_of_several_tasks_name_each_of_them_once() {
    let mut scene = scene();
    call(&mut scene, 1, "complete_tasks");
    let mut outcome = changed("status");
    let mut other = |task: &str, field: &'static str| {
        let change = crate::tools::Change { task: task.to_owned(), ..changed(field).changes.remove(0) };
        outcome.changes.push(change);
    };
    other("milk", "due");
    other("bread", "status");
    other("eggs", "task");
    finish(&mut scene, 1, outcome);
    assert!(
        shown(&mut scene)[0]
            .contains("[“milk” status: none → x, due: none → x, “bread” status: none → x, task: none → “x”]"),
        "{:?}",
        shown(&mut scene)
    );
}

#[test]
fn arguments_are_shown_while_they_come_in() {
    let mut scene = scene();
    scene.server(&json!({"type": "response.created", "response": {"id": "r"}}));
    scene.server(&json!({"type": "response.output_item.added", "response_id": "r", "item":
        {"id": "i", "type": "function_call", "call_id": "c", "name": "f", "arguments": ""}}));
    let mut seen = vec![];
    for delta in ["{\"title\":", "\"mi", "lk\"}"] {
        scene.server(&json!({"type": "response.function_call_arguments.delta", "response_id": "r",
            "item_id": "i", "call_id": "c", "delta": delta}));
        let entry = scene.app.view(scene.now).transcript.last().cloned().unwrap();
        let EntryKind::Tool { arguments, state, .. } = entry.kind else { panic!("{entry:?}") };
        seen.push((arguments.into_string(), state));
    }
    let collecting = |arguments: &str| (arguments.to_owned(), ToolState::Collecting);
    let expected =
        [collecting("{\"title\":"), collecting("{\"title\":\"mi"), collecting("{\"title\":\"milk\"}")];
    assert_eq!(seen, expected);
}

#[test]
fn the_time_of_a_running_call_is_told_after_the_first_second_and_each_other() {
    let mut scene = scene();
    scene.type_line("do it");
    call(&mut scene, 1, "f");
    assert_eq!(shown(&mut scene), ["f Running None [] -"]);
    let due = scene.app.poll_timeout().unwrap();
    assert_eq!(due - scene.now, Duration::from_secs(1), "nothing is to be drawn before");
    scene.pass(Duration::from_millis(999));
    assert_eq!(shown(&mut scene), ["f Running None [] -"]);
    scene.pass(Duration::from_millis(1));
    assert_eq!(shown(&mut scene), ["f Running Some(1s) [] -"]);
    scene.pass(Duration::from_millis(1300));
    assert_eq!(shown(&mut scene), ["f Running Some(2s) [] -"]);
    finish(&mut scene, 1, changed("due"));
    assert_eq!(shown(&mut scene), ["f Done Some(2.3s) [due: none → x] F8"]);
    assert_eq!(scene.app.poll_timeout(), None, "nothing ticks any more");
}

#[test]
fn a_call_that_is_answered_for_ticks_no_more() {
    let mut scene = scene();
    scene.type_line("do it");
    call(&mut scene, 1, "f");
    (0..12).for_each(|_| scene.pass(Duration::from_secs(1)));
    assert!(shown(&mut scene)[0].starts_with("f Failed"), "{:?}", shown(&mut scene));
    assert_eq!(scene.app.tools.next_tick(), None);
}

#[test]
fn the_latest_change_that_can_be_taken_back_tells_the_key() {
    let mut scene = scene();
    scene.type_line("do it");
    for (n, name) in [(1, "f"), (2, "f")] {
        call(&mut scene, n, name);
        finish(&mut scene, n, changed("due"));
    }
    let keys =
        |scene: &mut Scene| -> Vec<bool> { shown(scene).iter().map(|line| line.ends_with("F8")).collect() };
    assert_eq!(keys(&mut scene), [false, true]);
    scene.key(Action::Undo);
    scene.update(Msg::Task { change: TaskChange::Undo, outcome: changed("due") });
    assert_eq!(keys(&mut scene), [true, false, false], "the one before is the next to be undone");
    call(&mut scene, 3, "undo");
    finish(&mut scene, 3, changed("due"));
    assert_eq!(keys(&mut scene), [false; 4]);
    let nothing = ToolOutcome { changed: false, changes: vec![], ..changed("due") };
    call(&mut scene, 4, "list_tasks");
    finish(&mut scene, 4, nothing);
    assert_eq!(keys(&mut scene), [false; 5]);
}

#[test]
fn nothing_tells_the_key_when_it_would_take_back_what_others_did() {
    let mut scene = scene();
    scene.type_line("do it");
    call(&mut scene, 1, "f");
    finish(&mut scene, 1, changed("due"));
    scene.update(Msg::Tasks(TaskNews::default()));
    assert!(shown(&mut scene)[0].ends_with("F8"));
    scene.update(Msg::Tasks(TaskNews { by_others: true, ..TaskNews::default() }));
    assert!(shown(&mut scene)[0].ends_with('-'));
}

/// Two calls in one response.
fn two_calls(scene: &mut Scene) {
    scene.server(&json!({"type": "response.created", "response": {"id": "r"}}));
    let call = |n: u32, name: &str| {
        json!({"id": format!("i{n}"), "type": "function_call", "call_id": format!("c{n}"), "name": name,
            "arguments": "{}"})
    };
    scene.server(&json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output":
        [call(1, "create_task"), call(2, "list_tasks")]}}));
}

fn begun(scene: &Scene) -> Vec<&str> {
    scene.calls.iter().map(|call| call.name.as_str()).collect()
}

#[test]
fn calls_of_one_response_run_one_after_the_other() {
    let mut scene = scene();
    two_calls(&mut scene);
    assert_eq!(begun(&scene), ["create_task"]);
    scene.update(Msg::Tool { call_id: "c1".into(), outcome: changed("status") });
    assert_eq!(begun(&scene), ["create_task", "list_tasks"]);
    scene.update(Msg::Tool { call_id: "c2".into(), outcome: changed("status") });
    let outputs = scene.sent.iter().filter(|event| event["item"]["type"] == "function_call_output");
    let ids: Vec<_> = outputs.map(|event| event["item"]["call_id"].clone()).collect();
    assert_eq!(ids, ["c1", "c2"]);
}

#[test]
fn a_call_that_does_not_end_is_given_up_and_the_next_has_its_whole_time() {
    let mut scene = scene();
    two_calls(&mut scene);
    scene.pass(Duration::from_secs(10));
    assert_eq!(begun(&scene), ["create_task", "list_tasks"]);
    scene.pass(Duration::from_secs(9));
    scene.update(Msg::Tool { call_id: "c2".into(), outcome: changed("status") });
    let outputs = scene.sent.iter().filter(|event| event["item"]["type"] == "function_call_output");
    let outputs: Vec<_> = outputs.map(|event| event["item"]["output"].to_string()).collect();
    assert!(outputs[0].contains("timeout") && !outputs[1].contains("timeout"), "{outputs:?}");
}

#[test]
fn a_call_that_waits_in_a_conversation_that_was_given_up_never_runs() {
    let mut scene = scene();
    two_calls(&mut scene);
    scene.type_line("/new");
    scene.update(Msg::Tool { call_id: "c1".into(), outcome: changed("status") });
    assert_eq!(begun(&scene), ["create_task"]);
}
