//! Slices: what each of several servers has to itself of the budgets and ceilings that all share, so that claims at one
//! wait for none at another. Pure.
//!
//! What is shared is either whole, or divided into as many parts as servers are at work. A part is so much of the budget, on
//! an account of its own, and of each ceiling a bucket of its own that drains at its part of the rate: so what all parts let
//! out together is what the whole would. A server whose part does not suffice has everything gathered, those of servers
//! that are gone too, decides on the whole, and divides what is left anew: nobody is refused for a budget that others still
//! have. Of a ceiling it may be a little later than without parts, because a part that is empty drains no further.
//!
//! A part belongs to a slot, and a slot to a server; whoever decides on a part has the slot's row locked, and whoever gathers
//! has those of all. So nobody spends from a part that is not there any more, whatever the clocks say. They only tell
//! who is still at work.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::campaign::CampaignStage;
use dripline_shared::limit::{Bucket, MoneyLimit};
use dripline_shared::time::{MINUTE_MS, SECOND_MS, Timestamp};

use crate::in_force::InForce;
use crate::ledger::{Holder, Kind, Overdraft};
use crate::store::command::{Answer, Divide, Gather};
use crate::store::record::{ServerId, SharedBucket, SlotRecord};
use crate::store::working::{Effect, Moves, WorkingSet};

/// How long after its last claim a server counts as being at work, in milliseconds.
pub(crate) const AT_WORK_MS: u64 = MINUTE_MS;
/// How often it is noted that a server is at work.
const NOTED_EVERY_MS: u64 = 5 * SECOND_MS;
/// How many of the largest drips a part has room for at least: with less, dividing is not worth it.
const DRIPS_MIN: i64 = 16;
/// The most parts.
const PARTS_MAX: u32 = 256;

/// The ceiling of a bucket of claims at `now`, where campaigns have so much `left`; `None` of one that this catalog does not
/// have.
fn limit(
    in_force: &InForce,
    name: &SharedBucket,
    left: impl Fn(&Arc<str>) -> Amount,
    now: Timestamp,
) -> Option<MoneyLimit> {
    match name {
        SharedBucket::Outflow => Some(in_force.catalog.limits.outflow),
        SharedBucket::Newcomers => Some(in_force.catalog.limits.outflow_newcomers),
        SharedBucket::Campaign(id) => {
            in_force.campaign_limits(id, left(id), now).map(|limits| limits.outflow)
        }
        SharedBucket::CampaignNewcomers(id) => in_force.campaign_limits(id, left(id), now)?.newcomers,
        SharedBucket::Rail(..) | SharedBucket::Part(..) => None,
    }
}

/// A whole bucket, of what it holds itself and of the parts that it is divided into, as slots say; campaigns have so much
/// `left`.
pub(crate) fn whole(
    in_force: &InForce,
    name: &SharedBucket,
    slots: &[SlotRecord],
    (bucket, left): (impl Fn(&SharedBucket) -> Bucket, impl Fn(&Arc<str>) -> Amount),
    now: Timestamp,
) -> Bucket {
    let divided = slots.iter().filter(|slot| slot.parts > 1);
    let parts: Vec<(u32, Bucket)> =
        divided.map(|slot| (slot.parts, bucket(&name.part(slot.number)))).collect();
    if parts.is_empty() {
        return bucket(name);
    }
    let all = parts.into_iter().chain([(1, bucket(name))]);
    let at = all.clone().map(|(_, bucket)| bucket.at).fold(now, Timestamp::max);
    let limit = limit(in_force, name, left, at);
    let drained = |(parts, bucket): (u32, Bucket)| match limit {
        Some(limit) => limit.part(parts).drained(bucket, at).level,
        // Too full rather than too empty.
        None => bucket.level,
    };
    let level =
        all.map(drained).fold(Amount::ZERO, |sum, level| sum.checked_add(level).unwrap_or(Amount::MAX));
    Bucket { level, remainder: 0, at }
}

