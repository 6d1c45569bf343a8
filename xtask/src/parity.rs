//! Builds the package that replays transcripts inside the browser, with the very toolchain and optimiser that build the
//! page: the tests compare its digests with those of the native build.

use std::{fs, path::Path};

use crate::{
    failure::Failure,
    page, process,
    provide::{PageTools, wasm},
    runner::Runner,
    workspace::Workspace,
};

/// Leaves the package for `<script type="module">` in `<target>/parity`.
pub(crate) fn build(workspace: &Workspace, runner: &Runner, tools: &PageTools) -> Result<(), Failure> {
    page::fetch(workspace, runner, tools)?;
    let path = process::path_with(&tools.programs)?;
    let mut cargo = process::command("cargo");
    cargo
        .args([
            "build",
            "--offline",
            "--profile",
            "page",
            "--package",
            "dripline-parity",
            "--target",
            wasm::TARGET,
        ])
        .current_dir(&workspace.root)
        .env("PATH", &path);
    tools.toolchain.apply(workspace, &mut cargo);
    runner.quiet("compiling the replay for the browser (1 min)", &mut cargo)?;

    let module = workspace.page_target().join(wasm::TARGET).join("page").join("dripline_parity.wasm");
    let folder = workspace.target.join("parity");
    let mut bindgen = process::command("wasm-bindgen");
    bindgen
        .args(["--target", "web", "--no-typescript", "--out-dir"])
        .arg(&folder)
        .arg(&module)
        .env("PATH", &path);
    runner.quiet("binding it to JavaScript", &mut bindgen)?;

    let bound = folder.join("dripline_parity_bg.wasm");
    let mut optimiser = process::command("wasm-opt");
    optimiser
        .arg("-Oz")
        .args(optimiser_parameters(&workspace.root)?)
        .arg(&bound)
        .arg("--output")
        .arg(&bound)
        .env("PATH", &path);
    runner.quiet("optimising it as the page is (20 s)", &mut optimiser)
}

fn optimiser_parameters(root: &Path) -> Result<Vec<String>, Failure> {
    let path = root.join("index.html");
    let page = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, error))?;
    parameters_in(&page).ok_or_else(|| Failure::Other("index.html has no data-wasm-opt-params".to_owned()))
}

fn parameters_in(page: &str) -> Option<Vec<String>> {
    let (_before, rest) = page.split_once("data-wasm-opt-params=\"")?;
    let (parameters, _after) = rest.split_once('"')?;
    Some(parameters.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_optimiser_gets_the_parameters_of_the_page() {
        let page = "<link data-wasm-opt=\"z\"\n data-wasm-opt-params=\"--enable-one\n  --enable-two\" />";
        assert_eq!(parameters_in(page).unwrap(), ["--enable-one", "--enable-two"]);
        assert_eq!(parameters_in("<link data-wasm-opt=\"z\">"), None);
    }
}
