//! What a refusal means for the player: what happened, and what to do about it and when.

use dripline_shared::api::Reason;
use dripline_shared::error::Code;
use dripline_shared::limit::{OUTFLOW_NEWCOMERS, OUTFLOW_PER_PREFIX};
use dripline_shared::time::Timestamp;

use crate::api::Failure;
use crate::format::{countdown, fill};
use crate::locales::{Texts, texts};

/// A refusal in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// What happened.
    pub(crate) title: String,
    /// What to do, and when.
    pub(crate) advice: String,
}

/// Explains why there is no answer, at `now` of the server's clock.
pub(crate) fn explain(failure: &Failure, now: Timestamp) -> Explanation {
    explain_in(texts(), failure, now)
}

/// Explains what would refuse a claim, where something would: the reason that lasts longest, since all have to pass.
pub(crate) fn explain_limits(limits: &[Reason], now: Timestamp) -> Option<Explanation> {
    longest(limits).map(|reason| explain_reason(texts(), reason, None, now))
}

fn explain_in(texts: &Texts, failure: &Failure, now: Timestamp) -> Explanation {
    match failure {
        Failure::Network => plain(texts.network_title, texts.network),
        Failure::Strange(status) => {
            let advice = fill(texts.strange, &[("status", &status.to_string())]);
            Explanation { title: texts.strange_title.to_owned(), advice }
        }
        Failure::Unsigned => plain(texts.unsigned_title, texts.unsigned),
        Failure::Refused(problem) => {
            let retry_at = problem.retry_after_ms.map(|wait| now.plus(wait));
            match longest(&problem.reasons) {
                Some(reason) => explain_reason(texts, reason, retry_at, now),
                None => explanation(texts, problem.code, None, retry_at, now),
            }
        }
    }
}

fn plain(title: &str, advice: &str) -> Explanation {
    Explanation { title: title.to_owned(), advice: advice.to_owned() }
}

/// The reason that lasts longest: one that no waiting helps against, or else the one that passes last. Of equals the first.
fn longest(reasons: &[Reason]) -> Option<&Reason> {
    let lasts = |reason: &Reason| (reason.until_ms.is_none(), reason.until_ms);
    reasons.iter().rev().max_by_key(|reason| lasts(reason))
}

/// Title, advice and moment of one reason. `retry_at` is for a reason that does not say when it passes.
fn explain_reason(
    texts: &Texts,
    reason: &Reason,
    retry_at: Option<Timestamp>,
    now: Timestamp,
) -> Explanation {
    explanation(texts, reason.code, reason.subject.as_deref(), reason.until_ms.or(retry_at), now)
}

