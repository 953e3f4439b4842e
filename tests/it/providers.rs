//! Each provider of `config/providers.toml` in its own voice: its address, the place of the key, its dialect and the
//! oddities that its documents and the clients of others tell of, played by a scripted server on loopback. A spoken
//! and a typed turn with a tool call complete against each, and all that was sent is what such a server takes.

use realtime_cli::protocol::Dialect;
use serde_json::{Value, json};

use crate::program::{Program, demo, json_lines};
use crate::schema::assert_client_event;

pub(crate) mod peer;

use peer::{Served, serve};

const KEY: &str = "sentinel-0123456789";

/// What is particular about one provider, beside what it sends.
struct Provider {
    name: &'static str,
    /// Path and query that it is asked for.
    target: &'static str,
    key: Option<&'static str>,
    /// The header in which the key comes, and what it says.
    header: Option<(&'static str, &'static str)>,
    dialect: Dialect,
    /// Of the person's sound, in Hz.
    rate: u32,
    /// What it sends for one event of a server of the present dialect without any oddity.
    say: fn(Value) -> Vec<Value>,
    /// Checks a `session.update`, of a spoken conversation or of a typed one; the other events are as the dialect has
    /// them.
    session: fn(&Value, spoken: bool),
    /// Events that it does not know.
    unknown: &'static [&'static str],
}

const OPENAI: Provider = Provider {
    name: "openai",
    target: "/v1/realtime?model=gpt-realtime-2.1",
    key: Some("OPENAI_API_KEY"),
    header: Some(("authorization", "Bearer sentinel-0123456789")),
    dialect: Dialect::Ga,
    rate: 24_000,
    say: |event| vec![event],
    session: |event, _| assert_client_event(&event.to_string(), Dialect::Ga),
    unknown: &[],
};

#[test]
fn openai() {
    assert_serves(&OPENAI);
}

#[test]
fn azure() {
    assert_serves(&Provider {
        name: "azure",
        target: "/openai/v1/realtime?model=gpt-realtime-2.1",
        key: Some("AZURE_OPENAI_API_KEY"),
        header: Some(("api-key", KEY)),
        ..OPENAI
    });
}

#[test]
fn azure_preview() {
    assert_serves(&Provider {
        name: "azure-preview",
        target: "/openai/realtime?api-version=2025-04-01-preview&deployment=voice",
        key: Some("AZURE_OPENAI_API_KEY"),
        header: Some(("api-key", KEY)),
        say: peer::beta,
        session: |event, _| {
            assert_client_event(&event.to_string(), Dialect::Beta);
            assert_ne!(event["session"]["modalities"], json!(["audio"]), "refused without text");
        },
        dialect: Dialect::Beta,
        ..OPENAI
    });
}

/// Voice and turn detection stand elsewhere; it says some things early, some twice, and some of what never was.
#[test]
fn xai() {
    let say = |event: Value| {
        let ping = json!({"type": "ping", "event_id": "p", "timestamp": 1});
        match event["type"].as_str().unwrap_or_default() {
            "session.created" => {
                vec![json!({"type": "conversation.created", "conversation": {"id": "conv_1"}}), event]
            }
            "conversation.item.done" => vec![],
            "conversation.item.added" => {
                let mut event = event;
                event["previous_item_id"] = json!("item_never_announced");
                vec![event]
            }
            "conversation.item.input_audio_transcription.delta" => {
                let mut updated = event;
                updated["type"] = json!("conversation.item.input_audio_transcription.updated");
                updated["transcript"] = updated["delta"].take();
                vec![updated]
            }
            "conversation.item.input_audio_transcription.completed" => {
                let (mut early, mut whole) = (event.clone(), event);
                early["status"] = json!("in_progress");
                early["transcript"] = json!("create a task");
                whole["status"] = json!("completed");
                vec![early.clone(), early, whole]
            }
            "response.created" => vec![ping.clone(), event, ping],
            "response.done" => vec![event, json!({"type": "conversation.item.deleted", "item_id": ""})],
            _ => vec![event],
        }
    };
    let session = |event: &Value, spoken: bool| {
        let session = &event["session"];
        assert_eq!(
            (session["voice"].is_string(), session["turn_detection"].is_object()),
            (spoken, spoken),
            "{event}"
        );
        assert!(session["audio"]["input"]["format"].is_object(), "{event}");
        assert!(session["audio"]["input"].get("turn_detection").is_none(), "{event}");
        assert!(session["audio"]["output"].get("voice").is_none(), "{event}");
    };
    let xai = Provider {
        name: "xai",
        target: "/v1/realtime?model=grok-voice-latest",
        key: Some("XAI_API_KEY"),
        say,
        session,
        ..OPENAI
    };
    assert_serves(&xai);
}

