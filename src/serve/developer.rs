//! The options for developers of clients: from the command line to what the server takes.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};

use crate::Failure;
use crate::cli::{DeveloperArgs, Exit};
use crate::server::developer::Developer;
use crate::server::faults::Faults;
use crate::server::record::Recorder;
use crate::server::script::Script;

pub(super) fn from(args: &DeveloperArgs) -> Result<Developer, Failure> {
    let script = args.script.as_deref().map(script).transpose().map_err(|e| Failure::new(Exit::Usage, e))?;
    let recorder =
        args.log.as_deref().map(recorder).transpose().map_err(|e| Failure::new(Exit::Failure, e))?;
    let ms = |ms: u32| Duration::from_millis(u64::from(ms));
    let faults = Faults { latency: ms(args.latency), jitter: ms(args.jitter), cuts: args.drop };
    Ok(Developer { script: script.map(Arc::new), faults, seed: args.seed, recorder })
}

fn script(path: &Path) -> anyhow::Result<Script> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    Script::parse(&text, folder).map_err(|error| anyhow!("`{}`, {error}", path.display()))
}

fn recorder(path: &Path) -> anyhow::Result<Recorder> {
    let file = private_file(path)
        .with_context(|| format!("cannot write `{}`; choose another file by `--log`", path.display()))?;
    let began = now();
    Ok(Recorder::new(Box::new(file), move || now().saturating_duration_since(began)))
}

/// A record begins anew, and is for its owner only even where an older one was not.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    if file.metadata()?.is_file() {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}

#[expect(clippy::disallowed_methods, reason = "a record tells the time since its beginning")]
fn now() -> Instant {
    Instant::now()
}
