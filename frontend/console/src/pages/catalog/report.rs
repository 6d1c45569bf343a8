//! What a simulation found, as the server tells it: what of `docs/simulate.md` is shown here.

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::json::{FromJson, Json, ToJson, fill_field, put_field};
use dripline_shared::json_object;

/// A simulation of a catalog, and of the one in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// What was asked for.
    pub(crate) settings: Asked,
    /// What came out.
    pub(crate) simulated: Simulated,
    /// What came out of the catalog in force.
    pub(crate) against: Option<Against>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// What all chance comes from.
    pub(crate) seed: u64,
    /// Rounds of each game, at least.
    pub(crate) rounds: u32,
    /// Days.
    pub(crate) runs: u32,
    /// Players on each day.
    pub(crate) players: u32,
}

/// The catalog in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Against {
    /// What came out of it.
    pub(crate) simulated: Simulated,
}

/// What came out of a catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Simulated {
    /// What it pays.
    pub(crate) asset: Asset,
    /// How its levels play.
    pub(crate) levels: Vec<Level>,
    /// What players of each kind earn.
    pub(crate) players: Vec<OfKind>,
    /// What is left of the budget at the end of each hour.
    pub(crate) hours: Vec<Hour>,
    /// What is paid in a day.
    pub(crate) paid: Spread<Amount>,
    /// What each limit does.
    pub(crate) limits: Vec<OfLimit>,
}

/// The middle of what there was, and what a twentieth was below and above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spread<T> {
    /// The 5th percentile.
    pub(crate) p5: T,
    /// The median.
    pub(crate) median: T,
    /// The 95th percentile.
    pub(crate) p95: T,
}

/// A level, as bots found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Level {
    /// Its id.
    pub(crate) id: String,
    /// By how well it is played.
    pub(crate) skills: Vec<OfSkill>,
}

/// A level, as bots of one skill found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OfSkill {
    /// How well they play.
    pub(crate) skill: String,
    /// How often they win, in ten-thousandths.
    pub(crate) win_basis_points: u64,
    /// How long it takes, in milliseconds.
    pub(crate) time_ms: Spread<u64>,
}

/// The players of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OfKind {
    /// Which.
    pub(crate) kind: String,
    /// What one earns in an hour.
    pub(crate) drip_per_hour: Spread<Amount>,
    /// What one earns in a day.
    pub(crate) drip_per_day: Spread<Amount>,
}

/// An hour of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hour {
    /// Which ends, from 1 to 24.
    pub(crate) hour: u32,
    /// What is left of the budget then.
    pub(crate) left: Spread<Amount>,
}

/// A limit, switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OfLimit {
    /// The setting.
    pub(crate) limit: String,
    /// What is paid in a day with it.
    pub(crate) paid: Amount,
    /// What would be paid without it.
    pub(crate) paid_without: Amount,
    /// What hostile players get in a day with it.
    pub(crate) hostile: Amount,
    /// What they would get without it.
    pub(crate) hostile_without: Amount,
}

json_object!(Report { settings, simulated, against });
json_object!(Asked { seed, rounds, runs, players });
json_object!(Against { simulated });
json_object!(Simulated { asset, levels, players, hours, paid, limits });
json_object!(Level { id, skills });
json_object!(OfSkill { skill, win_basis_points, time_ms });
json_object!(OfKind { kind, drip_per_hour, drip_per_day });
json_object!(Hour { hour, left });
json_object!(OfLimit { limit, paid, paid_without, hostile, hostile_without });

impl<T: FromJson> FromJson for Spread<T> {
    const BLANK: Self = Self { p5: T::BLANK, median: T::BLANK, p95: T::BLANK };

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        fill_field(&mut self.p5, json, "p5")
            & fill_field(&mut self.median, json, "median")
            & fill_field(&mut self.p95, json, "p95")
    }
}

impl<T: ToJson> ToJson for Spread<T> {
    fn to_json<J: Json>(&self) -> J {
        let mut object = J::object();
        put_field(&mut object, "p5", &self.p5);
        put_field(&mut object, "median", &self.median);
        put_field(&mut object, "p95", &self.p95);
        object
    }
}
