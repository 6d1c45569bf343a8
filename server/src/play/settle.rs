//! Settling a claim: the decision from facts, and the receipt. Pure.

use dripline_shared::amount::Amount;
use dripline_shared::api::{LogPromise, Receipt};
use dripline_shared::error::Code;
use dripline_shared::level::Level;
use dripline_shared::progress::LevelProgress;
use dripline_shared::reward::{Reward, streak_days};
use dripline_shared::wallet::Signature;

use crate::check;
use crate::delegation;
use crate::in_force::InForce;
use crate::ledger::{Account, Holder, Kind, Posted, Reference, Transfer};
use crate::log::LOG_WITHIN_MS;
use crate::outbox;
use crate::play::limits::{self, Consumed};
use crate::play::open::claim_facts;
use crate::play::segment::expired;
use crate::refusal::Refusal;
use crate::store::command::{Answer, Settle};
use crate::store::record::{
    ClaimRecord, Closing, PrefixRecord, RoundRecord, SharedBucket, SiteDayKey, SiteTally, WalletRecord,
};
use crate::store::working::{Effect, WorkingSet};

/// Decides. A claim that was settled before gets its receipt again.
pub(crate) fn decide(
    in_force: &InForce,
    set: &WorkingSet,
    settle: &Settle,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    decide_signed(in_force, set, settle, |receipt| in_force.keys.sign(receipt))
}

/// As [`decide`], with a receipt that `sign` signs: a simulation, whose receipts nobody sees, saves that time.
pub(crate) fn decide_signed(
    in_force: &InForce,
    set: &WorkingSet,
    settle: &Settle,
    sign: impl FnOnce(&mut Receipt),
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let now = settle.now;
    let round = set.round(settle.round).ok_or(Code::RoundUnknown)?;
    if let Some(claim) = set.claim(settle.round) {
        let receipt = repeated(claim, &settle.signature)?;
        return Ok((Answer::Settled { receipt, new: false }, Vec::new()));
    }
    if round.closing == Closing::Ended {
        return Err(Code::RoundEnded.into());
    }
    if now > round.claim_until {
        return Err(expired(round));
    }
    let wallet = set.wallet(round.wallet).ok_or(Code::Internal)?;
    check::standing::admitted(wallet.standing)?;
    delegation::claims(set, round)?;
    let pinned = round.level.pinned()?;
    in_force.running(pinned, &round.campaign)?;
    let level = &pinned.level;
    if !round.is_paid() {
        return Ok(unpaid(in_force, set, &Cleared { settle, round, wallet, level }, sign));
    }
    let campaign = in_force.catalog.campaign(&round.campaign).ok_or(Code::UnknownCampaign)?;
    let before = set.progress_in(round.wallet, &level.id);
    let facts = claim_facts(in_force, set, wallet, &settle.prefix, (round, campaign), now);
    let reward =
        limits::reward_of(&in_force.catalog.limits, pinned, &facts, &before, settle.outcome.stars, now);
    let cooldown = check::cooldown::check(&level.id, &before, now);
    let consumed = limits::take(&in_force.catalog.limits, &facts, cooldown, reward.amount, now)
        .map_err(|reasons| Refusal { reasons, retry_after_ms: None, outcome: None, open_round: None })?;
    let progress = before.cleared(level, settle.outcome.score, settle.outcome.stars, now);
    let settled = Settled { settle, round, wallet, level, progress, reward, consumed };
    effects(in_force, set, &settled, sign)
}

/// The receipt of a claim that was settled before, for whoever has its signature.
pub(crate) fn repeated(claim: &ClaimRecord, signature: &Signature) -> Result<Receipt, Refusal> {
    if claim.signature == *signature { Ok(claim.receipt.clone()) } else { Err(Code::RoundClaimed.into()) }
}

/// A claim that is accepted and earns nothing.
struct Cleared<'a> {
    settle: &'a Settle,
    round: &'a RoundRecord,
    wallet: &'a WalletRecord,
    level: &'a Level,
}

/// A claim of a round that nobody pays for: it is stored that the level was cleared, and nothing else changes. No money moves, no
/// limit on money is used, and what the level pays this wallet elsewhere, and when, stays as it was.
fn unpaid(
    in_force: &InForce,
    set: &WorkingSet,
    cleared: &Cleared<'_>,
    sign: impl FnOnce(&mut Receipt),
) -> (Answer, Vec<Effect>) {
    let Cleared { settle, round, wallet, level } = *cleared;
    let balance = set.balance(&Account::new(&in_force.asset, Holder::Player(round.wallet))).amount();
    let mut receipt = Receipt {
        faucet: in_force.faucet,
        round: round.id,
        wallet: round.wallet,
        level: level.id.clone(),
        campaign: round.campaign.to_string(),
        outcome: settle.outcome,
        base: Amount::ZERO,
        factors: Vec::new(),
        amount: Amount::ZERO,
        asset: in_force.catalog.asset.code.clone(),
        balance,
        pays_again_at_ms: set.progress_in(round.wallet, &level.id).pays_again_at_ms,
        transcript: settle.transcript_hash,
        round_secret: in_force.keys.round_secret(round.id),
        claimed_at_ms: settle.now,
        log: None,
        key_id: String::new(),
        signature: Signature([0; 64]),
    };
    sign(&mut receipt);
    let open_round = wallet.open_round.filter(|open| *open != round.id);
    let claim = ClaimRecord { signature: settle.signature, receipt: receipt.clone() };
    let mut effects = vec![
        Effect::Round(RoundRecord { closing: Closing::Claimed, ..round.clone() }),
        Effect::Wallet(WalletRecord { open_round, ..*wallet }),
        Effect::Claim(Box::new(claim), settle.transcript.clone()),
    ];
    effects.extend(of_site(in_force, round, &receipt));
    (Answer::Settled { receipt, new: true }, effects)
}

