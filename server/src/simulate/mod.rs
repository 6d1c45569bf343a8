//! What a catalog comes to before it is in force: rounds played by bots, and days of a faucet with players of several kinds.
//! Pure: everything follows from the catalog and the [`Settings`], and with the same of both the report has the same bytes,
//! on however many cores.
//!
//! Three layers: `outcomes` plays rounds, `day` lets players take such rounds through the faucet's own rules (`rules`,
//! `actor`), and `report` is what is told of both. `table` writes that for people.

mod actor;
mod day;
mod limits;
mod outcomes;
mod parallel;
mod player;
mod record;
mod report;
mod rules;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use dripline_shared::amount::Amount;
use dripline_shared::catalog::{Catalog, DEFAULT_CAMPAIGN};
use dripline_shared::game::{Pace, Skill};
use dripline_shared::level::Level;
use dripline_shared::round::Timing;
use dripline_shared::time::HOUR_MS;

use self::outcomes::{LevelOutcomes, Plan, SKILLS, play_ms};
use self::record::Record;
use self::rules::Rules;

pub use self::player::Kind;
pub use self::record::Step;
pub use self::report::{
    Against, Asked, HourFigures, KindFigures, LevelFigures, LimitFigures, RefusalFigures, Report, Simulated,
    SkillFigures, Spread,
};

/// With a limit switched off, one day is simulated for so many with all limits.
const RUNS_A_LIMIT_RUN: u32 = 10;
/// How often a fair bot plays each level to learn what an hour earns, and how many such hours are tried.
const HOUR_ROUNDS: u32 = 8;
/// See [`HOUR_ROUNDS`].
const HOURS: u32 = 5;

/// What is simulated of a catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What all chance comes from.
    pub seed: u64,
    /// How many rounds of each game are played, at least.
    pub rounds: u32,
    /// How many days are simulated; at least 1.
    pub runs: u32,
    /// How many players come on a day.
    pub players: u32,
    /// The campaign that pays them: one of the catalog.
    pub campaign: String,
    /// What the operator has stopped, as in the configuration.
    pub stopped: BTreeSet<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            rounds: 10_000,
            runs: 200,
            players: 200,
            campaign: DEFAULT_CAMPAIGN.to_owned(),
            stopped: BTreeSet::new(),
        }
    }
}

impl Settings {
    /// These settings, as a report tells them.
    pub fn asked(&self) -> Asked {
        let Self { seed, rounds, runs, players, campaign, stopped: _ } = self;
        Asked {
            seed: *seed,
            rounds: *rounds,
            runs: *runs,
            limit_runs: self.limit_runs(),
            players: *players,
            campaign: campaign.clone(),
        }
    }

    fn limit_runs(&self) -> u32 {
        self.runs.div_ceil(RUNS_A_LIMIT_RUN)
    }
}

/// Simulates a catalog.
pub fn simulate(catalog: &Catalog, settings: &Settings) -> Simulated {
    let outcomes = outcomes::of_games(catalog, settings.seed, settings.rounds);
    let days = days(catalog, &outcomes, settings, settings.runs);
    let limit_runs = settings.limit_runs();
    let some = days.get(..usize::try_from(limit_runs).unwrap_or(usize::MAX)).unwrap_or(&days);
    let limits = limits::ALL.iter().map(|switch| {
        let without = self::days(&switch.without(catalog), &outcomes, settings, limit_runs);
        LimitFigures {
            limit: switch.name,
            paid: paid(some).median,
            paid_without: paid(&without).median,
            hostile: amounts(some, Kind::Hostile).median,
            hostile_without: amounts(&without, Kind::Hostile).median,
        }
    });
    Simulated {
        catalog: catalog.version(),
        asset: catalog.asset.clone(),
        levels: levels_figures(catalog, &outcomes),
        players: Kind::divide(settings.players)
            .map(|(kind, players)| kind_figures(&days, kind, players))
            .into(),
        budget: catalog.campaign(&settings.campaign).map_or(Amount::ZERO, |campaign| campaign.budget),
        hours: (1..=24_u32)
            .zip(0..)
            .map(|(hour, index)| HourFigures { hour, left: left(&days, index) })
            .collect(),
        paid: paid(&days),
        refusals: refusals(&days),
        limits: limits.collect(),
    }
}

/// How a catalog's levels play: what [`simulate`] tells of them, and the rounds alone.
pub fn played(catalog: &Catalog, settings: &Settings) -> Vec<LevelFigures> {
    levels_figures(catalog, &outcomes::of_games(catalog, settings.seed, settings.rounds))
}

