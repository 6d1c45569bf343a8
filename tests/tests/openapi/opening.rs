//! Opening a round, and every reason not to.

use axum::http::Method;
use dripline_server::faucet::Operator;
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::{By, VoucherRequest};
use dripline_shared::api::{OpenAnswer, OpenRequest, VoucherLook, VoucherView, WalletView};
use dripline_shared::campaign::Audience;
use dripline_shared::catalog::{Campaign, Catalog};
use dripline_shared::error::Code;
use dripline_shared::level::Level;
use dripline_shared::limit::CountLimit;
use dripline_shared::round::{Hash, STATEMENT_SKEW_MS};
use dripline_shared::time::{HOUR_MS, Timestamp};
use dripline_shared::wallet::Wallet;
use dripline_tests::clock::Clock;
use dripline_tests::faucet::{START, settings};
use dripline_tests::levels::{self, QUICK};
use dripline_tests::player::{Player, client_id, send};
use dripline_tests::request;
use serde_json::{Value, json};

use crate::delegations;
use crate::payouts::with_wallet;
use crate::read_keys::post;
use crate::recorder::Log;
use crate::script::{Stage, broken_json};

/// A request to open with one field replaced in its JSON.
fn with(open: &OpenRequest, field: &str, value: Value) -> request::Message {
    let mut json = serde_json::to_value(open).expect("plain data");
    json[field] = value;
    request::message(Method::POST, "/api/v1/rounds", "application/json", json.to_string().into_bytes())
}

/// A request to open with some fields changed, signed anew.
fn changed(player: &Player, open: &OpenRequest, change: impl FnOnce(&mut OpenRequest)) -> request::Message {
    let mut open = open.clone();
    change(&mut open);
    player.sign(&mut open);
    request::open(&open)
}

/// What is wrong with a request is told, and changes nothing.
pub(crate) async fn refusals(log: &Log) {
    let mut catalog = levels::quick();
    // Levels as in a first run are locked behind one another.
    catalog.levels.extend(Catalog::first_run().levels.into_iter().map(|mut level| {
        level.id.insert_str(0, "first-");
        if let dripline_shared::level::Unlock::Cleared(id) = &mut level.unlock {
            id.insert_str(0, "first-");
        }
        level
    }));
    let locked = catalog.levels.last().expect("there are levels").id.clone();
    let stopped = catalog.levels[0].id.clone();
    let mut all = settings(catalog);
    all.stopped.insert(stopped.clone());
    let mut stage = Stage::start(log, all).await;
    broken_json(&mut stage, "/api/v1/rounds").await;

    let player = Player::number(10);
    let open = stage.open(&player, 10);
    let zero = Wallet([0; 32]);
    let mut weak = [0; 32];
    weak[0] = 1;
    stage.refused(with(&open, "wallet", json!("not base58 0OIl")), Code::InvalidWallet).await;
    stage.refused(with(&open, "wallet", json!("1".repeat(31))), Code::InvalidWallet).await;
    stage.refused(with(&open, "wallet", json!(Wallet(weak))), Code::WeakWallet).await;
    stage.refused(with(&open, "wallet", json!(zero)), Code::WeakWallet).await;
    stage.refused(with(&open, "wallet", json!(Wallet([0xff; 32]))), Code::InvalidWallet).await;
    stage.refused(with(&open, "wallet", json!(7)), Code::InvalidRequest).await;
    stage.refused(with(&open, "signature", json!("1".repeat(63))), Code::InvalidSignature).await;
    stage.refused(with(&open, "signature", json!("1".repeat(64))), Code::BadSignature).await;
    stage.refused(with(&open, "client_id", json!("00")), Code::InvalidRequest).await;
    let other = changed(&player, &open, |open| "other".clone_into(&mut open.campaign));
    stage.refused(other, Code::UnknownCampaign).await;
    stage.refused(with(&open, "wallet", json!(Player::number(11).wallet)), Code::BadSignature).await;

    let early = open.issued_at_ms.minus(STATEMENT_SKEW_MS + 1);
    let late = open.issued_at_ms.plus(STATEMENT_SKEW_MS + 1);
    stage.refused(changed(&player, &open, |open| open.issued_at_ms = early), Code::StatementTooOld).await;
    stage.refused(changed(&player, &open, |open| open.issued_at_ms = late), Code::StatementFromFuture).await;
    stage.refused(changed(&player, &open, |open| open.faucet = Hash([1; 32])), Code::WrongFaucet).await;
    for origin in ["https://elsewhere.example", "http://localhost:8080/", "x\ny", ""] {
        let moved = changed(&player, &open, |open| origin.clone_into(&mut open.origin));
        stage.refused(moved, Code::WrongOrigin).await;
    }
    for level in ["no-such-level", "", "quick\n- dripline:campaign:x"] {
        let unknown = changed(&player, &open, |open| level.clone_into(&mut open.level));
        stage.refused(unknown, Code::UnknownLevel).await;
    }
    stage.refused(changed(&player, &open, |open| open.rules_version = 0), Code::RulesOutdated).await;
    let at = |id: &str| player.open(&stage.catalog, id, client_id(11), stage.faucet.clock.now());
    let (locked, stopped) = (at(&locked), at(&stopped));
    stage.refused(request::open(&locked), Code::LevelLocked).await;
    stage.refused(request::open(&stopped), Code::LevelStopped).await;

    let view: WalletView = stage.send(request::wallet(player.wallet)).await.expect();
    assert_eq!((view.open_round, view.drips), (None, 0), "no refusal changed anything");
    accepted(&mut stage, &player).await;
}

