use super::*;
use crate::conversation::settings::SETTINGS;

#[test]
fn what_can_be_set_for_a_session_is_what_the_conversation_takes() {
    let names: Vec<_> = session_settings().into_iter().map(|(name, _)| name).collect();
    let (mut ours, mut theirs) = (names.clone(), SETTINGS.to_vec());
    ours.sort_unstable();
    theirs.sort_unstable();
    assert_eq!(ours, theirs);
    assert!(names.iter().all(|name| is_of_session(name)));
    assert!(!is_of_session("server.url") && !is_of_session("audio.noise_suppression"));
}

#[test]
fn a_setting_is_found_by_its_whole_name_or_its_last_part() {
    let set = |name, value| session_setting(name, value).unwrap();
    assert_eq!(set("vad.threshold", "0.70"), ("vad.threshold", "0.7".to_owned()));
    assert_eq!(set("threshold", "1"), ("vad.threshold", "1.0".to_owned()));
    assert_eq!(set("tracing", "yes"), ("session.tracing", "true".to_owned()));
    assert_eq!(set("max_output_tokens", "inf"), ("session.max_output_tokens", "inf".to_owned()));
    assert_eq!(set("instructions", "a \"b\""), ("instructions", "a \"b\"".to_owned()));
}

#[test]
fn a_value_that_is_none_and_a_name_that_is_none_are_told_with_what_there_is() {
    let wrong = |name, value| session_setting(name, value).unwrap_err();
    assert_eq!(wrong("vad.threshold", "2"), "`vad.threshold` takes a number from 0 to 1, not `2`");
    assert_eq!(wrong("speed", "2"), "`speed` takes a number from 0.25 to 1.5, not `2`");
    assert_eq!(
        wrong("vad.idle_timeout_ms", "100"),
        "`vad.idle_timeout_ms` takes 0 or a whole number from 5000 to 30000, not `100`"
    );
    assert_eq!(
        wrong("vad.treshold", "1"),
        "there is no setting `vad.treshold`; did you mean `vad.threshold`?"
    );
    assert!(wrong("server.url", "ws://x").contains("settings file"), "{}", wrong("server.url", "x"));
    assert!(wrong("zzz", "1").contains("`/settings`"));
}

#[test]
fn values_are_shown_as_the_settings_file_has_them() {
    assert_eq!(as_shown("voice", "cedar"), "\"cedar\"");
    assert_eq!(as_shown("speed", "1.25"), "1.25");
    assert_eq!(as_shown("session.max_output_tokens", "100"), "100");
    assert_eq!(as_shown("session.max_output_tokens", "inf"), "\"inf\"");
}
