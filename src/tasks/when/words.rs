//! What was said, cut into lower case words for the parser.

/// Cuts numbers from the letters behind them (`5pm`), except in ordinals (`3rd`).
pub(super) fn split(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['\u{2019}', '\''], "").replace("a.m", "am").replace("p.m", "pm");
    let mut words = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || c == ',' || c == ';') {
        let word = word.trim_end_matches(['.', '!', '?']);
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        if is_number {
            push_number(word, &mut words);
        } else {
            words.extend(word.split('-').filter(|part| !part.is_empty()).map(str::to_owned));
        }
    }
    words
}

fn push_number(word: &str, words: &mut Vec<String>) {
    let end = word.find(|c: char| c.is_alphabetic()).unwrap_or(word.len());
    let (number, letters) = word.split_at(end);
    if matches!(letters, "" | "st" | "nd" | "rd" | "th") {
        words.push(word.to_owned());
    } else {
        words.extend([number.to_owned(), letters.to_owned()]);
    }
}
