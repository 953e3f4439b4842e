#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::large_futures,
    reason = "a test names the one event it wants"
)]

use std::future::Future;
use std::sync::Mutex;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::socket::{Frame, Limits, Refusal, RequestHead, Socket};
use super::*;
use crate::pcm::Pcm16;
use crate::protocol::ServerEvent;

const SECRET: &str = "sk-sentinel-0123";
const MS: Duration = Duration::from_millis(1);

/// A server at hand, one connection at a time.
struct Host {
    listener: TcpListener,
    url: Url,
}

impl Host {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/v1/realtime?model=m", listener.local_addr().unwrap());
        Self { listener, url: Url::parse(&url).unwrap() }
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::plain(self.url.clone())
    }

    fn keyed(&self) -> Endpoint {
        Endpoint { key: Some(ApiKey::new(SECRET).unwrap()), ..self.endpoint() }
    }

    async fn stream(&self) -> TcpStream {
        self.listener.accept().await.unwrap().0
    }

    async fn accept(&self) -> Socket {
        socket::accept(self.stream().await, &Limits::default(), |_| Ok(())).await.unwrap()
    }

    /// Answers one request by hand.
    async fn answer(&self, answer: &str) {
        let mut stream = self.stream().await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    }
}

fn quick(endpoint: Endpoint) -> LinkConfig {
    let mut config = LinkConfig::new(endpoint, 1);
    config.backoff.base = MS;
    config
}

/// The next event that is no `Connecting`.
async fn next(events: &mut LinkEvents) -> LinkEvent {
    loop {
        match events.recv().await.expect("the link goes on") {
            LinkEvent::Connecting { .. } => {}
            event => return event,
        }
    }
}

async fn connected(events: &mut LinkEvents) {
    assert_eq!(next(events).await, LinkEvent::Connected);
}

async fn reason(events: &mut LinkEvents) -> String {
    match next(events).await {
        LinkEvent::Lost { reason, .. } => reason,
        event => panic!("{event:?}"),
    }
}

async fn fatal(events: &mut LinkEvents) -> LinkError {
    let error = match next(events).await {
        LinkEvent::Fatal(error) => error,
        event => panic!("{event:?}"),
    };
    assert_eq!(events.recv().await, None, "it is the last event");
    error
}

/// Runs the server's side beside the test's until the latter is done.
async fn beside<T>(server: impl Future<Output = ()>, test: impl Future<Output = T>) -> T {
    tokio::pin!(test);
    tokio::select! {
        done = &mut test => done,
        () = server => test.await,
    }
}

fn message(id: &str) -> ClientMessage {
    ClientMessage { event_id: Some(id.into()), event: ClientEvent::ResponseCancel { response_id: None } }
}

fn sound() -> ClientMessage {
    let audio = (&Pcm16::silence(480)).into();
    ClientMessage { event_id: None, event: ClientEvent::InputAudioBufferAppend { audio } }
}

