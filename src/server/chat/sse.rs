//! Server-sent events: from bytes, cut anywhere, to the data of each event. Pure.

/// No event of a chat is longer, in bytes.
const MAX_EVENT: usize = 4 << 20;

/// An event that is too long to be one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Collects lines until an event is complete.
#[derive(Debug, Default)]
pub(super) struct Sse {
    line: Vec<u8>,
    data: String,
    /// The last byte was a carriage return: a line feed behind it ends the same line.
    after_return: bool,
}

impl Sse {
    /// Takes in any number of bytes; hands each complete event's data to `out`.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(&str)) -> Result<(), TooLong> {
        for &byte in bytes {
            let paired = std::mem::replace(&mut self.after_return, byte == b'\r') && byte == b'\n';
            match byte {
                b'\n' if paired => {}
                b'\n' | b'\r' => self.end_line(out),
                _ if self.line.len() + self.data.len() >= MAX_EVENT => return Err(TooLong),
                _ => self.line.push(byte),
            }
        }
        Ok(())
    }

    /// Servers often leave out the empty line behind the last event.
    pub(super) fn finish(&mut self, out: &mut dyn FnMut(&str)) {
        if !self.line.is_empty() {
            self.end_line(out);
        }
        self.end_event(out);
    }

    fn end_line(&mut self, out: &mut dyn FnMut(&str)) {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            self.end_event(out);
            return;
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        // An older llama.cpp puts an error into a field of its own.
        if field == "data" || field == "error" {
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(value.strip_prefix(' ').unwrap_or(value));
        }
    }

    fn end_event(&mut self, out: &mut dyn FnMut(&str)) {
        if !self.data.is_empty() {
            out(&std::mem::take(&mut self.data));
        }
    }
}
