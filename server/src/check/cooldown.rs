//! Cooldown: when a level pays a wallet again.

use dripline_shared::api::Reason;
use dripline_shared::error::Code;
use dripline_shared::progress::LevelProgress;
use dripline_shared::time::Timestamp;

/// Whether a level pays a wallet that has reached this in it.
pub fn check(level: &str, progress: &LevelProgress, now: Timestamp) -> Result<(), Reason> {
    let until = progress.pays_again_at_ms;
    if until <= now {
        return Ok(());
    }
    Err(super::reason_until(
        Code::Cooldown,
        level,
        format!("{level} pays this wallet again at {until}"),
        until,
    ))
}
