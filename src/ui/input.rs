//! The input line: text, caret, cutting and history. Pure.
//!
//! Its text holds no control characters but `\n` and `\t`, whatever was typed or pasted, and the caret never
//! stands inside a user-perceived character.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::wrap;
use crate::text::Clean;

/// Messages kept in the history.
const HISTORY: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    Insert(char),
    Newline,
    Left,
    Right,
    WordLeft,
    WordRight,
    Start,
    End,
    /// The line above; from the first line the previous message.
    Up,
    Down,
    Previous,
    Next,
    Backspace,
    Delete,
    KillWord,
    KillToStart,
    KillToEnd,
    Yank,
}

#[derive(Debug, Clone, Default)]
pub struct Editor {
    text: String,
    /// In bytes.
    caret: usize,
    /// The first character is a slash that was typed, so the text is a command. One that was pasted is data.
    command: bool,
    killed: Message,
    history: Vec<Message>,
    /// The message of the history that is shown, and what was being written before.
    recalled: Option<(usize, Message)>,
}

/// A text, and whether it is a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Message {
    text: String,
    command: bool,
}

/// The visible rows of the text and where the caret is among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) rows: Vec<String>,
    pub(crate) column: usize,
    pub(crate) row: usize,
}

impl Editor {
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether it begins with a slash that was typed.
    pub fn is_command(&self) -> bool {
        self.command
    }

    /// Puts what a command was completed to in its place.
    pub(crate) fn complete(&mut self, text: String) {
        self.set(Message { text, command: true });
    }

    /// One with `text` to begin with.
    pub fn of(text: &str) -> Self {
        let mut editor = Self::default();
        editor.paste(text);
        editor
    }

    /// Bytes before the caret.
    pub fn caret(&self) -> usize {
        self.caret
    }

    /// The text as a message, moved to the history; `None` when there is nothing to send.
    pub fn take(&mut self) -> Option<String> {
        let message = self.text.trim().to_owned();
        if message.is_empty() {
            return None;
        }
        let sent = Message { text: message.clone(), command: self.command };
        self.set(Message::default());
        self.recalled = None;
        if self.history.last() != Some(&sent) {
            self.history.push(sent);
        }
        self.history.drain(..self.history.len().saturating_sub(HISTORY));
        Some(message)
    }

