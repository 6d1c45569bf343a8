//! What holds of every simulation.

use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::time::HOUR_MS;

use super::*;

fn small() -> Settings {
    Settings { rounds: 60, runs: 3, players: 12, ..Settings::default() }
}

fn report(catalog: &Catalog, settings: &Settings) -> Report {
    Report { settings: settings.asked(), simulated: simulate(catalog, settings), against: None }
}

#[test]
fn two_runs_with_one_seed_are_the_same_byte_for_byte_and_another_seed_is_not() {
    let catalog = Catalog::first_run();
    let json = |settings: &Settings| serde_json::to_string(&report(&catalog, settings)).unwrap();
    let once = json(&small());
    assert_eq!(json(&small()), once);
    assert_ne!(json(&Settings { seed: 2, ..small() }), once);
    assert_eq!(report(&catalog, &small()).to_string(), report(&catalog, &small()).to_string());
}

#[test]
fn every_kind_of_player_plays_and_is_paid_and_stronger_play_wins_more() {
    let simulated = simulate(&Catalog::first_run(), &small());
    for kind in &simulated.players {
        assert!(kind.rounds.median > 0 && kind.drips.median > 0, "{kind:?}");
        assert!(kind.drip_per_day.median > Amount::ZERO, "{kind:?}");
    }
    let won = |skill: usize| -> u64 {
        let figures = simulated.levels.iter().map(|level| level.skills[skill]);
        figures.map(|figures| figures.win_basis_points).sum()
    };
    assert!(won(0) < won(1) && won(1) < won(2));
    assert_eq!(simulated.hours.len(), 24);
    assert!(simulated.hours.is_sorted_by(|one, next| one.left.median >= next.left.median));
}

#[test]
fn a_hostile_player_gains_by_each_limit_that_holds_it_when_that_is_lifted() {
    let simulated = simulate(&Catalog::first_run(), &small());
    let of = |name: &str| simulated.limits.iter().find(|limit| limit.limit == name).unwrap();
    assert!(of("limits.drips").hostile_without > of("limits.drips").hostile);
    assert_eq!(of("campaigns.budget").hostile_without, of("campaigns.budget").hostile);
    let codes: Vec<&str> = simulated.refusals.iter().map(|refusal| refusal.code).collect();
    assert!(codes.contains(&"drips_used_up"), "{codes:?}");
}

#[test]
fn a_budget_that_is_spent_pays_nobody_and_is_told() {
    let mut catalog = Catalog::first_run();
    catalog.campaigns[0].budget = Amount::from_units(50_000);
    let simulated = simulate(&catalog, &small());
    assert!(simulated.paid.p95 <= Amount::from_units(50_000));
    let told = simulated.refusals.iter().any(|refusal| refusal.code == "budget_used_up");
    assert!(told, "{:?}", simulated.refusals);
    assert!(simulated.limits.iter().any(|limit| limit.paid_without > limit.paid));
}

#[test]
fn a_table_tells_what_only_the_other_catalog_refuses() {
    let catalog = Catalog::first_run();
    let mut poor = catalog.clone();
    poor.campaigns[0].budget = Amount::from_units(50_000);
    let against = |simulated| Some(Against { differences: Vec::new(), simulated });
    let (rich, poor) = (simulate(&catalog, &small()), simulate(&poor, &small()));
    assert!(rich.refusals.iter().all(|refusal| refusal.code != "budget_used_up"));
    for (simulated, other) in [(&rich, &poor), (&poor, &rich)] {
        let report = Report {
            settings: small().asked(),
            simulated: simulated.clone(),
            against: against(other.clone()),
        };
        let text = report.to_string();
        let line = text.lines().find(|line| line.starts_with("budget_used_up"));
        assert!(line.is_some_and(|line| line.contains("0 [0..0]") && line.contains('(')), "{text}");
    }
}

#[test]
fn what_is_stopped_is_not_played() {
    let stopped = ["catch", "pipes", "merge"].map(str::to_owned).into();
    let simulated = simulate(&Catalog::first_run(), &Settings { stopped, ..small() });
    assert_eq!(simulated.paid.p95, Amount::ZERO);
    assert!(simulated.players.iter().all(|kind| kind.rounds.p95 == 0));
}

#[test]
fn a_typical_hour_is_the_same_every_time_and_follows_what_levels_pay() {
    let catalog = Catalog::first_run();
    let hour = typical_hour(&catalog);
    assert_eq!(typical_hour(&catalog), hour);
    assert!(hour > Amount::ZERO);
    assert!(hour <= catalog.limits.outflow_per_prefix.ceiling);
    let mut cheaper = catalog.clone();
    for level in &mut cheaper.levels {
        level.base = Amount::ZERO;
    }
    assert_eq!(typical_hour(&cheaper), Amount::ZERO);
    let mut rarer = catalog;
    for level in &mut rarer.levels {
        level.cooldown_ms = HOUR_MS;
    }
    let once_each = typical_hour(&rarer);
    assert!(once_each > Amount::ZERO && once_each < hour);
}
