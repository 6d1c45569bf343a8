//! Closing a round without a claim, and giving an attempt back. Pure.

use crate::check;
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::store::command::{Answer, End, GiveBack};
use crate::store::record::{Closing, RoundRecord, WalletRecord};
use crate::store::working::{Effect, WorkingSet};
use dripline_shared::error::Code;

/// Decides to close a round, also one whose time ran out. A round that is closed already stays as it is.
pub(crate) fn decide(set: &WorkingSet, end: &End) -> Result<(Answer, Vec<Effect>), Refusal> {
    let round = set.round(end.round).ok_or(Code::RoundUnknown)?;
    if round.closing != Closing::NotYet {
        return Ok((Answer::Ended { new: false }, Vec::new()));
    }
    let mut effects = vec![Effect::Round(RoundRecord { closing: Closing::Ended, ..round.clone() })];
    if let Some(wallet) = set.wallet(round.wallet).filter(|wallet| wallet.open_round == Some(round.id)) {
        effects.push(Effect::Wallet(WalletRecord { open_round: None, ..*wallet }));
    }
    Ok((Answer::Ended { new: true }, effects))
}

/// Decides to give the attempt of a round back whose rules have changed: once.
pub(crate) fn give_back(
    in_force: &InForce,
    set: &WorkingSet,
    give: &GiveBack,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let round = set.round(give.round).ok_or(Code::RoundUnknown)?;
    let wallet = set.wallet(round.wallet).ok_or(Code::Internal)?;
    if round.given_back || round.closing != Closing::NotYet {
        return Ok((Answer::GivenBack, Vec::new()));
    }
    let attempts = check::attempts::give_back(&in_force.catalog.limits.attempts, wallet.attempts);
    let effects = vec![
        Effect::Round(RoundRecord { given_back: true, ..round.clone() }),
        Effect::Wallet(WalletRecord { attempts, ..*wallet }),
    ];
    Ok((Answer::GivenBack, effects))
}
