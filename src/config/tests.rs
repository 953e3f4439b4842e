use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::audio::EchoMode;
use crate::protocol::Dialect;

const SECRET: &str = "sk-sentinel-0123456789";

/// A home of its own, with or without a settings file, and variables.
struct Setup {
    home: TempDir,
    vars: Vec<(String, String)>,
    overrides: Overrides,
}

impl Setup {
    fn new(file: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let vars = vec![("REALTIME_CLI_HOME".to_owned(), home.path().to_str().unwrap().to_owned())];
        let setup = Self { home, vars, overrides: Overrides::default() };
        if !file.is_empty() {
            paths::private_dir(&setup.home.path().join("config")).unwrap();
            std::fs::write(setup.file(), file).unwrap();
        }
        setup
    }

    fn file(&self) -> PathBuf {
        self.home.path().join("config/config.toml")
    }

    fn var(mut self, name: &str, value: &str) -> Self {
        self.vars.push((name.to_owned(), value.to_owned()));
        self
    }

    fn flag(mut self, key: &'static str, flag: &'static str, value: &str) -> Self {
        self.overrides.values.push(Override { key, flag, value: value.to_owned() });
        self
    }

    fn load(&self) -> Result<Config, ConfigError> {
        let env = self.vars.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        Config::load(&self.overrides, &env)
    }

    fn error(&self) -> String {
        self.load().map(|_| ()).unwrap_err().to_string()
    }

    fn target(&self) -> Result<Target, ConfigError> {
        self.load()?.target()
    }

    /// The address that is called, or `offline`.
    fn url(&self) -> String {
        match self.target().unwrap() {
            Target::Offline => "offline".to_owned(),
            Target::Remote(remote) => remote.endpoint.url.to_string(),
        }
    }
}

#[test]
fn every_key_has_a_default_a_comment_and_its_variable_beside_it() {
    let defaults = defaults();
    let mut section = String::new();
    let mut comment = String::new();
    let mut seen = Vec::new();
    for line in DEFAULTS.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
        } else if let Some(text) = line.strip_prefix('#') {
            comment.push_str(text);
        } else if let Some((name, _)) = line.split_once(" = ") {
            let key = keys::find(&format!("{section}{name}")).unwrap_or_else(|| panic!("{section}{name}"));
            assert!(comment.len() > 10, "{} has no comment", key.name);
            assert!(key.env.iter().all(|env| comment.contains(env)), "{}: {:?}", key.name, key.env);
            seen.push(key.name);
        } else {
            comment.clear();
        }
        assert!(line.len() <= 110, "{line}");
    }
    let all: Vec<_> = keys::KEYS.iter().map(|key| key.name).collect();
    assert_eq!(defaults.len(), all.len());
    seen.sort_unstable();
    let mut sorted = all.clone();
    sorted.sort_unstable();
    assert_eq!(seen, sorted);
    for key in keys::KEYS {
        assert_eq!(
            key.kind.check(&defaults[key.name].value),
            Some(defaults[key.name].value.clone()),
            "{}",
            key.name
        );
        assert!(key.env[0].starts_with("REALTIME_CLI_"));
    }
}

#[test]
fn each_layer_overrules_the_one_before_and_is_named() {
    let file = "[server]\nmodel = \"from-file\"\n";
    let default = Setup::new("");
    let in_file = Setup::new(file);
    let in_env = Setup::new(file).var("REALTIME_CLI_MODEL", "from-env");
    let in_flag =
        Setup::new(file).var("REALTIME_CLI_MODEL", "from-env").flag("server.model", "--model", "from-flag");
    let path = in_file.file().display().to_string();
    for (setup, model, origin) in [
        (&default, "", "default"),
        (&in_file, "from-file", path.as_str()),
        (&in_env, "from-env", "$REALTIME_CLI_MODEL"),
        (&in_flag, "from-flag", "--model"),
    ] {
        let config = setup.load().unwrap();
        assert_eq!(config.settings.server.model, model);
        assert_eq!(config.origin("server.model").to_string(), origin);
        assert_eq!(config.origin("voice"), &Origin::Default);
    }
}

