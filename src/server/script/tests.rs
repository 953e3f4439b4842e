//! Scripts as files, and as they play on a clock of their own.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use super::play::{Cue, Player};
use super::*;
use crate::protocol::Dialect;
use crate::server::schema::assert_valid;

fn parse(text: &str) -> Result<Script, ScriptError> {
    Script::parse(text, Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo")))
}

/// Line and words of what is wrong with `text`.
fn wrong(text: &str) -> (usize, String) {
    let error = parse(text).expect_err(text);
    (error.line, error.problem)
}

#[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
fn start() -> Instant {
    Instant::now()
}

/// Plays `events` one after the other; what is done, and how many milliseconds after the beginning.
fn play(script: &str, seed: u64, events: &[Value]) -> Vec<(u64, Cue)> {
    let mut player = Player::new(Arc::new(parse(script).expect("a script")), seed);
    let began = start();
    let mut now = began;
    let mut done = Vec::new();
    for event in events {
        player.take(event.clone(), now);
        while let Some(due) = player.due() {
            now = due;
            while let Some(cue) = player.poll(now) {
                done.push(((now - began).as_millis() as u64, cue));
            }
        }
    }
    done
}

fn sent(cues: &[(u64, Cue)]) -> Vec<Value> {
    let event = |cue: &Cue| if let Cue::Send(event) = cue { Some(event.clone()) } else { None };
    cues.iter().filter_map(|(_, cue)| event(cue)).collect()
}

#[test]
fn the_first_rule_that_matches_plays_and_only_as_often_as_it_may() {
    let script = r#"
        [[rule]]
        on = "response.create"
        match = { "response.metadata.topic" = "weather", "response.output_modalities.0" = "text" }
        steps = [{ send = { type = "a" } }]
        [[rule]]
        on = "response.create"
        times = 1
        steps = [{ send = { type = "b" } }]
        [[rule]]
        on = "response.create"
        steps = [{ send = { type = "c" } }]
    "#;
    let weather = json!({"output_modalities": ["text"], "metadata": {"topic": "weather"}});
    let events = [
        json!({"type": "response.create", "response": weather}),
        json!({"type": "response.create"}),
        json!({"type": "response.create"}),
        json!({"type": "response.cancel"}),
    ];
    let types: Vec<_> = sent(&play(script, 1, &events)).iter().map(|e| e["type"].clone()).collect();
    assert_eq!(types, ["a", "b", "c"]);
}

#[test]
fn steps_come_at_their_time() {
    let script = r#"
        [[rule]]
        on = "connect"
        steps = [
          { after_ms = 100, send = { type = "a" } },
          { after_ms = 5, repeat = 2, steps = [{ after_ms = 10, send = { type = "b" } }, { send = { type = "c" } }] },
          { after_ms = 1, close = 1001, reason = "enough" },
        ]
    "#;
    let cues = play(script, 1, &[json!({"type": "connect"})]);
    let times: Vec<_> = cues.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [100, 115, 115, 125, 125, 126]);
    assert_eq!(cues[5].1, Cue::Close { code: 1001, reason: "enough".to_owned() });
}

#[test]
fn places_are_filled_from_the_event_and_with_ids() {
    let script = r#"
        [[rule]]
        on = "conversation.item.create"
        steps = [
          { send = { type = "x", item = "${event.item}", first = "${event.item.content.0}", none = "${event.gone}", nil = "${null}" } },
          { send = { type = "y", id = "${id:item}", again = "${id:item}", other = "${id:resp}", text = "It is ${event.item.n} and ${id:item}, ${what}" } },
          { send = '{"type": "z", "event_id": "mine"}' },
        ]
    "#;
    let event = json!({"type": "conversation.item.create", "item": {"n": 7, "content": ["words"]}});
    let run = |seed| sent(&play(script, seed, &[event.clone(), event.clone()]));
    let events = run(1);
    assert_eq!((&events[0]["item"], &events[0]["first"]), (&event["item"], &json!("words")));
    assert_eq!((&events[0]["none"], &events[0]["nil"]), (&Value::Null, &Value::Null));
    let id = events[1]["id"].as_str().expect("an id");
    assert!(id.starts_with("item_"));
    assert_eq!(events[1]["again"], id);
    assert_ne!(events[1]["other"], id);
    assert_eq!(events[1]["text"], format!("It is 7 and {id}, ${{what}}"));
    assert_eq!(events[2]["event_id"], "mine");
    assert_ne!(events[4]["id"], id, "each play has ids of its own");
    assert_eq!(run(1), events);
    assert_ne!(run(2), events);
}

