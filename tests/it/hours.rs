//! The program against a server for hours, in memory, on a clock of its own: sessions end, planned and by surprise, and
//! nothing that a person said or typed is lost or done twice.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use realtime_cli::app::{App, AppConfig, Effect, Face, Msg};
use realtime_cli::audio::{AudioCommand, AudioEvent, EchoMode, Gate};
use realtime_cli::conversation::{FunctionCall, SessionConfig, TurnMode};
use realtime_cli::pcm::{self, Pcm16};
use realtime_cli::protocol::Dialect;
use realtime_cli::protocol::dialect::{decode_client, decode_server, encode_client, encode_server};
use realtime_cli::protocol::session::{SessionKind, Tool, Transcription};
use realtime_cli::server::engine::{Brain as _, Heard, VoiceDetector};
use realtime_cli::server::rules::Rules;
use realtime_cli::server::session::{self, Config, Listen, ServerSession};
use realtime_cli::tools::ToolOutcome;
use realtime_cli::transport::LinkEvent;
use realtime_cli::ui::line::LineEvent;
use realtime_cli::ui::theme::Theme;
use serde_json::{Value, json};

const FRAME: Duration = Duration::from_millis(20);
/// What sessions live here: a quarter of what the service gives them.
const LIFE_S: i64 = 15 * 60;
const BEGINNING: i64 = 1_700_000_000;
const HOURS_2: Duration = Duration::from_hours(2);

struct Loudness;

impl VoiceDetector for Loudness {
    fn hear(&mut self, samples: &[i16]) -> f32 {
        if pcm::peak(samples) > 0.1 { 1.0 } else { 0.0 }
    }
}

/// How a session came to its end without a plan.
#[derive(Debug, Clone, Copy)]
enum Surprise {
    /// `session_expired`, then a close.
    Expired,
    /// A close with 1001.
    GoingAway,
    /// The wire is dead, and for so long no other is to be had.
    Outage(Duration),
}

struct World {
    app: App,
    server: Option<ServerSession>,
    began: Instant,
    now: Instant,
    to_client: VecDeque<String>,
    to_server: VecDeque<String>,
    inbox: VecDeque<Msg>,
    gate: Gate,
    /// Words that are being said and no session has heard to their end.
    words: VecDeque<String>,
    /// When there is a server again.
    back_at: Option<Instant>,
    sessions: u64,
    prepared: bool,
    planned: u32,
    /// Renewals for which no connection stood ready.
    unprepared: u32,
    tasks: Vec<String>,
    lines: Vec<LineEvent>,
}

fn app_config() -> AppConfig {
    let parameters = json!({"type": "object", "properties": {"title": {"type": "string"}}});
    let tool =
        Tool::Function { name: "create_task".to_owned(), description: None, parameters: Some(parameters) };
    let session = SessionConfig {
        instructions: "keep the tasks".to_owned(),
        tools: vec![tool],
        mode: TurnMode::Vad,
        spoken: true,
        voice: "marin".to_owned(),
        speed: 1.0,
        transcription: Some(Transcription {
            model: Some("gpt-transcribe".to_owned()),
            ..Transcription::default()
        }),
        ..SessionConfig::default()
    };
    AppConfig {
        session,
        face: Face::Lines,
        sound: true,
        echo: EchoMode::Off,
        theme: Theme::Plain,
        server: "a server".to_owned(),
        ..AppConfig::default()
    }
}

