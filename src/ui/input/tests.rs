use proptest::prelude::*;

use super::*;

fn editor(text: &str) -> Editor {
    let mut editor = Editor::default();
    editor.paste(text);
    editor
}

fn after(text: &str, edits: &[Edit]) -> Editor {
    let mut editor = editor(text);
    for edit in edits {
        editor.apply(*edit);
    }
    editor
}

/// The text with `|` at the caret.
fn shown(editor: &Editor) -> String {
    let (left, right) = editor.text().split_at(editor.caret());
    format!("{left}|{right}")
}

#[test]
fn the_emacs_keys_move_and_cut() {
    use Edit::{
        Backspace, Delete, Down, End, KillToEnd, KillToStart, KillWord, Left, Newline, Right, Start, Up,
        WordLeft, WordRight, Yank,
    };
    let table: &[(&str, &[Edit], &str)] = &[
        ("buy milk", &[Start], "|buy milk"),
        ("buy milk", &[Start, End], "buy milk|"),
        ("buy milk", &[Left, Left, Right], "buy mil|k"),
        ("buy oat milk", &[WordLeft], "buy oat |milk"),
        ("buy oat milk", &[Start, WordRight], "buy| oat milk"),
        ("buy milk", &[Backspace], "buy mil|"),
        ("buy milk", &[Start, Delete], "|uy milk"),
        ("buy oat milk", &[KillWord], "buy oat |"),
        ("buy milk", &[WordLeft, KillToStart], "|milk"),
        ("buy milk", &[Start, KillToEnd], "|"),
        ("buy milk", &[WordLeft, KillToEnd, Start, Yank], "milk|buy "),
        ("one\ntwo", &[Up, KillToEnd], "one|two"),
        ("one\ntwo", &[Newline], "one\ntwo\n|"),
        ("one\nlonger", &[Up], "one|\nlonger"),
        ("longer\none", &[Up], "lon|ger\none"),
        ("longer\none", &[Up, Down], "longer\none|"),
        ("a\nbc", &[Start], "a\n|bc"),
        ("日本\nabc", &[Up], "日|本\nabc"),
    ];
    for (text, edits, want) in table {
        assert_eq!(shown(&after(text, edits)), *want, "{text:?} {edits:?}");
    }
}

#[test]
fn characters_of_several_code_points_move_and_go_as_one() {
    let family = "👨\u{200d}👩\u{200d}👧";
    assert_eq!(shown(&after(&format!("a{family}"), &[Edit::Left])), format!("a|{family}"));
    assert_eq!(shown(&after(&format!("a{family}"), &[Edit::Backspace])), "a|");
    assert_eq!(shown(&after("e\u{301}x", &[Edit::Start, Edit::Delete])), "|x");
}

#[test]
fn an_emoji_typed_in_pieces_stays_whole() {
    let pieces = ['👨', '\u{200d}', '👩'].map(Edit::Insert);
    assert_eq!(after("", &pieces).text(), "👨\u{200d}👩");
    let text = "hug 👨\u{200d}👩\u{200d}👧\u{200d}👦 now";
    let pieces: Vec<_> = text.chars().map(Edit::Insert).collect();
    assert_eq!(after("", &pieces).text(), text, "what is typed after it is not lost");
}

#[test]
fn a_paste_is_data() {
    assert_eq!(editor("one\r\ntwo\rthree").text(), "one\ntwo\nthree");
    assert_eq!(editor("a\u{1b}[31mb\u{7}\u{202e}c\u{9b}1md").text(), "abcd");
    let mut editor = editor("");
    editor.paste(&"0123456789".repeat(1024));
    assert_eq!(editor.text().len(), 10_240);
}

#[test]
fn a_message_goes_to_the_history_and_comes_back() {
    let mut editor = editor("  first ");
    assert_eq!(editor.take().as_deref(), Some("first"));
    assert!(editor.is_empty());
    assert_eq!(editor.take(), None);
    editor.paste("second");
    editor.take();
    editor.paste("draft");
    let mut seen = Vec::new();
    for edit in [Edit::Up, Edit::Up, Edit::Up, Edit::Down, Edit::Down, Edit::Down] {
        editor.apply(edit);
        seen.push(editor.text().to_owned());
    }
    assert_eq!(seen, ["second", "first", "first", "second", "draft", "draft"]);
}

#[test]
fn the_same_message_is_kept_once() {
    let mut editor = editor("again");
    editor.take();
    editor.paste("again");
    editor.take();
    editor.apply(Edit::Previous);
    editor.apply(Edit::Previous);
    editor.apply(Edit::Next);
    assert_eq!(editor.text(), "");
}