/// What an hour typically earns somebody who plays fairly well and has played before, alone on the faucet, in the default
/// campaign: the median of a few hours.
pub fn typical_hour(catalog: &Catalog) -> Amount {
    let settings = Settings::default();
    let outcomes = outcomes::of_levels(catalog, settings.seed, |_| Plan([0, HOUR_ROUNDS, 0]));
    let rules = Rules::new(catalog.clone(), &outcomes, &settings.campaign, settings.stopped);
    let runs: Vec<u32> = (0..HOURS).collect();
    Spread::of(parallel::map(&runs, |run| day::hour_alone(&rules, settings.seed, *run))).median
}

fn days(catalog: &Catalog, outcomes: &[LevelOutcomes], settings: &Settings, runs: u32) -> Vec<Record> {
    let rules = Rules::new(catalog.clone(), outcomes, &settings.campaign, settings.stopped.clone());
    let runs: Vec<u32> = (0..runs).collect();
    parallel::map(&runs, |run| day::play(&rules, settings.seed, *run, settings.players))
}

fn levels_figures(catalog: &Catalog, outcomes: &[LevelOutcomes]) -> Vec<LevelFigures> {
    catalog.levels.iter().zip(outcomes).map(|(level, outcomes)| level_figures(level, outcomes)).collect()
}

fn level_figures(level: &Level, outcomes: &LevelOutcomes) -> LevelFigures {
    let timing = Timing::of(level);
    let skills = SKILLS.map(|skill| {
        let rounds = outcomes.of(skill);
        let count = |stars: u8| {
            u64::try_from(rounds.iter().filter(|round| round.stars == stars).count()).unwrap_or(u64::MAX)
        };
        let (played, stars) =
            (u64::try_from(rounds.len()).unwrap_or(u64::MAX), [count(1), count(2), count(3)]);
        let won = stars.iter().copied().fold(0, u64::saturating_add);
        let turn_ms = match (level.play.pace(), skill) {
            (Pace::Turns, Skill::Random | Skill::Fair) => Kind::Keen.habits().turn_ms,
            (Pace::Turns, Skill::Strong) | (Pace::Clocked, _) => 0,
        };
        SkillFigures {
            skill,
            rounds: played,
            won,
            win_basis_points: won.saturating_mul(10_000).checked_div(played).unwrap_or(0),
            stars,
            length: Spread::of(rounds.iter().map(|round| round.length)),
            time_ms: Spread::of(rounds.iter().map(|round| play_ms(level, &timing, round.length, turn_ms))),
        }
    });
    LevelFigures { id: level.id.clone(), game: level.play.facts().id, skills: skills.into() }
}

fn kind_figures(days: &[Record], kind: Kind, players: u32) -> KindFigures {
    let of = |day: &Record| day.kinds.get(&kind).copied().unwrap_or_default();
    let share = |amount: Amount, times: u64, by: u64| {
        let units =
            u128::from(amount).saturating_mul(u128::from(times)).checked_div(u128::from(by)).unwrap_or(0);
        Amount::try_from(units).unwrap_or(Amount::MAX)
    };
    KindFigures {
        kind,
        players,
        wallets: kind.habits().wallets,
        drip_per_hour: Spread::of(days.iter().map(|day| share(of(day).amount, HOUR_MS, of(day).present_ms))),
        drip_per_day: Spread::of(days.iter().map(|day| share(of(day).amount, 1, u64::from(players)))),
        rounds: Spread::of(days.iter().map(|day| of(day).rounds)),
        won: Spread::of(days.iter().map(|day| of(day).won)),
        drips: Spread::of(days.iter().map(|day| of(day).drips)),
        unpaid: Spread::of(days.iter().map(|day| of(day).unpaid)),
    }
}

/// What is left at the end of an hour, by its place.
fn left(days: &[Record], hour: usize) -> Spread<Amount> {
    Spread::of(days.iter().filter_map(|day| day.left.get(hour).copied()))
}

fn paid(days: &[Record]) -> Spread<Amount> {
    Spread::of(days.iter().map(Record::paid_in_all))
}

fn amounts(days: &[Record], kind: Kind) -> Spread<Amount> {
    Spread::of(days.iter().map(|day| day.kinds.get(&kind).map_or(Amount::ZERO, |record| record.amount)))
}

fn refusals(days: &[Record]) -> Vec<RefusalFigures> {
    let reasons: BTreeSet<_> = days.iter().flat_map(|day| day.refusals.keys()).collect();
    let counts = reasons.into_iter().map(|refused| {
        let per_day = Spread::of(days.iter().map(|day| day.refusals.get(refused).copied().unwrap_or(0)));
        let (step, code, ceiling) = refused.clone();
        RefusalFigures { step, code: code.as_str(), ceiling, per_day }
    });
    // By their names, and not by the place of a code in its list, which a new code moves.
    let named = counts.map(|figures| ((figures.step, figures.code, figures.ceiling.clone()), figures));
    named.collect::<BTreeMap<_, _>>().into_values().collect()
}
