//! All that is known about the dialogue: session, turns, responses, function calls, transcript, usage.
//!
//! A pure core: no I/O, no clock, no runtime. **After every [`Conversation::handle`], drain
//! [`Conversation::poll_output`] until it answers `None`; come back at [`Conversation::poll_timeout`] with
//! [`Input::Timeout`].** Effects are data ([`Output`]); what is on screen is read from [`Conversation::transcript`]
//! and [`Conversation::turn`].

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::pcm::Pcm16;
use crate::protocol::usage::TranscriptionUsage;
use crate::protocol::{
    ApiError, CallId, ClientEvent, ClientMessage, EventId, Item, ItemId, ServerEvent, Usage,
};

mod agreement;
pub mod calls;
mod changes;
mod config;
mod events;
mod pace;
mod playback;
pub mod remembered;
mod reminders;
mod responses;
mod self_talk;
mod sent;
pub mod settings;
mod speech;
mod talk;
pub mod transcript;
pub mod turn;

pub use calls::FunctionCall;
pub use changes::Adjusted;
pub use config::{Options, SessionConfig, Truncation, TruncationKind, Vad, VadKind};
pub use transcript::{Entry, EntryKind, Transcript};
pub use turn::{Turn, TurnMode};

use agreement::Agreement;
use calls::Calls;
use changes::Changes;
use pace::Pace;
use playback::Playback;
use responses::{Lost, Overdue, Responses};
use self_talk::SelfTalk;
use sent::{Purpose, Sent};
use speech::Speech;

/// Speech shorter than this is not worth a turn; the service refuses less than 100 ms.
const MIN_TALK_MS: u64 = 150;
/// Beyond the silence that ends a turn, so that the server surely hears the end.
const SILENCE_MARGIN_MS: u64 = 500;

const SELF_TALK: &str = "the assistant heard itself: until another microphone or speaker is in use, the microphone \
    is shut while it speaks; Esc and typing interrupt it, and headphones help";
const TOO_SHORT: &str = "too short: hold the key while you speak";
const NO_ANSWER: &str = "the server does not answer; say it again, or check the connection";
const LOST: &str = "lost with the connection";
const SAID_AGAIN: &str = "sent again, as the connection was lost";
const LOST_WORDS: &str = "what you said was lost with the connection, please say it again";
const LOST_ANSWER: &str = "the connection was lost each time that this was to be answered, and it is given up; say it in other words";

/// What happens to a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The link is up: a new session, which knows nothing yet.
    Connected,
    Disconnected,
    /// A connection that works is given up for a new one, as was planned.
    Renewing,
    Server(ServerEvent),
    /// 20 ms of captured sound.
    Mic(Pcm16),
    /// Our own detector is sure that the person speaks while the assistant does.
    SpeechConfirmed,
    /// No more sound comes from the microphone for now, whatever the person says.
    CaptureLost,
    Intent(Intent),
    /// The first sound of this item has left the speaker.
    PlaybackStarted {
        item_id: ItemId,
    },
    /// Answer to [`Output::FlushPlayback`]: how much of the playing item was heard, and which were not heard at all.
    PlaybackFlushed {
        item_id: Option<ItemId>,
        heard_ms: u64,
        unheard: Vec<ItemId>,
    },
    /// All of the item was played.
    PlaybackFinished {
        item_id: ItemId,
    },
    /// A JSON text for the model.
    ToolOutput {
        call_id: CallId,
        output: String,
        ok: bool,
    },
    /// The outcome of this call depends on the person: it may take until then.
    ToolWaits {
        call_id: CallId,
        until: Instant,
    },
    /// Something from elsewhere that the person should know.
    Notice {
        level: Level,
        text: String,
    },
    /// The assistant is to tell the person of reminders that are due, as soon as nobody speaks.
    Remind {
        words: String,
    },
    /// The person did something by hand, of which the program around knows more under this id.
    Deed {
        id: CallId,
        ok: bool,
    },
    Timeout,
}

/// What the person wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    Say(String),
    /// The talk key goes down.
    TalkStart,
    /// The talk key comes up.
    TalkStop,
    /// The talk key came up too soon to have said anything.
    TalkDrop,
    /// Be quiet.
    Interrupt,
    SetMode(TurnMode),
    SetMuted(bool),
    /// A setting of the session by its name, with a value that was checked, from the next answer on.
    Set {
        name: &'static str,
        value: String,
    },
    /// An answer is wanted now, be the turn ended or not.
    Answer,
    /// A new conversation, which knows nothing of this one: the link is to be renewed.
    BeginAnew,
}

