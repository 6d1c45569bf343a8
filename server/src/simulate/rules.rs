//! The faucet of a simulated day: the decisions of a real one (`play::open`, `settle`, `end`) over a working set, without the
//! HTTP, signatures and replays before them and the store behind them. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::{OpenRequest, OutcomeView};
use dripline_shared::campaign::Audience;
use dripline_shared::catalog::{Campaign, Catalog};
use dripline_shared::error::Code;
use dripline_shared::game::Skill;
use dripline_shared::progress::LevelProgress;
use dripline_shared::round::{ClientId, Hash, RoundId};
use dripline_shared::time::{DAY_MS, Timestamp};
use dripline_shared::wallet::{Signature, Wallet};

use super::outcomes::{LevelOutcomes, Played, SKILLS};
use crate::edge::Edge;
use crate::in_force::InForce;
use crate::keys::Keys;
use crate::ledger::{Account, FundingFacts, Holder, fund};
use crate::play::{end, open, settle};
use crate::refusal::Refusal;
use crate::store::command::{Answer, End, Open, Settle};
use crate::store::record::WalletRecord;
use crate::store::working::{Effect, WorkingSet};

/// What all days of a catalog have in common.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    /// What is in force.
    pub(super) in_force: InForce,
    /// How rounds end, by level in the catalog's order.
    pub(super) outcomes: &'a [LevelOutcomes],
    /// The campaign that pays.
    pub(super) campaign: Arc<str>,
    /// When the day starts: when the campaign does, or a day before its end; of one without dates, any day.
    pub(super) start: Timestamp,
    /// What can be expected of a round, by level and by skill in the order of [`SKILLS`].
    expected: Vec<[Option<Expected>; 3]>,
}

/// A day on which a campaign without dates is simulated, far enough from the epoch for everybody to have a past.
const DAY: Timestamp = Timestamp(20_000 * DAY_MS);

fn start_of(campaign: Option<&Campaign>) -> Timestamp {
    let starts = campaign.and_then(|campaign| campaign.starts_ms);
    let ends = campaign.and_then(|campaign| campaign.ends_ms);
    starts.or_else(|| ends.map(|ends| ends.minus(DAY_MS))).unwrap_or(DAY)
}

/// What can be expected of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    /// How many of a thousand are won.
    pub(super) won_per_mille: u32,
    /// The stars of a win in the middle of them all; 1 where none was won.
    pub(super) stars: u8,
    /// The mean length, in ticks or turns.
    pub(super) length: u32,
}

impl Expected {
    /// Of these rounds; `None` where there are none.
    fn of(rounds: &[Played]) -> Option<Self> {
        let count = u64::try_from(rounds.len()).ok().filter(|count| *count > 0)?;
        let mut stars: Vec<u8> = rounds.iter().map(|round| round.stars).filter(|stars| *stars > 0).collect();
        stars.sort_unstable();
        let won = u64::try_from(stars.len()).unwrap_or(u64::MAX);
        let length = rounds.iter().map(|round| u64::from(round.length)).sum::<u64>().checked_div(count)?;
        let won_per_mille = won.saturating_mul(1_000).checked_div(count)?;
        Some(Self {
            won_per_mille: u32::try_from(won_per_mille).unwrap_or(1_000),
            stars: stars.get(stars.len() / 2).copied().unwrap_or(1),
            length: u32::try_from(length).unwrap_or(u32::MAX),
        })
    }
}

impl<'a> Rules<'a> {
    /// This catalog in force, with a faucet's keys that are the same every time and are worth nothing.
    pub(super) fn new(
        catalog: Catalog,
        outcomes: &'a [LevelOutcomes],
        campaign: &str,
        stopped: BTreeSet<String>,
    ) -> Self {
        // Whoever comes has a voucher, where one is needed, and plays on the page that the campaign is for.
        let mut catalog = catalog;
        let is_let_in =
            |it: &&mut Campaign| matches!(it.audience, Audience::Vouchers | Audience::Site { .. });
        for campaign in catalog.campaigns.iter_mut().filter(is_let_in) {
            campaign.audience = Audience::Everybody;
        }
        let keys = Keys::generate(&Edge::new(|| Timestamp(0), |bytes| bytes.fill(1)));
        let in_force = InForce::new(catalog, keys, Vec::new(), stopped);
        let expected =
            outcomes.iter().map(|level| SKILLS.map(|skill| Expected::of(level.of(skill)))).collect();
        let start = start_of(in_force.catalog.campaign(campaign));
        Self { in_force, outcomes, campaign: campaign.into(), start, expected }
    }

    /// What the campaign adds to a drip, in basis points.
    pub(super) fn boost(&self) -> Option<u32> {
        self.catalog().campaign(&self.campaign).and_then(|campaign| campaign.boost)
    }

    /// Whether the campaign pays for this level.
    pub(super) fn pays_for(&self, level: &str) -> bool {
        self.catalog().campaign(&self.campaign).is_some_and(|campaign| campaign.has_level(level))
    }

    /// What can be expected of a round of the level at `index`; `None` where that was never played.
    pub(super) fn expected(&self, index: usize, skill: Skill) -> Option<Expected> {
        let place = SKILLS.iter().position(|other| *other == skill)?;
        *self.expected.get(index)?.get(place)?
    }

    /// What is open to play.
    pub(super) fn catalog(&self) -> &Catalog {
        &self.in_force.catalog
    }
}

