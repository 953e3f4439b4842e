//! From settings and switches to a running conversation.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, Zoned};

use crate::Failure;
use crate::app::driver::{self, Setup, Sound};
use crate::app::panels::Adjustable;
use crate::app::tasks_pane::TasksPane;
use crate::app::{AppConfig, Face, RemindersConfig, SpendingConfig, TalkConfig};
use crate::audio::{AudioConfig, Backend, CpalBackend, FileBackend, Pace};
use crate::cli::{ChatArgs, Exit};
use crate::config::{self, ColorChoice, Config, Origin, Remote, TalkMethod, Target, ThemeChoice};
use crate::conversation::settings::SETTINGS;
use crate::conversation::{Level, Options, SessionConfig, TurnMode};
use crate::cost::{Money, Prices};
use crate::desk::Desk;
use crate::devices_cli;
use crate::offline::{self, Ears, Embedded};
use crate::pcm::SESSION_RATE;
use crate::protocol::session::Tool;
use crate::reminders::notify::Desktop;
use crate::reminders::watch::Watch;
use crate::server::Engines;
use crate::stderr::Diverted;
use crate::tasks::TaskStore;
use crate::text::Clean;
use crate::tools::Registry;
use crate::transport::{Endpoint, LinkConfig, auth};
use crate::ui::keymap::Keymap;
use crate::ui::line::{Format, LineFrontend};
use crate::ui::talk_key::Method;
use crate::ui::terminal::{self, TerminalFrontend};
use crate::ui::theme;

mod records;

/// The service's voices, which the offline engine knows, too.
const VOICES: [&str; 10] =
    ["marin", "cedar", "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse"];
const TOOL_CHOICE: &str = "session.tool_choice";
/// In bytes; more is begun anew.
const MAX_STDERR: u64 = 1_000_000;
const NOTHING_TO_RECORD: &str = "there is no sound to record where lines are typed; use a terminal, or \
    `--audio-in` and `--audio-out`";
/// What ends late is left behind after this.
const SHUTDOWN: Duration = Duration::from_secs(1);

pub(crate) fn run(args: &ChatArgs, config: &Config) -> Result<Exit, Failure> {
    let target = config.target()?;
    let face = face(args, config);
    let sound = sound(args, config, face)?;
    if args.record.is_some() && sound.is_none() {
        return Err(Failure::new(Exit::Usage, anyhow::anyhow!(NOTHING_TO_RECORD)));
    }
    let plan = matches!(target, Target::Offline).then(|| config.offline()).transpose()?;
    let voiceless = plan.as_ref().and_then(offline::voiceless).filter(|_| sound.is_some());
    let session = session(args, config, sound.is_some(), face)?;
    let session = match &target {
        Target::Remote(remote) => fitting(session, remote, config),
        Target::Offline => session,
    };
    let mut session = session;
    if voiceless.is_some() {
        (session.spoken, session.options.can_speak) = (false, false);
    }
    let store = TaskStore::open(&config.paths.data_dir).map_err(|e| Failure::new(Exit::Failure, e))?;
    let begun = store.begin(&Zoned::now()).map_err(|e| Failure::new(Exit::Failure, e))?;
    let tools = Arc::new(Registry::new(store.clone(), Arc::new(Zoned::now)));
    let session = SessionConfig { tools: definitions(&tools), ..session };
    check_tool_choice(&session, config)?;
    let unsupported = unsupported(&session);
    let ring = config.settings.reminders;
    let reminders = ring.enabled.then(|| Arc::new(Watch::new(store.clone())));
    let pane = Arc::new(TasksPane::new(store));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let ears = if sound.is_some() { Ears::Open } else { Ears::Closed };
    let engines = plan.map(|plan| offline::engines(&plan, &config.paths.cache_dir, ears)).transpose();
    let engines = engines.map_err(|e| Failure::new(Exit::Usage, e))?;
    let exit = runtime.block_on(async {
        let (remote, embedded) = remote(target, engines).await.map_err(|e| Failure::new(Exit::Network, e))?;
        let Remote { endpoint, model, voices, .. } = remote;
        let mut keymap = Keymap::default();
        let keys = keymap.rebind(config.settings.keys.iter().map(|(name, keys)| (*name, keys.as_str())));
        let records = records::open(args, config, Timestamp::now());
        let app = AppConfig {
            history: records.history,
            recorded: records.config.recording.is_some(),
            // A person at a screen says when it is over.
            recording: args.audio_in.is_some() && session.mode != TurnMode::PushToTalk,
            session,
            face,
            sound: sound.is_some(),
            script: face != Face::Screen && !std::io::stdin().is_terminal(),
            fast: args.fast,
            cues: config.settings.audio.cues && !has_files(args),
            echo: config.settings.audio.echo,
            theme: theme(config),
            adjustable: Adjustable {
                devices: (sound.is_some() && !has_files(args))
                    .then(|| devices_cli::choice(&config.settings.audio)),
                voices: if voices.is_empty() { VOICES.map(str::to_owned).to_vec() } else { voices },
                volume: config.settings.audio.volume,
            },
            reduced_motion: config.settings.ui.reduced_motion,
            keymap,
            talk: talk(config),
            spending: spending(config, &endpoint, &model)?,
            reminders: RemindersConfig { desktop: ring.desktop, spoken: ring.spoken, bell: ring.bell },
            idle: idle(config, &endpoint),
            server: server_name(&endpoint, embedded.as_ref()),
            model,
        };
        let warnings = config
            .warnings
            .iter()
            .cloned()
            .chain(keys)
            .chain(config.withheld_key())
            .chain(voiceless)
            .chain(unsupported)
            .chain(begun.uncopied);
        let mut link = LinkConfig::new(endpoint, fastrand::u64(..));
        if args.fast {
            // A recording that keeps no time waits as long as it takes.
            link.stale = None;
        }
        let setup = Setup {
            app,
            link,
            sound,
            tools,
            pane,
            machine: Arc::new(Desk::new(config.clone())),
            reminders,
            notifier: Arc::new(Desktop),
            records: records.config,
            news: warnings.map(|text| (Level::Warning, text)).chain(records.news).collect(),
        };
        let exit = Box::pin(converse(setup, face, args, config)).await;
        drop(embedded);
        exit
    });
    runtime.shutdown_timeout(SHUTDOWN);
    exit
}

