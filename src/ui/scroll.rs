//! Moving through the conversation, or through the help while it is open.

use ratatui::layout::Rect;

use super::help;
use super::layout::Areas;
use super::transcript::{self, Position};
use super::view::{Scroll, View};

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScrollStep {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    /// To the newest line; from there on new lines come into sight by themselves.
    Bottom,
}

/// Moves what is in sight on a screen of this size. Does nothing when the screen is too small.
pub fn scroll(view: &mut View, columns: u16, rows: u16, step: ScrollStep) {
    let Some(areas) = Areas::of(view, Rect::new(0, 0, columns, rows)) else { return };
    if let Some(top) = view.help {
        let (width, height) = (areas.body.width.into(), areas.body.height.into());
        let last = help::lines(view, width).len().saturating_sub(height);
        view.help = Some(moved(top.min(last), step, height).min(last));
    } else if let Some(panel) = &mut view.panel {
        panel.step(step, areas.body.height.into());
    } else {
        view.scroll = conversation(view, areas.conversation, step);
    }
}

fn moved(top: usize, step: ScrollStep, height: usize) -> usize {
    match step {
        ScrollStep::Up => top.saturating_sub(1),
        ScrollStep::Down => top + 1,
        ScrollStep::PageUp => top.saturating_sub(page(height)),
        ScrollStep::PageDown => top + page(height),
        ScrollStep::Top => 0,
        ScrollStep::Bottom => usize::MAX,
    }
}

/// Two lines stay in sight.
fn page(height: usize) -> usize {
    height.saturating_sub(2).max(1)
}

fn conversation(view: &View, area: Rect, step: ScrollStep) -> Scroll {
    let (width, height) = (area.width.into(), area.height.into());
    let from = transcript::top(view, width, height);
    let to = match step {
        ScrollStep::Up => up(view, width, from, 1),
        ScrollStep::PageUp => up(view, width, from, page(height)),
        ScrollStep::Top => Position { entry: 0, line: 0 },
        ScrollStep::Down => down(view, width, from, 1),
        ScrollStep::PageDown => down(view, width, from, page(height)),
        ScrollStep::Bottom => return Scroll::Follow,
    };
    to_top(view, area, to)
}

/// `to` at the top, or as near to it as the end of the conversation allows.
fn to_top(view: &View, area: Rect, to: Position) -> Scroll {
    let rows = transcript::text_rows(view, area.height.into());
    match view.transcript.get(to.entry) {
        Some(entry) if to < transcript::following_top(view, area.width.into(), rows) => {
            Scroll::At { id: entry.id.clone(), line: to.line }
        }
        _ => Scroll::Follow,
    }
}

/// Brings the match that is looked at into sight, with as little movement as that takes.
pub(super) fn show_match(view: &mut View, columns: u16, rows: u16) {
    let Some(areas) = Areas::of(view, Rect::new(0, 0, columns, rows)) else { return };
    let (width, height) = (areas.conversation.width.into(), areas.conversation.height.into());
    let Some(found) = transcript::current_match(view, width) else { return };
    let top = transcript::top(view, width, height);
    if found < top || found >= down(view, width, top, transcript::text_rows(view, height)) {
        view.scroll = to_top(view, areas.conversation, up(view, width, found, height / 3));
    }
}

/// The entry that is topmost in sight.
pub(super) fn top_entry(view: &View, columns: u16, rows: u16) -> usize {
    let areas = Areas::of(view, Rect::new(0, 0, columns, rows));
    let area = areas.map_or(Rect::default(), |areas| areas.conversation);
    transcript::top(view, area.width.into(), area.height.into()).entry
}

fn up(view: &View, width: usize, from: Position, mut by: usize) -> Position {
    let mut at = from;
    while by > at.line {
        let Some(before) = at.entry.checked_sub(1) else { return Position { entry: 0, line: 0 } };
        by -= at.line;
        at = Position { entry: before, line: transcript::height_of(view, before, width) };
    }
    Position { line: at.line - by, ..at }
}

fn down(view: &View, width: usize, from: Position, by: usize) -> Position {
    let mut at = Position { line: from.line + by, ..from };
    while at.entry < view.transcript.len() {
        let height = transcript::height_of(view, at.entry, width);
        if at.line < height {
            break;
        }
        at = Position { entry: at.entry + 1, line: at.line - height };
    }
    at
}

#[cfg(test)]
mod tests;
