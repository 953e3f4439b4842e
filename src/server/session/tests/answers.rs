//! Responses: the order of their events, and all the ways in which they end.

use super::*;
use crate::protocol::{ItemKind, ServerEvent};
use crate::server::engine::PromptItem;

const OPENING: [&str; 3] =
    ["response.output_item.added", "conversation.item.added", "response.content_part.added"];
const CLOSING: [&str; 5] = [
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
];

#[test]
fn a_text_response_goes_by_the_book() {
    let mut scene = Scene::typing();
    let user = scene.type_text("hi");
    let id = scene.respond();
    let events = scene.text(&id, "Hello ");
    assert_eq!(types(&events), [&OPENING[..], &["response.output_text.delta"]].concat());
    let item_id = id_of(&events[0]["item"]);
    assert_eq!(
        events[0]["item"],
        json!({"id": item_id, "object": "realtime.item", "type": "message",
        "role": "assistant", "status": "in_progress", "content": []})
    );
    assert_eq!(events[1]["previous_item_id"], json!(user));
    assert_eq!(events[2]["part"], json!({"type": "text", "text": ""}));
    let events = scene.text(&id, "there.");
    assert_eq!(types(&events), ["response.output_text.delta"]);
    let ids = [
        ("response_id", json!(id.0)),
        ("item_id", json!(item_id)),
        ("output_index", json!(0)),
        ("content_index", json!(0)),
        ("delta", json!("there.")),
    ];
    assert!(ids.iter().all(|(key, value)| events[0][*key] == *value));
    let events = scene.thought(&id);
    assert_eq!(types(&events), [&["response.output_text.done"], &CLOSING[..]].concat());
    assert_eq!(events[0]["text"], "Hello there.");
    assert_eq!(events[1]["part"], json!({"type": "text", "text": "Hello there."}));
    let item = &events[3]["item"];
    assert_eq!((&item["status"], &item["content"][0]["text"]), (&json!("completed"), &json!("Hello there.")));
    let response = &events[4]["response"];
    assert_eq!(response["status"], "completed");
    assert_eq!(response["output"], json!([item]));
    assert_eq!(response["output_modalities"], json!(["text"]));
    // "Be brief." and "hi" in, twelve characters out.
    assert_eq!(response["usage"]["input_tokens"], 4);
    assert_eq!(response["usage"]["output_tokens"], 3);
    assert_eq!(response["usage"]["total_tokens"], 7);
}

#[test]
fn a_spoken_response_is_heard_sentence_by_sentence() {
    let mut scene = Scene::new();
    let id = scene.respond();
    let mut events = scene.text(&id, "First one. Second");
    assert_eq!(types(&events), OPENING);
    assert_eq!(events[2]["part"], json!({"type": "audio", "transcript": ""}));
    assert_eq!(scene.speaking().expect("speaks").2, "First one.");
    // Sound comes before the whole text is there, in pieces of a size that travels well.
    events.extend(scene.sound(500));
    let sound = ["response.output_audio.delta"; 3];
    assert_eq!(types(&events[3..]), [&["response.output_audio_transcript.delta"], &sound[..]].concat());
    assert_eq!(events[3]["delta"], "First one. ");
    assert_eq!(scene.text(&id, " one."), Vec::<Value>::new());
    assert_eq!(scene.thought(&id), Vec::<Value>::new());
    // Nobody reads what is not said yet.
    assert_eq!(scene.spoken(), Vec::<Value>::new());
    assert_eq!(scene.speaking().expect("speaks").2, "Second one.");
    assert_eq!(scene.sound(30), Vec::<Value>::new());
    let events = scene.spoken();
    let closing = [
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
    ];
    assert_eq!(types(&events), [&closing[..], &CLOSING[..]].concat());
    assert_eq!(events[3]["transcript"], "First one. Second one.");
    let response = &events[7]["response"];
    assert_eq!(
        response["output"][0]["content"],
        json!([{"type": "output_audio", "transcript": "First one. Second one."}])
    );
    assert_eq!(response["usage"]["output_token_details"], json!({"text_tokens": 6, "audio_tokens": 11}));
}