#[test]
fn every_setting_can_be_set_in_the_file_and_by_its_variable() {
    for key in keys::KEYS {
        let (toml, text) = match key.kind {
            keys::Kind::Text => ("\"abc\"".to_owned(), "abc"),
            keys::Kind::Switch => ("true".to_owned(), "yes"),
            keys::Kind::Number { .. } => ("1".to_owned(), "0.75"),
            keys::Kind::Integer { .. } => ("7".to_owned(), "8"),
            keys::Kind::IntegerOrNone { .. } => ("0".to_owned(), "8000"),
            keys::Kind::Tokens { .. } => ("\"inf\"".to_owned(), "8"),
            keys::Kind::Choice(words) => (format!("\"{}\"", words[0]), words[1]),
        };
        let config = Setup::new(&format!("{} = {toml}\n", key.name)).load().unwrap();
        assert!(matches!(config.origin(key.name), Origin::File(_)), "{}", key.name);
        for &name in key.env {
            let config = Setup::new("").var(name, text).load().unwrap();
            assert_eq!(config.origin(key.name), &Origin::Environment(name));
            let value = &config.values[key.name].value;
            assert_eq!(Some(value.clone()), key.kind.parse(text), "{name}");
        }
    }
}

#[test]
fn an_unknown_setting_is_told_with_its_file_and_the_likely_one_and_no_reason_not_to_start() {
    for (text, key, suggestion) in [
        ("voise = \"x\"", "voise", "did you mean `voice`?"),
        ("[server]\nmodle = \"x\"", "server.modle", "did you mean `server.model`?"),
        ("model = \"x\"", "model", "did you mean `server.model`?"),
        ("[vad]\nsilence_ms = 1", "vad.silence_ms", "did you mean `vad.silence_duration_ms`?"),
        ("[zzz]\nqqq = 1", "zzz.qqq", "config show"),
        ("[zzz]\n", "zzz", "config show"),
    ] {
        let setup = Setup::new(text);
        let config = setup.load().unwrap();
        let [warning] = config.warnings.as_slice() else { panic!("{:?}", config.warnings) };
        assert!(warning.contains(&format!("`{key}`")) && warning.contains(suggestion), "{warning}");
        assert!(warning.contains(setup.file().to_str().unwrap()), "{warning}");
    }
    let empty = Setup::new("[server]\n").load().unwrap();
    assert_eq!(empty.warnings, [""; 0], "an empty section is fine");
}

#[test]
fn an_unknown_action_among_the_keys_is_told_and_no_reason_not_to_start() {
    let config = Setup::new("[keys]\nmjute = \"f6\"\nmute = \"f6\"").load().unwrap();
    assert!(config.warnings[0].contains("`keys.mjute`") && config.warnings[0].contains("`mute`"));
    assert!(config.settings.keys.contains(&("mute", "f6".to_owned())));
}

#[test]
fn a_wrong_value_names_setting_expectation_and_origin() {
    let file = |text| Setup::new(text).error();
    assert!(file("speed = \"fast\"").contains("`speed` takes a number from 0.25 to 1.5, but /"));
    assert!(file("speed = 9").ends_with("says 9"));
    assert!(file("mode = \"both\"").contains("`mode` takes `vad` or `ptt`"));
    assert!(
        file("session.max_output_tokens = 5000")
            .contains("takes a whole number from 1 to 4096, or `inf`, but")
    );
    assert!(file("vad.idle_timeout_ms = 4999").contains("takes 0 or a whole number from 5000 to 30000, but"));
    assert!(file("session.retention_ratio = 1.1").contains("takes a number from 0 to 1"));
    assert!(
        file("session.reasoning_effort = \"most\"").contains("`minimal`, `low`, `medium`, `high` or `xhigh`")
    );
    assert!(file("vad.kind = \"none\"").contains("takes `server_vad` or `semantic_vad`"));
    assert!(file("[voice]\nname = 1").contains("`voice` takes a text"));
    assert!(file("vad.prefix_padding_ms = -1").contains("a whole number from 0 to 5000"));
    let env = Setup::new("").var("REALTIME_CLI_OFFLINE", "perhaps").error();
    assert_eq!(env, "`server.offline` takes `true` or `false`, but $REALTIME_CLI_OFFLINE says `perhaps`");
    let flag = Setup::new("").flag("speed", "--speed", "nan").error();
    assert!(flag.contains("but --speed says `nan`"), "{flag}");
    let long = Setup::new("").var("REALTIME_CLI_MODE", &format!("\u{1b}[2J{}", "x".repeat(500))).error();
    assert!(long.len() < 200 && !long.contains('\u{1b}'), "{long}");
}

