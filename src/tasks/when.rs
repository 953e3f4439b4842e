//! Words to times and back, as people say them: `tomorrow at 5 pm`, `in 20 minutes`, `end of month`.
//!
//! Pure: `now` brings the moment and the time zone. English only. What is not understood to the last word is an
//! error, never a guess.

mod amount;
mod clock;
mod day;
mod parser;
mod words;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned, civil};

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
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a time; say for example `tomorrow at 5 pm`, `friday`, `in 20 minutes` or `2026-12-04 09:00`"
)]
pub struct Unclear(pub String);

/// The time that `text` means when it is said at `now`. It may lie in the past only where the words say so.
///
/// `friday` on a Friday is a week later; `next friday` is the one in the next week, from Monday on. `at 5` is the
/// next five o'clock in waking hours. `may 3` is the next one; `end of week` is Friday.
pub fn parse(text: &str, now: &Zoned) -> Result<When, Unclear> {
    let unclear = || Unclear(text.chars().take(MAX_CHARS).collect());
    if text.len() > MAX_CHARS {
        return Err(unclear());
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
        return Some(When { time: instant.to_zoned(zone.clone()), has_clock: true });
    }
    let time = text.parse::<civil::DateTime>().ok()?.to_zoned(zone.clone()).ok()?;
    Some(When { time, has_clock: true })
}

/// That day, without a clock time.
fn on(date: civil::Date, zone: &TimeZone) -> Option<When> {
    let noon = date.at(12, 0, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(When { time: noon.start_of_day().ok()?, has_clock: false })
}

/// Whether a time means a whole day: it is the moment with which the day begins.
pub fn is_date_only(time: &Zoned) -> bool {
    time.time() == Time::midnight() || time.start_of_day().is_ok_and(|start| start == *time)
}

/// Words for a time, as `today 17:00`, `tomorrow` or `Fri 4 Dec 09:00`, with the year where it is another one.
pub fn describe(time: Timestamp, now: &Zoned) -> String {
    let time = time.to_zoned(now.time_zone().clone());
    let is_near = |days| now.date().checked_add(Span::new().days(days)).is_ok_and(|date| date == time.date());
    let day = match () {
        () if is_near(0) => "today".to_owned(),
        () if is_near(1) => "tomorrow".to_owned(),
        () if is_near(-1) => "yesterday".to_owned(),
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
