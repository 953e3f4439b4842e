use super::*;

#[test]
fn arguments_are_shown_as_pairs() {
    assert_eq!(
        words(r#"{"title":"buy milk","priority":"high","n":3}"#),
        "n=3 priority=high title=“buy milk”"
    );
    assert_eq!(words("{}"), "");
    assert_eq!(words("not json"), "not json");
    assert_eq!(words("[1,2]"), "[1,2]");
}

#[test]
fn escapes_within_json_do_no_harm() {
    let arguments = r#"{"t\u001b[2J":"a\u001b]0;x\u0007b\u202ec\nd"}"#;
    assert_eq!(words(arguments), "t=abc d");
}

#[test]
fn long_arguments_are_cut() {
    let long = "x".repeat(500);
    assert_eq!(wrap::width(&words(&format!(r#"{{"a":"{long}"}}"#))), ARGUMENT);
    assert_eq!(wrap::width(&words(&long)), ARGUMENTS);
}

#[test]
fn times_have_a_fitting_unit() {
    for (ms, words) in [(0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (12_340, "12.3 s")] {
        assert_eq!(duration(Duration::from_millis(ms)), words);
    }
}