#[test]
fn broken_toml_names_the_line_and_does_not_quote_it() {
    let error = Setup::new(&format!("voice = \"a\"\nkey = {SECRET}\n")).error();
    assert!(error.contains("line 2") && !error.contains("sentinel"), "{error}");
}

#[test]
fn a_file_named_by_a_flag_must_exist_and_the_usual_one_need_not() {
    let mut setup = Setup::new("");
    assert!(setup.load().is_ok());
    setup.overrides.config_file = Some(PathBuf::from("/nowhere/config.toml"));
    assert!(setup.error().contains("`/nowhere/config.toml`: there is no such file"));
}

#[cfg(unix)]
#[test]
fn a_settings_file_that_everyone_can_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let setup = Setup::new("voice = \"a\"");
    std::fs::set_permissions(setup.file(), std::fs::Permissions::from_mode(0o666)).unwrap();
    assert!(setup.error().contains("chmod o-w"));
}

#[test]
fn directories_follow_the_base_directory_rules() {
    let find = |vars: &[(&str, &str)]| {
        let paths = Paths::find(&vars.iter().copied().collect())?;
        Some(
            [paths.config_dir, paths.data_dir, paths.state_dir, paths.cache_dir]
                .map(|p| p.display().to_string()),
        )
    };
    let usual = ["/h/.config", "/h/.local/share", "/h/.local/state", "/h/.cache"]
        .map(|p| format!("{p}/realtime-cli"));
    assert_eq!(find(&[("HOME", "/h")]), Some(usual.clone()));
    assert_eq!(find(&[("HOME", "/h"), ("XDG_DATA_HOME", "rel"), ("XDG_CONFIG_HOME", "")]), Some(usual));
    let [config, data, state, cache] = find(&[
        ("HOME", "/h"),
        ("XDG_CONFIG_HOME", "/c"),
        ("XDG_DATA_HOME", "/d"),
        ("XDG_STATE_HOME", "/s"),
        ("XDG_CACHE_HOME", "/k"),
    ])
    .unwrap();
    assert_eq!([config, data, state, cache], ["/c", "/d", "/s", "/k"].map(|p| format!("{p}/realtime-cli")));
    let all = ["config", "data", "state", "cache"].map(|p| format!("/r/{p}"));
    assert_eq!(find(&[("HOME", "/h"), ("XDG_DATA_HOME", "/d"), ("REALTIME_CLI_HOME", "/r")]), Some(all));
    assert_eq!(find(&[]), None);
    assert_eq!(find(&[("HOME", "relative")]), None);
}

#[test]
fn the_data_directory_can_be_moved_alone() {
    let config = Setup::new("").var("HOME", "/h").flag("data_dir", "--data-dir", "~/tasks").load().unwrap();
    assert_eq!(config.paths.data_dir, Path::new("/h/tasks"));
    assert!(config.paths.state_dir.ends_with("state"));
    let config = Setup::new("").flag("data_dir", "--data-dir", "there").load().unwrap();
    assert!(config.paths.data_dir.is_absolute());
}

#[cfg(unix)]
#[test]
fn files_and_directories_are_made_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("a/b");
    paths::private_dir(&dir).unwrap();
    paths::private_dir(&dir).unwrap();
    let file = dir.join("f");
    drop(paths::private_append(&file).unwrap());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&home.path().join("a")), mode(&dir), mode(&file)), (0o700, 0o700, 0o600));
}

