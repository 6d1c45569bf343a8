//! The protocol of a round, as the player's side speaks it: open, send segments, claim, resume.

pub(crate) mod claiming;
pub(crate) mod keeping;
pub(crate) mod opening;
pub(crate) mod sender;