/// Decides to make everything whole again.
pub(crate) fn gather(in_force: &InForce, set: &WorkingSet, command: Gather) -> (Answer, Vec<Effect>) {
    let slots = set.slots();
    let divided: Vec<&SlotRecord> = slots.iter().filter(|slot| slot.parts > 1).collect();
    let mut effects: Vec<Effect> = Vec::new();
    for name in set.claim_buckets() {
        if divided.is_empty() {
            break;
        }
        let left = |campaign: &Arc<str>| set.left_here(&in_force.asset, campaign);
        let bucket = whole(in_force, &name, &slots, (|name| set.bucket(name), left), command.now);
        let empty = Bucket { level: Amount::ZERO, remainder: 0, at: bucket.at };
        effects.extend(divided.iter().map(|slot| Effect::Bucket(name.part(slot.number), empty)));
        effects.push(Effect::Bucket(name, bucket));
    }
    let mut moves = Moves::new(set, command.now);
    for (account, balance) in set.slice_balances() {
        if let Holder::Slice(_, campaign) = &account.holder {
            let back = Holder::Campaign(Arc::clone(campaign));
            let holders = (account.holder.clone(), back);
            shift(&mut moves, Kind::SliceReturned, &account.asset, holders, balance.amount());
        }
    }
    effects.extend(moves.into_effects());
    effects.extend(divided.into_iter().map(|slot| Effect::Slot(SlotRecord { parts: 1, ..*slot })));
    (Answer::Gathered, effects)
}

/// Decides to note that a server is at work, and to divide what is whole between all that are, if there is enough of it.
pub(crate) fn divide(in_force: &InForce, set: &WorkingSet, command: Divide) -> (Answer, Vec<Effect>) {
    let Divide { now, server } = command;
    let slots = set.slots();
    // What is noted of the slot already, unless that is old or another server's.
    let noted = |number: u32| {
        let stored = slots.iter().find(|slot| slot.number == number);
        let is_noted =
            stored.is_some_and(|slot| slot.server == server && now.since(slot.seen) < NOTED_EVERY_MS);
        let parts = stored.map_or(1, |slot| slot.parts);
        (!is_noted).then_some(Effect::Slot(SlotRecord { number, server, seen: now, parts }))
    };
    if let Some(number) = set.own_slot() {
        return (Answer::Divided, noted(number).into_iter().collect());
    }
    let is_at_work = |slot: &&SlotRecord| slot.server != server && now.since(slot.seen) < AT_WORK_MS;
    let own = own(&slots, server, now);
    let at_work: Vec<SlotRecord> = slots.iter().filter(is_at_work).copied().chain([own]).collect();
    let parts = u32::try_from(at_work.len()).unwrap_or(PARTS_MAX);
    if !(2..=PARTS_MAX).contains(&parts) || !is_enough(in_force, set, parts, now) {
        return (Answer::Divided, noted(own.number).into_iter().collect());
    }
    let mut effects = Vec::new();
    for name in in_force_buckets(in_force) {
        let left = |campaign: &Arc<str>| set.left_here(&in_force.asset, campaign);
        let Some(limit) = limit(in_force, &name, left, now) else { continue };
        let whole = limit.drained(set.bucket(&name), now);
        let shares = shares(whole.level, parts);
        let part = |level| Bucket { level, remainder: 0, at: whole.at };
        effects.extend(
            at_work
                .iter()
                .zip(shares)
                .map(|(slot, level)| Effect::Bucket(name.part(slot.number), part(level))),
        );
        effects.push(Effect::Bucket(name, part(Amount::ZERO)));
    }
    let mut moves = Moves::new(set, now);
    for campaign in paying(in_force, now) {
        let left = set.campaign_balance(&in_force.asset, campaign);
        let share = shares(left, parts).last().copied().unwrap_or(Amount::ZERO);
        for slot in &at_work {
            let holders = (Holder::Campaign(Arc::clone(campaign)), slot.holder(campaign));
            shift(&mut moves, Kind::Slice, &in_force.asset, holders, share);
        }
    }
    effects.extend(moves.into_effects());
    effects.extend(at_work.into_iter().map(|slot| {
        let seen = if slot.server == server { now } else { slot.seen };
        Effect::Slot(SlotRecord { seen, parts, ..slot })
    }));
    (Answer::Divided, effects)
}

