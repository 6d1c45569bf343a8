//! What the payer and operators want of withdrawals, batches and the rail.

use std::sync::Arc;

use dripline_server::payout::lease::LEASE_MS;
use dripline_server::store::Command;
use dripline_server::store::command::{
    CancelBatch, EndBatch, Ending, GiveBackWithdrawal, Halt, ImportPayout, KeepCandidate, Known, MakeBatch,
    NoteExamined, PayDormant, RecordPayout, SetPause, SetShort, TakeLease,
};
use dripline_server::store::record::{Candidate, Reserve, ServerId, Stage, WithdrawalRecord};
use dripline_shared::amount::Amount;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::Timestamp;

use super::{COIN, FEE, wallet_of, withdrawal_of};

/// The withdrawal of what a wallet has, if it lies dormant, to the address of this number.
pub(crate) fn pay_dormant(wallet: u8, client: u8, address: u8, now: Timestamp) -> Command {
    Command::PayDormant(Box::new(PayDormant {
        now,
        id: withdrawal_of(wallet, client, now),
        wallet: wallet_of(wallet),
        rail: "sandbox".into(),
        asset: "DRIP".into(),
        address: format!("address-{address}").into(),
    }))
}
/// The id of the batch of this number.
pub(crate) fn batch_of(number: u8, now: Timestamp) -> BatchId {
    BatchId::new(now, [number; 10])
}

/// Takes the sandbox's lease for the server of this number.
pub(crate) fn take_lease(server: u8, now: Timestamp) -> Command {
    let (rail, owner, until) = ("sandbox".into(), ServerId([server; 16]), now.plus(LEASE_MS));
    Command::TakeLease(TakeLease { now, rail, owner, until })
}

/// A command as a server wants it that has the lease of this epoch. Those below are of epoch 0, when nobody had any.
pub(crate) fn under(epoch: u64, mut command: Command) -> Command {
    match &mut command {
        Command::MakeBatch(make) => make.epoch = epoch,
        Command::KeepCandidate(keep) => keep.epoch = epoch,
        Command::EndBatch(end) => end.epoch = epoch,
        _ => {}
    }
    command
}

pub(crate) fn make_batch(number: u8, most: usize, now: Timestamp) -> Command {
    let (rail, asset) = ("sandbox".into(), "DRIP".into());
    Command::MakeBatch(MakeBatch { now, rail, asset, id: batch_of(number, now), most, epoch: 0 })
}

pub(crate) fn keep_candidate(batch: BatchId, candidate: &str, now: Timestamp) -> Command {
    keep_with_nonce(batch, candidate, None, now)
}

pub(crate) fn keep_with_nonce(
    batch: BatchId,
    candidate: &str,
    nonce: Option<u64>,
    now: Timestamp,
) -> Command {
    let (id, bytes) = (candidate.into(), candidate.as_bytes().to_vec());
    let candidate = Candidate { id, bytes, nonce, stored_at: now, is_dead: false };
    Command::KeepCandidate(Box::new(KeepCandidate { batch, candidate, reserve: None, epoch: 0 }))
}

/// The same, with so much of the coin set aside to have it executed.
pub(crate) fn keep_with_reserve(
    batch: BatchId,
    candidate: &str,
    nonce: Option<u64>,
    reserved: u32,
    now: Timestamp,
) -> Command {
    let mut command = keep_with_nonce(batch, candidate, nonce, now);
    if let Command::KeepCandidate(keep) = &mut command {
        keep.reserve = Some(Reserve { coin: COIN.into(), amount: Amount::from_units(reserved) });
    }
    command
}

/// Ends a batch, whose execution has cost so much.
pub(crate) fn end_for(batch: BatchId, ending: Ending, cost: u32, now: Timestamp) -> Command {
    Command::EndBatch(EndBatch { now, batch, ending, cost: Amount::from_units(cost), epoch: 0 })
}

pub(crate) fn end_batch(batch: BatchId, ending: Ending, now: Timestamp) -> Command {
    Command::EndBatch(EndBatch { now, batch, ending, cost: Amount::ZERO, epoch: 0 })
}

pub(crate) fn settled(transaction: &str) -> Ending {
    Ending::Settled { transaction: transaction.into() }
}

/// A failure that divides a batch into the batches of these numbers.
pub(crate) fn failed(first: u8, second: u8, now: Timestamp) -> Ending {
    let parts = [batch_of(first, now), batch_of(second, now)];
    Ending::Failed { reason: "it failed".into(), counts: true, parts }
}

/// Halts the sandbox because of what was found, under this epoch.
pub(crate) fn halt(batch: Option<BatchId>, why: &str, epoch: u64, now: Timestamp) -> Command {
    Command::Halt(Halt { now, rail: "sandbox".into(), batch, why: Some(why.into()), epoch })
}

/// Says whether the treasury of the sandbox has too little.
pub(crate) fn set_short(is_short: bool, epoch: u64, now: Timestamp) -> Command {
    let missing = is_short.then(|| "it has 1 and needs 2".into());
    Command::SetShort(SetShort { now, rail: "sandbox".into(), missing, epoch })
}

pub(crate) fn note_examined(transaction: &str, epoch: u64) -> Command {
    Command::NoteExamined(NoteExamined { rail: "sandbox".into(), transaction: transaction.into(), epoch })
}

pub(crate) fn cancel_batch(batch: BatchId, now: Timestamp) -> Command {
    Command::CancelBatch(CancelBatch { now, batch })
}

pub(crate) fn give_back_withdrawal(withdrawal: WithdrawalId, now: Timestamp) -> Command {
    let reason = "the rail is closed".into();
    Command::GiveBackWithdrawal(GiveBackWithdrawal { now, withdrawal, reason })
}

/// Imports a payout as the batch of this number.
pub(crate) fn import_payout(
    withdrawal: WithdrawalId,
    number: u8,
    transaction: &str,
    now: Timestamp,
) -> Command {
    import_with_nonce(withdrawal, number, transaction, None, now)
}

pub(crate) fn import_with_nonce(
    withdrawal: WithdrawalId,
    number: u8,
    transaction: &str,
    nonce: Option<u64>,
    now: Timestamp,
) -> Command {
    let (batch, transaction) = (batch_of(number, now), transaction.into());
    Command::ImportPayout(ImportPayout { now, withdrawal, batch, transaction, nonce })
}

/// Records a payout of so many units to the address of a wallet's number, by a transaction that its client id is made of.
pub(crate) fn record_payout(wallet: u8, client: u8, units: u32, now: Timestamp) -> Command {
    let withdrawal = WithdrawalRecord {
        id: withdrawal_of(wallet, client, now),
        wallet: wallet_of(wallet),
        rail: "sandbox".into(),
        asset: "DRIP".into(),
        amount: Amount::from_units(units),
        fee: FEE,
        address: format!("address-{wallet}").into(),
        client_id: ClientId([client; 16]),
        request: Hash([client; 32]),
        signed: None,
        requested_at: now,
        failures: 0,
        stage: Stage::Queued,
    };
    let (batch, transaction) = (batch_of(client, now), format!("recorded-{client}").into());
    Command::RecordPayout(Box::new(RecordPayout { withdrawal, batch, transaction, nonce: None }))
}

/// Pauses the sandbox for a reason, or lets it run.
pub(crate) fn set_pause(why: Option<&str>, now: Timestamp) -> Command {
    Command::SetPause(SetPause {
        now,
        rail: "sandbox".into(),
        why: why.map(Arc::from),
        known: Known::default(),
    })
}
