//! Records to answers: what players see of rounds, wallets and the catalog. Pure.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::{
    CampaignView, CatalogView, LevelView, OpenAnswer, Reason, Receipt, RoundState, RoundView, VoucherView,
    WalletView,
};
use dripline_shared::campaign::{Campaign, CampaignStage};
use dripline_shared::catalog::{Catalog, DEFAULT_CAMPAIGN};
use dripline_shared::level::{Level, Unlock};
use dripline_shared::reward::BASIS_POINTS;
use dripline_shared::round::{Seed, commitment};
use dripline_shared::site::{NO_CAMPAIGN, Site};
use dripline_shared::time::{TIMESTAMP_MAX, Timestamp};

use crate::check;
use crate::in_force::InForce;
use crate::payout;
use crate::play::limits::{self, ClaimFacts};
use crate::play::segment::Seeds;
use crate::play::slices;
use crate::refusal::Refusal;
use crate::store::record::{
    CampaignAmounts, Closing, PrefixRecord, RoundRecord, SharedBucket, StoredSegment, Tail, WalletFacts,
    WalletRecord,
};

/// The answer to an open. All but `limits` and the server's clock follows from the round, so a repeat gets the same.
pub(crate) fn opened(
    in_force: &InForce,
    round: &RoundRecord,
    limits: Vec<Reason>,
    now: Timestamp,
) -> Result<OpenAnswer, Refusal> {
    let level = round.level.pinned()?;
    let (seeds, start) = (Seeds::of(&in_force.keys, round), round.start_hash());
    Ok(OpenAnswer {
        round: round.id,
        token: in_force.keys.round_token(round.id),
        level: level.level.clone(),
        level_hash: level.hash,
        catalog: level.catalog,
        rules_version: round.rules_version,
        campaign: round.campaign.to_string(),
        seeds: [seeds.seed(0, start), seeds.seed(1, start)],
        secret_hash: commitment(in_force.keys.round_secret(round.id)),
        opened_at_ms: round.opened_at,
        expires_at_ms: round.expires_at,
        claim_until_ms: round.claim_until,
        timing: level.timing,
        limits,
        server_time_ms: now,
    })
}

/// How a round stands. Its secret is public once it is stored that nothing can be played or claimed with it. That its
/// time ran out is not enough: to a clock that was put back, it has time again.
pub(crate) fn round(
    in_force: &InForce,
    round: &RoundRecord,
    segments: &[StoredSegment],
    receipt: Option<Receipt>,
    now: Timestamp,
) -> RoundView {
    let tail = StoredSegment::tail(segments);
    let state = round.state(&tail, now);
    RoundView {
        round: round.id,
        state,
        segments: tail.segments,
        seeds: seeds(in_force, round, segments, tail),
        expires_at_ms: round.expires_at,
        round_secret: (round.closing != Closing::NotYet).then(|| in_force.keys.round_secret(round.id)),
        receipt,
        server_time_ms: now,
    }
}

/// The seeds of what was sent, and of the next two segments where there can be more.
fn seeds(in_force: &InForce, round: &RoundRecord, segments: &[StoredSegment], tail: Tail) -> Vec<Seed> {
    let known = match round.level.pinned() {
        Ok(level) if !tail.finished => tail.segments.saturating_add(2).min(level.timing.segments_max()),
        // Nothing can follow: it has ended, or this build cannot say how it goes on.
        _ => tail.segments,
    };
    let start = round.start_hash();
    let hashes = [start, start].into_iter().chain(segments.iter().map(|stored| stored.hash));
    let seeds = Seeds::of(&in_force.keys, round);
    (0..known).zip(hashes).map(|(segment, played)| seeds.seed(segment, played)).collect()
}

/// What a wallet has, and what would refuse its claims on this site, or on the faucet's own page.
pub(crate) fn wallet(
    in_force: &InForce,
    facts: WalletFacts,
    site: Option<&Site>,
    now: Timestamp,
) -> WalletView {
    let record = facts.record;
    let limits = limits_on_any_claim(in_force, &facts, site, now);
    let open = |(round, tail): (RoundRecord, Tail)| {
        (round.state(&tail, now) == RoundState::Open).then_some(round.id)
    };
    WalletView {
        wallet: record.wallet,
        balance: facts.money.get(&in_force.asset).copied().unwrap_or_default().balance,
        money: facts.money.into_iter().map(|(asset, money)| (asset.to_string(), money)).collect(),
        addresses: facts.addresses.iter().map(payout::address::view).collect(),
        drips: record.drips,
        streak_days: streak(&record, now),
        levels: facts.progress,
        attempts_left: in_force.catalog.limits.attempts.left(record.attempts, now),
        open_round: facts.open_round.and_then(open),
        limits,
        server_time_ms: now,
    }
}

