//! Words told while the person still speaks.

use super::ServerSession;
use super::conversation::Words;
use crate::protocol::server_event::InputTranscriptionDelta;
use crate::protocol::{ItemId, ServerEvent};

impl ServerSession {
    /// A recognizer is sure of more words. The item may be one that is only announced yet.
    pub(super) fn overheard(&mut self, item_id: ItemId, words: &str) {
        if !self.wants_words(&item_id) {
            return;
        }
        self.forget_overheard();
        self.overheard.entry(item_id.clone()).or_default().push_str(words);
        self.tell_more_words(item_id, words);
    }

    /// The rest of the transcript, as far as it goes on from the words told before; `completed` has it as a whole.
    pub(super) fn tell_rest(&mut self, item_id: &ItemId, transcript: &str) {
        let told = self.overheard.remove(item_id).unwrap_or_default();
        if let Some(rest) = transcript.strip_prefix(told.as_str()) {
            self.tell_more_words(item_id.clone(), rest);
        }
    }

    fn tell_more_words(&mut self, item_id: ItemId, delta: &str) {
        if !delta.is_empty() {
            let delta = delta.to_owned();
            let delta = InputTranscriptionDelta { item_id, content_index: 0, delta };
            self.out.send(ServerEvent::InputTranscriptionDelta(delta));
        }
    }

    fn wants_words(&self, id: &ItemId) -> bool {
        match self.conversation.record(id) {
            Some(record) => matches!(record.words, Words::Pending { told: Some(_) }),
            None => self.input.announced() == Some(id) && self.settings.transcription_model().is_some(),
        }
    }

    /// Those of utterances that were given up.
    fn forget_overheard(&mut self) {
        let (conversation, announced) = (&self.conversation, self.input.announced());
        self.overheard.retain(|id, _| {
            announced == Some(id)
                || conversation.record(id).is_some_and(super::conversation::Record::is_pending)
        });
    }
}
