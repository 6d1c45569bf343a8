//! EVM chains: pays the native coin and ERC-20 tokens from the treasury's account.
//!
//! A batch is one transaction of EIP-1559 (`payout` says which, `transaction` its bytes, `envelope` what is kept of it). Its
//! nonce is the store's: what takes the place of a candidate, or cancels it, has the same one, so that at most one of them is
//! ever executed. All that decides is pure: which nonce is signed with (`nonce`), what gas may cost (`fees`) and how much of
//! it there may be (`gas`), whether the treasury has enough (`funds`), what a token moved (`events`), and what the endpoints'
//! answers mean (`verdict`). What asks is `methods` (how) and `inquiry` (what for).
//!
//! What gas costs is paid by the treasury's coins: what was signed says what it is at most, and [`Rail::cost`] what it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::payout::RailKind;
use dripline_shared::time::Timestamp;

use crate::edge::Edge;
use crate::payout::rpc::{Rpc, RpcError};
use crate::payout::rules::COIN_DECIMALS;
use crate::payout::transfers::{asset_of, transfers};
use crate::payout::witnesses::{agreed, witnesses};
use crate::payout::{
    AssetRules, Evidence, Holdings, Pace, Rail, RailError, RailRules, Signed, Trial, Verdict, units,
};
use crate::store::record::{BatchFacts, BatchRecord, Candidate, RailRecord, WithdrawalRecord};

mod abi;
mod address;
mod envelope;
mod events;
mod evidence;
mod fees;
mod funds;
mod gas;
mod hex;
mod inquiry;
mod key;
mod methods;
mod nonce;
pub mod ownership;
mod payout;
mod replacement;
mod settings;
mod transaction;
mod trial;
mod verdict;

pub(crate) use key::{check as check_key, new as new_key};
pub use settings::{
    CHAIN_DECIMALS_MAX, DEPTH_MAX, EvmAsset, EvmSettings, FEE_PER_GAS_MAX, Finality, NATIVE_DECIMALS,
    REPLACE_AFTER_MS,
};

use abi::Transfer;
use address::Address;
use envelope::Envelope;
use fees::{Fees, Limits, Market};
use inquiry::Inquiry;
use key::TreasuryKey;
use methods::At;
use nonce::Counts;
use payout::Payout;
use replacement::Wanted;
use transaction::{Action, Transaction};
use verdict::{Fate, Judgement, judge};

/// How many withdrawals a contract that pays many pays at once: their gas is below what a transaction may have (EIP-7825).
const DISPERSED_MAX: usize = 100;

/// So many nonces of one account nodes keep waiting.
const PACE: Pace = Pace { batches_max: 64, calls_max: 4 };

/// See the module.
#[derive(Debug)]
pub struct Evm {
    rpc: Rpc,
    /// How many endpoints have to agree.
    witnesses: usize,
    chain_id: u64,
    finality: Finality,
    key: TreasuryKey,
    disperse: Option<Address>,
    assets: BTreeMap<Arc<str>, OnChain>,
    limits: Limits,
    replace_after_ms: u64,
    /// The coin that the chain is paid in, as the ledger counts it.
    coin: Asset,
}

/// What an asset is on the chain.
#[derive(Debug, Clone, Copy)]
struct OnChain {
    /// The token, or the native coin.
    token: Option<Address>,
    decimals: u8,
    /// How many of the chain's units a ledger unit is.
    scale: u128,
}

/// Whether a text is the address of something: otherwise, what was expected.
pub(crate) fn check_contract(text: &str) -> Result<(), String> {
    Address::payable(text).map(|_| ())
}

