//! Campaigns: a budget with its dates, its levels, its boost, whom it is for, and how it is spread over its time.
//!
//! A campaign that says nothing of all that runs for everybody, in all levels, for as long as it has a budget.

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::limit::MoneyLimit;
use crate::reward::{BASIS_POINTS, RewardRules};
use crate::round::{CLAIM_WINDOW_MS, ROUND_MS_MAX};
use crate::time::Timestamp;

/// The longest name of a campaign, in characters.
pub const CAMPAIGN_NAME_MAX: usize = 60;
/// The largest boost: tenfold.
pub const BOOST_MAX: u32 = 100_000;
/// The least factor of pacing: a drip that would be less waits until it fits.
pub const PACING_MIN: u32 = 1_000;
/// How long after a campaign's end the last of its rounds can be claimed, in milliseconds: it was opened just before the end.
pub const CLAIMS_AFTER_MS: u64 = ROUND_MS_MAX + CLAIM_WINDOW_MS;

/// A budget, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Unique; written like a level's id.
    pub id: String,
    /// For people; its id where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All that it may ever pay.
    pub budget: Amount,
    /// From when rounds are opened. Its budget is funded then, and locked until it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_ms: Option<Timestamp>,
    /// Until when rounds are opened. What is left then goes back after the last claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_ms: Option<Timestamp>,
    /// Of which levels; of all where it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<String>>,
    /// A factor of its drips in basis points, 10,000 to 100,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boost: Option<u32>,
    /// Whether what it has left is spread over the time that it has left. It needs an end.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pacing: bool,
    /// How much of its outflow wallets without history may take together, in basis points; without, only the ceiling over all
    /// of them holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newcomers: Option<u32>,
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "Audience::is_everybody")]
    pub audience: Audience,
    /// What it may pay in any window.
    pub outflow: MoneyLimit,
}

/// Whom a campaign is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Audience {
    /// Whoever plays.
    #[default]
    Everybody,
    /// Wallets that have used a voucher: a code that the operator has made, which is of one wallet once it was used.
    Vouchers,
    /// Wallets that had no drip yet, or their first one at most so long ago.
    NewWallets {
        /// How long, in milliseconds: up to a year.
        within_ms: u64,
    },
    /// Whoever plays on the pages of one site: its budget and its limits are that site's own.
    Site {
        /// The site's id.
        site: String,
    },
}

impl Audience {
    /// Whether it leaves nobody out.
    pub fn is_everybody(&self) -> bool {
        *self == Self::Everybody
    }
}

/// Where a campaign is in its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CampaignStage {
    /// It has not started.
    Waiting,
    /// Rounds are opened.
    Running,
    /// It has ended, and some of its rounds may still be claimed.
    Ending,
    /// Nothing of it can be claimed any more.
    Over,
}

impl CampaignStage {
    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Ending => "ending",
            Self::Over => "over",
        }
    }
}

/// The smallest and the largest drip that a campaign can pay, without pacing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DripRange {
    /// The smallest: with less, its budget is used up.
    pub least: Amount,
    /// The largest.
    pub largest: Amount,
}

/// What a campaign may let out at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CampaignLimits {
    /// In any window.
    pub outflow: MoneyLimit,
    /// In any window, to wallets without history; where the campaign has a share of its own for them.
    pub newcomers: Option<MoneyLimit>,
}

impl Campaign {
    /// A campaign of this id that says nothing but how much.
    pub fn plain(id: impl Into<String>, budget: Amount, outflow: MoneyLimit) -> Self {
        Self {
            id: id.into(),
            name: None,
            budget,
            starts_ms: None,
            ends_ms: None,
            levels: None,
            boost: None,
            pacing: false,
            newcomers: None,
            audience: Audience::Everybody,
            outflow,
        }
    }

    /// What it is called.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// Where it is in its time at `now`. It has started at its start, and has ended at its end.
    pub fn stage(&self, now: Timestamp) -> CampaignStage {
        match (self.starts_ms, self.ends_ms) {
            (_, Some(ends)) if now > ends.plus(CLAIMS_AFTER_MS) => CampaignStage::Over,
            (_, Some(ends)) if now >= ends => CampaignStage::Ending,
            (Some(starts), _) if now < starts => CampaignStage::Waiting,
            _ => CampaignStage::Running,
        }
    }

    /// Whether it is paid for this level.
    pub fn has_level(&self, level: &str) -> bool {
        self.levels.as_ref().is_none_or(|levels| levels.iter().any(|id| id == level))
    }

    /// Whether it ends by itself once its budget is used up: one without dates waits for more.
    pub fn is_dated(&self) -> bool {
        self.starts_ms.is_some() || self.ends_ms.is_some()
    }

    /// Whether `left` is too little to open another round: it ends by itself.
    pub fn is_used_up(&self, left: Amount, range: DripRange) -> bool {
        self.is_dated() && left < range.least
    }

