//! Which server to talk to, and with which key.

use std::io::Read as _;

use url::Url;

use super::{Config, ConfigError, Environment, Origin};
use crate::transport::Endpoint;
use crate::transport::auth::{self, ApiKey};

const OPENAI: &str = "wss://api.openai.com/v1/realtime";
/// No key is as long.
const MAX_KEY: u64 = 16 << 10;

/// Whom to talk to.
#[expect(clippy::large_enum_variant, reason = "there is one, at the start")]
#[derive(Debug, Clone)]
pub enum Target {
    /// The engine inside this program.
    Offline,
    Remote(Endpoint),
}

impl Config {
    /// Settles on a server. A key file is read here, and a missing key for `OpenAI` found.
    pub fn target(&self) -> Result<Target, ConfigError> {
        let server = &self.settings.server;
        if server.offline {
            return Ok(Target::Offline);
        }
        let key = self.key()?;
        let url = match (server.url.0.as_str(), &key) {
            ("", None) => return Ok(Target::Offline),
            ("", Some(_)) => Url::parse(OPENAI).expect("the built-in address is valid"),
            (set, _) => endpoint(set, self.origin("server.url"))?,
        };
        let host = url.host_str().unwrap_or_default();
        if key.is_none() && host == "api.openai.com" {
            return Err(ConfigError::NoKey { host: host.to_owned() });
        }
        let proxy = self.proxy(&url)?;
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Ok(Target::Remote(Endpoint {
            url: with_model(url, &server.model),
            key,
            organization: some(&server.organization),
            project: some(&server.project),
            dialect: server.dialect,
            proxy,
        }))
    }

    fn key(&self) -> Result<Option<ApiKey>, ConfigError> {
        self.key_of("OPENAI_API_KEY", "server.api_key_file")
    }

    /// A key from where it was said most directly: the file that a flag or its own variable names, `variable`, the one
    /// that the settings file names.
    pub(super) fn key_of(
        &self,
        variable: &'static str,
        setting: &'static str,
    ) -> Result<Option<ApiKey>, ConfigError> {
        let file = self.text(setting);
        let from_env = self.env.text(variable);
        let origin = self.origin(setting);
        let direct = matches!(origin, Origin::Flag(_) | Origin::Environment(_));
        match from_env {
            _ if self.env.is_garbled(variable) && !direct => Err(ConfigError::Key {
                origin: Origin::Environment(variable),
                reason: auth::KeyError::Malformed.to_string(),
            }),
            Some(text) if file.is_empty() || !direct => parse_key(text, Origin::Environment(variable)),
            _ if file.is_empty() => Ok(None),
            _ => {
                let path = super::resolve(file, origin, &self.env);
                let origin = Origin::File(path.clone());
                let text = read_key(&path)
                    .map_err(|e| ConfigError::Key { origin: origin.clone(), reason: e.to_string() })?;
                parse_key(&text, origin)
            }
        }
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

fn read_key(path: &std::path::Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_KEY).read_to_string(&mut text)?;
    Ok(text)
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
