//! What became of a candidate, from what the endpoints answered. Pure.
//!
//! A transaction can be executed in blocks of heights up to its last valid block height (LVBH) alone. So it is dead for
//! certain once blocks well above that are final and it is in none of them; and it takes more than one witness that it
//! is in none: an endpoint may lie, lag, or have forgotten. The rule:
//!
//! - *settled*: its status is `finalized`, without an error, by two endpoints, if there are two;
//! - *failed*: its status is `finalized`, with the same error, by two endpoints, if there are two;
//! - *alive*: its status is `processed` or `confirmed`, or it may still come;
//! - *expired*: two independent endpoints are each a [witness](Endpoint::is_witness) of that; or, where only one is
//!   configured, it is one and all finalized blocks that could hold the transaction were read and do not;
//! - *unknown*: whatever else, such as errors, disagreement, or history that was thrown away.

use serde_json::Value;

use crate::payout::witnesses::witnesses;

/// How many blocks must be final above the last valid block height.
pub(super) const MARGIN_BLOCKS: u64 = 150;
/// How many blocks an endpoint may be behind another one before that is told to the operator.
const LAG_BLOCKS_MAX: u64 = 150;

/// What is known of the candidate since it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) last_valid_block_height: u64,
    pub(super) signing_slot: u64,
}

/// What one endpoint answered, asked in the order of the fields.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Endpoint {
    /// The height of a finalized block, and its slot.
    pub(super) finalized_height: u64,
    pub(super) finalized_slot: u64,
    /// The slot at which it answered for the statuses.
    pub(super) status_slot: u64,
    /// The status of the candidate, where it found one in all of its history.
    pub(super) status: Option<Status>,
    /// Whether it found that another candidate of the batch, long taken for dead, was executed.
    pub(super) dead_executed: bool,
    /// The first slot whose block it still has.
    pub(super) first_available_slot: u64,
}

/// What an endpoint says of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Status {
    pub(super) is_finalized: bool,
    /// Why it failed, as the chain tells it.
    pub(super) error: Option<Value>,
}

/// What a scan of the finalized blocks that could hold the transaction found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// It is in none of them.
    Absent,
    /// It is in one.
    Present,
}

/// What became of the candidate.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Judgement {
    /// It may still be executed, or was and is not final.
    Alive,
    /// It was executed, finally.
    Settled,
    /// It was executed and failed, finally, for this reason.
    Failed(Value),
    /// It was not executed and never can be.
    Expired,
    /// The only endpoint says that it is dead: the finalized blocks have to be scanned.
    NeedsScan,
    /// It cannot be told, for these reasons.
    Unknown(String),
}

impl Endpoint {
    /// Whether it shows, in this order, a height so far above the last valid one that the transaction cannot come any
    /// more; then, as of that moment or later, no trace of it; and that it would have seen it, had it been there.
    fn is_witness(&self, signed: &Signed) -> bool {
        self.is_past(signed)
            && self.status.is_none()
            && self.status_slot >= self.finalized_slot
            && self.first_available_slot <= signed.signing_slot
    }

    fn is_past(&self, signed: &Signed) -> bool {
        self.finalized_height > signed.last_valid_block_height.saturating_add(MARGIN_BLOCKS)
    }

    /// Why it is past the candidate's time and not a witness all the same.
    fn objection(&self, signed: &Signed) -> &'static str {
        if self.status_slot < self.finalized_slot {
            "its status is older than its height"
        } else if self.first_available_slot > signed.signing_slot {
            "it has thrown away blocks that could hold the transaction"
        } else {
            "it finds no trace, and nobody else confirms that"
        }
    }
}

/// Judges. `answers` has one entry for each endpoint that is configured; those that did not answer properly, or are of
/// another chain, are errors.
pub(super) fn judge(signed: &Signed, answers: &[Result<Endpoint, String>], scan: Option<Scan>) -> Judgement {
    let answered = || answers.iter().filter_map(|answer| answer.as_ref().ok());
    if answered().any(|endpoint| endpoint.dead_executed) {
        return Judgement::Unknown("a candidate that was dead by all signs has been executed".to_owned());
    }
    let outcomes: Vec<&Status> =
        answered().filter_map(|endpoint| endpoint.status.as_ref()).filter(|it| it.is_finalized).collect();
    if let Some(outcome) = outcomes.first() {
        if outcomes.iter().any(|other| other != outcome) {
            return Judgement::Unknown("the endpoints disagree about how it ended".to_owned());
        }
        if outcomes.len() >= witnesses(answers.len()) {
            return outcome.error.clone().map_or(Judgement::Settled, Judgement::Failed);
        }
        // One that has not got there yet will; one that is silent, or finds no trace where there must be one, will not.
        let is_coming = |endpoint: &Endpoint| match &endpoint.status {
            Some(status) => !status.is_finalized,
            None => !endpoint.is_past(signed),
        };
        if !answered().any(is_coming) {
            return Judgement::Unknown(format!(
                "it is final by one word alone; {}",
                reasons(signed, answers)
            ));
        }
    }
    if answered().any(|endpoint| endpoint.status.is_some()) {
        return Judgement::Alive;
    }
    let witnesses = answered().filter(|endpoint| endpoint.is_witness(signed)).count();
    match (answers.len(), witnesses, scan) {
        (1, 1, None) => return Judgement::NeedsScan,
        (1, 1, Some(Scan::Absent)) | (2.., 2.., _) => return Judgement::Expired,
        (1, 1, Some(Scan::Present)) => {
            let why = "its finalized blocks hold the transaction, and its status query does not find it";
            return Judgement::Unknown(why.to_owned());
        }
        _ => {}
    }
    let highest = answered().map(|endpoint| endpoint.finalized_height).max();
    let lowest = answered().map(|endpoint| endpoint.finalized_height).min();
    let behind = highest.unwrap_or(0).saturating_sub(lowest.unwrap_or(0));
    let may_come = answered().any(|endpoint| !endpoint.is_past(signed));
    if may_come && behind <= LAG_BLOCKS_MAX {
        return Judgement::Alive;
    }
    Judgement::Unknown(reasons(signed, answers))
}

fn reasons(signed: &Signed, answers: &[Result<Endpoint, String>]) -> String {
    let reason = |answer: &Result<Endpoint, String>| match answer {
        Err(error) => error.clone(),
        Ok(Endpoint { status: Some(_), .. }) => "it says how it ended".to_owned(),
        Ok(endpoint) if endpoint.is_past(signed) => {
            format!("at height {}: {}", endpoint.finalized_height, endpoint.objection(signed))
        }
        Ok(endpoint) => format!("at height {}: it lags behind", endpoint.finalized_height),
    };
    let reasons: Vec<String> = (1..)
        .zip(answers)
        .map(|(number, answer): (u32, _)| format!("endpoint {number}: {}", reason(answer)))
        .collect();
    reasons.join("; ")
}

#[cfg(test)]
mod tests;
