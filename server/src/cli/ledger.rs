//! `dripline ledger verify`: recomputes every balance from the transfers and checks every invariant.

use std::path::PathBuf;

use clap::Subcommand;

use super::Failure;
use crate::ledger::verify_ledger;

/// What can be done with the ledger.
#[derive(Debug, Subcommand)]
pub(super) enum LedgerCommand {
    /// Recompute every balance from the transfers and check every invariant; reads only
    Verify {
        /// The data directory
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
    },
}

/// Does it.
pub(super) fn run(command: &LedgerCommand) -> Result<(), Failure> {
    let LedgerCommand::Verify { data } = command;
    let report = verify_ledger(data).map_err(|error| Failure::Impossible(error.to_string()))?;
    println!(
        "{} accounts, {} transfers, {} claims, {} withdrawals",
        report.accounts, report.transfers, report.claims, report.withdrawals
    );
    for (asset, held) in &report.held {
        println!("players hold {held} ledger units of {asset}");
    }
    if report.findings.is_empty() {
        println!("the ledger is sound");
        return Ok(());
    }
    for finding in &report.findings {
        println!("- {finding}");
    }
    Err(Failure::Unsound(format!("the ledger is not sound: {} findings", report.findings.len())))
}
