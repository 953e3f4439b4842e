use super::*;

#[test]
fn colour_is_off_for_no_color_a_dumb_terminal_and_never() {
    use ColorChoice::{Always, Auto, Never};
    let table = [
        (Auto, None, Some("xterm-256color"), Theme::Ansi),
        (Auto, Some(""), Some("xterm"), Theme::Ansi),
        (Auto, Some("1"), Some("xterm"), Theme::Plain),
        (Auto, None, Some("dumb"), Theme::Plain),
        (Always, Some("1"), Some("dumb"), Theme::Ansi),
        (Never, None, None, Theme::Plain),
    ];
    for (choice, no_color, term, want) in table {
        assert_eq!(Theme::choose(choice, no_color, term), want, "{choice:?} {no_color:?} {term:?}");
    }
}

#[test]
fn the_plain_theme_styles_nothing() {
    for role in [Role::Text, Role::Dim, Role::Title, Role::You, Role::Good, Role::Warn, Role::Error] {
        assert_eq!(Theme::Plain.style(role), Style::new());
    }
}

#[test]
fn no_role_sets_a_background() {
    for role in [Role::Dim, Role::Title, Role::You, Role::Assistant, Role::Key, Role::Busy, Role::Error] {
        assert_eq!(Theme::Ansi.style(role).bg, None);
    }
}
