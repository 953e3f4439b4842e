//! Which server to talk to, and with which key.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use url::Url;
use zeroize::Zeroizing;

use super::providers::{Provider, Providers};
use super::stored::{self, Stored};
use super::{Config, ConfigError, Environment, Origin};
use crate::keyring::{Keyring as _, System};
use crate::transport::Endpoint;
use crate::transport::auth::{self, ApiKey};

const OPENAI_KEY: &str = "OPENAI_API_KEY";
/// No key is as long.
const MAX_KEY: u64 = 16 << 10;

/// Whom to talk to.
#[derive(Debug, Clone)]
pub enum Target {
    /// The engine inside this program.
    Offline,
    Remote(Box<Remote>),
}

/// A server somewhere, and what is known of it.
#[derive(Debug, Clone)]
pub struct Remote {
    pub endpoint: Endpoint,
    /// Empty where the address says it all.
    pub model: String,
    /// Those that its provider has; empty where nobody knows.
    pub voices: Vec<String>,
    /// Of the person's and the assistant's PCM on the wire, in Hz.
    pub rates: (u32, u32),
}

/// What is to be called, before its key is known.
struct Server<'p> {
    provider: Option<&'p Provider>,
    url: Url,
    /// Somebody asked for a server.
    wanted: bool,
}

impl Config {
    /// Settles on a server. A key is read here, and a missing one for `OpenAI` found.
    pub fn target(&self) -> Result<Target, ConfigError> {
        let settings = &self.settings.server;
        if settings.offline {
            return Ok(Target::Offline);
        }
        let providers = self.providers()?;
        let Server { provider, url, wanted } = self.server(&providers)?;
        let key = self.key(provider, &url)?;
        if key.is_none() && !wanted {
            return Ok(Target::Offline);
        }
        let host = url.host_str().unwrap_or_default();
        if key.is_none() && self.openai(&providers)?.has(host) {
            return Err(ConfigError::NoKey { host: host.to_owned() });
        }
        let proxy = self.proxy(&url)?;
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let model = match (settings.model.as_str(), provider) {
            ("", Some(provider)) => provider.model.clone(),
            ("", None) => self.openai(&providers)?.model.clone(),
            (model, _) => model.to_owned(),
        };
        let endpoint = Endpoint {
            url: with_model(url, &model),
            key,
            key_place: provider.map(|provider| provider.key_place.clone()).unwrap_or_default(),
            organization: some(&settings.organization),
            project: some(&settings.project),
            dialect: settings.dialect.or(provider.map(|provider| provider.dialect)).unwrap_or_default(),
            quirks: provider.map(|provider| provider.quirks.clone()).unwrap_or_default(),
            proxy,
        };
        let ours = (crate::config::providers::SESSION_RATE, crate::config::providers::SESSION_RATE);
        Ok(Target::Remote(Box::new(Remote {
            endpoint,
            model,
            voices: provider.map(|provider| provider.voices.clone()).unwrap_or_default(),
            rates: provider.map_or(ours, |provider| provider.rates),
        })))
    }

    /// The address that is called when there is a key, or without one where somebody asked for it.
    pub fn server_url(&self) -> Result<Url, ConfigError> {
        Ok(self.server(&self.providers()?)?.url)
    }