impl Evm {
    /// Opens the rail: reads the key, and checks that each asset fits the chain. Asks nobody. The clock of `edge` tells
    /// how long an endpoint that failed rests.
    pub fn open(settings: &EvmSettings, rules: &RailRules, edge: Edge) -> Result<Self, RailError> {
        let contract = |text: &String| {
            Address::payable(text)
                .map_err(|expected| RailError::Later(format!("{text}: expected {expected}")))
        };
        let on_chain = |(code, rules): (&Arc<str>, &AssetRules)| {
            let asset = settings.assets.get(&**code);
            let asset = asset.ok_or_else(|| RailError::Later(format!("{code}: what is it on the chain?")))?;
            let token = asset.token.as_ref().map(contract).transpose()?;
            let on_chain = OnChain::new(token, asset.chain_decimals, rules.asset.decimals);
            Ok((Arc::clone(code), on_chain.map_err(|why| RailError::Later(format!("{code}: {why}")))?))
        };
        Ok(Self {
            rpc: Rpc::open(&settings.endpoints, methods::UNHEALTHY, edge).map_err(RailError::Later)?,
            witnesses: witnesses(settings.endpoints.len()),
            chain_id: settings.chain_id,
            finality: settings.finality,
            key: TreasuryKey::read(&settings.key).map_err(RailError::Later)?,
            disperse: settings.disperse.as_ref().map(contract).transpose()?,
            assets: rules.assets.iter().map(on_chain).collect::<Result<_, RailError>>()?,
            limits: Limits {
                most: u128::from(settings.max_fee_per_gas.min(FEE_PER_GAS_MAX)),
                priority: settings.priority_fee_per_gas.map(u128::from),
            },
            replace_after_ms: settings.replace_after_ms,
            coin: rules
                .coin
                .clone()
                .unwrap_or_else(|| Asset { code: settings.coin.clone(), decimals: COIN_DECIMALS }),
        })
    }

    /// The treasury's address.
    pub fn treasury(&self) -> String {
        self.key.address().to_string()
    }

    fn payout(&self, batch: &BatchFacts) -> Result<Payout, RailError> {
        let asset = asset_of(&self.assets, batch)?;
        let transfers = transfers(batch, asset.scale, Address::payable)?;
        let transfers = transfers.into_iter().map(|(to, amount)| Transfer { to, amount }).collect();
        Payout::new(asset.token, asset.decimals, transfers, self.disperse)
            .ok_or_else(|| RailError::Later("the chain cannot count the batch's sum".to_owned()))
    }

    /// What gas costs now.
    fn market(&self) -> Result<Market, RpcError> {
        self.rpc.any(|endpoint| {
            endpoint.check_chain_id(self.chain_id)?;
            let base = endpoint.known_block(At::Latest)?.base_fee;
            let base = base.ok_or_else(|| endpoint.nonsense("eth_getBlockByNumber", "it has no base fee"))?;
            let priority = self.limits.priority.map_or_else(|| endpoint.proposed_priority(), Ok)?;
            Ok(Market { base, priority })
        })
    }

    /// What each endpoint answers, or why it does not.
    fn all<T>(
        &self,
        question: impl Fn(&crate::payout::rpc::Endpoint) -> Result<T, RpcError>,
    ) -> Vec<Result<T, String>> {
        let answers = self.rpc.all(|endpoint| {
            endpoint.check_chain_id(self.chain_id)?;
            question(endpoint)
        });
        answers.into_iter().map(|answer| answer.map_err(|error| error.to_string())).collect()
    }

    /// The limit of gas for a payout. Refused where it would fail because of who gets it: where one to the treasury itself
    /// would fail as well, something else is wrong, for which no player is to pay.
    fn gas_limit(&self, payout: &Payout, action: &Action, fees: Fees) -> Result<u64, RailError> {
        let treasury = self.key.address();
        let estimates = |payout: &Payout, action: &Action| {
            let is_call = payout.is_call_of_token();
            let estimates = self.all(|endpoint| endpoint.estimate(treasury, action, fees, is_call));
            gas::limit(payout.transfers.len(), self.witnesses, &estimates)
        };
        match (estimates(payout, action), payout.to_itself(treasury)) {
            (Err(RailError::Refused { reason }), Some((to_itself, action))) => {
                match estimates(&to_itself, &action) {
                    Ok(_) => Err(RailError::Refused { reason }),
                    Err(why) => Err(RailError::Later(format!(
                        "a payout would fail, and so would one to the treasury itself: {why}"
                    ))),
                }
            }
            (limit, _) => limit,
        }
    }

    fn signed(&self, transaction: &Transaction) -> Result<Signed, RailError> {
        let (id, bytes) = envelope::kept(&transaction.sign(&self.key), self.key.address())
            .map_err(|error| RailError::Later(error.to_string()))?;
        let cost = units::cost(transaction.most(), NATIVE_DECIMALS, self.coin.decimals);
        Ok(Signed { id: id.into(), bytes, nonce: Some(transaction.nonce), cost })
    }
}

