//! What is stored, as decisions see it: records without row numbers, and the facts that reads give.

mod delegation;
mod delivery;
mod document;
mod payout;
mod player;
mod proposal;
mod publication;
mod read_key;
mod site_day;

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::api::{AssetMoney, Receipt, RoundState};
use dripline_shared::error::Code;
use dripline_shared::game::GameFacts;
use dripline_shared::level::Level;
use dripline_shared::limit::Bucket;
use dripline_shared::progress::LevelProgress;
use dripline_shared::reward::RewardRules;
use dripline_shared::round::{ClientId, Hash, RoundId, Seed, Timing, level_hash, transcript_start};
use dripline_shared::site::NO_CAMPAIGN;
use dripline_shared::time::Timestamp;
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::{Signature, Wallet};

use crate::ledger::Holder;

pub use delegation::DelegationRecord;
pub use delivery::{
    AHEAD_MAX_MS, Came, DELAY_MAX_MS, DELIVERED_KEEP_MS, DeliveryRecord, DeliveryStep, GIVEN_UP_KEEP_MS,
    NOT_IN_TIME, NewDelivery, SendAgain, TOO_MANY, TRY_FOR_MS, Tried, WAITING_MAX,
};
pub use document::{AUDIT_START, AuditRecord, Document, DocumentKind, Stored, Wanted};
pub use payout::{
    AddressRecord, BatchFacts, BatchRecord, Candidate, Lease, Pause, RailRecord, Reserve, ServerId,
    SignedStatement, Stage, WithdrawalFacts, WithdrawalRecord, request_hash,
};
pub use player::{EMERGENCY_ID, EmergencyRecord, PlayerRecord, StopRecord};
pub use proposal::ProposalRecord;
pub use publication::{CatalogRecord, PublicationRecord, publication_id};
pub use read_key::ReadKeyRecord;
pub use site_day::{SiteDayKey, SiteTally};

/// What campaigns add to drips, by their ids, in basis points.
pub type Boosts = BTreeMap<String, u32>;

/// A level as it stood in a version of the catalog. Rounds share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedLevel {
    /// The level.
    pub level: Level,
    /// Its hash.
    pub hash: Hash,
    /// The version of the catalog that it stood in.
    pub catalog: Hash,
    /// How that catalog rewards.
    pub rewards: Arc<RewardRules>,
    /// What its campaigns add, by their ids, in basis points; of those that add anything.
    pub boosts: Arc<Boosts>,
    /// The stretches it is played in.
    pub timing: Timing,
    /// The facts of its game, as this build has them.
    pub game: GameFacts,
}

impl PinnedLevel {
    /// A level of the catalog of version `catalog`, which rewards like this and whose campaigns add so much.
    pub fn new(level: Level, catalog: Hash, rewards: Arc<RewardRules>, boosts: Arc<Boosts>) -> Self {
        let hash = level_hash(&level);
        Self::stored(level, hash, catalog, rewards, boosts)
    }

    /// A level as it was stored with its hash. This build may write it otherwise than the one that stored it; what was
    /// signed and drawn from its hash holds all the same.
    pub fn stored(
        level: Level,
        hash: Hash,
        catalog: Hash,
        rewards: Arc<RewardRules>,
        boosts: Arc<Boosts>,
    ) -> Self {
        let (timing, game) = (Timing::of(&level), level.play.facts());
        Self { level, hash, catalog, rewards, boosts, timing, game }
    }
}

/// The level of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundLevel {
    /// As it stood.
    Pinned(Arc<PinnedLevel>),
    /// It was stored by a build whose levels this one cannot read: the rules have changed.
    Unreadable(Arc<UnreadableLevel>),
}

/// What is known of a level that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableLevel {
    /// Its id, where it has one.
    pub id: Option<String>,
    /// Its hash.
    pub hash: Hash,
}

impl RoundLevel {
    /// The level, to play or to pay by.
    pub fn pinned(&self) -> Result<&Arc<PinnedLevel>, Code> {
        match self {
            Self::Pinned(level) => Ok(level),
            Self::Unreadable(_) => Err(Code::RulesChanged),
        }
    }

    /// Its hash.
    pub fn hash(&self) -> Hash {
        match self {
            Self::Pinned(level) => level.hash,
            Self::Unreadable(level) => level.hash,
        }
    }

    /// Its id.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Pinned(level) => Some(&level.level.id),
            Self::Unreadable(level) => level.id.as_deref(),
        }
    }
}

/// A wallet that has opened a round at least once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalletRecord {
    /// Its key.
    pub wallet: Wallet,
    /// The state of its limit on attempts. It is never before what [`awake_at`](Self::awake_at) noted last.
    pub attempts: Option<Timestamp>,
    /// The state of its limit on drips.
    pub drips_state: Option<Timestamp>,
    /// How many drips it ever had.
    pub drips: u64,
    /// When it had its first one.
    pub first_drip: Option<Timestamp>,
    /// When it had its last one.
    pub last_drip: Option<Timestamp>,
    /// How many days in a row it had drips, at the last one.
    pub streak_days: u32,
    /// The round that it opened last and that was not closed since. It may have expired or be finished by now.
    pub open_round: Option<RoundId>,
    /// How it stands with the operators.
    pub standing: Standing,
    /// That all it had was moved to another wallet. Then it opens no rounds for itself any more.
    pub moved: Option<MoveRecord>,
}