/// What a campaign does not open a round for.
pub(crate) async fn campaigns(log: &Log) {
    let mut catalog = levels::quick();
    let plain = catalog.campaigns[0].clone();
    let now = START;
    let more = [
        Campaign { id: "early".to_owned(), starts_ms: Some(now.plus(HOUR_MS)), ..plain.clone() },
        Campaign { id: "late".to_owned(), ends_ms: Some(now.minus(1)), ..plain.clone() },
        Campaign { id: "poor".to_owned(), starts_ms: Some(now), budget: Amount::ZERO, ..plain.clone() },
        Campaign { id: "elsewhere".to_owned(), levels: Some(vec!["other".to_owned()]), ..plain.clone() },
        Campaign { id: "closed".to_owned(), audience: Audience::Vouchers, ..plain },
    ];
    catalog.levels.push(Level { id: "other".to_owned(), ..catalog.levels[0].clone() });
    catalog.campaigns.extend(more);
    let mut stage = Stage::start(log, settings(catalog)).await;
    let (one, other) = (Player::number(12), Player::number(13));
    let open = stage.open(&one, 30);
    for (campaign, code) in [
        ("early", Code::CampaignNotStarted),
        ("late", Code::CampaignEnded),
        ("poor", Code::BudgetUsedUp),
        ("elsewhere", Code::LevelNotInCampaign),
        ("closed", Code::NotInAudience),
    ] {
        let of_campaign = changed(&one, &open, |open| campaign.clone_into(&mut open.campaign));
        stage.refused(of_campaign, code).await;
    }
    let by = By::Operator { id: "ada".to_owned(), name: "Ada".to_owned() };
    let operator = || Operator { by: by.clone(), from: None, session: None };
    let vouchers = |expires_ms: Option<Timestamp>| {
        let faucet = stage.faucet.faucet.clone();
        let request =
            VoucherRequest { client_id: client_id(u64::from(expires_ms.is_some())), count: 1, expires_ms };
        let who = operator();
        async move { faucet.make_vouchers(who, "closed".into(), request).await.expect("vouchers").codes.remove(0) }
    };
    let (good, short) = (vouchers(None).await, vouchers(Some(now.plus(1))).await);
    stage.faucet.clock.move_to(now.plus(1));
    let with_voucher = |player: &Player, number, stage: &Stage, voucher: &str| {
        changed(player, &stage.open(player, number), |open| {
            "closed".clone_into(&mut open.campaign);
            open.voucher = Some(voucher.to_owned());
        })
    };
    let unknown = with_voucher(&one, 31, &stage, "no such code");
    stage.refused(unknown, Code::VoucherUnknown).await;
    let expired = with_voucher(&one, 32, &stage, &short);
    stage.refused(expired, Code::VoucherExpired).await;
    let look = |player: &Player, code: &str| VoucherLook { wallet: player.wallet, code: code.to_owned() };
    let asked = |look: &VoucherLook| request::post("/api/v1/vouchers/look", look);
    broken_json(&mut stage, "/api/v1/vouchers/look").await;
    let right = look(&one, &good);
    stage.refused(with_wallet(&right, "/api/v1/vouchers/look", "nonsense"), Code::InvalidWallet).await;
    stage.refused(asked(&look(&one, "no such code")), Code::VoucherUnknown).await;
    stage.refused(asked(&look(&one, &short)), Code::VoucherExpired).await;
    let seen: VoucherView = stage.send(asked(&right)).await.expect();
    assert_eq!((&*seen.campaign.id, seen.is_used), ("closed", false));
    let first = with_voucher(&one, 33, &stage, &good);
    let _: OpenAnswer = stage.send(first).await.expect();
    let second = with_voucher(&other, 34, &stage, &good);
    stage.refused(second, Code::VoucherUsed).await;
    stage.refused(asked(&look(&other, &good)), Code::VoucherUsed).await;
    let seen: VoucherView = stage.send(asked(&right)).await.expect();
    assert!(seen.is_used);
}

