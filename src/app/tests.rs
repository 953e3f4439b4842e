use serde_json::{Value, json};

use super::*;
use crate::audio::EchoMode;
use crate::audio::{DeviceEvent, DeviceInfo, Direction, LocalSpeech};
use crate::conversation::SessionConfig;
use crate::conversation::TurnMode;
use crate::pcm::Pcm16;
use crate::protocol::Dialect;
use crate::protocol::dialect::decode_server;
use crate::protocol::tests::sent;
use crate::transport::LinkError;
use crate::ui::input::Edit;
use crate::ui::theme::Theme;
use crate::ui::view::{Connection, NoticeLevel};

mod calls;
mod claims;
mod confirm;
mod life;
mod remember;
mod reminders;
mod tasks;
mod view;

/// A program on a clock of its own.
pub(super) struct Scene {
    pub(super) app: App,
    pub(super) now: Instant,
    pub(super) sent: Vec<Value>,
    lines: Vec<LineEvent>,
    pub(super) audio: Vec<AudioCommand>,
    calls: Vec<FunctionCall>,
    confirmed: Vec<(CallId, Pending)>,
    changes: Vec<TaskChange>,
    with_done: bool,
    pub(super) requests: Vec<Request>,
    pub(super) renewals: usize,
    pub(super) prepared: usize,
    pub(super) rests: Vec<bool>,
    pub(super) exit: Option<Exit>,
    draws: usize,
    copied: Vec<String>,
    notified: Vec<String>,
    bells: usize,
    pub(super) kept: Vec<Keep>,
}

#[expect(clippy::disallowed_methods, reason = "a test needs some beginning")]
fn start() -> Instant {
    Instant::now()
}

pub(super) fn config(face: Face, mode: TurnMode) -> AppConfig {
    let session = SessionConfig {
        instructions: String::new(),
        tools: vec![],
        mode,
        spoken: mode != TurnMode::TextOnly,
        voice: "marin".to_owned(),
        speed: 1.0,
        transcription: None,
        ..SessionConfig::default()
    };
    AppConfig {
        session,
        face,
        sound: mode != TurnMode::TextOnly,
        script: face == Face::Lines,
        cues: true,
        theme: Theme::Plain,
        server: "a server".to_owned(),
        ..AppConfig::default()
    }
}

fn recording(fast: bool) -> AppConfig {
    AppConfig { recording: true, fast, ..config(Face::Lines, TurnMode::Vad) }
}

impl Scene {
    pub(super) fn new(config: AppConfig) -> Self {
        let app = App::new(config);
        let (sent, lines, audio, calls) = (vec![], vec![], vec![], vec![]);
        let (changes, with_done) = (vec![], false);
        let (requests, renewals, draws, copied) = (vec![], 0, 0, vec![]);
        Self {
            app,
            now: start(),
            sent,
            lines,
            audio,
            calls,
            confirmed: Vec::new(),
            changes,
            with_done,
            requests,
            renewals,
            prepared: 0,
            rests: Vec::new(),
            exit: None,
            draws,
            copied,
            notified: Vec::new(),
            bells: 0,
            kept: Vec::new(),
        }
    }

    pub(super) fn connected(config: AppConfig) -> Self {
        let mut scene = Self::new(config);
        scene.opened(Direction::Input, "Built-in Microphone");
        scene.link(LinkEvent::Connecting { attempt: 1 });
        scene.link(LinkEvent::Connected);
        scene.sent.clear();
        scene
    }

    fn text() -> Self {
        Self::connected(config(Face::Lines, TurnMode::TextOnly))
    }

