mod other_servers;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::protocol::Dialect;
use crate::protocol::dialect::decode_server;
use crate::protocol::tests::sent;

/// A conversation on a clock of its own, driven by JSON events.
pub(super) struct Scene {
    pub(super) conversation: Conversation,
    now: Instant,
    pub(super) sent: Vec<Value>,
    outputs: Vec<Output>,
    pub(super) reports: Vec<Report>,
}

impl Scene {
    pub(super) fn new(mode: TurnMode) -> Self {
        Self::of(config(mode))
    }

    pub(super) fn of(config: SessionConfig) -> Self {
        let mut scene = Self {
            conversation: Conversation::new(config),
            now: start(),
            sent: Vec::new(),
            outputs: Vec::new(),
            reports: Vec::new(),
        };
        scene.input(Input::Connected);
        scene.sent.clear();
        scene.outputs.clear();
        scene
    }

    pub(super) fn input(&mut self, input: Input) {
        self.conversation.handle(input, self.now);
        while let Some(output) = self.conversation.poll_output() {
            match output {
                Output::Send(message) => {
                    self.sent.push(sent(&message, Dialect::Ga));
                }
                Output::Report(report) => self.reports.push(report),
                other => self.outputs.push(other),
            }
        }
    }

    pub(super) fn server(&mut self, event: &Value) {
        self.input(Input::Server(decode_server(&event.to_string()).expect("decodes").event));
    }

    pub(super) fn servers(&mut self, events: &[Value]) {
        events.iter().for_each(|event| self.server(event));
    }

    pub(super) fn say(&mut self, text: &str) {
        self.input(Input::Intent(Intent::Say(text.to_owned())));
    }

    /// The types sent since the last time.
    pub(super) fn sent_types(&mut self) -> Vec<String> {
        self.sent.drain(..).map(|e| e["type"].as_str().expect("type").to_owned()).collect()
    }

    pub(super) fn take_outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.conversation.transcript().entries().iter().map(|e| describe(&e.kind)).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "a test needs some beginning")]
pub(super) fn start() -> Instant {
    Instant::now()
}

pub(super) fn config(mode: TurnMode) -> SessionConfig {
    SessionConfig {
        instructions: "be short".to_owned(),
        tools: vec![],
        mode,
        spoken: mode != TurnMode::TextOnly,
        voice: "marin".to_owned(),
        speed: 1.0,
        transcription: None,
        ..SessionConfig::default()
    }
}

fn describe(kind: &EntryKind) -> String {
    match kind {
        EntryKind::User { text, failed: None, .. } => format!("you: {}", text.as_deref().unwrap_or("…")),
        EntryKind::User { failed: Some(why), .. } => format!("you: ({why})"),
        EntryKind::Assistant { text, heard_chars: None, .. } => format!("it: {text}"),
        EntryKind::Assistant { text, heard_chars: Some(n), .. } => {
            format!(
                "it: {}|{}",
                text.chars().take(*n).collect::<String>(),
                text.chars().skip(*n).collect::<String>()
            )
        }
        EntryKind::Call { call, state, .. } => format!("call: {}({}) {state:?}", call.name, call.arguments),
        EntryKind::Notice { text, .. } => format!("note: {text}"),
        EntryKind::Deed { id, .. } => format!("deed: {id:?}"),
    }
}

pub(super) fn created(id: &str) -> Value {
    json!({"type": "response.created", "response": {"id": id}})
}

pub(super) fn done(id: &str, status: &str, output: &Value) -> Value {
    json!({"type": "response.done", "response": {"id": id, "status": status, "output": output}})
}

pub(super) fn message(id: &str, text: &str) -> Value {
    json!({"id": id, "type": "message", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": text}]})
}

pub(super) fn call_item(id: &str, call_id: &str, name: &str) -> Value {
    json!({"id": id, "type": "function_call", "status": "completed", "call_id": call_id, "name": name,
        "arguments": "{}"})
}

fn audio(response: &str, item: &str, ms: usize) -> Value {
    let bytes = crate::pcm::AudioBytes(vec![1; ms * 48]);
    json!({"type": "response.output_audio.delta", "response_id": response, "item_id": item, "delta": bytes})
}

fn words(response: &str, item: &str, delta: &str) -> Value {
    json!({"type": "response.output_audio_transcript.delta", "response_id": response, "item_id": item,
        "delta": delta})
}

pub(super) fn speech_started(item: &str) -> Value {
    json!({"type": "input_audio_buffer.speech_started", "item_id": item})
}

#[test]
fn a_typed_line_is_sent_and_its_answer_reported_once() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say(" hello ");
    assert_eq!(scene.sent_types(), ["conversation.item.create", "response.create"]);
    assert_eq!(scene.conversation.turn(), Turn::Thinking);
    scene.servers(&[
        created("r"),
        json!({"type": "response.output_item.added", "response_id": "r", "item": message("a", "")}),
        json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "a", "delta": "Hi "}),
        json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "a", "delta": "there"}),
    ]);
    assert_eq!(scene.texts(), ["you: hello", "it: Hi there"]);
    assert!(!scene.conversation.is_settled());
    scene.servers(&[
        json!({"type": "response.output_item.done", "response_id": "r", "item": message("a", "Hi there")}),
        done("r", "completed", &json!([message("a", "Hi there")])),
    ]);
    assert!(scene.conversation.is_settled());
    let answer = Report::Assistant { item_id: "a".into(), text: "Hi there".into(), interrupted: false };
    assert_eq!(scene.reports.iter().filter(|r| **r == answer).count(), 1);
}

