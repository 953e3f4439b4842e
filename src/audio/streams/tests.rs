use super::*;
use crate::audio::tests::Sim;

struct Rig {
    sim: Sim,
    slot: Slot<PlaybackSink>,
    now: Duration,
    links: Vec<&'static str>,
}

impl Rig {
    fn new() -> Self {
        let sim = Sim::new(24_000, 24_000);
        let slot = Slot::new(Arc::new(sim.clone()));
        Self { sim, slot, now: Duration::ZERO, links: Vec::new() }
    }

    fn pass(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        for _ in 0..3 {
            match self.slot.poll(self.now) {
                Some(Link::Up { .. }) => self.links.push("up"),
                Some(Link::Down) => self.links.push("down"),
                Some(Link::Renewing) => self.links.push("renewing"),
                None => {}
            }
            self.slot.settle();
        }
    }

    /// What was reported, by kind.
    fn reports(&mut self) -> Vec<&'static str> {
        let kind = |event| match event {
            DeviceEvent::Opened { .. } => "opened",
            DeviceEvent::Failed { .. } => "failed",
            DeviceEvent::Stalled { .. } => "stalled",
            DeviceEvent::Lost { .. } => "lost",
            DeviceEvent::Restored { .. } => "restored",
            DeviceEvent::Substituted { .. } => "substituted",
            DeviceEvent::SilentMicrophone => "silent",
            DeviceEvent::HandsFree { .. } => "hands-free",
        };
        self.slot.drain_reports().into_iter().map(kind).collect()
    }

    fn absent(&self) {
        self.sim.state().output = Err(OpenError("no speaker".to_owned()));
    }

    fn present(&self) {
        self.sim.state().output = Ok(crate::audio::tests::device(24_000, 1));
    }

    fn health(&self) -> Arc<Health> {
        self.sim.state().playback.as_ref().expect("open").health()
    }
}

#[test]
fn a_device_is_opened_at_once_and_told_of_when_it_calls_back() {
    let mut rig = Rig::new();
    rig.pass(0);
    assert_eq!((rig.reports(), rig.links.as_slice()), (vec![], &["up"][..]));
    rig.sim.play(480);
    rig.pass(10);
    assert_eq!(rig.reports(), ["opened"]);
    rig.pass(10);
    assert_eq!(rig.reports(), [""; 0]);
}

#[test]
fn an_absent_device_is_tried_every_second_or_two_and_told_of_once() {
    let mut rig = Rig::new();
    rig.absent();
    (0..6_000).for_each(|_| rig.pass(10));
    let attempts = rig.sim.state().attempts;
    assert!((30..=40).contains(&attempts), "{attempts} attempts in a minute");
    assert_eq!(rig.reports(), ["failed"]);
    rig.sim.state().output = Err(OpenError("something else".to_owned()));
    rig.pass(5_000);
    assert_eq!(rig.reports(), ["failed"], "another trouble is news");
    rig.present();
    rig.pass(5_000);
    rig.sim.play(480);
    rig.pass(10);
    assert_eq!((rig.reports(), rig.links.as_slice()), (vec!["opened"], &["up"][..]));
}

#[test]
fn a_device_that_goes_is_closed_opened_again_after_a_second_and_told_of() {
    let mut rig = Rig::new();
    rig.pass(0);
    rig.sim.play(480);
    rig.pass(10);
    rig.health().fault(Fault::Gone);
    rig.pass(10);
    assert_eq!((rig.reports(), rig.links.as_slice()), (vec!["opened", "lost"], &["up", "down"][..]));
    wait_until_closed(&mut rig);
    rig.pass(990);
    assert_eq!(rig.links, ["up", "down"]);
    rig.pass(1_100);
    assert_eq!(rig.links, ["up", "down", "up"]);
    rig.sim.play(480);
    rig.pass(10);
    assert_eq!(rig.reports(), ["restored"]);
}

/// The side thread that closes the device needs its time. Whether the device is open is not asked: one that is
/// renewed may be open again by now.
fn wait_until_closed(rig: &mut Rig) {
    rig.slot.stuck.iter().for_each(|done| while done.recv().is_ok() {});
    rig.pass(0);
}

#[test]
fn a_device_that_begins_late_is_opened_not_restored() {
    let mut rig = Rig::new();
    rig.pass(0);
    rig.pass(2_000);
    rig.sim.play(480);
    rig.pass(10);
    assert_eq!(rig.reports(), ["opened"]);
}

