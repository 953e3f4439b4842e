use super::*;
use crate::ui::tests::{HOSTILE, clean, sample, screen};

fn row(mark: Mark, text: &str, detail: &str) -> Row {
    Row { mark, text: clean(text), detail: clean(detail) }
}

fn panel(kind: PanelKind, rows: Vec<Row>, hint: &str) -> Panel {
    let mut panel = Panel { hint: clean(hint), ..Panel::new(kind) };
    panel.fill(rows);
    panel.select_used();
    panel
}

fn devices() -> Panel {
    use Mark::{Heading, InUse, Plain};
    let rows = vec![
        row(Heading, "Microphones", ""),
        row(Plain, "the system's default", ""),
        row(Plain, "Built-in Audio Analog Stereo", "default"),
        row(InUse, "Built-in Audio Analog Stereo (echo cancelled with everything)", "echo-cancelled"),
        row(Heading, "Speakers", ""),
        row(Plain, "the system's default", "chosen"),
        row(InUse, "Headset", "default"),
    ];
    panel(PanelKind::Devices, rows, "● is in use; a choice is remembered")
}

fn voices() -> Panel {
    use Mark::{Heading, InUse, Plain};
    let names = ["marin", "cedar", "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse"];
    let mut rows = vec![row(Heading, "Voice", "")];
    rows.extend(names.map(|name| row(if name == "cedar" { InUse } else { Plain }, name, "")));
    rows.push(row(Heading, "Speed and volume", ""));
    rows.push(row(Plain, "speed 1.00", "0.25 to 1.5"));
    rows.push(row(Plain, "volume 80 %", "0 to 200 %"));
    panel(PanelKind::Voice, rows, "for this run; `realtime-cli config path` names the file that keeps it")
}

fn settings() -> Panel {
    let rows = [
        ("voice = \"cedar\"", "changed in this run"),
        ("speed = 1.0", "default"),
        ("audio.input = \"Headset\"", "/home/anna/.local/state/realtime-cli/devices.toml"),
        ("audio.volume = 1.0", "$REALTIME_CLI_AUDIO_VOLUME"),
        ("API key = from $OPENAI_API_KEY", ""),
    ];
    panel(PanelKind::Settings, rows.map(|(text, origin)| row(Mark::Plain, text, origin)).to_vec(), "")
}

fn log(lines: usize) -> Panel {
    let line = |n| row(Mark::Plain, &format!("22:00:{n:02}  INFO connected connection={n}"), "");
    panel(PanelKind::Log, (0..lines).map(line).collect(), "")
}

fn with(panel: Panel) -> View {
    View { panel: Some(panel), ..sample() }
}

#[test]
fn every_panel_on_a_usual_and_on_a_small_screen() {
    for (name, panel) in
        [("devices", devices()), ("voice", voices()), ("settings", settings()), ("log", log(30))]
    {
        let view = with(panel);
        insta::assert_snapshot!(format!("{name}_80x24"), screen(&view, 80, 24));
        insta::assert_snapshot!(format!("{name}_40x12"), screen(&view, 40, 12));
    }
}

#[test]
fn a_panel_without_rows_says_why() {
    let panel = Panel { empty: clean("looking…"), ..Panel::new(PanelKind::Devices) };
    assert!(screen(&with(panel), 60, 14).contains("looking…"));
    let mut none = settings();
    none.narrow("zzz");
    assert!(screen(&with(none), 60, 14).contains("nothing like that"));
}

#[test]
fn steps_go_over_headings_and_stop_at_the_ends() {
    let mut panel = devices();
    let mut steps = |step| {
        panel.step(step, 20);
        panel.selected
    };
    assert_eq!(steps(ScrollStep::Down), 5, "over the heading");
    assert_eq!(steps(ScrollStep::Bottom), 6);
    assert_eq!(steps(ScrollStep::Down), 6);
    assert_eq!(steps(ScrollStep::Top), 1);
    assert_eq!(steps(ScrollStep::Up), 1);
    assert_eq!(steps(ScrollStep::PageDown), 6);
}

#[test]
fn typing_narrows_the_rows_and_erasing_widens_them_again() {
    let mut panel = settings();
    panel.narrow("AUDIO");
    assert_eq!(panel.shown(), [2, 3]);
    assert_eq!(panel.chosen(), Some(2));
    panel.narrow(".v");
    assert_eq!((panel.shown(), panel.chosen()), (vec![3], Some(3)));
    (0..9).for_each(|_| panel.widen());
    assert_eq!(panel.shown().len(), 5);
    panel.narrow("devices.toml");
    assert_eq!(panel.shown(), [2], "the origin counts, too");
}

#[test]
fn the_log_follows_until_it_is_scrolled_back() {
    let mut panel = log(3);
    assert_eq!(panel.selected, 2);
    panel.fill(log(5).rows);
    assert_eq!(panel.selected, 4);
    panel.step(ScrollStep::Up, 10);
    panel.fill(log(9).rows);
    assert_eq!(panel.selected, 3);
    panel.step(ScrollStep::Bottom, 10);
    panel.fill(log(12).rows);
    assert_eq!(panel.selected, 11);
}

#[test]
fn hostile_names_and_any_size_can_be_drawn() {
    let mut panel = devices();
    panel.fill(vec![row(Mark::InUse, HOSTILE, HOSTILE), row(Mark::Heading, HOSTILE, "")]);
    for (columns, rows) in [(120, 40), (80, 24), (40, 10), (41, 11), (9, 2), (1, 1)] {
        let text = screen(&with(panel.clone()), columns, rows);
        assert!(!text.contains("[31m") && !text.contains('\u{1b}'), "{text}");
    }
}

#[test]
fn what_a_command_may_become_stands_above_the_line() {
    let typed = |line: &str| {
        let mut view = sample();
        line.chars().for_each(|c| view.input.apply(crate::ui::input::Edit::Insert(c)));
        view.known.voices = vec![clean("marin"), clean("cedar")];
        view
    };
    for (name, line) in [("all", "/"), ("some", "/m"), ("argument", "/voice "), ("free", "/export talk")] {
        insta::assert_snapshot!(format!("completion_{name}_80x24"), screen(&typed(line), 80, 24));
        insta::assert_snapshot!(format!("completion_{name}_40x12"), screen(&typed(line), 40, 12));
    }
    let mut pasted = sample();
    pasted.input.paste("/m");
    assert!(!screen(&pasted, 80, 24).contains("/mute"), "pasted text is no command");
}
