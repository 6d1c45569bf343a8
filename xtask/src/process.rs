//! Commands for other programs, made so that what cargo told this process does not leak into them.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::failure::Failure;

/// A command without the variables that `cargo run` set for this process: build scripts that watch them would run
/// again at each change between `cargo xtask` and plain `cargo`, and foreign compilers would load our libraries.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _value) in env::vars_os() {
        let leaks = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || matches!(name, "CARGO_MANIFEST_DIR" | "CARGO_MANIFEST_PATH" | "LD_LIBRARY_PATH")
        });
        if leaks {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Cargo, in `directory`.
pub(crate) fn cargo(directory: &Path) -> Command {
    let mut command = command("cargo");
    command.current_dir(directory);
    command
}

/// What a short command prints, or `None` when it cannot be run or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The full path of a program on `PATH`.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program)).find(|candidate| candidate.is_file())
}

/// `PATH` with `first` put before everything else.
pub(crate) fn path_with(first: &[PathBuf]) -> Result<OsString, Failure> {
    let rest = env::var_os("PATH").unwrap_or_default();
    env::join_paths(first.iter().cloned().chain(env::split_paths(&rest)))
        .map_err(|error| Failure::Other(format!("a folder cannot be put on PATH: {error}")))
}