#[test]
fn beta_has_its_own_names_for_the_same() {
    let (mut scene, _) = Scene::greeted(Dialect::Beta);
    let id = scene.respond();
    let events = scene.text(&id, "Hi there.");
    assert_eq!(
        types(&events),
        ["response.output_item.added", "conversation.item.created", "response.content_part.added"]
    );
    assert_eq!(scene.thought(&id), Vec::<Value>::new());
    assert_eq!(types(&scene.sound(100)), ["response.audio_transcript.delta", "response.audio.delta"]);
    let events = scene.spoken();
    assert_eq!(
        types(&events),
        [
            "response.audio.done",
            "response.audio_transcript.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.done",
            "rate_limits.updated"
        ]
    );
    assert_eq!(events[4]["response"]["modalities"], json!(["text", "audio"]));
    assert_eq!(events[4]["response"]["output"][0]["content"][0]["type"], "audio");
}

#[test]
fn telephone_formats_go_out_a_third_as_fast() {
    let mut scene = Scene::new();
    scene.update(json!({"audio": {"output": {"format": {"type": "audio/pcmu"}}}}));
    let id = scene.respond();
    scene.text(&id, "Hello.");
    scene.thought(&id);
    let mut events = scene.sound(1_000);
    events.extend(scene.spoken());
    let bytes: usize = events.iter().filter_map(|e| e["delta"].as_str()).map(|d| d.len() * 3 / 4).sum();
    assert!((8_000..8_400).contains(&bytes), "{bytes}");
}

#[test]
fn calls_follow_what_was_said_and_each_has_its_index() {
    let mut scene = Scene::new();
    let id = scene.respond();
    scene.text(&id, "One moment.");
    let long = format!("{{\"text\":\"{}\"}}", "x".repeat(100));
    // The first call waits for the sound of the words before it.
    assert_eq!(scene.call(&id, "add_task", &long), Vec::<Value>::new());
    assert_eq!(scene.call(&id, "list_tasks", "{}"), Vec::<Value>::new());
    assert_eq!(scene.thought(&id), Vec::<Value>::new());
    let events = scene.spoken();
    let call = |deltas: usize| {
        [
            &OPENING[..2],
            &vec!["response.function_call_arguments.delta"; deltas],
            &["response.function_call_arguments.done"],
            &CLOSING[1..3],
        ]
        .concat()
    };
    let closed = [
        "response.output_audio_transcript.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
    ];
    assert_eq!(types(&events), [&closed[..], &CLOSING[..3], &call(2), &call(1), &CLOSING[3..]].concat());
    let calls: Vec<_> =
        events.iter().filter(|e| e["type"] == "response.function_call_arguments.done").collect();
    assert_eq!((&calls[0]["name"], &calls[0]["arguments"]), (&json!("add_task"), &json!(long)));
    assert_eq!((&calls[0]["output_index"], &calls[1]["output_index"]), (&json!(1), &json!(2)));
    assert_ne!(calls[0]["call_id"], calls[1]["call_id"]);
    let deltas: String = events
        .iter()
        .filter(|e| e["item_id"] == calls[0]["item_id"])
        .filter_map(|e| e["delta"].as_str())
        .collect();
    assert_eq!(deltas, long);
    let response = &events[events.len() - 2]["response"];
    let kinds: Vec<_> =
        response["output"].as_array().expect("items").iter().map(|i| i["type"].clone()).collect();
    assert_eq!(kinds, ["message", "function_call", "function_call"]);
    // The outputs close the loop.
    let output = json!({"type": "function_call_output", "call_id": calls[0]["call_id"], "output": "done"});
    let events = scene.send(json!({"type": "conversation.item.create", "item": output}));
    assert_eq!(types(&events), ["conversation.item.added", "conversation.item.done"]);
    scene.respond();
    let items = &scene.prompt().items;
    assert!(
        matches!(&items[..], [PromptItem::Assistant(said), PromptItem::Call { .. }, PromptItem::Call { .. },
        PromptItem::Output { output, .. }] if said == "One moment." && output == "done"),
        "{items:?}"
    );
}

#[test]
fn a_brain_with_nothing_to_say_completes_an_empty_response() {
    let mut scene = Scene::new();
    let id = scene.respond();
    assert_eq!(scene.text(&id, " \n"), Vec::<Value>::new());
    let events = scene.thought(&id);
    assert_eq!(types(&events), CLOSING[3..]);
    assert_eq!(events[0]["response"]["output"], json!([]));
}

