use super::*;
use crate::config::{Environment, Override, Overrides};
use crate::transport::auth::ApiKey;

const SECRET: &str = "sk-sentinel-0123456789";

fn load(file: &str, vars: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Config {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("config");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), file).unwrap();
    let home = home.path().to_str().unwrap().to_owned();
    let env: Environment = vars.iter().copied().chain([("REALTIME_CLI_HOME", home.as_str())]).collect();
    let values = flags.iter().map(|(key, value)| Override { key, flag: "--x", value: (*value).to_owned() });
    Config::load(&Overrides { config_file: None, values: values.collect() }, &env).unwrap()
}

fn chat(file: &str) -> BrainPlan {
    load(file, &[], &[]).offline().unwrap().brain
}

#[test]
fn nothing_set_is_what_is_built_in() {
    let plan = load("", &[], &[]).offline().unwrap();
    let expected = OfflinePlan {
        recognizer: RecognizerPlan::BuiltIn,
        brain: BrainPlan::BuiltIn,
        synthesizer: SynthesizerPlan::Auto,
    };
    assert_eq!(plan, expected);
}

#[test]
fn an_address_or_a_file_is_choice_enough() {
    let file = "[offline]\nchat_url = \"http://localhost:11434\"\nchat_model = \"m\"\n\
        whisper_model = \"w.bin\"\nspeech_url = \"https://h.example/v1/\"";
    let plan = load(file, &[], &[]).offline().unwrap();
    let BrainPlan::Chat { endpoint, model } = plan.brain else { panic!("{:?}", plan.brain) };
    assert_eq!(endpoint.url.as_str(), "http://localhost:11434/v1/chat/completions");
    assert_eq!((model.as_str(), endpoint.key), ("m", None));
    let RecognizerPlan::Whisper { model, language: None } = plan.recognizer else { panic!("no whisper") };
    assert!(model.is_absolute() && model.ends_with("config/w.bin"), "beside the settings file: {model:?}");
    let SynthesizerPlan::Http { endpoint, .. } = plan.synthesizer else { panic!("no speech") };
    assert_eq!(endpoint.url.as_str(), "https://h.example/v1/audio/speech");
}

#[test]
fn what_is_said_more_directly_goes_first() {
    let file = "[offline]\nrecognizer = \"builtin\"\ntranscription_url = \"http://localhost:1\"\n\
        piper_voice = \"p\"\nspeech_url = \"http://localhost:2\"";
    let plan = load(file, &[], &[]).offline().unwrap();
    assert_eq!(plan.recognizer, RecognizerPlan::BuiltIn);
    assert!(matches!(plan.synthesizer, SynthesizerPlan::Piper { .. }));
    let flags = [("offline.whisper_model", "w"), ("offline.synthesizer", "espeak")];
    let plan = load(file, &[], &flags).offline().unwrap();
    assert!(matches!(plan.recognizer, RecognizerPlan::Whisper { .. }));
    assert_eq!(plan.synthesizer, SynthesizerPlan::Espeak);
    let vars = [("REALTIME_CLI_OFFLINE_SPEECH_URL", "http://localhost:3")];
    let plan = load(file, &vars, &[]).offline().unwrap();
    assert!(matches!(plan.synthesizer, SynthesizerPlan::Http { .. }));
}

#[test]
fn a_choice_without_its_address_says_what_to_set() {
    for (choice, needed) in [
        ("brain = \"chat\"", "offline.chat_url"),
        ("recognizer = \"http\"", "offline.transcription_url"),
        ("recognizer = \"whisper\"", "offline.whisper_model"),
        ("synthesizer = \"piper\"", "offline.piper_voice"),
        ("synthesizer = \"http\"", "offline.speech_url"),
    ] {
        let error = load(&format!("[offline]\n{choice}"), &[], &[]).offline().unwrap_err().to_string();
        assert!(error.contains(&format!("needs `{needed}`, such as `")), "{error}");
    }
}

#[test]
fn an_address_is_completed_from_its_base() {
    for (set, whole) in [
        ("https://h.example", "https://h.example/v1/chat/completions"),
        ("https://h.example/v1/chat/completions", "https://h.example/v1/chat/completions"),
        ("https://h.example/v1beta/openai/", "https://h.example/v1beta/openai/chat/completions"),
        ("https://h.example/v1?api-version=7#x", "https://h.example/v1/chat/completions?api-version=7"),
    ] {
        let BrainPlan::Chat { endpoint, .. } = chat(&format!("offline.chat_url = \"{set}\"")) else {
            panic!()
        };
        assert_eq!(endpoint.url.as_str(), whole);
    }
    let server = load("offline.transcription_url = \"http://localhost:8080/inference\"", &[], &[]);
    let RecognizerPlan::Http { endpoint, .. } = server.offline().unwrap().recognizer else { panic!() };
    assert_eq!(endpoint.url.path(), "/inference");
    for wrong in ["localhost:11434", "ws://localhost:1", "http://", "http://me:sk-1@h.example"] {
        let config = load(&format!("offline.chat_url = \"{wrong}\""), &[], &[]);
        let error = config.offline().unwrap_err().to_string();
        assert!(error.contains("offline.chat_url") && !error.contains("sk-1"), "{error}");
    }
}

#[test]
fn each_endpoint_has_a_key_of_its_own_that_shows_nowhere() {
    let file = "[offline]\nchat_url = \"https://h.example/v1?api-key=sk-sentinel-0123456789\"\n\
        speech_url = \"https://s.example\"";
    let vars =
        [("REALTIME_CLI_CHAT_KEY", SECRET), ("OPENAI_API_KEY", "sk-other"), ("HTTPS_PROXY", "p.example:1")];
    let config = load(file, &vars, &[]);
    let plan = config.offline().unwrap();
    let BrainPlan::Chat { endpoint, .. } = &plan.brain else { panic!() };
    assert_eq!(endpoint.key.as_ref().map(ApiKey::reveal), Some(SECRET));
    assert_eq!(endpoint.proxy.as_ref().map(Url::as_str), Some("http://p.example:1/"));
    let SynthesizerPlan::Http { endpoint, .. } = &plan.synthesizer else { panic!() };
    assert_eq!(endpoint.key, None, "one key is not for all");
    let shown = format!("{}{}{:?}", config.show(), config.show_json(), config.rows());
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(config.show().contains("# chat key: from $REALTIME_CLI_CHAT_KEY"), "{shown}");
}
