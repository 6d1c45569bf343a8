//! What the parts of the script share, and the parts that need no round.

use axum::http::Method;
use dripline_server::faucet::Settings;
use dripline_shared::api::{CatalogView, OpenRequest, Receipt};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::{RoundId, RoundToken};
use dripline_tests::answer::Answer;
use dripline_tests::clock::Clock;
use dripline_tests::faucet::{LocalFaucet, settings};
use dripline_tests::levels::{self, QUICK};
use dripline_tests::player::{self, Player, catalog, client_id, send};
use dripline_tests::request::{self, Message};

use crate::recorder::{Log, Recorder};
use crate::verification;

/// A faucet, a recorded wire to it, and what it says of itself.
pub(crate) struct Stage {
    pub(crate) faucet: LocalFaucet,
    pub(crate) wire: Recorder,
    pub(crate) catalog: CatalogView,
}

impl Stage {
    pub(crate) async fn new(log: &Log) -> Self {
        Self::with(log, levels::quick()).await
    }

    pub(crate) async fn with(log: &Log, catalog: Catalog) -> Self {
        Self::start(log, settings(catalog)).await
    }

    pub(crate) async fn start(log: &Log, settings: Settings) -> Self {
        let faucet = LocalFaucet::start_with(settings, |_| ());
        let mut wire = log.wire(&faucet);
        let catalog = catalog(&mut wire).await;
        Self { faucet, wire, catalog }
    }

    /// Ends the faucet, so that another can open its data.
    pub(crate) async fn close(self) {
        let LocalFaucet { faucet, router, .. } = self.faucet;
        drop((router, self.wire));
        faucet.shutdown().await;
    }

    pub(crate) async fn send(&mut self, request: Message) -> Answer {
        send(&mut self.wire, request).await
    }

    /// Sends a request that must be refused with this code.
    #[track_caller]
    pub(crate) fn refused(&mut self, request: Message, code: Code) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let answer = self.send(request).await;
            assert_eq!(answer.code(), Some(code), "at {place}: {answer}");
        }
    }

    /// A request of this player to open the quick level, with the client id of this number.
    pub(crate) fn open(&self, player: &Player, number: u64) -> OpenRequest {
        player.open(&self.catalog, QUICK, client_id(number), self.faucet.clock.now())
    }

    /// Wins the quick level and claims it. 1,000 numbers must be free after this one.
    pub(crate) async fn earn(&mut self, player: &Player, number: u64) -> Receipt {
        player::earn(&mut self.wire, &self.faucet.clock, &self.catalog, player, QUICK, number).await
    }

    /// Wins the quick level, up to the claim.
    pub(crate) async fn win(&mut self, player: &Player, number: u64) -> dripline_tests::play::Play {
        player::win(&mut self.wire, &self.faucet.clock, &self.catalog, player, QUICK, number).await
    }
}

/// A round that is not there.
pub(crate) const NO_ROUND: RoundId = RoundId([0; 16]);
/// A withdrawal that is not there.
pub(crate) const NO_WITHDRAWAL: WithdrawalId = WithdrawalId([0; 16]);
/// A token that is none.
pub(crate) const NO_TOKEN: RoundToken = RoundToken([0; 32]);

/// Requests of every operation that anybody may make.
fn one_of_each() -> Vec<Message> {
    let player = Player::number(1);
    vec![
        request::get("/api/v1/levels"),
        request::get("/api/v1/catalog"),
        request::get("/api/v1/campaigns"),
        request::get("/.well-known/dripline-keys.json"),
        request::wallet(player.wallet),
        request::history(player.wallet, None),
        request::table(player.wallet, ""),
        request::message(Method::POST, "/api/v1/rounds", "application/json", b"{}".to_vec()),
        request::segment(NO_ROUND, NO_TOKEN, 0, None, Vec::new()),
        request::round(NO_ROUND, NO_TOKEN),
        request::end(NO_ROUND, NO_TOKEN),
        request::message(Method::POST, "/api/v1/claims", "application/json", b"{}".to_vec()),
        request::get("/api/v1/rails"),
        request::message(Method::POST, "/api/v1/addresses", "application/json", b"{}".to_vec()),
        request::message(Method::POST, "/api/v1/withdrawals", "application/json", b"{}".to_vec()),
        request::withdrawal(NO_WITHDRAWAL),
        request::withdrawals(player.wallet),
        request::message(Method::POST, "/api/v1/read-keys", "application/json", b"{}".to_vec()),
        request::message(Method::POST, "/api/v1/read-keys/list", "application/json", b"{}".to_vec()),
        request::message(Method::POST, "/api/v1/read-keys/revoke", "application/json", b"{}".to_vec()),
        request::message(Method::POST, "/api/v1/delegations", "application/json", b"{}".to_vec()),
        request::message(Method::POST, "/api/v1/balances/move", "application/json", b"{}".to_vec()),
        request::message(Method::POST, "/api/v1/delegations/list", "application/json", b"{}".to_vec()),
        request::message(Method::POST, "/api/v1/delegations/revoke", "application/json", b"{}".to_vec()),
        request::get("/api/v1/history"),
        request::get("/api/v1/history.csv"),
        request::get("/api/v1/ledger"),
        request::get("/api/v1/notices"),
        request::message(Method::POST, "/api/v1/vouchers/look", "application/json", b"{}".to_vec()),
        request::get("/api/v1/log/head"),
        request::get("/api/v1/log/leaves/0"),
        request::get(&format!("/api/v1/log/inclusion?leaf={}", "0".repeat(64))),
        request::get("/api/v1/log/consistency?first=0"),
        request::get("/api/v1/sites/shop"),
        request::get("/api/v1/sites/shop/statistics"),
        verification::token(NO_ROUND, NO_TOKEN, &verification::page()),
        verification::verify("", ""),
    ]
}

