//! Standard output.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stdout};

use super::Failure;

/// Writes a line to standard output. That nobody reads it any more, as behind `| head`, is no failure: what was seen was
/// enough.
pub(super) fn say(line: impl Display) -> Result<(), Failure> {
    write(format_args!("{line}\n"))
}

/// Writes a text to standard output, as [`say`] writes a line.
pub(super) fn write(text: impl Display) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::impossible("standard output", error))
        }
        _ => Ok(()),
    }
}
