//! How the tasks are looked at: which are shown, which is selected, and what is being asked about them. Pure.

use std::ops::Range;

use ratatui::layout::Rect;
use uuid::Uuid;

use crate::ui::input::Editor;
use crate::ui::keymap::Focus;
use crate::ui::layout::Areas;
use crate::ui::scroll::ScrollStep;
use crate::ui::view::{TaskRow, View};

#[derive(Debug, Clone, Default)]
pub struct Pane {
    /// The keys are for the tasks.
    pub focused: bool,
    pub selected: Option<Selected>,
    /// What is being typed; only while focused.
    pub prompt: Option<Prompt>,
    /// Only tasks with all of these words are shown.
    pub filter: String,
    /// Tasks that were done today are shown, too.
    pub with_done: bool,
}

/// The selected task, and its place in case that it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    pub uuid: Uuid,
    pub place: usize,
}

/// What is asked for in the input line.
#[derive(Debug, Clone)]
pub enum Prompt {
    /// The title of a new task.
    New(Editor),
    /// Another title for this one.
    Rename(Uuid, Editor),
    /// Words that the tasks shown are to have.
    Filter(Editor),
}

impl Prompt {
    pub fn editor(&self) -> &Editor {
        match self {
            Self::New(editor) | Self::Rename(_, editor) | Self::Filter(editor) => editor,
        }
    }

    pub fn editor_mut(&mut self) -> &mut Editor {
        match self {
            Self::New(editor) | Self::Rename(_, editor) | Self::Filter(editor) => editor,
        }
    }

    /// Before what is typed; ASCII.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::New(_) => " new task > ",
            Self::Rename(..) => " new title > ",
            Self::Filter(_) => " filter > ",
        }
    }
}

impl Pane {
    /// What a key press is for, if it is for the tasks.
    pub fn focus(&self) -> Option<Focus> {
        match &self.prompt {
            Some(Prompt::New(_) | Prompt::Rename(..)) => Some(Focus::TaskTitle),
            Some(Prompt::Filter(_)) => Some(Focus::TaskFilter),
            None => self.focused.then_some(Focus::Tasks),
        }
    }

    /// The filter as it is, or as it is being typed.
    pub(crate) fn filter(&self) -> &str {
        match &self.prompt {
            Some(Prompt::Filter(editor)) => editor.text(),
            _ => &self.filter,
        }
    }
}

/// The tasks that are shown, in their order.
pub(crate) fn shown(view: &View) -> Vec<&TaskRow> {
    let filter = view.pane.filter().to_lowercase();
    let words: Vec<_> = filter.split_whitespace().collect();
    view.tasks.iter().filter(|row| mentions(row, &words)).collect()
}

fn mentions(row: &TaskRow, words: &[&str]) -> bool {
    let texts: Vec<_> =
        std::iter::once(&row.title).chain(&row.details).map(|text| text.as_str().to_lowercase()).collect();
    words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
}

/// The selected task among those shown.
pub fn selected(view: &View) -> Option<&TaskRow> {
    let uuid = view.pane.selected?.uuid;
    shown(view).into_iter().find(|row| row.uuid == uuid)
}

/// After the tasks or the filter have changed: the same task stays selected wherever it is now, or else whichever
/// has its place.
pub fn settle(view: &mut View) {
    let rows = shown(view);
    let Some(last) = rows.len().checked_sub(1) else {
        return;
    };
    let before = view.pane.selected;
    let same = before.and_then(|before| rows.iter().position(|row| row.uuid == before.uuid));
    let place = same.or(before.map(|before| before.place)).unwrap_or(0).min(last);
    view.pane.selected = Some(Selected { uuid: rows[place].uuid, place });
}

/// Selects another task on a screen of this size.
pub fn select(view: &mut View, columns: u16, rows: u16, step: ScrollStep) {
    settle(view);
    let shown = shown(view);
    let (Some(selected), Some(last)) = (view.pane.selected, shown.len().checked_sub(1)) else { return };
    let at = selected.place.min(last);
    let place = match step {
        ScrollStep::Up => at.saturating_sub(1),
        ScrollStep::Down => at + 1,
        ScrollStep::Top => 0,
        ScrollStep::Bottom => last,
        ScrollStep::PageUp | ScrollStep::PageDown => {
            let area = Areas::of(view, Rect::new(0, 0, columns, rows)).and_then(|areas| areas.tasks);
            let area = area.unwrap_or_default();
            let pages = super::pages(view, &shown, area.width.into(), area.height.into());
            let page = pages.iter().position(|page| page.contains(&at)).unwrap_or(0);
            let start = |page: Option<&Range<usize>>| page.map(|page| page.start);
            if step == ScrollStep::PageUp {
                start(page.checked_sub(1).and_then(|page| pages.get(page))).unwrap_or(0)
            } else {
                start(pages.get(page + 1)).unwrap_or(last)
            }
        }
    };
    let place = place.min(last);
    view.pane.selected = Some(Selected { uuid: shown[place].uuid, place });
}
