//! What waits for an operator: withdrawals of wallets that are held, and those above an amount until they are approved. Pure.
//!
//! Neither is in a rail's queue, so that no batch takes it and nobody else waits behind it; both keep their places there, which
//! go by when they were requested.

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::error::Code;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::wallet::Wallet;

use crate::payout::AssetRules;
use crate::refusal::Refusal;
use crate::store::record::{Stage, WithdrawalRecord};
use crate::store::working::{Effect, WorkingSet};

/// How a withdrawal of this amount stands at first.
pub(super) fn first_stage(rules: &AssetRules, standing: Standing, amount: Amount) -> Stage {
    if rules.approve_above.is_some_and(|above| amount > above) {
        return Stage::Unapproved;
    }
    waiting(standing)
}

/// How a withdrawal that nobody has to approve (any more) waits.
fn waiting(standing: Standing) -> Stage {
    match standing {
        Standing::Clear => Stage::Queued,
        Standing::Held | Standing::Banned => Stage::Held,
    }
}

/// How a withdrawal of this wallet waits that comes out of a batch.
pub(super) fn waiting_again(set: &WorkingSet, wallet: Wallet) -> Stage {
    waiting(set.wallet(wallet).map(|wallet| wallet.standing).unwrap_or_default())
}

/// Decides what becomes of a wallet's withdrawals in no batch once it stands like this. Gives how many change.
pub(crate) fn restand(set: &WorkingSet, wallet: Wallet, standing: Standing) -> Vec<Effect> {
    let stage = waiting(standing);
    let changes = |record: &&WithdrawalRecord| {
        record.wallet == wallet
            && matches!(record.stage, Stage::Queued | Stage::Held)
            && record.stage != stage
    };
    let restood = |record: &WithdrawalRecord| {
        Effect::Withdrawal(WithdrawalRecord { stage: stage.clone(), ..record.clone() })
    };
    set.withdrawals().filter(changes).map(restood).collect()
}

/// Decides to approve a withdrawal: it waits for its turn, or for its wallet to be released.
pub(crate) fn approve(set: &WorkingSet, id: WithdrawalId) -> Result<WithdrawalRecord, Refusal> {
    let withdrawal = set.withdrawal(id).ok_or(Code::WithdrawalUnknown)?;
    if withdrawal.stage != Stage::Unapproved {
        return Err(Code::NotForApproval.into());
    }
    let standing = set.wallet(withdrawal.wallet).map(|wallet| wallet.standing).unwrap_or_default();
    Ok(WithdrawalRecord { stage: waiting(standing), ..withdrawal.clone() })
}
