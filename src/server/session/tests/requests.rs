//! Sessions and items: what a client may ask for, and what it is told when it may not.

use super::*;

#[test]
fn the_greeting_is_the_whole_session_with_its_nulls() {
    let (_, events) = Scene::greeted(Dialect::Ga);
    assert_eq!(types(&events), ["session.created"]);
    let mut session = events[0]["session"].clone();
    assert!(id_of(&session).starts_with("sess_"));
    session.as_object_mut().expect("object").remove("id");
    assert_eq!(
        session,
        json!({
            "type": "realtime", "object": "realtime.session", "model": "offline", "expires_at": 1_700_003_600,
            "output_modalities": ["audio"], "instructions": "Be brief.", "tools": [], "tool_choice": "auto",
            "max_output_tokens": "inf", "truncation": "auto", "tracing": null, "include": null, "prompt": null,
            "audio": {
                "input": {
                    "format": {"type": "audio/pcm", "rate": 24_000}, "transcription": null, "noise_reduction": null,
                    "turn_detection": {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300,
                        "silence_duration_ms": 500, "idle_timeout_ms": null, "create_response": true,
                        "interrupt_response": true},
                },
                "output": {"format": {"type": "audio/pcm", "rate": 24_000}, "voice": "alloy", "speed": 1.0},
            },
        })
    );
}

#[test]
fn beta_is_greeted_in_its_own_shape_and_with_a_conversation() {
    let (mut scene, events) = Scene::greeted(Dialect::Beta);
    assert_eq!(types(&events), ["session.created", "conversation.created"]);
    let session = &events[0]["session"];
    assert_eq!(session["modalities"], json!(["text", "audio"]));
    assert_eq!(session["input_audio_format"], "pcm16");
    assert_eq!(session["turn_detection"]["type"], "server_vad");
    assert_eq!(session["temperature"], 0.8);
    let events =
        scene.send(json!({"type": "session.update", "session": {"voice": "sage", "temperature": 0.9}}));
    assert_eq!(events[0]["session"]["voice"], "sage");
    assert_eq!(events[0]["session"]["temperature"], 0.9);
}

#[test]
fn an_update_is_echoed_in_effect_and_keeps_what_it_does_not_name() {
    let mut scene = Scene::new();
    let events = scene.update(json!({"instructions": "", "audio": {"output": {"speed": 1.25}}}));
    assert_eq!(types(&events), ["session.updated"]);
    assert_eq!(events[0]["session"]["instructions"], "");
    let input = json!({"turn_detection": {"type": "server_vad", "threshold": 0.7}, "transcription": {"model": "whisper-1"}});
    let events = scene.update(json!({"audio": {"input": input}}));
    let audio = &events[0]["session"]["audio"];
    assert_eq!(audio["output"]["speed"], 1.25);
    assert_eq!(audio["input"]["turn_detection"]["threshold"], 0.7);
    assert_eq!(audio["input"]["turn_detection"]["silence_duration_ms"], 500);
    let input = json!({"turn_detection": {"type": "server_vad", "silence_duration_ms": 900}});
    let events = scene.update(json!({"audio": {"input": input}}));
    let detection = &events[0]["session"]["audio"]["input"]["turn_detection"];
    assert_eq!((&detection["threshold"], &detection["silence_duration_ms"]), (&json!(0.7), &json!(900)));
    let input = json!({"turn_detection": {"type": "semantic_vad"}, "transcription": null});
    let events = scene.update(json!({"audio": {"input": input}}));
    let input = &events[0]["session"]["audio"]["input"];
    assert_eq!(
        input["turn_detection"],
        json!({"type": "semantic_vad", "eagerness": "auto", "create_response": true, "interrupt_response": true})
    );
    assert_eq!(input["transcription"], Value::Null);
    let events = scene.update(json!({"audio": {"input": {"turn_detection": null}}}));
    assert_eq!(events[0]["session"]["audio"]["input"]["turn_detection"], Value::Null);
}

#[test]
fn the_model_may_be_named_but_not_changed() {
    let mut scene = Scene::new();
    for model in ["offline", "gpt-realtime-2.1"] {
        let events = scene.update(json!({"model": model}));
        assert_eq!(events[0]["session"]["model"], "offline");
    }
    assert_eq!(refused(&scene.update(json!({"model": "other"}))), ("invalid_value", "session.model"));
}

