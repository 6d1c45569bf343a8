//! `cargo xtask test`: every test there is, in stages. A check or suite that fails does not hide what follows; a build
//! that fails ends the run, for all that follows needs it.

use std::{path::PathBuf, process::Command};

use crate::{
    bench::environment,
    clock::Stopwatch,
    examples,
    failure::Failure,
    page, parity, process,
    provide::{self, TestTools},
    report::{self, Stage, Tally},
    runner::Runner,
    serve,
    workspace::Workspace,
};

/// Provides what the tests need and runs them.
pub(crate) fn test(workspace: &Workspace, runner: &Runner, long: bool) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let tools = provide::for_tests(workspace, runner)?;
    let anvil = provide::anvil(workspace, runner)?;
    let solana_node = provide::solana_node(workspace, runner)?;
    let provided = Stage { name: "providing the tools", time: watch.elapsed(), succeeded: true, tally: None };
    let mut run = Run { workspace, runner, tools: &tools, anvil, solana_node, long, stages: vec![provided] };
    let built = run.stages();
    let (summary, well) = report::summary(&run.stages);
    println!("{summary}");
    built?;
    if well { Ok(()) } else { Err(Failure::Other("The tests do not pass.".to_owned())) }
}

/// The stages so far, and what they need.
struct Run<'a> {
    workspace: &'a Workspace,
    runner: &'a Runner,
    tools: &'a TestTools,
    anvil: PathBuf,
    solana_node: PathBuf,
    long: bool,
    stages: Vec<Stage>,
}

impl Run<'_> {
    fn stages(&mut self) -> Result<(), Failure> {
        self.check("format", "fmt --all --check -- --color never");
        self.check("lints", "clippy --all-targets -- --deny warnings");
        // Apart from the others, whose dependencies would otherwise be built anew with the pages' features.
        let page = "--package dripline-frontend --package dripline-console --package dripline-parity \
            --features dripline-frontend/watch";
        self.check("lints of the pages", &format!("clippy {page} --all-targets -- --deny warnings"));
        let (workspace, runner, tools) = (self.workspace, self.runner, self.tools);
        self.step("lints of the examples", || examples::lint(workspace, runner));
        self.step("bans, licences and sources", || provide::deny(workspace, runner));
        let pages =
            "--package dripline-frontend --package dripline-console --features dripline-frontend/watch";
        self.suite("tests of the pages", &format!("test {pages} --no-fail-fast"));
        self.build("building the pages", || page::build(workspace, runner, &tools.page))?;
        self.build("building the server", || serve::trial(workspace, runner))?;
        self.build("building the replay in WebAssembly", || parity::build(workspace, runner, &tools.page))?;
        let others =
            "--workspace --exclude dripline-frontend --exclude dripline-console --exclude dripline-parity";
        self.suite("tests of rules, server and whole", &format!("test {others} --no-fail-fast"));
        self.browser_tests();
        Ok(())
    }

    fn check(&mut self, name: &'static str, arguments: &str) {
        let mut cargo = process::cargo(&self.workspace.root);
        cargo.args(arguments.split_whitespace());
        self.shown(name, &mut cargo, None);
    }

    /// A check that is not one program alone.
    fn step(&mut self, name: &'static str, check: impl FnOnce() -> Result<(), Failure>) {
        if let Err(failure) = self.build(name, check) {
            println!("{failure}");
        }
    }

    fn suite(&mut self, name: &'static str, arguments: &str) {
        let mut cargo = process::cargo(&self.workspace.root);
        cargo.args(arguments.split_whitespace());
        self.shown(name, &mut cargo, Some(Tally::default()));
    }

    fn browser_tests(&mut self) {
        let mut node = process::command("node");
        // One file at a time: the journeys play against the real clock.
        node.args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
            .current_dir(self.workspace.browser_tests())
            .env("DRIPLINE_PICTURES", self.workspace.pictures())
            .env("DRIPLINE_PACKAGE", self.workspace.package());
        self.shown("tests in the browser", &mut node, Some(Tally::default()));
    }

    fn build(
        &mut self,
        name: &'static str,
        build: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let watch = Stopwatch::start();
        let result = build();
        self.stages.push(Stage { name, time: watch.elapsed(), succeeded: result.is_ok(), tally: None });
        result
    }

    fn shown(&mut self, name: &'static str, command: &mut Command, mut tally: Option<Tally>) {
        environment(self.workspace, self.tools, &self.workspace.trial_binary(), command);
        command.env("DRIPLINE_ANVIL", &self.anvil).env("DRIPLINE_SOLANA_NODE", &self.solana_node);
        if self.long {
            command.env("DRIPLINE_LONG", "1");
        }
        let watch = Stopwatch::start();
        let result = self.runner.shown(name, command, |line| {
            if let Some(tally) = &mut tally {
                tally.observe(line);
            }
        });
        if let Err(failure) = &result {
            println!("{failure}");
        }
        self.stages.push(Stage { name, time: watch.elapsed(), succeeded: result.is_ok(), tally });
    }
}
