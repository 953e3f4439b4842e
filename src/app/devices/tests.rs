use super::*;
use crate::audio::DeviceInfo;

#[expect(clippy::disallowed_methods, reason = "some moment is needed")]
fn now() -> Instant {
    Instant::now()
}

fn info() -> DeviceInfo {
    DeviceInfo { name: "Speaker".to_owned(), ..DeviceInfo::default() }
}

#[test]
fn a_device_that_is_slow_to_open_is_no_news() {
    let mut devices = Devices::default();
    let direction = Direction::Output;
    assert_eq!(devices.news(&DeviceEvent::Stalled { direction }, now()), None);
    assert_eq!(devices.news(&DeviceEvent::Restored { direction, device: info() }, now()), None);
}

#[test]
fn a_device_that_stops_after_it_has_worked_is_news() {
    let mut devices = Devices::default();
    let (direction, start) = (Direction::Input, now());
    devices.news(&DeviceEvent::Opened { direction, device: info() }, start);
    let stalled = DeviceEvent::Stalled { direction };
    assert_eq!(devices.news(&stalled, start + Duration::from_secs(2)), None);
    assert!(devices.news(&stalled, start + Duration::from_secs(10)).is_some());
}

#[test]
fn trouble_and_its_end_are_told() {
    let mut devices = Devices::default();
    let direction = Direction::Output;
    assert_eq!(devices.news(&DeviceEvent::Opened { direction, device: info() }, now()), None);
    let lost = DeviceEvent::Lost { direction, message: "unplugged".to_owned() };
    assert!(devices.news(&lost, now()).expect("told").1.contains("unplugged"));
    let back = devices.news(&DeviceEvent::Restored { direction, device: info() }, now()).expect("told");
    assert_eq!(back, (Level::Info, "the speaker is back: Speaker".to_owned()));
}

#[test]
fn a_quiet_room_is_not_a_dead_microphone() {
    let mut devices = Devices::default();
    assert!(devices.news(&DeviceEvent::SilentMicrophone, now()).is_some());
    devices.hear(&Pcm16::new(vec![0, 1]));
    assert_eq!(devices.news(&DeviceEvent::SilentMicrophone, now()), None);
}

#[test]
fn another_device_than_the_one_asked_for_is_named() {
    let message = "`usb mic` is not there".to_owned();
    let event = DeviceEvent::Substituted { direction: Direction::Output, message, device: info() };
    let (_, text) = Devices::default().news(&event, now()).expect("told");
    assert!(text.starts_with("`usb mic` is not there; using `Speaker`"), "{text}");
}

#[test]
fn hands_free_mode_is_told_once_with_its_cure() {
    let mut devices = Devices::default();
    let event = DeviceEvent::HandsFree { device: info() };
    let (level, text) = devices.news(&event, now()).expect("told");
    assert!(level == Level::Warning && text.contains("devices use --input"), "{text}");
    assert_eq!(devices.news(&event, now()), None);
}

#[test]
fn what_the_system_does_not_allow_is_told_with_the_way_to_allow_it() {
    let message = format!("the microphone `x` cannot be used: {DENIED}");
    let failed = DeviceEvent::Failed { direction: Direction::Input, message };
    let (_, text) = Devices::default().news(&failed, now()).expect("told");
    assert!(text.ends_with(permission(std::env::consts::OS)), "{text}");
    assert!(permission("macos").contains("System Settings"));
}