#[test]
fn only_one_response_at_a_time_belongs_to_the_conversation() {
    let mut scene = Scene::typing();
    let id = scene.respond();
    let events = scene.send(json!({"type": "response.create", "event_id": "again"}));
    assert_eq!(refused(&events), ("conversation_already_has_active_response", ""));
    let expected = format!(
        "Conversation already has an active response in progress: {id}. Wait until the response \
        is finished before creating a new one."
    );
    assert_eq!(events[0]["error"]["message"], json!(expected));
    scene.thought(&id);
    scene.respond();
}

#[test]
fn a_response_beside_the_conversation_leaves_no_trace_in_it() {
    let mut scene = Scene::typing();
    scene.type_text("remember this");
    let active = scene.respond();
    let create = json!({"conversation": "none", "metadata": {"topic": "title"}, "instructions": "Name it.",
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "only this"}]}]});
    let events = scene.send(json!({"type": "response.create", "response": create}));
    let response = &events[0]["response"];
    assert_eq!(
        (&response["conversation_id"], &response["metadata"]),
        (&Value::Null, &json!({"topic": "title"}))
    );
    let beside = ResponseId(id_of(response));
    assert_eq!(scene.prompt().instructions, "Name it.");
    assert_eq!(scene.prompt().items, [PromptItem::User("only this".to_owned())]);
    scene.text(&beside, "A title");
    let events = scene.thought(&beside);
    assert_eq!(types(&events), ["response.output_text.done", CLOSING[0], CLOSING[2], CLOSING[3], CLOSING[4]]);
    assert_eq!(events[3]["response"]["metadata"], json!({"topic": "title"}));
    let item_id = id_of(&events[2]["item"]);
    let events = scene.send(json!({"type": "conversation.item.retrieve", "item_id": item_id}));
    assert_eq!(refused(&events), ("item_retrieve_invalid_item_id", "item_id"));
    scene.thought(&active);
}

#[test]
fn a_context_may_be_given_by_reference_or_be_empty() {
    let mut scene = Scene::typing();
    let first = scene.type_text("first");
    scene.type_text("second");
    let mut ask = |input: Value| {
        let events = scene.send(json!({"type": "response.create", "response": {"input": input}}));
        assert_eq!(types(&events), ["response.created"], "{events:?}");
        let items = scene.prompt().items.clone();
        scene.thought(&ResponseId(id_of(&events[0]["response"])));
        items
    };
    assert_eq!(ask(json!([{"type": "item_reference", "id": first}])), [PromptItem::User("first".to_owned())]);
    assert_eq!(ask(json!([])), []);
    let events = scene.send(json!({"type": "response.create", "response":
        {"input": [{"type": "item_reference", "id": "gone"}]}}));
    assert_eq!(refused(&events), ("invalid_value", "response.input[0].id"));
}

#[test]
fn a_response_may_differ_from_the_session() {
    let mut scene = Scene::new();
    let tool = |name: &str| json!({"type": "function", "name": name, "description": "d", "parameters": {"type": "object"}});
    scene.update(json!({"tools": [tool("a")], "tool_choice": "required"}));
    let id = scene.respond();
    assert_eq!(scene.prompt().tool_choice, crate::server::engine::ToolChoice::Required);
    scene.thought(&id);
    let create = json!({"output_modalities": ["text"], "instructions": "Other.", "tools": [tool("b")],
        "tool_choice": {"type": "function", "name": "b"}, "max_output_tokens": 100, "metadata": {"k": "v"}});
    let events = scene.send(json!({"type": "response.create", "response": create}));
    let response = &events[0]["response"];
    assert_eq!(response["output_modalities"], json!(["text"]));
    assert_eq!(response["max_output_tokens"], 100);
    let prompt = scene.prompt();
    assert_eq!((prompt.instructions.as_str(), prompt.tools[0].name.as_str()), ("Other.", "b"));
    assert_eq!(prompt.tool_choice, crate::server::engine::ToolChoice::Function("b".to_owned()));
    let id = ResponseId(id_of(response));
    assert_eq!(types(&scene.text(&id, "x")), [&OPENING[..], &["response.output_text.delta"]].concat());
    scene.thought(&id);
    scene.send(json!({"type": "response.create", "response": {"tool_choice": "none"}}));
    assert_eq!(scene.prompt().tools, []);
}

