//! Columns that every database has alike: how stages are numbers, what holders and buckets are called, and how levels are
//! read back. Another build must find what this one stored, so none of it may change.

use std::sync::Arc;

use dripline_shared::api::operate::players::Standing;
use dripline_shared::api::operate::webhooks::{DeliveryState, SiteEvent};
use dripline_shared::level::Level;
use dripline_shared::limit::Bucket;
use dripline_shared::payout::BatchId;
use dripline_shared::reward::RewardRules;
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use serde::Deserialize;

use crate::ledger::{Holder, Kind};
use crate::store::record::{
    Closing, Lease, PinnedLevel, RoundLevel, ServerId, SharedBucket, Stage, UnreadableLevel,
};
use crate::store::{DormantPage, DormantQuery};

/// How many signed heads of the log are kept: older ones can be proven from newer ones by whoever has them.
pub(super) const HEADS_KEPT: i64 = 1_000;

/// A moment as a column: years up to 9999 fit.
pub(super) fn moment(timestamp: Timestamp) -> i64 {
    i64::try_from(timestamp.0).unwrap_or(i64::MAX)
}

/// What a line of a history is called: as its transfer, but where a withdrawal was made of what lay dormant.
pub(super) fn history_kind(kind: &str, is_dormant: bool) -> &str {
    if is_dormant && kind == Kind::Withdrawal.as_str() { "dormant" } else { kind }
}

/// The row ids of the accounts that are looked at: those above the first, up to the second.
pub(super) fn dormant_span(query: &DormantQuery) -> (i64, i64) {
    let id = |id: u64| i64::try_from(id).unwrap_or(i64::MAX);
    (id(query.after), id(query.after.saturating_add(query.accounts_max)))
}

impl DormantQuery {
    /// What was found among accounts up to `until`, of which the last one is `last`, with the row ids of accounts. Where there are
    /// as many as may be, it goes on after the last of them.
    pub(super) fn page(
        &self,
        found: Vec<(i64, Wallet, Arc<str>)>,
        until: i64,
        last: Option<i64>,
    ) -> DormantPage {
        let is_full = u32::try_from(found.len()).is_ok_and(|count| count >= self.found_max);
        let reached = found.last().filter(|_| is_full).map_or(until, |(id, ..)| *id);
        let next = last.filter(|last| reached < *last).and_then(|_| u64::try_from(reached).ok());
        DormantPage { found: found.into_iter().map(|(_, wallet, address)| (wallet, address)).collect(), next }
    }
}

/// As the column `stage` of a round. The index of unclaimed rounds knows that claimed is 2.
pub(super) const fn write_closing(closing: Closing) -> i64 {
    match closing {
        Closing::NotYet => 0,
        Closing::Ended => 1,
        Closing::Claimed => 2,
    }
}

/// What the column `stage` of a round says.
pub(super) const fn read_closing(column: i64) -> Closing {
    match column {
        0 => Closing::NotYet,
        2 => Closing::Claimed,
        _ => Closing::Ended,
    }
}

/// How a wallet stands, as a column.
pub(super) const fn write_standing(standing: Standing) -> i64 {
    match standing {
        Standing::Clear => 0,
        Standing::Held => 1,
        Standing::Banned => 2,
    }
}

/// How a wallet stands, from its column. What a newer build has written keeps a wallet from everything.
pub(super) const fn read_standing(column: i64) -> Standing {
    match column {
        0 => Standing::Clear,
        1 => Standing::Held,
        _ => Standing::Banned,
    }
}

/// How a message to a webhook stands, as a column. The index knows that those that wait are 0.
pub(super) const fn write_delivery_state(state: DeliveryState) -> i64 {
    match state {
        DeliveryState::Waiting => 0,
        DeliveryState::Delivered => 1,
        DeliveryState::GivenUp => 2,
    }
}

/// How a message to a webhook stands, from its column. What a newer build has written is not sent.
pub(super) const fn read_delivery_state(column: i64) -> DeliveryState {
    match column {
        0 => DeliveryState::Waiting,
        1 => DeliveryState::Delivered,
        _ => DeliveryState::GivenUp,
    }
}

