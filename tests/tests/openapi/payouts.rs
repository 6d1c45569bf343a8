//! Taking money out, and every reason not to.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::Method;
use dripline_server::faucet::Settings;
use dripline_server::payout::evm::{EvmSettings, Finality};
use dripline_server::payout::solana::{SolanaAsset, SolanaSettings};
use dripline_server::payout::{
    AssetSettings, FAILURES_MAX, KeySource, Rail, RailDriver, RailError, RailSettings, Sandbox, Signed,
    Verdict,
};
use dripline_server::store::record::{BatchFacts, BatchRecord, Candidate, RailRecord};
use dripline_shared::amount::Amount;
use dripline_shared::api::{
    AddressRequest, AddressView, RailList, WithdrawalPage, WithdrawalRequest, WithdrawalView,
};
use dripline_shared::error::Code;
use dripline_shared::limit::MoneyLimit;
use dripline_shared::payout::{RailKind, WithdrawalState};
use dripline_shared::round::Hash;
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};
use dripline_tests::clock::Clock;
use dripline_tests::faucet::settings;
use dripline_tests::levels;
use dripline_tests::player::{Player, client_id};
use dripline_tests::request;
use serde::Serialize;

use crate::recorder::Log;
use crate::script::{NO_WITHDRAWAL, Stage, broken_json};

/// The sandbox, with an address of the faucet's own.
#[derive(Debug)]
struct WithTreasury(Sandbox);

impl Rail for WithTreasury {
    fn kind(&self) -> RailKind {
        self.0.kind()
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        self.0.check_address(address)
    }

    fn needs_account(&self, _asset: &str, address: &str) -> Result<bool, RailError> {
        match address {
            "silent" => Err(RailError::Later("the chain does not answer".to_owned())),
            _ => Ok(false),
        }
    }

    fn is_own(&self, address: &str) -> bool {
        address == "treasury"
    }

    fn batch_max(&self) -> usize {
        self.0.batch_max()
    }

    fn sign(&self, batch: &BatchFacts, rail: &RailRecord, now: Timestamp) -> Result<Signed, RailError> {
        self.0.sign(batch, rail, now)
    }

    fn send(&self, batch: &BatchRecord, candidate: &Candidate, now: Timestamp) -> Result<(), RailError> {
        self.0.send(batch, candidate, now)
    }

    fn verdict(&self, batch: &BatchFacts, now: Timestamp) -> Result<Verdict, RailError> {
        self.0.verdict(batch, now)
    }
}

/// The sandbox from a tenth of a quick level's drip on: it costs something, and its addresses wait when they are changed.
pub(crate) fn rails() -> BTreeMap<String, RailSettings> {
    let limit = MoneyLimit { ceiling: Amount::from_units(4_000_000), window_ms: HOUR_MS };
    let (threshold, fee) = (Amount::from_units(100), Amount::from_units(10));
    let drip =
        AssetSettings { threshold, fee, outflow: Some(limit), dormant_after_ms: None, approve_above: None };
    let assets = BTreeMap::from([("DRIP".to_owned(), drip)]);
    let rail = RailSettings {
        driver: RailDriver::Sandbox,
        assets,
        address_wait_ms: HOUR_MS,
        failures_max: FAILURES_MAX,
    };
    BTreeMap::from([("sandbox".to_owned(), rail)])
}

/// A faucet that pays by it, and has an address of its own.
pub(crate) fn with_fee() -> Settings {
    let mut settings = Settings { rails: Some(rails()), ..settings(levels::quick()) };
    settings.drivers.insert("sandbox".to_owned(), Arc::new(WithTreasury(Sandbox)));
    settings
}

