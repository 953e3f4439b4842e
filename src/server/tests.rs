//! The server on a real loopback socket, with engines that answer at once.

use std::ops::ControlFlow;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::engine::{
    Brain, EngineError, Heard, Prompt, PromptItem, Recognizer, Synthesizer, Thought, Utterance, Voice,
    VoiceDetector,
};
use super::*;
use crate::protocol::Dialect;

const TOKEN: &str = "0123456789abcdef";
const PATIENCE: Duration = Duration::from_secs(10);

struct AnySound;

impl VoiceDetector for AnySound {
    fn hear(&mut self, samples: &[i16]) -> f32 {
        if samples.iter().any(|s| *s != 0) { 1.0 } else { 0.0 }
    }
}

/// Understands how many samples it was fed.
struct Counter(usize);

impl Recognizer for AnySound {
    fn begin(&self) -> Box<dyn Utterance> {
        Box::new(Counter(0))
    }
}

impl Utterance for Counter {
    fn feed(&mut self, samples: &[i16]) {
        assert_ne!(samples[0], 666, "the recognizer panics when it is told to");
        self.0 += samples.len();
    }

    fn new_words(&mut self) -> Option<String> {
        (self.0 == 24_000).then(|| "a second".to_owned())
    }

    fn finish(self: Box<Self>) -> Result<Heard, EngineError> {
        Ok(Heard { text: format!("{} samples", self.0), confidence: None })
    }
}

/// Says again what it was told. Some words make it fail in one way or another.
struct Echo;

impl Brain for Echo {
    fn respond(
        &self,
        prompt: &Prompt,
        out: &mut dyn FnMut(Thought) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let said = match prompt.items.last() {
            Some(PromptItem::User(text)) => text.clone(),
            _ => "nothing".to_owned(),
        };
        match said.as_str() {
            "panic" => panic!("the brain panics when it is told to"),
            "endless" => while out(Thought::Text("o".to_owned())).is_continue() {},
            _ => {
                let _ = out(Thought::Text(said));
            }
        }
        Ok(())
    }
}

impl Synthesizer for Echo {
    fn speak(
        &self,
        text: &str,
        _voice: &Voice,
        out: &mut dyn FnMut(&[i16]) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let _ = out(&vec![1; text.len() * 240]);
        Ok(())
    }
}

