//! What each part of the screen looks like, by its role.
//!
//! On the terminal's own background, which is never painted. `Ansi` uses only the terminal's own 16 colours, so that
//! any palette stays readable. A role never carries meaning alone: there is a word or a symbol beside it.

use ratatui::style::{Color, Modifier, Style};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// The terminal's own 16 colours.
    #[default]
    Ansi,
    /// No colour and no attribute at all.
    Plain,
    /// Colours of our own, for a dark background.
    Dark(Depth),
    /// Likewise, for a light one.
    Light(Depth),
    /// The terminal's own text colour with attributes; what is wrong has a background of its own.
    Contrast(Depth),
}

/// What colours of our own can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    True,
    /// The 256 colours of xterm.
    Indexed,
}

/// The `--theme` setting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// The terminal's own colours.
    #[default]
    Auto,
    Dark,
    Light,
    Contrast,
    Ansi,
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

/// The variables that say what a terminal can do, if they are set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities<'a> {
    /// `NO_COLOR`
    pub no_color: Option<&'a str>,
    /// `TERM`
    pub term: Option<&'a str>,
    /// `COLORTERM`
    pub colorterm: Option<&'a str>,
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

/// Red, green and blue.
type Rgb = (u8, u8, u8);

impl Theme {
    pub fn choose(theme: ThemeChoice, color: ColorChoice, terminal: Capabilities<'_>) -> Self {
        let plain = match color {
            ColorChoice::Always => false,
            ColorChoice::Never => true,
            ColorChoice::Auto => {
                terminal.no_color.is_some_and(|value| !value.is_empty()) || terminal.term == Some("dumb")
            }
        };
        if plain {
            return Self::Plain;
        }
        let own = |theme: fn(Depth) -> Self| Depth::of(terminal).map_or(Self::Ansi, theme);
        match theme {
            ThemeChoice::Auto | ThemeChoice::Ansi => Self::Ansi,
            ThemeChoice::Plain => Self::Plain,
            ThemeChoice::Dark => own(Self::Dark),
            ThemeChoice::Light => own(Self::Light),
            ThemeChoice::Contrast => own(Self::Contrast),
        }
    }

    pub fn style(self, role: Role) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Ansi => ansi(role),
            Self::Dark(depth) => colored(role, dark(role), depth),
            Self::Light(depth) => colored(role, light(role), depth),
            Self::Contrast(depth) => contrast(role, depth),
        }
    }
}

impl Depth {
    /// `None` where only 16 colours are promised.
    fn of(terminal: Capabilities<'_>) -> Option<Self> {
        match terminal.colorterm {
            Some("truecolor" | "24bit") => Some(Self::True),
            _ if terminal.term?.contains("256color") => Some(Self::Indexed),
            _ => None,
        }
    }

    fn color(self, rgb: Rgb) -> Color {
        match self {
            Self::True => Color::Rgb(rgb.0, rgb.1, rgb.2),
            Self::Indexed => Color::Indexed(nearest(rgb)),
        }
    }
}

fn ansi(role: Role) -> Style {
    let style = emphasized(role);
    match role {
        Role::Text | Role::Title => style,
        // Not bright black, which some palettes make the background.
        Role::Dim => style.add_modifier(Modifier::DIM),
        Role::You | Role::Key => style.fg(Color::Cyan),
        Role::Assistant => style.fg(Color::Magenta),
        Role::Good => style.fg(Color::Green),
        Role::Busy | Role::Warn => style.fg(Color::Yellow),
        Role::Error => style.fg(Color::Red),
    }
}

fn colored(role: Role, rgb: Option<Rgb>, depth: Depth) -> Style {
    rgb.map_or(emphasized(role), |rgb| emphasized(role).fg(depth.color(rgb)))
}

/// Bold is for who speaks, for titles, and for what is wrong.
fn emphasized(role: Role) -> Style {
    match role {
        Role::Title | Role::You | Role::Assistant | Role::Warn | Role::Error => {
            Style::new().add_modifier(Modifier::BOLD)
        }
        Role::Text | Role::Dim | Role::Key | Role::Good | Role::Busy => Style::new(),
    }
}

/// At least 4.5:1 on any background as dark as `#2e3440`; from the 256 colours, so that both depths look alike.
fn dark(role: Role) -> Option<Rgb> {
    Some(match role {
        Role::Text | Role::Title => return None,
        Role::Dim => (0xa8, 0xa8, 0xa8),
        Role::You => (0x5f, 0xd7, 0xff),
        Role::Assistant => (0xd7, 0xaf, 0xff),
        Role::Key => (0x87, 0xd7, 0xd7),
        Role::Good => (0x87, 0xd7, 0x87),
        Role::Busy => (0xff, 0xd7, 0x5f),
        Role::Warn => (0xff, 0xaf, 0x5f),
        Role::Error => (0xff, 0x87, 0x87),
    })
}

/// At least 4.5:1 on any background as light as `#fdf6e3`; from the 256 colours.
fn light(role: Role) -> Option<Rgb> {
    Some(match role {
        Role::Text | Role::Title => return None,
        Role::Dim => (0x58, 0x58, 0x58),
        Role::You => (0x00, 0x5f, 0x87),
        Role::Assistant => (0x87, 0x00, 0x87),
        Role::Key => (0x00, 0x5f, 0x5f),
        Role::Good => (0x00, 0x5f, 0x00),
        Role::Busy | Role::Warn => (0x87, 0x5f, 0x00),
        Role::Error => (0xaf, 0x00, 0x00),
    })
}

/// On any background: the terminal's own text colour, and pairs of 7:1 at least where it brings its own.
fn contrast(role: Role, depth: Depth) -> Style {
    let pair = |text, ground| emphasized(role).fg(depth.color(text)).bg(depth.color(ground));
    match role {
        Role::Warn => pair(BLACK, (0xff, 0xd7, 0x00)),
        Role::Error => pair(WHITE, (0x87, 0x00, 0x00)),
        Role::Good | Role::Busy | Role::Key => emphasized(role).add_modifier(Modifier::BOLD),
        Role::Text | Role::Dim | Role::Title | Role::You | Role::Assistant => emphasized(role),
    }
}

const BLACK: Rgb = (0, 0, 0);
const WHITE: Rgb = (0xff, 0xff, 0xff);
/// Levels of a channel in xterm's cube of 6x6x6 colours, which begins at 16.
const CUBE: [u8; 6] = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff];
/// Its grays, from 232: 8, 18, up to 238.
const GRAYS: std::ops::Range<u8> = 0..24;

/// The nearest of xterm's 256 colours; the first 16 are left out, as every palette has its own.
fn nearest(rgb: Rgb) -> u8 {
    let gray = |n: u8| (232 + n, (8 + 10 * n, 8 + 10 * n, 8 + 10 * n));
    let cube = (0..216_u8).map(|n| {
        let level = |step: u8| CUBE[usize::from(step)];
        (16 + n, (level(n / 36), level(n / 6 % 6), level(n % 6)))
    });
    let all = cube.chain(GRAYS.map(gray));
    all.min_by_key(|(_, color)| distance(*color, rgb)).map_or(16, |(index, _)| index)
}

fn distance(a: Rgb, b: Rgb) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    square(a.0, b.0) + square(a.1, b.1) + square(a.2, b.2)
}

#[cfg(test)]
mod tests;