#[test]
fn a_wrong_update_is_refused_as_a_whole_with_the_services_codes() {
    let detection = |d: Value| json!({"audio": {"input": {"turn_detection": d}}});
    let tool = json!({"type": "function", "name": "f", "parameters": {"type": "object"}});
    let cases = [
        (json!({"id": "sess_x"}), "unknown_parameter", "session.id"),
        (json!({"temperature": 0.8}), "unknown_parameter", "session.temperature"),
        (json!({"output_modalities": ["audio", "text"]}), "invalid_value", "session.output_modalities"),
        (json!({"output_modalities": ["smell"]}), "invalid_value", "session.output_modalities"),
        (json!({"tool_choice": "maybe"}), "invalid_value", "session.tool_choice"),
        (
            json!({"tools": [tool], "tool_choice": {"type": "function", "name": "g"}}),
            "invalid_value",
            "session.tool_choice",
        ),
        (json!({"tools": [{"type": "function", "name": "a b"}]}), "invalid_value", "session.tools[0].name"),
        (
            json!({"tools": [{"type": "function", "name": ""}]}),
            "missing_required_parameter",
            "session.tools[0].name",
        ),
        (json!({"tools": [{"type": "mcp", "server_label": "x"}]}), "invalid_value", "session.tools[0].type"),
        (json!({"tools": vec![tool.clone(); 129]}), "array_above_max_length", "session.tools"),
        (json!({"instructions": "x".repeat(200_001)}), "string_above_max_length", "session.instructions"),
        (json!({"max_output_tokens": 0}), "integer_below_min_value", "session.max_output_tokens"),
        (json!({"max_output_tokens": 4_097}), "integer_above_max_value", "session.max_output_tokens"),
        (json!({"max_output_tokens": "all"}), "invalid_value", "session.max_output_tokens"),
        (json!({"reasoning": {"effort": "huge"}}), "invalid_value", "session.reasoning.effort"),
        (json!({"truncation": "some"}), "invalid_value", "session.truncation"),
        (
            json!({"truncation": {"type": "retention_ratio", "retention_ratio": 2}}),
            "decimal_above_max_value",
            "session.truncation.retention_ratio",
        ),
        (json!({"include": ["everything"]}), "invalid_value", "session.include[0]"),
        (json!({"audio": {"output": {"speed": 9}}}), "decimal_above_max_value", "session.audio.output.speed"),
        (json!({"audio": {"output": {"voice": ""}}}), "invalid_value", "session.audio.output.voice"),
        (
            json!({"audio": {"output": {"format": {"type": "audio/ogg"}}}}),
            "invalid_value",
            "session.audio.output.format.type",
        ),
        (
            json!({"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16_000}}}}),
            "invalid_value",
            "session.audio.input.format.rate",
        ),
        (
            json!({"audio": {"input": {"noise_reduction": {"type": "no_field"}}}}),
            "invalid_value",
            "session.audio.input.noise_reduction.type",
        ),
        (detection(json!({"type": "x_vad"})), "invalid_value", "session.audio.input.turn_detection.type"),
        (
            detection(json!({"type": "server_vad", "threshold": 1.5})),
            "decimal_above_max_value",
            "session.audio.input.turn_detection.threshold",
        ),
        (
            detection(json!({"type": "server_vad", "idle_timeout_ms": 100})),
            "integer_below_min_value",
            "session.audio.input.turn_detection.idle_timeout_ms",
        ),
        (
            detection(json!({"type": "server_vad", "silence_duration_ms": 99_999})),
            "integer_above_max_value",
            "session.audio.input.turn_detection.silence_duration_ms",
        ),
        (
            detection(json!({"type": "semantic_vad", "eagerness": "very"})),
            "invalid_value",
            "session.audio.input.turn_detection.eagerness",
        ),
    ];
    let mut scene = Scene::new();
    let before = scene.update(json!({}))[0]["session"].clone();
    for (mut update, code, param) in cases {
        // Something right beside it must not be taken over either.
        if update.get("instructions").is_none() {
            update["instructions"] = json!("changed");
        }
        let events = scene.update(update.clone());
        assert_eq!(refused(&events), (code, param), "{update}");
    }
    assert_eq!(scene.update(json!({}))[0]["session"], before);
}

#[test]
fn what_the_wire_types_refuse_and_other_kinds_of_session_are_errors_too() {
    let mut scene = Scene::new();
    let events = scene.send(json!({"type": "session.update", "session": {}, "event_id": "mine"}));
    assert_eq!(refused(&events), ("missing_required_parameter", "session.type"));
    assert_eq!(events[0]["error"]["event_id"], "mine");
    let events = scene.send(json!({"type": "session.update", "session": {"type": "transcription"}}));
    assert_eq!(refused(&events), ("invalid_value", "session.type"));
    for kind in ["transcription_session.update", "output_audio_buffer.clear"] {
        let events = scene.send(json!({"type": kind, "session": {"type": "realtime"}}));
        assert_eq!(events[0]["type"], "error");
    }
    assert_eq!(refused(&scene.send(json!({"type": "output_audio_buffer.clear"}))), ("invalid_value", "type"));
}

#[test]
fn items_are_added_and_done_where_they_were_asked_for() {
    let mut scene = Scene::new();
    let mut create = |id: &str, previous: Value| {
        let item = json!({"id": id, "type": "message", "role": "user",
            "content": [{"type": "input_text", "text": id}]});
        let events = scene
            .send(json!({"type": "conversation.item.create", "item": item, "previous_item_id": previous}));
        assert_eq!(types(&events), ["conversation.item.added", "conversation.item.done"], "{events:?}");
        assert_eq!(events[0]["item"]["status"], "completed");
        assert_eq!(events[0]["item"]["object"], "realtime.item");
        assert_eq!(events[0]["item"], events[1]["item"]);
        events[0]["previous_item_id"].clone()
    };
    assert_eq!(create("a", Value::Null), Value::Null);
    assert_eq!(create("b", Value::Null), "a");
    assert_eq!(create("c", json!("a")), "a");
    assert_eq!(create("d", json!("root")), Value::Null);
    scene.respond();
    let said: Vec<_> = scene.prompt().items.clone();
    let user = |t: &str| crate::server::engine::PromptItem::User(t.to_owned());
    assert_eq!(said, [user("d"), user("a"), user("c"), user("b")]);
}

#[test]
fn items_of_every_kind_that_a_client_may_give_are_taken() {
    let mut scene = Scene::new();
    let items = [
        json!({"type": "message", "role": "system", "content": [{"type": "input_text", "text": "s"}]}),
        json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]}),
        json!({"type": "message", "role": "user", "content": [{"type": "input_image",
            "image_url": "data:image/png;base64,AA=="}]}),
        json!({"type": "function_call", "name": "f", "arguments": "{}", "call_id": "call_1"}),
        json!({"type": "function_call_output", "call_id": "call_1", "output": "42"}),
    ];
    for item in items {
        let events = scene.send(json!({"type": "conversation.item.create", "item": item}));
        assert_eq!(types(&events), ["conversation.item.added", "conversation.item.done"], "{events:?}");
    }
}