/// The same, where who has no account of the asset pays more.
fn with_account_fee() -> Settings {
    let mut settings = with_fee();
    let asset = SolanaAsset { mint: None, chain_decimals: 9, account_fee: Amount::from_units(5) };
    let solana = SolanaSettings {
        endpoints: Vec::new(),
        genesis_hash: String::new(),
        key: KeySource::Variable(String::new()),
        priority_fee_micro_lamports: 0,
        coin: "SOL".to_owned(),
        assets: BTreeMap::from([("DRIP".to_owned(), asset)]),
    };
    for rail in settings.rails.iter_mut().flat_map(BTreeMap::values_mut) {
        rail.driver = RailDriver::Solana(solana.clone());
    }
    settings
}

/// The request with another signature than it should have.
pub(crate) fn with_signature<T: Serialize>(request: &T, path: &str, signature: &str) -> request::Message {
    let mut json = serde_json::to_value(request).expect("plain data");
    json["signature"] = signature.into();
    request::message(Method::POST, path, "application/json", json.to_string().into_bytes())
}

/// The request of another wallet than any that there can be.
pub(crate) fn with_wallet<T: Serialize>(request: &T, path: &str, wallet: &str) -> request::Message {
    let mut json = serde_json::to_value(request).expect("plain data");
    json["wallet"] = wallet.into();
    request::message(Method::POST, path, "application/json", json.to_string().into_bytes())
}

/// A key of small order.
pub(crate) const WEAK: &str = "11111111111111111111111111111111";

/// Setting an address.
pub(crate) async fn addresses(log: &Log) {
    let path = "/api/v1/addresses";
    let mut stage = Stage::start(log, with_fee()).await;
    broken_json(&mut stage, path).await;
    let rails: RailList = stage.send(request::get("/api/v1/rails")).await.expect();
    assert_eq!((rails.rails.len(), rails.rails[0].id.as_str()), (1, "sandbox"));
    let player = Player::number(96);
    stage.earn(&player, 0).await;
    let (now, catalog) = (stage.faucet.clock.now(), stage.catalog.clone());
    let address = |number, change: &dyn Fn(&mut AddressRequest)| {
        let mut request = player.address(&catalog, "alice", client_id(number), now);
        change(&mut request);
        player.sign_address(&mut request);
        request
    };
    let right = address(5_000, &|_| ());
    for (request, code) in [
        (address(5_001, &|it| "a b".clone_into(&mut it.address)), Code::InvalidAddress),
        (address(5_002, &|it| "treasury".clone_into(&mut it.address)), Code::OwnAddress),
        (address(5_003, &|it| "moon".clone_into(&mut it.rail)), Code::UnknownRail),
        (address(5_004, &|it| it.faucet = Hash([1; 32])), Code::WrongFaucet),
        (address(5_005, &|it| "https://other.example".clone_into(&mut it.origin)), Code::WrongOrigin),
        (address(5_010, &|it| it.site = Some("nowhere".to_owned())), Code::UnknownSite),
        (address(5_011, &|it| it.ownership = Some("0x".to_owned())), Code::InvalidRequest),
        (address(5_006, &|it| it.issued_at_ms = now.minus(6 * MINUTE_MS)), Code::StatementTooOld),
        (address(5_007, &|it| it.issued_at_ms = now.plus(6 * MINUTE_MS)), Code::StatementFromFuture),
        (Player::number(97).address(&catalog, "bob", client_id(5_008), now), Code::WalletUnknown),
        (AddressRequest { address: "bob".to_owned(), ..right.clone() }, Code::BadSignature),
    ] {
        stage.refused(request::set_address(&request), code).await;
    }
    stage.refused(with_signature(&right, path, "111"), Code::InvalidSignature).await;
    stage.refused(with_wallet(&right, path, "nonsense"), Code::InvalidWallet).await;
    stage.refused(with_wallet(&right, path, WEAK), Code::WeakWallet).await;
    let set: AddressView = stage.send(request::set_address(&right)).await.expect();
    let again: AddressView = stage.send(request::set_address(&right)).await.expect();
    assert_eq!((set.address.as_str(), &set), ("alice", &again));
    let reused = address(5_000, &|it| "bob".clone_into(&mut it.address));
    stage.refused(request::set_address(&reused), Code::ClientIdReused).await;
    let soon = address(5_009, &|it| "bob".clone_into(&mut it.address));
    stage.refused(request::set_address(&soon), Code::RateLimited).await;
}

