//! Searching, notes, and what is for eyes that need it otherwise.

use super::*;
use crate::ui::find::FindStep;
use crate::ui::theme::{Depth, Role};

fn searched(text: &str, columns: u16, rows: u16) -> View {
    let mut view = View { server_hears: false, turn: Turn::Listening, ..sample() };
    find::step(&mut view, columns, rows, FindStep::Toggle);
    view.editor_mut().paste(text);
    find::typed(&mut view, columns, rows);
    view
}

#[test]
fn a_search_has_a_line_of_its_own_and_a_count() {
    insta::assert_snapshot!("search_80x24", screen(&searched("re", 80, 24), 80, 24));
    insta::assert_snapshot!("search_40x12", screen(&searched("groceries", 40, 12), 40, 12));
    insta::assert_snapshot!("search_without_match", screen(&searched("xyz", 60, 12), 60, 12));
}

#[test]
fn the_caret_of_a_search_stands_behind_what_was_typed() {
    let (_, cursor) = buffer(&searched("re", 80, 24), 80, 24);
    assert_eq!(cursor, Some(Position::new(9, 22)));
}

#[test]
fn a_note_takes_the_place_of_the_keys() {
    let view = View { note: clean("copied 120 characters"), ..sample() };
    let shown = screen(&view, 60, 12);
    assert_eq!(
        shown.lines().last().map(|line| line.trim_matches(['▏', '▕', ' '])),
        Some("copied 120 characters")
    );
}

#[test]
fn the_microphone_says_in_a_word_what_it_is() {
    let line = |ears, mic, muted| {
        let view = View { ears, mic, muted, turn: Turn::Listening, server_hears: false, ..sample() };
        screen(&view, 80, 12).lines().nth(9).unwrap().to_owned()
    };
    let (quiet, loud) = (Level::from_linear(0.01, 0.02), Level::from_linear(0.9, 1.0));
    let all = [
        line(Ears::Open, quiet, false),
        line(Ears::Voice, quiet, false),
        line(Ears::Open, loud, false),
        line(Ears::Shut, quiet, false),
        line(Ears::Silent, quiet, false),
        line(Ears::Missing, quiet, false),
        line(Ears::Open, quiet, true),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn the_state_line_tells_of_a_connection_that_is_waited_for() {
    let line = |connection| {
        let view = View { connection, turn: Turn::Idle, server_hears: false, ..sample() };
        screen(&view, 60, 12).lines().nth(9).unwrap().to_owned()
    };
    assert!(line(Connection::Reconnecting { in_s: 3 }).contains("◌ reconnecting in 3 s"));
    assert!(line(Connection::Online).contains("○ idle"));
}

#[test]
fn with_reduced_motion_levels_are_numbers() {
    let view = View { reduced_motion: true, speaker: Level::from_linear(0.1, 0.3), ..sample() };
    let line = screen(&view, 80, 12).lines().nth(9).unwrap().to_owned();
    assert!(line.contains("mic 8/10") && line.contains("spk 6/10"), "{line}");
}

/// Only words and symbols tell the states apart; a colour may be the same.
#[test]
fn every_theme_draws_the_same_characters() {
    let with = |theme| screen(&View { theme, ..sample() }, 80, 24);
    let plain = with(Theme::Plain);
    for theme in
        [Theme::Ansi, Theme::Dark(Depth::True), Theme::Light(Depth::Indexed), Theme::Contrast(Depth::True)]
    {
        assert_eq!(with(theme), plain, "{theme:?}");
    }
}

#[test]
fn no_theme_paints_the_background_of_the_screen() {
    for theme in [Theme::Dark(Depth::True), Theme::Light(Depth::True), Theme::Contrast(Depth::True)] {
        let (buffer, _) = buffer(&View { theme, ..sample() }, 80, 24);
        let painted = buffer.content().iter().filter(|cell| cell.bg != ratatui::style::Color::Reset).count();
        assert!(painted * 20 < buffer.content().len(), "{theme:?}: {painted} cells");
        assert!(theme.style(Role::Text).bg.is_none());
    }
}

#[test]
fn a_reminder_has_rows_of_its_own() {
    let ringing = |title: &str, more| View {
        reminder: Some(crate::ui::view::Reminder { title: clean(title), more }),
        ..sample()
    };
    let long = "Call the dentist about the appointment in May, and ask for the bill of last year";
    insta::assert_snapshot!("reminder_80x24", screen(&ringing("Buy groceries", 0), 80, 24));
    insta::assert_snapshot!("reminder_40x12", screen(&ringing(long, 2), 40, 12));
}
