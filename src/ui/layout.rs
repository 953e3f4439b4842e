//! Where each part of the screen is, for its size.

use ratatui::layout::{Constraint, Layout, Rect};

use super::view::View;
use super::{completion, prompt, reminder};

pub(crate) const MIN_COLUMNS: u16 = 40;
pub(crate) const MIN_ROWS: u16 = 10;
/// From this width on the tasks have a pane of their own.
const TASKS_FROM: u16 = 80;
/// From this height on rules set the parts apart.
const RULES_FROM: u16 = 16;
const INPUT_ROWS: u16 = 6;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Areas {
    pub(crate) header: Rect,
    /// Under the header and over the state; no rows on a low screen.
    pub(crate) rules: [Rect; 2],
    /// Conversation and tasks together.
    pub(crate) body: Rect,
    pub(crate) conversation: Rect,
    /// One column between conversation and tasks.
    pub(crate) divider: Option<Rect>,
    pub(crate) tasks: Option<Rect>,
    pub(crate) state: Rect,
    /// The reminder that rings; no rows where none does.
    pub(crate) reminder: Rect,
    /// What a command may become; no rows where none is typed.
    pub(crate) completion: Rect,
    pub(crate) input: Rect,
    pub(crate) footer: Rect,
}

impl Areas {
    /// `None` when the screen is too small.
    pub(crate) fn of(view: &View, area: Rect) -> Option<Self> {
        if area.width < MIN_COLUMNS || area.height < MIN_ROWS {
            return None;
        }
        let rule = u16::from(area.height >= RULES_FROM);
        let rows = [1, rule].map(Constraint::Length);
        let reminder = reminder::lines(view, area.width.into()).len() as u16;
        let completion = completion::rows(view, area.height);
        let bottom = [rule, 1, reminder, completion, input_rows(view, area), 1].map(Constraint::Length);
        let constraints = [&rows[..], &[Constraint::Fill(1)], &bottom[..]].concat();
        let [header, upper, body, lower, state, reminder, completion, input, footer] =
            Layout::vertical(constraints).areas(area);
        let (conversation, divider, tasks) = columns(view, body);
        let rules = [upper, lower];
        Some(Self {
            header,
            rules,
            body,
            conversation,
            divider,
            tasks,
            state,
            reminder,
            completion,
            input,
            footer,
        })
    }
}

fn columns(view: &View, body: Rect) -> (Rect, Option<Rect>, Option<Rect>) {
    // The last column stays free, so that text does not touch the edge.
    if body.width < TASKS_FROM {
        let [conversation, _] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(1)]).areas(body);
        // There is room for one of the two: with the focus, the tasks lie above the conversation.
        return (conversation, None, view.pane.focused.then_some(body));
    }
    let pane = (body.width * 3 / 10).clamp(30, 44);
    let widths =
        [Constraint::Fill(1), Constraint::Length(1), Constraint::Length(1), Constraint::Length(pane)];
    let [conversation, _, divider, tasks] = Layout::horizontal(widths).areas(body);
    (conversation, Some(divider), Some(tasks))
}

/// The input grows with its text, up to a quarter of the screen.
fn input_rows(view: &View, area: Rect) -> u16 {
    if view.search.is_some() {
        return 1;
    }
    let most = INPUT_ROWS.min(area.height / 4);
    let columns = usize::from(area.width) - prompt(view).len();
    view.editor().layout(columns, most.into()).rows.len() as u16
}