#[test]
fn an_answer_that_comes_only_with_the_end_of_the_response_is_shown() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("hello");
    scene.servers(&[created("r"), done("r", "completed", &json!([message("a", "Hi")]))]);
    assert_eq!(scene.texts(), ["you: hello", "it: Hi"]);
}

#[test]
fn calls_run_after_their_response_and_are_answered_once_in_order() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("do two things");
    scene.sent.clear();
    let items = json!([call_item("i1", "c1", "first"), call_item("i2", "c2", "second")]);
    scene.server(&created("r"));
    for item in items.as_array().expect("array") {
        scene.server(&json!({"type": "response.output_item.done", "response_id": "r", "item": item}));
        scene.server(&json!({"type": "response.function_call_arguments.done", "response_id": "r",
            "item_id": item["id"], "call_id": item["call_id"], "arguments": "{}"}));
    }
    assert_eq!(scene.take_outputs(), [], "nothing runs before the response is through");
    scene.server(&done("r", "completed", &items));
    scene.server(&done("r", "completed", &items));
    let run: Vec<_> = scene.take_outputs();
    assert!(
        matches!(&run[..], [Output::CallTool(a), Output::CallTool(b)] if a.name == "first" && b.name == "second")
    );

    let output =
        |id: &str, text: &str| Input::ToolOutput { call_id: id.into(), output: text.into(), ok: true };
    scene.input(output("c2", "two"));
    assert_eq!(scene.sent_types(), Vec::<String>::new(), "the first is not there yet");
    scene.input(output("c1", "one"));
    scene.input(output("c1", "again"));
    let sent = std::mem::take(&mut scene.sent);
    let outputs: Vec<_> = sent.iter().map(|e| e["item"]["output"].as_str().unwrap_or("-")).collect();
    assert_eq!(outputs, ["one", "two", "-"]);
    assert_eq!(sent[2]["type"], "response.create");
}

#[test]
fn calls_of_a_cancelled_response_never_run() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("do it");
    let item = call_item("i", "c", "f");
    scene.servers(&[
        created("r"),
        json!({"type": "response.output_item.done", "response_id": "r", "item": item}),
        done("r", "cancelled", &json!([item])),
    ]);
    assert_eq!(scene.take_outputs(), []);
    assert_eq!(scene.texts(), ["you: do it", "call: f({}) Failed"]);
}

#[test]
fn a_tool_that_does_not_answer_is_answered_for() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("do it");
    scene.servers(&[created("r"), done("r", "completed", &json!([call_item("i", "c", "f")]))]);
    scene.sent.clear();
    scene.now = scene.conversation.poll_timeout().expect("a deadline");
    scene.input(Input::Timeout);
    assert!(scene.sent[0]["item"]["output"].as_str().expect("output").contains("timeout"));
    scene.input(Input::ToolOutput { call_id: "c".into(), output: "late".into(), ok: true });
    assert_eq!(scene.sent_types(), ["conversation.item.create", "response.create"]);
}

fn speaking() -> Scene {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.servers(&[
        speech_started("u"),
        json!({"type": "input_audio_buffer.speech_stopped", "item_id": "u"}),
        json!({"type": "input_audio_buffer.committed", "item_id": "u"}),
        created("r"),
        words("r", "a", "one two three four five"),
        audio("r", "a", 1000),
    ]);
    scene.input(Input::PlaybackStarted { item_id: "a".into() });
    assert_eq!(scene.conversation.turn(), Turn::Speaking);
    scene.take_outputs();
    scene.sent.clear();
    scene
}

#[test]
fn cutting_in_flushes_truncates_at_what_was_heard_and_drops_late_sound() {
    let mut scene = speaking();
    scene.server(&speech_started("u2"));
    assert_eq!(scene.take_outputs(), [Output::FlushPlayback]);
    assert_eq!(scene.conversation.turn(), Turn::HearingYou);
    scene.servers(&[audio("r", "a", 100), words("r", "a", " six")]);
    scene.input(Input::PlaybackFlushed { item_id: Some("a".into()), heard_ms: 400, unheard: vec![] });
    scene.server(&done("r", "cancelled", &json!([message("a", "")])));
    assert_eq!(scene.take_outputs(), [], "late sound is dropped");
    assert_eq!(scene.sent.len(), 1, "{:?}", scene.sent);
    assert_eq!(scene.sent[0]["type"], "conversation.item.truncate");
    assert_eq!(scene.sent[0]["audio_end_ms"], 400);
    assert_eq!(scene.texts()[1], "it: one two t|hree four five");
    let answer = Report::Assistant { item_id: "a".into(), text: "one two t".into(), interrupted: true };
    assert!(scene.reports.contains(&answer));
}

