//! The command line: what can be asked for, and how it is explained.
//!
//! Runs nothing and prints nothing but through clap; what it means for the settings is in [`Args::overrides`].

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::error::ErrorKind;
use clap::{Args as ClapArgs, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::{self, Override, Overrides};
use crate::devices_cli::DevicesArgs;
use crate::doctor::DoctorArgs;
use crate::export::ExportArgs;
use crate::login::{LoginArgs, LogoutArgs};
use crate::mic_test::MicTestArgs;
use crate::models::ModelsArgs;
use crate::purge::PurgeArgs;
use crate::reminders::command::RemindArgs;
use crate::replay::command::ReplayArgs;
use crate::tasks_cli::TasksCommand;

macro_rules! choices {
    ($($name:ident { $($variant:ident = $word:literal $(, $help:literal)?);+ $(;)? })*) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub enum $name {
            $(#[value(name = $word $(, help = $help)?)] $variant),+
        }

        impl $name {
            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    )*};
}

mod engines;

pub use engines::EngineArgs;

const EXAMPLES: &str = "\
Examples:
  realtime-cli                          talk with the assistant
  realtime-cli --offline                the same, without a key or a network
  realtime-cli --text                   type instead; reads lines, writes lines
  realtime-cli --audio-in ask.wav --audio-out answer.wav --fast
                                        speak from a file, answer into a file
  realtime-cli devices                  your microphones and speakers
  realtime-cli tasks list               your tasks, without the assistant
  realtime-cli remind --wait            ring reminders, without a conversation
  realtime-cli login                    keep an API key in the keyring
  realtime-cli serve                    a Realtime server on this machine
  realtime-cli models                   better ears, brains and voices for it";

const AFTER_HELP: &str = "\
Environment:
  OPENAI_API_KEY      the key; `realtime-cli login` keeps one; without one the
                      built-in offline engine is used
  OPENAI_BASE_URL, OPENAI_ORG_ID, OPENAI_PROJECT_ID
  REALTIME_CLI_CHAT_KEY, REALTIME_CLI_SPEECH_KEY, REALTIME_CLI_TRANSCRIPTION_KEY
                      keys of the endpoints in the settings' `[offline]`
  HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, NO_COLOR
  REALTIME_CLI_HOME   one directory for settings, tasks and logs
  REALTIME_CLI_*      every setting; see `realtime-cli config show`

Exit codes:
  0  done                      4  no key, one that was refused, or one that
                                  would go unencrypted
  1  something failed          5  the server cannot be reached
  2  wrong usage or settings   6  no sound device
  3  not found                 7  the budget is spent
                               129, 130, 143  hung up, interrupted, terminated
";

const TEMPLATE: &str = "\
{name} {version} - {about}

{before-help}
{usage-heading} {usage}

{all-args}{after-help}";

/// How the program ends; the numbers are documented in `--help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Ok = 0,
    Failure = 1,
    Usage = 2,
    NotFound = 3,
    Auth = 4,
    Network = 5,
    Audio = 6,
    Budget = 7,
    HungUp = 129,
    Interrupted = 130,
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A voice assistant for the terminal that keeps your tasks.
#[derive(Debug, Parser)]
#[command(
    name = "realtime-cli",
    bin_name = "realtime-cli",
    version,
    long_version = LONG_VERSION.as_str(),
    about = "A voice assistant for the terminal that keeps your tasks",
    before_help = EXAMPLES,
    after_help = AFTER_HELP,
    help_template = TEMPLATE,
    max_term_width = 80,
    subcommand_precedence_over_arg = true
)]
pub struct Args {
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(flatten)]
    pub chat: ChatArgs,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What is valid before and after any subcommand.
