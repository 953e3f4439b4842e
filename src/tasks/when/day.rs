//! Days: `tomorrow`, `next friday`, `3rd of march`, `end of month`.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::super::numerals;
use super::amount::{Unit, unit};

/// The day at the beginning of `words`, and how many of them it takes.
pub(super) fn day(words: &[&str], today: Date) -> Option<(Date, usize)> {
    let rules = [named, weekday_of_date, weekday, period, edge_day, dated, of_named_month, numeric, of_month];
    rules.iter().find_map(|rule| rule(words, today))
}

fn named(words: &[&str], today: Date) -> Option<(Date, usize)> {
    let (days, used) = match words {
        ["today", ..] => (0, 1),
        ["tomorrow" | "tmrw" | "tomorow" | "tommorow" | "tommorrow", ..] => (1, 1),
        ["yesterday", ..] => (-1, 1),
        ["day", "after", "tomorrow", ..] => (2, 3),
        _ => return None,
    };
    Some((after(today, days)?, used))
}

fn weekday(words: &[&str], today: Date) -> Option<(Date, usize)> {
    let (word, name, mut used) = match words {
        [word @ ("this" | "next" | "coming"), name, ..] => (*word, *name, 2),
        [name, ..] => ("", *name, 1),
        [] => return None,
    };
    let weekday = weekday_named(name)?;
    let to_go = i64::from(today.weekday().until(weekday));
    let is_next = word == "next" || words.get(used..used + 2) == Some(&["next", "week"]);
    used += if is_next && word != "next" { 2 } else { 0 };
    let days = match to_go {
        _ if is_next => i64::from(weekday.to_monday_zero_offset()) + to_monday(today),
        0 if word == "this" => 0,
        0 => 7,
        days => days,
    };
    Some((after(today, days)?, used))
}

/// `friday the 4th of december`: only where that is a Friday.
fn weekday_of_date(words: &[&str], today: Date) -> Option<(Date, usize)> {
    let weekday = weekday_named(words.first()?)?;
    let start = 1 + usize::from(words.get(1) == Some(&"the"));
    let rules = [dated, numeric, of_month];
    let (date, used) = rules.iter().find_map(|rule| rule(&words[start..], today))?;
    (date.weekday() == weekday).then_some((date, start + used))
}

/// Days until the Monday after this week.
fn to_monday(today: Date) -> i64 {
    7 - i64::from(today.weekday().to_monday_zero_offset())
}

pub(super) fn is_weekday(name: &str) -> bool {
    weekday_named(name).is_some()
}

pub(super) fn is_month(name: &str) -> bool {
    month_named(name).is_some()
}

fn weekday_named(name: &str) -> Option<Weekday> {
    const DAYS: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let is_short = matches!(name, "tues" | "weds" | "thur" | "thurs") || name.len() == 3;
    let name = if is_short { &name[..name.floor_char_boundary(3)] } else { name };
    DAYS.iter().find(|(day, _)| *day == name || is_short && day.starts_with(name)).map(|&(_, day)| day)
}

/// `next week`, `this weekend`, `end of the month`, `eom`.
fn period(words: &[&str], today: Date) -> Option<(Date, usize)> {
    match words {
        ["eod", ..] => Some((today, 1)),
        ["eow", ..] => Some((end(Unit::Week, today)?, 1)),
        ["eom", ..] => Some((end(Unit::Month, today)?, 1)),
        ["eoy", ..] => Some((end(Unit::Year, today)?, 1)),
        ["weekend", ..] => Some((weekend(today)?, 1)),
        ["this", "weekend", ..] => Some((weekend(today)?, 2)),
        ["next", "weekend", ..] => Some((after(today, to_monday(today) + 5)?, 2)),
        ["next", name, ..] => Some((start_of_next(unit(name)?, today)?, 2)),
        ["this", "week", ..] => Some((end(Unit::Week, today)?, 2)),
        [edge @ ("end" | "beginning" | "start"), "of", rest @ ..] => {
            let (which, name, used) = match rest {
                ["the", "next", name, ..] => ("next", *name, 5),
                [which @ ("next" | "the" | "this"), name, ..] => (*which, *name, 4),
                [name, ..] => ("this", *name, 3),
                [] => return None,
            };
            let unit = unit(name)?;
            let is_next = which == "next";
            let date = match (*edge, is_next) {
                ("end", false) => end(unit, today)?,
                ("end", true) => end(unit, start_of_next(unit, today)?)?,
                (_, true) => start_of_next(unit, today)?,
                (_, false) => return None,
            };
            Some((date, used))
        }
        _ => None,
    }
}

/// `last day of the month`, `first day of next month`.
fn edge_day(words: &[&str], today: Date) -> Option<(Date, usize)> {
    let (edge, rest) = match words {
        ["last", "day", rest @ ..] => ("end", rest),
        ["first", "day", rest @ ..] => ("start", rest),
        _ => return None,
    };
    let words: Vec<_> = std::iter::once(edge).chain(rest.iter().copied()).collect();
    let (date, used) = period(&words, today)?;
    Some((date, used + 1))
}

/// `the 3rd of next month`, `the first of the month`: the next such day.
fn of_named_month(words: &[&str], today: Date) -> Option<(Date, usize)> {
    let (day, used) = numerals::ordinal(words)?;
    let day = i8::try_from(day).ok()?;
    match words[used..] {
        ["of", "next", "month", ..] => {
            let first = start_of_next(Unit::Month, today)?;
            Some((Date::new(first.year(), first.month(), day).ok()?, used + 3))
        }
        ["of", "this", "month", ..] => Some((Date::new(today.year(), today.month(), day).ok()?, used + 3)),
        ["of", "the" | "each", "month", ..] => Some((of_month(words, today)?.0, used + 3)),
        _ => None,
    }
}

