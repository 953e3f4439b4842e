//! The tasks' pane by keys.

use crossterm::event::{KeyCode, KeyModifiers};
use uuid::Uuid;

use super::*;
use crate::ui::keymap::Focus;
use crate::ui::view::TaskRow;

fn row(id: u128, title: &str) -> TaskRow {
    let uuid = Uuid::from_u128(id);
    TaskRow { uuid, number: id as u32, title: Clean::line(title), ..TaskRow::default() }
}

fn news(rows: Vec<TaskRow>) -> Msg {
    Msg::Tasks(TaskNews { rows, by_others: false })
}

fn uuid(id: u128) -> Uuid {
    Uuid::from_u128(id)
}

/// With `milk`, `bread` and `eggs`, and the focus on them.
fn pane() -> Scene {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    scene.update(news(vec![row(1, "milk"), row(2, "bread"), row(3, "eggs")]));
    scene.press(KeyCode::Tab);
    scene
}

fn outcome(summary: &str, ok: bool) -> ToolOutcome {
    let (output, summary) = ("{}".to_owned(), summary.to_owned());
    ToolOutcome { output, ok, summary, changed: ok, changes: vec![], pending: None }
}

impl Scene {
    fn press(&mut self, code: KeyCode) {
        let modifiers = if code == KeyCode::BackTab { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
        self.update(Msg::Key(KeyEvent::new(code, modifiers)));
    }

    fn chars(&mut self, text: &str) {
        text.chars().for_each(|c| self.press(KeyCode::Char(c)));
    }

    fn selected(&self) -> Option<&str> {
        crate::ui::tasks::selected(&self.app.view).map(|row| row.title.as_str())
    }

    fn focus(&self) -> Focus {
        self.app.view.focus()
    }

    /// Answers the change that is waited for.
    fn carried_out(&mut self, ok: bool) {
        let change = self.changes.last().cloned().expect("a change was asked for");
        self.update(Msg::Task { change, outcome: outcome("the outcome", ok) });
    }
}

#[test]
fn tab_gives_the_keys_to_the_tasks_and_back() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    for (there, back) in
        [(KeyCode::Tab, KeyCode::Tab), (KeyCode::BackTab, KeyCode::BackTab), (KeyCode::Tab, KeyCode::Esc)]
    {
        scene.press(there);
        assert_eq!(scene.focus(), Focus::Tasks);
        scene.press(back);
        assert_eq!(scene.focus(), Focus::EmptyLine);
    }
    scene.chars("hello");
    scene.press(KeyCode::Tab);
    assert_eq!((scene.focus(), scene.app.view.input.text()), (Focus::Line, "hello"));
}

#[test]
fn characters_are_not_typed_into_the_line_while_the_tasks_have_the_keys() {
    let mut scene = pane();
    scene.chars("xyz");
    assert_eq!(scene.app.view.input.text(), "");
    scene.update(Msg::Paste("pasted".to_owned()));
    assert_eq!((scene.focus(), scene.app.view.input.text()), (Focus::Line, "pasted"));
}

#[test]
fn keys_select_tasks() {
    let mut scene = pane();
    assert_eq!(scene.selected(), Some("milk"));
    let table = [
        (KeyCode::Down, "bread"),
        (KeyCode::Char('j'), "eggs"),
        (KeyCode::Down, "eggs"),
        (KeyCode::Char('k'), "bread"),
        (KeyCode::Up, "milk"),
        (KeyCode::Up, "milk"),
        (KeyCode::End, "eggs"),
        (KeyCode::Home, "milk"),
        (KeyCode::PageDown, "eggs"),
        (KeyCode::PageUp, "milk"),
    ];
    for (code, expected) in table {
        scene.press(code);
        assert_eq!(scene.selected(), Some(expected), "{code:?}");
    }
}

#[test]
fn a_page_is_what_the_pane_shows() {
    let mut scene = Scene::connected(config(Face::Screen, TurnMode::TextOnly));
    scene.update(Msg::Resize { columns: 40, rows: 12 });
    let rows: Vec<_> = (1..=20).map(|id| row(id, &format!("task {id}"))).collect();
    scene.update(news(rows));
    scene.press(KeyCode::Tab);
    let mut seen = vec![];
    for code in [KeyCode::PageDown, KeyCode::PageDown, KeyCode::Down, KeyCode::PageUp, KeyCode::PageUp] {
        scene.press(code);
        seen.extend(scene.selected().map(str::to_owned));
    }
    assert_eq!(seen, ["task 7", "task 13", "task 14", "task 7", "task 1"]);
}

#[test]
fn the_selection_stays_with_its_task_and_else_with_its_place() {
    let mut scene = pane();
    scene.press(KeyCode::Down);
    // Numbers say nothing: the same task, moved and numbered anew.
    let bread = TaskRow { number: 1, ..row(2, "bread") };
    scene.update(news(vec![row(9, "cheese"), row(3, "eggs"), row(1, "milk"), bread]));
    assert_eq!(scene.selected(), Some("bread"));
    scene.update(news(vec![row(9, "cheese"), row(3, "eggs"), row(1, "milk")]));
    assert_eq!(scene.selected(), Some("milk"), "the last one, where `bread` was");
    scene.update(news(vec![]));
    assert_eq!(scene.selected(), None);
    scene.press(KeyCode::Enter);
    scene.press(KeyCode::Char('d'));
    scene.press(KeyCode::Char('e'));
    assert_eq!((scene.changes.len(), scene.focus()), (0, Focus::Tasks), "there is nothing to change");
}

