//! What the app makes of the conversation for the eyes, and for the ears.

use super::*;
use crate::ui::find::FindStep;
use crate::ui::scroll::ScrollStep;
use crate::ui::view::{self, Ears, EntryKind, UserText};

fn voice() -> Scene {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::Vad));
    scene.app.view(scene.now);
    scene
}

fn quiet() -> Meters {
    Meters { microphone_open: true, mic_rms: 0.002, mic_peak: 0.01, ..Meters::default() }
}

fn answer_delta(scene: &mut Scene, id: &str, delta: &str) {
    scene
        .server(&json!({"type": "response.output_audio_transcript.delta", "response_id": "r", "item_id": id,
        "delta": delta}));
}

// ---- drawing ----

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    let mut scene = voice();
    scene.update(Msg::Meters(quiet()));
    scene.draws = 0;
    for _ in 0..1_000 {
        scene.now += Duration::from_millis(50);
        // A quiet room is never quite the same.
        scene.update(Msg::Meters(Meters { mic_rms: 0.0021, mic_peak: 0.0099, ..quiet() }));
        scene.speak(2);
        scene.pass(Duration::ZERO);
    }
    assert_eq!(scene.draws, 0);
    scene.update(Msg::Meters(Meters { mic_rms: 0.2, mic_peak: 0.3, ..quiet() }));
    assert_eq!(scene.draws, 1);
}

#[test]
fn with_reduced_motion_levels_change_once_a_second() {
    let mut scene =
        Scene::connected(AppConfig { reduced_motion: true, ..config(Face::Screen, TurnMode::Vad) });
    scene.draws = 0;
    for n in 0..40_u8 {
        let loud = if n % 2 == 0 { 0.5 } else { 0.01 };
        scene.update(Msg::Meters(Meters { mic_rms: loud, mic_peak: loud, ..quiet() }));
        scene.now += Duration::from_millis(50);
    }
    assert_eq!(scene.draws, 2, "in two seconds");
}

#[test]
fn only_entries_that_changed_are_made_anew() {
    let mut scene = voice();
    for n in 0..20 {
        scene.server(&json!({"type": "input_audio_buffer.committed", "item_id": format!("u{n}")}));
    }
    let revisions = |scene: &mut Scene| -> Vec<u64> {
        scene.app.view(scene.now).transcript.iter().map(|entry| entry.revision).collect()
    };
    let before = revisions(&mut scene);
    answer_delta(&mut scene, "a", "Hello");
    answer_delta(&mut scene, "a", " there");
    let after = revisions(&mut scene);
    assert_eq!(after[..20], before[..20]);
    assert_eq!(after.len(), 21);
    answer_delta(&mut scene, "a", ".");
    assert_ne!(revisions(&mut scene)[20], after[20]);
}

#[test]
fn what_is_kept_is_what_would_be_made_now() {
    let mut scene = voice();
    let events = [
        json!({"type": "input_audio_buffer.speech_started", "item_id": "u1"}),
        json!({"type": "input_audio_buffer.committed", "item_id": "u1"}),
        json!({"type": "response.created", "response": {"id": "r"}}),
        json!({"type": "response.output_audio_transcript.delta", "response_id": "r", "item_id": "a1", "delta": "Hi"}),
        json!({"type": "error", "error": {"message": "odd"}}),
        json!({"type": "conversation.item.input_audio_transcription.delta", "item_id": "u1", "delta": "he"}),
        json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": "u1",
            "content_index": 0, "transcript": "hello"}),
        json!({"type": "input_audio_buffer.committed", "item_id": "u0", "previous_item_id": "u1"}),
        json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": [
            {"id": "c", "type": "function_call", "call_id": "c1", "name": "list", "arguments": "{}"}]}}),
    ];
    for event in &events {
        scene.server(event);
        let kept = scene.app.view(scene.now).transcript.clone();
        let mut fresh = Vec::new();
        let entries = scene.app.conversation.transcript().entries();
        Made::default().update(&mut fresh, entries, &scene.app.tools);
        assert_eq!(without_revisions(kept), without_revisions(fresh), "after {event}");
    }
    let outcome = ToolOutcome {
        output: "{}".to_owned(),
        ok: true,
        summary: "two tasks".to_owned(),
        changed: false,
        changes: Vec::new(),
        pending: None,
    };
    scene.update(Msg::Tool { call_id: "c1".into(), outcome });
    assert!(scene.transcript().contains("two tasks"));
}