    pub(super) fn update(&mut self, msg: Msg) {
        self.app.update(msg, self.now);
        while let Some(effect) = self.app.poll_effect() {
            match effect {
                Effect::Send(message) => {
                    self.sent.push(sent(&message, Dialect::Ga));
                }
                Effect::Line(line) => self.lines.push(line),
                Effect::Audio(command) => self.audio.push(command),
                Effect::Call(call) => self.calls.push(call),
                Effect::Confirm { call_id, pending } => self.confirmed.push((call_id, pending)),
                // As the driver does: the first is the one that counts.
                Effect::Quit(exit) => self.exit = self.exit.or(Some(exit)),
                Effect::Draw => self.draws += 1,
                Effect::Copy(text) => self.copied.push(text),
                Effect::Notify(notification) => self.notified.push(notification.summary),
                Effect::Bell => self.bells += 1,
                Effect::Keep(keep) => self.kept.push(keep),
                Effect::Redraw | Effect::Suspend | Effect::InputFormat(_) => {}
                Effect::Task(change) => self.changes.push(change),
                Effect::ShowDone(with_done) => self.with_done = with_done,
                Effect::Machine(request) => self.requests.push(request),
                Effect::Renew => self.renewals += 1,
                Effect::Prepare => self.prepared += 1,
                Effect::Rest(resting) => self.rests.push(resting),
            }
        }
    }

    pub(super) fn link(&mut self, event: LinkEvent) {
        self.update(Msg::Link(event));
    }

    pub(super) fn opened(&mut self, direction: Direction, name: &str) {
        let device = DeviceInfo { name: name.to_owned(), ..DeviceInfo::default() };
        self.update(Msg::Audio(AudioEvent::Device(DeviceEvent::Opened { direction, device })));
    }

    pub(super) fn lost(&mut self, retry_ms: u64) {
        let retry_in = Duration::from_millis(retry_ms);
        self.link(LinkEvent::Lost { reason: "gone".to_owned(), retry_in });
    }

    pub(super) fn server(&mut self, event: &Value) {
        self.link(LinkEvent::Message(decode_server(&event.to_string()).expect("decodes")));
    }

    pub(super) fn answer(&mut self, n: u32) {
        let (r, a) = (format!("r{n}"), format!("a{n}"));
        self.server(&json!({"type": "response.created", "response": {"id": r}}));
        self.server(
            &json!({"type": "response.done", "response": {"id": r, "status": "completed", "output": [
            {"id": a, "type": "message", "role": "assistant",
                "content": [{"type": "output_text", "text": "yes"}]}]}}),
        );
    }

    pub(super) fn key(&mut self, action: Action) {
        self.update(Msg::Action(action));
    }

    pub(super) fn panel(&self) -> Option<&crate::ui::panels::Panel> {
        self.app.view.panel.as_ref()
    }

    pub(super) fn type_line(&mut self, text: &str) {
        text.chars().for_each(|c| self.key(Action::Edit(Edit::Insert(c))));
        self.key(Action::Submit);
    }

    pub(super) fn pass(&mut self, time: Duration) {
        self.now += time;
        if self.app.poll_timeout().is_some_and(|at| at <= self.now) {
            self.update(Msg::Timeout);
        }
    }

    pub(super) fn sent_types(&mut self) -> Vec<String> {
        self.sent.drain(..).map(|e| e["type"].as_str().expect("type").to_owned()).collect()
    }

    fn answers(&self) -> usize {
        self.lines.iter().filter(|l| matches!(l, LineEvent::Assistant { .. })).count()
    }

    pub(super) fn gates(&mut self) -> Vec<Gate> {
        let gate = |c| if let AudioCommand::Capture(gate) = c { Some(gate) } else { None };
        self.audio.drain(..).filter_map(gate).collect()
    }

    pub(super) fn echo_modes(&mut self) -> Vec<EchoMode> {
        let mode = |c| if let AudioCommand::SetEcho(mode) = c { Some(mode) } else { None };
        self.audio.drain(..).filter_map(mode).collect()
    }

    pub(super) fn cues(&mut self) -> Vec<Cue> {
        let cue = |c| if let AudioCommand::Cue(cue) = c { Some(cue) } else { None };
        self.audio.drain(..).filter_map(cue).collect()
    }

    pub(super) fn speak(&mut self, frames: usize) {
        (0..frames).for_each(|_| self.update(Msg::Audio(AudioEvent::Frame { pcm: Pcm16::silence(480) })));
    }

    fn connection(&mut self) -> Connection {
        self.app.view(self.now).connection
    }

    pub(super) fn transcript(&mut self) -> String {
        format!("{:?}", self.app.view(self.now).transcript)
    }
}