/// What a message to a webhook is about, from its column; `None` where it does not say it.
pub(super) fn read_event(column: &str) -> Option<SiteEvent> {
    SiteEvent::ALL.into_iter().find(|event| event.as_str() == column)
}

/// The columns `stage`, `batch`, `ended_ms` and `ended_by` of a withdrawal. The indexes know that queued is 0, and that those
/// that wait for an operator are 5 and above.
pub(super) type StageColumns<'a> = (i64, Option<[u8; 16]>, Option<i64>, Option<&'a str>);

/// How a withdrawal stands, as columns.
pub(super) fn stage_columns(stage: &Stage) -> StageColumns<'_> {
    match stage {
        Stage::Queued => (0, None, None, None),
        Stage::Batched(batch) => (1, Some(batch.0), None, None),
        Stage::Paid { at, batch, transaction } => (2, Some(batch.0), Some(moment(*at)), Some(transaction)),
        Stage::Returned { at, reason } => (3, None, Some(moment(*at)), Some(reason)),
        Stage::Cancelled { at, reason } => (4, None, Some(moment(*at)), reason.as_deref()),
        Stage::Held => (5, None, None, None),
        Stage::Unapproved => (6, None, None, None),
    }
}

/// How a withdrawal stands, from its columns; `None` where they do not say it.
pub(super) fn read_stage(
    stage: i64,
    batch: Option<[u8; 16]>,
    ended: Option<Timestamp>,
    ended_by: Option<Arc<str>>,
) -> Option<Stage> {
    let batch = batch.map(BatchId);
    Some(match stage {
        0 => Stage::Queued,
        1 => Stage::Batched(batch?),
        2 => Stage::Paid { at: ended?, batch: batch?, transaction: ended_by? },
        3 => Stage::Returned { at: ended?, reason: ended_by? },
        4 => Stage::Cancelled { at: ended?, reason: ended_by },
        5 => Stage::Held,
        6 => Stage::Unapproved,
        _ => return None,
    })
}

/// A nonce as a column. No chain comes near the greatest one.
pub(super) fn nonce_column(nonce: Option<u64>) -> Option<i64> {
    nonce.map(|nonce| i64::try_from(nonce).unwrap_or(i64::MAX))
}

/// The columns `lease_owner`, `lease_epoch` and `lease_until_ms` of a rail.
pub(super) type LeaseColumns = (Option<[u8; 16]>, Option<i64>, Option<i64>);

/// Who pays by a rail, as columns.
pub(super) fn lease_columns(lease: Option<Lease>) -> LeaseColumns {
    let Some(Lease { owner, epoch, until }) = lease else { return (None, None, None) };
    (Some(owner.0), Some(i64::try_from(epoch).unwrap_or(i64::MAX)), Some(moment(until)))
}

/// Who pays by a rail, from its columns.
pub(super) fn read_lease(
    owner: Option<[u8; 16]>,
    epoch: Option<u64>,
    until: Option<Timestamp>,
) -> Option<Lease> {
    Some(Lease { owner: ServerId(owner?), epoch: epoch?, until: until? })
}

/// What the name of a rail's bucket starts with; the asset comes after a slash.
const RAIL: &str = "rail:";
/// What the name of a slot's part of a bucket starts with; the name of the whole comes after a slash.
const SLOT: &str = "slot:";
/// What the name of a campaign's bucket starts with.
const CAMPAIGN: &str = "campaign:";
/// What the name of a campaign's bucket for wallets without history starts with.
const CAMPAIGN_NEWCOMERS: &str = "campaign-newcomers:";

/// The name of a shared bucket as a column.
pub(super) fn bucket_name(bucket: &SharedBucket) -> String {
    match bucket {
        SharedBucket::Outflow => "outflow".to_owned(),
        SharedBucket::Newcomers => "newcomers".to_owned(),
        SharedBucket::Campaign(id) => format!("{CAMPAIGN}{id}"),
        SharedBucket::CampaignNewcomers(id) => format!("{CAMPAIGN_NEWCOMERS}{id}"),
        SharedBucket::Rail(rail, asset) => format!("{RAIL}{rail}/{asset}"),
        SharedBucket::Part(slot, whole) => format!("{SLOT}{slot}/{}", bucket_name(whole)),
    }
}

