//! What a guest's key has becomes a wallet's: the decision from facts. Pure.
//!
//! It happens once for each key, whole, and with all that holds the guest back ([`super::merge`]). Both agree: the key signs that
//! it gives, and the wallet has delegated to that key, so nobody is given the limits of others against their will. Nothing of the
//! key's may come after it: no round of its own can still be claimed, no withdrawal can still be returned, and it opens no rounds
//! for itself any more.

use std::collections::BTreeMap;

use dripline_shared::api::{Reason, RoundState};
use dripline_shared::error::Code;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::check;
use crate::ledger::{Holder, Kind};
use crate::play::merge;
use crate::refusal::Refusal;
use crate::store::command::{Answer, MoveBalance};
use crate::store::record::{MoveRecord, WalletRecord};
use crate::store::working::{Effect, Moves, WorkingSet};

/// Decides. A repeat of a request gets the answer of the first time.
pub(crate) fn decide(set: &WorkingSet, command: &MoveBalance) -> Result<(Answer, Vec<Effect>), Refusal> {
    let (request, now) = (&command.request, command.now);
    let guest = *set.wallet(request.wallet).ok_or(Code::WalletUnknown)?;
    if let Some(moved) = guest.moved {
        return match moved {
            _ if moved.client_id != request.client_id => Err(Code::BalanceMoved.into()),
            _ if moved.request != command.statement => Err(Code::ClientIdReused.into()),
            _ => Ok((Answer::BalanceMoved { moved, new: false }, Vec::new())),
        };
    }
    check::statement::issued_at(request.issued_at_ms, now)?;
    if request.to == request.wallet {
        return Err(of_field(Code::InvalidRequest, "expected another wallet than the key itself"));
    }
    let lets = set.delegations(request.to).any(|of| of.delegate == request.wallet && of.holds(now));
    let to = *set.wallet(request.to).filter(|_| lets).ok_or(Code::NotDelegated)?;
    if to.moved.is_some() {
        return Err(of_field(Code::BalanceMoved, "what that wallet had was moved to another one itself"));
    }
    check::standing::admitted(guest.standing)?;
    check::standing::admitted(to.standing)?;
    has_nothing_to_come(set, request.wallet, now)?;

    let mut moves = Moves::new(set, now);
    for (asset, balance) in set.balances_of(&Holder::Player(request.wallet)) {
        let holders = (Holder::Player(request.wallet), Holder::Player(request.to));
        moves.take(Kind::Move, &asset, holders, balance, None).map_err(|_| Code::Internal)?;
    }
    let record =
        MoveRecord { to: request.to, client_id: request.client_id, request: command.statement, at: now };
    let mut effects: Vec<Effect> = moves.into_effects().collect();
    effects.push(Effect::Wallet(WalletRecord { moved: Some(record), ..guest }));
    effects.push(Effect::Wallet(merge::merged(&guest, &to)));
    let none = BTreeMap::new();
    let [of_guest, of_wallet] =
        [request.wallet, request.to].map(|wallet| set.progress(wallet).unwrap_or(&none));
    for (level, reached) in merge::progress(of_guest, of_wallet) {
        if of_wallet.get(&level) != Some(&reached) {
            effects.push(Effect::Progress(request.to, level, reached));
        }
    }
    Ok((Answer::BalanceMoved { moved: record, new: true }, effects))
}

/// Whether nothing can become the key's any more that is not its own by now.
fn has_nothing_to_come(set: &WorkingSet, key: Wallet, now: Timestamp) -> Result<(), Refusal> {
    for round in set.rounds_of(key) {
        let until = match round.state(&set.tail(round.id), now) {
            RoundState::Open => round.expires_at,
            RoundState::Finished => round.claim_until,
            RoundState::Claimed | RoundState::Ended | RoundState::Expired => continue,
        };
        let message = format!("round {} can still be claimed: claim or end it first", round.id);
        let subject = Some(round.id.to_string());
        return Err(Reason { code: Code::RoundUnclaimed, message, subject, until_ms: Some(until) }.into());
    }
    if set.balances_of(&Holder::Pending(key)).is_empty() {
        Ok(())
    } else {
        Err(Code::WithdrawalPending.into())
    }
}

fn of_field(code: Code, message: &str) -> Refusal {
    Reason { code, message: message.to_owned(), subject: Some("to".to_owned()), until_ms: None }.into()
}