/// Hears at 16 kHz, and takes functions as chat completions have them.
#[test]
fn qwen() {
    let session = |event: &Value, spoken: bool| {
        let session = &event["session"];
        let formats = if spoken { ["pcm", "pcm"].map(Value::from) } else { [json!("pcm"), Value::Null] };
        assert_eq!(
            [&session["input_audio_format"], &session["output_audio_format"]],
            [&formats[0], &formats[1]]
        );
        assert!(session.get("speed").is_none() && session.get("tool_choice").is_none(), "{event}");
        assert!(session["tools"][0]["function"]["name"].is_string(), "{event}");
        assert!(session["tools"][0].get("name").is_none(), "{event}");
        assert_ne!(session["modalities"], json!(["audio"]));
    };
    assert_serves(&Provider {
        name: "qwen",
        target: "/api-ws/v1/realtime?model=qwen3.8-omni-flash-realtime",
        key: Some("DASHSCOPE_API_KEY"),
        dialect: Dialect::Beta,
        rate: 16_000,
        say: peer::beta,
        session,
        ..OPENAI
    });
}

/// The query says which session it is.
#[test]
fn inworld() {
    let say = |event: Value| {
        let ping = json!({"type": "ping", "timestamp": 1_764_000_000});
        if event["type"] == "response.created" { vec![ping.clone(), event, ping] } else { vec![event] }
    };
    assert_serves(&Provider {
        name: "inworld",
        target: "/api/v1/realtime/session?key=realtime-cli&protocol=realtime",
        key: Some("INWORLD_API_KEY"),
        header: Some(("authorization", "Basic sentinel-0123456789")),
        say,
        ..OPENAI
    });
}

/// Tells who speaks and what else it hears, and an error that is nobody's.
#[test]
fn localai() {
    let say = |event: Value| match event["type"].as_str().unwrap_or_default() {
        "input_audio_buffer.committed" => vec![
            event,
            json!({"type": "conversation.item.speaker", "item_id": "item_u1", "speaker": "one"}),
            json!({"type": "conversation.item.sound_detection", "item_id": "item_u1", "sounds": []}),
            json!({"type": "localai.classifier.result", "label": "task"}),
        ],
        _ => vec![event],
    };
    assert_serves(&Provider {
        name: "localai",
        target: "/v1/realtime?model=gpt-realtime",
        key: Some("LOCALAI_API_KEY"),
        say,
        ..OPENAI
    });
}

/// Has no way to cancel or to truncate, and tells parts of answers by names of its own.
#[test]
fn speaches() {
    let say = |event: Value| {
        let kind = event["type"].as_str().unwrap_or_default().to_owned();
        let mut events = peer::beta(event);
        if kind.ends_with("transcript.delta") {
            events.push(json!({"type": "partial_message", "data": "x"}));
        }
        events
    };
    assert_serves(&Provider {
        name: "speaches",
        target: "/v1/realtime?model=gpt-4o-realtime-preview",
        key: Some("SPEACHES_API_KEY"),
        dialect: Dialect::Beta,
        say,
        session: |event, _| assert_client_event(&event.to_string(), Dialect::Beta),
        unknown: &["response.cancel", "conversation.item.truncate"],
        ..OPENAI
    });
}

/// A `null` for everything that is not set, items by their old name, whole arguments at once, and no key at all.
#[test]
fn huggingface() {
    let say = |mut event: Value| {
        match event["type"].as_str().unwrap_or_default() {
            "session.created" | "session.updated" => {
                for name in ["model", "instructions", "tools", "voice", "audio", "expires_at"] {
                    event["session"][name] = Value::Null;
                }
            }
            "conversation.item.added" => event["type"] = json!("conversation.item.created"),
            "conversation.item.done" | "response.function_call_arguments.delta" => return vec![],
            "response.created" | "response.done" => {
                for name in ["usage", "status_details", "metadata", "conversation_id"] {
                    event["response"][name] = Value::Null;
                }
            }
            _ => {}
        }
        event["event_id"] = Value::Null;
        vec![event]
    };
    assert_serves(&Provider {
        name: "huggingface",
        target: "/v1/realtime",
        key: None,
        header: None,
        say,
        ..OPENAI
    });
}

/// Passes on what is behind it.
#[test]
fn litellm() {
    assert_serves(&Provider {
        name: "litellm",
        target: "/v1/realtime?model=gpt-realtime-2.1",
        key: Some("LITELLM_API_KEY"),
        ..OPENAI
    });
}

#[test]
fn no_provider_is_left_out() {
    let mut names: Vec<String> = table().keys().cloned().collect();
    names.sort_unstable();
    let tested = [
        "azure",
        "azure-preview",
        "huggingface",
        "inworld",
        "litellm",
        "localai",
        "openai",
        "qwen",
        "speaches",
        "xai",
    ];
    assert_eq!(names, tested);
}

/// As it is shipped.
fn table() -> toml::Table {
    include_str!("../../config/providers.toml").parse().expect("TOML")
}

/// The provider as it is shipped, but for the host.
fn moved_to(address: &str, name: &str) -> String {
    let mut entry = table()[name].as_table().expect("a table").clone();
    let url = entry["url"].as_str().expect("an address").to_owned();
    let (_, rest) = url.split_once("://").expect("a scheme");
    let (_, path) = rest.split_once('/').expect("a path");
    entry.insert("url".to_owned(), format!("ws://{address}/{path}").into());
    toml::Table::from_iter([(name.to_owned(), toml::Value::Table(entry))]).to_string()
}

