use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::http::scripted::{Answer, Scripted};
use crate::server::engine::{PromptItem, ToolChoice, ToolSpec};

const PATH: &str = "/v1/chat/completions";

fn prompt(text: &str) -> Prompt {
    let items = vec![PromptItem::User(text.to_owned())];
    Prompt { instructions: "Be brief.".to_owned(), items, ..Prompt::default() }
}

fn think(server: &Scripted) -> (Vec<Thought>, Result<(), EngineError>) {
    let chat = Chat::new(server.endpoint(PATH, None), "m");
    let mut thoughts = Vec::new();
    let end = chat.respond(&prompt("hello"), &mut |thought| {
        if thought != Thought::Text(String::new()) {
            thoughts.push(thought);
        }
        ControlFlow::Continue(())
    });
    (thoughts, end)
}

fn text(text: &str) -> Thought {
    Thought::Text(text.to_owned())
}

fn call(name: &str, arguments: &str) -> Thought {
    Thought::Call { name: name.to_owned(), arguments: arguments.to_owned() }
}

fn content(text: &str) -> String {
    json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}).to_string()
}

fn finish(reason: &str) -> String {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}).to_string()
}

/// A piece of a call, as `OpenAI` and those who follow it send them.
fn piece(index: u32, id: &str, name: &str, arguments: &str) -> String {
    let mut call = json!({"index": index, "function": {"arguments": arguments}});
    if !id.is_empty() {
        call["id"] = json!(id);
        call["type"] = json!("function");
        call["function"]["name"] = json!(name);
    }
    json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": null}]}).to_string()
}

fn serve(events: &[String]) -> Scripted {
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    Scripted::new(vec![Answer::events(&events).ended()])
}

#[test]
fn text_goes_out_as_it_comes() {
    let server = serve(&[
        json!({"choices": [{"delta": {"role": "assistant", "content": ""}}]}).to_string(),
        content("\nHello"),
        content(" there."),
        finish("stop"),
        json!({"choices": [], "usage": {"total_tokens": 9}}).to_string(),
        "[DONE]".to_owned(),
    ]);
    assert_eq!(think(&server), (vec![text("Hello"), text(" there.")], Ok(())));
    let asked = server.asked();
    assert!(asked.head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{}", asked.head);
    assert_eq!((&asked.json()["model"], &asked.json()["stream"]), (&json!("m"), &json!(true)));
}

#[test]
fn a_call_in_pieces_comes_whole_behind_what_was_said() {
    let server = serve(&[
        content("Let me see."),
        piece(0, "call_1", "list_tasks", ""),
        piece(0, "", "", "{\"sta"),
        piece(0, "", "", "tus\": \"open\"}"),
        finish("tool_calls"),
        "[DONE]".to_owned(),
    ]);
    let expected = vec![text("Let me see."), call("list_tasks", "{\"status\": \"open\"}")];
    assert_eq!(think(&server), (expected, Ok(())));
}

#[test]
fn parallel_calls_are_kept_apart_by_their_index_or_their_id() {
    let by_index = [
        piece(0, "call_1", "a", ""),
        piece(1, "call_2", "b", "{\"x\":"),
        piece(0, "", "", "{\"y\": 1}"),
        piece(1, "", "", " 2}"),
        finish("tool_calls"),
    ];
    let by_id =
        [piece(0, "call_1", "a", "{\"y\": 1}"), piece(0, "call_2", "b", "{\"x\": 2}"), finish("tool_calls")];
    for events in [by_index.to_vec(), by_id.to_vec()] {
        let (thoughts, end) = think(&serve(&events));
        assert_eq!(end, Ok(()));
        assert_eq!(thoughts, [call("a", "{\"y\": 1}"), call("b", "{\"x\": 2}")], "{events:?}");
    }
}

#[test]
fn a_call_without_arguments_or_with_an_object_is_a_call() {
    let object = json!({"choices": [{"delta": {"tool_calls": [
        {"function": {"name": "b", "arguments": {"x": 1}}},
    ]}, "finish_reason": "stop"}]});
    let (thoughts, _) = think(&serve(&[piece(5, "call_1", "a", ""), object.to_string()]));
    assert_eq!(thoughts, [call("a", "{}"), call("b", "{\"x\":1}")]);
}

#[test]
fn a_server_that_does_not_stream_is_understood() {
    let body = json!({"choices": [{"message": {"role": "assistant", "content": "Done.", "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "a", "arguments": "{}"}},
    ]}, "finish_reason": "tool_calls"}]});
    let server = Scripted::new(vec![Answer::json("200 OK", &body.to_string())]);
    assert_eq!(think(&server), (vec![text("Done."), call("a", "{}")], Ok(())));
}

