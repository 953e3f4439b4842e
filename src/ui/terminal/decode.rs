//! From the terminal's bytes to keys, pastes and answers. Pure: bytes in, [`Input`]s out.
//!
//! crossterm has a reader of its own, which is not used: it knows nothing of associated text, without which letters
//! of the third level (`AltGr`) come out wrong where all keys are reported as escape codes; it takes the first half
//! of a sequence that arrives in two pieces for Esc; and it waits for the terminal's answers, up to two seconds.

use std::collections::VecDeque;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::ui::scroll::ScrollStep;

/// After this long without a byte, an escape is the key of that name, and not the beginning of something.
const ESCAPE: Duration = Duration::from_millis(50);
/// After this long without a byte, the last end marker was the end of a paste, and not a part of its text.
const PASTED: Duration = Duration::from_millis(20);
/// After this long without a byte, a paste without an end marker will get none.
const BROKEN_PASTE: Duration = Duration::from_secs(1);
/// No sequence is as long as this.
const LONGEST: usize = 256;

const PASTE_END: &[u8] = b"\x1b[201~";
const ESC: u8 = 0x1b;

/// The enhancements of the kitty keyboard protocol without which there are no releases of all keys: event types,
/// and all keys as escape codes.
const RELEASES: u32 = 0b1010;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    Key(KeyEvent),
    Paste(String),
    FocusLost,
    /// A notch of the mouse's wheel.
    Wheel(ScrollStep),
    /// The terminal says how it sends keys: whether with their releases.
    Keyboard {
        releases: bool,
    },
}

#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The beginning of something.
    bytes: Vec<u8>,
    paste: Option<Paste>,
    inputs: VecDeque<Input>,
}

#[derive(Debug, Default)]
struct Paste {
    bytes: Vec<u8>,
    /// Where the last end marker begins.
    end: Option<usize>,
}

/// What a beginning of some bytes means.
enum Step {
    /// More bytes are needed to say.
    More,
    /// So many bytes mean this.
    Done(usize, Vec<Input>),
    /// So many bytes begin a paste.
    Paste(usize),
}

impl Decoder {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if let Some(paste) = &mut self.paste {
            return paste.push(bytes);
        }
        self.bytes.extend_from_slice(bytes);
        self.decode();
    }

    pub(super) fn next(&mut self) -> Option<Input> {
        self.inputs.pop_front()
    }

    /// How long to wait for another byte before [`Self::quiet`] is called; `None` for ever.
    pub(super) fn patience(&self) -> Option<Duration> {
        match &self.paste {
            Some(Paste { end: Some(_), .. }) => Some(PASTED),
            Some(_) => Some(BROKEN_PASTE),
            None if self.bytes.is_empty() => None,
            None => Some(ESCAPE),
        }
    }

    /// No more bytes come for now: what there is has to be made sense of.
    pub(super) fn quiet(&mut self) {
        if let Some(paste) = self.paste.take() {
            let end = paste.end.unwrap_or(paste.bytes.len());
            let (text, rest) = paste.bytes.split_at(end);
            self.inputs.push_back(Input::Paste(String::from_utf8_lossy(text).into_owned()));
            return self.push(rest.get(PASTE_END.len()..).unwrap_or_default());
        }
        let bytes = std::mem::take(&mut self.bytes);
        match bytes.as_slice() {
            [ESC] => self.inputs.push_back(Input::Key(KeyCode::Esc.into())),
            &[ESC, byte] => {
                let key = KeyEvent::new(KeyCode::Char(byte.into()), KeyModifiers::ALT);
                self.inputs.push_back(Input::Key(key));
            }
            _ => {}
        }
    }

    fn decode(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            match step(rest) {
                Step::More => break,
                Step::Done(length, inputs) => {
                    self.inputs.extend(inputs);
                    rest = &rest[length..];
                }
                Step::Paste(length) => {
                    let mut paste = Paste::default();
                    paste.push(&rest[length..]);
                    self.paste = Some(paste);
                    return;
                }
            }
        }
        self.bytes = rest.to_vec();
    }
}

