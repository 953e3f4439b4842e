//! Whatever a client sends, in whatever order, while engines work or fail: what always holds.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Act {
    Send(Value),
    Sound {
        voice: bool,
        ms: usize,
    },
    /// The engines go on with what they were last asked, in one of several ways.
    Work(u8),
    Time(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => request().prop_map(Act::Send),
        3 => (any::<bool>(), 1..900_usize).prop_map(|(voice, ms)| Act::Sound { voice, ms }),
        6 => any::<u8>().prop_map(Act::Work),
        1 => (0..20_000_u64).prop_map(Act::Time),
    ]
}

fn request() -> impl Strategy<Value = Value> {
    // Few ids, so that they meet.
    let id = prop::sample::select(vec!["a", "b", "c", "root"]);
    let item = (id.clone(), 0..5_u8).prop_map(|(id, kind)| match kind {
        0 => json!({"id": id, "type": "message", "role": "user", "content": [{"type": "input_text", "text": "t"}]}),
        1 => json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "t"}]}),
        2 => json!({"id": id, "type": "function_call", "name": "f", "arguments": "{}", "call_id": id}),
        3 => json!({"type": "function_call_output", "call_id": id, "output": "o"}),
        _ => json!({"type": "item_reference", "id": id}),
    });
    let detection = prop::sample::select(vec![
        Value::Null,
        json!({"type": "server_vad"}),
        json!({"type": "server_vad", "interrupt_response": false, "idle_timeout_ms": 5_000}),
        json!({"type": "semantic_vad", "eagerness": "high"}),
    ]);
    let create = prop::sample::select(vec![
        json!({}),
        json!({"output_modalities": ["text"]}),
        json!({"conversation": "none"}),
        json!({"conversation": "none", "input": [{"type": "item_reference", "id": "a"}]}),
        json!({"max_output_tokens": 2}),
        json!({"input": []}),
    ]);
    let bare = prop::sample::select(vec![
        "input_audio_buffer.commit",
        "input_audio_buffer.clear",
        "response.cancel",
        "output_audio_buffer.clear",
        "no.such.event",
    ]);
    let by_id = prop::sample::select(vec!["retrieve", "delete", "truncate"]);
    prop_oneof![
        (item, prop::option::of(id.clone())).prop_map(|(item, previous)| {
            json!({"type": "conversation.item.create", "item": item, "previous_item_id": previous})
        }),
        create.prop_map(|response| json!({"type": "response.create", "response": response})),
        bare.prop_map(|kind| json!({"type": kind})),
        detection.prop_map(|turn_detection| json!({"type": "session.update", "session":
            {"type": "realtime", "audio": {"input": {"turn_detection": turn_detection}}}})),
        (by_id, id, any::<bool>(), 0..2_000_u32).prop_map(|(verb, id, latest, end)| {
            let mut event = json!({"type": format!("conversation.item.{verb}"),
                "item_id": if latest { "LATEST" } else { id }});
            if verb == "truncate" {
                event["content_index"] = json!(0);
                event["audio_end_ms"] = json!(end);
            }
            event
        }),
    ]
}

/// What must hold of all events of a session together.
#[derive(Default)]
struct Ledger {
    event_ids: BTreeSet<String>,
    added: BTreeSet<String>,
    latest: String,
    active: BTreeMap<String, bool>,
    done: BTreeSet<String>,
    open_items: BTreeSet<String>,
}

impl Ledger {
    fn take_all(&mut self, events: &[Value]) {
        for event in events {
            self.take(event);
        }
    }

    fn take(&mut self, event: &Value) {
        let kind = event["type"].as_str().expect("type");
        assert!(self.event_ids.insert(event["event_id"].as_str().expect("id").to_owned()));
        match kind {
            "conversation.item.added" => {
                self.latest = id_of(&event["item"]);
                assert!(self.added.insert(self.latest.clone()) || self.latest.len() == 1, "{event}");
            }
            "response.created" => {
                let in_conversation = !event["response"]["conversation_id"].is_null();
                assert!(!(in_conversation && self.active.values().any(|a| *a)), "two active");
                self.active.insert(id_of(&event["response"]), in_conversation);
            }
            "response.output_item.added" => {
                assert!(self.active.contains_key(event["response_id"].as_str().expect("id")));
                assert!(self.open_items.insert(id_of(&event["item"])));
            }
            "response.output_item.done" => assert!(self.open_items.remove(&id_of(&event["item"]))),
            "response.done" => {
                let id = id_of(&event["response"]);
                assert!(self.active.remove(&id).is_some() && self.done.insert(id), "{event}");
            }
            _ if event.get("response_id").is_some() => {
                let id = event["response_id"].as_str().expect("id");
                assert!(self.active.contains_key(id), "after its end: {event}");
                assert!(self.open_items.contains(event["item_id"].as_str().expect("id")), "{event}");
            }
            _ => {}
        }
    }
}

