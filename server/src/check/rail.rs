//! Rails: whether one is running.

use std::collections::BTreeSet;

use dripline_shared::api::Reason;
use dripline_shared::error::Code;

/// What tells a rail from levels, games and campaigns where all of them are named.
const PREFIX: &str = "rail:";

/// The id of the rail that a name such as `rail:sandbox` is.
pub fn id_in(name: &str) -> Option<&str> {
    name.strip_prefix(PREFIX)
}

/// A rail among names of other things.
pub fn name(id: &str) -> String {
    format!("{PREFIX}{id}")
}

/// Whether the operator lets this rail run. `stopped` has names of rails, among others.
pub fn is_running(stopped: &BTreeSet<String>, rail: &str) -> bool {
    !stopped.contains(&name(rail))
}

/// A reason that this rail is not one of this faucet.
pub fn unknown(rail: &str) -> Reason {
    super::reason(Code::UnknownRail, rail, format!("this faucet has no rail {rail}"))
}

/// A reason that this rail does not pay this asset.
pub fn unknown_asset(rail: &str, asset: &str) -> Reason {
    super::reason(Code::UnknownAsset, asset, format!("the rail {rail} does not pay {asset}"))
}
