//! Builds the player's page into `dist/`: trunk compiles and bundles it, then names within it are shortened, every file
//! gets the name of its content and is compressed beside itself; the page of the ledger is put beside it. When nothing that the page depends on has changed, nothing is built.

mod compress;
mod ledger;
mod names;
mod shorten;
mod stamp;

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    failure::Failure,
    process,
    provide::{PageTools, tools},
    runner::Runner,
    workspace::Workspace,
};
use stamp::Stamp;

/// What the page is made of, besides the tools.
const SOURCES: [&str; 6] = ["Cargo.lock", "Cargo.toml", "Trunk.toml", "frontend", "index.html", "shared"];

/// What else may be done to the script: nothing in it asks how many arguments a function has, or makes objects by one.
const COMPRESS: &str = "passes=3,ecma=2020,unsafe_arrows,unsafe_methods,keep_fargs=false";

/// Builds the page unless it is up to date.
pub(crate) fn build(workspace: &Workspace, runner: &Runner, tools: &PageTools) -> Result<(), Failure> {
    let _lock = tools::lock(&workspace.target, "page")?;
    let stamp = Stamp::new(workspace.page_target().join("page.stamp"));
    let inputs = stamp::digest(&workspace.root, &SOURCES, &tools.fingerprint)?;
    if stamp.holds(&inputs, &workspace.dist())? {
        println!("▸ the page is up to date");
        return Ok(());
    }
    stamp.forget()?;
    fetch(workspace, runner, tools)?;
    let path = process::path_with(&tools.programs)?;
    let mut trunk = process::command("trunk");
    trunk
        .args(["build", "--release", "--offline", "--color", "never"])
        .current_dir(&workspace.root)
        .env("PATH", &path)
        // Its errors say what failed; a trace of its own stack only hides them.
        .env("RUST_BACKTRACE", "0")
        // Trunk stumbles over the usual `NO_COLOR=1`.
        .env_remove("NO_COLOR");
    tools.toolchain.apply(workspace, &mut trunk);
    runner.quiet("building the page (about 4 min the first time, then 1)", &mut trunk)?;
    make_small(&workspace.dist(), runner, &path)?;
    names::by_content(&workspace.dist())?;
    let of_ledger = ledger::add(workspace, &path)?;
    tell_sizes(&compress::beside(&workspace.dist())?, &of_ledger);
    stamp.keep(&inputs, &workspace.dist())
}

/// Makes the script small, and the names between it and the module.
fn make_small(dist: &Path, runner: &Runner, path: &OsStr) -> Result<(), Failure> {
    let (module, script) = (only(dist, "wasm")?, only(dist, "js")?);
    let mut terser = process::command("terser");
    terser.arg(&script).args(["--module", "--compress", COMPRESS, "--mangle", "--output"]).arg(&script);
    runner.quiet("making its script small (1 s)", terser.env("PATH", path))?;
    shorten::names_between(&module, &script)
}

/// The one file of this kind in `dist`.
fn only(dist: &Path, extension: &str) -> Result<PathBuf, Failure> {
    let mut files = files_below(dist)?;
    files.retain(|file| file.extension().is_some_and(|own| own == extension));
    match (files.pop(), files.is_empty()) {
        (Some(file), true) => Ok(file),
        _ => Err(Failure::Other(format!("{} should hold one .{extension} file", dist.display()))),
    }
}

/// Downloads what the lock file names, for the build that follows is offline: so no tool installs itself unasked.
pub(crate) fn fetch(workspace: &Workspace, runner: &Runner, tools: &PageTools) -> Result<(), Failure> {
    runner.quiet(
        "fetching the sources of dependencies (seconds)",
        process::cargo(&workspace.root).arg("fetch"),
    )?;
    tools.toolchain.fetch(workspace, runner)
}

/// All files are loaded when the page is opened for the first time, but for those of the ledger, which come with its page.
fn tell_sizes(files: &[(PathBuf, usize)], of_ledger: &[PathBuf]) {
    let (others, own): (Vec<_>, Vec<_>) = files.iter().partition(|(file, _)| of_ledger.contains(file));
    for (file, size) in &own {
        let kind = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        println!("  {kind:>5} {size:>8} bytes in Brotli");
    }
    let sum = |files: &[&(PathBuf, usize)]| files.iter().map(|(_file, size)| size).sum::<usize>();
    println!("  {:>5} {:>8} bytes: the first load of the page", "all", sum(&own));
    println!("  {:>5} {:>8} bytes: what the page of the ledger adds", "", sum(&others));
}

/// All files below `folder` (or `folder` itself when it is one), in the order of their paths.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if folder.is_file() {
        return Ok(vec![folder.to_path_buf()]);
    }
    let read = |error| Failure::file("read", folder, error);
    let mut entries: Vec<_> = fs::read_dir(folder)
        .map_err(read)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(read)?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        files.extend(files_below(&entry)?);
    }
    Ok(files)
}