#[test]
fn a_stall_is_told_and_its_end_too() {
    let mut rig = Rig::new();
    rig.pass(0);
    rig.sim.play(480);
    rig.pass(10);
    rig.pass(1_000);
    assert_eq!(rig.reports(), ["opened", "stalled"]);
    rig.sim.play(480);
    rig.pass(10);
    assert_eq!(rig.reports(), ["restored"]);
    rig.pass(3_000);
    assert_eq!((rig.reports(), rig.links.as_slice()), (vec!["lost"], &["up", "down"][..]));
}

#[test]
fn a_device_that_never_gives_sound_is_told_of_once_however_often_it_is_opened() {
    let mut rig = Rig::new();
    for _ in 0..10 {
        rig.pass(0);
        rig.pass(3_000);
        wait_until_closed(&mut rig);
        rig.pass(5_000);
    }
    assert!(rig.links.len() >= 10);
    assert_eq!(rig.reports(), ["failed"]);
}

#[test]
fn what_is_no_hardware_is_not_tried_again() {
    let sim = Sim::new(24_000, 24_000).soft();
    sim.state().output = Err(OpenError("cannot".to_owned()));
    let mut slot: Slot<PlaybackSink> = Slot::new(Arc::new(sim.clone()));
    for seconds in 0..20 {
        slot.poll(Duration::from_secs(seconds));
    }
    assert_eq!((sim.state().attempts, slot.drain_reports().len()), (1, 1));
}

#[test]
fn a_device_that_hangs_when_it_is_closed_holds_nobody_up_for_long() {
    let mut rig = Rig::new();
    rig.pass(0);
    rig.sim.play(480);
    let state = rig.sim.clone();
    let held = state.state();
    held.playback.as_ref().expect("open").health().fault(Fault::Gone);
    // Closing needs the state, which is held: the side thread is stuck until the end of this test.
    rig.pass(10);
    rig.pass(999);
    assert!(matches!(rig.slot.state, State::Closing { .. }));
    rig.pass(1);
    assert!(matches!(rig.slot.state, State::Waiting { .. }));
    rig.slot.stop(Duration::from_millis(1));
    drop(held);
}

#[test]
fn a_device_that_is_not_served_in_time_gets_a_longer_buffer_when_nothing_sounds() {
    let mut rig = Rig::new();
    rig.sim.state().lengths = 1;
    rig.pass(0);
    rig.sim.play(480);
    rig.pass(10);
    rig.slot.set_idle(false);
    rig.health().miss();
    rig.pass(10);
    rig.health().miss();
    rig.pass(10);
    assert_eq!(rig.links, ["up"], "something sounds");
    rig.slot.set_idle(true);
    rig.pass(10);
    wait_until_closed(&mut rig);
    rig.pass(10);
    assert_eq!(rig.links, ["up", "renewing", "up"]);
    rig.sim.play(480);
    (0..2).for_each(|_| rig.health().miss());
    rig.pass(10);
    assert_eq!(rig.links, ["up", "renewing", "up"], "there is none longer");
    assert_eq!(rig.reports(), ["opened", "restored"]);
}

#[test]
fn a_released_device_is_closed_and_opened_again_without_a_word_of_loss() {
    let mut rig = Rig::new();
    rig.pass(0);
    rig.sim.play(480);
    rig.pass(10);
    assert!(rig.slot.release());
    wait_until_closed(&mut rig);
    rig.pass(60_000);
    assert_eq!((rig.sim.state().attempts, rig.slot.release()), (1, false));
    rig.slot.keep(rig.now);
    rig.pass(0);
    rig.sim.play(480);
    rig.pass(10);
    assert_eq!((rig.reports(), rig.links.as_slice()), (vec!["opened", "restored"], &["up", "up"][..]));
}

#[test]
fn a_device_that_is_released_while_it_opens_stays_closed() {
    let mut rig = Rig::new();
    rig.slot.poll(rig.now);
    assert!(!rig.slot.release());
    rig.slot.stuck.iter().for_each(|done| while done.recv().is_ok() {});
    assert!(rig.sim.state().playback.is_none());
    rig.pass(10);
    assert_eq!((rig.reports(), rig.links.as_slice()), (vec![], &[][..]));
}

#[test]
fn another_device_than_was_asked_for_is_told_of_once() {
    let mut rig = Rig::new();
    rig.sim.state().instead = Some("`usb` is not there".to_owned());
    for expected in [vec!["opened", "substituted"], vec!["restored"]] {
        rig.pass(0);
        rig.sim.play(480);
        rig.pass(10);
        assert_eq!(rig.reports(), expected);
        rig.slot.release();
        wait_until_closed(&mut rig);
        rig.slot.keep(rig.now);
    }
}