#[test]
fn the_place_of_speech_is_kept_until_its_words_come() {
    let mut scene = voice();
    scene.server(&json!({"type": "input_audio_buffer.committed", "item_id": "u1", "previous_item_id": null}));
    answer_delta(&mut scene, "a1", "Yes.");
    let kinds: Vec<_> = scene.app.view(scene.now).transcript.iter().map(|e| e.kind.clone()).collect();
    assert!(matches!(kinds[0], EntryKind::User { text: UserText::Pending, .. }), "{kinds:?}");
    scene.server(&json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": "u1",
        "content_index": 0, "transcript": "Are you there?"}));
    let view = scene.app.view(scene.now);
    let ids: Vec<_> = view.transcript.iter().map(|e| e.id.as_str()).collect();
    assert_eq!(ids, ["u1", "a1"]);
    assert!(format!("{:?}", view.transcript[0].kind).contains("Are you there?"));
}

#[test]
fn the_place_that_is_read_stays_while_an_answer_streams_below() {
    let mut scene = voice();
    for n in 0..60 {
        scene.update(Msg::Notice { level: Level::Info, text: format!("notice {n}") });
    }
    scene.app.view(scene.now);
    scene.key(Action::Scroll(ScrollStep::PageUp));
    let place = scene.app.view(scene.now).scroll.clone();
    for n in 0..200 {
        answer_delta(&mut scene, "a", &format!("word {n} "));
        assert_eq!(scene.app.view(scene.now).scroll, place);
    }
    // An item that the server puts above what is read moves no notice.
    scene.server(&json!({"type": "input_audio_buffer.committed", "item_id": "u1", "previous_item_id": "a"}));
    assert_eq!(scene.app.view(scene.now).scroll, place);
}

fn without_revisions(entries: Vec<view::Entry>) -> Vec<view::Entry> {
    entries.into_iter().map(|entry| view::Entry { revision: 0, ..entry }).collect()
}

// ---- search and copy ----

fn said(texts: &[&str]) -> Scene {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    for (n, text) in texts.iter().enumerate() {
        let (r, a) = (format!("r{n}"), format!("a{n}"));
        scene.server(&json!({"type": "response.created", "response": {"id": r}}));
        scene.server(
            &json!({"type": "response.done", "response": {"id": r, "status": "completed", "output": [
            {"id": a, "type": "message", "role": "assistant",
                "content": [{"type": "output_text", "text": text}]}]}}),
        );
    }
    scene.app.view(scene.now);
    scene
}

fn letters(scene: &mut Scene, text: &str) {
    text.chars().for_each(|c| scene.key(Action::Edit(Edit::Insert(c))));
}

#[test]
fn what_is_searched_for_does_not_get_into_the_message() {
    let mut scene = said(&["one milk", "two", "three milk"]);
    letters(&mut scene, "draft");
    scene.key(Action::Find(FindStep::Toggle));
    letters(&mut scene, "milk");
    scene.update(Msg::Paste(" x".to_owned()));
    scene.key(Action::Find(FindStep::Back));
    assert_eq!(scene.app.view(scene.now).input.text(), "draft");
    letters(&mut scene, "!");
    assert_eq!(scene.app.view(scene.now).input.text(), "draft!");
}

#[test]
fn the_copy_key_copies_the_last_answer_and_says_how_much() {
    let mut scene = said(&["one", "the last answer"]);
    assert!(scene.copied.is_empty());
    scene.key(Action::Copy);
    assert_eq!(scene.copied, ["the last answer"]);
    assert_eq!(scene.app.view(scene.now).note.as_str(), "copied 15 characters");
    letters(&mut scene, "x");
    assert!(scene.app.view(scene.now).note.is_empty(), "the next key takes it away");
    let mut scene = said(&[]);
    scene.key(Action::Copy);
    assert_eq!((scene.copied.len(), scene.app.view(scene.now).note.as_str()), (0, "nothing to copy yet"));
}

