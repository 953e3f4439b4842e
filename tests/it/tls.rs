//! Encrypted servers whose certificate some private authority has signed.

use std::net::TcpListener;
use std::process::Output;
use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::program::Program;
use crate::providers::peer::{Served, serve_on};

const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/ca.pem");

/// A server for one client; none where the client did not like its certificate.
fn serve() -> (String, JoinHandle<Option<Served>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("wss://{}/v1/realtime", listener.local_addr().expect("an address"));
    let certificate =
        CertificateDer::from_pem_slice(include_bytes!("../tls/good.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../tls/server.key")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate and its key");
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut tls = ServerConnection::new(Arc::new(config)).expect("a connection");
        while tls.is_handshaking() {
            tls.complete_io(&mut stream).ok()?;
        }
        Some(serve_on(StreamOwned::new(tls, stream), |event| vec![event], 24_000))
    });
    (url, served)
}

/// One typed turn, with one variable more in the environment.
fn talk(variable: (&str, &str)) -> (Output, Option<Served>) {
    let program = Program::new();
    let (url, served) = serve();
    let output = program
        .command(&["--url", &url, "--text", "--json", "--data-dir", &program.data_dir()])
        .env("OPENAI_API_KEY", "sk-test")
        .env(variable.0, variable.1)
        .stdin(std::process::Stdio::from(question(&program)))
        .output()
        .expect("runs");
    (output, served.join().expect("the server had no trouble"))
}

fn question(program: &Program) -> std::fs::File {
    let file = program.file("question");
    std::fs::write(&file, "Create a task to buy groceries\n").expect("written");
    std::fs::File::open(file).expect("opened")
}

#[test]
fn the_file_of_a_private_authority_opens_its_servers() {
    let (output, served) = talk(("SSL_CERT_FILE", AUTHORITY));
    assert!(output.status.success(), "{output:?}");
    let served = served.expect("it was trusted");
    assert_eq!(served.headers.get("authorization").map(String::as_str), Some("Bearer sk-test"));
}

#[test]
fn without_it_the_key_is_not_sent_and_the_cure_is_told() {
    let (output, served) = talk(("UNRELATED", AUTHORITY));
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    assert!(served.is_none(), "the handshake came although nobody vouches for the server");
    let told =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("SSL_CERT_FILE"), "{told}");
}
