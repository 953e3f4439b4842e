use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use url::Url;

use super::super::auth::ApiKey;
use super::super::socket::{self, Limits};
use super::super::{Endpoint, LinkConfig};
use super::*;

async fn listener() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("ws://{}/v1/realtime?model=m", listener.local_addr().unwrap())).unwrap();
    (listener, url)
}

fn config(url: Url) -> LinkConfig {
    let mut endpoint = Endpoint::plain(url);
    endpoint.key = Some(ApiKey::new("sk-sentinel-0123").unwrap());
    LinkConfig::new(endpoint, 1)
}

fn names(steps: &[Step]) -> Vec<(&'static str, bool)> {
    steps.iter().map(|step| (step.name, step.result.is_ok())).collect()
}

#[tokio::test]
async fn a_server_that_works_is_reached_step_by_step() {
    let (listener, url) = listener().await;
    let server = tokio::spawn(async move {
        let _probe = listener.accept().await.unwrap();
        let stream = listener.accept().await.unwrap().0;
        let mut socket = socket::accept(stream, &Limits::default(), |_| Ok(())).await.unwrap();
        let created = json!({"type": "session.created", "session": {"id": "s", "model": "some-model"}});
        socket.send(created.to_string()).unwrap();
        while let Some(Ok(_)) = socket.recv().await {}
    });
    let steps = Box::pin(probe(config(url))).await;
    assert_eq!(names(&steps), [("tcp", true), ("sign-in", true)]);
    assert!(steps[1].result.as_ref().unwrap().contains("some-model"));
    server.abort();
}

#[tokio::test]
async fn a_port_where_nobody_listens_ends_at_tcp_with_a_cure() {
    let (listener, url) = listener().await;
    drop(listener);
    let steps = Box::pin(probe(config(url))).await;
    assert_eq!(names(&steps), [("tcp", false)]);
    assert!(steps[0].result.as_ref().unwrap_err().cure.contains("firewall"));
}

#[tokio::test]
async fn a_refused_key_is_told_without_the_key() {
    let (listener, url) = listener().await;
    let server = tokio::spawn(async move {
        let _probe = listener.accept().await.unwrap();
        let mut stream = listener.accept().await.unwrap().0;
        let body = r#"{"error":{"message":"Incorrect API key provided: sk-sentinel-0123"}}"#;
        let answer = format!("HTTP/1.1 401 Unauthorized\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        while stream.readable().await.is_ok() && stream.try_read(&mut [0; 512]).is_ok_and(|n| n > 0) {}
    });
    let steps = Box::pin(probe(config(url))).await;
    let problem = steps.last().unwrap().result.as_ref().unwrap_err();
    assert!(problem.what.contains("401") && !problem.what.contains("sentinel"), "{problem:?}");
    server.abort();
}

#[tokio::test]
async fn a_server_that_says_no_after_opening_is_quoted() {
    let (listener, url) = listener().await;
    let server = tokio::spawn(async move {
        let _probe = listener.accept().await.unwrap();
        let stream = listener.accept().await.unwrap().0;
        let mut socket = socket::accept(stream, &Limits::default(), |_| Ok(())).await.unwrap();
        let error =
            json!({"type": "error", "error": {"type": "invalid_request_error", "message": "no such model"}});
        socket.send(error.to_string()).unwrap();
        while let Some(Ok(_)) = socket.recv().await {}
    });
    let steps = Box::pin(probe(config(url))).await;
    assert_eq!(steps.last().unwrap().result.as_ref().unwrap_err().what, "no such model");
    server.abort();
}

#[tokio::test]
async fn what_is_no_tls_server_ends_at_tls() {
    let (listener, mut url) = listener().await;
    url.set_scheme("wss").unwrap();
    let server = tokio::spawn(async move {
        let mut stream = listener.accept().await.unwrap().0;
        stream.write_all(b"SSH-2.0-something\r\n").await.unwrap();
    });
    let steps = Box::pin(probe(config(url))).await;
    assert_eq!(names(&steps), [("tcp", true), ("tls", false)]);
    server.await.unwrap();
}
