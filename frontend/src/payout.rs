//! Says where to pay, and withdraws: signs what the player asks for, keeps it until it is answered, and sends it.
//!
//! Should an answer be lost, the same request is sent again, byte for byte: so whatever it asks for is done once.

use dripline_shared::api::{AddressRequest, AddressView, WithdrawalRequest, WithdrawalView};
use dripline_shared::json_object;
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};
use wasm_bindgen_futures::spawn_local;

use crate::api::{Api, Failure};
use crate::app::Dripline;
use crate::browser::json;
use crate::browser::storage::{self, Slot};
use crate::state::withdraw::{Plan, Wish};

/// A signed request, as it is sent and kept.
#[derive(Clone)]
pub(crate) struct Errand {
    /// Whose it is.
    pub(crate) wallet: Wallet,
    /// Whether it is a withdrawal; else it sets an address.
    pub(crate) is_withdrawal: bool,
    /// What is sent.
    pub(crate) body: String,
}

json_object!(Errand { wallet, is_withdrawal, body });

/// What the server answers.
pub(crate) enum Answer {
    /// The address is set.
    Address(AddressView),
    /// The withdrawal is requested.
    Withdrawal(Box<WithdrawalView>),
}

/// What a request is made of, apart from the player and the wish.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    /// The fingerprint of the faucet.
    pub(crate) faucet: Hash,
    /// The origin of this page.
    pub(crate) origin: &'a str,
    /// Random, and kept until the answer has come.
    pub(crate) client_id: ClientId,
    /// The server's time.
    pub(crate) now: Timestamp,
}

/// The request to be paid at an address by a rail, not signed yet.
fn address_request(
    wallet: Wallet,
    rail: String,
    address: String,
    circumstances: &Circumstances<'_>,
) -> AddressRequest {
    AddressRequest {
        wallet,
        rail,
        address,
        client_id: circumstances.client_id,
        issued_at_ms: circumstances.now,
        origin: circumstances.origin.to_owned(),
        site: None,
        faucet: circumstances.faucet,
        signed_message: None,
        signature: Signature([0; 64]),
        ownership: None,
    }
}

/// The request to be paid, not signed yet.
fn withdrawal_request(wallet: Wallet, plan: Plan, circumstances: &Circumstances<'_>) -> WithdrawalRequest {
    WithdrawalRequest {
        wallet,
        rail: plan.rail,
        asset: plan.asset.code,
        amount: plan.amount,
        address: plan.address,
        fee_max: plan.fee,
        client_id: circumstances.client_id,
        issued_at_ms: circumstances.now,
        origin: circumstances.origin.to_owned(),
        site: None,
        faucet: circumstances.faucet,
        signed_message: None,
        signature: Signature([0; 64]),
    }
}

impl Errand {
    /// Has signed what the player wishes, and keeps it; `then` hears of it, or why there is nothing to be sent: `None` where the player
    /// thought better of it.
    pub(crate) fn sign(
        dripline: &Dripline,
        wish: Wish,
        circumstances: &Circumstances<'_>,
        then: impl FnOnce(Result<Self, Option<Failure>>) + 'static,
    ) {
        let wallet = dripline.player.wallet;
        let (is_withdrawal, decimals, request) = match wish {
            Wish::Address { rail, address } => {
                let request = address_request(wallet, rail, address, circumstances);
                (false, 0, json::print(&request))
            }
            Wish::Withdrawal(plan) => {
                let decimals = plan.asset.decimals;
                let request = withdrawal_request(wallet, plan, circumstances);
                (true, decimals, json::print(&request))
            }
        };
        // Requests are plain data: they can always be written.
        let signing = dripline.player.consult(&request.unwrap_or_default(), decimals);
        spawn_local(async move {
            then(match signing.await {
                Some(body) if !body.is_empty() => {
                    let errand = Self { wallet, is_withdrawal, body };
                    storage::write_value(Slot::Errand, &errand);
                    Ok(errand)
                }
                Some(_) => Err(None),
                None => Err(Some(Failure::Unsigned)),
            });
        });
    }

    /// The one of this wallet that was not answered, if there is one.
    pub(crate) fn kept(wallet: Wallet) -> Option<Self> {
        storage::read_value::<Self>(Slot::Errand).filter(|errand| errand.wallet == wallet)
    }

    /// Sends it. It is kept for as long as it may have been done without an answer.
    pub(crate) async fn send(self, api: Api) -> Result<Answer, Failure> {
        let answer = api.errand(&self).await;
        let is_settled = answer.as_ref().err().and_then(Failure::passes_by_itself).is_none();
        // Another one may have taken its place.
        if is_settled && storage::read(Slot::Errand) == json::print(&self) {
            storage::remove(Slot::Errand);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use dripline_shared::amount::{Amount, Asset};
    use dripline_shared::json::{FromJson, ToJson};
    use serde_json::{Value, json};

    use super::*;

    const CIRCUMSTANCES: Circumstances<'_> = Circumstances {
        faucet: Hash([7; 32]),
        origin: "https://faucet.example",
        client_id: ClientId([9; 16]),
        now: Timestamp(1_769_904_000_000),
    };

    fn plan() -> Plan {
        Plan {
            rail: "sandbox".to_owned(),
            asset: Asset { code: "DRIP".to_owned(), decimals: 6 },
            amount: Amount::from_units(50_000),
            fee: Amount::from_units(10),
            address: "there".to_owned(),
        }
    }

    const WALLET: Wallet = Wallet([7; 32]);

    #[test]
    fn a_withdrawal_is_signed_for_the_fee_that_was_shown_and_no_more() {
        let request = withdrawal_request(WALLET, plan(), &CIRCUMSTANCES);
        assert_eq!((request.amount, request.fee_max), (plan().amount, plan().fee));
        let statement = request.statement(6).to_string();
        assert_eq!(request.wallet, WALLET);
        assert!(statement.contains(&Wish::Withdrawal(plan()).sentence()), "{statement}");
    }

    #[test]
    fn an_address_is_signed_in_the_words_that_were_shown() {
        let wish = Wish::address("sandbox", "there").unwrap();
        let request = address_request(WALLET, "sandbox".to_owned(), "there".to_owned(), &CIRCUMSTANCES);
        let statement = request.statement().to_string();
        assert_eq!(request.wallet, WALLET);
        assert!(statement.contains(&wish.sentence()), "{statement}");
    }

    #[test]
    fn what_is_asked_for_twice_is_the_same_request_byte_for_byte() {
        let text = || withdrawal_request(WALLET, plan(), &CIRCUMSTANCES).to_json::<Value>().to_string();
        assert_eq!(text(), text());
    }

    #[test]
    fn a_request_is_kept_and_read_back_and_what_is_none_counts_as_absent() {
        let kept = json!({ "wallet": "1".repeat(32), "is_withdrawal": true, "body": "{ \"rail\": 1 }" });
        let errand = Errand::from_json(&kept).unwrap();
        assert!(errand.is_withdrawal && errand.body == "{ \"rail\": 1 }");
        assert_eq!(errand.to_json::<Value>(), kept);
        for bad in [json!({}), json!([]), json!(null), json!("errand")] {
            assert!(Errand::from_json(&bad).is_none());
        }
    }
}
