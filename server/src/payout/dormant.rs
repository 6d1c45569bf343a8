//! Paying what lies dormant: a wallet that has done nothing for long is paid to the address that it has set. Pure.
//!
//! It is done once for each time that a wallet falls asleep, as far as one withdrawal goes: whatever comes back, and whatever
//! is above the most that can be withdrawn at once, stays until its owner does something and sleeps as long again. So a
//! bad address costs its owner one fee, and not one after the other.

use std::sync::Arc;

use dripline_shared::api::operate::players::Standing;
use dripline_shared::round::{ClientId, Hash, hash};
use dripline_shared::time::{DAY_MS, Timestamp};
use dripline_shared::wallet::Wallet;

use crate::check;
use crate::in_force::InForce;
use crate::ledger::{Account, Holder, Kind};
use crate::payout::ledger::take;
use crate::payout::review;
use crate::store::command::{Answer, PayDormant};
#[cfg(doc)]
use crate::store::record::WalletRecord;
use crate::store::record::WithdrawalRecord;
use crate::store::working::{Effect, Moves, WorkingSet};

/// The least after which anything can lie dormant, in milliseconds, and the most: 30 days and 10 years.
pub const DORMANT_AFTER_MS: (u64, u64) = (30 * DAY_MS, 3_650 * DAY_MS);

/// When a wallet did something last: opened a round, was paid for one, signed a statement, or took over what a guest had. The state
/// of its limit on attempts is never before its last opening nor before the last act that leaves nothing else for good
/// ([`WalletRecord::awake_at`]: delegations, read-only keys, moves to it), and after an opening by as long as used up attempts take to
/// come back: so much later than configured it may be paid, and never earlier.
fn last_act(set: &WorkingSet, wallet: Wallet) -> Option<Timestamp> {
    let record = set.wallet(wallet)?;
    let addresses = set.addresses().filter(|address| address.wallet == wallet).map(|address| address.set_at);
    let withdrawals = set
        .withdrawals()
        .filter(|withdrawal| withdrawal.wallet == wallet && !withdrawal.is_dormant())
        .map(|withdrawal| withdrawal.requested_at);
    // Those that hold: stores have some from before they were noted with the wallet.
    let keys = set.read_keys(wallet).map(|key| key.issued_at);
    [record.attempts, record.last_drip]
        .into_iter()
        .flatten()
        .chain(addresses)
        .chain(withdrawals)
        .chain(keys)
        .max()
}

/// What stands for the request that nobody has signed: the same for one sleep of a wallet, and another one for the next.
fn request_of(wallet: Wallet, (rail, asset): (&str, &str), since: Timestamp) -> Hash {
    let names = format!("{rail}\n{asset}");
    hash(b"dripline/dorma/1", &[&wallet.0, &since.0.to_be_bytes(), names.as_bytes()])
}

/// Decides to withdraw what a wallet has, where it lies dormant, and where the rail runs.
pub(crate) fn decide(in_force: &InForce, set: &WorkingSet, command: &PayDormant) -> (Answer, Vec<Effect>) {
    withdrawal(in_force, set, command).unwrap_or_else(|| (Answer::NotDormant, Vec::new()))
}

fn withdrawal(in_force: &InForce, set: &WorkingSet, command: &PayDormant) -> Option<(Answer, Vec<Effect>)> {
    let (wallet, now) = (command.wallet, command.now);
    let (asset, rules) = in_force.rail_asset(&command.rail, &command.asset).ok()?;
    let (rail, _) = in_force.rail(&command.rail).ok()?;
    let after_ms = rules.dormant_after_ms?;
    let since = last_act(set, wallet)?;
    // What its owner does not ask for need not wait for an operator: it can be paid another time.
    if set.wallet(wallet)?.standing != Standing::Clear {
        return None;
    }
    let is_running = set.rail(rail).pause.is_none() && check::rail::is_running(&in_force.stopped, rail);
    if !is_running || now.since(since) < after_ms {
        return None;
    }
    let address = check::withdrawal::address(set.address(wallet, rail), &command.address, now).ok()?;
    let request = request_of(wallet, (rail, asset), since);
    let client_id = ClientId(WithdrawalRecord::dormant_client(request));
    if set.withdrawal_of_client(wallet, client_id).is_some() {
        return None;
    }
    let (player, pending) = (Holder::Player(wallet), Holder::Pending(wallet));
    let balance = set.balance(&Account::new(asset, player.clone())).amount();
    let amount = rules.maximum().map_or(balance, |maximum| balance.min(maximum));
    if amount < rules.threshold {
        return None;
    }
    let withdrawal = WithdrawalRecord {
        id: command.id,
        wallet,
        rail: Arc::clone(rail),
        asset: Arc::clone(asset),
        amount,
        fee: rules.fee_max(),
        address: Arc::clone(&address.address),
        client_id,
        request,
        signed: None,
        requested_at: now,
        failures: 0,
        stage: review::first_stage(rules, Standing::Clear, amount),
    };
    let mut moves = Moves::new(set, now);
    take(&mut moves, &withdrawal, Kind::Withdrawal, (player, pending), amount).ok()?;
    let answer = Answer::Requested { withdrawal: Box::new(withdrawal.clone()), new: true };
    Some((answer, moves.into_effects().chain([Effect::Withdrawal(withdrawal)]).collect()))
}
