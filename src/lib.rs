//! The parts of `realtime-cli`, a voice assistant for the terminal.
//!
//! Internal to the program: no promise of stability. Read them in this order:
//! [`conversation`] holds all that is known about a dialogue and does no I/O; [`protocol`] is what it says on the wire,
//! [`transport`] the wire, [`audio`] the sound, [`tools`] and [`tasks`] what it can do, [`ui`] what a person sees;
//! [`app`] puts them together and its driver is the one loop. [`server`] is the other side of the same protocol.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::thread;

pub mod app;
pub mod audio;
mod chat;
pub mod cli;
pub mod codec;
pub mod config;
pub mod conversation;
pub mod cost;
pub mod crash;
mod denoise;
mod desk;
pub mod devices_cli;
pub mod doctor;
pub mod export;
pub mod g711;
pub mod hardening;
pub mod history;
pub mod http;
pub mod kept;
pub mod keyring;
pub mod logging;
pub mod login;
pub mod mic_test;
pub mod models;
mod offline;
pub mod pcm;
pub mod protocol;
pub mod purge;
pub mod recording;
pub mod reminders;
pub mod replay;
pub mod resample;
mod serve;
pub mod server;
pub mod session_log;
pub mod stderr;
pub mod tasks;
pub mod tasks_cli;
pub mod text;
pub mod tools;
pub mod transport;
pub mod ui;
pub mod vad;

use audio::{AudioConfig, CpalBackend};
use cli::{Args, Command, ConfigCommand, Exit};
use config::{Config, ConfigError, Environment};
use mic_test::{MicTestArgs, Plan, Progress};
use reminders::command::{RemindArgs, Teller, Trouble};
use reminders::notify::{Desktop, Notifier};
use reminders::watch::Watch;
use stderr::Diverted;
use tasks::TaskStore;

/// Why the program ends without having done its work, and its exit code.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub cause: anyhow::Error,
}

impl Failure {
    fn new(exit: Exit, cause: impl Into<anyhow::Error>) -> Self {
        Self { exit, cause: cause.into() }
    }

    /// The cause and what caused it, as one line. Many messages quote their cause: nothing is said twice.
    pub fn message(&self) -> String {
        let mut causes = self.cause.chain().map(ToString::to_string);
        let first = causes.next().unwrap_or_default();
        causes
            .fold(first, |said, cause| if said.contains(&cause) { said } else { format!("{said}: {cause}") })
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let exit = match error {
            ConfigError::NoKey { .. } | ConfigError::Key { .. } => Exit::Auth,
            _ => Exit::Usage,
        };
        Self::new(exit, error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Failure, error)
    }
}

/// Does what the command line says. Results go to `out`; a screen or a conversation has its own way.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    match dispatch(args, out) {
        // Whoever read the output has seen enough.
        Err(failure) if is_broken_pipe(&failure) => Ok(Exit::Ok),
        outcome => outcome,
    }
}

fn dispatch(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &args.command {
        Some(Command::Completions { shell }) => out.write_all(&cli::completions(*shell))?,
        Some(Command::Man) => out.write_all(&cli::manual()?)?,
        Some(Command::Config(ConfigCommand::Show { json: true })) => {
            writeln!(out, "{:#}", load(args)?.show_json())?;
        }
        Some(Command::Config(ConfigCommand::Show { json: false })) => {
            out.write_all(load(args)?.show().as_bytes())?;
        }
        Some(Command::Config(ConfigCommand::Path)) => writeln!(out, "{}", load(args)?.file.display())?,
        Some(Command::Tasks(command)) => {
            return tasks_cli::edge::run(command, &load(args)?, out);
        }
        Some(Command::Remind(remind)) => return self::remind(*remind, &load(args)?, out),
        Some(Command::Devices(devices)) => return devices_cli::run(devices, &load(args)?, out),
        Some(Command::MicTest(test)) => return mic_test(test, &load(args)?, out),
        Some(Command::Models(models)) => return models::run(models, &load(args)?, out),
        Some(Command::Doctor(doctor)) => return doctor::run(doctor, &load(args)?, out),
        Some(Command::Login(how)) => return login::login(how, &load(args)?, &keyring::System, out),
        Some(Command::Logout(_)) => return login::logout(&load(args)?, &keyring::System, out),
        Some(Command::Export(export)) => return export::run(export, &load(args)?, out),
        Some(Command::Purge(purge)) => return purge::run(*purge, &load(args)?, out),
        Some(Command::Replay(replay)) => return replay::command::run(replay, &load(args)?),
        Some(Command::Serve(serve)) => return serve::run(serve, &load(args)?, out),
        // `chat` has been taken out of it by the parser.
        Some(Command::Chat(_)) | None => return chat::run(&args.chat, &load(args)?),
    }
    Ok(Exit::Ok)
}

fn remind(how: RemindArgs, config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    let failed = |error: Trouble| match error {
        Trouble::Output(error) => Failure::from(error),
        error @ Trouble::Store(_) => Failure::new(Exit::Failure, error),
    };
    let store = TaskStore::open(&config.paths.data_dir).map_err(|e| Failure::new(Exit::Failure, e))?;
    let notifier = config.settings.reminders.desktop.then(|| Arc::new(Desktop) as Arc<dyn Notifier>);
    let teller = Teller { watch: Watch::new(store), notifier };
    loop {
        teller.look(jiff::Timestamp::now(), out).map_err(failed)?;
        if how.once {
            return Ok(Exit::Ok);
        }
        thread::sleep(reminders::command::EVERY);
    }
}

/// Sound libraries must not write over the level, so the real standard error is only for that.
fn mic_test(test: &MicTestArgs, config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    let terminal = io::stderr().is_terminal();
    let diverted = Diverted::to_nothing()?;
    let mut progress = diverted.real()?;
    let plan = Plan {
        seconds: test.seconds,
        json: test.json,
        progress: if terminal { Progress::Terminal } else { Progress::Lines },
    };
    let audio = &config.settings.audio;
    let sound =
        AudioConfig { volume: audio.volume, input_channel: audio.input_channel, ..AudioConfig::default() };
    let backend = Box::new(CpalBackend::new(devices_cli::choice(audio)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(mic_test::run(plan, sound, backend, out, &mut progress))
}

fn load(args: &Args) -> Result<Config, Failure> {
    let config = Config::load(&args.overrides(), &Environment::of_process())?;
    crash::install(&config.paths.state_dir);
    logging::init(config.settings.log, &config.paths.state_dir)
        .map_err(|e| Failure::new(Exit::Failure, e))?;
    Ok(config)
}

fn is_broken_pipe(failure: &Failure) -> bool {
    let kind = |e: &(dyn std::error::Error + 'static)| e.downcast_ref::<io::Error>().map(io::Error::kind);
    failure.cause.chain().any(|e| kind(e) == Some(io::ErrorKind::BrokenPipe))
}