#[test]
fn rows_break_at_the_width_and_keep_the_caret_in_sight() {
    let layout = editor("abcdef").layout(4, 3);
    assert_eq!(layout, Layout { rows: vec!["abcd".into(), "ef".into()], column: 2, row: 1 });
    let full = editor("abcd").layout(4, 3);
    assert_eq!((full.rows.len(), full.column, full.row), (2, 0, 1));
    let wide = editor("日本語").layout(5, 3);
    assert_eq!(wide.rows, ["日本", "語"]);
    let tall = editor("1\n2\n3\n4").layout(10, 2);
    assert_eq!(tall, Layout { rows: vec!["3".into(), "4".into()], column: 1, row: 1 });
}

fn any_edit() -> impl Strategy<Value = Edit> {
    use Edit::{
        Backspace, Delete, Down, End, KillToEnd, KillToStart, KillWord, Left, Newline, Next, Previous, Right,
        Start, Up, WordLeft, WordRight, Yank,
    };
    prop_oneof![
        prop::char::any().prop_map(Edit::Insert),
        prop::sample::select(vec!['a', ' ', '\u{301}', '\u{200d}', '👩', '🇩', '日', '\u{1b}'])
            .prop_map(Edit::Insert),
        prop::sample::select(vec![
            Newline,
            Left,
            Right,
            WordLeft,
            WordRight,
            Start,
            End,
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
        ]),
    ]
}

fn is_boundary(editor: &Editor) -> bool {
    let mut boundaries = editor.text().grapheme_indices(true).map(|(at, _)| at);
    editor.caret() == editor.text().len() || boundaries.any(|at| at == editor.caret())
}

proptest! {
    #[test]
    fn no_edit_breaks_the_line(edits in prop::collection::vec(any_edit(), 0..60), columns in 0_usize..30, height in 0_usize..5) {
        let mut editor = Editor::default();
        for edit in edits {
            editor.apply(edit);
            prop_assert!(is_boundary(&editor), "{editor:?} after {edit:?}");
            prop_assert!(!editor.text().chars().any(|c| c.is_control() && !"\n\t".contains(c)));
        }
        let layout = editor.layout(columns, height);
        prop_assert!(layout.row < layout.rows.len() && layout.rows.len() <= height.max(1));
        prop_assert!(layout.column < columns.max(2));
        prop_assert!(layout.rows.iter().all(|row| wrap::width(row) <= columns.max(4)));
    }

    #[test]
    fn left_undoes_right(text in "\\PC{0,20}") {
        let mut editor = editor(&text);
        editor.apply(Edit::Start);
        while editor.caret() < editor.text().len() {
            let before = editor.caret();
            editor.apply(Edit::Right);
            prop_assert!(editor.caret() > before);
            let mut back = editor.clone();
            back.apply(Edit::Left);
            prop_assert_eq!(back.caret(), before);
        }
    }
}

// ---- commands ----

fn typed(text: &str) -> Editor {
    let mut editor = Editor::default();
    text.chars().for_each(|c| editor.apply(Edit::Insert(c)));
    editor
}

#[test]
fn only_a_slash_that_was_typed_at_the_beginning_makes_a_command() {
    assert!(typed("/mute").is_command());
    assert!(!typed(" /mute").is_command());
    assert!(!editor("/mute").is_command(), "pasted");
    let mut mixed = typed("/export ");
    mixed.paste("notes.md");
    assert!(mixed.is_command());
    mixed.apply(Edit::Start);
    mixed.paste("/");
    assert!(!mixed.is_command(), "pasted before it");
    let mut gone = typed("/");
    gone.apply(Edit::Backspace);
    gone.paste("/quit");
    assert!(!gone.is_command(), "the typed one is gone");
}

#[test]
fn a_command_stays_one_when_it_is_cut_put_back_and_recalled() {
    let mut editor = typed("/mute");
    editor.apply(Edit::KillToStart);
    assert!(!editor.is_command());
    editor.apply(Edit::Yank);
    assert!(editor.is_command());
    editor.take();
    assert!(!editor.is_command());
    editor.paste("/quit");
    editor.take();
    editor.apply(Edit::Previous);
    assert_eq!((editor.text(), editor.is_command()), ("/quit", false));
    editor.apply(Edit::Previous);
    assert_eq!((editor.text(), editor.is_command()), ("/mute", true));
}

proptest! {
    #[test]
    fn a_command_begins_with_a_slash(keys in prop::collection::vec(0_usize..9, 0..30)) {
        let mut editor = Editor::default();
        for key in keys {
            match key {
                0 => editor.apply(Edit::Insert('/')),
                1 => editor.apply(Edit::Insert('a')),
                2 => editor.paste("/b"),
                3 => editor.apply(Edit::Start),
                4 => editor.apply(Edit::Backspace),
                5 => editor.apply(Edit::KillToStart),
                6 => editor.apply(Edit::Yank),
                7 => editor.apply(Edit::Delete),
                _ => drop(editor.take()),
            }
            prop_assert!(!editor.is_command() || editor.text().starts_with('/'));
        }
    }
}
