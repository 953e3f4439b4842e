//! The system's keyring: Secret Service on Linux, the keychain on macOS.
//!
//! It is a convenience: where there is none, or one that does not answer, nobody waits for it for more than two
//! seconds. Only a person who is asked to unlock it is given time. Each key is kept under the host that it is for.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::transport::auth::ApiKey;

const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// To find and type a password.
const UNLOCKED_WITHIN: Duration = Duration::from_secs(60);
const APPLICATION: &str = "realtime-cli";

/// Why there is nothing to be had of a keyring. Never holds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    #[error("no keyring answers ({0})")]
    Missing(String),
    #[error("the keyring does not answer within 2 seconds")]
    Silent,
    #[error("the keyring was not unlocked")]
    Locked,
    #[error("the keyring holds something that cannot be a key")]
    Garbled,
}

/// Where keys can be kept, each for a host.
pub trait Keyring {
    fn get(&self, host: &str) -> Result<Option<ApiKey>, KeyringError>;
    fn set(&self, host: &str, key: &ApiKey) -> Result<(), KeyringError>;
    /// Whether there was one.
    fn delete(&self, host: &str) -> Result<bool, KeyringError>;
}

/// The one of this machine.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Keyring for System {
    fn get(&self, host: &str) -> Result<Option<ApiKey>, KeyringError> {
        let host = host.to_owned();
        bounded(ANSWERS_WITHIN, move |waits| system::get(&host, waits))
    }

    fn set(&self, host: &str, key: &ApiKey) -> Result<(), KeyringError> {
        let (host, key) = (host.to_owned(), key.clone());
        bounded(ANSWERS_WITHIN, move |waits| system::set(&host, &key, waits))
    }

    fn delete(&self, host: &str) -> Result<bool, KeyringError> {
        let host = host.to_owned();
        bounded(ANSWERS_WITHIN, move |waits| system::delete(&host, waits))
    }
}

/// Says that from now on a person is waited for.
type Waits<'a> = &'a dyn Fn();

enum News<T> {
    AsksPerson,
    Done(Result<T, KeyringError>),
}

