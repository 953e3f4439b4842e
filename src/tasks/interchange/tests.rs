use std::cell::Cell;
use std::fmt::Write as _;

use jiff::civil;
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::tasks::task::{Note, Priority, Stint};

fn now() -> Zoned {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    "2026-12-02T10:00:00".parse::<civil::DateTime>().unwrap().to_zoned(zone).unwrap()
}

fn read(format: Format, text: &str) -> Parsed {
    let next = Cell::new(0);
    let mut fresh = || {
        next.set(next.get() + 1);
        Uuid::from_u128(next.get())
    };
    format.read(text, &mut Source { fresh: &mut fresh, known: &|_| None, now: &now() })
}

/// Of a file without anything bad in it.
fn tasks(format: Format, text: &str) -> Vec<Task> {
    let parsed = read(format, text);
    assert_eq!(parsed.bad, []);
    parsed.tasks.into_iter().map(|(_, task)| task).collect()
}

fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\"".to_owned()),
        Just(",;\\:".to_owned()),
        Just("=1+1".to_owned()),
        Just("'=".to_owned()),
        Just("👩‍👩‍👧 🎉".to_owned()),
        Just("שלום \u{202e}".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        Just("- [ ] x".to_owned()),
        Just("BEGIN:VTODO".to_owned()),
        Just("ä".repeat(90)),
        "\\PC{1,12}",
    ];
    vec(pieces, 1..5)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("a title", |text| !text.trim().is_empty())
}

