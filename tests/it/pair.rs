//! The client's core against the server's core, in memory, on a clock of its own: what one writes the other reads.
//!
//! The engines are simple and quick: the detector hears loud sound as speech, the recognizer hears what the test
//! says that was said, the brain is the offline dialogue, the voice speaks 50 ms for each word.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use realtime_cli::conversation::{
    Conversation, EntryKind, Input, Intent, Output, Report, SessionConfig, Turn, TurnMode, Vad,
};
use realtime_cli::pcm::{self, Pcm16};
use realtime_cli::protocol::dialect::{decode_client, decode_server, encode_client, encode_server};
use realtime_cli::protocol::session::{SessionKind, Tool, Transcription};
use realtime_cli::protocol::{Dialect, ItemId};
use realtime_cli::server::engine::{Brain as _, Heard, VoiceDetector};
use realtime_cli::server::rules::Rules;
use realtime_cli::server::session::{self, Config, Listen, ServerSession};
use serde_json::json;

use crate::schema::assert_server_event;

const FRAME: Duration = Duration::from_millis(20);

struct Loudness;

impl VoiceDetector for Loudness {
    fn hear(&mut self, samples: &[i16]) -> f32 {
        if pcm::peak(samples) > 0.1 { 1.0 } else { 0.0 }
    }
}

/// A world of two: time passes in frames of 20 ms, and the speaker plays as much.
struct Pair {
    client: Conversation,
    server: Option<ServerSession>,
    dialect: Dialect,
    now: Instant,
    to_client: VecDeque<String>,
    to_server: VecDeque<String>,
    /// Samples in the speaker's queue, and how many of the front item were heard.
    speaker: VecDeque<(ItemId, usize, bool)>,
    heard: usize,
    /// What the recognizer will understand next.
    words: VecDeque<String>,
    sessions: u64,
    reports: Vec<Report>,
    tasks: Vec<String>,
    wire: Vec<String>,
}

impl Pair {
    fn new(mode: TurnMode, dialect: Dialect) -> Self {
        let config = SessionConfig {
            rates: (24_000, 24_000),
            instructions: "keep the tasks".to_owned(),
            tools: vec![Tool::Function {
                name: "create_task".to_owned(),
                description: None,
                parameters: Some(json!({"type": "object", "properties": {"title": {"type": "string"}}})),
            }],
            mode,
            spoken: mode != TurnMode::TextOnly,
            voice: "marin".to_owned(),
            speed: 1.0,
            transcription: Some(Transcription {
                model: Some("gpt-transcribe".to_owned()),
                ..Transcription::default()
            }),
            vad: Vad::default(),
            id_prefix: "msg".to_owned(),
        };
        #[expect(clippy::disallowed_methods, reason = "some beginning is needed")]
        let now = Instant::now();
        let mut pair = Self {
            client: Conversation::new(config),
            server: None,
            dialect,
            now,
            to_client: VecDeque::new(),
            to_server: VecDeque::new(),
            speaker: VecDeque::new(),
            heard: 0,
            words: VecDeque::new(),
            sessions: 0,
            reports: Vec::new(),
            tasks: Vec::new(),
            wire: Vec::new(),
        };
        pair.connect();
        pair
    }

    fn connect(&mut self) {
        self.sessions += 1;
        let config = Config {
            // Beta's schema lists the models that there were.
            model: if self.dialect == Dialect::Beta { "gpt-4o-realtime-preview" } else { "offline" }
                .to_owned(),
            requested_model: None,
            kind: SessionKind::Realtime,
            instructions: String::new(),
            dialect: self.dialect,
            seed: self.sessions,
            unix_now: 1_700_000_000,
        };
        self.server = Some(ServerSession::new(&config, Box::new(Loudness), self.now));
        self.drain_server();
        self.client(Input::Connected);
        self.exchange();
    }

    fn disconnect(&mut self) {
        self.server = None;
        self.to_client.clear();
        self.to_server.clear();
        self.client(Input::Disconnected);
    }

