//! A desk with something on it: a player who has earned, withdrawals, and a rail that pays when it is let.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use dripline_server::faucet::{Progress, Settings};
use dripline_server::payout::{
    AssetSettings, History, Rail, RailDriver, RailError, RailSettings, Sandbox, Signed, Verdict,
};
use dripline_server::store::record::{BatchFacts, BatchRecord, Candidate, RailRecord};
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::proposals::Proposal;
use dripline_shared::api::{AddressRequest, Receipt, WithdrawalRequest, WithdrawalView};
use dripline_shared::payout::RailKind;
use dripline_shared::round::{ClientId, RoundId};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};
use serde_json::{Value, json};

use super::Operators;
use crate::journey::{Player, winner};
use crate::support::{Answer, ORIGIN};

/// Withdrawals above so many units wait for approval.
pub(crate) const APPROVE_ABOVE: u32 = 20;
/// What moves more than so many units needs a second operator.
pub(crate) const SECOND_ABOVE: u32 = 1_000;
/// Where the player is paid.
const ADDRESS: &str = "alice";

/// A sandbox that signs only while it is let, and whose treasury was in so many transactions, of which the store knows none.
#[derive(Debug, Clone, Default)]
struct Gate(Arc<AtomicBool>, Arc<AtomicU8>);

impl Rail for Gate {
    fn kind(&self) -> RailKind {
        Sandbox.kind()
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        Sandbox.check_address(address)
    }

    fn is_own(&self, address: &str) -> bool {
        Sandbox.is_own(address)
    }

    fn batch_max(&self) -> usize {
        1
    }

    fn history(&self, since: Option<&str>) -> Result<History, RailError> {
        let all = (1..=self.1.load(Ordering::SeqCst)).map(|number| format!("stranger-{number}"));
        let new = all.filter(|id| since.is_none_or(|since| id.as_str() > since));
        Ok(History { transactions: new.map(Arc::from).collect(), height: None })
    }

    fn is_signed_by_treasury(&self, _: &str) -> Result<bool, RailError> {
        Ok(true)
    }

    fn sign(&self, batch: &BatchFacts, rail: &RailRecord, now: Timestamp) -> Result<Signed, RailError> {
        if self.0.load(Ordering::SeqCst) {
            return Sandbox.sign(batch, rail, now);
        }
        Err(RailError::Later("the gate is shut".to_owned()))
    }

    fn send(&self, batch: &BatchRecord, candidate: &Candidate, now: Timestamp) -> Result<(), RailError> {
        Sandbox.send(batch, candidate, now)
    }

    fn verdict(&self, batch: &BatchFacts, now: Timestamp) -> Result<Verdict, RailError> {
        Sandbox.verdict(batch, now)
    }
}

/// See the module.
pub(crate) struct Desk {
    pub(crate) operators: Operators,
    gate: Gate,
    player: Player,
    /// The round that the player has won.
    pub(crate) round: RoundId,
    clients: AtomicU8,
}

impl Desk {
    pub(crate) async fn start(name: &str) -> Self {
        Self::with(name, |_| ()).await
    }

    /// With settings of the test's.
    pub(crate) async fn with(name: &str, set: impl FnOnce(&mut Settings)) -> Self {
        let gate = Gate::default();
        let units = Amount::from_units;
        let of_rail = |settings: &mut Settings| {
            let asset = AssetSettings {
                threshold: units(10),
                fee: Amount::ZERO,
                outflow: None,
                dormant_after_ms: None,
                approve_above: Some(units(APPROVE_ABOVE)),
            };
            let rail = RailSettings {
                driver: RailDriver::Sandbox,
                assets: BTreeMap::from([("DRIP".to_owned(), asset)]),
                address_wait_ms: 0,
                failures_max: 20,
            };
            settings.rails = Some(BTreeMap::from([("sandbox".to_owned(), rail)]));
            settings.drivers =
                BTreeMap::from([("sandbox".to_owned(), Arc::new(gate.clone()) as Arc<dyn Rail>)]);
            settings.second_operator_above = BTreeMap::from([("DRIP".to_owned(), units(SECOND_ABOVE))]);
            set(settings);
        };
        let operators = Operators::of(name, of_rail, |_| ()).await;
        let (player, opened, transcript) = winner(&operators.server).await;
        let claim = serde_json::to_vec(&player.claim(&opened, transcript)).unwrap();
        let _: Receipt = operators.server.post("/api/v1/claims", claim).await.json();
        let desk = Self { operators, gate, player, round: opened.round, clients: AtomicU8::new(10) };
        desk.set_address().await;
        desk
    }

    pub(crate) fn wallet(&self) -> Wallet {
        Wallet::of(&self.player.key)
    }

    /// The player, as somebody who asks to play.
    pub(crate) fn player(&self) -> &Player {
        &self.player
    }

    pub(crate) fn client(&self) -> ClientId {
        ClientId([self.clients.fetch_add(1, Ordering::SeqCst); 16])
    }

    async fn set_address(&self) {
        let mut request = AddressRequest {
            wallet: self.wallet(),
            rail: "sandbox".to_owned(),
            address: ADDRESS.to_owned(),
            client_id: self.client(),
            issued_at_ms: self.operators.server.now(),
            origin: ORIGIN.to_owned(),
            faucet: self.player.faucet,
            site: None,
            signed_message: None,
            ownership: None,
            signature: Signature([0; 64]),
        };
        request.signature = Signature::of(&self.player.key, request.statement().to_string().as_bytes());
        let body = serde_json::to_vec(&request).unwrap();
        let _: Value = self.operators.server.post("/api/v1/addresses", body).await.json();
    }

