//! `dripline wallets forget`: deletes what can be deleted of a player who wants it.

use clap::Subcommand;
use dripline_shared::wallet::Wallet;

use super::Failure;
use super::output::say;
use super::store::StoreSources;
use crate::edge::Edge;
use crate::faucet::forget_player;

/// What can be done with what is kept of wallets.
#[derive(Debug, Subcommand)]
pub(super) enum WalletsCommand {
    /// Delete how a wallet has played the rounds that it claimed, and what operators have noted about it. What it earned and was paid, and its limits, stay: see
    /// docs/privacy.md. With SQLite no server may run meanwhile
    Forget {
        /// The wallet
        wallet: String,
        #[command(flatten)]
        store: StoreSources,
    },
}

/// Does it.
pub(super) fn run(command: &WalletsCommand) -> Result<(), Failure> {
    let WalletsCommand::Forget { wallet, store } = command;
    let key: Wallet = wallet
        .parse()
        .map_err(|_| Failure::Argument(format!("{wallet}: expected a wallet: a public key in base58")))?;
    let place = store.place()?;
    let forgotten = forget_player(&place.data, place.database.as_ref(), key, &Edge::system())
        .map_err(|error| Failure::impossible("cannot forget", error))?;
    say(format_args!("deleted how {forgotten} rounds were played, and what operators have noted"))
}
