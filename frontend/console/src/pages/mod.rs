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
mod sites;

pub(crate) use access::use_access;
pub(crate) use audit::use_audit;
pub(crate) use catalog::use_catalog;
pub(crate) use history::use_history;
pub(crate) use invitation::{InvitationProps, use_invitation};
pub(crate) use overview::use_overview;
pub(crate) use payouts::use_payouts;
pub(crate) use players::use_players;
pub(crate) use sign_in::{SignInProps, use_sign_in};
pub(crate) use sites::use_sites;