fn assert_serves(provider: &Provider) {
    assert_typed_turn(provider);
    assert_spoken_turn(provider);
}

fn assert_typed_turn(provider: &Provider) {
    let program = Program::new();
    let served = run(provider, &program, &["--text", "--json"], "Create a task to buy groceries\n");
    let lines = &served.0;
    assert_eq!(called(lines), ["create_task"], "{}: {lines:?}", provider.name);
    assert!(said(lines, "assistant").contains("I wrote it down."), "{}: {lines:?}", provider.name);
    assert_eq!(program.status_of("buy groceries"), "pending");
    assert_sent(provider, &served.1, false);
}

fn assert_spoken_turn(provider: &Provider) {
    let program = Program::new();
    let answer = program.file("answer.wav").to_string_lossy().into_owned();
    let question = demo("buy-groceries");
    let args = ["--audio-in", &question, "--audio-out", &answer, "--fast", "--json"];
    let (lines, served) = run(provider, &program, &args, "");
    assert_eq!(said(&lines, "user"), "create a task to buy groceries", "{}: {lines:?}", provider.name);
    assert_eq!(called(&lines), ["create_task"], "{}: {lines:?}", provider.name);
    assert!(said(&lines, "assistant").contains("I wrote it down."), "{}: {lines:?}", provider.name);
    assert_eq!(program.status_of("buy groceries"), "pending");
    assert_sent(provider, &served, true);
    assert_rate(provider, &served, &question);
    let loud = samples(&answer).iter().filter(|s| s.unsigned_abs() > 1000).count();
    assert!(
        loud > peer::SOUND / 2,
        "{}: {loud} loud samples of {} that were sent",
        provider.name,
        peer::SOUND
    );
}

/// The recording lasts as long at the server's rate, with the two seconds of silence after it.
fn assert_rate(provider: &Provider, served: &Served, question: &str) {
    let seconds = samples(question).len() as f64 / 24_000.0 + 2.0;
    let heard = served.heard as f64 / f64::from(provider.rate);
    assert!((heard - seconds).abs() < 0.1, "{}: {heard} s of {seconds} s", provider.name);
}

fn assert_sent(provider: &Provider, served: &Served, spoken: bool) {
    assert_eq!(served.target, provider.target, "{}", provider.name);
    for name in ["authorization", "api-key"] {
        let expected = provider.header.filter(|(header, _)| *header == name).map(|(_, value)| value);
        assert_eq!(served.headers.get(name).map(String::as_str), expected, "{}: {name}", provider.name);
    }
    let beta = served.headers.contains_key("openai-beta");
    assert!(!beta || provider.dialect == Dialect::Beta, "{}: told to speak beta", provider.name);
    for event in &served.events {
        let kind = event["type"].as_str().expect("a type");
        assert!(!provider.unknown.contains(&kind), "{}: {event}", provider.name);
        if kind == "session.update" {
            (provider.session)(event, spoken);
        } else {
            assert_client_event(&event.to_string(), provider.dialect);
        }
    }
    assert_eq!(served.events.first().expect("events")["type"], "session.update", "{}", provider.name);
}

/// One run against one connection: the lines of the program, and what the server got.
fn run(provider: &Provider, program: &Program, args: &[&str], stdin: &str) -> (Vec<Value>, Served) {
    use std::io::Write as _;
    let (address, served) = serve(provider.say, provider.rate);
    let folder = program.file(".config/realtime-cli");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("providers.toml"), moved_to(&address, provider.name)).expect("written");
    let data = program.data_dir();
    let mut all = vec!["--provider", provider.name, "--data-dir", &data];
    all.extend_from_slice(args);
    let mut child = program
        .command(&all)
        .envs(provider.key.map(|name| (name, KEY)))
        .env("AZURE_OPENAI_DEPLOYMENT", "voice")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    child.stdin.take().expect("piped").write_all(stdin.as_bytes()).expect("said");
    let output = child.wait_with_output().expect("ends");
    let shown = format!("{output:?}");
    assert!(output.status.success(), "{}: {shown}", provider.name);
    assert!(!shown.contains(KEY), "{}: the key is shown", provider.name);
    (json_lines(&output.stdout), served.join().expect("the server had no trouble"))
}

fn called(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter(|line| line["type"] == "tool_call").filter_map(|line| line["name"].as_str()).collect()
}

fn said(lines: &[Value], who: &str) -> String {
    let texts = lines.iter().filter(|line| line["type"] == who).filter_map(|line| line["text"].as_str());
    texts.collect::<Vec<_>>().join(" | ")
}

fn samples(path: &str) -> Vec<i16> {
    let sound = hound::WavReader::open(path).expect("a WAV file").into_samples();
    sound.map(|sample| sample.expect("a sample")).collect()
}
