use super::*;
use crate::config::{Config, Environment};

fn read(words: &str) -> Result<Args, clap::Error> {
    Args::read(std::iter::once("realtime-cli").chain(words.split_whitespace()))
}

fn ok(words: &str) -> Args {
    read(words).unwrap_or_else(|e| panic!("{words}: {e}"))
}

fn values(args: &Args) -> Vec<(&str, &str, String)> {
    args.overrides().values.into_iter().map(|o| (o.key, o.flag, o.value)).collect()
}

#[test]
fn the_definition_is_sound() {
    Args::command().debug_assert();
}

#[test]
fn without_a_command_it_is_a_conversation() {
    let args = ok("--text --model m --audio-in a.wav");
    assert_eq!(args.command, None);
    assert!(args.chat.text);
    assert_eq!(args.chat.audio_in, Some(PathBuf::from("a.wav")));
    for words in ["chat --text", "--text chat"] {
        let args = ok(words);
        assert_eq!((args.command, args.chat.text), (None, true), "{words}");
    }
    assert!(read("--text chat --json").is_err());
}

#[test]
fn the_server_that_doctor_tries_stands_before_it_or_after() {
    for words in ["--url ws://u doctor --json", "doctor --json --url ws://u"] {
        let args = ok(words);
        assert!(values(&args).contains(&("server.url", "--url", "ws://u".to_owned())), "{words}");
    }
    assert!(read("--url ws://u doctor --model m").is_err());
}

#[test]
fn global_switches_stand_before_and_after_a_command() {
    for words in ["--data-dir D config path", "config --data-dir D path", "config path --data-dir D"] {
        let args = ok(words);
        assert_eq!(args.command, Some(Command::Config(ConfigCommand::Path)), "{words}");
        assert_eq!(values(&args), [("data_dir", "--data-dir", "D".to_owned())], "{words}");
    }
}

#[test]
fn every_switch_about_settings_overrules_one() {
    let args = ok(
        "--config C --data-dir D --color never --theme dark --screen-reader --log-level warn --url ws://u --model m --dialect beta \
        --api-key-file K --mode ptt --ptt hold --voice cedar --input-device mic --output-device out",
    );
    assert_eq!(args.overrides().config_file, Some(PathBuf::from("C")));
    let expected = [
        ("data_dir", "--data-dir", "D"),
        ("ui.color", "--color", "never"),
        ("ui.theme", "--theme", "dark"),
        ("ui.screen_reader", "--screen-reader", "true"),
        ("log.level", "--log-level", "warn"),
        ("server.offline", "--url", "false"),
        ("server.url", "--url", "ws://u"),
        ("server.model", "--model", "m"),
        ("server.dialect", "--dialect", "beta"),
        ("server.api_key_file", "--api-key-file", "K"),
        ("mode", "--mode", "ptt"),
        ("push_to_talk.method", "--ptt", "hold"),
        ("audio.input", "--input-device", "mic"),
        ("audio.output", "--output-device", "out"),
        ("voice", "--voice", "cedar"),
    ];
    assert_eq!(values(&args), expected.map(|(key, flag, value)| (key, flag, value.to_owned())));
    assert_eq!(values(&ok("--offline")), [("server.offline", "--offline", "true".to_owned())]);
    assert_eq!(values(&ok("")), []);
}

#[test]
fn the_microphone_test_takes_its_own_devices() {
    let args = ok("mic-test --input-device mic --output-device out --seconds 5");
    let expected = [("audio.input", "--input-device", "mic"), ("audio.output", "--output-device", "out")];
    assert_eq!(values(&args), expected.map(|(key, flag, value)| (key, flag, value.to_owned())));
    assert!(read("mic-test --seconds 0").is_err());
}

#[test]
fn what_the_switches_say_is_taken_by_the_settings() {
    let home = tempfile::tempdir().unwrap();
    let env: Environment = [("REALTIME_CLI_HOME", home.path().to_str().unwrap())].into_iter().collect();
    for words in [
        "-vv",
        "--debug",
        "--log-level off",
        "--color always",
        "--mode vad",
        "--dialect ga",
        "--offline",
        "--url ws://localhost:1",
    ] {
        Config::load(&ok(words).overrides(), &env).unwrap_or_else(|e| panic!("{words}: {e}"));
    }
}

#[test]
fn loudness_of_the_log_has_short_forms() {
    for (words, level) in [("-v", "info"), ("-vv", "debug"), ("-vvvv", "trace"), ("--debug", "debug")] {
        assert_eq!(values(&ok(words))[0].2, level, "{words}");
    }
    assert!(read("-v --log-level info").is_err());
}

