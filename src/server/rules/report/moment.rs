//! Times as they are spoken: `tomorrow 17:00` is `tomorrow at 5 pm`, `Fri 4 Dec` is `Friday, December 4th`.

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Whatever is not understood stays as it is.
pub(super) fn spoken(words: &str) -> String {
    let parts: Vec<_> = words.split_whitespace().collect();
    let (day, clock) = match parts.as_slice() {
        [day @ .., last] if clock(last).is_some() => (day, clock(last)),
        day => (day, None),
    };
    let day = date(day).unwrap_or_else(|| day.join(" "));
    match clock {
        Some(clock) if day.is_empty() => format!("at {clock}"),
        Some(clock) => format!("{day} at {clock}"),
        None => day,
    }
}

/// A day as it was said: `next friday` is `next Friday`.
pub(super) fn named_day(words: &str) -> String {
    let name = |word: &str| {
        let mut names = DAYS.iter().chain(&MONTHS);
        names
            .find(|name| name.eq_ignore_ascii_case(word))
            .map_or_else(|| word.to_owned(), ToString::to_string)
    };
    words.split_whitespace().map(name).collect::<Vec<_>>().join(" ")
}

fn date(parts: &[&str]) -> Option<String> {
    let (weekday, day, month, year) = match parts {
        [weekday, day, month] => (weekday, day, month, None),
        [weekday, day, month, year] => (weekday, day, month, Some(year)),
        _ => return None,
    };
    let weekday = named(&DAYS, weekday)?;
    let month = named(&MONTHS, month)?;
    let day = ordinal(day.parse().ok()?);
    let year = year.map(|year| format!(" {year}")).unwrap_or_default();
    Some(format!("{weekday}, {month} {day}{year}"))
}

/// By the first three letters.
fn named(names: &[&'static str], short: &str) -> Option<&'static str> {
    names.iter().copied().find(|name| name.len() >= 3 && name[..3] == *short)
}

fn ordinal(day: u32) -> String {
    let end = match (day % 10, day % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{day}{end}")
}

/// `17:00` is `5 pm`, `09:30` is `9:30 am`.
fn clock(text: &str) -> Option<String> {
    let (hour, minute) = text.split_once(':')?;
    let is_number = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hour) || !is_number(minute) {
        return None;
    }
    let hour: u32 = hour.parse().ok().filter(|hour| *hour < 24)?;
    match (hour, minute) {
        (12, "00") => return Some("noon".to_owned()),
        (0, "00") => return Some("midnight".to_owned()),
        _ => {}
    }
    let half = if hour < 12 { "am" } else { "pm" };
    let hour = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
    Some(if minute == "00" { format!("{hour} {half}") } else { format!("{hour}:{minute} {half}") })
}
