//! Verification: what the servers of sites learn of rounds that were played on their pages. Pure.
//!
//! A verification token says itself what it is for, under a code by a secret of the faucet's own: nothing is stored to make one, and
//! a guess is found out without a look at the store. That it was used is a mark on its round, so it holds on every server, at
//! once, and for good.

pub mod test_secret;
pub mod token;
pub mod verify;

pub use token::VerificationToken;
