use std::collections::BTreeSet;

use super::*;

const FOCUSES: [Focus; 8] = [
    Focus::Line,
    Focus::EmptyLine,
    Focus::TalkLine,
    Focus::Help,
    Focus::Panel,
    Focus::Tasks,
    Focus::TaskTitle,
    Focus::TaskFilter,
];

fn press(modifiers: KeyModifiers, code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, modifiers)
}

fn of(focus: Focus, event: KeyEvent) -> Option<Action> {
    Keymap::default().action(focus, event)
}

#[test]
fn keys_do_what_the_table_says() {
    use Focus::{EmptyLine, Help, Line, Panel, TalkLine, TaskFilter, TaskTitle, Tasks};
    let (none, ctrl, alt, shift) =
        (KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT, KeyModifiers::SHIFT);
    let table = [
        (Line, none, KeyCode::Enter, Some(Action::Submit)),
        (Line, alt, KeyCode::Enter, Some(Action::Edit(Edit::Newline))),
        (Line, none, KeyCode::Esc, Some(Action::Interrupt)),
        (Help, none, KeyCode::Esc, Some(Action::Help)),
        (TalkLine, none, KeyCode::Char(' '), Some(Action::TalkToggle)),
        (EmptyLine, none, KeyCode::Char(' '), Some(Action::Edit(Edit::Insert(' ')))),
        (Line, none, KeyCode::Char(' '), Some(Action::Edit(Edit::Insert(' ')))),
        (EmptyLine, none, KeyCode::Char('?'), Some(Action::Help)),
        (EmptyLine, shift, KeyCode::Char('?'), Some(Action::Help)),
        (Line, none, KeyCode::Char('?'), Some(Action::Edit(Edit::Insert('?')))),
        (Line, shift, KeyCode::Char('A'), Some(Action::Edit(Edit::Insert('A')))),
        (Line, none, KeyCode::F(2), Some(Action::ToggleMode)),
        (Line, ctrl, KeyCode::Char('t'), Some(Action::Mute)),
        (Line, ctrl | shift, KeyCode::Char('T'), Some(Action::Mute)),
        (Line, none, KeyCode::F(8), Some(Action::Undo)),
        (Line, ctrl, KeyCode::Char('u'), Some(Action::Edit(Edit::KillToStart))),
        (Line, ctrl, KeyCode::Char('d'), Some(Action::Edit(Edit::Delete))),
        (EmptyLine, ctrl, KeyCode::Char('d'), Some(Action::Quit)),
        (TalkLine, ctrl, KeyCode::Char('c'), Some(Action::Quit)),
        (Help, ctrl, KeyCode::Char('c'), Some(Action::Quit)),
        (Line, none, KeyCode::Home, Some(Action::Edit(Edit::Start))),
        (EmptyLine, none, KeyCode::End, Some(Action::Scroll(ScrollStep::Bottom))),
        (Line, none, KeyCode::PageUp, Some(Action::Scroll(ScrollStep::PageUp))),
        (Line, ctrl, KeyCode::Char('z'), Some(Action::Suspend)),
        (EmptyLine, none, KeyCode::Tab, Some(Action::Tasks(TaskKey::Enter))),
        (TalkLine, shift, KeyCode::BackTab, Some(Action::Tasks(TaskKey::Enter))),
        (Tasks, none, KeyCode::Tab, Some(Action::Tasks(TaskKey::Leave))),
        (Tasks, shift, KeyCode::BackTab, Some(Action::Tasks(TaskKey::Leave))),
        (Tasks, none, KeyCode::Esc, Some(Action::Tasks(TaskKey::Back))),
        (Tasks, none, KeyCode::Char('j'), Some(Action::Tasks(TaskKey::Select(ScrollStep::Down)))),
        (Tasks, none, KeyCode::PageUp, Some(Action::Tasks(TaskKey::Select(ScrollStep::PageUp)))),
        (Tasks, none, KeyCode::Char(' '), Some(Action::Tasks(TaskKey::Toggle))),
        (Tasks, none, KeyCode::Enter, Some(Action::Tasks(TaskKey::Toggle))),
        (Tasks, none, KeyCode::Delete, Some(Action::Tasks(TaskKey::Delete))),
        (Tasks, none, KeyCode::Char('u'), Some(Action::Undo)),
        (Tasks, none, KeyCode::F(8), Some(Action::Undo)),
        (Tasks, none, KeyCode::F(4), Some(Action::Mute)),
        (Tasks, none, KeyCode::Char('x'), None),
        (TaskTitle, none, KeyCode::Enter, Some(Action::Tasks(TaskKey::Accept))),
        (TaskTitle, none, KeyCode::Char('d'), Some(Action::Edit(Edit::Insert('d')))),
        (TaskFilter, none, KeyCode::Esc, Some(Action::Tasks(TaskKey::Cancel))),
        (TaskFilter, none, KeyCode::Down, Some(Action::Tasks(TaskKey::Select(ScrollStep::Down)))),
        (Help, none, KeyCode::Char('x'), None),
        (Line, alt, KeyCode::Char('x'), None),
        (Line, none, KeyCode::F(11), None),
        (EmptyLine, none, KeyCode::F(3), Some(Action::Open(PanelKind::Devices))),
        (Panel, none, KeyCode::F(9), Some(Action::Open(PanelKind::Log))),
        (Panel, none, KeyCode::Esc, Some(Action::Panel(PanelKey::Close))),
        (Panel, none, KeyCode::Enter, Some(Action::Panel(PanelKey::Choose))),
        (Panel, none, KeyCode::Char('r'), Some(Action::Panel(PanelKey::Type('r')))),
        (Panel, none, KeyCode::Down, Some(Action::Scroll(ScrollStep::Down))),
        (Panel, ctrl, KeyCode::Char('c'), Some(Action::Quit)),
        (Line, none, KeyCode::Tab, Some(Action::Complete)),
        (Line, alt, KeyCode::Char('='), Some(Action::Volume(1))),
        (Line, alt | shift, KeyCode::Char('+'), Some(Action::Volume(1))),
        (TalkLine, alt, KeyCode::Char('-'), Some(Action::Volume(-1))),
    ];
    for (focus, modifiers, code, want) in table {
        assert_eq!(of(focus, press(modifiers, code)), want, "{focus:?} {modifiers:?} {code:?}");
    }
}

