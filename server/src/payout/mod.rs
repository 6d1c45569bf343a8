//! Payouts: how money leaves the faucet.
//!
//! A player sets an address and requests a withdrawal ([`address`], [`withdraw`]); a worker takes what waits for a rail
//! into batches, has the rail sign a candidate, keeps it, sends it, and asks what became of it ([`batch`], and `payer` of
//! `faucet`). A [`Rail`] knows how its chain or service works and moves no money in the ledger; what is decided here
//! moves it, as pure functions of facts, and knows no rail.
//!
//! A payout is made exactly once because only what was kept is sent, at most one candidate of a batch can ever be
//! executed, and money goes elsewhere or back only once all of them are finally dead. Where several servers run, one of
//! them at a time pays by a rail ([`lease`]).

pub(crate) mod address;
pub(crate) mod batch;
pub(crate) mod correction;
mod cost;
pub(crate) mod dormant;
mod evidence;
pub mod evm;
mod key_source;
pub mod lease;
mod ledger;
pub(crate) mod pause;
mod rail;
pub(crate) mod review;
pub(crate) mod rpc;
mod rules;
mod sandbox;
pub mod solana;
mod transfers;
mod units;
pub(crate) mod view;
pub mod webhook;
pub(crate) mod withdraw;
mod witnesses;

pub use dormant::DORMANT_AFTER_MS;
pub(crate) use evidence::transaction_id;
pub use evidence::{Evidence, Trial};
pub use key_source::KeySource;
pub use rail::{History, Holdings, Pace, Rail, RailError, Signed, Verdict};
pub use rpc::ENDPOINTS_MAX;
pub use rules::{
    AssetRules, AssetSettings, FAILURES_MAX, OwnershipRules, RailDriver, RailRules, RailSettings,
    UnknownAsset, first_run,
};
pub use sandbox::Sandbox;