#[test]
fn the_heard_length_is_never_more_than_was_received() {
    let mut scene = speaking();
    scene.server(&speech_started("u2"));
    scene.input(Input::PlaybackFlushed { item_id: Some("a".into()), heard_ms: 9000, unheard: vec![] });
    assert_eq!(scene.sent[0]["audio_end_ms"], 1000);
}

#[test]
fn an_answer_of_which_nothing_was_heard_is_deleted() {
    let mut scene = speaking();
    scene.server(&speech_started("u2"));
    scene.input(Input::PlaybackFlushed { item_id: None, heard_ms: 0, unheard: vec!["a".into()] });
    assert_eq!(scene.sent_types(), ["conversation.item.delete"]);
    assert_eq!(scene.texts()[1], "it: |one two three four five");
}

#[test]
fn an_answer_that_was_heard_to_the_end_is_left_alone() {
    let mut scene = speaking();
    scene.servers(&[
        json!({"type": "response.output_audio.done", "response_id": "r", "item_id": "a"}),
        done("r", "completed", &json!([message("a", "one two three four five")])),
    ]);
    assert_eq!(scene.take_outputs(), [Output::PlayEnd { item_id: "a".into() }]);
    scene.server(&speech_started("u2"));
    scene.input(Input::PlaybackFlushed { item_id: Some("a".into()), heard_ms: 1000, unheard: vec![] });
    assert_eq!(scene.sent_types(), Vec::<String>::new());
    assert_eq!(scene.texts()[1], "it: one two three four five");
}

#[test]
fn sound_still_queued_after_the_end_of_a_response_is_flushed_too() {
    let mut scene = speaking();
    scene.server(&done("r", "completed", &json!([message("a", "one two three four five")])));
    scene.take_outputs();
    scene.say("wait");
    assert_eq!(scene.take_outputs(), [Output::FlushPlayback]);
    assert_eq!(scene.sent_types(), ["conversation.item.create", "response.create"], "no response to cancel");
}

#[test]
fn typing_cancels_the_running_response_and_waits_for_its_end() {
    let mut scene = speaking();
    scene.say("stop that");
    assert_eq!(scene.sent_types(), ["response.cancel", "conversation.item.create"]);
    scene.server(&done("r", "cancelled", &json!([])));
    assert_eq!(scene.sent_types(), ["response.create"]);
}

#[test]
fn a_response_interrupted_before_it_was_created_is_cancelled_at_birth() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("one");
    scene.say("two");
    scene.sent.clear();
    scene.server(&created("r"));
    assert_eq!(scene.sent_types(), ["response.cancel"]);
    scene.server(&done("r", "cancelled", &json!([])));
    assert_eq!(scene.sent_types(), ["response.create"]);
}

#[test]
fn a_cancel_that_is_never_confirmed_does_not_block_for_ever() {
    let mut scene = speaking();
    scene.say("next");
    scene.sent.clear();
    scene.now = scene.conversation.poll_timeout().expect("a deadline");
    scene.input(Input::Timeout);
    assert_eq!(scene.sent_types(), ["response.create"]);
}

#[test]
fn a_silent_server_is_told_once() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("hello");
    scene.now = scene.conversation.poll_timeout().expect("a deadline");
    scene.input(Input::Timeout);
    assert_eq!(scene.conversation.poll_timeout(), None);
    assert!(scene.texts()[1].starts_with("note: the server does not answer"));
}

#[test]
fn a_voice_that_comes_at_half_its_pace_is_played_and_told_of_once_on_the_screen() {
    let mut scene = speaking();
    for _ in 0..20 {
        scene.now += Duration::from_millis(2_000);
        scene.server(&audio("r", "a", 1_000));
    }
    let notes: Vec<String> = scene.texts().into_iter().filter(|text| text.starts_with("note:")).collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("comes too slowly to be heard without gaps, 2.0 s of it in 4.0;"), "{notes:?}");
    let reports = scene.reports.iter().filter(|report| matches!(report, Report::Notice { .. })).count();
    assert_eq!(reports, 4, "whoever waits for the end of it is told again");
    let played = scene.take_outputs().into_iter().filter(|output| matches!(output, Output::Play { .. }));
    assert_eq!(played.count(), 20);
}

#[test]
fn in_push_to_talk_no_sample_leaves_while_the_key_is_up() {
    let frame = || Input::Mic(Pcm16::silence(480));
    let mut scene = Scene::new(TurnMode::PushToTalk);
    scene.input(frame());
    assert_eq!(scene.sent_types(), Vec::<String>::new());
    scene.input(Input::Intent(Intent::TalkStart));
    assert_eq!(scene.take_outputs(), [Output::Capture { open: true }]);
    (0..10).for_each(|_| scene.input(frame()));
    scene.input(Input::Intent(Intent::TalkStop));
    assert_eq!(scene.take_outputs(), [Output::Capture { open: false }]);
    scene.input(frame());
    let types = scene.sent_types();
    assert_eq!(types.iter().filter(|t| *t == "input_audio_buffer.append").count(), 10);
    assert_eq!(types[types.len() - 2..], ["input_audio_buffer.commit", "response.create"]);
}