#[test]
fn a_wrong_request_for_a_response_is_refused() {
    let many: serde_json::Map<String, Value> = (0..17).map(|i| (i.to_string(), json!("v"))).collect();
    let cases = [
        (json!({"conversation": "other"}), "invalid_value", "response.conversation"),
        (json!({"output_modalities": ["text", "audio"]}), "invalid_value", "response.output_modalities"),
        (json!({"metadata": many}), "object_above_max_properties", "response.metadata"),
        (json!({"metadata": {"k": "v".repeat(513)}}), "string_above_max_length", "response.metadata.k"),
        (json!({"max_output_tokens": 9_999}), "integer_above_max_value", "response.max_output_tokens"),
        (json!({"audio": {"output": {"speed": 1.0}}}), "unknown_parameter", "response.audio.output.speed"),
        (json!({"temperature": 0.8}), "unknown_parameter", "response.temperature"),
        (json!({"tool_choice": "perhaps"}), "invalid_value", "response.tool_choice"),
        (
            json!({"input": [{"type": "message", "role": "user", "content": [{"type": "input_text"}]}]}),
            "missing_required_parameter",
            "response.input[0].content[0].text",
        ),
    ];
    let mut scene = Scene::typing();
    for (create, code, param) in cases {
        let events = scene.send(json!({"type": "response.create", "response": create}));
        assert_eq!(refused(&events), (code, param), "{create}");
    }
    assert!(scene.work.is_empty());
    let aside = json!({"type": "response.create", "response": {"conversation": "none"}});
    for _ in 0..8 {
        assert_eq!(types(&scene.send(aside.clone())), ["response.created"]);
    }
    scene.respond();
    assert_eq!(refused(&scene.send(aside)), ("rate_limit_exceeded", ""));
}

#[test]
fn a_cancelled_response_ends_with_what_was_told() {
    let mut scene = Scene::new();
    let id = scene.respond();
    scene.text(&id, "Heard this. Not this one. ");
    scene.sound(400);
    let events = scene.send(json!({"type": "response.cancel"}));
    let closed = ["response.output_audio.done", "response.output_audio_transcript.done"];
    assert_eq!(types(&events), [&closed[..], &CLOSING[..]].concat());
    assert_eq!(events[1]["transcript"], "Heard this. ");
    assert_eq!(events[4]["item"]["status"], "incomplete");
    let response = &events[5]["response"];
    assert_eq!(response["status"], "cancelled");
    assert_eq!(response["status_details"], json!({"type": "cancelled", "reason": "client_cancelled"}));
    assert_eq!(response["output"][0]["status"], "incomplete");
    // What still comes of it is nobody's.
    assert_eq!(scene.text(&id, "late"), Vec::<Value>::new());
    assert_eq!(scene.sound(100), Vec::<Value>::new());
    assert_eq!(scene.spoken(), Vec::<Value>::new());
    assert_eq!(scene.thought(&id), Vec::<Value>::new());
    let abandoned = scene.work.iter().filter(|o| matches!(o, Output::Abandon { .. })).count();
    assert_eq!(abandoned, 1);
}

#[test]
fn cancelling_what_is_not_active_is_a_harmless_error() {
    let mut scene = Scene::new();
    let events = scene.send(json!({"type": "response.cancel"}));
    assert_eq!(refused(&events), ("response_cancel_not_active", ""));
    assert_eq!(events[0]["error"]["message"], "Cancellation failed: no active response found");
    let id = scene.respond();
    let events = scene.send(json!({"type": "response.cancel", "response_id": "other"}));
    assert_eq!(refused(&events), ("response_cancel_not_active", ""));
    let events = scene.send(json!({"type": "response.cancel", "response_id": id.0}));
    assert_eq!(types(&events), CLOSING[3..]);
}

#[test]
fn a_response_may_be_cancelled_while_words_are_still_looked_for() {
    let mut scene = Scene::new();
    scene.append(&loud(300));
    scene.append(&silence(600));
    let events = scene.send(json!({"type": "response.cancel"}));
    assert_eq!(types(&events), CLOSING[3..]);
    assert_eq!(scene.recognize("too late"), Vec::<Value>::new());
    assert!(!scene.work.iter().any(|o| matches!(o, Output::Think { .. } | Output::Abandon { .. })));
}

