//! Many requests at once have the effect of one; too many are refused, and nothing falls.

use std::sync::{Arc, Mutex};

use dripline_server::faucet::{Caller, Settings};
use dripline_server::refusal::Refusal;
use dripline_server::store::sqlite::MAIN_FILE;
use dripline_shared::api::{OpenAnswer, OpenRequest, Receipt};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::time::HOUR_MS;

use rusqlite::Connection;

use crate::support::{Directory, Player, World, at_once, sign};

fn caller() -> Caller {
    Caller { prefix: "192.0.2.1".to_owned() }
}

/// Three hundred new players, numbered from `first`, open the first level at once. `notice` is told each answer when it
/// comes.
fn open_at_once(
    world: &World,
    first: u32,
    notice: impl Fn(&Result<OpenAnswer, Refusal>) + Clone + Send + 'static,
) -> Vec<(OpenRequest, Result<OpenAnswer, Refusal>)> {
    let players = (first..first + 300).map(Player::new);
    let requests: Vec<_> = players.map(|player| world.request(&player, world.first_level())).collect();
    at_once(world, requests.len(), |number| {
        let (faucet, request, notice) = (world.faucet.clone(), requests[number].clone(), notice.clone());
        async move {
            let answer = faucet.open(request.clone(), &caller()).await;
            notice(&answer);
            (request, answer)
        }
    })
}

#[test]
fn a_thousand_copies_of_one_claim_give_one_drip_and_a_thousand_equal_receipts() {
    // Far fewer may wait for proving than there are copies: they wait for the first one instead.
    let settings = Settings { prove_queue: 4, ..Settings::new(Catalog::first_run()) };
    let world = World::with(settings);
    let player = Player::new(1);
    let (open, play) = world.win(&player, world.first_level());
    let request = world.claim_request(&player, &open, &play);
    let receipts: Vec<Receipt> = at_once(&world, 1_000, |_| {
        let faucet = world.faucet.clone();
        async move { faucet.claim(request, &caller()).await.unwrap() }
    });
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]));
    let view = world.wallet(&player);
    assert_eq!((view.drips, view.balance), (1, receipts[0].amount));
    assert_eq!(world.faucet.figures().claims, 1);
}

#[test]
fn claims_of_one_round_that_are_not_collapsed_still_give_one_drip() {
    let world = World::new();
    let player = Player::new(1);
    let (open, play) = world.win(&player, world.first_level());
    let request = world.claim_request(&player, &open, &play);
    let results = at_once(&world, 40, |number| {
        let faucet = world.faucet.clone();
        // Every other one carries a signature of its own, which is wrong.
        let mut request = request;
        if number % 2 == 1 {
            request.signature.0[number] ^= 1;
        }
        async move { (number, faucet.claim(request, &caller()).await) }
    });
    for (number, result) in results {
        match result {
            Ok(_) => assert_eq!(number % 2, 0),
            Err(refusal) => {
                assert!(number % 2 == 1 && matches!(refusal.code(), Code::BadSignature | Code::RoundClaimed));
            }
        }
    }
    assert_eq!(world.wallet(&player).drips, 1);
}

#[test]
fn ten_openings_at_once_leave_one_open_round() {
    let world = World::new();
    let player = Player::new(1);
    let requests: Vec<_> = (0..10).map(|_| world.request(&player, world.first_level())).collect();
    let results = at_once(&world, 10, |number| {
        let (faucet, request) = (world.faucet.clone(), requests[number].clone());
        async move { faucet.open(request, &caller()).await }
    });
    let opened: Vec<&OpenAnswer> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    assert_eq!(opened.len(), 1);
    for refusal in results.iter().filter_map(|result| result.as_ref().err()) {
        assert_eq!((refusal.code(), refusal.open_round), (Code::RoundOpen, Some(opened[0].round)));
    }
    let view = world.wallet(&player);
    assert_eq!(view.open_round, Some(opened[0].round));
    assert_eq!(view.attempts_left, world.catalog.limits.attempts.burst - 1);
}

#[test]
fn a_retried_opening_gets_the_same_answer_and_costs_one_attempt() {
    let world = World::new();
    let player = Player::new(1);
    let request = world.request(&player, world.first_level());
    let answers: Vec<OpenAnswer> = at_once(&world, 20, |_| {
        let (faucet, request) = (world.faucet.clone(), request.clone());
        async move { faucet.open(request, &caller()).await.unwrap() }
    });
    let again = world.try_open(request).unwrap();
    assert!(answers.iter().all(|answer| *answer == again));
    assert_eq!(world.wallet(&player).attempts_left, world.catalog.limits.attempts.burst - 1);
    assert_eq!(world.faucet.figures().rounds_opened, 1);
}