/// The streak as it stands: it is over once a whole day has passed without a drip.
fn streak(record: &WalletRecord, now: Timestamp) -> u32 {
    let goes_on = record.last_drip.is_some_and(|last| last.day().saturating_add(1) >= now.day());
    if goes_on { record.streak_days } else { 0 }
}

/// What would refuse even the smallest drip of the campaign that pays on this site, or of the default one, whichever level it is for.
/// Where nobody pays there is none: all of these limits are about drips, and none keeps a round from being opened or claimed.
fn limits_on_any_claim(
    in_force: &InForce,
    facts: &WalletFacts,
    site: Option<&Site>,
    now: Timestamp,
) -> Vec<Reason> {
    let id = site.map_or(DEFAULT_CAMPAIGN, Site::pays_by);
    let Some(campaign) = in_force.catalog.campaign(id) else { return Vec::new() };
    let stored = |name: &SharedBucket| facts.buckets.get(name).copied().unwrap_or_default();
    let left = |campaign: &Arc<str>| {
        let account = (Arc::clone(&in_force.asset), Arc::clone(campaign));
        facts.campaigns.get(&account).copied().unwrap_or(Amount::ZERO)
    };
    let bucket = |name: SharedBucket| slices::whole(in_force, &name, &facts.slots, (stored, left), now);
    let campaign_left = left(&id.into());
    let Some(campaign_limits) = in_force.campaign_limits(id, campaign_left, now) else {
        return Vec::new();
    };
    let claim = ClaimFacts {
        wallet: &facts.record,
        // The limit of a network prefix is of the claim's own network, which is not known here.
        prefix: PrefixRecord::default(),
        campaign,
        campaign_left,
        campaign_limits,
        campaign_bucket: bucket(SharedBucket::Campaign(id.into())),
        campaign_newcomers: bucket(SharedBucket::CampaignNewcomers(id.into())),
        newcomers: bucket(SharedBucket::Newcomers),
        outflow: bucket(SharedBucket::Outflow),
        parts: 1,
    };
    let levels = in_force.levels.values();
    let shown = levels.filter(|it| site.is_none_or(|site| shows(&in_force.catalog, site, &it.level.id)));
    let drips = shown.map(|level| {
        let progress = facts.progress.get(&level.level.id).copied().unwrap_or_default();
        limits::reward_of(&in_force.catalog.limits, level, &claim, &progress, 1, now).amount
    });
    let least = drips.min().unwrap_or(Amount::ZERO);
    limits::take(&in_force.catalog.limits, &claim, Ok(()), least, now).err().unwrap_or_default()
}

/// The campaign that pays for a level where the player names no other: of those that open rounds of it for everybody, the one with
/// the largest boost; of such, the one that ends first. Where there is none, the default one: it says why it does not open any.
fn best_for<'a>(
    in_force: &'a InForce,
    used_up: &BTreeSet<String>,
    level: &str,
    now: Timestamp,
) -> Option<&'a Campaign> {
    let is_open = |campaign: &&Campaign| {
        campaign.stage(now) == CampaignStage::Running
            && campaign.audience.is_everybody()
            && campaign.has_level(level)
            && !used_up.contains(&campaign.id)
            && check::campaign::running(&in_force.stopped, &campaign.id).is_ok()
    };
    let worth = |campaign: &&Campaign| {
        let ends = campaign.ends_ms.unwrap_or(TIMESTAMP_MAX);
        (Reverse(campaign.boost.unwrap_or(BASIS_POINTS)), ends)
    };
    let campaigns = &in_force.catalog.campaigns;
    campaigns.iter().filter(is_open).min_by_key(worth).or_else(|| in_force.catalog.campaign(DEFAULT_CAMPAIGN))
}

/// The campaigns that are not over, where so much is left of each; of a site, that which pays there.
pub(crate) fn campaigns(
    in_force: &InForce,
    left: &CampaignAmounts,
    site: Option<&Site>,
    now: Timestamp,
) -> Vec<CampaignView> {
    let is_shown = |it: &&Campaign| it.stage(now) != CampaignStage::Over && pays_on(it, site);
    let view = |it| campaign(in_force, it, left, now);
    in_force.catalog.campaigns.iter().filter(is_shown).map(view).collect()
}

/// Whether a campaign pays on this site, where one is named.
fn pays_on(campaign: &Campaign, site: Option<&Site>) -> bool {
    site.is_none_or(|site| campaign.id == site.pays_by())
}