async fn converse(setup: Setup, face: Face, args: &ChatArgs, config: &Config) -> Result<Exit, Failure> {
    match face {
        Face::Screen => {
            terminal::use_mouse(config.settings.ui.mouse);
            let frontend = TerminalFrontend::new(stderr_log(config).ok())?;
            Ok(Box::pin(driver::run(setup, frontend)).await)
        }
        Face::Reader => {
            // The complaints of sound libraries are not for reading out.
            let complaints = || stderr_log(config).map_or_else(|_| Diverted::to_nothing(), Diverted::to);
            let _diverted = std::io::stderr().is_terminal().then(complaints).transpose()?;
            Ok(Box::pin(driver::run(setup, LineFrontend::new(Format::Reader)?)).await)
        }
        Face::Lines => {
            let format = if args.json { Format::Json } else { Format::Plain };
            Ok(Box::pin(driver::run(setup, LineFrontend::new(format)?)).await)
        }
    }
}

/// Where standard error goes while a person must not see it.
pub(crate) fn stderr_log(config: &Config) -> std::io::Result<std::fs::File> {
    config::paths::private_dir(&config.paths.state_dir)?;
    let file = config::paths::private_append(&config.paths.state_dir.join("stderr.log"))?;
    // Libraries complain for ever; the latest is what counts.
    if file.metadata()?.len() > MAX_STDERR {
        file.set_len(0)?;
    }
    Ok(file)
}

/// A screen, or lines for a screen reader, are for a person at both ends.
fn face(args: &ChatArgs, config: &Config) -> Face {
    let term = std::env::var("TERM").ok();
    let person = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if args.text || args.json {
        Face::Lines
    } else if config.settings.ui.screen_reader && person {
        Face::Reader
    } else if terminal::available(term.as_deref()) {
        Face::Screen
    } else {
        Face::Lines
    }
}

fn has_files(args: &ChatArgs) -> bool {
    args.audio_in.is_some() || args.audio_out.is_some()
}

