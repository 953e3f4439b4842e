//! What happens by the clock.

use super::*;

fn idle_after(ms: u32) -> Scene {
    let mut scene = Scene::new();
    scene.update(
        json!({"audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": ms}}}}),
    );
    scene
}

#[test]
fn a_session_ends_after_an_hour() {
    let mut scene = Scene::new();
    scene.respond();
    assert_eq!(scene.pass(Duration::from_secs(3_599)), Vec::<Value>::new());
    let events = scene.pass(Duration::from_secs(1));
    assert_eq!(refused(&events), ("session_expired", ""));
    assert_eq!(events[0]["error"]["message"], "Your session hit the maximum duration of 60 minutes.");
    assert!(matches!(&scene.work[..], [.., Output::Abandon { .. }, Output::Close { code: 1001, .. }]));
    assert_eq!(scene.session.poll_timeout(), None);
    assert_eq!(scene.send(json!({"type": "response.create"})), Vec::<Value>::new());
}

#[test]
fn a_person_who_stays_silent_is_asked_again() {
    let mut scene = idle_after(5_000);
    let id = scene.respond();
    scene.text(&id, "Anything else?");
    scene.thought(&id);
    scene.sound(2_000);
    scene.append(&silence(1_000));
    scene.spoken();
    // What is still to be played comes on top.
    scene.append(&silence(6_000));
    assert_eq!(scene.pass(Duration::from_millis(6_999)), Vec::<Value>::new());
    let events = scene.pass(Duration::from_millis(1));
    assert_eq!(
        types(&events),
        [
            "input_audio_buffer.timeout_triggered",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "response.created"
        ]
    );
    assert_eq!((&events[0]["audio_start_ms"], &events[0]["audio_end_ms"]), (&json!(1_000), &json!(7_000)));
    assert_eq!(events[0]["item_id"], events[1]["item_id"]);
}

#[test]
fn speech_typing_to_a_response_and_switching_off_end_the_wait() {
    type Act = fn(&mut Scene) -> Vec<Value>;
    let acts: [Act; 3] = [
        |scene| scene.append(&loud(200)),
        |scene| scene.send(json!({"type": "response.create"})),
        |scene| scene.update(json!({"audio": {"input": {"turn_detection": null}}})),
    ];
    for act in acts {
        let mut scene = idle_after(5_000);
        let id = scene.respond();
        scene.thought(&id);
        assert!(!act(&mut scene).is_empty());
        assert_eq!(scene.pass(Duration::from_mins(1)), Vec::<Value>::new());
    }
}

#[test]
fn a_timeout_before_its_time_is_nothing() {
    let mut scene = idle_after(5_000);
    let id = scene.respond();
    scene.thought(&id);
    assert_eq!(scene.handle(Input::Timeout), Vec::<Value>::new());
}