fn weekend(today: Date) -> Option<Date> {
    let to_saturday = i64::from(today.weekday().until(Weekday::Saturday));
    if today.weekday() == Weekday::Sunday { Some(today) } else { after(today, to_saturday) }
}

fn start_of_next(unit: Unit, today: Date) -> Option<Date> {
    match unit {
        Unit::Week => after(today, to_monday(today)),
        Unit::Month => plus(today.first_of_month(), 1.month()),
        Unit::Year => plus(today.first_of_year(), 1.year()),
        Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => None,
    }
}

/// The last day of a period; of the week, the last working day that is left.
fn end(unit: Unit, today: Date) -> Option<Date> {
    match unit {
        Unit::Day => Some(today),
        Unit::Week => {
            let last =
                if today.weekday().to_monday_zero_offset() > 4 { Weekday::Sunday } else { Weekday::Friday };
            after(today, i64::from(today.weekday().until(last)))
        }
        Unit::Month => Some(today.last_of_month()),
        Unit::Year => Some(today.last_of_year()),
        Unit::Second | Unit::Minute | Unit::Hour => None,
    }
}

/// `march 3`, `3rd of march 2027`, `the twenty first of june`, `march`.
fn dated(words: &[&str], today: Date) -> Option<(Date, usize)> {
    if let Some(month) = words.first().and_then(|name| month_named(name)) {
        let start = 1 + usize::from(words.get(1) == Some(&"the"));
        let day = numerals::ordinal(&words[start..]).or_else(|| numerals::cardinal(&words[start..]));
        let Some((day, used)) = day.filter(|(day, _)| (1..=31).contains(day)) else {
            return dated_with_year(1, month, &words[1..], 1, today);
        };
        return dated_with_year(day, month, &words[start + used..], start + used, today);
    }
    let (day, mut used) = numerals::ordinal(words).or_else(|| numerals::cardinal(words))?;
    used += usize::from(words.get(used) == Some(&"of"));
    let month = month_named(words.get(used)?)?;
    dated_with_year(day, month, &words[used + 1..], used + 1, today)
}

fn dated_with_year(day: u32, month: i8, rest: &[&str], used: usize, today: Date) -> Option<(Date, usize)> {
    let day = i8::try_from(day).ok()?;
    let year = rest.first().filter(|word| word.len() == 4).and_then(|word| word.parse::<i16>().ok());
    match year {
        Some(year) => Some((Date::new(year, month, day).ok()?, used + 1)),
        None => Some((next_such(month, day, today)?, used)),
    }
}

/// The next one from today on; for 29 February that can be some years away.
fn next_such(month: i8, day: i8, today: Date) -> Option<Date> {
    let years = today.year()..=today.year().saturating_add(8);
    years.filter_map(|year| Date::new(year, month, day).ok()).find(|date| *date >= today)
}

fn month_named(name: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let is_short = name.len() == 3 || name == "sept";
    let position = MONTHS.iter().position(|month| *month == name || is_short && month.starts_with(name))?;
    i8::try_from(position + 1).ok()
}

/// `2026-12-04`, `4.12.2026`, `4.12`, and with slashes only where it can be read in one way.
fn numeric(words: &[&str], today: Date) -> Option<(Date, usize)> {
    let word = *words.first()?;
    if word.len() == 10 && word.contains('-') {
        return Some((word.parse().ok()?, 1));
    }
    let separator = word.chars().find(|c| matches!(c, '.' | '/'))?;
    let numbers: Option<Vec<i16>> = word.split(separator).map(|part| part.parse().ok()).collect();
    let numbers = numbers?;
    let (first, second) = (*numbers.first()?, *numbers.get(1)?);
    let (day, month) = match separator {
        '.' => (first, second),
        _ if first > 12 || first == second => (first, second),
        _ if second > 12 => (second, first),
        _ => return None,
    };
    let (day, month) = (i8::try_from(day).ok()?, i8::try_from(month).ok()?);
    match numbers[2..] {
        [] => Some((next_such(month, day, today)?, 1)),
        [year] if year >= 1000 => Some((Date::new(year, month, day).ok()?, 1)),
        _ => None,
    }
}

/// What a date such as `03/04/2027` may mean, where it may mean two days, in words.
pub(super) fn two_ways(word: &str) -> Option<(String, String)> {
    let numbers: Option<Vec<i16>> = word.split('/').map(|part| part.parse().ok()).collect();
    let numbers = numbers.filter(|numbers| matches!(numbers.len(), 2 | 3))?;
    let (first, second) = (i8::try_from(numbers[0]).ok()?, i8::try_from(numbers[1]).ok()?);
    let year = numbers.get(2).copied();
    if first == second || year.is_some_and(|year| year < 1000) {
        return None;
    }
    let words = |day, month| {
        // Any year with a 29 February will do where none was said.
        let date = Date::new(year.unwrap_or(2028), month, day).ok()?;
        Some(date.strftime(if year.is_some() { "%-d %B %Y" } else { "%-d %B" }).to_string())
    };
    Some((words(first, second)?, words(second, first)?))
}

/// `15th`: the next one.
fn of_month(words: &[&str], today: Date) -> Option<(Date, usize)> {
    let (day, used) = numerals::ordinal(words)?;
    let day = i8::try_from(day).ok()?;
    let months = (0..12).filter_map(|months| plus(today.first_of_month(), Span::new().months(months)));
    let mut dates = months.filter_map(|first| Date::new(first.year(), first.month(), day).ok());
    Some((dates.find(|date| *date >= today)?, used))
}

fn after(date: Date, days: i64) -> Option<Date> {
    plus(date, Span::new().try_days(days).ok()?)
}

fn plus(date: Date, span: Span) -> Option<Date> {
    date.checked_add(span).ok()
}
