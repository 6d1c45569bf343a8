//! Says where to pay, and withdraws: signs what the player asks for, keeps it until it is answered, and sends it.
//!
//! Should an answer be lost, the same request is sent again, byte for byte: so whatever it asks for is done once.

use dripline_shared::api::{AddressRequest, AddressView, WithdrawalRequest, WithdrawalView};
use dripline_shared::json::{FromJson, Json, ToJson};
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};

use crate::api::{Api, Failure};
use crate::browser::json;
use crate::browser::storage::{self, Slot};
use crate::keys::Player;
use crate::state::withdraw::{Plan, Wish};

/// A signed request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Errand {
    /// To be paid at an address.
    Address(AddressRequest),
    /// To be paid.
    Withdrawal(WithdrawalRequest),
}

/// What the server answers.
pub(crate) enum Answer {
    /// The address is set.
    Address(AddressView),
    /// The withdrawal is requested.
    Withdrawal(Box<WithdrawalView>),
}

impl FromJson for Errand {
    const BLANK: Self = Self::Address(AddressRequest::BLANK);

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        // It is kept as it is sent. A withdrawal has all that the other request has, and more.
        match WithdrawalRequest::from_json(json) {
            Some(request) => {
                *self = Self::Withdrawal(request);
                true
            }
            None => AddressRequest::from_json(json).map(|request| *self = Self::Address(request)).is_some(),
        }
    }
}

impl ToJson for Errand {
    fn to_json<J: Json>(&self) -> J {
        match self {
            Self::Address(request) => request.to_json(),
            Self::Withdrawal(request) => request.to_json(),
        }
    }
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

impl Errand {
    /// The signed request for what a player wishes.
    pub(crate) fn new(player: &Player, wish: Wish, circumstances: &Circumstances<'_>) -> Self {
        let Circumstances { faucet, origin, client_id, now } = *circumstances;
        let (wallet, issued_at_ms, origin) = (player.wallet, now, origin.to_owned());
        let signature = Signature([0; 64]);
        match wish {
            Wish::Address { rail, address } => {
                let mut request = AddressRequest {
                    wallet,
                    rail,
                    address,
                    client_id,
                    issued_at_ms,
                    origin,
                    faucet,
                    signature,
                };
                request.signature = player.sign(&request.statement());
                Self::Address(request)
            }
            Wish::Withdrawal(Plan { rail, asset, amount, fee, address }) => {
                let mut request = WithdrawalRequest {
                    wallet,
                    rail,
                    asset: asset.code,
                    amount,
                    address,
                    fee_max: fee,
                    client_id,
                    issued_at_ms,
                    origin,
                    faucet,
                    signature,
                };
                request.signature = player.sign(&request.statement(asset.decimals));
                Self::Withdrawal(request)
            }
        }
    }

    fn wallet(&self) -> Wallet {
        match self {
            Self::Address(request) => request.wallet,
            Self::Withdrawal(request) => request.wallet,
        }
    }

    /// Sends it. It is kept for as long as it may have been done without an answer.
    pub(crate) async fn send(&self, api: &Api) -> Result<Answer, Failure> {
        let answer = match self {
            Self::Address(request) => api.set_address(request).await.map(Answer::Address),
            Self::Withdrawal(request) => {
                api.withdraw(request).await.map(|view| Answer::Withdrawal(Box::new(view)))
            }
        };
        let is_settled = answer.as_ref().err().and_then(Failure::passes_by_itself).is_none();
        // Another one may have taken its place.
        if is_settled && storage::read(Slot::Errand) == json::print(self) {
            storage::remove(Slot::Errand);
        }
        answer
    }
}

/// Keeps a request before it is sent.
pub(crate) fn keep(errand: &Errand) {
    storage::write_value(Slot::Errand, errand);
}

/// The request of this wallet that was not answered, if there is one.
pub(crate) fn kept(wallet: Wallet) -> Option<Errand> {
    storage::read_value::<Errand>(Slot::Errand).filter(|errand| errand.wallet() == wallet)
}

#[cfg(test)]
mod tests {
    use dripline_shared::amount::{Amount, Asset};
    use ed25519_dalek::SigningKey;
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

    fn errand(wish: Wish) -> Errand {
        Errand::new(&player(), wish, &CIRCUMSTANCES)
    }

    fn player() -> Player {
        Player::new(SigningKey::from_bytes(&[7; 32]), true)
    }

    #[test]
    fn a_withdrawal_is_signed_for_the_fee_that_was_shown_and_no_more() {
        let Errand::Withdrawal(request) = errand(Wish::Withdrawal(plan())) else { panic!("it is none") };
        assert_eq!((request.amount, request.fee_max), (plan().amount, plan().fee));
        let statement = request.statement(6).to_string();
        assert!(request.wallet.verify(statement.as_bytes(), &request.signature).is_ok());
        assert!(statement.contains(&Wish::Withdrawal(plan()).sentence()), "{statement}");
    }

    #[test]
    fn an_address_is_signed_in_the_words_that_were_shown() {
        let wish = Wish::address("sandbox", "there").unwrap();
        let Errand::Address(request) = errand(wish.clone()) else { panic!("it is none") };
        let statement = request.statement().to_string();
        assert!(request.wallet.verify(statement.as_bytes(), &request.signature).is_ok());
        assert!(statement.contains(&wish.sentence()), "{statement}");
    }

    #[test]
    fn a_request_is_kept_as_it_is_sent_and_read_back_as_what_it_is() {
        for wish in [Wish::Withdrawal(plan()), Wish::address("sandbox", "there").unwrap()] {
            let errand = errand(wish);
            let kept: Value = errand.to_json();
            let sent: Value = match &errand {
                Errand::Address(request) => request.to_json(),
                Errand::Withdrawal(request) => request.to_json(),
            };
            assert_eq!(kept, sent);
            assert_eq!(Errand::from_json(&kept), Some(errand));
        }
        for bad in [json!({}), json!([]), json!(null), json!({ "rail": "sandbox", "address": "there" })] {
            assert_eq!(Errand::from_json(&bad), None);
        }
    }
}
