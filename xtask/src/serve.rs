//! `cargo xtask build` and `cargo xtask run`: one release binary with the page inside, and starting it.

use std::{os::unix::process::CommandExt as _, path::PathBuf};

use crate::{failure::Failure, page, process, provide, runner::Runner, workspace::Workspace};

/// Builds the page and the server, and says where the binary is.
pub(crate) fn build(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    let tools = provide::for_page(workspace, runner)?;
    page::build(workspace, runner, &tools)?;
    let binary = release(workspace, runner)?;
    println!("  one binary, with the page inside: {}", binary.display());
    Ok(binary)
}

/// Builds the server, which embeds the page, as operators run it.
pub(crate) fn release(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    server(workspace, runner, "release")?;
    Ok(workspace.binary())
}

/// Builds the server, which embeds the page, as the tests run it: without what makes it quicker and takes long.
pub(crate) fn trial(workspace: &Workspace, runner: &Runner) -> Result<(), Failure> {
    server(workspace, runner, "trial")
}

fn server(workspace: &Workspace, runner: &Runner, profile: &str) -> Result<(), Failure> {
    runner.quiet(
        "building the server (about 8 min the first time)",
        process::cargo(&workspace.root).args(["build", "--profile", profile, "--package", "dripline-server"]),
    )
}

/// Builds, then becomes the server, so that Ctrl-C reaches it and nothing stands between.
pub(crate) fn run(workspace: &Workspace, runner: &Runner, arguments: &[String]) -> Result<(), Failure> {
    let binary = build(workspace, runner)?;
    if arguments.is_empty() {
        println!("▸ open http://localhost:8080 and play; Ctrl-C ends it; its data is in ./data");
    } else {
        println!("▸ open the address that follows and play; Ctrl-C ends it");
    }
    let error = process::command(&binary).arg("serve").args(arguments).current_dir(&workspace.root).exec();
    Err(Failure::file("start", &binary, error))
}
