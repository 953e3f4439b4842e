//! The threads on which engines work for one connection, and how they are told to stop.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc as threads};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::queue::{FIRST_SOUND, Queue};
use super::{Engines, now};
use crate::pcm::Pcm16;
use crate::protocol::{ItemId, ResponseId};
use crate::server::engine::{ENGINE_RATE, EngineError, Heard, Prompt, Recognizer, Thought, Voice};
use crate::server::session::{Input, Listen, Output};

/// Results that may wait for the connection before an engine has to.
const RESULTS: usize = 32;

pub(super) struct Workers {
    engines: Arc<Engines>,
    queue: Arc<Queue>,
    results: mpsc::Sender<Input>,
    utterances: BTreeMap<ItemId, threads::Sender<Word>>,
    responses: BTreeMap<ResponseId, Stop>,
    /// When the sound that a response has so far will have been played.
    played_out: BTreeMap<ResponseId, Arc<Mutex<Instant>>>,
}

/// What an utterance's thread is told.
enum Word {
    Feed(Pcm16),
    Finish,
}

/// Set when nobody wants the result any more.
#[derive(Clone, Default)]
struct Stop(Arc<AtomicBool>);

impl Workers {
    pub(super) fn new(engines: Arc<Engines>, queue: Arc<Queue>) -> (Self, mpsc::Receiver<Input>) {
        let (results, receiver) = mpsc::channel(RESULTS);
        let workers = Self {
            engines,
            queue,
            results,
            utterances: BTreeMap::new(),
            responses: BTreeMap::new(),
            played_out: BTreeMap::new(),
        };
        (workers, receiver)
    }

