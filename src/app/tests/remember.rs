use super::*;
use crate::conversation::remembered::Said;

fn keeping(resumed: Option<Resumed>) -> AppConfig {
    let history = HistoryConfig { keep: true, resumed };
    AppConfig { history, script: false, ..config(Face::Screen, TurnMode::TextOnly) }
}

fn kept(scene: &Scene) -> Vec<String> {
    let text = |keep: &Keep| match keep {
        Keep::Anew => "anew".to_owned(),
        Keep::Entry { entry, .. } => match &entry.said {
            Said::You { text, .. } | Said::Assistant { text, .. } => text.clone(),
            Said::Tool { name, output, .. } => format!("{name} {output}"),
        },
    };
    scene.kept.iter().map(text).collect()
}

/// What the server is told of it, without the ids.
fn seeded(scene: &Scene) -> Vec<Value> {
    let items = scene.sent.iter().filter(|event| event["type"] == "conversation.item.create");
    items.map(|event| event["item"].clone()).collect()
}

/// A turn with a call, and another.
fn talk(scene: &mut Scene) {
    scene.type_line("buy milk");
    scene.server(&json!({"type": "response.created", "response": {"id": "r0"}}));
    scene
        .server(&json!({"type": "response.done", "response": {"id": "r0", "status": "completed", "output": [
        {"id": "f", "type": "function_call", "call_id": "c", "name": "create_task", "arguments": "{}"}]}}));
    let outcome = ToolOutcome {
        output: "{\"ok\":true}".to_owned(),
        ok: true,
        summary: String::new(),
        changed: true,
        changes: vec![],
        pending: None,
    };
    scene.update(Msg::Tool { call_id: "c".into(), outcome });
    scene.answer(1);
}

#[test]
fn what_was_said_and_done_is_kept_once_and_in_order() {
    let mut scene = Scene::connected(keeping(None));
    talk(&mut scene);
    scene.update(Msg::Notice { level: Level::Info, text: "a notice".to_owned() });
    assert_eq!(kept(&scene), ["buy milk", "create_task {\"ok\":true}", "yes"]);
    scene.type_line("/new");
    scene.update(Msg::Link(LinkEvent::Connected));
    scene.type_line("hello");
    assert_eq!(kept(&scene)[3..], ["anew", "hello"]);
}

#[test]
fn nothing_is_kept_unless_it_is_wanted() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    talk(&mut scene);
    assert!(scene.kept.is_empty());
}

#[test]
fn a_resumed_conversation_is_told_to_the_server_as_after_a_lost_connection_and_shown() {
    let mut scene = Scene::connected(keeping(None));
    talk(&mut scene);
    let entries = scene.kept.iter().filter_map(|keep| match keep {
        Keep::Entry { at, entry } => Some((*at, entry.clone())),
        Keep::Anew => None,
    });
    let resumed = Resumed { entries: entries.collect(), elapsed: Duration::from_secs(600) };
    scene.sent.clear();
    scene.lost(0);
    scene.link(LinkEvent::Connected);

    let mut config = keeping(Some(resumed));
    // Another for each run of the program.
    config.session.id_prefix = "next".to_owned();
    let mut next = Scene::new(config);
    next.link(LinkEvent::Connected);
    assert_eq!(seeded(&next), seeded(&scene));
    assert_eq!(seeded(&next).len(), 4, "two messages, a call and its output");
    assert_eq!(next.app.view(next.now).transcript.len(), 3);
    next.type_line("and eggs");
    assert_eq!(kept(&next), ["and eggs"], "what was kept is not kept again");
    assert!(next.app.exported(crate::ui::commands::Format::Markdown).contains("*10:00* **you:** and eggs"));
}

#[test]
fn a_recording_that_cannot_go_on_is_told_and_its_mark_goes() {
    let mut scene = Scene::new(AppConfig { recorded: true, ..config(Face::Screen, TurnMode::Vad) });
    assert!(scene.app.view(scene.now).recorded);
    scene.update(Msg::Unrecorded("the disk is full".to_owned()));
    let view = scene.app.view(scene.now);
    assert!(!view.recorded);
    assert_eq!(view.transcript.len(), 1);
}