fn second() -> impl Strategy<Value = Timestamp> {
    (0i64..4_000_000_000).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn priority() -> impl Strategy<Value = Option<Priority>> {
    option::of(prop_oneof![Just(Priority::High), Just(Priority::Medium), Just(Priority::Low)])
}

/// Whatever a store may hold.
fn anything() -> impl Strategy<Value = Task> {
    let status = prop_oneof![
        Just(Status::Pending),
        Just(Status::Completed),
        Just(Status::Deleted),
        Just(Status::Recurring)
    ];
    let times = (
        option::of(second()),
        option::of(second()),
        option::of(second()),
        option::of(second()),
        option::of(second()),
    );
    let more = (option::of(second()), option::of(second()), option::of(second()));
    let names = (option::of("[a-z]{1,8}(\\.[a-z é]{1,8}x)?"), vec("[a-zé]{1,8}", 0..4));
    let links = (
        vec(any::<u128>().prop_map(Uuid::from_u128), 0..3),
        option::of(any::<u128>().prop_map(Uuid::from_u128)),
    );
    let notes = vec((second(), hostile()), 0..3);
    let rest =
        (option::of("(weekly|3d|yearly|strange)"), vec((second(), 1u64..9999), 0..3), option::of(hostile()));
    let head = (any::<u128>(), hostile(), status, priority());
    (head, times, more, names, links, notes, rest).prop_map(
        |(head, times, more, names, links, notes, rest)| {
            let mut tags = names.1;
            tags.sort_unstable();
            tags.dedup();
            let mut depends = links.0;
            depends.sort_unstable();
            depends.dedup();
            let mut notes: Vec<_> = notes.into_iter().map(|(time, text)| Note { time, text }).collect();
            notes.sort_by_key(|note| note.time);
            Task {
                uuid: Uuid::from_u128(head.0),
                number: None,
                title: head.1,
                status: head.2,
                priority: head.3,
                due: times.0,
                remind: times.1,
                wait: times.2,
                scheduled: times.3,
                until: times.4,
                start: more.0,
                entry: Some(more.1.unwrap_or_default()),
                modified: more.2,
                end: more.2,
                project: names.0,
                tags,
                depends,
                parent: links.1,
                notes,
                recur: rest.0,
                tracked: rest.1.into_iter().map(|(start, seconds)| Stint { start, seconds }).collect(),
                others: rest.2.map(|value| ("estimate".to_owned(), value)).into_iter().collect(),
            }
        },
    )
}

/// What the formats for people hold: titles of plain words, whole days of making, no notes.
fn simple() -> impl Strategy<Value = Task> {
    let day = (20_000i64..40_000).prop_map(|day| {
        let date = civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        date.to_zoned(now().time_zone().clone()).unwrap().timestamp()
    });
    let minute = (30_000_000i64..60_000_000).prop_map(|minute| Timestamp::from_second(minute * 60).unwrap());
    let time = || option::of(minute.clone());
    let names = (option::of("[a-z]{1,8}(\\.[a-z]{1,8})?"), vec("[a-zé]{2,8}", 0..4));
    let rule = option::of("(daily|weekly|biweekly|monthly|yearly|weekdays)");
    let title = "[a-zA-Zäöü0-9][a-z0-9äöü,;:\"'\\\\=*_]{0,9}( [a-z🎉\"',;\\\\]{1,9}){0,4}";
    (title, day, time(), time(), time(), time(), priority(), names, rule, any::<bool>()).prop_map(
        |(title, entry, due, wait, remind, scheduled, priority, names, recur, is_done)| {
            let mut tags = names.1;
            tags.sort_unstable();
            tags.dedup();
            let status = if is_done { Status::Completed } else { Status::Pending };
            let end = is_done.then_some(entry);
            Task {
                title,
                entry: Some(entry),
                due,
                wait,
                remind,
                scheduled,
                priority,
                project: names.0,
                tags,
                recur,
                status,
                end,
                ..Task::default()
            }
        },
    )
}

fn without_uuids(tasks: Vec<Task>) -> Vec<Task> {
    let mut tasks: Vec<_> = tasks.into_iter().map(|task| Task { uuid: Uuid::nil(), ..task }).collect();
    tasks.sort_by(|a, b| (&a.project, &a.title, a.due, a.entry).cmp(&(&b.project, &b.title, b.due, b.entry)));
    tasks
}

proptest! {
    #[test]
    fn taskwarrior_and_csv_keep_everything(all in vec(anything(), 0..4)) {
        for format in [Format::Taskwarrior, Format::Csv] {
            let written = format.write(&all, &now());
            prop_assert_eq!(&written.lost, &Lost::default());
            prop_assert_eq!(tasks(format, &written.text), all.clone(), "{:?}", format);
        }
    }

    #[test]
    fn the_formats_for_people_keep_what_they_hold(all in vec(simple(), 0..4)) {
        for format in [Format::TodoTxt, Format::Markdown] {
            let written = format.write(&all, &now());
            prop_assert_eq!(&written.lost, &Lost::default());
            let back = without_uuids(tasks(format, &written.text));
            prop_assert_eq!(back, without_uuids(all.clone()), "{:?}", format);
        }
    }

    #[test]
    fn icalendar_keeps_what_it_holds(task in anything()) {
        let title = crate::text::Clean::new(&task.title).into_string();
        prop_assume!(!title.trim().is_empty() && task.status != Status::Recurring);
        let written = Format::Ical.write(std::slice::from_ref(&task), &now());
        for line in written.text.split_terminator("\r\n") {
            prop_assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{:?}", line);
        }
        prop_assert!(written.text.ends_with("END:VCALENDAR\r\n"));
        let back = tasks(Format::Ical, &written.text).remove(0);
        let expected = (title, task.uuid, task.status, task.due, task.scheduled, task.wait, task.remind, task.priority);
        prop_assert_eq!(
            (back.title, back.uuid, back.status, back.due, back.scheduled, back.wait, back.remind, back.priority),
            expected
        );
        prop_assert_eq!((back.project, back.tags, back.depends, back.entry), (task.project, task.tags, task.depends, task.entry));
    }

    #[test]
    fn no_title_makes_more_or_fewer_tasks_of_one(task in anything()) {
        let task = Task { status: Status::Pending, ..task };
        for format in [Format::TodoTxt, Format::Markdown, Format::Ical] {
            let written = format.write(std::slice::from_ref(&task), &now());
            let parsed = read(format, &written.text);
            prop_assert!(parsed.tasks.len() + parsed.bad.len() == 1, "{:?}: {:?}", format, written.text);
        }
    }

    #[test]
    fn no_text_breaks_a_reader(text in "\\PC{0,80}", lines in vec("(BEGIN:VTODO|END:VTODO|SUMMARY:a|x (A)|- \\[ \\] 📅|\"|,|\\[|\\{\\}|title,due)", 0..8)) {
        for format in [Format::Taskwarrior, Format::TodoTxt, Format::Markdown, Format::Ical, Format::Csv] {
            read(format, &text);
            read(format, &lines.join("\n"));
        }
    }
}

fn told(format: Format, text: &str) -> String {
    let parsed = read(format, text);
    let mut told = String::new();
    for (place, task) in &parsed.tasks {
        writeln!(told, "{place}: {}", serde_json::to_string(task).unwrap()).unwrap();
    }
    for bad in &parsed.bad {
        writeln!(told, "bad {bad}").unwrap();
    }
    told + &format!("lost: {}\n", parsed.lost)
}

#[test]
fn a_real_taskwarrior_export_is_read() {
    let text = r#"[
{"id":1,"description":"buy milk","due":"20261204T080000Z","entry":"20261201T090000Z","modified":"20261201T090000Z","priority":"H","project":"home","status":"pending","tags":["shop","next"],"uuid":"11111111-1111-4111-8111-111111111111","annotations":[{"entry":"20261201T091000Z","description":"two bottles"}],"estimate":2.000000,"urgency":14.2},
{"id":0,"description":"pay rent","end":"20261130T100000Z","entry":"20261101T090000Z","status":"completed","uuid":"22222222-2222-4222-8222-222222222222","depends":"11111111-1111-4111-8111-111111111111","urgency":0},
{"id":3,"description":"water","due":"20261207T080000Z","entry":"20261101T090000Z","imask":0,"parent":"44444444-4444-4444-8444-444444444444","recur":"weekly","rtype":"periodic","status":"waiting","wait":"20261205T080000Z","uuid":"33333333-3333-4333-8333-333333333333"},
{"description":"bad","due":"tomorrow","status":"pending"},
{"status":"pending"}
]"#;
    insta::assert_snapshot!(told(Format::Taskwarrior, text));
}

