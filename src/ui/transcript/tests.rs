use super::*;

const THEME: Theme = Theme::Ansi;

fn cut(text: &str, at_chars: usize) -> Vec<String> {
    interrupted(&Clean::new(text), at_chars, THEME).into_iter().map(|(text, _)| text).collect()
}

#[test]
fn an_interrupted_answer_is_cut_where_it_was_heard() {
    assert_eq!(cut("one two three", 7), ["one two", " —\u{a0}interrupted", ", not heard: three"]);
    assert_eq!(cut("one two", 0), ["", "—\u{a0}interrupted", ", not heard: one two"]);
    assert_eq!(cut("one two", 99), ["one two", " —\u{a0}interrupted"]);
    assert_eq!(cut("日本語", 2), ["日本", " —\u{a0}interrupted", ", not heard: 語"]);
}

#[test]
fn what_was_not_heard_is_dim() {
    let pieces = interrupted(&Clean::new("one two"), 3, THEME);
    assert_eq!(pieces[0].1, THEME.style(Role::Text));
    assert_eq!(pieces[2].1, THEME.style(Role::Dim));
}

#[test]
fn the_partial_mark_never_adds_a_line() {
    for used in 0..=6 {
        let mut lines = wrap::wrap(&[("x".repeat(used), Style::new())], 6);
        mark_partial(&mut lines, 6, THEME);
        assert_eq!(lines.len(), 1);
        assert!(wrap::width(&lines[0].to_string()) <= 6);
        assert_eq!(lines[0].to_string().ends_with('…'), used <= 4);
    }
}

#[test]
fn growing_text_leaves_earlier_lines_alone() {
    let text = "An answer that grows word by word until it takes up several lines of the screen.";
    let lines = |end: usize| -> Vec<String> {
        let kind = EntryKind::Assistant { text: Clean::new(&text[..end]), state: AnswerState::Partial };
        let view =
            View { transcript: vec![Entry { id: "a".to_owned(), revision: 0, kind }], ..View::default() };
        entry_lines(&view, 0, 30).iter().map(ToString::to_string).collect()
    };
    for end in 1..text.len() {
        let (before, after) = (lines(end), lines(end + 1));
        assert!(after.starts_with(&before[..before.len() - 1]), "{before:?} {after:?}");
    }
}
