//! What became of a batch's candidates, from what the endpoints answered. Pure.
//!
//! All candidates of a batch that are alive have the same nonce, so at most one of them is ever executed. The rule:
//!
//! - *paid*, *reverted* or *cancelled*: a candidate has a receipt in a block of the chain that is final;
//! - *alive*: the nonce is not used yet, or by a candidate in a block that is not final: a reorganisation may take it back;
//! - *gone*: at the final block the nonce is used, and none of the candidates has a receipt: somebody else has the key, or
//!   the store is old.
//!
//! Whatever is final counts only where two endpoints agree, if there are two; what an endpoint does not find is not dead.
//! Errors and disagreement leave everything as it is.

use super::events::Moved;
use crate::payout::witnesses::witnesses;

/// What a candidate came to in a final block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It paid everybody.
    Paid,
    /// It failed.
    Failed,
    /// It failed where the treasury had less than it needed: nobody else is to pay for that.
    Short,
    /// It paid some, by its events, and not all.
    PaidSome,
    /// It succeeded, and its token tells of nothing that it moved: it may have moved it all the same.
    Untold,
    /// It was signed to use up the nonce, and did.
    Cancelled,
}

/// A candidate as its receipt tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Executed {
    /// In which block.
    pub(super) block: u64,
    /// Whether the chain has that block at this height: asked of those that are final.
    pub(super) is_canonical: bool,
    pub(super) fate: Fate,
}

/// What one endpoint answered, asked in the order of the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The last final block.
    pub(super) final_block: u64,
    /// How many nonces are used at the newest block.
    pub(super) used: u64,
    /// The candidates that are alive, in their order.
    pub(super) candidates: Vec<Option<Executed>>,
    /// How many nonces are used at the last final block; asked where the newest has used this one, and no candidate has a
    /// receipt.
    pub(super) used_finally: Option<u64>,
}

/// What an endpoint's answer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Finding {
    Alive,
    Final(usize, Fate),
    Gone,
    Unclear(&'static str),
}

/// What became of the candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judgement {
    /// One may still be executed, or was and is not final.
    Alive,
    /// The one at this place came to this, finally.
    Final(usize, Fate),
    /// None of them was executed, and finally, none ever can be: their nonce is used.
    Gone,
    /// It cannot be told, for these reasons.
    Unknown(String),
}

/// What a candidate came to, whose execution succeeded or not, and whose token moved so much, by its events; of the native
/// coin, all of it.
pub(super) fn fate(is_cancel: bool, succeeded: bool, moved: Moved) -> Fate {
    match (is_cancel, succeeded, moved) {
        (true, ..) => Fate::Cancelled,
        (false, true, Moved::All) => Fate::Paid,
        (false, true, Moved::Some) => Fate::PaidSome,
        (false, true, Moved::Nothing) => Fate::Untold,
        (false, false, _) => Fate::Failed,
    }
}

impl Answer {
    fn finding(&self, nonce: u64) -> Finding {
        let executed =
            || self.candidates.iter().enumerate().filter_map(|(place, it)| it.as_ref().map(|it| (place, it)));
        let mut finals = executed().filter(|(_, it)| it.block <= self.final_block);
        match (finals.next(), finals.next()) {
            (Some(_), Some(_)) => Finding::Unclear("it has two receipts for one nonce"),
            (Some((_, it)), None) if !it.is_canonical => {
                Finding::Unclear("its receipt is of a block that its chain does not have")
            }
            (Some((place, it)), None) => Finding::Final(place, it.fate),
            (None, _) if executed().next().is_some() || self.used <= nonce => Finding::Alive,
            (None, _) => match self.used_finally {
                Some(used) if used > nonce => Finding::Gone,
                Some(_) => Finding::Alive,
                None => Finding::Unclear("it does not tell how many nonces are finally used"),
            },
        }
    }
}

/// Judges. `answers` has one entry for each endpoint that is configured; those that did not answer properly, or are of
/// another chain, are errors.
pub(super) fn judge(nonce: u64, answers: &[Result<Answer, String>]) -> Judgement {
    let findings: Vec<Result<Finding, String>> = answers
        .iter()
        .map(|answer| answer.as_ref().map(|it| it.finding(nonce)).map_err(Clone::clone))
        .collect();
    let is_final = |finding: &&Finding| matches!(finding, Finding::Final(..) | Finding::Gone);
    let mut finals = findings.iter().filter_map(|finding| finding.as_ref().ok()).filter(is_final);
    if let Some(first) = finals.next() {
        let others: Vec<&Finding> = finals.collect();
        if others.iter().any(|other| *other != first) {
            return Judgement::Unknown(format!(
                "the endpoints disagree about how it ended: {}",
                told(&findings)
            ));
        }
        if others.len().saturating_add(1) >= witnesses(answers.len()) {
            return match first {
                Finding::Final(place, fate) => Judgement::Final(*place, *fate),
                _ => Judgement::Gone,
            };
        }
    }
    if findings.contains(&Ok(Finding::Alive)) {
        return Judgement::Alive;
    }
    Judgement::Unknown(told(&findings))
}

fn told(findings: &[Result<Finding, String>]) -> String {
    let told = |finding: &Result<Finding, String>| match finding {
        Err(error) => error.clone(),
        Ok(Finding::Alive) => "it is not final".to_owned(),
        Ok(Finding::Final(_, fate)) => format!("by its word alone it is final: {fate:?}"),
        Ok(Finding::Gone) => "by its word alone the nonce is used by something else".to_owned(),
        Ok(Finding::Unclear(why)) => (*why).to_owned(),
    };
    let all = (1..).zip(findings).map(|(number, it): (u32, _)| format!("endpoint {number}: {}", told(it)));
    all.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
