//! The third layer: what a simulation found, as data. Its JSON has its fields in the order in which they stand here.

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::game::Skill;
use dripline_shared::round::Hash;
use serde::Serialize;

use super::player::Kind;
use super::record::Step;

/// A simulation of a catalog, and of another one for comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was asked for: with the same, the same comes out.
    pub settings: Asked,
    /// What came out.
    pub simulated: Simulated,
    /// What came out of the catalog that it is compared with.
    pub against: Option<Against>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// What all chance comes from.
    pub seed: u64,
    /// Rounds of each game, at least.
    pub rounds: u32,
    /// Days.
    pub runs: u32,
    /// Days with each limit switched off.
    pub limit_runs: u32,
    /// Players on each day.
    pub players: u32,
    /// The campaign that pays them.
    pub campaign: String,
}

/// The catalog that a simulation is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Against {
    /// What is set otherwise: `- setting = value` there, `+ setting = value` here.
    pub differences: Vec<String>,
    /// What came out of it.
    pub simulated: Simulated,
}

/// What came out of a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Simulated {
    /// The catalog's version.
    pub catalog: Hash,
    /// What it pays.
    pub asset: Asset,
    /// How its levels play.
    pub levels: Vec<LevelFigures>,
    /// What players of each kind earn.
    pub players: Vec<KindFigures>,
    /// What the campaign's budget is at first.
    pub budget: Amount,
    /// What is left of it at the end of each hour of the day, in UTC.
    pub hours: Vec<HourFigures>,
    /// What is paid in a day.
    pub paid: Spread<Amount>,
    /// What was refused in a day.
    pub refusals: Vec<RefusalFigures>,
    /// What each limit does.
    pub limits: Vec<LimitFigures>,
}

/// The middle of what days or rounds gave, and what a twentieth of them was below and above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Spread<T> {
    /// The 5th percentile.
    pub p5: T,
    /// The median.
    pub median: T,
    /// The 95th percentile.
    pub p95: T,
}

impl<T: Copy + Ord + Default> Spread<T> {
    /// Of these values, by nearest rank: each is one of them. Defaults where there are none.
    pub(super) fn of(values: impl IntoIterator<Item = T>) -> Self {
        let mut values: Vec<T> = values.into_iter().collect();
        values.sort_unstable();
        let at = |percent: usize| {
            let rank = values.len().saturating_mul(percent).div_ceil(100);
            values.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { p5: at(5), median: at(50), p95: at(95) }
    }
}

/// A level, as bots found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LevelFigures {
    /// Its id.
    pub id: String,
    /// Its game's id.
    pub game: &'static str,
    /// By how well it is played.
    pub skills: Vec<SkillFigures>,
}

/// A level, as bots of one skill found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SkillFigures {
    /// How well they play.
    pub skill: Skill,
    /// How many rounds they played.
    pub rounds: u64,
    /// How many of them they won.
    pub won: u64,
    /// That, in ten-thousandths of the rounds.
    pub win_basis_points: u64,
    /// How many wins had one, two and three stars.
    pub stars: [u64; 3],
    /// How long a round is, in ticks of a 60th of a second or in turns.
    pub length: Spread<u32>,
    /// How long it takes, in milliseconds: a turn as long as a keen player thinks; strong bots do not think longer than they
    /// must.
    pub time_ms: Spread<u64>,
}

/// The players of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KindFigures {
    /// Which.
    pub kind: Kind,
    /// How many of them there are on a day.
    pub players: u32,
    /// How many wallets each has.
    pub wallets: u32,
    /// What one earns in an hour of being there, all its wallets together.
    pub drip_per_hour: Spread<Amount>,
    /// What one earns in a day.
    pub drip_per_day: Spread<Amount>,
    /// The rounds of all of them in a day.
    pub rounds: Spread<u64>,
    /// The wins of all of them in a day.
    pub won: Spread<u64>,
    /// The drips of all of them in a day.
    pub drips: Spread<u64>,
    /// The wins in a day that a limit left without a drip.
    pub unpaid: Spread<u64>,
}

/// An hour of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HourFigures {
    /// Which ends, from 1 to 24.
    pub hour: u32,
    /// What is left of the budget then.
    pub left: Spread<Amount>,
}

/// What was refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusalFigures {
    /// What was refused.
    pub step: Step,
    /// The reason's code.
    pub code: &'static str,
    /// Which ceiling it was, where it was one.
    pub ceiling: Option<String>,
    /// How often in a day.
    pub per_day: Spread<u64>,
}

/// A limit, switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitFigures {
    /// The setting.
    pub limit: &'static str,
    /// What is paid in a day with it.
    pub paid: Amount,
    /// What would be paid without it, on the same days with the same players: the median, as above.
    pub paid_without: Amount,
    /// What hostile players get in a day with it.
    pub hostile: Amount,
    /// What they would get without it.
    pub hostile_without: Amount,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_there_were() {
        let spread = Spread::of(1..=200_u64);
        assert_eq!(spread, Spread { p5: 10, median: 100, p95: 190 });
        assert_eq!(Spread::of([7_u64]), Spread { p5: 7, median: 7, p95: 7 });
        assert_eq!(Spread::<u64>::of([]), Spread { p5: 0, median: 0, p95: 0 });
    }
}
