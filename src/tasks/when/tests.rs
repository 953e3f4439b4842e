use jiff::{Span, Timestamp, Zoned, tz::TimeZone};
use proptest::prelude::*;

use super::*;

fn berlin() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

fn at(local: &str) -> Zoned {
    local.parse::<civil::DateTime>().unwrap().to_zoned(berlin()).unwrap()
}

/// A Wednesday morning.
fn now() -> Zoned {
    at("2026-12-02T10:00:00")
}

fn said(text: &str, now: &Zoned) -> String {
    match parse(text, now) {
        Ok(When { time, has_clock: true, .. }) => time.strftime("%Y-%m-%d %H:%M").to_string(),
        Ok(When { time, has_clock: false, .. }) => time.strftime("%Y-%m-%d").to_string(),
        Err(_) => "?".to_owned(),
    }
}

fn check(now: &Zoned, table: &[(&str, &str)]) {
    let wrong: Vec<_> = table
        .iter()
        .filter(|(text, expected)| said(text, now) != *expected)
        .map(|(text, expected)| format!("`{text}` is {} and not {expected}", said(text, now)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn days_are_understood() {
    check(
        &now(),
        &[
            ("today", "2026-12-02"),
            ("Today.", "2026-12-02"),
            ("tomorrow", "2026-12-03"),
            ("by tomorrow", "2026-12-03"),
            ("yesterday", "2026-12-01"),
            ("the day after tomorrow", "2026-12-04"),
            ("friday", "2026-12-04"),
            ("on Friday", "2026-12-04"),
            ("fri", "2026-12-04"),
            ("this friday", "2026-12-04"),
            ("coming monday", "2026-12-07"),
            ("wednesday", "2026-12-09"),
            ("this wednesday", "2026-12-02"),
            ("next wednesday", "2026-12-09"),
            ("next friday", "2026-12-11"),
            ("next monday", "2026-12-07"),
            ("friday next week", "2026-12-11"),
            ("next week", "2026-12-07"),
            ("next month", "2027-01-01"),
            ("next year", "2027-01-01"),
            ("this weekend", "2026-12-05"),
            ("next weekend", "2026-12-12"),
            ("end of day", "2026-12-02"),
            ("end of the week", "2026-12-04"),
            ("end of month", "2026-12-31"),
            ("end of next month", "2027-01-31"),
            ("by the end of the year", "2026-12-31"),
            ("eom", "2026-12-31"),
            ("start of next week", "2026-12-07"),
        ],
    );
}

#[test]
fn dates_are_understood() {
    check(
        &now(),
        &[
            ("2026-12-04", "2026-12-04"),
            ("2026-12-04T09:00", "2026-12-04 09:00"),
            ("2026-12-04 09:00", "2026-12-04 09:00"),
            ("2026-12-04T09:00:00Z", "2026-12-04 10:00"),
            ("2026-12-04T09:00:00-05:00", "2026-12-04 15:00"),
            ("2026-12-04 at 5 pm", "2026-12-04 17:00"),
            ("march 3", "2027-03-03"),
            ("March 3rd", "2027-03-03"),
            ("3rd of march", "2027-03-03"),
            ("the third of march", "2027-03-03"),
            ("3 march 2028", "2028-03-03"),
            ("march the 3rd", "2027-03-03"),
            ("december 2", "2026-12-02"),
            ("dec 1", "2027-12-01"),
            ("twenty first of june", "2027-06-21"),
            ("june twenty-first at noon", "2027-06-21 12:00"),
            ("february 29", "2028-02-29"),
            ("february 30", "?"),
            ("the 15th", "2026-12-15"),
            ("the 1st", "2027-01-01"),
            ("31st", "2026-12-31"),
            ("friday december 4th", "2026-12-04"),
            ("Fri 4 Dec 09:00", "2026-12-04 09:00"),
            ("friday the 11th", "2026-12-11"),
            ("friday the 10th", "?"),
            ("4.12.2026", "2026-12-04"),
            ("24.12.", "2026-12-24"),
            ("12/25", "2026-12-25"),
            ("3/4", "?"),
            ("2026-13-01", "?"),
        ],
    );
}

#[test]
fn clock_times_are_the_next_ones() {
    check(
        &now(),
        &[
            ("at 5", "2026-12-02 17:00"),
            ("at five", "2026-12-02 17:00"),
            ("at 5 pm", "2026-12-02 17:00"),
            ("5pm", "2026-12-02 17:00"),
            ("5 p.m.", "2026-12-02 17:00"),
            ("5:30 p.m.", "2026-12-02 17:30"),
            ("at 5 am", "2026-12-03 05:00"),
            ("17:30", "2026-12-02 17:30"),
            ("09:30", "2026-12-03 09:30"),
            ("05:30", "2026-12-03 05:30"),
            ("at 5:30", "2026-12-02 17:30"),
            ("at 9", "2026-12-02 21:00"),
            ("at 11", "2026-12-02 11:00"),
            ("at 17", "2026-12-02 17:00"),
            ("noon", "2026-12-02 12:00"),
            ("midnight", "2026-12-02 23:59"),
            ("12 pm", "2026-12-02 12:00"),
            ("12 am", "2026-12-03 00:00"),
            ("half past five", "2026-12-02 17:30"),
            ("at quarter to six", "2026-12-02 17:45"),
            ("a quarter past 3", "2026-12-02 15:15"),
            ("ten to one", "2026-12-02 12:50"),
            ("5 o'clock", "2026-12-02 17:00"),
            ("at five thirty", "2026-12-02 17:30"),
            ("six oh five pm", "2026-12-02 18:05"),
            ("8 in the evening", "2026-12-02 20:00"),
            ("9 in the morning", "2026-12-03 09:00"),
            ("tonight", "2026-12-02 20:00"),
            ("tonight at 9", "2026-12-02 21:00"),
            ("this afternoon", "2026-12-02 15:00"),
            ("in the evening", "2026-12-02 19:00"),
            ("in the morning", "2026-12-03 09:00"),
            ("25:00", "?"),
            ("5:75", "?"),
            ("13 pm", "?"),
        ],
    );
    check(
        &at("2026-12-02T18:30:00"),
        &[
            ("at 5", "2026-12-03 17:00"),
            ("at 8", "2026-12-02 20:00"),
            ("today at 8", "2026-12-02 20:00"),
            ("noon", "2026-12-03 12:00"),
            ("tonight", "2026-12-02 20:00"),
            ("7 in the evening", "2026-12-02 19:00"),
        ],
    );
    check(&at("2026-12-02T21:00:00"), &[("tonight", "2026-12-02 23:59")]);
}

#[test]
fn amounts_count_from_now() {
    check(
        &now(),
        &[
            ("in 20 minutes", "2026-12-02 10:20"),
            ("in twenty minutes", "2026-12-02 10:20"),
            ("in 20min", "2026-12-02 10:20"),
            ("20 minutes from now", "2026-12-02 10:20"),
            ("in an hour", "2026-12-02 11:00"),
            ("in half an hour", "2026-12-02 10:30"),
            ("in an hour and a half", "2026-12-02 11:30"),
            ("in two and a half hours", "2026-12-02 12:30"),
            ("in 1.5 hours", "2026-12-02 11:30"),
            ("in 2 hours and 15 minutes", "2026-12-02 12:15"),
            ("in a quarter of an hour", "2026-12-02 10:15"),
            ("in 3 days", "2026-12-05"),
            ("in a couple of days", "2026-12-04"),
            ("in two weeks", "2026-12-16"),
            ("in a month", "2027-01-02"),
            ("in a year", "2027-12-02"),
            ("a week from friday", "2026-12-11"),
            ("two days after tomorrow", "2026-12-05"),
            ("in three days at 5 pm", "2026-12-05 17:00"),
            ("now", "2026-12-02 10:00"),
            ("in 99999999999 days", "?"),
            ("in 4000000000 years", "?"),
            ("in a half month", "?"),
        ],
    );
}

#[test]
fn days_and_clock_times_combine() {
    check(
        &now(),
        &[
            ("tomorrow at 5 pm", "2026-12-03 17:00"),
            ("tomorrow 17:00", "2026-12-03 17:00"),
            ("at 5 pm tomorrow", "2026-12-03 17:00"),
            ("tomorrow at 5", "2026-12-03 17:00"),
            ("tomorrow 5", "2026-12-03 17:00"),
            ("friday at 9", "2026-12-04 09:00"),
            ("next friday at noon", "2026-12-11 12:00"),
            ("tomorrow morning", "2026-12-03 09:00"),
            ("tomorrow morning at 7", "2026-12-03 07:00"),
            ("tomorrow evening at half past seven", "2026-12-03 19:30"),
            ("friday night at 1", "2026-12-05 01:00"),
            ("march 3rd at 8:15", "2027-03-03 08:15"),
            ("today at 9", "2026-12-02 21:00"),
            ("by noon on the 15th", "2026-12-15 12:00"),
        ],
    );
}

#[test]
fn what_is_no_time_is_refused() {
    for text in [
        "",
        " ",
        "at",
        "in",
        "the",
        "buy milk",
        "tomorrow buy milk",
        "tomorrow friday",
        "5 6",
        "every monday",
        "later",
        "someday",
        "soon",
        "5",
        "month",
        "\u{1b}[31m",
        "next",
        "in 3",
        "tomorrow at",
        "99999999999999999999",
    ] {
        assert!(parse(text, &now()).is_err(), "`{text}` is {}", said(text, &now()));
    }
}

#[test]
fn an_unclear_time_says_what_to_say() {
    let error = parse("whenever", &now()).unwrap_err().to_string();
    assert!(error.starts_with("`whenever` is not a time; say for example `tomorrow at 5 pm`"), "{error}");
}

#[test]
fn a_clock_time_that_the_change_to_summer_skips_is_moved() {
    let now = at("2027-03-27T10:00:00");
    assert_eq!(said("tomorrow at 02:30", &now), "2027-03-28 03:30");
    assert_eq!(said("tomorrow at noon", &now), "2027-03-28 12:00");
}

#[test]
fn times_are_described_as_people_say_them() {
    let words = |local: &str| describe(at(local).timestamp(), &now());
    assert_eq!(words("2026-12-02T17:00:00"), "today 17:00");
    assert_eq!(words("2026-12-02T00:00:00"), "today");
    assert_eq!(words("2026-12-03T00:00:00"), "tomorrow");
    assert_eq!(words("2026-12-03T09:05:00"), "tomorrow 09:05");
    assert_eq!(words("2026-12-01T08:00:00"), "yesterday 08:00");
    assert_eq!(words("2026-12-04T09:00:00"), "Fri 4 Dec 09:00");
    assert_eq!(words("2027-03-03T00:00:00"), "Wed 3 Mar 2027");
}

#[test]
fn programs_get_a_date_or_a_moment_with_its_offset() {
    let text = |local: &str| format(at(local).timestamp(), &berlin());
    assert_eq!(text("2026-12-04T09:00:00"), "2026-12-04T09:00:00+01:00");
    assert_eq!(text("2026-12-04T00:00:00"), "2026-12-04");
}

fn new_york(local: &str) -> Zoned {
    let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
    local.parse::<civil::DateTime>().unwrap().to_zoned(zone).unwrap()
}

#[test]
fn more_of_what_people_say_is_understood() {
    check(
        &now(),
        &[
            ("last day of the month", "2026-12-31"),
            ("on the last day of the year", "2026-12-31"),
            ("first day of next month", "2027-01-01"),
            ("the first of the month", "2027-01-01"),
            ("the 3rd of next month", "2027-01-03"),
            ("the 20th of this month", "2026-12-20"),
            ("the 3rd of March", "2027-03-03"),
            ("march the third at noon", "2027-03-03 12:00"),
            ("half past six", "2026-12-02 18:30"),
            ("tomorrow at half past six", "2026-12-03 18:30"),
            ("half past six in the morning", "2026-12-03 06:30"),
            ("tonight at half past nine", "2026-12-02 21:30"),
            ("a week from tuesday", "2026-12-15"),
            ("two weeks from monday", "2026-12-21"),
            ("a week from today", "2026-12-09"),
            ("a week from tomorrow at 3 pm", "2026-12-10 15:00"),
            ("in a fortnight", "2026-12-16"),
            ("by friday", "2026-12-04"),
            ("by friday at noon", "2026-12-04 12:00"),
            ("before tuesday", "2026-12-08"),
            ("until the end of the month", "2026-12-31"),
            ("the day after tomorrow at 8 am", "2026-12-04 08:00"),
            ("in two and a half hours", "2026-12-02 12:30"),
            ("two and a half hours from now", "2026-12-02 12:30"),
            ("in one hour and 5 minutes", "2026-12-02 11:05"),
            ("an hour from now", "2026-12-02 11:00"),
            ("45 minutes later", "2026-12-02 10:45"),
            ("in ninety minutes", "2026-12-02 11:30"),
            ("next monday at 9 am", "2026-12-07 09:00"),
            ("monday morning", "2026-12-07 09:00"),
            ("saturday evening at 7", "2026-12-05 19:00"),
            ("this weekend", "2026-12-05"),
            ("at lunchtime", "2026-12-02 12:00"),
            ("tomorrow at lunch", "2026-12-03 12:00"),
            ("midday", "2026-12-02 12:00"),
            ("at twelve", "2026-12-02 12:00"),
            ("tomorrow night", "2026-12-03 20:00"),
            ("at 12:30", "2026-12-02 12:30"),
            ("quarter past seven pm", "2026-12-02 19:15"),
            ("twenty to eight in the evening", "2026-12-02 19:40"),
            ("25/12", "2026-12-25"),
            ("25/12/2026", "2026-12-25"),
            ("12/25/2026", "2026-12-25"),
            ("2027-02-28T23:59:59", "2027-02-28 23:59"),
            ("new year", "?"),
            ("in ten", "?"),
            ("two hours ago", "?"),
        ],
    );
}

#[test]
fn a_date_that_may_be_two_is_told_as_two() {
    let error = |text| parse(text, &now()).unwrap_err().to_string();
    assert_eq!(
        error("03/04/2027"),
        "`03/04/2027` may be 3 April 2027 or 4 March 2027; say which, with the name of the month"
    );
    assert_eq!(
        error("at 5 on 1/2"),
        "`at 5 on 1/2` may be 1 February or 2 January; say which, with the name of the month"
    );
    for clear in ["3/3/2027", "25/12", "12/25"] {
        assert!(parse(clear, &now()).is_ok(), "{clear}");
    }
}

#[test]
fn what_was_assumed_is_told() {
    let assumed = |text| parse(text, &now()).unwrap().is_assumed;
    for open in ["at 5", "tomorrow at 9", "half past six", "friday at 5:30"] {
        assert!(assumed(open), "{open}");
    }
    for clear in
        ["at 5 pm", "17:00", "noon", "tonight at 9", "friday", "in 2 hours", "at 17", "9 in the morning"]
    {
        assert!(!assumed(clear), "{clear}");
    }
}

#[test]
fn the_clock_is_that_of_the_place_also_when_it_is_changed() {
    // Forward on 28 March 2027 in Berlin and on 14 March in New York; back on 31 October and on 7 November.
    let berlin = at("2027-03-27T23:30:00");
    check(
        &berlin,
        &[
            ("tomorrow at 2:30 am", "2027-03-28 03:30"),
            ("in 3 hours", "2027-03-28 03:30"),
            ("tomorrow at 3 am", "2027-03-28 03:00"),
            ("in 1 day", "2027-03-28"),
            ("tomorrow", "2027-03-28"),
            ("midnight", "2027-03-27 23:59"),
        ],
    );
    check(
        &new_york("2027-03-13T22:00:00"),
        &[
            ("tomorrow at 2:30 am", "2027-03-14 03:30"),
            ("in 5 hours", "2027-03-14 04:00"),
            ("tomorrow at noon", "2027-03-14 12:00"),
            ("in 24 hours", "2027-03-14 23:00"),
        ],
    );
    let before = new_york("2027-11-06T22:00:00");
    check(&before, &[("tomorrow at 1:30 am", "2027-11-07 01:30"), ("in 4 hours", "2027-11-07 01:00")]);
    // Of an hour that there is twice, the first is meant.
    let twice = parse("tomorrow at 1:30 am", &before).unwrap().time;
    assert_eq!(twice.strftime("%H:%M%:z").to_string(), "01:30-04:00");
    let second = parse("in 4 hours", &before).unwrap().time;
    assert_eq!(second.strftime("%H:%M%:z").to_string(), "01:00-05:00");
}

#[test]
fn distances_from_a_due_date_are_understood() {
    let due = at("2026-12-04T09:00:00");
    let before =
        |text| parse_before(text, &due).map_or("?".to_owned(), |at| at.strftime("%d %H:%M").to_string());
    let table = [
        ("10 minutes before", "04 08:50"),
        ("an hour before", "04 08:00"),
        ("half an hour before it is due", "04 08:30"),
        ("the day before", "03 09:00"),
        ("two days before", "02 09:00"),
        ("1 hour before then", "04 08:00"),
        ("before", "?"),
        ("before friday", "?"),
        ("10 minutes after", "?"),
        ("tomorrow", "?"),
        ("", "?"),
    ];
    for (text, expected) in table {
        assert_eq!(before(text), expected, "{text}");
    }
}

fn moments() -> impl Strategy<Value = Zoned> {
    (1_700_000_000_i64..2_000_000_000).prop_map(|s| Timestamp::from_second(s).unwrap().to_zoned(berlin()))
}

proptest! {
    #[test]
    fn any_text_is_a_time_or_refused(text in ".{0,60}", now in moments()) {
        let _ = parse(&text, &now);
    }

    #[test]
    fn any_order_of_time_words_is_a_time_or_refused(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "in", "at", "next", "a", "half", "past", "5", "31st", "of", "march", "friday", "end", "month", "and",
                "tomorrow", "pm", "from", "quarter", "to", "twenty", "2027", "weekend", "night", "1.5", "hours", "17:30",
            ]),
            0..7,
        ),
        now in moments(),
    ) {
        let _ = parse(&words.join(" "), &now);
    }

    #[test]
    fn what_programs_get_means_the_same_moment_again(seconds in 0_i64..4_000_000_000, now in moments()) {
        let time = Timestamp::from_second(seconds).unwrap();
        let again = parse(&format(time, now.time_zone()), &now).unwrap();
        prop_assert_eq!(again.time.timestamp(), time);
    }

    #[test]
    fn what_is_described_is_understood_again(minutes in 0_i64..500_000, now in moments()) {
        let time = now.round(jiff::Unit::Minute).unwrap().checked_add(Span::new().minutes(minutes)).unwrap();
        // In the hour that the change from summer repeats, a clock time alone means the first.
        let clock = time.datetime().to_zoned(berlin()).unwrap();
        let again = parse(&describe(clock.timestamp(), &now), &now).unwrap();
        prop_assert_eq!(again.time.timestamp(), clock.timestamp());
    }
}
