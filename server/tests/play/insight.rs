//! What an operator is shown of a faucet at work: the figures, and the dashboard and the alerts that name them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use dripline_server::faucet::{Operator, Settings};
use dripline_server::http::{Options, router};
use dripline_server::payout::{AssetSettings, FAILURES_MAX, RailDriver, RailSettings};
use dripline_server::telemetry::Metrics;
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::catalog::Catalog;
use dripline_shared::limit::MoneyLimit;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use tower::ServiceExt;

use crate::support::chain::{Chain, FUNDED, Fault};
use crate::support::{Player, World, test_edge};

/// What can be paid out in an hour: a quarter of it at once.
pub(crate) const CEILING: Amount = Amount::from_units(80_000);

/// A faucet that pays by this chain.
pub(crate) fn world(chain: &Chain) -> World {
    let asset = AssetSettings {
        threshold: Amount::from_units(100),
        fee: Amount::from_units(50),
        outflow: Some(MoneyLimit { ceiling: CEILING, window_ms: HOUR_MS }),
        dormant_after_ms: None,
        approve_above: None,
    };
    let rail = RailSettings {
        driver: RailDriver::Sandbox,
        assets: BTreeMap::from([("DRIP".to_owned(), asset)]),
        address_wait_ms: MINUTE_MS,
        failures_max: FAILURES_MAX,
    };
    let mut settings = Settings::new(Catalog::first_run());
    settings.rails = Some(BTreeMap::from([("chain".to_owned(), rail)]));
    settings.drivers.insert("chain".to_owned(), Arc::new(chain.clone()));
    World::with(settings)
}

/// All metrics, once everything was looked at anew.
fn exposition(world: &World) -> String {
    world.wait(10 * SECOND_MS);
    world.runtime.block_on(async {
        world.faucet.sequence().await.unwrap();
        world.faucet.refresh_holdings().await;
        world.faucet.refresh_insight().await.unwrap();
    });
    Metrics::new(world.faucet.clone()).exposition().unwrap()
}

/// All metrics of a server that has answered something.
fn exposition_of_a_server(world: &World) -> String {
    exposition(world);
    let metrics = Metrics::new(world.faucet.clone());
    let edge = test_edge(&Arc::new(AtomicU64::new(world.now().0)), 1);
    let service = router(world.faucet.clone(), Options::new(edge), metrics.clone());
    let request = Request::get("/api/v1/withdrawals/none").body(Body::empty()).unwrap();
    world.runtime.block_on(service.oneshot(request)).unwrap();
    metrics.exposition().unwrap()
}

/// The value of a series, as it is written.
fn value<'a>(text: &'a str, series: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix("dripline_")?.strip_prefix(series)?.strip_prefix(' '))
}

#[track_caller]
fn assert_values(text: &str, expected: &[(&str, i64)]) {
    for (series, expected) in expected {
        assert_eq!(value(text, series), Some(&*expected.to_string()), "{series} in\n{text}");
    }
}

#[test]
fn figures_follow_a_drip_from_the_opened_round_to_the_chain() {
    let chain = Chain::default();
    let world = world(&chain);
    let budget = world.catalog.campaigns[0].budget.units();
    let outflow = world.catalog.limits.outflow;
    assert_values(
        &exposition(&world),
        &[
            ("rounds_opened_total", 0),
            ("campaign_budget_units{campaign=\"default\",asset=\"DRIP\"}", budget),
            ("campaign_left_units{campaign=\"default\",asset=\"DRIP\"}", budget),
            ("ceiling_level_units{ceiling=\"outflow\",asset=\"DRIP\"}", 0),
            ("ceiling_burst_units{ceiling=\"outflow\",asset=\"DRIP\"}", outflow.burst().units()),
            ("ceiling_burst_units{ceiling=\"rail:chain\",asset=\"DRIP\"}", CEILING.units() / 4),
            ("ledger_supply_units{asset=\"DRIP\"}", budget),
            ("asset_units_per_coin{asset=\"DRIP\"}", 1_000_000),
            ("treasury_units{rail=\"chain\",asset=\"DRIP\"}", FUNDED),
            ("withdrawals_queued{rail=\"chain\"}", 0),
            ("withdrawals_for_operators{rail=\"chain\"}", 0),
            ("rail_paused{rail=\"chain\"}", 0),
        ],
    );

    let player = Player::new(1);
    let drip = world.earn(&player, world.first_level()).amount;
    world.withdraw(&player, Amount::from_units(1_000), "alice");
    let requested_at = world.now();
    let text = exposition(&world);
    assert_values(
        &text,
        &[
            ("rounds_opened_total", 1),
            ("rounds_finished_total", 1),
            ("claims_total", 1),
            ("drips_units_total", drip.units()),
            ("campaign_left_units{campaign=\"default\",asset=\"DRIP\"}", budget - drip.units()),
            ("ledger_units{asset=\"DRIP\",by=\"players\"}", drip.units() - 1_000),
            ("ledger_units{asset=\"DRIP\",by=\"pending\"}", 1_000),
            ("withdrawals_queued{rail=\"chain\"}", 1),
            ("withdrawals_sending{rail=\"chain\"}", 0),
        ],
    );
    // Some of it has drained since.
    let level: i64 =
        value(&text, "ceiling_level_units{ceiling=\"outflow\",asset=\"DRIP\"}").unwrap().parse().unwrap();
    assert!((0..=drip.units()).contains(&level), "{level}");
    for (series, at) in [
        ("withdrawals_oldest_timestamp_seconds{rail=\"chain\"}", requested_at),
        ("log_complete_timestamp_seconds", world.now()),
        ("insight_read_timestamp_seconds", world.now()),
    ] {
        let seconds: f64 = value(&text, series).unwrap().parse().unwrap();
        let expected = Duration::from_millis(at.0).as_secs_f64();
        assert!(seconds.total_cmp(&expected).is_eq(), "{series}: {seconds}, and not {expected}");
    }
    // Funding, budget, drip, withdrawal.
    assert_values(&text, &[("log_leaves", 4)]);

    world.pay_step().unwrap();
    assert_values(
        &exposition(&world),
        &[
            ("withdrawals_queued{rail=\"chain\"}", 0),
            ("withdrawals_sending{rail=\"chain\"}", 1),
            ("payout_batches_open{rail=\"chain\"}", 1),
        ],
    );
    world.pay();
    let text = exposition(&world);
    assert_values(
        &text,
        &[
            ("withdrawals_paid_total{rail=\"chain\"}", 1),
            ("payout_batches_ended_total{rail=\"chain\",ending=\"settled\"}", 1),
            ("payout_batches_ended_total{rail=\"chain\",ending=\"failed\"}", 0),
            ("withdrawals_sending{rail=\"chain\"}", 0),
            ("treasury_units{rail=\"chain\",asset=\"DRIP\"}", FUNDED - 950),
            ("ledger_units{asset=\"DRIP\",by=\"fees\"}", 50),
        ],
    );
    assert_eq!(value(&text, "withdrawals_oldest_timestamp_seconds{rail=\"chain\"}"), None);
}

