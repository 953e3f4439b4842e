//! The keys while a session is played again. They are few, and always the same.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::super::scroll::ScrollStep;

/// For the footer.
pub const HINT: &str = "Space pauses  +/- speed  e end  PgUp scrolls  q quits";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayKey {
    Quit,
    /// Or go on.
    Pause,
    Faster,
    Slower,
    /// To the end at once.
    End,
    Scroll(ScrollStep),
}

impl ReplayKey {
    /// `None` for keys that do nothing.
    pub fn of(key: KeyEvent) -> Option<Self> {
        Some(match key.code {
            _ if key.kind == KeyEventKind::Release => return None,
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Self::Quit,
            KeyCode::Char('q' | 'Q') | KeyCode::Esc => Self::Quit,
            KeyCode::Char(' ') => Self::Pause,
            KeyCode::Char('+' | '=') => Self::Faster,
            KeyCode::Char('-') => Self::Slower,
            KeyCode::Char('e') => Self::End,
            KeyCode::Up => Self::Scroll(ScrollStep::Up),
            KeyCode::Down => Self::Scroll(ScrollStep::Down),
            KeyCode::PageUp => Self::Scroll(ScrollStep::PageUp),
            KeyCode::PageDown => Self::Scroll(ScrollStep::PageDown),
            KeyCode::Home => Self::Scroll(ScrollStep::Top),
            KeyCode::End => Self::Scroll(ScrollStep::Bottom),
            _ => return None,
        })
    }
}
