//! What servers on one PostgreSQL have each to itself of budgets and ceilings: claims at one wait for none at another, all
//! of them together overspend nothing, and nothing is lost with a server that is killed.

use dripline_server::store::postgres::PostgresStore;
use dripline_server::store::{Adoption, Answer, Command, Store};
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::limit::MoneyLimit;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::bench::{Bench, START, in_force, round_of, settle};
use crate::database::Database;
use crate::several::{apply_while, count, report, shared_limits, small_drips, two_servers, win};

/// Parts of buckets, and slots by which there are any.
const DIVIDED: &str = "SELECT count(*) FROM slots WHERE parts > 1";
/// What all slices hold.
const SLICED: &str = "SELECT coalesce(sum(balance), 0)::bigint FROM accounts WHERE holder = 'slice'";

/// A catalog with small drips and this budget, whose ceilings nobody meets.
fn with_budget(budget: u32) -> Catalog {
    let mut catalog = small_drips(shared_limits());
    let ceiling =
        |times: u32| MoneyLimit { ceiling: Amount::from_units(times * 1_000_000), window_ms: HOUR_MS };
    catalog.limits.outflow_newcomers = ceiling(10);
    catalog.campaigns[0].outflow = ceiling(11);
    catalog.limits.outflow = ceiling(12);
    catalog.campaigns[0].budget = Amount::from_units(budget);
    catalog
}

/// A catalog with small drips and this budget, whose ceiling for newcomers is just wide enough to be divided in three.
fn with_little_room(budget: u32) -> Catalog {
    let mut catalog = with_budget(budget);
    catalog.limits.outflow_newcomers = MoneyLimit { ceiling: Amount::from_units(52_000), window_ms: HOUR_MS };
    catalog
}

/// A claim of a wallet that opened its round before.
fn claim(bench: &mut Bench, wallet: u8, now: Timestamp) -> Command {
    let open = bench.open(wallet, 1, 0, now);
    bench.one(open).unwrap();
    settle(round_of(wallet, 1, now), wallet, now)
}

/// Has both claim, so that what they share is divided.
fn divided(database: &Database, catalog: Catalog) -> (Bench, Bench) {
    let (mut one, mut other) = two_servers(database, catalog);
    for (bench, wallet) in [(&mut one, 2), (&mut other, 4)] {
        assert_eq!(count(database, DIVIDED), 0);
        let won = win(bench, wallet, 1, START);
        assert!(bench.apply(&won).iter().all(Result::is_ok));
    }
    assert_eq!(count(database, DIVIDED), 2);
    (one, other)
}

#[test]
fn claims_at_one_server_wait_for_none_at_another() {
    let database = Database::new();
    let (mut one, mut other) = divided(&database, with_budget(100_000));
    let now = START.plus(MINUTE_MS);
    let (mine, theirs) = (claim(&mut one, 6, now), claim(&mut other, 8, now));
    let mut paid = None;
    // Between loading the one's facts and writing what it decides: it has all its locks.
    let answers = apply_while(&mut one, &[mine], || paid = Some(other.one(theirs.clone()))).unwrap();
    assert!(matches!(answers[0], Ok(Answer::Settled { new: true, .. })), "{answers:?}");
    assert!(matches!(paid, Some(Ok(Answer::Settled { new: true, .. }))), "{paid:?}");
    assert!(count(&database, SLICED) > 90_000);
    let report = report(&one.in_force, &database);
    assert_eq!((report.findings, report.claims), (Vec::new(), 4));
    // What is told of a campaign is what all have of it together.
    let facts = one.reader.wallet(crate::bench::wallet_of(2)).unwrap();
    let left: i64 = facts.campaigns.values().map(|left| left.units()).sum();
    assert_eq!(left, 100_000 - report.held["DRIP"].units());
}

