use serde_json::json;

use super::*;
use crate::app::tests::{Scene, config};
use crate::app::{AppConfig, Face, Msg};
use crate::conversation::TurnMode;
use crate::ui::keymap::Action;
use crate::ui::scroll::ScrollStep;

fn entry(direction: Direction, name: &str, is_default: bool) -> DeviceEntry {
    DeviceEntry {
        id: format!("host:{name}"),
        name: name.to_owned(),
        direction,
        is_default,
        rate: 48_000,
        channels: 2,
        format: "f32".to_owned(),
        rates: (8_000, 96_000),
    }
}

fn entries() -> Vec<DeviceEntry> {
    vec![
        entry(Direction::Input, "Built-in", true),
        entry(Direction::Input, "Echo-cancel source", false),
        entry(Direction::Output, "Speaker", true),
        entry(Direction::Output, "Headset", false),
    ]
}

fn scene(mode: TurnMode) -> Scene {
    let adjustable = Adjustable {
        devices: Some(DeviceChoice::default()),
        voices: vec!["marin".to_owned(), "cedar".to_owned()],
        volume: 1.0,
    };
    let mut scene = Scene::connected(AppConfig { adjustable, ..config(Face::Screen, mode) });
    scene.audio.clear();
    scene
}

fn open(scene: &mut Scene, kind: PanelKind) {
    scene.key(Action::Open(kind));
}

fn news(scene: &mut Scene, news: News) {
    scene.update(Msg::Machine(news));
}

fn press(scene: &mut Scene, key: PanelKey) {
    scene.key(Action::Panel(key));
}

/// The rows of the open panel, with `*` for the one in use and `>` for the one selected.
fn rows(scene: &mut Scene) -> Vec<String> {
    let panel = scene.panel().expect("a panel is open");
    let row = |(index, row): (usize, &Row)| {
        let used = if row.mark == Mark::InUse { "*" } else { "" };
        let selected = if index == panel.selected { ">" } else { "" };
        format!("{selected}{used}{} {}", row.text, row.detail).trim_end().to_owned()
    };
    panel.rows.iter().enumerate().map(row).collect()
}

#[test]
fn devices_are_looked_for_when_their_panel_opens_and_the_one_in_use_is_marked() {
    let mut scene = scene(TurnMode::Vad);
    scene.opened(Direction::Input, "Echo-cancel source");
    open(&mut scene, PanelKind::Devices);
    assert_eq!(scene.requests, [Request::Devices]);
    assert_eq!(scene.panel().unwrap().empty.as_str(), "looking…");
    news(&mut scene, News::Devices(entries()));
    assert_eq!(
        rows(&mut scene),
        [
            "Microphones",
            "the system's default chosen",
            "Built-in default",
            ">*Echo-cancel source echo-cancelled",
            "Speakers",
            "the system's default chosen",
            "*Speaker default",
            "Headset"
        ]
    );
}

#[test]
fn a_chosen_device_is_remembered_and_used_at_once_and_the_conversation_goes_on() {
    let mut scene = scene(TurnMode::Vad);
    scene.type_line("hello");
    open(&mut scene, PanelKind::Devices);
    news(&mut scene, News::Devices(entries()));
    scene.key(Action::Scroll(ScrollStep::Bottom));
    press(&mut scene, PanelKey::Choose);
    let (direction, wanted) = (Direction::Output, "host:Headset".to_owned());
    assert_eq!(scene.requests.last(), Some(&Request::Choose { direction, wanted, entries: entries() }));
    scene.sent.clear();
    let said = "the speaker is now `Headset`".to_owned();
    news(&mut scene, News::Chosen { direction, outcome: Ok((Some("Headset".to_owned()), said)) });
    let choice = Some("Headset".to_owned());
    assert_eq!(scene.audio.last(), Some(&AudioCommand::UseDevice { direction, choice }));
    scene.opened(Direction::Output, "Headset");
    assert!(rows(&mut scene).contains(&">*Headset".to_owned()), "{:?}", rows(&mut scene));
    assert!(scene.transcript().contains("hello") && scene.transcript().contains("now `Headset`"));
    assert_eq!(scene.sent_types(), [""; 0], "the server is not concerned");
}

#[test]
fn a_device_that_is_not_there_changes_nothing() {
    let mut scene = scene(TurnMode::Vad);
    scene.type_line("/device in Zoom");
    let (direction, wanted) = (Direction::Input, "Zoom".to_owned());
    assert_eq!(scene.requests, [Request::Choose { direction, wanted, entries: vec![] }]);
    let outcome = Err("no microphone is called `Zoom`; there is `Built-in`".to_owned());
    news(&mut scene, News::Chosen { direction, outcome });
    assert_eq!(scene.audio, []);
    assert!(scene.transcript().contains("no microphone is called"));
}

#[test]
fn keys_in_the_devices_look_again_play_a_tone_and_go_back() {
    let mut scene = scene(TurnMode::Vad);
    open(&mut scene, PanelKind::Devices);
    press(&mut scene, PanelKey::Type('r'));
    assert_eq!(scene.requests.len(), 1, "it is being looked for already");
    news(&mut scene, News::Devices(entries()));
    press(&mut scene, PanelKey::Type('r'));
    assert_eq!(scene.requests.len(), 2);
    press(&mut scene, PanelKey::Type('t'));
    assert_eq!(scene.audio, [AudioCommand::Cue(Cue::Listening)]);
    press(&mut scene, PanelKey::Close);
    assert!(scene.panel().is_none());
}