impl Paste {
    /// Text may hold an end marker, to have what follows it taken for keys. So the last one that has arrived counts.
    fn push(&mut self, bytes: &[u8]) {
        let from = self.bytes.len().saturating_sub(PASTE_END.len() - 1);
        self.bytes.extend_from_slice(bytes);
        let fresh = &self.bytes[from..];
        let last = fresh.windows(PASTE_END.len()).rposition(|window| window == PASTE_END);
        self.end = last.map(|at| from + at).or(self.end);
    }
}

fn step(bytes: &[u8]) -> Step {
    match bytes[0] {
        ESC => escape(bytes),
        byte @ (0..0x20 | 0x7f) => key(1, control(byte)),
        _ => character(bytes),
    }
}

fn nothing(length: usize) -> Step {
    Step::Done(length, Vec::new())
}

fn key(length: usize, key: KeyEvent) -> Step {
    Step::Done(length, vec![Input::Key(key)])
}

fn control(byte: u8) -> KeyEvent {
    let code = match byte {
        b'\r' => return KeyCode::Enter.into(),
        b'\t' => return KeyCode::Tab.into(),
        0x7f => return KeyCode::Backspace.into(),
        0 => ' ',
        0x01..=0x1a => (byte - 1 + b'a').into(),
        _ => (byte - 0x1c + b'4').into(),
    };
    KeyEvent::new(KeyCode::Char(code), KeyModifiers::CONTROL)
}

/// One character of UTF-8; what is none is passed over.
fn character(bytes: &[u8]) -> Step {
    let length = match bytes[0] {
        0..0x80 => 1,
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return nothing(1),
    };
    let present = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(present) {
        Ok(text) => match text.chars().next() {
            Some(c) if !c.is_control() => key(length, KeyCode::Char(c).into()),
            _ => nothing(length),
        },
        Err(error) if error.error_len().is_none() => Step::More,
        Err(_) => nothing(1),
    }
}

fn escape(bytes: &[u8]) -> Step {
    match bytes.get(1) {
        None => Step::More,
        Some(b'[') => sequence(bytes),
        Some(b'O') => match bytes.get(2) {
            None => Step::More,
            Some(b'M') => key(3, KeyCode::Enter.into()),
            Some(&last) => cursor_key(last).map_or_else(|| nothing(3), |code| key(3, code.into())),
        },
        Some(&ESC) => key(1, KeyCode::Esc.into()),
        Some(_) => match step(&bytes[1..]) {
            Step::Done(length, mut inputs) => {
                for input in &mut inputs {
                    if let Input::Key(key) = input {
                        key.modifiers |= KeyModifiers::ALT;
                    }
                }
                Step::Done(length + 1, inputs)
            }
            other => other,
        },
    }
}

/// `CSI parameters final`.
fn sequence(bytes: &[u8]) -> Step {
    let body = &bytes[2..];
    if let Some(b'[') = body.first() {
        // The Linux console's F1 to F5.
        return match body.get(1) {
            None => Step::More,
            Some(&last @ b'A'..=b'E') => key(4, KeyCode::F(last - b'A' + 1).into()),
            Some(_) => nothing(4),
        };
    }
    let Some(end) = body.iter().position(|byte| !(0x20..0x40).contains(byte)) else {
        return if bytes.len() < LONGEST { Step::More } else { nothing(bytes.len()) };
    };
    let (length, last) = (2 + end + 1, body[end]);
    if !(0x40..0x7f).contains(&last) {
        return nothing(2 + end);
    }
    let parameters = Parameters(std::str::from_utf8(&body[..end]).unwrap_or_default());
    match last {
        b'~' if parameters.number(0, 0) == Some(200) => Step::Paste(length),
        _ => Step::Done(length, parameters.mean(last)),
    }
}

