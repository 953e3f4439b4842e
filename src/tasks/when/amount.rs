//! Amounts of time: `20 minutes`, `an hour and a half`, `a couple of days`.

use jiff::Span;

use super::super::numerals;

#[derive(Debug, Clone, Copy)]
pub(super) struct Amount {
    pub(super) span: Span,
    /// Counted in hours or less, so that a moment is meant and not a day.
    pub(super) is_exact: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// The amount at the beginning of `words`, and how many of them it takes.
pub(super) fn amount(words: &[&str]) -> Option<(Amount, usize)> {
    let (mut amount, mut used) = one(words)?;
    while words.get(used) == Some(&"and") {
        let Some((more, more_used)) = one(&words[used + 1..]) else { break };
        amount = add(amount, more)?;
        used += 1 + more_used;
    }
    Some((amount, used))
}

fn add(a: Amount, b: Amount) -> Option<Amount> {
    let days = |amount: Amount| (amount.span.get_years(), amount.span.get_months(), amount.span.get_weeks());
    let span = Span::new()
        .try_years(days(a).0.checked_add(days(b).0)?)
        .and_then(|span| span.try_months(days(a).1 + days(b).1))
        .and_then(|span| span.try_weeks(days(a).2 + days(b).2))
        .and_then(|span| span.try_days(a.span.get_days() + b.span.get_days()))
        .and_then(|span| span.try_seconds(a.span.get_seconds() + b.span.get_seconds()));
    Some(Amount { span: span.ok()?, is_exact: a.is_exact || b.is_exact })
}

fn one(words: &[&str]) -> Option<(Amount, usize)> {
    if let ["half", "an" | "a", unit, ..] = words {
        return Some((halves(1, self::unit(unit)?)?, 3));
    }
    if let ["half", unit, ..] = words {
        return Some((halves(1, self::unit(unit)?)?, 2));
    }
    if let ["a" | "one", "fortnight", ..] = words {
        return Some((of(2, Unit::Week)?, 2));
    }
    if let ["quarter", "of", "an", "hour", ..] = words {
        return Some((of(15, Unit::Minute)?, 4));
    }
    if let ["a", rest @ ..] = words
        && let ["quarter" | "half", ..] = rest
    {
        return one(rest).map(|(amount, used)| (amount, used + 1));
    }
    let (count, mut used) = count(words)?;
    if let Some(["and", "a", "half", unit]) = words.get(used..used + 4) {
        return Some((halves(2 * count.whole()? + 1, self::unit(unit)?)?, used + 4));
    }
    if words.get(used) == Some(&"of") {
        used += 1;
    }
    let unit = self::unit(words.get(used)?)?;
    used += 1;
    if let Some(["and", "a", "half"]) = words.get(used..used + 3) {
        return Some((halves(2 * count.whole()? + 1, unit)?, used + 3));
    }
    match count {
        Count::Whole(count) => Some((of(count, unit)?, used)),
        Count::Tenths(tenths) => {
            let seconds = i64::from(tenths) * seconds(unit)? / 10;
            Some((of(u32::try_from(seconds).ok()?, Unit::Second)?, used))
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Count {
    Whole(u32),
    Tenths(u32),
}

impl Count {
    fn whole(self) -> Option<u32> {
        match self {
            Self::Whole(count) => (count < 1_000_000).then_some(count),
            Self::Tenths(_) => None,
        }
    }
}

fn count(words: &[&str]) -> Option<(Count, usize)> {
    match words {
        ["a", "couple", "of", ..] => Some((Count::Whole(2), 3)),
        ["a", "couple", ..] => Some((Count::Whole(2), 2)),
        ["couple", "of", ..] => Some((Count::Whole(2), 2)),
        ["a", "few", ..] => Some((Count::Whole(3), 2)),
        ["a" | "an", ..] => Some((Count::Whole(1), 1)),
        [number, ..] if number.contains('.') => {
            let (whole, tenth) = number.split_once('.')?;
            let tenth: u32 = (tenth.len() == 1).then(|| tenth.parse().ok())??;
            let tenths = whole.parse::<u32>().ok()?.checked_mul(10)?.checked_add(tenth)?;
            Some((Count::Tenths(tenths), 1))
        }
        _ => numerals::cardinal(words).map(|(count, used)| (Count::Whole(count), used)),
    }
}

/// Half units; a half month or year is not a time.
fn halves(count: u32, unit: Unit) -> Option<Amount> {
    let seconds = i64::from(count) * seconds(unit)? / 2;
    of(u32::try_from(seconds).ok()?, Unit::Second)
}

fn seconds(unit: Unit) -> Option<i64> {
    match unit {
        Unit::Second => Some(1),
        Unit::Minute => Some(60),
        Unit::Hour => Some(3_600),
        Unit::Day => Some(86_400),
        Unit::Week | Unit::Month | Unit::Year => None,
    }
}

fn of(count: u32, unit: Unit) -> Option<Amount> {
    let count = i64::from(count);
    let span = match unit {
        Unit::Second | Unit::Minute | Unit::Hour => Span::new().try_seconds(count * seconds(unit)?),
        Unit::Day => Span::new().try_days(count),
        Unit::Week => Span::new().try_weeks(count),
        Unit::Month => Span::new().try_months(count),
        Unit::Year => Span::new().try_years(count),
    };
    let is_exact = matches!(unit, Unit::Second | Unit::Minute | Unit::Hour);
    Some(Amount { span: span.ok()?, is_exact })
}

pub(super) fn unit(word: &str) -> Option<Unit> {
    let unit = match word {
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Second,
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Minute,
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Hour,
        "d" | "day" | "days" => Unit::Day,
        "w" | "wk" | "wks" | "week" | "weeks" => Unit::Week,
        "month" | "months" => Unit::Month,
        "y" | "yr" | "yrs" | "year" | "years" => Unit::Year,
        _ => return None,
    };
    Some(unit)
}