#[test]
fn todo_txt_as_its_authors_write_it_is_read() {
    let text = "(A) Thank Mom for the meatballs @phone\n(B) Schedule Goodwill pickup +GarageSale @phone\n\
                Post signs around the neighborhood +GarageSale\n@GroceryStore Eskimo pies\n\n\
                x 2026-12-01 2026-11-20 Review Tim's pull request +TodoTxtTouch @github pri:A\n\
                2026-11-30 pay rent due:2026-12-31 rec:+1m t:2026-12-24\nxylophone lesson\n\
                call about https://example.com/x:y\nbad due:soon\n(z) low\n+only @properties\n";
    insta::assert_snapshot!(told(Format::TodoTxt, text));
}

#[test]
fn checklists_of_other_programs_are_read() {
    let text = "# Tasks\n\nSome words.\n\n## Home\n- [ ] call mom #family ⏫ 🔁 every week 📅 2026-12-04\n  - ask about sunday\n    and the cake\n  - bring flowers\n\
                * [X] pay rent ✅ 2026-12-01\n1. [ ] numbered\n    - [ ] a part of it ⏳ 2026-12-03\n- no box\n## Work\n- [ ] report 🔼 📅 2026-12-05 #big\n- [ ] odd 📅 soon\n- [ ]\n";
    insta::assert_snapshot!(told(Format::Markdown, text));
}