#[test]
fn what_a_killed_server_had_of_a_budget_is_paid_by_the_others_to_the_last_drip() {
    let database = Database::new();
    let budget = 20_000;
    let (mut one, other) = divided(&database, with_budget(budget));
    drop(other);
    let mut now = START;
    let (mut paid, mut refused) = (0, None);
    for wallet in (6..=250).step_by(2) {
        now = now.plus(1_000);
        let claim = claim(&mut one, wallet, now);
        match one.one(claim) {
            Ok(Answer::Settled { receipt, .. }) => paid += receipt.amount.units(),
            answer => refused = refused.or(Some(answer)),
        }
    }
    assert_eq!(refused.unwrap().unwrap_err().code(), Code::BudgetUsedUp);
    let report = report(&one.in_force, &database);
    let left = i64::from(budget) - report.held["DRIP"].units();
    assert!(paid > 0 && (0..250).contains(&left), "{left} are left");
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!((count(&database, DIVIDED), count(&database, SLICED)), (0, 0));
}

#[test]
fn a_budget_that_is_lowered_gives_back_what_servers_have_of_it() {
    let database = Database::new();
    let (mut one, mut other) = divided(&database, with_budget(100_000));
    let mut catalog = with_budget(1_000);
    catalog.limits.newcomer_ms += 1;
    let lowered = in_force(catalog);
    let adoption = Adoption { catalog: &lowered.catalog, faucet: lowered.faucet, now: START };
    PostgresStore::open(&database.address()).unwrap().adopt(&adoption).unwrap();
    let of_the_campaign = "SELECT balance FROM accounts WHERE holder = 'campaign'";
    let held = report(&one.in_force, &database).held["DRIP"].units();
    assert_eq!((count(&database, SLICED), count(&database, of_the_campaign)), (0, 1_000 - held));
    // Both find out, and pay on from what there is.
    let now = START.plus(MINUTE_MS);
    let (mine, theirs) = (claim(&mut one, 6, now), claim(&mut other, 8, now));
    assert!(one.one(mine).is_ok());
    assert!(other.one(theirs).is_ok());
    assert_eq!(report(&one.in_force, &database).findings, Vec::<String>::new());
}

#[test]
fn servers_that_were_started_anew_take_the_places_of_those_that_are_gone() {
    let database = Database::new();
    drop(divided(&database, with_budget(100_000)));
    let now = START.plus(2 * MINUTE_MS);
    let (mut one, mut other) = two_servers(&database, with_budget(100_000));
    for (bench, wallet) in [(&mut one, 6), (&mut other, 8)] {
        let won = win(bench, wallet, 1, now);
        assert!(bench.apply(&won).iter().all(Result::is_ok));
    }
    assert_eq!((count(&database, DIVIDED), count(&database, "SELECT count(*) FROM slots")), (2, 2));
    let accounts = "SELECT count(*) FROM accounts WHERE holder = 'slice'";
    assert_eq!(count(&database, accounts), 2);
    assert_eq!(report(&one.in_force, &database).findings, Vec::<String>::new());
}

