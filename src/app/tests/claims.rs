//! Answers that claim a change which nobody made.

use super::*;

/// The person types `said`; the model calls a function that changes tasks or not, or none; and answers.
fn turn(scene: &mut Scene, n: u32, said: &str, call: Option<bool>, answer: &str) {
    scene.type_line(said);
    if let Some(changed) = call {
        let (r, i, c) = (format!("r{n}"), format!("i{n}"), format!("c{n}"));
        scene.server(&json!({"type": "response.created", "response": {"id": r}}));
        scene.server(
            &json!({"type": "response.done", "response": {"id": r, "status": "completed", "output": [
            {"id": i, "type": "function_call", "call_id": c, "name": "f", "arguments": "{}"}]}}),
        );
        let (output, summary) = ("{}".to_owned(), String::new());
        let outcome = ToolOutcome { output, ok: true, summary, changed, changes: vec![], pending: None };
        scene.update(Msg::Tool { call_id: c.as_str().into(), outcome });
    }
    say(scene, n, answer);
}

fn say(scene: &mut Scene, n: u32, text: &str) {
    let (r, a) = (format!("s{n}"), format!("a{n}"));
    scene.server(&json!({"type": "response.created", "response": {"id": r}}));
    scene.server(&json!({"type": "response.done", "response": {"id": r, "status": "completed", "output": [
        {"id": a, "type": "message", "role": "assistant",
            "content": [{"type": "output_text", "text": text}]}]}}));
}

fn notices(scene: &mut Scene) -> usize {
    scene.transcript().matches("no change was made").count()
}

fn screen() -> Scene {
    Scene::connected(config(Face::Screen, TurnMode::TextOnly))
}

#[test]
fn a_change_that_was_claimed_but_not_made_is_told_under_the_answer() {
    let mut scene = screen();
    turn(&mut scene, 1, "add milk", None, "I've added milk.");
    assert_eq!(notices(&mut scene), 1);
    let transcript = scene.transcript();
    assert!(transcript.find("I've added milk") < transcript.find("no change was made"), "{transcript}");
    turn(&mut scene, 2, "add bread", Some(false), "I've added bread.");
    assert_eq!(notices(&mut scene), 2, "a call that changes nothing is none");
}

#[test]
fn a_change_that_was_made_or_not_claimed_is_no_matter() {
    let mut scene = screen();
    turn(&mut scene, 1, "add milk", Some(true), "I've added milk.");
    turn(&mut scene, 2, "list my tasks", Some(false), "You have one task: milk.");
    turn(&mut scene, 3, "did you add it?", None, "I added it as milk.");
    turn(&mut scene, 4, "delete it", None, "Shall I delete milk?");
    assert_eq!(notices(&mut scene), 0, "{}", scene.transcript());
}

#[test]
fn one_notice_is_enough_for_a_turn() {
    let mut scene = screen();
    turn(&mut scene, 1, "add milk", None, "I've added milk.");
    say(&mut scene, 2, "I've added it to your list.");
    assert_eq!(notices(&mut scene), 1);
}

#[test]
fn what_is_said_with_a_call_is_judged_after_it() {
    let mut scene = screen();
    scene.type_line("add milk");
    scene.server(&json!({"type": "response.created", "response": {"id": "r"}}));
    scene.server(&json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": [
        {"id": "a", "type": "message", "role": "assistant",
            "content": [{"type": "output_text", "text": "I've added milk."}]},
        {"id": "i", "type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}]}}));
    assert_eq!(notices(&mut scene), 0);
    let (output, summary) = ("{}".to_owned(), String::new());
    let outcome = ToolOutcome { output, ok: true, summary, changed: true, changes: vec![], pending: None };
    scene.update(Msg::Tool { call_id: "c".into(), outcome });
    say(&mut scene, 1, "Anything else?");
    assert_eq!(notices(&mut scene), 0);
}

#[test]
fn a_script_reads_no_such_notice() {
    let mut scene = Scene::text();
    scene.update(Msg::Line("add milk".to_owned()));
    say(&mut scene, 1, "I've added milk.");
    assert_eq!(scene.lines.iter().filter(|line| matches!(line, LineEvent::Notice { .. })).count(), 0);
}
