use super::*;
use crate::text::Clean;

fn row(number: u32, due: Option<&str>) -> TaskRow {
    TaskRow { number, title: Clean::new("short"), due_words: due.map(Clean::new), ..TaskRow::default() }
}

fn shown(tasks: Vec<TaskRow>, height: usize) -> Vec<String> {
    let view = View { tasks, ..View::default() };
    lines(&view, 26, height).0.iter().map(|line| line.to_string().trim_end().to_owned()).collect()
}

#[test]
fn each_mark_has_its_reason() {
    let overdue = TaskRow { overdue: true, priority: Priority::High, ..row(1, Some("yesterday")) };
    let done = TaskRow { done: true, overdue: true, ..row(2, Some("yesterday")) };
    let high = TaskRow { priority: Priority::High, ..row(3, None) };
    let low = TaskRow { priority: Priority::Low, ..row(4, None) };
    let want = [
        " Tasks · 3 open, 1 overdue",
        " 1 ! short",
        "     overdue · yesterday",
        " 2 ✓ short",
        " 3 ↑ short",
        " 4 ↓ short",
    ];
    assert_eq!(shown(vec![overdue, done, high, low], 9), want);
}

#[test]
fn what_does_not_fit_is_counted() {
    let tasks: Vec<TaskRow> = (1..=6).map(|number| row(number, None)).collect();
    assert_eq!(shown(tasks.clone(), 7).last().unwrap(), " 6 · short");
    let fewer = shown(tasks.clone(), 6);
    assert_eq!((fewer.len(), fewer.last().unwrap().as_str()), (6, "     2 more"));
    for height in 0..12 {
        assert!(shown(tasks.clone(), height).len() <= height);
    }
}

#[test]
fn a_long_title_takes_two_lines() {
    let long = TaskRow {
        title: Clean::new("a task with quite a long title, too long even for two"),
        ..row(12, None)
    };
    let want = [" Tasks · 1 open", "12 · a task with quite a", "     long title, too long…"];
    assert_eq!(shown(vec![long], 9), want);
}

#[test]
fn no_tasks_are_an_invitation() {
    assert_eq!(shown(vec![], 5), [" Tasks · 0 open", " Say “add a task …”"]);
}
