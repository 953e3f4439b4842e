use super::*;

fn env(vars: &[(&str, &str)]) -> Environment {
    vars.iter().copied().collect()
}

#[test]
fn every_known_server_has_an_address_that_can_be_called() {
    let env = env(&[("AZURE_OPENAI_RESOURCE", "mine"), ("AZURE_OPENAI_DEPLOYMENT", "voice")]);
    for provider in Providers::built_in().0.values() {
        let url = Url::parse(&provider.url(&env).unwrap()).unwrap();
        assert!(["ws", "wss"].contains(&url.scheme()) && url.path().contains("realtime"), "{url}");
        // A key goes in clear text to this machine only.
        assert!(
            url.scheme() == "wss" || ["localhost", "127.0.0.1"].contains(&url.host_str().unwrap()),
            "{url}"
        );
    }
}

#[test]
fn a_missing_variable_is_named_and_one_that_would_change_the_host_is_refused() {
    let providers = Providers::built_in();
    let azure = providers.named("azure").unwrap();
    assert!(azure.url(&env(&[])).unwrap_err().contains("AZURE_OPENAI_RESOURCE"));
    assert!(azure.url(&env(&[("AZURE_OPENAI_RESOURCE", "evil.example/x?")])).is_err());
    assert_eq!(
        azure.url(&env(&[("AZURE_OPENAI_RESOURCE", "mine")])).unwrap(),
        "wss://mine.openai.azure.com/openai/v1/realtime"
    );
}

#[test]
fn a_server_is_known_by_its_host_and_not_by_a_part_of_it() {
    let providers = Providers::built_in();
    let of = |url: &str| providers.of(&Url::parse(url).unwrap()).map(|provider| provider.name.as_str());
    assert_eq!(of("wss://api.x.ai/v1/realtime"), Some("xai"));
    assert_eq!(of("wss://mine.openai.azure.com/openai/v1/realtime"), Some("azure"));
    assert_eq!(of("wss://openai.azure.com/"), None);
    assert_eq!(of("wss://evil-api.x.ai/"), None);
    assert_eq!(of("wss://api.x.ai.evil.example/"), None);
    assert_eq!(of("ws://localhost:8080/v1/realtime"), None);
}

#[test]
fn a_persons_own_table_adds_and_replaces() {
    let own = Providers::parse(
        "[mine]\nurl = \"wss://h.example/realtime\"\nauth = \"header:X-Key\"\ninput_rate = 16000\n\
         [openai]\nurl = \"wss://proxy.example/v1/realtime\"\nauth = \"none\"",
    )
    .unwrap();
    let providers = Providers::built_in().with(own);
    let mine = providers.named("mine").unwrap();
    assert_eq!((mine.rates, &mine.key_place), ((16_000, 24_000), &KeyPlace::Header("x-key".to_owned())));
    assert_eq!(providers.named("openai").unwrap().url, "wss://proxy.example/v1/realtime");
}

#[test]
fn a_wrong_table_and_an_unknown_name_are_told() {
    for (text, part) in [
        ("[a]\nurl = \"x\"", "auth"),
        ("[a]\nurl = \"x\"\nauth = \"magic\"", "a: `auth` is bearer"),
        ("[a]\nurl = \"x\"\nauth = \"header:a b\"", "`auth` is bearer"),
        ("[a]\nurl = \"x\"\nauth = \"none\"\ninput_rate = 5", "no rate for speech"),
        ("[a]\nurl = \"x\"\nauth = \"none\"\nsession = \"round\"", "`flat`"),
        ("[a]\nurl = \"x\"\nauth = \"none\"\ncolour = 1", "colour"),
    ] {
        let error = Providers::parse(text).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
    assert!(Providers::built_in().named("opnai").unwrap_err().contains("openai"));
}
