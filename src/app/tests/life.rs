//! How long a connection lives, when it rests, and what it may cost.

use super::*;
use crate::app::SpendingConfig;
use crate::cost::{Money, Prices};

const MINUTE: Duration = Duration::from_mins(1);
/// Some moment, in Unix time.
const THEN: i64 = 1_800_000_000;

/// A session that lives for so many seconds.
fn session(scene: &mut Scene, seconds: i64) {
    scene.update(Msg::Wall { unix_s: THEN });
    let expires_at = THEN + seconds;
    scene.server(&json!({"type": "session.created", "session": {"id": "s", "expires_at": expires_at}}));
}

fn screen(mode: TurnMode) -> AppConfig {
    config(Face::Screen, mode)
}

fn shown(scene: &mut Scene) -> Vec<String> {
    let now = scene.now;
    let entries = &scene.app.view(now).transcript;
    entries.iter().map(|entry| format!("{:?}", entry.kind)).collect()
}

fn was_told(scene: &mut Scene, words: &str) -> bool {
    shown(scene).iter().any(|entry| entry.contains(words))
}

fn usage(n: u32, audio_out: u64) -> Value {
    json!({"type": "response.done", "response": {"id": format!("r{n}"), "status": "completed", "output": [],
        "usage": {"total_tokens": audio_out, "output_tokens": audio_out,
            "output_token_details": {"audio_tokens": audio_out}}}})
}

/// A dollar an answer, by the price of sound.
const A_DOLLAR: u64 = 15_625;

fn spending(budget: f64) -> SpendingConfig {
    SpendingConfig {
        price: Prices::built_in().of("gpt-realtime-2.1"),
        transcription: Prices::built_in().of("gpt-realtime-whisper"),
        budget: (budget > 0.0).then(|| Money::from_dollars(budget)),
    }
}

// ---- renewal ----

#[test]
fn the_next_connection_is_opened_ahead_and_taken_over_in_a_pause() {
    let mut scene = Scene::connected(screen(TurnMode::Vad));
    session(&mut scene, 3600);
    scene.pass(54 * MINUTE);
    assert_eq!((scene.prepared, scene.renewals), (0, 0));
    scene.pass(Duration::from_secs(50));
    assert_eq!((scene.prepared, scene.renewals), (1, 0));
    scene.pass(Duration::from_secs(10));
    assert_eq!((scene.prepared, scene.renewals), (1, 1));
    scene.link(LinkEvent::Connecting { attempt: 1 });
    scene.link(LinkEvent::Connected);
    assert!(was_told(&mut scene, "the conversation goes on in a new one"));
}

#[test]
fn another_format_of_sound_is_a_new_session_in_the_next_pause() {
    let mut scene = Scene::connected(screen(TurnMode::Vad));
    scene.server(&json!({"type": "input_audio_buffer.speech_started", "item_id": "u1", "audio_start_ms": 0}));
    scene.type_line("/set audio_format g711_ulaw");
    assert_eq!((scene.prepared, scene.renewals), (1, 0), "not while the person speaks");
    scene.pass(Duration::from_secs(100));
    assert_eq!(scene.renewals, 0);
    scene.pass(Duration::from_secs(21));
    assert_eq!(scene.renewals, 1, "nor is it waited for without end");
    scene.link(LinkEvent::Connecting { attempt: 1 });
    scene.link(LinkEvent::Connected);
    assert!(was_told(&mut scene, "in a quarter of the data"));
    assert!(!was_told(&mut scene, "has reached its time limit"));
}

#[test]
fn a_session_is_kept_where_another_would_be_no_use_and_the_latest_wish_counts() {
    let mut scene = Scene::connected(screen(TurnMode::Vad));
    scene.type_line("/set audio_format pcm");
    assert_eq!(scene.renewals, 0, "it is so already");
    session(&mut scene, 3600);
    scene.server(&json!({"type": "input_audio_buffer.speech_started", "item_id": "u1", "audio_start_ms": 0}));
    scene.type_line("/set audio_format g711_ulaw");
    scene.lost(3_000);
    scene.type_line("/set audio_format g711_alaw");
    scene.type_line("/set audio_format pcm");
    scene.link(LinkEvent::Connecting { attempt: 1 });
    scene.link(LinkEvent::Connected);
    assert_eq!(scene.app.conversation.setting("session.audio_format"), "pcm");
    let mut own = screen(TurnMode::Vad);
    own.session.quirks.formats = Some(("pcm".to_owned(), "pcm".to_owned()));
    let mut scene = Scene::connected(own);
    scene.type_line("/set audio_format g711_ulaw");
    assert_eq!(scene.renewals, 0);
    assert!(was_told(&mut scene, "in its own format alone"));
}