#[derive(Debug, Clone, PartialEq, Eq, ClapArgs)]
#[command(next_help_heading = "Everywhere")]
pub struct GlobalArgs {
    /// Read the settings from this file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Keep the tasks in this directory
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Set any setting, as the settings file names it; may stand several times
    #[arg(long = "set", global = true, value_name = "NAME=VALUE", value_parser = setting)]
    pub settings: Vec<(&'static str, String)>,
    /// Use colours
    #[arg(long, global = true, value_name = "WHEN")]
    pub color: Option<Color>,
    /// What the screen looks like
    #[arg(long, global = true, value_name = "THEME")]
    pub theme: Option<ThemeArg>,
    /// Write a log file of this detail
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<Level>,
    /// Log info; -vv debug; -vvv trace
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "log_level")]
    pub verbose: u8,
    /// Log debug
    #[arg(long, global = true, conflicts_with_all = ["log_level", "verbose"])]
    pub debug: bool,
}

/// Whom to talk to.
#[derive(Debug, Clone, Default, PartialEq, Eq, ClapArgs)]
#[command(next_help_heading = "Server")]
pub struct ServerArgs {
    /// Use the built-in engine: no key, no network
    #[arg(long, conflicts_with_all = ["url", "provider", "api_key_file"])]
    pub offline: bool,
    /// The server to talk to
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A known server: openai, azure, xai, qwen, inworld, localai, speaches, huggingface, litellm
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// The model to ask for
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// The protocol's dialect
    #[arg(long, value_name = "DIALECT")]
    pub dialect: Option<DialectArg>,
    /// Read the API key from this file
    #[arg(long, value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,
}

