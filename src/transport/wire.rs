//! A byte stream that remembers when bytes last moved, so that a dead peer shows even within a long message.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// What a socket can run over.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A stream with its meter.
pub(super) struct Wire {
    inner: Box<dyn Io>,
    meter: Arc<Meter>,
}

/// When bytes last came and went, in microseconds since the beginning.
#[derive(Debug)]
pub(super) struct Meter {
    start: Instant,
    read: AtomicU64,
    written: AtomicU64,
}

impl Wire {
    pub(super) fn new(inner: impl Io + 'static) -> (Self, Arc<Meter>) {
        let meter =
            Arc::new(Meter { start: Instant::now(), read: AtomicU64::new(0), written: AtomicU64::new(0) });
        (Self { inner: Box::new(inner), meter: Arc::clone(&meter) }, meter)
    }
}

impl Meter {
    pub(super) fn last_read(&self) -> Instant {
        self.start + Duration::from_micros(self.read.load(Ordering::Relaxed))
    }

    pub(super) fn last_written(&self) -> Instant {
        self.start + Duration::from_micros(self.written.load(Ordering::Relaxed))
    }

    fn mark(&self, which: &AtomicU64) {
        which.store(self.start.elapsed().as_micros() as u64, Ordering::Relaxed);
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.meter.mark(&self.meter.read);
        }
        result
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write(cx, buf);
        if matches!(result, Poll::Ready(Ok(n)) if n > 0) {
            self.meter.mark(&self.meter.written);
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
