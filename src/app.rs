//! The program as one value: the conversation and what is on screen.
//!
//! Pure: `update(Msg, now)`, then drain `poll_effect()`; `poll_timeout()` says when to come back with
//! [`Msg::Timeout`]. The driver carries messages in and effects out.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::audio::{AudioCommand, AudioEvent, Cue, Gate, Meters, Microphone};
use crate::cli::Exit;
use crate::config;
use crate::conversation::{Conversation, FunctionCall, Input, Intent, Level, Output, Report};
use crate::protocol::session::AudioFormat;
use crate::protocol::{CallId, ClientMessage};
use crate::reminders::{self as due, notify::Notification};
use crate::text::Clean;
use crate::tools::confirmation::Pending;
use crate::tools::{TaskChange, ToolOutcome};
use crate::transport::LinkEvent;
use crate::ui::keymap::Action;
use crate::ui::line::LineEvent;
use crate::ui::view::View;
use crate::ui::{KeyEvent, find, scroll};

mod app_config;
mod call_limit;
mod call_queue;
mod calls;
mod claims;
mod commands;
mod confirm;
mod cues;
mod devices;
pub mod driver;
mod echo;
mod end;
pub mod export;
mod formats;
mod hand;
mod lifetime;
mod lines;
mod link;
pub mod machine;
mod microphone;
pub mod panels;
mod paste;
mod reader;
mod remember;
mod reminders;
mod rest;
mod screen;
mod sound;
mod spending;
mod talk;
pub mod tasks_pane;

pub use app_config::AppConfig;
use call_limit::CallLimit;
use call_queue::CallQueue;
use calls::ToolRuns;
use claims::Claims;
use commands::Volume;
use confirm::Asked;
use cues::Cues;
use devices::Devices;
use echo::Echo;
use export::Times;
use formats::Formats;
use hand::Hand;
use lifetime::Lifetime;
use machine::{News, Request};
use panels::Panels;
use reader::Reader;
use remember::Remembering;
pub use remember::{HistoryConfig, Keep, Resumed};
pub use reminders::RemindersConfig;
use reminders::Ringing;
use rest::Rest;
use screen::Made;
use spending::Spending;
pub use spending::SpendingConfig;
use talk::Talk;
pub use talk::TalkConfig;
use tasks_pane::TaskNews;

/// After the last sound of a recording, this long without any news means that the answer is through.
const QUIET: Duration = Duration::from_millis(1500);
/// Without a word of it so far, this long: a connection may have died, and the next one will hear the recording.
const UNHEARD: Duration = Duration::from_secs(12);
/// Lines that wait for their turn.
const LINES_AHEAD: usize = 16;
/// A script does not wait for ever for a server that is not there.
const GIVE_UP: Duration = Duration::from_secs(30);

/// What happens to the program.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Msg {
    Link(LinkEvent),
    #[serde(skip)]
    Audio(AudioEvent),
    Meters(Meters),
    Tool {
        call_id: CallId,
        outcome: ToolOutcome,
    },
    Tasks(TaskNews),
    Reminders(due::News),
    /// What came of [`Effect::Task`].
    Task {
        change: TaskChange,
        outcome: ToolOutcome,
    },
    Machine(News),
    Key(KeyEvent),
    Action(Action),
    Paste(String),
    FocusLost,
    /// Whether the terminal tells when a key comes up.
    KeyReleases(bool),
    Resize {
        columns: u16,
        rows: u16,
    },
    /// A whole line, from a text front end.
    Line(String),
    EndOfInput,
    /// No more lines can be read: why. What was read is answered first.
    BadInput(String),
    Notice {
        level: Level,
        text: String,
    },
    /// What the clock on the wall says, in seconds of Unix time.
    Wall {
        unix_s: i64,
    },
    /// The voices are recorded no longer: why.
    Unrecorded(String),
    /// A connection is wanted again. Only the log of a session has it, which may not have the sound that said so.
    Woken,
    Timeout,
}

/// What the program asks of the world.
#[derive(Debug)]
pub enum Effect {
    Send(ClientMessage),
    Audio(AudioCommand),
    Call(FunctionCall),
    /// The person has agreed to what this call came to. It is answered by [`Msg::Tool`].
    Confirm {
        call_id: CallId,
        pending: Pending,
    },
    Line(LineEvent),
    /// A change of the tasks by hand. It is answered by [`Msg::Task`], and there is one at a time.
    Task(TaskChange),
    /// From now on [`Msg::Tasks`] also tells what was done today, or no longer.
    ShowDone(bool),
    Machine(Request),
    /// On the desktop, where there is one.
    Notify(Notification),
    /// The terminal's bell.
    Bell,
    /// Another connection is wanted.
    Renew,
    /// Another connection will soon be wanted.
    Prepare,
    /// No connection is wanted for now, or one is again.
    Rest(bool),
    /// The person's sound goes to the server like this from now on.
    InputFormat(AudioFormat),
    /// Into the clipboard.
    Copy(String),
    /// Into the file of the conversation, where it is kept.
    Keep(Keep),
    /// The transcript or the state has changed.
    Draw,
    /// The whole screen is to be drawn anew.
    Redraw,
    Suspend,
    Quit(Exit),
}

