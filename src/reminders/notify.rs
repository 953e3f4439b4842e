//! Notifications of the desktop. The only file with notify-rust.

use std::thread;

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

/// The desktop's own.
pub struct Desktop;

impl Notifier for Desktop {
    fn notify(&self, notification: &Notification) -> Result<(), String> {
        let shown = notify_rust::Notification::new()
            .appname("realtime-cli")
            .icon("appointment-soon")
            .summary(&notification.summary)
            .body(notification.body)
            .show();
        shown.map(drop).map_err(|error| error.to_string())
    }
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
