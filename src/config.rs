//! The settings: defaults, then a file, then the devices that were chosen, then the environment, then the command
//! line, each value with its origin.
//!
//! Reads the environment and files once, at the start. Never prints a key and holds none: a key is read when a
//! server is about to be called, by [`Config::target`].

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

mod endpoint;
mod env;
mod keys;
mod offline;
pub mod paths;
pub mod providers;
pub mod remembered;
mod session;
mod settings;
mod show;
mod stored;
mod sync;

pub use endpoint::{Remote, Target};
pub use env::Environment;
pub use offline::{BrainPlan, OfflinePlan, RecognizerPlan, SynthesizerPlan};
pub use paths::Paths;
use providers::Providers;
pub use session::{as_shown, is_of_session, session_setting, session_settings, setting_named};
pub use settings::{
    Address, AudioSettings, ColorChoice, HistorySettings, LogLevel, PushToTalkSettings, ReminderSettings,
    ServerSettings, Settings, TalkMethod, ThemeChoice, TranscriptionSettings, TurnMode, UiSettings,
    VadSettings,
};
pub use show::Shown;
pub use stored::{Stored, host_of};
pub use sync::SyncSettings;

const DEFAULTS: &str = include_str!("../config/default.toml");
const INSTRUCTIONS: &str = include_str!("../config/instructions.md");
/// More than this is no settings or instructions file.
const MAX_FILE: u64 = 1 << 20;

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(PathBuf),
    /// What the program was told to remember.
    Remembered(PathBuf),
    Environment(&'static str),
    /// A variable that a provider names.
    Variable(String),
    Flag(&'static str),
    /// Where `login` has put a key.
    Keyring,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) | Self::Remembered(path) => path.display().fmt(f),
            Self::Environment(name) => write!(f, "${name}"),
            Self::Variable(name) => write!(f, "${name}"),
            Self::Flag(name) => f.write_str(name),
            Self::Keyring => f.write_str("the keyring"),
        }
    }
}

/// A value and where it was set.
#[derive(Debug, Clone, PartialEq)]
pub struct Sourced<T> {
    pub value: T,
    pub origin: Origin,
}

/// What the command line sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// In place of the usual settings file; must exist.
    pub config_file: Option<PathBuf>,
    pub values: Vec<Override>,
}

/// One setting from the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The setting's name.
    pub key: &'static str,
    /// As the person typed it, such as `--model`.
    pub flag: &'static str,
    pub value: String,
}

/// Settings that cannot be used, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("no home directory is known; set `HOME` or `REALTIME_CLI_HOME`")]
    NoHome,
    #[error("cannot read `{}`: {reason}", path.display())]
    File { path: PathBuf, reason: String },
    #[error("`{}` can be written by everyone; run `chmod o-w` on it", .0.display())]
    Writable(PathBuf),
    #[error("`{}` is not valid TOML: {reason}", path.display())]
    Syntax { path: PathBuf, reason: String },
    #[error("`{key}` takes {expected}, but {origin} says {found}")]
    Value { key: &'static str, expected: String, found: String, origin: Origin },
    #[error("{origin} names no server that can be called: {reason}")]
    Url { origin: Origin, reason: String },
    #[error("`{choice}` is `{chosen}`, which needs `{needed}`, such as `{example}`")]
    Missing { choice: &'static str, chosen: String, needed: &'static str, example: &'static str },
    #[error("{origin} names no server that can be called: {reason}")]
    Provider { origin: Origin, reason: String },
    #[error("the API key from {origin} cannot be used: {reason}")]
    Key { origin: Origin, reason: String },
    #[error(
        "no API key for {host}; run `realtime-cli login` or set `OPENAI_API_KEY` (get one at \
         https://platform.openai.com/api-keys), or use `--offline`, which needs none"
    )]
    NoKey { host: String },
}

/// No reason not to start either: it may be for a newer version.
fn unknown_setting(name: &str, path: &Path) -> String {
    let hint = keys::nearest(name).map_or_else(
        || "`realtime-cli config show` lists them all".to_owned(),
        |name| format!("did you mean `{name}`?"),
    );
    let name = crate::text::Clean::line(name);
    format!("`{name}` in `{}` is not heeded: there is no such setting; {hint}", path.display())
}

type Values = BTreeMap<&'static str, Sourced<Value>>;