    fn client(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.client.handle(input, self.now);
            while let Some(output) = self.client.poll_output() {
                inputs.extend(self.carry_out(output));
            }
        }
    }

    fn carry_out(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Send(message) => self.to_server.push_back(encode_client(&message, self.dialect)),
            Output::Play { item_id, pcm } => match self.speaker.back_mut() {
                Some((id, samples, _)) if *id == item_id => *samples += pcm.len(),
                _ => self.speaker.push_back((item_id, pcm.len(), false)),
            },
            Output::PlayEnd { item_id } => {
                self.speaker
                    .iter_mut()
                    .filter(|(id, ..)| *id == item_id)
                    .for_each(|(.., ended)| *ended = true);
            }
            Output::FlushPlayback => {
                let mut ids = self.speaker.drain(..).map(|(id, ..)| id);
                let heard_ms = pcm::samples_to_ms(std::mem::take(&mut self.heard) as u64, pcm::SESSION_RATE);
                return Some(Input::PlaybackFlushed {
                    item_id: ids.next(),
                    heard_ms,
                    unheard: ids.collect(),
                });
            }
            Output::Adjusted(_) | Output::Unanswered => {}
            Output::HearsItself => panic!("nobody hears themselves here"),
            Output::CallTool(call) => {
                let title =
                    serde_json::from_str::<serde_json::Value>(&call.arguments).expect("JSON")["title"]
                        .clone();
                let title = title.as_str().unwrap_or_default().to_owned();
                let output = json!({"ok": true, "action": "created", "task": {"number": 1, "title": title}});
                self.tasks.push(title);
                return Some(Input::ToolOutput {
                    call_id: call.call_id,
                    output: output.to_string(),
                    ok: true,
                });
            }
            Output::Report(report) => self.reports.push(report),
            Output::Capture { .. } => {}
            Output::Fatal(message) => panic!("{message}"),
        }
        None
    }

    fn server(&mut self, input: session::Input) {
        if let Some(server) = &mut self.server {
            server.handle(input, self.now);
            self.drain_server();
        }
    }

    fn drain_server(&mut self) {
        let mut results = VecDeque::new();
        while let Some(server) = &mut self.server {
            while let Some(output) = server.poll_output() {
                match output {
                    session::Output::Send(message) => {
                        let text = encode_server(&message, self.dialect);
                        text.iter().for_each(|text| assert_server_event(text, self.dialect));
                        self.to_client.extend(text);
                    }
                    session::Output::Listen(Listen::Finish { item_id }) => {
                        let text = self.words.pop_front().unwrap_or_default();
                        let result = Ok(Heard { text, confidence: None });
                        results.push_back(session::Input::Heard { item_id, result });
                    }
                    session::Output::Think { response_id, prompt } => {
                        Rules
                            .respond(&prompt, &mut |thought| {
                                let response_id = response_id.clone();
                                results.push_back(session::Input::Thought { response_id, thought });
                                ControlFlow::Continue(())
                            })
                            .expect("it always knows an answer");
                        results.push_back(session::Input::ThoughtDone { response_id, result: Ok(()) });
                    }
                    session::Output::Speak { response_id, item_id, text, .. } => {
                        let pcm = Pcm16::new(vec![5000; text.split_whitespace().count() * 1200]);
                        let (id, item) = (response_id.clone(), item_id.clone());
                        results.push_back(session::Input::Spoken { response_id: id, item_id: item, pcm });
                        results.push_back(session::Input::SpokenDone {
                            response_id,
                            item_id,
                            result: Ok(()),
                        });
                    }
                    session::Output::Listen(_) | session::Output::Abandon { .. } => {}
                    session::Output::Close { .. } => panic!("the server closes"),
                }
            }
            let Some(input) = results.pop_front() else { return };
            server.handle(input, self.now);
        }
    }

    /// Carries frames both ways until there are none.
    fn exchange(&mut self) {
        loop {
            if let Some(text) = self.to_server.pop_front() {
                let input = decode_client(&text, self.dialect);
                assert!(input.is_ok(), "the server refuses {text}: {input:?}");
                self.server(session::Input::Client(input));
            } else if let Some(text) = self.to_client.pop_front() {
                self.wire.push(text.clone());
                self.client(Input::Server(decode_server(&text).expect("the client reads it").event));
            } else {
                return;
            }
        }
    }

    /// 20 ms pass: a frame of this loudness is captured, as much is played.
    fn frame(&mut self, loudness: i16) {
        self.now += FRAME;
        self.client(Input::Mic(Pcm16::new(vec![loudness; 480])));
        if let Some((id, samples, ended)) = self.speaker.front().cloned() {
            if self.heard == 0 {
                self.client(Input::PlaybackStarted { item_id: id.clone() });
            }
            self.heard = (self.heard + 480).min(samples);
            if self.heard == samples && ended {
                self.speaker.pop_front();
                self.heard = 0;
                self.client(Input::PlaybackFinished { item_id: id });
            }
        }
        if self.client.poll_timeout().is_some_and(|at| at <= self.now) {
            self.client(Input::Timeout);
        }
        if self.server.as_ref().and_then(ServerSession::poll_timeout).is_some_and(|at| at <= self.now) {
            self.server(session::Input::Timeout);
        }
        self.exchange();
    }

    fn speak(&mut self, words: &str, ms: u64) {
        self.words.push_back(words.to_owned());
        (0..ms / 20).for_each(|_| self.frame(10_000));
    }

    fn quiet(&mut self, ms: u64) {
        (0..ms / 20).for_each(|_| self.frame(0));
    }

    fn type_line(&mut self, text: &str) {
        self.client(Input::Intent(Intent::Say(text.to_owned())));
        self.exchange();
    }

    fn answers(&self) -> Vec<(&str, bool)> {
        let answer = |r: &'_ Report| match r {
            Report::Assistant { interrupted, .. } => Some(*interrupted),
            _ => None,
        };
        self.reports
            .iter()
            .filter_map(|r| Some((r, answer(r)?)))
            .map(|(r, cut)| match r {
                Report::Assistant { text, .. } => (text.as_str(), cut),
                _ => unreachable!("filtered"),
            })
            .collect()
    }

    fn count(&self, kind: &str) -> usize {
        self.wire.iter().filter(|text| text.contains(&format!("\"type\":\"{kind}\""))).count()
    }

    fn notices(&self) -> Vec<&Report> {
        self.reports.iter().filter(|r| matches!(r, Report::Notice { .. })).collect()
    }
}