/// What belongs to a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct ChatArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// Type lines instead of talking on a full screen
    #[arg(long, help_heading = "Conversation")]
    pub text: bool,
    /// As --text, and write one JSON object a line
    #[arg(long, help_heading = "Conversation")]
    pub json: bool,
    /// Write lines for a screen reader in place of a screen; sound stays on
    #[arg(long, conflicts_with_all = ["text", "json"], help_heading = "Conversation")]
    pub screen_reader: bool,
    /// Who says that you speak: the server, or a key that you press
    #[arg(long, value_name = "MODE", help_heading = "Conversation")]
    pub mode: Option<ModeArg>,
    /// How the key of `--mode ptt` works
    #[arg(long, value_name = "METHOD", help_heading = "Conversation")]
    pub ptt: Option<PttArg>,
    /// The assistant's voice
    #[arg(long, value_name = "NAME", help_heading = "Conversation")]
    pub voice: Option<String>,
    /// How fast the assistant speaks, 0.25 to 1.5
    #[arg(long, value_name = "NUMBER", help_heading = "Conversation")]
    pub speed: Option<String>,
    /// Told to the assistant besides, such as "Answer in German"
    #[arg(long, value_name = "TEXT", help_heading = "Conversation")]
    pub instructions: Option<String>,
    /// How hard the model thinks: minimal, low, medium, high or xhigh
    #[arg(long, value_name = "EFFORT", help_heading = "Conversation")]
    pub reasoning: Option<String>,
    /// How the end of your turn is found: `server_vad` or `semantic_vad`
    #[arg(long, value_name = "KIND", help_heading = "Conversation")]
    pub turn_detection: Option<String>,
    /// Stop when about this much is spent, in US dollars
    #[arg(long, value_name = "DOLLARS", help_heading = "Conversation")]
    pub budget: Option<String>,
    /// Use neither microphone nor speaker
    #[arg(long, conflicts_with_all = ["audio_in", "audio_out"], help_heading = "Sound")]
    pub no_audio: bool,
    /// Take this file for the microphone
    #[arg(long, value_name = "WAV", help_heading = "Sound")]
    pub audio_in: Option<PathBuf>,
    /// Write what the speaker would play to this file
    #[arg(long, value_name = "WAV", help_heading = "Sound")]
    pub audio_out: Option<PathBuf>,
    /// The microphone, by its name or a part of it
    #[arg(long, value_name = "NAME", conflicts_with_all = ["no_audio", "audio_in"], help_heading = "Sound")]
    pub input_device: Option<String>,
    /// The speaker, likewise
    #[arg(long, value_name = "NAME", conflicts_with_all = ["no_audio", "audio_out"], help_heading = "Sound")]
    pub output_device: Option<String>,
    /// What keeps the assistant from hearing itself
    #[arg(long, value_name = "HOW", conflicts_with = "no_audio", help_heading = "Sound")]
    pub echo: Option<EchoArg>,
    /// With files, do not keep to real time
    #[arg(long, help_heading = "Sound")]
    pub fast: bool,
    /// Go on with the last conversation that `history.keep` has kept
    #[arg(long, help_heading = "Records")]
    pub resume: bool,
    /// Write all that happens to this new file, for `replay` and `export`; never a key
    #[arg(long, value_name = "FILE", help_heading = "Records")]
    pub log: Option<PathBuf>,
    /// With the sound, of which the log otherwise has the lengths
    #[arg(long, help_heading = "Records")]
    pub log_audio: bool,
    /// Record your voice and the assistant's as WAV files in this directory
    #[arg(long, value_name = "DIR", conflicts_with_all = ["text", "no_audio"], help_heading = "Records")]
    pub record: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    /// Talk with the assistant (also without this word)
    Chat(ChatArgs),
    /// See and change your tasks without the assistant
    #[command(subcommand)]
    Tasks(TasksCommand),
    /// Tell of reminders that are due, without the assistant
    Remind(RemindArgs),
    /// List the sound devices, and choose which to use
    Devices(DevicesArgs),
    /// Record three seconds, say how they sound, and play them back
    MicTest(MicTestArgs),
    /// Show the offline engine's ears, brains and voices, and get better ones
    Models(ModelsArgs),
    /// Try everything that a conversation needs, and say what helps
    Doctor(DoctorArgs),
    /// Keep an API key in the system's keyring, or in a file
    Login(LoginArgs),
    /// Remove the key that `login` has kept
    Logout(LogoutArgs),
    /// Write what was said as Markdown, JSON or subtitles
    Export(ExportArgs),
    /// List what is kept of conversations, and delete it
    Purge(PurgeArgs),
    /// Show a session again, from its log
    Replay(ReplayArgs),
    /// Run the offline engine as a server of the Realtime protocol
    Serve(ServeArgs),
    /// Show the settings and where each comes from
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Write a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Write the manual page
    Man,
}

#[derive(Debug, Clone, PartialEq, ClapArgs)]
pub struct ServeArgs {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1", value_name = "HOST")]
    pub host: String,
    /// The port to listen on; 0 takes any free one
    #[arg(long, default_value_t = 8765, value_name = "PORT")]
    pub port: u16,
    /// Let everyone in who can reach the port
    #[arg(long, conflicts_with = "token_file")]
    pub no_auth: bool,
    /// Let in who shows the token in this file, in place of a new one
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    #[command(flatten)]
    pub engines: EngineArgs,
    #[command(flatten)]
    pub developer: DeveloperArgs,
}

/// For those who write and test other clients; docs/serve.md has more.
#[derive(Debug, Clone, Default, PartialEq, ClapArgs)]
#[command(next_help_heading = "For developers of clients")]
pub struct DeveloperArgs {
    /// Play the events of this TOML file, in place of the offline engine
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Let every event of the server arrive this many milliseconds later
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "MS")]
    pub latency: u32,
    /// and up to this many more, each another number; the order stays
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "MS")]
    pub jitter: u32,
    /// Cut the connection, without a close, before this share of the server's events, such as 0.001. Single events are
    /// never lost: TCP does not lose any
    #[arg(long, default_value_t = 0.0, hide_default_value = true, value_parser = share, value_name = "SHARE")]
    pub drop: f64,
    /// Make the same ids and the same faults in every run, for the first client, the second and so on
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Record all events of all clients in this file as JSON lines, with the lengths of sound in its place. What was
    /// said and written stands in it
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