impl OnChain {
    fn new(token: Option<Address>, decimals: u8, ledger_decimals: u8) -> Result<Self, String> {
        if token.is_none() && decimals != NATIVE_DECIMALS {
            return Err(format!(
                "without a token it is the native coin, which has {NATIVE_DECIMALS} decimals"
            ));
        }
        let scale = units::scale(ledger_decimals, decimals).ok_or_else(|| {
            format!(
                "it has {decimals} decimals on the chain, expected at least the ledger's {ledger_decimals}"
            )
        })?;
        if units::chain_units(Amount::MAX, scale).is_none() {
            return Err(format!(
                "it has {decimals} decimals on the chain, so many more than the ledger's {ledger_decimals} that 128 bits \
                 do not hold every amount"
            ));
        }
        Ok(Self { token, decimals, scale })
    }
}

/// What was kept of the candidates of a batch that are alive, the oldest first.
fn alive(batch: &BatchRecord) -> Result<Vec<Envelope>, String> {
    batch
        .alive()
        .map(|candidate| Envelope::read(&candidate.id, &candidate.bytes).map_err(|error| error.to_string()))
        .collect()
}

impl Rail for Evm {
    fn kind(&self) -> RailKind {
        RailKind::Evm
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        let address = Address::payable(address)?;
        let mut contracts = self.assets.values().filter_map(|asset| asset.token).chain(self.disperse);
        if contracts.any(|contract| contract == address) {
            return Err(
                "an address of yours: this one is a contract's, and what is sent to it is lost".to_owned()
            );
        }
        Ok(())
    }

    fn is_own(&self, address: &str) -> bool {
        Address::read(address).is_ok_and(|address| address == self.key.address())
    }

    fn batch_max(&self) -> usize {
        if self.disperse.is_some() { DISPERSED_MAX } else { 1 }
    }

    fn pace(&self) -> Pace {
        PACE
    }

    fn has_nonces(&self) -> bool {
        true
    }

    fn check_lowest_nonce(&self, lowest: u64) -> Result<(), RailError> {
        let treasury = self.key.address();
        let counts = self.all(|endpoint| endpoint.transaction_count(treasury, At::Latest));
        nonce::check_lowest(lowest, &counts).map_err(RailError::Later)
    }

    fn sign(&self, batch: &BatchFacts, rail: &RailRecord, _now: Timestamp) -> Result<Signed, RailError> {
        let (payout, treasury) = (self.payout(batch)?, self.key.address());
        let action = payout.action(batch.record.id).ok_or_else(|| RailError::Refused {
            reason: "Many cannot be paid at once without a contract that does it.".into(),
        })?;
        let counts = self.all(|endpoint| {
            let executed = endpoint.transaction_count(treasury, At::Latest)?;
            // What waits matters only to the first payout. Not every node tells it.
            let with_waiting = match rail.next_nonce {
                None => endpoint.transaction_count(treasury, At::Pending)?,
                Some(_) => executed,
            };
            Ok(Counts { executed, with_waiting })
        });
        let nonce = nonce::next(rail.next_nonce, self.witnesses, &counts)?;
        let fees = fees::first(&self.market()?, &self.limits).map_err(RailError::Later)?;
        // Before the estimate: that the treasury has too little must not be taken for a recipient's fault.
        let funds = self.rpc.any(|endpoint| {
            endpoint.check_chain_id(self.chain_id)?;
            funds::ask(endpoint, treasury, &payout)
        })?;
        funds::check(&funds, treasury, &payout, 0)?;
        let gas_limit = self.gas_limit(&payout, &action, fees)?;
        let gas_cost = fees.most.saturating_mul(u128::from(gas_limit));
        funds::check(&funds, treasury, &payout, gas_cost)?;
        self.signed(&Transaction { chain_id: self.chain_id, nonce, fees, gas_limit, action })
    }

