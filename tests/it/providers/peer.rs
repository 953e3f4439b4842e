//! A server for one client: it answers a first turn with the call of a tool, and what the tool gave with words.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use base64::Engine as _;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept_hdr};

/// Samples of each spoken answer: half a second.
pub(crate) const SOUND: usize = 12_000;

/// What a client asked for and sent.
#[derive(Default)]
pub(crate) struct Served {
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) events: Vec<Value>,
    /// Samples of the person's sound.
    pub(crate) heard: usize,
}

/// Listens at the address for one client, whose sound has `rate` Hz. `say` has the oddities.
pub(crate) fn serve(say: fn(Value) -> Vec<Value>, rate: u32) -> (String, JoinHandle<Served>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        serve_on(stream, say, rate)
    });
    (address, served)
}

/// Serves the client at the other end, whose handshake is still to come.
pub(crate) fn serve_on<S: Read + Write>(stream: S, say: fn(Value) -> Vec<Value>, rate: u32) -> Served {
    let mut served = Served::default();
    #[expect(clippy::result_large_err, reason = "the library's own type")]
    let greet = |request: &Request, response: Response| {
        served.target = request.uri().to_string();
        let header = |(name, value): (&_, &_)| (format!("{name}"), text_of(value));
        served.headers = request.headers().iter().map(header).collect();
        Ok(response)
    };
    let socket = accept_hdr(stream, greet).expect("a handshake");
    let mut peer = Peer { socket, say, rate: rate as usize, served, turns: 0, spoken: true, answered: false };
    peer.talk();
    peer.served
}

fn text_of(value: &tokio_tungstenite::tungstenite::http::HeaderValue) -> String {
    value.to_str().expect("text").to_owned()
}

struct Peer<S> {
    socket: WebSocket<S>,
    say: fn(Value) -> Vec<Value>,
    rate: usize,
    served: Served,
    turns: usize,
    /// Answers have sound.
    spoken: bool,
    /// The output of the tool is there.
    answered: bool,
}

impl<S: Read + Write> Peer<S> {
    fn talk(&mut self) {
        self.send(json!({"type": "session.created", "session": {"type": "realtime", "id": "sess_1"}}));
        // Until the client leaves, in whatever way.
        while let Ok(message) = self.socket.read() {
            let Message::Text(text) = message else { continue };
            let event: Value = serde_json::from_str(&text).expect("JSON");
            self.hear(&event);
            self.served.events.push(event);
        }
    }

    fn hear(&mut self, event: &Value) {
        match event["type"].as_str().expect("a type") {
            "session.update" => {
                let session = &event["session"];
                let only_text =
                    [&session["output_modalities"], &session["modalities"]].contains(&&json!(["text"]));
                self.spoken = !only_text;
                self.send(json!({"type": "session.updated", "session": session}));
            }
            "input_audio_buffer.append" => {
                let bytes =
                    base64::engine::general_purpose::STANDARD.decode(event["audio"].as_str().expect("sound"));
                let before = self.served.heard;
                self.served.heard += bytes.expect("base64").len() / 2;
                // The end of speech is told once, after a second.
                if before < self.rate && self.served.heard >= self.rate {
                    self.understand();
                    self.call();
                }
            }
            "conversation.item.create" => {
                self.answered |= event["item"]["type"] == "function_call_output";
                self.acknowledge(&event["item"]);
            }
            "response.create" if self.answered => self.words(),
            "response.create" => self.call(),
            _ => {}
        }
    }

    fn send(&mut self, mut event: Value) {
        event["event_id"] = json!("event_1");
        for event in (self.say)(event) {
            // The client may have left.
            let _ = self.socket.send(Message::text(event.to_string()));
        }
    }

    fn acknowledge(&mut self, item: &Value) {
        for kind in ["conversation.item.added", "conversation.item.done"] {
            self.send(json!({"type": kind, "previous_item_id": null, "item": item}));
        }
    }

    fn understand(&mut self) {
        let text = "create a task to buy groceries";
        let transcription = "conversation.item.input_audio_transcription";
        let item = "item_u1";
        self.send(json!({"type": "input_audio_buffer.speech_started", "audio_start_ms": 0, "item_id": item}));
        self.send(json!({"type": "input_audio_buffer.speech_stopped", "audio_end_ms": 900, "item_id": item}));
        self.send(json!({"type": "input_audio_buffer.committed", "previous_item_id": null, "item_id": item}));
        self.acknowledge(&json!({"id": item, "type": "message", "role": "user", "status": "completed",
            "content": [{"type": "input_audio", "transcript": null}]}));
        self.send(json!({"type": format!("{transcription}.delta"), "item_id": item, "content_index": 0, "delta": text}));
        self.send(json!({"type": format!("{transcription}.completed"), "item_id": item, "content_index": 0,
            "transcript": text, "usage": {"type": "duration", "seconds": 1}}));
    }

