use std::collections::BTreeMap;

use jiff::civil;
use jiff::tz::TimeZone;
use taskchampion::storage::Storage as _;
use tempfile::TempDir;

use super::*;
use crate::tasks::block_on::block_on;
use crate::tasks::{Changed, NewTask, TaskStore};

fn at(text: &str) -> Zoned {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    text.parse::<civil::DateTime>().unwrap().to_zoned(zone).unwrap()
}

fn words(time: Option<Timestamp>) -> String {
    let zone = at("2027-01-01T00:00:00").time_zone().clone();
    time.map_or_else(|| "-".to_owned(), |time| time.to_zoned(zone).strftime("%F %H:%M").to_string())
}

/// On a Thursday: every Monday at nine.
fn weekly() -> NewTask {
    NewTask {
        title: "water the plants".to_owned(),
        due: Some(at("2027-03-22T09:00:00").timestamp()),
        remind: Some(at("2027-03-22T08:30:00").timestamp()),
        tags: vec!["home".to_owned()],
        repeat: Some(Rule::WEEKLY),
        ..NewTask::default()
    }
}

fn store() -> (TempDir, TaskStore, Task) {
    let dir = TempDir::new().unwrap();
    let store = TaskStore::open(dir.path()).unwrap();
    let task = store.add(&weekly(), &at("2027-03-18T12:00:00")).unwrap();
    (dir, store, task)
}

