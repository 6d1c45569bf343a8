//! Sites: whether one is there, and opens rounds of a level that are paid by a campaign; and whether a page is one of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_shared::api::Reason;
use dripline_shared::error::Code;
use dripline_shared::site::{CDATA_MAX, Site};

/// The site of this id.
pub fn known<'a>(
    sites: &'a BTreeMap<Arc<str>, Arc<Site>>,
    id: &str,
) -> Result<(&'a Arc<str>, &'a Site), Reason> {
    let found = sites.get_key_value(id).map(|(id, site)| (id, &**site));
    found.ok_or_else(|| {
        super::reason(Code::UnknownSite, "site", "this faucet has no such site, or it was taken out of force")
    })
}

/// Whether a page of this origin may prompt, of the faucet, or of the site of this id where one is said. A wallet is asked by the
/// page that it is connected to, whose origin is then what it signs.
pub fn prompts(
    sites: &BTreeMap<Arc<str>, Arc<Site>>,
    origins: &[String],
    origin: &str,
    site: Option<&str>,
) -> Result<(), Reason> {
    let site = site.map(|id| known(sites, id)).transpose()?;
    let is_of_site = site.is_some_and(|(_, site)| site.has_origin(origin));
    if is_of_site { Ok(()) } else { super::statement::origin(origins, origin) }
}

/// Whether a site opens rounds of this level, paid by this campaign.
pub fn opens(site: &Site, level: &str, campaign: &str) -> Result<(), Reason> {
    if !site.has_level(level) {
        let message = format!("the site {} does not show {level}", site.id);
        return Err(super::reason(Code::LevelNotOfSite, "level", message));
    }
    let expected = site.pays_by();
    if campaign != expected {
        let message = format!("rounds of the site {} are of the campaign {expected}", site.id);
        return Err(super::reason(Code::CampaignNotOfSite, "campaign", message));
    }
    Ok(())
}

/// Whether a page of this origin is one of the site's.
pub fn origin(site: &Site, origin: &str) -> Result<(), Reason> {
    if site.has_origin(origin) {
        return Ok(());
    }
    let message = format!("pages of the site {} are of other origins", site.id);
    Err(super::reason(Code::OriginNotOfSite, "origin", message))
}

/// Whether what a site's page says is no longer than it may be.
pub fn cdata(cdata: Option<&str>) -> Result<(), Reason> {
    if cdata.is_none_or(|text| text.len() <= CDATA_MAX) {
        return Ok(());
    }
    Err(super::reason(Code::InvalidRequest, "cdata", format!("expected at most {CDATA_MAX} bytes")))
}
