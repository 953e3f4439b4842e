use proptest::prelude::*;

use super::*;

const LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn head(headers: &[(&str, &str)]) -> RequestHead {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    RequestHead { path: "/v1/realtime".to_owned(), query: None, headers }
}

fn check(token: Option<&str>, headers: &[(&str, &str)]) -> Result<(), Denied> {
    Access { token: token.map(Token::new) }.check(&head(headers), LOCAL)
}

#[test]
fn a_token_opens_in_every_way_that_clients_have() {
    for (name, value) in [
        ("authorization", "Bearer s3cret"),
        ("authorization", "bearer  s3cret "),
        ("api-key", "s3cret"),
        ("sec-websocket-protocol", "realtime, openai-insecure-api-key.s3cret"),
    ] {
        assert_eq!(
            check(Some("s3cret"), &[("host", "localhost:1"), (name, value)]),
            Ok(()),
            "{name}: {value}"
        );
    }
}

#[test]
fn without_the_right_token_the_door_stays_shut() {
    for headers in [
        &[("host", "localhost")][..],
        &[("host", "localhost"), ("authorization", "Bearer wrong")],
        &[("host", "localhost"), ("authorization", "Basic s3cret")],
        &[("host", "localhost"), ("authorization", "s3cret")],
        &[("host", "localhost"), ("api-key", "s3cret2")],
        &[("host", "localhost"), ("api-key", "")],
    ] {
        let denied = check(Some("s3cret"), headers);
        assert_eq!((denied, denied.expect_err("denied").status()), (Err(Denied::Token), 401), "{headers:?}");
    }
    assert_eq!(check(None, &[("host", "localhost")]), Ok(()));
}

#[test]
fn only_names_of_this_machine_are_hosts() {
    for host in
        ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.9.9.9", "[::1]:80", "[::ffff:127.0.0.1]:80"]
    {
        assert_eq!(check(None, &[("host", host)]), Ok(()), "{host}");
    }
    for host in [
        "evil.example",
        "localhost.evil.example:80",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]:1",
        "",
        "[::1",
        "127.0.0.1.nip.io",
    ] {
        let denied = check(None, &[("host", host)]);
        assert_eq!((denied, denied.expect_err("denied").status()), (Err(Denied::Host), 403), "{host}");
    }
    assert_eq!(check(None, &[]), Err(Denied::Host));
    assert_eq!(check(None, &[("host", "localhost"), ("host", "evil.example")]), Err(Denied::Host));
    let local = "192.168.1.7".parse().expect("address");
    assert_eq!(Access::default().check(&head(&[("host", "192.168.1.7:9")]), local), Ok(()));
}

#[test]
fn pages_from_elsewhere_are_turned_away_even_with_the_token() {
    let from = |origin| check(Some("s"), &[("host", "localhost"), ("api-key", "s"), ("origin", origin)]);
    for origin in ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:5"] {
        assert_eq!(from(origin), Ok(()), "{origin}");
    }
    for origin in
        ["https://evil.example", "null", "", "file://", "http://localhost.evil.example", "ws://localhost"]
    {
        assert_eq!(from(origin), Err(Denied::Origin), "{origin}");
    }
}

#[test]
fn the_dialect_and_the_subprotocol_come_from_the_request() {
    assert!(head(&[("openai-beta", "realtime=v1")]).is_beta());
    assert!(head(&[("openai-beta", "assistants=v2, realtime=v1")]).is_beta());
    assert!(head(&[("sec-websocket-protocol", "realtime, openai-beta.realtime-v1")]).is_beta());
    assert!(!head(&[("openai-beta", "realtime=v2")]).is_beta());
    assert_eq!(head(&[("sec-websocket-protocol", "a, realtime")]).subprotocol(), Some("realtime"));
    assert_eq!(head(&[("sec-websocket-protocol", "openai-insecure-api-key.k")]).subprotocol(), None);
    let query = RequestHead { query: Some("x=1&model=gpt%2Drealtime".to_owned()), ..RequestHead::default() };
    assert_eq!(query.query_value("model").as_deref(), Some("gpt-realtime"));
    assert_eq!(query.query_value("call_id"), None);
}

#[test]
fn a_random_token_has_128_bits_and_does_not_show_itself() {
    let (one, other) = (Token::random().expect("randomness"), Token::random().expect("randomness"));
    assert_eq!(one.reveal().len(), 32);
    assert!(one.reveal().chars().all(|c| c.is_ascii_hexdigit()));
    assert_ne!(one.reveal(), other.reveal());
    let shown = format!("{:?}", Access { token: Some(one.clone()) });
    assert!(!shown.contains(one.reveal()), "{shown}");
}

proptest! {
    #[test]
    fn only_the_whole_token_opens(given in "[ -~]{0,40}") {
        let token = "0123456789abcdef0123456789abcdef";
        let result = check(Some(token), &[("host", "localhost"), ("api-key", &given)]);
        prop_assert_eq!(result.is_ok(), given.trim() == token);
    }

    #[test]
    fn no_header_makes_the_check_panic(host: String, origin: String, authorization: String) {
        let _ = check(Some("t"), &[("host", &host), ("origin", &origin), ("authorization", &authorization)]);
    }
}
