use super::report::Report;
use super::*;
use crate::config::{Environment, Overrides};
use crate::http::scripted::{Answer, Scripted};

fn config(home: &Path, vars: &[(&str, &str)]) -> Config {
    let home = home.to_str().unwrap();
    let env: Environment = vars.iter().copied().chain([("REALTIME_CLI_HOME", home)]).collect();
    Config::load(&Overrides::default(), &env).unwrap()
}

fn engine<'a>(report: &'a serde_json::Value, part: &str, engine: &str) -> &'a serde_json::Value {
    let engines = report["engines"].as_array().unwrap();
    engines.iter().find(|e| e["part"] == part && e["engine"] == engine).unwrap()
}

#[test]
fn the_list_tells_what_is_used_what_is_there_and_what_could_be() {
    let server =
        Scripted::new(vec![Answer::json("200 OK", r#"{"data":[{"id":"qwen3:4b"},{"id":"\u001b[2J"}]}"#)]);
    let home = tempfile::tempdir().unwrap();
    let url = server.endpoint("/v1", None).url.to_string();
    let config = config(home.path(), &[("REALTIME_CLI_OFFLINE_CHAT_URL", &url)]);
    std::fs::create_dir_all(folder(&config)).unwrap();
    for name in ["ggml-tiny.en.bin", "en_US-amy-medium.onnx", "en_US-amy-medium.onnx.json", "x.part"] {
        std::fs::write(folder(&config).join(name), "").unwrap();
    }
    let report = Report::gather(&config, &folder(&config));
    let json = report.json();
    let chat = engine(&json, "brain", "chat");
    assert_eq!((&chat["state"], &chat["used"]), (&json!("ready"), &json!(true)), "{chat}");
    assert!(chat["detail"].as_str().unwrap().contains("qwen3:4b"), "{chat}");
    assert_eq!(engine(&json, "brain", "builtin")["used"], false);
    assert_eq!(engine(&json, "synthesizer", "http")["state"], "not set");
    assert_eq!(json["files"], json!(["en_US-amy-medium.onnx", "ggml-tiny.en.bin"]));
    let text = report.text();
    assert!(text.contains(" * chat     ready") && text.contains("whisper-base.en"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_server_that_is_away_or_silent_is_told() {
    let server = Scripted::new(vec![Answer::raw("").then_hangs(), Answer::json("401 No", "{}")]);
    let home = tempfile::tempdir().unwrap();
    let url = server.endpoint("", None).url.to_string();
    let config = config(home.path(), &[("REALTIME_CLI_OFFLINE_SPEECH_URL", &url)]);
    let json = Report::gather(&config, home.path()).json();
    let speech = engine(&json, "synthesizer", "http");
    assert!(
        speech["state"] == "unreachable" && speech["detail"].as_str().unwrap().contains("does not answer")
    );
    let json = Report::gather(&config, home.path()).json();
    let speech = engine(&json, "synthesizer", "http");
    assert!(speech["detail"].as_str().unwrap().contains("REALTIME_CLI_SPEECH_KEY"), "{speech}");
}

#[test]
fn settings_that_do_not_fit_are_no_reason_to_show_nothing() {
    let home = tempfile::tempdir().unwrap();
    let report = Report::gather(&config(home.path(), &[("REALTIME_CLI_OFFLINE_BRAIN", "chat")]), home.path());
    assert!(report.text().contains("warning: `offline.brain` is `chat`"), "{}", report.text());
    assert_eq!(engine(&report.json(), "brain", "builtin")["state"], "ready");
}

#[test]
fn each_of_the_list_has_its_files_and_their_checksums() {
    for model in CATALOG {
        let expected = match model.kind {
            Kind::Whisper => 1,
            Kind::Piper => 2,
        };
        assert_eq!(model.files.len(), expected, "{}", model.name);
        for file in model.files {
            assert!(Url::parse(file.url).unwrap().scheme() == "https");
            let sum = file.checksum().to_string();
            assert!(
                sum.strip_prefix("sha1:").is_some_and(|s| s.len() == 40)
                    || sum.starts_with("md5:") && sum.len() == 36
            );
        }
        assert_eq!(Kind::of(Path::new(model.files[0].url)), Some(model.kind));
    }
}

#[test]
fn an_unknown_name_is_not_found_and_the_known_ones_are_told() {
    let home = tempfile::tempdir().unwrap();
    let args = FetchArgs { name: Some("whisper-huge".to_owned()), ..FetchArgs::default() };
    let error = get(&args, &config(home.path(), &[]), &mut Vec::new()).unwrap_err();
    assert_eq!(error.exit, Exit::NotFound);
    assert!(error.message().contains("whisper-base.en"), "{}", error.message());
}

#[test]
fn what_was_fetched_comes_with_the_setting_that_uses_it() {
    let server = Scripted::new(vec![Answer::new("200 OK", "application/octet-stream", "abc")]);
    let home = tempfile::tempdir().unwrap();
    let args = FetchArgs {
        url: Some(server.endpoint("/ggml-tiny.en.bin", None).url.to_string()),
        sha256: Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned()),
        ..FetchArgs::default()
    };
    let mut out = Vec::new();
    let config = config(home.path(), &[]);
    assert_eq!(get(&args, &config, &mut out).unwrap(), Exit::Ok);
    let text = String::from_utf8(out).unwrap();
    let path = folder(&config).join("ggml-tiny.en.bin");
    assert!(text.contains(&format!("offline.whisper_model = \"{}\"", path.display())), "{text}");
    assert_eq!(std::fs::read(path).unwrap(), b"abc");
}

#[test]
fn progress_is_one_line_that_changes_with_each_percent() {
    let mut shown = Shown::default();
    let mut terminal = Vec::new();
    for done in [0, 1, 2, 1_000, 1_048_576] {
        shown.show(Progress { done, total: Some(1_048_576) }, &mut terminal);
    }
    let text = String::from_utf8(terminal).unwrap();
    assert_eq!(text.matches('\r').count(), 2, "{text:?}");
    assert!(text.trim_end().ends_with("1.0 of 1.0 MiB, 100 %") && text.ends_with('\n'), "{text:?}");
}
