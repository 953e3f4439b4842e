//! Numbers as words, both ways.

const SMALL: [&str; 20] = [
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
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINALS: [&str; 12] = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
];

/// `zero` to `twelve`, digits beyond.
pub(super) fn spoken(number: usize) -> String {
    if number <= 12 { SMALL[number].to_owned() } else { number.to_string() }
}

/// `1` for `first` or `1st`.
pub(super) fn ordinal(key: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| key.strip_suffix(end)?.parse().ok());
    digits.or_else(|| ORDINALS.iter().position(|word| *word == key).map(|index| index as u32 + 1))
}

pub(super) fn ordinal_word(number: u32) -> Option<&'static str> {
    ORDINALS.get((number as usize).checked_sub(1)?).copied()
}

/// The number with which `keys` begin, and of how many words it is made: `21` or `twenty one`.
pub(super) fn cardinal(keys: &[&str]) -> Option<(u32, usize)> {
    let first = keys.first()?;
    let digits = first.strip_prefix('#').unwrap_or(first);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((digits.parse().ok()?, 1));
    }
    if let Some(number) = small(first) {
        return Some((number, 1));
    }
    let (tens, unit) = first.split_once('-').unwrap_or((first, ""));
    let tens = (TENS.iter().position(|word| *word == tens)? as u32 + 2) * 10;
    let unit_of = |word: &str| small(word).filter(|number| (1..10).contains(number));
    if !unit.is_empty() {
        return unit_of(unit).map(|unit| (tens + unit, 1));
    }
    let unit = keys.get(1).and_then(|word| unit_of(word));
    Some(unit.map_or((tens, 1), |unit| (tens + unit, 2)))
}

/// The number that all of `keys` are.
pub(super) fn whole(keys: &[&str]) -> Option<u32> {
    cardinal(keys).filter(|(_, used)| *used == keys.len()).map(|(number, _)| number)
}

fn small(word: &str) -> Option<u32> {
    SMALL.iter().position(|small| *small == word).map(|index| index as u32)
}

/// As [`cardinal`] where a number must follow: a recognizer also writes `to` or `for` there.
pub(super) fn expected(keys: &[&str]) -> Option<u32> {
    match keys {
        ["to" | "too"] => Some(2),
        ["for"] => Some(4),
        ["won"] => Some(1),
        _ => whole(keys),
    }
}