#[test]
fn a_press_too_short_is_cleared_not_committed() {
    let mut scene = Scene::new(TurnMode::PushToTalk);
    scene.input(Input::Intent(Intent::TalkStart));
    scene.input(Input::Mic(Pcm16::silence(480)));
    scene.sent.clear();
    scene.input(Input::Intent(Intent::TalkStop));
    assert_eq!(scene.sent_types(), ["input_audio_buffer.clear"]);
    assert!(scene.texts()[0].starts_with("note: too short"));
}

#[test]
fn a_muted_microphone_sends_nothing() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.input(Input::Intent(Intent::SetMuted(true)));
    assert_eq!(scene.take_outputs(), [Output::Capture { open: false }]);
    scene.input(Input::Mic(Pcm16::silence(480)));
    assert_eq!(scene.sent_types(), Vec::<String>::new());
    assert_eq!(scene.conversation.turn(), Turn::Muted);
}

#[test]
fn the_line_of_speech_is_reserved_and_filled_late_in_its_place() {
    let mut scene = speaking();
    assert_eq!(scene.texts(), ["you: …", "it: one two three four five"]);
    scene.server(&json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": "u",
        "transcript": "count to five "}));
    assert_eq!(scene.texts(), ["you: count to five", "it: one two three four five"]);
    assert!(scene.reports.contains(&Report::User {
        item_id: "u".into(),
        text: "count to five".into(),
        spoken: true
    }));
}

#[test]
fn items_stand_where_the_server_says() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.servers(&[
        json!({"type": "response.output_item.added", "response_id": "r", "item": message("a", "")}),
        words("r", "a", "answer"),
        json!({"type": "input_audio_buffer.committed", "item_id": "u2", "previous_item_id": "a"}),
        json!({"type": "input_audio_buffer.committed", "item_id": "u1b", "previous_item_id": "a"}),
    ]);
    let ids: Vec<_> = scene.conversation.transcript().entries().iter().map(|e| e.item_id.0.clone()).collect();
    assert_eq!(ids, ["a", "u1b", "u2"]);
}

#[test]
fn an_answer_that_comes_into_sight_after_the_next_turn_began_stands_before_it() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.servers(&[
        speech_started("u1"),
        json!({"type": "input_audio_buffer.committed", "item_id": "u1", "previous_item_id": null}),
        created("r"),
        // The person goes on at once, and has their place before the server tells of its answer.
        speech_started("u2"),
        json!({"type": "conversation.item.added", "previous_item_id": "u1", "item":
            {"id": "a1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}}),
        json!({"type": "input_audio_buffer.committed", "item_id": "u2", "previous_item_id": "a1"}),
        json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": "u2",
            "transcript": "and two"}),
        json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": "u1",
            "transcript": "one"}),
    ]);
    assert_eq!(scene.texts(), ["you: one", "it: ", "you: and two"]);
}

#[test]
fn speech_that_the_server_puts_behind_a_later_answer_moves_there() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.servers(&[
        json!({"type": "input_audio_buffer.committed", "item_id": "u1", "previous_item_id": null}),
        speech_started("u2"),
        json!({"type": "response.output_item.added", "response_id": "r", "item": message("a1", "")}),
        words("r", "a1", "late"),
        json!({"type": "input_audio_buffer.committed", "item_id": "u2", "previous_item_id": "a1"}),
    ]);
    assert_eq!(scene.texts(), ["you: …", "it: late", "you: …"]);
}

#[test]
fn words_of_an_item_that_is_not_there_yet_are_shown_until_the_whole_is_known() {
    for mode in [TurnMode::Vad, TurnMode::PushToTalk] {
        let mut scene = Scene::new(mode);
        let heard = |kind: &str, key: &str, words: &str| {
            json!({"type": format!("conversation.item.input_audio_transcription.{kind}"), "item_id": "u",
                "content_index": 0, key: words})
        };
        scene.servers(&[heard("delta", "delta", "create a"), heard("delta", "delta", " tusk")]);
        assert_eq!(scene.texts(), ["you: create a tusk"]);
        scene.server(&json!({"type": "input_audio_buffer.committed", "item_id": "u"}));
        scene.server(&json!({"type": "conversation.item.added", "item": {"id": "u", "type": "message",
            "role": "user", "status": "completed", "content": [{"type": "input_audio", "transcript": null}]}}));
        assert_eq!(scene.texts(), ["you: create a tusk"]);
        scene.server(&heard("completed", "transcript", "create a task"));
        assert_eq!(scene.texts(), ["you: create a task"]);
    }
}

#[test]
fn every_change_of_an_entry_gives_it_a_revision_that_no_other_had() {
    let mut scene = Scene::new(TurnMode::Vad);
    let mut seen = std::collections::BTreeMap::new();
    for event in [
        speech_started("u"),
        json!({"type": "conversation.item.input_audio_transcription.delta", "item_id": "u", "delta": "he"}),
        json!({"type": "error", "error": {"message": "odd"}}),
        words("r", "a", "one"),
        words("r", "a", " two"),
        done("r", "completed", &json!([call_item("i", "c", "list")])),
    ] {
        scene.server(&event);
        for entry in scene.conversation.transcript().entries() {
            let known = seen.entry(entry.revision).or_insert_with(|| entry.clone());
            assert_eq!(known, entry);
        }
    }
    scene.input(Input::ToolOutput { call_id: "c".into(), output: "{}".to_owned(), ok: true });
    scene.input(Input::Disconnected);
    for entry in scene.conversation.transcript().entries() {
        assert_eq!(seen.entry(entry.revision).or_insert_with(|| entry.clone()), entry);
    }
}