// ---- lines and their end ----

#[test]
fn a_typed_line_is_sent_and_answered_on_the_screen() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    scene.type_line("hello");
    assert_eq!(scene.sent_types(), ["conversation.item.create", "response.create"]);
    scene.answer(1);
    let transcript = scene.transcript();
    assert!(transcript.contains("hello") && transcript.contains("yes"), "{transcript}");
    assert!(scene.lines.is_empty(), "a screen prints no lines");
    assert_eq!(scene.exit, None);
}

#[test]
fn lines_wait_for_the_link_and_for_each_other() {
    let mut scene = Scene::new(config(Face::Lines, TurnMode::TextOnly));
    scene.update(Msg::Line("one".to_owned()));
    scene.update(Msg::Line("two".to_owned()));
    assert!(scene.sent.is_empty());
    scene.link(LinkEvent::Connected);
    assert_eq!(scene.sent_types(), ["session.update", "conversation.item.create", "response.create"]);
    scene.answer(1);
    assert_eq!(scene.sent_types(), ["conversation.item.create", "response.create"]);
}

#[test]
fn a_line_with_a_slash_is_a_command_of_a_person_and_a_message_of_a_script() {
    for script in [false, true] {
        let mut scene = Scene::connected(AppConfig { script, ..config(Face::Lines, TurnMode::TextOnly) });
        scene.sent.clear();
        scene.update(Msg::Line("/instructions Be brief.".to_owned()));
        assert_eq!(scene.lines.contains(&LineEvent::Ready), !script);
        let first = if script { "conversation.item.create" } else { "session.update" };
        assert_eq!(scene.sent_types()[0], first);
        scene.update(Msg::Line("/quit".to_owned()));
        assert_eq!(scene.exit.is_some(), !script);
    }
}

#[test]
fn a_command_waits_for_the_answers_to_the_lines_before_it() {
    let mut scene = Scene::connected(AppConfig { script: false, ..config(Face::Lines, TurnMode::TextOnly) });
    scene.update(Msg::Line("complete the milk".to_owned()));
    scene.update(Msg::Line("/undo".to_owned()));
    assert!(scene.changes.is_empty());
    scene.update(Msg::Line("/help".to_owned()));
    let told = format!("{:?}", scene.lines);
    assert!(told.contains("/stop stops the answer") && !told.contains("/talk"), "{told}");
    scene.answer(1);
    assert_eq!(scene.changes.len(), 1);
    let outcome = ToolOutcome {
        summary: "undone: milk".to_owned(),
        pending: None,
        output: String::new(),
        ok: true,
        changed: true,
        changes: vec![],
    };
    scene.update(Msg::Task { change: scene.changes[0].clone(), outcome });
    assert!(format!("{:?}", scene.lines).contains("undone: milk"), "{:?}", scene.lines);
}

#[test]
fn the_end_of_input_waits_for_the_last_answer() {
    let mut scene = Scene::text();
    scene.update(Msg::Line("one".to_owned()));
    scene.update(Msg::Line("two".to_owned()));
    scene.update(Msg::EndOfInput);
    scene.answer(1);
    assert_eq!(scene.exit, None, "the second is not answered");
    scene.answer(2);
    assert_eq!(scene.exit, Some(Exit::Ok));
    assert_eq!(scene.answers(), 2);
}

#[test]
fn the_end_of_input_waits_for_a_function_and_for_what_is_said_about_it() {
    let mut scene = Scene::text();
    scene.update(Msg::Line("do it".to_owned()));
    scene.update(Msg::EndOfInput);
    scene.server(&json!({"type": "response.created", "response": {"id": "r"}}));
    scene.server(&json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": [
        {"id": "i", "type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}]}}));
    assert_eq!((scene.calls.len(), scene.exit), (1, None));
    let outcome = ToolOutcome {
        output: "{}".to_owned(),
        ok: true,
        summary: String::new(),
        changed: false,
        changes: vec![],
        pending: None,
    };
    scene.update(Msg::Tool { call_id: "c".into(), outcome });
    assert_eq!(scene.exit, None);
    scene.answer(2);
    assert_eq!(scene.exit, Some(Exit::Ok));
}

#[test]
fn a_server_that_never_ends_its_answer_does_not_hold_a_script_for_ever() {
    let mut scene = Scene::text();
    scene.update(Msg::Line("hello".to_owned()));
    scene.update(Msg::EndOfInput);
    scene.server(&json!({"type": "response.created", "response": {"id": "r"}}));
    scene.server(
        &json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "a", "delta": "Hi"}),
    );
    (0..30).for_each(|_| scene.pass(Duration::from_secs(10)));
    assert_eq!((scene.exit, scene.answers()), (Some(Exit::Ok), 1));
}

