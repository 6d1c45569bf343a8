//! Messages to a system of the operator's, signed by the specification of Standard Webhooks
//! (<https://www.standardwebhooks.com>): what the rail of kind `webhook`, alerts and the webhooks of sites have in common. What a
//! message says, when it is sent again and what an answer means is for each of them to know. Of the addresses of sites' webhooks,
//! which others choose, [`Reach`] says where they may lead.

mod reach;
mod receiver;
mod retry_after;
mod secret;

use crate::payout::rpc::{VARIABLE_PREFIX, is_endpoint};

pub(crate) use reach::{Reach, Reachable};
pub(crate) use receiver::{Attempt, Receiver, Status};
pub(crate) use retry_after::retry_after;
pub(crate) use secret::{Secrets, check as check_secret, text_of as secret_text};

/// Whether messages may be sent to an address as an operator writes it. What a variable of the environment holds is seen
/// when the receiver is made.
pub(crate) fn is_url(text: &str) -> bool {
    if text.starts_with(VARIABLE_PREFIX) { is_endpoint(text) } else { receiver::is_safe(text) }
}
