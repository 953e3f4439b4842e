use super::scripted::{Answer, Scripted};
use super::*;

const SERVICE: Service =
    Service { name: "language model", setting: "offline.chat_url", key: "THE_KEY", path: "/v1/x" };
const PATIENCE: Patience = Patience { connect: Duration::from_secs(5), silence: Duration::from_secs(20) };
const SECRET: &str = "sk-sentinel-0123456789";

fn client(server: &Scripted, key: Option<&str>) -> Client {
    Client::new(server.endpoint("/v1/x", key), PATIENCE)
}

fn get(client: &Client) -> Result<Vec<u8>, HttpError> {
    client.fetch(Request::get(&client.endpoint().url.clone()), 1 << 20)
}

#[test]
fn an_answer_comes_whole_and_the_key_goes_in_its_header_alone() {
    let server = Scripted::new(vec![Answer::json("200 OK", "{}")]);
    let client = client(&server, Some(SECRET));
    assert_eq!(get(&client).unwrap(), b"{}");
    let asked = server.asked();
    assert!(asked.head.starts_with("GET /v1/x HTTP/1.1\r\n"), "{}", asked.head);
    assert!(asked.head.to_lowercase().contains(&format!("authorization: bearer {SECRET}")), "{}", asked.head);
    assert!(!format!("{client:?}").contains(SECRET));
}

#[test]
fn with_a_key_a_redirect_is_told_and_not_followed() {
    let redirect = "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/steal\r\n\
        Content-Length: 0\r\nConnection: close\r\n\r\n";
    let server = Scripted::new(vec![Answer::raw(redirect)]);
    let error = get(&client(&server, Some(SECRET))).unwrap_err();
    assert_eq!(error, HttpError::Redirected("http://127.0.0.1:9/steal".to_owned()));
}

#[test]
fn a_key_is_not_sent_in_clear_text_to_another_machine() {
    for address in ["http://192.0.2.1/v1/x", "http://host.invalid/v1/x"] {
        let endpoint = Endpoint {
            url: Url::parse(address).unwrap(),
            key: Some(ApiKey::new(SECRET).unwrap()),
            proxy: None,
        };
        let client = Client::new(endpoint, PATIENCE);
        let error = get(&client).unwrap_err();
        assert_eq!(error, HttpError::ClearText);
        let words = SERVICE.explain(&error, client.endpoint(), "m");
        assert!(words.contains("THE_KEY") && !words.contains(SECRET), "{words}");
    }
}

#[test]
fn a_server_that_echoes_the_key_does_not_get_it_shown() {
    let server = Scripted::new(vec![Answer::new("401 No", "text/plain", format!("bad key {SECRET}"))]);
    let client = client(&server, Some(SECRET));
    let error = get(&client).unwrap_err();
    let words = SERVICE.explain(&error, client.endpoint(), "m");
    assert!(words.contains("check `THE_KEY`") && words.contains("bad key [key]"), "{words}");
    assert!(!format!("{error:?}{words}").contains(SECRET));
}

#[test]
fn a_proxy_gets_the_request_when_one_is_set() {
    let server = Scripted::new(vec![Answer::raw("HTTP/1.1 407 Proxy\r\nConnection: close\r\n\r\n")]);
    let proxy = server.endpoint("", None).url;
    let url = Url::parse("https://models.invalid/a.bin").unwrap();
    let client = Client::new(Endpoint { url, key: None, proxy: Some(proxy) }, PATIENCE);
    get(&client).unwrap_err();
    let asked = server.asked();
    assert!(asked.head.starts_with("CONNECT models.invalid:443"), "{}", asked.head);
}

