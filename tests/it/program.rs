//! Runs the built program, with a home of its own and nothing of the environment.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Program {
    home: TempDir,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self { home: TempDir::new().expect("a temporary folder") }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home().join(name)
    }

    pub(crate) fn data_dir(&self) -> String {
        self.file("data").to_string_lossy().into_owned()
    }

    /// Variables that every run gets; nothing else is inherited.
    pub(crate) fn env(&self) -> Vec<(String, String)> {
        let home = self.home().to_string_lossy().into_owned();
        vec![
            ("HOME".to_owned(), home.clone()),
            ("XDG_RUNTIME_DIR".to_owned(), home.clone()),
            // The language model is made once for all tests.
            ("XDG_CACHE_HOME".to_owned(), concat!(env!("CARGO_TARGET_TMPDIR"), "/cache").to_owned()),
            ("PATH".to_owned(), std::env::var("PATH").unwrap_or_default()),
            ("TZ".to_owned(), "UTC".to_owned()),
            ("TERM".to_owned(), "xterm-256color".to_owned()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ]
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_realtime-cli"));
        command.env_clear().envs(self.env()).args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str], stdin: impl AsRef<[u8]>) -> Output {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut pipe = child.stdin.take().expect("piped");
        let bytes = stdin.as_ref().to_owned();
        let writer = std::thread::spawn(move || {
            // The program may leave early.
            let _ = pipe.write_all(&bytes);
        });
        let output = child.wait_with_output().expect("the program ends");
        writer.join().expect("no panic");
        output
    }

    /// Runs offline on text, and expects success; stdout.
    pub(crate) fn talk(&self, args: &[&str], stdin: &str) -> String {
        let data = self.data_dir();
        let mut all = vec!["--offline", "--text", "--data-dir", &data];
        all.extend_from_slice(args);
        let output = self.run(&all, stdin);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// All tasks, also those completed and deleted.
    pub(crate) fn tasks(&self) -> Vec<Value> {
        let data = self.data_dir();
        let output = self.run(&["tasks", "list", "--all", "--json", "--data-dir", &data], "");
        assert!(output.status.success(), "{output:?}");
        let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let list = value.get("tasks").cloned().unwrap_or(value);
        list.as_array().expect("a list").clone()
    }

    pub(crate) fn status_of(&self, title: &str) -> String {
        let tasks = self.tasks();
        let task = tasks.iter().find(|t| t["title"] == title).unwrap_or_else(|| panic!("{title}: {tasks:?}"));
        task["status"].as_str().expect("a status").to_owned()
    }
}

pub(crate) fn json_lines(text: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(text).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

pub(crate) fn demo(name: &str) -> String {
    format!("{}/assets/demo/{name}.wav", env!("CARGO_MANIFEST_DIR"))
}