#[test]
fn lines_are_read_only_as_far_ahead_as_they_fit() {
    let mut scene = Scene::text();
    for n in 0..=LINES_AHEAD {
        assert!(scene.app.takes_lines(), "{n}");
        scene.update(Msg::Line(format!("line {n}")));
    }
    assert!(!scene.app.takes_lines());
    scene.answer(1);
    assert!(scene.app.takes_lines());
}

// ---- recordings ----

#[test]
fn a_recording_ends_when_nothing_has_happened_since_its_end() {
    let mut scene = Scene::connected(recording(false));
    scene.update(Msg::EndOfInput);
    assert_eq!(scene.exit, None, "standard input has no say");
    scene.update(Msg::Audio(AudioEvent::InputEnded));
    scene.pass(QUIET / 2);
    scene.server(&json!({"type": "input_audio_buffer.speech_started", "item_id": "u"}));
    scene.server(&json!({"type": "input_audio_buffer.speech_stopped", "item_id": "u"}));
    scene.pass(QUIET);
    scene.pass(QUIET);
    assert_eq!(scene.exit, None, "an answer is on its way");
    scene.answer(1);
    scene.pass(QUIET / 2);
    assert_eq!(scene.exit, None, "more may come");
    scene.pass(QUIET / 2);
    assert_eq!(scene.exit, Some(Exit::Ok));
}

#[test]
fn a_recording_waits_until_its_answer_was_played() {
    let mut scene = Scene::connected(recording(false));
    scene.update(Msg::Audio(AudioEvent::InputEnded));
    let bytes = crate::pcm::AudioBytes(vec![1; 4800]);
    scene.server(&json!({"type": "response.created", "response": {"id": "r"}}));
    scene.server(
        &json!({"type": "response.output_audio.delta", "response_id": "r", "item_id": "a", "delta": bytes}),
    );
    scene.server(
        &json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": []}}),
    );
    (0..4).for_each(|_| scene.pass(QUIET));
    assert_eq!(scene.exit, None);
    scene.update(Msg::Audio(AudioEvent::Finished { track: "a".into() }));
    scene.pass(QUIET);
    assert_eq!(scene.exit, Some(Exit::Ok));
}

#[test]
fn a_recording_that_keeps_time_goes_on_as_a_person_would() {
    let mut scene = Scene::connected(recording(false));
    scene.gates();
    scene.lost(500);
    assert_eq!(scene.gates(), []);
}

// ---- the link ----

#[test]
fn a_reconnect_is_counted_down_and_told_once_on_the_screen() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    assert_eq!(scene.connection(), Connection::Online);
    scene.lost(2500);
    assert!(scene.app.is_counting_down());
    assert_eq!(scene.connection(), Connection::Reconnecting { in_s: 3 });
    scene.pass(Duration::from_secs(1));
    assert_eq!(scene.connection(), Connection::Reconnecting { in_s: 2 });
    scene.link(LinkEvent::Connecting { attempt: 2 });
    assert_eq!(scene.connection(), Connection::Connecting);
    scene.lost(5000);
    assert_eq!(scene.transcript().matches("connection lost").count(), 1);
    scene.pass(GIVE_UP * 2);
    assert_eq!(scene.exit, None, "a person decides for themselves");
    scene.link(LinkEvent::Connected);
    assert_eq!(scene.connection(), Connection::Online);
}