    fn call(&mut self) {
        let arguments = r#"{"title":"buy groceries"}"#;
        let item = |status: &str, arguments: &str| {
            json!({"id": "item_c", "type": "function_call", "status": status, "call_id": "call_1",
                "name": "create_task", "arguments": arguments})
        };
        self.respond(|peer, response| {
            let of =
                json!({"response_id": response, "item_id": "item_c", "output_index": 0, "call_id": "call_1"});
            peer.send(with(
                &of,
                &json!({"type": "response.output_item.added", "item": item("in_progress", "")}),
            ));
            peer.acknowledge(&item("in_progress", ""));
            for delta in [&arguments[..10], &arguments[10..]] {
                peer.send(with(
                    &of,
                    &json!({"type": "response.function_call_arguments.delta", "delta": delta}),
                ));
            }
            peer.send(with(
                &of,
                &json!({"type": "response.function_call_arguments.done", "name": "create_task",
                "arguments": arguments}),
            ));
            peer.send(with(
                &of,
                &json!({"type": "response.output_item.done", "item": item("completed", arguments)}),
            ));
            item("completed", arguments)
        });
    }

    fn words(&mut self) {
        let text = "I wrote it down.";
        let spoken = self.spoken;
        self.respond(|peer, response| {
            let of = json!({"response_id": response, "item_id": "item_a", "output_index": 0, "content_index": 0});
            let part = if spoken {
                json!({"type": "output_audio", "transcript": text})
            } else {
                json!({"type": "output_text", "text": text})
            };
            let message = |status: &str, content: &[Value]| {
                json!({"id": "item_a", "type": "message", "role": "assistant", "status": status, "content": content})
            };
            peer.send(with(&of, &json!({"type": "response.output_item.added", "item": message("in_progress", &[])})));
            peer.acknowledge(&message("in_progress", &[]));
            peer.send(with(&of, &json!({"type": "response.content_part.added", "part": {"type": part["type"]}})));
            let name = if spoken { "output_audio_transcript" } else { "output_text" };
            for delta in [&text[..7], &text[7..]] {
                peer.send(with(&of, &json!({"type": format!("response.{name}.delta"), "delta": delta})));
            }
            if spoken {
                for _ in 0..4 {
                    peer.send(with(&of, &json!({"type": "response.output_audio.delta", "delta": tone(SOUND / 4)})));
                }
                peer.send(with(&of, &json!({"type": "response.output_audio.done"})));
            }
            let whole = if spoken { "transcript" } else { "text" };
            peer.send(with(&of, &json!({"type": format!("response.{name}.done"), whole: text})));
            peer.send(with(&of, &json!({"type": "response.content_part.done", "part": part})));
            let done = message("completed", &[part]);
            peer.send(with(&of, &json!({"type": "response.output_item.done", "item": done})));
            done
        });
    }

    fn respond(&mut self, output: impl FnOnce(&mut Self, &str) -> Value) {
        self.turns += 1;
        let id = format!("resp_{}", self.turns);
        let response = |status: &str, output: &[Value]| json!({"id": id, "object": "realtime.response", "status": status, "output": output});
        self.send(json!({"type": "response.created", "response": response("in_progress", &[])}));
        let item = output(self, &id);
        let mut done = response("completed", &[item]);
        done["usage"] = json!({"total_tokens": 20, "input_tokens": 10, "output_tokens": 10});
        self.send(json!({"type": "response.done", "response": done}));
    }
}

fn with(of: &Value, event: &Value) -> Value {
    let mut event = event.clone();
    for (name, value) in of.as_object().expect("an object") {
        event[name] = value.clone();
    }
    event
}

/// 500 Hz at 24 kHz, as it is sent.
fn tone(samples: usize) -> String {
    let sample =
        |index: usize| ((index as f64 * 500.0 / 24_000.0 * std::f64::consts::TAU).sin() * 12_000.0) as i16;
    let bytes: Vec<u8> = (0..samples).flat_map(|index| sample(index).to_le_bytes()).collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The same in the older dialect.
pub(crate) fn beta(event: Value) -> Vec<Value> {
    let renamed = match event["type"].as_str().unwrap_or_default() {
        "conversation.item.added" => "conversation.item.created",
        "conversation.item.done" => return vec![],
        "response.output_audio.delta" => "response.audio.delta",
        "response.output_audio.done" => "response.audio.done",
        "response.output_audio_transcript.delta" => "response.audio_transcript.delta",
        "response.output_audio_transcript.done" => "response.audio_transcript.done",
        "response.output_text.delta" => "response.text.delta",
        "response.output_text.done" => "response.text.done",
        _ => "",
    };
    let mut event = older(event);
    if !renamed.is_empty() {
        event["type"] = json!(renamed);
    }
    vec![event]
}

/// With the older names of the kinds of content.
fn older(value: Value) -> Value {
    match value {
        Value::String(name) if name == "output_audio" => json!("audio"),
        Value::String(name) if name == "output_text" => json!("text"),
        Value::Array(values) => values.into_iter().map(older).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, older(value))).collect(),
        other => other,
    }
}