/// Withdrawing.
pub(crate) async fn withdrawals(log: &Log) {
    let path = "/api/v1/withdrawals";
    let mut stage = Stage::start(log, with_account_fee()).await;
    broken_json(&mut stage, path).await;
    let player = Player::number(98);
    let balance = stage.earn(&player, 0).await.balance;
    let (now, catalog) = (stage.faucet.clock.now(), stage.catalog.clone());
    let withdrawal = |number, change: &dyn Fn(&mut WithdrawalRequest)| {
        let amount = Amount::from_units(200);
        let mut request = player.withdrawal(&catalog, amount, "alice", client_id(number), now);
        change(&mut request);
        player.sign_withdrawal(&catalog, &mut request);
        request
    };
    let right = withdrawal(5_000, &|_| ());
    stage.refused(request::withdraw(&right), Code::AddressNotSet).await;
    let set = player.address(&stage.catalog, "alice", client_id(6_000), now);
    let _: AddressView = stage.send(request::set_address(&set)).await.expect();
    let above = balance.checked_add(Amount::from_units(1)).expect("not too much");
    for (request, code) in [
        (withdrawal(5_001, &|it| it.amount = Amount::ZERO), Code::BelowThreshold),
        (withdrawal(5_002, &|it| it.amount = above), Code::BalanceTooLow),
        (withdrawal(5_012, &|it| "a b".clone_into(&mut it.address)), Code::InvalidAddress),
        (withdrawal(5_013, &|it| "treasury".clone_into(&mut it.address)), Code::OwnAddress),
        (withdrawal(5_011, &|it| it.amount = Amount::from_units(1_000_001)), Code::AboveMaximum),
        (withdrawal(5_003, &|it| it.fee_max = Amount::from_units(9)), Code::FeeAboveMaximum),
        (withdrawal(5_014, &|it| "silent".clone_into(&mut it.address)), Code::RailUnreachable),
        (withdrawal(5_004, &|it| "bob".clone_into(&mut it.address)), Code::AddressDiffers),
        (withdrawal(5_005, &|it| "moon".clone_into(&mut it.rail)), Code::UnknownRail),
        (withdrawal(5_006, &|it| "RAIN".clone_into(&mut it.asset)), Code::UnknownAsset),
        (withdrawal(5_007, &|it| it.faucet = Hash([1; 32])), Code::WrongFaucet),
        (withdrawal(5_008, &|it| "https://other.example".clone_into(&mut it.origin)), Code::WrongOrigin),
        (withdrawal(5_015, &|it| it.site = Some("nowhere".to_owned())), Code::UnknownSite),
        (withdrawal(5_009, &|it| it.issued_at_ms = now.minus(6 * MINUTE_MS)), Code::StatementTooOld),
        (withdrawal(5_010, &|it| it.issued_at_ms = now.plus(6 * MINUTE_MS)), Code::StatementFromFuture),
        (WithdrawalRequest { amount: balance, ..right.clone() }, Code::BadSignature),
    ] {
        stage.refused(request::withdraw(&request), code).await;
    }
    stage.refused(with_signature(&right, path, "111"), Code::InvalidSignature).await;
    stage.refused(with_wallet(&right, path, "nonsense"), Code::InvalidWallet).await;
    stage.refused(with_wallet(&right, path, WEAK), Code::WeakWallet).await;

    let requested: WithdrawalView = stage.send(request::withdraw(&right)).await.expect();
    let reused = withdrawal(5_000, &|it| it.amount = balance);
    stage.refused(request::withdraw(&reused), Code::ClientIdReused).await;
    assert_eq!((requested.state, requested.ahead), (WithdrawalState::Queued, Some(0)));
    for payer in stage.faucet.faucet.payers() {
        for _ in 0..3 {
            payer.step().await.expect("the sandbox pays");
        }
    }
    let paid: WithdrawalView = stage.send(request::withdrawal(requested.id)).await.expect();
    assert_eq!((paid.state, paid.transaction.is_some()), (WithdrawalState::Paid, true));
    let again: WithdrawalView = stage.send(request::withdraw(&right)).await.expect();
    assert_eq!((again.id, again.state), (paid.id, paid.state));
    let page: WithdrawalPage = stage.send(request::withdrawals(player.wallet)).await.expect();
    assert_eq!((page.withdrawals.len(), page.next_before), (1, None));

    stage.refused(request::withdrawal(NO_WITHDRAWAL), Code::WithdrawalUnknown).await;
    stage.refused(request::get("/api/v1/withdrawals/nonsense"), Code::InvalidParameter).await;
    stage.refused(request::get("/api/v1/wallets/nonsense/withdrawals"), Code::InvalidWallet).await;
    for query in ["limit=0", "limit=101", "before=7", "surprise=1"] {
        let path = format!("/api/v1/wallets/{}/withdrawals?{query}", player.wallet);
        stage.refused(request::get(&path), Code::InvalidParameter).await;
    }
}

