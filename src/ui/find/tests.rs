use super::*;
use crate::text::Clean;
use crate::ui::input::Edit;
use crate::ui::scroll::ScrollStep;
use crate::ui::view::{AnswerState, Entry, EntryKind};

const COLUMNS: u16 = 60;
const ROWS: u16 = 12;

fn answer(id: usize, text: &str) -> Entry {
    let kind = EntryKind::Assistant { text: Clean::new(text), state: AnswerState::Final };
    Entry { id: id.to_string(), revision: id as u64 + 1, kind }
}

fn view(texts: &[&str]) -> View {
    let transcript = texts.iter().enumerate().map(|(id, text)| answer(id, text)).collect();
    View { transcript, ..View::default() }
}

fn press(view: &mut View, find: FindStep) {
    step(view, COLUMNS, ROWS, find);
}

fn search(view: &mut View, text: &str) {
    press(view, FindStep::Toggle);
    for c in text.chars() {
        view.editor_mut().apply(Edit::Insert(c));
        typed(view, COLUMNS, ROWS);
    }
}

fn count(view: &View) -> String {
    view.search.as_ref().map_or_else(String::new, Search::count)
}

fn shown(view: &View) -> Vec<String> {
    let lines = transcript::visible(view, 59, 8);
    lines.iter().map(|line| line.to_string().trim().to_owned()).collect()
}

/// What stands in reverse video.
fn highlights(view: &View) -> Vec<String> {
    let lines = transcript::visible(view, 59, 8);
    let spans = lines.iter().flat_map(|line| &line.spans);
    spans.filter(|s| s.style.add_modifier.contains(MATCH)).map(|s| s.content.to_string()).collect()
}

#[test]
fn upper_and_lower_case_are_found_alike_and_counted() {
    let mut view = view(&["Buy MILK, and more milk", "nothing", "Milch ist milk"]);
    search(&mut view, "milk");
    assert_eq!(count(&view), "match 1 of 3");
    assert_eq!(highlights(&view), ["MILK", "milk", "milk"]);
    press(&mut view, FindStep::Next);
    assert_eq!(count(&view), "match 2 of 3");
    (0..2).for_each(|_| press(&mut view, FindStep::Previous));
    assert_eq!(count(&view), "match 3 of 3", "before the first is the last");
    search_more(&mut view, "x");
    assert_eq!((count(&view).as_str(), highlights(&view).len()), ("no match", 0));
}

fn search_more(view: &mut View, text: &str) {
    view.editor_mut().paste(text);
    typed(view, COLUMNS, ROWS);
}

#[test]
fn the_match_that_is_looked_at_has_a_mark_in_every_theme() {
    for theme in [Theme::Ansi, Theme::Plain] {
        let mut view = View { theme, ..view(&["one", "two", "one"]) };
        search(&mut view, "one");
        press(&mut view, FindStep::Next);
        let marked: Vec<_> = shown(&view).into_iter().filter(|line| line.contains(MARK)).collect();
        assert_eq!(marked, ["ai› one"]);
        assert_eq!(highlights(&view).is_empty(), theme == Theme::Plain);
    }
}

#[test]
fn the_way_back_leads_to_where_the_search_began() {
    let texts: Vec<String> = (0..50).map(|n| format!("answer number {n}")).collect();
    let mut view = view(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    scroll::scroll(&mut view, COLUMNS, ROWS, ScrollStep::PageUp);
    let before = (view.scroll.clone(), shown(&view));
    search(&mut view, "number 7");
    assert!(shown(&view).contains(&"ai› answer number 7".to_owned()), "{:?}", shown(&view));
    press(&mut view, FindStep::Back);
    assert_eq!((view.scroll.clone(), shown(&view)), before);
    assert!(view.search.is_none());
    search(&mut view, "number 7");
    press(&mut view, FindStep::Toggle);
    assert!(shown(&view).contains(&"ai  answer number 7".to_owned()), "it stays there");
}

#[test]
fn a_match_that_is_in_sight_moves_nothing() {
    let mut view = view(&["one", "two", "three"]);
    let before = shown(&view).len();
    search(&mut view, "t");
    assert_eq!((view.scroll.clone(), shown(&view).len()), (Scroll::Follow, before));
}

#[test]
fn what_is_said_meanwhile_is_found_and_moves_nothing() {
    let mut view = view(&["one apple", "two", "one pear"]);
    search(&mut view, "one");
    press(&mut view, FindStep::Next);
    view.transcript.insert(0, answer(7, "one before"));
    view.transcript.push(answer(8, "one after"));
    assert!(!refresh(&mut view), "the same is searched for");
    assert_eq!(count(&view), "match 3 of 4");
    view.transcript[4].revision = 99;
    view.transcript[4].kind = answer(8, "left").kind;
    refresh(&mut view);
    assert_eq!(count(&view), "match 3 of 3");
}

#[test]
fn letters_that_change_their_length_are_highlighted_where_they_stand() {
    let mut view = view(&["ȺȺ İstanbul Straße 日本語 cafe\u{301}s"]);
    search(&mut view, "stra");
    assert_eq!(highlights(&view), ["Stra"]);
    press(&mut view, FindStep::Back);
    search(&mut view, "cafe");
    assert_eq!(highlights(&view), ["cafe\u{301}"]);
    press(&mut view, FindStep::Back);
    search(&mut view, "本");
    assert_eq!(highlights(&view), ["本"]);
}

#[test]
fn a_match_is_marked_where_it_is_wrapped_to() {
    let long = format!("{} needle at the end", "word ".repeat(60));
    let mut view = view(&[&long]);
    search(&mut view, "needle");
    let marked: Vec<_> = shown(&view).into_iter().filter(|line| line.contains(MARK)).collect();
    assert_eq!(marked.len(), 1);
    assert!(marked[0].contains("needle"), "{marked:?}");
}
