//! Play: the decisions about rounds and claims, and what is shown of them. Pure functions of facts and `now`.
//!
//! `open`, `segment`, `end` and `settle` decide one command each; `prove` does the costly checks that need no more facts
//! than the round itself; `limits` is everything that holds a drip back; `view` says what players
//! see. `merge` makes one wallet of two, for the day on which guests move to wallets of their own: nothing calls it yet.

pub(crate) mod end;
pub mod limits;
pub mod merge;
pub(crate) mod open;
pub(crate) mod prove;
pub(crate) mod segment;
pub(crate) mod settle;
pub(crate) mod slices;
pub(crate) mod view;