/// What is late is left behind on its thread.
fn bounded<T: Send + 'static>(
    within: Duration,
    work: impl FnOnce(Waits<'_>) -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let (news, inbox) = mpsc::channel();
    let run = move || {
        let asks = news.clone();
        let done = work(&|| drop(asks.send(News::AsksPerson)));
        let _ = news.send(News::Done(done));
    };
    let spawned = thread::Builder::new().name("keyring".to_owned()).spawn(run);
    spawned.map_err(|error| KeyringError::Missing(error.to_string()))?;
    let mut within = within;
    loop {
        match inbox.recv_timeout(within) {
            Ok(News::Done(done)) => return done,
            Ok(News::AsksPerson) => within = UNLOCKED_WITHIN,
            Err(RecvTimeoutError::Timeout) if within == UNLOCKED_WITHIN => return Err(KeyringError::Locked),
            Err(RecvTimeoutError::Timeout) => return Err(KeyringError::Silent),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(KeyringError::Missing("it broke off".to_owned()));
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::collections::HashMap;

    use secret_service::blocking::{Item, SecretService};
    use secret_service::{EncryptionType, Error};
    use zeroize::Zeroizing;

    use super::{APPLICATION, KeyringError, Waits};
    use crate::transport::auth::ApiKey;

    fn attributes(host: &str) -> HashMap<&str, &str> {
        HashMap::from([("application", APPLICATION), ("host", host)])
    }

    fn connect<'a>() -> Result<SecretService<'a>, KeyringError> {
        // What is on the bus is not to be read by who watches it.
        SecretService::connect(EncryptionType::Dh).map_err(missing)
    }

    fn missing(error: Error) -> KeyringError {
        match error {
            Error::Locked | Error::Prompt | Error::PromptDisconnected => KeyringError::Locked,
            other => KeyringError::Missing(other.to_string()),
        }
    }

    pub(super) fn get(host: &str, waits: Waits<'_>) -> Result<Option<ApiKey>, KeyringError> {
        let service = connect()?;
        let found = service.search_items(attributes(host)).map_err(missing)?;
        let Some(item) = found.unlocked.into_iter().chain(found.locked).next() else { return Ok(None) };
        unlock(&item, waits)?;
        let secret = Zeroizing::new(item.get_secret().map_err(missing)?);
        let text = std::str::from_utf8(&secret).map_err(|_| KeyringError::Garbled)?;
        ApiKey::new(text).map(Some).map_err(|_| KeyringError::Garbled)
    }

    fn unlock(item: &Item<'_>, waits: Waits<'_>) -> Result<(), KeyringError> {
        if item.is_locked().map_err(missing)? {
            waits();
            item.unlock().map_err(missing)?;
        }
        Ok(())
    }

    pub(super) fn set(host: &str, key: &ApiKey, waits: Waits<'_>) -> Result<(), KeyringError> {
        let service = connect()?;
        let collection = service.get_any_collection().map_err(missing)?;
        if collection.is_locked().map_err(missing)? {
            waits();
            collection.unlock().map_err(missing)?;
        }
        let label = format!("API key of {APPLICATION} for {host}");
        let secret = key.reveal().as_bytes();
        collection.create_item(&label, attributes(host), secret, true, "text/plain").map_err(missing)?;
        Ok(())
    }

    pub(super) fn delete(host: &str, waits: Waits<'_>) -> Result<bool, KeyringError> {
        let service = connect()?;
        let found = service.search_items(attributes(host)).map_err(missing)?;
        let items: Vec<_> = found.unlocked.into_iter().chain(found.locked).collect();
        for item in &items {
            unlock(item, waits)?;
            item.delete().map_err(missing)?;
        }
        Ok(!items.is_empty())
    }
}

#[cfg(target_os = "macos")]
mod system {
    use security_framework::base::Error;
    use security_framework::passwords;
    use zeroize::Zeroizing;

    use super::{APPLICATION, KeyringError, Waits};
    use crate::transport::auth::ApiKey;

    /// `errSecItemNotFound`
    const NOT_FOUND: i32 = -25_300;

    fn missing(error: &Error) -> KeyringError {
        KeyringError::Missing(error.to_string())
    }

    pub(super) fn get(host: &str, waits: Waits<'_>) -> Result<Option<ApiKey>, KeyringError> {
        // Whether it asks is not told.
        waits();
        match passwords::get_generic_password(APPLICATION, host) {
            Ok(secret) => {
                let secret = Zeroizing::new(secret);
                let text = std::str::from_utf8(&secret).map_err(|_| KeyringError::Garbled)?;
                ApiKey::new(text).map(Some).map_err(|_| KeyringError::Garbled)
            }
            Err(error) if error.code() == NOT_FOUND => Ok(None),
            Err(error) => Err(missing(&error)),
        }
    }

    pub(super) fn set(host: &str, key: &ApiKey, waits: Waits<'_>) -> Result<(), KeyringError> {
        waits();
        passwords::set_generic_password(APPLICATION, host, key.reveal().as_bytes()).map_err(|e| missing(&e))
    }

    pub(super) fn delete(host: &str, waits: Waits<'_>) -> Result<bool, KeyringError> {
        waits();
        match passwords::delete_generic_password(APPLICATION, host) {
            Ok(()) => Ok(true),
            Err(error) if error.code() == NOT_FOUND => Ok(false),
            Err(error) => Err(missing(&error)),
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
mod system {
    use super::{KeyringError, Waits};
    use crate::transport::auth::ApiKey;

    fn none<T>() -> Result<T, KeyringError> {
        Err(KeyringError::Missing("none is known on this system".to_owned()))
    }

    pub(super) fn get(_: &str, _: Waits<'_>) -> Result<Option<ApiKey>, KeyringError> {
        none()
    }

    pub(super) fn set(_: &str, _: &ApiKey, _: Waits<'_>) -> Result<(), KeyringError> {
        none()
    }

    pub(super) fn delete(_: &str, _: Waits<'_>) -> Result<bool, KeyringError> {
        none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyring_that_does_not_answer_is_left_behind() {
        let (_keep, never) = mpsc::channel::<()>();
        let work = move |_: Waits<'_>| {
            let _ = never.recv();
            Ok(())
        };
        assert_eq!(bounded(Duration::ZERO, work), Err(KeyringError::Silent));
    }

    #[test]
    fn one_that_breaks_off_is_none() {
        let broken = bounded::<()>(ANSWERS_WITHIN, |_| panic!("the bus is gone"));
        assert!(matches!(broken, Err(KeyringError::Missing(_))), "{broken:?}");
    }
}