/// The slot of a server: the one that it has, else one whose server is gone, else a new one.
fn own(slots: &[SlotRecord], server: ServerId, now: Timestamp) -> SlotRecord {
    if let Some(slot) = slots.iter().find(|slot| slot.server == server) {
        return *slot;
    }
    let gone = slots.iter().find(|slot| now.since(slot.seen) >= AT_WORK_MS);
    let next = || slots.iter().map(|slot| slot.number).max().unwrap_or(0).saturating_add(1);
    SlotRecord { number: gone.map_or_else(next, |slot| slot.number), server, seen: now, parts: 1 }
}

/// The buckets of claims of the catalog in force.
fn in_force_buckets(in_force: &InForce) -> impl Iterator<Item = SharedBucket> {
    let both = |id: &Arc<str>| {
        [SharedBucket::Campaign(Arc::clone(id)), SharedBucket::CampaignNewcomers(Arc::clone(id))]
    };
    let campaigns = in_force.campaigns.values().flat_map(both);
    [SharedBucket::Outflow, SharedBucket::Newcomers].into_iter().chain(campaigns)
}

/// The campaigns that may have to pay claims at `now`: those that have started, and are not over.
fn paying(in_force: &InForce, now: Timestamp) -> impl Iterator<Item = &Arc<str>> {
    in_force.catalog.campaigns.iter().filter_map(move |campaign| match campaign.stage(now) {
        CampaignStage::Waiting | CampaignStage::Over => None,
        CampaignStage::Running | CampaignStage::Ending => in_force.campaigns.get(&campaign.id),
    })
}

/// Whether so many parts have each enough for a while. A campaign that ended because its budget is used up is not waited for.
fn is_enough(in_force: &InForce, set: &WorkingSet, parts: u32, now: Timestamp) -> bool {
    let largest = in_force.catalog.rewards.drip_max.units();
    let wanted = i128::from(largest) * i128::from(DRIPS_MIN) * i128::from(parts);
    let left = |campaign: &Arc<str>| set.campaign_balance(&in_force.asset, campaign);
    let has_room = |name: &SharedBucket| {
        limit(in_force, name, left, now).is_none_or(|limit| {
            let level = limit.drained(set.bucket(name), now).level;
            i128::from(limit.burst().saturating_sub(level).units()) >= wanted
        })
    };
    let is_used_up = |campaign: &Arc<str>| {
        let rules = in_force.catalog.campaign(campaign).zip(in_force.ranges.get(&**campaign));
        rules.is_some_and(|(rules, range)| rules.is_used_up(left(campaign), *range))
    };
    let has_enough = |campaign: &Arc<str>| {
        i128::from(left(campaign).units()) >= wanted
            && has_room(&SharedBucket::Campaign(Arc::clone(campaign)))
            && has_room(&SharedBucket::CampaignNewcomers(Arc::clone(campaign)))
    };
    [SharedBucket::Outflow, SharedBucket::Newcomers].iter().all(has_room)
        && paying(in_force, now).filter(|campaign| !is_used_up(campaign)).all(has_enough)
}

/// An amount in so many parts that differ by one unit at most, the larger ones first.
fn shares(amount: Amount, parts: u32) -> Vec<Amount> {
    let (whole, parts) = (amount.units(), i64::from(parts.max(1)));
    let (each, more) = (whole.checked_div(parts).unwrap_or(0), whole.checked_rem(parts).unwrap_or(0));
    let share =
        |part: i64| Amount::try_from(each.saturating_add(i64::from(part < more))).unwrap_or(Amount::ZERO);
    (0..parts).map(share).collect()
}

/// Moves a part of a budget to a slice or back. It is no more than there is, and all of it was on one account before: so there
/// is nothing to be refused.
fn shift(moves: &mut Moves<'_>, kind: Kind, asset: &Arc<str>, holders: (Holder, Holder), amount: Amount) {
    let _: Result<(), Overdraft> = moves.take(kind, asset, holders, amount, None);
}