/// How the program is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Face {
    Screen,
    /// For a person whose screen reader reads what is appended: lines, words for states, and nothing that moves.
    Reader,
    Lines,
}

#[derive(Debug)]
pub struct App {
    conversation: Conversation,
    view: View,
    face: Face,
    /// What becomes final is told as lines.
    tells_lines: bool,
    sound: bool,
    script: bool,
    recording: bool,
    fast: bool,
    /// The conversation wants sound.
    capture: bool,
    gate: Gate,
    muted_since: Option<Instant>,
    microphone: Microphone,
    /// There was a connection.
    met: bool,
    /// Since when there was no server that does anything, be there a connection or not.
    useless_since: Option<Instant>,
    /// Why there is no connection, as last told.
    trouble: Option<String>,
    /// How the program ends when all is answered.
    outcome: Exit,
    /// Something of a recording was understood.
    understood: bool,
    tools: ToolRuns,
    limit: CallLimit,
    queue: CallQueue,
    ringing: Ringing,
    asked: Option<Asked>,
    made: Made,
    hand: Hand,
    claims: Claims,
    lines: VecDeque<String>,
    ending: Ending,
    link: LinkState,
    devices: Devices,
    echo: Echo,
    cues: Cues,
    panels: Panels,
    volume: Volume,
    times: Times,
    remembering: Remembering,
    /// Entries that were cleared from the screen.
    cleared: usize,
    /// Our own detector takes what it hears for speech.
    suspected: bool,
    /// When the levels on screen were last changed.
    levels_at: Option<Instant>,
    reader: Reader,
    talk: Talk,
    lifetime: Lifetime,
    formats: Formats,
    rest: Rest,
    spending: Spending,
    /// Notices about what happened while the conversation was at work.
    later: Vec<(Level, String)>,
    /// A script has spent its budget: what it is told.
    over_budget: Option<String>,
    /// Columns and rows of the screen.
    size: (u16, u16),
    effects: VecDeque<Effect>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// More input may come.
    Open,
    /// The last line was read: end when it is answered.
    AfterAnswer,
    /// The recording is through: end when nothing has happened since.
    AfterQuiet {
        since: Instant,
    },
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LinkState {
    Down { retry_at: Option<Instant> },
    Up,
}

impl App {
    pub fn new(config: AppConfig) -> Self {
        let view = View {
            server: Clean::line(&config.server),
            model: Clean::line(&config.model),
            theme: config.theme,
            reduced_motion: config.reduced_motion,
            keymap: config.keymap,
            recorded: config.recorded,
            ..View::default()
        };
        let volume = Volume::new(config.adjustable.volume);
        let panels = Panels::new(config.adjustable, &config.session.voice);
        let mut app = Self {
            formats: Formats::new(config.session.formats()),
            conversation: Conversation::new(config.session),
            view,
            face: config.face,
            tells_lines: config.face != Face::Screen,
            sound: config.sound,
            script: config.script,
            recording: config.recording,
            fast: config.fast,
            capture: false,
            gate: Gate::Closed,
            muted_since: None,
            microphone: Microphone::Kept,
            met: false,
            useless_since: None,
            trouble: None,
            outcome: Exit::Ok,
            understood: false,
            tools: ToolRuns::default(),
            limit: CallLimit::default(),
            queue: CallQueue::default(),
            ringing: Ringing::new(config.reminders),
            asked: None,
            made: Made::default(),
            hand: Hand::default(),
            claims: Claims::default(),
            lines: VecDeque::new(),
            ending: Ending::Open,
            link: LinkState::Down { retry_at: None },
            devices: Devices::default(),
            echo: Echo::new(config.echo),
            cues: Cues::new(config.cues && config.sound && !config.recording),
            panels,
            volume,
            times: Times::default(),
            remembering: Remembering::default(),
            cleared: 0,
            suspected: false,
            levels_at: None,
            reader: Reader::default(),
            talk: Talk::new(config.talk),
            lifetime: Lifetime::default(),
            rest: Rest::new(config.idle),
            spending: Spending::new(config.spending),
            later: Vec::new(),
            over_budget: None,
            size: (80, 24),
            effects: VecDeque::new(),
        };
        app.view.mode = screen::mode(app.conversation.mode());
        app.view.known.voices = app.panels.voices();
        app.view.known.settings = config::session_settings();
        app.resume(config.history);
        app
    }