fn campaign(in_force: &InForce, campaign: &Campaign, left: &CampaignAmounts, now: Timestamp) -> CampaignView {
    let key = (Arc::clone(&in_force.asset), campaign.id.as_str().into());
    let left = left.get(&key).copied().unwrap_or(Amount::ZERO);
    let range = in_force.ranges.get(&campaign.id);
    CampaignView {
        id: campaign.id.clone(),
        name: campaign.title().to_owned(),
        stage: campaign.stage(now),
        is_used_up: range.is_some_and(|range| campaign.is_used_up(left, *range))
            && campaign.stage(now) == CampaignStage::Running,
        starts_ms: campaign.starts_ms,
        ends_ms: campaign.ends_ms,
        levels: campaign.levels.clone(),
        boost: campaign.boost,
        is_paced: campaign.pacing,
        audience: campaign.audience.clone(),
        budget: campaign.budget,
        left,
    }
}

/// What a voucher of this campaign is for; the wallet has used it, or can until it expires. On a site, it is for nothing but what the
/// campaign pays there.
pub(crate) fn voucher(
    in_force: &InForce,
    of: &Campaign,
    left: &CampaignAmounts,
    (is_used, expires_ms): (bool, Option<Timestamp>),
    site: Option<&Site>,
    now: Timestamp,
) -> VoucherView {
    let campaign = campaign(in_force, of, left, now);
    let opens = campaign.stage == CampaignStage::Running
        && !campaign.is_used_up
        && pays_on(of, site)
        && check::campaign::running(&in_force.stopped, &of.id).is_ok();
    let is_shown = |id: &str| of.has_level(id) && site.is_none_or(|site| site.has_level(id));
    let levels = in_force.catalog.levels.iter().filter(|it| opens && is_shown(&it.id));
    VoucherView {
        campaign,
        levels: levels.map(|it| level(in_force, it, Some(of))).collect(),
        is_used,
        expires_ms,
        server_time_ms: now,
    }
}

/// A level, where this campaign pays for it.
fn level(in_force: &InForce, level: &Level, campaign: Option<&Campaign>) -> LevelView {
    let boost = campaign.and_then(|campaign| campaign.boost).unwrap_or(BASIS_POINTS);
    LevelView {
        id: level.id.clone(),
        game: level.play.facts().id.to_owned(),
        pays: level.base,
        pays_max: in_force.catalog.rewards.largest_drip(level, boost),
        goal: level.play.goal(),
        campaign: campaign.map_or(DEFAULT_CAMPAIGN, |campaign| &campaign.id).to_owned(),
        level: level.clone(),
    }
}

/// The catalog in force, or what a site shows of it; `assets` are all that the faucet has or had, and `used_up` the campaigns that have
/// ended because of their budgets.
pub(crate) fn catalog(
    in_force: &InForce,
    assets: &[Asset],
    used_up: &BTreeSet<String>,
    site: Option<&Site>,
    now: Timestamp,
) -> CatalogView {
    let catalog = &in_force.catalog;
    let level = |it: &Level| match site {
        Some(site) if site.pays_by() == NO_CAMPAIGN => {
            // What unlocks a level is what was paid for before: where nothing is paid, rounds of any are opened.
            let unlocked = Level { unlock: Unlock::Open, ..it.clone() };
            let unpaid = level(in_force, &unlocked, None);
            LevelView {
                pays: Amount::ZERO,
                pays_max: Amount::ZERO,
                campaign: NO_CAMPAIGN.to_owned(),
                ..unpaid
            }
        }
        // One that says no more why it opens no rounds, as it has ended, is named all the same: opening one tells.
        Some(site) => LevelView {
            campaign: site.pays_by().to_owned(),
            ..level(in_force, it, catalog.campaign(site.pays_by()))
        },
        None => level(in_force, it, best_for(in_force, used_up, &it.id, now)),
    };
    let is_paid = site.is_none_or(|site| site.pays_by() != NO_CAMPAIGN);
    let is_shown = |level: &&Level| site.is_none_or(|site| shows(catalog, site, &level.id));
    let named = catalog.campaigns.iter().filter(|campaign| pays_on(campaign, site));
    CatalogView {
        version: in_force.version,
        faucet: in_force.faucet,
        asset: catalog.asset.clone(),
        assets: assets.to_vec(),
        levels: catalog.levels.iter().filter(is_shown).map(level).collect(),
        campaigns: named.map(|campaign| campaign.id.clone()).collect(),
        typical_hour: if is_paid { in_force.typical_hour } else { Amount::ZERO },
        is_play_money: in_force.is_play_money(),
        server_time_ms: now,
    }
}

/// Whether a site shows a level: one of its own, that its campaign pays for where it has one.
fn shows(catalog: &Catalog, site: &Site, level: &str) -> bool {
    let campaign = catalog.campaign(site.pays_by());
    site.has_level(level) && campaign.is_none_or(|campaign| campaign.has_level(level))
}