/// One round is open at a time; a repeat is the same request, and other content under its id is none.
async fn accepted(stage: &mut Stage, player: &Player) {
    let open = stage.open(player, 20);
    let first: OpenAnswer = stage.send(request::open(&open)).await.expect();
    let again: OpenAnswer = stage.send(request::open(&open)).await.expect();
    assert_eq!((first.round, first.token, first.seeds), (again.round, again.token, again.seeds));
    let reused = changed(player, &open, |open| open.issued_at_ms = open.issued_at_ms.plus(1));
    stage.refused(reused, Code::ClientIdReused).await;
    let other = stage.open(player, 21);
    let answer = stage.send(request::open(&other)).await;
    assert_eq!(answer.problem().open_round, Some(first.round), "{answer}");
    let second: OpenAnswer =
        stage.send(request::open(&player.abandoning(stage.open(player, 22), first.round))).await.expect();
    assert_ne!(second.round, first.round);
    stage.refused(request::segment(first.round, first.token, 0, None, vec![0; 8]), Code::RoundEnded).await;
}

/// Attempts of a wallet, and rounds of a network, run out, and come back when they said.
pub(crate) async fn limits(log: &Log) {
    let mut catalog = levels::quick();
    catalog.limits.attempts = CountLimit { burst: 1, every_ms: HOUR_MS };
    let mut stage = Stage::with(log, catalog).await;
    let player = Player::number(12);
    let first: OpenAnswer = stage.send(request::open(&stage.open(&player, 30))).await.expect();
    assert!(stage.send(request::end(first.round, first.token)).await.status.is_success());
    let again = request::open(&stage.open(&player, 31));
    let answer = stage.send(again).await;
    assert_eq!(answer.code(), Some(Code::AttemptsUsedUp), "{answer}");
    assert_eq!(answer.problem().retry_after_ms, Some(HOUR_MS));
    stage.faucet.clock.pass(HOUR_MS);
    let later = request::open(&stage.open(&player, 32));
    assert!(stage.send(later).await.status.is_success());

    let mut catalog = levels::quick();
    catalog.limits.opens_per_prefix = CountLimit { burst: 1, every_ms: HOUR_MS };
    let mut stage = Stage::with(log, catalog).await;
    let players = [13, 14, 15].map(Player::number);
    assert!(stage.send(request::open(&stage.open(&players[0], 40))).await.status.is_success());
    let neighbour = request::open(&stage.open(&players[1], 41));
    stage.refused(neighbour, Code::OpensUsedUp).await;
    let asked =
        delegations::asked(&players[1], stage.catalog.faucet, client_id(43), stage.faucet.clock.now());
    let (delegate, ..) = delegations::signed((&players[1], &players[0]), &asked);
    stage.refused(post(delegations::PATHS[0], &delegate), Code::OpensUsedUp).await;
    let elsewhere = players[2].open(&stage.catalog, QUICK, client_id(42), stage.faucet.clock.now());
    let answer = send(&mut stage.wire.elsewhere(9), request::open(&elsewhere)).await;
    assert!(answer.status.is_success(), "another network has its own: {answer}");
}