#[test]
fn our_own_share_of_the_latency_is_from_the_first_sound_in_to_the_first_sound_out() {
    let mut scene = Scene::new(TurnMode::Vad);
    let ms = Duration::from_millis;
    scene.servers(&[
        speech_started("u"),
        json!({"type": "input_audio_buffer.speech_stopped", "item_id": "u"}),
    ]);
    scene.now += ms(100);
    let call = call_item("f", "c", "list_tasks");
    let added = json!({"type": "response.output_item.added", "response_id": "rc", "item": call});
    scene.servers(&[created("rc"), added, done("rc", "completed", &json!([call]))]);
    assert_eq!(scene.conversation.latency(), None, "a call is no sound");
    scene.input(Input::ToolOutput { call_id: "c".into(), output: "{}".to_owned(), ok: true });
    scene.now += ms(300);
    scene.servers(&[created("r"), audio("r", "a", 100)]);
    assert_eq!(scene.conversation.own_latency(), None);
    scene.now += ms(10);
    scene.server(&audio("r", "a", 100));
    scene.now += ms(20);
    scene.input(Input::PlaybackStarted { item_id: "a".into() });
    assert_eq!(scene.conversation.latency(), Some(ms(430)));
    assert_eq!(scene.conversation.own_latency(), Some(ms(30)));
}

#[test]
fn a_new_connection_is_told_what_was_said_and_what_is_owed() {
    let mut scene = speaking();
    scene.server(&json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": "u",
        "transcript": "count"}));
    scene.server(&done("r", "completed", &json!([message("a", "x")])));
    scene.input(Input::PlaybackFinished { item_id: "a".into() });
    scene.input(Input::Disconnected);
    scene.say("and now?");
    assert_eq!(scene.sent_types(), Vec::<String>::new(), "nothing is sent while the link is down");
    scene.input(Input::Connected);
    let sent = std::mem::take(&mut scene.sent);
    let types: Vec<_> = sent.iter().map(|e| e["type"].as_str().expect("type")).collect();
    assert_eq!(
        types,
        [
            "session.update",
            "conversation.item.create",
            "conversation.item.create",
            "conversation.item.create",
            "response.create"
        ]
    );
    assert_eq!(sent[1]["item"]["content"][0], json!({"type": "input_text", "text": "count"}));
    assert_eq!(sent[2]["item"]["content"][0]["type"], "output_text");
    assert_eq!(sent[3]["item"]["content"][0]["text"], "and now?");
}

#[test]
fn a_tool_result_that_came_while_the_link_was_down_is_sent_once_with_its_call() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("do it");
    scene.servers(&[created("r"), done("r", "completed", &json!([call_item("i", "c", "f")]))]);
    scene.input(Input::Disconnected);
    scene.input(Input::ToolOutput { call_id: "c".into(), output: "yes".into(), ok: true });
    scene.sent.clear();
    scene.input(Input::Connected);
    let kinds: Vec<_> = scene.sent.iter().map(|e| e["item"]["type"].as_str().unwrap_or("-")).collect();
    assert_eq!(kinds, ["-", "message", "function_call", "function_call_output", "-"]);
    assert_eq!(scene.sent[4]["type"], "response.create");
}

#[test]
fn races_are_not_failures_and_hopeless_errors_end_it() {
    let mut scene = speaking();
    scene.say("stop");
    let cancel = scene.sent[0]["event_id"].clone();
    let error = |code: &str, id: &Value| json!({"type": "error", "error": {"code": code, "message": "m", "event_id": id}});
    scene.servers(&[
        error("response_cancel_not_active", &json!(null)),
        error("some_new_code", &cancel),
        error("input_audio_buffer_commit_empty", &json!(null)),
    ]);
    assert!(scene.texts().iter().all(|t| !t.starts_with("note")));
    scene.server(&error("another", &json!(null)));
    assert_eq!(scene.texts().last().expect("a note"), "note: the server says: m");
    scene.take_outputs();
    scene.server(&error("insufficient_quota", &json!(null)));
    assert_eq!(scene.take_outputs(), [Output::Fatal("m (insufficient_quota)".to_owned())]);
}

#[test]
fn a_create_that_met_a_running_response_is_sent_again_after_it() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("hello");
    let id = scene.sent[1]["event_id"].clone();
    scene.sent.clear();
    scene.server(&json!({"type": "error", "error": {"code": "conversation_already_has_active_response",
        "event_id": id}}));
    assert_eq!(scene.sent_types(), Vec::<String>::new());
    scene.server(&done("other", "completed", &json!([])));
    assert_eq!(scene.sent_types(), ["response.create"]);
}

#[test]
fn a_failed_response_is_told() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("hello");
    scene.server(&created("r"));
    scene.server(&json!({"type": "response.done", "response": {"id": "r", "status": "failed",
        "status_details": {"error": {"code": "inference_rate_limit_exceeded"}}}}));
    assert_eq!(scene.texts()[1], "note: no answer: inference_rate_limit_exceeded");
    assert!(scene.conversation.is_settled());
}

