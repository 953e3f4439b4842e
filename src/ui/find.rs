//! Searching the conversation: what was typed is found wherever it stands, upper or lower case, as one types.
//!
//! Pure. The folded text of each entry is kept, so that a key press only looks through it.

use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::input::Editor;
use super::scroll;
use super::theme::{Role, Theme};
use super::transcript::{self, GUTTER};
use super::view::{Scroll, View};
use super::wrap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindStep {
    /// Begin to search; while searching: end it, and stay at what was found.
    Toggle,
    Next,
    Previous,
    /// End it, and go back to where it began.
    Back,
}

#[derive(Debug, Clone, Default)]
pub struct Search {
    /// What is searched for.
    pub(crate) line: Editor,
    /// What `found` was found with.
    needle: String,
    /// Each entry's folded text, and of which revision it is.
    texts: Vec<(u64, String)>,
    /// In order.
    found: Vec<Found>,
    /// Which of them is looked at.
    current: usize,
    /// Where the conversation was when the search began, and the entry that was topmost.
    back: Scroll,
    from: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    entry: usize,
    /// In `char`s of the entry's text.
    at: usize,
}

/// A match within an entry, in `char`s of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    range: Range<usize>,
    /// It is the one that is looked at.
    current: bool,
}

/// Before what is typed; ASCII.
const PROMPT: &str = " find: ";
/// In the gutter, beside the match that is looked at.
const MARK: &str = "›";
const MATCH: Modifier = Modifier::REVERSED;
const CURRENT: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED);

/// One step of a search, on a screen of this size.
pub fn step(view: &mut View, columns: u16, rows: u16, step: FindStep) {
    match (step, &mut view.search) {
        (FindStep::Toggle, None) => {
            let (back, from) = (view.scroll.clone(), scroll::top_entry(view, columns, rows));
            view.search = Some(Search { back, from, ..Search::default() });
        }
        (FindStep::Toggle, Some(_)) => view.search = None,
        (FindStep::Back, Some(search)) => {
            view.scroll = std::mem::take(&mut search.back);
            view.search = None;
        }
        (FindStep::Next, Some(search)) => search.turn(1),
        (FindStep::Previous, Some(search)) => search.turn(search.found.len().saturating_sub(1)),
        (FindStep::Back | FindStep::Next | FindStep::Previous, None) => {}
    }
    scroll::show_match(view, columns, rows);
}

/// After a change of what is searched for.
pub fn typed(view: &mut View, columns: u16, rows: u16) {
    if refresh(view) {
        scroll::show_match(view, columns, rows);
    }
}

/// After a change of the conversation. True when what is searched for is another, too.
pub fn refresh(view: &mut View) -> bool {
    let Some(search) = &mut view.search else { return false };
    let needle = fold(search.line.text());
    let fresh = needle != search.needle;
    let mut changed = fresh || search.texts.len() != view.transcript.len();
    search.texts.resize_with(view.transcript.len(), Default::default);
    for (entry, (revision, text)) in view.transcript.iter().zip(&mut search.texts) {
        if entry.revision == 0 || entry.revision != *revision {
            (*revision, *text) = (entry.revision, fold(&transcript::text(&entry.kind)));
            changed = true;
        }
    }
    if changed {
        search.find(needle, fresh);
    }
    fresh
}

impl Search {
    /// `match 2 of 7`
    fn count(&self) -> String {
        match self.found.len() {
            _ if self.needle.is_empty() => String::new(),
            0 => "no match".to_owned(),
            all => format!("match {} of {all}", self.current + 1),
        }
    }

    fn find(&mut self, needle: String, fresh: bool) {
        let before = self.found.get(self.current).copied();
        self.needle = needle;
        self.found.clear();
        if self.needle.is_empty() {
            return;
        }
        for (entry, (_, text)) in self.texts.iter().enumerate() {
            self.found.extend(positions(text, &self.needle).map(|at| Found { entry, at }));
        }
        let from = Found { entry: self.from, at: 0 };
        let wanted = before.filter(|_| !fresh).unwrap_or(from);
        let at = self.found.partition_point(|f| (f.entry, f.at) < (wanted.entry, wanted.at));
        self.current = at.min(self.found.len().saturating_sub(1));
    }

