//! `cargo xtask pictures`: pictures of every page, taken in the real browser. Nothing is asserted: they are for looking.

use crate::{
    bench::environment, failure::Failure, page, process, provide, runner::Runner, serve, workspace::Workspace,
};

/// Builds what is looked at, plays it, and says where the pictures are.
pub(crate) fn take(workspace: &Workspace, runner: &Runner) -> Result<(), Failure> {
    let tools = provide::for_tests(workspace, runner)?;
    page::build(workspace, runner, &tools.page)?;
    serve::release(workspace, runner)?;
    let mut node = process::command("node");
    node.arg("pictures.mjs").current_dir(workspace.browser_tests());
    environment(workspace, &tools, &workspace.binary(), &mut node);
    node.env("DRIPLINE_PICTURES", workspace.pictures());
    runner.shown("taking pictures (about 6 min)", &mut node, |_line| ())?;
    println!("The pictures are in {}.", workspace.pictures().display());
    Ok(())
}
