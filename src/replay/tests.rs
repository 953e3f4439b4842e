use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};

use super::*;
use crate::app::Face;
use crate::audio::{AudioEvent, DeviceEvent, DeviceInfo, Direction, LocalSpeech, Meters};
use crate::pcm::Pcm16;
use crate::protocol::dialect::decode_server;
use crate::session_log::Sound;
use crate::tools::ToolOutcome;
use crate::transport::LinkEvent;
use crate::ui;

#[expect(clippy::disallowed_methods, reason = "a test needs some beginning")]
fn start() -> Instant {
    Instant::now()
}

fn head(face: Face) -> Head {
    let mut head = lost_head();
    head.session.face = face;
    head.session.server = "a server".to_owned();
    head
}

/// A session as it happens: told to an app, and logged.
struct Live {
    player: Player,
    log: String,
    at: Duration,
    lines: Vec<LineEvent>,
}

impl Live {
    fn new(face: Face) -> Self {
        let player = Player::new(head(face), VecDeque::new(), Theme::Plain, start());
        Self { player, log: head(face).line(), at: Duration::ZERO, lines: Vec::new() }
    }

    fn tell(&mut self, msg: Msg) {
        // Of no whole number of milliseconds.
        self.at += Duration::from_micros(12_345);
        self.log.push_str(&session_log::message(self.at, &msg, Sound::Length));
        self.player.at = self.at;
        self.lines.extend(self.player.tell(msg));
    }

    fn server(&mut self, event: &Value) {
        self.tell(Msg::Link(LinkEvent::Message(decode_server(&event.to_string()).unwrap())));
    }

    fn key(&mut self, code: crossterm::event::KeyCode) {
        self.tell(Msg::Key(crossterm::event::KeyEvent::from(code)));
    }

    fn typed(&mut self, text: &str) {
        text.chars().for_each(|c| self.key(crossterm::event::KeyCode::Char(c)));
        self.key(crossterm::event::KeyCode::Enter);
    }

    fn screen(&mut self) -> String {
        screen(&mut self.player, self.at)
    }
}

fn screen(player: &mut Player, at: Duration) -> String {
    let mut shown = String::new();
    for (columns, rows) in [(100, 40), (50, 14)] {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| ui::draw(player.view(at, ""), frame)).unwrap();
        shown.push_str(&terminal.backend().to_string());
    }
    shown
}

/// By voice and by keys, with a call, an interruption, a lost connection, tasks and levels.
fn session(face: Face) -> Live {
    let mut live = Live::new(face);
    live.tell(Msg::Resize { columns: 100, rows: 40 });
    live.tell(Msg::Link(LinkEvent::Connecting { attempt: 1 }));
    live.tell(Msg::Link(LinkEvent::Connected));
    let device = DeviceInfo { name: "a microphone".to_owned(), ..DeviceInfo::default() };
    live.tell(Msg::Audio(AudioEvent::Device(DeviceEvent::Opened { direction: Direction::Input, device })));
    live.server(&json!({"type": "session.created", "session": {"id": "s"}}));
    live.tell(Msg::Audio(AudioEvent::Frame { pcm: Pcm16::new(vec![0, 900, -1200, 3]) }));
    live.server(&json!({"type": "input_audio_buffer.speech_started", "item_id": "u1"}));
    live.tell(Msg::Audio(AudioEvent::Speech(LocalSpeech::Suspected)));
    live.tell(Msg::Audio(AudioEvent::Speech(LocalSpeech::FalseAlarm)));
    live.server(&json!({"type": "input_audio_buffer.speech_stopped", "item_id": "u1"}));
    live.server(&json!({"type": "input_audio_buffer.committed", "item_id": "u1"}));
    live.server(&json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": "u1",
        "transcript": "buy \u{1b}[31mmilk\u{202e}"}));
    live.server(&json!({"type": "response.created", "response": {"id": "r1"}}));
    live.server(&json!({"type": "response.done", "response": {"id": "r1", "status": "completed",
        "usage": {"total_tokens": 30, "input_tokens": 10, "output_tokens": 20},
        "output": [{"id": "f1", "type": "function_call", "call_id": "c1", "name": "create_task",
            "arguments": "{\"title\":\"milk\"}"}]}}));
    let change = crate::tools::Change {
        task: "milk".to_owned(),
        field: "task".into(),
        before: None,
        after: Some("milk".to_owned()),
    };
    let outcome = ToolOutcome {
        output: "{\"ok\":true}".to_owned(),
        ok: true,
        summary: "created “milk”".to_owned(),
        changed: true,
        changes: vec![change],
        pending: None,
    };
    live.tell(Msg::Tool { call_id: "c1".into(), outcome });
    live.server(&json!({"type": "response.created", "response": {"id": "r2"}}));
    live.server(&json!({"type": "response.output_item.added", "response_id": "r2",
        "item": {"id": "a1", "type": "message", "role": "assistant"}}));
    let words = "Okay, I have put it on your list, and there is more to say.";
    live.server(
        &json!({"type": "response.output_audio_transcript.delta", "response_id": "r2", "item_id": "a1",
        "delta": words}),
    );
    live.server(&json!({"type": "response.output_audio.delta", "response_id": "r2", "item_id": "a1",
        "delta": base64(&[3; 48_000])}));
    live.tell(Msg::Audio(AudioEvent::Started { track: "a1".into() }));
    live.tell(Msg::Meters(Meters { mic_rms: 0.2, mic_peak: 0.4, speaker_peak: 0.3, ..Meters::default() }));
    live.tell(Msg::Audio(AudioEvent::Speech(LocalSpeech::Confirmed)));
    live.tell(Msg::Audio(AudioEvent::Flushed {
        track: Some("a1".into()),
        heard_ms: 400,
        taken_ms: 410,
        queued_tracks_unheard: vec![],
    }));
    live.server(
        &json!({"type": "response.done", "response": {"id": "r2", "status": "cancelled", "output": []}}),
    );
    live.tell(Msg::Link(LinkEvent::Lost { reason: "gone".to_owned(), retry_in: Duration::from_secs(4) }));
    live.tell(Msg::Link(LinkEvent::Connecting { attempt: 1 }));
    live.tell(Msg::Link(LinkEvent::Connected));
    live.typed("what is there to do?");
    live.server(&json!({"type": "response.created", "response": {"id": "r3"}}));
    live.server(&json!({"type": "response.done", "response": {"id": "r3", "status": "completed", "output": [
        {"id": "a3", "type": "message", "role": "assistant",
            "content": [{"type": "output_text", "text": "Milk."}]}]}}));
    live.typed("/volume 50");
    "half a li".chars().for_each(|c| live.key(crossterm::event::KeyCode::Char(c)));
    live
}