#[test]
fn a_call_of_a_response_that_never_ended_does_not_hold_up_later_ones() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("one");
    scene.servers(&[
        created("r1"),
        json!({"type": "response.output_item.added", "response_id": "r1", "item": call_item("i1", "c1", "f")}),
    ]);
    scene.say("two");
    scene.server(&json!({"type": "response.cancelled", "response_id": "r1"}));
    scene.servers(&[created("r2"), done("r2", "completed", &json!([call_item("i2", "c2", "g")]))]);
    scene.sent.clear();
    scene.input(Input::ToolOutput { call_id: "c2".into(), output: "{}".into(), ok: true });
    assert_eq!(scene.sent_types(), ["conversation.item.create", "response.create"]);
}

pub(super) fn stopped(item: &str) -> Value {
    json!({"type": "input_audio_buffer.speech_stopped", "item_id": item})
}

pub(super) fn committed(item: &str) -> Value {
    json!({"type": "input_audio_buffer.committed", "item_id": item})
}

#[test]
fn a_person_who_goes_on_speaking_before_the_answer_began_is_answered() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.servers(&[
        speech_started("u1"),
        stopped("u1"),
        committed("u1"),
        speech_started("u2"),
        stopped("u2"),
        committed("u2"),
    ]);
    scene.sent.clear();
    scene.servers(&[created("r"), words("r", "a", "yes"), audio("r", "a", 20)]);
    assert_eq!(scene.sent_types(), Vec::<String>::new(), "not cancelled");
    assert!(matches!(&scene.take_outputs()[..], [.., Output::Play { .. }]));
}

#[test]
fn a_response_born_while_the_person_speaks_on_is_still_cancelled() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.servers(&[speech_started("u1"), stopped("u1"), committed("u1"), speech_started("u2")]);
    scene.sent.clear();
    scene.server(&created("r"));
    assert_eq!(scene.sent_types(), ["response.cancel"]);
}

#[test]
fn muting_in_the_middle_of_speech_lets_the_turn_end() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.server(&speech_started("u"));
    scene.sent.clear();
    scene.input(Input::Intent(Intent::SetMuted(true)));
    let silence: Vec<_> = std::mem::take(&mut scene.sent);
    let bytes: usize =
        silence.iter().map(|e| e["audio"].as_str().expect("sound").trim_end_matches('=').len() * 3 / 4).sum();
    let needed = Vad::default().silence_duration_ms as usize * 48;
    assert!(bytes > needed, "the server's detector hears the end: {bytes} of {needed}");
    assert!(silence.iter().all(|e| e["audio"].as_str().expect("sound").trim_matches(['A', '=']).is_empty()));
}

#[test]
fn a_microphone_that_is_lost_in_the_middle_of_speech_lets_the_turn_end() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.input(Input::CaptureLost);
    assert_eq!(scene.sent_types(), Vec::<String>::new(), "nobody speaks");
    scene.server(&speech_started("u"));
    scene.sent.clear();
    scene.input(Input::CaptureLost);
    assert_eq!(scene.sent_types(), ["input_audio_buffer.append"]);
}

#[test]
fn the_talk_key_does_not_open_a_muted_microphone() {
    let mut scene = Scene::new(TurnMode::PushToTalk);
    scene.input(Input::Intent(Intent::SetMuted(true)));
    scene.input(Input::Intent(Intent::TalkStart));
    scene.input(Input::Mic(Pcm16::silence(480)));
    assert_eq!(scene.sent_types(), Vec::<String>::new());
    assert_eq!(scene.take_outputs(), []);
    assert!(scene.texts().last().expect("a note").contains("muted"));
    assert_eq!(scene.conversation.turn(), Turn::Muted);
}

#[test]
fn muting_while_the_talk_key_is_down_closes_the_microphone() {
    let mut scene = Scene::new(TurnMode::PushToTalk);
    scene.input(Input::Intent(Intent::TalkStart));
    (0..10).for_each(|_| scene.input(Input::Mic(Pcm16::silence(480))));
    scene.take_outputs();
    scene.sent.clear();
    scene.input(Input::Intent(Intent::SetMuted(true)));
    assert_eq!(scene.take_outputs(), [Output::Capture { open: false }]);
    scene.input(Input::Mic(Pcm16::silence(480)));
    assert!(!scene.sent_types().contains(&"input_audio_buffer.append".to_owned()));
}

#[test]
fn an_answer_is_reported_even_if_its_end_names_no_items() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("hello");
    scene.servers(&[
        created("r"),
        json!({"type": "response.output_text.done", "response_id": "r", "item_id": "a", "text": "Hi"}),
        done("r", "completed", &json!([])),
    ]);
    let answer = Report::Assistant { item_id: "a".into(), text: "Hi".into(), interrupted: false };
    assert!(scene.reports.contains(&answer), "{:?}", scene.reports);
}

