use super::*;
use crate::tasks::task::Note;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

fn now() -> Zoned {
    time("2026-12-02T12:00:00Z").to_zoned(TimeZone::UTC)
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn task(change: impl FnOnce(&mut Task)) -> Task {
    let mut task = Task {
        uuid: Uuid::nil(),
        number: Some(1),
        title: "buy groceries".to_owned(),
        status: Status::Pending,
        due: None,
        remind: None,
        wait: None,
        priority: None,
        project: Some("home.kitchen".to_owned()),
        tags: vec!["shop".to_owned()],
        notes: vec![Note { time: Timestamp::UNIX_EPOCH, text: "oat milk".to_owned() }],
        entry: None,
        modified: None,
        ..Task::default()
    };
    change(&mut task);
    task
}

fn shows(filter: &Filter, change: impl FnOnce(&mut Task)) -> bool {
    filter.shows(&task(change), &now())
}

#[test]
fn scopes_tell_what_is_to_be_done() {
    let status = |status| move |task: &mut Task| task.status = status;
    let cases = [
        (Scope::Pending, [true, false, false, false]),
        (Scope::Completed, [false, true, false, false]),
        (Scope::Kept, [true, true, false, false]),
        (Scope::All, [true, true, true, true]),
    ];
    for (scope, expected) in cases {
        let filter = Filter { scope, ..Filter::default() };
        let all = [Status::Pending, Status::Completed, Status::Deleted, Status::Recurring];
        assert_eq!(all.map(|s| shows(&filter, status(s))), expected, "{scope:?}");
    }
    assert!(!shows(&Filter::default(), |task| task.wait = Some(time("2026-12-03T00:00:00Z"))));
    assert!(shows(&Filter::default(), |task| task.wait = Some(time("2026-12-01T00:00:00Z"))));
}

#[test]
fn due_filters_follow_the_calendar() {
    let due = |due| Filter { due: Some(due), ..Filter::default() };
    let table = [
        ("2026-12-01T23:59:59Z", [false, true, false]),
        ("2026-12-02T00:00:00Z", [true, false, true]),
        ("2026-12-02T11:00:00Z", [true, true, true]),
        ("2026-12-02T23:59:59Z", [true, false, true]),
        ("2026-12-08T23:59:59Z", [false, false, true]),
        ("2026-12-09T00:00:00Z", [false, false, false]),
    ];
    for (at, expected) in table {
        let shown =
            [Due::Today, Due::Overdue, Due::Week].map(|d| shows(&due(d), |task| task.due = Some(time(at))));
        assert_eq!(shown, expected, "{at}");
    }
    assert!(!shows(&due(Due::Week), |_| ()));
}

#[test]
fn words_projects_and_tags_are_compared_as_people_mean_them() {
    let text = |text: &str| shows(&Filter { text: Some(text.to_owned()), ..Filter::default() }, |_| ());
    assert!(text("grocery") && text("the milk") && text("shopping") && text("home"));
    assert!(!text("grocery bread"));
    let project = |name: &str| shows(&Filter { project: Some(name.to_owned()), ..Filter::default() }, |_| ());
    assert!(project("home") && project("Home.Kitchen"));
    assert!(!project("hom") && !project("kitchen"));
    let tag = |name: &str| shows(&Filter { tag: Some(name.to_owned()), ..Filter::default() }, |_| ());
    assert!(tag("shop") && tag("+Shop"));
    assert!(!tag("sho"));
}
