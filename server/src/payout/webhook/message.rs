//! What is kept and sent of a batch: one message, whose body never changes once it is kept. Pure.
//!
//! Its id and its body follow from the batch alone, so that a message that was made twice before it was kept is the same.

use dripline_shared::amount::Amount;
use dripline_shared::payout::{BatchId, WithdrawalId};
use serde::{Deserialize, Serialize};

use crate::store::record::{BatchFacts, BatchRecord, Candidate, WithdrawalRecord};

/// What a message is about.
const TYPE: &str = "payout.requested";

/// The body. Receivers ignore what they do not know, so more can be added.
#[derive(Debug, Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    /// When the batch was made, by RFC 3339.
    timestamp: String,
    data: Data<'a>,
}

#[derive(Debug, Serialize)]
struct Data<'a> {
    batch: BatchId,
    /// The rail's id.
    rail: &'a str,
    /// The asset's code, and how many of its decimals the ledger keeps.
    asset: &'a str,
    decimals: u8,
    payouts: Vec<Payout<'a>>,
}

#[derive(Debug, Serialize)]
struct Payout<'a> {
    withdrawal: WithdrawalId,
    address: &'a str,
    /// What arrives: in whole coins, as an exact decimal number.
    amount: String,
    /// The same in ledger units.
    units: Amount,
}

/// What of a kept body tells whether it is one of ours.
#[derive(Deserialize)]
struct Kept {
    #[serde(rename = "type")]
    kind: String,
    data: KeptData,
}

#[derive(Deserialize)]
struct KeptData {
    batch: BatchId,
}

/// The id of a batch's message: the header `webhook-id`.
pub(super) fn id(batch: BatchId) -> String {
    format!("msg_{batch}")
}

/// The body of a batch's message, whose asset has so many decimals in the ledger.
pub(super) fn body(batch: &BatchFacts, decimals: u8) -> Result<Vec<u8>, serde_json::Error> {
    let data = Data {
        batch: batch.record.id,
        rail: &batch.record.rail,
        asset: &batch.record.asset,
        decimals,
        payouts: batch.withdrawals.iter().map(|withdrawal| payout(withdrawal, decimals)).collect(),
    };
    serde_json::to_vec(&Body { kind: TYPE, timestamp: batch.record.made_at.to_string(), data })
}

fn payout(withdrawal: &WithdrawalRecord, decimals: u8) -> Payout<'_> {
    let units = withdrawal.arrives();
    let amount = units.to_decimal(decimals);
    Payout { withdrawal: withdrawal.id, address: &withdrawal.address, amount, units }
}

/// Whether a candidate is the message of this batch, and not something that another kind of rail has signed.
pub(super) fn is_of(batch: &BatchRecord, candidate: &Candidate) -> bool {
    let kept: Result<Kept, _> = serde_json::from_slice(&candidate.bytes);
    let is_body = kept.is_ok_and(|kept| kept.kind == TYPE && kept.data.batch == batch.id);
    is_body && *candidate.id == *id(batch.id)
}