fn template(store: &TaskStore) -> Task {
    let mut all = store.all().unwrap();
    all.retain(|task| task.status == Status::Recurring);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn next(changed: &Changed) -> (String, u32) {
    changed.next.as_ref().map_or(("none".to_owned(), 0), |next| (words(next.task.due), next.skipped))
}

/// As another program might.
fn write(store: &TaskStore, uuid: Uuid, values: &[(&str, &str)]) {
    let mut storage = store.0.storage.lock().unwrap();
    block_on(async {
        let mut txn = storage.txn().await.unwrap();
        let mut map = txn.get_task(uuid).await.unwrap().unwrap_or_default();
        txn.create_task(uuid).await.unwrap();
        map.extend(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        txn.set_task(uuid, map).await.unwrap();
        if !txn.get_working_set().await.unwrap().contains(&Some(uuid)) {
            txn.add_to_working_set(uuid).await.unwrap();
        }
        txn.commit().await.unwrap();
    });
}

#[test]
fn what_repeats_is_a_template_and_one_task_in_taskwarriors_terms() {
    let (_dir, store, task) = store();
    assert_eq!(store.pending().unwrap(), std::slice::from_ref(&task));
    assert_eq!((task.number, task.recur.as_deref()), (Some(1), Some("weekly")));
    let template = template(&store);
    assert_eq!(task.parent, Some(template.uuid));
    let others = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    assert_eq!(task.others, others(&[("imask", "0"), ("rtype", "periodic")]));
    assert_eq!(template.others, others(&[("mask", "-"), ("rtype", "periodic")]));
    assert_eq!((template.due, template.number), (task.due, None));
}

#[test]
fn a_completed_one_comes_again_at_the_same_time_on_the_clock() {
    let (_dir, store, task) = store();
    let changed = store.complete(task.uuid, &at("2027-03-22T10:00:00")).unwrap();
    // Over a change to daylight saving time.
    assert_eq!(next(&changed), ("2027-03-29 09:00".to_owned(), 0));
    let next = changed.next.unwrap().task;
    assert_eq!(words(next.remind), "2027-03-29 08:30");
    assert_eq!(
        (next.title.as_str(), next.tags.as_slice()),
        ("water the plants", ["home".to_owned()].as_slice())
    );
    assert_eq!(next.others["imask"], "1");
    assert_eq!(template(&store).others["mask"], "+-");
    assert_eq!(store.pending().unwrap(), [next]);
}

#[test]
fn missed_ones_are_left_out_and_counted() {
    let (_dir, store, task) = store();
    let changed = store.complete(task.uuid, &at("2027-04-14T10:00:00")).unwrap();
    assert_eq!(next(&changed), ("2027-04-19 09:00".to_owned(), 3));
    assert_eq!(template(&store).others["mask"], "+XXX-");
}

#[test]
fn a_whole_day_is_not_missed_before_it_is_over() {
    let (_dir, store, _) = store();
    let due = Some(at("2027-03-21T00:00:00").timestamp());
    let pills = NewTask { title: "pills".to_owned(), due, repeat: Some(Rule::DAILY), ..NewTask::default() };
    let pills = store.add(&pills, &at("2027-03-20T12:00:00")).unwrap();
    let changed = store.complete(pills.uuid, &at("2027-03-22T10:00:00")).unwrap();
    assert_eq!(next(&changed), ("2027-03-22 00:00".to_owned(), 0));
}

#[test]
fn one_undo_takes_back_the_completion_and_what_came_of_it() {
    let (_dir, store, task) = store();
    let before = store.all().unwrap();
    store.complete(task.uuid, &at("2027-03-22T10:00:00")).unwrap();
    let undone = store.undo().unwrap().unwrap();
    assert_eq!(undone.what(), "completed task 1: water the plants");
    assert_eq!(undone.sides.len(), 2, "the task, and the one that was made");
    assert_eq!(store.all().unwrap(), before);
    assert_eq!(store.undo().unwrap().unwrap().what(), "added task 1: water the plants");
    assert_eq!(store.all().unwrap(), []);
}

#[test]
fn completing_one_that_was_reopened_makes_no_second_next() {
    let (_dir, store, task) = store();
    let now = at("2027-03-22T10:00:00");
    let first = store.complete(task.uuid, &now).unwrap();
    store.reopen(task.uuid, &now).unwrap();
    assert_eq!(template(&store).others["mask"], "--");
    let again = store.complete(task.uuid, &now).unwrap();
    assert_eq!(next(&again), next(&first));
    assert_eq!(store.pending().unwrap().len(), 1);
    assert_eq!(template(&store).others["mask"], "+-");
}

#[test]
fn a_deleted_one_does_not_come_again() {
    let (_dir, store, task) = store();
    store.delete(task.uuid, &at("2027-03-20T10:00:00")).unwrap();
    assert!(store.all().unwrap().iter().all(|task| task.status == Status::Deleted));
    store.undo().unwrap();
    assert_eq!(store.pending().unwrap(), [task]);
    assert_eq!(template(&store).others["mask"], "-");
}

#[test]
fn another_title_is_for_all_that_come_another_date_for_one() {
    let (_dir, store, task) = store();
    let now = at("2027-03-19T10:00:00");
    let changes = Changes {
        title: Some("water the garden".to_owned()),
        due: Some(Some(at("2027-03-23T18:00:00").timestamp())),
        tags: Some(vec!["out".to_owned()]),
        remind: Some(None),
        ..Changes::default()
    };
    store.update(task.uuid, &changes, &now).unwrap();
    let changed = store.complete(task.uuid, &at("2027-03-23T19:00:00")).unwrap();
    let next = changed.next.unwrap().task;
    assert_eq!((next.title.as_str(), words(next.due).as_str()), ("water the garden", "2027-03-29 09:00"));
    assert_eq!((next.tags, next.remind), (vec!["out".to_owned()], None));
}

#[test]
fn a_task_begins_to_repeat_changes_its_rule_and_stops() {
    let (_dir, store, task) = store();
    let now = at("2027-03-19T10:00:00");
    let repeat = |rule| Changes { repeat: Some(rule), ..Changes::default() };
    let same = store.update(task.uuid, &repeat(Some(Rule::WEEKLY)), &now).unwrap();
    assert!(!same.is_change());
    store.update(task.uuid, &repeat(Some(Rule::MONTHLY)), &now).unwrap();
    assert_eq!(template(&store).recur.as_deref(), Some("monthly"));
    let stopped = store.update(task.uuid, &repeat(None), &now).unwrap().after;
    assert_eq!((stopped.recur, stopped.parent, stopped.others.len()), (None, None, 0));
    let done = store.complete(task.uuid, &now).unwrap();
    assert_eq!(done.next, None);
    let without_due = store.add(&NewTask { due: None, ..weekly() }, &now).unwrap();
    assert_eq!((without_due.recur, without_due.parent), (None, None));
}

#[test]
fn a_series_ends_where_it_says() {
    let (_dir, store, task) = store();
    let now = at("2027-03-22T10:00:00");
    let until = Changes { until: Some(Some(at("2027-03-28T00:00:00").timestamp())), ..Changes::default() };
    store.update(task.uuid, &until, &now).unwrap();
    assert_eq!(store.complete(task.uuid, &now).unwrap().next, None);
}

#[test]
fn templates_of_taskwarrior_are_gone_on_with() {
    let (_dir, store, _) = store();
    let (template, child) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let due = record::seconds(at("2027-03-22T18:00:00").timestamp());
    let common =
        [("description", "standup"), ("due", &due), ("recur", "P1D"), ("uda", "x"), ("rtype", "periodic")];
    write(&store, template, &common);
    write(&store, template, &[("status", "recurring"), ("mask", "-")]);
    write(&store, child, &common);
    let parent = template.to_string();
    write(&store, child, &[("status", "pending"), ("parent", &parent), ("imask", "0.000000")]);
    let titles = |store: &TaskStore| -> Vec<_> {
        store.pending().unwrap().into_iter().map(|task| task.title).collect()
    };
    assert_eq!(titles(&store), ["water the plants", "standup"]);
    let changed = store.complete(child, &at("2027-03-22T18:30:00")).unwrap();
    assert_eq!(next(&changed), ("2027-03-23 18:00".to_owned(), 0));
    let made = changed.next.unwrap().task;
    assert_eq!((made.others["uda"].as_str(), made.others["imask"].as_str()), ("x", "1"));
    assert_eq!(store.get(template).unwrap().unwrap().others["mask"], "+-");
    // What Taskwarrior has completed comes again as well, and only once.
    write(&store, made.uuid, &[("status", "completed")]);
    assert_eq!(store.renew(&at("2027-03-23T19:00:00")).unwrap(), 1);
    assert_eq!(store.renew(&at("2027-03-23T19:00:00")).unwrap(), 0);
    assert_eq!(titles(&store), ["water the plants", "standup"]);
}

#[test]
fn a_broken_series_breaks_nothing() {
    let (_dir, store, task) = store();
    let template = template(&store);
    for values in [
        [("mask", ""), ("recur", "often")],
        [("mask", "????????"), ("recur", "weekly")],
        [("mask", "-"), ("due", "soon")],
    ] {
        write(&store, template.uuid, &values);
        store.complete(task.uuid, &at("2027-03-22T10:00:00")).unwrap();
        store.undo().unwrap();
    }
    write(&store, task.uuid, &[("imask", "4000000000")]);
    store.complete(task.uuid, &at("2027-03-22T10:00:00")).unwrap();
    write(&store, task.uuid, &[("parent", "?"), ("status", "pending")]);
    store.complete(task.uuid, &at("2027-03-22T10:00:00")).unwrap();
}

#[test]
fn what_is_copied_by_taskwarrior_reminds_at_its_own_time() {
    let (_dir, store, task) = store();
    let template = template(&store);
    let due = record::seconds(at("2027-04-05T09:00:00").timestamp());
    let mut storage = store.0.storage.lock().unwrap();
    let stored = block_on(async {
        let mut txn = storage.txn().await.unwrap();
        txn.get_task(template.uuid).await.unwrap().unwrap()
    });
    drop(storage);
    assert_eq!((stored.get("remind"), stored["remindbefore"].as_str()), (None, "1800"));
    let values: Vec<_> = stored.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let made = Uuid::from_u128(4);
    write(&store, made, &values);
    write(&store, made, &[("status", "pending"), ("due", &due), ("imask", "2")]);
    assert_eq!(words(store.get(made).unwrap().unwrap().remind), "2027-04-05 08:30");
    assert_eq!(words(task.remind), "2027-03-22 08:30");
}
