//! Opens: how many rounds a network prefix may open, whatever the number of wallets.

use dripline_shared::api::Reason;
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use dripline_shared::time::Timestamp;

/// Takes one open. Gives the state to store.
pub fn take(limit: &CountLimit, state: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Reason> {
    limit.take(state, now).map_err(|until| {
        super::reason_until(
            Code::OpensUsedUp,
            "opens_per_prefix",
            format!("this network may open another round at {until}"),
            until,
        )
    })
}