#[test]
fn the_server_is_chosen_by_what_is_there() {
    let openai = "wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1";
    let keyed = || Setup::new("").var("OPENAI_API_KEY", SECRET);
    assert_eq!(Setup::new("").url(), "offline");
    assert_eq!(keyed().url(), openai);
    assert_eq!(keyed().var("REALTIME_CLI_OFFLINE", "1").url(), "offline");
    assert_eq!(
        keyed().var("REALTIME_CLI_URL", "wss://a.example/x").url(),
        "wss://a.example/x?model=gpt-realtime-2.1"
    );
    assert_eq!(
        keyed()
            .var("OPENAI_BASE_URL", "https://b.example/v1")
            .var("REALTIME_CLI_URL", "ws://[::1]:1/x")
            .url(),
        "ws://[::1]:1/x?model=gpt-realtime-2.1",
        "the program's own variable is stronger"
    );
}

#[test]
fn an_address_is_completed_as_far_as_needed() {
    let typed = |text: &str| {
        Setup::new("").flag("server.model", "--model", "m").flag("server.url", "--url", text).url()
    };
    let base =
        |text: &str| Setup::new("").flag("server.model", "--model", "m").var("OPENAI_BASE_URL", text).url();
    for (from, to) in [
        ("ws://localhost:8765", "ws://localhost:8765/v1/realtime?model=m"),
        ("http://localhost:8765/", "ws://localhost:8765/v1/realtime?model=m"),
        ("https://h.example/v1", "wss://h.example/v1/realtime?model=m"),
        ("wss://h.example/v1/realtime/", "wss://h.example/v1/realtime?model=m"),
        ("wss://h.example/own/path", "wss://h.example/own/path?model=m"),
        ("wss://h.example/x?a=1&b=2", "wss://h.example/x?a=1&b=2&model=m"),
        ("wss://h.example/x?model=other", "wss://h.example/x?model=other"),
        ("wss://h.example/x?deployment=d", "wss://h.example/x?deployment=d"),
        ("wss://h.example/x?call_id=rtc_1#frag", "wss://h.example/x?call_id=rtc_1"),
    ] {
        assert_eq!(typed(from), to, "{from}");
    }
    for (from, to) in [
        ("https://api.example/v1", "wss://api.example/v1/realtime?model=m"),
        ("https://api.example/v1/", "wss://api.example/v1/realtime?model=m"),
        ("https://api.example/v1/realtime", "wss://api.example/v1/realtime?model=m"),
        ("http://127.0.0.1:1", "ws://127.0.0.1:1/realtime?model=m"),
        ("https://h.example/gate?api-version=7", "wss://h.example/gate/realtime?api-version=7&model=m"),
    ] {
        assert_eq!(base(from), to, "{from}");
    }
    let odd = typed("ws://localhost:1/x");
    assert_eq!(odd, "ws://localhost:1/x?model=m");
    assert_eq!(
        Setup::new("")
            .flag("server.model", "--model", "a b&c")
            .flag("server.url", "--url", "ws://[::1]:1/x")
            .url(),
        "ws://[::1]:1/x?model=a+b%26c"
    );
}

#[test]
fn an_address_that_is_none_is_refused_with_its_origin() {
    for (text, reason) in [
        ("localhost:8765", "it has to begin with"),
        ("ftp://h.example", "it has to begin with"),
        ("/etc/passwd", "it has to begin with"),
        ("wss://", "host"),
        ("wss://user:sk-1@h.example/", "`--api-key-file`"),
    ] {
        let error = Setup::new("").flag("server.url", "--url", text).target().unwrap_err().to_string();
        assert!(error.starts_with("--url names no server") && error.contains(reason), "{error}");
        assert!(!error.contains("sk-1"));
    }
}

#[test]
fn openai_without_a_key_says_what_to_set() {
    let error =
        Setup::new("").flag("server.url", "--url", "wss://api.openai.com/v1/realtime").target().unwrap_err();
    assert!(matches!(error, ConfigError::NoKey { .. }));
    let text = error.to_string();
    assert!(text.contains("OPENAI_API_KEY") && text.contains("--offline"), "{text}");
    assert!(Setup::new("").flag("server.url", "--url", "wss://other.example/").target().is_ok());
}

fn key_of(setup: &Setup) -> Option<String> {
    match setup.target().unwrap() {
        Target::Offline => None,
        Target::Remote(remote) => remote.endpoint.key.map(|key| key.reveal().to_owned()),
    }
}