#[test]
fn a_written_answer_that_was_cut_is_reported_even_if_its_end_names_no_items() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("hello");
    scene.servers(&[
        created("r"),
        json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "a", "delta": "Hi th"}),
    ]);
    scene.input(Input::Intent(Intent::Interrupt));
    scene.server(&done("r", "cancelled", &json!([])));
    let answer = Report::Assistant { item_id: "a".into(), text: "Hi th".into(), interrupted: true };
    assert!(scene.reports.contains(&answer), "{:?}", scene.reports);
}

/// Lets every deadline pass until there is none.
fn let_time_pass(scene: &mut Scene) {
    for _ in 0..50 {
        let Some(at) = scene.conversation.poll_timeout() else { return };
        scene.now = scene.now.max(at);
        scene.input(Input::Timeout);
    }
    panic!("deadlines without end");
}

#[test]
fn a_response_that_begins_and_never_ends_is_given_up_at_last() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("hello");
    scene.servers(&[
        created("r"),
        json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "a", "delta": "Hi"}),
    ]);
    let_time_pass(&mut scene);
    assert!(scene.conversation.is_settled());
    let answer = Report::Assistant { item_id: "a".into(), text: "Hi".into(), interrupted: false };
    assert_eq!(scene.reports.iter().filter(|r| **r == answer).count(), 1);
}

#[test]
fn a_spoken_response_that_begins_and_never_ends_is_given_up_at_last() {
    let mut scene = speaking();
    let_time_pass(&mut scene);
    assert_eq!(scene.take_outputs(), [Output::PlayEnd { item_id: "a".into() }]);
    scene.input(Input::PlaybackFinished { item_id: "a".into() });
    assert!(scene.conversation.is_settled());
}

#[test]
fn a_slow_response_is_not_given_up_while_it_goes_on() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("hello");
    scene.server(&created("r"));
    for _ in 0..20 {
        scene.server(
            &json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "a", "delta": "x"}),
        );
        scene.now = scene.conversation.poll_timeout().expect("a deadline");
        scene.input(Input::Timeout);
        assert!(!scene.conversation.is_settled());
    }
    assert_eq!(scene.texts().len(), 2, "no complaint: {:?}", scene.texts());
}

#[test]
fn a_flush_settles_also_what_the_player_never_heard_of() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.say("hello");
    // Half a sample: nothing that could be played.
    let half = json!({"type": "response.output_audio.delta", "response_id": "r", "item_id": "a",
        "delta": crate::pcm::AudioBytes(vec![1])});
    scene.servers(&[created("r"), half]);
    scene.input(Input::Intent(Intent::Interrupt));
    scene.input(Input::PlaybackFlushed { item_id: None, heard_ms: 0, unheard: vec![] });
    scene.server(&done("r", "cancelled", &json!([])));
    assert!(scene.conversation.is_settled());
}

#[test]
fn sound_of_an_older_session_is_not_truncated_in_the_new_one() {
    let mut scene = speaking();
    scene.server(&done("r", "completed", &json!([message("a", "one two three four five")])));
    scene.input(Input::Disconnected);
    scene.input(Input::Connected);
    scene.sent.clear();
    scene.server(&speech_started("u2"));
    scene.input(Input::PlaybackFlushed { item_id: Some("a".into()), heard_ms: 400, unheard: vec![] });
    assert!(!scene.sent_types().contains(&"conversation.item.truncate".to_owned()));
    assert_eq!(scene.texts()[1], "it: one two t|hree four five");
}

#[test]
fn a_new_connection_is_told_no_more_than_its_queue_can_take() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    for n in 0..300 {
        scene.say(&format!("line {n}"));
        let (r, a) = (format!("r{n}"), format!("a{n}"));
        scene.servers(&[created(&r), done(&r, "completed", &json!([message(&a, "yes")]))]);
    }
    scene.input(Input::Disconnected);
    scene.sent.clear();
    scene.input(Input::Connected);
    assert!(scene.sent.len() < 200, "{} messages at once", scene.sent.len());
    assert_eq!(scene.sent.last().expect("items")["item"]["content"][0]["text"], "yes");
}

#[test]
fn what_is_said_while_the_link_is_down_is_kept_and_sent_in_one_piece() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.input(Input::Disconnected);
    // Nobody knows yet whether this is speech.
    (0..300).for_each(|_| scene.input(Input::Mic(Pcm16::silence(480))));
    assert_eq!(scene.sent_types(), Vec::<String>::new());
    scene.input(Input::Connected);
    assert_eq!(scene.sent_types(), ["session.update", "input_audio_buffer.append"]);
}

#[test]
fn a_spoken_turn_whose_words_were_lost_is_told_and_not_answered() {
    let mut scene = Scene::new(TurnMode::Vad);
    scene.servers(&[speech_started("u"), stopped("u"), committed("u")]);
    scene.input(Input::Disconnected);
    assert!(scene.texts().last().expect("a note").contains("say it again"), "{:?}", scene.texts());
    scene.sent.clear();
    scene.input(Input::Connected);
    assert_eq!(scene.sent_types(), ["session.update"]);
}

