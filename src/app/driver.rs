//! The one loop: carries what happens to the app, and what the app wants to the world.
//!
//! It never waits for a send, so no two parts can wait for each other. It reads the clock.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use self::records::Records;
pub use self::records::{HistoryFiles, LogConfig, RecordsConfig};
use super::machine::{Machine, Request};
use super::tasks_pane::TasksPane;
use super::{App, AppConfig, Effect, Face, Msg};
use crate::audio::{AudioCommand, AudioConfig, AudioEngine, AudioEvent, AudioEvents, AudioHandle, Backend};
use crate::cli::Exit;
use crate::conversation::calls::failure;
use crate::conversation::{FunctionCall, Level};
use crate::protocol::CallId;
use crate::reminders::notify::{Notifier, in_background};
use crate::reminders::watch::Watch;
use crate::tools::confirmation::Pending;
use crate::tools::{Registry, TaskChange, ToolOutcome};
use crate::transport::{Link, LinkConfig, LinkEvent, LinkEvents, LinkHandle};
use crate::ui::keymap::Action;
use crate::ui::limiter::FrameLimiter;
use crate::ui::{Frontend, UserEvent};

mod records;

/// How often the meters are read, and at the same time whether the tasks have changed elsewhere.
const METERS_EVERY: Duration = Duration::from_millis(50);
const TASKS_EVERY: Duration = Duration::from_millis(500);
/// How late a reminder may be.
const REMINDERS_EVERY: Duration = Duration::from_secs(1);
/// What a reconnect's countdown needs.
const COUNTDOWN_EVERY: Duration = Duration::from_millis(250);
/// Lines that a notch of the mouse's wheel moves.
const LINES_A_NOTCH: usize = 3;
/// Outcomes of tools and of the store, on their way in.
const OUTCOMES: usize = 64;

/// How sound is handled, and by what.
pub type Sound = (AudioConfig, Box<dyn Backend>);

/// All that a conversation needs.
pub struct Setup {
    pub app: AppConfig,
    pub link: LinkConfig,
    pub sound: Option<Sound>,
    pub tools: Arc<Registry>,
    pub pane: Arc<TasksPane>,
    pub machine: Arc<dyn Machine>,
    /// Where reminders ring.
    pub reminders: Option<Arc<Watch>>,
    pub notifier: Arc<dyn Notifier>,
    pub records: RecordsConfig,
    /// What the person should know from the beginning.
    pub news: Vec<(Level, String)>,
}

/// Runs a conversation until the person, the end of input, or a signal ends it.
pub async fn run(setup: Setup, frontend: impl Frontend) -> Exit {
    let mut signals = Signals::new();
    let mut driver = Driver::start(setup, frontend);
    let exit = driver.run(&mut signals).await;
    driver.stop();
    exit
}

struct Driver<F> {
    app: App,
    clock: Clock,
    records: Records,
    face: Face,
    frontend: F,
    limiter: FrameLimiter,
    link: LinkHandle,
    link_events: LinkEvents,
    sound: Option<(AudioHandle, AudioEvents)>,
    tools: Arc<Registry>,
    pane: Arc<TasksPane>,
    machine: Arc<dyn Machine>,
    reminders: Option<Arc<Watch>>,
    notifier: Arc<dyn Notifier>,
    outcomes: (mpsc::Sender<Msg>, mpsc::Receiver<Msg>),
    meters_at: Instant,
    tasks_at: Instant,
    reminders_at: Instant,
}

enum Event {
    User(UserEvent),
    Msg(Box<Msg>),
    /// The clock has reached what was waited for.
    Clock,
    Signal(Exit),
}

/// The driver reads the clock for the app.
#[derive(Debug, Clone, Copy)]
struct Clock {
    start: Instant,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// In whole microseconds since the start, so that a log of what happened has the very times. Rounded up: who waits
    /// for a moment does not wake before it.
    fn now(self) -> Instant {
        let us = self.start.elapsed().as_nanos().div_ceil(1000);
        self.start + Duration::from_micros(us as u64)
    }

    fn since(self, at: Instant) -> Duration {
        at.saturating_duration_since(self.start)
    }
}

