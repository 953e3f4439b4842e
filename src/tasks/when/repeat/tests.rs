use jiff::civil;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

/// A Wednesday morning.
fn now() -> Zoned {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    "2026-12-02T10:00:00".parse::<civil::DateTime>().unwrap().to_zoned(zone).unwrap()
}

fn said(text: &str) -> String {
    let Ok(repeat) = parse(text, &now()) else { return "?".to_owned() };
    let start = repeat.start(&now()).unwrap();
    let format = if start.has_clock { "%a %F %H:%M" } else { "%a %F" };
    format!("{} from {}", repeat.rule.words(), start.time.strftime(format))
}

#[test]
fn repetitions_are_understood_as_people_say_them() {
    let table = [
        ("daily", "every day from Wed 2026-12-02"),
        ("every day", "every day from Wed 2026-12-02"),
        ("everyday at 9 pm", "every day from Wed 2026-12-02 21:00"),
        ("every day at 9", "every day from Thu 2026-12-03 09:00"),
        ("each day at noon", "every day from Wed 2026-12-02 12:00"),
        ("at 7 am every day", "every day from Thu 2026-12-03 07:00"),
        ("every morning", "every day from Thu 2026-12-03 09:00"),
        ("every morning at 8", "every day from Thu 2026-12-03 08:00"),
        ("every evening", "every day from Wed 2026-12-02 19:00"),
        ("every other day", "every 2 days from Wed 2026-12-02"),
        ("every 3 days", "every 3 days from Wed 2026-12-02"),
        ("every three days", "every 3 days from Wed 2026-12-02"),
        ("every two hours", "every 2 hours from Wed 2026-12-02"),
        ("weekdays", "every weekday from Wed 2026-12-02"),
        ("every weekday at 8:30 am", "every weekday from Thu 2026-12-03 08:30"),
        ("every working day", "every weekday from Wed 2026-12-02"),
        ("weekly", "every week from Wed 2026-12-02"),
        ("once a week", "every week from Wed 2026-12-02"),
        ("every week on friday", "every week from Fri 2026-12-04"),
        ("every monday", "every week from Mon 2026-12-07"),
        ("every Monday at 9", "every week from Mon 2026-12-07 09:00"),
        ("every mondays", "every week from Mon 2026-12-07"),
        ("every tue at 5 pm", "every week from Tue 2026-12-08 17:00"),
        ("every other friday", "every 2 weeks from Fri 2026-12-04"),
        ("every 2 weeks on friday", "every 2 weeks from Fri 2026-12-04"),
        ("every couple of weeks", "every 2 weeks from Wed 2026-12-02"),
        ("biweekly", "every 2 weeks from Wed 2026-12-02"),
        ("every weekend", "every week from Sat 2026-12-05"),
        ("monthly", "every month from Wed 2026-12-02"),
        ("every month on the 15th", "every month from Tue 2026-12-15"),
        ("the 15th of every month", "every month from Tue 2026-12-15"),
        ("every 1st at 10 am", "every month from Fri 2027-01-01 10:00"),
        ("every quarter", "?"),
        ("quarterly", "every 3 months from Wed 2026-12-02"),
        ("every six months", "every 6 months from Wed 2026-12-02"),
        ("yearly", "every year from Wed 2026-12-02"),
        ("every year on march 3", "every year from Wed 2027-03-03"),
        ("every january 5th", "every year from Tue 2027-01-05"),
        ("every 5th of january", "every year from Tue 2027-01-05"),
        ("every 2 years", "every 2 years from Wed 2026-12-02"),
        ("3d", "every 3 days from Wed 2026-12-02"),
        // What cannot be kept is not half understood.
        ("every monday and thursday", "?"),
        ("every first monday", "?"),
        ("every 5 minutes", "?"),
        ("every now and then", "?"),
        ("every", "?"),
        ("tomorrow", "?"),
        ("", "?"),
    ];
    let wrong: Vec<_> = table
        .iter()
        .filter(|(text, expected)| said(text) != *expected)
        .map(|(text, expected)| format!("`{text}` is {} and not {expected}", said(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #[test]
    fn any_words_are_answered(words in prop::collection::vec(
        prop::sample::select(vec![
            "every", "each", "other", "day", "week", "monday", "mondays", "3", "three", "at", "9", "pm", "of", "the",
            "15th", "month", "january", "once", "a", "weekend", "morning", "second", "daily", "on", "99999999999",
        ]), 0..8), noise in ".{0,30}")
    {
        for text in [words.join(" "), noise] {
            is_repeat(&text);
            if let Ok(repeat) = parse(&text, &now()) {
                let _ = repeat.start(&now());
            }
        }
    }
}