/// What of the site's own figures changes by a claim, where the round is one's, and what its webhooks are told.
fn of_site(in_force: &InForce, round: &RoundRecord, receipt: &Receipt) -> Vec<Effect> {
    let Some(site) = &round.site else { return Vec::new() };
    let day = SiteDayKey::at(site, receipt.claimed_at_ms, &in_force.asset);
    let day = Effect::SiteDay(day, SiteTally::cleared(receipt.amount));
    let told = outbox::of_claim(in_force, round, receipt).into_iter().map(Effect::Delivery);
    [day].into_iter().chain(told).collect()
}

/// What was decided of a claim that is paid.
struct Settled<'a> {
    settle: &'a Settle,
    round: &'a RoundRecord,
    wallet: &'a WalletRecord,
    level: &'a Level,
    /// The level's progress after it.
    progress: LevelProgress,
    reward: Reward,
    consumed: Consumed,
}

/// The answer, and everything that changes.
fn effects(
    in_force: &InForce,
    set: &WorkingSet,
    settled: &Settled<'_>,
    sign: impl FnOnce(&mut Receipt),
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let Settled { settle, round, wallet, level, progress, consumed, .. } = settled;
    let posted = drip(in_force, set, settled)?;
    // All that a leaf says comes from here, so it always can be one.
    let (_, leaf) = posted.transfer.leaf(in_force.faucet).map_err(|_| Code::Internal)?;
    let log = LogPromise { leaf, by_ms: settle.now.plus(LOG_WITHIN_MS) };
    let mut receipt = receipt(in_force, settled, posted.credit_balance.amount(), log);
    sign(&mut receipt);
    let after = WalletRecord {
        drips_state: Some(consumed.drips),
        drips: wallet.drips.saturating_add(1),
        first_drip: wallet.first_drip.or(Some(settle.now)),
        // A clock that went back must not make a day count twice.
        last_drip: wallet.last_drip.max(Some(settle.now)),
        streak_days: streak_days(wallet.last_drip_and_streak(), settle.now),
        open_round: wallet.open_round.filter(|open| *open != round.id),
        ..**wallet
    };
    let prefix = PrefixRecord { outflow: consumed.prefix, ..set.prefix(&settle.prefix) };
    let claim = ClaimRecord { signature: settle.signature, receipt: receipt.clone() };
    let mut effects = vec![
        Effect::Round(RoundRecord { closing: Closing::Claimed, ..(*round).clone() }),
        Effect::Wallet(after),
        Effect::Progress(round.wallet, level.id.clone(), *progress),
        Effect::Prefix(settle.prefix.clone(), prefix),
        Effect::Bucket(set.bucket_here(SharedBucket::Outflow), consumed.outflow),
        Effect::Bucket(set.bucket_here(SharedBucket::Campaign(round.campaign.clone())), consumed.campaign),
        Effect::Transfer(posted),
        Effect::Claim(Box::new(claim), settle.transcript.clone()),
    ];
    effects.extend(of_site(in_force, round, &receipt));
    let share = || SharedBucket::CampaignNewcomers(round.campaign.clone());
    effects.extend(
        consumed.newcomers.map(|bucket| Effect::Bucket(set.bucket_here(SharedBucket::Newcomers), bucket)),
    );
    effects
        .extend(consumed.campaign_newcomers.map(|bucket| Effect::Bucket(set.bucket_here(share()), bucket)));
    Ok((Answer::Settled { receipt, new: true }, effects))
}

/// The money, from the campaign, or from what this server has of it, to the player.
fn drip(in_force: &InForce, set: &WorkingSet, settled: &Settled<'_>) -> Result<Posted, Refusal> {
    let (asset, decimals) = (&in_force.asset, in_force.catalog.asset.decimals);
    let (round, amount) = (settled.round, settled.reward.amount);
    let (debit, credit) = (set.payer_of(&round.campaign), Holder::Player(round.wallet));
    let balance = |holder: &Holder| set.balance(&Account::new(asset, holder.clone()));
    let balances = (balance(&debit), balance(&credit));
    let (id, at) = (set.next_transfer_id(), settled.settle.now);
    let worth = settled.settle.price.as_ref().and_then(|price| price.of(amount, decimals));
    let (kind, reference) = (Kind::Drip, Some(Reference::Round(round.id)));
    let transfer = Transfer { id, at, kind, asset: asset.clone(), debit, credit, amount, reference, worth };
    Ok(transfer.post(balances.0, balances.1).map_err(|_| Code::BudgetUsedUp)?)
}

/// The receipt, unsigned.
fn receipt(in_force: &InForce, settled: &Settled<'_>, balance: Amount, log: LogPromise) -> Receipt {
    let Settled { settle, round, level, reward, .. } = settled;
    Receipt {
        faucet: in_force.faucet,
        round: round.id,
        wallet: round.wallet,
        level: level.id.clone(),
        campaign: round.campaign.to_string(),
        outcome: settle.outcome,
        base: level.base,
        factors: reward.factors.clone(),
        amount: reward.amount,
        asset: in_force.catalog.asset.code.clone(),
        balance,
        pays_again_at_ms: settled.progress.pays_again_at_ms,
        transcript: settle.transcript_hash,
        round_secret: in_force.keys.round_secret(round.id),
        claimed_at_ms: settle.now,
        log: Some(log),
        key_id: String::new(),
        signature: Signature([0; 64]),
    }
}
