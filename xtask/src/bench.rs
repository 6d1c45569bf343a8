//! `cargo xtask bench`: measures how fast Dripline is, with the release build and the real browser.

use std::{path::Path, process::Command};

use crate::{
    failure::Failure,
    page, process,
    provide::{self, TestTools},
    runner::Runner,
    serve,
    workspace::Workspace,
};

/// Builds what is measured, and measures it.
pub(crate) fn run(workspace: &Workspace, runner: &Runner) -> Result<(), Failure> {
    let tools = provide::for_tests(workspace, runner)?;
    page::build(workspace, runner, &tools.page)?;
    serve::release(workspace, runner)?;
    let mut bench = process::cargo(&workspace.root);
    bench.args(["run", "--release", "--package", "dripline-tests", "--bin", "bench"]);
    environment(workspace, &tools, &workspace.binary(), &mut bench);
    runner.shown("measuring", &mut bench, |_line| ())
}

/// Tells tests and measurements where things are.
pub(crate) fn environment(workspace: &Workspace, tools: &TestTools, binary: &Path, command: &mut Command) {
    command
        .env("DRIPLINE_BIN", binary)
        .env("DRIPLINE_PARITY", workspace.target.join("parity"))
        .env("CHROMIUM", &tools.chromium);
}
