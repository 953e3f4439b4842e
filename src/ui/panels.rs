//! Lists in place of the conversation, to look at and to choose from: devices, voice, settings, log. Pure.
//!
//! What the rows mean is known to whoever fills them.

use ratatui::text::{Line, Span};

use super::scroll::ScrollStep;
use super::theme::Role;
use super::view::View;
use super::{meter, wrap};
use crate::text::Clean;

/// Lines of the selected row that are written out where it was too long.
const WHOLE: usize = 3;
/// Columns before a row's text.
const MARGIN: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PanelKind {
    Devices,
    /// The voice and its speed.
    Voice,
    Settings,
    Log,
}

/// What is done in a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PanelKey {
    Close,
    Choose,
    /// Filters a long list, and does what the footer says in a short one.
    Type(char),
    Erase,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    pub kind: PanelKind,
    pub rows: Vec<Row>,
    /// A row's index.
    pub selected: usize,
    /// What the rows shown have to contain.
    pub filter: Clean,
    /// The last row stays selected when more come.
    pub follow: bool,
    /// Stands where there are no rows.
    pub empty: Clean,
    /// The last line.
    pub hint: Clean,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub mark: Mark,
    pub text: Clean,
    pub detail: Clean,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mark {
    /// Cannot be selected.
    Heading,
    #[default]
    Plain,
    InUse,
}

impl PanelKind {
    pub fn title(self) -> &'static str {
        match self {
            Self::Devices => "Microphones and speakers",
            Self::Voice => "Voice and speed",
            Self::Settings => "Settings in effect",
            Self::Log => "Log",
        }
    }

    /// Whether typing filters.
    pub fn is_filtered(self) -> bool {
        matches!(self, Self::Settings | Self::Log)
    }

    /// Its own keys, for the footer.
    pub(crate) fn keys(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Devices => &[("Enter", "use"), ("t", "play a tone"), ("r", "look again")],
            Self::Voice => &[("Enter", "use"), ("+ -", "speed"), ("< >", "volume")],
            Self::Settings => &[("Enter", "change")],
            Self::Log => &[],
        }
    }
}

impl Panel {
    pub fn new(kind: PanelKind) -> Self {
        Self {
            kind,
            rows: Vec::new(),
            selected: 0,
            filter: Clean::default(),
            follow: kind == PanelKind::Log,
            empty: Clean::default(),
            hint: Clean::default(),
        }
    }

    /// Puts other rows in the place of those there are.
    pub fn fill(&mut self, rows: Vec<Row>) {
        self.rows = rows;
        self.settle();
    }

    pub fn narrow(&mut self, text: &str) {
        let more = Clean::line(&format!("{}{text}", self.filter));
        self.filter = more;
        self.settle();
    }

    pub fn widen(&mut self) {
        let mut filter = self.filter.to_string();
        filter.pop();
        self.filter = Clean::line(&filter);
        self.settle();
    }

    /// The selected row's index; `None` when there is none.
    pub fn chosen(&self) -> Option<usize> {
        self.selectable().contains(&self.selected).then_some(self.selected)
    }

    /// Selects the row in use, where there is one.
    pub fn select_used(&mut self) {
        if let Some(used) = self.rows.iter().position(|row| row.mark == Mark::InUse) {
            self.selected = used;
        }
    }

    pub(crate) fn step(&mut self, step: ScrollStep, height: usize) {
        let rows = self.selectable();
        let page = height.saturating_sub(WHOLE + 2).max(1);
        let at = rows.iter().position(|row| *row == self.selected).unwrap_or(0);
        let last = rows.len().saturating_sub(1);
        let to = match step {
            ScrollStep::Up => at.saturating_sub(1),
            ScrollStep::Down => at + 1,
            ScrollStep::PageUp => at.saturating_sub(page),
            ScrollStep::PageDown => at + page,
            ScrollStep::Top => 0,
            ScrollStep::Bottom => last,
        };
        self.follow = self.kind == PanelKind::Log && to >= last;
        self.selected = rows.get(to.min(last)).copied().unwrap_or(0);
    }

    /// Selects something that is shown.
    fn settle(&mut self) {
        let rows = self.selectable();
        if self.follow {
            self.selected = rows.last().copied().unwrap_or(0);
        } else if !rows.contains(&self.selected) {
            let next = rows.iter().find(|row| **row >= self.selected).or(rows.last());
            self.selected = next.copied().unwrap_or(0);
        }
    }

    fn selectable(&self) -> Vec<usize> {
        self.shown().into_iter().filter(|row| self.rows[*row].mark != Mark::Heading).collect()
    }

    /// Rows that pass the filter; headings only where there is none.
    fn shown(&self) -> Vec<usize> {
        let filter = self.filter.as_str().to_lowercase();
        let passes = |row: &Row| {
            let text = format!("{} {}", row.text, row.detail).to_lowercase();
            filter.is_empty() || (row.mark != Mark::Heading && text.contains(&filter))
        };
        (0..self.rows.len()).filter(|row| passes(&self.rows[*row])).collect()
    }
}