/// Of a sequence: fields divided by `;`, of parts divided by `:`.
#[derive(Clone, Copy)]
struct Parameters<'a>(&'a str);

impl<'a> Parameters<'a> {
    fn parts(self, field: usize) -> impl Iterator<Item = Option<u32>> + use<'a> {
        let field = self.0.split(';').nth(field).unwrap_or_default();
        field.split(':').map(|part| part.parse().ok())
    }

    fn number(self, field: usize, part: usize) -> Option<u32> {
        self.parts(field).nth(part).flatten()
    }

    fn mean(self, last: u8) -> Vec<Input> {
        match last {
            b'u' if self.0.starts_with('?') => {
                let flags: u32 = self.0[1..].parse().unwrap_or_default();
                vec![Input::Keyboard { releases: flags & RELEASES == RELEASES }]
            }
            b'M' if self.0.starts_with('<') => self.wheel(),
            // Other answers and reports, of which none was asked for.
            _ if self.0.starts_with(['?', '<', '=', '>']) => vec![],
            b'O' if self.0.is_empty() => vec![Input::FocusLost],
            b'Z' => vec![Input::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT))],
            b'u' => self.reported(),
            b'~' => self.numbered(),
            _ => cursor_key(last).map_or_else(Vec::new, |code| vec![self.with_modifiers(code)]),
        }
    }

    fn with_modifiers(self, code: KeyCode) -> Input {
        Input::Key(KeyEvent::new_with_kind(code, self.modifiers(), self.kind()))
    }

    /// `CSI < button ; column ; row M`, with modifiers in the button's bits 2 to 4.
    fn wheel(self) -> Vec<Input> {
        let button = self.0[1..].split(';').next().and_then(|button| button.parse::<u32>().ok());
        match button.map(|button| button & !0b1_1100) {
            Some(64) => vec![Input::Wheel(ScrollStep::Up)],
            Some(65) => vec![Input::Wheel(ScrollStep::Down)],
            _ => vec![],
        }
    }

    /// `CSI number ; modifiers : kind ~`
    fn numbered(self) -> Vec<Input> {
        let code = match self.number(0, 0) {
            Some(1 | 7) => KeyCode::Home,
            Some(2) => KeyCode::Insert,
            Some(3) => KeyCode::Delete,
            Some(4 | 8) => KeyCode::End,
            Some(5) => KeyCode::PageUp,
            Some(6) => KeyCode::PageDown,
            Some(n @ 11..=15) => KeyCode::F(n as u8 - 10),
            Some(n @ 17..=21) => KeyCode::F(n as u8 - 11),
            Some(n @ 23..=26) => KeyCode::F(n as u8 - 12),
            Some(n @ 28..=29) => KeyCode::F(n as u8 - 15),
            Some(n @ 31..=34) => KeyCode::F(n as u8 - 17),
            // xterm's modifyOtherKeys: `CSI 27 ; modifiers ; code ~`
            Some(27) => match self.number(2, 0).and_then(|code| named(code, self.modifiers())) {
                Some(code) => code,
                None => return vec![],
            },
            _ => return vec![],
        };
        vec![self.with_modifiers(code)]
    }

    /// The kitty keyboard protocol: `CSI code : shifted : base ; modifiers : kind ; text u`. The text is what the
    /// key writes, whatever the layout; terminals that do not tell it tell the shifted code.
    fn reported(self) -> Vec<Input> {
        let (code, modifiers, kind) = (self.number(0, 0).unwrap_or_default(), self.modifiers(), self.kind());
        let text: Vec<char> =
            self.parts(2).flatten().filter_map(char::from_u32).filter(|c| !c.is_control()).collect();
        if kind != KeyEventKind::Release && !text.is_empty() && self.is_typed(&text) {
            let typed = |c| KeyEvent::new_with_kind(KeyCode::Char(c), KeyModifiers::NONE, kind);
            return text.into_iter().map(|c| Input::Key(typed(c))).collect();
        }
        let Some(named) = named(code, modifiers) else { return vec![] };
        let KeyCode::Char(c) = named else { return vec![self.with_modifiers(named)] };
        let chord = modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let character = |part| self.number(0, part).and_then(char::from_u32);
        let shift = modifiers.contains(KeyModifiers::SHIFT);
        let c = match (character(1), character(2)) {
            // Ctrl-C is where it is on a Latin keyboard.
            (_, Some(base)) if chord && !c.is_ascii() => base,
            (Some(shifted), _) if shift => shifted,
            _ if !chord && shift != self.is_caps_locked() => c.to_uppercase().next().unwrap_or(c),
            _ => c,
        };
        let modifiers = modifiers - KeyModifiers::SHIFT;
        vec![Input::Key(KeyEvent::new_with_kind(KeyCode::Char(c), modifiers, kind))]
    }

    /// Alt with a key is a chord, unless it makes another character of it, as Option does on a Mac.
    fn is_typed(self, text: &[char]) -> bool {
        let modifiers = self.modifiers() - KeyModifiers::SHIFT;
        let is_own = |c: char| self.parts(0).any(|part| part == Some(c.into()));
        modifiers.is_empty() || (modifiers == KeyModifiers::ALT && !text.iter().any(|&c| is_own(c)))
    }

    /// One more than the sum of the modifiers' bits.
    fn mask(self) -> u32 {
        self.number(1, 0).unwrap_or(1).saturating_sub(1)
    }

    fn is_caps_locked(self) -> bool {
        self.mask() & 64 != 0
    }

    fn modifiers(self) -> KeyModifiers {
        let bits = [
            KeyModifiers::SHIFT,
            KeyModifiers::ALT,
            KeyModifiers::CONTROL,
            KeyModifiers::SUPER,
            KeyModifiers::HYPER,
            KeyModifiers::META,
        ];
        let set = bits.into_iter().enumerate().filter(|(bit, _)| self.mask() & (1 << bit) != 0);
        set.fold(KeyModifiers::NONE, |all, (_, modifier)| all | modifier)
    }

    fn kind(self) -> KeyEventKind {
        match self.number(1, 1) {
            Some(2) => KeyEventKind::Repeat,
            Some(3) => KeyEventKind::Release,
            _ => KeyEventKind::Press,
        }
    }
}

