//! What a guest's key has becomes a wallet's: the decision from facts. Pure.
//!
//! It happens once for each key, whole, and with all that holds the guest back ([`super::merge`]). Both agree: the key signs that
//! it gives, and the wallet has delegated to that key, everywhere and not on a site alone, so nobody is given the limits of others
//! against their will; nor how they stand, for a guest whom operators hold or ban moves nothing. Nothing of the
//! key's may come after it: no round of its own can still be claimed, no withdrawal can still be returned, and it opens no rounds
//! for itself any more.
//!
//! Whoever has stolen a key that has a payout address could not have it paid elsewhere before a changed address counts. To move
//! what it has to a wallet of their own, whose first address counts at once, must not be faster: so that wallet waits as long.

use std::collections::BTreeMap;

use dripline_shared::api::{Reason, RoundState};
use dripline_shared::error::Code;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::check;
use crate::in_force::InForce;
use crate::ledger::{Holder, Kind};
use crate::payout::address;
use crate::play::merge;
use crate::refusal::Refusal;
use crate::store::command::{Answer, MoveBalance};
use crate::store::record::{DelegationRecord, MoveRecord, WalletRecord};
use crate::store::working::{Effect, Moves, WorkingSet};

/// Decides. A repeat of a request gets the answer of the first time.
pub(crate) fn decide(
    in_force: &InForce,
    set: &WorkingSet,
    command: &MoveBalance,
) -> Result<(Answer, Vec<Effect>), Refusal> {
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
    let lets = set.delegations(request.to).filter(|of| of.delegate == request.wallet && of.holds(now));
    let lets: Vec<&DelegationRecord> = lets.collect();
    let to = *set.wallet(request.to).filter(|_| !lets.is_empty()).ok_or(Code::NotDelegated)?;
    let everywhere: Vec<&DelegationRecord> = lets.into_iter().filter(|of| of.site.is_none()).collect();
    if everywhere.is_empty() {
        let message = "the wallet lets this key play on a site alone, which does not let it move what it has";
        return Err(of_field(Code::NotDelegated, message));
    }
    if to.moved.is_some() {
        return Err(of_field(Code::BalanceMoved, "what that wallet had was moved to another one itself"));
    }
    check::standing::clear(guest.standing)?;
    check::standing::admitted(to.standing)?;
    has_nothing_to_come(set, request.wallet, now)?;
    // As long as an address would wait that takes the place of the key's own.
    let wait_ms = address::wait_ms(in_force, set, request.wallet).unwrap_or_default();
    has_let_for(wait_ms, &everywhere, now)?;

    let mut moves = Moves::new(set, now);
    for (asset, balance) in set.balances_of(&Holder::Player(request.wallet)) {
        let holders = (Holder::Player(request.wallet), Holder::Player(request.to));
        moves.take(Kind::Move, &asset, holders, balance, None).map_err(|_| Code::Internal)?;
    }
    let record =
        MoveRecord { to: request.to, client_id: request.client_id, request: command.statement, at: now };
    let mut effects: Vec<Effect> = moves.into_effects().collect();
    effects.push(Effect::Wallet(WalletRecord { moved: Some(record), ..guest }));
    effects.push(Effect::Wallet(merge::merged(&guest, &to).awake_at(now)));
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

/// Whether one of these delegations, all of which hold, was made so long ago by the server's clock.
fn has_let_for(wait_ms: u64, delegations: &[&DelegationRecord], now: Timestamp) -> Result<(), Refusal> {
    let each = || delegations.iter().map(|of| (of.issued_at.plus(wait_ms), of.ends_at));
    if each().any(|(from, _)| from <= now) {
        return Ok(());
    }
    let until_ms = each().filter(|(from, ends_at)| from < ends_at).map(|(from, _)| from).min();
    let message = match until_ms {
        Some(until) => format!(
            "a payout address is set for this key: what it has can move to that wallet from {until} on, as to a changed address"
        ),
        None => format!(
            "a payout address is set for this key: what it has can move to a wallet that has let it play for {wait_ms} ms, \
             and that wallet's delegation ends before"
        ),
    };
    Err(Reason { code: Code::MoveWaiting, message, subject: Some("to".to_owned()), until_ms }.into())
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

#[cfg(test)]
mod tests {
    use dripline_shared::round::{ClientId, Hash};
    use dripline_shared::time::{DAY_MS, HOUR_MS};
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp(1_700_000_000_000);

    /// Delegations of which each holds at [`START`].
    fn delegations() -> impl Strategy<Value = Vec<DelegationRecord>> {
        let one = (0..2 * DAY_MS, 1..2 * DAY_MS).prop_map(|(age, left)| DelegationRecord {
            wallet: Wallet([1; 32]),
            client_id: ClientId([0; 16]),
            delegate: Wallet([2; 32]),
            site: None,
            request: Hash([0; 32]),
            issued_at: START.minus(age),
            ends_at: START.plus(left),
            is_revoked: false,
        });
        prop::collection::vec(one, 1..4)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_move_waits_for_the_oldest_delegation_alone_and_its_moment_is_the_first_at_which_it_passes(
            all in delegations(), wait_ms in 0..3 * DAY_MS,
        ) {
            let has_let = |now: Timestamp| {
                let hold: Vec<&DelegationRecord> = all.iter().filter(|of| of.holds(now)).collect();
                has_let_for(wait_ms, &hold, now)
            };
            let oldest = all.iter().map(|of| START.since(of.issued_at)).max().unwrap_or_default();
            match has_let(START) {
                Ok(()) => prop_assert!(oldest >= wait_ms),
                Err(refusal) => {
                    prop_assert!(oldest < wait_ms);
                    prop_assert_eq!(refusal.code(), Code::MoveWaiting);
                    let until = refusal.reasons[0].until_ms;
                    let moment = until.unwrap_or(START.plus(3 * DAY_MS));
                    prop_assert_eq!(has_let(moment).is_ok(), until.is_some());
                    prop_assert!(has_let(moment.minus(1)).is_err());
                }
            }
        }

        #[test]
        fn where_nothing_waits_every_delegation_will_do(all in delegations(), after in 0..HOUR_MS) {
            let hold: Vec<&DelegationRecord> = all.iter().collect();
            prop_assert!(has_let_for(0, &hold, START.plus(after)).is_ok());
        }
    }
}