#[test]
fn a_script_gives_up_a_server_that_cannot_be_reached() {
    let mut scene = Scene::new(config(Face::Lines, TurnMode::TextOnly));
    scene.update(Msg::Line("hello".to_owned()));
    scene.link(LinkEvent::Connecting { attempt: 1 });
    scene.lost(500);
    scene.pass(GIVE_UP / 2);
    scene.link(LinkEvent::Connecting { attempt: 2 });
    scene.lost(500);
    assert_eq!(scene.exit, None);
    scene.pass(GIVE_UP / 2);
    assert_eq!(scene.exit, Some(Exit::Network));
    assert!(matches!(scene.lines.last(), Some(LineEvent::Notice { level: NoticeLevel::Error, .. })));
}

#[test]
fn a_link_that_is_lost_after_a_long_time_is_waited_for_anew() {
    let mut scene = Scene::text();
    scene.update(Msg::Line("hello".to_owned()));
    scene.answer(1);
    scene.pass(GIVE_UP * 10);
    scene.lost(1000);
    scene.pass(GIVE_UP / 2);
    assert_eq!(scene.exit, None);
}

#[test]
fn a_hopeless_link_ends_a_script_with_its_code() {
    let key = LinkError::Key { status: 401, detail: String::new() };
    let address = LinkError::NotFound { detail: String::new() };
    for (error, exit) in [(key, Exit::Auth), (address, Exit::Network)] {
        let mut scene = Scene::new(config(Face::Lines, TurnMode::TextOnly));
        scene.update(Msg::Line("hello".to_owned()));
        scene.link(LinkEvent::Connecting { attempt: 1 });
        scene.link(LinkEvent::Fatal(error));
        assert_eq!(scene.exit, Some(exit));
        assert_eq!(scene.lines.len(), 1);
    }
}

#[test]
fn a_hopeless_link_is_told_on_the_screen_which_stays() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    scene.type_line("hello");
    scene.link(LinkEvent::Fatal(LinkError::NotFound { detail: String::new() }));
    assert_eq!((scene.exit, scene.connection()), (None, Connection::Offline));
    assert!(scene.transcript().contains("Ctrl-C leaves"));
    scene.key(Action::Quit);
    assert_eq!(scene.exit, Some(Exit::Ok));
}

#[test]
fn a_key_that_the_server_refuses_by_an_event_has_the_code_for_it() {
    for face in [Face::Lines, Face::Screen] {
        let mut scene = Scene::connected(config(face, TurnMode::TextOnly));
        scene.server(&json!({"type": "error", "error": {"code": "invalid_api_key", "message": "no"}}));
        // What the link makes of it, with a cure and without the key.
        let error = LinkError::Server { code: "invalid_api_key".to_owned(), message: "no".to_owned() };
        scene.link(LinkEvent::Fatal(error));
        if face == Face::Lines {
            assert_eq!((scene.exit, scene.lines.len()), (Some(Exit::Auth), 1));
        } else {
            assert!(scene.transcript().contains("realtime-cli doctor"), "the cure is told");
        }
    }
}

#[test]
fn a_recording_begins_when_there_is_someone_to_hear_it() {
    for fast in [false, true] {
        let mut scene = Scene::new(recording(fast));
        scene.link(LinkEvent::Connecting { attempt: 1 });
        scene.lost(500);
        assert_eq!(scene.gates(), [], "nobody hears it yet");
        scene.link(LinkEvent::Connected);
        assert_eq!(scene.gates(), [Gate::Open]);
    }
}

#[test]
fn a_recording_that_keeps_no_time_waits_for_the_link() {
    let mut scene = Scene::connected(recording(true));
    assert_eq!(scene.gates(), [Gate::Open]);
    scene.lost(500);
    assert_eq!(scene.gates(), [Gate::Closed]);
    scene.link(LinkEvent::Connected);
    assert_eq!(scene.gates(), [Gate::Open]);
}

#[test]
fn a_script_gives_up_a_server_that_accepts_and_hangs_up() {
    let mut scene = Scene::new(config(Face::Lines, TurnMode::TextOnly));
    scene.update(Msg::Line("hello".to_owned()));
    for attempt in 1..40 {
        scene.link(LinkEvent::Connecting { attempt });
        scene.link(LinkEvent::Connected);
        scene.server(&json!({"type": "session.created", "session": {}}));
        scene
            .server(&json!({"type": "error", "error": {"type": "session_limit_reached", "message": "full"}}));
        scene.lost(1000);
        scene.pass(Duration::from_secs(1));
    }
    assert_eq!(scene.exit, Some(Exit::Network));
}

