//! Requesting a payout: the decision from facts. Pure.

use dripline_shared::amount::Asset;
use dripline_shared::api::WithdrawalRequest;
use dripline_shared::error::Code;

use crate::check;
use crate::in_force::InForce;
use crate::ledger::{Account, Holder, Kind};
use crate::payout::ledger::take;
use crate::payout::review;
use crate::refusal::Refusal;
use crate::store::command::{Answer, Withdraw};
use crate::store::record::{SignedStatement, WithdrawalRecord};
use crate::store::working::{Effect, Moves, WorkingSet};

/// Checks whom a request is for, before its signature is looked at. Gives the decimals of its asset, which the statement
/// writes amounts with: of any asset that the faucet has or had, since this may be the repeat of an older request.
pub(crate) fn addressed(
    in_force: &InForce,
    assets: &[Asset],
    request: &WithdrawalRequest,
) -> Result<u8, Refusal> {
    check::statement::faucet(in_force.faucet, request.faucet)?;
    let site = request.site.as_deref();
    check::site::prompts(&in_force.sites, &in_force.origins, &request.origin, site)?;
    let known = assets.iter().find(|asset| asset.code == request.asset);
    Ok(known.ok_or_else(|| check::rail::unknown_asset(&request.rail, &request.asset))?.decimals)
}

/// Decides. A repeat of a request gets the withdrawal as it stands.
pub(crate) fn decide(
    in_force: &InForce,
    set: &WorkingSet,
    command: &Withdraw,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let (request, now) = (&command.request, command.now);
    if let Some(withdrawal) = set.withdrawal_of_client(request.wallet, request.client_id) {
        if withdrawal.request != command.statement {
            return Err(Code::ClientIdReused.into());
        }
        return Ok((Answer::Requested { withdrawal: Box::new(withdrawal.clone()), new: false }, Vec::new()));
    }
    let standing = set.wallet(request.wallet).map(|wallet| wallet.standing).unwrap_or_default();
    check::standing::admitted(standing)?;
    let (rail, _) = in_force.rail(&request.rail)?;
    let (asset, rules) = in_force.rail_asset(&request.rail, &request.asset)?;
    check::statement::issued_at(request.issued_at_ms, now)?;
    check::withdrawal::threshold(&rules.asset, rules.threshold, request.amount)?;
    check::withdrawal::maximum(&rules.asset, rules.maximum(), request.amount)?;
    let fee = match command.needs_account {
        _ if rules.account_fee.is_zero() => rules.fee,
        Some(true) => rules.fee_max(),
        Some(false) => rules.fee,
        None => return Err(Code::RailUnreachable.into()),
    };
    check::withdrawal::fee(&rules.asset, fee, request.fee_max)?;
    let address = check::withdrawal::address(set.address(request.wallet, rail), &request.address, now)?;

    let withdrawal = WithdrawalRecord {
        id: command.id,
        wallet: request.wallet,
        rail: rail.clone(),
        asset: asset.clone(),
        amount: request.amount,
        fee,
        address: address.address.clone(),
        client_id: request.client_id,
        request: command.statement,
        signed: Some(SignedStatement {
            text: request.statement(rules.asset.decimals).to_string().into(),
            signature: request.signature,
        }),
        requested_at: now,
        failures: 0,
        stage: review::first_stage(rules, standing, request.amount),
    };
    let (player, pending) = (Holder::Player(request.wallet), Holder::Pending(request.wallet));
    let balance = set.balance(&Account::new(asset, player.clone())).amount();
    let mut moves = Moves::new(set, now);
    take(&mut moves, &withdrawal, Kind::Withdrawal, (player, pending), request.amount)
        .map_err(|_| check::withdrawal::balance_too_low(&rules.asset, balance))?;
    let answer = Answer::Requested { withdrawal: Box::new(withdrawal.clone()), new: true };
    Ok((answer, moves.into_effects().chain([Effect::Withdrawal(withdrawal)]).collect()))
}
