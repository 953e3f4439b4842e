use proptest::prelude::*;

use super::*;

fn lines(text: &str, columns: usize) -> Vec<String> {
    wrap(&[(text.to_owned(), Style::new())], columns).iter().map(ToString::to_string).collect()
}

#[test]
fn words_move_to_the_next_line_and_long_ones_are_cut() {
    assert_eq!(lines("one two three", 7), ["one two", "three"]);
    assert_eq!(lines("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    assert_eq!(lines("ab cdefghij", 4), ["ab", "cdef", "ghij"]);
    assert_eq!(lines("", 4), [""]);
}

#[test]
fn breaks_and_indentation_of_the_text_are_kept() {
    assert_eq!(lines("a\n\n  b\n", 10), ["a", "", "  b"]);
    assert_eq!(lines("\tx", 10), ["    x"]);
}

#[test]
fn wide_text_breaks_between_characters_but_not_before_a_full_stop() {
    assert_eq!(lines("明日の朝に", 4), ["明日", "の朝", "に"]);
    assert_eq!(lines("明日の。", 6), ["明日", "の。"]);
}

#[test]
fn sequences_that_terminals_draw_differently_are_taken_apart() {
    assert_eq!(tame("❤\u{fe0f} 👨\u{200d}👩 👍🏽"), "❤ 👨👩 👍");
}

#[test]
fn cutting_leaves_an_ellipsis_within_the_width() {
    assert_eq!(fit("groceries", 9), "groceries");
    assert_eq!(fit("groceries", 5), "groc…");
    assert_eq!(fit("明日の朝", 4), "明…");
    assert_eq!(fit("a b", 1), "…");
    assert_eq!(fit("ab", 0), "");
}

proptest! {
    #[test]
    fn no_line_is_wider_than_asked(text in "[a-c \u{4e00}-\u{4e03}\u{300}👍\n\t]{0,80}", columns in 2_usize..20) {
        for line in lines(&text, columns) {
            prop_assert!(width(&line) <= columns, "{line:?}");
        }
    }

    #[test]
    fn nothing_but_space_is_lost(text in "\\PC{0,80}", columns in 2_usize..20) {
        let visible = |text: &str| -> String {
            tame(text).graphemes(true).filter(|g| grapheme_width(g) > 0).collect::<String>().replace(' ', "")
        };
        prop_assert_eq!(visible(&lines(&text, columns).concat()), visible(&text));
    }

    #[test]
    fn added_text_changes_the_last_line_at_most(text in "[a-c 明。\n]{0,60}", more in "[a-c 明。\n]{0,20}", columns in 2_usize..12) {
        let before = lines(&text, columns);
        let after = lines(&(text + &more), columns);
        prop_assert!(after.starts_with(&before[..before.len() - 1]));
    }

    #[test]
    fn cut_text_fits(text in "\\PC{0,40}", columns in 0_usize..20) {
        prop_assert!(width(&fit(&text, columns)) <= columns);
    }
}