    /// On by `steps`; after the last comes the first.
    fn turn(&mut self, steps: usize) {
        if !self.found.is_empty() {
            self.current = (self.current + steps) % self.found.len();
        }
    }

    /// The entry of the match that is looked at.
    pub(crate) fn current_entry(&self) -> Option<usize> {
        self.found.get(self.current).map(|found| found.entry)
    }

    /// The matches in an entry, in order.
    pub(crate) fn in_entry(&self, entry: usize) -> Vec<Match> {
        let length = self.needle.chars().count();
        let first = self.found.partition_point(|found| found.entry < entry);
        let here = self.found[first..].iter().take_while(|found| found.entry == entry).enumerate();
        here.map(|(n, found)| Match {
            range: found.at..found.at + length,
            current: first + n == self.current,
        })
        .collect()
    }
}

/// Without upper case; as many `char`s as before.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

/// Where `needle` begins in `text`, in `char`s.
fn positions<'a>(text: &'a str, needle: &'a str) -> impl Iterator<Item = usize> + 'a {
    let (mut bytes, mut chars) = (0, 0);
    text.match_indices(needle).map(move |(at, _)| {
        chars += text[bytes..at].chars().count();
        bytes = at;
        chars
    })
}

/// The pieces with their matches in reverse video.
pub(crate) fn highlighted(pieces: Vec<(String, Style)>, matches: &[Match]) -> Vec<(String, Style)> {
    let mut out: Vec<(String, Style)> = Vec::new();
    let mut at = 0;
    let mut ahead = matches.iter().peekable();
    for (text, style) in pieces {
        let mut part = String::new();
        let mut part_style = style;
        for c in text.chars() {
            while ahead.peek().is_some_and(|m| m.range.end <= at) {
                ahead.next();
            }
            let over = ahead.peek().filter(|m| m.range.contains(&at));
            let c_style = over.map_or(style, |m| style.add_modifier(if m.current { CURRENT } else { MATCH }));
            // What has no columns belongs to the character before it.
            if c_style != part_style && wrap::width(c.encode_utf8(&mut [0; 4])) > 0 {
                out.push((std::mem::take(&mut part), part_style));
                part_style = c_style;
            }
            part.push(c);
            at += 1;
        }
        out.push((part, part_style));
    }
    out.retain(|(text, _)| !text.is_empty());
    out
}

/// Whether the match that is looked at is on this line.
pub(crate) fn is_marked(line: &Line<'static>) -> bool {
    line.spans.first().is_some_and(|label| label.content.contains(MARK))
}

/// Puts the mark beside the line of the match that is looked at.
pub(crate) fn mark(lines: &mut [Line<'static>], theme: Theme) {
    let is_current =
        |line: &&mut Line<'static>| line.spans.iter().any(|span| span.style.add_modifier.contains(CURRENT));
    if let Some(line) = lines.iter_mut().find(is_current)
        && let Some(label) = line.spans.first_mut()
    {
        let text: String = label.content.chars().take(GUTTER - 2).collect();
        label.content = format!("{text}{MARK} ").into();
    }
    if theme == Theme::Plain {
        lines.iter_mut().flat_map(|line| &mut line.spans).for_each(|span| span.style = Style::new());
    }
}

/// The line that is typed into while searching, with the count at its end.
pub(crate) fn draw_line(view: &View, search: &Search, frame: &mut Frame<'_>, area: Rect) {
    let count = search.count();
    let (prompt, room) = (PROMPT.len() as u16, wrap::width(&count) as u16 + 2);
    let width = area.width.saturating_sub(prompt + room).max(4);
    let text = Rect { x: area.x + prompt, width, ..area };
    let layout = search.line.layout(width.into(), 1);
    let typed = layout.rows.first().cloned().unwrap_or_default();
    let gap = usize::from(width).saturating_sub(wrap::width(&typed)) + 1;
    let role = if search.found.is_empty() { Role::Warn } else { Role::Text };
    let line = Line::from(vec![
        Span::styled(PROMPT, view.theme.style(Role::Key)),
        Span::raw(typed),
        Span::raw(" ".repeat(gap)),
        Span::styled(count, view.theme.style(role)),
    ]);
    super::lines(frame, area, vec![line]);
    if view.help.is_none() {
        frame.set_cursor_position((text.x + layout.column as u16, text.y));
    }
}

#[cfg(test)]
mod tests;
