use dripline_shared::amount::Asset;
use dripline_shared::api::AssetBooks;
use dripline_shared::api::overview::{
    PublicationInForce, ServerHealth, Traffic, TrafficCounts, TrafficSeries,
};
use dripline_shared::round::Hash;
use dripline_shared::time::{HOUR_MS, MINUTE_MS};
use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn amount(units: i64) -> Amount {
    Amount::try_from(units).unwrap()
}

fn series(step_ms: u64, claimed: Vec<u64>, refused: Vec<u64>) -> TrafficSeries {
    let zeros = vec![0; claimed.len()];
    let spent = vec![Amount::ZERO; claimed.len()];
    let (opened, finished) = (zeros.clone(), zeros);
    TrafficSeries { step_ms, from_ms: NOW, opened, finished, claimed, refused, spent }
}

/// A faucet with which nothing is the matter.
fn quiet() -> Overview {
    let asset = Asset { code: "DRIP".to_owned(), decimals: 6 };
    let counts = TrafficCounts { claimed: 200, refused: 200, ..TrafficCounts::default() };
    let (total, last_hour) = (counts, counts);
    let (minutes, hours) =
        (series(MINUTE_MS, vec![0], vec![0]), series(HOUR_MS, vec![200; 10], vec![200; 10]));
    Overview {
        server_time_ms: NOW,
        read_at_ms: Some(NOW),
        is_beside_others: false,
        asset: asset.clone(),
        is_play_money: false,
        rounds_open: 0,
        traffic: Traffic { total, last_hour, minutes, hours, refusals: Vec::new() },
        campaigns: vec![CampaignStand {
            id: "default".to_owned(),
            asset: "DRIP".to_owned(),
            budget: amount(1_000),
            spent: amount(799),
            left: amount(201),
            is_running: true,
            is_stopped: false,
        }],
        ceilings: Vec::new(),
        assets: vec![AssetStand {
            books: AssetBooks {
                asset,
                supply: amount(1_000),
                players: amount(300),
                pending: amount(100),
                campaigns: amount(600),
                treasury: Amount::ZERO,
                fees: Amount::ZERO,
                operating: Amount::ZERO,
            },
            owed: amount(400),
            held: Some(amount(400)),
        }],
        rails: vec![RailStand {
            id: "chain".to_owned(),
            kind: None,
            queued: 7,
            oldest_requested_at_ms: None,
            sending: 2,
            batches: 1,
            unknown: 0,
            failures: 2,
            paused: None,
            is_short: false,
            is_in_recovery: false,
            is_stopped: false,
            treasury: None,
        }],
        alerts: Vec::new(),
        publication: PublicationInForce { number: 1, version: Hash([0; 32]), is_pinned: false },
        health: ServerHealth {
            version: String::new(),
            started_at_ms: NOW,
            connections: 0,
            listeners: 0,
            write_queue: 0,
            prove_queue: 0,
            storage_errors: 0,
            log_leaves: None,
            log_head_at_ms: None,
            log_complete_at_ms: None,
            warnings: Vec::new(),
        },
    }
}

/// What is the matter once this is otherwise: kind, subject and text.
fn found(change: impl FnOnce(&mut Overview)) -> Vec<(AlertKind, String, String)> {
    let mut overview = quiet();
    change(&mut overview);
    let found = conditions(&overview, &OfServer::default(), &AlertRules::default());
    found.into_iter().map(|it| (it.kind, it.subject, it.text)).collect()
}

fn one(kind: AlertKind, subject: &str, text: &str) -> Vec<(AlertKind, String, String)> {
    vec![(kind, subject.to_owned(), text.to_owned())]
}

#[test]
fn nothing_is_the_matter_just_below_each_bound() {
    assert_eq!(found(|_| ()), []);
    assert_eq!(found(|overview| overview.assets[0].held = None), []);
    assert_eq!(found(|overview| overview.campaigns[0].budget = Amount::ZERO), []);
}

#[test]
fn a_budget_of_which_four_fifths_are_spent_is_told_with_its_figures() {
    let spend = |overview: &mut Overview| overview.campaigns[0].spent = amount(800);
    let text = "The campaign default has spent 80 % of its budget of DRIP.";
    assert_eq!(found(spend), one(AlertKind::BudgetSpent, "default", text));
    let mut overview = quiet();
    spend(&mut overview);
    let condition = conditions(&overview, &OfServer::default(), &AlertRules::default()).remove(0);
    let expected = [("budget_units", 1_000), ("left_units", 201), ("percent", 80), ("spent_units", 800)];
    assert_eq!(condition.figures, figures(expected));
    let later = AlertRules { budget_percent: 81, ..AlertRules::default() };
    assert_eq!(conditions(&overview, &OfServer::default(), &later), []);
}

