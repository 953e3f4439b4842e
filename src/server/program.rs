//! Programs beside this one: how they are started, and that they end.

use std::ffi::OsStr;
use std::process::{Child, Command};

/// What no other program needs to know.
const SECRETS: [&str; 4] =
    ["OPENAI_API_KEY", "REALTIME_CLI_CHAT_KEY", "REALTIME_CLI_SPEECH_KEY", "REALTIME_CLI_TRANSCRIPTION_KEY"];

/// `program`, to be started with this environment, but without the keys in it.
pub(super) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for name in SECRETS {
        command.env_remove(name);
    }
    command
}

/// A child that does not outlive its use.
#[derive(Debug)]
pub(super) struct Ending(pub(super) Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
