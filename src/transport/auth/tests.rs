use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn a_key_never_prints_itself() {
    let key = ApiKey::new(" sk-sentinel\n").unwrap();
    assert_eq!(key.reveal(), "sk-sentinel");
    assert_eq!(format!("{key:?} {key} {:?}", Some(&key)), "ApiKey(***) *** Some(ApiKey(***))");
    assert_eq!(key.redact("bad key sk-sentinel!"), "bad key [key]!");
}

#[test]
fn a_frame_loses_the_key_and_nothing_that_only_looks_like_one() {
    let frame = r#"{"type":"error","error":{"message":"bad sk-sentinel-01"}}"#;
    let of = |key| ApiKey::new(key).unwrap().redact_frame(frame).into_owned();
    assert_eq!(of("sk-sentinel-01"), frame.replace("sk-sentinel-01", "[key]"));
    assert_eq!(of("error"), frame);
}

#[test]
fn what_cannot_be_a_key_is_refused_without_being_repeated() {
    assert_eq!(ApiKey::new("  \n").unwrap_err(), KeyError::Empty);
    for text in ["a b", "a\r\nX-Evil: 1", "sk-ü", "a\0"] {
        let error = ApiKey::new(text).unwrap_err();
        assert_eq!(error, KeyError::Malformed);
        assert!(!error.to_string().contains(text));
    }
}

#[test]
fn a_key_goes_over_clear_text_to_this_machine_only() {
    for good in [
        "wss://api.openai.com/v1/realtime",
        "wss://10.0.0.1",
        "ws://127.0.0.1:1",
        "ws://127.9.9.9",
        "ws://[::1]:9",
        "ws://localhost:1",
        "ws://LOCALHOST",
        "ws://a.localhost",
        "ws://[::ffff:127.0.0.1]",
        "ws://0x7f.1/",
    ] {
        assert_eq!(may_send_key(&url(good)), Ok(()), "{good}");
    }
    for bad in [
        "ws://10.0.0.1",
        "ws://example.com",
        "ws://localhost.example.com",
        "ws://[::2]",
        "ws://127.0.0.1.example.com",
        "ws://0.0.0.0",
        "ws://localhost@example.com",
    ] {
        let error = may_send_key(&url(bad)).unwrap_err();
        assert!(error.to_string().contains("wss://"), "{bad}");
    }
}

#[test]
fn a_shown_address_has_no_secrets() {
    let shown =
        displayed(&url("wss://user:secret1@h.example/x?model=m&api-key=secret2&api-version=1#secret3"));
    assert_eq!(shown, "wss://h.example/x?model=m&api-key=***&api-version=1");
    assert_eq!(displayed(&url("ws://localhost:1/v1/realtime")), "ws://localhost:1/v1/realtime");
}
