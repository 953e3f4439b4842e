use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn families_take_turns_beginning_with_the_first() {
    let addresses = ["[::1]:1", "[::2]:1", "1.1.1.1:1", "[::3]:1"].map(address).to_vec();
    let order: Vec<String> = interleave(addresses).iter().map(ToString::to_string).collect();
    assert_eq!(order, ["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"]);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_never_answers_does_not_hold_up_the_next() {
    let start = Instant::now();
    let found = race(vec![address("[::1]:1"), address("1.1.1.1:1")], |a| async move {
        if a.is_ipv6() { std::future::pending().await } else { Ok(a) }
    })
    .await
    .unwrap();
    assert_eq!(found, address("1.1.1.1:1"));
    assert_eq!(start.elapsed(), STAGGER);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_leads_to_the_next_address_at_once_and_the_last_one_is_told() {
    let start = Instant::now();
    let refused = |_| async { Err::<(), _>(io::Error::from(io::ErrorKind::ConnectionRefused)) };
    let error = race(vec![address("1.1.1.1:1"), address("2.2.2.2:1")], refused).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert!(race(Vec::new(), refused).await.unwrap_err().to_string().contains("no address"));
}

async fn proxy_that_answers(answer: &'static str) -> (Url, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = read_head(&mut stream).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let _ = stream.read(&mut [0; 1]).await;
        head
    });
    (Url::parse(&format!("http://us%40er:p%2Bw@127.0.0.1:{port}")).unwrap(), seen)
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_and_not_told_more() {
    let (proxy, seen) = proxy_that_answers("HTTP/1.1 200 Connection established\r\n\r\nX").await;
    let server = Url::parse("wss://api.openai.com/v1/realtime?model=m").unwrap();
    let mut stream = dial(&server, Some(&proxy)).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), b'X', "what follows the head is left alone");
    drop(stream);
    let expected = format!(
        "CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\nProxy-Authorization: Basic {}\r\n\r\n",
        STANDARD.encode("us@er:p+w")
    );
    assert_eq!(seen.await.unwrap(), expected);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_quoted_without_its_password() {
    let (proxy, _seen) = proxy_that_answers("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    let server = Url::parse("wss://api.openai.com/").unwrap();
    let error = dial(&server, Some(&proxy)).await.unwrap_err().to_string();
    assert!(error.contains("407") && !error.contains("p%2Bw") && !error.contains("p+w"), "{error}");
}

#[tokio::test]
async fn this_machine_is_reached_without_the_proxy() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Url::parse(&format!("ws://{}/", listener.local_addr().unwrap())).unwrap();
    let proxy = Url::parse("http://proxy.invalid:1").unwrap();
    dial(&server, Some(&proxy)).await.unwrap();
    listener.accept().await.unwrap();
}
