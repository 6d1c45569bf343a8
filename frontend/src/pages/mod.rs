//! The places of the page.

pub(crate) mod gate;
pub(crate) mod map;
pub(crate) mod round;
pub(crate) mod wallet;
