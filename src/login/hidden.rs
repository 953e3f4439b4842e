//! A line from the terminal that does not appear on it.

use std::io::{self, Read as _, Write as _};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// As the terminal was, when this is dropped.
struct Quiet(Termios);

impl Quiet {
    /// Keys come one by one and are not shown. Ctrl-C is one of them: who leaves has to put the terminal right first.
    fn new() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // There is nobody to tell.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// What a key does to the line.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    More,
    End,
    Cancel,
}

/// The line without its end; `None` when the person thinks better of it.
pub(super) fn line(prompt: &str, longest: usize) -> io::Result<Option<Zeroizing<String>>> {
    let mut terminal = io::stderr();
    write!(terminal, "{prompt}")?;
    terminal.flush()?;
    let quiet = Quiet::new()?;
    // Room for all of it: a text that moves as it grows leaves itself behind.
    let mut line = Zeroizing::new(Vec::with_capacity(longest));
    let mut byte = [0];
    let mut step = Step::More;
    while step == Step::More {
        step = if io::stdin().read(&mut byte)? == 0 { Step::End } else { take(&mut line, byte[0], longest) };
    }
    drop(quiet);
    writeln!(terminal)?;
    if step == Step::Cancel {
        return Ok(None);
    }
    let text = std::str::from_utf8(&line).map_err(|_| io::Error::other("that is not text"))?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}

fn take(line: &mut Vec<u8>, byte: u8, longest: usize) -> Step {
    const CTRL_C: u8 = 3;
    const CTRL_D: u8 = 4;
    const CTRL_U: u8 = 21;
    match byte {
        b'\r' | b'\n' => return Step::End,
        CTRL_C => return Step::Cancel,
        CTRL_D if line.is_empty() => return Step::Cancel,
        CTRL_D => return Step::End,
        CTRL_U => line.clear(),
        8 | 127 => drop(line.pop()),
        byte if line.len() < longest => line.push(byte),
        _ => {}
    }
    Step::More
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(bytes: &[u8]) -> (String, Step) {
        let mut line = Vec::new();
        for byte in bytes {
            let step = take(&mut line, *byte, 8);
            if step != Step::More {
                return (String::from_utf8(line).unwrap(), step);
            }
        }
        (String::from_utf8(line).unwrap(), Step::More)
    }

    #[test]
    fn a_line_is_typed_and_mended_and_ends_with_enter() {
        assert_eq!(typed(b"sk-x\x7fy\r"), ("sk-y".to_owned(), Step::End));
        assert_eq!(typed(b"oops\x15sk\n"), ("sk".to_owned(), Step::End));
        assert_eq!(typed(b"0123456789\r"), ("01234567".to_owned(), Step::End));
    }

    #[test]
    fn who_thinks_better_of_it_leaves() {
        assert_eq!(typed(b"sk\x03").1, Step::Cancel);
        assert_eq!(typed(b"\x04").1, Step::Cancel);
        assert_eq!(typed(b"sk\x04"), ("sk".to_owned(), Step::End));
    }
}
