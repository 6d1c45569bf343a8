//! Builds the pages into `dist/`: the player's, the operators' and that of watched rounds, each bundled in a folder of its own, and that of
//! the ledger, the program for wallets and what other sites show beside them. Every file is compressed beside itself. When nothing that they depend on has changed,
//! nothing is built.

mod bundle;
mod compress;
mod connect;
mod curve;
mod embed;
mod ledger;
mod modules;
mod names;
mod shorten;
mod snippets;
mod stamp;

use std::{
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

/// What the pages are made of, besides the tools.
const SOURCES: [&str; 6] = ["Cargo.lock", "Cargo.toml", "Trunk.toml", "frontend", "index.html", "shared"];
/// What trunk calls the document of a page.
const DOCUMENT: &str = "index.html";

/// Builds the pages unless they are up to date.
pub(crate) fn build(workspace: &Workspace, runner: &Runner, tools: &PageTools) -> Result<(), Failure> {
    let _lock = tools::lock(&workspace.target, "page")?;
    let stamp = Stamp::new(workspace.page_target().join("page.stamp"));
    let inputs = stamp::digest(&workspace.root, &SOURCES, &[], &tools.fingerprint)?;
    let dist = workspace.dist();
    if stamp.holds(&inputs, &dist)? {
        println!("▸ the pages are up to date");
        return Ok(());
    }
    stamp.forget()?;
    fetch(workspace, runner, tools)?;
    let path = process::path_with(&tools.programs)?;
    bundle::lay_charts(workspace, tools)?;
    for page in [bundle::PLAYER, bundle::CONSOLE, bundle::WATCH] {
        page.build(workspace, runner, tools, &path)?;
    }
    match fs::remove_dir_all(&dist) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::file("remove", &dist, error));
        }
        _ => {}
    }
    let of_player = lay(&bundle::PLAYER.folder(workspace), &dist, DOCUMENT)?;
    // In no list of what is loaded: only browsers that do not sign by themselves do.
    curve::add(workspace, tools, &path)?;
    // The frame's document is made of the page's, so it names the program too.
    let of_connect = connect::add(workspace, &path)?;
    let of_ledger = ledger::add(workspace, &path)?;
    let of_embed = embed::add(workspace, &path)?;
    let of_console = lay(&bundle::CONSOLE.folder(workspace), &dist, "console.html")?;
    let of_watch = lay(&bundle::WATCH.folder(workspace), &dist, "console/watch.html")?;
    println!("▸ compressing all files (10 s)");
    let sizes = compress::beside(&dist)?;
    embed::is_small(workspace, &sizes)?;
    for (page, files) in [
        ("player's", of_player),
        ("operators'", of_console),
        ("watched round's", of_watch),
        ("wallets' own", of_connect),
        ("ledger's own", of_ledger),
        ("other sites'", of_embed),
    ] {
        tell_sizes(page, &files, &sizes);
    }
    embed::pack(workspace, runner)?;
    stamp.keep(&inputs, &dist)
}

/// Copies the files of a page into `dist`, its document under this name. Gives what they are called there.
fn lay(folder: &Path, dist: &Path, document: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut laid = Vec::new();
    for file in files_below(folder)? {
        let name = file.strip_prefix(folder).unwrap_or(&file);
        let to = dist.join(if name == Path::new(DOCUMENT) { Path::new(document) } else { name });
        if let Some(above) = to.parent() {
            fs::create_dir_all(above).map_err(|error| Failure::file("create", above, error))?;
        }
        fs::copy(&file, &to).map_err(|error| Failure::file("copy", &file, error))?;
        laid.push(to);
    }
    Ok(laid)
}

/// Downloads what the lock file names, for the build that follows is offline: so no tool installs itself unasked.
pub(crate) fn fetch(workspace: &Workspace, runner: &Runner, tools: &PageTools) -> Result<(), Failure> {
    runner.quiet(
        "fetching the sources of dependencies (seconds)",
        process::cargo(&workspace.root).arg("fetch"),
    )?;
    tools.toolchain.fetch(workspace, runner)
}

/// Tells what is loaded when a page is opened for the first time.
fn tell_sizes(page: &str, files: &[PathBuf], sizes: &[(PathBuf, usize)]) {
    println!("  the {page} page");
    let own: Vec<_> = sizes.iter().filter(|(file, _)| files.contains(file)).collect();
    for (file, size) in &own {
        let kind = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        println!("  {kind:>5} {size:>8} bytes in Brotli");
    }
    println!("  {:>5} {:>8} bytes: its first load", "all", own.iter().map(|(_, size)| size).sum::<usize>());
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
