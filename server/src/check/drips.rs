//! Drips: how many a wallet may have.

use dripline_shared::api::Reason;
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use dripline_shared::time::Timestamp;

/// Takes one drip. Gives the state to store.
pub fn take(limit: &CountLimit, state: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Reason> {
    limit.take(state, now).map_err(|until| {
        super::reason_until(
            Code::DripsUsedUp,
            "drips",
            format!("this wallet may have another drip at {until}"),
            until,
        )
    })
}