/// The last byte of `CSI … X` and `SS3 X`.
fn cursor_key(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

/// A key by its code in the kitty keyboard protocol. Modifiers by themselves, locks and media keys mean nothing.
fn named(code: u32, modifiers: KeyModifiers) -> Option<KeyCode> {
    /// The keypad, from 57399 on.
    const KEYPAD: [KeyCode; 28] = [
        KeyCode::Char('0'),
        KeyCode::Char('1'),
        KeyCode::Char('2'),
        KeyCode::Char('3'),
        KeyCode::Char('4'),
        KeyCode::Char('5'),
        KeyCode::Char('6'),
        KeyCode::Char('7'),
        KeyCode::Char('8'),
        KeyCode::Char('9'),
        KeyCode::Char('.'),
        KeyCode::Char('/'),
        KeyCode::Char('*'),
        KeyCode::Char('-'),
        KeyCode::Char('+'),
        KeyCode::Enter,
        KeyCode::Char('='),
        KeyCode::Char(','),
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Insert,
        KeyCode::Delete,
    ];
    Some(match code {
        9 if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        57376..=57398 => KeyCode::F((code - 57376 + 13) as u8),
        57399..=57426 => KEYPAD[(code - 57399) as usize],
        // Private use: keys that have no meaning here.
        57344..=63743 => return None,
        _ => KeyCode::Char(char::from_u32(code).filter(|c| !c.is_control())?),
    })
}

#[cfg(test)]
mod tests;