/// The shared bucket of this name.
pub(super) fn read_bucket_name(name: &str) -> SharedBucket {
    match name {
        "outflow" => SharedBucket::Outflow,
        "newcomers" => SharedBucket::Newcomers,
        name if name.starts_with(SLOT) => read_part(name),
        name => match name.strip_prefix(RAIL).and_then(|name| name.split_once('/')) {
            Some((rail, asset)) => SharedBucket::Rail(rail.into(), asset.into()),
            None => match name.strip_prefix(CAMPAIGN_NEWCOMERS) {
                Some(id) => SharedBucket::CampaignNewcomers(id.into()),
                None => SharedBucket::Campaign(name.strip_prefix(CAMPAIGN).unwrap_or(name).into()),
            },
        },
    }
}

fn read_part(name: &str) -> SharedBucket {
    let part = name.strip_prefix(SLOT).and_then(|name| name.split_once('/'));
    match part.and_then(|(slot, whole)| Some((slot.parse().ok()?, whole))) {
        Some((slot, whole)) => SharedBucket::Part(slot, Box::new(read_bucket_name(whole))),
        None => SharedBucket::Campaign(name.into()),
    }
}

/// The columns `level`, `remainder` and `at_ms` of a bucket. The remainder is below a window's length, so it fits.
pub(super) fn bucket_columns(bucket: Bucket) -> (i64, i64, i64) {
    let remainder = i64::try_from(bucket.remainder).unwrap_or(i64::MAX);
    (bucket.level.units(), remainder, moment(bucket.at))
}

/// How the kind of a holder is stored.
pub(super) const fn holder_name(holder: &Holder) -> &'static str {
    match holder {
        Holder::World => "world",
        Holder::Treasury => "treasury",
        Holder::Fees => "fees",
        Holder::Operating => "operating",
        Holder::Reserved => "reserved",
        Holder::Campaign(_) => "campaign",
        Holder::Slice(..) => "slice",
        Holder::Player(_) => "player",
        Holder::Pending(_) => "pending",
    }
}

/// The holder of the kind of this name, of which the wallet, the campaign or the slot is told where it has one.
pub(super) fn read_holder(
    name: &str,
    wallet: Option<Wallet>,
    campaign: Option<Arc<str>>,
    slot: Option<u32>,
) -> Option<Holder> {
    Some(match name {
        "world" => Holder::World,
        "treasury" => Holder::Treasury,
        "fees" => Holder::Fees,
        "operating" => Holder::Operating,
        "reserved" => Holder::Reserved,
        "campaign" => Holder::Campaign(campaign?),
        "slice" => Holder::Slice(slot?, campaign?),
        "player" => Holder::Player(wallet?),
        "pending" => Holder::Pending(wallet?),
        _ => return None,
    })
}

/// How a catalog rewards; of its JSON, nothing else is read.
#[derive(Deserialize)]
struct Rewards {
    rewards: RewardRules,
    #[serde(default)]
    campaigns: Vec<Boosted>,
}

/// What a campaign adds.
#[derive(Deserialize)]
struct Boosted {
    id: String,
    #[serde(default)]
    boost: Option<u32>,
}

/// A level from its JSON and that of its catalog, which another build may have written.
pub(super) fn level(json: &str, hash: Hash, catalog: &str, version: Hash) -> RoundLevel {
    let read = serde_json::from_str::<Level>(json).and_then(|level| {
        let Rewards { rewards, campaigns } = serde_json::from_str(catalog)?;
        let boosts = campaigns.into_iter().filter_map(|campaign| Some((campaign.id, campaign.boost?)));
        let boosts = Arc::new(boosts.collect());
        Ok(PinnedLevel::stored(level, hash, version, Arc::new(rewards), boosts))
    });
    match read {
        Ok(level) => RoundLevel::Pinned(Arc::new(level)),
        Err(error) => {
            let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
            let id = value.get("id").and_then(serde_json::Value::as_str).map(str::to_owned);
            tracing::warn!(%error, id, %hash, "this build cannot read a level of older rounds");
            RoundLevel::Unreadable(Arc::new(UnreadableLevel { id, hash }))
        }
    }
}
