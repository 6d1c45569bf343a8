//! The methods of Ethereum's JSON-RPC that the rail calls, with the parts of their answers that it reads. Field and method
//! names are the protocol's: <https://ethereum.org/developers/docs/apis/json-rpc>.

use serde::Deserialize;
use serde_json::{Value, json};

use super::address::Address;
use super::events::Event;
use super::fees::Fees;
use super::gas::{self, Estimate};
use super::hex::{Data, Quantity, Word, text};
use super::transaction::Action;
use crate::payout::rpc::{Endpoint, RpcError};

/// The limit of requests is exceeded, and an internal error (EIP-1474).
pub(super) const UNHEALTHY: &[i64] = &[-32_005, -32_603];

/// A block, by what it is to the chain or by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Latest,
    /// The newest one and what waits, as if that were executed.
    Pending,
    Finalized,
    Number(u64),
}

/// A block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) number: u64,
    pub(super) hash: Word,
    /// What a unit of gas costs at least in it, in wei; none before EIP-1559.
    pub(super) base_fee: Option<u128>,
}

/// What became of a transaction in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Receipt {
    pub(super) block: u64,
    pub(super) block_hash: Word,
    pub(super) succeeded: bool,
    pub(super) events: Vec<Event>,
    /// What it cost, in wei: gas, and what some chains take for keeping it on another chain. Not every node tells it.
    pub(super) cost: Option<u128>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBlock {
    number: Quantity,
    hash: Word,
    #[serde(default)]
    base_fee_per_gas: Option<Quantity>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawReceipt {
    transaction_hash: Word,
    block_number: Quantity,
    block_hash: Word,
    status: Quantity,
    logs: Vec<RawLog>,
    #[serde(default)]
    gas_used: Option<Quantity>,
    #[serde(default)]
    effective_gas_price: Option<Quantity>,
    #[serde(default)]
    l1_fee: Option<Quantity>,
}

#[derive(Debug, Deserialize)]
struct RawLog {
    address: Data,
    topics: Vec<Word>,
    data: Data,
}

impl At {
    fn param(self) -> Value {
        match self {
            Self::Latest => json!("latest"),
            Self::Pending => json!("pending"),
            Self::Finalized => json!("finalized"),
            Self::Number(number) => json!(format!("{number:#x}")),
        }
    }
}

/// A call as the protocol has it.
fn call_object(from: Option<Address>, action: &Action) -> Value {
    let mut call = json!({"to": action.to.to_string(), "data": text(&action.data)});
    if let (Some(from), Some(call)) = (from, call.as_object_mut()) {
        call.insert("from".to_owned(), json!(from.to_string()));
        call.insert("value".to_owned(), json!(format!("{:#x}", action.value)));
    }
    call
}

impl Endpoint {
    fn number_of(&self, method: &'static str, params: &Value) -> Result<u64, RpcError> {
        let Quantity(number) = self.call(method, params)?;
        u64::try_from(number).map_err(|_| self.nonsense(method, "a number of more than 64 bits"))
    }

    /// Makes sure that it is of the chain of this id.
    pub(super) fn check_chain_id(&self, expected: u64) -> Result<(), RpcError> {
        let id = self.number_of("eth_chainId", &json!([]))?;
        if id == expected {
            return Ok(());
        }
        Err(RpcError::OtherChain { endpoint: self.name.clone(), what: format!("id is {id}") })
    }

    /// A block, where the node has it.
    pub(super) fn block_at(&self, at: At) -> Result<Option<Block>, RpcError> {
        const METHOD: &str = "eth_getBlockByNumber";
        let Some(raw) = self.call::<Option<RawBlock>>(METHOD, &json!([at.param(), false]))? else {
            return Ok(None);
        };
        let number = u64::try_from(raw.number.0)
            .map_err(|_| self.nonsense(METHOD, "a height of more than 64 bits"))?;
        Ok(Some(Block { number, hash: raw.hash, base_fee: raw.base_fee_per_gas.map(|fee| fee.0) }))
    }

    /// A block that the node must have.
    pub(super) fn known_block(&self, at: At) -> Result<Block, RpcError> {
        self.block_at(at)?.ok_or_else(|| self.nonsense("eth_getBlockByNumber", "it has no such block"))
    }

    /// How many transactions of an address are executed.
    pub(super) fn transaction_count(&self, address: Address, at: At) -> Result<u64, RpcError> {
        self.number_of("eth_getTransactionCount", &json!([address.to_string(), at.param()]))
    }

    /// What became of a transaction, where the node has found it in a block.
    pub(super) fn receipt(&self, id: &str) -> Result<Option<Receipt>, RpcError> {
        const METHOD: &str = "eth_getTransactionReceipt";
        let Some(raw) = self.call::<Option<RawReceipt>>(METHOD, &json!([id]))? else { return Ok(None) };
        if raw.transaction_hash.to_string() != id {
            return Err(self.nonsense(METHOD, "a receipt of another transaction"));
        }
        let succeeded = match raw.status.0 {
            0 => false,
            1 => true,
            _ => return Err(self.nonsense(METHOD, "an unknown status")),
        };
        let block = u64::try_from(raw.block_number.0)
            .map_err(|_| self.nonsense(METHOD, "a height of more than 64 bits"))?;
        let event = |log: RawLog| {
            let contract = log.address.0.try_into().map(Address);
            let contract = contract.map_err(|_| self.nonsense(METHOD, "an address that is not 20 bytes"))?;
            Ok(Event { contract, topics: log.topics, data: log.data.0 })
        };
        let gas = raw.gas_used.zip(raw.effective_gas_price).map(|(gas, price)| gas.0.saturating_mul(price.0));
        let cost = gas.map(|gas| gas.saturating_add(raw.l1_fee.map_or(0, |fee| fee.0)));
        let events = raw.logs.into_iter().map(event).collect::<Result<_, RpcError>>()?;
        Ok(Some(Receipt { block, block_hash: raw.block_hash, succeeded, events, cost }))
    }

    /// What an address has of the native coin, in wei.
    pub(super) fn balance(&self, address: Address, at: At) -> Result<u128, RpcError> {
        let Quantity(balance) = self.call("eth_getBalance", &json!([address.to_string(), at.param()]))?;
        Ok(balance)
    }

    /// Whether there is a contract at an address.
    pub(super) fn is_contract(&self, address: Address) -> Result<bool, RpcError> {
        let Data(code) = self.call("eth_getCode", &json!([address.to_string(), "latest"]))?;
        Ok(!code.is_empty())
    }

    /// What a contract answers, without effect.
    pub(super) fn ask_contract(&self, contract: Address, data: Vec<u8>, at: At) -> Result<Vec<u8>, RpcError> {
        let call = call_object(None, &Action { to: contract, value: 0, data });
        let Data(answer) = self.call("eth_call", &json!([call, at.param()]))?;
        Ok(answer)
    }

    /// How much gas something takes, if it would not fail. A call of a token fails also where it would answer `false`.
    pub(super) fn estimate(
        &self,
        from: Address,
        action: &Action,
        fees: Fees,
        is_call_of_token: bool,
    ) -> Result<Estimate, RpcError> {
        let mut call = call_object(Some(from), action);
        // As it will be executed: a contract can tell a price of nothing, and fail only where it costs something.
        if let Some(call) = call.as_object_mut() {
            call.insert("maxFeePerGas".to_owned(), json!(format!("{:#x}", fees.most)));
            call.insert("maxPriorityFeePerGas".to_owned(), json!(format!("{:#x}", fees.priority)));
        }
        let gas = match self.number_of("eth_estimateGas", &json!([call])) {
            Err(RpcError::Refused { code, message, .. }) if gas::is_failure(code, &message) => {
                return Ok(Estimate::Fails(format!("The chain would refuse it: {message}.")));
            }
            gas => gas?,
        };
        if is_call_of_token {
            let Data(answer) = self.call("eth_call", &json!([call, At::Latest.param()]))?;
            if answer.len() == 32 && answer.iter().all(|byte| *byte == 0) {
                return Ok(Estimate::Fails("The token would refuse it.".to_owned()));
            }
        }
        Ok(Estimate::Takes(gas))
    }

    /// What the node proposes to pay for the priority of a unit of gas, in wei.
    pub(super) fn proposed_priority(&self) -> Result<u128, RpcError> {
        let Quantity(fee) = self.call("eth_maxPriorityFeePerGas", &json!([]))?;
        Ok(fee)
    }

    /// Sends a signed transaction, in hexadecimal.
    pub(super) fn send_raw_transaction(&self, transaction: &str) -> Result<(), RpcError> {
        self.call::<Word>("eth_sendRawTransaction", &json!([transaction])).map(drop)
    }
}

/// Whether a refusal says that the transaction, or one that is as good, is there already.
pub(super) fn is_repeat(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["already known", "already imported", "known transaction", "nonce too low", "underpriced"]
        .iter()
        .any(|words| message.contains(words))
}

#[cfg(test)]
mod tests;