#[test]
fn reasoning_is_not_said() {
    for pieces in [
        &["<think>\nThe person says hello", ".</think>\n\nHi!"][..],
        &["<", "think", ">hm</th", "ink>", "\n", "Hi!"],
    ] {
        let mut events: Vec<_> = pieces.iter().map(|piece| content(piece)).collect();
        events.push(finish("stop"));
        assert_eq!(think(&serve(&events)), (vec![text("Hi!")], Ok(())), "{pieces:?}");
    }
    let (thoughts, _) = think(&serve(&[content("<thin"), content("k again"), finish("stop")]));
    assert_eq!(thoughts, [text("<think again")]);
}

#[test]
fn a_connection_that_is_cut_gives_the_words_so_far_and_no_half_call() {
    let events = [content("I will"), piece(0, "call_1", "delete_task", "{\"id\"")];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let server = Scripted::new(vec![Answer::events(&events)]);
    let (thoughts, end) = think(&server);
    assert_eq!(thoughts, [text("I will")]);
    assert!(end.unwrap_err().0.contains("broke off"));
    // But not when all of it was there.
    let (thoughts, end) = think(&Scripted::new(vec![Answer::events(&[&content("Hi."), "[DONE]"])]));
    assert_eq!((thoughts, end), (vec![text("Hi.")], Ok(())));
    // The same when the server itself ends it.
    let (thoughts, end) = think(&Scripted::new(vec![Answer::events(&events).ended()]));
    assert_eq!(thoughts, [text("I will")]);
    assert!(end.unwrap_err().0.contains("broke off"));
}

#[test]
fn a_call_that_ran_out_of_tokens_is_not_made() {
    let (thoughts, end) =
        think(&serve(&[piece(0, "1", "a", "{\"x\""), finish("length"), "[DONE]".to_owned()]));
    assert_eq!(thoughts, []);
    assert!(end.unwrap_err().0.contains("ran out of tokens"));
}

#[test]
fn an_error_is_told_with_its_cure_also_in_the_middle() {
    let no_model = r#"{"error":{"message":"model \"m\" not found, try pulling it first"}}"#;
    let (_, end) = think(&Scripted::new(vec![Answer::json("404 Not Found", no_model)]));
    assert!(end.unwrap_err().0.contains("has no model `m`"));
    let late =
        json!({"error": {"code": 500, "message": "the GPU has left", "type": "server_error"}}).to_string();
    let (thoughts, end) = think(&serve(&[content("Well"), late]));
    assert_eq!(thoughts, [text("Well")]);
    assert!(end.unwrap_err().0.contains("the GPU has left"));
    let (_, end) = think(&Scripted::new(vec![Answer::new("200 OK", "text/html", "<html>router</html>")]));
    assert!(end.unwrap_err().0.contains("no chat completion"));
}

