//! Mistakes in campaigns, and what their drips have to pass.

use std::collections::BTreeSet;

use super::{
    BUDGETS_MAX, CAMPAIGNS_MAX, Catalog, DEFAULT_CAMPAIGN, Findings, ID_EXPECTED, check_money, is_id,
};
use crate::amount::Amount;
use crate::campaign::{Audience, BOOST_MAX, CAMPAIGN_NAME_MAX, Campaign, paced};
use crate::level::Level;
use crate::limit::WINDOW_MAX_MS;
use crate::reward::BASIS_POINTS;
use crate::time::{TIMESTAMP_MAX, Timestamp};

impl Catalog {
    pub(super) fn validate_campaigns(&self, found: &mut Findings) {
        let count = (1..=CAMPAIGNS_MAX).contains(&self.campaigns.len());
        found.check(count, "campaigns", format!("1 to {CAMPAIGNS_MAX} campaigns"));
        let mut ids = BTreeSet::new();
        for (index, campaign) in self.campaigns.iter().enumerate() {
            let field = format!("campaigns[{index}]");
            found.check(is_id(&campaign.id), format!("{field}.id"), ID_EXPECTED);
            found.check(ids.insert(&campaign.id), format!("{field}.id"), "an id that no other campaign has");
            check_money(found, &format!("{field}.outflow"), campaign.outflow);
            self.validate_campaign(found, &field, campaign);
        }
        let budgets = self.campaigns.iter().map(|campaign| i128::from(campaign.budget.units()));
        let fits = budgets.sum::<i128>() <= i128::from(BUDGETS_MAX);
        found.check(fits, "campaigns", format!("budgets of at most {BUDGETS_MAX} units together"));
        found.check(ids.iter().any(|id| *id == DEFAULT_CAMPAIGN), "campaigns", "one with the id \"default\"");
    }

    fn validate_campaign(&self, found: &mut Findings, field: &str, campaign: &Campaign) {
        if let Some(name) = &campaign.name {
            let fits = (1..=CAMPAIGN_NAME_MAX).contains(&name.chars().count());
            let expected = format!("1 to {CAMPAIGN_NAME_MAX} characters");
            found.check(fits && !name.chars().any(char::is_control), format!("{field}.name"), expected);
        }
        let last = TIMESTAMP_MAX.minus(WINDOW_MAX_MS);
        for (name, moment) in [("starts_ms", campaign.starts_ms), ("ends_ms", campaign.ends_ms)] {
            let within = moment.is_none_or(|moment| moment <= last);
            found.check(within, format!("{field}.{name}"), "a moment before the end of the year 9998");
        }
        let is_later = |ends: Timestamp| campaign.starts_ms.is_none_or(|starts| starts < ends);
        let in_order = campaign.ends_ms.is_none_or(is_later);
        found.check(in_order, format!("{field}.ends_ms"), "an end after the start");
        if let Some(levels) = &campaign.levels {
            found.check(!levels.is_empty(), format!("{field}.levels"), "at least one level");
            let mut named = BTreeSet::new();
            for (number, id) in levels.iter().enumerate() {
                let field = format!("{field}.levels[{number}]");
                found.check(self.level(id).is_some(), &field, "the id of a level of this catalog");
                found.check(named.insert(id), field, "a level that is not named before");
            }
        }
        let boost = campaign.boost.is_none_or(|boost| (BASIS_POINTS..=BOOST_MAX).contains(&boost));
        let expected = format!("{BASIS_POINTS} to {BOOST_MAX} basis points");
        found.check(boost, format!("{field}.boost"), expected);
        let share = campaign.newcomers.is_none_or(|share| (1..BASIS_POINTS).contains(&share));
        let expected = format!("1 to {} basis points: a part, and not all", BASIS_POINTS.saturating_sub(1));
        found.check(share, format!("{field}.newcomers"), expected);
        match &campaign.audience {
            Audience::Everybody | Audience::Vouchers => {}
            Audience::NewWallets { within_ms } => {
                let within = (1..=WINDOW_MAX_MS).contains(within_ms);
                found.check(within, format!("{field}.audience"), "1 ms to a year");
            }
            // Sites come and go without a publication: which there are is asked where a round is opened.
            Audience::Site { site } => {
                found.check(is_id(site), format!("{field}.audience"), "the id of a site");
            }
        }
        self.validate_pacing(found, field, campaign);
    }

    /// A pace needs an end; and at the pace that it starts with, the largest drip must fit at once.
    fn validate_pacing(&self, found: &mut Findings, field: &str, campaign: &Campaign) {
        if !campaign.pacing {
            return;
        }
        let field = format!("{field}.pacing");
        let (Some(starts), Some(ends)) = (campaign.starts_ms, campaign.ends_ms) else {
            found.check(false, field, "a start and an end, between which the budget is spread");
            return;
        };
        let pace = paced(campaign.outflow, campaign.budget, ends.since(starts));
        let pace = campaign.newcomers.map_or(pace, |share| pace.share(share));
        let (largest, burst) = (self.range_of(campaign).largest, pace.burst());
        found.check(
            largest <= burst,
            field,
            format!(
                "a largest drip ({largest}) that fits at once at the pace of the start, a quarter of what goes out in a window \
                 ({burst}): a longer window, a larger budget or fewer days"
            ),
        );
    }

    /// The bursts that a level's drips have to pass: of what, the largest drip that has to, and the burst.
    pub(super) fn passes(&self, level: &Level) -> Vec<(String, Amount, Amount)> {
        let campaigns = || self.campaigns.iter().filter(|campaign| campaign.has_level(&level.id));
        let drip =
            |campaign: &Campaign| self.rewards.largest_drip(level, campaign.boost.unwrap_or(BASIS_POINTS));
        let largest = campaigns().map(drip).fold(self.rewards.largest_drip(level, BASIS_POINTS), Amount::max);
        let limits = &self.limits;
        let mut passes = vec![
            ("limits.outflow_per_prefix".to_owned(), largest, limits.outflow_per_prefix.burst()),
            ("limits.outflow_newcomers".to_owned(), largest, limits.outflow_newcomers.burst()),
            ("limits.outflow".to_owned(), largest, limits.outflow.burst()),
        ];
        for campaign in campaigns() {
            let (id, drip) = (&campaign.id, drip(campaign));
            passes.push((format!("campaign {id}'s outflow"), drip, campaign.outflow.burst()));
            if let Some(share) = campaign.newcomers {
                let burst = campaign.outflow.share(share).burst();
                passes.push((format!("campaign {id}'s share for newcomers"), drip, burst));
            }
        }
        passes
    }
}
