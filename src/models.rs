//! `realtime-cli models`: which engines the offline engine can be made of here, what would be better, and getting it.
//!
//! Nothing is fetched but on the person's word. With `--json`, the list is one object: `{"v": 1, "engines": [{"part",
//! "engine", "state", "used", "detail"}], "files": […], "catalog": [{"name", "setting", "mib", "license", "files":
//! [{"url", "checksum"}]}]}`, with `state` one of `ready`, `missing`, `not set`, `unreachable`; a fetch is `{"v": 1,
//! "name", "file", "setting"}`.

use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use url::Url;

use crate::Failure;
use crate::cli::Exit;
use crate::config::Config;
use crate::text::Clean;

mod catalog;
mod checksum;
mod fetch;
mod report;

use catalog::{CATALOG, Kind};
use checksum::Checksum;
use fetch::{FetchError, Progress};

#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ModelsArgs {
    /// Write a JSON object
    #[arg(long)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum ModelsCommand {
    /// Get a model or voice of the list, or one by its address and checksum
    Fetch(FetchArgs),
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct FetchArgs {
    /// One of the list that `realtime-cli models` shows
    #[arg(required_unless_present = "url", conflicts_with = "url")]
    pub name: Option<String>,
    /// Another file
    #[arg(long, value_name = "URL", requires = "sha256")]
    pub url: Option<String>,
    /// Its checksum, as its maker tells it
    #[arg(long, value_name = "HEX", requires = "url", conflicts_with = "name")]
    pub sha256: Option<String>,
    /// Write a JSON object
    #[arg(long)]
    pub json: bool,
}

pub(crate) fn run(args: &ModelsArgs, config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &args.command {
        None => {
            let report = report::Report::gather(config, &folder(config));
            if args.json {
                writeln!(out, "{:#}", report.json())?;
            } else {
                out.write_all(report.text().as_bytes())?;
            }
            Ok(Exit::Ok)
        }
        Some(ModelsCommand::Fetch(wanted)) => get(wanted, config, out),
    }
}

/// Where fetched models are kept.
fn folder(config: &Config) -> PathBuf {
    config.paths.data_dir.join("models")
}

/// A file to be fetched.
struct Wanted {
    url: Url,
    checksum: Checksum,
}

fn get(args: &FetchArgs, config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    let usage = |reason: String| Failure::new(Exit::Usage, anyhow::anyhow!(reason));
    let (name, kind, wanted) = match (&args.name, &args.url, &args.sha256) {
        (_, Some(url), Some(sha256)) => {
            let checksum = Checksum::sha256(sha256)
                .ok_or_else(|| usage("`--sha256` takes 64 hexadecimal digits".to_owned()))?;
            let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            let url =
                url.ok_or_else(|| usage("`--url` takes an address that begins with `https://`".to_owned()))?;
            (url.to_string(), None, vec![Wanted { url, checksum }])
        }
        (Some(name), _, _) => {
            let Some(model) = CATALOG.iter().find(|model| model.name == name) else {
                let names: Vec<_> = CATALOG.iter().map(|model| model.name).collect();
                let reason =
                    format!("there is no model `{name}` in the list; there are `{}`", names.join("`, `"));
                return Err(Failure::new(Exit::NotFound, anyhow::anyhow!(reason)));
            };
            let wanted = model.files.iter().map(|file| Wanted {
                url: Url::parse(file.url).expect("the list's addresses are valid"),
                checksum: file.checksum(),
            });
            (name.clone(), Some(model.kind), wanted.collect())
        }
        _ => return Err(usage("say which model; `realtime-cli models` lists them".to_owned())),
    };
    let folder = folder(config);
    let mut paths = Vec::new();
    for Wanted { url, checksum } in wanted {
        let endpoint = config.plain_endpoint(url)?;
        let mut stderr = std::io::stderr();
        let terminal = stderr.is_terminal();
        let mut shown = Shown::default();
        let mut progress = |progress: Progress| {
            if terminal {
                shown.show(progress, &mut stderr);
            }
        };
        let path = fetch::fetch(&endpoint, &checksum, &folder, &mut progress).map_err(failure)?;
        paths.push(path);
    }
    let path = paths.first().expect("there is a file at least");
    told(&name, kind.or_else(|| Kind::of(path)), path, args.json, config, out)?;
    Ok(Exit::Ok)
}

fn failure(error: FetchError) -> Failure {
    let exit = match error {
        FetchError::Network(_) => Exit::Network,
        FetchError::Name | FetchError::Busy(_) | FetchError::Checksum { .. } | FetchError::Disk { .. } => {
            Exit::Failure
        }
    };
    Failure::new(exit, error)
}

/// What to do with it now.
fn told(
    name: &str,
    kind: Option<Kind>,
    path: &Path,
    json: bool,
    config: &Config,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let setting = kind.map(Kind::setting);
    if json {
        writeln!(out, "{:#}", json!({"v": 1, "name": name, "file": path, "setting": setting}))?;
        return Ok(());
    }
    writeln!(out, "{}", Clean::line(&path.display().to_string()))?;
    if let Some(setting) = setting {
        let line = format!("{setting} = {}", toml::Value::String(path.display().to_string()));
        writeln!(out, "to use it, put this into `{}`:", config.file.display())?;
        writeln!(out, "{}", Clean::line(&line))?;
    }
    if kind == Some(Kind::Whisper) && !cfg!(feature = "whisper") {
        writeln!(
            out,
            "this program was built without whisper: `cargo install --path . --locked --features whisper`, or let \
             `whisper-server` use it"
        )?;
    }
    Ok(())
}

/// One line on a terminal that grows with what has come.
#[derive(Default)]
struct Shown {
    last: Option<u64>,
}

impl Shown {
    fn show(&mut self, progress: Progress, terminal: &mut dyn Write) {
        const MIB: f64 = (1 << 20) as f64;
        let done = progress.done as f64 / MIB;
        let (step, line) = match progress.total.filter(|&total| total > 0) {
            Some(total) => {
                let percent = progress.done * 100 / total;
                (percent, format!("{done:.1} of {:.1} MiB, {percent} %", total as f64 / MIB))
            }
            None => (progress.done >> 20, format!("{done:.1} MiB")),
        };
        if self.last != Some(step) {
            self.last = Some(step);
            let end = if progress.total == Some(progress.done) { "\n" } else { "" };
            // Who cannot be told does not need to be.
            let _ = write!(terminal, "\r{line:<40}{end}");
            let _ = terminal.flush();
        }
    }
}

#[cfg(test)]
mod tests;