/// That all that a key had was moved to a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoveRecord {
    /// To which wallet.
    pub to: Wallet,
    /// The client's id of the request.
    pub client_id: ClientId,
    /// The hash of its statement.
    pub request: Hash,
    /// When.
    pub at: Timestamp,
}

impl WalletRecord {
    /// A wallet that has done nothing yet.
    pub fn new(wallet: Wallet) -> Self {
        Self {
            wallet,
            attempts: None,
            drips_state: None,
            drips: 0,
            first_drip: None,
            last_drip: None,
            streak_days: 0,
            open_round: None,
            standing: Standing::Clear,
            moved: None,
        }
    }

    /// The same, as one that does something at `now` that need not leave anything behind which could tell later: what lies dormant goes
    /// by that. A state of a limit that is not after `now` is that of one of which nothing is used up, so it limits no more than
    /// before. A wallet that never opened a round, nor took over what one had that did, has nothing that could lie dormant.
    #[must_use]
    pub fn awake_at(self, now: Timestamp) -> Self {
        Self { attempts: self.attempts.map(|state| state.max(now)), ..self }
    }

    /// Its last drip and the streak then, as `shared::reward` takes it.
    pub fn last_drip_and_streak(&self) -> Option<(Timestamp, u32)> {
        self.last_drip.map(|at| (at, self.streak_days))
    }
}

/// How a round was closed, if it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Closing {
    /// It was not: it is in play, finished, or out of time.
    NotYet,
    /// Ended by its player, or abandoned for another.
    Ended,
    /// Claimed.
    Claimed,
}

/// A round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundRecord {
    /// Its id.
    pub id: RoundId,
    /// Whose it is.
    pub wallet: Wallet,
    /// The level as it stood.
    pub level: RoundLevel,
    /// The campaign that pays; [`NO_CAMPAIGN`] where nobody does.
    pub campaign: Arc<str>,
    /// The site whose page it is played on, if it is one's.
    pub site: Option<Arc<str>>,
    /// The key that opened it for the wallet, and signs its claim, if it was not the wallet itself.
    pub delegate: Option<Wallet>,
    /// The origin of the page that opened it, which the claim's statement names too.
    pub origin: Arc<str>,
    /// The client's id of the request that opened it.
    pub client_id: ClientId,
    /// The hash of the statement of that request.
    pub request: Hash,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Until when it must have been played.
    pub expires_at: Timestamp,
    /// Until when it can be claimed.
    pub claim_until: Timestamp,
    /// The rules version that it was opened under.
    pub rules_version: u32,
    /// Seed 0, where it is not drawn from the round's secret.
    pub board: Option<Seed>,
    /// How it was closed, if it was.
    pub closing: Closing,
    /// Whether its attempt was given back.
    pub given_back: bool,
    /// When its site's server learned of it, if it did: once.
    pub verified: Option<VerificationRecord>,
}

/// That a round was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerificationRecord {
    /// When.
    pub at: Timestamp,
    /// The hash of the request that is answered again; none where it had no idempotency key.
    pub request: Option<Hash>,
}

impl RoundRecord {
    /// `h(-1)` of this round.
    pub fn start_hash(&self) -> Hash {
        transcript_start(self.id, self.level.hash(), self.rules_version)
    }

    /// Who signs for it.
    pub fn signer(&self) -> Wallet {
        self.delegate.unwrap_or(self.wallet)
    }

    /// Whether a claim of it earns anything.
    pub fn is_paid(&self) -> bool {
        &*self.campaign != NO_CAMPAIGN
    }

    /// How it stands at `now`, having so much of its play.
    pub fn state(&self, tail: &Tail, now: Timestamp) -> RoundState {
        match self.closing {
            Closing::Claimed => RoundState::Claimed,
            Closing::Ended => RoundState::Ended,
            Closing::NotYet if tail.finished && now <= self.claim_until => RoundState::Finished,
            Closing::NotYet if !tail.finished && now <= self.expires_at => RoundState::Open,
            Closing::NotYet => RoundState::Expired,
        }
    }
}

/// How far a round has been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tail {
    /// How many segments are stored.
    pub segments: u32,
    /// The running hash of the last one; `None` where there is none.
    pub hash: Option<Hash>,
    /// Whether the last one is the final one.
    pub finished: bool,
}

/// A segment as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSegment {
    /// Its number, from 0.
    pub number: u32,
    /// Its length and inputs.
    pub segment: Segment,
    /// Whether it is the final one.
    pub last: bool,
    /// The running hash after it.
    pub hash: Hash,
}

