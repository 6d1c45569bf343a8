//! Any sequence of commands, in batches of any size, gives the same answers and leaves the same state in SQLite and in
//! PostgreSQL as in memory; and whatever the sequence, the ledger adds up and no ceiling is passed.

mod alike;
mod script;
mod step;

use std::sync::Arc;

use dripline_server::in_force::InForce;
use dripline_server::ledger::Verifier;
use dripline_server::refusal::Refusal;
use dripline_server::store::record::Stage;
use dripline_server::store::{Answer, Command, Horizon};
use dripline_server::store::{postgres, sqlite};
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::limit::MoneyLimit;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError};

use crate::bench::{Bench, Directory, START, coin, in_force, tight};
use crate::database::Database;
use alike::assert_alike;
use script::Script;
use step::{Step, step};

/// How much of a withdrawal does not come back.
fn left_for_good(bench: &mut Bench, withdrawal: WithdrawalId) -> i64 {
    let record = bench.reader.withdrawal(withdrawal).unwrap().map(|facts| facts.record);
    record.map_or(0, |record| match record.stage {
        Stage::Paid { .. } => record.amount.units(),
        Stage::Returned { .. } => record.fee.units(),
        Stage::Cancelled { .. } | Stage::Queued | Stage::Held | Stage::Unapproved | Stage::Batched(_) => 0,
    })
}

/// What was paid, and when.
fn drips(answers: &[Result<Answer, Refusal>]) -> Vec<(Timestamp, Amount)> {
    let settled = answers.iter().filter_map(|answer| match answer {
        Ok(Answer::Settled { receipt, new: true }) => Some((receipt.claimed_at_ms, receipt.amount)),
        _ => None,
    });
    settled.collect()
}

fn most_in_an_hour(drips: &[(Timestamp, Amount)]) -> i64 {
    let within = |from: Timestamp| {
        let window = drips.iter().filter(|(at, _)| *at >= from && *at < from.plus(HOUR_MS));
        window.map(|(_, amount)| amount.units()).sum::<i64>()
    };
    drips.iter().map(|(at, _)| within(*at)).max().unwrap_or(0)
}

/// A catalog in force, and a rail that lets little out.
fn paying_little(catalog: Catalog) -> Arc<InForce> {
    let mut in_force = in_force(catalog);
    let rails = &mut Arc::get_mut(&mut in_force).unwrap().rails;
    for asset in rails.values_mut().flat_map(|rail| rail.assets.values_mut()) {
        asset.outflow = Some(PAID_OUT);
        asset.dormant_after_ms = Some(MINUTE_MS);
    }
    in_force
}

/// What that rail lets out.
const PAID_OUT: MoneyLimit = MoneyLimit { ceiling: Amount::from_units(8_000), window_ms: HOUR_MS };

/// A catalog with tight limits, whose campaign may have an hour, a pace, a boost and a share for newcomers.
fn campaign(is_paced: bool) -> Catalog {
    let mut catalog = tight();
    if is_paced {
        let campaign = &mut catalog.campaigns[0];
        (campaign.starts_ms, campaign.ends_ms) = (Some(START), Some(START.plus(HOUR_MS)));
        (campaign.pacing, campaign.boost, campaign.newcomers) = (true, Some(12_000), Some(7_000));
    }
    assert_eq!(catalog.validate(), Ok(()));
    catalog
}

/// Takes the steps in memory and in another store, compares all that can be seen, and has the other's ledger verified.
fn compare(
    steps: &[Step],
    alone: bool,
    other: &mut Bench,
    scan: impl FnOnce(&mut Verifier<'_>),
) -> Result<(), TestCaseError> {
    let in_force = Arc::clone(&other.in_force);
    let mut memory = Bench::memory(&in_force);
    for bench in [&mut memory, &mut *other] {
        bench.store.learn_assets(&[coin()]).unwrap();
    }
    let mut script = Script::new();
    let mut paid = Vec::new();
    let mut batch: Vec<Command> = Vec::new();
    for step in steps.iter().chain([&Step::Wait { duration_ms: 0 }]) {
        batch.extend(script.commands(&memory, step));
        let ends = alone || matches!(step, Step::Wait { .. } | Step::Sweep);
        if ends {
            let answers = memory.apply(&batch);
            prop_assert_eq!(&other.apply(&batch), &answers);
            script.note_drafts(&answers);
            paid.extend(drips(&answers));
            batch.clear();
        }
        if let Step::Wait { duration_ms } = step {
            script.now = script.now.plus(*duration_ms);
        }
        if let Step::Sweep = step {
            let horizon = Horizon {
                now: script.now,
                transcripts_before: script.now.minus(DAY_MS),
                prefixes_before: script.now.minus(HOUR_MS),
                waiting_max: 50_000,
            };
            while other.store.sweep(horizon).unwrap() {}
            while memory.store.sweep(horizon).unwrap() {}
        }
    }
    assert_alike(other, &mut memory, &script);
    let mut verifier = Verifier::new(&in_force.keys);
    scan(&mut verifier);
    let report = verifier.finish();
    prop_assert_eq!(&report.findings, &Vec::<String>::new());
    let total: i64 = paid.iter().map(|(_, amount)| amount.units()).sum();
    // What was paid out is the world's again, and its fees are the faucet's.
    let out: i64 = script.withdrawals.iter().map(|id| left_for_good(other, *id)).sum();
    prop_assert_eq!(report.held.get("DRIP").map_or(0, |held| held.units()), total - out);
    prop_assert!(total <= in_force.catalog.campaigns[0].budget.units());
    prop_assert!(most_in_an_hour(&paid) <= in_force.catalog.campaigns[0].outflow.ceiling.units());
    Ok(())
}

/// More with `DRIPLINE_LONG`.
fn config(cases: u32, long: u32) -> ProptestConfig {
    let cases = if std::env::var_os("DRIPLINE_LONG").is_some() { long } else { cases };
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(48, 1_500))]

    #[test]
    fn sqlite_is_like_memory_and_the_ledger_holds(
        steps in prop::collection::vec(step(), 1..160),
        alone in any::<bool>(),
        is_paced in any::<bool>(),
    ) {
        let directory = Directory::new();
        let mut bench = Bench::sqlite(&paying_little(campaign(is_paced)), &directory);
        compare(&steps, alone, &mut bench, |verifier| {
            sqlite::audit::scan(directory.path(), &[], verifier).unwrap();
        })?;
    }
}

proptest! {
    #![proptest_config(config(16, 300))]

    #[test]
    fn postgresql_is_like_memory_and_the_ledger_holds(
        steps in prop::collection::vec(step(), 1..160),
        alone in any::<bool>(),
        is_paced in any::<bool>(),
    ) {
        let database = Database::new();
        let mut bench = Bench::postgres(&paying_little(campaign(is_paced)), &database);
        compare(&steps, alone, &mut bench, |verifier| {
            postgres::audit::scan(&database.address(), &[], verifier).unwrap();
        })?;
    }
}
