//! The life of one direction's device: open, watch, close, open again.
//!
//! Hardware is opened and closed on side threads, because either may block, even for ever.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::time::Duration;

use super::DeviceEvent;
use super::backend::{Backend, DeviceInfo, Direction, OpenError, Opened};
use super::buffers::Strain;
use super::hands_free::is_hands_free;
use super::health::{Fault, Health};
use super::ring::{CaptureSource, capture_ring};
use super::sink::{PlaybackSink, playback_ring};
use super::watchdog::{Verdict, Watchdog};

/// Waits between attempts to open: sound is back soon after the device is.
const WAIT: Duration = Duration::from_secs(1);
/// The same after [`PATIENT`] attempts.
const LONG_WAIT: Duration = Duration::from_secs(2);
const PATIENT: u32 = 10;
/// An attempt to open that takes longer than this is given up.
const OPEN_LIMIT: Duration = Duration::from_secs(15);
/// A device that is being closed gets this long before it is opened again all the same.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// With so many side threads stuck, nothing more is tried until one of them is done.
const STUCK_LIMIT: usize = 4;

/// The audio thread's end of a direction's ring.
pub(super) trait End: Send + Sized + 'static {
    const DIRECTION: Direction;

    fn open(backend: &dyn Backend) -> Result<(Opened, Self), OpenError>;
    fn health(&self) -> Arc<Health>;
}

impl End for CaptureSource {
    const DIRECTION: Direction = Direction::Input;

    fn open(backend: &dyn Backend) -> Result<(Opened, Self), OpenError> {
        let mut end = None;
        let opened = backend.open_input(&mut |info| {
            let (callback, source) = capture_ring(info);
            end = Some(source);
            callback
        })?;
        Ok((opened, end.ok_or_else(not_connected)?))
    }

    fn health(&self) -> Arc<Health> {
        self.health()
    }
}

impl End for PlaybackSink {
    const DIRECTION: Direction = Direction::Output;

    fn open(backend: &dyn Backend) -> Result<(Opened, Self), OpenError> {
        let mut end = None;
        let opened = backend.open_output(&mut |info| {
            let (callback, sink) = playback_ring(info);
            end = Some(sink);
            callback
        })?;
        Ok((opened, end.ok_or_else(not_connected)?))
    }

    fn health(&self) -> Arc<Health> {
        self.health()
    }
}

fn not_connected() -> OpenError {
    OpenError("the device was opened without a callback".to_owned())
}

/// What became of the way to a device.
pub(super) enum Link<E> {
    Up {
        info: DeviceInfo,
        end: E,
    },
    /// It died.
    Down,
    /// It is closed only to be opened again with a longer buffer.
    Renewing,
}

type Attempt<E> = Result<(Opened, E), OpenError>;

enum State<E> {
    Waiting {
        until: Duration,
    },
    Opening {
        answer: Receiver<Attempt<E>>,
        since: Duration,
    },
    Open(Live),
    Closing {
        since: Duration,
        next: Next,
    },
    /// Nobody wants it at the moment.
    Released,
    /// For good: what is no hardware is not tried again.
    Over,
}

/// How soon a closed device is opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Wait,
    AtOnce,
}

struct Live {
    stream: Box<dyn Send>,
    info: DeviceInfo,
    health: Arc<Health>,
    watchdog: Watchdog,
    strain: Strain,
    /// Misses of the device that were told.
    told: u64,
    /// Why it is another one than was asked for.
    instead: Option<String>,
    /// It was heard of, and said so.
    alive: bool,
}

/// One direction.
pub(super) struct Slot<E: End> {
    backend: Arc<dyn Backend>,
    state: State<E>,
    failures: u32,
    was_alive: bool,
    /// What was last reported to be wrong; the same is not reported again.
    complaint: Option<String>,
    /// Why another device than the one asked for is used, as last reported.
    instead: Option<String>,
    /// A gap would not be heard.
    idle: bool,
    reports: Vec<DeviceEvent>,
    /// Side threads that are still closing, or opening what nobody waits for any more.
    stuck: Vec<Receiver<()>>,
}

impl<E: End> Slot<E> {
    pub(super) fn new(backend: Arc<dyn Backend>) -> Self {
        Self {
            backend,
            state: State::Waiting { until: Duration::ZERO },
            failures: 0,
            was_alive: false,
            complaint: None,
            instead: None,
            idle: true,
            reports: Vec::new(),
            stuck: Vec::new(),
        }
    }

