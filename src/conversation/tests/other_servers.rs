//! Servers differ. Each of these is a turn as one of them tells it, and ends as it should.

use super::*;

/// A typed line is answered by `events`; what stands in the transcript then.
fn answered(events: &[Value]) -> (Scene, Vec<String>) {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("hello");
    scene.servers(events);
    let texts = scene.texts();
    (scene, texts)
}

fn assert_settled_without_notice(scene: &Scene) {
    assert!(scene.conversation.is_settled(), "{:?}", scene.texts());
    let notices = scene.reports.iter().filter(|report| matches!(report, Report::Notice { .. }));
    assert_eq!(notices.collect::<Vec<_>>(), Vec::<&Report>::new());
}

fn delta(text: &str) -> Value {
    json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "a", "delta": text})
}

#[test]
fn events_fields_and_values_that_nobody_knows_change_nothing() {
    let item = json!({"id": "a", "type": "message", "role": "assistant", "status": "pondering", "phase": "prelude",
        "content": [{"type": "hologram", "x": 1}, {"type": "output_text", "text": "Hi"}]});
    let (scene, texts) = answered(&[
        json!({"type": "x.future", "deep": {"er": [1, null]}}),
        json!({"type": "ping", "timestamp": 1}),
        json!({"type": "response.created", "response": {"id": "r", "status": "warming_up", "mood": "good"}}),
        json!({"type": "response.output_item.added", "response_id": "r", "item": {"id": "z", "type": "force_message"}}),
        json!({"type": "response.output_item.added", "response_id": "r", "item": item}),
        json!({"type": "response.content_part.added", "response_id": "r", "item_id": "a", "part": {"type": "hologram"}}),
        json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "a", "content_index": 1,
            "delta": "Hi", "obfuscation": "q"}),
        json!({"type": "response.output_item.done", "response_id": "r", "item": item}),
        json!({"type": "response.done", "response": {"id": "r", "status": "splendid", "output": [item],
            "status_details": {"type": "splendid", "reason": "why not"}, "usage": {"total_moons": 2}}}),
    ]);
    assert_eq!(texts, ["you: hello", "it: Hi"]);
    assert_settled_without_notice(&scene);
}

#[test]
fn fields_that_are_not_there_are_not_missed() {
    let call = json!({"type": "function_call", "id": "i", "name": "list_tasks", "arguments": "{}"});
    let (mut scene, _) = answered(&[
        json!({"type": "session.created"}),
        json!({"type": "conversation.item.added", "item": {"type": "message", "role": "user",
            "content": [{"type": "input_text", "text": "hello"}]}}),
        json!({"type": "response.created", "response": {}}),
        json!({"type": "response.output_item.added", "item": call}),
        json!({"type": "response.function_call_arguments.done", "item_id": "i", "arguments": "{}"}),
        json!({"type": "response.done", "response": {"output": [call]}}),
    ]);
    // Without a call's own id, its item's stands for it.
    let run = scene.take_outputs().into_iter().find_map(|output| match output {
        Output::CallTool(call) => Some(call),
        _ => None,
    });
    let run = run.expect("a call");
    assert_eq!((run.call_id.as_str(), run.name.as_str(), run.arguments.as_str()), ("i", "list_tasks", "{}"));
    scene.input(Input::ToolOutput { call_id: run.call_id, output: "{}".to_owned(), ok: true });
    scene.servers(&[
        json!({"type": "response.created"}),
        json!({"type": "response.output_text.delta", "item_id": "a", "delta": "none"}),
        json!({"type": "response.done"}),
    ]);
    assert_eq!(scene.texts().last().map(String::as_str), Some("it: none"));
    assert_settled_without_notice(&scene);
    let mut scene = Scene::new(TurnMode::PushToTalk);
    scene.server(&json!({"type": "input_audio_buffer.committed"}));
    assert_settled_without_notice(&scene);
}

#[test]
fn what_is_null_is_not_there() {
    let item = json!({"id": "a", "type": "message", "role": "assistant", "status": null, "phase": null, "object": null,
        "content": [{"type": "output_text", "text": "Hi", "audio": null, "transcript": null}]});
    let (scene, texts) = answered(&[
        json!({"type": "session.updated", "session": {"type": "realtime", "tools": null, "instructions": null,
            "audio": {"input": null, "output": null}, "model": null}}),
        json!({"type": "conversation.item.created", "previous_item_id": null, "item": {"id": "msg_1", "type": "message",
            "role": "user", "status": null, "content": [{"type": "input_text", "text": "hello", "audio": null}]}}),
        json!({"type": "response.created", "response": {"id": "r", "usage": null, "metadata": null, "output": null,
            "status_details": null, "audio": null}}),
        json!({"type": "response.output_text.delta", "response_id": "r", "item_id": "a", "delta": "Hi",
            "content_index": null, "output_index": null}),
        json!({"type": "response.done", "event_id": null, "response": {"id": "r", "status": "completed",
            "status_details": null, "usage": null, "output": [item]}}),
    ]);
    assert_eq!(texts, ["you: hello", "it: Hi"]);
    assert_settled_without_notice(&scene);
}