#[test]
fn without_devices_their_panel_says_so_and_asks_for_nothing() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    open(&mut scene, PanelKind::Devices);
    press(&mut scene, PanelKey::Type('t'));
    press(&mut scene, PanelKey::Choose);
    assert_eq!((scene.requests.len(), scene.audio.len()), (0, 0));
    assert!(scene.panel().unwrap().empty.as_str().contains("no sound devices"));
}

#[test]
fn a_voice_is_chosen_and_marked_when_the_server_has_taken_it() {
    let mut scene = scene(TurnMode::Vad);
    open(&mut scene, PanelKind::Voice);
    assert_eq!(rows(&mut scene)[1..3], [">*marin", "cedar"]);
    scene.key(Action::Scroll(ScrollStep::Down));
    press(&mut scene, PanelKey::Choose);
    assert_eq!(rows(&mut scene)[1..3], ["*marin", ">cedar"]);
    scene.server(&json!({"type": "session.updated", "session": {"audio": {"output": {"voice": "cedar"}}}}));
    assert_eq!(rows(&mut scene)[1..3], ["marin", ">*cedar"]);
    assert!(!scene.transcript().contains("the voice is"), "it is seen");
    press(&mut scene, PanelKey::Close);
    scene.type_line("/speed 1.25");
    let speed = json!({"type": "session.updated", "session": {"audio": {"output": {"voice": "cedar", "speed": 1.25}}}});
    scene.server(&speed);
    assert!(scene.transcript().contains("the speed is 1.25 from the next answer on, for this run"));
}

#[test]
fn speed_and_volume_change_by_steps_within_their_limits() {
    let mut scene = scene(TurnMode::Vad);
    open(&mut scene, PanelKind::Voice);
    (0..30).for_each(|_| {
        press(&mut scene, PanelKey::Type('-'));
        scene.server(&json!({"type": "session.updated", "session": {}}));
    });
    assert!(rows(&mut scene).contains(&"speed 0.25 0.25 to 1.5".to_owned()), "{:?}", rows(&mut scene));
    (0..30).for_each(|_| press(&mut scene, PanelKey::Type('>')));
    assert!(rows(&mut scene).contains(&"volume 200 % 0 to 200 %".to_owned()), "{:?}", rows(&mut scene));
    assert_eq!(scene.audio.last(), Some(&AudioCommand::SetVolume(2.0)));
}

#[test]
fn settings_are_shown_with_their_origin_and_what_was_changed_in_this_run() {
    let mut scene = scene(TurnMode::Vad);
    scene.type_line("/volume 80");
    open(&mut scene, PanelKind::Settings);
    assert_eq!(scene.requests, [Request::Settings]);
    let shown = |name: &'static str, value: &str, origin: &str| Shown {
        name: name.into(),
        value: value.to_owned(),
        origin: origin.to_owned(),
    };
    let all = vec![shown("mode", "\"vad\"", "default"), shown("audio.volume", "1.0", "/etc/c.toml")];
    news(&mut scene, News::Settings(all));
    assert_eq!(rows(&mut scene), [">mode = \"vad\" default", "audio.volume = 0.8 changed in this run"]);
    "vol".chars().for_each(|c| press(&mut scene, PanelKey::Type(c)));
    assert_eq!(scene.panel().unwrap().chosen(), Some(1));
    press(&mut scene, PanelKey::Close);
    assert!(scene.panel().is_some(), "first the filter goes");
    press(&mut scene, PanelKey::Close);
    assert!(scene.panel().is_none());
}

#[test]
fn the_log_comes_into_sight_by_itself_while_it_is_open() {
    let mut scene = scene(TurnMode::Vad);
    assert_eq!(scene.app.follows_log(), None);
    open(&mut scene, PanelKind::Log);
    news(&mut scene, News::Log { seen: 2, lines: vec!["one".to_owned(), "two \u{1b}[31m".to_owned()] });
    assert_eq!(rows(&mut scene), ["one", ">two"]);
    assert_eq!(scene.app.follows_log(), Some(Request::Log { seen: 2 }));
    press(&mut scene, PanelKey::Close);
    assert_eq!(scene.app.follows_log(), None);
}

#[test]
fn pasted_text_filters_a_long_panel_and_is_not_typed_behind_a_panel() {
    let mut scene = scene(TurnMode::Vad);
    open(&mut scene, PanelKind::Devices);
    scene.update(Msg::Paste("x".to_owned()));
    open(&mut scene, PanelKind::Settings);
    scene.update(Msg::Paste("volume".to_owned()));
    assert_eq!(scene.panel().unwrap().filter.as_str(), "volume");
    open(&mut scene, PanelKind::Settings);
    scene.key(Action::Submit);
    assert_eq!(scene.sent_types(), [""; 0]);
}

#[test]
fn enter_on_a_setting_of_the_session_writes_the_line_that_changes_it() {
    let mut scene = scene(TurnMode::Vad);
    open(&mut scene, PanelKind::Settings);
    let shown = |name, value: &str| Shown { name, value: value.to_owned(), origin: "default".to_owned() };
    news(
        &mut scene,
        News::Settings(vec![shown("server.url".into(), "\"\""), shown("vad.kind".into(), "\"server_vad\"")]),
    );
    press(&mut scene, PanelKey::Choose);
    assert!(scene.panel().is_some(), "what is read at the start is not changed here");
    scene.key(Action::Scroll(ScrollStep::Bottom));
    press(&mut scene, PanelKey::Choose);
    assert!(scene.panel().is_none());
    assert_eq!(scene.app.view.input.text(), "/set vad.kind \"server_vad\"");
    assert!(scene.app.view.input.is_command());
}