impl World {
    fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "some beginning is needed")]
        let now = Instant::now();
        let mut world = Self {
            app: App::new(app_config()),
            server: None,
            began: now,
            now,
            to_client: VecDeque::new(),
            to_server: VecDeque::new(),
            inbox: VecDeque::new(),
            gate: Gate::Closed,
            words: VecDeque::new(),
            back_at: None,
            sessions: 0,
            prepared: false,
            planned: 0,
            unprepared: 0,
            tasks: Vec::new(),
            lines: Vec::new(),
        };
        world.connect();
        world
    }

    fn unix_now(&self) -> i64 {
        BEGINNING + self.now.duration_since(self.began).as_secs() as i64
    }

    fn connect(&mut self) {
        self.sessions += 1;
        self.back_at = None;
        let config = Config {
            model: "offline".to_owned(),
            requested_model: None,
            kind: SessionKind::Realtime,
            instructions: String::new(),
            dialect: Dialect::Ga,
            seed: self.sessions,
            unix_now: self.unix_now(),
        };
        self.server = Some(ServerSession::new(&config, Box::new(Loudness), self.now));
        self.tell(Msg::Wall { unix_s: self.unix_now() });
        self.tell(Msg::Link(LinkEvent::Connecting { attempt: 1 }));
        self.tell(Msg::Link(LinkEvent::Connected));
        self.server_outputs();
        self.exchange();
    }

    /// The session is over, as the client gets to know; what was on its way is lost.
    fn lose(&mut self, surprise: Surprise) {
        self.server = None;
        self.to_client.clear();
        self.to_server.clear();
        if matches!(surprise, Surprise::Expired) {
            let error = json!({"type": "invalid_request_error", "code": "session_expired",
                "message": "Your session hit the maximum duration of 60 minutes.", "param": null});
            let event = json!({"type": "error", "event_id": "event_last", "error": error});
            self.message(&event.to_string());
        }
        let retry_in = match surprise {
            Surprise::Expired | Surprise::GoingAway => Duration::from_millis(300),
            Surprise::Outage(time) => time,
        };
        self.back_at = Some(self.now + retry_in);
        self.tell(Msg::Link(LinkEvent::Lost { reason: "it closed".to_owned(), retry_in }));
    }

    fn message(&mut self, text: &str) {
        let message = decode_server(text).expect("the client reads it");
        self.tell(Msg::Link(LinkEvent::Message(message)));
    }

    fn tell(&mut self, msg: Msg) {
        self.inbox.push_back(msg);
        while let Some(msg) = self.inbox.pop_front() {
            self.app.update(msg, self.now);
            while let Some(effect) = self.app.poll_effect() {
                self.carry_out(effect);
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Send(message) => self.to_server.push_back(encode_client(&message, Dialect::Ga)),
            Effect::Audio(command) => self.sound(command),
            Effect::Call(call) => self.call(call),
            Effect::Line(line) => self.lines.push(line),
            Effect::Prepare => self.prepared = true,
            Effect::Renew => {
                self.planned += 1;
                self.unprepared += u32::from(!std::mem::take(&mut self.prepared));
                self.server = None;
                self.to_client.clear();
                self.to_server.clear();
                self.back_at = Some(self.now);
            }
            Effect::Quit(exit) => panic!("it leaves: {exit:?}"),
            _ => {}
        }
    }

    /// A speaker that has played everything at once.
    fn sound(&mut self, command: AudioCommand) {
        match command {
            AudioCommand::Play { track, .. } => {
                self.inbox.push_back(Msg::Audio(AudioEvent::Started { track }));
            }
            AudioCommand::End { track } => self.inbox.push_back(Msg::Audio(AudioEvent::Finished { track })),
            AudioCommand::Flush => self.inbox.push_back(Msg::Audio(AudioEvent::Flushed {
                track: None,
                heard_ms: 0,
                taken_ms: 0,
                queued_tracks_unheard: vec![],
            })),
            AudioCommand::Capture(gate) => self.gate = gate,
            _ => {}
        }
    }

    fn call(&mut self, call: FunctionCall) {
        let arguments: Value = serde_json::from_str(&call.arguments).expect("JSON");
        let title = arguments["title"].as_str().expect("a title").to_owned();
        let output = json!({"ok": true, "action": "created", "task": {"number": 1, "title": title}});
        self.tasks.push(title);
        let outcome = ToolOutcome {
            output: output.to_string(),
            ok: true,
            summary: String::new(),
            changed: true,
            changes: vec![],
            pending: None,
        };
        self.inbox.push_back(Msg::Tool { call_id: call.call_id, outcome });
    }

    fn server(&mut self, input: session::Input) {
        if let Some(server) = &mut self.server {
            server.handle(input, self.now);
            self.server_outputs();
        }
    }

    fn server_outputs(&mut self) {
        while let Some(output) = self.server.as_mut().and_then(ServerSession::poll_output) {
            match output {
                session::Output::Send(message) => {
                    let texts = encode_server(&message, Dialect::Ga);
                    let texts: Vec<_> = texts.iter().map(String::as_str).map(Self::short_lived).collect();
                    self.to_client.extend(texts);
                }
                session::Output::Listen(Listen::Finish { item_id }) => {
                    let text = self.words.pop_front().unwrap_or_default();
                    self.server(session::Input::Heard {
                        item_id,
                        result: Ok(Heard { text, confidence: None }),
                    });
                }
                session::Output::Think { response_id, prompt } => {
                    let mut thoughts = Vec::new();
                    let thought = &mut |thought| {
                        thoughts.push(thought);
                        ControlFlow::Continue(())
                    };
                    Rules.respond(&prompt, thought).expect("it always knows an answer");
                    for thought in thoughts {
                        self.server(session::Input::Thought { response_id: response_id.clone(), thought });
                    }
                    self.server(session::Input::ThoughtDone { response_id, result: Ok(()) });
                }
                session::Output::Speak { response_id, item_id, text, .. } => {
                    let pcm = Pcm16::new(vec![5000; text.split_whitespace().count() * 1200]);
                    let (response, item) = (response_id.clone(), item_id.clone());
                    self.server(session::Input::Spoken { response_id, item_id, pcm });
                    self.server(session::Input::SpokenDone {
                        response_id: response,
                        item_id: item,
                        result: Ok(()),
                    });
                }
                session::Output::Listen(_) | session::Output::Abandon { .. } => {}
                session::Output::Close { code, reason } => panic!("the server closes: {code} {reason}"),
            }
        }
    }

    /// The server's session lives an hour; the client is told less.
    fn short_lived(text: &str) -> String {
        let mut event: Value = serde_json::from_str(text).expect("JSON");
        if let Some(expires_at) = event.pointer_mut("/session/expires_at") {
            *expires_at = json!(expires_at.as_i64().expect("a time") - 3600 + LIFE_S);
        }
        event.to_string()
    }

    fn exchange(&mut self) {
        loop {
            if let Some(text) = self.to_server.pop_front() {
                let input = decode_client(&text, Dialect::Ga);
                assert!(input.is_ok(), "the server refuses {text}: {input:?}");
                self.server(session::Input::Client(input));
            } else if let Some(text) = self.to_client.pop_front() {
                self.message(&text);
            } else {
                return;
            }
        }
    }

    /// Time passes. With a loudness the microphone captures that.
    fn pass(&mut self, time: Duration, loudness: Option<i16>) {
        self.now += time;
        if self.back_at.is_some_and(|at| at <= self.now) {
            self.connect();
        }
        if let Some(loudness) = loudness.filter(|_| self.gate == Gate::Open) {
            self.tell(Msg::Audio(AudioEvent::Frame { pcm: Pcm16::new(vec![loudness; 480]) }));
        }
        if self.app.poll_timeout().is_some_and(|at| at <= self.now) {
            self.tell(Msg::Timeout);
        }
        if self.server.as_ref().and_then(ServerSession::poll_timeout).is_some_and(|at| at <= self.now) {
            self.server(session::Input::Timeout);
        }
        self.exchange();
    }

    fn frames(&mut self, count: u64, loudness: i16) {
        (0..count).for_each(|_| self.pass(FRAME, Some(loudness)));
    }

    fn notices(&self, words: &str) -> usize {
        let told = |line: &&LineEvent| matches!(line, LineEvent::Notice { text, .. } if text.contains(words));
        self.lines.iter().filter(told).count()
    }
}

