//! `dripline payouts return` and `import`: what an operator says of one withdrawal.

use dripline_shared::payout::{BatchId, WithdrawalId};

use super::rails;
use crate::cli::Failure;
use crate::cli::output::say;
use crate::cli::store::{Place, StoreSources};
use crate::edge::Edge;
use crate::faucet::correct_withdrawal;
use crate::payout::{Evidence, transaction_id};
use crate::store::command::{Command, Correction, GiveBackWithdrawal, ImportPayout};
use crate::store::record::Stage;

/// Gives the money of a withdrawal that waits back.
pub(super) fn give_back(withdrawal: WithdrawalId, why: &str, place: &Place) -> Result<(), Failure> {
    let give = GiveBackWithdrawal { now: Edge::system().now(), withdrawal, reason: why.into() };
    match correct(&Command::GiveBackWithdrawal(give), place)? {
        Correction::Done => say(format_args!("{withdrawal}: its money is back whole")),
        Correction::WasSo => say(format_args!("{withdrawal}: its money was back whole before")),
        other => Err(refused(withdrawal, &other)),
    }
}

/// Records that a withdrawal was paid by a transaction.
pub(super) fn import(
    withdrawal: WithdrawalId,
    transaction: &str,
    unchecked: bool,
    store: &StoreSources,
) -> Result<(), Failure> {
    let (config, place) = store.load()?;
    let mut reader = place.reader()?;
    let found = reader.withdrawal(withdrawal).map_err(|error| Failure::impossible(place.name(), error))?;
    let Some(found) = found else { return Err(refused(withdrawal, &Correction::Unknown)) };
    let id = &*found.record.rail;
    let settings = rails::settings_of(id, &config)?;
    let transaction = transaction_id(settings.driver.kind(), transaction)
        .map_err(|expected| Failure::Argument(format!("{transaction}: expected {expected}")))?;
    let nonce = if unchecked || found.record.stage.state().is_final() {
        None
    } else {
        let rail = rails::open(id, &settings, &config, Some(&mut reader))?;
        let evidence = rail.evidence(&found.record, &transaction);
        match evidence.map_err(|error| Failure::impossible(format!("{id}: cannot ask the chain"), error))? {
            Evidence::Silent => None,
            Evidence::Pays { nonce } => nonce,
            Evidence::Contradicts { why } => {
                return Err(Failure::Impossible(format!(
                    "{transaction} has not paid the withdrawal {withdrawal}, by the chain's word: {why}. Nothing has changed; \
                     --unchecked records it all the same, by yours"
                )));
            }
        }
    };
    drop(reader);
    let edge = Edge::system();
    let (now, batch) = (edge.now(), BatchId::new(edge.now(), edge.random()));
    let import = ImportPayout { now, withdrawal, batch, transaction: transaction.as_str().into(), nonce };
    match correct(&Command::ImportPayout(import), &place)? {
        Correction::Done => say(format_args!("{withdrawal}: was paid by {transaction}")),
        Correction::WasSo => say(format_args!("{withdrawal}: was known to be paid by {transaction}")),
        other => Err(refused(withdrawal, &other)),
    }
}

fn correct(command: &Command, place: &Place) -> Result<Correction, Failure> {
    correct_withdrawal(&place.data, place.database.as_ref(), command)
        .map_err(|error| Failure::impossible("cannot change the withdrawal", error))
}

/// Why nothing has changed.
fn refused(withdrawal: WithdrawalId, correction: &Correction) -> Failure {
    let why = match correction {
        Correction::Done | Correction::WasSo | Correction::Unknown => {
            "there is no such withdrawal in this store".to_owned()
        }
        Correction::RailRuns { rail } => format!(
            "{rail} runs, and might pay it meanwhile: pause it first, by `dripline payouts pause {rail}`"
        ),
        Correction::Batched { batch } => format!(
            "it is in the batch {batch}: `dripline payouts cancel {batch}` gives its money back, unless it is paid before"
        ),
        Correction::MayBePaid { batch } => format!(
            "it is in the batch {batch}, and what was sent of that may still be executed, or was: the server finds out, also \
             while the rail is paused. Where it is told that the nonce was used by something else, import it without \
             --unchecked"
        ),
        Correction::Ended { stage } => match stage {
            Stage::Paid { transaction, at, .. } => format!("it was paid by {transaction}, at {at}"),
            Stage::Returned { at, .. } => format!("its money is back, less the fee, since {at}"),
            Stage::Cancelled { at, .. } => format!("its money is back whole, since {at}"),
            Stage::Queued | Stage::Batched(_) => "it has not ended".to_owned(),
        },
    };
    Failure::Impossible(format!("{withdrawal}: {why}"))
}
