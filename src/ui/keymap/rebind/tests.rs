use crossterm::event::KeyEvent;

use super::super::alt;
use super::*;

fn rebound(settings: &[(&str, &str)]) -> (Keymap, Vec<String>) {
    let mut keymap = Keymap::default();
    let warnings = keymap.rebind(settings.iter().copied());
    (keymap, warnings)
}

fn pressed(keymap: &Keymap, focus: Focus, chord: Chord) -> Option<Action> {
    keymap.action(focus, KeyEvent::new(chord.code, chord.modifiers))
}

#[test]
fn an_action_has_its_new_keys_and_no_longer_its_old_ones() {
    let (keymap, warnings) = rebound(&[("mute", "F6, alt-m"), ("help", "f3"), ("talk", "ctrl-space")]);
    assert_eq!(warnings, [""; 0]);
    let of = |focus, chord| pressed(&keymap, focus, chord);
    assert_eq!(of(Focus::Line, alt(KeyCode::Char('m'))), Some(Action::Mute));
    assert_eq!(of(Focus::Line, ctrl('t')), None);
    assert_eq!(of(Focus::Help, Chord::new(KeyModifiers::NONE, KeyCode::F(3))), Some(Action::Help));
    assert_eq!(of(Focus::TalkLine, char(' ')), Some(Action::Edit(crate::ui::input::Edit::Insert(' '))));
    let chords = [
        keymap.key(Focus::Line, Action::Mute),
        keymap.key(Focus::Line, Action::Help),
        keymap.key(Focus::TalkLine, Action::TalkToggle),
    ];
    let chords = chords.map(Option::unwrap);
    assert_eq!(chords, ["F6", "F3", "Ctrl-Space"], "as the help and the footer show them");
}

#[test]
fn a_key_does_one_thing_whoever_had_it() {
    let (keymap, warnings) = rebound(&[("mute", "f2")]);
    assert_eq!(
        pressed(&keymap, Focus::Line, Chord::new(KeyModifiers::NONE, KeyCode::F(2))),
        Some(Action::Mute)
    );
    assert_eq!(warnings, ["`mode` has no key any more: F2 is `mute` now"]);
    let (_, warnings) = rebound(&[("mute", "f6"), ("undo", "f6")]);
    assert!(warnings[0].contains("both `mute` and `undo`"), "{warnings:?}");
}

#[test]
fn what_cannot_be_heeded_is_told_with_what_can() {
    for (name, keys, why) in [
        ("mjute", "f6", "there are `talk`, `send`"),
        ("mute", "ctrl-", "keys are like"),
        ("mute", "f99", "keys are like"),
        ("mute", "hyper-x", "keys are like"),
        ("mute", "shift-m", "keys are like"),
        ("mute", "m", "for typing"),
        ("mute", "ctrl-m", "cannot tell"),
        ("mute", "ctrl-c", "always quits"),
        ("quit", "", "a way out"),
    ] {
        let (keymap, warnings) = rebound(&[(name, keys)]);
        assert!(warnings.len() == 1 && warnings[0].contains(why), "{name} {keys}: {warnings:?}");
        assert_eq!(format!("{keymap:?}"), format!("{:?}", Keymap::default()));
    }
}

#[test]
fn the_settings_name_the_keys_that_are_built_in() {
    let defaults: toml::Table = include_str!("../../../../config/default.toml").parse().unwrap();
    let keys = defaults["keys"].as_table().unwrap();
    let (keymap, warnings) =
        rebound(&keys.iter().map(|(name, keys)| (name.as_str(), keys.as_str().unwrap())).collect::<Vec<_>>());
    assert_eq!(warnings, [""; 0]);
    assert_eq!(format!("{keymap:?}"), format!("{:?}", Keymap::default()));
    let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
    assert!(keys.keys().all(|name| names.contains(&name.as_str())) && keys.len() == names.len());
}
