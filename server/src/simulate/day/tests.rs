//! No simulated day pays what a faucet would not: whatever the limits are, the money adds up and no window lets out more.

use std::collections::{BTreeMap, BTreeSet};

use dripline_shared::catalog::Catalog;
use dripline_shared::limit::{CountLimit, MoneyLimit};
use dripline_shared::time::MINUTE_MS;
use proptest::prelude::*;

use super::*;
use crate::simulate::outcomes::{LevelOutcomes, Played};
use crate::simulate::record::Drip;

/// Rounds of every level that are won half of the time.
fn outcomes(catalog: &Catalog) -> Vec<LevelOutcomes> {
    let round = |stars: u8| Played { stars, score: u32::from(stars) * 10, length: 40 };
    catalog
        .levels
        .iter()
        .map(|_| LevelOutcomes::alike((0..4).map(|number| round(number % 2 * 2)).collect()))
        .collect()
}

/// The most that any window of this length holds of these drips, which are in the order of their time.
fn most_in_a_window(drips: &[&Drip], window_ms: u64) -> (i64, usize) {
    let (mut most, mut most_count, mut from, mut sum) = (0, 0, 0, 0);
    for (until, drip) in drips.iter().enumerate() {
        sum += drip.amount.units();
        while drip.at.since(drips[from].at) >= window_ms {
            sum -= drips[from].amount.units();
            from += 1;
        }
        most = most.max(sum);
        most_count = most_count.max(until + 1 - from);
    }
    (most, most_count)
}

fn holds(name: &str, limit: MoneyLimit, drips: &[&Drip]) -> Result<(), TestCaseError> {
    let (most, _) = most_in_a_window(drips, limit.window_ms);
    prop_assert!(most <= limit.ceiling.units(), "{name}: {most} in a window of {limit:?}");
    Ok(())
}

fn by<K: Ord>(drips: &[Drip], key: impl Fn(&Drip) -> K) -> BTreeMap<K, Vec<&Drip>> {
    let mut groups: BTreeMap<K, Vec<&Drip>> = BTreeMap::new();
    for drip in drips {
        groups.entry(key(drip)).or_default().push(drip);
    }
    groups
}

fn money() -> impl Strategy<Value = MoneyLimit> {
    (100_000_u32..5_000_000, 1..=180_u64).prop_map(|(units, minutes)| MoneyLimit {
        ceiling: Amount::from_units(units),
        window_ms: minutes * MINUTE_MS,
    })
}

fn count() -> impl Strategy<Value = CountLimit> {
    (1..=40_u32, 1..=120_u64).prop_map(|(burst, minutes)| CountLimit { burst, every_ms: minutes * MINUTE_MS })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_day_overspends_its_budget_or_any_ceiling(
        seed: u64,
        players in 3..24_u32,
        budget in 0..8_000_000_u32,
        (prefix, newcomers, all, campaign) in (money(), money(), money(), money()),
        (attempts, drips) in (count(), count()),
    ) {
        let mut catalog = Catalog::first_run();
        catalog.campaigns[0].budget = Amount::from_units(budget);
        catalog.campaigns[0].outflow = campaign;
        catalog.limits.outflow_per_prefix = prefix;
        catalog.limits.outflow_newcomers = newcomers;
        catalog.limits.outflow = all;
        catalog.limits.attempts = attempts;
        catalog.limits.drips = drips;
        let (budget, outcomes) = (catalog.campaigns[0].budget, outcomes(&catalog));
        let rules = Rules::new(catalog, &outcomes, "default", BTreeSet::new());
        let (record, faucet, actors) = whole(&rules, seed, 0, players);

        // The ledger and what was noted agree, and nothing came from nowhere.
        let held: i64 = actors.iter().map(|actor| faucet.balance(actor.wallet).units()).sum();
        prop_assert_eq!(held, record.paid_in_all().units());
        prop_assert_eq!(held + faucet.left().units(), budget.units());
        prop_assert_eq!(record.left.last().copied(), Some(faucet.left()));
        prop_assert!(record.left.is_sorted_by(|one, next| one >= next));

        let every: Vec<&Drip> = record.drips.iter().collect();
        holds("outflow", all, &every)?;
        holds("campaign", campaign, &every)?;
        for of_player in by(&record.drips, |drip| drip.player).values() {
            holds("outflow_per_prefix", prefix, of_player)?;
        }
        let new: BTreeSet<Wallet> = actors.iter().filter(|actor| actor.is_new(&faucet)).map(|actor| actor.wallet).collect();
        let to_new: Vec<&Drip> = every.iter().copied().filter(|drip| new.contains(&drip.wallet)).collect();
        holds("outflow_newcomers", newcomers, &to_new)?;
        for of_wallet in by(&record.drips, |drip| drip.wallet.0).values() {
            let window = drips.every_ms * 10;
            let (_, most) = most_in_a_window(of_wallet, window);
            prop_assert!(most <= drips.burst as usize + 10, "{most} drips in a window of {drips:?}");
        }
    }
}

#[test]
fn a_day_is_played_alike_each_time_and_another_one_otherwise() {
    let catalog = Catalog::first_run();
    let outcomes = outcomes(&catalog);
    let rules = Rules::new(catalog, &outcomes, "default", BTreeSet::new());
    let day = play(&rules, 5, 0, 12);
    assert_eq!(play(&rules, 5, 0, 12), day);
    assert_ne!(play(&rules, 5, 1, 12), day);
    assert!(!day.drips.is_empty());
}
