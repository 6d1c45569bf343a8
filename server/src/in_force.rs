//! What decisions go by besides the facts: what is in force until another catalog is published.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::Reason;
use dripline_shared::campaign::{CampaignLimits, DripRange};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::game::GameParams;
use dripline_shared::payout::RailKind;
use dripline_shared::round::Hash;
use dripline_shared::site::Site;
use dripline_shared::time::Timestamp;

use crate::check;
use crate::keys::Keys;
use crate::payout::{self, AssetRules, RailRules};
use crate::refusal::Refusal;
use crate::site::{SiteKey, SiteKeyUse, SiteRecord};
use crate::store::record::{Boosts, PinnedLevel};

/// The catalog in force, indexed; the emergency stop above it; the origins that may prompt; and the faucet's keys.
#[derive(Debug)]
pub struct InForce {
    /// What is in force.
    pub catalog: Catalog,
    /// Its version.
    pub version: Hash,
    /// Its levels, by id.
    pub levels: BTreeMap<String, Arc<PinnedLevel>>,
    /// Its campaigns' ids.
    pub campaigns: BTreeMap<String, Arc<str>>,
    /// Between what the drips of its campaigns are, by their ids.
    pub ranges: BTreeMap<String, DripRange>,
    /// The origins whose pages may prompt.
    pub origins: Vec<String>,
    /// What is stopped: ids of levels and games, names of campaigns and rails.
    pub stopped: BTreeSet<String>,
    /// What of that the configuration stops: it can be resumed there alone.
    pub stopped_by_file: BTreeSet<String>,
    /// From which amount on, by the code of its asset, money is moved by two operators and not by one.
    pub second_operator_above: BTreeMap<String, Amount>,
    /// The code of the asset that drips are of.
    pub asset: Arc<str>,
    /// The rules of the rails, by their ids.
    pub rails: BTreeMap<Arc<str>, RailRules>,
    /// The sites that hold, by their ids.
    pub sites: Arc<BTreeMap<Arc<str>, Arc<Site>>>,
    /// The same with their keys, as they are stored.
    pub registered: Arc<BTreeMap<Arc<str>, SiteRecord>>,
    /// How often sites had been changed when they were read; nothing where they were not.
    pub sites_revision: u64,
    /// The faucet's fingerprint.
    pub faucet: Hash,
    /// The faucet's keys.
    pub keys: Arc<Keys>,
    /// The number of the publication that the catalog came into force by; 0 where that was not looked up.
    pub publication: u64,
    /// What an hour of play typically earns; zero where that was not simulated.
    pub typical_hour: Amount,
}

impl InForce {
    /// This catalog with these keys, and the rails of whoever has said nothing about rails.
    pub fn new(
        catalog: Catalog,
        keys: impl Into<Arc<Keys>>,
        origins: Vec<String>,
        stopped: BTreeSet<String>,
    ) -> Self {
        let (rails, keys) = (payout::first_run(&catalog.asset), keys.into());
        let version = catalog.version();
        let rewards = Arc::new(catalog.rewards.clone());
        let boosts: Boosts =
            catalog.campaigns.iter().filter_map(|it| Some((it.id.clone(), it.boost?))).collect();
        let boosts = Arc::new(boosts);
        let pin = |level: &_| {
            let (rewards, boosts) = (Arc::clone(&rewards), Arc::clone(&boosts));
            Arc::new(PinnedLevel::new(Clone::clone(level), version, rewards, boosts))
        };
        let ranges = catalog.campaigns.iter().map(|it| (it.id.clone(), catalog.range_of(it))).collect();
        let levels = catalog.levels.iter().map(|level| (level.id.clone(), pin(level))).collect();
        let campaigns =
            catalog.campaigns.iter().map(|campaign| (campaign.id.clone(), Arc::from(campaign.id.as_str())));
        let campaigns = campaigns.collect();
        let faucet = keys.fingerprint();
        let asset = catalog.asset.code.as_str().into();
        Self {
            catalog,
            version,
            levels,
            campaigns,
            ranges,
            origins,
            stopped_by_file: stopped.clone(),
            stopped,
            second_operator_above: BTreeMap::new(),
            asset,
            rails,
            sites: Arc::default(),
            registered: Arc::default(),
            sites_revision: 0,
            faucet,
            keys,
            publication: 0,
            typical_hour: Amount::ZERO,
        }
    }

    /// Another catalog in force by this publication, and all else as it is: a catalog of the same asset.
    #[must_use]
    pub fn with_catalog(&self, catalog: Catalog, publication: u64, typical_hour: Amount) -> Self {
        let new =
            Self::new(catalog, Arc::clone(&self.keys), self.origins.clone(), self.stopped_by_file.clone());
        let second_operator_above = self.second_operator_above.clone();
        Self {
            rails: self.rails.clone(),
            sites: Arc::clone(&self.sites),
            registered: Arc::clone(&self.registered),
            sites_revision: self.sites_revision,
            publication,
            typical_hour,
            second_operator_above,
            stopped: self.stopped.clone(),
            ..new
        }
    }

    /// The same, with this stopped besides what the configuration stops.
    #[must_use]
    pub fn with_stopped(self, stopped: impl IntoIterator<Item = String>) -> Self {
        let stopped = self.stopped_by_file.iter().cloned().chain(stopped).collect();
        Self { stopped, ..self }
    }

