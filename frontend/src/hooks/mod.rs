//! What components have in common and that is not markup.

pub(crate) mod claimer;
pub(crate) mod location;
pub(crate) mod now;
pub(crate) mod online;
pub(crate) mod title;