    /// Asks to be paid so many units.
    pub(crate) async fn try_withdraw(&self, units: u32) -> Answer {
        let mut request = WithdrawalRequest {
            wallet: self.wallet(),
            rail: "sandbox".to_owned(),
            asset: "DRIP".to_owned(),
            amount: Amount::from_units(units),
            address: ADDRESS.to_owned(),
            fee_max: Amount::ZERO,
            client_id: self.client(),
            issued_at_ms: self.operators.server.now(),
            origin: ORIGIN.to_owned(),
            faucet: self.player.faucet,
            site: None,
            signed_message: None,
            signature: Signature([0; 64]),
        };
        request.signature = Signature::of(&self.player.key, request.statement(6).to_string().as_bytes());
        self.operators.server.post("/api/v1/withdrawals", serde_json::to_vec(&request).unwrap()).await
    }

    pub(crate) async fn withdraw(&self, units: u32) -> WithdrawalView {
        self.try_withdraw(units).await.json()
    }

    /// How a withdrawal stands.
    pub(crate) async fn withdrawal(&self, withdrawal: &WithdrawalView) -> WithdrawalView {
        self.operators.server.get(&format!("/api/v1/withdrawals/{}", withdrawal.id)).await.json()
    }

    /// Lets the rail pay, or not.
    pub(crate) fn set_gate(&self, is_open: bool) {
        self.gate.0.store(is_open, Ordering::SeqCst);
    }

    /// The treasury was in another transaction that the store does not know.
    pub(crate) fn somebody_signs(&self) {
        self.gate.1.fetch_add(1, Ordering::SeqCst);
    }

    /// Has the rail take steps until nothing goes on but by waiting.
    pub(crate) async fn pay(&self) {
        loop {
            let mut has_gone_on = false;
            for payer in self.operators.server.faucet.payers() {
                has_gone_on |= payer.step().await.is_ok_and(|progress| progress == Progress::Some);
            }
            if !has_gone_on {
                return;
            }
        }
    }

    /// The id of a batch that is under way: of a withdrawal that was requested for it.
    async fn batch(&self) -> String {
        self.set_gate(false);
        self.operators.own("POST", "/admin/v1/rails/sandbox/resume", Some(json!({}))).await;
        self.withdraw(APPROVE_ABOVE).await;
        self.pay().await;
        let payouts: Value = self.operators.own("GET", "/admin/v1/payouts", None).await.json();
        let batches = payouts["rails"][0]["batches"].as_array().unwrap();
        let open = batches.iter().find(|batch| batch["cancelled_at_ms"].is_null()).unwrap();
        open["id"].as_str().unwrap().to_owned()
    }

    /// A proposal of the other owner's.
    pub(crate) async fn proposal(&self) -> Proposal {
        let withdrawal = self.withdraw(SECOND_ABOVE + 1).await;
        let path = format!("/admin/v1/withdrawals/{}/approve", withdrawal.id);
        let answer = self.operators.send(&self.operators.other, "POST", &path, None).await;
        assert_eq!(answer.status.as_u16(), 202, "{}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// A request that does what a route of players or payouts does, with whatever it needs made before: its address and its body.
    pub(crate) async fn request(&self, method: &str, path: &str, number: usize) -> (String, Option<Value>) {
        let own =
            |path: String, body: Value| async move { self.operators.own("POST", &path, Some(body)).await };
        let of_wallet = path.replace("{wallet}", &self.wallet().to_string());
        let because = || Some(json!({ "reason": format!("for the reason of number {number}") }));
        let player = |verb: &str| format!("/admin/v1/players/{}/{verb}", self.wallet());
        match (method, path.rsplit('/').next().unwrap_or_default()) {
            ("POST", "hold" | "ban") => {
                own(player("release"), because().unwrap()).await;
                (of_wallet, because())
            }
            ("POST", "release") => {
                own(player("hold"), because().unwrap()).await;
                (of_wallet, because())
            }
            ("POST", "notes") => (of_wallet, Some(json!({ "text": "plays at night" }))),
            ("POST", "pause") => (path.replace("{rail}", "sandbox"), because()),
            ("POST", "resume") => {
                own("/admin/v1/rails/sandbox/pause".to_owned(), because().unwrap()).await;
                (path.replace("{rail}", "sandbox"), Some(json!({})))
            }
            ("POST", "payouts") => {
                own("/admin/v1/rails/sandbox/pause".to_owned(), because().unwrap()).await;
                let transaction = format!("transaction-{number}");
                let body = json!({ "transaction": transaction, "to": ADDRESS, "amount": "11" });
                (path.replace("{rail}", "sandbox"), Some(body))
            }
            ("POST", "cancel") => {
                own(player("release"), because().unwrap()).await;
                (path.replace("{batch}", &self.batch().await), None)
            }
            ("POST", verb @ ("approve" | "return" | "import")) => {
                let withdrawal = self.withdraw(APPROVE_ABOVE + 1).await;
                let body = match verb {
                    "approve" => None,
                    "return" => because(),
                    _ => Some(json!({ "transaction": format!("imported-{number}") })),
                };
                (path.replace("{withdrawal}", &withdrawal.id.to_string()), body)
            }
            ("POST", "confirm" | "withdraw") => (path.replace("{proposal}", &self.proposal().await.id), None),
            ("POST", "emergency") => {
                // Another one each time, of those at the end, where nobody plays here.
                let levels = self.operators.live().await.catalog.levels;
                let level = &levels[levels.len() - 1 - number % 10].id;
                let body = json!({ "name": level, "stopped": true, "reason": "a look" });
                (path.to_owned(), Some(body))
            }
            _ => {
                let path = of_wallet.replace("{round}", &self.round.to_string());
                (path.replace("{rail}", "sandbox"), None)
            }
        }
    }
}
