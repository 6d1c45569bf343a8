//! A thousand copies of one request at once have the effect of one, over real connections to the real program.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use axum::http::StatusCode;
use dripline_shared::api::{HistoryPage, OpenAnswer, Receipt, WalletView};
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use dripline_shared::time::DAY_MS;
use dripline_tests::answer::Answer;
use dripline_tests::clock::{Clock, RealClock};
use dripline_tests::faucet::ORIGIN;
use dripline_tests::levels::{self, QUICK};
use dripline_tests::player::{Player, catalog, client_id, send, win};
use dripline_tests::program::Installation;
use dripline_tests::request::{self, Message};
use dripline_tests::wire::{Connection, Wire};
use tokio::task::JoinSet;

/// Sends these requests at once, each over a connection of its own.
async fn at_once(address: SocketAddr, requests: Vec<Message>) -> Vec<Answer> {
    let mut tasks = JoinSet::new();
    for request in requests {
        tasks.spawn(async move { Connection::to(address).send(request).await });
    }
    let mut answers = Vec::new();
    while let Some(answer) = tasks.join_next().await {
        answers.push(answer.expect("no panic").expect("an answer"));
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_copies_of_one_claim_give_one_drip_and_a_thousand_equal_answers() {
    let installation = Installation::new(&levels::quick());
    let program = installation.serve(None, &[]);
    let mut wire = Connection::to(program.address);
    let (catalog, clock, player) = (catalog(&mut wire).await, RealClock::new(), Player::number(1));
    let play = win(&mut wire, &clock, &catalog, &player, QUICK, 0).await;
    let claim = play.claim(&player, ORIGIN, catalog.faucet);

    let answers = at_once(program.address, (0..1_000).map(|_| request::claim(&claim)).collect()).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    let distinct: BTreeSet<&[u8]> = answers.iter().map(|answer| &answer.body[..]).collect();
    assert_eq!(distinct.len(), 1, "byte for byte the same");
    let receipt: Receipt = answers[0].expect();
    let view: WalletView = send(&mut wire, request::wallet(player.wallet)).await.expect();
    assert_eq!((view.balance, view.drips), (receipt.amount, 1));
    let history: HistoryPage = send(&mut wire, request::history(player.wallet, None)).await.expect();
    assert_eq!(history.entries.len(), 1);
    program.kill();
    let (sound, report) = installation.run(&["ledger", "verify"]);
    assert!(sound, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_openings_at_once_leave_one_open_round_and_a_retried_one_costs_one_attempt() {
    let mut few = levels::quick();
    few.limits.attempts = CountLimit { burst: 40, every_ms: DAY_MS };
    let installation = Installation::new(&few);
    let program = installation.serve(None, &[]);
    let mut wire = Connection::to(program.address);
    let (catalog, clock, player) = (catalog(&mut wire).await, RealClock::new(), Player::number(2));

    let different = (0..10).map(|number| player.open(&catalog, QUICK, client_id(number), clock.now()));
    let answers = at_once(program.address, different.map(|open| request::open(&open)).collect()).await;
    let opened: Vec<&Answer> = answers.iter().filter(|answer| answer.status.is_success()).collect();
    assert_eq!(opened.len(), 1);
    let refused = answers.iter().filter(|answer| answer.code() == Some(Code::RoundOpen)).count();
    assert_eq!(refused, 9);
    let first: OpenAnswer = opened[0].expect();
    let view: WalletView = send(&mut wire, request::wallet(player.wallet)).await.expect();
    assert_eq!((view.open_round, view.attempts_left), (Some(first.round), 39));

    let other = Player::number(3);
    let open = other.open(&catalog, QUICK, client_id(100), clock.now());
    let answers = at_once(program.address, (0..100).map(|_| request::open(&open)).collect()).await;
    let rounds: BTreeSet<_> = answers.iter().map(|answer| answer.expect::<OpenAnswer>().round).collect();
    assert_eq!(rounds.len(), 1);
    let view: WalletView = send(&mut wire, request::wallet(other.wallet)).await.expect();
    assert_eq!((view.open_round, view.attempts_left), (rounds.first().copied(), 39));
}