fn setting(text: &str) -> Result<(&'static str, String), String> {
    let (name, value) = text.split_once('=').ok_or("a setting is set as NAME=VALUE")?;
    Ok((config::setting_named(name.trim())?, value.trim().to_owned()))
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is a number from 0 to 1".to_owned()),
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Every setting, its value and where it was set
    Show {
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// The settings file's path
    Path,
}

choices! {
    Color { Auto = "auto"; Always = "always"; Never = "never" }
    Level { Off = "off"; Error = "error"; Warn = "warn"; Info = "info"; Debug = "debug"; Trace = "trace" }
    DialectArg { Ga = "ga"; Beta = "beta" }
    EchoArg {
        Auto = "auto", "what the system offers, else aec";
        Aec = "aec", "echo cancellation";
        Gate = "gate", "only what is louder than the echo";
        Half = "half", "nothing while the assistant speaks";
        Off = "off", "nothing is done, for headphones"
    }
    ThemeArg {
        Auto = "auto", "the terminal's own colours";
        Dark = "dark", "for a dark background";
        Light = "light", "for a light background";
        Contrast = "contrast", "high contrast";
        Ansi = "ansi", "16 colours";
        Plain = "plain", "no colours, no attributes"
    }
    ModeArg { Vad = "vad"; Ptt = "ptt" }
    PttArg {
        Auto = "auto", "hold where the terminal can, else repeat";
        Hold = "hold", "talk while the key is down";
        Repeat = "repeat", "talk while it repeats; a tap starts or ends";
        Toggle = "toggle", "one press starts, the next one ends"
    }
}

impl Args {
    /// From the process's arguments; prints help or an error and ends the process where that is called for.
    pub fn from_process() -> Self {
        Self::read(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    /// From any arguments, the program's name first.
    pub fn read<I, T>(args: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        let matches = Self::command().try_get_matches_from(args)?;
        let args = Self::from_arg_matches(&matches)?;
        args.settle()
    }

    /// A conversation's switches have no place beside another command; `chat` takes them from either side of it.
    fn settle(mut self) -> Result<Self, clap::Error> {
        let misplaced = match self.command.take() {
            Some(Command::Chat(chat)) if self.chat == ChatArgs::default() => {
                self.chat = chat;
                None
            }
            Some(Command::Chat(chat)) if chat == ChatArgs::default() => None,
            Some(Command::Chat(_)) => Some("put the switches on one side of `chat`"),
            Some(Command::Doctor(doctor)) if self.chat.server == ServerArgs::default() => {
                self.chat.server = doctor.server.clone();
                self.command = Some(Command::Doctor(doctor));
                None
            }
            Some(Command::Doctor(doctor)) if doctor.server != ServerArgs::default() => {
                Some("put the switches on one side of `doctor`")
            }
            command => {
                let elsewhere = !matches!(command, None | Some(Command::Config(_) | Command::Doctor(_)));
                self.command = command;
                (elsewhere && self.chat != ChatArgs::default())
                    .then_some("these switches belong to a conversation, not to this command")
            }
        };
        match misplaced {
            Some(message) => Err(Self::command().error(ErrorKind::ArgumentConflict, message)),
            None => Ok(self),
        }
    }

    /// What the command line changes of the settings.
    pub fn overrides(&self) -> Overrides {
        let (input_device, output_device) = match &self.command {
            Some(Command::MicTest(test)) => (&test.input_device, &test.output_device),
            _ => (&self.chat.input_device, &self.chat.output_device),
        };
        let (provider, url) = match &self.command {
            Some(
                Command::Login(LoginArgs { provider, url, .. })
                | Command::Logout(LogoutArgs { provider, url }),
            ) => (provider, url),
            _ => (&self.chat.server.provider, &self.chat.server.url),
        };
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        let (global, chat) = (&self.global, &self.chat);
        let level = match (global.log_level, global.debug, global.verbose) {
            (Some(level), _, _) => Some(("--log-level", level.word())),
            (None, true, _) => Some(("--debug", "debug")),
            (None, false, 0) => None,
            (None, false, 1) => Some(("--verbose", "info")),
            (None, false, 2) => Some(("--verbose", "debug")),
            (None, false, _) => Some(("--verbose", "trace")),
        };
        let values = [
            ("data_dir", "--data-dir", global.data_dir.as_ref().map(path)),
            ("ui.color", "--color", global.color.map(|c| c.word().to_owned())),
            ("ui.theme", "--theme", global.theme.map(|t| t.word().to_owned())),
            ("ui.screen_reader", "--screen-reader", chat.screen_reader.then(|| "true".to_owned())),
            ("log.level", level.map_or("", |l| l.0), level.map(|l| l.1.to_owned())),
            // An address on the command line says more than `offline` in a file.
            (
                "server.offline",
                if chat.server.offline { "--offline" } else { "--url" },
                (chat.server.offline || url.is_some() || provider.is_some())
                    .then(|| chat.server.offline.to_string()),
            ),
            ("server.provider", "--provider", provider.clone()),
            ("server.url", "--url", url.clone()),
            ("server.model", "--model", chat.server.model.clone()),
            ("server.dialect", "--dialect", chat.server.dialect.map(|d| d.word().to_owned())),
            ("server.api_key_file", "--api-key-file", chat.server.api_key_file.as_ref().map(path)),
            ("mode", "--mode", chat.mode.map(|m| m.word().to_owned())),
            ("push_to_talk.method", "--ptt", chat.ptt.map(|m| m.word().to_owned())),
            ("audio.input", "--input-device", input_device.clone()),
            ("audio.output", "--output-device", output_device.clone()),
            ("audio.echo", "--echo", chat.echo.map(|e| e.word().to_owned())),
            ("voice", "--voice", chat.voice.clone()),
            ("speed", "--speed", chat.speed.clone()),
            ("instructions", "--instructions", chat.instructions.clone()),
            ("session.reasoning_effort", "--reasoning", chat.reasoning.clone()),
            ("vad.kind", "--turn-detection", chat.turn_detection.clone()),
            ("cost.budget", "--budget", chat.budget.clone()),
        ];
        let engines = match &self.command {
            Some(Command::Serve(serve)) => serve.engines.values(),
            _ => Vec::new(),
        };
        let any = global.settings.iter().map(|(key, value)| (*key, "--set", Some(value.clone())));
        let values = values
            .into_iter()
            .chain(engines)
            .chain(any)
            .filter_map(|(key, flag, value)| Some(Override { key, flag, value: value? }))
            .collect();
        Overrides { config_file: global.config.clone(), values }
    }
}

/// The completion script for `shell`.
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "realtime-cli", &mut script);
    if shell != Shell::Bash {
        return script;
    }
    // It calls the states of a program with a hyphen in its name by two names (4.6.11), and so completes no subcommand.
    String::from_utf8_lossy(&script).replace("realtime__subcmd__cli", "realtime__cli").into_bytes()
}

/// The manual page, for `man -l -`.
pub fn manual() -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command()).render(&mut page)?;
    Ok(page)
}

/// Who builds for others says which commit and day it was by two variables.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{}\ncommit: {} ({})\ntarget: {}-{}\nTLS:    rustls, ring, the system's certificates",
        env!("CARGO_PKG_VERSION"),
        option_env!("REALTIME_CLI_BUILD_COMMIT").unwrap_or("unknown"),
        option_env!("REALTIME_CLI_BUILD_DATE").unwrap_or("unknown"),
        std::env::consts::ARCH,
        std::env::consts::OS,
    )
});

#[cfg(test)]
mod tests;
