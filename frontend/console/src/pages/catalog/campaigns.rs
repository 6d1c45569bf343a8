//! The campaigns: budgets with their dates, their levels, their boost, and whom they are for.

use std::rc::Rc;

use dripline_shared::catalog::{CAMPAIGNS_MAX, Catalog, DEFAULT_CAMPAIGN};
use serde_json::Value;
use yew::prelude::*;

use super::changes::Sheet;
use super::groups::{GroupsProps, use_groups};
use super::vouchers::{VouchersProps, use_vouchers};
use crate::components::{confirm, piece};
use crate::form::campaign_groups;

#[derive(PartialEq)]
pub(crate) struct CampaignsProps {
    /// The catalog.
    pub(crate) sheet: Rc<Sheet>,
    /// Called with a setting and its new value.
    pub(crate) changed: Callback<(String, Value)>,
    /// Called with a catalog that has other campaigns.
    pub(crate) replaced: Callback<Catalog>,
    /// Whether they can only be seen, as those that are in force.
    pub(crate) is_fixed: bool,
}

/// The campaigns.
#[hook]
pub(crate) fn use_campaigns(props: &CampaignsProps) -> Html {
    let catalog = &props.sheet.catalog;
    let one = |index: usize| {
        let campaign = catalog.campaigns.get(index)?;
        let mut without = catalog.clone();
        without.campaigns.remove(index);
        let replaced = props.replaced.clone();
        let remove = Callback::from(move |()| replaced.emit(without.clone()));
        Some(html! {
            <section key={index} aria-label={format!("Campaign {}", campaign.id)} class="campaign">
                <h2>{ campaign.name.clone().unwrap_or_else(|| campaign.id.clone()) }</h2>
                { piece!(use_groups, "", GroupsProps { groups: campaign_groups(index, campaign), sheet: Rc::clone(&props.sheet), changed: props.changed.clone(), is_fixed: props.is_fixed }) }
                if props.is_fixed {
                    { piece!(use_vouchers, "", VouchersProps { campaign: campaign.id.clone() }) }
                } else if campaign.id != DEFAULT_CAMPAIGN {
                    { confirm("Remove", "Take this campaign out?".into(), remove, false) }
                }
            </section>
        })
    };
    let add = {
        let (mut with, replaced) = (catalog.clone(), props.replaced.clone());
        added(&mut with);
        Callback::from(move |_: MouseEvent| replaced.emit(with.clone()))
    };
    html! {
        <>
            { for (0..catalog.campaigns.len()).filter_map(one) }
            if !props.is_fixed && catalog.campaigns.len() < CAMPAIGNS_MAX {
                <p><button type="button" class="button is-quiet" onclick={add}>{ "Add a campaign" }</button></p>
            }
        </>
    }
}

/// Adds a campaign like the first one, with an id that no other has.
fn added(catalog: &mut Catalog) {
    let Some(mut campaign) = catalog.campaigns.first().cloned() else { return };
    let mut ids = (1..=CAMPAIGNS_MAX.saturating_add(1)).map(|number| format!("campaign-{number}"));
    let is_free = |id: &String| catalog.campaign(id).is_none();
    campaign.id = ids.find(is_free).unwrap_or_default();
    catalog.campaigns.push(campaign);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_that_is_added_has_an_id_of_its_own() {
        let mut catalog = Catalog::first_run();
        added(&mut catalog);
        added(&mut catalog);
        let ids: Vec<&str> = catalog.campaigns.iter().map(|campaign| campaign.id.as_str()).collect();
        assert_eq!(ids, [DEFAULT_CAMPAIGN, "campaign-1", "campaign-2"]);
    }
}
