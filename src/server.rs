//! The embedded offline engine: a server of the Realtime protocol on loopback.
//!
//! Accepts, checks who knocks, and runs one task per client. What is said there is [`session`]'s business, what is
//! heard, thought and spoken the [`engine`]s'.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use connection::Queue;

pub mod access;
pub mod chat;
mod connection;
pub mod developer;
pub mod engine;
pub mod faults;
pub mod language_model;
mod program;
pub mod recognizer;
pub mod record;
pub mod rules;
pub mod script;
pub mod session;
mod socket;
pub mod synthesizer;

pub use access::{Access, Token};
pub use connection::Engines;
pub use developer::Developer;

/// Clients at a time; a further one is told to come back later.
pub const MAX_CLIENTS: usize = 8;
/// Connections that have not yet asked for anything; beyond, new ones are closed at once.
const MAX_HANDSHAKES: usize = 64;
/// What clients get to finish their goodbye at shutdown.
const FAREWELL: Duration = Duration::from_secs(3);
/// After a failed accept, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves clients of `listener` until `shutdown` is ready, then says goodbye to each (close code 1001) and returns.
///
/// A client that cannot be accepted is logged and no reason to stop.
pub async fn run(
    listener: TcpListener,
    engines: Arc<Engines>,
    access: Access,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    run_for_developers(listener, engines, access, Developer::default(), shutdown).await
}

/// The same with what those want who write clients.
pub async fn run_for_developers(
    listener: TcpListener,
    engines: Arc<Engines>,
    access: Access,
    developer: Developer,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(());
    let service = Arc::new(Service {
        access,
        developer,
        admitted: AtomicU64::new(0),
        queue: Arc::new(Queue::new(engines.synthesizer.at_once())),
        engines,
        seats: Arc::new(Semaphore::new(MAX_CLIENTS)),
        handshakes: Arc::new(Semaphore::new(MAX_HANDSHAKES)),
    });
    let mut clients = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = clients.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => service.welcome(stream, &mut clients, stopped.clone()),
                Err(error) => {
                    tracing::warn!(%error, "a client could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    drop(stop);
    let all_gone = async { while clients.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, all_gone).await.is_err() {
        tracing::warn!("some clients did not say goodbye");
    }
    Ok(())
}

struct Service {
    engines: Arc<Engines>,
    access: Access,
    developer: Developer,
    /// Clients ever let in.
    admitted: AtomicU64,
    queue: Arc<Queue>,
    seats: Arc<Semaphore>,
    handshakes: Arc<Semaphore>,
}

impl Service {
    fn welcome(
        self: &Arc<Self>,
        stream: TcpStream,
        clients: &mut JoinSet<()>,
        mut stopped: watch::Receiver<()>,
    ) {
        let Ok(knocking) = Arc::clone(&self.handshakes).try_acquire_owned() else {
            tracing::warn!("too many connections without a request; one more was closed");
            return;
        };
        let service = Arc::clone(self);
        clients.spawn(async move {
            let handshake = socket::accept(stream, &service.access, &service.seats);
            let admitted = tokio::select! {
                admitted = handshake => admitted,
                _ = stopped.changed() => return,
            };
            drop(knocking);
            match admitted {
                Ok(admitted) => {
                    let number = service.admitted.fetch_add(1, Ordering::Relaxed) + 1;
                    let client = service.developer.client(number);
                    match &service.developer.script {
                        None => {
                            let (engines, queue) = (&service.engines, &service.queue);
                            connection::serve(admitted, engines, queue, client, stopped).await;
                        }
                        Some(script) => connection::play(admitted, script, client, stopped).await,
                    }
                }
                Err(error) => tracing::info!(%error, "a client was not admitted"),
            }
        });
    }
}

#[cfg(test)]
mod schema;
#[cfg(test)]
mod tests;