#[test]
fn a_session_is_not_renewed_while_somebody_speaks_unless_its_end_is_near() {
    let mut scene = Scene::connected(screen(TurnMode::Vad));
    session(&mut scene, 3600);
    scene.pass(54 * MINUTE + Duration::from_secs(50));
    scene.server(&json!({"type": "input_audio_buffer.speech_started", "item_id": "u1", "audio_start_ms": 0}));
    scene.pass(MINUTE);
    assert_eq!((scene.prepared, scene.renewals), (1, 0));
    scene.pass(4 * MINUTE);
    assert_eq!(scene.renewals, 1);
}

#[test]
fn the_pause_after_an_answer_is_the_moment() {
    let mut scene = Scene::connected(screen(TurnMode::TextOnly));
    session(&mut scene, 3600);
    scene.type_line("hello");
    scene.server(&json!({"type": "response.created", "response": {"id": "r1"}}));
    scene.pass(54 * MINUTE + Duration::from_secs(50));
    scene.pass(MINUTE);
    assert_eq!(scene.renewals, 0);
    scene.server(
        &json!({"type": "response.done", "response": {"id": "r1", "status": "completed", "output": []}}),
    );
    assert_eq!(scene.renewals, 1);
}

#[test]
fn after_a_renewal_the_new_session_knows_what_was_said_and_gets_what_was_said_since() {
    let mut scene = Scene::connected(screen(TurnMode::TextOnly));
    session(&mut scene, 3600);
    scene.type_line("remember the number seven");
    scene.answer(1);
    scene.pass(55 * MINUTE);
    scene.pass(Duration::ZERO);
    assert_eq!(scene.renewals, 1);
    scene.sent.clear();
    scene.type_line("which number was it");
    assert!(scene.sent.is_empty(), "{:?}", scene.sent);
    scene.link(LinkEvent::Connecting { attempt: 1 });
    scene.link(LinkEvent::Connected);
    let texts: Vec<_> = scene.sent.iter().filter_map(|e| e["item"]["content"][0]["text"].as_str()).collect();
    assert_eq!(texts, ["remember the number seven", "yes", "which number was it"]);
    assert_eq!(scene.sent.last().unwrap()["type"], "response.create");
}

#[test]
fn a_short_lived_session_is_renewed_proportionally_late() {
    let mut scene = Scene::connected(screen(TurnMode::TextOnly));
    session(&mut scene, 60);
    scene.pass(Duration::from_secs(50));
    assert_eq!((scene.prepared, scene.renewals), (0, 0));
    scene.pass(Duration::from_secs(2));
    scene.pass(Duration::from_secs(2));
    assert_eq!((scene.prepared, scene.renewals), (1, 1));
}

#[test]
fn a_session_that_says_no_end_or_one_that_is_past_is_not_planned_for() {
    let mut scene = Scene::connected(screen(TurnMode::TextOnly));
    scene.server(&json!({"type": "session.created", "session": {"id": "s"}}));
    scene.pass(90 * MINUTE);
    session(&mut scene, -5);
    scene.pass(90 * MINUTE);
    assert_eq!((scene.prepared, scene.renewals), (0, 0));
}

// ---- rest ----

fn resting(mode: TurnMode) -> Scene {
    let mut scene = Scene::connected(AppConfig { idle: Some(5 * MINUTE), ..screen(mode) });
    scene.pass(5 * MINUTE);
    assert_eq!(scene.rests, [true]);
    scene.link(LinkEvent::Resting);
    let now = scene.now;
    assert_eq!(scene.app.view(now).connection, Connection::Resting { over_budget: false });
    scene.rests.clear();
    scene
}

#[test]
fn a_key_wakes_a_connection_at_rest() {
    let mut scene = resting(TurnMode::TextOnly);
    scene.key(Action::Edit(Edit::Insert('h')));
    assert_eq!(scene.rests, [false]);
    scene.link(LinkEvent::Connecting { attempt: 1 });
    scene.link(LinkEvent::Connected);
    let now = scene.now;
    assert_eq!(scene.app.view(now).connection, Connection::Online);
}

