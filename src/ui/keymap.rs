//! Which key does what. The help and the footer are made from the same table.
//!
//! None of it needs more than a plain terminal sends, and whatever tmux (Ctrl-B) or screen (Ctrl-A) takes for
//! itself has a second key.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::find::FindStep;
use super::input::Edit;
use super::panels::{PanelKey, PanelKind};
use super::scroll::ScrollStep;

/// What a key press is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The input line, with something in it.
    Line,
    EmptyLine,
    /// The empty input line in push-to-talk mode.
    TalkLine,
    /// The line that is typed into while the conversation is searched.
    Find,
    Help,
    /// A list in place of the conversation.
    Panel,
    /// The tasks' pane.
    Tasks,
    /// The title of a task, in the input line.
    TaskTitle,
    /// Words that the tasks shown are to have, in the input line.
    TaskFilter,
    /// The question whether a long text is to be inserted.
    Paste,
}

/// What is done with the tasks' pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKey {
    /// The keys are for the tasks.
    Enter,
    /// The keys are for the input line again.
    Leave,
    /// One step back: show all tasks again, or else leave.
    Back,
    Select(ScrollStep),
    /// Complete the selected task, or reopen one that is done.
    Toggle,
    New,
    Rename,
    Delete,
    Filter,
    /// Show what was done today, too, or no longer.
    ShowDone,
    /// What was typed is meant.
    Accept,
    /// What was typed is not meant.
    Cancel,
}

/// What is done about the reminder that rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReminderKey {
    /// Complete its task.
    Done,
    Snooze(Later),
    /// Show it no longer.
    Seen,
}

/// When to be reminded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Later {
    /// In ten minutes.
    Soon,
    Hour,
    Tomorrow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// Open a panel, or close it.
    Open(PanelKind),
    Panel(PanelKey),
    /// Complete the command that is being typed.
    Complete,
    /// Louder or softer, by so many steps.
    Volume(i8),
    Find(FindStep),
    /// Put a message into the clipboard.
    Copy,
    /// Take back the last change of a task.
    Undo,
    Tasks(TaskKey),
    /// Does nothing while no reminder rings.
    Reminder(ReminderKey),
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
            KeyCode::BackTab => f.write_str("Tab"),
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
    Tasks,
    Reminders,
    Edit,
}

impl Group {
    pub const ALL: [Self; 5] = [Self::Talk, Self::Screen, Self::Tasks, Self::Reminders, Self::Edit];

    pub fn title(self) -> &'static str {
        match self {
            Self::Talk => "Talking",
            Self::Screen => "Screen",
            Self::Tasks => "Tasks, with the focus",
            Self::Reminders => "A reminder that rings",
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

    /// The name of the key for an action, where there is one.
    pub fn key(&self, focus: Focus, action: Action) -> Option<String> {
        let bound = |binding: &&Binding| binding.action == action && binding.focus.contains(&focus);
        self.bindings.iter().find(bound)?.chords.first().map(ToString::to_string)
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
        (Focus::Help | Focus::Tasks | Focus::Paste, _) => None,
        (Focus::Panel, KeyCode::Char(c)) if chord.modifiers.is_empty() => {
            Some(Action::Panel(PanelKey::Type(c)))
        }
        (Focus::Panel, _) => None,
        (_, KeyCode::Char(c)) if chord.modifiers.is_empty() => Some(Action::Edit(Edit::Insert(c))),
        _ => None,
    }
}

/// A switch must not flutter while its key is held down.
fn repeats(action: Action) -> bool {
    matches!(action, Action::Edit(_) | Action::Scroll(_) | Action::Tasks(TaskKey::Select(_)))
        || matches!(action, Action::Volume(_) | Action::Panel(PanelKey::Type(_) | PanelKey::Erase))
        || matches!(action, Action::Find(FindStep::Next | FindStep::Previous))
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: [talk(), screen(), find(), panels(), tasks(), reminders(), edit()].concat() }
    }
}

const LINES: &[Focus] = &[Focus::Line, Focus::EmptyLine, Focus::TalkLine];
const EMPTY: &[Focus] = &[Focus::EmptyLine, Focus::TalkLine];
const PANEL: &[Focus] = &[Focus::Panel];
const TASKS: &[Focus] = &[Focus::Tasks];
const PROMPTS: &[Focus] = &[Focus::TaskTitle, Focus::TaskFilter];
/// Where characters are typed.
const TYPING: &[Focus] =
    &[Focus::Line, Focus::EmptyLine, Focus::TalkLine, Focus::TaskTitle, Focus::TaskFilter];
/// All but the help.
const WORKING: &[Focus] =
    &[Focus::Line, Focus::EmptyLine, Focus::TalkLine, Focus::Tasks, Focus::TaskTitle, Focus::TaskFilter];
