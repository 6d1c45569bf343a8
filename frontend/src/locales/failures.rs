//! What a refusal means for the player: what happened, and what to do about it and when.

use dripline_shared::api::Reason;
use dripline_shared::error::Code;
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

/// Explains what would refuse a claim.
pub(crate) fn explain_reason(reason: &Reason, now: Timestamp) -> Explanation {
    explanation(texts(), reason.code, None, reason.until_ms, now)
}

fn explain_in(texts: &Texts, failure: &Failure, now: Timestamp) -> Explanation {
    match failure {
        Failure::Network => plain(texts.network_title, texts.network),
        Failure::Strange(status) => {
            let advice = fill(texts.strange, &[("status", &status.to_string())]);
            Explanation { title: texts.strange_title.to_owned(), advice }
        }
        Failure::Refused(problem) => {
            let until = problem.reasons.iter().filter_map(|reason| reason.until_ms).max();
            let until = until.or_else(|| problem.retry_after_ms.map(|wait| now.plus(wait)));
            explanation(texts, problem.code, Some(&problem.title), until, now)
        }
    }
}

fn plain(title: &str, advice: &str) -> Explanation {
    Explanation { title: title.to_owned(), advice: advice.to_owned() }
}

fn explanation(
    texts: &Texts,
    code: Code,
    title: Option<&str>,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Explanation {
    let known = match code {
        Code::Cooldown => Some((texts.cooldown_title, texts.cooldown)),
        Code::DripsUsedUp => Some((texts.drips_used_up_title, texts.drips_used_up)),
        Code::CeilingReached => Some((texts.ceiling_reached_title, texts.ceiling_reached)),
        Code::BudgetUsedUp => Some((texts.budget_used_up_title, texts.budget_used_up)),
        Code::AttemptsUsedUp => Some((texts.attempts_used_up_title, texts.attempts_used_up)),
        Code::OpensUsedUp => Some((texts.opens_used_up_title, texts.opens_used_up)),
        Code::LevelLocked => Some((texts.level_locked_title, texts.level_locked)),
        Code::LevelStopped => Some((texts.level_stopped_title, texts.level_stopped)),
        Code::RulesOutdated | Code::RulesChanged => Some((texts.rules_outdated_title, texts.rules_outdated)),
        Code::RoundOpen => Some((texts.round_open_title, texts.round_open)),
        Code::RoundExpired | Code::SegmentLate => Some((texts.too_late_title, texts.too_late)),
        Code::RoundEnded | Code::RoundUnknown | Code::WrongToken => {
            Some((texts.round_gone_title, texts.round_gone))
        }
        Code::GoalNotMet => Some((texts.goal_not_met_title, texts.goal_not_met)),
        Code::StatementTooOld | Code::StatementFromFuture => Some((texts.clock_title, texts.clock)),
        Code::WrongOrigin | Code::WrongFaucet => Some((texts.wrong_origin_title, texts.wrong_origin)),
        Code::Overloaded | Code::StorageUnavailable | Code::ShuttingDown | Code::RateLimited => {
            Some((texts.busy_title, texts.busy))
        }
        _ => None,
    };
    let (title, advice) = known.unwrap_or((title.unwrap_or_else(|| code.title()), texts.refused));
    let advice = match until.filter(|until| *until > now) {
        Some(until) => format!("{advice} {}", fill(texts.until, &[("time", &countdown(until.since(now)))])),
        None => advice.to_owned(),
    };
    Explanation { title: title.to_owned(), advice }
}

#[cfg(test)]
mod tests {
    use dripline_shared::api::Problem;

    use super::super::english::ENGLISH;
    use super::*;

    fn refused(code: Code, until_ms: Option<u64>) -> Failure {
        Failure::Refused(Box::new(Problem {
            kind: String::new(),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: String::new(),
            reasons: vec![Reason {
                code,
                message: String::new(),
                subject: None,
                until_ms: until_ms.map(Timestamp),
            }],
            retry_after_ms: None,
            outcome: None,
            open_round: None,
        }))
    }

    #[test]
    fn every_code_is_explained_with_something_to_do() {
        for code in Code::ALL {
            let explanation = explain_in(&ENGLISH, &refused(*code, None), Timestamp(0));
            assert!(!explanation.title.is_empty(), "{code:?}");
            assert!(!explanation.advice.is_empty(), "{code:?}");
        }
    }

    #[test]
    fn a_limit_says_until_when_it_holds_and_nothing_when_it_has_passed() {
        let held = explain_in(&ENGLISH, &refused(Code::Cooldown, Some(300_000)), Timestamp(0));
        assert!(held.advice.contains("5:00"), "{}", held.advice);
        let passed = explain_in(&ENGLISH, &refused(Code::Cooldown, Some(300_000)), Timestamp(300_000));
        assert!(!passed.advice.contains(':'), "{}", passed.advice);
    }
}