#[test]
fn one_key_does_one_thing_in_one_place() {
    let keymap = Keymap::default();
    for focus in FOCUSES {
        let mut seen: Vec<(Chord, Action)> = Vec::new();
        for binding in keymap.bindings().iter().filter(|binding| binding.focus.contains(&focus)) {
            for chord in &binding.chords {
                let other = seen.iter().find(|(seen, _)| seen == chord).map(|(_, action)| *action);
                // A key may edit and, on the empty line where there is nothing to edit, do more.
                let allowed = other.is_none() || matches!(binding.action, Action::Edit(_));
                assert!(allowed, "{chord} in {focus:?}: {other:?} and {:?}", binding.action);
                seen.push((*chord, binding.action));
            }
        }
    }
}

#[test]
fn every_place_has_a_way_out() {
    for focus in FOCUSES {
        assert_eq!(of(focus, press(KeyModifiers::CONTROL, KeyCode::Char('c'))), Some(Action::Quit));
        assert!(of(focus, press(KeyModifiers::NONE, KeyCode::Esc)).is_some());
    }
}

#[test]
fn a_held_key_repeats_edits_but_no_switches() {
    let held = |code| KeyEvent { kind: KeyEventKind::Repeat, ..press(KeyModifiers::NONE, code) };
    assert_eq!(of(Focus::TalkLine, held(KeyCode::Char(' '))), None);
    assert_eq!(of(Focus::Line, held(KeyCode::F(2))), None);
    assert_eq!(of(Focus::Line, held(KeyCode::Char('a'))), Some(Action::Edit(Edit::Insert('a'))));
    let released = KeyEvent { kind: KeyEventKind::Release, ..press(KeyModifiers::NONE, KeyCode::Char('a')) };
    assert_eq!(of(Focus::Line, released), None);
}

#[test]
fn keys_have_readable_and_different_names() {
    let names = [ctrl('t'), alt(KeyCode::Enter), char(' '), key(KeyCode::F(1)), key(KeyCode::PageUp)];
    assert_eq!(names.map(|chord| chord.to_string()), ["Ctrl-T", "Alt-Enter", "Space", "F1", "PgUp"]);
    let keymap = Keymap::default();
    let chords: Vec<String> =
        keymap.bindings().iter().flat_map(|binding| &binding.chords).map(ToString::to_string).collect();
    let different: BTreeSet<&String> = chords.iter().collect();
    assert!(different.len() > 40);
}

#[test]
fn every_action_is_in_the_help() {
    let keymap = Keymap::default();
    for binding in keymap.bindings().iter().filter(|binding| ![HELP, PANEL].contains(&binding.focus)) {
        let described =
            keymap.bindings().iter().any(|other| other.action == binding.action && !other.help.is_empty());
        assert!(described, "{:?}", binding.action);
    }
}
