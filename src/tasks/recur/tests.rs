use jiff::civil;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

fn time(text: &str) -> Zoned {
    // New York, as the rules of 2007 have it.
    let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
    text.parse::<civil::DateTime>().unwrap().to_zoned(zone).unwrap()
}

fn dates(recur: &str, first: &str, count: u32) -> Vec<String> {
    let (rule, first) = (Rule::parse(recur).unwrap(), time(first));
    (0..count).map(|index| rule.nth(&first, index).unwrap().strftime("%a %F %H:%M").to_string()).collect()
}

#[test]
fn a_rule_is_what_taskwarrior_calls_it() {
    let table = [
        ("daily", "daily", "every day"),
        ("day", "daily", "every day"),
        ("3d", "3d", "every 3 days"),
        ("2 days", "2d", "every 2 days"),
        ("weekdays", "weekdays", "every weekday"),
        ("weekly", "weekly", "every week"),
        ("biweekly", "biweekly", "every 2 weeks"),
        ("fortnight", "biweekly", "every 2 weeks"),
        ("3wks", "3w", "every 3 weeks"),
        ("P2W", "biweekly", "every 2 weeks"),
        ("monthly", "monthly", "every month"),
        ("bimonthly", "2m", "every 2 months"),
        ("quarterly", "quarterly", "every 3 months"),
        ("2q", "6m", "every 6 months"),
        ("semiannual", "6m", "every 6 months"),
        ("Annual", "yearly", "every year"),
        ("P1Y", "yearly", "every year"),
        ("biyearly", "24m", "every 2 years"),
        ("PT12H", "12h", "every 12 hours"),
        ("hour", "1h", "every hour"),
    ];
    for (given, stored, words) in table {
        let rule = Rule::parse(given).unwrap_or_else(|| panic!("{given}"));
        assert_eq!((rule.as_recur().as_str(), rule.words().as_str()), (stored, words), "{given}");
        assert_eq!(Rule::parse(stored), Some(rule), "{given}");
    }
    for unknown in ["", "0d", "often", "20min", "P", "PT", "p1", "-1d", "99999999999d", "5000w", "d3", "é"] {
        assert_eq!(Rule::parse(unknown), None, "{unknown}");
    }
}

#[test]
fn a_date_keeps_its_time_on_the_clock() {
    assert_eq!(
        dates("daily", "2027-03-13T09:00:00", 3),
        ["Sat 2027-03-13 09:00", "Sun 2027-03-14 09:00", "Mon 2027-03-15 09:00"]
    );
    // There is no half past two on that day.
    assert_eq!(
        dates("daily", "2027-03-13T02:30:00", 3),
        ["Sat 2027-03-13 02:30", "Sun 2027-03-14 03:30", "Mon 2027-03-15 02:30"]
    );
    assert_eq!(dates("weekly", "2026-10-30T00:00:00", 2), ["Fri 2026-10-30 00:00", "Fri 2026-11-06 00:00"]);
}

#[test]
fn the_last_day_of_a_long_month_is_the_last_of_a_short_one() {
    assert_eq!(
        dates("monthly", "2027-01-31T10:00:00", 4),
        ["Sun 2027-01-31 10:00", "Sun 2027-02-28 10:00", "Wed 2027-03-31 10:00", "Fri 2027-04-30 10:00"]
    );
    assert_eq!(
        dates("yearly", "2028-02-29T10:00:00", 5)[1..],
        ["Wed 2029-02-28 10:00", "Thu 2030-02-28 10:00", "Fri 2031-02-28 10:00", "Sun 2032-02-29 10:00"]
    );
}

#[test]
fn weekdays_leave_out_the_weekend() {
    assert_eq!(
        dates("weekdays", "2027-01-07T08:00:00", 4),
        ["Thu 2027-01-07 08:00", "Fri 2027-01-08 08:00", "Mon 2027-01-11 08:00", "Tue 2027-01-12 08:00"]
    );
    for weekend in ["2027-01-09T08:00:00", "2027-01-10T08:00:00"] {
        assert_eq!(dates("weekdays", weekend, 3)[1..], ["Mon 2027-01-11 08:00", "Tue 2027-01-12 08:00"]);
    }
}

proptest! {
    #[test]
    fn dates_only_ever_go_forward(
        recur in prop::sample::select(vec!["hour", "daily", "weekdays", "3w", "monthly", "yearly"]),
        day in 0..3_000_i64,
        count in 0..500_u32,
    ) {
        let first = time("2026-01-01T02:30:00").checked_add(Span::new().days(day)).unwrap();
        let rule = Rule::parse(recur).unwrap();
        prop_assert!(rule.nth(&first, count).unwrap() < rule.nth(&first, count + 1).unwrap());
    }

    #[test]
    fn any_text_is_a_rule_or_none(text in ".{0,12}|[p0-9a-z]{0,6}") {
        if let Some(rule) = Rule::parse(&text) {
            prop_assert_eq!(Rule::parse(&rule.as_recur()), Some(rule));
            let _ = rule.nth(&time("2026-01-01T00:00:00"), u32::MAX);
        }
    }
}
