//! Scenes: what a client sends, and exactly what it is answered. Every answer is held against the schema.

#![expect(clippy::wildcard_enum_match_arm, reason = "a scene looks for one kind of output among all")]
#![expect(clippy::needless_pass_by_value, reason = "scenes write their JSON in place")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::protocol::ClientEvent;
use crate::protocol::dialect::{decode_client, encode_client, encode_server};
use crate::server::schema::assert_valid;

mod answers;
mod events;
mod input;
mod properties;
mod requests;
mod transcription;

/// Hears a voice in whatever is not silent.
struct AnySound;

impl VoiceDetector for AnySound {
    fn hear(&mut self, samples: &[i16]) -> f32 {
        if samples.iter().any(|s| s.unsigned_abs() > 100) { 0.9 } else { 0.0 }
    }
}

struct Scene {
    session: ServerSession,
    dialect: Dialect,
    now: Instant,
    /// What is left for the engines to do.
    work: Vec<Output>,
}

impl Scene {
    /// After the greeting, in GA.
    fn new() -> Self {
        let (mut scene, _) = Self::greeted(Dialect::Ga);
        scene.work.clear();
        scene
    }

    /// Also returns the greeting.
    fn greeted(dialect: Dialect) -> (Self, Vec<Value>) {
        Self::begun(dialect, SessionKind::Realtime)
    }

    fn begun(dialect: Dialect, kind: SessionKind) -> (Self, Vec<Value>) {
        Self::of(&Self::config(dialect, kind))
    }

    fn of(config: &Config) -> (Self, Vec<Value>) {
        let dialect = config.dialect;
        let now = start();
        let session = ServerSession::new(config, Box::new(AnySound), now);
        let mut scene = Self { session, dialect, now, work: Vec::new() };
        let greeting = scene.drain();
        (scene, greeting)
    }

    fn config(dialect: Dialect, kind: SessionKind) -> Config {
        Config {
            // Beta's schema lists the models that there were.
            model: if dialect == Dialect::Beta { "gpt-4o-realtime-preview" } else { "offline" }.to_owned(),
            requested_model: (dialect == Dialect::Ga).then(|| "gpt-realtime-2.1".to_owned()),
            kind,
            instructions: "Be brief.".to_owned(),
            dialect,
            seed: 7,
            unix_now: 1_700_000_000,
        }
    }

    /// Without turn detection and without sound.
    fn typing() -> Self {
        let mut scene = Self::new();
        scene.update(json!({"output_modalities": ["text"], "audio": {"input": {"turn_detection": null}}}));
        scene
    }

    fn send(&mut self, event: Value) -> Vec<Value> {
        let message = decode_client(&event.to_string(), self.dialect);
        self.handle(Input::Client(message))
    }

    fn update(&mut self, mut session: Value) -> Vec<Value> {
        session["type"] = json!("realtime");
        self.send(json!({"type": "session.update", "session": session}))
    }

    fn append(&mut self, samples: &[i16]) -> Vec<Value> {
        let event = ClientEvent::InputAudioBufferAppend { audio: (&Pcm16::new(samples.to_vec())).into() };
        let event = encode_client(&event.into(), self.dialect);
        self.send(serde_json::from_str(&event).expect("JSON"))
    }

