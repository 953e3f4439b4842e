//! `PocketSphinx`'s decoder behind a safe interface, its library loaded at run time.
//!
//! The only code of this project that is `unsafe`: it may do nothing but call that library. Both forms of its
//! interface are known: that of 0.8 and 5prealpha, as distributions have it, and that of 5, which renamed how it is
//! configured. Whoever uses it decides what is decoded with which parameters.

use std::ffi::{CStr, CString, c_char, c_int};
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Arc;

mod api;

use api::{Api, Config, Handle, Segment};

/// Names of the library, the likeliest first: those of Debian's 5prealpha, of a development package, of version 5,
/// and of macOS, where Homebrew's directory is not searched by itself.
const NAMES: [&str; 6] = [
    "libpocketsphinx.so.3",
    "libpocketsphinx.so",
    "libpocketsphinx.so.5",
    "libpocketsphinx.dylib",
    "/opt/homebrew/lib/libpocketsphinx.dylib",
    "/usr/local/lib/libpocketsphinx.dylib",
];

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the library `libpocketsphinx` was not found")]
    NotFound,
    #[error("cannot load `{name}`: {source}")]
    Load { name: String, source: libloading::Error },
    #[error("the parameter `{0}` is not one of PocketSphinx, or its value is not")]
    Parameter(String),
    #[error("PocketSphinx does not accept its model or its parameters")]
    Rejected,
    #[error("PocketSphinx failed while it decoded")]
    Decoding,
}

/// The loaded library.
#[derive(Debug)]
pub struct Library {
    api: Api,
}

impl Library {
    /// Looks where the system keeps its libraries.
    pub fn find() -> Result<Arc<Self>, Error> {
        NAMES.iter().find_map(|name| Self::open(Path::new(name)).ok()).ok_or(Error::NotFound)
    }

    /// `path` is a file, or a name for the system to find.
    pub fn open(path: &Path) -> Result<Arc<Self>, Error> {
        let failed = |source| Error::Load { name: path.display().to_string(), source };
        Ok(Arc::new(Self { api: Api::load(path).map_err(failed)? }))
    }
}

/// What was heard.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hypothesis {
    pub words: Vec<Word>,
    /// The posterior probability of the whole, 0 to 1; only with the parameter `bestpath`, else 1.
    pub probability: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// As in the dictionary, without the number of its pronunciation.
    pub text: String,
    /// Its posterior probability, 0 to 1; only with `bestpath`, else 1.
    pub probability: f64,
}

/// A loaded model, which hears one utterance at a time.
#[derive(Debug)]
pub struct Decoder {
    handle: NonNull<Handle>,
    listening: bool,
    library: Arc<Library>,
    /// 5prealpha keeps pointing into its arguments.
    _arguments: Vec<CString>,
}