/// All settings, resolved.
#[derive(Clone)]
pub struct Config {
    pub settings: Settings,
    pub paths: Paths,
    /// The settings file, whether it exists or not.
    pub file: PathBuf,
    /// What could not be heeded, but need not keep anyone from going on.
    pub warnings: Vec<String>,
    values: Values,
    overrides: Overrides,
    env: Environment,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The raw values may hold secrets; the settings mask them.
        f.debug_struct("Config")
            .field("settings", &self.settings)
            .field("paths", &self.paths)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Puts the layers together.
    pub fn load(overrides: &Overrides, env: &Environment) -> Result<Self, ConfigError> {
        let mut paths = Paths::find(env).ok_or(ConfigError::NoHome)?;
        let file = match &overrides.config_file {
            Some(path) => std::path::absolute(path).unwrap_or_else(|_| path.clone()),
            None => paths.config_file(),
        };
        let mut values = defaults();
        let mut warnings = Vec::new();
        match read_file(&file)? {
            Some(text) => layer_file(&mut values, &file, &text, &mut warnings)?,
            None if overrides.config_file.is_some() => {
                return Err(ConfigError::File { path: file, reason: "there is no such file".to_owned() });
            }
            None => {}
        }
        warnings.extend(remembered::layer(&mut values, &paths));
        layer_environment(&mut values, env)?;
        layer_flags(&mut values, overrides)?;
        let settings = Settings::from_values(&values);
        if !settings.data_dir.is_empty() {
            let origin = &values["data_dir"].origin;
            paths.data_dir = resolve(&settings.data_dir, origin, env);
        }
        let (overrides, env) = (overrides.clone(), env.clone());
        let mut config = Self { settings, paths, file, warnings, values, overrides, env };
        let open = config.open_keys();
        config.warnings.extend(open);
        Ok(config)
    }

    /// The layers put together once more, after a file has changed.
    pub fn reload(&self) -> Result<Self, ConfigError> {
        Self::load(&self.overrides, &self.env)
    }

    /// What the assistant is told to be, from the person's own file or the built-in words.
    pub fn instructions(&self) -> Result<String, ConfigError> {
        let name = &self.settings.instructions_file;
        if name.is_empty() {
            return Ok(INSTRUCTIONS.to_owned());
        }
        let path = resolve(name, self.origin("instructions_file"), &self.env);
        read_file(&path)?
            .ok_or_else(|| ConfigError::File { path, reason: "there is no such file".to_owned() })
    }

    fn text(&self, key: &str) -> &str {
        self.values[key].value.as_str().expect("asked of texts and choices only")
    }

    /// The person's own prices, beside the settings file, in the form of `config/prices.toml`.
    pub fn prices(&self) -> Result<Option<String>, ConfigError> {
        read_file(&self.prices_file())
    }

    /// The servers that are known by name: those that came with the program, and the person's own.
    fn providers(&self) -> Result<Providers, ConfigError> {
        let path = self.file.with_file_name("providers.toml");
        let own = match read_file(&path)? {
            Some(text) => Providers::parse(&text).map_err(|reason| ConfigError::File { path, reason })?,
            None => Providers::default(),
        };
        Ok(Providers::built_in().with(own))
    }

    pub fn prices_file(&self) -> PathBuf {
        self.file.with_file_name("prices.toml")
    }

    /// Where a setting's value comes from.
    ///
    /// # Panics
    /// When there is no setting of that name.
    pub fn origin(&self, key: &str) -> &Origin {
        &self.values[key].origin
    }
}

/// What a file says of places is relative to that file, not to where the program happens to be started.
fn resolve(path: &str, origin: &Origin, env: &Environment) -> PathBuf {
    let expanded = if path.starts_with("~/") { paths::expand(path, env) } else { PathBuf::from(path) };
    match origin {
        Origin::File(file) => file.parent().unwrap_or(Path::new("/")).join(expanded),
        Origin::Default
        | Origin::Remembered(_)
        | Origin::Environment(_)
        | Origin::Variable(_)
        | Origin::Keyring
        | Origin::Flag(_) => std::path::absolute(&expanded).unwrap_or(expanded),
    }
}

fn defaults() -> Values {
    let table: Table = DEFAULTS.parse().expect("the built-in defaults are TOML");
    let mut flat = Vec::new();
    flatten(&table, "", &mut flat);
    flat.into_iter()
        .map(|(name, value)| {
            let key = keys::find(&name).expect("each default has a key");
            (key.name, Sourced { value: value.clone(), origin: Origin::Default })
        })
        .collect()
}

/// Tables become dotted names.
fn flatten<'a>(table: &'a Table, prefix: &str, out: &mut Vec<(String, &'a Value)>) {
    for (name, value) in table {
        let name = format!("{prefix}{name}");
        // A setting given as a table is of the wrong type, not a section.
        let section = value.as_table().filter(|t| !t.is_empty() && keys::find(&name).is_none());
        match section {
            Some(inner) => flatten(inner, &format!("{name}."), out),
            None => out.push((name, value)),
        }
    }
}

