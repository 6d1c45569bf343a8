//! How much a drip is: `base × factors`, every factor named, so that "why did I get less?" has an answer.

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::level::Level;
use crate::time::Timestamp;

/// One: factors are counted in ten-thousandths.
pub const BASIS_POINTS: u32 = 10_000;
/// The largest factor: a hundredfold.
pub const FACTOR_MAX: u32 = 1_000_000;
/// The most steps of a table of factors.
pub const STEPS_MAX: usize = 32;

/// The rules by which an operator rewards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RewardRules {
    /// For one, two and three stars, in basis points.
    pub stars: [u32; 3],
    /// The first time that a wallet clears a level, in basis points.
    pub first_clear: u32,
    /// For playing on consecutive UTC days: the first entry on the first day, the last from its day on. Not empty.
    pub streak: Vec<u32>,
    /// For clearing the same level again on one UTC day: the first entry the first time, the last from its time on.
    /// Not empty, and never rising.
    pub repeat: Vec<u32>,
    /// No drip is larger.
    pub drip_max: Amount,
}

impl RewardRules {
    /// What a first run starts with.
    pub fn first_run() -> Self {
        Self {
            stars: [10_000, 12_500, 15_000],
            first_clear: 20_000,
            streak: vec![10_000, 10_500, 11_000, 11_500, 12_000, 12_500, 13_000],
            repeat: vec![10_000, 8_000, 6_000, 5_000, 4_000, 3_000, 2_500],
            drip_max: Amount::from_units(1_000_000),
        }
    }

    /// The largest drip that a level can earn with this boost: every factor at its largest, and the cap.
    pub fn largest_drip(&self, level: &Level, boost: u32) -> Amount {
        let largest = |steps: &[u32]| steps.iter().copied().max().unwrap_or(BASIS_POINTS);
        let factors = [
            largest(&self.stars),
            self.first_clear.max(BASIS_POINTS),
            largest(&self.streak),
            boost,
            largest(&self.repeat),
        ];
        capped(apply(level.base, factors), self.drip_max)
    }

    /// The smallest drip that a level can earn with this boost: every factor at its smallest, but for that of pacing.
    pub fn least_drip(&self, level: &Level, boost: u32) -> Amount {
        let least = |steps: &[u32]| steps.iter().copied().min().unwrap_or(BASIS_POINTS);
        let factors = [least(&self.stars), least(&self.streak), boost, least(&self.repeat)];
        capped(apply(level.base, factors), self.drip_max)
    }
}

/// The name of a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FactorName {
    /// How well the round was played.
    Stars,
    /// The level was never cleared before.
    FirstClear,
    /// Days in a row.
    Streak,
    /// What the campaign adds.
    Boost,
    /// The same level again today.
    Repeat,
    /// How the campaign's budget stands beside the time that it has left.
    Pacing,
}

crate::json::json_word!(FactorName, Self::Stars);

impl FactorName {
    /// All names.
    pub const ALL: &'static [Self] =
        &[Self::Stars, Self::FirstClear, Self::Streak, Self::Boost, Self::Repeat, Self::Pacing];

    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stars => "stars",
            Self::FirstClear => "first_clear",
            Self::Streak => "streak",
            Self::Boost => "boost",
            Self::Repeat => "repeat",
            Self::Pacing => "pacing",
        }
    }
}

/// A factor of a drip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Factor {
    /// What for.
    pub name: FactorName,
    /// How much, in ten-thousandths: 10,000 changes nothing.
    pub basis_points: u32,
}

crate::json_object!(Factor { name, basis_points });

/// What the reward depends on, as the store knows it before the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RewardFacts {
    /// Stars of the outcome, 1 to 3.
    pub stars: u8,
    /// How often the wallet has cleared this level.
    pub clears: u32,
    /// How often of these on this UTC day.
    pub clears_today: u32,
    /// How many UTC days in a row the wallet has had a drip, this day included: at least 1.
    pub streak_days: u32,
    /// What the round's campaign adds, in basis points, where it adds anything.
    pub boost: Option<u32>,
    /// What its campaign's pacing leaves of the drip, in basis points, where it has one.
    pub pacing: Option<u32>,
}

/// A drip, computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reward {
    /// The factors in the order in which they were applied.
    pub factors: Vec<Factor>,
    /// What is paid.
    pub amount: Amount,
}

