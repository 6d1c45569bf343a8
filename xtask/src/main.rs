//! `cargo xtask`: the commands of the README. Each provides what it needs, says what it does, and is quick the second
//! time.
//!
//! It promises these exit codes: 0 when all went well, 1 when something failed, 2 when the machine lacks something
//! that only a person can give it; the exact line to type is then printed.

mod bench;
mod cli;
mod clock;
mod examples;
mod failure;
mod hexadecimal;
mod page;
mod parity;
mod pictures;
mod process;
mod provide;
mod report;
mod runner;
mod serve;
mod stages;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Arguments, Task};
use failure::Failure;
use runner::Runner;
use workspace::Workspace;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match perform(&arguments.task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            failure.exit_code()
        }
    }
}

fn perform(task: &Task) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    let runner = Runner::new(&workspace, task.name())?;
    match task {
        Task::Run { arguments } => serve::run(&workspace, &runner, arguments),
        Task::Build => serve::build(&workspace, &runner).map(|_binary| ()),
        Task::Test { long } => stages::test(&workspace, &runner, *long),
        Task::Pictures => pictures::take(&workspace, &runner),
        Task::Bench => bench::run(&workspace, &runner),
        Task::Anvil => provide::anvil(&workspace, &runner)
            .map(|program| println!("DRIPLINE_ANVIL={}", program.display())),
        Task::SolanaNode => provide::solana_node(&workspace, &runner)
            .map(|program| println!("DRIPLINE_SOLANA_NODE={}", program.display())),
        Task::Deny => provide::deny(&workspace, &runner),
    }
}
