//! Campaigns: whether one is running.

use std::collections::BTreeSet;

use dripline_shared::api::Reason;
use dripline_shared::error::Code;

/// What tells a campaign from levels and games where all of them are named.
const PREFIX: &str = "campaign:";

/// A campaign among names of other things.
pub fn name(id: &str) -> String {
    format!("{PREFIX}{id}")
}

/// The id of the campaign that a name of [`name`] is.
pub fn id_in(name: &str) -> Option<&str> {
    name.strip_prefix(PREFIX)
}

/// Whether the operator lets this campaign run. `stopped` has names of campaigns, among others.
pub fn running(stopped: &BTreeSet<String>, campaign: &str) -> Result<(), Reason> {
    let subject = name(campaign);
    if stopped.contains(&subject) {
        let message = format!("the campaign {campaign} has been stopped; nothing is lost, try again later");
        return Err(super::reason(Code::LevelStopped, subject, message));
    }
    Ok(())
}