#[test]
fn a_retried_opening_that_abandons_abandons_once() {
    let world = World::new();
    let player = Player::new(1);
    let first = world.open(&player, world.first_level());
    let mut request = world.request(&player, world.first_level());
    request.abandon = Some(first.round);
    let request = sign(&player, request);
    let answers: Vec<OpenAnswer> = at_once(&world, 20, |_| {
        let (faucet, request) = (world.faucet.clone(), request.clone());
        async move { faucet.open(request, &caller()).await.unwrap() }
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(world.wallet(&player).open_round, Some(answers[0].round));
}

#[test]
fn one_segment_sent_many_times_at_once_is_stored_once() {
    let world = World::new();
    let open = world.open(&Player::new(1), world.first_level());
    world.wait_until(open.timing.arrival(open.opened_at_ms, open.timing.segment_length).0);
    let answers = at_once(&world, 50, |_| {
        let faucet = world.faucet.clone();
        async move { faucet.segment(open.round, Some(open.token), 0, None, vec![]).await.unwrap() }
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(world.faucet.figures().segments, 1);
}

#[test]
fn beyond_the_bound_requests_are_told_to_come_back_and_those_that_pass_are_served() {
    let settings = Settings { prove_threads: 1, prove_queue: 2, ..Settings::new(Catalog::first_run()) };
    let world = World::with(settings);
    let (mut served, mut refused) = (0, 0);
    // One crowd is enough, unless the machine has its one prover keep pace with it.
    while refused == 0 && served < 3_000 {
        for (_, result) in open_at_once(&world, served, |_| ()) {
            let Err(refusal) = result else {
                served += 1;
                continue;
            };
            assert_eq!(refusal.code(), Code::Overloaded);
            assert!(refusal.retry_after_ms.is_some());
            refused += 1;
        }
    }
    assert!(served > 0 && refused > 0, "{served} were served and {refused} refused");
    assert_eq!(world.faucet.figures().rounds_opened, u64::from(served));
    world.runtime.block_on(world.faucet.ready()).unwrap();
}

#[test]
fn a_crowd_that_asks_whether_it_is_ready_takes_one_place_of_the_writers_queue() {
    let settings = Settings { write_queue: 1, ..Settings::new(Catalog::first_run()) };
    let world = World::with(settings);
    for _ in 0..20 {
        let answers = at_once(&world, 300, |_| {
            let faucet = world.faucet.clone();
            async move { faucet.ready().await }
        });
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }
}

#[test]
fn a_writer_that_is_behind_refuses_and_loses_nothing_that_it_took() {
    let directory = Directory::new();
    let settings = Settings {
        data: Some(directory.path().to_owned()),
        write_queue: 1,
        write_batch: 2,
        ..Settings::new(Catalog::first_run())
    };
    let world = World::with(settings);
    // Until the first one is refused, somebody else holds the store, and the writer waits.
    let holder = Connection::open(directory.path().join(MAIN_FILE)).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let holder = Arc::new(Mutex::new(Some(holder)));
    let results = open_at_once(&world, 0, move |result| {
        if result.is_err() {
            holder.lock().unwrap().take();
        }
    });
    let mut refused = 0;
    for (request, result) in results {
        let again = world.try_open(request).unwrap();
        match result {
            Ok(answer) => assert_eq!(again, answer),
            Err(refusal) => {
                assert_eq!(refusal.code(), Code::Overloaded);
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
    assert_eq!(world.faucet.figures().rounds_opened, 300);
}

#[test]
fn claims_of_many_wallets_at_once_are_all_paid_and_the_ledger_adds_up() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let requests: Vec<_> = (0..60)
        .map(|number| {
            let player = Player::new(number);
            let (open, play) = world.win(&player, world.first_level());
            world.claim_request(&player, &open, &play)
        })
        .collect();
    let receipts = at_once(&world, requests.len(), |number| {
        let (faucet, request) = (world.faucet.clone(), requests[number]);
        async move { faucet.claim(request, &Caller { prefix: format!("192.0.2.{number}") }).await.unwrap() }
    });
    assert_eq!(receipts.len(), 60);
    world.wait(HOUR_MS);
    let figures = world.faucet.figures();
    assert_eq!(figures.claims, 60);
    assert!(figures.batches <= figures.batched);
    world.shutdown();
    let report = dripline_server::ledger::verify_ledger(directory.path(), &[]).unwrap();
    assert_eq!((report.claims, report.findings), (60, vec![]));
}