/// Files where they are named, devices on a screen, else none.
fn sound(args: &ChatArgs, config: &Config, face: Face) -> Result<Option<Sound>, Failure> {
    let audio = &config.settings.audio;
    let settings = AudioConfig {
        volume: audio.volume,
        echo: audio.echo,
        noise_suppression: audio.noise_suppression,
        gain_control: audio.gain_control,
        barge_in: audio.barge_in && config.plain("vad.interrupt_response") == "true",
        input_channel: audio.input_channel,
        ..AudioConfig::default()
    };
    let files = has_files(args);
    if args.text || args.no_audio || (!files && face == Face::Lines) {
        return Ok(None);
    }
    let backend: Box<dyn Backend> = if files {
        let pace = if args.fast { Pace::Fast } else { Pace::Real };
        let backend = FileBackend::new(args.audio_in.as_deref(), args.audio_out.as_deref(), pace)
            .map_err(|e| Failure::new(Exit::Audio, e))?;
        Box::new(backend)
    } else {
        Box::new(CpalBackend::new(devices_cli::choice(audio)))
    };
    Ok(Some((settings, backend)))
}

fn session(args: &ChatArgs, config: &Config, sound: bool, face: Face) -> Result<SessionConfig, Failure> {
    let settings = &config.settings;
    let mode = match settings.mode {
        _ if !sound => TurnMode::TextOnly,
        // Where there is no screen, nobody presses a key; and a recording that keeps no time is over before.
        config::TurnMode::PushToTalk if face == Face::Screen && !args.fast => TurnMode::PushToTalk,
        config::TurnMode::PushToTalk | config::TurnMode::Vad => TurnMode::Vad,
    };
    let mut session = SessionConfig {
        instructions: instructions(&config.instructions()?),
        mode,
        spoken: sound,
        options: Options { can_speak: sound, ..Options::default() },
        id_prefix: format!("msg_{:08x}", fastrand::u32(..)),
        ..SessionConfig::default()
    };
    for name in SETTINGS {
        session.set(name, &config.plain(name)).expect("checked when its layer was read");
    }
    Ok(session)
}

/// A tool that there is not would end each answer before it began.
fn check_tool_choice(session: &SessionConfig, config: &Config) -> Result<(), Failure> {
    let choice = session.get(TOOL_CHOICE);
    let takes = session.tool_choices();
    if takes.iter().any(|known| *known == choice) {
        return Ok(());
    }
    let why = anyhow::anyhow!(
        "`{TOOL_CHOICE}` takes `{}`, but {} says `{}`",
        takes.join("`, `"),
        config.origin(TOOL_CHOICE),
        Clean::line(&choice)
    );
    Err(Failure::new(Exit::Usage, why))
}

/// What was set, and is nothing that this server can be asked for.
fn unsupported(session: &SessionConfig) -> Option<String> {
    let lost = session.lost();
    (!lost.is_empty()).then(|| format!("this server cannot be asked for {}: it is not sent", lost.join(", ")))
}

/// A model knows no time of its own.
fn instructions(text: &str) -> String {
    let now = Zoned::now();
    let zone = now.time_zone().iana_name().unwrap_or("local time").to_owned();
    format!("{}\n\n# Now\nIt is {} ({zone}).\n", text.trim_end(), now.strftime("%A, %-d %B %Y, %H:%M"))
}

fn definitions(tools: &Registry) -> Vec<Tool> {
    let tool = |d: &crate::tools::ToolDefinition| Tool::Function {
        name: d.name.to_owned(),
        description: Some(d.description.to_owned()),
        parameters: Some(d.parameters.clone()),
    };
    tools.definitions().iter().map(tool).collect()
}

async fn remote(target: Target, engines: Option<Arc<Engines>>) -> anyhow::Result<(Remote, Option<Embedded>)> {
    match (target, engines) {
        (Target::Remote(remote), _) => Ok((*remote, None)),
        (Target::Offline, engines) => {
            let embedded = offline::embed(engines.expect("made for this target")).await?;
            let remote = Remote {
                endpoint: embedded.endpoint.clone(),
                model: String::new(),
                voices: Vec::new(),
                rates: (SESSION_RATE, SESSION_RATE),
            };
            Ok((remote, Some(embedded)))
        }
    }
}

