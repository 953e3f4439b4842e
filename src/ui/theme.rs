//! What each part of the screen looks like, by its role.
//!
//! Only the terminal's own 16 colours on its own background, so that any palette stays readable.
//! A role never carries meaning alone: there is a word or a symbol beside it.

use ratatui::style::{Color, Modifier, Style};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Ansi,
    /// No colour and no attribute at all.
    Plain,
}

/// The `--color` setting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Text,
    /// Secondary text: hints, times, what was not heard.
    Dim,
    Title,
    You,
    Assistant,
    Key,
    Good,
    Busy,
    Warn,
    Error,
}

impl Theme {
    /// `no_color` and `term` are the variables `NO_COLOR` and `TERM`, if they are set.
    pub fn choose(choice: ColorChoice, no_color: Option<&str>, term: Option<&str>) -> Self {
        let plain = match choice {
            ColorChoice::Always => false,
            ColorChoice::Never => true,
            ColorChoice::Auto => no_color.is_some_and(|value| !value.is_empty()) || term == Some("dumb"),
        };
        if plain { Self::Plain } else { Self::Ansi }
    }

    pub fn style(self, role: Role) -> Style {
        let style = Style::new();
        if self == Self::Plain {
            return style;
        }
        match role {
            Role::Text => style,
            // Not bright black, which some palettes make the background.
            Role::Dim => style.add_modifier(Modifier::DIM),
            Role::Title => style.add_modifier(Modifier::BOLD),
            Role::You => style.fg(Color::Cyan).add_modifier(Modifier::BOLD),
            Role::Assistant => style.fg(Color::Magenta).add_modifier(Modifier::BOLD),
            Role::Key => style.fg(Color::Cyan),
            Role::Good => style.fg(Color::Green),
            Role::Busy => style.fg(Color::Yellow),
            Role::Warn => style.fg(Color::Yellow).add_modifier(Modifier::BOLD),
            Role::Error => style.fg(Color::Red).add_modifier(Modifier::BOLD),
        }
    }
}

#[cfg(test)]
mod tests;