    fn replace(&self, batch: &BatchFacts, now: Timestamp) -> Result<Option<Signed>, RailError> {
        let batch = &batch.record;
        let alive = alive(batch).map_err(RailError::Later)?;
        let Some(newest) = alive.last() else { return Ok(None) };
        let stored_at = batch.alive().map(|it| it.stored_at).max();
        let has_cancel = newest.is_cancel();
        let wanted = replacement::wanted(batch.cancelled_at.is_some(), has_cancel, || {
            stored_at.is_some_and(|at| at.plus(self.replace_after_ms) <= now)
        });
        if wanted == Wanted::Nothing {
            return Ok(None);
        }
        if newest.from != self.key.address() {
            tracing::warn!(batch = %batch.id, from = %newest.from, "a payout waits that another treasury has signed");
            return Ok(None);
        }
        if wanted == Wanted::Dearer {
            // Whatever waits behind another one is not helped by being dearer.
            let counts = self.all(|endpoint| endpoint.transaction_count(newest.from, At::Latest));
            let executed = counts.into_iter().flatten().max();
            if executed != Some(newest.transaction.nonce) {
                return Ok(None);
            }
        }
        let before = newest.transaction.fees;
        let Some(fees) = fees::raised(&before, &self.market()?, &self.limits) else {
            tracing::warn!(
                batch = %batch.id, nonce = newest.transaction.nonce, offered = before.most, most = self.limits.most,
                "a payout is not executed, and the configuration does not allow to offer more for it"
            );
            return Ok(None);
        };
        let action = match wanted {
            Wanted::Cancel => Action::nothing(newest.from),
            _ => newest.transaction.action.clone(),
        };
        self.signed(&Transaction { fees, action, ..newest.transaction.clone() }).map(Some)
    }

    fn send(&self, _batch: &BatchRecord, candidate: &Candidate, _now: Timestamp) -> Result<(), RailError> {
        let envelope = Envelope::read(&candidate.id, &candidate.bytes)
            .map_err(|error| RailError::Later(error.to_string()))?;
        let mut last = None;
        let mut was_answered = false;
        for answer in self.rpc.all(|endpoint| endpoint.send_raw_transaction(&envelope.bytes)) {
            match answer {
                // A refusal is an answer, too: what became of the transaction is for the verdict to find out.
                Err(RpcError::Refused { endpoint, message, is_unhealthy: false, .. }) => {
                    was_answered = true;
                    if methods::is_repeat(&message) {
                        tracing::debug!(candidate = %candidate.id, message, "an endpoint has the transaction already");
                    } else {
                        tracing::warn!(candidate = %candidate.id, endpoint, message, "an endpoint did not take a transaction");
                    }
                }
                Err(error) => last = Some(error),
                Ok(()) => was_answered = true,
            }
        }
        last.filter(|_| !was_answered).map_or(Ok(()), |error| Err(error.into()))
    }

    fn verdict(&self, batch: &BatchFacts, _now: Timestamp) -> Result<Verdict, RailError> {
        let unknown = |why: &str| Ok(Verdict::Unknown { why: why.to_owned() });
        let alive = match alive(&batch.record) {
            Ok(alive) => alive,
            Err(why) => return Ok(Verdict::Unknown { why }),
        };
        let Some(first) = alive.first() else { return Ok(Verdict::Expired) };
        let (treasury, nonce) = (first.from, first.transaction.nonce);
        if alive.iter().any(|it| (it.from, it.transaction.nonce) != (treasury, nonce)) {
            return unknown("two candidates of the batch are alive that do not exclude each other");
        }
        if alive.iter().any(|it| it.transaction.chain_id != self.chain_id) {
            return unknown("a candidate of the batch is of another chain than the one that is configured");
        }
        let payout = self.payout(batch)?;
        let action = payout.action(batch.record.id);
        if alive.iter().any(|it| !it.is_cancel() && Some(&it.transaction.action) != action.as_ref()) {
            // What such a candidate moves is not told by the events that are looked for.
            return unknown(
                "a candidate pays otherwise than the configuration says: has the token or the contract that pays many \
                 changed? Put it back until the batch has ended",
            );
        }
        let inquiry = Inquiry {
            chain_id: self.chain_id,
            finality: self.finality,
            treasury,
            nonce,
            candidates: &alive,
            payout: &payout,
        };
        let answers = self.rpc.all(|endpoint| inquiry.ask(endpoint));
        let answers: Vec<_> =
            answers.into_iter().map(|answer| answer.map_err(|error| error.to_string())).collect();
        Ok(match judge(nonce, &answers) {
            Judgement::Alive => Verdict::Alive,
            Judgement::Unknown(why) => Verdict::Unknown { why },
            Judgement::Gone => gone(&batch.record, nonce),
            Judgement::Final(place, fate) => {
                let id = alive.get(place).map_or("", |candidate| candidate.id.as_str());
                settled(&batch.record, id, fate)
            }
        })
    }

