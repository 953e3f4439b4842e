use std::cell::RefCell;
use std::collections::BTreeMap;

use super::*;
use crate::cli::Args;
use crate::config::{ConfigError, Environment, Target};
use crate::keyring::KeyringError;

const KEY: &str = "sk-sentinel-0123456789";

/// In memory; `None` is one that does not answer.
struct Fake(Option<RefCell<BTreeMap<String, String>>>);

impl Fake {
    fn answering() -> Self {
        Self(Some(RefCell::default()))
    }

    fn keys(&self) -> Result<&RefCell<BTreeMap<String, String>>, KeyringError> {
        self.0.as_ref().ok_or(KeyringError::Silent)
    }
}

impl Keyring for Fake {
    fn get(&self, host: &str) -> Result<Option<ApiKey>, KeyringError> {
        Ok(self.keys()?.borrow().get(host).map(|key| ApiKey::new(key).unwrap()))
    }

    fn set(&self, host: &str, key: &ApiKey) -> Result<(), KeyringError> {
        self.keys()?.borrow_mut().insert(host.to_owned(), key.reveal().to_owned());
        Ok(())
    }

    fn delete(&self, host: &str) -> Result<bool, KeyringError> {
        Ok(self.keys()?.borrow_mut().remove(host).is_some())
    }
}

struct Home(tempfile::TempDir);

impl Home {
    fn config(&self, arguments: &[&str], vars: &[(&str, &str)]) -> Config {
        let home = self.0.path().to_str().unwrap();
        let args = Args::read(["realtime-cli"].iter().chain(arguments)).unwrap();
        let vars = [("REALTIME_CLI_HOME", home)].into_iter().chain(vars.iter().copied());
        Config::load(&args.overrides(), &vars.collect::<Environment>()).unwrap()
    }
}

fn home() -> Home {
    Home(tempfile::tempdir().unwrap())
}

