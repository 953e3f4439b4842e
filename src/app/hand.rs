//! The tasks' pane by keys: what each does to the view, and which change of a task it asks for.

use std::collections::VecDeque;
use std::time::Instant;

use super::tasks_pane::TaskNews;
use super::{App, Effect};
use crate::tools::{TaskChange, ToolOutcome};
use crate::ui::input::{Edit, Editor};
use crate::ui::keymap::TaskKey;
use crate::ui::tasks::{self, Prompt};
use crate::ui::view::TaskRow;

/// Changes by hand are made one after the other, or an undo could come before what it is to take back.
#[derive(Debug, Default)]
pub(super) struct Hand {
    waiting: VecDeque<TaskChange>,
    busy: bool,
}

impl App {
    pub(super) fn task_key(&mut self, key: TaskKey) {
        match key {
            TaskKey::Enter => self.view.pane.focused = true,
            TaskKey::Back if !self.view.pane.filter.is_empty() => self.view.pane.filter.clear(),
            TaskKey::Leave | TaskKey::Back => self.leave_tasks(),
            TaskKey::Select(step) => tasks::select(&mut self.view, self.size.0, self.size.1, step),
            TaskKey::Toggle => self.change_selected(|row| {
                if row.done { TaskChange::Reopen(row.uuid) } else { TaskChange::Complete(row.uuid) }
            }),
            TaskKey::Delete => self.change_selected(|row| TaskChange::Delete(row.uuid)),
            TaskKey::New => self.view.pane.prompt = Some(Prompt::New(Editor::default())),
            TaskKey::Rename => {
                let rename = |row: &TaskRow| Prompt::Rename(row.uuid, Editor::of(row.title.as_str()));
                self.view.pane.prompt = tasks::selected(&self.view).map(rename);
            }
            TaskKey::Filter => {
                self.view.pane.prompt = Some(Prompt::Filter(Editor::of(&self.view.pane.filter)));
            }
            TaskKey::ShowDone => {
                self.view.pane.with_done = !self.view.pane.with_done;
                self.effects.push_back(Effect::ShowDone(self.view.pane.with_done));
            }
            TaskKey::Accept => self.accept_prompt(),
            TaskKey::Cancel => {
                if let Some(Prompt::Filter(_)) = self.view.pane.prompt.take() {
                    self.view.pane.filter.clear();
                }
            }
        }
        tasks::settle(&mut self.view);
    }

    /// A list that is not whole is only shown to who asked for it.
    pub(super) fn leave_tasks(&mut self) {
        let pane = &mut self.view.pane;
        (pane.focused, pane.prompt) = (false, None);
        pane.filter.clear();
    }

    fn accept_prompt(&mut self) {
        let Some(prompt) = self.view.pane.prompt.take() else { return };
        let text = prompt.editor().text().trim().to_owned();
        match prompt {
            Prompt::Filter(_) => self.view.pane.filter = text,
            Prompt::New(_) | Prompt::Rename(..) if text.is_empty() => {}
            Prompt::New(_) => self.change_by_hand(TaskChange::Add { title: text }),
            Prompt::Rename(uuid, _) => self.change_by_hand(TaskChange::Rename { uuid, title: text }),
        }
    }

    fn change_selected(&mut self, change: impl FnOnce(&TaskRow) -> TaskChange) {
        if let Some(change) = tasks::selected(&self.view).map(change) {
            self.change_by_hand(change);
        }
    }

    pub(super) fn change_by_hand(&mut self, change: TaskChange) {
        self.hand.waiting.push_back(change);
        self.next_change();
    }

    fn next_change(&mut self) {
        if !self.hand.busy
            && let Some(change) = self.hand.waiting.pop_front()
        {
            self.hand.busy = true;
            self.effects.push_back(Effect::Task(change));
        }
    }

    pub(super) fn changed_by_hand(&mut self, change: &TaskChange, outcome: ToolOutcome, now: Instant) {
        self.hand.busy = false;
        self.done_by_hand(change, outcome, now);
        self.next_change();
    }

    /// The tasks have changed, here or elsewhere.
    pub(super) fn task_news(&mut self, news: TaskNews) {
        self.view.tasks = news.rows;
        if news.by_others {
            self.forget_undoable();
        }
        if self.view.pane.focused {
            tasks::settle(&mut self.view);
        }
        self.effects.push_back(Effect::Draw);
    }

    pub(super) fn edit(&mut self, edit: Edit) {
        self.view.editor_mut().apply(edit);
        self.refilter();
        self.search_anew();
    }

    /// Pasted text is something to say, unless there is something else to type.
    pub(super) fn paste(&mut self, text: &str) {
        if self.view.pane.prompt.is_none() {
            self.leave_tasks();
        }
        self.view.editor_mut().paste(text);
        self.refilter();
        self.search_anew();
        self.effects.push_back(Effect::Draw);
    }

    fn refilter(&mut self) {
        if matches!(self.view.pane.prompt, Some(Prompt::Filter(_))) {
            tasks::settle(&mut self.view);
        }
    }
}
