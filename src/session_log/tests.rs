use std::time::Duration;

use serde_json::json;

use super::*;
use crate::audio::{AudioEvent, DeviceEvent, DeviceInfo, Direction, LocalSpeech, Meters};
use crate::conversation::Level;
use crate::pcm::{AudioBytes, Pcm16};
use crate::protocol::ClientEvent;
use crate::transport::{LinkError, LinkEvent};

const AT: Duration = Duration::from_micros(12_345_678);

fn again(msg: &Msg, sound: Sound) -> Msg {
    let text = message(AT, msg, sound);
    assert!(text.ends_with('\n') && text.matches('\n').count() == 1, "{text}");
    match read(text.trim_end()) {
        Ok(Line::Happened { at: AT, msg }) => *msg,
        other => panic!("{text}: {other:?}"),
    }
}

fn server(event: &Value) -> Msg {
    Msg::Link(LinkEvent::Message(decode_server(&event.to_string()).unwrap()))
}

#[test]
fn every_kind_of_message_comes_back_as_it_was() {
    let device = DeviceInfo { name: "a\u{1b}mic".to_owned(), rate: 48_000, ..DeviceInfo::default() };
    let key = crossterm::event::KeyEvent::new(
        crossterm::event::KeyCode::Char('x'),
        crossterm::event::KeyModifiers::CONTROL,
    );
    let all = [
        Msg::Link(LinkEvent::Connecting { attempt: 1 }),
        Msg::Link(LinkEvent::Connected),
        Msg::Link(LinkEvent::Lost { reason: "gone".to_owned(), retry_in: Duration::from_micros(1) }),
        Msg::Link(LinkEvent::Fatal(LinkError::Key { status: 401, detail: String::new() })),
        server(
            &json!({"type": "session.created", "event_id": "e", "session": {"id": "s", "voice": "marin"}}),
        ),
        server(&json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": [
            {"id": "i", "type": "function_call", "call_id": "c", "name": "n", "arguments": "{}"}]}})),
        server(&json!({"type": "something.new", "a": 1})),
        Msg::Audio(AudioEvent::Started { track: "t".into() }),
        Msg::Audio(AudioEvent::Flushed {
            track: Some("t".into()),
            heard_ms: 1,
            taken_ms: 2,
            queued_tracks_unheard: vec!["u".into()],
        }),
        Msg::Audio(AudioEvent::Finished { track: "t".into() }),
        Msg::Audio(AudioEvent::Speech(LocalSpeech::Confirmed)),
        Msg::Audio(AudioEvent::InputEnded),
        Msg::Audio(AudioEvent::Device(DeviceEvent::Opened { direction: Direction::Input, device })),
        Msg::Meters(Meters { mic_peak: 0.123_456_79, mic_rms: 0.1, ..Meters::default() }),
        Msg::Key(key),
        Msg::Action(crate::ui::keymap::Action::Scroll(crate::ui::scroll::ScrollStep::PageUp)),
        Msg::Paste("two\nlines \"quoted\"".to_owned()),
        Msg::Line("hello".to_owned()),
        Msg::Notice { level: Level::Warning, text: "a notice".to_owned() },
        Msg::Resize { columns: 80, rows: 24 },
        Msg::Wall { unix_s: 1 },
        Msg::Timeout,
        Msg::Woken,
    ];
    for msg in all {
        assert_eq!(format!("{:?}", again(&msg, Sound::Length)), format!("{msg:?}"));
    }
}

#[test]
fn sound_is_told_by_its_length_unless_it_is_kept() {
    let pcm = Pcm16::new(vec![-300, 7, 200]);
    let frame = Msg::Audio(AudioEvent::Frame { pcm: pcm.clone() });
    let Msg::Audio(AudioEvent::Frame { pcm: quiet }) = again(&frame, Sound::Length) else {
        panic!("no frame")
    };
    assert_eq!(quiet.samples(), [300, 0, 0], "its length, and that there was something");
    let Msg::Audio(AudioEvent::Frame { pcm: same }) = again(&frame, Sound::Kept) else { panic!("no frame") };
    assert_eq!(same, pcm);

    let delta = server(&json!({"type": "response.output_audio.delta", "item_id": "i", "delta": "AQIDBA=="}));
    assert!(message(AT, &delta, Sound::Length).contains("\"delta\":4"));
    let silence =
        server(&json!({"type": "response.output_audio.delta", "item_id": "i", "delta": "AAAAAA=="}));
    assert_eq!(format!("{:?}", again(&delta, Sound::Length)), format!("{silence:?}"));
    assert!(message(AT, &delta, Sound::Kept).contains("AQIDBA"));

    let append = ClientEvent::InputAudioBufferAppend { audio: AudioBytes(vec![1; 960]) };
    let line = sent(AT, &append.into(), Sound::Length);
    assert_eq!(
        serde_json::from_str::<Value>(&line).unwrap(),
        json!({"ms": 12_345.678, "from": "client", "event": {"type": "input_audio_buffer.append", "audio": 960}})
    );
}

#[test]
fn what_is_no_line_is_refused_with_a_reason() {
    for line in [
        "",
        "null",
        "{\"ms\":1,\"from\":\"here\"}",
        "{\"ms\":-1,\"from\":\"here\",\"event\":\"timeout\"}",
        "{\"ms\":1e300,\"from\":\"here\",\"event\":\"timeout\"}",
        "{\"ms\":1,\"from\":\"nowhere\",\"event\":\"timeout\"}",
        "{\"ms\":1,\"from\":\"here\",\"event\":{\"line\"",
        "{\"ms\":1,\"from\":\"sound\",\"event\":{\"frame\":{\"length\":99999999999,\"peak\":0}}}",
        "{\"ms\":1,\"from\":\"server\",\"event\":{\"type\":\"response.output_audio.delta\",\"delta\":99999999999}}",
        "{\"v\":99,\"session\":{}}",
    ] {
        let why = read(line).expect_err(line);
        assert!(!why.is_empty() && !why.contains('\n'), "{line}: {why}");
    }
}
