//! The methods of Solana's JSON-RPC that the rail calls, with the parts of their answers that it reads. Field and method
//! names are the protocol's: <https://solana.com/docs/rpc/http>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use solana_address::Address;

use super::address;
use crate::payout::rpc::{Endpoint, RpcError};

/// The node is behind the others, or not whole: `RPC_SERVER_ERROR_NODE_UNHEALTHY` and `…_MIN_CONTEXT_SLOT_NOT_REACHED`.
pub(super) const UNHEALTHY: &[i64] = &[-32_005, -32_016];
/// `RPC_SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE`: also what a node answers that has executed it already.
const NOT_TAKEN: i64 = -32_002;
/// The most transactions of one `getSignaturesForAddress`, and how often it is asked at most.
const PAGE: usize = 1_000;
const PAGES_MAX: usize = 100;
/// How often it is asked where any history will do: that of a treasury that the store has never paid from.
const FIRST_PAGES_MAX: usize = 5;
/// The most transactions of a treasury between two payouts.
pub(super) const HISTORY_MAX: usize = PAGE * PAGES_MAX;
/// How many bytes a signature has.
const SIGNATURE_BYTES: usize = 64;

const GET_TRANSACTION: &str = "getTransaction";

/// An answer with the slot at which it was given.
#[derive(Debug, Deserialize)]
struct Contextual<T> {
    context: Context,
    value: T,
}

#[derive(Debug, Deserialize)]
struct Context {
    slot: u64,
}

/// A blockhash that transactions can be signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blockhash {
    pub(super) hash: [u8; 32],
    pub(super) last_valid_block_height: u64,
    /// The slot at which it was asked for.
    pub(super) slot: u64,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) lamports: u64,
    pub(super) owner: Address,
    pub(super) data: Vec<u8>,
}

/// A status that was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) is_finalized: bool,
    pub(super) error: Option<Value>,
}

/// What a dry run came to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Simulation {
    #[serde(rename = "err")]
    pub(super) error: Option<Value>,
    #[serde(default)]
    pub(super) logs: Option<Vec<String>>,
    #[serde(default, rename = "unitsConsumed")]
    pub(super) units: Option<u64>,
}

/// A block, as far as the scan needs it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBlock {
    block_height: Option<u64>,
    parent_slot: u64,
    signatures: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBlockhash {
    blockhash: String,
    last_valid_block_height: u64,
}

#[derive(Debug, Deserialize)]
struct RawAccount {
    lamports: u64,
    owner: String,
    /// The bytes and their encoding.
    data: (String, String),
}

/// Of an answer that has no `err` or no `confirmations` at all, nothing can be said: it must be there, if as `null`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawStatus {
    #[serde(deserialize_with = "Option::deserialize")]
    confirmations: Option<u64>,
    #[serde(deserialize_with = "Option::deserialize")]
    err: Option<Value>,
    #[serde(default)]
    confirmation_status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEpoch {
    absolute_slot: u64,
    block_height: u64,
}

/// A transaction of an address.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEntry {
    signature: String,
    #[serde(default)]
    confirmation_status: Option<String>,
}

/// A transaction, as far as it says who signed it.
#[derive(Debug, Deserialize)]
struct RawTransaction {
    transaction: RawSigned,
    meta: Option<RawMeta>,
}

/// What executing it did, as far as it says what that cost.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMeta {
    #[serde(deserialize_with = "Option::deserialize")]
    err: Option<Value>,
    pre_balances: Vec<u64>,
    post_balances: Vec<u64>,
}