    /// Takes one message; then drain [`Self::poll_effect`].
    pub fn update(&mut self, msg: Msg, now: Instant) {
        self.note_life(&msg);
        // What a key does depends on what there is, not on what was drawn of it.
        if matches!(msg, Msg::Key(_) | Msg::Action(_) | Msg::Paste(_)) {
            self.refresh_view();
        }
        let shows = !matches!(msg, Msg::Meters(_) | Msg::Audio(AudioEvent::Frame { .. }));
        match msg {
            Msg::Link(event) => self.link(event, now),
            Msg::Audio(event) => self.audio(event, now),
            Msg::Meters(meters) => self.meters(&meters, now),
            Msg::Tool { call_id, outcome } => self.call_finished(call_id, outcome, now),
            Msg::Tasks(news) => self.task_news(news),
            Msg::Reminders(news) => self.reminder_news(news, now),
            Msg::Task { change, outcome } => self.changed_by_hand(&change, outcome, now),
            Msg::Machine(news) => self.news(news, now),
            Msg::Key(key) => self.key(key, now),
            Msg::Action(action) => self.action(action, now),
            Msg::Paste(text) if self.view.panel.is_some() => self.paste_into_panel(&text),
            Msg::Paste(text) => self.paste(text, now),
            Msg::FocusLost => self.turn_away(now),
            Msg::KeyReleases(releases) => self.set_key_releases(releases),
            Msg::Resize { columns, rows } => {
                self.size = (columns, rows);
                self.effects.push_back(Effect::Draw);
            }
            Msg::Line(line) if self.face == Face::Reader || self.is_urgent(&line) => self.obey(&line, now),
            Msg::Line(line) => self.lines.push_back(line),
            Msg::EndOfInput if self.recording => {}
            Msg::EndOfInput => self.end(Ending::AfterAnswer),
            Msg::BadInput(why) => {
                self.outcome = Exit::Usage;
                self.converse(Input::Notice { level: Level::Error, text: why }, now);
                self.end(Ending::AfterAnswer);
            }
            Msg::Notice { level, text } => self.converse(Input::Notice { level, text }, now),
            Msg::Wall { unix_s } => self.lifetime.set_wall(unix_s, now),
            Msg::Unrecorded(why) => {
                self.view.recorded = false;
                self.converse(Input::Notice { level: Level::Warning, text: why }, now);
            }
            Msg::Woken => self.wake(rest::Why::Quiet),
            Msg::Timeout => self.timeout(now),
        }
        self.say_what_was_put_off(now);
        self.settle_question(now);
        self.check_claims(now);
        if shows {
            self.refresh_panel();
        }
        self.next_line(now);
        self.next_call(now);
        self.set_gate();
        self.mind_microphone(now);
        self.mind_lifetime(now);
        self.mind_rest(now);
        self.cue_listening(now);
        self.tell_state();
        self.quit_when_through(now);
    }

    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        let quiet = match self.ending {
            Ending::AfterQuiet { since } => Some(since + self.quiet()),
            Ending::Open | Ending::AfterAnswer | Ending::Over => None,
        };
        let link = match self.link {
            LinkState::Down { .. } if self.script && self.ending != Ending::Over => {
                self.useless_since.map(|since| since + GIVE_UP)
            }
            LinkState::Down { .. } | LinkState::Up => None,
        };
        let release = self.muted_since.filter(|_| self.microphone == Microphone::Kept);
        let release = release.map(|since| since + microphone::RELEASE_AFTER);
        let (tick, volume) = (self.tools.next_tick(), self.volume.shown_until());
        let (lifetime, idle) = match self.link {
            LinkState::Up => (self.lifetime.poll_timeout(), self.rest.poll_timeout()),
            LinkState::Down { .. } => (None, None),
        };
        let own = [
            quiet,
            link,
            release,
            tick,
            volume,
            self.talk.poll_timeout(),
            lifetime,
            idle,
            self.asked.as_ref().map(Asked::until),
        ];
        own.into_iter().chain([self.conversation.poll_timeout()]).flatten().min()
    }

    /// Whether more lines are to be read: a script may be longer than memory.
    pub fn takes_lines(&self) -> bool {
        self.lines.len() < LINES_AHEAD
    }