    fn server<'p>(&self, providers: &'p Providers) -> Result<Server<'p>, ConfigError> {
        let settings = &self.settings.server;
        let wrong = |reason| ConfigError::Provider { origin: self.origin("server.provider").clone(), reason };
        let named = (!settings.provider.is_empty()).then(|| providers.named(&settings.provider));
        let named = named.transpose().map_err(wrong)?;
        if !settings.url.0.is_empty() {
            let url = endpoint(&settings.url.0, self.origin("server.url"))?;
            let provider = named.or_else(|| providers.of(&url));
            return Ok(Server { provider, url, wanted: true });
        }
        let provider = named.map_or_else(|| self.openai(providers), Ok)?;
        let text = provider.url(&self.env).map_err(wrong)?;
        let origin = if named.is_some() { self.origin("server.provider") } else { &Origin::Default };
        let url = endpoint(&text, origin)?;
        Ok(Server { provider: Some(provider), url, wanted: named.is_some() })
    }

    fn openai<'p>(&self, providers: &'p Providers) -> Result<&'p Provider, ConfigError> {
        let wrong = |reason| ConfigError::Provider { origin: self.origin("server.provider").clone(), reason };
        providers.named("openai").map_err(wrong)
    }

    /// The key for this server: from where it was said most directly, else from where `login` has put it.
    fn key(&self, provider: Option<&Provider>, url: &Url) -> Result<Option<ApiKey>, ConfigError> {
        if let Some(key) = self.key_of(self.key_variable(provider, url), "server.api_key_file")? {
            return Ok(Some(key));
        }
        let host = stored::host_of(url);
        match self.stored(&host)? {
            None => Ok(None),
            Some(Stored::File(key)) => Ok(Some(key)),
            Some(Stored::Keyring) => {
                let wrong = |reason: String| ConfigError::Key { origin: Origin::Keyring, reason };
                match System.get(&host) {
                    Ok(Some(key)) => Ok(Some(key)),
                    Ok(None) => {
                        Err(wrong(format!("there is none for {host} any more; run `realtime-cli login`")))
                    }
                    Err(error) => Err(wrong(format!(
                        "{error}; unlock it, or keep the key in a file by `realtime-cli login --file`"
                    ))),
                }
            }
        }
    }

    /// A key for one provider is never another's: `OPENAI_API_KEY` is for `OpenAI`, for the address that
    /// `OPENAI_BASE_URL` gives with it, and for this machine.
    fn key_variable<'p>(&self, provider: Option<&'p Provider>, url: &Url) -> Option<&'p str> {
        let own = provider.and_then(|provider| provider.key_env.as_deref());
        // Over an unencrypted way it is refused as such.
        let its_own = *self.origin("server.url") == Origin::Environment("OPENAI_BASE_URL")
            || url.scheme() != "wss"
            || auth::is_loopback(url);
        let fallback = (provider.is_none() && its_own).then_some(OPENAI_KEY);
        own.filter(|name| self.env.text(name).is_some() || self.env.is_garbled(name)).or(fallback)
    }

    /// For the person: there is a key that this server is not sent.
    pub fn withheld_key(&self) -> Option<String> {
        // Nearly always the answer, before any file is read.
        if self.settings.server.offline || self.env.text(OPENAI_KEY).is_none() {
            return None;
        }
        let providers = self.providers().ok()?;
        let Server { provider, url, .. } = self.server(&providers).ok()?;
        let host = stored::host_of(&url);
        (provider.is_none() && self.key_source().is_none()).then(|| {
            format!(
                "`{OPENAI_KEY}` is not sent to {host}: it may be for another server; `realtime-cli login --url …` or \
                 `--api-key-file` give this one its key, or `OPENAI_BASE_URL` in place of {} says that it takes that one",
                self.origin("server.url")
            )
        })
    }

    /// Where the key for the server comes from, in words, without reading it; `None` where there is none.
    pub fn key_source(&self) -> Option<String> {
        let providers = self.providers().ok()?;
        let server = self.server(&providers).ok()?;
        let (file, origin) = (self.text("server.api_key_file"), self.origin("server.api_key_file"));
        let direct = matches!(origin, Origin::Flag(_) | Origin::Environment(_));
        let variable =
            self.key_variable(server.provider, &server.url).filter(|name| self.env.text(name).is_some());
        let host = stored::host_of(&server.url);
        match variable {
            _ if !file.is_empty() && direct => Some("from a file".to_owned()),
            Some(name) => Some(format!("from ${name}")),
            None if !file.is_empty() => Some("from a file".to_owned()),
            None => match self.stored(&host).ok()?? {
                Stored::Keyring => Some(format!("from the keyring, for {host}")),
                Stored::File(_) => Some(format!("from `{}`, for {host}", self.keys_file().display())),
            },
        }
    }

    /// The key from where it was said most directly: the file that a flag or its own variable names, `variable`, the
    /// one that the settings file names.
    pub(super) fn key_of(
        &self,
        variable: Option<&str>,
        setting: &str,
    ) -> Result<Option<ApiKey>, ConfigError> {
        let file = self.text(setting);
        let origin = self.origin(setting);
        let direct = matches!(origin, Origin::Flag(_) | Origin::Environment(_));
        let named = variable.map(|name| (self.env.text(name), Origin::Variable(name.to_owned())));
        match named {
            Some((_, origin)) if variable.is_some_and(|name| self.env.is_garbled(name)) && !direct => {
                Err(ConfigError::Key { origin, reason: auth::KeyError::Malformed.to_string() })
            }
            Some((Some(text), origin)) if file.is_empty() || !direct => parse_key(text, origin),
            _ if file.is_empty() => Ok(None),
            _ => {
                let path = self.key_path(setting);
                let origin = Origin::File(path.clone());
                let text = read_key(&path)
                    .map_err(|e| ConfigError::Key { origin: origin.clone(), reason: e.to_string() })?;
                parse_key(&text, origin)
            }
        }
    }

    /// `-` is standard input.
    fn key_path(&self, setting: &str) -> PathBuf {
        match self.text(setting) {
            "-" => PathBuf::from("/dev/stdin"),
            file => super::resolve(file, self.origin(setting), &self.env),
        }
    }

    /// Files with keys that others can read.
    pub(super) fn open_keys(&self) -> Vec<String> {
        let settings =
            ["server.api_key_file"].into_iter().chain(super::offline::KEYS.map(|(_, _, file)| file));
        let named = settings.filter(|setting| self.is_set(setting)).map(|setting| self.key_path(setting));
        named.chain([self.keys_file()]).filter_map(|path| open_to_others(&path)).collect()
    }

    pub(super) fn proxy(&self, url: &Url) -> Result<Option<Url>, ConfigError> {
        let set = &self.settings.server.proxy.0;
        let (text, origin) = if set.is_empty() {
            match proxy_from_env(&self.env, url) {
                Some((name, text)) => (text, Origin::Environment(name)),
                None => return Ok(None),
            }
        } else {
            (set.clone(), self.origin("server.proxy").clone())
        };
        if auth::is_loopback(url)
            || self.env.any(&["NO_PROXY", "no_proxy"]).is_some_and(|list| excepts(list, url))
        {
            return Ok(None);
        }
        let wrong = |reason: &str| ConfigError::Url { origin: origin.clone(), reason: reason.to_owned() };
        let text = if text.contains("://") { text } else { format!("http://{text}") };
        let proxy = Url::parse(&text).map_err(|e| wrong(&e.to_string()))?;
        if proxy.scheme() != "http" || proxy.host().is_none() {
            return Err(wrong("a proxy's address has to begin with `http://`"));
        }
        Ok(Some(proxy))
    }
}