/// A faucet on a simulated day.
#[derive(Debug)]
pub(super) struct Faucet<'a> {
    pub(super) rules: &'a Rules<'a>,
    set: WorkingSet,
    /// How many rounds were asked for: what ids are made of.
    asked: u64,
}

impl<'a> Faucet<'a> {
    /// With its campaigns funded, as at the start of a faucet.
    pub(super) fn new(rules: &'a Rules<'a>, now: Timestamp) -> Self {
        let mut set = WorkingSet::default();
        let asset = &rules.in_force.asset;
        for campaign in &rules.catalog().campaigns {
            let id: Arc<str> = campaign.id.as_str().into();
            let balance = |holder| set.balance(&Account::new(asset, holder));
            let facts = FundingFacts {
                next_id: set.next_transfer_id(),
                funded: Amount::ZERO,
                campaign: balance(Holder::Campaign(Arc::clone(&id))),
                treasury: balance(Holder::Treasury),
                world: balance(Holder::World),
            };
            // Budgets that a ledger cannot hold are not funded, and the campaign pays nothing.
            let transfers = fund(asset, campaign, facts, now).unwrap_or_default();
            set.apply(transfers.into_iter().map(Effect::Transfer).collect());
        }
        set.take_changes();
        Self { rules, set, asked: 0 }
    }

    /// A wallet that was here before: what it is known for, and what it has reached.
    pub(super) fn remember(&mut self, record: WalletRecord, reached: BTreeMap<String, LevelProgress>) {
        for (level, progress) in reached {
            self.set.load_progress(record.wallet, level, progress);
        }
        self.set.load_wallet(record);
    }

    /// What a wallet has reached, by level.
    pub(super) fn progress(&self, wallet: Wallet) -> Option<&BTreeMap<String, LevelProgress>> {
        self.set.progress(wallet)
    }

    /// What the campaign still has.
    pub(super) fn left(&self) -> Amount {
        self.set.campaign_balance(&self.rules.in_force.asset, &self.rules.campaign)
    }

    /// What is known of a wallet.
    #[cfg(test)]
    pub(super) fn wallet(&self, wallet: Wallet) -> Option<&WalletRecord> {
        self.set.wallet(wallet)
    }

    /// What a wallet has, by the ledger.
    #[cfg(test)]
    pub(super) fn balance(&self, wallet: Wallet) -> Amount {
        self.set.balance(&Account::new(&self.rules.in_force.asset, Holder::Player(wallet))).amount()
    }

    /// Opens a round of the level at `index`. Gives its id, and until when it must have been played.
    pub(super) fn open(
        &mut self,
        (wallet, prefix): (Wallet, &str),
        index: usize,
        now: Timestamp,
    ) -> Result<(RoundId, Timestamp), Refusal> {
        self.asked = self.asked.saturating_add(1);
        let number = self.asked.to_be_bytes();
        let (mut random, mut client, mut statement) = ([0_u8; 10], [0_u8; 16], [0_u8; 32]);
        random.split_at_mut(2).1.copy_from_slice(&number);
        client.split_at_mut(8).1.copy_from_slice(&number);
        statement.split_at_mut(24).1.copy_from_slice(&number);
        let level = self.rules.catalog().levels.get(index).ok_or(Code::UnknownLevel)?;
        let request = OpenRequest {
            wallet,
            level: level.id.clone(),
            campaign: self.rules.campaign.to_string(),
            site: None,
            client_id: ClientId(client),
            issued_at_ms: now,
            origin: String::new(),
            faucet: self.rules.in_force.faucet,
            rules_version: level.play.facts().rules_version,
            abandon: None,
            voucher: None,
            signature: Signature([0; 64]),
        };
        let command = Open {
            now,
            round: RoundId::new(now, random),
            request,
            statement: Hash(statement),
            voucher: None,
            prefix: prefix.to_owned(),
        };
        let (answer, effects) = open::decide(&self.rules.in_force, &self.set, &command)?;
        self.apply(effects);
        match answer {
            Answer::Opened { round, .. } => Ok((round.id, round.expires_at)),
            _ => Err(Code::Internal.into()),
        }
    }

    /// Claims a round that was won. Gives what was paid.
    pub(super) fn claim(
        &mut self,
        (wallet, prefix): (Wallet, &str),
        round: RoundId,
        played: Played,
        now: Timestamp,
    ) -> Result<Amount, Refusal> {
        let Played { stars, score, length } = played;
        let command = Settle {
            now,
            round,
            wallet,
            signature: Signature([0; 64]),
            outcome: OutcomeView { won: stars > 0, score, stars, length },
            transcript_hash: Hash([0; 32]),
            transcript: Vec::new(),
            prefix: prefix.to_owned(),
            price: None,
        };
        let (answer, effects) = settle::decide_signed(&self.rules.in_force, &self.set, &command, |_| {})?;
        self.apply(effects);
        match answer {
            Answer::Settled { receipt, .. } => Ok(receipt.amount),
            _ => Err(Code::Internal.into()),
        }
    }

    /// Ends a round that is not going to be claimed.
    pub(super) fn end(&mut self, round: RoundId, now: Timestamp) {
        // Refused only where there is no such round.
        if let Ok((_, effects)) = end::decide(&self.set, &End { now, round }) {
            self.apply(effects);
        }
    }

    fn apply(&mut self, effects: Vec<Effect>) {
        self.set.apply(effects);
        // There is no store to write them to.
        self.set.take_changes();
    }
}
