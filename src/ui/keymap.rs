//! Which key does what. The help and the footer are made from the same table.
//!
//! None of it needs more than a plain terminal sends, and whatever tmux (Ctrl-B) or screen (Ctrl-A) takes for
//! itself has a second key.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::input::Edit;
use super::scroll::ScrollStep;

/// What a key press is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The input line, with something in it.
    Line,
    EmptyLine,
    /// The empty input line in push-to-talk mode.
    TalkLine,
    Help,
    /// The question whether a long text is to be inserted.
    Paste,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Send the input line.
    Submit,
    Edit(Edit),
    /// Insert the long text from the clipboard.
    PasteInsert,
    /// Leave it.
    PasteDrop,
    /// Stop the answer.
    Interrupt,
    TalkToggle,
    ToggleMode,
    Mute,
    /// Open or close the help.
    Help,
    Scroll(ScrollStep),
    /// Take back the last change of a task.
    Undo,
    Redraw,
    Suspend,
    Quit,
}

/// A key with the modifiers that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chord {
    pub code: KeyCode,
    pub modifiers: KeyModifiers,
}

impl Chord {
    const fn new(modifiers: KeyModifiers, code: KeyCode) -> Self {
        Self { code, modifiers }
    }

    /// Shift is part of a character already.
    fn of(event: KeyEvent) -> Self {
        let chord = Self::new(event.modifiers, event.code);
        match event.code {
            KeyCode::Char(c) if event.modifiers.contains(KeyModifiers::CONTROL) => {
                Self::new(event.modifiers - KeyModifiers::SHIFT, KeyCode::Char(c.to_ascii_lowercase()))
            }
            KeyCode::Char(_) => Self::new(event.modifiers - KeyModifiers::SHIFT, event.code),
            _ => chord,
        }
    }
}

impl std::fmt::Display for Chord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (modifier, name) in
            [(KeyModifiers::CONTROL, "Ctrl-"), (KeyModifiers::ALT, "Alt-"), (KeyModifiers::SHIFT, "Shift-")]
        {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::Char(c) if !self.modifiers.is_empty() => write!(f, "{}", c.to_ascii_uppercase()),
            KeyCode::Char(c) => write!(f, "{c}"),
            code => write!(f, "{code}"),
        }
    }
}

/// The headings of the help, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Talk,
    Screen,
    Edit,
}

impl Group {
    pub const ALL: [Self; 3] = [Self::Talk, Self::Screen, Self::Edit];

    pub fn title(self) -> &'static str {
        match self {
            Self::Talk => "Talking",
            Self::Screen => "Screen",
            Self::Edit => "Input line",
        }
    }
}

/// One action and the keys for it.
#[derive(Debug, Clone)]
pub struct Binding {
    pub action: Action,
    pub chords: Vec<Chord>,
    /// Where the keys do this.
    pub focus: &'static [Focus],
    pub group: Group,
    /// What it does, for the help.
    pub help: &'static str,
    /// The same in a word or two, for the footer, and how much it matters there (0 is most).
    pub footer: Option<(u8, &'static str)>,
}

#[derive(Debug, Clone)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Keymap {
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The first key of an action.
    pub fn chord(&self, action: Action) -> Option<Chord> {
        self.bindings
            .iter()
            .filter(|binding| binding.action == action)
            .find_map(|b| b.chords.first())
            .copied()
    }

    /// Whether `event` is of a key for `action`. A release is, whatever modifiers are held: they may have come up
    /// first.
    pub(super) fn has_key(&self, action: Action, event: KeyEvent) -> bool {
        let chord = Chord::of(event);
        let bindings = self.bindings.iter().filter(|binding| binding.action == action);
        bindings
            .flat_map(|binding| &binding.chords)
            .any(|bound| *bound == chord || (event.kind == KeyEventKind::Release && bound.code == chord.code))
    }

