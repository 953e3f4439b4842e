use std::io::Cursor;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn report(format: Format, prompt: Option<Prompt>) -> (Report, Sink, Sink) {
    let (out, err) = (Sink::default(), Sink::default());
    let (to_out, to_err) = (Box::new(out.clone()), Box::new(err.clone()));
    (Report { format, prompt, typed: false, out: to_out, err: to_err, calls: BTreeMap::new() }, out, err)
}

/// What goes to standard output and to standard error.
fn written(format: Format, events: &[LineEvent]) -> (String, String) {
    let (mut report, out, err) = report(format, None);
    for event in events {
        report.event(event).unwrap();
    }
    (out.text(), err.text())
}

fn user(text: &str, spoken: bool) -> LineEvent {
    LineEvent::User { text: text.to_owned(), item_id: "item_1".to_owned(), spoken }
}

fn assistant(text: &str, interrupted: bool) -> LineEvent {
    LineEvent::Assistant { text: text.to_owned(), item_id: "item_2".to_owned(), interrupted }
}

fn call(arguments: &str) -> LineEvent {
    let (name, call_id) = ("create_task".to_owned(), "call_1".to_owned());
    LineEvent::ToolCall { name, arguments: arguments.to_owned(), call_id }
}

fn result(ok: bool, output: &str) -> LineEvent {
    LineEvent::ToolResult {
        call_id: "call_1".to_owned(),
        ok,
        output: output.to_owned(),
        summary: String::new(),
    }
}

fn notice(level: NoticeLevel, text: &str) -> LineEvent {
    LineEvent::Notice { level, text: text.to_owned() }
}

fn reminder() -> LineEvent {
    let (uuid, title, remind) = ("u".to_owned(), "milk".to_owned(), "t".to_owned());
    let tasks = vec![DueTask { uuid, title, remind }];
    LineEvent::Reminder { tasks, missed: false, words: "reminder: milk".to_owned() }
}

fn usage() -> LineEvent {
    LineEvent::Usage {
        input_tokens: 12,
        cached_tokens: 2,
        output_tokens: 3,
        total_tokens: 15,
        cost_usd: Some(0.5),
    }
}

