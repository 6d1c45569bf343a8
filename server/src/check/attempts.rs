//! Attempts: how many rounds a wallet may open.

use dripline_shared::api::Reason;
use dripline_shared::error::Code;
use dripline_shared::limit::CountLimit;
use dripline_shared::time::Timestamp;

/// Takes one attempt. Gives the state to store.
pub fn take(limit: &CountLimit, state: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Reason> {
    limit.take(state, now).map_err(|until| {
        super::reason_until(
            Code::AttemptsUsedUp,
            "attempts",
            format!("this wallet may open another round at {until}"),
            until,
        )
    })
}

/// Gives one attempt back: the state as if it had not been taken.
pub fn give_back(limit: &CountLimit, state: Option<Timestamp>) -> Option<Timestamp> {
    state.map(|theoretical| theoretical.minus(limit.every_ms))
}
