//! What outlives a conversation: what was said and heard, and what was done, so that another one can go on with it.

use serde::{Deserialize, Serialize};

use super::transcript::{CallState, Entry, EntryKind, Transcript};
use super::{Conversation, FunctionCall};
use crate::protocol::{CallId, ItemId};

/// An entry of the transcript that is final.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    pub item_id: ItemId,
    /// The entry before it; `None` for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ItemId>,
    #[serde(flatten)]
    pub said: Said,
}

/// Who said or did what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Said {
    You {
        text: String,
        spoken: bool,
    },
    Assistant {
        /// What was heard of it.
        text: String,
        interrupted: bool,
    },
    Tool {
        call_id: CallId,
        name: String,
        arguments: String,
        output: String,
        ok: bool,
    },
}

impl Said {
    /// `None` for what is not final, or not for others: notices, and what was done by hand.
    fn of(kind: &EntryKind) -> Option<Self> {
        Some(match kind {
            EntryKind::User { text: Some(text), partial: false, spoken, failed: None }
                if !text.is_empty() =>
            {
                Self::You { text: text.clone(), spoken: *spoken }
            }
            EntryKind::Assistant { text, heard_chars, settled: true, .. } => {
                let heard: String = text.chars().take(heard_chars.unwrap_or(usize::MAX)).collect();
                if heard.is_empty() {
                    return None;
                }
                Self::Assistant { text: heard, interrupted: heard_chars.is_some() }
            }
            EntryKind::Call { call, state, output, answered: true } => Self::Tool {
                call_id: call.call_id.clone(),
                name: call.name.clone(),
                arguments: call.arguments.clone(),
                output: output.clone(),
                ok: *state == CallState::Done,
            },
            EntryKind::User { .. }
            | EntryKind::Assistant { .. }
            | EntryKind::Call { .. }
            | EntryKind::Notice { .. }
            | EntryKind::Deed { .. } => return None,
        })
    }

    fn into_kind(self) -> EntryKind {
        match self {
            Self::You { text, spoken } => {
                EntryKind::User { text: Some(text), partial: false, spoken, failed: None }
            }
            Self::Assistant { text, interrupted } => EntryKind::Assistant {
                partial: false,
                heard_chars: interrupted.then(|| text.chars().count()),
                settled: true,
                text,
            },
            Self::Tool { call_id, name, arguments, output, ok } => EntryKind::Call {
                call: FunctionCall { call_id, name, arguments },
                state: if ok { CallState::Done } else { CallState::Failed },
                output,
                answered: true,
            },
        }
    }
}

impl Transcript {
    /// What has become final after this revision, of what the assistant knows, in order.
    pub fn remembered_since(&self, revision: u64) -> Vec<Remembered> {
        if self.revision() == revision {
            return Vec::new();
        }
        let mut before = None;
        let mut news = Vec::new();
        for Entry { item_id, revision: at, kind } in self.known() {
            let Some(said) = Said::of(kind).filter(|_| !item_id.is_empty()) else { continue };
            let after = before.replace(item_id.clone());
            if *at > revision {
                news.push(Remembered { item_id: item_id.clone(), after, said });
            }
        }
        news
    }

    /// Brings back what was remembered, in the order in which it became final.
    pub fn remember(&mut self, all: impl IntoIterator<Item = Remembered>) {
        for Remembered { item_id, after, said } in all {
            self.put(&item_id, after.as_ref(), said.into_kind());
        }
    }
}

impl Conversation {
    /// Goes on with another conversation: to be called before anything else. The server is told of it as after a lost
    /// connection.
    pub fn resume(&mut self, all: impl IntoIterator<Item = Remembered>) {
        self.transcript.remember(all);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn you(id: &str, after: Option<&str>, text: &str) -> Remembered {
        let said = Said::You { text: text.to_owned(), spoken: true };
        Remembered { item_id: id.into(), after: after.map(ItemId::from), said }
    }

    fn ids(transcript: &Transcript) -> Vec<&str> {
        transcript.entries().iter().map(|entry| entry.item_id.as_str()).collect()
    }

    #[test]
    fn words_that_become_known_late_find_their_place() {
        let mut transcript = Transcript::default();
        transcript.remember([
            you("b", Some("a"), "two"),
            you("a", None, "one"),
            you("c", Some("b"), "three"),
        ]);
        assert_eq!(ids(&transcript), ["a", "b", "c"]);
    }

    #[test]
    fn what_is_corrected_takes_the_place_of_what_was_there() {
        let mut transcript = Transcript::default();
        transcript.remember([you("a", None, "won"), you("b", Some("a"), "two"), you("a", None, "one")]);
        assert_eq!(ids(&transcript), ["a", "b"]);
        let EntryKind::User { text, .. } = &transcript.entries()[0].kind else { panic!("no words") };
        assert_eq!(text.as_deref(), Some("one"));
    }

    #[test]
    fn only_what_is_final_and_was_heard_is_remembered_and_once() {
        let mut transcript = Transcript::default();
        transcript.typed(&"a".into(), "hello");
        transcript.notice(Level::Info, "a notice");
        transcript.answer(&"b".into(), None);
        transcript.answer_text(&"b".into(), 0, "good morning");
        assert_eq!(transcript.remembered_since(0).len(), 1, "the answer may go on");
        let seen = transcript.revision();
        transcript.cut(&"b".into(), 0.34);
        transcript.settle(&"b".into());
        let said = Said::Assistant { text: "good".to_owned(), interrupted: true };
        let want = Remembered { item_id: "b".into(), after: Some("a".into()), said };
        assert_eq!(transcript.remembered_since(seen), [want]);
        assert!(transcript.remembered_since(transcript.revision()).is_empty());
    }

    #[test]
    fn what_was_before_a_new_beginning_is_not_remembered() {
        let mut transcript = Transcript::default();
        transcript.typed(&"a".into(), "hello");
        transcript.begin_anew();
        transcript.typed(&"b".into(), "again");
        let ids: Vec<_> = transcript.remembered_since(0).into_iter().map(|r| r.item_id.0).collect();
        assert_eq!(ids, ["b"]);
    }
}
