//! Campaigns: whether one is running, and opens rounds of a level for a wallet.

use std::collections::BTreeSet;

use dripline_shared::amount::Amount;
use dripline_shared::api::Reason;
use dripline_shared::campaign::{Audience, Campaign, CampaignStage, DripRange};
use dripline_shared::error::Code;
use dripline_shared::time::Timestamp;

use crate::check::outflow::is_newcomer;
use crate::store::record::WalletRecord;

/// What tells a campaign from levels and games where all of them are named.
const PREFIX: &str = "campaign:";

/// A campaign among names of other things.
pub fn name(id: &str) -> String {
    format!("{PREFIX}{id}")
}

/// A campaign's share for wallets without history, among names of ceilings.
pub fn newcomers_name(id: &str) -> String {
    format!("{PREFIX}{id}:newcomers")
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

/// Whether a campaign that has `left` opens rounds at `now`, by its dates and its budget.
pub fn opens(campaign: &Campaign, left: Amount, range: DripRange, now: Timestamp) -> Result<(), Reason> {
    let (subject, title) = (name(&campaign.id), campaign.title());
    match (campaign.stage(now), campaign.starts_ms) {
        (CampaignStage::Waiting, Some(starts)) => {
            let message = format!("the campaign {title} starts at {starts}");
            Err(super::reason_until(Code::CampaignNotStarted, subject, message, starts))
        }
        (CampaignStage::Ending | CampaignStage::Over, _) => {
            let message =
                format!("the campaign {title} has ended; what was won in it before can still be claimed");
            Err(super::reason(Code::CampaignEnded, subject, message))
        }
        (CampaignStage::Waiting | CampaignStage::Running, _) if campaign.is_used_up(left, range) => {
            let message = format!("the campaign {title} has ended: its budget is used up");
            Err(super::reason(Code::BudgetUsedUp, subject, message))
        }
        (CampaignStage::Waiting | CampaignStage::Running, _) => Ok(()),
    }
}

/// Whether a campaign pays for this level.
pub fn level(campaign: &Campaign, level: &str) -> Result<(), Reason> {
    if campaign.has_level(level) {
        return Ok(());
    }
    let message = format!("the campaign {} does not pay for {level}", campaign.title());
    Err(super::reason(Code::LevelNotInCampaign, name(&campaign.id), message))
}

/// Whether a wallet is one of those that a campaign is for. `site` is the one on whose page the round is to be played, if it is one's.
pub fn audience(
    campaign: &Campaign,
    wallet: &WalletRecord,
    site: Option<&str>,
    now: Timestamp,
) -> Result<(), Reason> {
    let is_in = match &campaign.audience {
        Audience::Everybody => true,
        // Whether its voucher lets it in is another check, and without one none does.
        Audience::Vouchers => false,
        Audience::NewWallets { within_ms } => is_newcomer(wallet, *within_ms, now),
        Audience::Site { site: of } => site == Some(of.as_str()),
    };
    if is_in {
        return Ok(());
    }
    let title = campaign.title();
    let message = match &campaign.audience {
        Audience::Site { .. } => format!("the campaign {title} is for rounds on the pages of another site"),
        _ => format!("the campaign {title} is not for this wallet"),
    };
    Err(super::reason(Code::NotInAudience, name(&campaign.id), message))
}
