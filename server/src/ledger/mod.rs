//! The ledger: double entry. Accounts and transfers, how campaigns are funded, and the verification of it all.
//!
//! Rules only: where transfers are stored is the store's affair.

mod account;
mod books;
mod fund;
mod verify;

pub use account::{Account, Balance, Holder, Kind, Overdraft, Posted, Reference, Transfer};
pub use books::{AccountSum, Unsound, books};
pub use fund::{FundingFacts, fund};
pub use verify::{
    AccountRow, BatchRow, ClaimRow, HolderRow, LedgerError, LedgerReport, RequestRow, StageRow, TransferRow,
    TreeSize, Verifier, WithdrawalRow, verify_database, verify_ledger,
};
