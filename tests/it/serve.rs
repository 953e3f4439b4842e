//! `serve`: the offline engine for other clients.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::program::Program;

pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    pub(crate) token: String,
}

impl Server {
    fn start(program: &Program, args: &[&str]) -> Self {
        Self::start_with(program, args, &[])
    }

    pub(crate) fn start_with(program: &Program, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut all = vec!["serve", "--port", "0"];
        all.extend_from_slice(args);
        let mut command = program.command(&all);
        command.envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut value = |key: &str| {
            let line = lines.next().expect("a line").expect("text");
            line.strip_prefix(&format!("{key}: ")).unwrap_or_else(|| panic!("{key}? {line}")).to_owned()
        };
        let url = value("url");
        let token = value("token");
        let address =
            url.strip_prefix("ws://").and_then(|u| u.split('/').next()).expect("an address").to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address, token }
    }

    /// The status line of the answer to an upgrade with these headers.
    fn upgrade(&self, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        let request = format!(
            "GET /v1/realtime?model=x HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).expect("written");
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n") && stream.read(&mut byte).expect("read") == 1 {
            answer.push(byte[0]);
        }
        String::from_utf8_lossy(&answer).trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn only_those_with_the_token_and_a_local_name_come_in() {
    let program = Program::new();
    let server = Server::start(&program, &[]);
    let host = format!("Host: {}\r\n", server.address);
    let token = format!("Authorization: Bearer {}\r\n", server.token);
    assert!(server.upgrade(&format!("{host}{token}")).contains("101"));
    assert!(server.upgrade(&host).contains("401"));
    assert!(server.upgrade(&format!("{host}Authorization: Bearer wrong\r\n")).contains("401"));
    assert!(server.upgrade(&format!("Host: evil.example\r\n{token}")).contains("403"));
    assert!(server.upgrade(&format!("{host}{token}Origin: https://evil.example\r\n")).contains("403"));
    assert!(server.token.len() >= 32);
}

#[test]
fn without_auth_anybody_on_loopback_comes_in() {
    let program = Program::new();
    let mut child = program
        .command(&["serve", "--port", "0", "--no-auth"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    // Kept until the end: a server that nobody listens to ends.
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    stdout.read_line(&mut line).expect("read");
    let address =
        line.trim().strip_prefix("url: ws://").and_then(|u| u.split('/').next()).expect("url").to_owned();
    let server = Server { child, address, token: String::new() };
    assert!(server.upgrade(&format!("Host: {}\r\n", server.address)).contains("101"));
}
