//! `serve`: the offline engine for other clients.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use realtime_cli::protocol::Dialect;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::program::Program;
use crate::schema::assert_server_event;

pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    pub(crate) token: String,
}

impl Server {
    fn start(program: &Program, args: &[&str]) -> Self {
        Self::start_with(program, args, &[])
    }

    pub(crate) fn start_with(program: &Program, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut all = vec!["serve", "--port", "0"];
        all.extend_from_slice(args);
        let mut command = program.command(&all);
        command.envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut value = |key: &str| {
            let line = lines.next().expect("a line").expect("text");
            line.strip_prefix(&format!("{key}: ")).unwrap_or_else(|| panic!("{key}? {line}")).to_owned()
        };
        let url = value("url");
        let token = value("token");
        let address =
            url.strip_prefix("ws://").and_then(|u| u.split('/').next()).expect("an address").to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address, token }
    }

    /// The status line of the answer to an upgrade with these headers.
    fn upgrade(&self, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        let request = format!(
            "GET /v1/realtime?model=x HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).expect("written");
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n") && stream.read(&mut byte).expect("read") == 1 {
            answer.push(byte[0]);
        }
        String::from_utf8_lossy(&answer).trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn only_those_with_the_token_and_a_local_name_come_in() {
    let program = Program::new();
    let server = Server::start(&program, &[]);
    let host = format!("Host: {}\r\n", server.address);
    let token = format!("Authorization: Bearer {}\r\n", server.token);
    assert!(server.upgrade(&format!("{host}{token}")).contains("101"));
    assert!(server.upgrade(&host).contains("401"));
    assert!(server.upgrade(&format!("{host}Authorization: Bearer wrong\r\n")).contains("401"));
    assert!(server.upgrade(&format!("Host: evil.example\r\n{token}")).contains("403"));
    assert!(server.upgrade(&format!("{host}{token}Origin: https://evil.example\r\n")).contains("403"));
    assert!(server.token.len() >= 32);
}

#[test]
fn without_auth_anybody_on_loopback_comes_in() {
    let program = Program::new();
    let mut child = program
        .command(&["serve", "--port", "0", "--no-auth"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    // Kept until the end: a server that nobody listens to ends.
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    stdout.read_line(&mut line).expect("read");
    let address =
        line.trim().strip_prefix("url: ws://").and_then(|u| u.split('/').next()).expect("url").to_owned();
    let server = Server { child, address, token: String::new() };
    assert!(server.upgrade(&format!("Host: {}\r\n", server.address)).contains("101"));
}

type Socket = tokio_tungstenite::tungstenite::WebSocket<TcpStream>;

impl Server {
    fn connect(&self) -> Socket {
        let uri = format!("ws://{}/v1/realtime?model=m", self.address);
        let mut request = uri.into_client_request().expect("request");
        let token = format!("Bearer {}", self.token).parse().expect("a header");
        request.headers_mut().insert("authorization", token);
        let stream = TcpStream::connect(&self.address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        tokio_tungstenite::tungstenite::client(request, stream).expect("admitted").0
    }
}

fn send(socket: &mut Socket, event: &Value) {
    socket.send(Message::text(event.to_string())).expect("sent");
}

/// Events up to the first of type `last`.
fn until(socket: &mut Socket, last: &str) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    while events.last().is_none_or(|event| event["type"] != last) {
        let message = socket.read().expect("an event");
        let text = message.into_text().expect("text");
        assert_server_event(&text, Dialect::Ga);
        events.push(serde_json::from_str(&text).expect("JSON"));
    }
    events
}

fn example() -> String {
    format!("{}/assets/scripts/example.toml", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_script_plays_in_place_of_the_engine() {
    let program = Program::new();
    let server = Server::start(&program, &["--script", &example()]);
    let mut socket = server.connect();
    let created = until(&mut socket, "session.created");
    assert_eq!(created[0]["session"]["model"], "m");
    send(&mut socket, &json!({"type": "response.create"}));
    let answer = until(&mut socket, "response.done");
    assert_eq!(answer.iter().filter(|e| e["type"] == "response.output_audio.delta").count(), 5);
    assert_eq!(answer[0]["response"]["id"], answer[answer.len() - 1]["response"]["id"]);
    send(&mut socket, &json!({"type": "response.create"}));
    until(&mut socket, "response.output_text.delta");
    // Two more deltas, and no close.
    let lost = loop {
        match socket.read() {
            Ok(Message::Text(_)) => {}
            other => break other,
        }
    };
    assert!(lost.is_err(), "{lost:?}");
    // Another client begins at the beginning.
    let mut socket = server.connect();
    until(&mut socket, "session.created");
    send(&mut socket, &json!({"type": "response.cancel"}));
    until(&mut socket, "error");
    let Ok(Message::Close(Some(frame))) = socket.read() else { panic!("no close") };
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1001, "session_expired"));
}

#[test]
fn a_broken_script_is_told_with_its_line() {
    let program = Program::new();
    let script = program.file("broken.toml");
    std::fs::write(&script, "[[rule]]\non = \"connect\"\nsteps = [{ sned = 1 }]\n").expect("written");
    let script = script.to_str().expect("a path");
    let output = program.command(&["serve", "--port", "0", "--script", script]).output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("line 3: unknown field `sned`"), "{told}");
}

#[test]
fn the_same_seed_gives_the_same_ids_and_the_record_has_all_events() {
    let program = Program::new();
    let record = program.file("record.jsonl");
    let run = |seed: &str| {
        let server = Server::start(&program, &["--seed", seed, "--log", record.to_str().expect("a path")]);
        let mut socket = server.connect();
        let mut events = until(&mut socket, "session.created");
        let session = json!({"type": "realtime", "output_modalities": ["text"]});
        send(&mut socket, &json!({"type": "session.update", "session": session}));
        send(&mut socket, &json!({"type": "input_audio_buffer.append", "audio": "AAAA"}));
        send(&mut socket, &json!({"type": "response.create"}));
        events.extend(until(&mut socket, "response.done"));
        let ids: Vec<_> = events.iter().map(|e| e["event_id"].clone()).collect();
        ids
    };
    assert_ne!(run("8"), run("7"));
    let first = run("7");
    let record = std::fs::read_to_string(&record).expect("a record");
    let lines: Vec<Value> = record.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(lines[0]["connected"], json!({"dialect": "ga", "model": "m"}));
    assert!(lines.iter().any(|l| l["event"] == json!({"type": "input_audio_buffer.append", "audio": 3})));
    let told: Vec<_> =
        lines.iter().filter(|l| l["from"] == "server").map(|l| l["event"]["event_id"].clone()).collect();
    assert_eq!(told[..first.len()], first);
    assert!(lines.is_sorted_by_key(|l| (l["ms"].as_f64().expect("a time") * 1000.0) as u64));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(program.file("record.jsonl")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(run("7"), first);
}

#[test]
fn a_bad_network_cuts_the_connection_without_a_close() {
    let program = Program::new();
    let server = Server::start(&program, &["--drop", "1", "--jitter", "5"]);
    let mut socket = server.connect();
    let lost = socket.read();
    assert!(lost.is_err(), "{lost:?}");
}