/// What a conversation asks of the world.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    Send(ClientMessage),
    Play {
        item_id: ItemId,
        pcm: Pcm16,
    },
    /// No more sound will come for this item.
    PlayEnd {
        item_id: ItemId,
    },
    FlushPlayback,
    /// Whether captured sound is wanted.
    Capture {
        open: bool,
    },
    CallTool(FunctionCall),
    Report(Report),
    /// The server has taken a wish over, from the next answer on.
    Adjusted(Adjusted),
    /// The assistant takes its own echo for the person: its sound has to be kept out of the microphone.
    HearsItself,
    /// What the person said last will not be answered.
    Unanswered,
    /// There is no use in going on with this server: why, and what to do.
    Fatal(String),
}

/// What has become final, for logs and for front ends that only append.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    User {
        item_id: ItemId,
        text: String,
        spoken: bool,
    },
    Assistant {
        item_id: ItemId,
        text: String,
        interrupted: bool,
    },
    ToolCall(FunctionCall),
    ToolResult {
        call_id: CallId,
        ok: bool,
        output: String,
    },
    Usage(Usage),
    /// What it cost to write down what the person said.
    Transcribed(TranscriptionUsage),
    Notice {
        level: Level,
        text: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Info,
    Warning,
    Error,
}

/// The client side of one conversation, over as many connections as it takes.
#[derive(Debug)]
pub struct Conversation {
    config: SessionConfig,
    changes: Changes,
    agreement: Agreement,
    up: bool,
    mode: TurnMode,
    muted: bool,
    /// The server hears speech (voice activity), or the talk key is down.
    hearing: bool,
    talk_samples: u64,
    /// The turn's end as the person felt it, until the first answer.
    turn_ended: Option<Instant>,
    latency: Option<Duration>,
    /// The first sound of an answer came when nothing was played.
    sound_came: Option<Instant>,
    own_latency: Option<Duration>,
    interrupted: bool,
    capture_open: bool,
    speech: Speech,
    responses: Responses,
    calls: Calls,
    playback: Playback,
    pace: Pace,
    self_talk: SelfTalk,
    transcript: Transcript,
    usage: Usage,
    sent: Sent,
    /// To be told in a pause.
    reminders: VecDeque<String>,
    outputs: VecDeque<Output>,
    next_item: u64,
}

impl Conversation {
    pub fn new(mut config: SessionConfig) -> Self {
        config.options.can_speak |= config.spoken;
        Self {
            mode: config.mode,
            muted: false,
            up: false,
            hearing: false,
            talk_samples: 0,
            turn_ended: None,
            latency: None,
            sound_came: None,
            own_latency: None,
            interrupted: false,
            capture_open: false,
            speech: Speech::default(),
            responses: Responses::default(),
            calls: Calls::default(),
            playback: Playback::default(),
            pace: Pace::default(),
            self_talk: SelfTalk::default(),
            transcript: Transcript::default(),
            usage: Usage::default(),
            sent: Sent::default(),
            reminders: VecDeque::new(),
            outputs: VecDeque::new(),
            next_item: 0,
            changes: Changes::new(&config),
            agreement: Agreement::default(),
            config,
        }
    }

