//! What the page knows and how that changes: pure values, tested without a browser.

pub(crate) mod backoff;
pub(crate) mod campaigns;
pub(crate) mod claims;
pub(crate) mod clock;
pub(crate) mod faucet;
pub(crate) mod journal;
pub(crate) mod news;
pub(crate) mod paged;
pub(crate) mod pause;
pub(crate) mod stake;
pub(crate) mod watch;
pub(crate) mod withdraw;
