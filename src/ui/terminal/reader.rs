//! Standard input, read on a thread of its own. It ends with the input, or with the process.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::fd::AsFd as _;
use std::time::Duration;

use tokio::sync::mpsc;

/// What a terminal gives at once, at most.
const PIECE: usize = 4096;
/// Pieces that may wait; the terminal keeps the rest.
const PIECES: usize = 64;
/// Between two looks where someone has made standard input non-blocking.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// What is typed, as it comes. After an error, or when the terminal has gone, there is no more.
pub(super) fn bytes() -> io::Result<mpsc::Receiver<io::Result<Vec<u8>>>> {
    let stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (sender, receiver) = mpsc::channel(PIECES);
    std::thread::Builder::new().name("keys".to_owned()).spawn(move || read(stdin, &sender))?;
    Ok(receiver)
}

fn read(mut stdin: File, sender: &mpsc::Sender<io::Result<Vec<u8>>>) {
    let mut piece = [0; PIECE];
    loop {
        let bytes = match stdin.read(&mut piece) {
            Ok(0) => return,
            Ok(length) => Ok(piece[..length].to_vec()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(LOOK_AGAIN);
                continue;
            }
            // So reads a terminal that has gone.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => return,
            Err(error) => Err(error),
        };
        let failed = bytes.is_err();
        if sender.blocking_send(bytes).is_err() || failed {
            return;
        }
    }
}