fn base64(bytes: &[u8]) -> Value {
    json!(crate::pcm::AudioBytes(bytes.to_vec()))
}

fn replayed(log: &str) -> (Player, Vec<LineEvent>, Vec<String>) {
    let recording = Recording::read(log.as_bytes()).unwrap();
    let mut player = Player::new(recording.head, recording.events, Theme::Plain, start());
    let lines = player.finish();
    (player, lines, recording.warnings)
}

#[test]
fn a_session_that_is_played_again_ends_in_the_same_screen_and_the_same_lines() {
    for face in [Face::Screen, Face::Lines, Face::Reader] {
        let mut live = session(face);
        let (mut player, lines, warnings) = replayed(&live.log);
        assert_eq!(warnings, [""; 0]);
        assert_eq!(lines, live.lines);
        assert_eq!(screen(&mut player, live.at), live.screen());
        assert_eq!(player.export(Format::Json), live.player.export(Format::Json));
        let (mut again, same, _) = replayed(&live.log);
        assert_eq!((screen(&mut again, live.at), same), (screen(&mut player, live.at), lines));
    }
}

#[test]
fn the_screen_has_what_was_said_heard_and_done() {
    let mut live = session(Face::Screen);
    let shown = live.screen();
    for text in ["buy milk", "create_task", "created", "Milk.", "half a li", "online"] {
        assert!(shown.contains(text), "{text}:\n{shown}");
    }
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown}");
    assert!(live.log.contains("\\u001b"), "the log has it as it came");
    assert!(live.lines.iter().any(|l| matches!(l, LineEvent::Assistant { interrupted: true, .. })));
}

#[test]
fn damaged_lines_are_left_out_and_told_by_number() {
    let live = session(Face::Lines);
    let half = live.log.len() - 20;
    let damaged = live.log[..half].replacen("{\"ms\":24.69", "{\"ms\":24..69", 1) + "\u{fffd}\u{1b}[2J";
    let (_, lines, warnings) = replayed(&damaged);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].starts_with("line 3 is left out"), "{warnings:?}");
    assert!(lines.iter().any(|l| matches!(l, LineEvent::ToolResult { ok: true, .. })), "{lines:?}");
}

#[test]
fn without_its_first_line_a_log_is_still_played() {
    let live = session(Face::Lines);
    let rest = live.log.split_once('\n').unwrap().1;
    let (_, lines, warnings) = replayed(rest);
    assert!(warnings[0].contains("not known"), "{warnings:?}");
    assert!(lines.iter().any(|l| matches!(l, LineEvent::Assistant { .. })), "{lines:?}");
}

#[test]
fn what_is_no_log_is_refused() {
    for text in ["", "hello\nworld\n", "{}\n"] {
        let error = Recording::read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("no session's log"), "{error}");
    }
}