    /// What `event` means; `None` when it means nothing. Characters without a binding are typed.
    pub fn action(&self, focus: Focus, event: KeyEvent) -> Option<Action> {
        let chord = Chord::of(event);
        let bound = self
            .bindings
            .iter()
            .find(|binding| binding.focus.contains(&focus) && binding.chords.contains(&chord))
            .map(|binding| binding.action);
        match event.kind {
            KeyEventKind::Release => None,
            KeyEventKind::Repeat => bound.or_else(|| typed(focus, chord)).filter(|action| repeats(*action)),
            KeyEventKind::Press => bound.or_else(|| typed(focus, chord)),
        }
    }
}

/// Whether a key writes something.
pub(super) fn is_typed(event: KeyEvent) -> bool {
    let chord = Chord::of(event);
    matches!(chord.code, KeyCode::Char(_)) && chord.modifiers.is_empty()
}

fn typed(focus: Focus, chord: Chord) -> Option<Action> {
    match (focus, chord.code) {
        (Focus::Help | Focus::Paste, _) => None,
        (_, KeyCode::Char(c)) if chord.modifiers.is_empty() => Some(Action::Edit(Edit::Insert(c))),
        _ => None,
    }
}

/// A switch must not flutter while its key is held down.
fn repeats(action: Action) -> bool {
    matches!(action, Action::Edit(_) | Action::Scroll(_))
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: [talk(), screen(), edit()].concat() }
    }
}

const LINES: &[Focus] = &[Focus::Line, Focus::EmptyLine, Focus::TalkLine];
const EMPTY: &[Focus] = &[Focus::EmptyLine, Focus::TalkLine];
const EVERYWHERE: &[Focus] = &[Focus::Line, Focus::EmptyLine, Focus::TalkLine, Focus::Help, Focus::Paste];
const HELP: &[Focus] = &[Focus::Help];
const PASTE: &[Focus] = &[Focus::Paste];

const fn key(code: KeyCode) -> Chord {
    Chord::new(KeyModifiers::NONE, code)
}

const fn char(c: char) -> Chord {
    key(KeyCode::Char(c))
}

const fn ctrl(c: char) -> Chord {
    Chord::new(KeyModifiers::CONTROL, KeyCode::Char(c))
}

const fn alt(code: KeyCode) -> Chord {
    Chord::new(KeyModifiers::ALT, code)
}

const fn shift(code: KeyCode) -> Chord {
    Chord::new(KeyModifiers::SHIFT, code)
}

