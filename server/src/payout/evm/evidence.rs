//! What the chain says of whether a transaction has paid a withdrawal.

use serde::Deserialize;
use serde_json::json;

use super::address::Address;
use super::events::Event;
use super::hex::{Data, Quantity, Word};
use super::inquiry::final_block;
use super::methods::Receipt;
use super::{Evm, abi};
use crate::payout::rpc::{Endpoint, RpcError};
use crate::payout::transfers::{asset_named, transfer};
use crate::payout::{Evidence, RailError};
use crate::store::record::WithdrawalRecord;

/// A transaction as the protocol has it, as far as it is looked at.
#[derive(Debug, Deserialize)]
struct Sent {
    from: Data,
    to: Option<Data>,
    value: Quantity,
    input: Data,
    nonce: Quantity,
}

/// What a withdrawal is to get.
#[derive(Debug, Clone, Copy)]
struct Owed {
    token: Option<Address>,
    to: Address,
    amount: u128,
}

/// What an endpoint has of a transaction.
#[derive(Debug)]
struct Found {
    sent: Option<Sent>,
    receipt: Option<Receipt>,
    final_block: u64,
}

impl Evm {
    /// Asks one endpoint: the operator who says that it was paid is another witness.
    pub(super) fn evidence_of(
        &self,
        withdrawal: &WithdrawalRecord,
        transaction: &str,
    ) -> Result<Evidence, RailError> {
        let asset = asset_named(&self.assets, &withdrawal.asset)?;
        let (to, amount) = transfer(withdrawal, asset.scale, Address::payable)?;
        let found = self.rpc.any(|endpoint| {
            endpoint.check_chain_id(self.chain_id)?;
            // First what is final, so that whatever is found later is as of that moment at least.
            let final_block = final_block(endpoint, self.finality)?;
            Ok(Found {
                sent: endpoint.sent(transaction)?,
                receipt: endpoint.receipt(transaction)?,
                final_block,
            })
        })?;
        Ok(judge(&found, Owed { token: asset.token, to, amount }, self.key.address(), self.disperse))
    }
}

impl Endpoint {
    /// A transaction, where the node knows it.
    fn sent(&self, id: &str) -> Result<Option<Sent>, RpcError> {
        self.call("eth_getTransactionByHash", &json!([id]))
    }
}

/// Judges. Pure.
fn judge(found: &Found, owed: Owed, treasury: Address, disperse: Option<Address>) -> Evidence {
    let (Some(sent), Some(receipt)) = (&found.sent, &found.receipt) else {
        return Evidence::against("the chain has no such transaction in a block");
    };
    if receipt.block > found.final_block {
        return Evidence::against(format!(
            "it is in block {}, and final is what is up to block {}: wait, and try again",
            receipt.block, found.final_block
        ));
    }
    if !receipt.succeeded {
        return Evidence::against("it was executed and failed: it has paid nobody");
    }
    let address = |data: &Data| data.0.as_slice().try_into().ok().map(Address);
    let paid = match owed.token {
        Some(token) => sum(receipt.events.iter().filter_map(|event| transferred(event, token, owed.to))),
        None if sent.to.as_ref().and_then(address) == Some(owed.to) => sent.value.0,
        None if disperse.is_some() && sent.to.as_ref().and_then(address) == disperse => {
            sum(abi::dispersed_ether(&sent.input.0)
                .into_iter()
                .filter(|transfer| transfer.to == owed.to)
                .map(|it| it.amount))
        }
        None => 0,
    };
    if paid < owed.amount {
        return Evidence::against(format!(
            "it has paid {paid} of the chain's units to {}, and the withdrawal is owed {}",
            owed.to, owed.amount
        ));
    }
    let is_ours = address(&sent.from) == Some(treasury);
    Evidence::Pays { nonce: u64::try_from(sent.nonce.0).ok().filter(|_| is_ours) }
}

fn sum(amounts: impl Iterator<Item = u128>) -> u128 {
    amounts.fold(0, u128::saturating_add)
}

/// How much of a token this event says that somebody got.
fn transferred(event: &Event, token: Address, to: Address) -> Option<u128> {
    let [topic, _, recipient] = event.topics.as_slice() else { return None };
    let is_it =
        event.contract == token && *topic == abi::transfer_event() && Address::of_word(recipient) == Some(to);
    let amount = Word(event.data.as_slice().try_into().ok()?).number();
    is_it.then_some(amount)
}