impl<F: Frontend> Driver<F> {
    fn start(setup: Setup, frontend: F) -> Self {
        let clock = Clock::start();
        let face = setup.app.face;
        let outcomes = mpsc::channel(OUTCOMES);
        let mut records = Records::start(setup.records, &setup.app, clock, &outcomes.0);
        let mut app = App::new(setup.app);
        let mut tell = |app: &mut App, msg: Msg| {
            let now = clock.now();
            records.happened(&msg, now);
            app.update(msg, now);
        };
        for (level, text) in setup.news {
            tell(&mut app, Msg::Notice { level, text });
        }
        let mut frontend = frontend;
        // Something to see before anything slow is begun.
        let _ = frontend.render(app.view(clock.now()));
        // At once, as a script may be over soon.
        if let Some(msg) = setup.reminders.as_deref().and_then(reminders_due) {
            tell(&mut app, msg);
        }
        let sound = setup.sound.map(|(config, backend)| AudioEngine::start(config, backend));
        let (link, link_events) = Link::spawn(setup.link);
        let now = clock.now();
        Self {
            app,
            clock,
            records,
            face,
            frontend,
            limiter: FrameLimiter::default(),
            link,
            link_events,
            sound,
            tools: setup.tools,
            pane: setup.pane,
            machine: setup.machine,
            reminders: setup.reminders,
            notifier: setup.notifier,
            outcomes,
            meters_at: now,
            tasks_at: now,
            reminders_at: now + REMINDERS_EVERY,
        }
    }

    async fn run(&mut self, signals: &mut Signals) -> Exit {
        loop {
            if let Some(exit) = self.carry_out() {
                return exit;
            }
            self.draw_if_due();
            match self.next(signals).await {
                Event::Signal(exit) => return exit,
                Event::Clock => self.clock(),
                Event::Msg(msg) => {
                    if matches!(*msg, Msg::Link(LinkEvent::Connected)) {
                        let unix_s = jiff::Timestamp::now().as_second();
                        self.tell(Msg::Wall { unix_s });
                    }
                    if matches!(*msg, Msg::Tool { .. } | Msg::Task { .. }) {
                        self.tasks_at = self.clock.now();
                    }
                    self.tell(*msg);
                }
                Event::User(event) => {
                    if let Some(exit) = self.user(event) {
                        return exit;
                    }
                }
            }
        }
    }

    async fn next(&mut self, signals: &mut Signals) -> Event {
        let wake = tokio::time::Instant::from_std(self.wake());
        tokio::select! {
            biased;
            exit = signals.next() => Event::Signal(exit),
            event = self.frontend.next(), if self.app.takes_lines() => Event::User(event),
            Some(event) = self.link_events.recv() => Event::Msg(Box::new(Msg::Link(event))),
            Some(msg) = self.outcomes.1.recv() => Event::Msg(Box::new(msg)),
            Some(event) = heard(self.sound.as_mut()) => Event::Msg(Box::new(Msg::Audio(event))),
            () = tokio::time::sleep_until(wake) => Event::Clock,
        }
    }

    fn wake(&self) -> Instant {
        let now = self.clock.now();
        let screen = self.face == Face::Screen;
        let frame = self.limiter.due(now);
        let meters = (screen && self.sound.is_some()).then_some(self.meters_at);
        let tasks = screen.then_some(self.tasks_at);
        let countdown = (screen && self.app.is_counting_down()).then(|| now + COUNTDOWN_EVERY);
        let reminders = self.reminders.is_some().then_some(self.reminders_at);
        let far = now + Duration::from_secs(3600);
        [self.app.poll_timeout(), frame, meters, tasks, countdown, reminders]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(far)
    }

    fn clock(&mut self) {
        let now = self.clock.now();
        if self.app.poll_timeout().is_some_and(|at| at <= now) {
            self.tell(Msg::Timeout);
        }
        if self.app.is_counting_down() {
            self.limiter.request();
        }
        self.look_at_reminders(now);
        if self.face != Face::Screen {
            return;
        }
        if let Some((handle, _)) = &self.sound
            && self.meters_at <= now
        {
            self.meters_at = now + METERS_EVERY;
            let meters = handle.meters();
            self.tell(Msg::Meters(meters));
        }
        if self.tasks_at <= now {
            self.tasks_at = now + TASKS_EVERY;
            self.look_at_tasks();
            if let Some(request) = self.app.follows_log() {
                self.ask_machine(request);
            }
        }
    }

