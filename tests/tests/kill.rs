//! `kill -9` under load: whatever the server acknowledged is there afterwards, exactly once, and the ledger is sound.
//!
//! Players play quick rounds over and over and note every receipt. The server is killed in the midst of it and started
//! again on the same data; players send what was not answered again, byte for byte, as a page does.

use std::collections::BTreeMap;
use std::env;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dripline_shared::api::{CatalogView, HistoryEntry, HistoryPage, Receipt, WalletView};
use dripline_shared::error::Code;
use dripline_shared::game::{Skill, Status};
use dripline_shared::round::RoundId;
use dripline_tests::answer::Answer;
use dripline_tests::clock::{Clock, RealClock};
use dripline_tests::faucet::ORIGIN;
use dripline_tests::levels::{self, QUICK};
use dripline_tests::play::Play;
use dripline_tests::player::{Player, catalog, client_id, send};
use dripline_tests::program::Installation;
use dripline_tests::request::{self, Message};
use dripline_tests::wire::{Connection, Wire};
use tokio::task::JoinSet;

/// Players at once.
const PLAYERS: u64 = 48;
/// How many answers must have come between two kills.
const ANSWERS: u64 = 200;

/// What all players share.
struct Crowd {
    catalog: CatalogView,
    address: SocketAddr,
    /// Answers of the server, of any kind.
    answers: AtomicU64,
    /// Receipts that were received, by round.
    receipts: Mutex<BTreeMap<RoundId, Receipt>>,
    over: AtomicBool,
}

/// A player's connection that tries again until there is an answer, as a page does.
struct Stubborn {
    connection: Connection,
    crowd: Arc<Crowd>,
}

impl Stubborn {
    /// Sends until answered; `None` once the test is over.
    async fn send(&mut self, make: impl Fn() -> Message) -> Option<Answer> {
        while !self.crowd.over.load(Ordering::Relaxed) {
            match self.connection.send(make()).await {
                Ok(answer) if answer.status.is_server_error() => {}
                Ok(answer) => {
                    self.crowd.answers.fetch_add(1, Ordering::Relaxed);
                    return Some(answer);
                }
                Err(_) => {}
            }
            // The server is down or busy; a page waits as well before it tries again.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }
}

/// Plays rounds until the test is over.
async fn live(crowd: Arc<Crowd>, number: u64) {
    let player = Player::number(number);
    let connection = Connection::to(crowd.address);
    let mut wire = Stubborn { connection, crowd: Arc::clone(&crowd) };
    for round in 0.. {
        if live_one_round(&crowd, &player, &mut wire, number * 1_000_000 + round).await.is_none() {
            return;
        }
    }
}

/// One round; `None` once the test is over.
async fn live_one_round(crowd: &Crowd, player: &Player, wire: &mut Stubborn, number: u64) -> Option<()> {
    let clock = RealClock::new();
    let open = player.open(&crowd.catalog, QUICK, client_id(number), clock.now());
    let answer = wire.send(|| request::open(&open)).await?;
    let mut play = Play::begin(answer.expect(), Skill::Fair, number);
    let (round, token) = (play.opened.round, play.opened.token);
    while let Some(next) = play.next_segment() {
        clock.reach(next.from).await;
        let put = || request::segment(round, token, next.number, next.end, next.bytes.clone());
        let answer = loop {
            let answer = wire.send(put).await?;
            // The machine's clock may differ by a millisecond between two readings of it.
            if answer.code() != Some(Code::SegmentEarly) {
                break answer;
            }
        };
        play.learn(&answer.expect());
    }
    if play.status() != Status::Won {
        let answer = wire.send(|| request::end(round, token)).await?;
        assert!(answer.status.is_success(), "{answer}");
        return Some(());
    }
    let claim = play.claim(player, ORIGIN, crowd.catalog.faucet);
    let receipt: Receipt = wire.send(|| request::claim(&claim)).await?.expect();
    let before = crowd.receipts.lock().unwrap_or_else(PoisonError::into_inner).insert(round, receipt);
    assert!(before.is_none(), "a round is claimed once");
    Some(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_under_load_exactly_once() {
    let kills = if env::var_os("DRIPLINE_LONG").is_some() { 200 } else { 20 };
    let installation = Installation::new(&levels::quick());
    let mut program = installation.serve(None, &[]);
    let address = program.address;
    let catalog = catalog(&mut Connection::to(address)).await;
    let (answers, receipts, over) = (AtomicU64::new(0), Mutex::default(), AtomicBool::new(false));
    let crowd = Arc::new(Crowd { catalog, address, answers, receipts, over });
    let mut players = JoinSet::new();
    for number in 0..PLAYERS {
        players.spawn(live(Arc::clone(&crowd), number));
    }
    for kill in 0..kills {
        let enough = crowd.answers.load(Ordering::Relaxed) + ANSWERS + kill * 7 % 50;
        while crowd.answers.load(Ordering::Relaxed) < enough {
            assert!(players.try_join_next().is_none(), "a player gave up");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        program.kill();
        program = installation.serve(Some(address), &[]);
    }
    crowd.over.store(true, Ordering::Relaxed);
    while let Some(player) = players.join_next().await {
        player.expect("no player was told nonsense");
    }
    let receipts = crowd.receipts.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(receipts.len() >= 100, "only {} claims were acknowledged", receipts.len());
    every_receipt_is_booked_once(&mut Connection::to(address), &receipts).await;
    program.kill();
    let (sound, report) = installation.run(&["ledger", "verify"]);
    assert!(sound, "{report}");
}

/// Compares the receipts with the wallets' histories.
async fn every_receipt_is_booked_once(wire: &mut Connection, receipts: &BTreeMap<RoundId, Receipt>) {
    let mut acknowledged = 0;
    for player in (0..PLAYERS).map(Player::number) {
        let view: WalletView = send(wire, request::wallet(player.wallet)).await.expect();
        let history = whole_history(wire, &player).await;
        let rounds: BTreeMap<RoundId, &HistoryEntry> =
            history.iter().filter_map(|entry| Some((entry.round?, entry))).collect();
        assert_eq!(rounds.len(), history.len(), "every drip is of another round");
        let sum: i64 = history.iter().map(|entry| entry.amount.units()).sum();
        assert_eq!((view.balance.units(), view.drips), (sum, history.len() as u64));
        for receipt in receipts.values().filter(|receipt| receipt.wallet == player.wallet) {
            let entry = rounds.get(&receipt.round).expect("an acknowledged claim is there");
            assert_eq!((entry.amount, entry.balance), (receipt.amount, receipt.balance));
            acknowledged += 1;
        }
    }
    assert_eq!(acknowledged, receipts.len());
}

async fn whole_history(wire: &mut Connection, player: &Player) -> Vec<HistoryEntry> {
    let mut entries = Vec::new();
    let mut before = Some(u64::MAX >> 1);
    while before.is_some() {
        let page: HistoryPage = send(wire, request::history(player.wallet, before)).await.expect();
        entries.extend(page.entries);
        before = page.next_before;
    }
    entries
}
