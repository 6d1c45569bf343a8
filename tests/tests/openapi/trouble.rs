//! A server in trouble: too much to do, a storage that fails, the end of the process. It says so and changes nothing.

use std::collections::BTreeSet;
use std::path::Path;

use dripline_server::faucet::Settings;
use dripline_server::store::sqlite::{MAIN_FILE, SEGMENTS_FILE};
use dripline_shared::amount::Amount;
use dripline_shared::api::{
    AddressView, OpenAnswer, VerificationAnswer, VoucherLook, WalletView, WithdrawalView,
};
use dripline_shared::error::Code;
use dripline_shared::round::{RoundId, RoundToken};
use dripline_shared::time::MINUTE_MS;
use dripline_tests::clock::Clock;
use dripline_tests::faucet::settings;
use dripline_tests::levels;
use dripline_tests::player::{Player, client_id, send};
use dripline_tests::request::{self, Message};
use rusqlite::Connection;

use crate::delegations;
use crate::moves;
use crate::payouts;
use crate::read_keys;
use crate::recorder::Log;
use crate::script::Stage;
use crate::sites;
use crate::verification;

/// One request of each operation that needs the store, all of them in order but for the trouble.
async fn requests(stage: &mut Stage, player: &Player) -> Vec<Message> {
    let play = stage.win(player, 0).await;
    let claim = play.claim(player, dripline_tests::faucet::ORIGIN, stage.catalog.faucet);
    let other = Player::number(91);
    let opened: OpenAnswer = stage.send(request::open(&stage.open(&other, 5_000))).await.expect();
    stage.faucet.clock.reach(opened.opened_at_ms.plus(5_000)).await;
    let (round, token): (RoundId, RoundToken) = (opened.round, opened.token);
    let third = Player::number(92);
    let rich = Player::number(95);
    let receipt = stage.earn(&rich, 7_000).await;
    stage.faucet.faucet.sequence().await.expect("it is appended");
    let now = stage.faucet.clock.now();
    let set = rich.address(&stage.catalog, "alice", client_id(8_500), now);
    let _: AddressView = stage.send(request::set_address(&set)).await.expect();
    let half = Amount::try_from(receipt.balance.units() / 2).expect("not negative");
    let first = rich.withdrawal(&stage.catalog, half, "alice", client_id(8_600), now);
    let withdrawn: WithdrawalView = stage.send(request::withdraw(&first)).await.expect();
    let asked = read_keys::asked(&rich, stage.catalog.faucet, client_id(8_800), now);
    let (issue, list, revoke) = read_keys::signed(&rich, &asked);
    let browser = Player::number(96);
    let asked = delegations::asked(&rich, stage.catalog.faucet, client_id(8_900), now);
    let (delegate, list_delegations, revoke_delegation) = delegations::signed((&rich, &browser), &asked);
    let move_balance = moves::asked((&rich, &browser), stage.catalog.faucet, client_id(8_950), now, |_| ());
    let key = format!("drip_ro_{}", "0".repeat(64));
    let withdraw = rich.withdrawal(&stage.catalog, half, "alice", client_id(8_700), now);
    let look = VoucherLook { wallet: third.wallet, code: "22222-22222-22222-22222".to_owned() };
    let site = sites::register(&stage.faucet.faucet, "shop").await;
    let cleared = verification::cleared(stage, &Player::number(97), 9_000).await;
    let to_verify = || verification::token(cleared.round, cleared.token, &verification::page());
    let made: VerificationAnswer = stage.send(to_verify()).await.expect();
    vec![
        request::open(&stage.open(&third, 6_000)),
        request::segment(round, token, 0, None, vec![0; 8]),
        request::round(round, token),
        request::end(round, token),
        request::claim(&claim),
        request::wallet(player.wallet),
        request::history(player.wallet, None),
        request::table(player.wallet, ""),
        request::get("/readyz"),
        request::set_address(&set),
        request::withdraw(&withdraw),
        request::withdrawal(withdrawn.id),
        request::withdrawals(rich.wallet),
        read_keys::post(read_keys::PATHS[0], &issue),
        read_keys::post(read_keys::PATHS[1], &list),
        read_keys::post(read_keys::PATHS[2], &revoke),
        read_keys::post(delegations::PATHS[0], &delegate),
        read_keys::post(delegations::PATHS[1], &list_delegations),
        read_keys::post(delegations::PATHS[2], &revoke_delegation),
        read_keys::post(moves::PATH, &move_balance),
        read_keys::get("/api/v1/history", &key),
        read_keys::get("/api/v1/history.csv", &key),
        request::get("/api/v1/rails"),
        request::get("/api/v1/ledger"),
        request::get("/api/v1/campaigns"),
        request::post("/api/v1/vouchers/look", &look),
        request::get("/api/v1/log/head"),
        request::get("/api/v1/log/leaves/0"),
        request::get(&format!("/api/v1/log/inclusion?leaf={}", receipt.log.expect("a promise").leaf)),
        request::get("/api/v1/log/consistency?first=0"),
        sites::statistics("shop", "", &site.statistics_key),
        to_verify(),
        verification::verify(&site.secret, &made.token),
    ]
}