/// Lets the engines take one step; `choice` says which and how.
fn work(scene: &mut Scene, choice: u8) -> Vec<Value> {
    let failed = choice % 16 == 15;
    let outcome = if failed { Err(EngineError("broken".to_owned())) } else { Ok(()) };
    let finish = |o: &Output| matches!(o, Output::Listen(Listen::Finish { .. }));
    if choice.is_multiple_of(3) && scene.work.iter().any(finish) {
        return scene.recognized(outcome.map(|()| Heard { text: "words".to_owned(), confidence: None }));
    }
    if choice % 3 == 1 && scene.speaking().is_some() {
        return if choice.is_multiple_of(2) { scene.sound(usize::from(choice)) } else { scene.spoken() };
    }
    let Some(at) = scene.work.iter().rposition(|o| matches!(o, Output::Think { .. })) else {
        return Vec::new();
    };
    let Output::Think { response_id, .. } = scene.work[at].clone() else { unreachable!("just found") };
    match choice % 5 {
        0 => scene.text(&response_id, "Some words. And more, "),
        1 => scene.text(&response_id, "of it."),
        2 => scene.call(&response_id, "f", "{\"a\":1}"),
        _ => {
            scene.work.remove(at);
            scene.handle(Input::ThoughtDone { response_id, result: outcome })
        }
    }
}

/// Lets everything come to its end.
fn settle(scene: &mut Scene) -> Vec<Value> {
    let mut events = scene.update(json!({"audio": {"input": {"turn_detection": null}}}));
    loop {
        let before = scene.work.len();
        while scene.work.iter().any(|o| matches!(o, Output::Listen(Listen::Finish { .. }))) {
            events.extend(scene.recognize("last"));
        }
        while scene.speaking().is_some() {
            events.extend(scene.spoken());
        }
        let thinks = scene.work.iter().filter_map(|o| match o {
            Output::Think { response_id, .. } => Some(response_id.clone()),
            _ => None,
        });
        let thinks: Vec<_> = thinks.collect();
        scene.work.retain(|o| !matches!(o, Output::Think { .. }));
        for id in &thinks {
            events.extend(scene.thought(id));
        }
        if thinks.is_empty() && scene.speaking().is_none() && scene.work.len() == before {
            return events;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_response_ends_once_and_every_item_is_added_once(acts in prop::collection::vec(act(), 1..60)) {
        let (mut scene, greeting) = Scene::greeted(Dialect::Ga);
        let mut ledger = Ledger::default();
        ledger.take_all(&greeting);
        for act in acts {
            let events = match act {
                Act::Send(mut event) => {
                    if event["item_id"] == "LATEST" {
                        event["item_id"] = json!(ledger.latest);
                    }
                    scene.send(event)
                }
                Act::Sound { voice, ms } => scene.append(&if voice { loud(ms) } else { silence(ms) }),
                Act::Work(choice) => work(&mut scene, choice),
                Act::Time(ms) => scene.pass(Duration::from_millis(ms)),
            };
            ledger.take_all(&events);
        }
        ledger.take_all(&settle(&mut scene));
        prop_assert!(ledger.active.is_empty(), "never done: {:?}", ledger.active);
        prop_assert!(ledger.open_items.is_empty(), "never done: {:?}", ledger.open_items);
    }

    #[test]
    fn the_same_session_gives_the_same_events(acts in prop::collection::vec(request(), 1..20)) {
        let run = || {
            let (mut scene, mut events) = Scene::greeted(Dialect::Beta);
            for event in &acts {
                events.extend(scene.send(event.clone()));
            }
            events
        };
        prop_assert_eq!(run(), run());
    }
}
