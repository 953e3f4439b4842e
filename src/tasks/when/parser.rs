//! Puts days, clock times and amounts together to one time.

use jiff::civil::{Date, Time};
use jiff::{Span, Zoned};

use super::amount::{self, Amount};
use super::clock::{self, Clock, Part};
use super::{When, day, on};

/// Join the parts of a time and mean nothing.
const FILLING: &[&str] =
    &["at", "on", "by", "the", "of", "for", "due", "before", "until", "till", "around", "about", "in"];
/// A number behind one of these is a clock time.
const BEFORE_CLOCK: &[&str] = &["at", "by", "before", "until", "till", "around", "about"];

#[derive(Default)]
struct Parts {
    day: Option<Date>,
    clock: Option<Clock>,
    part: Option<Part>,
    /// A moment, as `in 20 minutes`.
    moment: Option<Zoned>,
}

/// `None` unless every word is understood.
pub(super) fn parse(words: &[String], now: &Zoned) -> Option<When> {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let mut parts = Parts::default();
    let mut at = 0;
    while at < words.len() {
        at += parts.take(&words[at..], at.checked_sub(1).map(|before| words[before]), now)?;
    }
    parts.resolve(now)
}

impl Parts {
    /// Understands the next words; how many they were.
    fn take(&mut self, words: &[&str], before: Option<&str>, now: &Zoned) -> Option<usize> {
        if let Some(used) = right_now(words) {
            return fill(&mut self.moment, now.clone(), used);
        }
        let relative = words.strip_prefix(&["in"]).unwrap_or(words);
        if let Some((amount, used)) = amount::amount(relative) {
            let used = used + words.len() - relative.len();
            return Some(used + self.take_amount(amount, &words[used..], now)?);
        }
        if let Some((day, used)) = day::day(words, now.date()) {
            return fill(&mut self.day, day, used);
        }
        if let Some((part, used)) = of_today(words) {
            fill(&mut self.day, now.date(), 0)?;
            return fill(&mut self.part, part, used);
        }
        if let Some(part) = Part::named(words[0]) {
            return fill(&mut self.part, part, 1);
        }
        let is_expected = self.day.is_some()
            || self.part.is_some()
            || before.is_some_and(|word| BEFORE_CLOCK.contains(&word))
            || matches!(
                words,
                [_, "in", "the", "morning" | "afternoon" | "evening", ..] | [_, "at", "night", ..]
            );
        if let Some((clock, used)) = clock::clock(words, is_expected) {
            return fill(&mut self.clock, clock, used);
        }
        (FILLING.contains(&words[0]) && words.len() > 1).then_some(1)
    }

    /// `from now`, `from friday`, or nothing behind it. How many words were behind it.
    fn take_amount(&mut self, amount: Amount, rest: &[&str], now: &Zoned) -> Option<usize> {
        if let ["from" | "after", rest @ ..] = rest
            && rest.first() != Some(&"now")
        {
            let (day, used) = day::day(rest, now.date()).filter(|_| !amount.is_exact)?;
            return fill(&mut self.day, day.checked_add(amount.span).ok()?, used + 1);
        }
        let used = match rest {
            ["from", "now", ..] => 2,
            ["later", ..] => 1,
            _ => 0,
        };
        let moment = now.checked_add(amount.span).ok()?;
        if amount.is_exact {
            fill(&mut self.moment, moment, used)
        } else {
            fill(&mut self.day, moment.date(), used)
        }
    }

    fn resolve(self, now: &Zoned) -> Option<When> {
        let is_assumed = self.part.is_none() && self.clock.is_some_and(|clock| clock.is_open);
        Some(When { is_assumed, ..self.resolved(now)? })
    }

    fn resolved(self, now: &Zoned) -> Option<When> {
        if let Some(time) = self.moment {
            let is_alone = self.day.is_none() && self.clock.is_none() && self.part.is_none();
            return is_alone.then_some(When { time, has_clock: true, is_assumed: false });
        }
        match (self.day, self.clock, self.part) {
            (None, None, None) => None,
            (Some(day), None, None) => on(day, now.time_zone()),
            (Some(day), None, Some(part)) => part_of(day, part, now),
            (None, None, Some(part)) => {
                let today = part_of(now.date(), part, now)?;
                if today.time > *now { Some(today) } else { part_of(now.tomorrow().ok()?.date(), part, now) }
            }
            (Some(day), Some(clock), Some(part)) => in_part(day, clock, part, now),
            (None, Some(clock), Some(part)) => {
                let today = in_part(now.date(), clock, part, now)?;
                if today.time > *now {
                    Some(today)
                } else {
                    in_part(now.tomorrow().ok()?.date(), clock, part, now)
                }
            }
            (Some(day), Some(clock), None) if day == now.date() => {
                ahead(clock, now).or_else(|| at(day, clock.usual().time()?, now))
            }
            (Some(day), Some(clock), None) => at(day, clock.usual().time()?, now),
            (None, Some(clock), None) => {
                ahead(clock, now).or_else(|| at(now.tomorrow().ok()?.date(), clock.usual().time()?, now))
            }
        }
    }
}

fn right_now(words: &[&str]) -> Option<usize> {
    match words {
        ["right", "now", ..] => Some(2),
        ["now" | "immediately" | "asap", ..] => Some(1),
        _ => None,
    }
}

/// `tonight`, `this morning`.
fn of_today(words: &[&str]) -> Option<(Part, usize)> {
    match words {
        ["tonight", ..] => Some((Part::Night, 1)),
        ["this", name, ..] => Some((Part::named(name)?, 2)),
        _ => None,
    }
}

/// Each part of a time may be said once.
fn fill<T>(slot: &mut Option<T>, value: T, used: usize) -> Option<usize> {
    slot.replace(value).is_none().then_some(used)
}

fn at(day: Date, time: Time, now: &Zoned) -> Option<When> {
    let time = day.to_datetime(time).to_zoned(now.time_zone().clone()).ok()?;
    Some(When { time, has_clock: true, is_assumed: false })
}

/// Later today: at the usual hour, or else at the same one on the other half of the clock.
fn ahead(clock: Clock, now: &Zoned) -> Option<When> {
    let other = clock.is_open.then(|| clock.pm());
    let candidates = [Some(clock.usual()), other].into_iter().flatten();
    candidates.filter_map(|clock| at(now.date(), clock.time()?, now)).find(|when| when.time > *now)
}

/// A part of the day that has begun already, today, is still meant: `tonight` at 21:00 is before midnight.
fn part_of(day: Date, part: Part, now: &Zoned) -> Option<When> {
    let when = at(day, part.time(), now)?;
    let is_late_night = part == Part::Night && day == now.date() && when.time <= *now;
    if is_late_night { at(day, Time::constant(23, 59, 0, 0), now) } else { Some(when) }
}

fn in_part(day: Date, clock: Clock, part: Part, now: &Zoned) -> Option<When> {
    if !clock.is_open {
        return at(day, clock.time()?, now);
    }
    match (part, clock.hour) {
        (Part::Morning, _) => at(day, clock.am().time()?, now),
        (Part::Noon, 11) => at(day, clock.am().time()?, now),
        (Part::Noon | Part::Afternoon | Part::Evening, _) => at(day, clock.pm().time()?, now),
        (Part::Night, 12) if clock.minute == 0 => at(day, Time::constant(23, 59, 0, 0), now),
        (Part::Night, 12 | 1..=4) => at(day.checked_add(Span::new().days(1)).ok()?, clock.am().time()?, now),
        (Part::Night, _) => at(day, clock.pm().time()?, now),
    }
}