fn parse_key(text: &str, origin: Origin) -> Result<Option<ApiKey>, ConfigError> {
    ApiKey::new(text).map(Some).map_err(|e| ConfigError::Key { origin, reason: e.to_string() })
}

fn read_key(path: &Path) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path)?.take(MAX_KEY).read_to_string(&mut text)?;
    Ok(text)
}

/// What others on this machine can read is no secret.
#[cfg(unix)]
pub(super) fn open_to_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let path = path.display();
    (meta.permissions().mode() & 0o077 != 0)
        .then(|| format!("the key in `{path}` can be read by others; run `chmod 600` on it"))
}

#[cfg(not(unix))]
pub(super) fn open_to_others(_: &Path) -> Option<String> {
    None
}

/// A WebSocket address from what a person or another tool's variable calls a server.
fn endpoint(text: &str, origin: &Origin) -> Result<Url, ConfigError> {
    let wrong = |reason: &str| ConfigError::Url { origin: origin.clone(), reason: reason.to_owned() };
    let mut url =
        Url::parse(text).map_err(|e| wrong(&format!("{e}; it has to begin with `wss://` or `https://`")))?;
    let scheme = match url.scheme() {
        "http" | "ws" => "ws",
        "https" | "wss" => "wss",
        _ => return Err(wrong("it has to begin with `ws://`, `wss://`, `http://` or `https://`")),
    };
    url.set_scheme(scheme).map_err(|()| wrong("its beginning cannot be changed to `wss://`"))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("it has no host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it holds a user or password; give a key by `OPENAI_API_KEY` or `--api-key-file`"));
    }
    url.set_fragment(None);
    let base = *origin == Origin::Environment("OPENAI_BASE_URL");
    let path = realtime_path(url.path(), base);
    url.set_path(&path);
    Ok(url)
}

/// The base that other tools share by `OPENAI_BASE_URL` lacks the last part always, what people type often.
fn realtime_path(path: &str, is_base: bool) -> String {
    let path = path.trim_end_matches('/');
    match path {
        _ if path.ends_with("/realtime") => path.to_owned(),
        "" if !is_base => "/v1/realtime".to_owned(),
        _ if is_base || path.ends_with("/v1") => format!("{path}/realtime"),
        _ => path.to_owned(),
    }
}

/// Adds the model, unless the address already says what it is about.
fn with_model(mut url: Url, model: &str) -> Url {
    const SUBJECTS: [&str; 4] = ["model", "call_id", "intent", "deployment"];
    let settled = url.query_pairs().any(|(name, _)| SUBJECTS.contains(&name.as_ref()));
    if !settled && !model.is_empty() {
        url.query_pairs_mut().append_pair("model", model);
    }
    url
}

fn proxy_from_env(env: &Environment, url: &Url) -> Option<(&'static str, String)> {
    const SECURE: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    // `HTTP_PROXY` in capitals can be forged by a web server's caller; the lower-case name is the usual one.
    const PLAIN: [&str; 3] = ["http_proxy", "ALL_PROXY", "all_proxy"];
    let names: &[&'static str] = if matches!(url.scheme(), "wss" | "https") { &SECURE } else { &PLAIN };
    names.iter().find_map(|name| Some((*name, env.text(name)?.to_owned())))
}

/// Whether `NO_PROXY` names the server: `*`, a host, or a domain with all below it, each with a port or without.
fn excepts(list: &str, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
    list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let entry = entry.strip_suffix(port.as_str()).unwrap_or(entry).to_ascii_lowercase();
        let domain = entry.trim_start_matches("*.").trim_start_matches('.');
        entry == "*" || host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
    })
}