#[test]
fn names_of_both_dialects_may_stand_side_by_side() {
    let mut scene = Scene::new(TurnMode::Vad);
    let old = json!({"id": "a", "type": "message", "role": "assistant",
        "content": [{"type": "audio", "transcript": "Hi there"}]});
    scene.servers(&[
            speech_started("u"),
            json!({"type": "input_audio_buffer.committed", "item_id": "u"}),
            json!({"type": "conversation.item.created", "item": {"id": "u", "type": "message", "role": "user",
                "content": [{"type": "input_audio", "transcript": "hello"}]}}),
            created("r"),
            json!({"type": "response.audio_transcript.delta", "response_id": "r", "item_id": "a", "delta": "Hi "}),
            json!({"type": "response.audio.delta", "response_id": "r", "item_id": "a",
                "delta": crate::pcm::AudioBytes(vec![1; 4800])}),
            words("r", "a", "there"),
            json!({"type": "response.audio.done", "response_id": "r", "item_id": "a"}),
            done("r", "completed", &json!([old])),
        ]);
    assert_eq!(scene.texts(), ["you: hello", "it: Hi there"]);
    let played = scene.take_outputs().iter().filter(|output| matches!(output, Output::Play { .. })).count();
    assert_eq!(played, 1);
    scene.input(Input::PlaybackFinished { item_id: "a".into() });
    assert_settled_without_notice(&scene);
}

#[test]
fn an_error_is_known_by_its_code_wherever_that_stands() {
    for error in [
        json!({"code": "response_cancel_not_active", "message": "no"}),
        json!({"type": "response_cancel_not_active", "code": null, "message": "no"}),
        json!({"type": "input_audio_buffer_commit_empty", "message": "no"}),
    ] {
        let mut scene = Scene::new(TurnMode::Vad);
        scene.server(&json!({"type": "error", "error": error}));
        assert_settled_without_notice(&scene);
    }
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("hello");
    // Another answer is running, as this server says with the code in `type`.
    scene.server(&json!({"type": "error", "error": {"type": "conversation_already_has_active_response"}}));
    scene.sent.clear();
    scene.servers(&[done("other", "completed", &json!([]))]);
    assert_eq!(scene.sent_types(), ["response.create"]);
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.server(&json!({"type": "error", "error": "out of moons", "code": "moons"}));
    assert_eq!(scene.texts(), ["note: the server says: out of moons"]);
}

#[test]
fn no_turn_waits_for_an_item_to_be_acknowledged() {
    let user = json!({"id": "msg_1", "type": "message", "role": "user", "status": "completed",
        "content": [{"type": "input_text", "text": "hello"}]});
    let acknowledged = |kind: &str| json!({"type": format!("conversation.item.{kind}"), "item": user});
    for kinds in [&[][..], &["created"], &["added"], &["added", "done"]] {
        let mut events: Vec<_> = kinds.iter().map(|kind| acknowledged(kind)).collect();
        events.extend([created("r"), delta("Hi"), done("r", "completed", &json!([message("a", "Hi")]))]);
        let (mut scene, texts) = answered(&events);
        assert_eq!(scene.sent_types(), ["conversation.item.create", "response.create"], "{kinds:?}");
        assert_eq!(texts, ["you: hello", "it: Hi"], "{kinds:?}");
        assert_settled_without_notice(&scene);
    }
}

#[test]
fn a_session_that_is_not_echoed_is_no_trouble_and_one_that_differs_is_told() {
    let (scene, _) = answered(&[created("r"), delta("Hi"), done("r", "completed", &json!([]))]);
    assert_settled_without_notice(&scene);
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.server(&json!({"type": "session.updated", "session": {"type": "realtime"}}));
    assert_settled_without_notice(&scene);
    scene.server(&json!({"type": "session.updated", "session": {"instructions": "be a pirate"}}));
    assert_eq!(
        scene.texts(),
        ["note: the server does not do all that it was asked for: the instructions are not ours"]
    );
}

#[test]
fn the_first_event_may_be_another_or_come_late() {
    let error = json!({"type": "error", "error": {"code": "model_load_error", "message": "still loading"}});
    for (first, noted) in [
        (vec![json!({"type": "session.created", "session": {"id": "s"}})], 0),
        (vec![json!({"type": "conversation.created", "conversation": {"id": "c"}})], 0),
        (vec![error], 1),
        (vec![], 0),
    ] {
        let mut scene = Scene::new(TurnMode::TextOnly);
        scene.servers(&first);
        scene.say("hello");
        assert_eq!(scene.sent_types(), ["conversation.item.create", "response.create"]);
        // Late: the model was loaded meanwhile.
        scene.server(&json!({"type": "session.created", "session": {"id": "s"}}));
        scene.servers(&[created("r"), delta("Hi"), done("r", "completed", &json!([message("a", "Hi")]))]);
        let texts = scene.texts();
        assert_eq!(texts.len(), noted + 2, "{texts:?}");
        assert_eq!(texts[noted..], ["you: hello", "it: Hi"]);
        assert!(scene.conversation.is_settled());
    }
}

