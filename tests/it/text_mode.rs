//! Conversations over stdin and stdout, with the offline engine.

use crate::program::{Program, json_lines};

const MISSION: &str = "Create a task to buy groceries\nAdd a reminder to call mom\nList all my tasks\n\
    Mark the grocery task as complete\nDelete the task about calling mom\n";

#[test]
fn the_five_sentences_are_answered_and_done() {
    let program = Program::new();
    let answers = program.talk(&[], MISSION);
    let answers: Vec<_> = answers.lines().collect();
    assert_eq!(answers.len(), 5, "{answers:?}");
    assert!(answers[0].contains("buy groceries"), "{answers:?}");
    assert!(answers[2].contains("buy groceries") && answers[2].contains("call mom"), "{answers:?}");
    assert_eq!(program.status_of("buy groceries"), "completed");
    assert_eq!(program.status_of("call mom"), "deleted");
}

#[test]
fn text_alone_is_the_way_when_stdin_is_no_terminal() {
    let program = Program::new();
    let output = program.run(&["--offline", "--data-dir", &program.data_dir()], "List all my tasks");
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).to_lowercase().contains("no"), "{output:?}");
}

#[test]
fn a_slip_is_put_right_and_taken_back() {
    let program = Program::new();
    let said = "add milk and eggs to my list\nI bought the milk\nnot the milk, the eggs\n\
        add a task to call mom tomorrow at 5 pm\nno, at 6 pm\nnever mind\nyes\n";
    let answers = program.talk(&[], said);
    let answers: Vec<_> = answers.lines().collect();
    assert_eq!(answers.len(), 7, "{answers:?}");
    assert!(answers[0].contains("milk") && answers[0].contains("eggs"), "{answers:?}");
    assert_eq!(
        (program.status_of("milk"), program.status_of("eggs")),
        ("pending".to_owned(), "completed".to_owned())
    );
    assert!(answers[4].contains("tomorrow at 6 pm"), "{answers:?}");
    assert!(answers[5].contains("undo") && answers[6].contains("undone"), "{answers:?}");
    assert_eq!(program.status_of("call mom"), "pending");
}

#[test]
fn json_lines_tell_the_whole_turn_in_order() {
    let program = Program::new();
    let text = program.talk(&["--json"], "Create a task to buy groceries\n");
    let lines = json_lines(text.as_bytes());
    let kinds: Vec<_> = lines
        .iter()
        .map(|l| l["type"].as_str().expect("a type"))
        .filter(|k| *k != "usage" && *k != "notice")
        .collect();
    assert_eq!(kinds, ["user", "tool_call", "tool_result", "assistant"], "{text}");
    assert!(lines.iter().all(|l| l["v"] == 1), "{text}");
    let call = lines.iter().find(|l| l["type"] == "tool_call").expect("a call");
    assert_eq!(call["name"], "create_task");
    assert_eq!(call["arguments"]["title"], "buy groceries");
}

#[test]
fn what_is_not_about_tasks_is_answered_honestly() {
    let program = Program::new();
    let answer = program.talk(&[], "What is the capital of France?\n");
    assert!(answer.to_lowercase().contains("offline") && answer.contains("tasks"), "{answer}");
}

#[test]
fn no_input_is_no_failure() {
    assert_eq!(Program::new().talk(&[], ""), "");
}

/// The program refuses the input; what it printed before, and why.
fn refused(program: &Program, input: &[u8]) -> (String, String) {
    let output = program.run(&["--offline", "--text", "--data-dir", &program.data_dir()], input);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn what_came_before_garbled_input_is_answered() {
    let program = Program::new();
    let (answer, _) = refused(&program, b"Create a task to buy milk\n\xff\n");
    assert!(answer.contains("buy milk"), "{answer}");
    assert_eq!(program.status_of("buy milk"), "pending");
}

#[test]
fn garbled_input_is_refused_with_the_code_for_usage() {
    let (answer, why) = refused(&Program::new(), b"\xff\xfe hello\n");
    assert!(answer.is_empty() && why.contains("UTF-8"), "{answer}{why}");
}

#[test]
fn a_line_without_end_is_refused() {
    let (_, why) = refused(&Program::new(), "long ".repeat(400_000).as_bytes());
    assert!(why.contains("longer"), "{why}");
}

#[test]
fn hostile_titles_never_reach_the_terminal() {
    let program = Program::new();
    let answers =
        program.talk(&[], "Create a task to buy \u{1b}[31mred\u{7}\u{202e} paint\nList all my tasks\n");
    assert!(answers.chars().all(|c| c == '\n' || !c.is_control()), "{answers:?}");
    assert!(!answers.contains('\u{202e}'), "{answers:?}");
    let data = program.data_dir();
    let output = program.run(&["tasks", "list", "--data-dir", &data], "");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'), "{text:?}");
}

#[test]
fn a_server_that_is_not_there_is_told_by_message_and_code() {
    let program = Program::new();
    // Bound and closed again: nobody listens.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("bound").local_addr().expect("address").port();
    let url = format!("ws://127.0.0.1:{port}/v1/realtime");
    let mut child = program
        .command(&["--text", "--url", &url, "--data-dir", &program.data_dir()])
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    // No line to say: the end of input ends it, whatever the link does.
    assert!(child.wait().expect("ends").success());
}