#[test]
fn the_key_comes_from_where_it_was_said_most_directly() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "sk-from-file\n").unwrap();
    let path = file.path().to_str().unwrap();
    let in_file = Setup::new(&format!("server.api_key_file = \"{path}\""));
    assert_eq!(key_of(&in_file).as_deref(), Some("sk-from-file"));
    let both = in_file.var("OPENAI_API_KEY", SECRET);
    assert_eq!(key_of(&both).as_deref(), Some(SECRET), "the environment is stronger than the settings file");
    let flag =
        Setup::new("").var("OPENAI_API_KEY", SECRET).flag("server.api_key_file", "--api-key-file", path);
    assert_eq!(key_of(&flag).as_deref(), Some("sk-from-file"), "a flag is stronger than the environment");
    let own = Setup::new("").var("OPENAI_API_KEY", SECRET).var("REALTIME_CLI_API_KEY_FILE", path);
    assert_eq!(key_of(&own).as_deref(), Some("sk-from-file"));
}

#[test]
fn a_key_that_cannot_be_used_is_refused_without_being_shown() {
    let bad = Setup::new("").var("OPENAI_API_KEY", "sk sentinel");
    let error = bad.target().unwrap_err().to_string();
    assert!(error.contains("$OPENAI_API_KEY") && !error.contains("sentinel"), "{error}");
    let missing = Setup::new("").flag("server.api_key_file", "--api-key-file", "/nowhere/key");
    let error = missing.target().unwrap_err().to_string();
    assert!(error.contains("/nowhere/key"), "{error}");
    assert!(missing.load().is_ok(), "what needs no server is not disturbed");
}

#[test]
fn the_key_shows_nowhere() {
    let setup = Setup::new("").var("OPENAI_API_KEY", SECRET).flag(
        "server.url",
        "--url",
        &format!("wss://api.openai.com/x?api-key={SECRET}&model=m"),
    );
    let config = setup.load().unwrap();
    let target = config.target().unwrap();
    let everything = format!("{:?}\n{}\n{}", target, config.show(), config.show_json());
    let endpoint = match &target {
        Target::Remote(remote) => &remote.endpoint,
        Target::Offline => panic!("a server was named"),
    };
    assert!(endpoint.key.is_some());
    assert!(!config.show().contains(SECRET) && !config.show_json().to_string().contains(SECRET));
    assert!(!format!("{config:?}").contains(SECRET), "{config:?}");
    assert!(!everything.contains(SECRET), "{everything}");
    assert!(config.show().contains("# API key: from $OPENAI_API_KEY"));
    let misplaced = Setup::new("").flag("server.url", "--url", SECRET).load().unwrap();
    assert!(!misplaced.show().contains(SECRET));
    let error = misplaced.target().unwrap_err().to_string();
    assert!(!error.contains(SECRET), "{error}");
}

#[test]
fn shown_settings_are_toml_and_name_their_origins() {
    let config = Setup::new("voice = \"a \\\"b\\\"\"").flag("speed", "--speed", "1.25").load().unwrap();
    let shown = config.show();
    let table: Table = shown.parse().unwrap();
    assert_eq!(table["voice"].as_str(), Some("a \"b\""));
    assert_eq!(table["server"]["model"].as_str(), Some(""));
    assert!(shown.lines().any(|line| line.starts_with("speed = 1.25") && line.ends_with("# --speed")));
    let json = config.show_json();
    assert_eq!(json["settings"]["speed"], serde_json::json!({"value": 1.25, "origin": "--speed"}));
    assert_eq!(json["settings"].as_object().unwrap().len(), keys::KEYS.len());
}

#[test]
fn the_usual_variables_are_heeded() {
    type Seen = fn(&crate::transport::Endpoint) -> String;
    let table: [(&str, &str, Seen, &str); 5] = [
        ("OPENAI_API_KEY", SECRET, |e| e.key.as_ref().unwrap().reveal().to_owned(), SECRET),
        ("OPENAI_BASE_URL", "https://h.example/v1", |e| e.url.host_str().unwrap().to_owned(), "h.example"),
        ("OPENAI_ORG_ID", "org-1", |e| e.organization.clone().unwrap(), "org-1"),
        ("OPENAI_PROJECT_ID", "proj-1", |e| e.project.clone().unwrap(), "proj-1"),
        (
            "HTTPS_PROXY",
            "http://me:word@p.example:1",
            |e| e.proxy.as_ref().unwrap().to_string(),
            "http://me:word@p.example:1/",
        ),
    ];
    for (name, value, seen, expected) in table {
        // Another that is set does not hide it.
        let setup = Setup::new("").var("OPENAI_API_KEY", SECRET).var(name, value);
        let Target::Remote(remote) = setup.target().unwrap() else { panic!("{name}: there is a key") };
        assert_eq!(seen(&remote.endpoint), expected, "{name}");
    }
}

