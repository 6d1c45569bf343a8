//! Catalogs for tests: limits that do not stand in the way, and levels that are over in moments.

use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::game::merge;
use dripline_shared::level::{Level, Unlock};
use dripline_shared::limit::{CountLimit, MoneyLimit};
use dripline_shared::time::{HOUR_MS, SECOND_MS};

/// The id of the level that is over in moments.
pub const QUICK: &str = "quick";
/// The id of the level that nobody wins: it ends after eight turns.
pub const HOPELESS: &str = "hopeless";

/// A first run's catalog with every level unlocked, no cooldown, and limits so high that no test reaches them.
///
/// # Panics
/// Never: the amounts fit.
pub fn generous() -> Catalog {
    let mut catalog = Catalog::first_run();
    for level in &mut catalog.levels {
        level.unlock = Unlock::Open;
        level.cooldown_ms = 0;
    }
    let many = CountLimit { burst: 1_000_000, every_ms: 1 };
    let plenty = Amount::try_from(1_i64 << 60).expect("not negative");
    let wide = MoneyLimit { ceiling: plenty, window_ms: HOUR_MS };
    let less = MoneyLimit { ceiling: Amount::try_from(1_i64 << 59).expect("not negative"), ..wide };
    let limits = &mut catalog.limits;
    (limits.attempts, limits.opens_per_prefix, limits.drips) = (many, many, many);
    (limits.outflow_per_prefix, limits.outflow_newcomers, limits.outflow) = (wide, less, wide);
    // Tests add campaigns, and all budgets have to fit into the books together.
    let budget = Amount::try_from(1_i64 << 57).expect("not negative");
    for campaign in &mut catalog.campaigns {
        (campaign.budget, campaign.outflow) = (budget, wide);
    }
    catalog
}

/// [`generous`], a level of Merge that a bot wins in about ten turns of 20 ms, and one that nobody wins.
pub fn quick() -> Catalog {
    let mut catalog = generous();
    let model = catalog.levels[0].clone();
    let level = |id: &str, goal, turns| Level {
        id: id.to_owned(),
        name: id.to_owned(),
        play: merge::Params { goal, turns, fours_per_mille: 1_000, stones: Vec::new(), rust_every: 0 }.into(),
        stars: [1, 1_000_000],
        base: Amount::from_units(1_000),
        turn_ms_min: 20,
        think_ms_max: 60 * SECOND_MS,
        ..model.clone()
    };
    catalog.levels.extend([level(QUICK, 16, 40), level(HOPELESS, 2_048, 8)]);
    catalog
}
