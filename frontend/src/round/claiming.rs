//! Claims the reward of a won round. A claim is kept before it is sent, until its receipt has come or the player was told that none will.

use std::rc::Rc;

use dripline_shared::api::{ClaimRequest, Receipt};
use dripline_shared::error::Code;
use dripline_shared::statement::Statement;
use dripline_shared::time::{MINUTE_MS, Timestamp};
use dripline_shared::wallet::Signature;

use crate::api::{Api, Failure};
use crate::round::keeping;
use crate::state::claims::PendingClaim;
use crate::state::journal::{Opening, Play};

/// When a claim is tried again that failed for want of a server, in milliseconds.
const RETRY_MS: u64 = 15_000;
/// When a claim is tried again that a limit holds back which does not say until when, in milliseconds.
const LIMIT_RETRY_MS: u64 = 5 * MINUTE_MS;

/// The claim of a round that was won, and the statement that is to be signed for it. `None` where the round was never opened.
///
/// Signed, it is to be sent at once; should the page be closed over that, it is due again a little later.
pub(crate) fn claim_of(
    opening: &Opening,
    play: &Play,
    score: u32,
    now: Timestamp,
) -> Option<(PendingClaim, Statement)> {
    let request = &opening.request;
    // It is claimed for whom it was opened, whoever is played for by now.
    let wallet = request.wallet;
    let answer = opening.answer.as_ref()?;
    let transcript = play.transcript(answer);
    let statement = answer.claim_statement(wallet, &request.origin, request.faucet, transcript);
    let claim = PendingClaim {
        request: ClaimRequest { round: answer.round, signature: Signature([0; 64]) },
        wallet,
        level: answer.level.id.clone(),
        score,
        until_ms: answer.claim_until_ms,
        retry_at_ms: now.plus(RETRY_MS),
    };
    Some((claim, statement))
}

/// What became of a claim.
pub(crate) enum Claimed {
    /// The drip arrived.
    Paid(Rc<Receipt>),
    /// Not yet: it is kept, and tried again from then on.
    Later(Failure, Timestamp),
    /// It never will be. The claim is kept as lost until the player was told.
    Never(Failure),
}

/// From when a refused claim is worth trying again; `None` where it never is. Pure.
pub(crate) fn retry_at(failure: &Failure, now: Timestamp) -> Option<Timestamp> {
    let Failure::Refused(problem) = failure else { return Some(now.plus(RETRY_MS)) };
    let limits = matches!(
        problem.code,
        Code::Cooldown
            | Code::DripsUsedUp
            | Code::CeilingReached
            | Code::BudgetUsedUp
            | Code::LevelStopped
            | Code::WalletBanned
    );
    if !limits && failure.passes_by_itself().is_none() {
        return None;
    }
    let patience = if limits { LIMIT_RETRY_MS } else { RETRY_MS };
    let until = problem.reasons.iter().filter_map(|reason| reason.until_ms).max();
    let asked = problem.retry_after_ms.map(|wait| now.plus(wait));
    Some(until.or(asked).unwrap_or(now.plus(patience)).max(now.plus(1_000)))
}

/// Sends a claim that is kept, and tells what became of it.
pub(crate) async fn claim(api: &Api, claim: PendingClaim) -> Claimed {
    let round = claim.request.round;
    let claimed = match api.claim(&claim.request).await {
        Ok(receipt) => Claimed::Paid(Rc::new(receipt)),
        Err(failure) => match retry_at(&failure, api.now()) {
            Some(at) if at < claim.until_ms => Claimed::Later(failure, at),
            _ => Claimed::Never(failure),
        },
    };
    keeping::change_claims(|claims| match &claimed {
        Claimed::Later(_, at) => claims.put(PendingClaim { retry_at_ms: *at, ..claim }),
        Claimed::Paid(_) => claims.remove(round),
        Claimed::Never(_) => claims.give_up(round, api.now()),
    });
    claimed
}

#[cfg(test)]
mod tests {
    use dripline_shared::api::{Problem, Reason};

    use super::*;

    fn refused(code: Code, until: Option<u64>, retry_after_ms: Option<u64>) -> Failure {
        let reason = Reason { code, message: String::new(), subject: None, until_ms: until.map(Timestamp) };
        Failure::Refused(Box::new(Problem {
            kind: String::new(),
            title: String::new(),
            status: code.status(),
            code,
            detail: String::new(),
            reasons: vec![reason],
            retry_after_ms,
            outcome: None,
            open_round: None,
        }))
    }

    const NOW: Timestamp = Timestamp(1_000_000);

    #[test]
    fn a_claim_that_a_limit_holds_back_waits_until_the_limit_lets_it_through() {
        assert_eq!(
            retry_at(&refused(Code::Cooldown, Some(1_300_000), None), NOW),
            Some(Timestamp(1_300_000))
        );
        assert_eq!(retry_at(&refused(Code::DripsUsedUp, None, Some(9_000)), NOW), Some(Timestamp(1_009_000)));
    }

    #[test]
    fn a_claim_that_an_operator_holds_back_is_tried_again_after_minutes() {
        for code in [Code::BudgetUsedUp, Code::LevelStopped, Code::WalletBanned] {
            assert_eq!(retry_at(&refused(code, None, None), NOW), Some(Timestamp(1_300_000)), "{code:?}");
        }
    }

    #[test]
    fn a_claim_is_not_sent_again_at_once_though_the_limit_has_just_passed() {
        assert_eq!(retry_at(&refused(Code::Cooldown, Some(5), None), NOW), Some(Timestamp(1_001_000)));
    }

    #[test]
    fn a_claim_that_did_not_reach_the_server_is_kept() {
        assert_eq!(retry_at(&Failure::Network, NOW), Some(Timestamp(1_015_000)));
        assert_eq!(retry_at(&Failure::Strange(502), NOW), Some(Timestamp(1_015_000)));
        assert!(retry_at(&refused(Code::Overloaded, None, Some(2_000)), NOW).is_some());
    }

    #[test]
    fn a_claim_that_can_never_be_paid_is_given_up() {
        for code in [Code::GoalNotMet, Code::BadSignature, Code::RulesChanged, Code::RoundExpired] {
            assert_eq!(retry_at(&refused(code, None, None), NOW), None);
        }
    }
}
