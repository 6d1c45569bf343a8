//! Requests of withdrawals: whether each says what its player has signed.

use dripline_shared::round::{ClientId, Hash};
use dripline_shared::statement::{Act, Statement};
use dripline_shared::wallet::Wallet;

use crate::signed_message;
use crate::store::record::{SignedStatement, WithdrawalRecord, request_hash};

/// What is stored of the request of a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Who asked to be paid.
    pub wallet: Wallet,
    /// By which rail; nothing where that is not stored.
    pub rail: Option<String>,
    /// To which address.
    pub address: String,
    /// The client's id of the request.
    pub client: ClientId,
    /// The hash of the statement.
    pub request: Hash,
    /// When it was requested, in milliseconds since the epoch.
    pub requested_ms: i64,
    /// What the player has signed; of withdrawals from before that was kept, nothing with an empty text.
    pub signed: Option<SignedStatement>,
}

impl RequestRow {
    /// What is wrong with it: of so many units of this asset, with this fee, for this faucet.
    pub(super) fn finding(
        &self,
        faucet: Hash,
        asset: Option<&str>,
        amount: i64,
        fee: i64,
    ) -> Option<&'static str> {
        let Some(rail) = &self.rail else { return Some("its rail is not stored") };
        let Some(signed) = &self.signed else {
            // What nobody has signed has an id that nobody can choose: the beginning of what stands for the request.
            let is_unsigned = WithdrawalRecord::dormant_client(self.request) == self.client.0;
            return (!is_unsigned).then_some("nobody has signed it");
        };
        if signed.text.is_empty() {
            // It was requested before what is signed was kept.
            return None;
        }
        let Ok(statement) = Statement::parse(&signed.text) else {
            return Some("what was signed says nothing");
        };
        if !signed_message::is_signed(&statement, self.wallet, &signed.signature) {
            return Some("its signature does not match what was signed");
        }
        let Act::Withdraw { client_id, rail: to_rail, asset: of, amount: units, address, fee_max, site: _ } =
            statement.act
        else {
            return Some("something else was signed");
        };
        let is_same = statement.wallet == self.wallet
            && statement.faucet == faucet
            && client_id == self.client
            && to_rail == *rail
            && asset == Some(of.code.as_str())
            && units.units() == amount
            && address == self.address
            && fee <= fee_max.units()
            && request_hash(&signed.text) == self.request;
        (!is_same).then_some("it is not what was signed")
    }
}
