//! A store that holds many wallets: the program serves players old and new from it, and keeps little of it in memory.

use std::env;
use std::net::SocketAddr;

use dripline_server::store::sqlite::MAIN_FILE;
use dripline_shared::api::{HistoryPage, Receipt, WalletView};
use dripline_shared::wallet::Wallet;
use dripline_tests::clock::RealClock;
use dripline_tests::faucet::ORIGIN;
use dripline_tests::fill::fill;
use dripline_tests::levels::{self, QUICK};
use dripline_tests::player::{Player, catalog, send, win};
use dripline_tests::program::Installation;
use dripline_tests::request;
use dripline_tests::wire::Connection;
use rusqlite::{Connection as Store, OpenFlags};
use tokio::task::JoinSet;

/// New players.
const PLAYERS: u64 = 40;
/// Wallets of long ago that are looked at.
const LOOKED_AT: u32 = 200;

/// Wallets in the store; fifty times as many with `DRIPLINE_LONG`.
fn wallets() -> u32 {
    if env::var_os("DRIPLINE_LONG").is_some() { 1_000_000 } else { 20_000 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_store_is_served_in_little_memory() {
    let installation = Installation::new(&levels::quick());
    installation.serve(None, &[]).stop();
    fill(&installation.data(), wallets());
    let old = some_wallets(&installation);

    let program = installation.serve(None, &[]);
    let idle = program.memory_kib("VmRSS");
    assert!(idle < 40_000, "idle: {idle} KiB");
    for wallet in old {
        let mut wire = Connection::to(program.address);
        let view: WalletView = send(&mut wire, request::wallet(wallet)).await.expect();
        let history: HistoryPage = send(&mut wire, request::history(wallet, None)).await.expect();
        assert_eq!((view.balance.units(), view.drips, history.entries.len()), (1_000, 1, 1));
    }
    let mut players = JoinSet::new();
    for number in 0..PLAYERS {
        players.spawn(earn(program.address, number));
    }
    while let Some(player) = players.join_next().await {
        player.expect("every player is paid");
    }
    let most = program.memory_kib("VmHWM");
    println!("with {} wallets: idle {idle} KiB, at most {most} KiB", wallets());
    assert!(most < 80_000, "at most {most} KiB");
    program.stop();
}

/// Wallets spread over the whole store.
fn some_wallets(installation: &Installation) -> Vec<Wallet> {
    let path = installation.data().join(MAIN_FILE);
    let store = Store::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the store is there");
    let mut statement =
        store.prepare("SELECT key FROM wallets WHERE id % ?1 = 0").expect("the table is as it was");
    let keys = statement.query_map([wallets() / LOOKED_AT], |row| row.get(0).map(Wallet)).expect("keys");
    keys.map(|wallet| wallet.expect("a key of 32 bytes")).collect()
}

/// A new player wins a round and is paid once.
async fn earn(address: SocketAddr, number: u64) {
    let (mut wire, clock, player) = (Connection::to(address), RealClock::new(), Player::number(number));
    let catalog = catalog(&mut wire).await;
    let play = win(&mut wire, &clock, &catalog, &player, QUICK, number * 1_000).await;
    let claim = play.claim(&player, ORIGIN, catalog.faucet);
    let receipt: Receipt = send(&mut wire, request::claim(&claim)).await.expect();
    let view: WalletView = send(&mut wire, request::wallet(player.wallet)).await.expect();
    assert_eq!((view.balance, view.drips), (receipt.amount, 1));
}