#[test]
fn nobody_behind_the_address_is_told_with_its_cure() {
    let gone = {
        let server = Scripted::new(vec![]);
        server.endpoint(PATH, None)
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut url = gone.url.clone();
    url.set_port(Some(port)).unwrap();
    let chat = Chat::new(Endpoint { url, ..gone }, "m");
    let error = chat.respond(&prompt("hello"), &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(error.0.contains("nothing answers") && error.0.contains("running"), "{error}");
}

#[test]
fn who_has_enough_ends_it_even_while_the_server_is_silent() {
    let first = content("Hm");
    let server = Scripted::new(vec![Answer::events(&[&first]).then_hangs()]);
    let chat = Chat::new(server.endpoint(PATH, None), "m");
    let mut said = String::new();
    let end = chat.respond(&prompt("hello"), &mut |thought| match thought {
        Thought::Text(text) if text.is_empty() && !said.is_empty() => ControlFlow::Break(()),
        Thought::Text(text) => {
            said.push_str(&text);
            ControlFlow::Continue(())
        }
        Thought::Call { .. } => panic!("a call"),
    });
    assert_eq!((end, said.as_str()), (Ok(()), "Hm"));
    server.client_has_gone();
}

#[test]
fn who_has_enough_ends_a_server_that_thinks_and_thinks() {
    let thinking: Vec<_> = (0..50).map(|_| content("<think>hm hm ")).collect();
    let thinking: Vec<&str> = thinking.iter().map(String::as_str).collect();
    let server = Scripted::new(vec![Answer::events(&thinking).then_hangs()]);
    let chat = Chat::new(server.endpoint(PATH, None), "m");
    let mut asked = 0;
    let end = chat.respond(&prompt("hello"), &mut |thought| {
        assert_eq!(thought, Thought::Text(String::new()));
        asked += 1;
        if asked > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((end, asked), (Ok(()), 2));
    server.client_has_gone();
}

#[test]
fn without_a_name_the_first_model_of_the_server_is_asked() {
    let done = finish("stop");
    let answers = vec![
        Answer::json("200 OK", r#"{"object":"list","data":[{"id":"qwen3:4b"},{"id":"other"}]}"#),
        Answer::events(&[&done]).ended(),
    ];
    let server = Scripted::new(answers);
    let chat = Chat::new(server.endpoint(PATH, None), "");
    chat.respond(&prompt("hello"), &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(server.asked().head.starts_with("GET /v1/models "));
    assert_eq!(server.asked().json()["model"], "qwen3:4b");
}

#[test]
fn the_conversation_is_told_as_chat_endpoints_want_it() {
    let call = |id: &str, name: &str, arguments: &str| PromptItem::Call {
        call_id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    };
    let output = |id: &str| PromptItem::Output { call_id: id.to_owned(), output: format!("result of {id}") };
    let prompt = Prompt {
        instructions: "Keep tasks.".to_owned(),
        items: vec![
            PromptItem::User("list and add".to_owned()),
            PromptItem::Assistant("One moment.".to_owned()),
            call("c1", "list_tasks", "{}"),
            call("c2", "create_task", "not json"),
            PromptItem::UserUnintelligible,
            PromptItem::UserUncertain("delete it all".to_owned()),
            output("c2"),
            output("c1"),
            PromptItem::System("It is late.".to_owned()),
            call("c3", "undo", "{}"),
            output("lost"),
        ],
        tools: vec![ToolSpec {
            name: "undo".to_owned(),
            description: "Takes back.".to_owned(),
            parameters: json!({"type": "object", "properties": {}}),
        }],
        tool_choice: ToolChoice::Function("undo".to_owned()),
        max_tokens: Some(99),
        temperature: Some(0.8),
    };
    insta::assert_json_snapshot!(request::body(&prompt, "m", false));
    let openai = request::body(&prompt, "m", true);
    assert_eq!((&openai["max_completion_tokens"], openai.get("max_tokens")), (&json!(99), None));
    let free = request::body(&Prompt::default(), "m", false);
    assert!(free.get("tools").is_none() && free.get("tool_choice").is_none(), "{free}");
}

#[test]
fn events_are_found_however_the_bytes_are_cut() {
    let stream = ": comment\r\n\r\nevent: x\ndata: {\"a\":\ndata:1}\r\rid: 7\ndata: [DONE]".as_bytes();
    for size in 1..=stream.len() {
        let mut sse = sse::Sse::default();
        let mut events = Vec::new();
        for part in stream.chunks(size) {
            sse.push(part, &mut |data| events.push(data.to_owned())).unwrap();
        }
        sse.finish(&mut |data| events.push(data.to_owned()));
        assert_eq!(events, ["{\"a\":\n1}", "[DONE]"], "in pieces of {size}");
    }
}

/// Likely and unlikely events, so that all branches are met.
fn event() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just(json!(null)),
        any::<i64>().prop_map(|n| json!(n)),
        "[<>/a-z{}\"\\[\\] ]{0,12}".prop_map(|text| json!(text)),
        Just(json!([{"text": "x"}, 1])),
        Just(json!({"name": "a", "arguments": "{"})),
    ];
    let call = (value.clone(), value.clone(), value.clone(), value.clone()).prop_map(|(i, id, name, arguments)| {
        json!({"index": i, "id": id, "function": {"name": name, "arguments": arguments}})
    });
    let chunk = (value.clone(), proptest::collection::vec(call, 0..3), value).prop_map(|(text, calls, reason)| {
        json!({"choices": [{"delta": {"content": text, "tool_calls": calls}, "finish_reason": reason}]})
    });
    prop_oneof![
        4 => chunk.prop_map(|chunk| format!("data: {chunk}\n\n")),
        1 => Just("data: [DONE]\n\n".to_owned()),
        1 => "\\PC{0,20}\n?",
    ]
}

proptest! {
    #[test]
    fn no_answer_however_strange_does_harm(events in proptest::collection::vec(event(), 0..8), size in 1usize..40) {
        let stream = events.concat();
        let mut reply = Reply::default();
        for part in stream.as_bytes().chunks(size) {
            if reply.push(part).is_err() {
                break;
            }
        }
        let _ = reply.finish();
        while let Some(thought) = reply.poll() {
            prop_assert!(thought != Thought::Text(String::new()));
        }
    }

    #[test]
    fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut reply = Reply::default();
        let _ = reply.push(&bytes);
        let _ = reply.finish();
    }
}
