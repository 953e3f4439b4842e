//! What a person sees and presses: the screen, and the text front end for scripts.
//!
//! The screen is a pure function of [`View`]; [`terminal`] and [`mod@line`] are the only edges.
//! Nothing here knows the network, the protocol, the tasks' store or the program around it.

use std::future::Future;
use std::io;

pub use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph};

use self::keymap::Focus;
use self::layout::Areas;
use self::line::LineEvent;
use self::scroll::ScrollStep;
use self::theme::Role;
use self::view::View;

mod calls;
pub mod clipboard;
pub mod commands;
mod completion;
pub mod find;
mod help;
pub mod input;
pub mod keymap;
mod layout;
pub mod limiter;
pub mod line;
mod meter;
pub mod panels;
mod reminder;
pub mod scroll;
mod status;
pub mod talk_key;
mod talk_words;
pub mod tasks;
pub mod terminal;
pub mod theme;
mod transcript;
pub mod view;
mod wrap;

/// What a person did.
#[derive(Debug, Clone, PartialEq)]
pub enum UserEvent {
    Key(KeyEvent),
    /// Text from the clipboard; data, never commands.
    Paste(String),
    /// A notch of the mouse's wheel.
    Wheel(ScrollStep),
    /// The person has turned to another window.
    FocusLost,
    /// How the terminal sends keys from now on.
    Keyboard {
        /// Whether it tells when a key comes up.
        releases: bool,
    },
    /// The screen's size; also sent once at the start.
    Resize {
        columns: u16,
        rows: u16,
    },
    /// A message from a script.
    Line(String),
    /// No more input will come.
    Eof,
    /// The input cannot be read.
    Failed(line::InputError),
}

/// Where a person is: the terminal, or a script's pipes.
pub trait Frontend {
    /// The next event. Cancel-safe: a dropped future loses nothing. After [`UserEvent::Eof`] it never resolves.
    fn next(&mut self) -> impl Future<Output = UserEvent> + Send;

    /// Shows the state as it is now. The text front end shows none.
    fn render(&mut self, view: &View) -> io::Result<()>;

    /// Reports what happened. The terminal shows it by [`Frontend::render`] instead.
    ///
    /// # Errors
    ///
    /// `BrokenPipe` when nobody reads any more: end quietly, with exit code 0.
    fn report(&mut self, event: &LineEvent) -> io::Result<()>;

    /// Leaves the screen to the shell until the program is continued. Does nothing without a screen.
    fn suspend(&mut self) -> io::Result<()>;

    /// Puts text into the person's clipboard, where the terminal allows it.
    fn copy(&mut self, text: &str) -> io::Result<()>;

    /// Rings the terminal's bell, where there is one.
    fn bell(&mut self) -> io::Result<()>;

    /// Forgets what is on screen, so that the next [`Frontend::render`] draws all of it.
    fn redraw(&mut self) -> io::Result<()>;
}

/// Draws the whole screen, from 1x1 upwards.
pub fn draw(view: &View, frame: &mut Frame<'_>) {
    let area = frame.area();
    let Some(areas) = Areas::of(view, area) else {
        return too_small(view, frame, area);
    };
    lines(frame, areas.header, vec![status::header(view, areas.tasks.is_none(), areas.header.width.into())]);
    rules(view, frame, &areas);
    body(view, frame, &areas);
    lines(frame, areas.state, vec![status::state(view, areas.state.width.into())]);
    lines(frame, areas.reminder, reminder::lines(view, areas.reminder.width.into()));
    let (width, height) = (areas.completion.width.into(), areas.completion.height.into());
    lines(frame, areas.completion, completion::lines(view, width, height));
    input_line(view, frame, areas.input);
    lines(frame, areas.footer, vec![status::footer(view, areas.footer.width.into())]);
}

fn body(view: &View, frame: &mut Frame<'_>, areas: &Areas) {
    if let Some(top) = view.help {
        let (width, height) = (areas.body.width.into(), areas.body.height.into());
        return lines(frame, areas.body, help::visible(view, top, width, height));
    }
    if let Some(panel) = &view.panel {
        let (width, height) = (areas.body.width.into(), areas.body.height.into());
        return lines(frame, areas.body, panels::lines(view, panel, width, height));
    }
    let (width, height) = (areas.conversation.width.into(), areas.conversation.height.into());
    lines(frame, areas.conversation, transcript::visible(view, width, height));
    if let Some(pane) = areas.tasks {
        let (rows, selected) = tasks::lines(view, pane.width.into(), pane.height.into());
        lines(frame, pane, rows);
        if let Some(row) = selected.filter(|_| view.focus() == Focus::Tasks) {
            frame.set_cursor_position((pane.x, pane.y + row as u16));
        }
    }
}

fn rules(view: &View, frame: &mut Frame<'_>, areas: &Areas) {
    let style = view.theme.style(Role::Dim);
    for rule in areas.rules {
        lines(frame, rule, vec![Line::styled("─".repeat(rule.width.into()), style)]);
    }
    if let (Some(divider), None) = (areas.divider, view.cover()) {
        lines(frame, divider, vec![Line::styled("│", style); divider.height.into()]);
    }
}

fn input_line(view: &View, frame: &mut Frame<'_>, area: Rect) {
    if let Some(paste) = &view.paste {
        return lines(frame, area, vec![status::paste_question(view, paste.len(), area.width.into())]);
    }
    if let Some(search) = &view.search {
        return find::draw_line(view, search, frame, area);
    }
    let prompt = prompt(view);
    let text = Rect { x: area.x + prompt.len() as u16, width: area.width - prompt.len() as u16, ..area };
    let layout = view.editor().layout(text.width.into(), text.height.into());
    lines(frame, area, vec![Line::styled(prompt, view.theme.style(Role::Key))]);
    match view.focus() {
        Focus::Tasks => lines(frame, text, vec![Line::styled(ELSEWHERE, view.theme.style(Role::Dim))]),
        _ => lines(frame, text, layout.rows.into_iter().map(Line::raw).collect()),
    }
    if !matches!(view.focus(), Focus::Help | Focus::Tasks | Focus::Panel) {
        frame.set_cursor_position((text.x + layout.column as u16, text.y + layout.row as u16));
    }
}

/// In the input line while the keys are for the tasks.
const ELSEWHERE: &str = "the keys are for the tasks";

/// Before the input line; ASCII.
fn prompt(view: &View) -> &'static str {
    view.pane.prompt.as_ref().map_or(" > ", tasks::Prompt::label)
}

fn too_small(view: &View, frame: &mut Frame<'_>, area: Rect) {
    let note = format!("{} · needs {}x{}", status::state_word(view).0, layout::MIN_COLUMNS, layout::MIN_ROWS);
    let mut note = wrap::wrap(&[(note, view.theme.style(Role::Text))], area.width.into());
    note.truncate(area.height.into());
    lines(frame, area, note);
}

fn lines(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>) {
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines), area);
}

#[cfg(test)]
mod tests;