fn explanation(
    texts: &Texts,
    code: Code,
    subject: Option<&str>,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Explanation {
    let (title, advice) = words(texts, code, subject);
    let advice = match until.filter(|until| *until > now) {
        Some(until) => format!("{advice} {}", fill(texts.until, &[("time", &countdown(until.since(now)))])),
        None => advice.to_owned(),
    };
    Explanation { title: title.to_owned(), advice }
}

/// What happened, and what to do about it. Every code is here by its name, so that a new one cannot be forgotten.
fn words(texts: &Texts, code: Code, subject: Option<&str>) -> (&'static str, &'static str) {
    match code {
        Code::Cooldown => (texts.cooldown_title, texts.cooldown),
        Code::DripsUsedUp => (texts.drips_used_up_title, texts.drips_used_up),
        Code::CeilingReached => match subject {
            Some(OUTFLOW_PER_PREFIX) => (texts.ceiling_prefix_title, texts.ceiling_prefix),
            Some(OUTFLOW_NEWCOMERS) => (texts.ceiling_newcomers_title, texts.ceiling_newcomers),
            // Of a campaign, or of all: the same to a player.
            _ => (texts.ceiling_reached_title, texts.ceiling_reached),
        },
        Code::BudgetUsedUp => (texts.budget_used_up_title, texts.budget_used_up),
        Code::AttemptsUsedUp => (texts.attempts_used_up_title, texts.attempts_used_up),
        Code::OpensUsedUp => (texts.opens_used_up_title, texts.opens_used_up),
        Code::UnknownLevel => (texts.unknown_level_title, texts.unknown_level),
        Code::LevelLocked => (texts.level_locked_title, texts.level_locked),
        Code::LevelStopped => (texts.level_stopped_title, texts.level_stopped),
        Code::WalletBanned => (code.title(), texts.wallet_banned),
        Code::RulesOutdated => (texts.rules_outdated_title, texts.rules_outdated),
        Code::CampaignEnded | Code::UnknownCampaign | Code::LevelNotInCampaign | Code::NotInAudience => {
            (texts.campaign_changed_title, texts.campaign_changed)
        }
        Code::VoucherUnknown => (texts.voucher_unknown_title, texts.voucher_unknown),
        Code::VoucherUsed | Code::VoucherExpired => (code.title(), texts.voucher_gone),
        Code::RulesChanged => (texts.rules_changed_title, texts.rules_changed),
        Code::RoundOpen => (texts.round_open_title, texts.round_open),
        Code::RoundExpired | Code::SegmentLate => (texts.too_late_title, texts.too_late),
        Code::RoundEnded | Code::RoundUnknown | Code::WrongToken => {
            (texts.round_gone_title, texts.round_gone)
        }
        Code::GoalNotMet => (texts.goal_not_met_title, texts.goal_not_met),
        Code::StatementTooOld | Code::StatementFromFuture => (texts.clock_title, texts.clock),
        Code::WrongFaucet => (texts.wrong_faucet_title, texts.wrong_faucet),
        Code::WrongOrigin => (texts.wrong_origin_title, texts.wrong_origin),
        Code::WalletUnknown => (texts.wallet_unknown_here_title, texts.wallet_unknown_here),
        Code::UnknownRail | Code::UnknownAsset => (texts.rail_gone_title, texts.rail_gone),
        Code::WithdrawalUnknown => (texts.withdrawal_unknown_title, texts.refused),
        Code::InvalidAddress => (texts.invalid_address_title, texts.invalid_address),
        Code::OwnAddress => (texts.own_address_title, texts.own_address),
        Code::AddressNotSet | Code::AddressDiffers => (texts.address_changed_title, texts.address_changed),
        Code::AddressWaiting => (texts.address_waiting_title, texts.address_waiting),
        Code::BelowThreshold => (texts.below_threshold_title, texts.below_threshold),
        Code::AboveMaximum => (texts.above_maximum_title, texts.above_maximum),
        Code::BalanceTooLow => (texts.balance_too_low_title, texts.balance_too_low),
        Code::FeeAboveMaximum => (texts.fee_rose_title, texts.fee_rose),
        Code::Overloaded
        | Code::StorageUnavailable
        | Code::RailUnreachable
        | Code::ShuttingDown
        | Code::RateLimited
        | Code::RequestTimeout => (texts.busy_title, texts.busy),
        Code::Internal => (texts.internal_title, texts.busy),
        // What only a program can do that is not this page.
        Code::InvalidJson
        | Code::InvalidRequest
        | Code::InvalidParameter
        | Code::UnsupportedMediaType
        | Code::BodyTooLarge
        | Code::NotFound
        | Code::MethodNotAllowed
        | Code::InvalidWallet
        // Loaded anew, the page plays for the browser's own key again.
        | Code::NotDelegated
        // The program for wallets asks for the first of these; the second is of a key whose balance is a wallet's.
        | Code::OwnershipNeeded
        | Code::BalanceMoved
        | Code::WeakWallet
        | Code::InvalidSignature
        | Code::BadSignature
        | Code::ClientIdReused
        | Code::WrongReadKey
        | Code::ReadKeyUnknown
        | Code::ReadKeysUsedUp
        | Code::LogUnknown
        | Code::SegmentEarly
        | Code::SegmentOutOfOrder
        | Code::SegmentConflict
        | Code::SegmentMalformed
        | Code::SegmentAfterFinal
        | Code::RoundNotFinished
        | Code::RoundClaimed
        | Code::TranscriptInvalid
        | Code::TranscriptTooShort
        | Code::TranscriptTooLong
        // What is for operators.
        | Code::PageNotBuilt => (code.title(), texts.refused),
        // What operators are told, where the whole workspace is built with those codes.
        #[allow(unreachable_patterns, reason = "the page itself is built without them")]
        _ => (texts.internal_title, texts.refused),
    }
}

#[cfg(test)]
mod tests {
    use dripline_shared::api::Problem;

    use super::super::english::ENGLISH;
    use super::*;

    const NOW: Timestamp = Timestamp(0);

    fn reason(code: Code, until_ms: Option<u64>) -> Reason {
        Reason { code, message: String::new(), subject: None, until_ms: until_ms.map(Timestamp) }
    }

    fn refused(reasons: Vec<Reason>, retry_after_ms: Option<u64>) -> Failure {
        let code = reasons.first().map_or(Code::Internal, |reason| reason.code);
        Failure::Refused(Box::new(Problem {
            kind: String::new(),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: String::new(),
            reasons,
            retry_after_ms,
            outcome: None,
            open_round: None,
        }))
    }

    #[test]
    fn a_limit_says_until_when_it_holds_and_nothing_when_it_has_passed() {
        let limit = refused(vec![reason(Code::Cooldown, Some(300_000))], None);
        let held = explain_in(&ENGLISH, &limit, NOW);
        assert!(held.advice.contains("5:00"), "{}", held.advice);
        let passed = explain_in(&ENGLISH, &limit, Timestamp(300_000));
        assert!(!passed.advice.contains(':'), "{}", passed.advice);
    }

    #[test]
    fn of_several_reasons_the_one_that_lasts_longest_is_told_with_its_own_moment() {
        let (short, long) = (reason(Code::Cooldown, Some(300_000)), reason(Code::DripsUsedUp, Some(900_000)));
        for reasons in [vec![short.clone(), long.clone()], vec![long.clone(), short.clone()]] {
            let told = explain_in(&ENGLISH, &refused(reasons, None), NOW);
            assert_eq!(told.title, ENGLISH.drips_used_up_title);
            assert!(told.advice.starts_with(ENGLISH.drips_used_up), "{}", told.advice);
            assert!(told.advice.contains("15:00"), "{}", told.advice);
        }
        let told =
            explain_in(&ENGLISH, &refused(vec![short, reason(Code::BudgetUsedUp, None), long], None), NOW);
        assert_eq!(told, plain(ENGLISH.budget_used_up_title, ENGLISH.budget_used_up));
    }

    #[test]
    fn what_the_server_asks_to_wait_is_told_where_the_reason_says_nothing() {
        for reasons in [vec![reason(Code::Internal, None)], Vec::new()] {
            let told = explain_in(&ENGLISH, &refused(reasons, Some(7_000)), NOW);
            assert_eq!(told.title, ENGLISH.internal_title);
            assert!(told.advice.contains("0:07"), "{}", told.advice);
        }
    }

    #[test]
    fn a_ceiling_says_whom_it_is_for() {
        let title = |subject: &str| {
            let about =
                Reason { subject: Some(subject.to_owned()), ..reason(Code::CeilingReached, Some(1_000)) };
            explain_in(&ENGLISH, &refused(vec![about], None), NOW).title
        };
        assert_eq!(title("outflow_per_prefix"), ENGLISH.ceiling_prefix_title);
        assert_eq!(title("outflow_newcomers"), ENGLISH.ceiling_newcomers_title);
        for all in ["outflow", "campaign:default"] {
            assert_eq!(title(all), ENGLISH.ceiling_reached_title);
        }
    }
}