    /// Takes one input; then drain [`Self::poll_output`].
    pub fn handle(&mut self, input: Input, now: Instant) {
        debug_assert!(self.outputs.is_empty(), "outputs were not drained");
        match input {
            Input::Connected => self.connected(now),
            Input::Disconnected => self.disconnected(),
            Input::Renewing => {
                self.speech.was_heard();
                self.disconnected();
            }
            // What comes while it is down is of a session that was given up.
            Input::Server(event) if self.up => self.server(event, now),
            Input::Server(_) => {}
            Input::Mic(pcm) => self.mic(pcm),
            Input::SpeechConfirmed => self.speech_confirmed(now),
            Input::CaptureLost => self.fall_silent(),
            Input::Intent(intent) => self.intent(intent, now),
            Input::PlaybackStarted { item_id } => self.playback_started(&item_id, now),
            Input::PlaybackFlushed { item_id, heard_ms, unheard } => {
                self.self_talk.fell_silent(now);
                self.playback_flushed(item_id, heard_ms, unheard);
            }
            Input::PlaybackFinished { item_id } => {
                self.self_talk.fell_silent(now);
                self.playback_finished(&item_id);
            }
            Input::ToolOutput { call_id, output, ok } => self.tool_output(&call_id, output, ok),
            Input::ToolWaits { call_id, until } => self.calls.wait(&call_id, until),
            Input::Notice { level, text } => self.notice(level, &text),
            Input::Remind { words } => self.reminders.push_back(words),
            Input::Deed { id, ok } => self.transcript.deed(id, ok),
            Input::Timeout => self.timeout(now),
        }
        self.send_outputs();
        self.send_changes();
        self.tell_reminders();
        self.create_response_if_due(now);
        self.set_capture();
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to come back with [`Input::Timeout`], if nothing else comes first.
    pub fn poll_timeout(&self) -> Option<Instant> {
        [self.responses.deadline(), self.calls.deadline()].into_iter().flatten().min()
    }

    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Tokens of all responses so far.
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// From the end of the person's last turn to the first of the answer.
    pub fn latency(&self) -> Option<Duration> {
        self.latency
    }

    /// Our own share of it: from the first sound that came in to the first that left the speaker.
    pub fn own_latency(&self) -> Option<Duration> {
        self.own_latency
    }

    pub fn mode(&self) -> TurnMode {
        self.mode
    }

    pub fn is_muted(&self) -> bool {
        self.muted
    }

    /// Whose turn it is, in one word.
    pub fn turn(&self) -> Turn {
        if self.hearing {
            Turn::HearingYou
        } else if self.playback.is_audible() {
            Turn::Speaking
        } else if self.is_answering() {
            Turn::Thinking
        } else if self.interrupted {
            Turn::Interrupted
        } else if self.muted {
            Turn::Muted
        } else if self.mode == TurnMode::Vad && self.up {
            Turn::Listening
        } else {
            Turn::Idle
        }
    }

    /// Nothing is owed to the person: no speech is open, no answer on its way, nothing left to be heard.
    pub fn is_settled(&self) -> bool {
        let is_heard = self.up || !self.speech.is_kept();
        !self.hearing && is_heard && !self.is_answering() && self.playback.is_empty()
    }

    /// The person's turn ended at `now`, and the server has it.
    pub fn has_taken_turn(&self, now: Instant) -> bool {
        self.up && self.turn_ended == Some(now)
    }

    fn is_answering(&self) -> bool {
        self.responses.is_busy() || self.calls.any_open()
    }

    // ---- link ----

    fn connected(&mut self, now: Instant) {
        self.up = true;
        self.sent.clear();
        self.agreement.connected();
        self.update_session();
        for item in self.transcript.seed() {
            self.send(Purpose::Item, ClientEvent::ConversationItemCreate { previous_item_id: None, item });
        }
        if self.mode == TurnMode::Vad {
            // The old server heard the beginning; the new one finds it in what is kept.
            self.hearing = false;
        }
        self.responses.connected();
        self.speak_again(now);
    }

    fn disconnected(&mut self) {
        self.up = false;
        let answer = self.responses.disconnected();
        for call_id in self.calls.abandon_incomplete() {
            self.transcript.call_failed(&call_id);
        }
        for item_id in self.playback.receiving() {
            self.end_of_sound(&item_id);
        }
        self.playback.disconnected();
        let lost = if self.speech.is_kept() { SAID_AGAIN } else { LOST };
        for item_id in self.transcript.link_lost(lost) {
            if !self.playback.contains(&item_id) {
                self.settle(&item_id);
            }
        }
        match answer {
            Lost::OwedAgain | Lost::GivenUp if self.transcript.ends_in_lost_words() => {
                self.responses.unwant();
                if !self.speech.is_kept() {
                    self.notice(Level::Warning, LOST_WORDS);
                }
            }
            Lost::GivenUp => self.notice(Level::Error, LOST_ANSWER),
            Lost::OwedAgain | Lost::Nothing => {}
        }
    }

    /// The only maker of [`Output::Send`]: what is not sent while the link is down is in the transcript, and is
    /// told to the next session.
    fn send(&mut self, purpose: Purpose, event: ClientEvent) {
        if self.up {
            let event_id = self.sent.note(purpose);
            self.outputs.push_back(Output::Send(ClientMessage { event_id: Some(event_id), event }));
        }
    }

    fn append(&mut self, pcm: &Pcm16) {
        debug_assert!(self.up, "sound is kept, not sent, while the link is down");
        let event = ClientEvent::InputAudioBufferAppend { audio: pcm.into() };
        // Without an id: there are fifty a second, and none is ever asked for.
        self.outputs.push_back(Output::Send(ClientMessage { event_id: None, event }));
    }

    fn update_session(&mut self) {
        self.changes.told();
        self.send_update(Purpose::Session, self.asked());
    }

    // ---- the person ----

    fn intent(&mut self, intent: Intent, now: Instant) {
        match intent {
            Intent::Say(text) => self.say(&text, now),
            Intent::TalkStart => self.talk_start(now),
            Intent::TalkStop => self.talk_stop(now),
            Intent::TalkDrop => self.talk_drop(),
            Intent::Interrupt => self.barge_in(Cancel::Ours, now),
            Intent::SetMode(mode) => self.set_mode(mode),
            Intent::SetMuted(muted) => self.set_muted(muted),
            Intent::Set { name, value } => self.set(name, &value),
            Intent::Answer => self.answer_now(now),
            Intent::BeginAnew => self.begin_anew(now),
        }
    }

    fn say(&mut self, text: &str, now: Instant) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.barge_in(Cancel::Ours, now);
        self.interrupted = false;
        let id = self.new_item_id();
        self.transcript.typed(&id, text);
        self.report(Report::User { item_id: id.clone(), text: text.to_owned(), spoken: false });
        let item = Item::user_text(id, text);
        self.send(Purpose::Item, ClientEvent::ConversationItemCreate { previous_item_id: None, item });
        self.turn_ended = Some(now);
        self.responses.want();
    }