fn arbitrary_input() -> impl Strategy<Value = Input> {
    let response = || prop::sample::select(vec!["r1", "r2", "r3"]);
    let item = || prop::sample::select(vec!["i1", "i2", "i3", "i4"]);
    let call = || prop::sample::select(vec!["c1", "c2", "c3"]);
    let event = |value: Value| Input::Server(decode_server(&value.to_string()).expect("decodes").event);
    prop_oneof![
        2 => Just(Input::Connected),
        1 => Just(Input::Disconnected),
        2 => Just(Input::Timeout),
        2 => Just(Input::Mic(Pcm16::silence(480))),
        2 => Just(Input::Intent(Intent::Say("hi".into()))),
        1 => Just(Input::Intent(Intent::Interrupt)),
        1 => prop::sample::select(vec!["marin", "cedar"]).prop_map(|v| Input::Intent(Intent::Set { name: "voice", value: v.into() })),
        1 => (0.2..1.6_f64).prop_map(|speed| Input::Intent(Intent::Set { name: "speed", value: speed.to_string() })),
        1 => Just(Input::Intent(Intent::BeginAnew)),
        1 => Just(Input::Intent(Intent::TalkStart)),
        1 => Just(Input::Intent(Intent::TalkStop)),
        1 => Just(Input::Intent(Intent::TalkDrop)),
        1 => prop::sample::select(vec![TurnMode::Vad, TurnMode::PushToTalk]).prop_map(|m| Input::Intent(Intent::SetMode(m))),
        4 => response().prop_map(move |r| event(created(r))),
        4 => (response(), item(), call(), prop::sample::select(vec!["completed", "cancelled", "failed"])).prop_map(
            move |(r, i, c, s)| event(done(r, s, &json!([message(i, "text"), call_item(&format!("f{c}"), c, "f")])))),
        3 => (response(), call()).prop_map(move |(r, c)| event(json!({"type": "response.output_item.done",
            "response_id": r, "item": call_item(&format!("f{c}"), c, "f")}))),
        3 => (response(), item()).prop_map(move |(r, i)| event(audio(r, i, 20))),
        2 => (response(), item()).prop_map(move |(r, i)| event(words(r, i, "word "))),
        2 => item().prop_map(move |i| event(speech_started(&format!("u{i}")))),
        2 => item().prop_map(move |i| event(json!({"type": "input_audio_buffer.speech_stopped", "item_id": i}))),
        1 => item().prop_map(move |i| event(json!({"type": "input_audio_buffer.committed", "item_id": format!("u{i}")}))),
        2 => item().prop_map(|i| Input::PlaybackFinished { item_id: i.into() }),
        2 => (item(), 0..3000_u64).prop_map(|(i, heard_ms)| Input::PlaybackFlushed {
            item_id: Some(i.into()), heard_ms, unheard: vec![] }),
        4 => call().prop_map(|c| Input::ToolOutput { call_id: c.into(), output: "{}".into(), ok: true }),
        1 => Just(event(json!({"type": "error", "error": {"code": "conversation_already_has_active_response"}}))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_comes_the_rules_of_the_protocol_are_kept(
        inputs in prop::collection::vec((arbitrary_input(), 0..3000_u64), 0..80),
    ) {
        let mut conversation = Conversation::new(config(TurnMode::Vad));
        let mut now = start();
        let (mut up, mut asked) = (false, false);
        let mut run = std::collections::BTreeSet::new();
        let mut answered = std::collections::BTreeSet::new();
        for (input, wait) in inputs {
            now += Duration::from_millis(wait);
            match &input {
                Input::Connected if up => continue,
                Input::Connected => { up = true; asked = false; answered.clear(); }
                Input::Disconnected => up = false,
                Input::Server(_) if !up => continue,
                Input::Server(ServerEvent::ResponseCreated(_) | ServerEvent::ResponseDone(_) | ServerEvent::Error { .. })
                | Input::Timeout => asked = false,
                _ => {}
            }
            let leaves = input == Input::Intent(Intent::BeginAnew);
            conversation.handle(input, now);
            while let Some(output) = conversation.poll_output() {
                match output {
                    Output::CallTool(call) => prop_assert!(run.insert(call.call_id.clone()), "{call:?} ran twice"),
                    Output::Send(message) => {
                        prop_assert!(up, "sent while the link is down");
                        let value = sent(&message, Dialect::Ga);
                        if value["type"] == "response.create" {
                            prop_assert!(!asked, "asked twice");
                            asked = true;
                        }
                        if let Some(id) = value["item"]["call_id"].as_str()
                            && value["item"]["type"] == "function_call_output"
                        {
                            prop_assert!(run.contains(&CallId::from(id)), "answered {id}, which never ran");
                            prop_assert!(answered.insert(id.to_owned()), "{id} answered twice in one session");
                        }
                    }
                    _ => {}
                }
            }
            up &= !leaves;
            if let Some(deadline) = conversation.poll_timeout() {
                prop_assert!(deadline <= now + Duration::from_secs(10));
            }
        }
    }
}

#[test]
fn an_answer_that_is_told_done_twice_is_counted_once() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("hello");
    let mut over = done("resp_1", "completed", &json!([message("msg_1", "Hi.")]));
    over["response"]["usage"] = json!({"total_tokens": 12, "input_tokens": 10, "output_tokens": 2});
    scene.servers(&[created("resp_1"), over.clone(), over]);
    assert_eq!(scene.conversation.usage().total_tokens, 12);
}
