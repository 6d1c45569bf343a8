//! Delegations: that the key of a browser plays for a wallet. Making and revoking them. Pure.
//!
//! A player with a wallet of their own would have to confirm each round in it. So the wallet says once, for 30 days at most, that
//! a key of the browser may open rounds and claim rewards for it. What is earned is the wallet's; where that is paid to is said
//! by the wallet alone.

use dripline_shared::api::{DELEGATIONS_MAX, DelegationView, OpenRequest, Reason};
use dripline_shared::error::Code;
use dripline_shared::round::Hash;
use dripline_shared::statement::{DELEGATION_MAX_MS, may_delegate_until};
use dripline_shared::time::{DAY_MS, Timestamp};

use crate::check;
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::store::ENDED_KEEP_MS;
use crate::store::command::{Answer, Delegate, RevokeDelegation};
use crate::store::record::{DelegationRecord, PrefixRecord, RoundRecord, WalletRecord};
use crate::store::working::{Effect, WorkingSet};

/// Checks whom a request is for, before its signatures are looked at: this faucet, of a page that may prompt.
pub(crate) fn addressed(
    in_force: &InForce,
    faucet: Hash,
    origin: &str,
    site: Option<&str>,
) -> Result<(), Refusal> {
    check::statement::faucet(in_force.faucet, faucet)?;
    Ok(check::site::prompts(&in_force.sites, &in_force.origins, origin, site)?)
}

/// Decides. A repeat of a request gets the same delegation, as long as it holds.
///
/// A wallet that was not seen before costs nothing to make, so it counts as a round that its network opens.
pub(crate) fn delegate(
    in_force: &InForce,
    set: &WorkingSet,
    command: &Delegate,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let (request, now) = (&command.request, command.now);
    if let Some(record) = set.delegation(request.wallet, request.client_id) {
        if record.request != command.statement {
            return Err(Code::ClientIdReused.into());
        }
        if !record.holds(now) {
            return Err(Code::DelegationUnknown.into());
        }
        return Ok((Answer::Delegated { record: record.clone(), new: false }, Vec::new()));
    }
    check::statement::issued_at(request.issued_at_ms, now)?;
    if !may_delegate_until(request.issued_at_ms, request.until_ms) || request.until_ms <= now {
        let days = DELEGATION_MAX_MS / DAY_MS;
        return Err(of_field("until_ms", format!("expected a moment within the next {days} days")));
    }
    if request.delegate == request.wallet {
        return Err(of_field("delegate", "expected another key than the wallet's own".to_owned()));
    }
    let is_remembered = |of: &&DelegationRecord| now.since(of.ends_at) < ENDED_KEEP_MS;
    if set.delegations(request.wallet).filter(is_remembered).count() >= DELEGATIONS_MAX {
        let message = format!(
            "a wallet may have {DELEGATIONS_MAX} delegations; one that is revoked counts for another day"
        );
        return Err(Refusal::new(Code::DelegationsUsedUp, message));
    }
    let mut effects = Vec::new();
    if let Some(wallet) = set.wallet(request.wallet) {
        check::standing::admitted(wallet.standing)?;
        effects.push(Effect::Wallet(wallet.awake_at(now)));
    } else {
        let prefix = set.prefix(&command.prefix);
        let opens = check::opens::take(&in_force.catalog.limits.opens_per_prefix, prefix.opens, now)?;
        effects.push(Effect::Prefix(command.prefix.clone(), PrefixRecord { opens: Some(opens), ..prefix }));
        effects.push(Effect::Wallet(WalletRecord::new(request.wallet)));
    }
    let record = DelegationRecord {
        wallet: request.wallet,
        client_id: request.client_id,
        delegate: request.delegate,
        site: request.site.as_deref().map(Into::into),
        request: command.statement,
        issued_at: now,
        ends_at: request.until_ms,
        is_revoked: false,
    };
    effects.push(Effect::Delegation(record.clone()));
    Ok((Answer::Delegated { record, new: true }, effects))
}

fn of_field(field: &str, message: String) -> Refusal {
    let subject = Some(field.to_owned());
    Reason { code: Code::InvalidRequest, message, subject, until_ms: None }.into()
}

/// Decides to revoke a delegation. One that holds no more stays as it is.
pub(crate) fn revoke(set: &WorkingSet, command: &RevokeDelegation) -> Result<(Answer, Vec<Effect>), Refusal> {
    let (request, now) = (&command.request, command.now);
    let found = set.delegation(request.wallet, request.client_id).ok_or(Code::DelegationUnknown)?;
    let mut effects = Vec::new();
    if found.holds(now) {
        check::statement::issued_at(request.issued_at_ms, now)?;
        effects.extend(set.wallet(request.wallet).map(|wallet| Effect::Wallet(wallet.awake_at(now))));
        let revoked = DelegationRecord { ends_at: now, is_revoked: true, ..found.clone() };
        effects.push(Effect::Delegation(revoked));
    }
    Ok((Answer::DelegationRevoked, effects))
}

/// Whether the wallet lets the key that asks open a round for it now, on this site.
pub(crate) fn opens(set: &WorkingSet, request: &OpenRequest, now: Timestamp) -> Result<(), Refusal> {
    let Some(delegate) = request.delegate else { return Ok(()) };
    let is_here = |site: &str| request.site.as_deref() == Some(site);
    let lets = |of: &DelegationRecord| {
        of.delegate == delegate && of.holds(now) && of.site.as_deref().is_none_or(is_here)
    };
    if set.delegations(request.wallet).any(lets) { Ok(()) } else { Err(Code::NotDelegated.into()) }
}

/// Whether the wallet lets the key claim what it has played for it, on the round's site. That the time of a delegation has passed since
/// the round was opened does not matter. That it was revoked does.
pub(crate) fn claims(set: &WorkingSet, round: &RoundRecord) -> Result<(), Refusal> {
    let Some(delegate) = round.delegate else { return Ok(()) };
    let is_here = |site: &str| round.site.as_deref() == Some(site);
    let lets = |of: &DelegationRecord| {
        let is_of_then = !of.is_revoked && round.opened_at < of.ends_at;
        of.delegate == delegate && is_of_then && of.site.as_deref().is_none_or(is_here)
    };
    if set.delegations(round.wallet).any(lets) { Ok(()) } else { Err(Code::NotDelegated.into()) }
}

/// A delegation as its wallet's owner sees it.
pub(crate) fn view(record: &DelegationRecord) -> DelegationView {
    DelegationView {
        id: record.client_id,
        delegate: record.delegate,
        site: record.site.as_deref().map(str::to_owned),
        issued_at_ms: record.issued_at,
        until_ms: record.ends_at,
    }
}

/// Those that hold: the oldest first.
pub(crate) fn views(mut records: Vec<DelegationRecord>, now: Timestamp) -> Vec<DelegationView> {
    records.retain(|record| record.holds(now));
    records.sort_unstable_by_key(|record| (record.issued_at, record.client_id));
    records.iter().map(view).collect()
}
