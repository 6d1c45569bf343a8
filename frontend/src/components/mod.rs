//! Pieces that places are made of. Those without a state of their own are plain functions.

pub(crate) mod backup;
pub(crate) mod count_up;
pub(crate) mod frame;
pub(crate) mod icon;
pub(crate) mod link;
pub(crate) mod notice;
pub(crate) mod remaining;
pub(crate) mod stars;
