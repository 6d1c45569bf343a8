//! `dripline payouts`: how payouts stand, pausing a rail, and what an operator says of single ones.

mod correct;
mod list;
mod rails;

use std::sync::Arc;

use clap::{Args, Subcommand};

use dripline_shared::amount::Amount;
use dripline_shared::payout::{BatchId, RailKind, WithdrawalId};
use dripline_shared::text::is_line;
use dripline_shared::wallet::Wallet;

use super::Failure;
use super::output::say;
use super::store::{Place, StoreSources};
use crate::edge::Edge;
use crate::faucet::{cancel_batch, set_pause};
use crate::payout::pause::RESERVED;
use crate::payout::transaction_id;
use crate::store::BoxedReader;
use crate::store::command::Known;
use crate::store::record::Stage;

/// What can be done with payouts.
#[derive(Debug, Subcommand)]
pub(super) enum PayoutsCommand {
    /// Print how many withdrawals wait by each rail, and what was made of them that has not ended; reads only, and servers
    /// may be running
    Status {
        #[command(flatten)]
        store: StoreSources,
    },
    /// Print every withdrawal that waits and every batch under way, with ids, addresses, amounts and transactions; reads
    /// only, and servers may be running
    List {
        /// The rail's id; all rails where it is not said
        rail: Option<String>,
        /// Print one JSON document, for programs
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Have a rail sign and send nothing until it is resumed; a server may be running only where the store is in a database
    Pause {
        #[command(flatten)]
        rail: RailArguments,
        /// Why; players see it
        #[arg(long, value_name = "TEXT", default_value = "The operator has paused it", value_parser = reason)]
        why: String,
    },
    /// Let a paused rail run again; a server may be running only where the store is in a database
    Resume {
        #[command(flatten)]
        rail: RailArguments,
        /// The nonce to sign the next payout with: what the chain counts of the treasury's transactions, once you know all of
        /// them
        #[arg(long, value_name = "NUMBER")]
        next_nonce: Option<u64>,
        /// The transaction of the treasury, on Solana, up to which you have looked at all of them: it is examined from there on
        #[arg(long, value_name = "SIGNATURE")]
        examined: Option<String>,
    },
    /// Have a batch not be paid any more, and its money go back, unless what was sent is faster; a server may be
    /// running only where the store is in a database
    Cancel {
        /// The batch's id, as `list` prints it
        batch: BatchId,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Give the money of a withdrawal that waits, in no batch, back whole, while its rail is paused; a server may be running
    /// only where the store is in a database
    Return {
        /// The withdrawal's id, as `list` prints it
        withdrawal: WithdrawalId,
        /// Why; the player sees it
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        why: String,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Record that a withdrawal was paid by a transaction that the store does not have, as after a restore, while its rail is
    /// paused; the chain is asked whether that is so. A server may be running only where the store is in a database
    Import {
        /// The withdrawal's id, as `list` prints it
        withdrawal: WithdrawalId,
        /// The transaction, as the chain's explorers write it
        transaction: String,
        /// Do not ask the chain: you have looked
        #[arg(long)]
        unchecked: bool,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Record a payout whose withdrawal the store does not have, because it was requested after the backup that the store was
    /// restored from: its money, and the rail's fee, leave the player's balance. While the rail is paused; the chain is asked
    /// whether it is so. A server may be running only where the store is in a database
    Record {
        /// The rail's id
        rail: String,
        /// The transaction, as the chain's explorers write it
        transaction: String,
        /// The address that it has paid
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// How much of it, in ledger units
        #[arg(long, value_name = "UNITS")]
        amount: Amount,
        /// Whose address that is; the only wallet that has ever had it where it is not said
        #[arg(long, value_name = "WALLET")]
        wallet: Option<Wallet>,
        /// The asset's code; the only one of the rail where it is not said
        #[arg(long, value_name = "CODE")]
        asset: Option<String>,
        /// Do not ask the chain: you have looked
        #[arg(long)]
        unchecked: bool,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Print the address of each rail's treasury, and what it holds; reads only, and servers may be running
    Treasury {
        #[command(flatten)]
        store: StoreSources,
    },
    /// Try a payout without effect, and print what the chain says of it; reads only, and servers may be running
    DryRun {
        /// The rail's id
        rail: String,
        /// The address to be paid
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// How much is to arrive, in ledger units
        #[arg(long, value_name = "UNITS")]
        amount: Amount,
        /// The asset's code; the only one of the rail where it is not said
        #[arg(long, value_name = "CODE")]
        asset: Option<String>,
        #[command(flatten)]
        store: StoreSources,
    },
}

/// Which rail.
#[derive(Debug, Args)]
pub(super) struct RailArguments {
    /// The rail's id
    rail: String,
    #[command(flatten)]
    store: StoreSources,
}

/// The most characters of a reason that players are told.
const REASON_MAX: usize = 300;

/// A reason that players are told.
fn reason(text: &str) -> Result<String, String> {
    if !(1..=REASON_MAX).contains(&text.chars().count()) || !is_line(text) {
        return Err(format!("expected 1 to {REASON_MAX} characters in one line, none of them invisible"));
    }
    match RESERVED.iter().find(|reserved| text.starts_with(**reserved)) {
        Some(reserved) => Err(format!(
            "expected a reason that does not begin with \"{reserved}\", as those of the rail itself do"
        )),
        None => Ok(text.to_owned()),
    }
}

/// Does it.
pub(super) fn run(command: &PayoutsCommand) -> Result<(), Failure> {
    match command {
        PayoutsCommand::Status { store } => status(&store.place()?),
        PayoutsCommand::List { rail, json, store } => list::run(rail.as_deref(), *json, store),
        PayoutsCommand::Pause { rail, why } => pause(rail, Some(why), Known::default()),
        PayoutsCommand::Resume { rail, next_nonce, examined } => {
            let examined = examined.as_deref().map(signature).transpose()?;
            pause(rail, None, Known { next_nonce: *next_nonce, examined })
        }
        PayoutsCommand::Cancel { batch, store } => cancel(*batch, &store.place()?),
        PayoutsCommand::Return { withdrawal, why, store } => {
            correct::give_back(*withdrawal, why, &store.place()?)
        }
        PayoutsCommand::Import { withdrawal, transaction, unchecked, store } => {
            correct::import(*withdrawal, transaction, *unchecked, store)
        }
        PayoutsCommand::Record { rail, transaction, to, amount, wallet, asset, unchecked, store } => {
            let paid = rails::Wanted { rail, to, amount: *amount, asset: asset.as_deref() };
            correct::record(&paid, *wallet, transaction, *unchecked, store)
        }
        PayoutsCommand::Treasury { store } => rails::treasury(store),
        PayoutsCommand::DryRun { rail, to, amount, asset, store } => {
            let wanted = rails::Wanted { rail, to, amount: *amount, asset: asset.as_deref() };
            rails::dry_run(&wanted, store)
        }
    }
}

/// The signature of a transaction of Solana, the only chain on which a treasury is examined by its transactions.
fn signature(text: &str) -> Result<Arc<str>, Failure> {
    transaction_id(RailKind::Solana, text)
        .map(Arc::from)
        .map_err(|expected| Failure::Argument(format!("--examined {text}: expected {expected}")))
}

fn pause(arguments: &RailArguments, why: Option<&str>, known: Known) -> Result<(), Failure> {
    let (config, place) = arguments.store.load()?;
    let rail = &arguments.rail;
    rails::known(rail, &config, &mut place.reader()?)?;
    set_pause(&place.data, place.database.as_ref(), rail, why, known, &Edge::system())
        .map_err(|error| Failure::impossible("cannot change the rail", error))?;
    say(format_args!("{rail} {}", if why.is_some() { "is paused" } else { "runs again" }))
}

fn cancel(batch: BatchId, place: &Place) -> Result<(), Failure> {
    let open = cancel_batch(&place.data, place.database.as_ref(), batch, &Edge::system())
        .map_err(|error| Failure::impossible("cannot cancel the batch", error))?;
    if !open {
        return Err(Failure::Impossible(format!("there is no batch {batch} that has not ended")));
    }
    say(format_args!(
        "{batch} is cancelled: the server finds out what became of what was sent, and gives the money back"
    ))
}

fn status(place: &Place) -> Result<(), Failure> {
    let cannot = |error| Failure::impossible(place.name(), error);
    let mut reader: BoxedReader = place.reader()?;
    let queues = reader.queues().map_err(cannot)?;
    let paused = reader.rails().map_err(cannot)?;
    if queues.is_empty() && paused.iter().all(|rail| rail.pause.is_none()) {
        say("nothing waits to be paid")?;
    }
    for rail in paused.iter().filter(|rail| rail.pause.is_some()) {
        let why = rail.pause.as_ref().map_or("", |pause| &*pause.why);
        say(format_args!("{}: paused: {why}", rail.id))?;
    }
    for (rail, waiting) in queues {
        say(format_args!("{rail}: {waiting} withdrawals wait"))?;
        for batch in reader.batches(&rail).map_err(cannot)? {
            let sent = batch.record.candidates.len();
            let alive = batch.record.alive().count();
            let size = batch.withdrawals.iter().filter(|it| matches!(it.stage, Stage::Batched(_))).count();
            say(format_args!(
                "{rail}: batch {} of {size} withdrawals, made at {}: {sent} candidates, {alive} of them alive",
                batch.record.id, batch.record.made_at
            ))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_that_is_not_taken_for_one_of_the_rail_itself() {
        for told in ["Maintenance", "The treasury is being moved", "a treasury low: on coins"] {
            assert_eq!(reason(told).as_deref(), Ok(told));
        }
        for refused in ["", "two\nlines", "recovery: I looked", "treasury low: soon"] {
            assert!(reason(refused).unwrap_err().starts_with("expected "), "{refused}");
        }
        assert!(reason(&"é".repeat(REASON_MAX)).is_ok());
        assert!(reason(&"é".repeat(REASON_MAX + 1)).is_err());
    }
}