/// What can be read, and how it is asked for wrongly.
pub(crate) async fn reading(log: &Log) {
    let mut stage = Stage::new(log).await;
    for path in [
        "/healthz",
        "/readyz",
        "/api/v1/levels",
        "/api/v1/campaigns",
        "/api/v1/notices",
        "/.well-known/dripline-keys.json",
    ] {
        let answer = stage.send(request::get(path)).await;
        assert!(answer.status.is_success(), "{path}: {answer}");
    }
    let player = Player::number(2);
    for round in 0..3 {
        let number = 10_000 * (round + 1);
        player::earn(&mut stage.wire, &stage.faucet.clock, &stage.catalog, &player, QUICK, number).await;
    }
    let (plain, koinly) =
        (request::table(player.wallet, ""), request::table(player.wallet, "?format=koinly"));
    for request in [request::wallet(player.wallet), request::history(player.wallet, None), plain, koinly] {
        let answer = stage.send(request).await;
        assert!(answer.status.is_success(), "{answer}");
    }
    for wallet in ["nonsense", "1", "0OIl"] {
        stage.refused(request::get(&format!("/api/v1/wallets/{wallet}")), Code::InvalidWallet).await;
        stage.refused(request::get(&format!("/api/v1/wallets/{wallet}/history")), Code::InvalidWallet).await;
        stage
            .refused(request::get(&format!("/api/v1/wallets/{wallet}/history.csv")), Code::InvalidWallet)
            .await;
    }
    stage.refused(request::get("/api/v1/wallets/%ff"), Code::InvalidParameter).await;
    for query in ["?format=excel", "?before=x", "?surprise=1"] {
        stage.refused(request::table(player.wallet, query), Code::InvalidParameter).await;
    }
    for query in ["limit=0", "limit=101", "limit=x", "before=x", "before=-1", "surprise=1"] {
        let path = format!("/api/v1/wallets/{}/history?{query}", player.wallet);
        stage.refused(request::get(&path), Code::InvalidParameter).await;
    }
}

/// The throttle of requests refuses every operation but those for the operator's machines.
pub(crate) async fn throttled(log: &Log) {
    let faucet = LocalFaucet::start_with(settings(levels::quick()), |options| {
        options.throttle = CountLimit { burst: 1, every_ms: 1_000 };
    });
    let mut wire = log.wire(&faucet);
    send(&mut wire, request::get("/api/v1/levels")).await;
    for request in one_of_each() {
        let answer = send(&mut wire, request).await;
        assert_eq!(answer.code(), Some(Code::RateLimited), "{answer}");
        assert_eq!(answer.problem().retry_after_ms, Some(1_000));
    }
    for path in ["/healthz", "/readyz"] {
        assert!(send(&mut wire, request::get(path)).await.status.is_success());
    }
    faucet.clock.pass(1_000);
    assert!(send(&mut wire, request::get("/api/v1/levels")).await.status.is_success());
}

/// JSON bodies that every operation with one refuses.
pub(crate) async fn broken_json(stage: &mut Stage, path: &str) {
    let post = |kind: &str, body: &[u8]| request::message(Method::POST, path, kind, body.to_vec());
    let json = "application/json";
    stage.refused(post("text/plain", b"{}"), Code::UnsupportedMediaType).await;
    stage.refused(post("", b"{}"), Code::UnsupportedMediaType).await;
    stage.refused(post(json, &[b' '; 5_000]), Code::BodyTooLarge).await;
    stage.refused(post(json, "[".repeat(2_000).as_bytes()), Code::InvalidJson).await;
    for broken in ["", "{", "{\"a\":1,}", "{} {}", "\u{feff}{}"] {
        stage.refused(post(json, broken.as_bytes()), Code::InvalidJson).await;
    }
    for wrong in ["{}", "[]", "null", "7", "\"text\"", "{\"surprise\":1}"] {
        stage.refused(post(json, wrong.as_bytes()), Code::InvalidRequest).await;
    }
}
