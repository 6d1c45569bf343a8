//! Finds out what is there and installs what is missing. What needs root comes first and all at once, so that a person
//! without root is told one line to type, before anything long has run.

pub(crate) mod browser;
pub(crate) mod postgres;
pub(crate) mod system;
pub(crate) mod tools;
pub(crate) mod wasm;

use std::path::PathBuf;

use crate::{failure::Failure, process, runner::Runner, workspace::Workspace};
use system::{CHROMIUM, NODE, OPENSSL, POSTGRES, STRACE, Want};
use wasm::Toolchain;

/// What builds the page.
#[derive(Debug)]
pub(crate) struct PageTools {
    /// The compiler.
    pub(crate) toolchain: Toolchain,
    /// The folders of all programs, which must come first on `PATH`.
    pub(crate) programs: Vec<PathBuf>,
    /// The folder of the files that draw the console's charts.
    pub(crate) charts: PathBuf,
    /// The module that signs in browsers that cannot.
    pub(crate) curve: PathBuf,
    /// What the built page depends on, besides its sources.
    pub(crate) fingerprint: String,
}

/// What the tests run with.
#[derive(Debug)]
pub(crate) struct TestTools {
    /// What builds the page.
    pub(crate) page: PageTools,
    /// The browser.
    pub(crate) chromium: PathBuf,
}

/// Provides what builds the page.
pub(crate) fn for_page(workspace: &Workspace, runner: &Runner) -> Result<PageTools, Failure> {
    page_tools(workspace, runner, Vec::new())
}

/// Provides what the tests and measurements run with.
pub(crate) fn for_tests(workspace: &Workspace, runner: &Runner) -> Result<TestTools, Failure> {
    let mut wants = Vec::new();
    if browser::chromium().is_none() {
        wants.push(CHROMIUM);
    }
    if !system::has(&["strace"]) {
        wants.push(STRACE);
    }
    if !postgres::is_there() {
        wants.push(POSTGRES);
    }
    if !system::has_openssl() {
        wants.push(OPENSSL);
    }
    let page = page_tools(workspace, runner, wants)?;
    browser::packages(workspace, runner)?;
    let chromium = browser::chromium()
        .ok_or_else(|| Failure::Other("Chromium was installed, but is not on PATH".to_owned()))?;
    Ok(TestTools { page, chromium })
}

/// `cargo xtask solana-node`, also a part of `cargo xtask test`: builds the Solana node of the tests, once for each of its
/// versions, and gives the program.
pub(crate) fn solana_node(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    if !system::has_openssl() {
        system::install(runner, &[OPENSSL])?;
    }
    Ok(tools::solana_node(workspace, runner)?.join(tools::SOLANA_NODE))
}

/// `cargo xtask anvil`, also a part of `cargo xtask test`: installs the EVM node of the tests, once for each of its versions,
/// and gives the program.
pub(crate) fn anvil(workspace: &Workspace, runner: &Runner) -> Result<PathBuf, Failure> {
    if !system::has(&["node", "npm"]) {
        system::install(runner, &[NODE])?;
    }
    Ok(tools::anvil(workspace, runner)?.join(tools::ANVIL))
}

/// `cargo xtask deny`, also a stage of `cargo xtask test`: checks bans, licences and sources of the dependencies. Once
/// cargo-deny and the dependencies are there, it needs no network: advisories, whose list would have to be downloaded, are
/// not among the checks.
pub(crate) fn deny(workspace: &Workspace, runner: &Runner) -> Result<(), Failure> {
    let programs = tools::cargo_deny(workspace, runner)?;
    runner.quiet(
        "checking bans, licences and sources of all dependencies",
        process::command(programs.join("cargo-deny"))
            .args(["--locked", "check", "bans", "licenses", "sources"])
            .current_dir(&workspace.root),
    )
}

fn page_tools(workspace: &Workspace, runner: &Runner, mut wants: Vec<Want>) -> Result<PageTools, Failure> {
    if !system::has(&["node", "npm"]) {
        wants.push(NODE);
    }
    let compiler = wasm::find(runner);
    if compiler.is_none() {
        wants.push(wasm::STAND_IN);
    }
    system::install(runner, &wants)?;
    let toolchain = Toolchain::new(workspace, compiler.unwrap_or(wasm::Compiler::StandIn))?;
    let version = workspace.locked_version("wasm-bindgen")?;
    // The compiler's first: a person's own trunk may lie beside another cargo.
    let mut programs = toolchain.programs.clone();
    programs.extend([
        tools::wasm_opt(workspace, runner)?,
        tools::terser(workspace, runner)?,
        tools::wasm_bindgen(workspace, runner, &version)?,
        tools::trunk(workspace, runner)?,
    ]);
    let charts = tools::charts(workspace, runner)?;
    let curve = tools::curve(workspace, runner)?;
    let fingerprint = format!(
        "wasm-bindgen {version}, wasm-opt {}, terser {}, trunk {}, uPlot {}, noble-ed25519 {}, {}",
        tools::BINARYEN,
        tools::TERSER,
        tools::TRUNK,
        tools::CHARTS,
        tools::CURVE,
        toolchain.fingerprint
    );
    Ok(PageTools { toolchain, programs, charts, curve, fingerprint })
}