#[test]
fn what_breaks_down_fails_the_response() {
    let broken = || Err(EngineError("no idea".to_owned()));
    let mut scene = Scene::typing();
    let id = scene.respond();
    scene.text(&id, "Well");
    let events = scene.handle(Input::ThoughtDone { response_id: id, result: broken() });
    assert_eq!(types(&events), [&["response.output_text.done"], &CLOSING[..]].concat());
    let details = &events[4]["response"]["status_details"];
    assert_eq!((&details["type"], &details["error"]["message"]), (&json!("failed"), &json!("no idea")));
    let mut scene = Scene::new();
    let id = scene.respond();
    scene.text(&id, "Hello there. And");
    let (response_id, item_id, _) = scene.speaking().expect("speaks");
    let events = scene.handle(Input::SpokenDone { response_id, item_id, result: broken() });
    // What should have been said is told all the same.
    assert_eq!(events[0]["delta"], "Hello there. ");
    assert_eq!(events[6]["response"]["status"], "failed");
    scene.respond();
}

#[test]
fn a_response_stops_at_its_tokens() {
    let mut scene = Scene::typing();
    scene.update(json!({"max_output_tokens": 3}));
    let id = scene.respond();
    scene.text(&id, "twelve chars");
    let events = scene.text(&id, "!");
    assert_eq!(
        types(&events),
        [&["response.output_text.delta", "response.output_text.done"], &CLOSING[..]].concat()
    );
    let response = &events[5]["response"];
    assert_eq!(
        (&response["status"], &response["status_details"]["reason"]),
        (&json!("incomplete"), &json!("max_output_tokens"))
    );
    assert_eq!(scene.text(&id, "more"), Vec::<Value>::new());
}

#[test]
fn the_voice_is_settled_by_its_first_sound() {
    let mut scene = Scene::new();
    let voice = |name: &str| json!({"audio": {"output": {"voice": name}}});
    assert_eq!(types(&scene.update(voice("marin"))), ["session.updated"]);
    let id = scene.respond();
    scene.text(&id, "Hello there.");
    scene.thought(&id);
    scene.sound(100);
    assert_eq!(refused(&scene.update(voice("cedar"))), ("cannot_update_voice", ""));
    scene.spoken();
    let events = scene.update(voice("cedar"));
    assert_eq!(refused(&events), ("cannot_update_voice", ""));
    assert_eq!(
        events[0]["error"]["message"],
        "Cannot update a conversation's voice if assistant audio is present."
    );
    assert_eq!(types(&scene.update(voice("marin"))), ["session.updated"]);
    let events = scene.send(json!({"type": "response.create", "response": voice("cedar")}));
    assert_eq!(refused(&events), ("cannot_update_voice", ""));
}

#[test]
fn what_was_not_heard_is_cut_off() {
    let mut scene = Scene::new();
    let id = scene.respond();
    scene.text(&id, "one two three four");
    scene.thought(&id);
    scene.sound(1_000);
    let item_id = scene.speaking().expect("speaks").1.0;
    scene.spoken();
    let mut truncate = |id: &str, index: u32, end: u64| {
        scene.send(json!({"type": "conversation.item.truncate", "item_id": id, "content_index": index, "audio_end_ms": end}))
    };
    let events = truncate(&item_id, 0, 1_001);
    assert_eq!(refused(&events), ("invalid_value", "audio_end_ms"));
    assert_eq!(events[0]["error"]["message"], "Audio content of 1000ms is already shorter than 1001ms");
    assert_eq!(refused(&truncate(&item_id, 1, 500)).0, "unsupported_content_type");
    let events = truncate(&item_id, 0, 500);
    assert_eq!(types(&events), ["conversation.item.truncated"]);
    assert_eq!(events[0]["audio_end_ms"], 500);
    assert_eq!(refused(&truncate(&item_id, 0, 501)).0, "invalid_value");
    let events = scene.send(json!({"type": "conversation.item.retrieve", "item_id": item_id}));
    let part = &events[0]["item"]["content"][0];
    assert_eq!(part["transcript"], Value::Null);
    assert_eq!(part["audio"].as_str().expect("sound").len(), 500 * 48 * 4 / 3);
    // Half of the sound is half of the words.
    scene.respond();
    assert_eq!(scene.prompt().items, [PromptItem::Assistant("one two".to_owned())]);
    let user = scene.type_text("x");
    let events = scene.send(
        json!({"type": "conversation.item.truncate", "item_id": user, "content_index": 0, "audio_end_ms": 0}),
    );
    assert_eq!(refused(&events), ("unsupported_content_type", ""));
    assert_eq!(events[0]["error"]["message"], "Only model output audio messages can be truncated");
}