    fn cost(&self, batch: &BatchFacts) -> Result<Amount, RailError> {
        let mut cost = 0_u128;
        for candidate in alive(&batch.record).map_err(RailError::Later)? {
            let of_it = self.all(|endpoint| {
                let receipt = endpoint.receipt(&candidate.id)?;
                Ok(receipt.map_or(0, |it| it.cost.unwrap_or_else(|| candidate.transaction.most())))
            });
            cost = cost.saturating_add(agreed(&of_it).map_err(RailError::Later)?);
        }
        Ok(units::cost(cost, NATIVE_DECIMALS, self.coin.decimals))
    }

    fn holdings(&self) -> Result<Option<Holdings>, RailError> {
        let treasury = self.key.address();
        let held = self.rpc.any(|endpoint| {
            endpoint.check_chain_id(self.chain_id)?;
            let at = At::Number(inquiry::final_block(endpoint, self.finality)?);
            let of = |asset: &OnChain| funds::held(endpoint, treasury, asset.token, at);
            let held = self.assets.values().map(of).collect::<Result<Vec<u128>, _>>()?;
            // What the chain is paid with, unless it is paid out besides: nothing is told twice.
            let has_coin = self.assets.values().any(|asset| asset.token.is_none());
            let coin = (!has_coin).then(|| endpoint.balance(treasury, at)).transpose()?;
            Ok((held, coin))
        })?;
        let (held, coin) = held;
        let amount = |((code, asset), held): ((&Arc<str>, &OnChain), u128)| {
            (Arc::clone(code), units::ledger_units(held, asset.scale))
        };
        let coin = coin.map(|held| units::held(held, NATIVE_DECIMALS, &self.coin));
        let amounts = self.assets.iter().zip(held).map(amount).chain(coin).collect();
        Ok(Some(Holdings { address: treasury.to_string(), amounts }))
    }

    fn treasury_address(&self) -> Option<String> {
        Some(self.treasury())
    }

    fn evidence(&self, withdrawal: &WithdrawalRecord, transaction: &str) -> Result<Evidence, RailError> {
        self.evidence_of(withdrawal, transaction)
    }

    fn try_out(&self, batch: &BatchFacts) -> Result<Option<Trial>, RailError> {
        self.trial(batch).map(Some)
    }
}

/// What follows from a nonce that something else has used, finally.
fn gone(batch: &BatchRecord, nonce: u64) -> Verdict {
    looked_at(
        batch,
        format!(
            "nonce {nonce} of the treasury is used by a transaction that is not in the store, or whose receipt your endpoints \
             do not keep any more; batch {} has that nonce: look whether any of {} was executed before you cancel it",
            batch.id,
            batch.alive().map(|candidate| &*candidate.id).collect::<Vec<_>>().join(", ")
        ),
    )
}

/// What follows from something strange that is final, after which nothing of the batch can be executed any more. Who has
/// looked says so by cancelling it once that was told, and gives its money back.
fn looked_at(batch: &BatchRecord, why: String) -> Verdict {
    match (batch.cancelled_at, batch.halted_at) {
        (Some(cancelled_at), Some(halted_at)) if cancelled_at > halted_at => {
            tracing::error!(batch = %batch.id, why, "the operator has looked, and a payout is cancelled");
            Verdict::Cancelled
        }
        _ => Verdict::Halt { why },
    }
}

/// What follows from what a candidate came to in a final block.
fn settled(batch: &BatchRecord, id: &str, fate: Fate) -> Verdict {
    match fate {
        Fate::Paid => Verdict::Settled { transaction: id.into() },
        Fate::Failed => Verdict::Failed { reason: format!("The chain refused the payout {id}.").into() },
        // It moved nothing and never will, as if it had not been executed: the same batch may be signed again, which waits
        // until there is enough. No recipient is to pay for an empty treasury.
        Fate::Short => {
            tracing::error!(batch = %batch.id, id, "a payout failed because the treasury has too little");
            Verdict::Expired
        }
        Fate::PaidSome => Verdict::Unknown {
            why: format!("by the token's events, {id} has paid some of its recipients and not all"),
        },
        Fate::Untold => looked_at(
            batch,
            format!(
                "{id} was executed for batch {}, and its token tells of nothing that it moved: see whether it did",
                batch.id
            ),
        ),
        Fate::Cancelled => Verdict::Cancelled,
    }
}

#[cfg(test)]
mod tests;
