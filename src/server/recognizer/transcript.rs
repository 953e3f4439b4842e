//! What Whisper and its relatives write, as words of a person. Pure.

/// Without the notes that stand for sound without words, such as `[BLANK_AUDIO]` or `(music)`.
pub(super) fn spoken(text: &str) -> String {
    let mut words = String::new();
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            '♪' | '♫' => {}
            _ if depth == 0 => words.push(c),
            _ => {}
        }
    }
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    // Of silence, some make marks.
    if words.chars().any(char::is_alphanumeric) { words } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn notes_about_sound_are_not_words() {
        for (written, words) in [
            (" Buy  milk.\n", "Buy milk."),
            ("[BLANK_AUDIO]", ""),
            ("(soft music) Call mom [noise]", "Call mom"),
            (" . . .", ""),
            ("♪ ♪", ""),
            ("Buy milk (unfinished", "Buy milk"),
        ] {
            assert_eq!(spoken(written), words, "{written}");
        }
    }
}