// ---- keys and sound ----

#[test]
fn a_microphone_lost_in_the_middle_of_speech_does_not_leave_the_turn_open() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
    scene.server(&json!({"type": "input_audio_buffer.speech_started", "item_id": "u"}));
    scene.sent.clear();
    let lost = DeviceEvent::Lost { direction: Direction::Input, message: "unplugged".to_owned() };
    scene.update(Msg::Audio(AudioEvent::Device(lost)));
    assert_eq!(scene.sent_types(), ["input_audio_buffer.append"]);
    assert!(scene.transcript().contains("unplugged"));
}

#[test]
fn where_there_has_never_been_a_speaker_answers_are_written_until_there_is_one() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
    scene.sent.clear();
    let direction = Direction::Output;
    let asked = |scene: &Scene| scene.sent.last().map(|event| event["session"]["output_modalities"].clone());
    for _ in 0..2 {
        let failed = DeviceEvent::Failed { direction, message: "none".to_owned() };
        scene.update(Msg::Audio(AudioEvent::Device(failed)));
        assert_eq!((scene.sent.len(), asked(&scene)), (1, Some(json!(["text"]))));
    }
    scene.server(&json!({"type": "session.updated", "session": {"output_modalities": ["text"]}}));
    let device = crate::audio::DeviceInfo::default();
    scene.update(Msg::Audio(AudioEvent::Device(DeviceEvent::Opened { direction, device })));
    assert_eq!((scene.sent.len(), asked(&scene)), (2, Some(json!(["audio"]))));
    // What breaks down later may come back in a moment.
    let failed = DeviceEvent::Failed { direction, message: "gone".to_owned() };
    scene.update(Msg::Audio(AudioEvent::Device(failed)));
    assert_eq!(scene.sent.len(), 2);
}

#[test]
fn without_a_speaker_sound_counts_as_played_when_it_is_complete() {
    let mut scene = Scene::text();
    scene.update(Msg::Line("hello".to_owned()));
    scene.update(Msg::EndOfInput);
    let bytes = crate::pcm::AudioBytes(vec![1; 4800]);
    scene.server(&json!({"type": "response.created", "response": {"id": "r"}}));
    scene.server(
        &json!({"type": "response.output_audio.delta", "response_id": "r", "item_id": "a", "delta": bytes}),
    );
    scene
        .server(&json!({"type": "response.output_audio_transcript.done", "response_id": "r", "item_id": "a",
        "transcript": "Hi"}));
    assert_eq!((scene.exit, scene.audio.len()), (None, 0));
    scene.server(
        &json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": []}}),
    );
    assert_eq!((scene.exit, scene.answers()), (Some(Exit::Ok), 1));
}

#[test]
fn without_a_speaker_cutting_in_leaves_nothing_open() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    scene.type_line("hello");
    let bytes = crate::pcm::AudioBytes(vec![1; 4800]);
    scene.server(&json!({"type": "response.created", "response": {"id": "r"}}));
    scene.server(
        &json!({"type": "response.output_audio.delta", "response_id": "r", "item_id": "a", "delta": bytes}),
    );
    scene.key(Action::Interrupt);
    scene.server(
        &json!({"type": "response.done", "response": {"id": "r", "status": "cancelled", "output": []}}),
    );
    assert!(scene.app.conversation.is_settled());
}

// ---- the microphone ----

fn microphones(scene: &mut Scene) -> Vec<Microphone> {
    let microphone = |c| if let AudioCommand::Microphone(m) = c { Some(m) } else { None };
    scene.audio.drain(..).filter_map(microphone).collect()
}

