//! Two servers on one database that meet at the same thing in the same moment.

use dripline_server::refusal::Refusal;
use dripline_server::store::{Answer, Command, Sequence};
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use dripline_shared::time::HOUR_MS;

use crate::bench::{
    START, batch_of, end, end_batch, failed, keep_candidate, make_batch, round_of, segment, set_pause,
    settle, settled, tight,
};
use crate::database::Database;
use crate::several::{apply_while, at_once, count, no_limits, report, rich, sequence, two_servers, win};

/// That the first one passed, and the second was refused for this reason.
fn assert_one_passed(answers: &[Result<Answer, Refusal>; 2], code: Code) {
    let [first, second] = answers;
    assert!(first.is_ok(), "{first:?}");
    assert_eq!(second.as_ref().unwrap_err().code(), code);
}

#[test]
fn of_what_is_left_of_a_networks_limit_two_servers_take_no_more_than_there_is() {
    let database = Database::new();
    let mut catalog = tight();
    catalog.limits.opens_per_prefix = CountLimit { burst: 2, every_ms: HOUR_MS };
    let (mut one, mut other) = two_servers(&database, catalog);
    // These two wallets are of one network.
    let open = one.open(2, 1, 0, START);
    one.apply(&[open, end(round_of(2, 1, START), START)]);
    let opens = [one.open(2, 2, 0, START), one.open(3, 1, 0, START)];
    assert_one_passed(&at_once(&database, [&mut one, &mut other], opens), Code::OpensUsedUp);
}

#[test]
fn of_what_is_left_of_a_budget_two_servers_take_no_more_than_there_is() {
    let database = Database::new();
    let mut catalog = no_limits();
    catalog.campaigns[0].budget = Amount::from_units(5_000);
    let (mut one, mut other) = two_servers(&database, catalog);
    let won = win(&one, 1, 1, START);
    one.apply(&won);
    let opens = [2, 4].map(|wallet| one.open(wallet, 1, 0, START));
    one.apply(&opens);
    let claims = [2, 4].map(|wallet| settle(round_of(wallet, 1, START), wallet, START));
    assert_one_passed(&at_once(&database, [&mut one, &mut other], claims), Code::BudgetUsedUp);
    assert_eq!(report(&one.in_force, &database).findings, Vec::<String>::new());
}

#[test]
fn of_what_is_left_of_a_balance_two_servers_take_no_more_than_there_is() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, no_limits());
    rich(&mut one, 1);
    let withdrawals = [1, 2].map(|client| one.withdraw(1, client, 2_000, 1, START));
    assert_one_passed(&at_once(&database, [&mut one, &mut other], withdrawals), Code::BalanceTooLow);
    assert_eq!(report(&one.in_force, &database).findings, Vec::<String>::new());
}

#[test]
fn a_withdrawal_is_taken_into_one_batch_though_two_servers_make_one_at_once() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, no_limits());
    rich(&mut one, 1);
    let withdrawal = one.withdraw(1, 1, 2_000, 1, START);
    one.one(withdrawal).unwrap();
    let batches = [make_batch(1, 5, START), make_batch(2, 5, START)];
    let answers = at_once(&database, [&mut one, &mut other], batches);
    assert!(matches!(answers[0], Ok(Answer::Batched { batch: Some(_) })), "{answers:?}");
    assert_eq!(answers[1], Ok(Answer::Batched { batch: None }));
    let batch = batch_of(1, START);
    let endings = [end_batch(batch, settled("paid"), START), end_batch(batch, failed(3, 4, START), START)];
    let answers = at_once(&database, [&mut one, &mut other], endings);
    assert_eq!(answers, [Ok(Answer::BatchEnded { new: true }), Ok(Answer::BatchEnded { new: false })]);
    assert_eq!(report(&one.in_force, &database).findings, Vec::<String>::new());
}

#[test]
fn nothing_is_kept_for_a_rail_that_another_server_pauses_at_once() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, no_limits());
    rich(&mut one, 1);
    let withdrawal = one.withdraw(1, 1, 2_000, 1, START);
    one.one(withdrawal).unwrap();
    one.one(make_batch(1, 5, START)).unwrap();
    let both = [set_pause(Some("a test"), START), keep_candidate(batch_of(1, START), "candidate", START)];
    let answers = at_once(&database, [&mut one, &mut other], both);
    assert_eq!(answers[1], Ok(Answer::Kept { new: false }), "{answers:?}");
    assert_eq!(other.reader.rails().unwrap().len(), 1);
}