#[test]
fn what_goes_wrong_with_a_payout_shows_and_goes_again() {
    let chain = Chain::default();
    let world = world(&chain);
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    world.withdraw(&player, Amount::from_units(1_000), "alice");
    world.pay_step().unwrap();
    chain.faults([Fault::Refuses]);
    world.pay_step().unwrap_err();
    assert_values(&exposition(&world), &[("payout_failures_total{rail=\"chain\"}", 1)]);
    world.pay_step().unwrap();
    chain.faults([Fault::CannotTell]);
    world.pay_step().unwrap();
    assert_values(&exposition(&world), &[("payout_batches_unknown{rail=\"chain\"}", 1)]);
    world.runtime.block_on(world.faucet.set_pause("chain", Some("a look"))).unwrap();
    assert_values(
        &exposition(&world),
        &[("rail_paused{rail=\"chain\"}", 1), ("rail_in_recovery{rail=\"chain\"}", 0)],
    );
    world.runtime.block_on(world.faucet.set_pause("chain", None)).unwrap();
    world.pay();
    assert_values(
        &exposition(&world),
        &[
            ("payout_batches_unknown{rail=\"chain\"}", 0),
            ("rail_paused{rail=\"chain\"}", 0),
            ("withdrawals_paid_total{rail=\"chain\"}", 1),
        ],
    );
    let why = "recovery: a look";
    world.runtime.block_on(world.faucet.set_pause("chain", Some(why))).unwrap();
    assert_values(&exposition(&world), &[("rail_in_recovery{rail=\"chain\"}", 1)]);
}

/// The names of all series that there are, by what the exposition says of their types.
fn series(exposition: &str) -> BTreeSet<String> {
    let types = exposition.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let endings = |kind: &str| match kind {
        "counter" => &["_total"][..],
        "histogram" => &["_bucket", "_sum", "_count"],
        "info" => &["_info"],
        _ => &[""],
    };
    types.flat_map(|(name, kind)| endings(kind).iter().map(move |ending| format!("{name}{ending}"))).collect()
}

/// The names of our metrics in a text. What ends with a line is none: secrets begin like that.
fn named(text: &str) -> BTreeSet<&str> {
    let is_of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.split(|character| !is_of_name(character))
        .filter(|word| word.starts_with("dripline_") && !word.ends_with('_'))
        .collect()
}

#[test]
fn what_waits_for_an_operator_is_counted_apart_from_the_queue() {
    let world = world(&Chain::default());
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    world.withdraw(&player, Amount::from_units(1_000), "alice");
    let who = Operator { by: By::CommandLine, from: None, session: None };
    let held = world.faucet.set_standing(who, player.wallet, Standing::Held, "a look".to_owned());
    world.runtime.block_on(held).unwrap();
    let values = [
        ("withdrawals_queued{rail=\"chain\"}", 0),
        ("withdrawals_for_operators{rail=\"chain\"}", 1),
        ("ledger_units{asset=\"DRIP\",by=\"pending\"}", 1_000),
    ];
    assert_values(&exposition(&world), &values);
}

#[test]
fn the_dashboard_and_the_alerts_name_what_there_is_and_together_all_of_it() {
    let exposition = exposition_of_a_server(&world(&Chain::default()));
    let series = series(&exposition);
    let dashboard = include_str!("../../../deploy/insight/dashboard.json");
    let alerts = include_str!("../../../deploy/insight/alerts.yml");
    let operating = include_str!("../../../docs/operate.md");
    serde_json::from_str::<serde_json::Value>(dashboard).unwrap();
    for (file, text) in [("dashboard.json", dashboard), ("alerts.yml", alerts), ("operate.md", operating)] {
        let unknown: Vec<_> = named(text).into_iter().filter(|name| !series.contains(*name)).collect();
        assert!(
            !named(text).is_empty() && unknown.is_empty(),
            "{file} names {unknown:?}, not among {series:?}"
        );
    }
    let documented = named(operating);
    let untold: Vec<_> = series
        .iter()
        .filter(|name| !["_sum", "_count"].iter().any(|ending| name.ends_with(ending)))
        .filter(|name| !documented.contains(name.as_str()))
        .collect();
    assert!(untold.is_empty(), "operate.md does not tell of {untold:?}");
}
