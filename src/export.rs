//! `realtime-cli export`: what was said in a session or in a kept conversation, as Markdown, JSON or subtitles.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args as ClapArgs, ValueEnum};

use crate::cli::Exit;
use crate::config::{Config, paths};
use crate::replay::Player;
use crate::text::Clean;
use crate::ui::commands::Format;
use crate::ui::line::{self, Printer};
use crate::ui::theme::Theme;
use crate::{Failure, history, kept, replay, session_log};

#[derive(Debug, Clone, PartialEq, Eq, ClapArgs)]
pub struct ExportArgs {
    /// The log of a session, or a conversation that was kept
    #[arg(value_name = "FILE", required_unless_present = "last")]
    pub file: Option<PathBuf>,
    /// The last that was kept, by `history.keep` or `log.sessions`
    #[arg(long, conflicts_with = "file")]
    pub last: bool,
    /// What to write
    #[arg(long, value_enum, default_value_t = FormatArg::Md)]
    pub format: FormatArg,
    /// Write to this new file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// Markdown
    Md,
    /// One JSON object
    Json,
    /// Subtitles
    Srt,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Md => Self::Markdown,
            FormatArg::Json => Self::Json,
            FormatArg::Srt => Self::Srt,
        }
    }
}

pub fn run(args: &ExportArgs, config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    let path = match &args.file {
        Some(path) => path.clone(),
        None => last(config)?,
    };
    let (text, warnings) = exported(&path, args.format.into())?;
    Printer::new(line::Format::Plain, &[]).warn(&warnings);
    let Some(output) = &args.output else {
        out.write_all(text.as_bytes())?;
        return Ok(Exit::Ok);
    };
    paths::private_new(output, text.as_bytes()).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::AlreadyExists => "it is there already; name another file".to_owned(),
            _ => error.to_string(),
        };
        Failure::new(Exit::Failure, anyhow::anyhow!("cannot write `{}`: {why}", output.display()))
    })?;
    Ok(Exit::Ok)
}

fn last(config: &Config) -> Result<PathBuf, Failure> {
    let paths = &config.paths;
    let both = [kept::newest_conversation(paths), kept::newest_log(paths)];
    kept::newest(both.into_iter().flatten().collect()).ok_or_else(|| {
        let why = "no conversation is kept; with `history.keep = true` in the settings the next one is";
        Failure::new(Exit::NotFound, anyhow::anyhow!(why))
    })
}

/// And what of the file could not be read.
fn exported(path: &Path, format: Format) -> Result<(String, Vec<String>), Failure> {
    if is_log(path) {
        let recording = replay::command::read(path)?;
        #[expect(clippy::disallowed_methods, reason = "any moment will do")]
        let base = Instant::now();
        let mut player = Player::new(recording.head, recording.events, Theme::default(), base);
        player.finish();
        return Ok((player.export(format), recording.warnings));
    }
    let failed = |exit, why: String| {
        let path = Clean::line(&path.display().to_string());
        Failure::new(exit, anyhow::anyhow!("cannot use `{path}`: {why}"))
    };
    let bytes = fs::read(path).map_err(|error| {
        let missing = error.kind() == io::ErrorKind::NotFound;
        failed(if missing { Exit::NotFound } else { Exit::Failure }, error.to_string())
    })?;
    let kept = history::read(&bytes).map_err(|why| failed(Exit::Failure, why))?;
    let warnings = kept.damaged.iter().map(|line| format!("line {line} is damaged and left out")).collect();
    Ok((kept.export(format), warnings))
}

/// Whether one of the first lines is of the log of a session; one of them may be damaged.
fn is_log(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let lines = BufReader::new(file).lines().take(3);
    lines.map_while(Result::ok).any(|line| session_log::read(&line).is_ok())
}
