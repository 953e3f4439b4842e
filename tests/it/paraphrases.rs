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
use serde::Deserialize;
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
    fn new(titles: &[String]) -> Self {
        let dir = TempDir::new().expect("a folder");
        let store = TaskStore::open(dir.path()).expect("a store");
        for title in titles {
            let new = NewTask { title: title.clone(), ..NewTask::default() };
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

#[derive(Deserialize)]
struct Paraphrases {
    intent: Vec<Intent>,
}

/// As `paraphrases.toml` has it.
#[derive(Deserialize)]
struct Intent {
    function: String,
    before: Vec<String>,
    after: Vec<String>,
    words: Vec<String>,
    sentences: Vec<String>,
}

impl Intent {
    /// What went wrong when it was said in a new conversation.
    fn trouble(&self, sentence: &str) -> Option<String> {
        let mut dialogue = Dialogue::new(&self.before);
        let (called, said) = dialogue.say(sentence);
        let tasks = dialogue.tasks();
        let is_confirmed = self.words.iter().all(|word| said.to_lowercase().contains(word));
        let is_right = called == [self.function.as_str()] && tasks == self.after && is_confirmed;
        (!is_right).then(|| format!("{sentence}\n   called {called:?}, left {tasks:?}, said {said:?}"))
    }
}

#[test]
fn the_five_sentences_and_forty_others_are_understood_done_and_confirmed() {
    let Paraphrases { intent } = toml::from_str(include_str!("paraphrases.toml")).expect("as is said there");
    assert_eq!(intent.iter().map(|intent| intent.sentences.len()).collect::<Vec<_>>(), [9; 5]);
    let said =
        intent.iter().flat_map(|intent| intent.sentences.iter().map(move |sentence| (intent, sentence)));
    let wrong: Vec<String> = said.filter_map(|(intent, sentence)| intent.trouble(sentence)).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
