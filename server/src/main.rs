//! The binary `dripline`: everything is in [`dripline_server::cli`].

use std::process::ExitCode;

use clap::Parser;
use dripline_server::cli::{Arguments, run};

fn main() -> ExitCode {
    run(Arguments::parse())
}
