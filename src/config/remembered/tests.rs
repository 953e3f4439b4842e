use super::super::{Config, Environment, Overrides};
use super::*;

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn load(&self, more: &[(&str, &str)]) -> Config {
        let home = self.0.path().to_str().unwrap();
        let env: Environment = more.iter().copied().chain([("REALTIME_CLI_HOME", home)]).collect();
        Config::load(&Overrides::default(), &env).unwrap()
    }

    fn remember(&self, text: &str) {
        let file = path(&self.load(&[]).paths);
        paths::private_dir(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
}

fn usb() -> Remembered {
    Remembered { input: Some("USB".to_owned()), output: None }
}

#[test]
fn what_is_written_is_read_again() {
    let home = Home::new();
    let paths = home.load(&[]).paths;
    assert_eq!(read(&paths), Ok(Remembered::default()));
    for remembered in [usb(), Remembered::default()] {
        write(&paths, &remembered).unwrap();
        assert_eq!(read(&paths), Ok(remembered));
    }
    let both = Remembered { output: Some("a \"quoted\"\nname".to_owned()), ..usb() };
    write(&paths, &both).unwrap();
    assert_eq!(read(&paths), Ok(both));
}

#[test]
fn a_remembered_device_goes_before_the_settings_file_and_after_the_environment() {
    let home = Home::new();
    let paths = home.load(&[]).paths;
    write(&paths, &usb()).unwrap();
    paths::private_dir(&paths.config_dir).unwrap();
    std::fs::write(paths.config_file(), "[audio]\ninput = \"file\"\noutput = \"file\"\n").unwrap();
    let config = home.load(&[]);
    assert_eq!(config.settings.audio.input.as_deref(), Some("USB"));
    assert_eq!(config.settings.audio.output.as_deref(), Some("file"));
    assert_eq!(config.origin("audio.input"), &Origin::Remembered(path(&paths)));
    assert!(config.show().contains("devices.toml"), "{}", config.show());
    let config = home.load(&[("REALTIME_CLI_AUDIO_INPUT", "env")]);
    assert_eq!(config.settings.audio.input.as_deref(), Some("env"));
}

#[test]
fn a_damaged_file_is_a_warning_and_no_setting() {
    for text in ["audio = [", "[audio]\ninput = 3", "voice = \"x\"", "[audio]\ninput = \"USB\"\nvolume = 0.1"]
    {
        let home = Home::new();
        home.remember(text);
        let config = home.load(&[]);
        assert_eq!(config.settings.audio.input, None, "{text}");
        assert!(matches!(&config.warnings[..], [w] if w.contains("devices.toml")), "{:?}", config.warnings);
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let paths = Home::new().load(&[]).paths;
    write(&paths, &usb()).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path(&paths)), mode(&paths.state_dir)), (0o600, 0o700));
}