struct Server {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<io::Result<()>>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let address = listener.local_addr().expect("address");
        let engines = Arc::new(Engines {
            model: "offline".to_owned(),
            instructions: "Echo.".to_owned(),
            detector: Box::new(|| Box::new(AnySound)),
            recognizer: Arc::new(AnySound),
            brain: Arc::new(Echo),
            synthesizer: Arc::new(Echo),
        });
        let access = Access { token: Some(Token::new(TOKEN)) };
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        let running = tokio::spawn(run(listener, engines, access, shutdown));
        Self { address, stop, running }
    }

    async fn connect(&self) -> Client {
        self.knock("/v1/realtime?model=x", &[("authorization", &format!("Bearer {TOKEN}"))])
            .await
            .expect("admitted")
    }

    async fn knock(&self, path: &str, headers: &[(&'static str, &str)]) -> Result<Client, Box<Error>> {
        let mut request = format!("ws://{}{path}", self.address).into_client_request().expect("request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).expect("header"));
        }
        let (socket, response) = connect_async(request).await.map_err(Box::new)?;
        let protocol = response.headers().get("sec-websocket-protocol").cloned();
        let beta =
            headers.iter().any(|(_, value)| value.contains("realtime=v1") || value.contains("realtime-v1"));
        let dialect = if beta { Dialect::Beta } else { Dialect::Ga };
        Ok(Client { socket, protocol, dialect })
    }

    /// The HTTP status with which a request is refused.
    async fn refusal(&self, path: &str, headers: &[(&'static str, &str)]) -> u16 {
        match self.knock(path, headers).await.map(|_| ()).map_err(|e| *e) {
            Err(Error::Http(response)) => {
                let body: Value =
                    serde_json::from_slice(response.body().as_deref().unwrap_or_default()).expect("JSON");
                assert!(body["error"]["message"].is_string());
                response.status().as_u16()
            }
            other => panic!("not refused: {other:?}"),
        }
    }
}

struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    protocol: Option<HeaderValue>,
    dialect: Dialect,
}

impl Client {
    async fn send(&mut self, event: Value) {
        self.socket.send(Message::text(event.to_string())).await.expect("sent");
    }

    async fn next(&mut self) -> Option<Result<Message, Error>> {
        tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("an answer in time")
    }

    async fn event(&mut self) -> Value {
        loop {
            match self.next().await {
                Some(Ok(Message::Text(text))) => {
                    let event = serde_json::from_str(&text).expect("JSON");
                    schema::assert_valid(&event, self.dialect);
                    return event;
                }
                Some(Ok(Message::Ping(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Events up to the first of type `last`.
    async fn until(&mut self, last: &str) -> Vec<Value> {
        let mut events = vec![self.event().await];
        while events[events.len() - 1]["type"] != last {
            events.push(self.event().await);
        }
        events
    }

    async fn say(&mut self, text: &str) {
        let item =
            json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]});
        self.send(json!({"type": "conversation.item.create", "item": item})).await;
        self.send(json!({"type": "response.create"})).await;
    }

    /// The code with which the server closes.
    async fn close_code(&mut self) -> u16 {
        loop {
            match self.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|e| e["type"].as_str().expect("type")).collect()
}

#[tokio::test]
async fn a_typed_turn_is_spoken_back() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    let created = client.event().await;
    assert_eq!(
        (&created["type"], &created["session"]["model"]),
        (&json!("session.created"), &json!("offline"))
    );
    client.say("Say this.").await;
    let events = client.until("response.done").await;
    let said = events.iter().find(|e| e["type"] == "response.output_audio_transcript.done").expect("spoken");
    assert_eq!(said["transcript"], "Say this.");
    let bytes: usize = events
        .iter()
        .filter(|e| e["type"] == "response.output_audio.delta")
        .map(|e| e["delta"].as_str().expect("base64").len() / 4 * 3)
        .sum();
    assert_eq!(bytes, "Say this.".len() * 480);
}

fn append(samples: Vec<i16>) -> Value {
    let audio = serde_json::to_value(crate::pcm::AudioBytes::from(&crate::pcm::Pcm16::new(samples)));
    json!({"type": "input_audio_buffer.append", "audio": audio.expect("base64")})
}

#[tokio::test]
async fn a_spoken_turn_is_recognized_and_answered() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.event().await;
    client.send(append(vec![9; 24_000])).await;
    client.send(append(vec![0; 24_000])).await;
    let events = client.until("response.done").await;
    assert_eq!(events[0]["type"], "input_audio_buffer.speech_started");
    let said = events.iter().find(|e| e["type"] == "response.output_audio_transcript.done").expect("spoken");
    // A second of voice and half a second of pause.
    assert_eq!(said["transcript"], "36000 samples");
    // Who wants the words is told of them before the turn is over.
    let transcription = json!({"transcription": {"model": "whisper-1"}, "turn_detection": null});
    client.send(json!({"type": "session.update", "session": {"type": "realtime", "audio": {"input": transcription}}})).await;
    client.send(json!({"type": "input_audio_buffer.clear"})).await;
    client.send(append(vec![9; 24_000])).await;
    let delta = "conversation.item.input_audio_transcription.delta";
    assert_eq!(client.until(delta).await.pop().expect("an event")["delta"], "a second");
    client.send(json!({"type": "input_audio_buffer.commit"})).await;
    let completed = client.until("conversation.item.input_audio_transcription.completed").await;
    assert_eq!(completed.last().expect("an event")["transcript"], "24000 samples");
}

#[tokio::test]
async fn a_recognizer_that_panics_makes_a_turn_without_words() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.event().await;
    client.send(append(vec![666; 24_000])).await;
    client.send(append(vec![0; 24_000])).await;
    let events = client.until("response.done").await;
    assert_eq!(events[events.len() - 1]["response"]["status"], "completed");
}

#[tokio::test]
async fn what_is_no_event_is_answered_with_an_error() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.event().await;
    client.socket.send(Message::text("{")).await.expect("sent");
    assert_eq!(client.event().await["error"]["code"], "invalid_json");
    client.socket.send(Message::binary(vec![1])).await.expect("sent");
    assert_eq!(client.event().await["error"]["code"], "invalid_event");
    let long = "x".repeat(1 << 20);
    client
        .send(json!({"type": "session.update", "session": {"type": "realtime", "instructions": long}}))
        .await;
    assert_eq!(client.event().await["error"]["code"], "event_too_large");
    let session = json!({"type": "realtime", "instructions": format!("{long} {APPEND}")});
    client.send(json!({"type": "session.update", "session": session})).await;
    assert_eq!(client.event().await["error"]["code"], "event_too_large");
    client.send(json!({"type": APPEND, "audio": "AAAA".repeat(1 << 19)})).await;
    client.send(json!({"type": "input_audio_buffer.clear"})).await;
    assert_eq!(client.event().await["type"], "input_audio_buffer.cleared");
}

const APPEND: &str = "input_audio_buffer.append";

#[tokio::test]
async fn a_message_beyond_all_limits_ends_the_connection() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.event().await;
    client.socket.send(Message::text("x".repeat(16 << 20))).await.ok();
    assert_eq!(client.close_code().await, 1009);
    // The server lives on.
    server.connect().await.event().await;
}

#[tokio::test]
async fn a_brain_that_panics_fails_its_response_only() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.event().await;
    client.say("panic").await;
    let events = client.until("response.done").await;
    assert_eq!(events[events.len() - 1]["response"]["status"], "failed");
    client.say("fine").await;
    let events = client.until("response.done").await;
    assert_eq!(events[events.len() - 1]["response"]["status"], "completed");
}

