use super::*;

const ROLES: [Role; 10] = [
    Role::Text,
    Role::Dim,
    Role::Title,
    Role::You,
    Role::Assistant,
    Role::Key,
    Role::Good,
    Role::Busy,
    Role::Warn,
    Role::Error,
];

fn terminal<'a>(no_color: Option<&'a str>, term: &'a str, colorterm: Option<&'a str>) -> Capabilities<'a> {
    Capabilities { no_color, term: Some(term), colorterm }
}

#[test]
fn colour_is_off_for_no_color_a_dumb_terminal_and_never() {
    use ColorChoice::{Always, Auto, Never};
    let table = [
        (Auto, None, "xterm-256color", Theme::Ansi),
        (Auto, Some(""), "xterm", Theme::Ansi),
        (Auto, Some("1"), "xterm", Theme::Plain),
        (Auto, None, "dumb", Theme::Plain),
        (Always, Some("1"), "dumb", Theme::Ansi),
        (Never, None, "xterm", Theme::Plain),
    ];
    for (choice, no_color, term, want) in table {
        let chosen = Theme::choose(ThemeChoice::Auto, choice, terminal(no_color, term, None));
        assert_eq!(chosen, want, "{choice:?} {no_color:?} {term:?}");
    }
    let no_color = terminal(Some("1"), "xterm-256color", Some("truecolor"));
    assert_eq!(Theme::choose(ThemeChoice::Dark, Auto, no_color), Theme::Plain);
}

#[test]
fn our_own_colours_are_only_for_terminals_that_have_them() {
    let table = [
        (ThemeChoice::Dark, "xterm", Some("truecolor"), Theme::Dark(Depth::True)),
        (ThemeChoice::Light, "xterm-256color", Some("24bit"), Theme::Light(Depth::True)),
        (ThemeChoice::Contrast, "tmux-256color", None, Theme::Contrast(Depth::Indexed)),
        (ThemeChoice::Dark, "xterm", None, Theme::Ansi),
        (ThemeChoice::Ansi, "xterm", Some("truecolor"), Theme::Ansi),
        (ThemeChoice::Plain, "xterm", Some("truecolor"), Theme::Plain),
    ];
    for (choice, term, colorterm, want) in table {
        let chosen = Theme::choose(choice, ColorChoice::Auto, terminal(None, term, colorterm));
        assert_eq!(chosen, want, "{choice:?} {term} {colorterm:?}");
    }
}

#[test]
fn the_plain_theme_styles_nothing() {
    for role in ROLES {
        assert_eq!(Theme::Plain.style(role), Style::new());
    }
}

#[test]
fn only_the_theme_of_high_contrast_sets_a_background_and_only_with_a_text_colour() {
    for theme in [Theme::Ansi, Theme::Dark(Depth::True), Theme::Light(Depth::True)] {
        assert!(ROLES.iter().all(|role| theme.style(*role).bg.is_none()));
    }
    for role in ROLES {
        let style = Theme::Contrast(Depth::True).style(role);
        assert_eq!(style.bg.is_some(), style.fg.is_some(), "{role:?}");
    }
}

/// As WCAG 2 has it, of sRGB.
fn luminance(rgb: Rgb) -> f64 {
    let linear = |channel: u8| match f64::from(channel) / 255.0 {
        c if c <= 0.040_45 => c / 12.92,
        c => ((c + 0.055) / 1.055).powf(2.4),
    };
    0.2126 * linear(rgb.0) + 0.7152 * linear(rgb.1) + 0.0722 * linear(rgb.2)
}

fn ratio(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn rgb(color: Color) -> Rgb {
    match color {
        Color::Rgb(r, g, b) => (r, g, b),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_ratio_is_that_of_the_standard() {
    assert_eq!(ratio(BLACK, WHITE).round(), 21.0);
    assert!((ratio((0x77, 0x77, 0x77), WHITE) - 4.48).abs() < 0.01);
}

#[test]
fn every_colour_of_our_own_can_be_read_on_its_background() {
    let backgrounds = [
        (Theme::Dark(Depth::True), [BLACK, (0x2e, 0x34, 0x40)]),
        (Theme::Light(Depth::True), [WHITE, (0xfd, 0xf6, 0xe3)]),
    ];
    for (theme, grounds) in backgrounds {
        for role in ROLES {
            let Some(color) = theme.style(role).fg else { continue };
            for ground in grounds {
                assert!(
                    ratio(rgb(color), ground) >= 4.5,
                    "{theme:?} {role:?}: {}",
                    ratio(rgb(color), ground)
                );
            }
        }
    }
    for role in ROLES {
        let style = Theme::Contrast(Depth::True).style(role);
        let Some((text, ground)) = style.fg.zip(style.bg) else { continue };
        assert!(ratio(rgb(text), rgb(ground)) >= 7.0, "{role:?}: {}", ratio(rgb(text), rgb(ground)));
    }
}

#[test]
fn colours_from_the_cube_and_the_grays_stay_what_they_are() {
    for (rgb, index) in [
        (BLACK, 16),
        (WHITE, 231),
        ((0x5f, 0xd7, 0xff), 81),
        ((0xa8, 0xa8, 0xa8), 248),
        ((0x58, 0x58, 0x58), 240),
        ((0xaf, 0, 0), 124),
        ((0xfe, 0xd6, 2), 220),
    ] {
        assert_eq!(nearest(rgb), index, "{rgb:?}");
    }
}