#[test]
fn a_wrong_item_is_refused() {
    let mut scene = Scene::new();
    let first = scene.type_text("hi");
    let message = |role: &str, part: Value| json!({"type": "message", "role": role, "content": [part]});
    let text = json!({"type": "input_text", "text": "x"});
    let mut named = message("user", text.clone());
    named["id"] = json!(first);
    let cases = [
        (named, "item_create_duplicate_item_id", ""),
        (message("pope", text.clone()), "invalid_value", "item.role"),
        (message("assistant", text), "invalid_value", "item.content[0].type"),
        (
            message("assistant", json!({"type": "output_audio", "transcript": "x"})),
            "invalid_value",
            "item.content[0].type",
        ),
        (message("user", json!({"type": "smell"})), "invalid_value", "item.content[0].type"),
        (
            message("user", json!({"type": "input_text"})),
            "missing_required_parameter",
            "item.content[0].text",
        ),
        (
            message("user", json!({"type": "input_audio"})),
            "missing_required_parameter",
            "item.content[0].audio",
        ),
        (
            message("user", json!({"type": "input_audio", "audio": "**"})),
            "invalid_value",
            "item.content[0].audio",
        ),
        (
            message("user", json!({"type": "input_image", "image_url": "http://x"})),
            "invalid_value",
            "item.content[0].image_url",
        ),
        (
            json!({"type": "function_call_output", "call_id": "call_x", "output": ""}),
            "invalid_tool_call_id",
            "",
        ),
        (json!({"type": "function_call_output", "output": ""}), "missing_required_parameter", "item.call_id"),
        (json!({"type": "function_call", "arguments": "{}"}), "missing_required_parameter", "item.name"),
        (json!({"type": "function_call", "name": "f", "call_id": "a/b"}), "invalid_value", "item.call_id"),
        (json!({"type": "item_reference", "id": first}), "invalid_value", "item.type"),
        (
            json!({"type": "mcp_approval_response", "approval_request_id": "x", "approve": true}),
            "invalid_value",
            "item.type",
        ),
    ];
    for (item, code, param) in cases {
        let events = scene.send(json!({"type": "conversation.item.create", "item": item, "event_id": "e1"}));
        assert_eq!(refused(&events), (code, param), "{item}");
        assert_eq!(events[0]["error"]["event_id"], "e1");
    }
    let item = json!({"type": "message", "role": "user", "content": []});
    let events =
        scene.send(json!({"type": "conversation.item.create", "item": item, "previous_item_id": "gone"}));
    assert_eq!(refused(&events), ("item_create_invalid_previous_item_id", "previous_item_id"));
}

