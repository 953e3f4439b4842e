//! The five things that the program is for, each in eight other ways of saying it: the right function is called, the
//! store is different in the right way, and the answer confirms it. The built-in dialogue, the real functions and a
//! real store, without a process around them.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use realtime_cli::server::engine::{Brain as _, Prompt, PromptItem, Thought, ToolSpec};
use realtime_cli::server::rules::Rules;
use realtime_cli::tasks::{NewTask, TaskStore};
use realtime_cli::tools::Registry;
use tempfile::TempDir;

/// A Thursday morning.
fn now() -> Zoned {
    "2026-11-26T09:00:00Z".parse::<Timestamp>().expect("a time").to_zoned(TimeZone::UTC)
}

struct Dialogue {
    _dir: TempDir,
    store: TaskStore,
    tools: Registry,
    prompt: Prompt,
}

impl Dialogue {
    /// With these tasks to begin with.
    fn new(titles: &[&str]) -> Self {
        let dir = TempDir::new().expect("a folder");
        let store = TaskStore::open(dir.path()).expect("a store");
        for title in titles {
            let new = NewTask { title: (*title).to_owned(), ..NewTask::default() };
            store.add(&new, &now()).expect("added");
        }
        let tools = Registry::new(store.clone(), Arc::new(now));
        let spec = |tool: &realtime_cli::tools::ToolDefinition| ToolSpec {
            name: tool.name.to_owned(),
            description: tool.description.to_owned(),
            parameters: tool.parameters.clone(),
        };
        let prompt = Prompt { tools: tools.definitions().iter().map(spec).collect(), ..Prompt::default() };
        Self { _dir: dir, store, tools, prompt }
    }

    fn think(&self) -> Vec<Thought> {
        let mut thoughts = Vec::new();
        let mut out = |thought| {
            thoughts.push(thought);
            ControlFlow::Continue(())
        };
        Rules.respond(&self.prompt, &mut out).expect("an answer");
        thoughts
    }

    /// Which functions were called, and what was said at last.
    fn say(&mut self, text: &str) -> (Vec<String>, String) {
        self.prompt.items.push(PromptItem::User(text.to_owned()));
        let mut called = Vec::new();
        loop {
            let (mut is_called, mut said) = (false, String::new());
            for thought in self.think() {
                match thought {
                    Thought::Text(text) => said += &text,
                    Thought::Call { name, arguments } => {
                        is_called = true;
                        let call_id = format!("call_{}", called.len());
                        let output = self.tools.call(&name, &arguments).output;
                        called.push(name.clone());
                        let call = PromptItem::Call { call_id: call_id.clone(), name, arguments };
                        self.prompt.items.extend([call, PromptItem::Output { call_id, output }]);
                    }
                }
            }
            if !is_called {
                return (called, said);
            }
        }
    }

    /// Titles and statuses, in the order of their making.
    fn tasks(&self) -> Vec<String> {
        let mut tasks = self.store.all().expect("tasks");
        tasks.sort_by_key(|task| (task.title != "buy groceries", task.title.clone()));
        tasks.iter().map(|task| format!("{} {}", task.status.as_str(), task.title)).collect()
    }
}

/// Each of the sentences, said in a new conversation with `before` on the list, calls `function`, leaves `after`, and
/// is answered with all of `words`.
fn check(before: &[&str], sentences: &[&str], function: &str, after: &[&str], words: &[&str]) {
    assert_eq!(sentences.len(), 9, "the sentence itself and eight others");
    let mut wrong = Vec::new();
    for sentence in sentences {
        let mut dialogue = Dialogue::new(before);
        let (called, said) = dialogue.say(sentence);
        let tasks = dialogue.tasks();
        let is_confirmed = words.iter().all(|word| said.to_lowercase().contains(word));
        if called != [function] || tasks != after || !is_confirmed {
            wrong.push(format!("{sentence}\n   called {called:?}, left {tasks:?}, said {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_task_is_created() {
    let sentences = [
        "Create a task to buy groceries",
        "Add a task to buy groceries",
        "Make a new task: buy groceries",
        "I need to buy groceries",
        "Could you please put buy groceries on my list?",
        "Add buy groceries to my to-do list",
        "New task, buy groceries",
        "Can you create a to-do for me to buy groceries?",
        "I'd like to add a task to buy groceries, please",
    ];
    check(&[], &sentences, "create_task", &["pending buy groceries"], &["buy groceries", "added"]);
}

#[test]
fn a_reminder_is_added() {
    let sentences = [
        "Add a reminder to call mom",
        "Remind me to call mom",
        "Please set a reminder to call mom",
        "Can you remind me to call mom?",
        "Create a reminder: call mom",
        "I need a reminder to call mom",
        "Could you add a reminder for me to call mom",
        "Set up a reminder to call mom, please",
        "Make a reminder that I should call mom",
    ];
    check(&[], &sentences, "add_reminder", &["pending call mom"], &["call mom"]);
}

#[test]
fn tasks_are_listed() {
    let sentences = [
        "List all my tasks",
        "Show me my tasks",
        "What are my tasks?",
        "What's on my to-do list?",
        "Read my list to me",
        "What do I have to do?",
        "Can you tell me all of my tasks?",
        "Which tasks do I have?",
        "Please list everything I have to do",
    ];
    let tasks = ["pending buy groceries", "pending call mom"];
    check(&["buy groceries", "call mom"], &sentences, "list_tasks", &tasks, &["buy groceries", "call mom"]);
}

#[test]
fn a_task_is_completed() {
    let sentences = [
        "Mark the grocery task as complete",
        "I bought the groceries",
        "The grocery task is done",
        "Complete the groceries task",
        "Check off buy groceries",
        "Please mark buy groceries as done",
        "I've finished buying groceries",
        "Groceries are done",
        "Tick off the grocery task, please",
    ];
    let tasks = ["completed buy groceries", "pending call mom"];
    check(&["buy groceries", "call mom"], &sentences, "complete_task", &tasks, &["buy groceries", "done"]);
}

#[test]
fn a_task_is_deleted() {
    let sentences = [
        "Delete the task about calling mom",
        "Remove the call mom task",
        "Get rid of the task to call mom",
        "Delete call mom",
        "Please take call mom off my list",
        "Cancel the task about calling mom",
        "Could you delete the mom task?",
        "Drop the reminder to call mom",
        "Throw out the task about calling mom",
    ];
    let tasks = ["pending buy groceries", "deleted call mom"];
    check(&["buy groceries", "call mom"], &sentences, "delete_task", &tasks, &["call mom", "deleted"]);
}