    fn set_mode(&mut self, mode: TurnMode) {
        if mode != self.mode {
            self.mode = mode;
            self.hearing = false;
            self.speech.clear();
            self.send(Purpose::Other, ClientEvent::InputAudioBufferClear {});
            self.update_session();
        }
    }

    fn set_muted(&mut self, muted: bool) {
        if muted && !self.muted {
            self.fall_silent();
            self.speech.falls_silent();
        }
        self.muted = muted;
    }

    /// The server ends a turn when it hears silence. Where no sound comes any more, it would wait for ever.
    fn fall_silent(&mut self) {
        if self.mode == TurnMode::Vad && self.hearing && self.up {
            self.append(&Pcm16::silence(self.silence_after_speech()));
        }
    }

    /// So many samples of silence surely end a turn.
    fn silence_after_speech(&self) -> usize {
        let ms = u64::from(self.config.vad.silence_duration_ms) + SILENCE_MARGIN_MS;
        crate::pcm::ms_to_samples(ms, crate::pcm::SESSION_RATE) as usize
    }

    fn wants_sound(&self) -> bool {
        match self.mode {
            TurnMode::Vad => !self.muted,
            TurnMode::PushToTalk => self.hearing && !self.muted,
            TurnMode::TextOnly => false,
        }
    }

    fn set_capture(&mut self) {
        let open = self.wants_sound();
        if open != self.capture_open {
            self.capture_open = open;
            self.outputs.push_back(Output::Capture { open });
        }
    }

    fn create_response_if_due(&mut self, now: Instant) {
        if self.up && !self.hearing && !self.calls.any_open() && self.responses.take_due(now) {
            let response = self.free_choice();
            self.send(Purpose::Create, ClientEvent::ResponseCreate { response });
        }
    }

    fn timeout(&mut self, now: Instant) {
        for call_id in self.calls.expire(now) {
            let output = calls::failure("timeout", "the tool did not answer in time");
            self.tool_output(&call_id, output, false);
        }
        match self.responses.expire(now) {
            Overdue::Nothing => {}
            Overdue::Late => self.notice(Level::Warning, NO_ANSWER),
            Overdue::Missing => {
                self.notice(Level::Warning, NO_ANSWER);
                self.outputs.push_back(Output::Unanswered);
            }
            Overdue::GivenUp { begun } => {
                self.finish_answers(false);
                self.notice(Level::Warning, "the server did not say that its answer is complete");
                if !begun {
                    self.outputs.push_back(Output::Unanswered);
                }
            }
        }
    }

    // ---- small things ----

    fn new_item_id(&mut self) -> ItemId {
        self.next_item += 1;
        ItemId(format!("{}_{}", self.config.id_prefix, self.next_item))
    }

    fn report(&mut self, report: Report) {
        self.outputs.push_back(Output::Report(report));
    }

    fn notice(&mut self, level: Level, text: &str) {
        self.transcript.notice(level, text);
        self.report(Report::Notice { level, text: text.to_owned() });
    }

    fn answered(&mut self, now: Instant) {
        if let Some(since) = self.turn_ended.take() {
            self.latency = Some(now.saturating_duration_since(since));
        }
    }

    fn api_error(&mut self, error: &ApiError, now: Instant) {
        let purpose = error.event_id.as_ref().and_then(|id: &EventId| self.sent.purpose(id));
        match error.code() {
            "conversation_already_has_active_response" => self.responses.collided(now),
            code if sent::is_fatal(code) => {
                self.outputs.push_back(Output::Fatal(format!("{} ({code})", error.message)));
            }
            _ if self.update_refused(purpose, error) => {}
            code if sent::is_benign(code) || purpose == Some(Purpose::Tidy) => {}
            code => {
                if purpose == Some(Purpose::Create) {
                    self.responses.refused();
                }
                let what = if error.message.is_empty() { code } else { &error.message };
                self.notice(Level::Error, &format!("the server says: {what}"));
            }
        }
    }
}

/// Who ends the running response when the person cuts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cancel {
    /// We do, by `response.cancel`.
    Ours,
    /// The server already has, because it heard speech.
    Servers,
}

#[cfg(test)]
mod tests;