/// Computes a drip: all factors multiplied in listed order, divided once at the end, rounded down, capped.
pub fn reward(level: &Level, rules: &RewardRules, facts: &RewardFacts) -> Reward {
    let mut factors =
        vec![Factor { name: FactorName::Stars, basis_points: step(&rules.stars, u32::from(facts.stars)) }];
    if facts.clears == 0 {
        factors.push(Factor { name: FactorName::FirstClear, basis_points: rules.first_clear });
    }
    factors.push(Factor { name: FactorName::Streak, basis_points: step(&rules.streak, facts.streak_days) });
    factors.extend(facts.boost.map(|basis_points| Factor { name: FactorName::Boost, basis_points }));
    let times = facts.clears_today.saturating_add(1);
    factors.push(Factor { name: FactorName::Repeat, basis_points: step(&rules.repeat, times) });
    factors.extend(facts.pacing.map(|basis_points| Factor { name: FactorName::Pacing, basis_points }));
    let units = apply(level.base, factors.iter().map(|factor| factor.basis_points));
    Reward { factors, amount: capped(units, rules.drip_max) }
}

/// Whether a drip is less than what its factors make of the base: whether a cap has lowered it. Numbers beyond 128 bits saturate,
/// which takes drips of 10^14 units: of such a one, it may be told though no cap has. It is only for showing.
pub fn is_capped(base: Amount, factors: &[Factor], paid: Amount) -> bool {
    // Compared before the division: one unit more than was paid would be covered. Exact division would weigh in the page.
    let (mut product, mut divided) = (u128::from(base), u128::from(paid).saturating_add(1));
    for factor in factors {
        product = product.saturating_mul(u128::from(factor.basis_points));
        divided = divided.saturating_mul(u128::from(BASIS_POINTS));
    }
    divided <= product
}

/// The `nth` entry, counted from 1; the last where there are fewer.
fn step(steps: &[u32], nth: u32) -> u32 {
    let index = usize::try_from(nth.saturating_sub(1)).unwrap_or(usize::MAX);
    steps.get(index).or(steps.last()).copied().unwrap_or(BASIS_POINTS)
}

/// One, in ten-thousandths; and what the digits of products are counted in, so that dividing by it takes one away.
const ONE: u64 = 10_000;
/// The most digits: an amount has five, and none of the factors that there are adds more than two.
const DIGITS: usize = 20;
/// A product of so much can have another digit and is below 2^64.
const ROOM: u64 = 922_337_203_685_477;

/// `base × factors ÷ 10,000^n`, rounded down, exactly: in digits, because it may take 200 bits on the way. What is more than an
/// amount can be is `u64::MAX`.
fn apply(base: Amount, factors: impl IntoIterator<Item = u32>) -> u64 {
    let mut digits = [0_u64; DIGITS];
    let mut carry = base.units().unsigned_abs();
    for digit in &mut digits {
        *digit = carry % ONE;
        carry /= ONE;
    }
    let mut divided = 0_usize;
    for factor in factors {
        for digit in &mut digits {
            // Below 10^4 × 2^32, and less than 2^33.
            carry = digit.wrapping_mul(factor.into()).wrapping_add(carry);
            *digit = carry % ONE;
            carry /= ONE;
        }
        if carry > 0 {
            return u64::MAX;
        }
        divided = divided.saturating_add(1);
    }
    let mut units = 0_u64;
    for digit in digits.iter().skip(divided).rev() {
        if units > ROOM {
            return u64::MAX;
        }
        units = units.wrapping_mul(ONE).wrapping_add(*digit);
    }
    units
}

/// So many units, and at most the cap.
fn capped(units: u64, cap: Amount) -> Amount {
    Amount::try_from(u128::from(units)).unwrap_or(Amount::MAX).min(cap)
}

/// How many days in a row a wallet has drips, when it gets one `now`: `last` is its last drip and the streak then.
pub fn streak_days(last: Option<(Timestamp, u32)>, now: Timestamp) -> u32 {
    match last {
        Some((at, days)) if at.day() >= now.day() => days.max(1),
        Some((at, days)) if at.day().saturating_add(1) == now.day() => days.saturating_add(1),
        _ => 1,
    }
}
