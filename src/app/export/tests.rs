use super::*;
use crate::conversation::{FunctionCall, Level, transcript::CallState};

#[expect(clippy::disallowed_methods, reason = "a test needs some beginning")]
fn start() -> Instant {
    Instant::now()
}

fn entry(id: &str, kind: EntryKind) -> Entry {
    Entry { item_id: id.into(), kind, revision: 0 }
}

fn talk() -> (Vec<Entry>, Times) {
    let user = |text: Option<&str>| EntryKind::User {
        text: text.map(str::to_owned),
        partial: false,
        spoken: true,
        failed: None,
    };
    let answer = |text: &str, heard_chars| EntryKind::Assistant {
        text: text.to_owned(),
        partial: false,
        heard_chars,
        settled: true,
    };
    let call = FunctionCall {
        call_id: "call".into(),
        name: "create_task".to_owned(),
        arguments: "{\"title\":\"milk\"}".to_owned(),
    };
    let call = EntryKind::Call { call, state: CallState::Done, output: "{}".to_owned(), answered: true };
    let all = [
        entry("u1", user(Some("Buy milk.\u{1b}[31m"))),
        entry("c1", call),
        entry("", EntryKind::Notice { level: Level::Info, text: "a notice".to_owned() }),
        entry("a1", answer("Done. And there is more to say.", Some(5))),
        entry("a2", answer("Nothing of this was heard", Some(0))),
        entry("u2", user(None)),
    ];
    let begun = start();
    let mut times = Times::default();
    let mut entries = Vec::new();
    times.note(&entries, begun);
    for (n, entry) in all.into_iter().enumerate() {
        entries.push(entry);
        times.note(&entries, begun + Duration::from_millis(61_000 + n as u64 * 900));
    }
    (entries, times)
}

#[test]
fn markdown_has_who_said_what_when_and_only_what_was_heard() {
    let (entries, times) = talk();
    let want = "# Conversation\n\n*01:01* **you:** Buy milk.\n\n\
        *01:01* `create_task {\"title\":\"milk\"}`\n\n\
        *01:03* **assistant:** Done. — *interrupted*\n";
    assert_eq!(render(&entries, &times, Format::Markdown), want);
}

#[test]
fn json_has_the_same_for_programs() {
    let (entries, times) = talk();
    let value: Value = serde_json::from_str(&render(&entries, &times, Format::Json)).unwrap();
    let last = json!({"at_s": 63.7, "who": "assistant", "text": "Done.", "interrupted": true});
    assert_eq!((&value["v"], &value["entries"][2]), (&json!(1), &last));
    assert_eq!(value["entries"].as_array().unwrap().len(), 3);
}

#[test]
fn subtitles_follow_each_other() {
    let (entries, times) = talk();
    let want = "1\n00:01:01,000 --> 00:01:02,500\nyou: Buy milk.\n\n\
        2\n00:01:03,700 --> 00:01:05,200\nassistant: Done.\n\n";
    assert_eq!(render(&entries, &times, Format::Srt), want);
}