/// Tables without which no operation can be.
const TABLES: [&str; 13] = [
    "accounts",
    "wallets",
    "rounds",
    "transfers",
    "transcripts",
    "withdrawals",
    "rails",
    "read_keys",
    "delegations",
    "log_heads",
    "log_leaves",
    "vouchers",
    "site_days",
];

/// Copies of a request, which cannot be cloned because of its extensions.
fn copy(request: &Message) -> Message {
    let mut copy = axum::http::Request::new(request.body().clone());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}

/// More at once than may wait: the surplus is told so at once, and the rest is served.
pub(crate) async fn overloaded(log: &Log) {
    let narrow = Settings {
        prove_threads: 1,
        readers: 1,
        prove_queue: 1,
        write_queue: 1,
        rails: Some(payouts::rails()),
        ..settings(levels::quick())
    };
    let mut stage = Stage::start(log, narrow).await;
    let player = Player::number(90);
    let requests = requests(&mut stage, &player).await;
    let mut told = BTreeSet::new();
    // However quick the machine, queues of one place overflow when dozens come at once.
    for _ in 0..1_000 {
        let crowd: Vec<_> = (0..requests.len() * 12)
            .map(|number| {
                let index = number % requests.len();
                let (mut wire, request) = (stage.wire.clone(), copy(&requests[index]));
                tokio::spawn(async move { (index, send(&mut wire, request).await.code()) })
            })
            .collect();
        for answer in crowd {
            let (index, code) = answer.await.expect("it is answered");
            if code == Some(Code::Overloaded) {
                told.insert(index);
            }
        }
        if told.len() == requests.len() {
            break;
        }
        // Sums that are kept need nobody's time: these are too old by now.
        let clock = &stage.faucet.clock;
        clock.reach(clock.now().plus(MINUTE_MS)).await;
    }
    assert_eq!(told.len(), requests.len(), "every operation was refused at some time: {told:?}");
    assert!(stage.send(copy(&requests[4])).await.status.is_success());
    let view: WalletView = stage.send(request::wallet(player.wallet)).await.expect();
    assert_eq!(view.drips, 1, "one claim among the crowd was accepted, once");
}

/// While the process ends, nothing is begun any more.
pub(crate) async fn shutting_down(log: &Log) {
    let paying = Settings { rails: Some(payouts::rails()), ..settings(levels::quick()) };
    let mut stage = Stage::start(log, paying).await;
    let player = Player::number(93);
    let requests = requests(&mut stage, &player).await;
    stage.faucet.faucet.clone().shutdown().await;
    for request in requests {
        let (is_get, path) = (request.method() == axum::http::Method::GET, request.uri().path());
        let is_reading = [read_keys::PATHS[1], delegations::PATHS[1], "/api/v1/vouchers/look"]
            .contains(&path)
            || path.ends_with("/verification");
        let changes = (!is_get || path == "/readyz") && !is_reading;
        let answer = stage.send(copy(&request)).await;
        if changes {
            assert_eq!(
                answer.code(),
                Some(Code::ShuttingDown),
                "{} {}: {answer}",
                request.method(),
                request.uri()
            );
        }
    }
}

/// The storage fails: a table is not there.
pub(crate) async fn storage(log: &Log) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let on_disk =
        Settings { data: Some(data.clone()), rails: Some(payouts::rails()), ..settings(levels::quick()) };
    let mut stage = Stage::start(log, on_disk).await;
    let player = Player::number(94);
    let requests = requests(&mut stage, &player).await;
    rename(&data, &TABLES, "", "hidden_");
    rename_segments(&data, "segments", "hidden_segments");
    for request in &requests {
        let answer = stage.send(copy(request)).await;
        let what = format!("{} {}: {answer}", request.method(), request.uri());
        if request.uri().path() != "/readyz" {
            assert_eq!(answer.code(), Some(Code::StorageUnavailable), "{what}");
        }
    }
    rename(&data, &TABLES, "hidden_", "");
    rename_segments(&data, "hidden_segments", "segments");
    // Somebody else holds the store: the server waits a while, and then says so.
    let other = Connection::open(data.join(MAIN_FILE)).expect("the store is there");
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody writes");
    stage.refused(request::get("/readyz"), Code::StorageUnavailable).await;
    drop(other);
    assert!(stage.send(request::get("/readyz")).await.status.is_success());
    let claim = &requests[4];
    let answer = stage.send(copy(claim)).await;
    assert!(answer.status.is_success(), "nothing was lost: {answer}");
    let view: WalletView = stage.send(request::wallet(player.wallet)).await.expect();
    assert_eq!(view.drips, 1);
}

fn rename(data: &Path, tables: &[&str], from: &str, to: &str) {
    let store = Connection::open(data.join(MAIN_FILE)).expect("the store is there");
    for table in tables {
        let sql = format!("ALTER TABLE {from}{table} RENAME TO {to}{table}");
        store.execute_batch(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn rename_segments(data: &Path, from: &str, to: &str) {
    let store = Connection::open(data.join(SEGMENTS_FILE)).expect("the store is there");
    store.execute_batch(&format!("ALTER TABLE {from} RENAME TO {to}")).expect("it is renamed");
}