    /// The same, with these sites.
    #[must_use]
    pub fn with_sites(self, sites: impl IntoIterator<Item = Site>) -> Self {
        let sites = sites.into_iter().map(|site| (Arc::from(site.id.as_str()), Arc::new(site))).collect();
        Self { sites: Arc::new(sites), ..self }
    }

    /// The same, with those of these sites that have not ended, as they were at this revision.
    #[must_use]
    pub fn with_registered(self, revision: u64, records: impl IntoIterator<Item = SiteRecord>) -> Self {
        let hold = records.into_iter().filter(|record| record.ended_at.is_none());
        let registered: BTreeMap<Arc<str>, SiteRecord> =
            hold.map(|record| (Arc::from(record.site.id.as_str()), record)).collect();
        let with = self.with_sites(registered.values().map(|record| record.site.clone()));
        Self { registered: Arc::new(registered), sites_revision: revision, ..with }
    }

    /// The site of this id, if it holds.
    pub fn site(&self, id: &str) -> Option<&Arc<Site>> {
        self.sites.get(id)
    }

    /// The site that something is asked about, where it is asked about one.
    pub fn site_asked(&self, id: Option<&str>) -> Result<Option<&Arc<Site>>, Refusal> {
        id.map(|id| self.site(id).ok_or_else(|| Code::UnknownSite.into())).transpose()
    }

    /// The site one of whose keys this is, if the key holds at `now`. Which sites are looked at depends on the key's id alone, which is
    /// no secret.
    pub fn site_of_key(&self, shown: &SiteKey, now: Timestamp) -> Option<&SiteRecord> {
        let id = shown.id();
        let is_its = |record: &&SiteRecord| record.secret.id == id || record.statistics.id == id;
        self.registered.values().filter(is_its).find(|record| record.admits(shown, now))
    }

    /// The site whose server has this secret, if it holds at `now`.
    pub fn site_of_secret(&self, secret: &str, now: Timestamp) -> Option<&Site> {
        let shown: SiteKey = secret.parse().ok()?;
        let is_secret = matches!(shown.purpose(), SiteKeyUse::Secret(_));
        self.site_of_key(&shown, now).filter(|_| is_secret).map(|record| &record.site)
    }

    /// What a campaign may let out at `now`, having so much left; `None` where the catalog has no such campaign.
    pub fn campaign_limits(&self, id: &str, left: Amount, now: Timestamp) -> Option<CampaignLimits> {
        let (campaign, range) = (self.catalog.campaign(id)?, self.ranges.get(id)?);
        Some(campaign.limits(left, *range, now))
    }

    /// The rules of a rail, and its id to be shared.
    pub fn rail(&self, id: &str) -> Result<(&Arc<str>, &RailRules), Reason> {
        self.rails.get_key_value(id).ok_or_else(|| check::rail::unknown(id))
    }

    /// Whether drips are play money: some sandbox pays them out, and nothing but sandboxes does.
    pub fn is_play_money(&self) -> bool {
        let ways = || self.rails.values().filter(|rules| rules.assets.contains_key(&self.asset));
        ways().next().is_some() && ways().all(|rules| rules.kind == RailKind::Sandbox)
    }

    /// The rules of an asset on a rail, and its code to be shared.
    pub fn rail_asset(&self, rail: &str, code: &str) -> Result<(&Arc<str>, &AssetRules), Reason> {
        let (_, rules) = self.rail(rail)?;
        rules.assets.get_key_value(code).ok_or_else(|| check::rail::unknown_asset(rail, code))
    }

    /// Whether the operator lets this level run, paid by this campaign: the stop goes above what rounds have pinned.
    pub fn running(&self, level: &PinnedLevel, campaign: &str) -> Result<(), Reason> {
        check::level::running(&self.stopped, &level.level, level.game.id)?;
        check::campaign::running(&self.stopped, campaign)
    }

    /// What is stopped and is no game and nothing in the catalog: levels that only older rounds have, or slips of the pen.
    pub fn stopped_elsewhere(&self) -> impl Iterator<Item = &str> {
        self.stopped.iter().map(String::as_str).filter(|name| !self.has(name))
    }

    /// Whether there is what this names: a game, a level or a campaign of the catalog, or a rail.
    pub fn has(&self, name: &str) -> bool {
        match (check::campaign::id_in(name), check::rail::id_in(name)) {
            (Some(campaign), _) => self.campaigns.contains_key(campaign),
            (None, Some(rail)) => self.rails.contains_key(rail),
            (None, None) => GameParams::GAMES.contains(&name) || self.levels.contains_key(name),
        }
    }

    /// What there is of the kind that this names, by name.
    pub fn likes_of(&self, name: &str) -> String {
        let names: Vec<String> = match (check::campaign::id_in(name), check::rail::id_in(name)) {
            (Some(_), _) => self.campaigns.keys().map(|id| check::campaign::name(id)).collect(),
            (None, Some(_)) => self.rails.keys().map(|id| check::rail::name(id)).collect(),
            (None, None) => {
                let games = GameParams::GAMES.iter().map(|id| (*id).to_owned());
                games.chain(self.catalog.levels.iter().map(|level| level.id.clone())).collect()
            }
        };
        names.join(", ")
    }
}