/// Where the owner of an address has to prove that it is theirs.
pub(crate) async fn proven(log: &Log) {
    let mut settings = with_fee();
    let evm = EvmSettings {
        endpoints: Vec::new(),
        chain_id: 8_453,
        needs_ownership: true,
        key: KeySource::Variable(String::new()),
        finality: Finality::Finalized,
        max_fee_per_gas: 1,
        priority_fee_per_gas: None,
        replace_after_ms: MINUTE_MS,
        disperse: None,
        coin: "ETH".to_owned(),
        assets: BTreeMap::new(),
    };
    for rail in settings.rails.iter_mut().flat_map(BTreeMap::values_mut) {
        rail.driver = RailDriver::Evm(evm.clone());
    }
    let mut stage = Stage::start(log, settings).await;
    let rails: RailList = stage.send(request::get("/api/v1/rails")).await.expect();
    assert_eq!((rails.rails[0].chain_id, rails.rails[0].needs_ownership), (Some(8_453), true));
    let player = Player::number(132);
    stage.earn(&player, 0).await;
    let now = stage.faucet.clock.now();
    let request = player.address(&stage.catalog, "alice", client_id(5_000), now);
    stage.refused(request::set_address(&request), Code::OwnershipNeeded).await;
}

/// An address that was changed is paid to only after a while, which the refusal tells.
pub(crate) async fn waiting(log: &Log) {
    let mut stage = Stage::start(log, with_fee()).await;
    let player = Player::number(99);
    stage.earn(&player, 0).await;
    for (number, address) in [(6_000, "alice"), (6_001, "bob")] {
        let now = stage.faucet.clock.now();
        let request = player.address(&stage.catalog, address, client_id(number), now);
        let _: AddressView = stage.send(request::set_address(&request)).await.expect();
        stage.faucet.clock.pass(10_000);
    }
    let withdrawal = |stage: &Stage, number| {
        let (now, amount) = (stage.faucet.clock.now(), Amount::from_units(200));
        player.withdrawal(&stage.catalog, amount, "bob", client_id(number), now)
    };
    let answer = stage.send(request::withdraw(&withdrawal(&stage, 6_002))).await;
    assert_eq!(answer.code(), Some(Code::AddressWaiting), "{answer}");
    let wait = answer.problem().retry_after_ms.expect("it passes");
    stage.faucet.clock.pass(wait - 1);
    stage.refused(request::withdraw(&withdrawal(&stage, 6_003)), Code::AddressWaiting).await;
    stage.faucet.clock.pass(1);
    let requested: WithdrawalView = stage.send(request::withdraw(&withdrawal(&stage, 6_004))).await.expect();
    assert_eq!(requested.address, "bob");
}