    /// Pasted text is data: nothing in it is a command.
    pub fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.insert(&text);
    }

    pub fn apply(&mut self, edit: Edit) {
        match edit {
            Edit::Insert('/') if self.caret == 0 => {
                self.insert("/");
                self.command = true;
            }
            Edit::Insert(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            Edit::Newline => self.insert("\n"),
            Edit::Left => self.caret = self.before(),
            Edit::Right => self.caret = self.after(),
            Edit::WordLeft => self.caret = self.word_before(),
            Edit::WordRight => self.caret = self.word_after(),
            Edit::Start => self.caret = self.line_start(),
            Edit::End => self.caret = self.line_end(),
            Edit::Up if self.line_start() > 0 => self.up(),
            Edit::Up | Edit::Previous => self.recall_previous(),
            Edit::Down if self.line_end() < self.text.len() => self.down(),
            Edit::Down | Edit::Next => self.recall_next(),
            Edit::Backspace => drop(self.cut(self.before(), self.caret)),
            Edit::Delete => drop(self.cut(self.caret, self.after())),
            Edit::KillWord => self.kill(self.word_before(), self.caret),
            Edit::KillToStart => self.kill(self.line_start(), self.caret),
            Edit::KillToEnd => self.kill_to_end(),
            Edit::Yank => self.yank(),
        }
    }

    /// A joiner is judged together with the characters before it.
    fn insert(&mut self, text: &str) {
        let start = self.text[..self.caret].char_indices().rev().nth(1).map_or(0, |(at, _)| at);
        let context = &self.text[start..self.caret];
        let clean = Clean::new(&format!("{context}{text}"));
        // Cut off from what was before it, the context may itself begin with a joiner.
        let kept = Clean::new(context).as_str().len();
        let added = clean.as_str().get(kept..).unwrap_or_default();
        self.command &= self.caret > 0 || added.is_empty();
        self.text.insert_str(self.caret, added);
        self.caret += added.len();
        self.snap();
    }

    fn yank(&mut self) {
        let Message { text, command } = self.killed.clone();
        let first = self.caret == 0;
        self.insert(&text);
        self.command |= first && command;
    }

    fn set(&mut self, message: Message) {
        self.caret = message.text.len();
        self.text = message.text;
        self.command = message.command;
    }

    fn message(&self) -> Message {
        Message { text: self.text.clone(), command: self.command }
    }

    fn cut(&mut self, from: usize, to: usize) -> String {
        let cut = self.text.drain(from..to).collect();
        self.caret = from;
        self.command &= from > 0 || to == 0;
        self.snap();
        cut
    }

    fn kill(&mut self, from: usize, to: usize) {
        if from < to {
            let command = self.command && from == 0;
            self.killed = Message { text: self.cut(from, to), command };
        }
    }

    /// At a line's end it takes the break.
    fn kill_to_end(&mut self) {
        let end = self.line_end();
        let end = if end == self.caret { self.after() } else { end };
        self.kill(self.caret, end);
    }

    /// What is left and right of a change may have become one character.
    fn snap(&mut self) {
        let mut cursor = GraphemeCursor::new(self.caret, self.text.len(), true);
        if !cursor.is_boundary(&self.text, 0).unwrap_or(true) {
            self.caret = cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len());
        }
    }

    fn before(&self) -> usize {
        let last = self.text[..self.caret].graphemes(true).next_back();
        self.caret - last.map_or(0, str::len)
    }

    fn after(&self) -> usize {
        let next = self.text[self.caret..].graphemes(true).next();
        self.caret + next.map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        let mut words = self.text[..self.caret].unicode_word_indices();
        words.next_back().map_or(0, |(at, _)| at)
    }

    fn word_after(&self) -> usize {
        let next = self.text[self.caret..].unicode_word_indices().next();
        next.map_or(self.text.len(), |(at, word)| self.caret + at + word.len())
    }

    fn line_start(&self) -> usize {
        self.text[..self.caret].rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self) -> usize {
        self.text[self.caret..].find('\n').map_or(self.text.len(), |at| self.caret + at)
    }

    fn up(&mut self) {
        let column = wrap::width(&self.text[self.line_start()..self.caret]);
        self.caret = self.line_start() - 1;
        self.caret = self.line_start();
        self.move_to_column(column);
    }

    fn down(&mut self) {
        let column = wrap::width(&self.text[self.line_start()..self.caret]);
        self.caret = self.line_end() + 1;
        self.move_to_column(column);
    }

    fn move_to_column(&mut self, column: usize) {
        let line = &self.text[self.caret..self.line_end()];
        let mut used = 0;
        let prefix = line.graphemes(true).take_while(|grapheme| {
            used += wrap::grapheme_width(grapheme);
            used <= column
        });
        self.caret += prefix.map(str::len).sum::<usize>();
    }

    fn recall_previous(&mut self) {
        let at = self.recalled.as_ref().map_or(self.history.len(), |(at, _)| *at);
        let Some(message) = at.checked_sub(1).and_then(|at| self.history.get(at)).cloned() else { return };
        let draft = self.recalled.take().map_or_else(|| self.message(), |(_, draft)| draft);
        self.recalled = Some((at - 1, draft));
        self.set(message);
    }

    fn recall_next(&mut self) {
        let Some((at, draft)) = self.recalled.take() else { return };
        match self.history.get(at + 1).cloned() {
            Some(message) => {
                self.recalled = Some((at + 1, draft));
                self.set(message);
            }
            None => self.set(draft),
        }
    }

    /// Rows of at most `columns`, broken anywhere; of them the `height` around the caret.
    pub(crate) fn layout(&self, columns: usize, height: usize) -> Layout {
        let (columns, height) = (columns.max(2), height.max(1));
        let mut rows = vec![String::new()];
        let (mut used, mut caret) = (0, (0, 0));
        for (at, grapheme) in self.text.grapheme_indices(true) {
            let shown = wrap::tame(grapheme);
            let width = wrap::width(&shown);
            if used + width > columns && grapheme != "\n" {
                rows.push(String::new());
                used = 0;
            }
            if at == self.caret {
                caret = (used, rows.len() - 1);
            }
            if grapheme == "\n" {
                rows.push(String::new());
                used = 0;
            } else if let Some(row) = rows.last_mut() {
                row.push_str(&shown);
                used += width;
            }
        }
        if self.caret == self.text.len() {
            caret = (used, rows.len() - 1);
        }
        // The caret needs a cell of its own.
        if caret.0 >= columns {
            caret = (0, caret.1 + 1);
            if caret.1 == rows.len() {
                rows.push(String::new());
            }
        }
        let top = (caret.1 + 1).saturating_sub(height).min(rows.len().saturating_sub(height));
        let rows = rows.into_iter().skip(top).take(height).collect();
        Layout { rows, column: caret.0, row: caret.1 - top }
    }
}

#[cfg(test)]
mod tests;
