//! Clock times and parts of the day: `5 pm`, `half past six`, `17:30`, `noon`, `in the evening`.

use jiff::civil::Time;

use super::super::numerals;

/// A time on a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: i8,
    pub(super) minute: i8,
    /// The hour may be meant before or after noon.
    pub(super) is_open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
}

impl Part {
    /// What is meant by the part alone.
    pub(super) fn time(self) -> Time {
        match self {
            Self::Morning => Time::constant(9, 0, 0, 0),
            Self::Noon => Time::constant(12, 0, 0, 0),
            Self::Afternoon => Time::constant(15, 0, 0, 0),
            Self::Evening => Time::constant(19, 0, 0, 0),
            Self::Night => Time::constant(20, 0, 0, 0),
        }
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        match word {
            "morning" => Some(Self::Morning),
            "lunch" | "lunchtime" => Some(Self::Noon),
            "afternoon" => Some(Self::Afternoon),
            "evening" => Some(Self::Evening),
            "night" => Some(Self::Night),
            _ => None,
        }
    }
}

impl Clock {
    const fn fixed(hour: i8, minute: i8) -> Self {
        Self { hour, minute, is_open: false }
    }

    /// On a 12-hour clock the hour may be 12 hours later.
    fn open(hour: u32, minute: u32) -> Option<Self> {
        let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?);
        let is_valid = hour < 24 && minute < 60;
        is_valid.then_some(Self { hour, minute, is_open: (1..=12).contains(&hour) })
    }

    pub(super) fn time(self) -> Option<Time> {
        Time::new(self.hour, self.minute, 0, 0).ok()
    }

    /// `5` in waking hours is 17:00, `9` is 9:00.
    pub(super) fn usual(self) -> Self {
        match self.hour {
            1..=6 if self.is_open => Self::fixed(self.hour + 12, self.minute),
            _ => Self::fixed(self.hour, self.minute),
        }
    }

    pub(super) fn am(self) -> Self {
        Self::fixed(self.hour % 12, self.minute)
    }

    pub(super) fn pm(self) -> Self {
        Self::fixed(self.hour % 12 + 12, self.minute)
    }
}

/// The clock time at the beginning of `words`, and how many of them it takes. `is_expected`: a number alone is one.
pub(super) fn clock(words: &[&str], is_expected: bool) -> Option<(Clock, usize)> {
    match words {
        ["noon" | "midday", ..] => return Some((Clock::fixed(12, 0), 1)),
        // The last minute of the day: midnight itself would be the next day, and mean all of it.
        ["midnight", ..] => return Some((Clock::fixed(23, 59), 1)),
        _ => {}
    }
    let (clock, used) = relative(words).or_else(|| digits(words)).or_else(|| spoken(words))?;
    let is_plain = !words[0].contains(':') && used == 1;
    match words.get(used) {
        Some(&"am") if clock.is_open => Some((clock.am(), used + 1)),
        Some(&"pm") if clock.is_open => Some((clock.pm(), used + 1)),
        Some(&("am" | "pm")) => None,
        Some(&"oclock") => Some(after_oclock(clock, &words[used + 1..], used + 1)),
        _ if is_plain && !is_expected => None,
        _ => Some((clock, used)),
    }
}

fn after_oclock(clock: Clock, rest: &[&str], used: usize) -> (Clock, usize) {
    match rest.first() {
        Some(&"am") if clock.is_open => (clock.am(), used + 1),
        Some(&"pm") if clock.is_open => (clock.pm(), used + 1),
        _ => (clock, used),
    }
}

/// `17:30`, `05:30`, `5:30`, `17:30:00`.
fn digits(words: &[&str]) -> Option<(Clock, usize)> {
    let (hour, rest) = words.first()?.split_once(':')?;
    let minute = rest.strip_suffix(":00").unwrap_or(rest);
    let is_well_formed = matches!(hour.len(), 1 | 2) && minute.len() == 2;
    let mut clock = Clock::open(hour.parse().ok()?, minute.parse().ok()?).filter(|_| is_well_formed)?;
    let has_half = matches!(words.get(1), Some(&("am" | "pm" | "oclock")));
    clock.is_open &= !hour.starts_with('0') || has_half;
    Some((clock, 1))
}

/// `five`, `17`, `five thirty`, `six oh five`.
fn spoken(words: &[&str]) -> Option<(Clock, usize)> {
    let (hour, used) = numerals::cardinal(words)?;
    let rest = &words[used..];
    let minute = match rest {
        ["oh" | "o", digit, ..] => {
            numerals::cardinal(&[digit]).filter(|(minute, _)| *minute < 10).map(|(m, _)| (m, 2))
        }
        [tens, ..] if tens.bytes().all(|b| b.is_ascii_alphabetic()) => {
            numerals::cardinal(rest).filter(|(minute, _)| (10..60).contains(minute))
        }
        _ => None,
    };
    let (minute, more) = minute.unwrap_or((0, 0));
    Clock::open(hour, minute).map(|clock| (clock, used + more))
}

/// `half past five`, `quarter to six`, `ten past five`.
fn relative(words: &[&str]) -> Option<(Clock, usize)> {
    let words_before = usize::from(words.first() == Some(&"a"));
    let (minutes, mut used) = match *words.get(words_before)? {
        "half" => (30, 1),
        "quarter" => (15, 1),
        _ => numerals::cardinal(&words[words_before..]).filter(|(minutes, _)| (1..60).contains(minutes))?,
    };
    used += words_before;
    used += usize::from(matches!(words.get(used), Some(&("minutes" | "minute" | "min"))));
    let is_before = match *words.get(used)? {
        "past" | "after" => false,
        "to" | "before" | "till" | "of" if minutes < 30 => true,
        _ => return None,
    };
    let (hour, hour_used) = match *words.get(used + 1)? {
        "noon" | "midday" => (12, 1),
        _ => numerals::cardinal(&words[used + 1..]).filter(|(hour, _)| (1..24).contains(hour))?,
    };
    let (hour, minute) = if is_before { ((hour + 10) % 12 + 1, 60 - minutes) } else { (hour, minutes) };
    Some((Clock::open(hour, minute)?, used + 1 + hour_used))
}