/// Where paging moves what is read.
const READING: &[Focus] = &[
    Focus::Line,
    Focus::EmptyLine,
    Focus::TalkLine,
    Focus::Find,
    Focus::Help,
    Focus::Panel,
    Focus::TaskTitle,
];
const EVERYWHERE: &[Focus] = &[
    Focus::Line,
    Focus::EmptyLine,
    Focus::TalkLine,
    Focus::Find,
    Focus::Help,
    Focus::Panel,
    Focus::Tasks,
    Focus::TaskTitle,
    Focus::TaskFilter,
    Focus::Paste,
];
const FIND: &[Focus] = &[Focus::Find];
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
        bind(WORKING, ToggleMode, &[key(KeyCode::F(2))], "voice or push-to-talk", Some((4, "mode"))),
        bind(WORKING, Mute, &[key(KeyCode::F(4)), ctrl('t')], "microphone off and on", Some((4, "mute"))),
        bind(WORKING, Undo, &[key(KeyCode::F(8))], "take back the last change of a task", Some((5, "undo"))),
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
            WORKING,
            Help,
            &[key(KeyCode::F(1))],
            "this help; also `?` when the line is empty",
            Some((1, "help")),
        ),
        bind(EMPTY, Help, &[char('?')], "", None),
        bind(PANEL, Help, &[key(KeyCode::F(1))], "", None),
        bind(TASKS, Help, &[char('?')], "", None),
        bind(HELP, Help, &close, "close the help", Some((0, "close"))),
        bind(HELP, Scroll(Up), &[key(KeyCode::Up), char('k')], "", None),
        bind(HELP, Scroll(Down), &[key(KeyCode::Down), char('j')], "", None),
        bind(READING, Scroll(PageUp), &[key(KeyCode::PageUp)], "a page back", Some((6, "up"))),
        bind(READING, Scroll(PageDown), &[key(KeyCode::PageDown)], "a page on", Some((7, "down"))),
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

/// The panels, and what is done in one.
fn panels() -> Vec<Binding> {
    use Action::{Complete, Open, Panel, Scroll, Volume};
    use ScrollStep::{Bottom, Down, Top, Up};
    let bind = |focus, action, chords: &[Chord], help, footer| {
        bind(Group::Screen, focus, action, chords, help, footer)
    };
    let open = |kind, f, help| bind(EVERYWHERE, Open(kind), &[key(KeyCode::F(f))], help, None);
    vec![
        open(PanelKind::Devices, 3, "microphones and speakers"),
        open(PanelKind::Voice, 6, "voice, speed and volume"),
        open(PanelKind::Settings, 7, "settings in effect"),
        open(PanelKind::Log, 9, "what the program has logged"),
        bind(EVERYWHERE, Volume(1), &[alt(KeyCode::Char('=')), alt(KeyCode::Char('+'))], "louder", None),
        bind(EVERYWHERE, Volume(-1), &[alt(KeyCode::Char('-'))], "softer", None),
        bind(&[Focus::Line], Complete, &[key(KeyCode::Tab)], "complete a `/command`", None),
        bind(PANEL, Panel(PanelKey::Close), &[key(KeyCode::Esc)], "", Some((0, "back"))),
        bind(PANEL, Panel(PanelKey::Choose), &[key(KeyCode::Enter)], "", None),
        bind(PANEL, Panel(PanelKey::Erase), &[key(KeyCode::Backspace), ctrl('h')], "", None),
        bind(PANEL, Scroll(Up), &[key(KeyCode::Up), ctrl('p')], "", None),
        bind(PANEL, Scroll(Down), &[key(KeyCode::Down), ctrl('n')], "", None),
        bind(PANEL, Scroll(Top), &[key(KeyCode::Home)], "", None),
        bind(PANEL, Scroll(Bottom), &[key(KeyCode::End)], "", None),
    ]
}

fn find() -> Vec<Binding> {
    use KeyCode::{Backspace, Delete, Down, End, Enter, Esc, Home, Left, Right, Up};
    let bind = |focus, action, chords: &[Chord], help, footer| {
        bind(Group::Screen, focus, action, chords, help, footer)
    };
    let step = |step, chords: &[Chord], help, footer| bind(FIND, Action::Find(step), chords, help, footer);
    let edit = |edit, chords: &[Chord]| bind(FIND, Action::Edit(edit), chords, "", None);
    vec![
        bind(
            LINES,
            Action::Find(FindStep::Toggle),
            &[ctrl('f')],
            "search the conversation; again: stay at what was found",
            Some((6, "find")),
        ),
        step(FindStep::Back, &[key(Esc)], "while searching: back to where it began", Some((0, "back"))),
        step(
            FindStep::Next,
            &[key(Enter), key(Down), ctrl('n')],
            "while searching: the next match",
            Some((1, "next")),
        ),
        step(
            FindStep::Previous,
            &[key(Up), ctrl('p')],
            "while searching: the match before",
            Some((2, "previous")),
        ),
        step(FindStep::Toggle, &[ctrl('f')], "", Some((3, "stay"))),
        bind(
            &[Focus::Line, Focus::EmptyLine, Focus::TalkLine, Focus::Find],
            Action::Copy,
            &[key(KeyCode::F(5))],
            "copy the last answer, or the message on top while scrolled back",
            Some((7, "copy")),
        ),
        edit(Edit::Left, &[key(Left), ctrl('b')]),
        edit(Edit::Right, &[key(Right)]),
        edit(Edit::Start, &[key(Home), ctrl('a')]),
        edit(Edit::End, &[key(End), ctrl('e')]),
        edit(Edit::Backspace, &[key(Backspace), ctrl('h')]),
        edit(Edit::Delete, &[key(Delete), ctrl('d')]),
        edit(Edit::KillWord, &[ctrl('w')]),
        edit(Edit::KillToStart, &[ctrl('u')]),
    ]
}