#[test]
fn a_message_may_be_cut_off_while_it_is_being_made() {
    let mut scene = Scene::new();
    let id = scene.respond();
    scene.text(&id, "one two three four");
    scene.thought(&id);
    scene.sound(400);
    let item_id = scene.speaking().expect("speaks").1.0;
    let events = scene.send(json!({"type": "conversation.item.truncate", "item_id": item_id, "content_index": 0, "audio_end_ms": 200}));
    assert_eq!(types(&events), ["conversation.item.truncated"]);
    scene.sound(400);
    scene.spoken();
    scene.respond();
    assert_eq!(scene.prompt().items, [PromptItem::Assistant("one".to_owned())]);
}

#[test]
fn a_message_deleted_while_it_is_being_made_is_not_done() {
    let mut scene = Scene::typing();
    let id = scene.respond();
    let item_id = id_of(&scene.text(&id, "Hello")[0]["item"]);
    scene.send(json!({"type": "conversation.item.delete", "item_id": item_id}));
    let events = scene.thought(&id);
    assert_eq!(types(&events), ["response.output_text.done", CLOSING[0], CLOSING[2], CLOSING[3], CLOSING[4]]);
}

#[test]
fn even_an_endless_answer_ends() {
    let mut scene = Scene::typing();
    let id = scene.respond();
    let events = scene.text(&id, &"o".repeat(4 * 32_000));
    assert!(!types(&events).contains(&"response.done"));
    assert!(types(&scene.text(&id, "o")).contains(&"response.done"));
}

#[test]
fn of_a_long_sound_only_so_much_is_kept_as_fits_into_a_frame() {
    let mut scene = Scene::new();
    let id = scene.respond();
    scene.text(&id, "On and on and on");
    scene.thought(&id);
    let (response_id, item_id, _) = scene.speaking().expect("speaks");
    let sound =
        Input::Spoken { response_id, item_id: item_id.clone(), pcm: Pcm16::new(vec![1; 200 * 24_000]) };
    scene.session.handle(sound, scene.now);
    while scene.session.poll_output().is_some() {}
    scene.spoken();
    // Not through the schema: it is long.
    let retrieve = ClientEvent::ConversationItemRetrieve { item_id: item_id.clone() };
    scene.session.handle(Input::Client(Ok(retrieve.into())), scene.now);
    let retrieved = scene.session.poll_output();
    let Some(Output::Send(ServerMessage { event: ServerEvent::ItemRetrieved(event), .. })) = retrieved else {
        panic!("{retrieved:?}")
    };
    let ItemKind::Message { content, .. } = event.item.kind else { panic!("{:?}", event.item) };
    assert_eq!(content[0].audio.as_ref().expect("sound").len(), 3 * 60 * 64_000);
    // Its length is known all the same.
    let truncate = json!({"type": "conversation.item.truncate", "item_id": item_id.0, "content_index": 0,
        "audio_end_ms": 200_001});
    let events = scene.send(truncate);
    assert_eq!(events[0]["error"]["message"], "Audio content of 200000ms is already shorter than 200001ms");
}

#[test]
fn a_sentence_that_is_cut_off_before_its_first_sound_was_never_said() {
    let mut scene = Scene::new();
    let id = scene.respond();
    scene.text(&id, "First one. Second one.");
    scene.thought(&id);
    scene.sound(100);
    scene.spoken();
    let events = scene.send(json!({"type": "response.cancel"}));
    let done = events.iter().find(|e| e["type"] == "response.done").expect("ends");
    assert_eq!(done["response"]["output"][0]["content"][0]["transcript"], "First one. ");
}

#[test]
fn a_client_that_wants_one_call_at_a_time_gets_the_first() {
    let mut scene = Scene::typing();
    scene.update(json!({"parallel_tool_calls": false}));
    let id = scene.respond();
    scene.call(&id, "add_task", "{}");
    assert_eq!(scene.call(&id, "list_tasks", "{}"), Vec::<Value>::new());
    let events = scene.thought(&id);
    let output = &events[0]["response"]["output"];
    assert_eq!((output.as_array().map(Vec::len), &output[0]["name"]), (Some(1), &json!("add_task")));
}