#[derive(Debug, Deserialize)]
struct RawSigned {
    message: RawMessage,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMessage {
    /// Those that have signed come first.
    account_keys: Vec<String>,
    header: RawHeader,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawHeader {
    num_required_signatures: usize,
}

impl Endpoint {
    /// The finalized transactions that an address is in since this one, the oldest first; `None` where there are more than
    /// [`HISTORY_MAX`]. Without such a one, the newest few thousand.
    pub(super) fn history(
        &self,
        address: &Address,
        since: Option<&str>,
    ) -> Result<Option<Vec<String>>, RpcError> {
        const METHOD: &str = "getSignaturesForAddress";
        let mut found: Vec<String> = Vec::new();
        let mut is_whole = since.is_none();
        for _ in 0..since.map_or(FIRST_PAGES_MAX, |_| PAGES_MAX) {
            let mut options = json!({"limit": PAGE, "commitment": "finalized"});
            if let Some(since) = since {
                options["until"] = json!(since);
            }
            if let Some(last) = found.last() {
                options["before"] = json!(last);
            }
            let page: Vec<RawEntry> = self.call(METHOD, &json!([address.to_string(), options]))?;
            // What it names is noted and asked for later: nothing may come of an endpoint that names nonsense.
            if page.len() > PAGE || !page.iter().all(|entry| is_signature(&entry.signature)) {
                return Err(
                    self.nonsense(METHOD, "expected a thousand signatures of 64 bytes in base58 at most")
                );
            }
            let is_last = page.len() < PAGE;
            let is_final =
                |entry: &RawEntry| entry.confirmation_status.as_deref().is_none_or(|it| it == "finalized");
            found.extend(page.into_iter().filter(is_final).map(|entry| entry.signature));
            if is_last || found.is_empty() {
                is_whole = true;
                break;
            }
        }
        found.reverse();
        Ok(is_whole.then_some(found))
    }

    /// A finalized transaction, read as what is looked at of it; `None` where the node knows none.
    pub(super) fn transaction<T: DeserializeOwned>(&self, signature: &str) -> Result<Option<T>, RpcError> {
        let options =
            json!({"encoding": "json", "commitment": "finalized", "maxSupportedTransactionVersion": 0});
        self.call(GET_TRANSACTION, &json!([signature, options]))
    }

    /// What a finalized transaction took from who has paid for it, in lamports, and whether it succeeded; `None` where there is
    /// none.
    pub(super) fn taken(&self, signature: &str) -> Result<Option<(u64, bool)>, RpcError> {
        let Some(transaction) = self.transaction::<RawTransaction>(signature)? else { return Ok(None) };
        // Whoever pays is always the first account.
        let taken = transaction.meta.and_then(|meta| {
            let taken = meta.pre_balances.first()?.saturating_sub(*meta.post_balances.first()?);
            Some((taken, meta.err.is_none()))
        });
        taken.map(Some).ok_or_else(|| self.nonsense(GET_TRANSACTION, "a transaction without balances"))
    }

    /// Whether an address has signed a finalized transaction; `None` where there is none.
    pub(super) fn is_signer(&self, address: &Address, signature: &str) -> Result<Option<bool>, RpcError> {
        let Some(transaction) = self.transaction::<RawTransaction>(signature)? else { return Ok(None) };
        let (message, address) = (transaction.transaction.message, address.to_string());
        let mut signers = message.account_keys.iter().take(message.header.num_required_signatures);
        Ok(Some(signers.any(|key| *key == address)))
    }

    /// Makes sure that it is of the chain of this genesis hash, in base58.
    pub(super) fn check_chain(&self, expected: &str) -> Result<(), RpcError> {
        let genesis_hash: String = self.call("getGenesisHash", &json!([]))?;
        if genesis_hash == expected {
            return Ok(());
        }
        let what = format!("genesis hash is {genesis_hash}");
        Err(RpcError::OtherChain { endpoint: self.name.clone(), what })
    }

    /// A recent blockhash of a finalized block: one that no fork can take back.
    pub(super) fn latest_blockhash(&self) -> Result<Blockhash, RpcError> {
        const METHOD: &str = "getLatestBlockhash";
        let answer: Contextual<RawBlockhash> = self.call(METHOD, &json!([{"commitment": "finalized"}]))?;
        let hash = address::any(&answer.value.blockhash)
            .ok_or_else(|| self.nonsense(METHOD, "a blockhash is 32 bytes in base58"))?;
        Ok(Blockhash {
            hash: hash.to_bytes(),
            last_valid_block_height: answer.value.last_valid_block_height,
            slot: answer.context.slot,
        })
    }

    /// The height and the slot of one finalized block. One call gives both, so that they belong together.
    pub(super) fn finalized(&self) -> Result<(u64, u64), RpcError> {
        let epoch: RawEpoch = self.call("getEpochInfo", &json!([{"commitment": "finalized"}]))?;
        Ok((epoch.block_height, epoch.absolute_slot))
    }

    /// The statuses of at most 256 transactions, looked for in all of the node's history, and the slot of the answer.
    pub(super) fn statuses(&self, signatures: &[&str]) -> Result<(u64, Vec<Option<Found>>), RpcError> {
        const METHOD: &str = "getSignatureStatuses";
        let params = json!([signatures, {"searchTransactionHistory": true}]);
        let answer: Contextual<Vec<Option<RawStatus>>> = self.call(METHOD, &params)?;
        if answer.value.len() != signatures.len() {
            return Err(self.nonsense(METHOD, "it answers for another number of transactions"));
        }
        let found = |raw: RawStatus| {
            let is_finalized = match raw.confirmation_status.as_deref() {
                Some("finalized") => true,
                Some("processed" | "confirmed") => false,
                // Nodes before 1.4 say it by this alone: rooted blocks have no count of confirmations.
                None => raw.confirmations.is_none(),
                Some(_) => return Err(self.nonsense(METHOD, "an unknown confirmation status")),
            };
            Ok(Found { is_finalized, error: raw.err })
        };
        let statuses = answer.value.into_iter().map(|raw| raw.map(found).transpose());
        Ok((answer.context.slot, statuses.collect::<Result<_, _>>()?))
    }

    /// The first slot whose block the node still has.
    pub(super) fn first_available_slot(&self) -> Result<u64, RpcError> {
        self.call("getFirstAvailableBlock", &json!([]))
    }

    /// The slots of the finalized blocks from one slot on, at most so many.
    pub(super) fn finalized_slots(&self, from: u64, most: u64) -> Result<Vec<u64>, RpcError> {
        self.call("getBlocksWithLimit", &json!([from, most, {"commitment": "finalized"}]))
    }

    /// A finalized block's height and the slot of the one before it, and whether a transaction is in it.
    pub(super) fn block(&self, slot: u64, signature: &str) -> Result<(u64, u64, bool), RpcError> {
        const METHOD: &str = "getBlock";
        let params = json!([slot, {
            "encoding": "json",
            "transactionDetails": "signatures",
            "rewards": false,
            "commitment": "finalized",
            "maxSupportedTransactionVersion": 0,
        }]);
        let block: RawBlock = self.call(METHOD, &params)?;
        let height = block.block_height.ok_or_else(|| self.nonsense(METHOD, "a block without a height"))?;
        Ok((height, block.parent_slot, block.signatures.iter().any(|other| other == signature)))
    }

    /// Accounts, finalized, in the order of their addresses, of which there may be at most 100.
    pub(super) fn accounts(&self, addresses: &[Address]) -> Result<Vec<Option<Account>>, RpcError> {
        const METHOD: &str = "getMultipleAccounts";
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let params = json!([addresses, {"encoding": "base64", "commitment": "finalized"}]);
        let answer: Contextual<Vec<Option<RawAccount>>> = self.call(METHOD, &params)?;
        if answer.value.len() != addresses.len() {
            return Err(self.nonsense(METHOD, "it answers for another number of accounts"));
        }
        let account = |raw: RawAccount| {
            let owner = address::any(&raw.owner);
            let data = STANDARD.decode(&raw.data.0).ok().filter(|_| raw.data.1 == "base64");
            let (owner, data) = owner.zip(data).ok_or_else(|| self.nonsense(METHOD, "not an account"))?;
            Ok(Account { lamports: raw.lamports, owner, data })
        };
        answer.value.into_iter().map(|raw| raw.map(account).transpose()).collect()
    }

    /// The least that an account with so many bytes of data must have, in lamports.
    pub(super) fn rent_minimum(&self, bytes: usize) -> Result<u64, RpcError> {
        self.call("getMinimumBalanceForRentExemption", &json!([bytes]))
    }

    /// Sends a signed transaction, in base64. That it was executed before is as good as that it was taken.
    ///
    /// Without a preflight: a transaction that fails has to reach the chain, or it would never be known whose fault it
    /// was.
    pub(super) fn send_transaction(&self, transaction: &str) -> Result<(), RpcError> {
        let params = json!([transaction, {"encoding": "base64", "skipPreflight": true}]);
        match self.call::<String>("sendTransaction", &params) {
            Ok(_) => Ok(()),
            Err(RpcError::Refused { code: NOT_TAKEN, message, .. }) if is_repeat(&message) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Lets the node execute a transaction, in base64, without effect: its signature is not looked at, and its blockhash
    /// replaced.
    pub(super) fn simulate_transaction(&self, transaction: &str) -> Result<Simulation, RpcError> {
        let params = json!([transaction, {
            "encoding": "base64",
            "sigVerify": false,
            "replaceRecentBlockhash": true,
            "commitment": "confirmed",
        }]);
        let answer: Contextual<Simulation> = self.call("simulateTransaction", &params)?;
        Ok(answer.value)
    }
}

fn is_signature(text: &str) -> bool {
    let mut bytes = [0; SIGNATURE_BYTES];
    bs58::decode(text).onto(&mut bytes).is_ok_and(|length| length == SIGNATURE_BYTES)
}

/// "This transaction has already been processed", or the error's name.
fn is_repeat(message: &str) -> bool {
    message.contains("already been processed") || message.contains("AlreadyProcessed")
}

#[cfg(test)]
mod tests;
