//! All that limits a claim, together: used by the claim itself, and run dry to tell players beforehand. Pure.

use dripline_shared::amount::Amount;
use dripline_shared::api::Reason;
use dripline_shared::campaign::{Campaign, CampaignLimits, pacing_factor};
use dripline_shared::limit::{Bucket, Limits, MoneyLimit, OUTFLOW_NEWCOMERS, OUTFLOW_PER_PREFIX};
use dripline_shared::progress::LevelProgress;
use dripline_shared::reward::{Reward, RewardFacts, reward, streak_days};
use dripline_shared::time::Timestamp;

use crate::check;
use crate::store::record::{PinnedLevel, PrefixRecord, WalletRecord};

/// What the limits on a claim depend on.
#[derive(Debug, Clone, Copy)]
pub struct ClaimFacts<'a> {
    /// The wallet before the claim.
    pub wallet: &'a WalletRecord,
    /// What the network prefix has used.
    pub prefix: PrefixRecord,
    /// The campaign that pays.
    pub campaign: &'a Campaign,
    /// What the campaign still has.
    pub campaign_left: Amount,
    /// What the campaign may let out now, here: all of it, or one part.
    pub campaign_limits: CampaignLimits,
    /// The campaign's bucket.
    pub campaign_bucket: Bucket,
    /// Its bucket of wallets without history.
    pub campaign_newcomers: Bucket,
    /// The bucket of wallets without history.
    pub newcomers: Bucket,
    /// The bucket of all claims.
    pub outflow: Bucket,
    /// Into how many parts the other ceilings and buckets of many are divided, of which these are one; 1 where they are whole.
    pub parts: u32,
}

/// What a claim that passes every limit uses up: the states to store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consumed {
    /// The wallet's limit on drips.
    pub drips: Timestamp,
    /// The network prefix's bucket.
    pub prefix: Bucket,
    /// The newcomers' bucket, where the wallet is one.
    pub newcomers: Option<Bucket>,
    /// The campaign's bucket.
    pub campaign: Bucket,
    /// The campaign's bucket of newcomers, where the wallet is one and the campaign has a share for them.
    pub campaign_newcomers: Option<Bucket>,
    /// The bucket of all claims.
    pub outflow: Bucket,
}

/// Takes `amount` through every limit. Gives what to store, or every reason against it, the cheapest check's first.
pub fn take(
    limits: &Limits,
    facts: &ClaimFacts<'_>,
    cooldown: Result<(), Reason>,
    amount: Amount,
    now: Timestamp,
) -> Result<Consumed, Vec<Reason>> {
    let mut reasons = Vec::new();
    let cooldown = cooldown.map_err(|reason| reasons.push(reason));
    let drips = check::drips::take(&limits.drips, facts.wallet.drips_state, now)
        .map_err(|reason| reasons.push(reason));
    let mut outflow = |name: &str, limit: MoneyLimit, bucket| {
        check::outflow::take(name, &limit, bucket, amount, now).map_err(|reason| reasons.push(reason))
    };
    let prefix = outflow(OUTFLOW_PER_PREFIX, limits.outflow_per_prefix, facts.prefix.outflow);
    let is_newcomer = check::outflow::is_newcomer(facts.wallet, limits.newcomer_ms, now);
    let newcomers = is_newcomer
        .then(|| outflow(OUTFLOW_NEWCOMERS, limits.outflow_newcomers.part(facts.parts), facts.newcomers))
        .transpose();
    let (id, campaign_limits) = (&facts.campaign.id, facts.campaign_limits);
    let campaign = outflow(&check::campaign::name(id), campaign_limits.outflow, facts.campaign_bucket);
    let share = campaign_limits.newcomers.filter(|_| is_newcomer);
    let campaign_newcomers = share
        .map(|share| outflow(&check::campaign::newcomers_name(id), share, facts.campaign_newcomers))
        .transpose();
    let all = outflow("outflow", limits.outflow.part(facts.parts), facts.outflow);
    let budget = check::budget::check(&facts.campaign.id, facts.campaign_left, amount)
        .map_err(|reason| reasons.push(reason));
    match (cooldown, drips, prefix, newcomers, campaign, campaign_newcomers, all, budget) {
        (
            Ok(()),
            Ok(drips),
            Ok(prefix),
            Ok(newcomers),
            Ok(campaign),
            Ok(campaign_newcomers),
            Ok(outflow),
            Ok(()),
        ) => Ok(Consumed { drips, prefix, newcomers, campaign, campaign_newcomers, outflow }),
        _ => Err(reasons),
    }
}

/// What a win with so many stars would earn this wallet now: never more than what the ceilings can let out at once.
///
/// A catalog's own levels fit through its ceilings. But a round pins its level, and how its catalog rewards, and an operator
/// may have lowered a ceiling since: its win is paid as much as one drip can be now, and not refused for ever.
pub fn reward_of(
    limits: &Limits,
    level: &PinnedLevel,
    facts: &ClaimFacts<'_>,
    progress: &LevelProgress,
    stars: u8,
    now: Timestamp,
) -> Reward {
    let of = RewardFacts {
        stars,
        clears: progress.clears,
        clears_today: progress.clears_today(now),
        streak_days: streak_days(facts.wallet.last_drip_and_streak(), now),
        boost: level.boosts.get(&facts.campaign.id).copied(),
        pacing: pacing(facts, now),
    };
    let Reward { factors, amount } = reward(&level.level, &level.rewards, &of);
    Reward { factors, amount: amount.min(most_at_once(limits, facts, now)) }
}

/// The factor of pacing, where the campaign has one: how full its bucket is, at the pace of now.
fn pacing(facts: &ClaimFacts<'_>, now: Timestamp) -> Option<u32> {
    facts.campaign.ends_ms.filter(|_| facts.campaign.pacing)?;
    let limit = facts.campaign_limits.outflow;
    Some(pacing_factor(limit.burst(), limit.drained(facts.campaign_bucket, now).level))
}

/// The smallest burst of the ceilings that [`take`] asks, where they are whole. At its pace, a campaign's largest drip always fits at
/// once; but that of a round which was opened under another catalog may have been larger.
fn most_at_once(limits: &Limits, facts: &ClaimFacts<'_>, now: Timestamp) -> Amount {
    let campaign = facts.campaign;
    let for_all = [limits.outflow_per_prefix, limits.outflow, campaign.outflow];
    let share = campaign.newcomers.map_or(campaign.outflow, |share| campaign.outflow.share(share));
    let newcomers = check::outflow::is_newcomer(facts.wallet, limits.newcomer_ms, now);
    let for_newcomers = newcomers.then_some([limits.outflow_newcomers, share]);
    let paced = (facts.parts == 1).then_some(facts.campaign_limits);
    let for_newcomers_paced = paced.and_then(|limits| limits.newcomers).filter(|_| newcomers);
    let paced = paced.map(|limits| limits.outflow).into_iter().chain(for_newcomers_paced);
    let ceilings = for_all.into_iter().chain(for_newcomers.into_iter().flatten()).chain(paced);
    ceilings.map(|ceiling| ceiling.burst()).min().unwrap_or(Amount::MAX)
}
