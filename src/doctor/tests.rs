use super::*;

fn lines(checks: &[Check]) -> String {
    checks.iter().map(line).collect()
}

#[test]
fn a_line_has_a_word_a_name_and_a_cure_where_one_is_needed() {
    let checks = [
        Check { took: Some(Duration::from_millis(41)), ..Check::ok("tls", "TLS 1.3") },
        Check::warning("key", "none", "set one"),
        Check::failed("microphone", "evil \u{1b}[31m name", "another one"),
    ];
    insta::assert_snapshot!(lines(&checks));
}

#[test]
fn only_what_has_failed_counts_for_the_exit_code() {
    let end = |checks: Vec<Check>, json| {
        let mut out = Vec::new();
        let exit = Report { json, out: &mut out, checks }.end().unwrap();
        (exit, String::from_utf8(out).unwrap())
    };
    let warned = vec![Check::ok("a", "b"), Check::warning("c", "d", "e")];
    let (exit, text) = end(warned.clone(), false);
    assert_eq!((exit, text.trim()), (Exit::Ok, "all that is needed works; 1 could be better"));
    let (exit, text) = end([warned, vec![Check::failed("f", "g", "h")]].concat(), true);
    assert_eq!(exit, Exit::Failure);
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["ok"], false);
    assert_eq!(value["checks"][2]["status"], "failed");
    assert_eq!(value["checks"][2]["cure"], "h");
}

#[test]
fn little_room_is_a_warning_and_none_a_failure() {
    let status = |free| machine::room(free).status;
    assert_eq!([status(0), status(50 << 20), status(1 << 40)], [Status::Failed, Status::Warning, Status::Ok]);
}

#[test]
fn tasks_that_cannot_be_read_are_told_with_a_cure() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(machine::tasks(dir.path()).status, Status::Ok);
    let other = tempfile::tempdir().unwrap();
    std::fs::write(other.path().join("taskchampion.sqlite3"), "no database at all, but a text").unwrap();
    let check = machine::tasks(other.path());
    assert_eq!(check.status, Status::Failed);
    assert!(check.cure.unwrap().contains("backup"));
}