#[test]
fn speech_wakes_a_connection_at_rest_and_is_heard_from_its_beginning() {
    let mut scene = resting(TurnMode::Vad);
    let quiet = Pcm16::silence(480);
    (0..50).for_each(|_| scene.update(Msg::Audio(AudioEvent::Frame { pcm: quiet.clone() })));
    assert!(scene.rests.is_empty());
    let mut wav = hound::WavReader::open("assets/demo/list-tasks.wav").unwrap();
    let speech: Vec<i16> = wav.samples::<i16>().map(Result::unwrap).collect();
    for frame in speech.chunks_exact(480) {
        scene.update(Msg::Audio(AudioEvent::Frame { pcm: Pcm16::new(frame.to_vec()) }));
    }
    assert_eq!(scene.rests, [false]);
    scene.link(LinkEvent::Connecting { attempt: 1 });
    scene.link(LinkEvent::Connected);
    let sound: usize =
        scene.sent.iter().filter_map(|e| e["audio"].as_str()).map(|a| a.len() * 3 / 4 / 2).sum();
    assert!(sound >= speech.len() / 480 * 480, "{sound} of {}", speech.len());
}

#[test]
fn talk_and_keys_keep_a_connection_up() {
    let mut scene = Scene::connected(AppConfig { idle: Some(5 * MINUTE), ..screen(TurnMode::TextOnly) });
    scene.pass(4 * MINUTE);
    scene.key(Action::Edit(Edit::Insert('h')));
    scene.pass(4 * MINUTE);
    scene.type_line("i");
    scene.pass(4 * MINUTE);
    scene.answer(1);
    scene.pass(4 * MINUTE);
    assert!(scene.rests.is_empty());
    scene.pass(MINUTE);
    assert_eq!(scene.rests, [true]);
}

#[test]
fn without_a_limit_nothing_rests() {
    let mut scene = Scene::connected(screen(TurnMode::TextOnly));
    scene.pass(600 * MINUTE);
    assert!(scene.rests.is_empty());
}

// ---- money ----

#[test]
fn what_answers_cost_is_added_up_and_shown() {
    let mut scene = Scene::connected(AppConfig { spending: spending(0.0), ..screen(TurnMode::TextOnly) });
    scene.server(&usage(1, A_DOLLAR));
    scene.server(&usage(2, A_DOLLAR));
    let now = scene.now;
    assert_eq!(scene.app.view(now).cost.as_ref().unwrap().as_str(), "$2.00");
}

#[test]
fn a_transcription_is_billed_beside_the_answer() {
    let mut scene = Scene::connected(AppConfig { spending: spending(0.0), ..screen(TurnMode::TextOnly) });
    scene.server(&json!({"type": "conversation.item.input_audio_transcription.completed", "item_id": "u1",
        "transcript": "hello", "usage": {"type": "duration", "seconds": 600.0}}));
    let now = scene.now;
    assert_eq!(scene.app.view(now).cost.as_ref().unwrap().as_str(), "$0.17");
}

#[test]
fn the_budget_warns_and_then_closes_the_connection_until_there_is_more() {
    let mut scene = Scene::connected(AppConfig { spending: spending(3.0), ..screen(TurnMode::TextOnly) });
    scene.server(&usage(1, A_DOLLAR));
    scene.server(&usage(2, A_DOLLAR));
    assert!(!was_told(&mut scene, "is spent"));
    scene.server(&usage(3, A_DOLLAR / 2));
    assert!(was_told(&mut scene, "$2.50 of the budget of $3.00 is spent"));
    assert!(scene.rests.is_empty());
    scene.server(&usage(4, A_DOLLAR));
    assert!(was_told(&mut scene, "the budget of $3.00 is spent: about $3.50"));
    assert_eq!(scene.rests, [true]);
    scene.link(LinkEvent::Resting);
    scene.type_line("hello");
    assert_eq!(scene.rests, [true], "a key is no money");
    scene.type_line("/budget 5");
    assert_eq!(scene.rests, [true, false]);
}

#[test]
fn a_script_over_its_budget_ends_with_a_code_of_its_own() {
    let mut scene =
        Scene::connected(AppConfig { spending: spending(1.0), ..config(Face::Lines, TurnMode::TextOnly) });
    scene.server(&usage(1, A_DOLLAR));
    assert_eq!(scene.exit, Some(Exit::Budget));
}

#[test]
fn cost_tells_tokens_also_where_nothing_has_a_price() {
    let mut scene = Scene::connected(screen(TurnMode::TextOnly));
    scene.server(&usage(1, 100));
    scene.type_line("/cost");
    assert!(was_told(
        &mut scene,
        "nothing has a price here; tokens in: 0 text, 0 audio, 0 of them cached; out: 0 text, 100 audio"
    ));
}