#[test]
fn calendars_of_other_programs_are_read() {
    let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Other//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\n\
                BEGIN:VTODO\r\nUID:abc@example.com\r\nDTSTAMP:20261201T090000Z\r\nSUMMARY:Call mom\\, and\r\n  dad\r\n\
                DUE;TZID=\"Europe/Berlin\":20261204T090000\r\nPRIORITY:2\r\nCATEGORIES:Family,Phone calls\r\n\
                DESCRIPTION:line one\\nline two\r\nRRULE:FREQ=WEEKLY;INTERVAL=2\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER;RELATED=END:-PT15M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VTODO\r\n\
                BEGIN:VTODO\r\nUID:22222222-2222-4222-8222-222222222222\r\nSUMMARY:Done\r\nDUE;VALUE=DATE:20261204\r\nSTATUS:COMPLETED\r\nCOMPLETED:20261201T100000Z\r\nRRULE:FREQ=MONTHLY;BYDAY=2TU\r\nEND:VTODO\r\n\
                BEGIN:VEVENT\r\nSUMMARY:Party\r\nEND:VEVENT\r\nBEGIN:VTODO\r\nUID:x\r\nDUE:soon\r\nSUMMARY:bad\r\nEND:VTODO\r\nBEGIN:VTODO\r\nUID:y\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";
    insta::assert_snapshot!(told(Format::Ical, text));
}

#[test]
fn tables_of_other_programs_are_read() {
    let text = "\u{feff}Name;Due date;Labels;Notes;Done;Colour\r\nbuy milk;2026-12-04;shop,food;\"two bottles\r\nand \"\"one\"\" more\";no;red\r\n\
                '=sum(a1);2026-12-04 09:00;;;x;\r\nbad;soon;;;;\r\n;;;;;\r\n";
    insta::assert_snapshot!(told(Format::Csv, text));
    assert_eq!(
        read(Format::Csv, "a,b\n1,2\n").bad[0].to_string(),
        "line 1: the first line names no column `title`"
    );
}

#[test]
fn formulas_are_guarded_in_tables() {
    for title in ["=1+1", "+1", "-1", "@x", "\tx", "'=x", "'"] {
        let task = Task { title: format!("{title} "), entry: Some(now().timestamp()), ..Task::default() };
        let text = Format::Csv.write(&[task], &now()).text;
        let cell = text.lines().nth(1).unwrap().split(',').nth(1).unwrap();
        assert!(cell.starts_with("\"'"), "{cell}");
    }
}

#[test]
fn each_format_looks_as_it_should() {
    let time = |text: &str| Some(text.parse().unwrap());
    let task = Task {
        uuid: Uuid::from_u128(1),
        title: "buy milk; \"the\" blue one".to_owned(),
        entry: time("2026-12-01T09:00:00Z"),
        modified: time("2026-12-01T09:30:00Z"),
        due: time("2026-12-04T08:00:00Z"),
        remind: time("2026-12-04T07:50:00Z"),
        wait: time("2026-12-02T23:00:00Z"),
        priority: Some(Priority::High),
        project: Some("home".to_owned()),
        tags: vec!["food".to_owned(), "shop".to_owned()],
        recur: Some("weekly".to_owned()),
        notes: vec![Note {
            time: time("2026-12-01T09:10:00Z").unwrap(),
            text: "two bottles\nnot one".to_owned(),
        }],
        ..Task::default()
    };
    let mut all = String::new();
    for format in [Format::Taskwarrior, Format::TodoTxt, Format::Markdown, Format::Ical, Format::Csv] {
        let written = format.write(std::slice::from_ref(&task), &now());
        writeln!(all, "{format:?} (lost: {})\n{}", written.lost, written.text.replace('\r', "␍")).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn what_is_too_long_is_told() {
    let text = format!("{}\nfine\n", "x".repeat(501));
    let parsed = read(Format::TodoTxt, &text);
    assert_eq!(parsed.bad[0].to_string(), "line 1: `title` is longer than 500 characters");
    assert_eq!(parsed.tasks.len(), 1);
}
