//! The ledger: double entry, and its verification.

use std::path::Path;

use dripline_shared::amount::Amount;

/// What `dripline ledger verify` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerReport {
    /// Accounts.
    pub accounts: u64,
    /// Transfers.
    pub transfers: u64,
    /// Claimed rounds.
    pub claims: u64,
    /// What players hold, in ledger units.
    pub held: Amount,
    /// Everything that is not as it must be; empty where all is well.
    pub findings: Vec<String>,
}

/// Why a ledger could not be verified at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the ledger: {0}")]
pub struct LedgerError(pub String);

/// Recomputes every balance from the transfers and checks every invariant. Reads only.
pub fn verify_ledger(data: &Path) -> Result<LedgerReport, LedgerError> {
    Err(LedgerError(format!("{} has no store", data.display())))
}
