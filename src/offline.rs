//! The offline engine as this program runs it: which ears, brain and voice, and where it listens.

use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use url::Url;

use crate::pcm::SESSION_RATE;
use crate::server::recognizer::{self, LazyRecognizer, find_program};
use crate::server::rules::Rules;
use crate::server::synthesizer::Espeak;
use crate::server::{self, Access, Engines, Token};
use crate::transport::Endpoint;
use crate::transport::auth::ApiKey;
use crate::vad::VoiceActivity;

pub(crate) const MODEL: &str = "offline";

/// Whether speech is to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ears {
    Open,
    /// They open when somebody speaks all the same.
    Closed,
}

/// The engine inside this process, for this process alone. Dropping it ends it.
pub(crate) struct Embedded {
    pub(crate) endpoint: Endpoint,
    _stop: oneshot::Sender<()>,
}

/// Starts the engine on a free port of loopback, behind a token of its own.
pub(crate) async fn embed(cache_dir: &Path, ears: Ears) -> anyhow::Result<Embedded> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let token = Token::random()?;
    let mut endpoint =
        Endpoint::plain(Url::parse(&format!("ws://127.0.0.1:{port}/v1/realtime?model={MODEL}"))?);
    endpoint.key = Some(ApiKey::new(token.reveal())?);
    let access = Access { token: Some(token) };
    let engines = engines(cache_dir, ears);
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let shutdown = async {
            let _ = stopped.await;
        };
        if let Err(error) = server::run(listener, engines, access, shutdown).await {
            tracing::error!(%error, "the offline engine has stopped");
        }
    });
    Ok(Embedded { endpoint, _stop: stop })
}

/// Why answers cannot be spoken, if so: then they are written.
pub(crate) fn voiceless() -> Option<String> {
    let missing = find_program("espeak-ng").is_none();
    missing.then(|| "there is no voice, so answers are written: install the package `espeak-ng`".to_owned())
}

/// What a conversation by voice lacks here, and what would bring it.
pub(crate) fn missing() -> Vec<(String, &'static str)> {
    let ears = recognizer::missing().map(|what| (format!("no speech in: {what}"), recognizer::INSTALL));
    let voice = "no speech out: there is no `espeak-ng`".to_owned();
    let voice = find_program("espeak-ng").is_none().then_some((voice, "install the package `espeak-ng`"));
    ears.into_iter().chain(voice).collect()
}

/// The engines that need no network. What is missing on the system is told when it is needed.
pub(crate) fn engines(cache_dir: &Path, ears: Ears) -> Arc<Engines> {
    let recognizer = LazyRecognizer::pocketsphinx(cache_dir);
    if ears == Ears::Open {
        recognizer.warm_up();
    }
    Arc::new(Engines {
        model: MODEL.to_owned(),
        instructions: "Keep the person's tasks.".to_owned(),
        detector: Box::new(|| Box::new(VoiceActivity::new(SESSION_RATE))),
        recognizer: Arc::new(recognizer),
        brain: Arc::new(Rules),
        synthesizer: Arc::new(Espeak::new()),
    })
}