/// The session as this server can have it.
fn fitting(session: SessionConfig, remote: &Remote, config: &Config) -> SessionConfig {
    let unasked = *config.origin("voice") == Origin::Default;
    let voice = match remote.voices.first() {
        Some(first) if unasked && !remote.voices.contains(&session.voice) => first.clone(),
        _ => session.voice.clone(),
    };
    let endpoint = &remote.endpoint;
    let (dialect, quirks) = (endpoint.dialect, endpoint.quirks.clone());
    // There, names are for deployments, and the model behind one has its own.
    let renames = ["azure", "azure-preview", "litellm"].contains(&config.settings.server.provider.as_str())
        || endpoint.url.host_str().is_some_and(|host| host.ends_with(".openai.azure.com"));
    // A server of one's own has the model that it has, unless another was asked for.
    let own = remote.voices.is_empty() && *config.origin("server.model") == Origin::Default;
    let model = if renames || own { String::new() } else { remote.model.clone() };
    SessionConfig { voice, rates: remote.rates, dialect, quirks, model, ..session }
}

fn server_name(endpoint: &Endpoint, embedded: Option<&Embedded>) -> String {
    match embedded {
        Some(_) => "offline engine".to_owned(),
        None => auth::displayed(&endpoint.url),
    }
}

/// What is on this machine costs nothing, unless a budget says that it does.
fn spending(config: &Config, endpoint: &Endpoint, model: &str) -> Result<SpendingConfig, Failure> {
    let settings = &config.settings;
    let budget = (settings.budget > 0.0).then(|| Money::from_dollars(settings.budget));
    if auth::is_loopback(&endpoint.url) && budget.is_none() {
        return Ok(SpendingConfig::default());
    }
    let wrong = |why: String| {
        let path = config.prices_file();
        Failure::new(Exit::Usage, anyhow::anyhow!("cannot use the prices in `{}`: {why}", path.display()))
    };
    let own = config.prices()?.map(|text| Prices::parse(&text)).transpose().map_err(wrong)?;
    let prices = Prices::built_in().with(own.unwrap_or_default());
    let price = prices.of(model);
    if budget.is_some() && price.is_none() {
        let (model, path) = (Clean::line(model), config.prices_file());
        let why = anyhow::anyhow!(
            "no budget can be kept, because nobody has told what `{model}` costs; write it into `{}`",
            path.display()
        );
        return Err(Failure::new(Exit::Usage, why));
    }
    let transcription = settings.transcription.model.as_deref().and_then(|model| prices.of(model));
    Ok(SpendingConfig { price, transcription, budget })
}

/// Who serves on this machine does not mind being waited for.
fn idle(config: &Config, endpoint: &Endpoint) -> Option<Duration> {
    let seconds = u64::from(config.settings.server.idle_s);
    (seconds > 0 && !auth::is_loopback(&endpoint.url)).then(|| Duration::from_secs(seconds))
}

fn talk(config: &Config) -> TalkConfig {
    let settings = config.settings.push_to_talk;
    let method = match settings.method {
        TalkMethod::Auto => Method::Auto,
        TalkMethod::Hold => Method::Hold,
        TalkMethod::Repeat => Method::Repeat,
        TalkMethod::Toggle => Method::Toggle,
    };
    TalkConfig { method, limit: Duration::from_secs(settings.limit_s.into()) }
}

pub(crate) fn theme(config: &Config) -> theme::Theme {
    let color = match config.settings.color {
        ColorChoice::Auto => theme::ColorChoice::Auto,
        ColorChoice::Always => theme::ColorChoice::Always,
        ColorChoice::Never => theme::ColorChoice::Never,
    };
    let choice = match config.settings.ui.theme {
        ThemeChoice::Auto => theme::ThemeChoice::Auto,
        ThemeChoice::Dark => theme::ThemeChoice::Dark,
        ThemeChoice::Light => theme::ThemeChoice::Light,
        ThemeChoice::Contrast => theme::ThemeChoice::Contrast,
        ThemeChoice::Ansi => theme::ThemeChoice::Ansi,
        ThemeChoice::Plain => theme::ThemeChoice::Plain,
    };
    let variable = |name| std::env::var(name).ok();
    let (no_color, term, colorterm) = (variable("NO_COLOR"), variable("TERM"), variable("COLORTERM"));
    let terminal = theme::Capabilities {
        no_color: no_color.as_deref(),
        term: term.as_deref(),
        colorterm: colorterm.as_deref(),
    };
    theme::Theme::choose(choice, color, terminal)
}
