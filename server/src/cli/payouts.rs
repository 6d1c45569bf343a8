//! `dripline payouts`: how payouts stand, and pausing a rail.

use clap::{Args, Subcommand};

use dripline_shared::payout::BatchId;

use super::Failure;
use super::store::{Place, StoreSources};
use crate::edge::Edge;
use crate::faucet::{cancel_batch, set_pause};
use crate::store::BoxedReader;
use crate::store::postgres::PostgresReader;
use crate::store::record::Stage;
use crate::store::sqlite::SqliteReader;

/// What can be done with payouts.
#[derive(Debug, Subcommand)]
pub(super) enum PayoutsCommand {
    /// Print how many withdrawals wait by each rail, and what was made of them that has not ended; reads only
    Status {
        #[command(flatten)]
        store: StoreSources,
    },
    /// Have a rail sign and send nothing until it is resumed; a server may be running only where the store is in a database
    Pause {
        #[command(flatten)]
        rail: RailArguments,
        /// Why; players see it
        #[arg(long, value_name = "TEXT", default_value = "The operator has paused it")]
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
    },
    /// Have a batch not be paid any more, and its money go back, unless what was sent is faster; a server may be
    /// running only where the store is in a database
    Cancel {
        /// The batch's id, as `status` prints it
        batch: BatchId,
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

/// Does it.
pub(super) fn run(command: &PayoutsCommand) -> Result<(), Failure> {
    match command {
        PayoutsCommand::Status { store } => status(&store.place()?),
        PayoutsCommand::Pause { rail, why } => pause(rail, Some(why), None),
        PayoutsCommand::Resume { rail, next_nonce } => pause(rail, None, *next_nonce),
        PayoutsCommand::Cancel { batch, store } => cancel(*batch, &store.place()?),
    }
}

fn pause(arguments: &RailArguments, why: Option<&str>, next_nonce: Option<u64>) -> Result<(), Failure> {
    let place = arguments.store.place()?;
    set_pause(&place.data, place.database.as_ref(), &arguments.rail, why, next_nonce, &Edge::system())
        .map_err(|error| Failure::impossible("cannot change the rail", error))?;
    println!("{} {}", arguments.rail, if why.is_some() { "is paused" } else { "runs again" });
    Ok(())
}

fn cancel(batch: BatchId, place: &Place) -> Result<(), Failure> {
    let open = cancel_batch(&place.data, place.database.as_ref(), batch, &Edge::system())
        .map_err(|error| Failure::impossible("cannot cancel the batch", error))?;
    if !open {
        return Err(Failure::Impossible(format!("there is no batch {batch} that has not ended")));
    }
    println!(
        "{batch} is cancelled: the server finds out what became of what was sent, and gives the money back"
    );
    Ok(())
}

fn status(place: &Place) -> Result<(), Failure> {
    let cannot = |error| Failure::impossible(place.name(), error);
    let mut reader: BoxedReader = match &place.database {
        Some(database) => match PostgresReader::open(database).map_err(cannot)? {
            Some(reader) => Box::new(reader),
            None => return Err(Failure::Impossible(format!("{}: there is no store", place.name()))),
        },
        None => Box::new(SqliteReader::open(&place.data).map_err(cannot)?),
    };
    let queues = reader.queues().map_err(cannot)?;
    let paused = reader.rails().map_err(cannot)?;
    if queues.is_empty() && paused.iter().all(|rail| rail.pause.is_none()) {
        println!("nothing waits to be paid");
    }
    for rail in paused.iter().filter(|rail| rail.pause.is_some()) {
        let why = rail.pause.as_ref().map_or("", |pause| &*pause.why);
        println!("{}: paused: {why}", rail.id);
    }
    for (rail, waiting) in queues {
        println!("{rail}: {waiting} withdrawals wait");
        for batch in reader.batches(&rail).map_err(cannot)? {
            let sent = batch.record.candidates.len();
            let alive = batch.record.alive().count();
            let size = batch.withdrawals.iter().filter(|it| matches!(it.stage, Stage::Batched(_))).count();
            println!(
                "{rail}: batch {} of {size} withdrawals, made at {}: {sent} candidates, {alive} of them alive",
                batch.record.id, batch.record.made_at
            );
        }
    }
    Ok(())
}