#[test]
fn sound_comes_in_pieces() {
    let script = |source: &str| {
        format!(
            "[[rule]]\non = \"connect\"\nsteps = [{{ sound = {{ type = \"response.output_audio.delta\" }}, {source} }}]"
        )
    };
    let run = |source: &str| play(&script(source), 1, &[json!({"type": "connect"})]);
    let bytes = |cue: &Value| cue["delta"].as_str().expect("sound").len() / 4 * 3;
    let silence = run("ms = 250, delta_ms = 100, every_ms = 20, after_ms = 7");
    assert_eq!(silence.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [7, 27, 47]);
    assert_eq!(sent(&silence).iter().map(bytes).collect::<Vec<_>>(), [4_800, 4_800, 2_400]);
    assert!(sent(&silence)[0]["delta"].as_str().expect("sound").starts_with("AAAA"));
    let tone = sent(&run("tone_hz = 440, ms = 100"));
    assert!(tone.len() == 1 && !tone[0]["delta"].as_str().expect("sound").contains("AAAAAAAA"));
    let wav = sent(&run("wav = \"buy-groceries.wav\", delta_ms = 200"));
    assert!(wav.len() > 5, "{}", wav.len());
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_what_to_do() {
    let rule =
        |steps: &str| format!("[[rule]]\non = \"connect\"\nsteps = [\n  {{ drop = true }},\n  {steps},\n]\n");
    assert_eq!(wrong(""), (1, "no rules; begin one with `[[rule]]`".to_owned()));
    assert_eq!(
        wrong("\n[[rule]]\non = \"response.done\"\nsteps = []\n"),
        (2, "`on` is `connect` or the type of a client's event, not `response.done`".to_owned())
    );
    let (line, problem) = wrong(&rule("{ sends = { type = \"x\" } }"));
    assert_eq!(line, 5);
    assert!(problem.contains("unknown field `sends`"), "{problem}");
    assert_eq!(
        wrong(&rule("{ send = { item = 1 } }")),
        (5, "the event has no `type`, such as `type = \"response.created\"`".to_owned())
    );
    assert_eq!(
        wrong(&rule("{ send = { type = \"x\" }, close = 1000 }")),
        (5, "`send` and `close` are two steps; make one of each".to_owned())
    );
    assert_eq!(
        wrong(&rule("{ send = { type = \"x\" }, ms = 10 }")),
        (5, "`ms` belongs to a step with `sound`".to_owned())
    );
    assert_eq!(wrong(&rule("{ sound = { type = \"x\" } }")).0, 5);
    assert!(wrong(&rule("{ sound = { type = \"x\" }, wav = \"none.wav\" }")).1.starts_with("cannot read `"));
    assert_eq!(
        wrong(&rule("{ after_ms = 1 }")),
        (5, "a step is one of `send`, `sound`, `close`, `drop = true`, or `repeat` with `steps`".to_owned())
    );
    assert!(wrong(&rule("{ repeat = 999999, steps = [{ drop = true }] }")).1.contains("repeat fewer times"));
    assert_eq!(wrong("[[rule]]\non = \n").0, 2);
}

#[test]
fn the_example_sends_what_a_server_may_send() {
    let example = include_str!("../../../assets/scripts/example.toml");
    let message =
        json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]});
    let events = [
        json!({"type": "connect", "model": "gpt-realtime-2.1"}),
        json!({"type": "session.update", "session": {"type": "realtime", "instructions": "Beep."}}),
        json!({"type": "conversation.item.create", "item": message}),
        json!({"type": "response.create", "event_id": "mine", "response": {"conversation": "none"}}),
        json!({"type": "response.create"}),
        json!({"type": "response.create"}),
        json!({"type": "response.cancel"}),
    ];
    let cues = play(example, 1, &events);
    let sent = sent(&cues);
    sent.iter().for_each(|event| assert_valid(event, Dialect::Ga));
    let is_sound = |e: &&Value| e["type"] == "response.output_audio.delta";
    assert_eq!(sent.iter().filter(is_sound).count(), 5);
    assert!(cues.iter().any(|(_, cue)| *cue == Cue::Drop));
    assert!(matches!(&cues[cues.len() - 1].1, Cue::Close { code: 1001, .. }));
}
