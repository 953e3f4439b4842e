//! Other engines behind the offline server: the built program against endpoints that play recorded answers.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};

use serde_json::{Value, json};

use crate::program::{Program, json_lines};
use crate::serve::Server;

/// A server on loopback that answers one request after the other.
struct Endpoint {
    address: SocketAddr,
    asked: Receiver<(String, Value)>,
}

impl Endpoint {
    fn new(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let (tell, asked) = mpsc::channel();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("a client");
                let (head, body) = request(&mut stream);
                let _ = tell.send((head, serde_json::from_slice(&body).unwrap_or_default()));
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { address, asked }
    }

    fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    fn asked(&self) -> (String, Value) {
        self.asked.recv().expect("a request")
    }
}

fn request(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a head");
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).expect("a body");
    (head, body)
}

fn stream(deltas: &[Value], reason: &str) -> String {
    let chunk = |delta: &Value, reason: Option<&str>| {
        let chunk = json!({"object": "chat.completion.chunk", "choices": [
            {"index": 0, "delta": delta, "finish_reason": reason},
        ]});
        format!("data: {chunk}\n\n")
    };
    let events: String = deltas.iter().map(|delta| chunk(delta, None)).collect();
    let body = format!("{events}{}data: [DONE]\n\n", chunk(&json!({}), Some(reason)));
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n{body}")
}

#[test]
fn a_language_model_behind_serve_answers_and_calls_functions() {
    let call = |arguments: &str, id: Option<&str>| {
        let mut call = json!({"index": 0, "function": {"arguments": arguments}});
        if let Some(id) = id {
            call["id"] = json!(id);
            call["type"] = json!("function");
            call["function"]["name"] = json!("create_task");
        }
        json!({"tool_calls": [call]})
    };
    let endpoint = Endpoint::new(vec![
        stream(
            &[call("", Some("call_1")), call("{\"title\":", None), call(" \"water the plants\"}", None)],
            "tool_calls",
        ),
        stream(&[json!({"content": "I will remind you"}), json!({"content": " of the plants."})], "stop"),
    ]);
    let serving = Program::new();
    let engines = ["--chat-url", &endpoint.url(), "--chat-model", "scripted"];
    let server = Server::start_with(&serving, &engines, &[("REALTIME_CLI_CHAT_KEY", "sk-chat-key")]);

    let program = Program::new();
    let token = program.file("token");
    std::fs::write(&token, &server.token).expect("written");
    let url = format!("ws://{}/v1/realtime", server.address);
    let args =
        ["--text", "--json", "--url", &url, "--api-key-file", token.to_str().expect("a path"), "--data-dir"];
    let data = program.data_dir();
    let output = program.run(&[&args[..], &[&data]].concat(), "the plants are thirsty\n");
    assert!(output.status.success(), "{output:?}");

    let lines = json_lines(&output.stdout);
    let answer = lines.iter().find(|line| line["type"] == "assistant").expect("an answer");
    assert_eq!(answer["text"], "I will remind you of the plants.");
    assert_eq!(program.status_of("water the plants"), "pending");
    let (head, first) = endpoint.asked();
    assert!(head.contains("authorization: bearer sk-chat-key"), "{head}");
    assert_eq!(first["model"], "scripted");
    let tools = first["tools"].as_array().expect("tools");
    assert!(tools.iter().any(|tool| tool["function"]["name"] == "create_task"), "{first}");
    let (_, second) = endpoint.asked();
    let messages = second["messages"].as_array().expect("messages");
    let roles: Vec<_> = messages.iter().map(|message| message["role"].as_str().expect("a role")).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool"], "{second}");
    assert_eq!(messages[3]["tool_call_id"], messages[2]["tool_calls"][0]["id"]);
}

#[test]
fn a_server_that_is_not_there_is_told_with_its_cure() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let program = Program::new();
    let mut command = program.command(&["--offline", "--text", "--data-dir", &program.data_dir()]);
    command.env("REALTIME_CLI_OFFLINE_CHAT_URL", format!("http://{closed}"));
    command.env("REALTIME_CLI_OFFLINE_CHAT_MODEL", "m");
    let input = program.file("input");
    std::fs::write(&input, "hello\n").expect("written");
    command.stdin(std::fs::File::open(input).expect("there"));
    let output = command.output().expect("runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("nothing answers") && told.contains("running"), "{output:?}");
}

#[test]
fn engines_that_cannot_be_had_are_told_at_the_start() {
    let program = Program::new();
    for (args, words) in [
        (&["serve", "--brain", "chat"][..], "offline.chat_url"),
        (&["serve", "--chat-url", "localhost:11434"], "http://"),
        (&["serve", "--piper-voice", "/nowhere/voice.onnx"], "realtime-cli models"),
        (&["serve", "--whisper-model", "/nowhere/ggml.bin"], "whisper"),
    ] {
        let output = program.run(args, "");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(words), "{args:?}: {told}");
    }
}