    fn user(&mut self, event: UserEvent) -> Option<Exit> {
        let msg = match event {
            UserEvent::Key(key) => Msg::Key(key),
            UserEvent::Paste(text) => Msg::Paste(text),
            UserEvent::Wheel(step) => {
                (1..LINES_A_NOTCH).for_each(|_| self.tell(Msg::Action(Action::Scroll(step))));
                Msg::Action(Action::Scroll(step))
            }
            UserEvent::FocusLost => Msg::FocusLost,
            UserEvent::Keyboard { releases } => Msg::KeyReleases(releases),
            UserEvent::Resize { columns, rows } => Msg::Resize { columns, rows },
            UserEvent::Line(line) => Msg::Line(line),
            // A screen whose terminal has gone has nobody before it.
            UserEvent::Eof if self.face == Face::Screen => return Some(Exit::HungUp),
            UserEvent::Eof => Msg::EndOfInput,
            UserEvent::Failed(error) => Msg::BadInput(error.to_string()),
        };
        self.tell(msg);
        None
    }

    /// All that the app learns, it learns here.
    fn tell(&mut self, msg: Msg) {
        let now = self.clock.now();
        self.records.happened(&msg, now);
        self.app.update(msg, now);
    }

    fn carry_out(&mut self) -> Option<Exit> {
        while let Some(effect) = self.app.poll_effect() {
            self.records.wanted(&effect, self.clock.now());
            match effect {
                Effect::Send(message) => {
                    if let Err(error) = self.link.send(message) {
                        tracing::debug!(%error, "not sent");
                    }
                }
                Effect::Audio(command) => self.command(command),
                Effect::Call(call) => self.call(call),
                Effect::Confirm { call_id, pending } => self.confirm(call_id, pending),
                Effect::Copy(text) => {
                    let _ = self.frontend.copy(&text);
                }
                Effect::Keep(keep) => self.records.keep(keep),
                // The recording's, which has seen it.
                Effect::InputFormat(_) => {}
                Effect::Task(change) => self.change(change),
                Effect::ShowDone(with_done) => {
                    self.pane.show_done(with_done);
                    self.tasks_at = self.clock.now();
                }
                Effect::Machine(request) => self.ask_machine(request),
                Effect::Notify(notification) => {
                    let notifier = Arc::clone(&self.notifier);
                    in_background(move || notifier.notify(&notification));
                }
                Effect::Bell => {
                    let _ = self.frontend.bell();
                }
                Effect::Renew => self.link.renew(),
                Effect::Prepare => self.link.prepare(),
                Effect::Rest(resting) => self.link.rest(resting),
                Effect::Line(event) => match self.frontend.report(&event) {
                    Ok(()) => {}
                    // Nobody reads any more.
                    Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Some(Exit::Ok),
                    Err(_) => return Some(Exit::Failure),
                },
                Effect::Draw => self.limiter.request(),
                Effect::Redraw => {
                    let _ = self.frontend.redraw();
                    self.limiter.request();
                }
                Effect::Suspend => {
                    if let Some((handle, _)) = &self.sound {
                        handle.wait_for_release();
                    }
                    let _ = self.frontend.suspend();
                    self.limiter.request();
                }
                Effect::Quit(exit) => return Some(exit),
            }
        }
        None
    }

    fn command(&self, command: AudioCommand) {
        if let Some((handle, _)) = &self.sound {
            handle.send(command);
        }
    }

    fn draw_if_due(&mut self) {
        let now = self.clock.now();
        if self.face == Face::Screen && self.limiter.take(now) {
            let _ = self.frontend.render(self.app.view(now));
        }
    }

    // ---- tools and tasks: they block, so they have threads of their own ----