#[test]
fn what_is_copied_is_clean() {
    let mut scene = said(&["a\u{1b}]52;c;ZXZpbA==\u{7}b\u{202e}"]);
    scene.key(Action::Copy);
    assert_eq!(scene.copied, ["ab"]);
}

// ---- the state line ----

#[test]
fn our_own_ears_are_told_apart_from_the_servers() {
    let mut scene = Scene::new(config(Face::Screen, TurnMode::Vad));
    let ears = |scene: &mut Scene| {
        let view = scene.app.view(scene.now);
        (view.ears, view.server_hears)
    };
    assert_eq!(ears(&mut scene), (Ears::Missing, false));
    scene.opened(Direction::Input, "Microphone");
    scene.link(LinkEvent::Connected);
    assert_eq!(ears(&mut scene), (Ears::Open, false));
    scene.server(&json!({"type": "input_audio_buffer.speech_started", "item_id": "u"}));
    assert_eq!(ears(&mut scene), (Ears::Open, true));
    scene.server(&json!({"type": "input_audio_buffer.speech_stopped", "item_id": "u"}));
    scene.update(Msg::Audio(AudioEvent::Speech(LocalSpeech::Suspected)));
    assert_eq!(ears(&mut scene), (Ears::Voice, false));
    scene.update(Msg::Audio(AudioEvent::Speech(LocalSpeech::FalseAlarm)));
    assert_eq!(ears(&mut scene), (Ears::Open, false));
    scene.update(Msg::Audio(AudioEvent::Device(DeviceEvent::SilentMicrophone)));
    assert_eq!(ears(&mut scene), (Ears::Silent, false));
    scene.update(Msg::Audio(AudioEvent::Frame { pcm: Pcm16::new(vec![5; 480]) }));
    assert_eq!(ears(&mut scene), (Ears::Open, false));
    scene.key(Action::ToggleMode);
    assert_eq!(ears(&mut scene), (Ears::Shut, false));
}

// ---- for a screen reader ----

fn reader(mode: TurnMode) -> Scene {
    Scene::connected(AppConfig { script: false, ..config(Face::Reader, mode) })
}

fn told(scene: &mut Scene) -> Vec<String> {
    let words = scene.lines.drain(..).filter_map(|line| match line {
        LineEvent::State { text } | LineEvent::Notice { text, .. } => Some(text),
        LineEvent::Assistant { text, .. } => Some(format!("assistant: {text}")),
        LineEvent::User { text, .. } => Some(format!("you: {text}")),
        LineEvent::ToolCall { .. }
        | LineEvent::ToolResult { .. }
        | LineEvent::Reminder { .. }
        | LineEvent::Ready
        | LineEvent::Usage { .. } => None,
    });
    words.collect()
}

#[test]
fn states_are_told_when_they_change_and_matter() {
    let mut scene = reader(TurnMode::Vad);
    assert_eq!(told(&mut scene), ["listening"]);
    scene.server(&json!({"type": "input_audio_buffer.speech_started", "item_id": "u"}));
    assert_eq!(told(&mut scene), Vec::<String>::new(), "the person knows");
    scene.server(&json!({"type": "input_audio_buffer.speech_stopped", "item_id": "u"}));
    scene.server(&json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": "u",
        "content_index": 0, "transcript": "hello"}));
    assert_eq!(told(&mut scene), ["thinking", "you: hello"]);
    let delta = crate::pcm::AudioBytes(vec![1; 4_800]);
    scene.server(&json!({"type": "response.created", "response": {"id": "r"}}));
    answer_delta(&mut scene, "a", "Hi.");
    scene.server(
        &json!({"type": "response.output_audio.delta", "response_id": "r", "item_id": "a", "delta": delta}),
    );
    scene.update(Msg::Audio(AudioEvent::Started { track: "a".into() }));
    scene.server(
        &json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": []}}),
    );
    assert_eq!(told(&mut scene), Vec::<String>::new(), "it is heard");
    scene.update(Msg::Audio(AudioEvent::Finished { track: "a".into() }));
    assert_eq!(told(&mut scene), ["assistant: Hi.", "listening"]);
}

