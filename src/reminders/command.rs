//! `remind`: reminders without a conversation, for timers and for the background.

use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::notify::{Notification, Notifier, in_background};
use super::watch::Watch;
use super::{News, words};
use crate::tasks::StoreError;
use crate::text::Clean;

/// How often is looked, and how long a desktop may take to show something before the program ends.
pub(crate) const EVERY: Duration = Duration::from_secs(1);
const SHOWN_WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
#[command(group = clap::ArgGroup::new("how").required(true))]
pub struct RemindArgs {
    /// Tell of the reminders that are due now, and end; for a timer
    #[arg(long, group = "how")]
    pub once: bool,
    /// Stay, and tell of each at its time
    #[arg(long, group = "how")]
    pub wait: bool,
}

/// Tells of what is due: a line to `out`, and a notification of the desktop where there is a notifier.
pub struct Teller {
    pub watch: Watch,
    pub notifier: Option<Arc<dyn Notifier>>,
}

impl Teller {
    /// One look. Waits until the desktop has shown what there is, but not for ever.
    pub fn look(&self, now: Timestamp, out: &mut dyn Write) -> Result<(), Trouble> {
        let Some(News { due, .. }) = self.watch.look(now)? else { return Ok(()) };
        if due.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", Clean::line(&words(&due, false)).as_str())?;
        out.flush()?;
        let Some(notifier) = self.notifier.clone() else { return Ok(()) };
        let notification = Notification::of(&super::titles(&due));
        let (shown, is_shown) = mpsc::channel();
        in_background(move || {
            let result = notifier.notify(&notification);
            let _ = shown.send(());
            result
        });
        let _ = is_shown.recv_timeout(SHOWN_WITHIN);
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Output(#[from] std::io::Error),
}

#[cfg(test)]
mod tests;
