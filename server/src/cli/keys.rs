//! `dripline keys`: the public halves of the faucet's keys, new ones, and a new key for a rail's treasury.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use dripline_shared::api::FaucetKeys;
use zeroize::Zeroizing;

use super::Failure;
use super::output::say;
use super::store::StoreSources;
use crate::edge::Edge;
use crate::faucet::rotate_key;
use crate::keys::{DIRECTORY, Keys, Purpose};
use crate::payout::{evm, solana};

/// What can be done with the keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Print the public keys, as /.well-known/dripline-keys.json does
    Show {
        #[command(flatten)]
        store: StoreSources,
    },
    /// Make a new key, signed by the one before it, and print all public keys; no server may be running
    Rotate {
        /// What the key is for
        #[arg(long, value_name = "PURPOSE", value_enum, default_value_t = KeyPurpose::Receipt)]
        purpose: KeyPurpose,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Make a new key for a rail's treasury, write it to a file that only its owner reads, and print the treasury's address;
    /// it is no key of the faucet's, and belongs to no data directory
    Treasury {
        /// The kind of the rail
        #[arg(long, value_name = "KIND", value_enum)]
        kind: TreasuryKind,
        /// The file, which must not be there yet: the rail's `key_file`
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// What a treasury's key is made for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum TreasuryKind {
    /// An EVM chain
    Evm,
    /// Solana
    Solana,
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
        KeysCommand::Show { store } => show(&store.data()?)?,
        KeysCommand::Rotate { purpose, store } => {
            rotate_key(&store.data()?, (*purpose).into(), &Edge::system())
                .map_err(|error| Failure::impossible("cannot rotate the keys", error))?
        }
        KeysCommand::Treasury { kind, out } => return treasury(*kind, out, &Edge::system()),
    };
    let text = serde_json::to_string_pretty(&keys)
        .map_err(|error| Failure::impossible("cannot print the keys", error))?;
    say(text)
}

fn treasury(kind: TreasuryKind, file: &Path, edge: &Edge) -> Result<(), Failure> {
    let random = Zeroizing::new(edge.random::<32>());
    let (text, address) = match kind {
        TreasuryKind::Solana => solana::new_key(&random),
        TreasuryKind::Evm => evm::new_key(&random)
            .ok_or_else(|| Failure::Impossible("these random bytes are no key: try again".to_owned()))?,
    };
    let cannot = |error| Failure::impossible(file.display(), error);
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(cannot)?;
    out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(cannot)?;
    say(format_args!("made a new key: {}\nthe treasury's address: {address}", file.display()))
}

fn show(data: &Path) -> Result<FaucetKeys, Failure> {
    let directory = data.join(DIRECTORY);
    let cannot = |error| Failure::impossible(directory.display(), error);
    let keys = Keys::read(&directory).map_err(cannot)?;
    let keys = keys.ok_or_else(|| Failure::Impossible(format!("{}: no keys there", directory.display())))?;
    Ok(keys.public())
}
