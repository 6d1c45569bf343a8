//! Setting a payout address: the decision from facts. Pure.

use std::sync::Arc;

use dripline_shared::api::{AddressRequest, AddressView, Reason};
use dripline_shared::error::Code;
use dripline_shared::payout::is_address;
use dripline_shared::wallet::Wallet;

use crate::check;
use crate::in_force::InForce;
use crate::payout::evm::ownership;
use crate::payout::{Rail, RailRules};
use crate::refusal::Refusal;
use crate::store::command::{Answer, SetAddress};
use crate::store::record::AddressRecord;
use crate::store::working::{Effect, WorkingSet};

/// Checks whom a request is for, before its signature is looked at.
pub(crate) fn addressed(in_force: &InForce, request: &AddressRequest) -> Result<(), Refusal> {
    check::statement::faucet(in_force.faucet, request.faucet)?;
    let site = request.site.as_deref();
    Ok(check::site::prompts(&in_force.sites, &in_force.origins, &request.origin, site)?)
}

/// Checks the proof that an address is its owner's, where there is one: on which chain, the rail's rules say.
pub(crate) fn owned(rules: &RailRules, request: &AddressRequest) -> Result<(), Refusal> {
    let Some(signature) = &request.ownership else { return Ok(()) };
    let refused = |message: &str| {
        let (message, subject) = (message.to_owned(), Some("ownership".to_owned()));
        Refusal::from(Reason { code: Code::InvalidRequest, message, subject, until_ms: None })
    };
    let rules = rules.ownership.ok_or_else(|| refused("addresses of this rail cannot be proven so"))?;
    let bytes = ownership::read(signature).ok_or_else(|| refused("expected 0x and hexadecimal digits"))?;
    Ok(ownership::check(&request.ownership_statement(rules.chain_id), &bytes)?)
}

/// Checks whether an address is one that a rail can pay to.
pub(crate) fn check(rail: &dyn Rail, address: &str) -> Result<(), Refusal> {
    let refused = |code, message| {
        Err(Refusal::from(Reason { code, message, subject: Some("address".to_owned()), until_ms: None }))
    };
    if !is_address(address) {
        return refused(Code::InvalidAddress, "expected 1 to 128 visible ASCII characters".to_owned());
    }
    if let Err(expected) = rail.check_address(address) {
        return refused(Code::InvalidAddress, format!("expected {expected}"));
    }
    if rail.is_own(address) {
        return refused(Code::OwnAddress, Code::OwnAddress.title().to_owned());
    }
    Ok(())
}

/// Decides. A repeat of a request gets the address as it was set the first time.
pub(crate) fn decide(
    in_force: &InForce,
    set: &WorkingSet,
    command: &SetAddress,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let (request, now) = (&command.request, command.now);
    if let Some(address) = set.address_of_client(request.wallet, request.client_id) {
        if address.request != command.statement {
            return Err(Code::ClientIdReused.into());
        }
        return Ok((Answer::AddressSet { address: address.clone(), new: false }, Vec::new()));
    }
    let (rail, rules) = in_force.rail(&request.rail)?;
    check::statement::issued_at(request.issued_at_ms, now)?;
    // Keys cost nothing: who has not played has nothing to be paid, and leaves nothing behind.
    if set.wallet(request.wallet).is_none() {
        return Err(Code::WalletUnknown.into());
    }
    if rules.ownership.is_some_and(|rules| rules.is_needed) && request.ownership.is_none() {
        return Err(Code::OwnershipNeeded.into());
    }
    let lately = set.address_times(request.wallet, rail);
    check::withdrawal::address_changes(&lately, now)?;
    // What takes the place of another address waits, and so does the first one by a rail where another rail has one: it is as good as
    // a change of that. What confirms the one that is set keeps its time.
    let usable_from = match set.address(request.wallet, rail) {
        Some(before) if *before.address == *request.address => before.usable_from,
        _ => {
            let longest = wait_ms(in_force, set, request.wallet);
            now.plus(longest.map_or(0, |longest| longest.max(rules.address_wait_ms)))
        }
    };
    let address = AddressRecord {
        wallet: request.wallet,
        rail: Arc::clone(rail),
        address: request.address.as_str().into(),
        client_id: request.client_id,
        request: command.statement,
        set_at: now,
        usable_from,
    };
    Ok((Answer::AddressSet { address: address.clone(), new: true }, vec![Effect::Address(address)]))
}

/// For how long an address waits that takes the place of one that a wallet has, in milliseconds, by the rail where that is longest;
/// nothing where it has none. An address by a rail that is not configured any more may count again once it is, so it waits as
/// long as any rail has one wait.
pub(crate) fn wait_ms(in_force: &InForce, set: &WorkingSet, wallet: Wallet) -> Option<u64> {
    let wait = |rules: &RailRules| rules.address_wait_ms;
    let longest = || in_force.rails.values().map(wait).max().unwrap_or_default();
    set.addresses_of(wallet).map(|it| in_force.rails.get(&it.rail).map_or_else(longest, wait)).max()
}

/// As players see it.
pub(crate) fn view(address: &AddressRecord) -> AddressView {
    AddressView {
        rail: address.rail.to_string(),
        address: address.address.to_string(),
        set_at_ms: address.set_at,
        usable_from_ms: address.usable_from,
    }
}
