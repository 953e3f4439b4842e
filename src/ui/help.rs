//! The help: every key and what it does, made from the key map.

use ratatui::text::{Line, Span};

use super::keymap::{Binding, Group};
use super::theme::Role;
use super::view::View;
use super::wrap;

/// From this width on the help has two columns.
const TWO_COLUMNS_FROM: usize = 100;
/// Columns of the keys' names.
const KEYS: usize = 22;
/// More keys than this for one thing only confuse.
const CHORDS: usize = 2;

/// The part from line `top` on, at most `height` lines; never past the end.
pub(crate) fn visible(view: &View, top: usize, width: usize, height: usize) -> Vec<Line<'static>> {
    let lines = lines(view, width);
    let top = top.min(lines.len().saturating_sub(height));
    lines.into_iter().skip(top).take(height).collect()
}

pub(crate) fn lines(view: &View, width: usize) -> Vec<Line<'static>> {
    if width < TWO_COLUMNS_FROM {
        return column(view, &Group::ALL, width);
    }
    let left_width = width / 2;
    let left = column(view, &[Group::Talk, Group::Edit], left_width);
    let right = column(view, &[Group::Screen, Group::Tasks], width - left_width);
    let rows = left.len().max(right.len());
    (0..rows).map(|row| side_by_side(left.get(row), right.get(row), left_width)).collect()
}

fn side_by_side(
    left: Option<&Line<'static>>,
    right: Option<&Line<'static>>,
    left_width: usize,
) -> Line<'static> {
    let mut spans = left.map_or_else(Vec::new, |line| line.spans.clone());
    let used: usize = spans.iter().map(|span| wrap::width(&span.content)).sum();
    spans.push(Span::raw(" ".repeat(left_width.saturating_sub(used))));
    spans.extend(right.into_iter().flat_map(|line| line.spans.clone()));
    Line::from(spans)
}

fn column(view: &View, groups: &[Group], width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for group in groups {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::from(Span::styled(format!(" {}", group.title()), view.theme.style(Role::Title))));
        let bindings = view.keymap.bindings().iter();
        let described = bindings.filter(|binding| binding.group == *group && !binding.help.is_empty());
        lines.extend(described.flat_map(|binding| row(view, binding, width)));
    }
    lines
}

fn row(view: &View, binding: &Binding, width: usize) -> Vec<Line<'static>> {
    let chords = binding.chords.iter().take(CHORDS).map(ToString::to_string);
    let keys = chords.collect::<Vec<_>>().join(", ");
    let text = wrap::wrap(
        &[(binding.help.to_owned(), view.theme.style(Role::Text))],
        width.saturating_sub(KEYS + 3),
    );
    let names = std::iter::once(keys.as_str()).chain(std::iter::repeat(""));
    let rows = text.into_iter().zip(names).map(|(line, name)| {
        let mut spans = vec![Span::styled(format!("  {name:<KEYS$} "), view.theme.style(Role::Key))];
        spans.extend(line.spans);
        Line::from(spans)
    });
    rows.collect()
}
