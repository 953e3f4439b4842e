//! A server that means harm, against the built program on a terminal: no byte of it is obeyed.

use futures_util::{SinkExt as _, StreamExt as _};
use realtime_cli::protocol::Dialect;
use realtime_cli::text::Clean;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

use crate::program::Program;
use crate::schema::assert_client_event;
use crate::screen::Terminal;

/// Each is between two letters, of which the last has to be seen.
const PAYLOADS: [&str; 18] = [
    "a\u{1b}[31mb",
    "a\u{1b}]0;title\u{7}b",
    "a\u{1b}]8;;http://evil\u{1b}\\b",
    "a\u{1b}]52;c;ZXZpbA==\u{7}b",
    "a\u{1b}]52;c;?\u{1b}\\b",
    "a\u{1b}P+q544e\u{1b}\\b",
    "a\u{1b}_apc\u{1b}\\b",
    "a\u{1b}[6nb",
    "a\u{1b}[21tb",
    "a\u{1b}[?1049lb",
    "a\u{9b}31mb",
    "a\u{9d}0;title\u{9c}b",
    "a\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}b",
    "a\u{2066}\u{2067}\u{2068}\u{2069}b",
    "a\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}b",
    "a\u{feff}\u{ad}b",
    "a\u{e0001}\u{e0041}\u{e007f}b",
    "a\r\u{8}\u{7f}\u{7}\u{0}b",
];

/// All of them in one text, as a person would not write it.
fn all() -> String {
    PAYLOADS.join(" ")
}

/// One turn in which everything that a server can write is hostile. `the end` is the last of it.
fn turn() -> Vec<Value> {
    let hostile = all();
    let half = hostile.char_indices().nth(hostile.chars().count() / 2).expect("a middle").0;
    let words = |delta: &str| {
        json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "a",
        "content_index": 0, "delta": delta})
    };
    let escaped = json!({"title": hostile, hostile.clone(): "x"}).to_string();
    vec![
        json!({"type": "error", "error": {"type": "server_error", "code": hostile, "message": hostile}}),
        json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": "u",
            "content_index": 0, "transcript": hostile}),
        json!({"type": "conversation.item.input_audio_transcription.failed", "item_id": "f",
            "content_index": 0, "error": {"message": hostile}}),
        json!({"type": "response.created", "response": {"id": "r"}}),
        words(&hostile[..half]),
        words(&hostile[half..]),
        json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": [
            {"id": "c1", "type": "function_call", "status": "completed", "call_id": "c1", "name": hostile,
                "arguments": hostile},
            {"id": "c2", "type": "function_call", "status": "completed", "call_id": "c2", "name": "create_task",
                "arguments": escaped},
        ]}}),
        json!({"type": "response.created", "response": {"id": "r2"}}),
        json!({"type": "response.done", "response": {"id": "r2", "status": "failed", "output": [],
            "status_details": {"type": "failed", "error": {"code": "x", "message": hostile}}}}),
        json!({"type": "response.created", "response": {"id": "r3"}}),
        json!({"type": "response.done", "response": {"id": "r3", "status": "completed", "output": [
            {"id": "z", "type": "message", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": format!("{hostile} the end")}]}]}}),
    ]
}

/// Serves one client; its address. Everything is sent when the client asks for its first answer.
fn serve() -> String {
    let (address, known) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            address.send(listener.local_addr().expect("an address")).expect("waited for");
            let (stream, _) = listener.accept().await.expect("a client");
            let mut socket = tokio_tungstenite::accept_async(stream).await.expect("shakes hands");
            let session = json!({"type": "session.created", "session":
                {"id": all(), "type": "realtime", "model": all(), "instructions": all()}});
            socket.send(Message::text(session.to_string())).await.expect("sent");
            let mut events = turn();
            while let Some(Ok(message)) = socket.next().await {
                let Message::Text(text) = message else { continue };
                assert_client_event(&text, Dialect::Ga);
                if text.contains("response.create") {
                    for event in events.drain(..) {
                        socket.send(Message::text(event.to_string())).await.expect("sent");
                    }
                }
            }
        });
    });
    format!("ws://{}/v1/realtime", known.recv().expect("it listens"))
}

/// What in `raw` a terminal would obey, and our own screen never asks for.
fn obeyed(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let mut rest = text.chars().peekable();
    let mut found = Vec::new();
    while let Some(c) = rest.next() {
        if c != '\u{1b}' {
            if !matches!(c, '\r' | '\n') && Clean::new(&c.to_string()).is_empty() {
                found.push(format!("{c:?}"));
            }
            continue;
        }
        let mut sequence: String = rest.next().into_iter().collect();
        while sequence.starts_with('[') && rest.peek().is_some_and(|c| (' '..='?').contains(c)) {
            sequence.extend(rest.next());
        }
        if sequence.starts_with('[') {
            sequence.extend(rest.next());
        }
        if !is_ours(&sequence) {
            found.push(format!("{sequence:?}"));
        }
    }
    found
}

/// Cursor, attributes, clearing, and modes that are switched on and off.
fn is_ours(sequence: &str) -> bool {
    const MODES: [&str; 5] = ["[?1004", "[?1049", "[?2004", "[?25", "[?2026"];
    match sequence.chars().last() {
        Some('H' | 'm' | 'J' | 'K' | 'u') => sequence.starts_with('['),
        Some('h' | 'l') => MODES.iter().any(|mode| sequence[..sequence.len() - 1] == **mode),
        _ => false,
    }
}

#[test]
fn nothing_that_a_server_or_a_title_says_is_obeyed_by_the_terminal() {
    let program = Program::new();
    let (data, hostile, url) = (program.data_dir(), all(), serve());
    // A command line ends at a zero byte.
    let title = hostile.replace('\u{0}', "");
    let added = program.run(&["tasks", "add", &title, "--data-dir", &data], "");
    assert!(added.status.success(), "{added:?}");
    let args = ["--url", &url, "--model", &title, "--no-audio", "--data-dir", &data];
    let mut terminal = Terminal::start(&program, &args);
    terminal.wait_for("Ctrl-C");
    terminal.keys("go\r");
    terminal.wait_for("the end");
    // All of it once more from the beginning, and the help over it.
    terminal.keys("\u{1b}[5~\u{1b}[5~\u{1b}[5~\u{1b}[6~");
    terminal.keys("\u{1b}OP");
    terminal.wait_for("Input line");
    terminal.keys("\u{3}");
    let (code, raw) = terminal.end();
    assert_eq!(code, 0);
    assert_eq!(obeyed(&raw), Vec::<String>::new());
}

#[test]
fn what_the_check_of_hostile_bytes_lets_through_and_what_it_finds() {
    assert!(obeyed(b"\x1b[?1049h\x1b[2J\x1b[1;5H\x1b[38;5;2mhi\x1b[0m\r\n").is_empty());
    for payload in PAYLOADS.iter().filter(|payload| **payload != PAYLOADS[0] && **payload != PAYLOADS[9]) {
        assert!(!obeyed(payload.as_bytes()).is_empty(), "{payload:?}");
    }
}
