//! Files that are written beside a conversation, on threads of their own: a slow disk holds nobody up, and a full one
//! is told once.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// Longer is not waited for what is still to be written at the end.
const FINISH_WITHIN: Duration = Duration::from_secs(2);

/// What writes, on its thread.
pub trait Target: Send + 'static {
    type Item: Send + 'static;

    fn write(&mut self, item: Self::Item) -> io::Result<()>;

    /// Nothing more is to be written for now: what was written has to be there, even if the program is killed.
    fn settle(&mut self) -> io::Result<()>;

    /// Nothing more will come.
    fn finish(&mut self) -> io::Result<()> {
        self.settle()
    }
}

/// The way to a [`Target`]. What is sent after it has failed is dropped.
#[derive(Debug)]
pub struct Writer<T> {
    items: Option<Sender<T>>,
    done: Receiver<()>,
}

impl<T: Send + 'static> Writer<T> {
    /// `failed` is called at most once, on the thread that writes.
    pub fn start(
        mut target: impl Target<Item = T>,
        failed: impl FnOnce(&io::Error) + Send + 'static,
    ) -> io::Result<Self> {
        let (items, received) = channel();
        let (finished, done) = channel();
        thread::Builder::new().name("records".to_owned()).spawn(move || {
            if let Err(error) = write_all(&mut target, &received) {
                failed(&error);
            }
            drop(target);
            let _ = finished.send(());
        })?;
        Ok(Self { items: Some(items), done })
    }

    pub fn send(&self, item: T) {
        if let Some(items) = &self.items {
            let _ = items.send(item);
        }
    }

    /// Waits until all is written, but not for ever.
    pub fn finish(mut self) {
        self.items = None;
        let _ = self.done.recv_timeout(FINISH_WITHIN);
    }
}

fn write_all<T>(target: &mut impl Target<Item = T>, items: &Receiver<T>) -> io::Result<()> {
    while let Ok(item) = items.recv() {
        target.write(item)?;
        for more in items.try_iter() {
            target.write(more)?;
        }
        target.settle()?;
    }
    target.finish()
}

/// Lines with their ends.
pub struct Lines(BufWriter<File>);

impl Lines {
    pub fn new(file: File) -> Self {
        Self(BufWriter::new(file))
    }
}

impl Target for Lines {
    type Item = String;

    fn write(&mut self, line: String) -> io::Result<()> {
        self.0.write_all(line.as_bytes())
    }

    fn settle(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    /// Takes so many items, and then none.
    struct Disk(usize);

    impl Target for Disk {
        type Item = ();

        fn write(&mut self, (): ()) -> io::Result<()> {
            self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
            Ok(())
        }

        fn settle(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_told_once_and_holds_nobody_up() {
        let (failed, told) = sync_channel(8);
        let writer = Writer::start(Disk(2), move |error| failed.send(error.kind()).unwrap()).unwrap();
        (0..5).for_each(|_| writer.send(()));
        assert_eq!(told.recv(), Ok(io::ErrorKind::StorageFull));
        writer.send(());
        writer.finish();
        assert!(told.recv().is_err(), "and not again");
    }

    #[test]
    fn all_is_written_when_it_is_finished() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines");
        let writer = Writer::start(Lines::new(File::create(&path).unwrap()), |_| {}).unwrap();
        (0..1000).for_each(|n| writer.send(format!("{n}\n")));
        writer.finish();
        assert_eq!(std::fs::read_to_string(path).unwrap().lines().count(), 1000);
    }
}