/// `None` when there is no such file.
fn read_file(path: &Path) -> Result<Option<String>, ConfigError> {
    use std::io::Read as _;
    let error = |reason: String| ConfigError::File { path: path.to_owned(), reason };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(error(e.to_string())),
    };
    refuse_writable(path, &file)?;
    let mut text = String::new();
    file.take(MAX_FILE + 1).read_to_string(&mut text).map_err(|e| error(e.to_string()))?;
    if text.len() as u64 > MAX_FILE {
        return Err(error("it is larger than 1 MiB".to_owned()));
    }
    Ok(Some(text))
}

/// What anyone can write could send the key anywhere.
#[cfg(unix)]
fn refuse_writable(path: &Path, file: &std::fs::File) -> Result<(), ConfigError> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta =
        file.metadata().map_err(|e| ConfigError::File { path: path.to_owned(), reason: e.to_string() })?;
    if meta.is_file() && meta.permissions().mode() & 0o002 != 0 {
        return Err(ConfigError::Writable(path.to_owned()));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_writable(_: &Path, _: &std::fs::File) -> Result<(), ConfigError> {
    Ok(())
}

fn layer_file(
    values: &mut Values,
    path: &Path,
    text: &str,
    warnings: &mut Vec<String>,
) -> Result<(), ConfigError> {
    let table: Table = text.parse().map_err(|e: toml::de::Error| ConfigError::Syntax {
        path: path.to_owned(),
        reason: syntax(text, &e),
    })?;
    let mut flat = Vec::new();
    flatten(&table, "", &mut flat);
    for (name, value) in flat {
        if is_empty_section(&name, value) {
            continue;
        }
        let Some(key) = keys::find(&name) else {
            if let Some(action) = name.strip_prefix("keys.") {
                warnings.push(unknown_action(action));
                continue;
            }
            warnings.push(unknown_setting(&name, path));
            continue;
        };
        let origin = Origin::File(path.to_owned());
        let value = key.kind.check(value).ok_or_else(|| wrong(key, &value.to_string(), &origin))?;
        values.insert(key.name, Sourced { value, origin });
    }
    Ok(())
}

/// No reason not to start: whoever misses a key reads why.
fn unknown_action(name: &str) -> String {
    let names: Vec<_> = keys::KEYS.iter().filter_map(|key| key.name.strip_prefix("keys.")).collect();
    let name = crate::text::Clean::line(name);
    format!("`keys.{name}` is not heeded: there is no such action; there are `{}`", names.join("`, `"))
}

/// A section's head without settings is fine.
fn is_empty_section(name: &str, value: &Value) -> bool {
    let prefix = format!("{name}.");
    value.as_table().is_some_and(Table::is_empty) && keys::KEYS.iter().any(|k| k.name.starts_with(&prefix))
}

/// The line and what is wrong, without the line's text: it may be a secret in the wrong place.
fn syntax(text: &str, error: &toml::de::Error) -> String {
    let line = error
        .span()
        .and_then(|span| text.get(..span.start))
        .map_or(1, |before| before.matches('\n').count() + 1);
    format!("line {line}: {}", crate::text::Clean::line(error.message()))
}

fn layer_environment(values: &mut Values, env: &Environment) -> Result<(), ConfigError> {
    for key in keys::KEYS {
        let Some(name) =
            key.env.iter().copied().find(|name| env.text(name).is_some() || env.is_garbled(name))
        else {
            continue;
        };
        let origin = Origin::Environment(name);
        let text = env.text(name).ok_or_else(|| wrong(key, "something that is not UTF-8", &origin))?;
        let value = key.kind.parse(text).ok_or_else(|| wrong(key, &quoted(text), &origin))?;
        values.insert(key.name, Sourced { value, origin });
    }
    Ok(())
}

fn layer_flags(values: &mut Values, overrides: &Overrides) -> Result<(), ConfigError> {
    for Override { key, flag, value: text } in &overrides.values {
        let key = keys::find(key).expect("the command line sets known settings");
        let origin = Origin::Flag(flag);
        let value = key.kind.parse(text).ok_or_else(|| wrong(key, &quoted(text), &origin))?;
        values.insert(key.name, Sourced { value, origin });
    }
    Ok(())
}

fn quoted(text: &str) -> String {
    format!("`{text}`")
}

fn wrong(key: &keys::Key, found: &str, origin: &Origin) -> ConfigError {
    let mut found = crate::text::Clean::line(found).into_string();
    if let Some((cut, _)) = found.char_indices().nth(60) {
        found.replace_range(cut.., "…");
    }
    ConfigError::Value { key: key.name, expected: key.kind.expected(), found, origin: origin.clone() }
}

#[cfg(test)]
mod tests;