/// More with `DRIPLINE_LONG`.
fn cases() -> u32 {
    if std::env::var_os("DRIPLINE_LONG").is_some() { 60 } else { 4 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whichever server gets a claim, and whenever: no window lets out more than its ceiling, no budget more than there is,
    /// and none is refused for a budget that could pay it.
    #[test]
    fn parts_let_out_together_what_the_whole_would_at_most(
        claims in prop::collection::vec((0..3_usize, prop_oneof![20 => Just(0), 6 => 0..10_000_u64, 1 => 0..20 * MINUTE_MS]), 200..250),
        budget in 20_000..60_000_u32,
    ) {
        let database = Database::new();
        let in_force = in_force(with_little_room(budget));
        let mut servers: Vec<Bench> = (0..3).map(|_| Bench::postgres(&in_force, &database)).collect();
        let (mut now, mut paid, mut was_divided, mut is_met) = (START, Vec::new(), false, false);
        for (wallet, (server, wait_ms)) in (1..=u8::MAX).zip(claims) {
            now = now.plus(wait_ms);
            let bench = &mut servers[server];
            let won = win(bench, wallet, 1, now);
            let left = i64::from(budget) - paid.iter().map(|(_, units)| units).sum::<i64>();
            match bench.apply(&won).pop().unwrap() {
                Ok(Answer::Settled { receipt, .. }) => paid.push((now, receipt.amount.units())),
                Err(refusal) => {
                    let is_for = |code| refusal.reasons.iter().any(|reason| reason.code == code);
                    is_met |= is_for(Code::CeilingReached);
                    prop_assert!(left < 250 || !is_for(Code::BudgetUsedUp), "{left} are left");
                }
                answer => prop_assert!(false, "{answer:?}"),
            }
            was_divided |= count(&database, DIVIDED) > 1;
        }
        prop_assert!(was_divided);
        let total: i64 = paid.iter().map(|(_, units)| units).sum();
        prop_assert!(total <= i64::from(budget));
        // All of them are newcomers.
        let limit = in_force.catalog.limits.outflow_newcomers;
        for (first, (from, _)) in paid.iter().enumerate() {
            let mut units = 0;
            for (to, more) in &paid[first..] {
                units += more;
                let drained = i128::from(limit.ceiling.units() - limit.burst().units())
                    * i128::from(to.since(*from)) / i128::from(limit.window_ms);
                let most = i128::from(limit.burst().units()) + drained;
                prop_assert!(i128::from(units) <= most, "{units} from {from} to {to}, and at most {most}");
            }
        }
        prop_assert!(is_met, "the ceiling was met");
        let report = report(&in_force, &database);
        prop_assert_eq!(report.findings, Vec::<String>::new());
        prop_assert_eq!(report.held["DRIP"].units(), total);
    }

    /// A pace holds however claims go to three servers, and its budget lasts.
    #[test]
    fn parts_of_a_paced_campaign_let_out_together_what_its_pace_would_at_most(
        claims in prop::collection::vec((0..3_usize, prop_oneof![20 => Just(0), 6 => 0..10_000_u64, 1 => 0..5 * MINUTE_MS]), 200..250),
        budget in 400_000..1_000_000_u32,
    ) {
        let database = Database::new();
        let mut catalog = with_budget(budget);
        let campaign = &mut catalog.campaigns[0];
        (campaign.starts_ms, campaign.ends_ms) = (Some(START), Some(START.plus(4 * HOUR_MS)));
        campaign.pacing = true;
        let in_force = in_force(catalog);
        prop_assert_eq!(in_force.catalog.validate(), Ok(()));
        let (campaign, range) = (&in_force.catalog.campaigns[0], in_force.ranges["default"]);
        let mut servers: Vec<Bench> = (0..3).map(|_| Bench::postgres(&in_force, &database)).collect();
        let (mut now, mut paid, mut was_divided) = (START, Vec::<(Timestamp, i64, i64)>::new(), false);
        for (wallet, (server, wait_ms)) in (1..=u8::MAX).zip(claims) {
            now = now.plus(wait_ms);
            let bench = &mut servers[server];
            let won = win(bench, wallet, 1, now);
            let left = i64::from(budget) - paid.iter().map(|(_, units, _)| units).sum::<i64>();
            let left = Amount::try_from(left).unwrap();
            match bench.apply(&won).pop().unwrap() {
                Ok(Answer::Settled { receipt, .. }) => {
                    let pace = campaign.limits(left, range, now).outflow.ceiling.units();
                    paid.push((now, receipt.amount.units(), pace));
                }
                Err(refusal) => {
                    let is_for = |code| refusal.reasons.iter().any(|reason| reason.code == code);
                    prop_assert!(!is_for(Code::BudgetUsedUp), "{left} are left");
                }
                answer => prop_assert!(false, "{answer:?}"),
            }
            was_divided |= count(&database, DIVIDED) > 1;
        }
        prop_assert!(was_divided);
        for (first, (from, ..)) in paid.iter().enumerate() {
            let window = paid[first..].iter().take_while(|(at, ..)| at.since(*from) <= campaign.outflow.window_ms);
            let out: i64 = window.clone().map(|(_, units, _)| units).sum();
            let pace = window.map(|(_, _, pace)| *pace).max().unwrap();
            prop_assert!(out <= pace, "{out} of {pace} from {from}");
        }
        let report = report(&in_force, &database);
        prop_assert_eq!(report.findings, Vec::<String>::new());
    }
}
