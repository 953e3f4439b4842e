//! `realtime-cli doctor`: what works here, what does not, and one cure for each thing that does not.
//!
//! With `--json` it writes one JSON object and nothing else: `{"v": 1, "ok", "checks": [{"name", "status", "detail",
//! "cure", "ms"}]}`, with `status` one of `ok`, `warning`, `failed`. The exit code is 0 when nothing has failed.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::Failure;
use crate::cli::{Exit, ServerArgs};
use crate::config::{Config, Target};
use crate::text::Clean;
use crate::transport::probe::{self, Step};
use crate::transport::{LinkConfig, auth};

mod machine;
mod sound;

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct DoctorArgs {
    /// Write a JSON object
    #[arg(long)]
    pub json: bool,
    /// Leave the network alone
    #[arg(long)]
    pub no_network: bool,
    /// Leave microphone and speaker alone
    #[arg(long)]
    pub no_sound: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Ok,
    /// It works without, but not as well.
    Warning,
    Failed,
}

/// One line of the report. The texts are not clean yet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    name: &'static str,
    status: Status,
    detail: String,
    cure: Option<String>,
    took: Option<Duration>,
}

impl Check {
    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, status: Status::Ok, detail: detail.into(), cure: None, took: None }
    }

    fn warning(name: &'static str, detail: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { status: Status::Warning, cure: Some(cure.into()), ..Self::ok(name, detail) }
    }

    fn failed(name: &'static str, detail: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { status: Status::Failed, ..Self::warning(name, detail, cure) }
    }
}

/// Checks one thing after the other, and says so as it goes, unless all is to be one JSON object.
pub(crate) fn run(args: &DoctorArgs, config: &Config, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut report = Report { json: args.json, out, checks: Vec::new() };
    report.add(Check::ok("version", concat!("realtime-cli ", env!("CARGO_PKG_VERSION"))))?;
    for check in settings(config) {
        report.add(check)?;
    }
    report.add(machine::tasks(&config.paths.data_dir))?;
    report.add(machine::disk(&config.paths.data_dir))?;
    for check in machine::terminal() {
        report.add(check)?;
    }
    for check in machine::speech(config) {
        report.add(check)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if !args.no_sound {
        for check in runtime.block_on(sound::checks(&config.settings.audio)) {
            report.add(check)?;
        }
    }
    for check in runtime.block_on(server(config, args.no_network)) {
        report.add(check)?;
    }
    runtime.shutdown_timeout(Duration::from_secs(1));
    report.end()
}

fn settings(config: &Config) -> Vec<Check> {
    let set: Vec<String> = config
        .rows()
        .into_iter()
        .filter(|row| !row.origin.is_empty() && row.origin != "default")
        .map(|row| format!("{} by {}", row.name, row.origin))
        .collect();
    let detail = if set.is_empty() { "all as they come".to_owned() } else { set.join(", ") };
    let mut checks = vec![Check::ok("settings", format!("{}: {detail}", config.file.display()))];
    let warnings = config.warnings.iter().map(|text| {
        Check::warning("settings", text.clone(), "`realtime-cli config show` tells where each value is from")
    });
    checks.extend(warnings);
    checks
}

/// Which server is talked to, the key for it, and the way there.
async fn server(config: &Config, no_network: bool) -> Vec<Check> {
    let endpoint = match config.target() {
        Err(error) => {
            return vec![Check::failed(
                "server",
                error.to_string(),
                "or use `--offline`, which needs neither",
            )];
        }
        Ok(Target::Offline) => {
            let why = if config.settings.server.offline { "as set" } else { "there is no key" };
            return vec![Check::ok("server", format!("the built-in offline engine: {why}"))];
        }
        Ok(Target::Remote(remote)) => remote.endpoint,
    };
    let mut checks = vec![Check::ok("server", auth::displayed(&endpoint.url))];
    checks.push(match &endpoint.key {
        Some(_) => Check::ok("key", config.key_status()),
        None if auth::is_loopback(&endpoint.url) => Check::ok("key", "none, for a server on this machine"),
        None => {
            let cure = "`realtime-cli login`, OPENAI_API_KEY or `--api-key-file`, if it wants one".to_owned();
            Check::warning("key", "none", config.withheld_key().unwrap_or(cure))
        }
    });
    if let Some(proxy) = &endpoint.proxy {
        checks.push(Check::ok("proxy", auth::displayed(proxy)));
    }
    if !no_network {
        checks.extend(Box::pin(probe::probe(LinkConfig::new(endpoint, 0))).await.into_iter().map(network));
    }
    checks
}

fn network(step: Step) -> Check {
    let check = match step.result {
        Ok(detail) => Check::ok(step.name, detail),
        Err(problem) => Check::failed(step.name, problem.what, problem.cure),
    };
    Check { took: Some(step.took), ..check }
}

struct Report<'a> {
    json: bool,
    out: &'a mut dyn Write,
    checks: Vec<Check>,
}

impl Report<'_> {
    fn add(&mut self, check: Check) -> Result<(), Failure> {
        if !self.json {
            self.out.write_all(line(&check).as_bytes())?;
            self.out.flush()?;
        }
        self.checks.push(check);
        Ok(())
    }

    fn end(self) -> Result<Exit, Failure> {
        let count = |status| self.checks.iter().filter(|check| check.status == status).count();
        let (failed, warnings) = (count(Status::Failed), count(Status::Warning));
        if self.json {
            let checks: Vec<Value> = self.checks.iter().map(value).collect();
            writeln!(self.out, "{:#}", json!({"v": 1, "ok": failed == 0, "checks": checks}))?;
        } else {
            let verdict = match (failed, warnings) {
                (0, 0) => "all is well".to_owned(),
                (0, n) => format!("all that is needed works; {n} could be better"),
                (n, _) => format!("{n} failed"),
            };
            writeln!(self.out, "\n{verdict}")?;
        }
        Ok(if failed == 0 { Exit::Ok } else { Exit::Failure })
    }
}

/// `ok       tls        TLS 1.3 (41 ms)`, and a line with the cure.
fn line(check: &Check) -> String {
    let word = match check.status {
        Status::Ok => "ok",
        Status::Warning => "warning",
        Status::Failed => "FAILED",
    };
    let took = check.took.map(|took| format!(" ({} ms)", took.as_millis())).unwrap_or_default();
    let cure = check.cure.as_ref().map(|cure| format!("{:20}-> {}\n", "", Clean::line(cure)));
    format!("{word:8} {:10} {}{took}\n{}", check.name, Clean::line(&check.detail), cure.unwrap_or_default())
}

fn value(check: &Check) -> Value {
    let status = match check.status {
        Status::Ok => "ok",
        Status::Warning => "warning",
        Status::Failed => "failed",
    };
    json!({
        "name": check.name,
        "status": status,
        "detail": check.detail,
        "cure": check.cure,
        "ms": check.took.map(|took| took.as_millis() as u64),
    })
}

#[cfg(test)]
mod tests;