/// The whole panel: title, rows around the selected one, and at the bottom what belongs to that or to all.
pub(crate) fn lines(view: &View, panel: &Panel, width: usize, height: usize) -> Vec<Line<'static>> {
    let foot = foot(view, panel, width);
    let room = height.saturating_sub(1 + foot.len());
    let mut lines = vec![title(view, panel, width)];
    lines.extend(rows(view, panel, width, room));
    lines.resize(1 + room, Line::default());
    lines.extend(foot);
    lines.truncate(height);
    lines
}

fn title(view: &View, panel: &Panel, width: usize) -> Line<'static> {
    let filter = match (panel.kind.is_filtered(), panel.filter.is_empty()) {
        (false, _) => String::new(),
        (true, true) => " · type to filter".to_owned(),
        (true, false) => format!(" · with `{}`", panel.filter),
    };
    let name = Span::styled(format!(" {}", panel.kind.title()), view.theme.style(Role::Title));
    let left = width.saturating_sub(wrap::width(&name.content));
    Line::from(vec![name, Span::styled(wrap::fit(&filter, left), view.theme.style(Role::Dim))])
}

fn rows(view: &View, panel: &Panel, width: usize, room: usize) -> Vec<Line<'static>> {
    let shown = panel.shown();
    if shown.is_empty() {
        let text =
            if panel.rows.is_empty() { panel.empty.to_string() } else { "nothing like that".to_owned() };
        let style = view.theme.style(Role::Dim);
        return wrap::wrap(&[(format!("  {text}"), style)], width).into_iter().take(room).collect();
    }
    let at = shown.iter().position(|row| *row == panel.selected).unwrap_or(0);
    let top = at.saturating_sub(room / 2).min(shown.len().saturating_sub(room));
    let visible = shown.into_iter().skip(top).take(room);
    visible.map(|row| line(view, &panel.rows[row], row == panel.selected, width)).collect()
}

fn line(view: &View, row: &Row, selected: bool, width: usize) -> Line<'static> {
    let style = |role| view.theme.style(role);
    if row.mark == Mark::Heading {
        let text = wrap::fit(&format!("  {}", row.text), width);
        return Line::styled(text, style(Role::Title));
    }
    let (pointer, role) = if selected { ("›", Role::Key) } else { (" ", Role::Text) };
    let mark = if row.mark == Mark::InUse { "●" } else { " " };
    let (text, detail) = shares(row, width.saturating_sub(MARGIN));
    let gap = width.saturating_sub(MARGIN + wrap::width(&text) + wrap::width(&detail));
    Line::from(vec![
        Span::styled(format!(" {pointer} {mark} "), style(role)),
        Span::styled(text, style(role)),
        Span::raw(" ".repeat(gap)),
        Span::styled(detail, style(Role::Dim)),
    ])
}

/// Text and detail, cut to fit beside each other; the detail gets a third at least.
fn shares(row: &Row, width: usize) -> (String, String) {
    let detail = wrap::width(row.detail.as_str());
    if detail == 0 {
        return (wrap::fit(row.text.as_str(), width), String::new());
    }
    let text = wrap::width(&wrap::fit(row.text.as_str(), width));
    let for_detail = width.saturating_sub(text + 2).max(width / 3).min(detail);
    let text = wrap::fit(row.text.as_str(), width.saturating_sub(for_detail + 2));
    (text, wrap::fit(row.detail.as_str(), for_detail))
}

fn is_cut(row: &Row, width: usize) -> bool {
    let (text, detail) = shares(row, width.saturating_sub(MARGIN));
    text != wrap::fit(row.text.as_str(), usize::MAX) || detail != wrap::fit(row.detail.as_str(), usize::MAX)
}

fn foot(view: &View, panel: &Panel, width: usize) -> Vec<Line<'static>> {
    let style = |role| view.theme.style(role);
    let mut lines = Vec::new();
    if panel.kind == PanelKind::Devices {
        let mut spans = vec![Span::styled(" mic ", style(Role::Dim))];
        spans.extend(meter::spans(view.mic, view));
        spans.push(Span::styled("  spk ", style(Role::Dim)));
        spans.extend(meter::spans(view.speaker, view));
        lines.push(Line::from(spans));
    }
    let selected = panel.chosen().and_then(|row| panel.rows.get(row)).filter(|row| is_cut(row, width));
    let (text, role) = match selected {
        Some(row) => (format!("{}  {}", row.text, row.detail), Role::Text),
        None => (panel.hint.to_string(), Role::Dim),
    };
    let wrapped = wrap::wrap(&[(text, style(role))], width.saturating_sub(1));
    let indented = wrapped.into_iter().take(WHOLE).map(|line| {
        let spans = std::iter::once(Span::raw(" ")).chain(line.spans);
        Line::from(spans.collect::<Vec<_>>())
    });
    lines.extend(indented);
    lines
}

#[cfg(test)]
mod tests;