    /// What its budget is to be brought to at `now`, of which it was given `funded` so far.
    ///
    /// Before its start it is given nothing; from then on its budget. What a campaign with a start was given stays until it is
    /// over: lowering its budget takes nothing back. Between its end and its last claim nothing goes back, and then all does
    /// that is left. Where it went back too early, by a clock that ran ahead, it comes again.
    pub fn funding(&self, funded: Amount, now: Timestamp) -> Amount {
        match self.stage(now) {
            CampaignStage::Waiting => funded,
            CampaignStage::Ending => self.budget.max(funded),
            CampaignStage::Running if self.starts_ms.is_some() => self.budget.max(funded),
            CampaignStage::Running => self.budget,
            CampaignStage::Over => Amount::ZERO,
        }
    }

    /// What it may let out at `now`, having so much left.
    ///
    /// With pacing, over any window at most the part of what it has left that the window is of the time that it has left
    /// ([`paced`]); but always so much that its largest drip fits at once.
    pub fn limits(&self, left: Amount, range: DripRange, now: Timestamp) -> CampaignLimits {
        let share = self.newcomers.map(|share| self.outflow.share(share));
        let Some(ends) = self.ends_ms.filter(|_| self.pacing) else {
            return CampaignLimits { outflow: self.outflow, newcomers: share };
        };
        let pace = paced(self.outflow, left, ends.since(now));
        let fits = |pace: MoneyLimit, whole: MoneyLimit| MoneyLimit {
            ceiling: pace.ceiling.max(ceiling_for(range.largest)).min(whole.ceiling),
            ..whole
        };
        let newcomers = self.newcomers.zip(share).map(|(share, whole)| fits(pace.share(share), whole));
        CampaignLimits { outflow: fits(pace, self.outflow), newcomers }
    }

    /// As [`Campaign::limits`], for one of so many parts of it, which has so much of the budget. All parts together let out what
    /// the whole would, at most.
    pub fn limits_of_part(&self, left: Amount, parts: u32, now: Timestamp) -> CampaignLimits {
        let part = self.outflow.part(parts);
        let pace =
            self.ends_ms.filter(|_| self.pacing).map_or(part, |ends| paced(part, left, ends.since(now)));
        CampaignLimits { outflow: pace, newcomers: self.newcomers.map(|share| pace.share(share)) }
    }
}

/// What an outflow lets out in any window where what is `left` is spread over the time that is left: as much of it as the window
/// is of that time, and never more than it does anyway. In the last window, and after the end, that is all that is left.
#[must_use]
pub fn paced(outflow: MoneyLimit, left: Amount, time_left_ms: u64) -> MoneyLimit {
    let window = u128::from(outflow.window_ms.max(1));
    let time = u128::from(time_left_ms).max(window);
    // Below 2^63 × 2^64: fits.
    let share = u128::from(left).saturating_mul(window).checked_div(time).unwrap_or(0);
    let ceiling = Amount::try_from(share).unwrap_or(Amount::MAX).min(outflow.ceiling);
    MoneyLimit { ceiling, ..outflow }
}

/// The factor of pacing, in basis points, where a bucket that has room for `burst` has `level` in it: whole until it is half full,
/// and from there on as much less as it has less room, down to [`PACING_MIN`].
pub fn pacing_factor(burst: Amount, level: Amount) -> u32 {
    let room = u128::from(burst.saturating_sub(level));
    let doubled = room.saturating_mul(2).saturating_mul(u128::from(BASIS_POINTS));
    let factor = doubled.checked_div(u128::from(burst)).unwrap_or(0);
    u32::try_from(factor).unwrap_or(BASIS_POINTS).clamp(PACING_MIN, BASIS_POINTS)
}

/// The least ceiling through which `drip` fits at once: a bucket holds a quarter of it.
fn ceiling_for(drip: Amount) -> Amount {
    Amount::try_from(u128::from(drip).saturating_mul(4)).unwrap_or(Amount::MAX)
}

impl RewardRules {
    /// The smallest and the largest drip of a campaign in these levels.
    pub fn range_in<'a>(
        &self,
        campaign: &Campaign,
        levels: impl IntoIterator<Item = &'a crate::level::Level>,
    ) -> DripRange {
        let boost = campaign.boost.unwrap_or(BASIS_POINTS);
        let of_campaign = levels.into_iter().filter(|level| campaign.has_level(&level.id));
        let drips = of_campaign.map(|level| (self.least_drip(level, boost), self.largest_drip(level, boost)));
        let both = drips.reduce(|(least, largest), (less, more)| (least.min(less), largest.max(more)));
        let (least, largest) = both.unwrap_or((Amount::ZERO, Amount::ZERO));
        // A win that earns nothing needs no budget: with nothing left, it is used up all the same.
        DripRange { least: least.max(Amount::from_units(1)), largest }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
