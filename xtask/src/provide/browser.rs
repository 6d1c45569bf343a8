//! What the browser tests run with: Chromium and their npm packages.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::{failure::Failure, process, runner::Runner, workspace::Workspace};

const CHROMIUM_NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// The browser to test in: the one named by `CHROMIUM`, else the first known name on `PATH`.
pub(crate) fn chromium() -> Option<PathBuf> {
    match env::var_os("CHROMIUM") {
        Some(path) => Some(PathBuf::from(path)),
        None => CHROMIUM_NAMES.iter().find_map(|name| process::on_path(name)),
    }
}

/// Installs the npm packages that the lock file of the browser tests names, unless that was done.
pub(crate) fn packages(workspace: &Workspace, runner: &Runner) -> Result<(), Failure> {
    let folder = workspace.browser_tests();
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).map_err(|error| Failure::file("read", &lock, error))?;
    let wanted = format!("{:x?}", Sha256::digest(wanted));
    // `npm ci` begins by removing the folder that holds the stamp, so an interrupted one is done again.
    let stamp = folder.join("node_modules").join(".dripline-installed");
    if is_stamped(&stamp, &wanted) {
        return Ok(());
    }
    runner.quiet(
        "installing the npm packages of the browser tests (30 s, once)",
        process::command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder),
    )?;
    fs::write(&stamp, wanted).map_err(|error| Failure::file("write", &stamp, error))
}

fn is_stamped(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text == wanted)
}
