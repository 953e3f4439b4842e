use proptest::prelude::*;

use super::*;

const PAYLOADS: [(&str, &str); 12] = [
    ("a\u{1b}[31mred\u{1b}[0m", "ared"),
    ("a\u{1b}]0;title\u{7}b", "ab"),
    ("a\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\b", "alinkb"),
    ("a\u{1b}]52;c;aGk=\u{1b}\\b", "ab"),
    ("a\u{1b}P+q544e\u{1b}\\b", "ab"),
    ("a\u{9b}6nb", "ab"),
    ("a\u{1b}(Bb", "ab"),
    ("a\u{202e}txt.exe", "atxt.exe"),
    ("z\u{200b}e\u{ad}r\u{feff}o", "zero"),
    ("tag\u{e0041}\u{e007f}s", "tags"),
    ("bell\u{7}\r\u{8}\u{7f}\u{85}", "bell"),
    ("keep\n\tthis 👩\u{200d}💻 é 漢字", "keep\n\tthis 👩\u{200d}💻 é 漢字"),
];

#[test]
fn hostile_sequences_are_removed() {
    for (dirty, clean) in PAYLOADS {
        assert_eq!(Clean::new(dirty).as_str(), clean, "{dirty:?}");
    }
}

#[test]
fn a_sequence_split_at_any_place_is_still_removed() {
    for (dirty, clean) in PAYLOADS {
        for (cut, _) in dirty.char_indices() {
            let mut filter = Filter::default();
            let mut out = String::new();
            filter.push(&dirty[..cut], &mut out);
            filter.push(&dirty[cut..], &mut out);
            assert_eq!(out, clean, "{dirty:?} cut at {cut}");
        }
    }
}

#[test]
fn an_unfinished_string_ends_with_its_line() {
    assert_eq!(Clean::new("a\u{1b}]0;never closed\nnext").as_str(), "a\nnext");
}

#[test]
fn a_line_has_no_breaks() {
    assert_eq!(Clean::line("a\nb\tc").as_str(), "a b c");
}

proptest! {
    #[test]
    fn nothing_a_terminal_obeys_is_left(text: String) {
        let clean = Clean::new(&text).into_string();
        prop_assert!(clean.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
        prop_assert_eq!(Clean::new(&clean).into_string(), clean);
    }
}
