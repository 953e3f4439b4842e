//! Standard error turned elsewhere for a while.
//!
//! Sound libraries write their complaints to file descriptor 2 by themselves: over a screen, or between the lines of
//! an answer. One at a time: who restores in another order than they diverted leaves it diverted.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

/// Standard error is elsewhere until this is dropped.
#[derive(Debug)]
pub struct Diverted {
    real: Option<OwnedFd>,
}

impl Diverted {
    pub fn to(place: impl AsFd) -> io::Result<Self> {
        let real = io::stderr().as_fd().try_clone_to_owned()?;
        rustix::stdio::dup2_stderr(place)?;
        Ok(Self { real: Some(real) })
    }

    pub fn to_nothing() -> io::Result<Self> {
        Self::to(File::options().write(true).open("/dev/null")?)
    }

    /// Another handle to the real one.
    pub fn real(&self) -> io::Result<File> {
        let real = self.real.as_ref().ok_or(io::ErrorKind::NotFound)?;
        Ok(File::from(real.try_clone()?))
    }
}

impl Drop for Diverted {
    fn drop(&mut self) {
        if let Some(real) = self.real.take() {
            // There is nowhere left to report it to.
            let _ = rustix::stdio::dup2_stderr(real);
        }
    }
}
