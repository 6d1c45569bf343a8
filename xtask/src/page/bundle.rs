//! A page of WebAssembly: trunk compiles and bundles it, then names within it are shortened, and every file gets the name of its
//! content. When nothing that the page depends on has changed, nothing is built.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use super::{
    files_below, names, shorten, snippets,
    stamp::{self, Stamp},
};
use crate::{
    failure::Failure,
    process,
    provide::{PageTools, tools},
    runner::Runner,
    workspace::Workspace,
};

/// What else may be done to the script: nothing in it asks how many arguments a function has, or makes objects by one.
const COMPRESS: &str = "passes=3,ecma=2020,unsafe_arrows,unsafe_methods,keep_fargs=false";
/// What the names of the module and of its script begin with: a page may have other scripts, which stay as they come.
const OWN: &str = "dripline-";

/// A page.
#[derive(Debug)]
pub(super) struct Bundle {
    /// What it is called.
    pub(super) name: &'static str,
    /// Trunk's settings for it.
    config: &'static str,
    /// What it is made of, besides the tools.
    sources: &'static [&'static str],
    /// What of that is another page's.
    others: &'static [&'static str],
    /// How long it takes, the first time and later on.
    takes: &'static str,
}

/// The player's page.
pub(super) const PLAYER: Bundle = Bundle {
    name: "player",
    config: "Trunk.toml",
    sources: &["Cargo.lock", "Cargo.toml", "Trunk.toml", "frontend", "index.html", "shared"],
    others: &[
        "frontend/connect",
        "frontend/console",
        "frontend/curve",
        "frontend/embed",
        "frontend/ledger",
        "frontend/watch",
    ],
    takes: "about 4 min the first time, then 1",
};

/// The operators' page.
pub(super) const CONSOLE: Bundle = Bundle {
    name: "console",
    config: "frontend/console/Trunk.toml",
    sources: &[
        "Cargo.lock",
        "Cargo.toml",
        "frontend/console",
        "frontend/icon.svg",
        "frontend/styles",
        "shared",
    ],
    others: &[],
    takes: "about 2 min",
};

/// The page on which operators watch a round, made of the player's code.
pub(super) const WATCH: Bundle = Bundle {
    name: "watch",
    config: "frontend/watch/Trunk.toml",
    sources: &["Cargo.lock", "Cargo.toml", "frontend", "shared"],
    others: &["frontend/connect", "frontend/console", "frontend/curve", "frontend/embed", "frontend/ledger"],
    takes: "about 1 min",
};

impl Bundle {
    /// Where it is built.
    pub(super) fn folder(&self, workspace: &Workspace) -> PathBuf {
        workspace.page_target().join("pages").join(self.name)
    }

    /// Builds it unless it is up to date.
    pub(super) fn build(
        &self,
        workspace: &Workspace,
        runner: &Runner,
        tools: &PageTools,
        path: &OsStr,
    ) -> Result<(), Failure> {
        let folder = self.folder(workspace);
        let stamp = Stamp::new(workspace.page_target().join(format!("{}.stamp", self.name)));
        let inputs = stamp::digest(&workspace.root, self.sources, self.others, &tools.fingerprint)?;
        if stamp.holds(&inputs, &folder)? {
            return Ok(());
        }
        stamp.forget()?;
        let mut trunk = process::command("trunk");
        trunk
            .args(["build", "--release", "--offline", "--color", "never", "--config", self.config, "--dist"])
            .arg(&folder)
            .current_dir(&workspace.root)
            .env("PATH", path)
            // Its errors say what failed; a trace of its own stack only hides them.
            .env("RUST_BACKTRACE", "0")
            // Trunk stumbles over the usual `NO_COLOR=1`.
            .env_remove("NO_COLOR");
        tools.toolchain.apply(workspace, &mut trunk);
        runner.quiet(&format!("building the {}'s page ({})", self.name, self.takes), &mut trunk)?;
        make_small(&folder, runner, path)?;
        names::by_content(&folder)?;
        stamp.keep(&inputs, &folder)
    }
}

/// Lays the files of the charts where the console's page takes them from.
pub(super) fn lay_charts(workspace: &Workspace, tools: &PageTools) -> Result<(), Failure> {
    let folder = workspace.root.join("target").join("charts");
    fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, error))?;
    for file in tools::CHARTS_FILES {
        let from = tools.charts.join(file);
        fs::copy(&from, folder.join(file)).map_err(|error| Failure::file("copy", &from, error))?;
    }
    Ok(())
}

/// Makes the script small, and the names between it and the module.
fn make_small(folder: &Path, runner: &Runner, path: &OsStr) -> Result<(), Failure> {
    let (module, script) = (only(folder, "wasm")?, only(folder, "js")?);
    snippets::into_script(&script, folder)?;
    let mut terser = process::command("terser");
    terser.arg(&script).args(["--module", "--compress", COMPRESS, "--mangle", "--output"]).arg(&script);
    runner.quiet("making its script small (1 s)", terser.env("PATH", path))?;
    shorten::names_between(&module, &script)
}

/// The one file of this kind that is of the page's own code.
fn only(folder: &Path, extension: &str) -> Result<PathBuf, Failure> {
    let mut files = files_below(folder)?;
    files.retain(|file| {
        let is_own = file.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(OWN));
        is_own && file.extension().is_some_and(|own| own == extension)
    });
    match (files.pop(), files.is_empty()) {
        (Some(file), true) => Ok(file),
        _ => Err(Failure::Other(format!("{} should hold one .{extension} file", folder.display()))),
    }
}
