//! Notifications of the desktop.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::text::Clean;

/// Shows a person something, wherever they look.
pub trait Notifier: Send + Sync {
    /// May block for as long as the desktop takes.
    fn notify(&self, notification: &Notification) -> Result<(), String>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Shown as it is; what is below it may be taken for markup by a desktop, so no title ever stands there.
    pub summary: String,
    pub body: &'static str,
}

impl Notification {
    /// `title` may be untrusted text.
    pub fn of(title: &str) -> Self {
        Self { summary: Clean::line(title).into_string(), body: "Reminder" }
    }
}

/// The desktop's own, by the program that belongs to it.
pub struct Desktop;

/// All that it needs to find the desktop: no key of ours is among it.
const VARIABLES: &[&str] = &[
    "PATH",
    "HOME",
    "LANG",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_RUNTIME_DIR",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
];
/// A desktop that takes longer does not answer.
const WITHIN: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(50);

impl Notifier for Desktop {
    fn notify(&self, notification: &Notification) -> Result<(), String> {
        let mut command = command(notification);
        let variables = VARIABLES.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command.env_clear().envs(variables);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        for _ in 0..WITHIN.as_millis() / LOOK_EVERY.as_millis() {
            match child.try_wait() {
                Ok(None) => thread::sleep(LOOK_EVERY),
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(status.to_string()),
                Err(error) => return Err(error.to_string()),
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        Err("the desktop does not answer".to_owned())
    }
}

#[cfg(not(target_os = "macos"))]
fn command(notification: &Notification) -> Command {
    let mut command = Command::new("notify-send");
    command.args(["--app-name=realtime-cli", "--icon=appointment-soon", "--"]);
    command.args([&notification.summary, notification.body]);
    command
}

#[cfg(target_os = "macos")]
fn command(notification: &Notification) -> Command {
    let mut command = Command::new("osascript");
    let show = "display notification (item 2 of argv) with title (item 1 of argv)";
    command.args(["-e", "on run argv", "-e", show, "-e", "end run", "--"]);
    command.args([&notification.summary, notification.body]);
    command
}

/// On a thread that nobody waits for: a desktop that does not answer holds up no one. Where there is none, nothing
/// happens.
pub fn in_background(notifier: impl FnOnce() -> Result<(), String> + Send + 'static) {
    let show = move || {
        if let Err(error) = notifier() {
            tracing::info!(%error, "no desktop notification");
        }
    };
    if let Err(error) = thread::Builder::new().name("notify".to_owned()).spawn(show) {
        tracing::warn!(%error, "no thread for a desktop notification");
    }
}
