//! Play: the decisions about rounds and claims, and what is shown of them. Pure functions of facts and `now`.
//!
//! `open`, `segment`, `end` and `settle` decide one command each; `prove` does the costly checks that need no more facts
//! than the round itself; `limits` is everything that holds a drip back; `view` says what players
//! see. `balance_move` has what a guest's key has become a
//! wallet's, and `merge` makes one of both.

pub(crate) mod balance_move;
pub(crate) mod end;
pub mod limits;
pub mod merge;
pub(crate) mod open;
pub(crate) mod prove;
pub(crate) mod segment;
pub(crate) mod settle;
pub(crate) mod slices;
pub(crate) mod view;