#[tokio::test]
async fn an_endless_response_can_be_cancelled() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.event().await;
    client
        .send(
            json!({"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}}),
        )
        .await;
    client.say("endless").await;
    client.until("response.output_text.delta").await;
    client.send(json!({"type": "response.cancel"})).await;
    let events = client.until("response.done").await;
    assert_eq!(events[events.len() - 1]["response"]["status"], "cancelled");
}

#[tokio::test]
async fn the_older_dialect_is_spoken_where_it_is_asked_for() {
    let server = Server::start().await;
    let headers = [("api-key", TOKEN), ("openai-beta", "realtime=v1")];
    let mut client =
        server.knock("/realtime?model=gpt-4o-realtime-preview", &headers).await.expect("admitted");
    let events = [client.event().await, client.event().await];
    assert_eq!(types(&events), ["session.created", "conversation.created"]);
    assert_eq!(events[0]["session"]["modalities"], json!(["text", "audio"]));
    client.say("Hi.").await;
    let events = client.until("response.done").await;
    assert!(types(&events).contains(&"response.audio.delta"), "{:?}", types(&events));
}

#[tokio::test]
async fn a_subprotocol_is_confirmed_and_may_carry_the_token() {
    let server = Server::start().await;
    let offered = format!("realtime, openai-insecure-api-key.{TOKEN}");
    let mut client =
        server.knock("/v1/realtime", &[("sec-websocket-protocol", &offered)]).await.expect("admitted");
    assert_eq!(client.protocol, Some(HeaderValue::from_static("realtime")));
    client.event().await;
}

#[tokio::test]
async fn strangers_are_refused_before_the_upgrade() {
    let server = Server::start().await;
    let token = ("api-key", TOKEN);
    assert_eq!(server.refusal("/v1/realtime", &[]).await, 401);
    assert_eq!(server.refusal("/v1/realtime", &[("api-key", "wrong")]).await, 401);
    assert_eq!(server.refusal("/v1/realtime", &[token, ("host", "evil.example")]).await, 403);
    assert_eq!(server.refusal("/v1/realtime", &[token, ("origin", "https://evil.example")]).await, 403);
    assert_eq!(server.refusal("/v1/models", &[token]).await, 404);
    assert_eq!(server.refusal("/v1/realtime", &[token, ("x-long", &"x".repeat(17 << 10))]).await, 431);
}

#[tokio::test]
async fn a_ninth_client_has_to_wait_for_a_place() {
    let server = Server::start().await;
    let mut clients = Vec::new();
    for _ in 0..MAX_CLIENTS {
        let mut client = server.connect().await;
        client.event().await;
        clients.push(client);
    }
    assert_eq!(server.refusal("/v1/realtime", &[("api-key", TOKEN)]).await, 503);
    let mut leaving = clients.pop().expect("a client");
    leaving.socket.close(None).await.expect("closed");
    while leaving.next().await.is_some() {}
    // The place is free a moment after the goodbye.
    let again = async {
        loop {
            match server.knock("/v1/realtime", &[("api-key", TOKEN)]).await {
                Ok(mut client) => return client.event().await,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE, again).await.expect("a place")["type"], "session.created");
}

#[tokio::test]
async fn a_dripping_handshake_is_cut_off_and_hinders_nobody() {
    let server = Server::start().await;
    let mut dripping = TcpStream::connect(server.address).await.expect("connected");
    dripping.write_all(b"GET /v1/realtime HTTP/1.1\r\nHost: loc").await.expect("written");
    server.connect().await.event().await;
    // From here on the clock jumps to whatever is waited for.
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    let mut rest = Vec::new();
    tokio::time::timeout(PATIENCE, dripping.read_to_end(&mut rest)).await.expect("cut off").ok();
    assert!(started.elapsed() <= Duration::from_secs(6), "{:?}", started.elapsed());
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn shutting_down_says_goodbye_to_everyone() {
    let server = Server::start().await;
    let mut idle = server.connect().await;
    idle.event().await;
    let mut busy = server.connect().await;
    busy.event().await;
    busy.say("endless").await;
    let _dripping = TcpStream::connect(server.address).await.expect("connected");
    server.stop.send(()).expect("running");
    assert_eq!(idle.close_code().await, 1001);
    assert_eq!(busy.close_code().await, 1001);
    drop((idle, busy));
    tokio::time::timeout(PATIENCE, server.running)
        .await
        .expect("stops")
        .expect("does not panic")
        .expect("no error");
}
