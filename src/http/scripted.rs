//! A server on loopback that plays recorded answers, for tests.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use url::Url;

use super::Endpoint;
use crate::transport::auth::ApiKey;

/// What one connection is answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    bytes: Vec<u8>,
    /// Says nothing more, and waits until the client is gone.
    hangs: bool,
}

impl Answer {
    /// A whole answer of this kind.
    pub(crate) fn new(status: &str, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        Self { bytes: [head.as_bytes(), body].concat(), hangs: false }
    }

    pub(crate) fn json(status: &str, body: &str) -> Self {
        Self::new(status, "application/json", body)
    }

    /// Events, a chunk each, and no end.
    pub(crate) fn events(events: &[&str]) -> Self {
        let mut bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
            Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            .to_vec();
        for event in events {
            let event = format!("data: {event}\n\n");
            bytes.extend(format!("{:x}\r\n{event}\r\n", event.len()).bytes());
        }
        Self { bytes, hangs: false }
    }

    /// With the end of all chunks.
    pub(crate) fn ended(mut self) -> Self {
        self.bytes.extend(b"0\r\n\r\n");
        self
    }

    pub(crate) fn then_hangs(mut self) -> Self {
        self.hangs = true;
        self
    }

    pub(crate) fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self { bytes: bytes.as_ref().to_vec(), hangs: false }
    }
}

/// One request as it came.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a body of JSON")
    }
}

pub(crate) struct Scripted {
    address: SocketAddr,
    asked: Receiver<Asked>,
    gone: Receiver<()>,
}

impl Scripted {
    /// Answers one connection after the other, as many as there are answers.
    pub(crate) fn new(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of loopback");
        let address = listener.local_addr().expect("bound");
        let (tell, asked) = mpsc::channel();
        let (left, gone) = mpsc::channel();
        thread::spawn(move || {
            for answer in answers {
                let Ok((mut stream, _)) = listener.accept() else { return };
                let Some(request) = read(&mut stream) else { continue };
                let _ = tell.send(request);
                let _ = stream.write_all(&answer.bytes);
                if answer.hangs {
                    let _ = stream.read(&mut [0]);
                    let _ = left.send(());
                }
            }
        });
        Self { address, asked, gone }
    }

    pub(crate) fn endpoint(&self, path: &str, key: Option<&str>) -> Endpoint {
        Endpoint {
            url: Url::parse(&format!("http://{}{path}", self.address)).expect("an address"),
            key: key.map(|key| ApiKey::new(key).expect("a key")),
            proxy: None,
        }
    }

    /// The next request, in order.
    pub(crate) fn asked(&self) -> Asked {
        self.asked.recv().expect("a request")
    }

    /// Waits until a client that was kept waiting has closed its connection.
    pub(crate) fn client_has_gone(&self) {
        self.gone.recv().expect("a client that hung");
    }
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some(Asked { head, body })
}