#[test]
fn switches_that_contradict_or_do_not_belong_are_refused_as_wrong_usage() {
    for words in [
        "--offline --url ws://u",
        "--no-audio --audio-in a.wav",
        "--no-audio --input-device mic",
        "--audio-out a.wav --output-device out",
        "devices use",
        "devices --json use --input mic",
        "serve --no-auth --token-file T",
        "models fetch",
        "models fetch --url https://h/x.bin",
        "models fetch whisper-base.en --sha256 00",
        "--text serve",
        "--voice x completions bash",
        "--api-key sk-1",
        "--modle x",
        "frobnicate",
        "serve --port 70000",
        "--screen-reader --json",
        "--mode both",
    ] {
        let error = read(words).unwrap_err();
        assert_eq!(error.exit_code(), Exit::Usage as i32, "{words}");
    }
    assert!(read("--modle x").unwrap_err().to_string().contains("--mode"));
}

#[test]
fn serve_listens_on_this_machine_by_default() {
    let expected = ServeArgs {
        host: "127.0.0.1".to_owned(),
        port: 8765,
        no_auth: false,
        token_file: None,
        engines: EngineArgs::default(),
        developer: DeveloperArgs::default(),
    };
    assert_eq!(ok("serve").command, Some(Command::Serve(expected)));
}

#[test]
fn serve_takes_its_engines_from_switches() {
    let args = ok("serve --recognizer http --whisper-model W --transcription-url U --transcription-model M \
        --brain chat --chat-url U --chat-model M --synthesizer piper --piper-voice P --speech-url U \
        --speech-model M --speech-voice V");
    let given = values(&args);
    assert_eq!(given.len(), 12);
    for (key, flag, _) in &given {
        assert_eq!(key.replace('_', "-"), flag.replacen("--", "offline.", 1));
    }
    assert!(read("serve --brain rules").is_err());
    assert!(read("--chat-url U").is_err());
}

fn help(words: &str) -> String {
    let error = read(words).unwrap_err();
    assert_eq!(error.exit_code(), 0);
    error.to_string()
}

#[test]
fn help_begins_with_examples_and_fits_eighty_columns() {
    for words in [
        "-h",
        "--help",
        "serve --help",
        "config show --help",
        "help config",
        "tasks --help",
        "chat -h",
        "devices use --help",
        "models fetch --help",
    ] {
        let help = help(words);
        let wide: Vec<_> = help.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{words}: {wide:#?}");
    }
    let help = help("--help");
    let place = |text: &str| help.find(text).unwrap_or_else(|| panic!("`{text}` is missing in\n{help}"));
    assert!(place("Examples:") < place("Usage:"));
    assert!(place("Usage:") < place("      --offline"));
    assert!(place("      --offline") < place("Exit codes:"));
}

#[test]
fn help_and_manual_document_every_exit_code() {
    let codes = [
        Exit::Ok,
        Exit::Failure,
        Exit::Usage,
        Exit::NotFound,
        Exit::Auth,
        Exit::Network,
        Exit::Audio,
        Exit::HungUp,
        Exit::Interrupted,
        Exit::Terminated,
    ];
    let (help, manual) = (help("--help"), String::from_utf8(manual().unwrap()).unwrap());
    for text in [&help, &manual] {
        let codes_text = &text[text.find("Exit codes").unwrap()..];
        for code in codes {
            let number = (code as u8).to_string();
            assert!(codes_text.split(|c: char| !c.is_ascii_digit()).any(|n| n == number), "{code:?}");
        }
    }
}

#[test]
fn version_is_short_or_full() {
    assert_eq!(help("-V"), format!("realtime-cli {}\n", env!("CARGO_PKG_VERSION")));
    let long = help("--version");
    for part in ["commit: ", "target: ", "TLS: "] {
        assert!(long.contains(part), "{long}");
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in Shell::value_variants() {
        let script = String::from_utf8(completions(*shell)).unwrap();
        assert!(script.contains("--data-dir") || script.contains("data-dir"), "{shell}");
    }
}

#[test]
fn every_state_of_the_completions_for_bash_has_its_case() {
    let script = String::from_utf8(completions(Shell::Bash)).unwrap();
    let states: Vec<&str> =
        script.lines().filter_map(|line| line.trim().strip_prefix("cmd=\"")?.strip_suffix('"')).collect();
    assert!(states.iter().any(|state| state.ends_with("tasks__subcmd__edit")), "{states:?}");
    for state in states.into_iter().filter(|state| !state.is_empty()) {
        assert!(script.contains(&format!("        {state})\n")), "{state}");
    }
}