#[test]
fn a_spoken_command_becomes_a_task_and_a_spoken_answer() {
    for dialect in [Dialect::Ga, Dialect::Beta] {
        let mut pair = Pair::new(TurnMode::Vad, dialect);
        pair.quiet(400);
        pair.speak("create a task to buy groceries", 1500);
        assert_eq!(pair.client.turn(), Turn::HearingYou);
        pair.quiet(700);
        assert_eq!(pair.client.turn(), Turn::Speaking);
        pair.quiet(5000);
        assert_eq!(pair.tasks, ["buy groceries"]);
        let answers = pair.answers();
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert!(answers[0].0.contains("buy groceries") && !answers[0].1, "{answers:?}");
        assert!(pair.client.is_settled());
        assert_eq!(pair.notices(), Vec::<&Report>::new());
    }
}

#[test]
fn cutting_in_stops_the_answer_and_both_sides_agree_on_what_was_heard() {
    let mut pair = Pair::new(TurnMode::Vad, Dialect::Ga);
    pair.speak("what is the capital of france", 1000);
    pair.quiet(1000);
    assert_eq!(pair.client.turn(), Turn::Speaking);
    pair.speak("create a task to buy milk", 1000);
    assert_eq!(pair.client.turn(), Turn::HearingYou);
    assert!(pair.speaker.is_empty());
    pair.quiet(6000);
    assert_eq!(pair.tasks, ["buy milk"]);
    assert_eq!(pair.count("conversation.item.truncated"), 1);
    assert_eq!(pair.answers().iter().filter(|(_, cut)| *cut).count(), 1);
    assert_eq!(pair.notices(), Vec::<&Report>::new(), "no error on either side");
}

#[test]
fn push_to_talk_makes_a_turn_of_what_was_said_while_the_key_was_down() {
    let mut pair = Pair::new(TurnMode::PushToTalk, Dialect::Ga);
    pair.quiet(200);
    pair.client(Input::Intent(Intent::TalkStart));
    pair.speak("create a task to call bob", 800);
    pair.client(Input::Intent(Intent::TalkStop));
    pair.exchange();
    pair.quiet(5000);
    assert_eq!(pair.tasks, ["call bob"]);
    assert_eq!(pair.count("input_audio_buffer.speech_started"), 0, "the server does not listen for turns");
}

