use tokio::io::{AsyncReadExt as _, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};

use super::*;

fn opening(url: &str) -> Opening {
    Opening { url: Url::parse(url).unwrap(), key: None, headers: Vec::new() }
}

/// Both sides over a pipe that holds `buffer` bytes each way.
async fn pair(buffer: usize, limits: Limits) -> (Socket, Socket) {
    let (one, other) = duplex(buffer);
    let client = opening("ws://h.example/v1/realtime?model=m");
    let default = Limits::default();
    let (client, server) =
        tokio::join!(open(one, &client, None, &limits), accept(other, &default, |_| Ok(())));
    (client.unwrap(), server.unwrap())
}

async fn text(socket: &mut Socket) -> String {
    match socket.recv().await {
        Some(Ok(Frame::Text(text))) => text,
        other => panic!("{other:?}"),
    }
}

/// Keeps a socket going without looking at what comes.
async fn drive(socket: &mut Socket) {
    while socket.recv().await.is_some() {}
    std::future::pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn text_passes_both_ways() {
    let (mut client, mut server) = pair(1 << 16, Limits::default()).await;
    client.send("hello".to_owned()).unwrap();
    tokio::select! {
        () = drive(&mut client) => {}
        said = text(&mut server) => assert_eq!(said, "hello"),
    }
    let long = "ö".repeat(200_000);
    server.send(long.clone()).unwrap();
    tokio::select! {
        () = drive(&mut server) => {}
        said = text(&mut client) => assert!(said == long),
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_carries_what_it_was_given_and_nothing_more() {
    let (one, other) = duplex(1 << 16);
    let mut opening = opening("ws://h.example:99/v1/realtime?model=m&x=%20y");
    opening.key = Some((ApiKey::new("sk-1").unwrap(), KeyPlace::Bearer));
    opening.headers.push(("openai-project", "p".to_owned()));
    let limits = Limits::default();
    let mut seen = None;
    let accepted = accept(other, &limits, |head: &RequestHead<'_>| {
        seen = Some((head.path.to_owned(), head.query.unwrap_or_default().to_owned()));
        assert_eq!(head.header("Authorization"), Some("Bearer sk-1"));
        assert_eq!(head.header("OpenAI-Project"), Some("p"));
        assert_eq!(head.header("Host"), Some("h.example:99"));
        for absent in ["OpenAI-Beta", "Origin", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"] {
            assert_eq!(head.header(absent), None, "{absent}");
        }
        Ok(())
    });
    let (client, server) = tokio::join!(open(one, &opening, None, &limits), accepted);
    assert!(client.is_ok() && server.is_ok());
    assert_eq!(seen, Some(("/v1/realtime".to_owned(), "model=m&x=%20y".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn the_key_stands_where_the_server_wants_it() {
    for (place, header, value, query) in [
        ("basic", "Authorization", Some("Basic sk-1"), None),
        ("header:api-key", "Api-Key", Some("sk-1"), None),
        ("query:api_key", "Authorization", None, Some("api_key=sk-1")),
        ("subprotocol:key.", "Sec-WebSocket-Protocol", Some("realtime, key.sk-1"), None),
        ("none", "Authorization", None, None),
    ] {
        let (one, other) = duplex(1 << 16);
        let mut opening = opening("ws://h.example:99/v1/realtime");
        opening.key = Some((ApiKey::new("sk-1").unwrap(), KeyPlace::parse(place).unwrap()));
        let limits = Limits::default();
        let accepted = accept(other, &limits, |head: &RequestHead<'_>| {
            assert_eq!((head.header(header), head.query), (value, query), "{place}");
            Ok(())
        });
        let (client, server) = tokio::join!(open(one, &opening, None, &limits), accepted);
        assert!(client.is_ok() && server.is_ok(), "{place}");
    }
}

async fn raw(
    request: &str,
    check: fn(&RequestHead<'_>) -> Result<(), Refusal>,
) -> (String, Option<AcceptError>) {
    let (mut one, other) = duplex(1 << 16);
    one.write_all(request.as_bytes()).await.unwrap();
    let result = accept(other, &Limits::default(), check).await;
    let error = result.as_ref().err().cloned();
    drop(result);
    let mut answer = String::new();
    one.read_to_string(&mut answer).await.unwrap();
    (answer, error)
}

const UPGRADE: &str = "GET /x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[tokio::test(start_paused = true)]
async fn a_refusal_is_a_whole_http_answer() {
    let refuse = |_: &RequestHead<'_>| Err(Refusal { status: 401, body: "{\"error\":1}".to_owned() });
    let (answer, error) = raw(&format!("{UPGRADE}\r\n"), refuse).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\n{\"error\":1}") && answer.contains("content-length: 11"), "{answer}");
    assert!(answer.contains("application/json"));
    assert_eq!(error, Some(AcceptError::Refused(401)));
    let silly = |_: &RequestHead<'_>| Err(Refusal { status: 200, body: String::new() });
    assert!(raw(&format!("{UPGRADE}\r\n"), silly).await.0.starts_with("HTTP/1.1 400 "));
}

#[tokio::test(start_paused = true)]
async fn who_comes_by_plain_http_is_told() {
    for request in
        ["GET / HTTP/1.1\r\nHost: h\r\n\r\n", "POST /v1 HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n"]
    {
        let (answer, error) = raw(request, |_| Ok(())).await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{request:?}: {answer}");
        assert!(matches!(error, Some(AcceptError::NotWebSocket(_))), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_one_subprotocol_is_agreed_to_when_offered() {
    let offered = format!("{UPGRADE}Sec-WebSocket-Protocol: openai-insecure-api-key.t, realtime\r\n\r\n");
    let list = |head: &RequestHead<'_>| {
        let entries: Vec<_> = head.list("Sec-WebSocket-Protocol").collect();
        assert_eq!(entries, ["openai-insecure-api-key.t", "realtime"]);
        Ok(())
    };
    assert!(raw(&offered, list).await.0.contains("sec-websocket-protocol: realtime\r\n"));
    assert!(!raw(&format!("{UPGRADE}\r\n"), |_| Ok(())).await.0.contains("sec-websocket-protocol"));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_finishes_its_request_is_dropped_in_time() {
    let (_one, other) = duplex(64);
    let begin = Instant::now();
    let error = accept(other, &Limits::default(), |_| Ok(())).await.unwrap_err();
    assert_eq!(error, AcceptError::Late);
    assert!(begin.elapsed() < Duration::from_millis(6_500), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_shows_its_code_and_reason_and_ends_both_sides() {
    let (mut client, mut server) = pair(1 << 16, Limits::default()).await;
    let close = async move {
        server.close(4000, "a.b", Duration::from_secs(1)).await;
    };
    let hear = async {
        let first = client.recv().await;
        (first, client.recv().await)
    };
    let begin = Instant::now();
    let ((), (first, then)) = tokio::join!(close, hear);
    assert_eq!(first, Some(Ok(Frame::Close { code: 4000, reason: "a.b".to_owned() })));
    assert_eq!(begin.elapsed(), Duration::ZERO, "both agree at once");
    assert_eq!(then, None);
    assert_eq!(client.send("late".to_owned()), Err(SocketError::Closed));
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_that_is_not_answered_is_not_waited_for_long() {
    let (mut client, _server) = pair(1 << 16, Limits::default()).await;
    let begin = Instant::now();
    client.close(1000, &"ü".repeat(100), Duration::from_millis(800)).await;
    assert_eq!(begin.elapsed(), Duration::from_millis(800));
}

#[tokio::test(start_paused = true)]
async fn a_cut_line_is_an_error() {
    let (mut client, server) = pair(1 << 16, Limits::default()).await;
    drop(server);
    assert_eq!(client.recv().await, Some(Err(SocketError::Cut)));
    assert_eq!(client.recv().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_message_over_the_limit_ends_the_connection_with_1009() {
    let limits = Limits { max_message: 1000, ..Limits::default() };
    let (mut client, mut server) = pair(1 << 16, limits).await;
    server.send("x".repeat(1000)).unwrap();
    server.send("x".repeat(1001)).unwrap();
    let hear = async {
        assert_eq!(text(&mut client).await.len(), 1000);
        client.recv().await
    };
    let (seen, told) = tokio::join!(hear, server.recv());
    assert_eq!(seen, Some(Err(SocketError::TooLarge { size: 1001, max: 1000 })));
    assert_eq!(told, Some(Ok(Frame::Close { code: 1009, reason: String::new() })));
}

/// The server's side by hand, to break the rules.
async fn raw_server(frames: &[u8]) -> (Socket, DuplexStream) {
    let (one, mut other) = duplex(1 << 16);
    let client = opening("ws://h.example/");
    let limits = Limits::default();
    let serve = async { shake_hands(&mut other, |_: &RequestHead<'_>| Ok(())).await.unwrap() };
    let (client, ()) = tokio::join!(open(one, &client, None, &limits), serve);
    other.write_all(frames).await.unwrap();
    (client.unwrap(), other)
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_claims_to_be_huge_costs_nothing() {
    let (mut client, _other) = raw_server(&[0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0]).await;
    let error = client.recv().await.unwrap().unwrap_err();
    assert_eq!(error, SocketError::TooLarge { size: 1 << 40, max: 16 << 20 });
}

#[tokio::test(start_paused = true)]
async fn a_binary_frame_is_told_from_text() {
    let (mut client, _other) = raw_server(&[0x82, 3, 1, 2, 3, 0x81, 1, b'x']).await;
    assert_eq!(client.recv().await, Some(Ok(Frame::Binary(3))));
    assert_eq!(text(&mut client).await, "x");
}

#[tokio::test(start_paused = true)]
async fn broken_rules_are_an_error() {
    let mut long_ping = vec![0x89, 126, 0, 126];
    long_ping.resize(4 + 126, 0);
    for frames in [&[0x81, 2, 0xff, 0xff][..], &[0xf1, 0], &[0x83, 0], &[0x80, 0], &long_ping, &[0x09, 0]] {
        let (mut client, _other) = raw_server(frames).await;
        let error = client.recv().await.unwrap().unwrap_err();
        assert!(matches!(error, SocketError::Protocol(_)), "{frames:x?}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_ping_brings_a_sign_of_life() {
    let (mut client, mut server) = pair(1 << 16, Limits::default()).await;
    tokio::time::advance(Duration::from_secs(3)).await;
    let before = client.last_heard();
    client.ping().unwrap();
    tokio::select! {
        () = drive(&mut server) => {}
        answer = client.recv() => assert_eq!(answer, Some(Ok(Frame::Pong))),
    }
    assert!(client.last_heard() >= before + Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn what_a_peer_does_not_take_is_bounded_and_noticed() {
    let (mut client, _server) = pair(4096, Limits::default()).await;
    assert_eq!(client.stuck_since(), None);
    let begin = Instant::now();
    let mut handed_in = 0;
    let error = loop {
        match client.send("x".repeat(1300)) {
            Ok(()) => handed_in += 1300,
            Err(error) => break error,
        }
        let _ = timeout(Duration::ZERO, client.recv()).await;
    };
    assert_eq!(error, SocketError::Full);
    assert!(handed_in <= (1 << 20) + 8192, "{handed_in}");
    assert!(!client.has_room());
    tokio::time::advance(Duration::from_secs(7)).await;
    let since = client.stuck_since().unwrap();
    assert!(since - begin < Duration::from_secs(1));
}

#[tokio::test]
async fn it_works_over_tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = accept(stream, &Limits::default(), |_| Ok(())).await.unwrap();
        let said = text(&mut socket).await;
        socket.send(said).unwrap();
        socket.close(1000, "", Duration::from_secs(1)).await;
    };
    let client = async {
        let stream = TcpStream::connect(address).await.unwrap();
        let opening = opening(&format!("ws://{address}/"));
        let mut socket = open(stream, &opening, None, &Limits::default()).await.unwrap();
        socket.send("echo".to_owned()).unwrap();
        let said = text(&mut socket).await;
        let close = socket.recv().await;
        (said, close, socket.recv().await)
    };
    let ((), (said, close, end)) = tokio::join!(server, client);
    assert_eq!(said, "echo");
    assert_eq!(close, Some(Ok(Frame::Close { code: 1000, reason: String::new() })));
    assert_eq!(end, None);
}
