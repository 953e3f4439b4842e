//! Numbers in words: `three`, `third`, `twenty one`, `3rd`.

const CARDINALS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const ORDINALS: [&str; 21] = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];
const TENS: [(&str, &str, u32); 8] = [
    ("twenty", "twentieth", 20),
    ("thirty", "thirtieth", 30),
    ("forty", "fortieth", 40),
    ("fifty", "fiftieth", 50),
    ("sixty", "sixtieth", 60),
    ("seventy", "seventieth", 70),
    ("eighty", "eightieth", 80),
    ("ninety", "ninetieth", 90),
];

/// The number at the beginning of `words`, in digits or words up to 99, and how many words it takes.
pub(super) fn cardinal(words: &[&str]) -> Option<(u32, usize)> {
    let first = *words.first()?;
    if first.bytes().all(|b| b.is_ascii_digit()) {
        return Some((first.parse().ok()?, 1));
    }
    if let Some((ten, one)) = first.split_once('-') {
        return Some((tens(ten)? + below_ten(&CARDINALS, one)?, 1));
    }
    if let Some(ten) = tens(first) {
        let one = words.get(1).and_then(|word| below_ten(&CARDINALS, word));
        return Some(one.map_or((ten, 1), |one| (ten + one, 2)));
    }
    position(&CARDINALS, first).map(|number| (number, 1))
}

/// As [`cardinal`], for `third`, `3rd` and `twenty first`.
pub(super) fn ordinal(words: &[&str]) -> Option<(u32, usize)> {
    let first = *words.first()?;
    if first.starts_with(|c: char| c.is_ascii_digit()) {
        let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| first.strip_suffix(end))?;
        return Some((digits.parse().ok()?, 1));
    }
    if let Some((ten, one)) = first.split_once('-') {
        return Some((tens(ten)? + below_ten(&ORDINALS, one)?, 1));
    }
    if let Some(ten) = tens(first) {
        return Some((ten + below_ten(&ORDINALS, words.get(1)?)?, 2));
    }
    let round = TENS.iter().find(|(_, ordinal, _)| *ordinal == first).map(|&(.., ten)| ten);
    round.or_else(|| position(&ORDINALS, first)).map(|number| (number, 1))
}

fn tens(word: &str) -> Option<u32> {
    TENS.iter().find(|(cardinal, ..)| *cardinal == word).map(|&(.., ten)| ten)
}

fn below_ten(names: &[&str], word: &str) -> Option<u32> {
    position(names, word).filter(|number| (1..10).contains(number))
}

fn position(names: &[&str], word: &str) -> Option<u32> {
    let position = names.iter().position(|name| *name == word)?;
    u32::try_from(position).ok()
}
