use proptest::prelude::*;

use super::*;

fn known() -> Known {
    let clean = |names: &[&str]| names.iter().map(|name| Clean::line(name)).collect();
    Known {
        voices: clean(&["marin", "cedar", "coral"]),
        microphones: clean(&["Built-in Microphone", "Headset"]),
        speakers: clean(&["Built-in Speaker"]),
        settings: vec![("vad.kind", vec!["server_vad", "semantic_vad"]), ("vad.threshold", vec![])],
    }
}

fn ran(line: &str) -> Command {
    match read(line) {
        Entered::Run(command) => command,
        other => panic!("{line}: {other:?}"),
    }
}

fn wrong(line: &str) -> String {
    match read(line) {
        Entered::Wrong(why) => why,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn commands_mean_what_the_table_says() {
    let table = [
        ("/mute", Command::Mute(None)),
        ("/mute on", Command::Mute(Some(true))),
        ("/MUTE Off ", Command::Mute(Some(false))),
        ("/mode ptt", Command::Mode(Mode::PushToTalk)),
        ("/mode vad", Command::Mode(Mode::Vad)),
        ("/voice cedar", Command::Voice("cedar".to_owned())),
        ("/voice", Command::Act(Action::Open(PanelKind::Voice))),
        ("/speed 1.25", Command::Speed(1.25)),
        ("/speed 0,5", Command::Speed(0.5)),
        ("/speed", Command::Act(Action::Open(PanelKind::Voice))),
        ("/volume 80", Command::Volume(80)),
        ("/volume 200 %", Command::Volume(200)),
        ("/device in  Built-in Microphone", Command::Device(Side::In, "Built-in Microphone".to_owned())),
        ("/device out default", Command::Device(Side::Out, "default".to_owned())),
        ("/device", Command::Act(Action::Open(PanelKind::Devices))),
        ("/devices", Command::Act(Action::Open(PanelKind::Devices))),
        ("/echo half", Command::Echo(EchoWord::Half)),
        ("/new", Command::New),
        ("/clear", Command::Clear),
        ("/tasks", Command::Act(Action::Tasks(TaskKey::Enter))),
        ("/undo", Command::Act(Action::Undo)),
        ("/help", Command::Act(Action::Help)),
        ("/settings", Command::Act(Action::Open(PanelKind::Settings))),
        ("/log", Command::Act(Action::Open(PanelKind::Log))),
        ("/export my talk.md", Command::Export("my talk.md".to_owned(), Format::Markdown)),
        ("/export a.JSON", Command::Export("a.JSON".to_owned(), Format::Json)),
        ("/export a.srt", Command::Export("a.srt".to_owned(), Format::Srt)),
        ("/quit", Command::Act(Action::Quit)),
    ];
    for (line, want) in table {
        assert_eq!(ran(line), want, "{line}");
    }
}

#[test]
fn an_argument_that_does_not_fit_is_told_with_what_does() {
    let table = [
        ("/mute maybe", "`on` or `off`"),
        ("/mode", "`vad` or `ptt`"),
        ("/speed 3", "0.25 to 1.5"),
        ("/speed NaN", "0.25 to 1.5"),
        ("/volume 201", "0 to 200"),
        ("/volume -1", "0 to 200"),
        ("/device in", "`in` or `out`"),
        ("/device up Headset", "`in` or `out`"),
        ("/echo loud", "`auto`"),
        ("/export", ".md, .json or .srt"),
        ("/export notes.txt", ".md, .json or .srt"),
        ("/export .md", ".md, .json or .srt"),
        ("/new now", "nothing else"),
        ("/quit now", "nothing else"),
    ];
    for (line, want) in table {
        assert!(wrong(line).contains(want), "{line}: {}", wrong(line));
    }
}

#[test]
fn an_unknown_command_names_the_nearest() {
    assert!(wrong("/muet").contains("did you mean `/mute`?"), "{}", wrong("/muet"));
    assert!(wrong("/exprot x.md").contains("`/export`"), "{}", wrong("/exprot x.md"));
    assert!(wrong("/zzzz").contains("`/help` lists"), "{}", wrong("/zzzz"));
    assert!(wrong("/").contains("`/help` lists"), "{}", wrong("/"));
    let hostile = wrong("/a\u{1b}[31m\u{202e}b");
    assert!(!hostile.contains('\u{1b}') && !hostile.contains('\u{202e}'), "{hostile:?}");
}

#[test]
fn a_text_that_begins_with_a_slash_is_typed_with_two_and_several_lines_are_no_command() {
    assert_eq!(read("//usr/bin"), Entered::Say("/usr/bin".to_owned()));
    assert_eq!(read("/quit\nand more"), Entered::Say("/quit\nand more".to_owned()));
}

#[test]
fn tab_completes_names_and_arguments_as_far_as_they_agree() {
    let table = [
        ("/mu", Some("/mute ")),
        ("/de", Some("/device")),
        ("/device", Some("/device ")),
        ("/device ", Some("/device in ")),
        ("/device i", Some("/device in ")),
        ("/device in h", Some("/device in Headset")),
        ("/device in ", Some("/device in default")),
        ("/device out bu", Some("/device out Built-in Speaker")),
        ("/voice c", Some("/voice cedar")),
        ("/voice co", Some("/voice coral")),
        ("/mode p", Some("/mode ptt")),
        ("/mute o", Some("/mute on")),
        ("/mute on", None),
        ("/quit", None),
        ("/export a", None),
        ("/zzz", None),
        ("//x", None),
    ];
    for (line, want) in table {
        assert_eq!(completed(line, &known()).as_deref(), want, "{line}");
    }
}

#[test]
fn everything_that_is_offered_is_explained() {
    let all = candidates("/", &known());
    assert_eq!(all.len(), COMMANDS.len());
    assert!(all.iter().all(|candidate| !candidate.help.is_empty()));
    let usage = candidates("/export ta", &known());
    assert_eq!((usage.len(), usage[0].shown.as_str()), (1, "/export FILE.md|json|srt"));
    assert_eq!(candidates("hello", &known()), []);
}

#[test]
fn a_completed_choice_can_be_run() {
    for spec in COMMANDS {
        for candidate in candidates(&format!("/{} ", spec.name), &known()) {
            // What takes a free text, and what goes on, is not finished.
            let free = candidate.shown == spec.usage() || candidate.line.ends_with(' ');
            assert!(free || matches!(read(&candidate.line), Entered::Run(_)), "{}", candidate.line);
        }
    }
}

proptest! {
    #[test]
    fn any_line_is_read_and_completed(line in "/?\\PC{0,40}", more in "[a-z /]{0,12}") {
        for line in [line.clone(), format!("/{more}"), format!("/device {more}"), format!("/{line}")] {
            read(&line);
            for candidate in candidates(&line, &known()) {
                prop_assert!(candidate.line.starts_with('/'));
            }
        }
    }

    #[test]
    fn tab_comes_to_an_end(line in "/[a-z]{0,4} ?[a-z]{0,3}") {
        let mut line = line;
        for _ in 0..12 {
            let Some(next) = completed(&line, &known()) else { return Ok(()) };
            prop_assert_ne!(&next, &line);
            line = next;
        }
        prop_assert!(false, "{line} goes on");
    }
}

#[test]
fn any_setting_is_set_by_its_name_as_the_settings_file_has_it() {
    let set = |name: &str, value: &str| Command::Set(name.to_owned(), value.to_owned());
    assert_eq!(ran("/set vad.threshold 0.7"), set("vad.threshold", "0.7"));
    assert_eq!(ran("/set vad.kind = \"semantic_vad\""), set("vad.kind", "semantic_vad"));
    assert_eq!(ran("/set transcription.model=\"\""), set("transcription.model", ""));
    assert_eq!(ran("/instructions  Answer in German. "), set("instructions", "Answer in German."));
    assert_eq!(ran("/instructions"), set("instructions", ""));
    assert_eq!(ran("/set"), Command::Act(Action::Open(PanelKind::Settings)));
    assert_eq!(ran("/answer"), Command::Answer);
    assert_eq!(wrong("/set voice"), "`/set` takes the name of a setting and its value");
}

#[test]
fn names_of_settings_are_completed_and_then_their_values() {
    assert_eq!(completed("/set vad.k", &known()).as_deref(), Some("/set vad.kind "));
    assert_eq!(completed("/set vad.kind se", &known()).as_deref(), Some("/set vad.kind server_vad"));
    assert_eq!(completed("/set vad.kind sem", &known()).as_deref(), Some("/set vad.kind semantic_vad"));
    assert_eq!(completed("/set vad.threshold 0", &known()), None);
}
