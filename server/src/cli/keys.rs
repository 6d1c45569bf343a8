//! `dripline keys show`: the public halves of the faucet's keys.

use std::path::PathBuf;

use clap::Subcommand;

use super::Failure;
use crate::keys::Keys;

/// What can be done with the keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Print the public keys, as /.well-known/dripline-keys.json does
    Show {
        /// The data directory
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
    },
}

/// Does it.
pub(super) fn run(command: &KeysCommand) -> Result<(), Failure> {
    let KeysCommand::Show { data } = command;
    let directory = data.join("keys");
    let cannot = |error| Failure::impossible(directory.display(), error);
    let keys = Keys::read(&directory).map_err(cannot)?;
    let keys = keys.ok_or_else(|| Failure::Impossible(format!("{}: no keys there", directory.display())))?;
    let text = serde_json::to_string_pretty(&keys.public())
        .map_err(|error| Failure::impossible("cannot print the keys", error))?;
    println!("{text}");
    Ok(())
}
