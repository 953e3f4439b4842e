//! What of the conversation is kept for another one, and what was kept of one before.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{App, Effect};
use crate::conversation::remembered::Remembered;

/// What is known of conversations before, and whether this one is to be known after.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct HistoryConfig {
    pub keep: bool,
    /// The conversation that this one goes on with.
    pub resumed: Option<Resumed>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Resumed {
    /// When each began to be final, since the beginning of that conversation.
    pub entries: Vec<(Duration, Remembered)>,
    /// Since that beginning until now.
    pub elapsed: Duration,
}

/// For the file of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Keep {
    /// Since the program began, or before: of a conversation that was resumed it is as it was kept.
    Entry { at: Duration, entry: Remembered },
    /// What follows belongs to another conversation.
    Anew,
}

/// How much of the conversation was kept already.
#[derive(Debug, Default)]
pub(super) struct Remembering {
    keep: bool,
    revision: u64,
    begin: usize,
    /// The latest: entries are touched more often than they change.
    last: Option<Remembered>,
}

impl App {
    /// Before the first message.
    pub(super) fn resume(&mut self, history: HistoryConfig) {
        if let Some(Resumed { entries, elapsed }) = history.resumed {
            self.times.resume(entries.iter().map(|(at, entry)| (entry.item_id.clone(), *at)), elapsed);
            self.conversation.resume(entries.into_iter().map(|(_, entry)| entry));
        }
        let transcript = self.conversation.transcript();
        self.remembering =
            Remembering { keep: history.keep, revision: transcript.revision(), begin: 0, last: None };
    }

    /// Hands out what has become final.
    pub(super) fn keep(&mut self) {
        let transcript = self.conversation.transcript();
        let before = &self.remembering;
        if !before.keep || before.revision == transcript.revision() {
            return;
        }
        if transcript.begin() != before.begin {
            self.effects.push_back(Effect::Keep(Keep::Anew));
        }
        let news = transcript.remembered_since(before.revision);
        for entry in news {
            if self.remembering.last.as_ref() == Some(&entry) {
                continue;
            }
            self.remembering.last = Some(entry.clone());
            let at = self.times.of(&entry.item_id);
            self.effects.push_back(Effect::Keep(Keep::Entry { at, entry }));
        }
        (self.remembering.revision, self.remembering.begin) = (transcript.revision(), transcript.begin());
    }
}