    /// Lines are told, too, whatever face the program has.
    pub fn tell_lines(&mut self) {
        self.tells_lines = true;
    }

    /// True while the view changes by time alone.
    pub fn is_counting_down(&self) -> bool {
        matches!(self.link, LinkState::Down { retry_at: Some(_) })
    }

    // ---- conversation ----

    fn converse(&mut self, input: Input, now: Instant) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.conversation.handle(input, now);
            while let Some(output) = self.conversation.poll_output() {
                if let Some(answer) = self.carry_out(output, now) {
                    inputs.push_back(answer);
                }
            }
        }
        self.times.note(self.conversation.transcript().entries(), now);
        self.keep();
        self.effects.push_back(Effect::Draw);
    }

    /// Where there is no engine, the answer that an engine would give is given at once.
    fn carry_out(&mut self, output: Output, now: Instant) -> Option<Input> {
        match output {
            Output::Send(message) => self.effects.push_back(Effect::Send(self.formats.outgoing(message))),
            Output::Play { item_id, pcm } => {
                self.understood = true;
                if self.sound {
                    let track = item_id.as_str().into();
                    self.effects.push_back(Effect::Audio(AudioCommand::Play { track, pcm }));
                }
            }
            Output::PlayEnd { item_id } if self.sound => {
                self.effects.push_back(Effect::Audio(AudioCommand::End { track: item_id.as_str().into() }));
            }
            Output::PlayEnd { item_id } => return Some(Input::PlaybackFinished { item_id }),
            Output::FlushPlayback if self.sound => self.effects.push_back(Effect::Audio(AudioCommand::Flush)),
            Output::FlushPlayback => {
                return Some(Input::PlaybackFlushed { item_id: None, heard_ms: 0, unheard: vec![] });
            }
            Output::Capture { open } => self.capture = open,
            Output::CallTool(call) => {
                if let Some(refused) = self.refuse_call(&call, now) {
                    return Some(refused);
                }
                self.queue_call(call);
            }
            Output::Report(report) => self.report(&report, now),
            Output::Adjusted(adjusted) => return self.adjusted(adjusted),
            Output::HearsItself => self.force_half_duplex(),
            Output::Unanswered => self.answer_is_missing(),
            // The link says the same next, with a cure, an exit code, and without the key.
            Output::Fatal(_) => {}
        }
        None
    }

    fn report(&mut self, report: &Report, now: Instant) {
        if let Report::Notice { level: Level::Error, .. } = report {
            self.cue(Cue::Error, now);
        }
        self.understood |= matches!(report, Report::User { .. } | Report::Assistant { .. });
        self.claims.hear(report);
        self.hear_answer(report);
        self.count_cost(report);
        if self.tells_lines {
            let line = lines::event(report, &self.tools, &self.spending);
            self.effects.extend(line.map(Effect::Line));
        }
    }

    // ---- keys ----

    fn action(&mut self, action: Action, now: Instant) {
        self.view.note = Clean::default();
        match action {
            Action::Submit => self.submit(now),
            Action::Edit(edit) => self.edit(edit),
            Action::PasteInsert => self.insert_paste(),
            Action::PasteDrop => self.drop_paste(),
            Action::Interrupt => self.converse(Input::Intent(Intent::Interrupt), now),
            Action::TalkToggle => self.toggle_talk(now),
            Action::ToggleMode => self.toggle_mode(now),
            Action::Mute => self.toggle_mute(now),
            Action::Help => {
                self.view.panel = None;
                self.view.help = self.view.help.xor(Some(0));
            }
            Action::Open(kind) => self.toggle_panel(kind),
            Action::Panel(key) => self.panel_key(key, now),
            Action::Complete => self.view.complete(),
            Action::Volume(steps) => self.step_volume(steps, now),
            Action::Scroll(step) => scroll::scroll(&mut self.view, self.size.0, self.size.1, step),
            Action::Find(step) => find::step(&mut self.view, self.size.0, self.size.1, step),
            Action::Copy => self.copy(),
            Action::Undo => self.change_by_hand(TaskChange::Undo),
            Action::Tasks(key) => self.task_key(key),
            Action::Reminder(key) => self.reminder_key(key),
            Action::Redraw => self.effects.push_back(Effect::Redraw),
            Action::Suspend => {
                self.end_take(now);
                // It is taken again by the next look at it, which is when the program goes on.
                self.set_microphone(Microphone::Released);
                self.effects.push_back(Effect::Suspend);
            }
            Action::Quit => self.quit(Exit::Ok),
        }
        self.effects.push_back(Effect::Draw);
    }
}

#[cfg(test)]
mod tests;
