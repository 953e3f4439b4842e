//! The input buffer: turns found by the server and turns made by the client.

use super::*;

const TURN: [&str; 4] = [
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
];

fn push_to_talk() -> Scene {
    let mut scene = Scene::new();
    scene.update(json!({"audio": {"input": {"turn_detection": null}}}));
    scene
}

#[test]
fn a_turn_is_found_committed_and_answered() {
    let mut scene = Scene::new();
    let before = scene.type_text("context");
    assert_eq!(scene.append(&silence(1_000)), Vec::<Value>::new());
    let started = scene.append(&loud(1_000));
    assert_eq!(types(&started), ["input_audio_buffer.speech_started"]);
    assert_eq!(started[0]["audio_start_ms"], 700);
    let item_id = started[0]["item_id"].clone();
    let stopped = scene.append(&silence(600));
    assert_eq!(types(&stopped), [&TURN[..], &["response.created"]].concat());
    assert_eq!((&stopped[0]["audio_end_ms"], &stopped[0]["item_id"]), (&json!(2_500), &item_id));
    assert_eq!((&stopped[1]["item_id"], &stopped[1]["previous_item_id"]), (&item_id, &json!(before)));
    assert_eq!((&stopped[2]["item"]["id"], &stopped[2]["item"]["status"]), (&item_id, &json!("completed")));
    assert_eq!(stopped[2]["item"]["content"], json!([{"type": "input_audio", "transcript": null}]));
    // From the padding to the end of the pause.
    assert_eq!(scene.fed(), 1_800 * 24);
    assert_eq!(scene.recognize("hello there"), Vec::<Value>::new());
    assert_eq!(scene.prompt().items[1], crate::server::engine::PromptItem::User("hello there".to_owned()));
}

#[test]
fn the_pieces_in_which_sound_comes_do_not_matter() {
    let sound = [silence(700), loud(400), silence(700), loud(300), silence(900)].concat();
    let run = |piece: usize| {
        let mut scene = Scene::new();
        scene.update(
            json!({"audio": {"input": {"turn_detection": {"type": "server_vad", "create_response": false}}}}),
        );
        sound
            .chunks(piece)
            .flat_map(|piece| scene.append(piece))
            .map(|e| e["type"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(run(sound.len()).len(), 10);
    assert_eq!(run(480), run(sound.len()));
    assert_eq!(run(100), run(sound.len()));
}

#[test]
fn speech_interrupts_the_response_and_only_if_asked_to() {
    for interrupts in [true, false] {
        let mut scene = Scene::new();
        scene.update(json!({"audio": {"input": {"turn_detection":
            {"type": "server_vad", "interrupt_response": interrupts, "create_response": true}}}}));
        scene.respond();
        let events = scene.append(&loud(200));
        if interrupts {
            assert_eq!(
                types(&events),
                ["input_audio_buffer.speech_started", "response.done", "rate_limits.updated"]
            );
            let response = &events[1]["response"];
            assert_eq!(response["status"], "cancelled");
            assert_eq!(response["status_details"], json!({"type": "cancelled", "reason": "turn_detected"}));
            assert!(scene.work.iter().any(|o| matches!(o, Output::Abandon { .. })));
        } else {
            assert_eq!(types(&events), ["input_audio_buffer.speech_started"]);
            let events = scene.append(&silence(600));
            assert_eq!(types(&events), [&TURN[..], &["error"]].concat());
            assert_eq!(events[4]["error"]["code"], "conversation_already_has_active_response");
        }
    }
}

#[test]
fn without_create_response_a_turn_is_only_committed() {
    let mut scene = Scene::new();
    scene.update(json!({"audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "high",
        "create_response": false}}}}));
    scene.append(&loud(300));
    assert_eq!(types(&scene.append(&silence(380))), Vec::<&str>::new());
    assert_eq!(types(&scene.append(&silence(40))), TURN);
}