    /// Sets an engine to work, or stops it. Returns what the session must be told at once if that cannot be.
    pub(super) fn run(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Listen(listen) => return self.listen(listen),
            Output::Think { response_id, prompt } => self.think(response_id, prompt),
            Output::Speak { response_id, item_id, text, voice } => {
                self.speak(response_id, item_id, text, voice);
            }
            Output::Abandon { response_id } => self.forget(&response_id),
            Output::Send(_) | Output::Close { .. } => {}
        }
        None
    }

    /// Stops whatever is still done for a response.
    pub(super) fn forget(&mut self, id: &ResponseId) {
        self.played_out.remove(id);
        if let Some(stop) = self.responses.remove(id) {
            stop.set();
        }
    }

    fn listen(&mut self, listen: Listen) -> Option<Input> {
        match listen {
            Listen::Begin { item_id } => self.begin(item_id),
            Listen::Feed { item_id, pcm } => {
                // Fails only when the recognizer has failed, which the end of the utterance will tell.
                let _ = self.utterances.get(&item_id).map(|u| u.send(Word::Feed(pcm)));
            }
            Listen::Finish { item_id } => {
                let told = self.utterances.remove(&item_id).map(|u| u.send(Word::Finish));
                if !matches!(told, Some(Ok(()))) {
                    return Some(Input::Heard { item_id, result: Err(broken("recognizer")) });
                }
            }
            Listen::Abandon { item_id } => {
                self.utterances.remove(&item_id);
            }
        }
        None
    }

    fn begin(&mut self, item_id: ItemId) {
        let (words, receiver) = threads::channel();
        self.utterances.insert(item_id.clone(), words);
        let recognizer = Arc::clone(&self.engines.recognizer);
        let results = self.results.clone();
        let (overheard, id) = (results.clone(), item_id.clone());
        let work = tokio::task::spawn_blocking(move || {
            let mut tell = |words| {
                // Fails only when the connection is over, and then the utterance is soon abandoned too.
                let _ = overheard.blocking_send(Input::Overheard { item_id: id.clone(), words });
            };
            hear(recognizer.as_ref(), &receiver, &mut tell)
        });
        tokio::spawn(async move {
            let result = match work.await {
                Ok(None) => return,
                Ok(Some(result)) => result,
                Err(_) => Err(broken("recognizer")),
            };
            let _ = results.send(Input::Heard { item_id, result }).await;
        });
    }

    fn think(&mut self, response_id: ResponseId, prompt: Prompt) {
        let stop = self.responses.entry(response_id.clone()).or_default().clone();
        let (engines, results) = (Arc::clone(&self.engines), self.results.clone());
        let id = response_id.clone();
        let work = tokio::task::spawn_blocking(move || {
            let mut tell = |thought: Thought| {
                if matches!(&thought, Thought::Text(text) if text.is_empty()) {
                    return stop.unless(|| true);
                }
                let thought = Input::Thought { response_id: id.clone(), thought };
                stop.unless(|| results.blocking_send(thought).is_ok())
            };
            engines.brain.respond(&prompt, &mut tell)
        });
        self.report(work, "dialogue engine", move |result| Input::ThoughtDone { response_id, result });
    }

    fn speak(&mut self, response_id: ResponseId, item_id: ItemId, text: String, voice: Voice) {
        let stop = self.responses.entry(response_id.clone()).or_default().clone();
        let (engines, results) = (Arc::clone(&self.engines), self.results.clone());
        let (response, item) = (response_id.clone(), item_id.clone());
        let queue = Arc::clone(&self.queue);
        let played_out = self.played_out.entry(response_id.clone());
        let played_out = Arc::clone(played_out.or_insert_with(|| Arc::new(Mutex::new(now() + FIRST_SOUND))));
        let work = tokio::task::spawn_blocking(move || {
            let mut place = Some(queue.enter(*locked(&played_out)));
            if stop.is_set() {
                return Ok(());
            }
            let mut tell = |samples: &[i16]| {
                if samples.is_empty() {
                    return stop.unless(|| true);
                }
                add(&mut locked(&played_out), samples.len());
                let pcm = Pcm16::new(samples.to_vec());
                let sound = Input::Spoken { response_id: response.clone(), item_id: item.clone(), pcm };
                stop.unless(|| match results.try_send(sound) {
                    // Nobody waits for a client that is slow.
                    Err(TrySendError::Full(sound)) => {
                        drop(place.take());
                        results.blocking_send(sound).is_ok()
                    }
                    sent => sent.is_ok(),
                })
            };
            engines.synthesizer.speak(&text, &voice, &mut tell)
        });
        self.report(work, "synthesizer", move |result| Input::SpokenDone { response_id, item_id, result });
    }

    /// Tells the session how it went, even when the engine panicked.
    fn report(
        &self,
        work: tokio::task::JoinHandle<Result<(), EngineError>>,
        engine: &'static str,
        done: impl FnOnce(Result<(), EngineError>) -> Input + Send + 'static,
    ) {
        let results = self.results.clone();
        tokio::spawn(async move {
            let result = work.await.unwrap_or_else(|_| Err(broken(engine)));
            let _ = results.send(done(result)).await;
        });
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.responses.values().for_each(Stop::set);
    }
}

/// More sound is played when what there was is played out, or at once.
fn add(played_out: &mut Instant, samples: usize) {
    let length = Duration::from_secs_f64(samples as f64 / f64::from(ENGINE_RATE));
    *played_out = (*played_out).max(now()) + length;
}

fn locked(time: &Mutex<Instant>) -> MutexGuard<'_, Instant> {
    time.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stop {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn unless(&self, tell: impl FnOnce() -> bool) -> ControlFlow<()> {
        if !self.is_set() && tell() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// One utterance from its first samples to its words, some of which are told before; `None` when it was abandoned.
fn hear(
    recognizer: &dyn Recognizer,
    words: &threads::Receiver<Word>,
    tell: &mut dyn FnMut(String),
) -> Option<Result<Heard, EngineError>> {
    let mut utterance = recognizer.begin();
    loop {
        match words.recv() {
            Ok(Word::Feed(pcm)) => {
                utterance.feed(pcm.samples());
                utterance.new_words().into_iter().for_each(&mut *tell);
            }
            Ok(Word::Finish) => return Some(utterance.finish()),
            Err(_) => return None,
        }
    }
}

fn broken(engine: &str) -> EngineError {
    EngineError(format!("the {engine} stopped unexpectedly"))
}