#[test]
fn items_are_retrieved_and_deleted_and_gone() {
    let mut scene = Scene::new();
    let id = scene.type_text("hi");
    let events = scene.send(json!({"type": "conversation.item.retrieve", "item_id": id}));
    assert_eq!(types(&events), ["conversation.item.retrieved"]);
    assert_eq!(events[0]["item"]["content"][0]["text"], "hi");
    let events = scene.send(json!({"type": "conversation.item.delete", "item_id": id}));
    assert_eq!((types(&events), &events[0]["item_id"]), (vec!["conversation.item.deleted"], &json!(id)));
    for (verb, code) in [
        ("retrieve", "item_retrieve_invalid_item_id"),
        ("delete", "item_delete_invalid_item_id"),
        ("truncate", "item_truncate_invalid_item_id"),
    ] {
        let mut event = json!({"type": format!("conversation.item.{verb}"), "item_id": id});
        if verb == "truncate" {
            event["content_index"] = json!(0);
            event["audio_end_ms"] = json!(0);
        }
        assert_eq!(refused(&scene.send(event)), (code, "item_id"));
    }
    // The chain closes behind it.
    let item = json!({"type": "message", "role": "user", "content": []});
    let events = scene.send(json!({"type": "conversation.item.create", "item": item}));
    assert_eq!(events[0]["previous_item_id"], Value::Null);
}

#[test]
fn sound_given_as_an_item_is_recognized_and_waited_for() {
    let mut scene = Scene::typing();
    let audio = crate::codec::to_base64(&loud(300), crate::protocol::session::AudioFormat::default());
    let part = json!({"type": "input_audio", "audio": audio});
    let item = json!({"type": "message", "role": "user", "content": [part]});
    let events = scene.send(json!({"type": "conversation.item.create", "item": item}));
    assert_eq!(events[0]["item"]["content"][0]["audio"], Value::Null);
    assert_eq!(scene.fed(), 300 * 24);
    scene.respond();
    assert!(!scene.work.iter().any(|o| matches!(o, Output::Think { .. })));
    assert_eq!(scene.recognize("hello"), Vec::<Value>::new());
    assert_eq!(scene.prompt().items, [crate::server::engine::PromptItem::User("hello".to_owned())]);
    let events =
        scene.send(json!({"type": "conversation.item.retrieve", "item_id": id_of(&events[0]["item"])}));
    assert_eq!(events[0]["item"]["content"][0]["audio"], json!(audio));
}

#[test]
fn a_conversation_takes_only_so_many_items() {
    let mut scene = Scene::new();
    for _ in 0..4_096 {
        let item = crate::protocol::Item::new(crate::protocol::ItemKind::FunctionCall {
            call_id: "c".into(),
            name: "f".to_owned(),
            arguments: String::new(),
        });
        let event = ClientEvent::ConversationItemCreate { previous_item_id: None, item };
        scene.session.handle(Input::Client(Ok(event.into())), scene.now);
        while scene.session.poll_output().is_some() {}
    }
    let item = json!({"type": "message", "role": "user", "content": []});
    let events = scene.send(json!({"type": "conversation.item.create", "item": item}));
    assert_eq!(refused(&events), ("conversation_full", ""));
}

#[test]
fn whose_address_names_no_model_may_name_one_later() {
    let config = Config { requested_model: None, ..Scene::config(Dialect::Ga, SessionKind::Realtime) };
    let (mut scene, _) = Scene::of(&config);
    assert_eq!(types(&scene.update(json!({"model": "gpt-realtime-2.1"}))), ["session.updated"]);
    assert_eq!(types(&scene.update(json!({"model": "gpt-realtime-2.1"}))), ["session.updated"]);
    assert_eq!(refused(&scene.update(json!({"model": "gpt-realtime"}))), ("invalid_value", "session.model"));
}

#[test]
fn sound_without_words_yet_says_so() {
    let mut scene = Scene::new();
    scene.update(json!({"audio": {"input": {"turn_detection": null}}}));
    scene.append(&loud(200));
    let events = scene.send(json!({"type": "input_audio_buffer.commit"}));
    assert_eq!(events[1]["item"]["content"], json!([{"type": "input_audio", "transcript": null}]));
}