#[test]
fn a_cancelled_response_may_end_by_another_name_or_not_at_all_and_its_late_words_are_dropped() {
    for end in [Some(json!({"type": "response.cancelled"})), None] {
        let mut scene = Scene::new(TurnMode::TextOnly);
        scene.say("tell me a story");
        scene.servers(&[created("r"), delta("Once")]);
        scene.say("stop");
        scene.server(&delta(" upon"));
        scene.sent.clear();
        if let Some(end) = end {
            scene.server(&end);
        } else {
            scene.now += Duration::from_secs(3);
            scene.input(Input::Timeout);
        }
        assert_eq!(scene.sent_types(), ["response.create"]);
        scene.server(&delta(" a time"));
        scene.servers(&[created("r2"), done("r2", "completed", &json!([message("b", "Stopped")]))]);
        let texts = scene.texts();
        assert!(
            texts[1].starts_with("it: Once") && !texts[1].contains("upon") && !texts[1].contains("a time")
        );
        assert_eq!(texts.last().map(String::as_str), Some("it: Stopped"));
    }
}

#[test]
fn a_response_may_comment_before_it_calls_and_hold_several_items() {
    let (call, other) = (call_item("i", "c", "list_tasks"), call_item("j", "d", "list_tasks"));
    let commentary = message("a", "Let me look.");
    let mut events = vec![created("r")];
    for item in [&commentary, &call, &other] {
        events.push(json!({"type": "response.output_item.added", "response_id": "r", "item": item}));
        events.push(json!({"type": "response.output_item.done", "response_id": "r", "item": item}));
    }
    events.push(done("r", "completed", &json!([commentary, call, other])));
    let (mut scene, texts) = answered(&events);
    assert_eq!(texts[..2], ["you: hello", "it: Let me look."]);
    let calls = scene.take_outputs().iter().filter(|output| matches!(output, Output::CallTool(_))).count();
    assert_eq!(calls, 2);
    scene.sent.clear();
    for call_id in ["c", "d"] {
        scene.input(Input::ToolOutput { call_id: call_id.into(), output: "{}".to_owned(), ok: true });
    }
    assert_eq!(
        scene.sent_types(),
        ["conversation.item.create", "conversation.item.create", "response.create"]
    );
}

#[test]
fn sound_comes_in_pieces_of_any_length() {
    let mut scene = Scene::new(TurnMode::Vad);
    let piece = |bytes: usize| {
        json!({"type": "response.output_audio.delta", "response_id": "r", "item_id": "a",
        "delta": crate::pcm::AudioBytes(vec![1; bytes])})
    };
    scene.servers(&[created("r"), piece(3), piece(0), piece(1), piece(96_001), piece(1)]);
    let played = scene.take_outputs().into_iter().filter_map(|output| match output {
        Output::Play { pcm, .. } => Some(pcm.len()),
        _ => None,
    });
    assert_eq!(played.sum::<usize>(), 96_006 / 2, "halves of samples are joined");
}

#[test]
fn rate_limits_may_come_at_any_time_or_never() {
    let limits = json!({"type": "rate_limits.updated", "rate_limits": [{"name": "moons"}]});
    let (scene, texts) = answered(&[
        limits.clone(),
        created("r"),
        limits.clone(),
        delta("Hi"),
        done("r", "completed", &json!([message("a", "Hi")])),
        limits,
    ]);
    assert_eq!(texts, ["you: hello", "it: Hi"]);
    assert_settled_without_notice(&scene);
}

#[test]
fn an_answer_over_which_the_connection_is_lost_each_time_is_given_up() {
    let mut scene = Scene::new(TurnMode::TextOnly);
    scene.say("what nobody can answer");
    let mut asked = scene.sent_types().iter().filter(|kind| *kind == "response.create").count();
    for _ in 0..5 {
        scene.input(Input::Disconnected);
        scene.input(Input::Connected);
        asked += scene.sent_types().iter().filter(|kind| *kind == "response.create").count();
    }
    assert_eq!(asked, 3);
    assert!(scene.conversation.is_settled());
    assert_eq!(scene.texts().last().map(String::as_str), Some(format!("note: {LOST_ANSWER}").as_str()));
    scene.say("hello");
    assert_eq!(scene.sent_types(), ["conversation.item.create", "response.create"]);
    // What was answered counts no more.
    for id in ["r1", "r2", "r3", "r4"] {
        scene.input(Input::Disconnected);
        scene.input(Input::Connected);
        scene.servers(&[created(id), done(id, "completed", &json!([]))]);
        scene.say("again");
    }
    assert!(!scene.conversation.is_settled(), "the latest is owed");
}