async fn json(socket: &mut Socket) -> Value {
    match socket.recv().await {
        Some(Ok(Frame::Text(text))) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Which headers a server sees of this endpoint.
async fn headers(host: &Host, endpoint: Endpoint) -> [Option<String>; 4] {
    let (_handle, mut events) = Link::spawn(quick(endpoint));
    let seen = Mutex::new(Default::default());
    let server = async {
        let check = |head: &RequestHead<'_>| {
            let names = ["authorization", "openai-beta", "openai-organization", "openai-project"];
            *seen.lock().unwrap() = names.map(|name| head.header(name).map(str::to_owned));
            assert_eq!((head.path, head.query), ("/v1/realtime", Some("model=m")));
            Ok(())
        };
        socket::accept(host.stream().await, &Limits::default(), check).await.unwrap();
    };
    beside(server, connected(&mut events)).await;
    seen.into_inner().unwrap()
}

#[tokio::test]
async fn the_key_and_its_company_are_sent_as_headers_and_only_when_there() {
    let host = Host::new().await;
    assert_eq!(headers(&host, host.endpoint()).await, [const { None }; 4]);
    let full = Endpoint {
        organization: Some("org".to_owned()),
        project: Some("proj".to_owned()),
        dialect: Dialect::Beta,
        ..host.keyed()
    };
    let expected = [&format!("Bearer {SECRET}"), "realtime=v1", "org", "proj"];
    assert_eq!(headers(&host, full).await, expected.map(|text| Some(text.to_owned())));
}

#[tokio::test]
async fn the_key_is_never_sent_in_clear_text_beyond_this_machine() {
    for url in ["ws://192.0.2.1:9/v1/realtime", "ws://host.invalid/"] {
        let endpoint =
            Endpoint { key: Some(ApiKey::new(SECRET).unwrap()), ..Endpoint::plain(Url::parse(url).unwrap()) };
        let (_handle, mut events) = Link::spawn(quick(endpoint));
        let error = fatal(&mut events).await;
        assert!(matches!(error, LinkError::ClearText(_)) && error.is_auth(), "{error}");
    }
}

#[tokio::test]
async fn messages_pass_both_ways() {
    let host = Host::new().await;
    let (handle, mut events) = Link::spawn(quick(host.endpoint()));
    assert_eq!(handle.send(message("early")), Err(SendError::Down));
    let server = async {
        let mut socket = host.accept().await;
        assert_eq!(json(&mut socket).await, json!({"type": "response.cancel", "event_id": "e1"}));
        socket.send(json!({"type": "x.new", "event_id": "s1"}).to_string()).unwrap();
        socket.recv().await;
    };
    let event = beside(server, async {
        connected(&mut events).await;
        handle.send(message("e1")).unwrap();
        next(&mut events).await
    })
    .await;
    let LinkEvent::Message(message) = event else { panic!("{event:?}") };
    assert_eq!(message.event_id, Some("s1".into()));
    assert_eq!(message.event, ServerEvent::Unknown { kind: "x.new".to_owned(), problem: None });
}

#[tokio::test]
async fn a_lost_connection_is_told_and_made_again() {
    let host = Host::new().await;
    let (_handle, mut events) = Link::spawn(quick(host.endpoint()));
    let server = async {
        drop(host.accept().await);
        host.accept().await.recv().await;
    };
    let seen = beside(server, async {
        let mut seen = Vec::new();
        while seen.len() < 5 {
            seen.push(events.recv().await.unwrap());
        }
        seen
    })
    .await;
    assert_eq!(seen[..2], [LinkEvent::Connecting { attempt: 1 }, LinkEvent::Connected]);
    let LinkEvent::Lost { reason, retry_in } = &seen[2] else { panic!("{seen:?}") };
    assert_eq!(reason, "the connection was cut without a goodbye");
    assert!(*retry_in <= MS);
    assert_eq!(seen[3..], [LinkEvent::Connecting { attempt: 1 }, LinkEvent::Connected]);
}

#[tokio::test]
async fn tries_are_counted_until_one_succeeds() {
    let host = Host::new().await;
    let (_handle, mut events) = Link::spawn(quick(host.endpoint()));
    let server = async {
        for _ in 0..2 {
            host.answer("HTTP/1.1 503 Service Unavailable\r\n\r\n").await;
        }
        host.accept().await.recv().await;
    };
    let seen = beside(server, async {
        let mut seen = Vec::new();
        loop {
            match events.recv().await.unwrap() {
                LinkEvent::Connecting { attempt } => seen.push(attempt),
                LinkEvent::Connected => return seen,
                LinkEvent::Lost { reason, .. } => assert_eq!(reason, "the server answered HTTP 503"),
                event => panic!("{event:?}"),
            }
        }
    })
    .await;
    assert_eq!(seen, [1, 2, 3]);
}

#[tokio::test]
async fn what_was_meant_for_a_lost_connection_does_not_reach_the_next() {
    let host = Host::new().await;
    let (handle, mut events) = Link::spawn(quick(host.endpoint()));
    let (gone, left) = tokio::sync::oneshot::channel();
    let server = async {
        drop(host.accept().await);
        let mut socket = host.accept().await;
        // The second connection stands before the program knows that the first is lost.
        gone.send(()).unwrap();
        assert_eq!(json(&mut socket).await["event_id"], "new");
    };
    let test = async {
        connected(&mut events).await;
        left.await.unwrap();
        assert_eq!(handle.send(message("old")), Ok(()));
        reason(&mut events).await;
        assert_eq!(handle.send(message("between")), Err(SendError::Down));
        connected(&mut events).await;
        handle.send(message("new")).unwrap();
    };
    tokio::join!(server, test);
}

#[tokio::test]
async fn a_peer_that_never_answers_pings_is_given_up() {
    let host = Host::new().await;
    let mut config = quick(host.endpoint());
    config.keepalive =
        keepalive::Policy { busy: 20 * MS, idle: 20 * MS, patience: 30 * MS, ..config.keepalive };
    let (_handle, mut events) = Link::spawn(config);
    // Held, but never looked at again: nothing is answered.
    let _socket = host.accept().await;
    connected(&mut events).await;
    assert_eq!(reason(&mut events).await, "no sign of life from the server");
}

#[tokio::test]
async fn a_peer_that_answers_is_asked_again_in_time_and_kept() {
    let host = Host::new().await;
    let mut config = quick(host.endpoint());
    // With an answer that went unnoticed the second question would come a minute late.
    config.keepalive = keepalive::Policy { idle: 5 * MS, patience: 60_000 * MS, ..config.keepalive };
    let (_handle, mut events) = Link::spawn(config);
    let mut socket = host.accept().await;
    connected(&mut events).await;
    let mut heard = socket.last_heard();
    for _ in 0..3 {
        while socket.last_heard() == heard {
            assert!(tokio::time::timeout(MS, socket.recv()).await.is_err());
        }
        heard = socket.last_heard();
    }
}

#[tokio::test]
async fn a_refused_key_an_unknown_model_and_the_like_are_final() {
    let host = Host::new().await;
    let body = format!("{{\"error\":{{\"message\":\"Bad key {SECRET}\\u001b[31m!\"}}}}");
    for (answer, endpoint, expected) in [
        ("401 Unauthorized", host.endpoint(), LinkError::NoKey),
        (
            "401 Unauthorized",
            host.keyed(),
            LinkError::Key { status: 401, detail: ": Bad key [key]!".to_owned() },
        ),
        (
            "403 Forbidden",
            host.keyed(),
            LinkError::Key { status: 403, detail: ": Bad key [key]!".to_owned() },
        ),
        ("404 Not Found", host.keyed(), LinkError::NotFound { detail: ": Bad key [key]!".to_owned() }),
        (
            "400 Bad Request",
            host.keyed(),
            LinkError::Refused { status: 400, detail: ": Bad key [key]!".to_owned() },
        ),
    ] {
        let (_handle, mut events) = Link::spawn(quick(endpoint));
        let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let (error, ()) = tokio::join!(fatal(&mut events), host.answer(&answer));
        assert_eq!(error, expected);
    }
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let host = Host::new().await;
    let (_handle, mut events) = Link::spawn(quick(host.keyed()));
    let answer = host.answer("HTTP/1.1 302 Found\r\nLocation: wss://evil.example/\r\n\r\n");
    let (error, ()) = tokio::join!(fatal(&mut events), answer);
    assert_eq!(error, LinkError::Redirected { status: 302, to: "wss://evil.example/".to_owned() });
}

#[tokio::test]
async fn an_overloaded_server_is_given_the_time_it_asks_for() {
    let host = Host::new().await;
    for (head, least) in
        [("429 Too Many Requests\r\nRetry-After: 7", 7), ("503 Busy\r\nRetry-After: 999999", 3600)]
    {
        let (_handle, mut events) = Link::spawn(quick(host.endpoint()));
        let answer = format!("HTTP/1.1 {head}\r\n\r\n");
        let (event, ()) = tokio::join!(next(&mut events), host.answer(&answer));
        let LinkEvent::Lost { retry_in, .. } = event else { panic!("{event:?}") };
        assert_eq!(retry_in, Duration::from_secs(least));
    }
}

#[tokio::test]
async fn an_exhausted_quota_is_final_even_as_429() {
    let host = Host::new().await;
    let (_handle, mut events) = Link::spawn(quick(host.keyed()));
    let body = "{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"No money.\"}}";
    let answer = format!("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n\r\n{body}");
    let (error, ()) = tokio::join!(fatal(&mut events), host.answer(&answer));
    assert_eq!(
        error.to_string(),
        "the server said `insufficient_quota`: No money.; check your account and its billing"
    );
    assert!(error.is_auth());
}

#[tokio::test]
async fn fatal_errors_within_a_connection_end_the_link() {
    let host = Host::new().await;
    for (code, kind) in
        [("beta_api_shape_disabled", "x"), ("invalid_api_key", "x"), ("y", "insufficient_quota")]
    {
        let (_handle, mut events) = Link::spawn(quick(host.endpoint()));
        let error = json!({"type": "error", "error": {"type": kind, "code": code, "message": "m"}});
        let server = async {
            let mut socket = host.accept().await;
            socket.send(error.to_string()).unwrap();
            socket.recv().await;
        };
        let test = async {
            connected(&mut events).await;
            assert!(matches!(next(&mut events).await, LinkEvent::Message(_)));
            fatal(&mut events).await
        };
        let error = beside(server, test).await;
        assert!(matches!(error, LinkError::Server { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_goodbye_is_quoted_without_control_characters_or_the_key() {
    let host = Host::new().await;
    let (_handle, mut events) = Link::spawn(quick(host.keyed()));
    let server = async {
        let mut socket = host.accept().await;
        socket.close(1013, &format!("later\x1b[31m\n{SECRET}"), Duration::from_secs(1)).await;
        let mut socket = host.accept().await;
        socket.close(1001, "", Duration::from_secs(1)).await;
        let mut socket = host.accept().await;
        let dotted = "invalid_request_error.beta_api_shape_disabled";
        socket.close(4000, dotted, Duration::from_secs(1)).await;
    };
    let test = async {
        connected(&mut events).await;
        assert_eq!(reason(&mut events).await, "the server closed the connection (1013: later [key])");
        connected(&mut events).await;
        assert_eq!(reason(&mut events).await, "the server closed the connection (1001)");
        connected(&mut events).await;
        let error = fatal(&mut events).await;
        assert!(error.to_string().ends_with("use `--dialect ga`") && !error.is_auth(), "{error}");
    };
    beside(server, test).await;
}

#[tokio::test]
async fn frames_that_are_no_events_are_skipped() {
    let host = Host::new().await;
    let (_handle, mut events) = Link::spawn(quick(host.endpoint()));
    let server = async {
        let mut socket = host.accept().await;
        for text in ["{", "[]", "", "{\"type\":7}", "{\"type\":\"rate_limits.updated\"}"] {
            socket.send(text.to_owned()).unwrap();
        }
        socket.recv().await;
    };
    let test = async {
        connected(&mut events).await;
        next(&mut events).await
    };
    let event = beside(server, test).await;
    let LinkEvent::Message(message) = event else { panic!("{event:?}") };
    assert!(matches!(message.event, ServerEvent::RateLimitsUpdated(_)));
}

#[tokio::test]
async fn a_message_that_is_too_large_costs_the_connection() {
    let host = Host::new().await;
    let mut config = quick(host.endpoint());
    config.limits.max_message = 1000;
    let (_handle, mut events) = Link::spawn(config);
    let server = async {
        let mut socket = host.accept().await;
        socket.send("x".repeat(1001)).unwrap();
        let told = socket.recv().await;
        assert_eq!(told, Some(Ok(Frame::Close { code: 1009, reason: String::new() })));
    };
    let test = async {
        connected(&mut events).await;
        let reason = reason(&mut events).await;
        assert_eq!(reason, "a message of 1001 bytes is larger than the 1000 that are taken");
    };
    tokio::join!(server, test);
}

#[tokio::test]
async fn a_full_queue_drops_sound_and_gives_up_the_connection_for_anything_else() {
    let host = Host::new().await;
    let (handle, mut events) = Link::spawn(quick(host.endpoint()));
    let _socket =
        beside(std::future::pending(), async { tokio::join!(host.accept(), connected(&mut events)).0 }).await;
    // Without an await in between the task takes nothing.
    let taken = (0..QUEUE).filter(|_| handle.send(sound()).is_ok()).count();
    assert_eq!(taken, QUEUE - RESERVE);
    assert_eq!(handle.send(sound()), Err(SendError::Dropped));
    assert_eq!(handle.dropped(), RESERVE as u64 + 1);
    let taken = (0..QUEUE).take_while(|_| handle.send(message("e")).is_ok()).count();
    assert_eq!(taken, RESERVE);
    assert_eq!(reason(&mut events).await, "the server does not take what is sent");
}

#[tokio::test]
async fn closing_says_goodbye_and_ends_the_events() {
    let host = Host::new().await;
    for by_drop in [false, true] {
        let (handle, mut events) = Link::spawn(quick(host.endpoint()));
        let server = async {
            let mut socket = host.accept().await;
            assert_eq!(socket.recv().await, Some(Ok(Frame::Close { code: 1000, reason: String::new() })));
            socket.recv().await;
        };
        let test = async {
            connected(&mut events).await;
            let kept = if by_drop {
                drop(handle);
                None
            } else {
                handle.close();
                Some(handle)
            };
            assert_eq!(events.recv().await, None);
            drop(kept);
        };
        tokio::join!(server, test);
    }
}

#[tokio::test]
async fn a_link_that_nobody_listens_to_closes() {
    let host = Host::new().await;
    let (_handle, mut events) = Link::spawn(quick(host.endpoint()));
    let (mut socket, ()) = tokio::join!(host.accept(), connected(&mut events));
    drop(events);
    assert_eq!(socket.recv().await, Some(Ok(Frame::Close { code: 1000, reason: String::new() })));
}

#[tokio::test]
async fn a_link_can_be_closed_while_it_waits_for_the_next_try() {
    let host = Host::new().await;
    let (handle, mut events) = Link::spawn(quick(host.endpoint()));
    let answer = host.answer("HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\n\r\n");
    tokio::join!(reason(&mut events), answer);
    handle.close();
    assert_eq!(events.recv().await, None);
}

#[tokio::test]
async fn a_server_that_hangs_up_on_the_request_is_tried_again() {
    let host = Host::new().await;
    let (_handle, mut events) = Link::spawn(quick(host.endpoint()));
    let (reason, ()) = tokio::join!(reason(&mut events), host.answer(""));
    assert_eq!(reason, "the connection was cut without a goodbye");
}

#[tokio::test]
async fn a_server_that_is_not_there_or_does_not_answer_is_tried_again() {
    let host = Host::new().await;
    let mut config = quick(host.endpoint());
    config.connect_timeout = 50 * MS;
    let (_handle, mut events) = Link::spawn(config.clone());
    assert_eq!(reason(&mut events).await, "no answer within 0.05 s");
    drop(host);
    let (_handle, mut events) = Link::spawn(config);
    let reason = reason(&mut events).await;
    assert!(reason.starts_with("`127.0.0.1` cannot be reached: "), "{reason}");
}

fn certificate(pem: &'static str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

const AUTHORITY: &str = include_str!("../../tests/tls/ca.pem");
const GOOD: &str = include_str!("../../tests/tls/good.pem");
const OTHER_HOST: &str = include_str!("../../tests/tls/otherhost.pem");
const EXPIRED: &str = include_str!("../../tests/tls/expired.pem");

/// What becomes of a link to a server with this certificate, which trusts `roots`.
async fn over_tls(server: &'static str, roots: &[&'static str]) -> LinkEvent {
    let host = Host::new().await;
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../../tests/tls/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate(server)], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
    let mut store = rustls::RootCertStore::empty();
    for root in roots {
        store.add(certificate(root)).unwrap();
    }
    let url = host.url.as_str().replace("ws://", "wss://");
    let mut config = quick(Endpoint { url: Url::parse(&url).unwrap(), ..host.keyed() });
    config.tls = Some(tls::trusting(store));
    let (_handle, mut events) = Link::spawn(config);
    let server = async {
        if let Ok(stream) = acceptor.accept(host.stream().await).await {
            let check = |head: &RequestHead<'_>| match head.header("authorization") {
                Some(_) => Ok(()),
                None => Err(Refusal { status: 401, body: String::new() }),
            };
            socket::accept(stream, &Limits::default(), check).await.unwrap().recv().await;
        }
    };
    beside(server, next(&mut events)).await
}

#[tokio::test]
async fn an_encrypted_server_needs_a_certificate_that_is_trusted_current_and_its_own() {
    assert_eq!(over_tls(GOOD, &[AUTHORITY]).await, LinkEvent::Connected);
    for (server, roots, cure) in [
        (GOOD, &[][..], "SSL_CERT_FILE"),
        (EXPIRED, &[AUTHORITY][..], "has expired"),
        (OTHER_HOST, &[AUTHORITY][..], "for another host"),
    ] {
        match over_tls(server, roots).await {
            LinkEvent::Fatal(error @ LinkError::Tls { .. }) => {
                assert!(error.to_string().contains(cure), "{error}");
            }
            event => panic!("{event:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_one_with_a_bad_certificate() {
    let host = Host::new().await;
    let url = host.url.as_str().replace("ws://", "wss://");
    let mut config = quick(Endpoint::plain(Url::parse(&url).unwrap()));
    config.tls = Some(tls::trusting(rustls::RootCertStore::empty()));
    let (_handle, mut events) = Link::spawn(config);
    let server = async {
        let _ = socket::accept(host.stream().await, &Limits::default(), |_| Ok(())).await;
    };
    let error = beside(server, fatal(&mut events)).await;
    assert!(error.to_string().contains("`ws://`"), "{error}");
}

#[tokio::test]
async fn the_key_is_in_no_log_at_any_level() {
    let written = Arc::new(Mutex::new(Vec::new()));
    let sink = Sink(Arc::clone(&written));
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::level_filters::LevelFilter::TRACE)
        .with_writer(move || sink.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let host = Host::new().await;
    let mut endpoint = host.keyed();
    endpoint.url.query_pairs_mut().append_pair("api-key", SECRET);
    let (handle, mut events) = Link::spawn(quick(endpoint));
    let server = async {
        let mut socket = host.accept().await;
        json(&mut socket).await;
        socket.send(format!("not JSON {SECRET}")).unwrap();
        socket.close(1011, SECRET, Duration::from_secs(1)).await;
    };
    let test = async {
        connected(&mut events).await;
        handle.send(message("e")).unwrap();
        reason(&mut events).await
    };
    let (reason, ()) = tokio::join!(test, server);
    let log = String::from_utf8(written.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the link is down") && log.contains("a frame is skipped"), "{log}");
    assert!(!log.contains(SECRET) && !reason.contains(SECRET), "{log}");
}

#[derive(Clone)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_link_that_is_renewed_leaves_one_server_for_the_next_at_once() {
    let host = Host::new().await;
    let (handle, mut events) = Link::spawn(LinkConfig::new(host.endpoint(), 1));
    let mut first = host.accept().await;
    connected(&mut events).await;
    handle.renew();
    assert!(matches!(first.recv().await, Some(Ok(Frame::Close { .. }) | Err(_)) | None));
    let mut second = host.accept().await;
    assert_eq!(events.recv().await, Some(LinkEvent::Connecting { attempt: 1 }));
    assert_eq!(handle.send(message("lost")), Err(SendError::Down), "it is meant for nobody");
    connected(&mut events).await;
    handle.send(message("heard")).unwrap();
    assert_eq!(json(&mut second).await["event_id"], "heard");
}

#[tokio::test]
async fn a_link_at_rest_has_no_connection_until_one_is_wanted_again() {
    let host = Host::new().await;
    let (handle, mut events) = Link::spawn(quick(host.endpoint()));
    let server = async {
        let mut first = host.accept().await;
        assert!(matches!(first.recv().await, Some(Ok(Frame::Close { .. })) | None));
        let _second = host.accept().await;
        std::future::pending::<()>().await;
    };
    let test = async {
        connected(&mut events).await;
        handle.rest(true);
        assert_eq!(next(&mut events).await, LinkEvent::Resting);
        assert_eq!(handle.send(message("a")), Err(SendError::Down));
        handle.rest(false);
        connected(&mut events).await;
    };
    beside(server, test).await;
}

#[tokio::test]
async fn a_link_that_waits_for_its_next_try_can_be_put_to_rest() {
    let host = Host::new().await;
    let mut config = quick(host.endpoint());
    config.backoff.base = Duration::from_hours(1);
    config.backoff.cap = Duration::from_hours(1);
    let (handle, mut events) = Link::spawn(config);
    let server = async { drop(host.stream().await) };
    let test = async {
        assert!(matches!(next(&mut events).await, LinkEvent::Lost { .. }));
        handle.rest(true);
        assert_eq!(next(&mut events).await, LinkEvent::Resting);
    };
    beside(server, test).await;
}

#[tokio::test]
async fn a_prepared_connection_is_what_a_renewal_goes_on_with() {
    let host = Host::new().await;
    let (handle, mut events) = Link::spawn(quick(host.endpoint()));
    let server = async {
        let _first = host.accept().await;
        handle.prepare();
        // It is there before the renewal is asked for.
        let mut second = host.accept().await;
        handle.renew();
        assert_eq!(json(&mut second).await["event_id"], "b");
        second.close(1000, "", Duration::ZERO).await;
    };
    let test = async {
        connected(&mut events).await;
        connected(&mut events).await;
        handle.send(message("b")).unwrap();
        assert!(matches!(next(&mut events).await, LinkEvent::Lost { .. }));
    };
    beside(server, test).await;
}

#[tokio::test]
async fn a_prepared_connection_that_was_refused_is_no_trouble() {
    let host = Host::new().await;
    let (handle, mut events) = Link::spawn(quick(host.endpoint()));
    let server = async {
        let _first = host.accept().await;
        handle.prepare();
        host.answer("HTTP/1.1 503 Service Unavailable\r\n\r\n").await;
        handle.renew();
        let _second = host.accept().await;
        std::future::pending::<()>().await;
    };
    let test = async {
        connected(&mut events).await;
        connected(&mut events).await;
    };
    beside(server, test).await;
}

#[tokio::test]
async fn sound_that_waited_too_long_is_dropped_and_that_is_told_once() {
    let host = Host::new().await;
    let config = LinkConfig { stale: Some(500 * MS), ..quick(host.endpoint()) };
    let (handle, mut events) = Link::spawn(config);
    let mut socket =
        beside(std::future::pending(), async { tokio::join!(host.accept(), connected(&mut events)).0 }).await;
    // Without an await in between the task takes nothing.
    handle.send(sound()).unwrap();
    handle.send(sound()).unwrap();
    let whole_turn = ClientEvent::InputAudioBufferAppend { audio: (&Pcm16::silence(24_000)).into() };
    handle.send(ClientMessage { event_id: None, event: whole_turn }).unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(600)).await;
    tokio::time::resume();
    handle.send(sound()).unwrap();
    assert_eq!(next(&mut events).await, LinkEvent::TooSlow);
    assert_eq!(json(&mut socket).await["audio"].as_str().unwrap().len(), 64_000, "a kept turn is sent");
    assert_eq!(json(&mut socket).await["audio"].as_str().unwrap().len(), 1_280, "what is new is sent");
    assert_eq!(handle.dropped(), 2);
}
