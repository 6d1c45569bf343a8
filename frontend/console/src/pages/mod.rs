//! The places of the console.

mod access;
mod audit;
mod catalog;
mod history;
mod invitation;
mod overview;
mod payouts;
mod players;
mod sign_in;

pub(crate) use access::Access;
pub(crate) use audit::Audit;
pub(crate) use catalog::Catalog;
pub(crate) use history::History;
pub(crate) use invitation::Invitation;
pub(crate) use overview::Overview;
pub(crate) use payouts::Payouts;
pub(crate) use players::Players;
pub(crate) use sign_in::SignIn;
