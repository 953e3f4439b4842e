//! PocketSphinx itself: where it is, how it is started, what it says.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::super::engine::EngineError;
use super::super::language_model::ModelFiles;

const PROGRAM: &str = "pocketsphinx_continuous";
/// Where packages put the model.
const MODELS: [&str; 3] = [
    "/usr/share/pocketsphinx/model/en-us",
    "/usr/local/share/pocketsphinx/model/en-us",
    "/opt/homebrew/share/pocketsphinx/model/en-us",
];
/// Our own activity detection has cut the utterance already, and its noise tracking needs longer than a command.
const FLAGS: [&str; 4] = ["-remove_noise", "no", "-infile", "/dev/stdin"];
const CURE: &str = "install the packages `pocketsphinx` and `pocketsphinx-en-us`, or type";

/// The parts that come with the system.
#[derive(Debug, Clone)]
pub(super) struct Installed {
    pub(super) program: PathBuf,
    acoustic: PathBuf,
    /// Pronunciations of English.
    pub(super) dictionary: PathBuf,
}

/// Looks for the program and its model.
pub(super) fn find() -> Result<Installed, EngineError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = std::env::split_paths(&path).map(|folder| folder.join(PROGRAM)).find(|p| p.is_file());
    let model =
        MODELS.iter().map(Path::new).find(|m| m.join("en-us").is_dir() && m.join(DICTIONARY).is_file());
    match (program, model) {
        (Some(program), Some(model)) => {
            Ok(Installed { program, acoustic: model.join("en-us"), dictionary: model.join(DICTIONARY) })
        }
        (None, _) => Err(EngineError(format!("speech cannot be understood without `{PROGRAM}`: {CURE}"))),
        (_, None) => Err(EngineError(format!("speech cannot be understood without its en-us model: {CURE}"))),
    }
}

const DICTIONARY: &str = "cmudict-en-us.dict";

/// How to start a decoder.
#[derive(Debug, Clone)]
pub(super) struct Program {
    program: PathBuf,
    arguments: Vec<PathBuf>,
}

impl Program {
    pub(super) fn new(installed: Installed, files: ModelFiles) -> Self {
        let mut arguments: Vec<PathBuf> = FLAGS.iter().map(PathBuf::from).collect();
        for (flag, value) in [
            ("-hmm", installed.acoustic),
            ("-lm", files.arpa),
            ("-dict", files.dictionary),
            ("-logfn", PathBuf::from("/dev/null")),
        ] {
            arguments.extend([PathBuf::from(flag), value]);
        }
        Self { program: installed.program, arguments }
    }

    #[cfg(test)]
    pub(super) fn of(program: &Path) -> Self {
        Self { program: program.to_owned(), arguments: Vec::new() }
    }

    pub(super) fn start(&self) -> Result<Decoder, EngineError> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env_remove("OPENAI_API_KEY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| EngineError(format!("`{}` does not start: {e}", self.program.display())))?;
        let stdin = child.stdin.take();
        Ok(Decoder { child, stdin })
    }
}

/// A running process for one utterance; dropped early, it is killed.
pub(super) struct Decoder {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Decoder {
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Takes raw sound, 16 kHz, 16 bit. Waits while the process is behind.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        let Some(stdin) = &mut self.stdin else { return Ok(()) };
        stdin.write_all(bytes).map_err(|e| EngineError(format!("the recognizer has failed: {e}")))
    }

    /// The words, after the last sound.
    pub(super) fn finish(mut self, within: Duration) -> Result<String, EngineError> {
        self.stdin = None;
        let mut stdout = self.child.stdout.take().expect("piped, and taken once");
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let mut text = String::new();
            let _ = sender.send(stdout.read_to_string(&mut text).map(|_| text));
        });
        match receiver.recv_timeout(within) {
            Ok(Ok(text)) => Ok(words(&text)),
            Ok(Err(e)) => Err(EngineError(format!("the recognizer has failed: {e}"))),
            Err(_) => Err(EngineError("the recognizer took too long".to_owned())),
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line for each stretch of speech that it found; one utterance for us.
fn words(lines: &str) -> String {
    lines.split_whitespace().collect::<Vec<_>>().join(" ")
}