#[test]
fn a_key_of_openai_is_not_sent_to_a_known_provider_whose_address_is_given_by_hand() {
    for url in ["wss://api.x.ai/v1/realtime", "wss://mine.openai.azure.com/openai/v1/realtime"] {
        let setup = Setup::new("").flag("server.url", "--url", url).var("OPENAI_API_KEY", SECRET);
        let Target::Remote(remote) = setup.target().unwrap() else { panic!("a server was named") };
        assert!(remote.endpoint.key.is_none(), "{url}");
    }
}

#[test]
fn a_key_of_openai_is_sent_where_the_person_has_said_so_and_elsewhere_that_is_told() {
    let key = |setup: &Setup| match setup.target().unwrap() {
        Target::Remote(remote) => remote.endpoint.key.is_some(),
        Target::Offline => panic!("a server was named"),
    };
    let url = |url: &str| Setup::new("").flag("server.url", "--url", url).var("OPENAI_API_KEY", SECRET);
    let strange = url("wss://h.example/v1/realtime");
    assert!(!key(&strange));
    let told = strange.load().unwrap().withheld_key().unwrap();
    assert!(told.contains("is not sent to h.example") && !told.contains(SECRET), "{told}");
    let base = Setup::new("").var("OPENAI_BASE_URL", "https://h.example/v1").var("OPENAI_API_KEY", SECRET);
    // An unencrypted way is refused by the wire, for the key's sake.
    for at in
        ["ws://localhost:1", "wss://127.0.0.1:1", "wss://api.openai.com/v1/realtime", "ws://h.example/x"]
    {
        assert!(key(&url(at)), "{at}");
        assert_eq!(url(at).load().unwrap().withheld_key(), None, "{at}");
    }
    assert!(key(&base));
    assert_eq!(base.load().unwrap().withheld_key(), None);
}

#[test]
fn a_proxy_is_used_unless_the_server_is_excepted() {
    let proxy = |vars: &[(&str, &str)], url: &str| {
        let mut setup = Setup::new("").flag("server.url", "--url", url);
        for (name, value) in vars {
            setup = setup.var(name, value);
        }
        match setup.target().unwrap() {
            Target::Remote(remote) => remote.endpoint.proxy.map(|url| url.to_string()),
            Target::Offline => panic!("a server was named"),
        }
    };
    let set = ("HTTPS_PROXY", "p.example:3128");
    assert_eq!(proxy(&[set], "wss://a.example").as_deref(), Some("http://p.example:3128/"));
    assert_eq!(proxy(&[set], "ws://a.example"), None);
    assert_eq!(proxy(&[set], "wss://127.0.0.1"), None);
    for list in ["a.example", ".example", "*", "x, A.example:443", "*.example"] {
        assert_eq!(proxy(&[set, ("NO_PROXY", list)], "wss://a.example"), None, "{list}");
    }
    for list in ["b.example", "example.org", "a.example:8443", "aa.example"] {
        assert!(proxy(&[set, ("NO_PROXY", list)], "wss://a.example").is_some(), "{list}");
    }
    assert!(proxy(&[("REALTIME_CLI_PROXY", "http://q:1"), set], "wss://a.example").unwrap().contains("q:1"));
}