#[test]
fn what_is_said_by_hand_is_committed_by_hand() {
    let mut scene = push_to_talk();
    assert_eq!(scene.append(&loud(150)), Vec::<Value>::new());
    assert_eq!(scene.append(&loud(150)), Vec::<Value>::new());
    let events = scene.send(json!({"type": "input_audio_buffer.commit"}));
    assert_eq!(types(&events), TURN[1..]);
    assert_eq!(scene.fed(), 300 * 24);
    let listens: Vec<_> = scene
        .work
        .iter()
        .map(|o| match o {
            Output::Listen(Listen::Begin { .. }) => "begin",
            Output::Listen(Listen::Feed { .. }) => "feed",
            Output::Listen(Listen::Finish { .. }) => "finish",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(listens, ["begin", "feed", "feed", "finish"]);
}

#[test]
fn next_to_nothing_is_not_committed() {
    let mut scene = push_to_talk();
    let events = scene.send(json!({"type": "input_audio_buffer.commit", "event_id": "c"}));
    assert_eq!(refused(&events), ("input_audio_buffer_commit_empty", ""));
    assert_eq!(events[0]["error"]["event_id"], "c");
    scene.append(&loud(60));
    let events = scene.send(json!({"type": "input_audio_buffer.commit"}));
    assert_eq!(refused(&events), ("input_audio_buffer_commit_empty", ""));
    assert!(events[0]["error"]["message"].as_str().expect("text").contains("only has 60.00ms"));
    scene.append(&loud(40));
    assert_eq!(types(&scene.send(json!({"type": "input_audio_buffer.commit"}))), TURN[1..]);
}

#[test]
fn what_was_cleared_is_not_heard() {
    let mut scene = push_to_talk();
    scene.append(&loud(300));
    assert_eq!(
        types(&scene.send(json!({"type": "input_audio_buffer.clear"}))),
        ["input_audio_buffer.cleared"]
    );
    assert!(matches!(scene.work.last(), Some(Output::Listen(Listen::Abandon { .. }))));
    let events = scene.send(json!({"type": "input_audio_buffer.commit"}));
    assert_eq!(refused(&events), ("input_audio_buffer_commit_empty", ""));
    let mut scene = Scene::new();
    scene.append(&loud(300));
    scene.send(json!({"type": "input_audio_buffer.clear"}));
    assert_eq!(scene.append(&silence(2_000)), Vec::<Value>::new());
    // Times go on from all that was written.
    let events = scene.append(&loud(200));
    assert_eq!(events[0]["audio_start_ms"], 2_000);
}

#[test]
fn an_update_in_the_middle_of_a_turn_does_not_end_it() {
    let mut scene = Scene::new();
    let item = scene.append(&loud(300))[0]["item_id"].clone();
    scene.update(json!({"instructions": "other"}));
    let events = scene.append(&silence(600));
    assert_eq!(&events[1]["item_id"], &item);
    // Turned off in the middle, what was said is the client's to commit.
    let mut scene = Scene::new();
    let item = scene.append(&loud(300))[0]["item_id"].clone();
    scene.update(json!({"audio": {"input": {"turn_detection": null}}}));
    assert_eq!(scene.append(&silence(600)), Vec::<Value>::new());
    let events = scene.send(json!({"type": "input_audio_buffer.commit"}));
    assert_eq!((types(&events), &events[0]["item_id"]), (TURN[1..].to_vec(), &item));
    assert_eq!(scene.fed(), 900 * 24);
}

#[test]
fn turn_detection_switched_on_starts_with_what_follows() {
    let mut scene = push_to_talk();
    scene.append(&loud(500));
    scene.update(json!({"audio": {"input": {"turn_detection": {"type": "server_vad"}}}}));
    assert!(matches!(scene.work.last(), Some(Output::Listen(Listen::Abandon { .. }))));
    scene.append(&silence(200));
    let events = scene.append(&loud(200));
    assert_eq!(
        (types(&events), &events[0]["audio_start_ms"]),
        (vec!["input_audio_buffer.speech_started"], &json!(500))
    );
}

#[test]
fn telephone_sound_is_understood_in_both_laws() {
    for (format, speech, quiet) in [("audio/pcmu", 0x90_u8, 0xff_u8), ("audio/pcma", 0xb5, 0xd5)] {
        let mut scene = Scene::new();
        scene.update(json!({"audio": {"input": {"format": {"type": format}}}}));
        let mut append = |byte: u8, ms: usize| {
            let audio = crate::pcm::AudioBytes(vec![byte; ms * 8]);
            scene.handle(Input::Client(Ok(ClientEvent::InputAudioBufferAppend { audio }.into())))
        };
        assert_eq!(types(&append(speech, 600)), ["input_audio_buffer.speech_started"], "{format}");
        let events = append(quiet, 700);
        assert_eq!(types(&events), [&TURN[..], &["response.created"]].concat(), "{format}");
        let ends = events[0]["audio_end_ms"].as_u64().expect("number");
        assert!((1_100..=1_140).contains(&ends), "{ends}");
    }
}

#[test]
fn the_client_is_told_the_words_if_it_wants_them() {
    let mut scene = push_to_talk();
    scene.update(json!({"audio": {"input": {"transcription": {"model": "whisper-1"}}}}));
    let mut say = || {
        scene.append(&loud(500));
        let events = scene.send(json!({"type": "input_audio_buffer.commit"}));
        let result = Ok(Heard { text: " buy milk ".to_owned(), confidence: Some(0.9) });
        (id_of(&events[1]["item"]), scene.recognized(result))
    };
    let (id, events) = say();
    let kinds = ["delta", "completed"].map(|k| format!("conversation.item.input_audio_transcription.{k}"));
    assert_eq!(types(&events), kinds);
    assert_eq!((&events[1]["item_id"], &events[1]["transcript"]), (&json!(id), &json!("buy milk")));
    assert_eq!(events[1]["usage"], json!({"type": "duration", "seconds": 0.5}));
    let events = scene.send(json!({"type": "conversation.item.retrieve", "item_id": id}));
    assert_eq!(events[0]["item"]["content"][0]["transcript"], "buy milk");
    scene.update(json!({"audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}}));
    scene.append(&loud(500));
    scene.send(json!({"type": "input_audio_buffer.commit"}));
    assert_eq!(scene.recognize("buy milk")[1]["usage"]["input_tokens"], 5);
}

const DELTA: &str = "conversation.item.input_audio_transcription.delta";
const COMPLETED: &str = "conversation.item.input_audio_transcription.completed";

fn overheard(scene: &mut Scene, id: &Value, words: &str) -> Vec<Value> {
    let item_id = ItemId(id.as_str().expect("an id").to_owned());
    scene.handle(Input::Overheard { item_id, words: words.to_owned() })
}

#[test]
fn words_are_told_while_the_person_speaks_and_the_end_adds_only_the_rest() {
    let mut scene = Scene::new();
    scene.update(json!({"audio": {"input": {"transcription": {"model": "whisper-1"}}}}));
    let id = scene.append(&loud(500))[0]["item_id"].clone();
    let events = overheard(&mut scene, &id, "create a");
    assert_eq!((types(&events), &events[0]["item_id"]), (vec![DELTA], &id));
    // Also when the turn is over and the recognizer is not.
    scene.append(&silence(600));
    assert_eq!(overheard(&mut scene, &id, " task")[0]["delta"], " task");
    let events = scene.recognize("create a task now");
    assert_eq!(types(&events)[..2], [DELTA, COMPLETED]);
    assert_eq!(
        (&events[0]["delta"], &events[1]["transcript"]),
        (&json!(" now"), &json!("create a task now"))
    );
    assert_eq!(overheard(&mut scene, &id, " late"), Vec::<Value>::new());
}

#[test]
fn words_told_early_that_were_wrong_are_put_right_by_the_end() {
    let mut scene = push_to_talk();
    scene.update(json!({"audio": {"input": {"transcription": {"model": "whisper-1"}}}}));
    scene.append(&loud(500));
    let begun = |o: &Output| match o {
        Output::Listen(Listen::Begin { item_id }) => Some(json!(item_id)),
        _ => None,
    };
    let id = scene.work.iter().find_map(begun).expect("it listens");
    assert_eq!(types(&overheard(&mut scene, &id, "by")), [DELTA]);
    scene.send(json!({"type": "input_audio_buffer.commit"}));
    let events = scene.recognize("buy milk");
    assert_eq!((types(&events), &events[0]["transcript"]), (vec![COMPLETED], &json!("buy milk")));
}

#[test]
fn words_are_told_early_only_to_whom_asked_for_them_and_not_of_what_was_cleared() {
    let mut scene = Scene::new();
    let id = scene.append(&loud(500))[0]["item_id"].clone();
    assert_eq!(overheard(&mut scene, &id, "create"), Vec::<Value>::new());
    scene.update(json!({"audio": {"input": {"transcription": {"model": "whisper-1"}}}}));
    scene.send(json!({"type": "input_audio_buffer.clear"}));
    assert_eq!(overheard(&mut scene, &id, "create"), Vec::<Value>::new());
}

#[test]
fn the_brain_is_told_what_was_not_heard_well() {
    let heard = |confidence: Option<f32>| {
        let mut scene = push_to_talk();
        scene.append(&loud(500));
        scene.send(json!({"type": "input_audio_buffer.commit"}));
        scene.respond();
        scene.recognized(Ok(Heard { text: "buy milk".to_owned(), confidence }));
        scene.prompt().items.clone()
    };
    let words = "buy milk".to_owned();
    let sure = [crate::server::engine::PromptItem::User(words.clone())];
    assert_eq!(heard(None), sure);
    assert_eq!(heard(Some(Heard::WEAK)), sure);
    assert_eq!(heard(Some(0.1)), [crate::server::engine::PromptItem::UserUncertain(words)]);
}

#[test]
fn failed_recognition_is_told_and_answered_all_the_same() {
    let mut scene = push_to_talk();
    scene.update(json!({"audio": {"input": {"transcription": {"model": "whisper-1"}}}}));
    scene.append(&loud(500));
    scene.send(json!({"type": "input_audio_buffer.commit"}));
    scene.respond();
    let events = scene.recognized(Err(EngineError("no ears".to_owned())));
    assert_eq!(types(&events), ["conversation.item.input_audio_transcription.failed"]);
    assert_eq!(events[0]["error"]["message"], "no ears");
    assert_eq!(scene.prompt().items, [crate::server::engine::PromptItem::UserUnintelligible]);
}

#[test]
fn a_deleted_turn_is_not_waited_for() {
    let mut scene = push_to_talk();
    scene.append(&loud(500));
    let events = scene.send(json!({"type": "input_audio_buffer.commit"}));
    scene.respond();
    let id = id_of(&events[1]["item"]);
    scene.send(json!({"type": "conversation.item.delete", "item_id": id}));
    assert!(scene.work.contains(&Output::Listen(Listen::Abandon { item_id: ItemId(id) })));
    assert_eq!(scene.prompt().items, []);
}

#[test]
fn an_announced_id_is_taken() {
    let mut scene = Scene::new();
    let id = scene.append(&loud(300))[0]["item_id"].clone();
    let item = json!({"id": id, "type": "message", "role": "user", "content": []});
    let events = scene.send(json!({"type": "conversation.item.create", "item": item}));
    assert_eq!(refused(&events), ("item_create_duplicate_item_id", ""));
}

#[test]
fn a_long_silence_is_kept_only_in_part() {
    let mut scene = Scene::new();
    for _ in 0..100 {
        scene.append(&silence(1_000));
    }
    scene.send(json!({"type": "input_audio_buffer.commit"}));
    let kept = scene.fed() / 24_000;
    assert!((60..=66).contains(&kept), "{kept} s");
}
