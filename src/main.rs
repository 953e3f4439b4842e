//! Parses, runs, prints one error, and says by its code how it went.

use std::io::{self, Write as _};
use std::process::ExitCode;

use realtime_cli::cli::Args;
use realtime_cli::text::Clean;

fn main() -> ExitCode {
    realtime_cli::hardening::keep_memory_private();
    let args = Args::from_process();
    // Not locked: a panic in another thread gives back the terminal, and would wait for this one for ever.
    match realtime_cli::run(&args, &mut io::stdout()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let message = Clean::new(&error.message());
            // Where standard error is gone, there is nobody to tell.
            let _ = writeln!(io::stderr(), "error: {message}");
            error.exit.into()
        }
    }
}
