use super::*;
use crate::text::Clean;
use crate::ui::view::{AnswerState, Entry, EntryKind};

const COLUMNS: u16 = 40;
/// Six of them show the conversation.
const ROWS: u16 = 10;

fn view(entries: usize) -> View {
    let mut view = View::default();
    (0..entries).for_each(|_| add(&mut view));
    view
}

/// An answer of one line, after a blank one.
fn add(view: &mut View) {
    let id = view.transcript.len().to_string();
    let text = Clean::new(&format!("answer {id}"));
    let kind = EntryKind::Assistant { text, state: AnswerState::Final };
    view.transcript.push(Entry { id, revision: 0, kind });
}

fn shown(view: &View) -> Vec<String> {
    let lines = transcript::visible(view, 39, 6);
    lines.iter().map(|line| line.to_string().trim().to_owned()).collect()
}

fn scrolled(view: &mut View, steps: &[ScrollStep]) -> Vec<String> {
    for step in steps {
        scroll(view, COLUMNS, ROWS, *step);
    }
    shown(view)
}

#[test]
fn the_newest_line_is_in_sight_until_one_scrolls_back() {
    let mut view = view(10);
    assert_eq!(shown(&view), ["", "ai  answer 7", "", "ai  answer 8", "", "ai  answer 9"]);
    add(&mut view);
    assert_eq!(shown(&view).last().unwrap(), "ai  answer 10");
}

#[test]
fn what_is_read_does_not_move_when_more_comes() {
    let mut view = view(10);
    let before = scrolled(&mut view, &[ScrollStep::PageUp]);
    assert_eq!(before.last().unwrap(), "↓ newer below");
    (0..20).for_each(|_| add(&mut view));
    assert_eq!(shown(&view), before);
}

#[test]
fn up_and_down_meet_again_and_the_end_is_followed() {
    let mut view = view(10);
    let one_up = scrolled(&mut view, &[ScrollStep::Up]);
    assert_eq!(one_up[..2], ["ai  answer 6", ""]);
    assert_eq!(scrolled(&mut view, &[ScrollStep::Up, ScrollStep::Down]), one_up);
    scrolled(&mut view, &[ScrollStep::PageUp, ScrollStep::PageDown, ScrollStep::PageDown]);
    assert_eq!(view.scroll, Scroll::Follow);
    scrolled(&mut view, &[ScrollStep::Top, ScrollStep::Bottom]);
    assert_eq!(view.scroll, Scroll::Follow);
}

#[test]
fn the_beginning_is_the_end_of_the_way_up() {
    let mut view = view(10);
    let top = scrolled(&mut view, &[ScrollStep::Top]);
    assert_eq!(top[0], "ai  answer 0");
    assert_eq!(scrolled(&mut view, &[ScrollStep::Up, ScrollStep::PageUp]), top);
}

#[test]
fn a_short_conversation_does_not_scroll() {
    let mut view = view(2);
    scrolled(&mut view, &[ScrollStep::PageUp, ScrollStep::Top]);
    assert_eq!(view.scroll, Scroll::Follow);
}

#[test]
fn an_entry_that_went_is_followed_by_the_end() {
    let mut view = view(10);
    view.scroll = Scroll::At { id: "gone".to_owned(), line: 0 };
    assert_eq!(shown(&view)[4], "ai  answer 9");
}

#[test]
fn the_help_scrolls_between_its_ends() {
    let mut view = View { help: Some(0), ..view(10) };
    scrolled(&mut view, &[ScrollStep::Up]);
    assert_eq!(view.help, Some(0));
    scrolled(&mut view, &[ScrollStep::Bottom, ScrollStep::Down]);
    let last = help::lines(&view, 40).len() - 6;
    assert_eq!(view.help, Some(last));
    scrolled(&mut view, &[ScrollStep::Up]);
    assert_eq!(view.help, Some(last - 1));
    assert_eq!(view.scroll, Scroll::Follow);
}
