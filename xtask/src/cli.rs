//! What a person can type after `cargo xtask`.

use clap::{Parser, Subcommand};

/// Builds, runs and tests Dripline. Whatever is missing is installed into a cache folder of yours first.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) task: Task,
}

/// One command of the README.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Build the page and the server, and serve them on <http://localhost:8080>.
    Run {
        /// Arguments for `dripline serve`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Build one release binary with the page inside.
    Build,
    /// Run every test there is.
    Test {
        /// Also what takes longer: more kills, more fuzzing, larger stores.
        #[arg(long)]
        long: bool,
    },
    /// Take pictures of every page, light and dark, on a phone and on a desk, for whoever wants to look.
    Pictures,
    /// Measure how fast it is, and print the table.
    Bench,
    /// Install the EVM node that the tests of payouts run with, and print where it is.
    Anvil,
    /// Build the Solana node that the tests of payouts run with, and print where it is.
    SolanaNode,
    /// Check bans, licences and sources of all dependencies with cargo-deny.
    Deny,
}

impl Task {
    /// The word a person typed, which also names the log file.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Run { .. } => "run",
            Self::Build => "build",
            Self::Test { .. } => "test",
            Self::Pictures => "pictures",
            Self::Bench => "bench",
            Self::Anvil => "anvil",
            Self::SolanaNode => "solana-node",
            Self::Deny => "deny",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_after_two_dashes_go_to_the_server() {
        let arguments = Arguments::parse_from(["cargo xtask", "run", "--", "--listen", "127.0.0.1:0"]);
        let Task::Run { arguments } = arguments.task else { panic!("not the run command") };
        assert_eq!(arguments, ["--listen", "127.0.0.1:0"]);
    }

    #[test]
    fn tests_are_short_unless_asked_otherwise() {
        assert!(matches!(Arguments::parse_from(["cargo xtask", "test"]).task, Task::Test { long: false }));
        assert!(matches!(
            Arguments::parse_from(["cargo xtask", "test", "--long"]).task,
            Task::Test { long: true }
        ));
    }
}