#[test]
fn who_has_enough_gets_rid_of_a_server_that_hangs() {
    let server = Scripted::new(vec![Answer::events(&["1"]).then_hangs()]);
    let client = client(&server, None);
    let request = Request::get(&client.endpoint().url.clone());
    let mut bytes = 0;
    let end = client.exchange(request, &mut |event| match event {
        Event::Head(_) => ControlFlow::Continue(()),
        Event::Body(piece) => {
            bytes += piece.len();
            ControlFlow::Continue(())
        }
        Event::Waiting if bytes > 0 => ControlFlow::Break(()),
        Event::Waiting => ControlFlow::Continue(()),
    });
    assert_eq!((end, bytes), (Ok(()), b"data: 1\n\n".len()));
    server.client_has_gone();
}

#[test]
fn silence_and_an_early_end_are_told_apart() {
    let server = Scripted::new(vec![
        Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n").then_hangs(),
        Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n1234"),
    ]);
    let patience = Patience { silence: Duration::from_millis(30), ..PATIENCE };
    let silent = Client::new(server.endpoint("/", None), patience);
    assert_eq!(get(&silent).unwrap_err(), HttpError::Silent(patience.silence));
    assert_eq!(get(&client(&server, None)).unwrap_err(), HttpError::Cut);
}

#[test]
fn an_answer_that_is_too_long_is_not_kept() {
    let server = Scripted::new(vec![Answer::new("200 OK", "text/plain", [b'x'; 2_000])]);
    let client = client(&server, None);
    let error = client.fetch(Request::get(&client.endpoint().url.clone()), 1_000).unwrap_err();
    assert!(matches!(error, HttpError::Other(_)), "{error:?}");
}

#[test]
fn what_went_wrong_is_told_with_its_cure() {
    let endpoint = |address: &str, key: Option<&str>| Endpoint {
        url: Url::parse(address).unwrap(),
        key: key.map(|key| ApiKey::new(key).unwrap()),
        proxy: None,
    };
    let ollama = endpoint("http://localhost:11434/v1/chat/completions", None);
    let remote = endpoint("https://h.example/v1/chat/completions", Some(SECRET));
    let status = |status: u16, body: &str| HttpError::Status { status, body: body.to_owned() };
    let no_model =
        r#"{"error":{"message":"model \"m\" not found, try pulling it first","type":"api_error"}}"#;
    let no_tools = r#"{"error":{"message":"registry.ollama.ai/library/m does not support tools"}}"#;
    let cases = [
        (HttpError::Refused, &ollama),
        (HttpError::Refused, &remote),
        (HttpError::NoHost, &remote),
        (HttpError::Silent(Duration::from_secs(120)), &ollama),
        (HttpError::Cut, &ollama),
        (HttpError::Redirected("https://other.example/".to_owned()), &remote),
        (HttpError::Tls("invalid peer certificate: Expired".to_owned()), &remote),
        (status(401, r#"{"error":{"message":"Incorrect API key provided"}}"#), &remote),
        (status(401, ""), &ollama),
        (status(404, no_model), &ollama),
        (
            status(404, r#"{"error":{"message":"The model `m` does not exist","code":"model_not_found"}}"#),
            &remote,
        ),
        (status(404, "404 page not found"), &ollama),
        (status(400, no_tools), &ollama),
        (status(400, r#"{"detail":[{"msg":"maximum context length is 4096"}]}"#), &remote),
        (status(429, r#"{"error":{"message":"You exceeded your current quota"}}"#), &remote),
        (status(503, r#"{"error":{"message":"Loading model","code":503}}"#), &remote),
        (status(500, "<html>oops</html>"), &remote),
        (status(418, "\u{1b}[31mteapot\n"), &remote),
    ];
    let behind =
        Endpoint { proxy: Some(Url::parse("http://me:pw@p.example:3128").unwrap()), ..remote.clone() };
    let cases = cases.into_iter().chain([(HttpError::Refused, &behind)]);
    let told: Vec<_> = cases.map(|(error, endpoint)| SERVICE.explain(&error, endpoint, "m")).collect();
    insta::assert_snapshot!(told.join("\n"));
}
