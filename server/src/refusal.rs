//! A refusal: what every use case answers instead of an effect. Nothing has been changed when one is returned.

use dripline_shared::api::{OutcomeView, Reason};
use dripline_shared::error::Code;
use dripline_shared::limit::OUTFLOW_PER_PREFIX;
use dripline_shared::round::RoundId;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::WalletError;

/// Why a request had no effect. `http` makes a problem document of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Every reason that applied, at least one; the first one gives the answer's code and status.
    pub reasons: Vec<Reason>,
    /// After how many milliseconds it is worth trying again, where that is known and not told by a reason.
    pub retry_after_ms: Option<u64>,
    /// With [`Code::GoalNotMet`]: what the server saw.
    pub outcome: Option<OutcomeView>,
    /// With [`Code::RoundOpen`]: which round.
    pub open_round: Option<RoundId>,
}

impl Refusal {
    /// A refusal for one reason.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self::from(Reason { code, message: message.into(), subject: None, until_ms: None })
    }

    /// A refusal that will pass at `until`.
    pub fn until(code: Code, message: impl Into<String>, until: Timestamp) -> Self {
        Self::from(Reason { code, message: message.into(), subject: None, until_ms: Some(until) })
    }

    /// The code of the first reason.
    pub fn code(&self) -> Code {
        self.reasons.first().map_or(Code::Internal, |reason| reason.code)
    }

    /// Whether one of the reasons is a budget or a ceiling of claims that many share: of a part of those, another part may
    /// have more.
    pub fn is_of_shared(&self) -> bool {
        let is_shared = |reason: &Reason| match reason.code {
            Code::BudgetUsedUp => true,
            Code::CeilingReached => reason.subject.as_deref() != Some(OUTFLOW_PER_PREFIX),
            _ => false,
        };
        self.reasons.iter().any(is_shared)
    }

    /// After how many milliseconds it is worth trying again: when the last of the reasons has passed. Where one of them
    /// does not pass by waiting, there is no such time.
    pub fn retry_after_ms(&self, now: Timestamp) -> Option<u64> {
        let untils: Option<Vec<Timestamp>> = self.reasons.iter().map(|reason| reason.until_ms).collect();
        let last = untils.and_then(|untils| untils.into_iter().max());
        self.retry_after_ms.or(last.map(|until| until.since(now)))
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reasons: vec![reason], retry_after_ms: None, outcome: None, open_round: None }
    }
}

impl From<WalletError> for Refusal {
    fn from(error: WalletError) -> Self {
        let code = match error {
            WalletError::NotBase58 | WalletError::NotAKey => Code::InvalidWallet,
            WalletError::Weak => Code::WeakWallet,
            WalletError::BadSignature => Code::BadSignature,
        };
        Self::new(code, error.to_string())
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::new(code, code.title())
    }
}
