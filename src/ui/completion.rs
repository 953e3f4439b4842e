//! What a command may become, above the input line.

use ratatui::text::{Line, Span};

use super::commands::{self, Candidate};
use super::theme::Role;
use super::view::View;
use super::wrap;

const ROWS: usize = 6;
/// On a screen lower than this there are fewer.
const LOW: u16 = 16;
const ROWS_IF_LOW: usize = 3;

/// Rows that are needed on a screen of this height.
pub(crate) fn rows(view: &View, screen: u16) -> u16 {
    let most = if screen < LOW { ROWS_IF_LOW } else { ROWS };
    candidates(view).len().min(most) as u16
}

/// Only for a command whose end is being typed.
fn candidates(view: &View) -> Vec<Candidate> {
    let input = &view.input;
    let typing = input.is_command() && input.caret() == input.text().len();
    if !typing || view.panel.is_some() || view.help.is_some() {
        return Vec::new();
    }
    commands::candidates(input.text(), &view.known)
}

/// The first is what Tab takes; the last says how many there is no room for.
pub(crate) fn lines(view: &View, width: usize, height: usize) -> Vec<Line<'static>> {
    let candidates = candidates(view);
    let style = |role| view.theme.style(role);
    let cut = candidates.len() > height;
    let shown = if cut { height.saturating_sub(1) } else { height };
    let names = candidates.iter().take(shown).map(|c| wrap::width(&c.shown)).max().unwrap_or(0);
    let names = names.min(width / 2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (index, candidate) in candidates.iter().take(shown).enumerate() {
        let pointer = if index == 0 { "›" } else { " " };
        let name = wrap::fit(&candidate.shown, names);
        let pad = " ".repeat(names.saturating_sub(wrap::width(&name)));
        let help = wrap::fit(candidate.help, width.saturating_sub(names + 5));
        lines.push(Line::from(vec![
            Span::styled(format!(" {pointer} {name}{pad}  "), style(Role::Key)),
            Span::styled(help, style(Role::Dim)),
        ]));
    }
    if cut {
        let more = format!("   {} more; Tab completes", candidates.len() - shown);
        lines.push(Line::styled(wrap::fit(&more, width), style(Role::Dim)));
    }
    lines
}
