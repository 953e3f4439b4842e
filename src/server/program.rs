//! Programs beside this one: how they are started, and that they end.

use std::env;
use std::ffi::OsStr;
use std::process::{Child, Command};

/// How variables end that no other program needs to know.
const SECRETS: [&str; 3] = ["_KEY", "_TOKEN", "_SECRET"];

/// `program`, to be started with this environment, but without the keys in it.
pub(super) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    env::vars_os().filter(|(name, _)| is_secret(name)).for_each(|(name, _)| {
        command.env_remove(name);
    });
    command
}

fn is_secret(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    SECRETS.iter().any(|end| name.ends_with(end))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_their_names() {
        for name in ["OPENAI_API_KEY", "REALTIME_CLI_CHAT_KEY", "xai_api_key", "HF_TOKEN"] {
            assert!(is_secret(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "HOME", "REALTIME_CLI_API_KEY_FILE", "KEYBOARD"] {
            assert!(!is_secret(OsStr::new(name)), "{name}");
        }
    }
}