impl StoredSegment {
    /// How far these segments go.
    pub fn tail(segments: &[Self]) -> Tail {
        segments.last().map_or_else(Tail::default, |last| Tail {
            segments: last.number.saturating_add(1),
            hash: Some(last.hash),
            finished: last.last,
        })
    }
}

/// A voucher of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherRecord {
    /// The hash of its code.
    pub hash: Hash,
    /// The id of the document of those that it was made with.
    pub issue: Arc<str>,
    /// By whom it was used, and when first.
    pub used: Option<(Wallet, Timestamp)>,
}

/// What a network prefix has used of its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PrefixRecord {
    /// The state of the limit on opens.
    pub opens: Option<Timestamp>,
    /// The bucket of the limit on money.
    pub outflow: Bucket,
}

/// A bucket that claims or payouts of many share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SharedBucket {
    /// All claims.
    Outflow,
    /// Claims of wallets without history.
    Newcomers,
    /// Claims of a campaign.
    Campaign(Arc<str>),
    /// Claims of wallets without history, of a campaign that has a share for them.
    CampaignNewcomers(Arc<str>),
    /// Payouts by a rail, of an asset: the rail's id and the asset's code.
    Rail(Arc<str>, Arc<str>),
    /// What the slot of this number has of another one.
    Part(u32, Box<Self>),
}

impl SharedBucket {
    /// What a slot has of this.
    #[must_use]
    pub fn part(&self, slot: u32) -> Self {
        Self::Part(slot, Box::new(self.clone()))
    }
}

/// The place of one of several servers, by which it has a part of what all share: see `play::slices`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotRecord {
    /// Its number, from 1.
    pub number: u32,
    /// The server that has it.
    pub server: ServerId,
    /// When that was last seen at work.
    pub seen: Timestamp,
    /// Into how many parts everything is divided, of which it has one; 1 where it has none.
    pub parts: u32,
}

impl SlotRecord {
    /// Who holds what it has of a campaign's budget.
    pub fn holder(&self, campaign: &Arc<str>) -> Holder {
        Holder::Slice(self.number, Arc::clone(campaign))
    }
}

/// An accepted claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRecord {
    /// The signature that claimed it: only that one gets the receipt again.
    pub signature: Signature,
    /// The answer.
    pub receipt: Receipt,
}

/// A round as reads give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundFacts {
    /// The round.
    pub record: RoundRecord,
    /// Its claim, if it was claimed.
    pub claim: Option<ClaimRecord>,
}

/// What campaigns have or had, by the code of the asset and the campaign's id.
pub type CampaignAmounts = BTreeMap<(Arc<str>, Arc<str>), Amount>;

/// A wallet as reads give it. Of a wallet that was never seen, everything is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletFacts {
    /// The wallet.
    pub record: WalletRecord,
    /// What it has and had, by the code of the asset.
    pub money: BTreeMap<Arc<str>, AssetMoney>,
    /// Where it is paid, by rail: the addresses that count.
    pub addresses: Vec<AddressRecord>,
    /// What it reached, by level id.
    pub progress: BTreeMap<String, LevelProgress>,
    /// The round that it opened last, and how far that has been sent.
    pub open_round: Option<(RoundRecord, Tail)>,
    /// The shared buckets as they were stored.
    pub buckets: BTreeMap<SharedBucket, Bucket>,
    /// What the campaigns still have, by the code of the asset and the campaign's id.
    pub campaigns: CampaignAmounts,
    /// The slots of servers that have parts of buckets, where those are divided.
    pub slots: Vec<SlotRecord>,
}

/// What all wallets share, as reads give it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SharedFacts {
    /// The shared buckets as they were stored.
    pub buckets: BTreeMap<SharedBucket, Bucket>,
    /// What the campaigns still have, by the code of the asset and the campaign's id.
    pub campaigns: CampaignAmounts,
    /// The slots of servers that have parts of buckets, where those are divided.
    pub slots: Vec<SlotRecord>,
}

#[cfg(test)]
mod tests {
    use dripline_shared::limit::CountLimit;
    use dripline_shared::time::{DAY_MS, HOUR_MS};
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp(1_700_000_000_000);

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_wallet_that_did_something_has_as_many_attempts_as_one_that_did_not(
            state in prop::option::of(0..2 * DAY_MS), burst in 1_u32..9, every_ms in 1..HOUR_MS, after in 0..DAY_MS,
        ) {
            let (limit, now) = (CountLimit { burst, every_ms }, START.plus(DAY_MS));
            let attempts = state.map(|after| START.plus(after));
            let before = WalletRecord { attempts, ..WalletRecord::new(Wallet([1; 32])) };
            let awake = before.awake_at(now);
            prop_assert_eq!(awake.attempts.is_some(), attempts.is_some());
            prop_assert!(awake.attempts.is_none_or(|state| state >= now));
            let later = now.plus(after);
            prop_assert_eq!(limit.left(awake.attempts, later), limit.left(attempts, later));
            prop_assert_eq!(limit.take(awake.attempts, later), limit.take(attempts, later));
        }
    }
}
