//! The functions of the library that are used, in both forms of its interface.

use std::ffi::{c_char, c_int, c_void};
use std::path::Path;
use std::ptr::{self, NonNull};

use libloading::{Error, Library};

/// Opaque things of the library.
pub(crate) enum Handle {}
pub(crate) enum Config {}
pub(crate) enum Segment {}
pub(crate) enum LogMath {}

type Score = *mut i32;

/// Declared as the library's own headers have them; they live as long as the library, which is never unloaded.
pub(crate) struct Api {
    pub(crate) configuration: Configuration,
    pub(crate) init: unsafe extern "C" fn(*mut Config) -> *mut Handle,
    pub(crate) free: unsafe extern "C" fn(*mut Handle) -> c_int,
    /// Gone in version 5.
    pub(crate) start_stream: Option<unsafe extern "C" fn(*mut Handle) -> c_int>,
    pub(crate) start_utt: unsafe extern "C" fn(*mut Handle) -> c_int,
    pub(crate) process_raw: unsafe extern "C" fn(*mut Handle, *const i16, usize, c_int, c_int) -> c_int,
    pub(crate) end_utt: unsafe extern "C" fn(*mut Handle) -> c_int,
    pub(crate) get_hyp: unsafe extern "C" fn(*mut Handle, Score) -> *const c_char,
    pub(crate) get_prob: unsafe extern "C" fn(*mut Handle) -> i32,
    pub(crate) seg_iter: unsafe extern "C" fn(*mut Handle) -> *mut Segment,
    pub(crate) seg_next: unsafe extern "C" fn(*mut Segment) -> *mut Segment,
    pub(crate) seg_word: unsafe extern "C" fn(*mut Segment) -> *const c_char,
    pub(crate) seg_prob: unsafe extern "C" fn(*mut Segment, Score, Score, Score) -> i32,
    get_logmath: unsafe extern "C" fn(*mut Handle) -> *mut LogMath,
    logmath_exp: unsafe extern "C" fn(*mut LogMath, c_int) -> f64,
    set_logfp: unsafe extern "C" fn(*mut c_void),
    _library: Library,
}

/// How a decoder is told its parameters.
pub(crate) enum Configuration {
    /// 0.8 and 5prealpha: like a command line.
    Arguments(Arguments),
    /// 5: one after the other.
    Object(Object),
}

pub(crate) struct Arguments {
    pub(crate) definitions: unsafe extern "C" fn() -> *const c_void,
    pub(crate) parse:
        unsafe extern "C" fn(*mut Config, *const c_void, c_int, *mut *mut c_char, c_int) -> *mut Config,
    free: unsafe extern "C" fn(*mut Config) -> c_int,
}

pub(crate) struct Object {
    pub(crate) init: unsafe extern "C" fn(*const c_void) -> *mut Config,
    pub(crate) set_str: unsafe extern "C" fn(*mut Config, *const c_char, *const c_char) -> *const c_void,
    free: unsafe extern "C" fn(*mut Config) -> c_int,
}

impl Api {
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        // SAFETY: a library's initializers run; this one and what it depends on (sphinxbase) have none. Each symbol
        // is given the type that the headers declare for it.
        unsafe {
            let library = Library::new(path)?;
            let api = Self {
                configuration: Configuration::find(&library)?,
                init: *library.get(c"ps_init")?,
                free: *library.get(c"ps_free")?,
                start_stream: library.get(c"ps_start_stream").ok().map(|symbol| *symbol),
                start_utt: *library.get(c"ps_start_utt")?,
                process_raw: *library.get(c"ps_process_raw")?,
                end_utt: *library.get(c"ps_end_utt")?,
                get_hyp: *library.get(c"ps_get_hyp")?,
                get_prob: *library.get(c"ps_get_prob")?,
                seg_iter: *library.get(c"ps_seg_iter")?,
                seg_next: *library.get(c"ps_seg_next")?,
                seg_word: *library.get(c"ps_seg_word")?,
                seg_prob: *library.get(c"ps_seg_prob")?,
                get_logmath: *library.get(c"ps_get_logmath")?,
                logmath_exp: *library.get(c"logmath_exp")?,
                set_logfp: *library.get(c"err_set_logfp")?,
                _library: library,
            };
            Ok(api)
        }
    }

    /// Nothing is written to standard error.
    pub(crate) fn silence(&self) {
        // SAFETY: the null file stands for no log.
        unsafe { (self.set_logfp)(ptr::null_mut()) }
    }

    pub(crate) fn release(&self, config: NonNull<Config>) {
        let free = match &self.configuration {
            Configuration::Arguments(form) => form.free,
            Configuration::Object(form) => form.free,
        };
        // SAFETY: gives up one reference, that of whoever calls.
        unsafe { free(config.as_ptr()) };
    }

    /// From the library's logarithm to 0 to 1.
    pub(crate) fn probability(&self, handle: *mut Handle, log: i32) -> f64 {
        // SAFETY: the table of logarithms belongs to the live decoder.
        unsafe { (self.logmath_exp)((self.get_logmath)(handle), log) }.clamp(0.0, 1.0)
    }
}

impl Configuration {
    /// # Safety
    /// `library` is `PocketSphinx`.
    unsafe fn find(library: &Library) -> Result<Self, Error> {
        // SAFETY: as above, the types are those of the headers.
        unsafe {
            if let Ok(init) = library.get(c"ps_config_init") {
                return Ok(Self::Object(Object {
                    init: *init,
                    set_str: *library.get(c"ps_config_set_str")?,
                    free: *library.get(c"ps_config_free")?,
                }));
            }
            Ok(Self::Arguments(Arguments {
                definitions: *library.get(c"ps_args")?,
                parse: *library.get(c"cmd_ln_parse_r")?,
                free: *library.get(c"cmd_ln_free_r")?,
            }))
        }
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").finish_non_exhaustive()
    }
}