#[test]
fn lines_of_a_person_are_said_at_once_and_words_with_a_slash_are_keys() {
    let mut scene = reader(TurnMode::Vad);
    told(&mut scene);
    scene.update(Msg::Line("hello".to_owned()));
    scene.update(Msg::Line("and one more thing".to_owned()));
    let sent = scene.sent_types();
    assert_eq!(sent.iter().filter(|t| *t == "conversation.item.create").count(), 2, "{sent:?}");
    scene.update(Msg::Line("/mute".to_owned()));
    assert!(scene.app.conversation.is_muted());
    scene.update(Msg::Line("/sing".to_owned()));
    scene.update(Msg::Line("/devices".to_owned()));
    scene.update(Msg::Line("/help".to_owned()));
    let lines = told(&mut scene).join("\n");
    for words in [
        "there is no `/sing`",
        "this is for the screen",
        "/stop stops the answer",
        "/export FILE.md|json|srt",
    ] {
        assert!(lines.contains(words), "{words}: {lines}");
    }
    assert!(!lines.contains("/copy"), "{lines}");
    scene.sent.clear();
    scene.update(Msg::Line("//etc is full".to_owned()));
    let sent: Vec<String> = scene.sent.iter().map(ToString::to_string).collect();
    assert!(sent[0].contains("\"/etc is full\""), "{sent:?}");
    scene.update(Msg::Line("/quit".to_owned()));
    assert_eq!(scene.exit, Some(Exit::Ok));
}

#[test]
fn a_screen_reader_asks_for_no_timers_and_hears_of_the_connection() {
    let mut scene = reader(TurnMode::TextOnly);
    assert_eq!(told(&mut scene), ["your turn"]);
    assert_eq!(scene.app.poll_timeout(), None);
    scene.lost(3_000);
    let lines = told(&mut scene);
    assert!(lines.len() == 1 && lines[0].contains("connection lost"), "{lines:?}");
    scene.link(LinkEvent::Connected);
    assert_eq!(told(&mut scene), ["your turn"]);
}

// ---- hostile text ----

const HOSTILE: [&str; 10] = [
    "a\u{1b}[31mred",
    "a\u{1b}]0;title\u{7}b",
    "a\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\b",
    "a\u{1b}]52;c;aGk=\u{1b}\\b",
    "a\u{1b}P+q544e\u{1b}\\b",
    "a\u{1b}[6n\u{1b}[21tb",
    "a\u{9b}6nb",
    "a\u{202a}\u{202e}\u{2066}\u{2069}b\u{200b}\u{200f}\u{feff}\u{ad}",
    "tag\u{e0000}\u{e0041}\u{e007f}s",
    "é漢👩\u{200d}💻\u{1b}[2Jz",
];

#[test]
fn a_sequence_split_over_two_deltas_at_any_place_never_shows() {
    for text in HOSTILE {
        for (cut, _) in text.char_indices() {
            let mut scene = voice();
            let mut whole = String::new();
            for delta in [&text[..cut], &text[cut..]] {
                answer_delta(&mut scene, "a", delta);
                whole.push_str(delta);
                let EntryKind::Assistant { text: shown, .. } = &scene.app.view(scene.now).transcript[0].kind
                else {
                    panic!("no answer");
                };
                assert_eq!(*shown, Clean::new(&whole), "{text:?} cut at {cut}");
                assert!(!shown.as_str().contains(char::is_control));
            }
        }
    }
}

#[test]
fn a_microphone_that_opens_is_on_the_screen_at_once() {
    let mut scene = Scene::new(config(Face::Screen, TurnMode::Vad));
    let before = scene.draws;
    scene.opened(Direction::Input, "Built-in Microphone");
    assert!(scene.draws > before);
}
