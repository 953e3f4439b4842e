use jiff::civil;
use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::*;
use crate::tasks::NewTask;

/// A Wednesday morning.
fn now() -> Zoned {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    "2026-12-02T10:00:00".parse::<civil::DateTime>().unwrap().to_zoned(zone).unwrap()
}

fn titles(news: Option<TaskNews>) -> Option<Vec<String>> {
    news.map(|news| news.rows.into_iter().map(|row| row.title.into_string()).collect())
}

fn add(store: &TaskStore, title: &str) -> Task {
    let new = NewTask { title: title.to_owned(), ..NewTask::default() };
    store.add(&new, &now()).unwrap()
}

#[test]
fn what_another_program_changes_is_news_once() {
    let dir = TempDir::new().unwrap();
    let pane = TasksPane::new(TaskStore::open(dir.path()).unwrap());
    assert_eq!(titles(pane.news(&now())), Some(vec![]), "at the start");
    assert_eq!(titles(pane.news(&now())), None);
    let other = TaskStore::open(dir.path()).unwrap();
    let milk = add(&other, "milk");
    assert_eq!(titles(pane.news(&now())), Some(vec!["milk".to_owned()]));
    assert_eq!(titles(pane.news(&now())), None);
    other.complete(milk.uuid, &now()).unwrap();
    assert_eq!(titles(pane.news(&now())), Some(vec![]));
}

#[test]
fn news_say_whether_they_are_of_another_program() {
    let dir = TempDir::new().unwrap();
    let store = TaskStore::open(dir.path()).unwrap();
    let pane = TasksPane::new(store.clone());
    let by_others = || pane.news(&now()).map(|news| news.by_others);
    assert_eq!(by_others(), Some(false));
    add(&store, "milk");
    assert_eq!(by_others(), Some(false));
    add(&TaskStore::open(dir.path()).unwrap(), "bread");
    assert_eq!(by_others(), Some(true));
    assert_eq!(by_others(), None);
}

#[test]
fn time_alone_is_news_after_a_minute() {
    let dir = TempDir::new().unwrap();
    let pane = TasksPane::new(TaskStore::open(dir.path()).unwrap());
    pane.news(&now());
    let later = now().checked_add(jiff::Span::new().seconds(60)).unwrap();
    assert_eq!(titles(pane.news(&later)), Some(vec![]));
}

#[test]
fn what_was_done_today_is_shown_to_who_asks_for_it() {
    let dir = TempDir::new().unwrap();
    let store = TaskStore::open(dir.path()).unwrap();
    let pane = TasksPane::new(store.clone());
    let [milk, bread, _] = ["milk", "bread", "eggs"].map(|title| add(&store, title));
    let yesterday = now().yesterday().unwrap();
    store.complete(milk.uuid, &yesterday).unwrap();
    store.complete(bread.uuid, &now()).unwrap();
    assert_eq!(titles(pane.news(&now())), Some(vec!["eggs".to_owned()]));
    pane.show_done(true);
    let rows = pane.news(&now()).unwrap().rows;
    let done: Vec<_> = rows.iter().map(|row| (row.title.as_str(), row.number, row.done)).collect();
    assert_eq!(done, [("eggs", 3, false), ("bread", 0, true)]);
    assert_eq!(rows[1].details[0].as_str(), "done: Wed 2 Dec 2026 10:00");
    pane.show_done(false);
    assert_eq!(titles(pane.news(&now())), Some(vec!["eggs".to_owned()]));
}

#[test]
fn the_details_of_a_task_are_told_in_full() {
    let dir = TempDir::new().unwrap();
    let store = TaskStore::open(dir.path()).unwrap();
    let at = |text: &str| when::parse(text, &now()).unwrap().time.timestamp();
    let new = NewTask {
        title: "milk".to_owned(),
        due: Some(at("friday at 9")),
        remind: Some(at("tomorrow")),
        priority: Some(Priority::High),
        project: Some("home".to_owned()),
        tags: vec!["shop".to_owned(), "soon".to_owned()],
        note: Some("two\u{1b}[2J litres\nof oat milk".to_owned()),
        ..NewTask::default()
    };
    let task = store.add(&new, &now()).unwrap();
    let row = row(&task, &now());
    assert_eq!((row.uuid, row.number), (task.uuid, 1));
    let expected = [
        "due: Fri 4 Dec 2026 09:00",
        "remind: Thu 3 Dec 2026",
        "priority: high",
        "project: home",
        "tags: +shop +soon",
        "note: two litres of oat milk",
    ];
    assert_eq!(row.details.iter().map(Clean::as_str).collect::<Vec<_>>(), expected);
}