    /// Adds what a person typed, and returns its id.
    fn type_text(&mut self, text: &str) -> String {
        let item =
            json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]});
        let events = self.send(json!({"type": "conversation.item.create", "item": item}));
        id_of(&events[0]["item"])
    }

    /// Asks for a response, and returns its id.
    fn respond(&mut self) -> ResponseId {
        let events = self.send(json!({"type": "response.create"}));
        assert_eq!(events[0]["type"], "response.created", "{events:?}");
        ResponseId(id_of(&events[0]["response"]))
    }

    fn handle(&mut self, input: Input) -> Vec<Value> {
        self.session.handle(input, self.now);
        self.drain()
    }

    fn think(&mut self, id: &ResponseId, thought: Thought) -> Vec<Value> {
        self.handle(Input::Thought { response_id: id.clone(), thought })
    }

    fn text(&mut self, id: &ResponseId, text: &str) -> Vec<Value> {
        self.think(id, Thought::Text(text.to_owned()))
    }

    fn call(&mut self, id: &ResponseId, name: &str, arguments: &str) -> Vec<Value> {
        self.think(id, Thought::Call { name: name.to_owned(), arguments: arguments.to_owned() })
    }

    fn thought(&mut self, id: &ResponseId) -> Vec<Value> {
        self.handle(Input::ThoughtDone { response_id: id.clone(), result: Ok(()) })
    }

    /// Hands in `ms` of sound for the `Speak` that is open.
    fn sound(&mut self, ms: usize) -> Vec<Value> {
        let Some((response_id, item_id, _)) = self.speaking() else {
            panic!("nothing to speak: {:?}", self.work)
        };
        self.handle(Input::Spoken { response_id, item_id, pcm: Pcm16::new(vec![1_000; ms * 24]) })
    }

    fn spoken(&mut self) -> Vec<Value> {
        let at = self.work.iter().position(|o| matches!(o, Output::Speak { .. }));
        match at.map(|at| self.work.remove(at)) {
            Some(Output::Speak { response_id, item_id, .. }) => {
                self.handle(Input::SpokenDone { response_id, item_id, result: Ok(()) })
            }
            other => panic!("nothing to speak: {other:?}"),
        }
    }

    fn speaking(&self) -> Option<(ResponseId, ItemId, String)> {
        self.work.iter().find_map(|output| match output {
            Output::Speak { response_id, item_id, text, .. } => {
                Some((response_id.clone(), item_id.clone(), text.clone()))
            }
            _ => None,
        })
    }

    /// The recognizer understood `text` in the item that was last finished.
    fn recognize(&mut self, text: &str) -> Vec<Value> {
        let result = Ok(Heard { text: text.to_owned(), confidence: None });
        self.recognized(result)
    }

    fn recognized(&mut self, result: Result<Heard, EngineError>) -> Vec<Value> {
        let finish = |o: &Output| match o {
            Output::Listen(Listen::Finish { item_id }) => Some(item_id.clone()),
            _ => None,
        };
        let item_id = self.work.iter().rev().find_map(finish).expect("an utterance is finished");
        self.work.retain(|o| finish(o).as_ref() != Some(&item_id));
        self.handle(Input::Heard { item_id, result })
    }

    /// The prompt that the brain was last given.
    fn prompt(&self) -> &Prompt {
        let prompt = self.work.iter().rev().find_map(|o| match o {
            Output::Think { prompt, .. } => Some(prompt),
            _ => None,
        });
        prompt.expect("a brain was asked")
    }

    fn fed(&self) -> usize {
        let fed = self.work.iter().map(|o| match o {
            Output::Listen(Listen::Feed { pcm, .. }) => pcm.len(),
            _ => 0,
        });
        fed.sum()
    }

    fn pass(&mut self, time: Duration) -> Vec<Value> {
        let until = self.now + time;
        let mut events = Vec::new();
        while let Some(at) = self.session.poll_timeout().filter(|at| *at <= until) {
            self.now = at;
            events.extend(self.handle(Input::Timeout));
        }
        self.now = until;
        events
    }

    fn drain(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(message) => {
                    let Some(text) = encode_server(&message, self.dialect) else { continue };
                    let event = serde_json::from_str(&text).expect("JSON");
                    assert_valid(&event, self.dialect);
                    events.push(event);
                }
                other => self.work.push(other),
            }
        }
        events
    }
}

#[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
fn start() -> Instant {
    Instant::now()
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|e| e["type"].as_str().expect("type")).collect()
}

fn id_of(object: &Value) -> String {
    object["id"].as_str().expect("id").to_owned()
}

/// Code and `param` of the one error among `events`, which is all there is.
fn refused(events: &[Value]) -> (&str, &str) {
    assert_eq!(types(events), ["error"], "{events:?}");
    let error = &events[0]["error"];
    (error["code"].as_str().unwrap_or_default(), error["param"].as_str().unwrap_or_default())
}

fn loud(ms: usize) -> Vec<i16> {
    vec![5_000; ms * 24]
}

fn silence(ms: usize) -> Vec<i16> {
    vec![0; ms * 24]
}