#[test]
fn a_round_that_has_its_final_segment_is_not_abandoned_though_another_server_opens_one_at_once() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, Catalog::first_run());
    let open = one.open(1, 1, 0, START);
    one.one(open).unwrap();
    let round = round_of(1, 1, START);
    let later = START.plus(10_000);
    let mut open = one.open(1, 2, 0, later);
    if let Command::Open(open) = &mut open {
        open.request.abandon = Some(round);
    }
    let answers = at_once(&database, [&mut one, &mut other], [segment(round, 0, Some(9), later), open]);
    assert!(matches!(answers[0], Ok(Answer::Stored { new: true, .. })), "{answers:?}");
    assert!(matches!(answers[1], Ok(Answer::Opened { abandoned: false, .. })), "{answers:?}");
    assert!(matches!(one.one(settle(round, 1, later)), Ok(Answer::Settled { new: true, .. })));
}

#[test]
fn a_request_that_two_servers_get_at_once_has_one_effect_and_one_answer() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, tight());
    let [open, claim] = win(&one, 1, 1, START);
    let slower = apply_while(&mut one, std::slice::from_ref(&open), || {
        assert!(matches!(other.one(open.clone()), Ok(Answer::Opened { new: true, .. })));
    });
    assert!(matches!(slower.unwrap()[0], Ok(Answer::Opened { new: false, .. })));
    let Ok(Answer::Settled { receipt, new: true }) = one.one(claim.clone()) else { panic!() };
    assert_eq!(other.one(claim), Ok(Answer::Settled { receipt, new: false }));
    assert_eq!(count(&database, "SELECT count(*) FROM transfers WHERE kind = 'drip'"), 1);
}

#[test]
fn a_segment_that_two_servers_get_at_once_is_the_one_that_came_first() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, Catalog::first_run());
    let open = one.open(1, 1, 0, START);
    one.one(open).unwrap();
    let round = round_of(1, 1, START);
    let later = START.plus(10_000);
    let (mine, theirs) = (segment(round, 0, None, later), segment(round, 0, Some(9), later));
    let slower = apply_while(&mut one, &[mine], || {
        assert!(matches!(other.one(theirs.clone()), Ok(Answer::Stored { new: true, .. })));
    });
    let refused = slower.unwrap().remove(0).unwrap_err();
    assert_eq!(refused.code(), Code::SegmentConflict);
}

#[test]
fn the_log_takes_what_is_committed_after_transfers_with_greater_ids() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, Catalog::first_run());
    rich(&mut one, 1);
    rich(&mut one, 2);
    sequence(&mut one, START);
    let (mine, theirs) = (one.withdraw(1, 1, 200, 1, START), one.withdraw(2, 1, 200, 2, START));
    let answers = apply_while(&mut one, &[mine], || {
        other.one(theirs.clone()).unwrap();
        assert!(!sequence(&mut other, START));
    });
    assert!(answers.unwrap()[0].is_ok());
    let before = other.reader.log_head().unwrap().unwrap().head.size;
    assert!(!sequence(&mut other, START));
    assert_eq!(other.reader.log_head().unwrap().unwrap().head.size, before + 1);
    let last = |leaf| one.reader.log_leaf(leaf).unwrap().unwrap().id;
    let ids: Vec<u64> = [before - 1, before].into_iter().map(last).collect();
    assert!(ids[0] > ids[1], "{ids:?}");
    let report = report(&other.in_force, &database);
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!(report.log.unwrap().leaves, report.transfers);
}

#[test]
fn while_one_server_writes_the_log_another_leaves_it_to_it() {
    let database = Database::new();
    let (mut one, mut other) = two_servers(&database, tight());
    let keys = &one.in_force.keys;
    let faucet = one.in_force.faucet;
    let other = std::cell::RefCell::new(&mut other);
    let sign = |head| {
        assert!(!sequence(&mut other.borrow_mut(), START));
        keys.sign_head(head)
    };
    one.store.sequence(&Sequence { faucet, now: START, most: 1, sign: &sign }).unwrap();
    assert_eq!(one.reader.log_head().unwrap().unwrap().head.size, 1);
}