#[test]
fn instructions_come_from_the_named_file_or_are_built_in() {
    let setup = Setup::new("");
    assert!(setup.load().unwrap().instructions().unwrap().contains("task tools"));
    let path = setup.home.path().join("own.md");
    std::fs::write(&path, "Speak like a pirate.").unwrap();
    let own = Setup::new("").var("REALTIME_CLI_INSTRUCTIONS_FILE", path.to_str().unwrap()).load().unwrap();
    assert_eq!(own.instructions().unwrap(), "Speak like a pirate.");
    let gone = Setup::new("").var("REALTIME_CLI_INSTRUCTIONS_FILE", "/nowhere.md").load().unwrap();
    assert!(gone.instructions().unwrap_err().to_string().contains("/nowhere.md"));
}

#[test]
fn settings_are_what_the_values_say() {
    let settings = Setup::new(
        "mode = \"ptt\"\ntranscription.model = \"\"\n[vad]\nthreshold = 1\n[audio]\ninput = \"usb\"",
    )
    .var("REALTIME_CLI_DIALECT", "beta")
    .var("REALTIME_CLI_LOG_LEVEL", "debug")
    .load()
    .unwrap()
    .settings;
    assert_eq!(settings.mode, TurnMode::PushToTalk);
    assert_eq!(settings.server.dialect, Some(Dialect::Beta));
    assert_eq!(settings.transcription, TranscriptionSettings { model: None, language: None });
    assert_eq!(
        settings.vad,
        VadSettings { threshold: 1.0, silence_duration_ms: 500, prefix_padding_ms: 300 }
    );
    assert_eq!(
        settings.audio,
        AudioSettings {
            input: Some("usb".to_owned()),
            output: None,
            input_channel: None,
            buffer_ms: None,
            echo: EchoMode::Auto,
            noise_suppression: false,
            gain_control: false,
            barge_in: true,
            cues: true,
            volume: 1.0,
        }
    );
    assert_eq!((settings.log, settings.color), (LogLevel::Debug, ColorChoice::Auto));
}

#[test]
fn a_provider_brings_its_address_its_model_its_dialect_and_its_own_key() {
    let provider = |name: &str| Setup::new("").flag("server.provider", "--provider", name);
    let remote = |setup: Setup| match setup.target().unwrap() {
        Target::Remote(remote) => remote,
        Target::Offline => panic!("a provider was named"),
    };
    let xai = remote(provider("xai").var("OPENAI_API_KEY", SECRET).var("XAI_API_KEY", "xai-1"));
    assert_eq!(xai.endpoint.url.as_str(), "wss://api.x.ai/v1/realtime?model=grok-voice-latest");
    assert_eq!(xai.endpoint.key.unwrap().reveal(), "xai-1");
    assert!(xai.endpoint.quirks.flat_session);
    let qwen =
        remote(provider("qwen").var("DASHSCOPE_API_KEY", "d").flag("server.model", "--model", "other"));
    assert_eq!((qwen.rates, qwen.endpoint.dialect), ((16_000, 24_000), Dialect::Beta));
    assert!(qwen.endpoint.url.as_str().ends_with("model=other"));
}

#[test]
fn a_key_for_one_provider_is_never_sent_to_another() {
    let setup = Setup::new("").flag("server.provider", "--provider", "xai").var("OPENAI_API_KEY", SECRET);
    match setup.target().unwrap() {
        Target::Remote(remote) => assert!(remote.endpoint.key.is_none()),
        Target::Offline => panic!("a provider was named"),
    }
}

#[test]
fn an_address_of_a_known_host_is_spoken_to_as_its_provider_wants() {
    let url = "wss://mine.openai.azure.com/openai/v1/realtime";
    let setup = Setup::new("").flag("server.url", "--url", url).var("AZURE_OPENAI_API_KEY", "az");
    let Target::Remote(remote) = setup.target().unwrap() else { panic!("a server was named") };
    assert_eq!(remote.endpoint.key_place, crate::transport::auth::KeyPlace::Header("api-key".to_owned()));
    assert_eq!(remote.endpoint.key.unwrap().reveal(), "az");
}

#[test]
fn an_unknown_provider_and_a_variable_that_is_missing_are_told_with_what_there_is() {
    let error = |name: &str| {
        let setup = Setup::new("").flag("server.provider", "--provider", name);
        setup.target().unwrap_err().to_string()
    };
    assert!(error("opnai").contains("--provider") && error("opnai").contains("openai"));
    assert!(error("azure").contains("AZURE_OPENAI_RESOURCE"));
}