#[test]
fn keys_change_the_selected_task() {
    let table = [
        (KeyCode::Enter, TaskChange::Complete(uuid(2))),
        (KeyCode::Char(' '), TaskChange::Complete(uuid(2))),
        (KeyCode::Char('d'), TaskChange::Delete(uuid(2))),
        (KeyCode::Delete, TaskChange::Delete(uuid(2))),
        (KeyCode::Char('u'), TaskChange::Undo),
        (KeyCode::F(8), TaskChange::Undo),
    ];
    for (code, expected) in table {
        let mut scene = pane();
        scene.press(KeyCode::Down);
        scene.press(code);
        assert_eq!(scene.changes, [expected], "{code:?}");
    }
}

#[test]
fn a_done_task_is_reopened() {
    let mut scene = pane();
    scene.press(KeyCode::Char('a'));
    assert!(scene.with_done);
    scene.update(news(vec![TaskRow { done: true, number: 0, ..row(7, "tea") }]));
    scene.press(KeyCode::Enter);
    assert_eq!(scene.changes, [TaskChange::Reopen(uuid(7))]);
    scene.press(KeyCode::Char('a'));
    assert!(!scene.with_done);
}

#[test]
fn a_title_is_edited_in_the_input_line() {
    let mut scene = pane();
    scene.press(KeyCode::Char('e'));
    assert_eq!((scene.focus(), scene.app.view.editor().text()), (Focus::TaskTitle, "milk"));
    scene.press(KeyCode::Home);
    scene.chars("oat ");
    scene.press(KeyCode::Esc);
    assert_eq!((scene.focus(), scene.changes.len()), (Focus::Tasks, 0), "Esc cancels");
    scene.press(KeyCode::Char('e'));
    scene.press(KeyCode::Home);
    scene.chars("oat ");
    scene.press(KeyCode::Enter);
    let expected = TaskChange::Rename { uuid: uuid(1), title: "oat milk".to_owned() };
    assert_eq!((scene.focus(), &scene.changes[..]), (Focus::Tasks, &[expected][..]));
    assert_eq!(scene.app.view.input.text(), "", "the message to the assistant is another");
}

#[test]
fn a_new_task_is_typed_into_the_input_line() {
    let mut scene = pane();
    scene.press(KeyCode::Char('n'));
    scene.press(KeyCode::Enter);
    assert_eq!((scene.focus(), scene.changes.len()), (Focus::Tasks, 0), "without a title there is none");
    scene.press(KeyCode::Char('n'));
    scene.chars("  feed the cat ");
    scene.press(KeyCode::Enter);
    assert_eq!(scene.changes, [TaskChange::Add { title: "feed the cat".to_owned() }]);
}

#[test]
fn the_filter_works_while_it_is_typed_and_esc_clears_it() {
    let mut scene = pane();
    scene.press(KeyCode::Char('/'));
    scene.chars("EG");
    assert_eq!((scene.focus(), scene.selected()), (Focus::TaskFilter, Some("eggs")));
    scene.press(KeyCode::Enter);
    assert_eq!((scene.focus(), scene.app.view.pane.filter.as_str()), (Focus::Tasks, "EG"));
    scene.press(KeyCode::Esc);
    assert_eq!((scene.focus(), scene.app.view.pane.filter.as_str()), (Focus::Tasks, ""));
    scene.press(KeyCode::Char('/'));
    scene.chars("nothing like it");
    scene.press(KeyCode::Down);
    scene.press(KeyCode::Esc);
    assert_eq!((scene.focus(), scene.selected()), (Focus::Tasks, Some("eggs")));
    scene.press(KeyCode::Char('/'));
    scene.chars("milk");
    scene.press(KeyCode::Enter);
    scene.press(KeyCode::Tab);
    assert_eq!(scene.app.view.pane.filter, "", "a list that is not whole is not left behind");
}

#[test]
fn changes_are_made_one_after_the_other() {
    let mut scene = pane();
    scene.press(KeyCode::Enter);
    scene.press(KeyCode::Char('u'));
    scene.press(KeyCode::Delete);
    assert_eq!(scene.changes, [TaskChange::Complete(uuid(1))], "the others wait");
    scene.carried_out(true);
    assert_eq!(scene.changes[1..], [TaskChange::Undo]);
    scene.carried_out(false);
    assert_eq!(scene.changes[2..], [TaskChange::Delete(uuid(1))]);
    scene.carried_out(true);
    assert_eq!(scene.changes.len(), 3);
}

#[test]
fn what_was_done_by_hand_is_told_in_the_conversation_and_not_to_the_server() {
    let mut scene = pane();
    scene.press(KeyCode::Enter);
    scene.carried_out(true);
    scene.press(KeyCode::Enter);
    scene.carried_out(false);
    let told = scene.transcript();
    assert!(told.contains("the outcome") && told.contains("Done") && told.contains("Failed"), "{told}");
    scene.lost(500);
    scene.link(LinkEvent::Connected);
    let sent = scene.sent.iter().map(ToString::to_string).collect::<String>();
    assert!(!sent.contains("by hand") && !sent.contains("outcome"), "{sent}");
}