#[test]
fn a_lost_connection_loses_nothing_that_was_said() {
    let mut pair = Pair::new(TurnMode::TextOnly, Dialect::Ga);
    pair.type_line("create a task to buy milk");
    pair.disconnect();
    pair.type_line("create a task to buy bread");
    assert_eq!(pair.tasks, ["buy milk"]);
    pair.connect();
    assert_eq!(pair.tasks, ["buy milk", "buy bread"]);
    assert!(pair.client.is_settled());
    let texts =
        pair.client.transcript().entries().iter().filter(|e| matches!(e.kind, EntryKind::User { .. }));
    assert_eq!(texts.count(), 2, "nothing twice");
    assert_eq!(pair.notices(), Vec::<&Report>::new());
}

#[test]
fn a_voice_is_taken_over_before_the_first_answer_refused_after_it_and_free_again_in_a_new_conversation() {
    let mut pair = Pair::new(TurnMode::Vad, Dialect::Ga);
    let want = |voice: &str, pair: &mut Pair| {
        pair.client(Input::Intent(Intent::SetVoice(voice.to_owned())));
        pair.exchange();
        pair.client.voice().to_owned()
    };
    assert_eq!(want("cedar", &mut pair), "cedar");
    pair.type_line("list my tasks please");
    pair.quiet(8000);
    assert_eq!(want("coral", &mut pair), "cedar");
    assert!(format!("{:?}", pair.notices()).contains("/new begins anew"), "{:?}", pair.notices());
    pair.disconnect();
    pair.connect();
    assert_eq!(pair.client.voice(), "cedar", "also in the session after a lost one");
    pair.client(Input::Intent(Intent::BeginAnew));
    pair.disconnect();
    pair.connect();
    assert_eq!(want("coral", &mut pair), "coral");
}

#[derive(Debug, Clone)]
enum Step {
    Speak(u64),
    Quiet(u64),
    Type,
    Interrupt,
    Reconnect,
    Adjust,
    Anew,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (60..1500_u64).prop_map(Step::Speak),
        4 => (20..3000_u64).prop_map(Step::Quiet),
        2 => Just(Step::Type),
        1 => Just(Step::Interrupt),
        1 => Just(Step::Reconnect),
        1 => Just(Step::Adjust),
        1 => Just(Step::Anew),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Every session ends in peace, every response that began ends, and no word of either side is an error.
    #[test]
    fn whatever_people_do_the_two_sides_understand_each_other(steps in prop::collection::vec(step(), 1..12)) {
        let mut pair = Pair::new(TurnMode::Vad, Dialect::Ga);
        for step in steps {
            match step {
                Step::Speak(ms) => pair.speak("create a task to buy milk", ms),
                Step::Quiet(ms) => pair.quiet(ms),
                Step::Type => pair.type_line("list my tasks please"),
                Step::Interrupt => {
                    pair.client(Input::Intent(Intent::Interrupt));
                    pair.exchange();
                }
                Step::Reconnect => {
                    pair.disconnect();
                    pair.connect();
                }
                Step::Adjust => {
                    pair.client(Input::Intent(Intent::SetSpeed(1.25)));
                    pair.client(Input::Intent(Intent::SetVoice("cedar".to_owned())));
                    pair.exchange();
                }
                Step::Anew => {
                    pair.client(Input::Intent(Intent::BeginAnew));
                    pair.disconnect();
                    pair.connect();
                }
            }
        }
        pair.quiet(15_000);
        prop_assert!(pair.client.is_settled(), "{:?}", pair.client.turn());
        prop_assert!(pair.count("response.created") >= pair.count("response.done"));
        // A race that was lost is told as an error event, and is no news to the person.
        let errors: Vec<_> = pair.notices().into_iter().filter(|n| format!("{n:?}").contains("the server says")).collect();
        prop_assert!(errors.is_empty(), "{errors:?}");
    }
}
