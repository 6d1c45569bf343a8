//! Statements: whether one is for this faucet, of a page that may prompt, and of now.

use dripline_shared::api::Reason;
use dripline_shared::error::Code;
use dripline_shared::round::{Hash, STATEMENT_SKEW_MS};
use dripline_shared::statement::is_origin;
use dripline_shared::time::Timestamp;

/// Whether a statement is for the faucet of this fingerprint.
pub fn faucet(ours: Hash, theirs: Hash) -> Result<(), Reason> {
    if ours == theirs {
        return Ok(());
    }
    Err(super::reason(Code::WrongFaucet, "faucet", format!("this faucet's fingerprint is {ours}")))
}

/// Whether a page of this origin may prompt.
pub fn origin(allowed: &[String], origin: &str) -> Result<(), Reason> {
    if is_origin(origin) && allowed.iter().any(|allowed| allowed == origin) {
        return Ok(());
    }
    Err(super::reason(Code::WrongOrigin, "origin", "pages of this origin may not prompt for this faucet"))
}

/// Whether a statement was issued within five minutes of `now`, either way.
pub fn issued_at(issued_at: Timestamp, now: Timestamp) -> Result<(), Reason> {
    let refused = |code: Code| {
        let message = format!("issued at {issued_at}, and the server's clock is at {now}");
        Err(super::reason(code, "issued_at_ms", message))
    };
    if now.since(issued_at) > STATEMENT_SKEW_MS {
        return refused(Code::StatementTooOld);
    }
    if issued_at.since(now) > STATEMENT_SKEW_MS {
        return refused(Code::StatementFromFuture);
    }
    Ok(())
}

/// Whether a page plays by the rules of this build.
pub fn rules(ours: u32, theirs: u32) -> Result<(), Reason> {
    if ours == theirs {
        return Ok(());
    }
    let message = format!("this page plays by rules {theirs}, and the server by rules {ours}");
    Err(super::reason(Code::RulesOutdated, "rules_version", message))
}