fn tasks() -> Vec<Binding> {
    use KeyCode::{BackTab, Down, End, Enter, Esc, Home, PageDown, PageUp, Tab, Up};
    use ScrollStep::{Bottom, Top};
    use TaskKey::{Accept, Back, Cancel, Filter, Leave, New, Rename, Select, ShowDone, Toggle};
    let bind = |focus, key, chords: &[Chord], help, footer| {
        bind(Group::Tasks, focus, Action::Tasks(key), chords, help, footer)
    };
    let tab = [key(Tab), shift(BackTab)];
    let (up, down) = (Select(ScrollStep::Up), Select(ScrollStep::Down));
    let (page_up, page_down) = (Select(ScrollStep::PageUp), Select(ScrollStep::PageDown));
    vec![
        bind(EMPTY, TaskKey::Enter, &tab, "to the tasks, when the line is empty", Some((3, "tasks"))),
        bind(TASKS, Back, &[key(Esc)], "show all again, or back to the input line", Some((0, "back"))),
        bind(TASKS, Leave, &tab, "back to the input line", None),
        bind(TASKS, up, &[key(Up), char('k')], "the task above", None),
        bind(TASKS, down, &[key(Down), char('j')], "the task below", None),
        bind(TASKS, page_up, &[key(PageUp)], "a page of tasks back", None),
        bind(TASKS, page_down, &[key(PageDown)], "a page of tasks on", None),
        bind(TASKS, Select(Top), &[key(Home)], "the first task", None),
        bind(TASKS, Select(Bottom), &[key(End)], "the last task", None),
        bind(TASKS, Toggle, &[key(Enter), char(' ')], "complete, or reopen", Some((0, "done"))),
        bind(TASKS, Rename, &[char('e')], "another title", Some((2, "edit"))),
        bind(TASKS, TaskKey::Delete, &[char('d'), key(KeyCode::Delete)], "delete", Some((2, "delete"))),
        bind(TASKS, New, &[char('n')], "a new task", Some((2, "new"))),
        bind(TASKS, Filter, &[char('/')], "only tasks with words that you type", Some((3, "filter"))),
        bind(TASKS, ShowDone, &[char('a')], "also those done today, or not", Some((4, "all"))),
        bind(PROMPTS, Accept, &[key(Enter)], "what was typed is meant", Some((0, "ok"))),
        bind(PROMPTS, Cancel, &[key(Esc)], "it is not", Some((0, "cancel"))),
        bind(&[Focus::TaskFilter], up, &[key(Up)], "", None),
        bind(&[Focus::TaskFilter], down, &[key(Down)], "", None),
        bind(&[Focus::TaskFilter], page_up, &[key(PageUp)], "", None),
        bind(&[Focus::TaskFilter], page_down, &[key(PageDown)], "", None),
        self::bind(Group::Tasks, TASKS, Action::Undo, &[char('u')], "", None),
    ]
}

/// With Alt, as a reminder may ring while somebody types.
fn reminders() -> Vec<Binding> {
    use ReminderKey::{Done, Seen, Snooze};
    let bind = |key, c, help| {
        bind(Group::Reminders, EVERYWHERE, Action::Reminder(key), &[alt(KeyCode::Char(c))], help, None)
    };
    vec![
        bind(Done, 'd', "complete its task"),
        bind(Snooze(Later::Soon), 's', "remind again in ten minutes"),
        bind(Snooze(Later::Hour), 'h', "remind again in an hour"),
        bind(Snooze(Later::Tomorrow), 't', "remind again tomorrow"),
        bind(Seen, 'o', "show it no longer"),
    ]
}

fn edit() -> Vec<Binding> {
    use KeyCode::{Backspace, Char, Delete, Down, End, Enter, Home, Left, Right, Up};
    let bind =
        |action, chords: &[Chord], help| bind(Group::Edit, TYPING, Action::Edit(action), chords, help, None);
    let word = |code| Chord::new(KeyModifiers::CONTROL, code);
    vec![
        bind(Edit::Newline, &[alt(Enter), shift(Enter), ctrl('j')], "new line"),
        bind(Edit::Left, &[key(Left), ctrl('b')], "back"),
        bind(Edit::Right, &[key(Right)], "forward"),
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
pub mod replay;

pub use rebind::NAMES;

#[cfg(test)]
mod tests;
