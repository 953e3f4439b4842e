//! Text in terminal columns: width, cutting, word wrap.
//!
//! Pure. Widths are those that ratatui gives to cells, or lines would run over.

use ratatui::buffer::CellWidth;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

const TAB: &str = "    ";

/// The form that every terminal draws equally wide.
///
/// Variation selectors, joiners and skin tones are dropped: terminals disagree about their columns, and a
/// disagreement leaves stray cells behind.
pub(crate) fn tame(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push_str(TAB),
            '\n' => out.push('\n'),
            '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' => {}
            _ if c.is_control() => {}
            _ => out.push(c),
        }
    }
    out
}

/// Columns that `text` takes on one line.
pub(crate) fn width(text: &str) -> usize {
    text.graphemes(true).map(grapheme_width).sum()
}

/// Columns of one user-perceived character.
pub(crate) fn grapheme_width(grapheme: &str) -> usize {
    if grapheme.contains(char::is_control) { 0 } else { usize::from(grapheme.cell_width()) }
}

/// At most `columns` wide on one line; an ellipsis stands for what was cut off.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    let text = tame(text).replace('\n', " ");
    if width(&text) <= columns {
        return text;
    }
    let mut out = String::new();
    let mut used = 1;
    for grapheme in text.graphemes(true) {
        used += grapheme_width(grapheme);
        if used > columns {
            break;
        }
        out.push_str(grapheme);
    }
    if columns > 0 {
        out.truncate(out.trim_end().len());
        out.push('…');
    }
    out
}

/// Breaks styled pieces into lines of at most `columns`, at spaces and between wide characters where possible.
///
/// Greedy, so that text added at the end changes the last line at most. A `\n` always breaks.
pub(crate) fn wrap(pieces: &[(String, Style)], columns: usize) -> Vec<Line<'static>> {
    let mut wrapper = Wrapper::new(columns.max(1));
    for (text, style) in pieces {
        let text = tame(text);
        for grapheme in text.graphemes(true) {
            wrapper.push(grapheme, *style);
        }
    }
    wrapper.finish()
}

struct Cell {
    grapheme: String,
    width: usize,
    style: Style,
}

struct Wrapper {
    columns: usize,
    lines: Vec<Line<'static>>,
    line: Vec<Cell>,
    line_width: usize,
    /// Spaces that wait to see whether the next word fits behind them.
    spaces: Vec<Cell>,
    word: Vec<Cell>,
}

impl Wrapper {
    fn new(columns: usize) -> Self {
        Self {
            columns,
            lines: Vec::new(),
            line: Vec::new(),
            line_width: 0,
            spaces: Vec::new(),
            word: Vec::new(),
        }
    }

    fn push(&mut self, grapheme: &str, style: Style) {
        if grapheme == "\n" {
            self.end_word();
            self.end_line();
            return;
        }
        let width = grapheme_width(grapheme);
        if width == 0 {
            return;
        }
        let cell = Cell { grapheme: grapheme.to_owned(), width, style };
        if grapheme == " " {
            self.end_word();
            self.spaces.push(cell);
            return;
        }
        if breaks_before(&cell, self.word.last()) {
            self.end_word();
        }
        self.word.push(cell);
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let needed = total(&self.spaces) + total(&word);
        if self.line_width + needed > self.columns && !self.line.is_empty() {
            self.end_line();
        }
        let spaces = std::mem::take(&mut self.spaces);
        for cell in spaces.into_iter().chain(word) {
            if self.line_width + cell.width > self.columns && !self.line.is_empty() {
                self.end_line();
            }
            self.line_width += cell.width;
            self.line.push(cell);
        }
    }

    /// Spaces at a line's end are dropped with it.
    fn end_line(&mut self) {
        self.spaces.clear();
        self.line_width = 0;
        self.lines.push(to_line(std::mem::take(&mut self.line)));
    }

    fn finish(mut self) -> Vec<Line<'static>> {
        self.end_word();
        if !self.line.is_empty() || self.lines.is_empty() {
            self.end_line();
        }
        self.lines
    }
}

fn total(cells: &[Cell]) -> usize {
    cells.iter().map(|cell| cell.width).sum()
}

/// Wide scripts have no spaces: a line may end anywhere but before closing punctuation.
fn breaks_before(cell: &Cell, last: Option<&Cell>) -> bool {
    const CLOSING: &str = "、。，．！？：；）」』】〉》”’…";
    let Some(last) = last else { return false };
    (cell.width == 2 || last.width == 2) && !CLOSING.contains(&cell.grapheme)
}

fn to_line(cells: Vec<Cell>) -> Line<'static> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    for cell in cells {
        match spans.last_mut() {
            Some(span) if span.style == cell.style => span.content.to_mut().push_str(&cell.grapheme),
            _ => spans.push(Span::styled(cell.grapheme, cell.style)),
        }
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests;