#[test]
fn treasuries_that_hold_less_than_is_owed_and_rails_that_are_short_are_told() {
    let text = "The treasuries hold 99 % of the DRIP that players are owed.";
    assert_eq!(
        found(|overview| overview.assets[0].held = Some(amount(399))),
        one(AlertKind::TreasuryLow, "DRIP", text)
    );
    let text = "The treasury of the rail chain has too little for what waits: nothing new is paid.";
    assert_eq!(
        found(|overview| overview.rails[0].is_short = true),
        one(AlertKind::TreasuryLow, "chain", text)
    );
}

#[test]
fn payouts_that_fail_or_are_unknown_are_told() {
    let text = "3 batches of the rail chain have failed one after the other.";
    assert_eq!(
        found(|overview| overview.rails[0].failures = 3),
        one(AlertKind::PayoutsFailing, "chain", text)
    );
    let text = "The chain of the rail chain shows what the store does not: the rail is paused until you have looked.";
    assert_eq!(
        found(|overview| overview.rails[0].is_in_recovery = true),
        one(AlertKind::PayoutsFailing, "chain", text)
    );
    let text = "Of 2 batches of the rail chain it cannot be told what became of them.";
    assert_eq!(
        found(|overview| overview.rails[0].unknown = 2),
        one(AlertKind::PayoutsUnknown, "chain", text)
    );
}

#[test]
fn an_hour_that_is_far_off_the_usual_is_told_but_not_that_less_is_refused() {
    let text = "1000 refusals in the last hour, far more than the usual 200.";
    assert_eq!(
        found(|overview| overview.traffic.last_hour.refused = 1_000),
        one(AlertKind::RefusalsUnusual, "", text)
    );
    assert_eq!(found(|overview| overview.traffic.last_hour.refused = 0), []);
    let text = "40 claims in the last hour, far less than the usual 200.";
    assert_eq!(
        found(|overview| overview.traffic.last_hour.claimed = 40),
        one(AlertKind::ClaimsUnusual, "", text)
    );
}

#[test]
fn the_hours_in_which_the_server_started_and_which_is_not_over_say_nothing_of_the_usual() {
    // Six whole ones have to be left.
    let short = |overview: &mut Overview| {
        overview.traffic.last_hour.claimed = 40;
        overview.traffic.hours = series(HOUR_MS, vec![200; 7], vec![200; 7]);
    };
    assert_eq!(found(short), []);
    for hours in [0, 1, 2] {
        let hours = |overview: &mut Overview| {
            overview.traffic.hours = series(HOUR_MS, vec![1; hours], vec![1; hours]);
        };
        assert_eq!(found(hours), []);
    }
}

#[test]
fn a_server_among_others_tells_its_own_part_by_its_name() {
    let mut overview = quiet();
    overview.traffic.last_hour.refused = 1_000;
    let server = OfServer { name: "server-00ff".to_owned(), unclean_start: Some(NOW) };
    let found = conditions(&overview, &server, &AlertRules::default());
    let told: Vec<_> = found.iter().map(|it| (it.kind, &*it.subject, &*it.text)).collect();
    let unclean =
        "The server started at 2027-01-15T08:00:00.000Z, and before that it had not ended in order.";
    assert_eq!(told[0].1, "server-00ff");
    assert_eq!(told[1], (AlertKind::StartUnclean, "server-00ff", unclean));
}

proptest! {
    #[test]
    fn no_figures_are_too_large_and_no_kind_is_found_twice_for_a_subject(
        spent in 0..=i64::MAX, budget in 0..=i64::MAX, held in 0..=i64::MAX, owed in 0..=i64::MAX,
        unknown in any::<u64>(), failures in any::<u32>(), refused in any::<u64>(),
    ) {
        let mut overview = quiet();
        let campaign = &mut overview.campaigns[0];
        (campaign.spent, campaign.budget) = (amount(spent), amount(budget));
        (overview.assets[0].held, overview.assets[0].owed) = (Some(amount(held)), amount(owed));
        (overview.rails[0].unknown, overview.rails[0].failures) = (unknown, failures);
        overview.traffic.last_hour.refused = refused;
        let found = conditions(&overview, &OfServer::default(), &AlertRules::default());
        let mut subjects: Vec<_> = found.iter().map(|it| (it.kind, it.subject.clone())).collect();
        subjects.sort();
        subjects.dedup();
        prop_assert_eq!(subjects.len(), found.len());
        let is_spent = i128::from(spent) * 100 >= i128::from(budget) * 80 && budget > 0;
        prop_assert_eq!(found.iter().any(|it| it.kind == AlertKind::BudgetSpent), is_spent);
        let is_low = owed > 0 && i128::from(held) < i128::from(owed);
        prop_assert_eq!(found.iter().any(|it| it.kind == AlertKind::TreasuryLow), is_low);
    }
}
