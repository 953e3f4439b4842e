//! Two WAV files that are valid at any time while they are written, even if the program is killed.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Cut, Side};
use crate::config::paths;
use crate::pcm::{Pcm16, SESSION_RATE};
use crate::session_log::writer::Target;

const HEADER: u64 = 44;
/// The header is brought up to date this often, in samples: half a second.
const HEADER_EVERY: u64 = SESSION_RATE as u64 / 2;
/// A WAV file cannot hold more bytes than 32 bits count.
const MOST_SAMPLES: u64 = 2_000_000_000;

/// The two files of a recording.
pub struct Recording {
    you: Wav,
    assistant: Wav,
}

impl Recording {
    /// Makes both in `dir`, named after the time.
    pub fn create(dir: &Path, at: Timestamp) -> io::Result<(Self, [PathBuf; 2])> {
        paths::private_dir(dir)?;
        let dir = std::path::absolute(dir)?;
        let stem = at.strftime("%Y-%m-%dT%H-%M-%S").to_string();
        let paths = ["you", "assistant"].map(|side| dir.join(format!("{stem}-{side}.wav")));
        let [you, assistant] = &paths;
        let recording = Self { you: Wav::create(you)?, assistant: Wav::create(assistant)? };
        Ok((recording, paths))
    }

    fn file(&mut self, side: Side) -> &mut Wav {
        match side {
            Side::You => &mut self.you,
            Side::Assistant => &mut self.assistant,
        }
    }
}

impl Target for Recording {
    type Item = Cut;

    fn write(&mut self, cut: Cut) -> io::Result<()> {
        match cut {
            Cut::Put { side, at, samples } => self.file(side).put(at, &samples),
            Cut::Drop { side, from } => self.file(side).drop_from(from),
            Cut::Delay { side, from, by } => self.file(side).delay(from, by),
        }
    }

    fn settle(&mut self) -> io::Result<()> {
        self.you.settle()?;
        self.assistant.settle()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.you.write_header()?;
        self.assistant.write_header()
    }
}

struct Wav {
    file: File,
    /// In samples.
    length: u64,
    /// What the header says.
    told: u64,
}

impl Wav {
    fn create(path: &Path) -> io::Result<Self> {
        let mut wav = Self { file: paths::private_create(path)?, length: 0, told: 0 };
        wav.write_header()?;
        Ok(wav)
    }

    fn put(&mut self, at: u64, samples: &[i16]) -> io::Result<()> {
        let room = MOST_SAMPLES.saturating_sub(at);
        let samples = &samples[..samples.len().min(usize::try_from(room).unwrap_or(usize::MAX))];
        if samples.is_empty() {
            return Ok(());
        }
        // What is left out reads as zeros, which are silence.
        self.file.seek(SeekFrom::Start(HEADER + at * 2))?;
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        self.file.write_all(&bytes)?;
        self.length = self.length.max(at + samples.len() as u64);
        Ok(())
    }

    fn drop_from(&mut self, from: u64) -> io::Result<()> {
        if from < self.length {
            self.length = from;
            // The header first: it never tells of more than there is.
            self.write_header()?;
            self.file.set_len(HEADER + from * 2)?;
        }
        Ok(())
    }

    /// The rest of an answer, at most: it fits into memory.
    fn delay(&mut self, from: u64, by: u64) -> io::Result<()> {
        let mut rest = Vec::new();
        self.file.seek(SeekFrom::Start(HEADER + from * 2))?;
        self.file.read_to_end(&mut rest)?;
        let rest = Pcm16::from_le_bytes(&rest);
        self.drop_from(from)?;
        self.put(from + by, rest.samples())
    }

    fn settle(&mut self) -> io::Result<()> {
        if self.length >= self.told + HEADER_EVERY { self.write_header() } else { Ok(()) }
    }

    fn write_header(&mut self) -> io::Result<()> {
        let bytes = (self.length * 2) as u32;
        let mut header = Vec::with_capacity(HEADER as usize);
        header.extend_from_slice(b"RIFF");
        header.extend_from_slice(&(bytes + HEADER as u32 - 8).to_le_bytes());
        header.extend_from_slice(b"WAVEfmt ");
        header.extend_from_slice(&16_u32.to_le_bytes());
        // Plain samples of one channel.
        header.extend_from_slice(&1_u16.to_le_bytes());
        header.extend_from_slice(&1_u16.to_le_bytes());
        header.extend_from_slice(&SESSION_RATE.to_le_bytes());
        header.extend_from_slice(&(SESSION_RATE * 2).to_le_bytes());
        header.extend_from_slice(&2_u16.to_le_bytes());
        header.extend_from_slice(&16_u16.to_le_bytes());
        header.extend_from_slice(b"data");
        header.extend_from_slice(&bytes.to_le_bytes());
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header)?;
        self.told = self.length;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(path: &Path) -> (u32, Vec<i16>) {
        let reader = hound::WavReader::open(path).unwrap();
        (reader.spec().sample_rate, reader.into_samples().map(Result::unwrap).collect())
    }

    fn recording(dir: &Path) -> (Recording, [PathBuf; 2]) {
        Recording::create(&dir.join("talks"), Timestamp::UNIX_EPOCH).unwrap()
    }

    fn put(side: Side, at: u64, length: usize) -> Cut {
        Cut::Put { side, at, samples: vec![5; length] }
    }

    #[test]
    fn both_files_are_whole_before_during_and_after() {
        let dir = tempfile::tempdir().unwrap();
        let (mut recording, [you, assistant]) = recording(dir.path());
        assert_eq!((samples(&you), samples(&assistant)), ((24_000, vec![]), (24_000, vec![])));
        recording.write(put(Side::Assistant, 3, 24_000)).unwrap();
        recording.settle().unwrap();
        let (_, heard) = samples(&assistant);
        assert_eq!((heard.len(), &heard[..4]), (24_003, &[0, 0, 0, 5][..]), "as if it were killed now");
        recording.write(Cut::Drop { side: Side::Assistant, from: 5 }).unwrap();
        assert_eq!(samples(&assistant).1, [0, 0, 0, 5, 5]);
        recording.write(Cut::Delay { side: Side::Assistant, from: 4, by: 2 }).unwrap();
        recording.write(put(Side::You, 0, 1)).unwrap();
        recording.finish().unwrap();
        assert_eq!(samples(&you).1, [5]);
        assert_eq!(samples(&assistant).1, [0, 0, 0, 5, 0, 0, 5]);
    }

    #[cfg(unix)]
    #[test]
    fn recordings_are_for_their_owner_only_and_take_no_files_place() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let (_, [you, _]) = recording(dir.path());
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&dir.path().join("talks")), mode(&you)), (0o700, 0o600));
        let again = Recording::create(&dir.path().join("talks"), Timestamp::UNIX_EPOCH);
        assert_eq!(again.err().unwrap().kind(), io::ErrorKind::AlreadyExists);
    }
}
