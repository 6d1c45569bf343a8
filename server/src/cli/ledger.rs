//! `dripline ledger verify`: recomputes every balance from the transfers and checks every invariant.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use dripline_shared::api::SignedTreeHead;

use super::Failure;
use super::output::say;
use super::store::StoreSources;
use crate::ledger::{verify_database, verify_ledger};

/// What can be done with the ledger.
#[derive(Debug, Subcommand)]
pub(super) enum LedgerCommand {
    /// Recompute every balance from the transfers and check every invariant; reads only, and servers may be running
    Verify {
        #[command(flatten)]
        store: StoreSources,
        /// A signed head of the log that was kept elsewhere, as /api/v1/log/head gives it: tells whether anything was taken
        /// out since. Can be given several times
        #[arg(long = "head", value_name = "FILE")]
        heads: Vec<PathBuf>,
    },
}

/// Does it.
pub(super) fn run(command: &LedgerCommand) -> Result<(), Failure> {
    let LedgerCommand::Verify { store, heads } = command;
    let place = store.place()?;
    let heads = heads.iter().map(|file| read_head(file)).collect::<Result<Vec<_>, _>>()?;
    let verified = match &place.database {
        Some(database) => verify_database(database, &place.data, &heads),
        None => verify_ledger(&place.data, &heads),
    };
    let report = verified.map_err(|error| Failure::Impossible(error.to_string()))?;
    say(format_args!(
        "{} accounts, {} transfers, {} claims, {} withdrawals",
        report.accounts, report.transfers, report.claims, report.withdrawals
    ))?;
    for (asset, held) in &report.held {
        say(format_args!("players hold {held} ledger units of {asset}"))?;
    }
    if let Some(log) = report.log {
        say(format_args!("the log has {} leaves, and the root {}", log.leaves, log.root))?;
    }
    if report.findings.is_empty() {
        say(format_args!("the ledger is sound"))?;
        return Ok(());
    }
    for finding in &report.findings {
        say(format_args!("- {finding}"))?;
    }
    Err(Failure::Unsound(format!("the ledger is not sound: {} findings", report.findings.len())))
}

fn read_head(file: &Path) -> Result<SignedTreeHead, Failure> {
    let text = fs::read_to_string(file).map_err(|error| Failure::impossible(file.display(), error))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::impossible(format!("{}: not a signed head", file.display()), error))
}
