//! TLS: whom to trust, and in words what went wrong. There is no way to switch the checks off.

use std::io;
use std::sync::Arc;

use rustls::{CertificateError, ClientConfig, Error, RootCertStore};

/// How to encrypt, shared by all tries.
pub type TlsConfig = Arc<ClientConfig>;

/// Trusts what the system trusts, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` hold. Reads files.
pub fn native() -> Result<TlsConfig, String> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a trusted certificate cannot be read");
    }
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err(
            "no trusted certificates were found; install `ca-certificates` or set `SSL_CERT_FILE`".into()
        );
    }
    Ok(trusting(roots))
}

/// Trusts these and nothing else. TLS 1.2 or 1.3.
pub fn trusting(roots: RootCertStore) -> TlsConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider knows TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

/// What went wrong and what helps, when `error` is about TLS and not about the network.
#[expect(clippy::wildcard_enum_match_arm, reason = "rustls may add more, and its own words will do")]
pub(super) fn failure(error: &io::Error) -> Option<String> {
    let tls = error.get_ref()?.downcast_ref::<Error>()?;
    Some(match tls {
        Error::InvalidCertificate(certificate) => certificate_failure(certificate),
        Error::InvalidMessage(_) => {
            "the server does not speak TLS here; for an unencrypted local server use `ws://`".to_owned()
        }
        Error::PeerIncompatible(_) | Error::AlertReceived(_) => {
            format!("the server and this program agree on no encryption ({tls})")
        }
        other => other.to_string(),
    })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "rustls may add more, and its own words will do")]
fn certificate_failure(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => {
            "the server's certificate is from an issuer that this system does not \
            trust; for a private one name its file in `SSL_CERT_FILE`"
                .to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired; check this machine's clock".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet; check this machine's clock".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate is for another host; check the address".to_owned()
        }
        other => format!("the server's certificate is not accepted ({other})"),
    }
}