#[test]
fn each_event_is_one_json_line() {
    let events = [
        user("hi", true),
        call(r#"{"title":"buy milk"}"#),
        result(true, r#"{"number":3}"#),
        assistant("Done.\nReally.", false),
        notice(NoticeLevel::Warning, "slow"),
        reminder(),
        usage(),
    ];
    let want = [
        r#"{"v":1,"type":"user","text":"hi","item_id":"item_1","spoken":true}"#,
        r#"{"v":1,"type":"tool_call","name":"create_task","arguments":{"title":"buy milk"},"call_id":"call_1"}"#,
        r#"{"v":1,"type":"tool_result","call_id":"call_1","ok":true,"output":{"number":3}}"#,
        r#"{"v":1,"type":"assistant","text":"Done.\nReally.","item_id":"item_2","interrupted":false}"#,
        r#"{"v":1,"type":"notice","level":"warning","text":"slow"}"#,
        r#"{"v":1,"type":"reminder","tasks":[{"uuid":"u","title":"milk","remind":"t"}],"missed":false}"#,
        r#"{"v":1,"type":"usage","input_tokens":12,"cached_tokens":2,"output_tokens":3,"total_tokens":15,"cost_usd":0.5}"#,
    ];
    let (out, err) = written(Format::Json, &events);
    assert_eq!(out.lines().collect::<Vec<_>>(), want);
    assert_eq!(err, "");
}

#[test]
fn the_description_shows_what_is_written() {
    let description = include_str!("../../../docs/json-lines.md");
    let examples: Vec<Value> = description
        .lines()
        .filter(|line| line.starts_with(r#"{"v""#))
        .map(|line| serde_json::from_str(line).expect("an example is JSON"))
        .collect();
    let events = [
        user("", true),
        assistant("", true),
        call(""),
        result(true, ""),
        notice(NoticeLevel::Info, ""),
        reminder(),
        usage(),
    ];
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (out, _) = written(Format::Json, &events);
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(examples.iter().map(keys).collect::<Vec<_>>(), lines.iter().map(keys).collect::<Vec<_>>());
    let types = |lines: &[Value]| lines.iter().map(|line| line["type"].clone()).collect::<Vec<_>>();
    assert_eq!(types(&examples), types(&lines));
}

#[test]
fn what_is_no_json_stays_a_string() {
    let (out, _) = written(Format::Json, &[call("{not json"), result(false, "no such task")]);
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["arguments"], json!("{not json"));
    assert_eq!(lines[1]["output"], json!("no such task"));
}

#[test]
fn json_on_a_terminal_does_no_harm() {
    let hostile = "\u{1b}[31m\u{7f}\u{9b}\u{202e}\u{200b}\u{e0041}é";
    let (out, _) = written(Format::Json, &[assistant(hostile, false)]);
    assert!(out.contains(r#""\u001b[31m\u007f\u009b\u202e\u200b\udb40\udc41é""#), "{out}");
}

#[test]
fn plain_answers_go_to_standard_output_and_talk_to_standard_error() {
    let events = [
        user("buy milk", true),
        user("typed", false),
        call(r#"{"title":"buy milk"}"#),
        result(true, "{}"),
        assistant("Done.\n", false),
        assistant("You have", true),
        call("{}"),
        result(false, "no such task"),
        notice(NoticeLevel::Info, "reconnected"),
        notice(NoticeLevel::Warning, "slow"),
        notice(NoticeLevel::Error, "refused"),
        reminder(),
        usage(),
    ];
    let (out, err) = written(Format::Plain, &events);
    assert_eq!(out, "Done.\nYou have — interrupted\n");
    let want = [
        "you: buy milk",
        "· create_task title=“buy milk”",
        "· create_task",
        "! create_task failed: no such task",
        "· reconnected",
        "! slow",
        "! error: refused",
        "reminder: milk",
    ];
    assert_eq!(err.lines().collect::<Vec<_>>(), want);
}

#[test]
fn a_failed_call_says_why_without_its_json() {
    let output = r#"{"ok":false,"error":"not_found","message":"no task `milk`"}"#;
    let (_, err) = written(Format::Plain, &[call("{}"), result(false, output)]);
    assert_eq!(err.lines().last(), Some("! create_task failed: no task `milk`"));
    let (_, err) = written(Format::Plain, &[call("{}"), result(false, r#"{"error":"gone"}"#)]);
    assert_eq!(err.lines().last(), Some(r#"! create_task failed: {"error":"gone"}"#));
}

#[test]
fn an_answer_without_a_word_is_no_line() {
    let (out, _) = written(Format::Plain, &[assistant("", true), assistant("Hi.", false)]);
    assert_eq!(out, "Hi.\n");
}

#[test]
fn plain_text_is_clean() {
    let hostile = "a\u{1b}[31mb\u{7}\u{9b}1mc\u{202e}";
    let arguments = r#"{"a":"\u001b[2Jx"}"#;
    let events = [
        user(hostile, true),
        assistant(hostile, false),
        call(arguments),
        result(false, hostile),
        notice(NoticeLevel::Error, hostile),
    ];
    let (out, err) = written(Format::Plain, &events);
    assert_eq!(out, "abc\n");
    assert!(!err.contains(|c: char| c.is_control() && c != '\n'), "{err:?}");
}

#[test]
fn a_screen_reader_is_told_who_said_what_in_order_and_without_signs() {
    let done = LineEvent::ToolResult {
        call_id: "call_1".to_owned(),
        ok: true,
        output: "{}".to_owned(),
        summary: "task 3 created".to_owned(),
    };
    let events = [
        LineEvent::State { text: "listening".to_owned() },
        user("buy milk", true),
        user("typed", false),
        LineEvent::State { text: "thinking".to_owned() },
        call(r#"{"title":"buy milk"}"#),
        done,
        call("{}"),
        result(false, r#"{"message":"no such task"}"#),
        assistant("Done.\u{1b}[31m\n", false),
        assistant("You have", true),
        assistant("", true),
        notice(NoticeLevel::Warning, "slow\u{7}"),
        usage(),
    ];
    let (out, err) = written(Format::Reader, &events);
    let want = [
        "listening",
        "you: buy milk",
        "thinking",
        "tool create_task title=“buy milk”: task 3 created",
        "tool create_task: failed: no such task",
        "assistant: Done.",
        "assistant, interrupted: You have",
        "warning: slow",
    ];
    assert_eq!(out.lines().collect::<Vec<_>>(), want);
    assert_eq!(err, "");
}

#[test]
fn a_reader_that_went_is_told_apart() {
    for format in [Format::Plain, Format::Json] {
        let (mut report, _, _) = report(format, None);
        report.out = Box::new(Broken);
        assert_eq!(report.event(&assistant("hi", false)).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}

#[test]
fn a_closed_standard_error_stops_nothing() {
    let (mut report, _, _) = report(Format::Plain, Some(Prompt::Due));
    report.err = Box::new(Broken);
    report.ask();
    report.event(&notice(NoticeLevel::Info, "hi")).unwrap();
}

fn frontend(input: impl Into<Vec<u8>>, prompt: Option<Prompt>) -> (LineFrontend, Sink) {
    let (report, _, err) = report(Format::Plain, prompt);
    (LineFrontend::start(Cursor::new(input.into()), report).unwrap(), err)
}

/// All events up to the end of the input.
async fn read(input: impl Into<Vec<u8>>) -> Vec<UserEvent> {
    let (mut frontend, _) = frontend(input, None);
    let mut events = Vec::new();
    while !frontend.ended {
        events.push(frontend.next().await);
    }
    events
}

fn line(text: &str) -> UserEvent {
    UserEvent::Line(text.to_owned())
}

#[tokio::test]
async fn lines_end_with_the_input() {
    assert_eq!(read("one\r\n\n  \ntwo").await, [line("one"), line("two"), UserEvent::Eof]);
    assert_eq!(read("").await, [UserEvent::Eof]);
}

#[tokio::test]
async fn after_the_end_nothing_comes() {
    let (mut frontend, _) = frontend("", None);
    assert_eq!(frontend.next().await, UserEvent::Eof);
    let mut next = std::pin::pin!(frontend.next());
    assert!(futures_util::poll!(&mut next).is_pending());
}

#[tokio::test]
async fn a_line_too_long_and_bad_utf8_are_refused_with_their_number() {
    let longest = "x".repeat(MAX_LINE);
    assert_eq!(read(format!("{longest}\r\n")).await, [line(&longest), UserEvent::Eof]);
    let too_long = UserEvent::Failed(InputError::TooLong { line: 2 });
    assert_eq!(read(format!("ok\n{longest}x\nmore\n")).await, [line("ok"), too_long.clone()]);
    assert_eq!(read(format!("\n{}", "x".repeat(10 * MAX_LINE))).await, [too_long]);
    assert_eq!(
        read(b"ok\n\xff\n").await,
        [line("ok"), UserEvent::Failed(InputError::InvalidUtf8 { line: 2 })]
    );
}

#[tokio::test]
async fn dropping_a_wait_loses_no_line() {
    let (mut frontend, _) = frontend("one\ntwo\n", None);
    for _ in 0..3 {
        let _ = futures_util::poll!(std::pin::pin!(std::future::ready(())));
        tokio::select! {
            biased;
            () = std::future::ready(()) => {}
            _ = frontend.next() => unreachable!("the other is ready first"),
        }
    }
    assert_eq!(frontend.next().await, line("one"));
    assert_eq!(frontend.next().await, line("two"));
}

#[tokio::test]
async fn a_person_is_asked_again_after_each_answer() {
    let (mut frontend, err) = frontend("one\ntwo\n", Some(Prompt::Due));
    frontend.next().await;
    assert_eq!(err.text(), "> ");
    frontend.report(&assistant("Yes.", false)).unwrap();
    frontend.next().await;
    assert_eq!(err.text(), "> > ");
}

#[tokio::test]
async fn no_prompt_is_written_for_a_script() {
    let (mut frontend, err) = frontend("one\n", None);
    frontend.next().await;
    frontend.report(&assistant("Yes.", false)).unwrap();
    frontend.next().await;
    assert_eq!(err.text(), "");
}

#[test]
fn a_report_does_not_hang_on_the_prompt() {
    let (mut report, _, err) = report(Format::Plain, Some(Prompt::Due));
    report.ask();
    report.event(&notice(NoticeLevel::Warning, "slow")).unwrap();
    report.ask();
    assert_eq!(err.text(), "> \n! slow\n> ");
}

proptest! {
    #[test]
    fn json_keeps_every_text_and_is_safe(text in any::<String>()) {
        let json = super::json::line(&assistant(&text, false)).unwrap();
        let value: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(value["text"].as_str(), Some(text.as_str()));
        prop_assert_eq!(json.matches('\n').count(), 1);
        prop_assert!(!json.trim_end_matches('\n').contains(char::is_control));
    }
}