fn bind(
    group: Group,
    focus: &'static [Focus],
    action: Action,
    chords: &[Chord],
    help: &'static str,
    footer: Option<(u8, &'static str)>,
) -> Binding {
    Binding { action, chords: chords.to_vec(), focus, group, help, footer }
}

fn talk() -> Vec<Binding> {
    use Action::{Interrupt, Mute, PasteDrop, PasteInsert, Submit, TalkToggle, ToggleMode, Undo};
    let bind = |focus, action, chords: &[Chord], help, footer| {
        bind(Group::Talk, focus, action, chords, help, footer)
    };
    vec![
        bind(
            &[Focus::TalkLine],
            TalkToggle,
            &[char(' ')],
            "talk, while held or until the next press (push-to-talk)",
            Some((0, "talk")),
        ),
        bind(PASTE, PasteInsert, &[key(KeyCode::Enter)], "", Some((0, "insert"))),
        bind(PASTE, PasteDrop, &[key(KeyCode::Esc)], "", Some((0, "drop"))),
        bind(LINES, Submit, &[key(KeyCode::Enter)], "send what was typed", Some((2, "send"))),
        bind(LINES, Interrupt, &[key(KeyCode::Esc)], "stop the answer", Some((3, "stop"))),
        bind(LINES, ToggleMode, &[key(KeyCode::F(2))], "voice or push-to-talk", Some((4, "mode"))),
        bind(LINES, Mute, &[key(KeyCode::F(4)), ctrl('t')], "microphone off and on", Some((4, "mute"))),
        bind(LINES, Undo, &[key(KeyCode::F(8))], "take back the last change of a task", Some((5, "undo"))),
    ]
}

fn screen() -> Vec<Binding> {
    use Action::{Help, Quit, Redraw, Scroll, Suspend};
    use ScrollStep::{Bottom, Down, PageDown, PageUp, Top, Up};
    let bind = |focus, action, chords: &[Chord], help, footer| {
        bind(Group::Screen, focus, action, chords, help, footer)
    };
    let close = [key(KeyCode::Esc), key(KeyCode::F(1)), char('?'), char('q'), key(KeyCode::Enter)];
    vec![
        bind(
            LINES,
            Help,
            &[key(KeyCode::F(1))],
            "this help; also `?` when the line is empty",
            Some((1, "help")),
        ),
        bind(EMPTY, Help, &[char('?')], "", None),
        bind(HELP, Help, &close, "close the help", Some((0, "close"))),
        bind(HELP, Scroll(Up), &[key(KeyCode::Up), char('k')], "", None),
        bind(HELP, Scroll(Down), &[key(KeyCode::Down), char('j')], "", None),
        bind(EVERYWHERE, Scroll(PageUp), &[key(KeyCode::PageUp)], "a page back", Some((6, "up"))),
        bind(EVERYWHERE, Scroll(PageDown), &[key(KeyCode::PageDown)], "a page on", Some((7, "down"))),
        bind(LINES, Scroll(Up), &[shift(KeyCode::Up), alt(KeyCode::Up)], "a line back", None),
        bind(LINES, Scroll(Down), &[shift(KeyCode::Down), alt(KeyCode::Down)], "a line on", None),
        bind(EMPTY, Scroll(Top), &[key(KeyCode::Home)], "to the beginning, when the line is empty", None),
        bind(EMPTY, Scroll(Bottom), &[key(KeyCode::End)], "to the newest, when the line is empty", None),
        bind(EVERYWHERE, Redraw, &[ctrl('l')], "draw the screen anew", None),
        bind(EVERYWHERE, Suspend, &[ctrl('z')], "to the shell; `fg` comes back", None),
        bind(
            EVERYWHERE,
            Quit,
            &[ctrl('c'), ctrl('q')],
            "quit; also Ctrl-D when the line is empty",
            Some((1, "quit")),
        ),
        bind(EMPTY, Quit, &[ctrl('d')], "", None),
    ]
}

fn edit() -> Vec<Binding> {
    use KeyCode::{Backspace, Char, Delete, Down, End, Enter, Home, Left, Right, Up};
    let bind =
        |action, chords: &[Chord], help| bind(Group::Edit, LINES, Action::Edit(action), chords, help, None);
    let word = |code| Chord::new(KeyModifiers::CONTROL, code);
    vec![
        bind(Edit::Newline, &[alt(Enter), shift(Enter), ctrl('j')], "new line"),
        bind(Edit::Left, &[key(Left), ctrl('b')], "back"),
        bind(Edit::Right, &[key(Right), ctrl('f')], "forward"),
        bind(Edit::WordLeft, &[alt(Char('b')), word(Left), alt(Left)], "a word back"),
        bind(Edit::WordRight, &[alt(Char('f')), word(Right), alt(Right)], "a word forward"),
        bind(Edit::Start, &[ctrl('a'), key(Home)], "start of the line"),
        bind(Edit::End, &[ctrl('e'), key(End)], "end of the line"),
        bind(Edit::Up, &[key(Up)], "line above, or the message before"),
        bind(Edit::Down, &[key(Down)], "line below, or the message after"),
        bind(Edit::Previous, &[ctrl('p')], "message before"),
        bind(Edit::Next, &[ctrl('n')], "message after"),
        bind(Edit::Backspace, &[key(Backspace), ctrl('h')], "delete back"),
        bind(Edit::Delete, &[key(Delete), ctrl('d')], "delete forward"),
        bind(Edit::KillWord, &[ctrl('w'), alt(Backspace)], "cut a word"),
        bind(Edit::KillToStart, &[ctrl('u')], "cut to the start of the line"),
        bind(Edit::KillToEnd, &[ctrl('k')], "cut to the end of the line"),
        bind(Edit::Yank, &[ctrl('y')], "put back what was cut"),
    ]
}

mod rebind;

pub use rebind::NAMES;

#[cfg(test)]
mod tests;