// SAFETY: a decoder has no ties to the thread that made it, and `&mut self` keeps its users apart.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Takes a second or so. `parameters` are names, without a dash, and values, as the command line has them.
    pub fn new(library: &Arc<Library>, parameters: &[(&str, &str)]) -> Result<Self, Error> {
        let api = &library.api;
        api.silence();
        let (config, arguments) = configure(api, parameters)?;
        // SAFETY: the configuration is a live one; the decoder takes a reference of its own.
        let handle = unsafe { (api.init)(config.as_ptr()) };
        api.release(config);
        let handle = NonNull::new(handle).ok_or(Error::Rejected)?;
        Ok(Self { handle, listening: false, library: Arc::clone(library), _arguments: arguments })
    }

    /// Begins an utterance, and gives up the one before if it was not ended. What is known of the noise is forgotten,
    /// of the channel it is kept.
    pub fn begin(&mut self) -> Result<(), Error> {
        self.stop()?;
        let handle = self.handle.as_ptr();
        if let Some(start_stream) = self.library.api.start_stream {
            // SAFETY: the handle is that of a live decoder, here and below.
            check(unsafe { start_stream(handle) })?;
        }
        // SAFETY: no utterance is going on.
        check(unsafe { (self.library.api.start_utt)(handle) })?;
        self.listening = true;
        Ok(())
    }

    /// Takes samples of 16 kHz, any number.
    pub fn process(&mut self, samples: &[i16]) -> Result<(), Error> {
        if !self.listening {
            return Err(Error::Decoding);
        }
        let handle = self.handle.as_ptr();
        // SAFETY: pointer and length are of the same slice, which the library only reads, during the call.
        check(unsafe { (self.library.api.process_raw)(handle, samples.as_ptr(), samples.len(), 0, 0) })
    }

    /// The words so far; later samples may change them.
    pub fn partial(&mut self) -> Vec<String> {
        if !self.listening {
            return Vec::new();
        }
        self.text().split_whitespace().filter_map(spoken).collect()
    }

    /// No more samples come: the words, with what the decoder makes of them now that it knows all.
    pub fn end(&mut self) -> Result<Hypothesis, Error> {
        if !self.listening {
            return Err(Error::Decoding);
        }
        self.stop()?;
        // Asked first: it makes the lattice on which the probabilities stand.
        if self.text().is_empty() {
            return Ok(Hypothesis::default());
        }
        let api = &self.library.api;
        // SAFETY: the handle is that of a live decoder.
        let probability =
            api.probability(self.handle.as_ptr(), unsafe { (api.get_prob)(self.handle.as_ptr()) });
        Ok(Hypothesis { words: self.words(), probability })
    }

    fn stop(&mut self) -> Result<(), Error> {
        if !std::mem::take(&mut self.listening) {
            return Ok(());
        }
        // SAFETY: an utterance is going on, and is over with this.
        check(unsafe { (self.library.api.end_utt)(self.handle.as_ptr()) })
    }

    fn text(&mut self) -> String {
        // SAFETY: the score is not asked for; the text belongs to the decoder and is copied before it is used again.
        unsafe {
            let text = (self.library.api.get_hyp)(self.handle.as_ptr(), ptr::null_mut());
            if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
        }
    }

    fn words(&mut self) -> Vec<Word> {
        let api = &self.library.api;
        let handle = self.handle.as_ptr();
        let mut words = Vec::new();
        // SAFETY: `seg_next` frees the segment at the end; words belong to the decoder and are copied at once.
        unsafe {
            let mut segment: *mut Segment = (api.seg_iter)(handle);
            while !segment.is_null() {
                let text = (api.seg_word)(segment);
                let posterior = (api.seg_prob)(segment, ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
                if !text.is_null()
                    && let Some(text) = spoken(&CStr::from_ptr(text).to_string_lossy())
                {
                    words.push(Word { text, probability: api.probability(handle, posterior) });
                }
                segment = (api.seg_next)(segment);
            }
        }
        words
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: nobody else has the handle, and it is not used again.
        unsafe { (self.library.api.free)(self.handle.as_ptr()) };
    }
}

/// `tomato` of `tomato(2)`; nothing of `<sil>`, `<s>` and `[NOISE]`.
fn spoken(word: &str) -> Option<String> {
    let is_mark = word.starts_with(['<', '[', '+']);
    let word = word.split_once('(').map_or(word, |(word, _)| word);
    (!is_mark && !word.is_empty()).then(|| word.to_owned())
}

/// Also returns what must live as long as the decoder.
fn configure(api: &Api, parameters: &[(&str, &str)]) -> Result<(NonNull<Config>, Vec<CString>), Error> {
    match &api.configuration {
        api::Configuration::Arguments(form) => {
            let mut arguments = vec![c"pocketsphinx".to_owned()];
            for (name, value) in parameters {
                arguments.push(c_string(name, &format!("-{name}"))?);
                arguments.push(c_string(name, value)?);
            }
            let mut pointers: Vec<*mut c_char> =
                arguments.iter().map(|argument| argument.as_ptr().cast_mut()).collect();
            let count = c_int::try_from(pointers.len()).map_err(|_| Error::Rejected)?;
            // SAFETY: as many pointers to terminated strings as is said, which are only read, and outlive the
            // decoder; their vector is read during the call only.
            let config = unsafe {
                (form.parse)(ptr::null_mut(), (form.definitions)(), count, pointers.as_mut_ptr(), 1)
            };
            let named = || parameters.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ");
            Ok((NonNull::new(config).ok_or_else(|| Error::Parameter(named()))?, arguments))
        }
        api::Configuration::Object(form) => {
            // SAFETY: null stands for the library's own definitions.
            let config = NonNull::new(unsafe { (form.init)(ptr::null()) }).ok_or(Error::Rejected)?;
            for (name, value) in parameters {
                let (c_name, c_value) = (c_string(name, name)?, c_string(name, value)?);
                // SAFETY: both strings are terminated, and copied.
                let set = unsafe { (form.set_str)(config.as_ptr(), c_name.as_ptr(), c_value.as_ptr()) };
                if set.is_null() && !GONE.contains(name) {
                    api.release(config);
                    return Err(Error::Parameter((*name).to_owned()));
                }
            }
            Ok((config, Vec::new()))
        }
    }
}

/// Parameters that version 5 has no more, and does what they asked for.
const GONE: [&str; 1] = ["remove_silence"];

fn c_string(name: &str, text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| Error::Parameter(name.to_owned()))
}

fn check(result: c_int) -> Result<(), Error> {
    if result < 0 { Err(Error::Decoding) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
