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

    /// The largest drip that a level can earn: every factor at its largest, and the cap.
    pub fn largest_drip(&self, level: &Level) -> Amount {
        let largest = |steps: &[u32]| steps.iter().copied().max().unwrap_or(BASIS_POINTS);
        let factors = [
            largest(&self.stars),
            self.first_clear.max(BASIS_POINTS),
            largest(&self.streak),
            largest(&self.repeat),
        ];
        apply(level.base, factors).min(self.drip_max)
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
    /// The same level again today.
    Repeat,
}

crate::json::json_word!(FactorName, Self::Stars);

impl FactorName {
    /// All names.
    pub const ALL: &'static [Self] = &[Self::Stars, Self::FirstClear, Self::Streak, Self::Repeat];

    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stars => "stars",
            Self::FirstClear => "first_clear",
            Self::Streak => "streak",
            Self::Repeat => "repeat",
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
}

/// A drip, computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reward {
    /// The factors in the order in which they were applied.
    pub factors: Vec<Factor>,
    /// What is paid.
    pub amount: Amount,
}

/// Computes a drip: all factors multiplied in u128 in listed order, divided once at the end, rounded down, capped.
pub fn reward(level: &Level, rules: &RewardRules, facts: &RewardFacts) -> Reward {
    let mut factors =
        vec![Factor { name: FactorName::Stars, basis_points: step(&rules.stars, u32::from(facts.stars)) }];
    if facts.clears == 0 {
        factors.push(Factor { name: FactorName::FirstClear, basis_points: rules.first_clear });
    }
    factors.push(Factor { name: FactorName::Streak, basis_points: step(&rules.streak, facts.streak_days) });
    let times = facts.clears_today.saturating_add(1);
    factors.push(Factor { name: FactorName::Repeat, basis_points: step(&rules.repeat, times) });
    let amount = apply(level.base, factors.iter().map(|factor| factor.basis_points)).min(rules.drip_max);
    Reward { factors, amount }
}

/// Whether a drip is less than what its factors make of the base: whether a cap has lowered it.
pub fn is_capped(base: Amount, factors: &[Factor], paid: Amount) -> bool {
    // Compared before the division: one unit more than was paid would be covered.
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

/// `base × factors ÷ 10,000^n`. Four factors of at most 2^20 and an amount below 2^63 might exceed 2^128 together, and
/// then the result is far beyond any cap: it saturates.
fn apply(base: Amount, factors: impl IntoIterator<Item = u32>) -> Amount {
    let mut product = u128::from(base);
    let mut divisor = 1_u128;
    for factor in factors {
        product = product.saturating_mul(u128::from(factor));
        divisor = divisor.saturating_mul(u128::from(BASIS_POINTS));
    }
    let units = product.checked_div(divisor).unwrap_or(0);
    Amount::try_from(units).unwrap_or(Amount::MAX)
}

/// How many days in a row a wallet has drips, when it gets one `now`: `last` is its last drip and the streak then.
pub fn streak_days(last: Option<(Timestamp, u32)>, now: Timestamp) -> u32 {
    match last {
        Some((at, days)) if at.day() >= now.day() => days.max(1),
        Some((at, days)) if at.day().saturating_add(1) == now.day() => days.saturating_add(1),
        _ => 1,
    }
}
