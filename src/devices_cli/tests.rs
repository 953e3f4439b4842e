use super::*;
use crate::config::{Environment, Overrides, paths};

fn entry(id: &str, name: &str, direction: Direction, is_default: bool) -> DeviceEntry {
    DeviceEntry {
        id: id.to_owned(),
        name: name.to_owned(),
        direction,
        is_default,
        rate: 48_000,
        channels: if direction == Direction::Input { 1 } else { 2 },
        format: "f32".to_owned(),
        rates: (8_000, 192_000),
    }
}

fn entries() -> Vec<DeviceEntry> {
    vec![
        entry("pulseaudio:built-in", "Built-in", Direction::Input, true),
        entry("pulseaudio:usb", "USB \u{1b}[2JMicrophone", Direction::Input, false),
        entry("alsa:default", "Built-in", Direction::Input, false),
        entry("pulseaudio:speaker", "Speaker", Direction::Output, true),
        entry("coreaudio:7", "Default", Direction::Output, false),
    ]
}

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn config(&self) -> Config {
        self.config_with(&[])
    }

    fn config_with(&self, more: &[(&str, &str)]) -> Config {
        let home = self.0.path().to_str().unwrap();
        let env: Environment = more.iter().copied().chain([("REALTIME_CLI_HOME", home)]).collect();
        Config::load(&Overrides::default(), &env).unwrap()
    }

    fn choose(&self, input: Option<&str>, output: Option<&str>) -> Result<String, Failure> {
        chosen(&self.config(), input, output)
    }
}