#[test]
fn a_microphone_that_is_muted_for_long_is_given_back_until_it_is_wanted() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
    scene.key(Action::Mute);
    scene.pass(Duration::from_secs(29));
    assert_eq!(microphones(&mut scene), []);
    scene.pass(Duration::from_secs(1));
    assert_eq!(microphones(&mut scene), [Microphone::Released]);
    scene.pass(Duration::from_secs(60));
    scene.key(Action::Mute);
    assert_eq!(microphones(&mut scene), [Microphone::Kept]);
}

#[test]
fn a_program_that_is_stopped_does_not_keep_the_microphone() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
    scene.key(Action::Suspend);
    assert_eq!(microphones(&mut scene), [Microphone::Released, Microphone::Kept], "before and after");
}

#[test]
fn speech_that_our_own_detector_is_sure_of_stops_the_answer() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
    let delta = crate::pcm::AudioBytes(vec![1; 48_000]);
    scene.server(&json!({"type": "response.created", "response": {"id": "r"}}));
    scene.server(
        &json!({"type": "response.output_audio.delta", "response_id": "r", "item_id": "a", "delta": delta}),
    );
    scene.update(Msg::Audio(AudioEvent::Started { track: "a".into() }));
    scene.sent.clear();
    scene.audio.clear();
    scene.update(Msg::Audio(AudioEvent::Speech(LocalSpeech::Suspected)));
    assert_eq!((scene.sent.len(), scene.audio.len()), (0, 0), "the engine pauses by itself");
    scene.update(Msg::Audio(AudioEvent::Speech(LocalSpeech::Confirmed)));
    assert_eq!(scene.sent_types(), ["response.cancel"]);
    assert_eq!(scene.audio, [AudioCommand::Flush]);
}

/// Two answers, each of which is taken for the person.
fn hear_itself(scene: &mut Scene) {
    let delta = crate::pcm::AudioBytes(vec![1; 48_000]);
    for n in 0..2 {
        let (r, a, u) = (format!("r{n}"), format!("a{n}"), format!("u{n}"));
        scene.server(&json!({"type": "response.created", "response": {"id": r}}));
        scene.server(
            &json!({"type": "response.output_audio.delta", "response_id": r, "item_id": a, "delta": delta}),
        );
        scene.server(
            &json!({"type": "response.output_audio_transcript.delta", "response_id": r, "item_id": a,
            "delta": "You have two tasks: buy groceries and call mom."}),
        );
        scene.update(Msg::Audio(AudioEvent::Started { track: a.as_str().into() }));
        scene.server(&json!({"type": "input_audio_buffer.speech_started", "item_id": u}));
        let taken = AudioEvent::Flushed {
            track: Some(a.as_str().into()),
            heard_ms: 900,
            taken_ms: 900,
            queued_tracks_unheard: vec![],
        };
        scene.update(Msg::Audio(taken));
        scene.server(
            &json!({"type": "response.done", "response": {"id": r, "status": "cancelled", "output": []}}),
        );
        scene.server(&json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": u,
            "content_index": 0, "transcript": "You have two tasks."}));
    }
}

#[test]
fn an_assistant_that_answers_its_own_echo_is_stopped_and_the_microphone_shut_while_it_speaks() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
    hear_itself(&mut scene);
    assert_eq!(scene.echo_modes(), [EchoMode::Half]);
    assert!(scene.transcript().contains("heard itself"), "{}", scene.transcript());
}

#[test]
fn another_device_opens_the_microphone_again_to_who_speaks_over_the_assistant() {
    for direction in [Direction::Input, Direction::Output] {
        let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
        scene.opened(direction, "Built-in");
        hear_itself(&mut scene);
        scene.opened(direction, "Built-in");
        assert_eq!(scene.echo_modes(), [EchoMode::Half], "the same one again is no better");
        scene.opened(direction, "Headset");
        scene.opened(direction, "Built-in");
        assert_eq!(scene.echo_modes(), [EchoMode::Auto]);
        assert_eq!(scene.transcript().matches("no longer shut").count(), 1, "{}", scene.transcript());
    }
}

#[test]
fn half_duplex_that_was_asked_for_stays_with_another_device() {
    let mut scene =
        Scene::connected(AppConfig { echo: EchoMode::Half, ..config(Face::Screen, TurnMode::Vad) });
    hear_itself(&mut scene);
    scene.opened(Direction::Input, "Headset");
    assert_eq!(scene.echo_modes(), [EchoMode::Half]);
}