    fn call(&mut self, call: FunctionCall) {
        let tools = Arc::clone(&self.tools);
        self.off_thread(move || {
            let outcome = caught(&call.name, || tools.call(&call.name, &call.arguments));
            Some(Msg::Tool { call_id: call.call_id, outcome })
        });
    }

    fn confirm(&mut self, call_id: CallId, pending: Pending) {
        let tools = Arc::clone(&self.tools);
        self.off_thread(move || {
            let outcome = caught("the change", || tools.confirm(&pending));
            Some(Msg::Tool { call_id, outcome })
        });
    }

    fn change(&mut self, change: TaskChange) {
        let tools = Arc::clone(&self.tools);
        self.off_thread(move || {
            let outcome = caught("the change", || tools.change(&change));
            Some(Msg::Task { change, outcome })
        });
    }

    fn look_at_tasks(&mut self) {
        let pane = Arc::clone(&self.pane);
        self.off_thread(move || pane.news(&jiff::Zoned::now()).map(Msg::Tasks));
    }

    /// The clock on the wall says what is due, and it may jump or stand still while the machine sleeps: so it is looked
    /// at every now and then, and nothing is waited for.
    fn look_at_reminders(&mut self, now: Instant) {
        let Some(watch) = self.reminders.clone().filter(|_| self.reminders_at <= now) else { return };
        self.reminders_at = now + REMINDERS_EVERY;
        self.off_thread(move || reminders_due(&watch));
    }

    fn ask_machine(&self, request: Request) {
        let machine = Arc::clone(&self.machine);
        self.off_thread(move || machine.carry_out(request).map(Msg::Machine));
    }

    fn off_thread(&self, work: impl FnOnce() -> Option<Msg> + Send + 'static) {
        let outcomes = self.outcomes.0.clone();
        tokio::task::spawn_blocking(move || {
            if let Some(msg) = work() {
                let _ = outcomes.blocking_send(msg);
            }
        });
    }

    fn stop(self) {
        self.link.close();
        if let Some((handle, _)) = self.sound {
            handle.stop();
        }
        self.records.finish();
    }
}

fn reminders_due(watch: &Watch) -> Option<Msg> {
    let news = watch.look(jiff::Timestamp::now());
    let news = news.inspect_err(|error| tracing::warn!(%error, "reminders cannot be looked at"));
    news.ok().flatten().map(Msg::Reminders)
}

/// A panic is an outcome like others.
fn caught(what: &str, run: impl FnOnce() -> ToolOutcome) -> ToolOutcome {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| ToolOutcome {
        output: failure("internal", "the tool has failed; nothing more is known"),
        ok: false,
        summary: format!("{what} has failed"),
        changed: false,
        changes: Vec::new(),
        pending: None,
    })
}

/// Never ready where there is no engine.
async fn heard(sound: Option<&mut (AudioHandle, AudioEvents)>) -> Option<AudioEvent> {
    match sound {
        Some((_, events)) => events.recv().await,
        None => std::future::pending().await,
    }
}

/// The signals that end a program, each with its exit code.
pub(crate) struct Signals {
    #[cfg(unix)]
    each: Vec<(tokio::signal::unix::Signal, Exit)>,
}

impl Signals {
    #[cfg(unix)]
    pub(crate) fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            (SignalKind::interrupt(), Exit::Interrupted),
            (SignalKind::terminate(), Exit::Terminated),
            (SignalKind::hangup(), Exit::HungUp),
            (SignalKind::quit(), Exit::Interrupted),
        ];
        Self { each: kinds.into_iter().filter_map(|(kind, exit)| Some((signal(kind).ok()?, exit))).collect() }
    }

    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> Exit {
        let waiting = self.each.iter_mut().map(|(signal, exit)| {
            Box::pin(async move {
                signal.recv().await;
                *exit
            })
        });
        let waiting: Vec<_> = waiting.collect();
        if waiting.is_empty() {
            return std::future::pending().await;
        }
        futures_util::future::select_all(waiting).await.0
    }

    #[cfg(not(unix))]
    pub(crate) fn new() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> Exit {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Interrupted,
            Err(_) => std::future::pending().await,
        }
    }
}