/// What is said to a choice.
fn chosen(config: &Config, input: Option<&str>, output: Option<&str>) -> Result<String, Failure> {
    let mut out = Vec::new();
    let wanted = UseArgs { input: input.map(str::to_owned), output: output.map(str::to_owned) };
    remember(&entries(), &wanted, config, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn the_list_marks_what_is_used_and_has_no_control_characters() {
    let choice = DeviceChoice { input: Some("usb".to_owned()), ..DeviceChoice::default() };
    let text = to_text(&entries(), &choice);
    assert!(text.starts_with("Microphones:\n  Built-in (default)\n    pulseaudio:built-in\n"), "{text}");
    assert!(text.contains("    48000 Hz, 1 channel, f32, takes 8000 to 192000\n"), "{text}");
    assert!(text.contains("\n* USB "), "{text}");
    assert!(text.contains("\n* Speaker (default)\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_choice_that_is_not_there_is_named_in_the_list() {
    let choice = DeviceChoice { output: Some("hdmi".to_owned()), ..DeviceChoice::default() };
    assert!(to_text(&entries(), &choice).contains("`hdmi` is asked for, but not there"));
    assert!(to_text(&[], &choice).starts_with("no sound devices were found"));
}

#[test]
fn the_json_list_has_a_version_and_every_field() {
    let json = to_json(&entries(), &DeviceChoice::default());
    assert_eq!(json["v"], 1);
    let expected = json!({
        "id": "pulseaudio:speaker", "name": "Speaker", "direction": "output", "default": true, "used": true,
        "rate": 48_000, "channels": 2, "format": "f32", "min_rate": 8_000, "max_rate": 192_000,
    });
    assert_eq!(json["devices"][3], expected);
    assert_eq!(json["devices"][1]["used"], false);
}

#[test]
fn a_choice_is_remembered_by_its_name_where_that_tells_it_and_by_its_id_where_not() {
    let home = Home::new();
    assert!(home.choose(Some("usb"), Some("speaker")).unwrap().contains("the speaker is now `Speaker`"));
    let audio = home.config().settings.audio;
    assert_eq!(
        (audio.input.unwrap().as_str(), audio.output.as_deref()),
        (entries()[1].name.as_str(), Some("Speaker"))
    );
    home.choose(Some("alsa:default"), None).unwrap();
    let audio = home.config().settings.audio;
    assert_eq!((audio.input.as_deref(), audio.output.as_deref()), (Some("alsa:default"), Some("Speaker")));
    home.choose(Some("default"), None).unwrap();
    let audio = home.config().settings.audio;
    assert_eq!((audio.input, audio.output.as_deref()), (None, Some("Speaker")));
}

#[test]
fn a_choice_that_the_environment_goes_before_is_told_with_the_cure() {
    let home = Home::new();
    let config = home.config_with(&[
        ("REALTIME_CLI_AUDIO_INPUT", "built\u{1b}"),
        ("REALTIME_CLI_AUDIO_OUTPUT", "Speaker"),
    ]);
    let said = chosen(&config, Some("alsa:default"), Some("speaker")).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("the microphone `alsa:default` is remembered, but"), "{said}");
    assert!(lines[0].contains("`$REALTIME_CLI_AUDIO_INPUT` sets `audio.input` to `built"), "{said}");
    assert!(lines[0].ends_with("which is used: unset it") && !said.contains('\u{1b}'), "{said}");
    assert_eq!(lines[1], "the speaker is now `Speaker`", "both say the same");
}

#[test]
fn a_settings_file_that_still_names_a_device_is_told_when_a_choice_is_forgotten() {
    let home = Home::new();
    let paths = home.config().paths;
    paths::private_dir(&paths.config_dir).unwrap();
    std::fs::write(paths.config_file(), "[audio]\ninput = \"usb\"\noutput = \"default\"\n").unwrap();
    assert_eq!(home.choose(Some("alsa:default"), None).unwrap(), "the microphone is now `alsa:default`\n");
    let said = home.choose(Some("default"), Some("default")).unwrap();
    let file = paths.config_file();
    let told = format!("but `{}` sets `audio.input` to `usb`, which is used: take the", file.display());
    assert!(said.starts_with("no microphone is remembered any more, ") && said.contains(&told), "{said}");
    assert!(said.ends_with("the speaker is now the system's default\n"), "{said}");
}

#[test]
fn a_device_that_is_called_as_the_default_is_chosen_and_remembered_by_its_id() {
    let home = Home::new();
    home.choose(None, Some("coreaudio:7")).unwrap();
    let choice = choice(&home.config().settings.audio);
    let used = audio::used(&entries(), Direction::Output, &choice).map(|entry| entry.name.clone());
    assert_eq!(used.as_deref(), Some("Default"));
    home.choose(None, Some("Default")).unwrap();
    assert_eq!(home.config().settings.audio.output, None);
}

#[test]
fn what_is_not_there_is_not_remembered_and_what_is_there_is_told() {
    let home = Home::new();
    let failure = home.choose(Some("bluetooth"), None).unwrap_err();
    assert_eq!(failure.exit, Exit::NotFound);
    assert!(failure.message().starts_with("no microphone is called `bluetooth`; there is `Built-in`, "));
    assert_eq!(home.config().settings.audio.input, None);
}

#[test]
fn a_choice_while_a_conversation_runs_is_used_and_remembered() {
    let home = Home::new();
    let choose = |config: &Config, wanted| super::choose(&entries(), Direction::Output, wanted, config);
    let (choice, said) = choose(&home.config(), "speak").unwrap();
    assert_eq!((choice.as_deref(), said.as_str()), (Some("Speaker"), "the speaker is now `Speaker`"));
    assert_eq!(home.config().settings.audio.output.as_deref(), Some("Speaker"));
    let (choice, said) = choose(&home.config(), "default").unwrap();
    assert_eq!((choice, said.as_str()), (None, "the speaker is now the system's default"));
    assert!(choose(&home.config(), "hdmi").unwrap_err().contains("there is `Speaker`"));
    let stubborn = home.config_with(&[("REALTIME_CLI_AUDIO_OUTPUT", "coreaudio:7")]);
    let (choice, said) = choose(&stubborn, "speak").unwrap();
    assert_eq!(choice.as_deref(), Some("Speaker"), "for this run all the same");
    assert!(said.contains("for this run: ") && said.contains("`$REALTIME_CLI_AUDIO_OUTPUT` sets"), "{said}");
}