    /// Does what is due; to be called every few milliseconds. Cheap while nothing changes.
    pub(super) fn poll(&mut self, now: Duration) -> Option<Link<E>> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Waiting { until } => self.waiting(now, until),
            State::Opening { answer, since } => self.opening(now, answer, since),
            State::Open(live) => self.open(now, live),
            State::Closing { since, next } => self.closing(now, since, next),
            State::Released => {
                self.state = State::Released;
                None
            }
            State::Over => None,
        }
    }

    /// What there is to tell since the last call; the same trouble is told once.
    pub(super) fn drain_reports(&mut self) -> Vec<DeviceEvent> {
        std::mem::take(&mut self.reports)
    }

    /// Whether a gap would go unheard now; at first it would.
    pub(super) fn set_idle(&mut self, idle: bool) {
        self.idle = idle;
    }

    /// The other direction has just died: perhaps this one has, too.
    pub(super) fn suspect(&mut self, now: Duration) {
        if let State::Open(live) = &mut self.state {
            live.watchdog.suspect(now);
        }
    }

    /// Closes hardware until [`Self::keep`]; tells nobody. Whether it was open.
    pub(super) fn release(&mut self) -> bool {
        if !self.backend.is_hardware() || matches!(self.state, State::Over) {
            return false;
        }
        match std::mem::replace(&mut self.state, State::Released) {
            State::Open(live) => {
                self.close(live.stream);
                return true;
            }
            State::Opening { answer, .. } => self.abandon(answer),
            State::Waiting { .. } | State::Closing { .. } | State::Released | State::Over => {}
        }
        false
    }

    /// Opens again what was released.
    pub(super) fn keep(&mut self, now: Duration) {
        if matches!(self.state, State::Released) {
            self.state = State::Closing { since: now, next: Next::AtOnce };
        }
    }

    /// Whether a device is held, be it only because it is not closed yet.
    pub(super) fn is_held(&mut self) -> bool {
        self.forget_finished();
        self.backend.is_hardware() && (matches!(self.state, State::Open(_)) || !self.stuck.is_empty())
    }

    /// Closes the device, waiting at most `patience` where it is hardware.
    pub(super) fn stop(&mut self, patience: Duration) {
        if let State::Open(live) = std::mem::replace(&mut self.state, State::Over) {
            self.close(live.stream);
        }
        if let Some(done) = self.stuck.last() {
            let _: Result<(), RecvTimeoutError> = done.recv_timeout(patience);
        }
    }

    /// Waits for an attempt to open that is under way, so that a test need not.
    #[cfg(test)]
    pub(super) fn settle(&mut self) {
        if let State::Opening { answer, .. } = &mut self.state {
            let (sender, received) = channel();
            sender.send(answer.recv().expect("the side thread answers")).expect("received below");
            *answer = received;
        }
    }

    fn waiting(&mut self, now: Duration, until: Duration) -> Option<Link<E>> {
        self.forget_finished();
        if now < until || self.stuck.len() >= STUCK_LIMIT {
            self.state = State::Waiting { until };
            return None;
        }
        let backend = Arc::clone(&self.backend);
        if !self.backend.is_hardware() {
            return self.answered(now, E::open(&*backend));
        }
        let (sender, answer) = channel();
        std::thread::spawn(move || {
            // Nobody waits any more when it took too long: then the stream is closed at once.
            let _ = sender.send(E::open(&*backend));
        });
        self.state = State::Opening { answer, since: now };
        None
    }

    fn opening(&mut self, now: Duration, answer: Receiver<Attempt<E>>, since: Duration) -> Option<Link<E>> {
        match answer.try_recv() {
            Ok(attempt) => self.answered(now, attempt),
            Err(TryRecvError::Empty) if now.saturating_sub(since) < OPEN_LIMIT => {
                self.state = State::Opening { answer, since };
                None
            }
            Err(TryRecvError::Empty) => {
                self.abandon(answer);
                self.answered(now, Err(OpenError("the sound system does not answer".to_owned())))
            }
            Err(TryRecvError::Disconnected) => {
                self.answered(now, Err(OpenError("the sound system failed".to_owned())))
            }
        }
    }

    fn answered(&mut self, now: Duration, attempt: Attempt<E>) -> Option<Link<E>> {
        match attempt {
            Ok((opened, end)) => {
                let (health, info) = (end.health(), opened.info);
                let watchdog = Watchdog::new(now);
                self.state = State::Open(Live {
                    stream: opened.stream,
                    info: info.clone(),
                    health,
                    watchdog,
                    strain: Strain::default(),
                    told: 0,
                    instead: opened.instead,
                    alive: false,
                });
                Some(Link::Up { info, end })
            }
            Err(error) => {
                if self.backend.is_hardware() {
                    self.state = State::Waiting { until: now + self.backoff() };
                }
                self.complain(error.to_string());
                None
            }
        }
    }

    fn complain(&mut self, message: String) {
        if self.complaint.as_ref() != Some(&message) {
            self.complaint = Some(message.clone());
            self.reports.push(DeviceEvent::Failed { direction: E::DIRECTION, message });
        }
    }

    fn backoff(&mut self) -> Duration {
        self.failures += 1;
        if self.failures > PATIENT { LONG_WAIT } else { WAIT }
    }

    fn open(&mut self, now: Duration, mut live: Live) -> Option<Link<E>> {
        let hardware = self.backend.is_hardware();
        let begins = !live.alive && (!hardware || live.health.callbacks() > 0);
        if begins {
            live.alive = true;
            self.announce(&live);
        }
        let verdict = match live.health.fatal() {
            Some(fault) => Verdict::Dead(fault),
            None if hardware => live.watchdog.check(now, &live.health),
            None => Verdict::Fine,
        };
        match verdict {
            Verdict::Fine => {}
            // One that gave no sound yet is not told of before it is dead.
            Verdict::Stalled if live.alive => {
                self.reports.push(DeviceEvent::Stalled { direction: E::DIRECTION });
            }
            Verdict::Stalled => {}
            Verdict::Revived if begins => {}
            Verdict::Revived => self.announce(&live),
            Verdict::Dead(fault) => return Some(self.lose(now, live, fault)),
        }
        if self.is_to_be_renewed(now, &mut live) {
            self.close(live.stream);
            self.state = State::Closing { since: now, next: Next::AtOnce };
            return Some(Link::Renewing);
        }
        self.state = State::Open(live);
        None
    }

    /// Whether the device could not be served in time too often, and a longer buffer may help.
    fn is_to_be_renewed(&self, now: Duration, live: &mut Live) -> bool {
        let misses = live.health.misses();
        if live.strain.proves_too_short(now, misses) {
            let longer = self.backend.lengthen(E::DIRECTION);
            tracing::info!(direction = ?E::DIRECTION, misses, longer, "a device was not served in time");
            if !longer {
                live.strain.accept();
            }
        }
        live.strain.is_to_be_replaced(now, self.idle)
    }

    /// Times that the device was not served in time, since the last call.
    pub(super) fn drain_misses(&mut self) -> u64 {
        let State::Open(live) = &mut self.state else { return 0 };
        let misses = live.health.misses();
        misses.saturating_sub(std::mem::replace(&mut live.told, misses))
    }

    fn announce(&mut self, live: &Live) {
        let (direction, device) = (E::DIRECTION, live.info.clone());
        self.reports.push(if self.was_alive {
            DeviceEvent::Restored { direction, device }
        } else {
            DeviceEvent::Opened { direction, device }
        });
        self.was_alive = true;
        self.complaint = None;
        self.failures = 0;
        self.remark(live);
    }

    /// What there is to say of a device beyond that it works.
    fn remark(&mut self, live: &Live) {
        let (direction, device) = (E::DIRECTION, live.info.clone());
        if let Some(message) = live.instead.clone().filter(|_| live.instead != self.instead) {
            self.reports.push(DeviceEvent::Substituted { direction, message, device: device.clone() });
        }
        self.instead.clone_from(&live.instead);
        if direction == Direction::Input && self.backend.is_hardware() && is_hands_free(&device) {
            self.reports.push(DeviceEvent::HandsFree { device });
        }
    }

    fn lose(&mut self, now: Duration, live: Live, fault: Fault) -> Link<E> {
        let message = fault.describe().to_owned();
        if live.alive {
            self.reports.push(DeviceEvent::Lost { direction: E::DIRECTION, message });
        } else {
            self.complain(message);
        }
        self.close(live.stream);
        if self.backend.is_hardware() {
            self.state = State::Closing { since: now, next: Next::Wait };
        }
        Link::Down
    }

    fn closing(&mut self, now: Duration, since: Duration, next: Next) -> Option<Link<E>> {
        self.forget_finished();
        if !self.stuck.is_empty() && now.saturating_sub(since) < CLOSE_LIMIT {
            self.state = State::Closing { since, next };
            return None;
        }
        let wait = match next {
            Next::Wait => self.backoff(),
            Next::AtOnce => Duration::ZERO,
        };
        self.state = State::Waiting { until: now + wait };
        None
    }

    /// Closes at once what is no hardware, anything else on a side thread.
    fn close(&mut self, stream: Box<dyn Send>) {
        if !self.backend.is_hardware() {
            drop(stream);
            return;
        }
        let (sender, done) = channel();
        std::thread::spawn(move || {
            drop(stream);
            let _ = sender.send(());
        });
        self.stuck.push(done);
    }

    fn abandon(&mut self, answer: Receiver<Attempt<E>>) {
        let (sender, done) = channel();
        std::thread::spawn(move || {
            drop(answer.recv());
            let _ = sender.send(());
        });
        self.stuck.push(done);
    }

    fn forget_finished(&mut self) {
        self.stuck.retain(|done| done.try_recv() == Err(TryRecvError::Empty));
    }
}

#[cfg(test)]
mod tests;
