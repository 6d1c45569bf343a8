//! `dripline keys show` and `rotate`: the public halves of the faucet's keys, and a new receipt key.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use dripline_shared::api::FaucetKeys;

use super::Failure;
use crate::edge::Edge;
use crate::faucet::rotate_key;
use crate::keys::{DIRECTORY, Keys};

/// What can be done with the keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Print the public keys, as /.well-known/dripline-keys.json does
    Show {
        /// The data directory
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
    },
    /// Make a new receipt key, signed by the one before it, and print all public keys; no server may be running
    Rotate {
        /// The data directory
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
    },
}

/// Does it.
pub(super) fn run(command: &KeysCommand) -> Result<(), Failure> {
    let keys = match command {
        KeysCommand::Show { data } => show(data)?,
        KeysCommand::Rotate { data } => rotate_key(data, &Edge::system())
            .map_err(|error| Failure::impossible("cannot rotate the keys", error))?,
    };
    let text = serde_json::to_string_pretty(&keys)
        .map_err(|error| Failure::impossible("cannot print the keys", error))?;
    println!("{text}");
    Ok(())
}

fn show(data: &Path) -> Result<FaucetKeys, Failure> {
    let directory = data.join(DIRECTORY);
    let cannot = |error| Failure::impossible(directory.display(), error);
    let keys = Keys::read(&directory).map_err(cannot)?;
    let keys = keys.ok_or_else(|| Failure::Impossible(format!("{}: no keys there", directory.display())))?;
    Ok(keys.public())
}
