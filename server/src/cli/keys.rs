//! `dripline keys show` and `rotate`: the public halves of the faucet's keys, and a new one.

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use dripline_shared::api::FaucetKeys;

use super::Failure;
use crate::edge::Edge;
use crate::faucet::rotate_key;
use crate::keys::{DIRECTORY, Keys, Purpose};

/// What can be done with the keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Print the public keys, as /.well-known/dripline-keys.json does
    Show {
        /// The data directory
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
    },
    /// Make a new key, signed by the one before it, and print all public keys; no server may be running
    Rotate {
        /// What the key is for
        #[arg(long, value_name = "PURPOSE", value_enum, default_value_t = KeyPurpose::Receipt)]
        purpose: KeyPurpose,
        /// The data directory
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
    },
}

/// What a key is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum KeyPurpose {
    /// It signs receipts
    Receipt,
    /// It signs the heads of the log of transfers
    Log,
}

impl From<KeyPurpose> for Purpose {
    fn from(purpose: KeyPurpose) -> Self {
        match purpose {
            KeyPurpose::Receipt => Self::Receipt,
            KeyPurpose::Log => Self::Log,
        }
    }
}

/// Does it.
pub(super) fn run(command: &KeysCommand) -> Result<(), Failure> {
    let keys = match command {
        KeysCommand::Show { data } => show(data)?,
        KeysCommand::Rotate { purpose, data } => rotate_key(data, (*purpose).into(), &Edge::system())
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