/// A turn every 20 to 60 seconds, spoken or typed, for two hours; every tenth is hit by a surprise in its middle.
fn two_hours(seed: u64) -> (World, Vec<String>, u32) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut world = World::new();
    let mut wanted = Vec::new();
    let mut surprises = 0;
    let end = world.began + HOURS_2;
    while world.now < end {
        let title = format!("water plant {}", wanted.len() + 1);
        wanted.push(title.clone());
        let words = format!("create a task to {title}");
        let surprise = (wanted.len() % 10 == 0).then(|| match random.u8(0..3) {
            0 => Surprise::Expired,
            1 => Surprise::GoingAway,
            _ => Surprise::Outage(Duration::from_millis(random.u64(500..3000))),
        });
        surprises += u32::from(surprise.is_some());
        let spoken = random.bool();
        let at = random.u64(0..100);
        if spoken {
            world.words.push_back(words);
        } else {
            world.tell(Msg::Line(words));
            // What was typed is on the wire, or was, when the surprise comes.
            if at < 50 {
                world.exchange();
            }
        }
        for frame in 0..100 {
            if let Some(surprise) = surprise.filter(|_| frame == at) {
                world.lose(surprise);
            }
            world.frames(1, if spoken && frame < 70 { 10_000 } else { 0 });
        }
        world.frames(250, 0);
        // Nobody speaks; the clock goes on in larger steps.
        let pause = random.u64(13..53);
        (0..pause).for_each(|_| world.pass(Duration::from_secs(1), None));
    }
    (world, wanted, surprises)
}

#[test]
fn in_two_hours_with_renewals_and_surprises_no_word_is_lost_and_nothing_is_done_twice() {
    for seed in 1..=3 {
        let (world, wanted, surprises) = two_hours(seed);
        assert!(wanted.len() > 120 && surprises > 10, "{} turns, {surprises} surprises", wanted.len());
        assert_eq!(world.tasks, wanted, "seed {seed}");
        let answers = world.lines.iter().filter(|line| matches!(line, LineEvent::Assistant { .. })).count();
        assert!(answers >= wanted.len(), "seed {seed}: {answers} answers");
        let users = world.lines.iter().filter(|line| matches!(line, LineEvent::User { .. })).count();
        assert_eq!(users, wanted.len(), "seed {seed}: what was said is shown once");
    }
}

#[test]
fn sessions_of_a_quarter_of_an_hour_are_renewed_in_time_with_a_connection_that_stood_ready() {
    let mut world = World::new();
    for minute in 1..=120 {
        world.tell(Msg::Line(format!("create a task to water plant {minute}")));
        world.frames(100, 0);
        (0..58).for_each(|_| world.pass(Duration::from_secs(1), None));
    }
    assert_eq!(world.tasks.len(), 120);
    assert!((8..=10).contains(&world.planned), "{} renewals", world.planned);
    assert_eq!(world.unprepared, 0);
    assert_eq!(world.notices("time limit") as u32, world.planned, "each is told in one line");
    assert_eq!(world.notices("connection lost"), 0);
}