// ---- cues ----

#[test]
fn a_cue_says_that_the_person_is_heard_when_the_server_is_there_and_after_a_mute() {
    let mut scene = Scene::new(config(Face::Screen, TurnMode::Vad));
    scene.opened(Direction::Input, "Microphone");
    assert_eq!(scene.cues(), []);
    scene.link(LinkEvent::Connected);
    assert_eq!(scene.cues(), [Cue::Listening]);
    scene.now += Duration::from_secs(2);
    scene.key(Action::Mute);
    assert_eq!(scene.cues(), [Cue::Done]);
    scene.key(Action::Mute);
    assert_eq!(scene.cues(), [Cue::Listening]);
    scene.key(Action::Mute);
    scene.key(Action::Mute);
    assert_eq!(scene.cues(), [], "not more than one of a kind per second");
}

#[test]
fn nobody_is_told_that_they_are_heard_before_the_microphone_is_open() {
    let mut scene = Scene::new(config(Face::Screen, TurnMode::Vad));
    scene.link(LinkEvent::Connected);
    assert_eq!(scene.cues(), []);
    scene.opened(Direction::Input, "Microphone");
    assert_eq!(scene.cues(), [Cue::Listening]);
    scene.key(Action::Mute);
    scene.pass(Duration::from_secs(30));
    scene.cues();
    scene.key(Action::Mute);
    scene.opened(Direction::Output, "Speaker");
    assert_eq!(scene.cues(), [], "it was given back");
    scene.opened(Direction::Input, "Microphone");
    assert_eq!(scene.cues(), [Cue::Listening]);
}

#[test]
fn errors_and_a_lost_link_are_cued_once() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
    scene.cues();
    scene.update(Msg::Notice { level: Level::Error, text: "broken".to_owned() });
    assert_eq!(scene.cues(), [Cue::Error]);
    scene.update(Msg::Notice { level: Level::Warning, text: "odd".to_owned() });
    assert_eq!(scene.cues(), []);
    scene.now += Duration::from_secs(2);
    scene.lost(2_000);
    assert_eq!(scene.cues(), [Cue::Error]);
    scene.now += Duration::from_secs(2);
    scene.link(LinkEvent::Connecting { attempt: 2 });
    scene.lost(2_000);
    scene.link(LinkEvent::Connected);
    assert_eq!(scene.cues(), [], "the same outage, and the microphone was open all the time");
}

#[test]
fn nobody_is_cued_without_sound_in_a_recording_or_against_their_wish() {
    let quiet = AppConfig { cues: false, ..config(Face::Screen, TurnMode::Vad) };
    for config in [quiet, recording(false), config(Face::Screen, TurnMode::TextOnly)] {
        let mut scene = Scene::connected(config);
        scene.update(Msg::Notice { level: Level::Error, text: "broken".to_owned() });
        scene.lost(1_000);
        assert_eq!(scene.cues(), []);
    }
}

#[test]
fn a_recording_of_which_nothing_was_understood_has_a_code_and_a_word_for_it() {
    let mut scene = Scene::connected(recording(false));
    scene.update(Msg::Audio(AudioEvent::InputEnded));
    scene.pass(QUIET);
    assert_eq!(scene.exit, None, "the connection may have died");
    scene.pass(UNHEARD);
    assert_eq!(scene.exit, Some(Exit::Failure));
    assert!(format!("{:?}", scene.lines).contains("nothing in the recording was understood"));
}

#[test]
fn a_line_that_no_server_answers_is_told_by_the_code_of_a_script() {
    let mut scene = Scene::text();
    scene.update(Msg::Line("hello".to_owned()));
    scene.update(Msg::EndOfInput);
    scene.pass(Duration::from_secs(10));
    assert_eq!(scene.exit, Some(Exit::Network));
}

#[test]
fn a_network_that_is_too_slow_for_sound_is_told() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
    scene.link(LinkEvent::TooSlow);
    assert!(scene.transcript().contains("too slow for your voice"));
}