#[cfg(test)]
mod tests {
    use super::super::abi::Transfer;
    use super::*;

    const TREASURY: Address = Address([1; 20]);
    const TO: Address = Address([2; 20]);
    const TOKEN: Address = Address([3; 20]);
    const DISPERSE: Address = Address([4; 20]);

    fn found(to: Address, value: u128, input: Vec<u8>) -> Found {
        let sent = Sent {
            from: Data(TREASURY.0.to_vec()),
            to: Some(Data(to.0.to_vec())),
            value: Quantity(value),
            input: Data(input),
            nonce: Quantity(7),
        };
        let receipt =
            Receipt { block: 10, block_hash: Word([9; 32]), succeeded: true, events: Vec::new(), cost: None };
        Found { sent: Some(sent), receipt: Some(receipt), final_block: 10 }
    }

    fn coins(amount: u128) -> Owed {
        Owed { token: None, to: TO, amount }
    }

    fn judged(found: &Found, owed: Owed) -> Evidence {
        judge(found, owed, TREASURY, Some(DISPERSE))
    }

    fn is_against(evidence: &Evidence, words: &str) -> bool {
        matches!(evidence, Evidence::Contradicts { why } if why.contains(words))
    }

    #[test]
    fn a_transfer_of_enough_coins_pays_and_tells_its_nonce() {
        let paid = found(TO, 500, Vec::new());
        assert_eq!(judged(&paid, coins(500)), Evidence::Pays { nonce: Some(7) });
        assert!(is_against(&judged(&paid, coins(501)), "has paid 500"));
        assert!(is_against(&judged(&found(TOKEN, 500, Vec::new()), coins(500)), "has paid 0"));
        let mut others = found(TO, 500, Vec::new());
        others.sent.as_mut().unwrap().from = Data(TOKEN.0.to_vec());
        assert_eq!(judged(&others, coins(500)), Evidence::Pays { nonce: None }, "it is not the treasury's");
    }

    #[test]
    fn what_is_not_there_not_final_or_failed_pays_nobody() {
        let whole = || found(TO, 500, Vec::new());
        assert!(is_against(&judged(&Found { sent: None, ..whole() }, coins(1)), "no such transaction"));
        assert!(is_against(&judged(&Found { receipt: None, ..whole() }, coins(1)), "no such transaction"));
        assert!(is_against(&judged(&Found { final_block: 9, ..whole() }, coins(1)), "wait"));
        let mut failed = whole();
        failed.receipt.as_mut().unwrap().succeeded = false;
        assert!(is_against(&judged(&failed, coins(1)), "failed"));
    }

    #[test]
    fn what_the_contract_for_many_paid_is_read_from_its_call() {
        let transfers = [(TO, 300), (TOKEN, 900), (TO, 200)].map(|(to, amount)| Transfer { to, amount });
        let mut input = abi::disperse_ether(&transfers);
        input.extend([0xba; 16]);
        let paid = found(DISPERSE, 1_400, input.clone());
        assert_eq!(judged(&paid, coins(500)), Evidence::Pays { nonce: Some(7) });
        assert!(is_against(&judged(&paid, coins(501)), "has paid 500"));
        assert_eq!(abi::dispersed_ether(&input), transfers);
        for length in 0..input.len() - 16 {
            assert!(abi::dispersed_ether(&input[..length]).is_empty(), "torn at {length}");
        }
    }

    #[test]
    fn a_token_pays_by_its_events() {
        let event = |contract, to: Address, amount: u128| Event {
            contract,
            topics: vec![abi::transfer_event(), TREASURY.word(), to.word()],
            data: Word::from(amount).0.to_vec(),
        };
        let mut paid = found(TOKEN, 0, Vec::new());
        let events = [event(TOKEN, TO, 300), event(TOKEN, TREASURY, 900), event(DISPERSE, TO, 900)];
        paid.receipt.as_mut().unwrap().events = events.to_vec();
        let owed = |amount| Owed { token: Some(TOKEN), to: TO, amount };
        assert_eq!(judged(&paid, owed(300)), Evidence::Pays { nonce: Some(7) });
        assert!(is_against(&judged(&paid, owed(301)), "has paid 300"));
    }
}
