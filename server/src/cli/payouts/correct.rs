//! `dripline payouts return` and `import`: what an operator says of one withdrawal.

use dripline_shared::amount::Amount;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::wallet::Wallet;

use super::rails::{self, Wanted};
use crate::cli::Failure;
use crate::cli::output::say;
use crate::cli::store::{Place, StoreSources};
use crate::edge::Edge;
use crate::faucet::correct_withdrawal;
use crate::faucet::recovery::{self, Unproven, Unrecorded, paid_before};
use crate::payout::{Rail, RailSettings, transaction_id};
use crate::store::BoxedReader;
use crate::store::command::{Command, Correction, GiveBackWithdrawal, ImportPayout, RecordPayout};
use crate::store::record::{Stage, WithdrawalRecord};

/// Gives the money of a withdrawal that waits back.
pub(super) fn give_back(withdrawal: WithdrawalId, why: &str, place: &Place) -> Result<(), Failure> {
    let give = GiveBackWithdrawal { now: Edge::system().now(), withdrawal, reason: why.into() };
    match correct(Command::GiveBackWithdrawal(give), place)? {
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
    let transaction = named(&settings, transaction)?;
    let nonce = if unchecked || found.record.stage.state().is_final() {
        None
    } else {
        let rail = rails::open(id, &settings, &config, Some(&mut reader))?;
        witnessed(&*rail, &found.record, &transaction, &mut reader)?
    };
    drop(reader);
    let edge = Edge::system();
    let (now, batch) = (edge.now(), BatchId::new(edge.now(), edge.random()));
    let import = ImportPayout { now, withdrawal, batch, transaction: transaction.as_str().into(), nonce };
    match correct(Command::ImportPayout(import), &place)? {
        Correction::Done => say(format_args!("{withdrawal}: was paid by {transaction}")),
        Correction::WasSo => say(format_args!("{withdrawal}: was known to be paid by {transaction}")),
        other => Err(refused(withdrawal, &other)),
    }
}

/// The id of a transaction as a rail writes it.
fn named(settings: &RailSettings, transaction: &str) -> Result<String, Failure> {
    transaction_id(settings.driver.kind(), transaction)
        .map_err(|expected| Failure::Argument(format!("{transaction}: expected {expected}")))
}

/// Asks the chain whether a transaction has paid a withdrawal, besides what else it is known to have paid. Gives its nonce.
fn witnessed(
    rail: &dyn Rail,
    withdrawal: &WithdrawalRecord,
    transaction: &str,
    reader: &mut BoxedReader,
) -> Result<Option<u64>, Failure> {
    let before = paid_before(withdrawal, transaction, reader);
    let before = before.map_err(|error| Failure::impossible("the store", error))?;
    recovery::witnessed(rail, withdrawal, transaction, before).map_err(|unproven| match unproven {
        Unproven::Unreachable(_) => Failure::Impossible(format!("{}: {unproven}", withdrawal.rail)),
        Unproven::Contradicted(why) => Failure::Impossible(format!(
            "{transaction} has not paid this withdrawal, by the chain's word: {why}. Nothing has changed; --unchecked records it \
             all the same, by yours"
        )),
    })
}

/// Records a payout whose withdrawal the store does not have.
pub(super) fn record(
    paid: &Wanted<'_>,
    wallet: Option<Wallet>,
    transaction: &str,
    unchecked: bool,
    store: &StoreSources,
) -> Result<(), Failure> {
    let (config, place) = store.load()?;
    let mut reader = place.reader()?;
    let settings = rails::settings_of(paid.rail, &config)?;
    let (code, transaction) = (rails::asset_of(paid, &settings)?, named(&settings, transaction)?);
    let fee = settings.assets.get(code).map_or(Amount::ZERO, |asset| asset.fee);
    let amount = paid.amount.checked_add(fee).filter(|amount| *amount > fee);
    let amount =
        amount.ok_or_else(|| Failure::Argument("--amount: expected more than nothing".to_owned()))?;
    let found = reader.wallets_at(paid.rail, paid.to);
    let found = found.map_err(|error| Failure::impossible(place.name(), error))?;
    let wallet = match (&wallet, found.as_slice()) {
        (Some(wallet), _) | (None, [wallet]) => *wallet,
        (None, []) => {
            return Err(Failure::Impossible(format!(
                "no wallet in this store has had the address {} by {}: whoever has it came after the backup, and has nothing here",
                paid.to, paid.rail
            )));
        }
        (None, several) => {
            let several = several.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(Failure::Argument(format!("expected --wallet, with one of {several}")));
        }
    };
    let edge = Edge::system();
    let now = edge.now();
    let unrecorded = Unrecorded {
        rail: paid.rail,
        asset: code,
        to: paid.to,
        transaction: &transaction,
        wallet,
        amount: (amount, fee),
    };
    let withdrawal = unrecorded.withdrawal(now, edge.random());
    let nonce = if unchecked {
        None
    } else {
        let rail = rails::open(paid.rail, &settings, &config, Some(&mut reader))?;
        witnessed(&*rail, &withdrawal, &transaction, &mut reader)?
    };
    drop(reader);
    let batch = BatchId::new(now, edge.random());
    let record = RecordPayout { withdrawal, batch, transaction: transaction.as_str().into(), nonce };
    let id = record.withdrawal.id;
    match correct(Command::RecordPayout(Box::new(record)), &place)? {
        Correction::Done => say(format_args!(
            "{id}: a payout to {wallet} by {transaction}; {amount} ledger units left the balance"
        )),
        Correction::WasSo => say(format_args!("the payout to {} by {transaction} was known", paid.to)),
        Correction::Unknown => {
            Err(Failure::Impossible(format!("{wallet}: this store does not have the wallet")))
        }
        Correction::TooLittle { balance } => Err(Failure::Impossible(format!(
            "{wallet} has {balance} ledger units in this store, and the payout took {amount} with its fee: the rest was earned after \
             the backup. Record what there is, by a smaller --amount"
        ))),
        other => Err(refused(id, &other)),
    }
}

fn correct(command: Command, place: &Place) -> Result<Correction, Failure> {
    correct_withdrawal(&place.data, place.database.as_ref(), command, &Edge::system())
        .map_err(|error| Failure::impossible("cannot change the withdrawal", error))
}

/// Why nothing has changed.
fn refused(withdrawal: WithdrawalId, correction: &Correction) -> Failure {
    let why = match correction {
        Correction::Done | Correction::WasSo | Correction::Unknown => {
            "there is no such withdrawal in this store".to_owned()
        }
        Correction::TooLittle { balance } => format!("the wallet has {balance} ledger units"),
        Correction::RailRuns { rail } => format!(
            "{rail} runs, or will by itself, and might pay it meanwhile: pause it first, by `dripline payouts pause {rail}`"
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
            Stage::Queued | Stage::Held | Stage::Unapproved | Stage::Batched(_) => {
                "it has not ended".to_owned()
            }
        },
    };
    Failure::Impossible(format!("{withdrawal}: {why}"))
}
