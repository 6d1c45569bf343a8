//! Settling a claim: the decision from facts, and the receipt. Pure.

use dripline_shared::api::Receipt;
use dripline_shared::error::Code;
use dripline_shared::progress::LevelProgress;
use dripline_shared::reward::{Reward, streak_days};
use dripline_shared::wallet::Signature;

use crate::check;
use crate::ledger::{Account, Kind, Transfer};
use crate::play::limits::{self, Consumed};
use crate::play::open::claim_facts;
use crate::play::rules::Rules;
use crate::play::segment::expired;
use crate::refusal::Refusal;
use crate::store::command::{Answer, Settle};
use crate::store::record::{ClaimRecord, PrefixRecord, RoundRecord, SharedBucket, Stage, WalletRecord};
use crate::store::working::{Effect, WorkingSet};

/// Decides. A claim that was settled before gets its receipt again.
pub(crate) fn decide(
    rules: &Rules,
    set: &WorkingSet,
    settle: &Settle,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let now = settle.now;
    let round = set.round(settle.round).ok_or(Code::RoundUnknown)?;
    if let Some(claim) = set.claim(settle.round) {
        let receipt = repeated(claim, &settle.signature)?;
        return Ok((Answer::Settled { receipt, new: false }, Vec::new()));
    }
    if round.stage == Stage::Ended {
        return Err(Code::RoundEnded.into());
    }
    if now > round.claim_until {
        return Err(expired(round));
    }
    let level = round.level.pinned()?;
    rules.running(level, &round.campaign)?;
    let level = &level.level;
    let wallet = set.wallet(round.wallet).ok_or(Code::Internal)?;
    let campaign = rules.catalog.campaign(&round.campaign).ok_or(Code::UnknownCampaign)?;
    let before = set.progress_in(round.wallet, &level.id);
    let facts = claim_facts(set, wallet, &settle.prefix, round, campaign);
    let reward = limits::reward_of(&rules.catalog, level, &facts, &before, settle.outcome.stars, now);
    let cooldown = check::cooldown::check(&level.id, &before, now);
    let consumed = limits::take(&rules.catalog.limits, &facts, cooldown, reward.amount, now)
        .map_err(|reasons| Refusal { reasons, retry_after_ms: None, outcome: None, open_round: None })?;
    let progress = before.cleared(level, settle.outcome.score, settle.outcome.stars, now);
    effects(rules, set, settle, round, wallet, progress, reward, &consumed)
}

/// The receipt of a claim that was settled before, for whoever has its signature.
pub(crate) fn repeated(claim: &ClaimRecord, signature: &Signature) -> Result<Receipt, Refusal> {
    if claim.signature == *signature { Ok(claim.receipt.clone()) } else { Err(Code::RoundClaimed.into()) }
}

#[expect(clippy::too_many_arguments, reason = "every fact of one claim, each of another type")]
fn effects(
    rules: &Rules,
    set: &WorkingSet,
    settle: &Settle,
    round: &RoundRecord,
    wallet: &WalletRecord,
    progress: LevelProgress,
    reward: Reward,
    consumed: &Consumed,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let now = settle.now;
    let (debit, credit) = (Account::Campaign(round.campaign.clone()), Account::Player(round.wallet));
    let balances = (set.balance(&debit), set.balance(&credit));
    let transfer =
        Transfer { at: now, kind: Kind::Drip, debit, credit, amount: reward.amount, round: Some(round.id) };
    let posted = transfer.post(balances.0, balances.1).map_err(|_| Code::BudgetUsedUp)?;
    let level = &round.level.pinned()?.level;
    let mut receipt = Receipt {
        faucet: rules.faucet,
        round: round.id,
        wallet: round.wallet,
        level: level.id.clone(),
        campaign: round.campaign.to_string(),
        outcome: settle.outcome,
        base: level.base,
        factors: reward.factors,
        amount: reward.amount,
        asset: rules.catalog.asset.code.clone(),
        balance: posted.credit_balance.amount(),
        pays_again_at_ms: progress.pays_again_at_ms,
        transcript: settle.transcript_hash,
        round_secret: rules.keys.round_secret(round.id),
        claimed_at_ms: now,
        key_id: String::new(),
        signature: Signature([0; 64]),
    };
    rules.keys.sign(&mut receipt);
    let after = WalletRecord {
        drips_state: Some(consumed.drips),
        drips: wallet.drips.saturating_add(1),
        first_drip: wallet.first_drip.or(Some(now)),
        // A clock that went back must not make a day count twice.
        last_drip: wallet.last_drip.max(Some(now)),
        streak_days: streak_days(wallet.last_drip_and_streak(), now),
        open_round: wallet.open_round.filter(|open| *open != round.id),
        ..*wallet
    };
    let prefix = PrefixRecord { outflow: consumed.prefix, ..set.prefix(&settle.prefix) };
    let mut effects = vec![
        Effect::Round(RoundRecord { stage: Stage::Claimed, ..round.clone() }),
        Effect::Wallet(after),
        Effect::Progress(round.wallet, level.id.clone(), progress),
        Effect::Prefix(settle.prefix.clone(), prefix),
        Effect::Bucket(SharedBucket::Outflow, consumed.outflow),
        Effect::Bucket(SharedBucket::Campaign(round.campaign.clone()), consumed.campaign),
        Effect::Transfer(posted),
        Effect::Claim(
            Box::new(ClaimRecord { signature: settle.signature, receipt: receipt.clone() }),
            settle.transcript.clone(),
        ),
    ];
    effects.extend(consumed.newcomers.map(|bucket| Effect::Bucket(SharedBucket::Newcomers, bucket)));
    Ok((Answer::Settled { receipt, new: true }, effects))
}
