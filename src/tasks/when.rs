//! Words to times and back, as people say them: `tomorrow at 5 pm`, `in 20 minutes`, `end of month`.
//!
//! Pure: `now` brings the moment and the time zone. English only. What is not understood to the last word is an
//! error, never a guess.

mod amount;
mod clock;
mod day;
mod parser;
pub mod repeat;
mod words;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned, civil};

/// Longer texts are no times.
const MAX_CHARS: usize = 80;
/// As in calendars: what is due later than that is a mistake.
const LAST_YEAR: i16 = 2199;
const FIRST_YEAR: i16 = 1970;

/// A time that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// Without a clock time: the beginning of that day.
    pub time: Zoned,
    pub has_clock: bool,
    /// The words left open whether it is before or after noon: the likelier one was taken.
    pub is_assumed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    #[error(
        "`{0}` is not a time; say for example `tomorrow at 5 pm`, `friday`, `in 20 minutes` or `2026-12-04 09:00`"
    )]
    Unknown(String),
    #[error("`{0}` may be {1} or {2}; say which, with the name of the month")]
    TwoWays(String, String, String),
    #[error(
        "`{0}` is no repetition known here; say for example `every day`, `every weekday`, `every 2 weeks` or \
         `every monday at 9`, and make a task of its own for each day of the week"
    )]
    Repeat(String),
}

/// The time that `text` means when it is said at `now`. It may lie in the past only where the words say so.
///
/// `friday` on a Friday is a week later; `next friday` is the one in the next week, from Monday on. `at 5` is the
/// next five o'clock in waking hours. `may 3` is the next one; `end of week` is Friday.
pub fn parse(text: &str, now: &Zoned) -> Result<When, Unclear> {
    let unclear = || Unclear::Unknown(text.chars().take(MAX_CHARS).collect());
    if text.len() > MAX_CHARS {
        return Err(unclear());
    }
    if let Some((one, other)) = words::split(text).iter().find_map(|word| day::two_ways(word)) {
        return Err(Unclear::TwoWays(text.to_owned(), one, other));
    }
    let when = iso(text.trim(), now.time_zone()).or_else(|| parser::parse(&words::split(text), now));
    when.filter(|when| (FIRST_YEAR..=LAST_YEAR).contains(&when.time.year())).ok_or_else(unclear)
}

/// Dates and date-times as computers write them; without an offset, in `zone`.
fn iso(text: &str, zone: &TimeZone) -> Option<When> {
    let is_like_it = text.len() >= 10 && text.is_ascii() && text.starts_with(|c: char| c.is_ascii_digit());
    if !is_like_it {
        return None;
    }
    if text.len() == 10 {
        return on(text.parse().ok()?, zone);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(When { time: instant.to_zoned(zone.clone()), has_clock: true, is_assumed: false });
    }
    let time = text.parse::<civil::DateTime>().ok()?.to_zoned(zone.clone()).ok()?;
    Some(When { time, has_clock: true, is_assumed: false })
}

/// That day, without a clock time.
fn on(date: civil::Date, zone: &TimeZone) -> Option<When> {
    let noon = date.at(12, 0, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(When { time: noon.start_of_day().ok()?, has_clock: false, is_assumed: false })
}

/// A time told by its distance from `due`, as `10 minutes before`, `an hour before it is due`, `the day before`.
pub fn parse_before(text: &str, due: &Zoned) -> Option<Zoned> {
    if text.len() > MAX_CHARS {
        return None;
    }
    let words = words::split(text);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let end = words.iter().rposition(|word| *word == "before")?;
    let is_rest_known =
        words[end + 1..].iter().all(|w| matches!(*w, "it" | "is" | "its" | "due" | "the" | "that" | "then"));
    if !is_rest_known {
        return None;
    }
    let (amount, used) = match &words[..end] {
        ["the", unit] => amount::amount(&["a", unit])?,
        ["at" | "remind" | "me", rest @ ..] => {
            amount::amount(rest).map(|(amount, used)| (amount, used + 1))?
        }
        rest => amount::amount(rest)?,
    };
    let is_whole = used == end;
    due.checked_sub(amount.span).ok().filter(|_| is_whole)
}

/// Whether a time means a whole day: it is the moment with which the day begins.
pub fn is_date_only(time: &Zoned) -> bool {
    time.time() == Time::midnight() || time.start_of_day().is_ok_and(|start| start == *time)
}

/// Words for a time, as `today 17:00`, `tomorrow` or `Fri 4 Dec 09:00`, with the year where it is another one.
pub fn describe(time: Timestamp, now: &Zoned) -> String {
    let time = time.to_zoned(now.time_zone().clone());
    let (date, today) = (time.date(), now.date());
    let day = match () {
        () if date == today => "today".to_owned(),
        () if today.tomorrow().is_ok_and(|tomorrow| date == tomorrow) => "tomorrow".to_owned(),
        () if today.yesterday().is_ok_and(|yesterday| date == yesterday) => "yesterday".to_owned(),
        () if time.year() == now.year() => time.strftime("%a %-d %b").to_string(),
        () => time.strftime("%a %-d %b %Y").to_string(),
    };
    if is_date_only(&time) { day } else { format!("{day} {}", time.strftime("%H:%M")) }
}

/// The same for programs: `2026-12-04T09:00:00+01:00`, or `2026-12-04` for a whole day.
pub fn format(time: Timestamp, zone: &TimeZone) -> String {
    let time = time.to_zoned(zone.clone());
    let format = if is_date_only(&time) { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%S%:z" };
    time.strftime(format).to_string()
}

#[cfg(test)]
mod tests;