fn kept(config: &Config, keyring: &Fake, file: bool) -> Result<String, Failure> {
    let url = config.server_url()?;
    let mut out = Vec::new();
    keep(plausible(KEY, &url).unwrap(), &host_of(&url), file, config, keyring, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn key_of(config: &Config) -> Option<String> {
    match config.target() {
        Ok(Target::Offline) | Err(ConfigError::NoKey { .. }) => None,
        Ok(Target::Remote(remote)) => remote.endpoint.key.map(|key| key.reveal().to_owned()),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_key_in_a_file_is_for_its_owner_and_its_host_alone_and_found_again() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    let config = home.config(&["login", "--file"], &[]);
    assert_eq!(key_of(&config), None, "without a key it is the offline engine");
    let said = kept(&config, &Fake(None), true).unwrap();
    assert!(said.contains("the key for api.openai.com is in `") && !said.contains(KEY), "{said}");
    let mode = std::fs::metadata(config.keys_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let after = home.config(&[], &[]);
    assert_eq!(key_of(&after).as_deref(), Some(KEY));
    assert!(after.key_status().ends_with("keys.toml`, for api.openai.com"), "{}", after.key_status());
    assert!(!after.show().contains(KEY) && !format!("{after:?}").contains(KEY));
    for elsewhere in [
        &["--url", "wss://api.openai.com:444/v1"][..],
        &["--url", "wss://evil.example/v1/realtime"],
        &["--url", "wss://api.openai.com.evil.example/v1"],
        &["--provider", "xai"],
        &["--provider", "localai"],
    ] {
        assert_eq!(key_of(&home.config(elsewhere, &[])), None, "{elsewhere:?}");
    }
}

#[test]
fn the_environment_and_a_file_that_is_named_go_before_a_kept_key_and_that_is_told() {
    let home = home();
    let config = home.config(&["login"], &[]);
    kept(&config, &Fake(None), true).unwrap();
    let env = [("OPENAI_API_KEY", "sk-environment")];
    let said = kept(&home.config(&["login"], &env), &Fake(None), true).unwrap();
    assert!(said.ends_with("not in use as long as there is one from $OPENAI_API_KEY\n"), "{said}");
    let both = home.config(&[], &env);
    assert_eq!(key_of(&both).as_deref(), Some("sk-environment"));
    let file = home.0.path().join("key");
    std::fs::write(&file, "sk-from-file-000").unwrap();
    let named = home.config(&["--api-key-file", file.to_str().unwrap()], &env);
    assert_eq!(key_of(&named).as_deref(), Some("sk-from-file-000"));
    assert_eq!(named.key_status(), "from a file");
    assert!(named.warnings[0].contains("can be read by others; run `chmod 600`"), "{:?}", named.warnings);
}

#[test]
fn a_key_in_the_keyring_is_only_noted_in_the_file_and_removed_from_both() {
    let home = home();
    let keyring = Fake::answering();
    let config = home.config(&["login", "--provider", "xai"], &[]);
    let said = kept(&config, &keyring, false).unwrap();
    assert_eq!(said, "the key for api.x.ai is in the keyring\n");
    assert_eq!(keyring.get("api.x.ai").unwrap().unwrap().reveal(), KEY);
    let note = std::fs::read_to_string(config.keys_file()).unwrap();
    assert!(note.contains("keyring = true") && !note.contains(KEY), "{note}");
    let after = home.config(&["--provider", "xai"], &[]);
    assert_eq!(after.key_status(), "from the keyring, for api.x.ai");
    let mut out = Vec::new();
    let config = home.config(&["logout", "--provider", "xai"], &[]);
    assert_eq!(logout(&config, &keyring, &mut out).unwrap(), Exit::Ok);
    assert_eq!(String::from_utf8(out).unwrap(), "the key for api.x.ai is removed\n");
    assert_eq!(keyring.get("api.x.ai").unwrap(), None);
    assert!(!config.keys_file().exists());
    let again = logout(&config, &keyring, &mut Vec::new()).unwrap_err();
    assert_eq!(again.exit, Exit::NotFound);
}

#[test]
fn where_no_keyring_answers_the_way_by_a_file_is_told_and_nothing_is_noted() {
    let home = home();
    let config = home.config(&["login"], &[]);
    let error = kept(&config, &Fake(None), false).unwrap_err().message();
    assert!(error.contains("does not answer within 2 seconds") && error.contains("login --file"), "{error}");
    assert!(!config.keys_file().exists());
}

#[test]
fn what_is_hardly_a_key_is_refused_without_being_shown() {
    let openai = Url::parse("wss://api.openai.com/v1/realtime").unwrap();
    let other = Url::parse("wss://h.example/").unwrap();
    for (text, said) in [
        ("", "empty"),
        ("sk-1", "too short"),
        ("sk-with a space in it", "spaces"),
        ("Bearer sk-sentinel-0123456789", "without `Bearer`"),
        ("OPENAI_API_KEY=sk-sentinel-0123456789", "without `OPENAI_API_KEY=`"),
        ("\"sk-sentinel-0123456789\"", "without `\"`"),
        ("xai-sentinel-0123456789", "begins with `sk-`"),
    ] {
        let error = plausible(text, &openai).unwrap_err().to_string();
        assert!(error.contains(said) && !error.contains("sentinel"), "{error}");
    }
    assert!(plausible("xai-sentinel-0123456789\n", &other).is_ok());
    assert!(plausible("ek_sentinel-0123456789", &openai).is_ok());
}

#[test]
fn no_key_is_kept_for_an_address_to_which_it_would_go_unencrypted() {
    let home = home();
    let config = home.config(&["login", "--url", "ws://10.0.0.1/v1"], &[]);
    let refused =
        login(&LoginArgs { provider: None, url: None, file: true }, &config, &Fake(None), &mut Vec::new());
    assert_eq!(refused.unwrap_err().exit, Exit::Auth);
}

#[test]
fn a_keys_file_that_is_damaged_is_told_without_what_is_in_it() {
    let home = home();
    let config = home.config(&["login"], &[]);
    kept(&config, &Fake(None), true).unwrap();
    let path = config.keys_file();
    std::fs::write(&path, format!("[\"api.openai.com\"]\nkey = \"{KEY}")).unwrap();
    let error = home.config(&[], &[]).target().unwrap_err().to_string();
    assert!(error.contains("keys.toml") && !error.contains("sentinel"), "{error}");
    std::fs::write(&path, "[\"api.openai.com\"]\nkey = 7").unwrap();
    assert!(home.config(&[], &[]).target().is_err());
}
