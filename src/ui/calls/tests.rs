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

#[test]
fn arguments_are_shown_as_they_grow() {
    let table = [
        ("", ""),
        ("{", ""),
        (r#"{"ti"#, "ti=…"),
        (r#"{"title":"#, "title=…"),
        (r#"{"title":"buy mi"#, "title=“buy mi”"),
        (r#"{"title":"buy \"#, "title=“buy ”"),
        (r#"{"title":"buy milk","#, "title=“buy milk”"),
        (r#"{"title":"buy milk","n":3"#, "n=3 title=“buy milk”"),
        (r#"{"tags":["a","b"#, r#"tags=["a","b"]"#),
        (r#"{"tags":["a","#, r#"tags=["a"]"#),
    ];
    for (arguments, expected) in table {
        assert_eq!(words(arguments), expected, "{arguments}");
    }
}

fn text(state: ToolState, elapsed: Option<u64>, differences: &Differences) -> String {
    let (name, arguments) = (Clean::new("update_task"), Clean::new(r#"{"task":"1"}"#));
    let elapsed = elapsed.map(Duration::from_millis);
    let pieces = pieces(&name, &arguments, state, &Clean::new("changed"), elapsed, differences, Theme::Plain);
    pieces.into_iter().map(|(text, _)| text).collect()
}

#[test]
fn a_call_tells_its_state_and_its_time() {
    let none = Differences::default();
    let table = [
        (ToolState::Collecting, None, "update_task task=1: preparing"),
        (ToolState::Running, None, "update_task task=1: running"),
        (ToolState::Running, Some(2_000), "update_task task=1: running, 2 s"),
        (ToolState::Done, Some(12), "update_task task=1: changed (12 ms)"),
        (ToolState::Failed, Some(1_200), "update_task task=1: failed: changed (1.2 s)"),
    ];
    for (state, elapsed, expected) in table {
        assert_eq!(text(state, elapsed, &none), expected);
    }
}

#[test]
fn a_call_tells_what_it_changed_and_how_to_take_it_back() {
    let changes = vec![Clean::new("due: none → tomorrow"), Clean::new("tags: none → +a")];
    let lasting = Differences { changes: changes.clone(), undo_key: None };
    let latest = Differences { changes, undo_key: Some("F8".to_owned()) };
    let shown = |differences| text(ToolState::Done, None, differences);
    assert_eq!(shown(&lasting), "update_task task=1: changed\ndue: none → tomorrow · tags: none → +a");
    assert!(shown(&latest).ends_with("tags: none → +a · F8 undoes"));
}
