//! The offline engine as this program runs it: which ears, brain and voice, and where it listens.

use std::path::Path;
use std::sync::Arc;

use anyhow::bail;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use url::Url;

use crate::config::{BrainPlan, OfflinePlan, RecognizerPlan, SynthesizerPlan};
use crate::pcm::SESSION_RATE;
use crate::server::chat::Chat;
use crate::server::engine::{Brain, Recognizer, Synthesizer};
use crate::server::recognizer::remote::RemoteRecognizer;
use crate::server::recognizer::{self, LazyRecognizer, find_program};
use crate::server::rules::Rules;
use crate::server::synthesizer::Espeak;
use crate::server::synthesizer::piper::Piper;
use crate::server::synthesizer::remote::RemoteVoice;
use crate::server::synthesizer::say::{self, Say};
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
pub(crate) async fn embed(engines: Arc<Engines>) -> anyhow::Result<Embedded> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let token = Token::random()?;
    let mut endpoint =
        Endpoint::plain(Url::parse(&format!("ws://127.0.0.1:{port}/v1/realtime?model={MODEL}"))?);
    endpoint.key = Some(ApiKey::new(token.reveal())?);
    let access = Access { token: Some(token) };
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
pub(crate) fn voiceless(plan: &OfflinePlan) -> Option<String> {
    let missing = |program| find_program(program).is_none();
    let gone = match plan.synthesizer {
        SynthesizerPlan::Auto => missing("espeak-ng") && missing(say::PROGRAM),
        SynthesizerPlan::Espeak => missing("espeak-ng"),
        SynthesizerPlan::Say | SynthesizerPlan::Piper { .. } | SynthesizerPlan::Http { .. } => false,
    };
    gone.then(|| "there is no voice, so answers are written: install the package `espeak-ng`".to_owned())
}

/// What a conversation by voice with the engines of `plan` lacks here, and what would bring it.
pub(crate) fn missing(plan: &OfflinePlan) -> Vec<(String, &'static str)> {
    let ears = recognizer::missing().filter(|_| plan.recognizer == RecognizerPlan::BuiltIn);
    let ears = ears.map(|what| (format!("no speech in: {what}"), recognizer::INSTALL));
    let voice = voiceless(plan)
        .map(|_| ("no speech out: there is no `espeak-ng`".to_owned(), "install the package `espeak-ng`"));
    ears.into_iter().chain(voice).collect()
}

/// The engines of `plan`. A program that is missing on the system is told when it is needed, a file that was named at
/// once.
pub(crate) fn engines(plan: &OfflinePlan, cache_dir: &Path, ears: Ears) -> anyhow::Result<Arc<Engines>> {
    Ok(Arc::new(Engines {
        model: MODEL.to_owned(),
        instructions: "Keep the person's tasks.".to_owned(),
        detector: Box::new(|| Box::new(VoiceActivity::new(SESSION_RATE))),
        recognizer: recognizer(&plan.recognizer, cache_dir, ears)?,
        brain: brain(&plan.brain),
        synthesizer: synthesizer(&plan.synthesizer, cache_dir, ears)?,
    }))
}

fn recognizer(plan: &RecognizerPlan, cache_dir: &Path, ears: Ears) -> anyhow::Result<Arc<dyn Recognizer>> {
    let recognizer = match plan {
        RecognizerPlan::BuiltIn => LazyRecognizer::pocketsphinx(cache_dir),
        RecognizerPlan::Whisper { model, language } => whisper(model, language.as_deref())?,
        RecognizerPlan::Http { endpoint, model, language } => {
            return Ok(Arc::new(RemoteRecognizer::new(endpoint.clone(), model, language.as_deref())));
        }
    };
    if ears == Ears::Open {
        recognizer.warm_up();
    }
    Ok(Arc::new(recognizer))
}

#[cfg(feature = "whisper")]
fn whisper(model: &Path, language: Option<&str>) -> anyhow::Result<LazyRecognizer> {
    use crate::server::recognizer::whisper::Whisper;
    if !model.is_file() {
        bail!(
            "there is no whisper model `{}`; `realtime-cli models fetch whisper-base.en` gets one",
            model.display()
        );
    }
    let (model, language) = (model.to_owned(), language.map(str::to_owned));
    Ok(LazyRecognizer::new(Box::new(move || Ok(Arc::new(Whisper::load(&model, language.as_deref())?)))))
}

#[cfg(not(feature = "whisper"))]
fn whisper(_: &Path, _: Option<&str>) -> anyhow::Result<LazyRecognizer> {
    bail!(
        "this program was built without whisper; build it with `cargo install --path . --locked --features whisper`, \
         which needs cmake, or run `whisper-server` and set `offline.transcription_url`"
    )
}

fn brain(plan: &BrainPlan) -> Arc<dyn Brain> {
    match plan {
        BrainPlan::BuiltIn => Arc::new(Rules),
        BrainPlan::Chat { endpoint, model } => Arc::new(Chat::new(endpoint.clone(), model)),
    }
}

fn synthesizer(plan: &SynthesizerPlan, cache_dir: &Path, ears: Ears) -> anyhow::Result<Arc<dyn Synthesizer>> {
    Ok(match plan {
        SynthesizerPlan::Auto
            if find_program("espeak-ng").is_none() && find_program(say::PROGRAM).is_some() =>
        {
            Arc::new(Say::new(cache_dir))
        }
        SynthesizerPlan::Auto | SynthesizerPlan::Espeak => Arc::new(Espeak::new()),
        SynthesizerPlan::Say => Arc::new(Say::new(cache_dir)),
        SynthesizerPlan::Piper { voice } => {
            let piper = Piper::new(voice)?;
            if ears == Ears::Open {
                piper.warm_up();
            }
            Arc::new(piper)
        }
        SynthesizerPlan::Http { endpoint, model, voice } => {
            Arc::new(RemoteVoice::new(endpoint.clone(), model, voice))
        }
    })
}
