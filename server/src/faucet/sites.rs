//! Sites: registering and changing them, having them in force, and what anybody learns of them.

use std::sync::Arc;

use dripline_shared::api::operate::sites::{
    MadeSite, RegisteredSite, SiteKeyRotation, SiteKeySecret, SiteList, SiteWeek,
};
use dripline_shared::api::sites::{SiteDay, SiteStatistics, SiteView};
use dripline_shared::error::Code;
use dripline_shared::site::{NO_CAMPAIGN, Site};
use dripline_shared::time::{DAY_MS, Timestamp};

use crate::faucet::{Faucet, Inner, Operator, base, unreadable};
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::site::{SITES_REVISION_ID, SiteKey, SiteKeyName, SiteKeyUse, SiteRecord, SitesRevision};
use crate::store::BoxedReader;
use crate::store::command::{Answer, Change, MakeSite, SiteChange};
use crate::store::record::SiteTally;

/// Of how many days statistics are told at most, with the one that has not ended.
pub const STATISTICS_DAYS_MAX: u64 = 90;

/// The days of which the list of all sites tells what came of each.
const WEEK_DAYS: u64 = 7;

/// The first of the last so many days, with the one that has not ended.
fn first_of(days: u64, now: Timestamp) -> u64 {
    now.day().saturating_add(1).saturating_sub(days)
}

impl Faucet {
    /// All sites, with what came of each lately.
    pub async fn registered_sites(&self) -> Result<SiteList, Refusal> {
        let list = self.inner.sites_with_weeks().await;
        self.counted(list)
    }

    /// A site, also one that has ended.
    pub async fn registered_site(&self, id: &str) -> Result<RegisteredSite, Refusal> {
        let record = self.inner.site_record(id).await;
        self.counted(record.map(|record| record.view(self.inner.edge.now())))
    }

    /// Registers a site. Its keys are told this once.
    pub async fn register_site(&self, who: Operator, site: Site) -> Result<MadeSite, Refusal> {
        let edge = &self.inner.edge;
        let secret = SiteKey::new(SiteKeyUse::Secret(site.mode), edge);
        let statistics = SiteKey::new(SiteKeyUse::Statistics, edge);
        let make = MakeSite {
            site,
            secret: (secret.id(), secret.hash()),
            statistics: (statistics.id(), statistics.hash()),
        };
        let registered = self.change_site(who, SiteChange::Make(Box::new(make))).await?;
        Ok(MadeSite { secret: secret.to_string(), statistics_key: statistics.to_string(), registered })
    }

    /// Says something else of a site.
    pub async fn set_site(
        &self,
        who: Operator,
        site: Site,
        revision: u64,
    ) -> Result<RegisteredSite, Refusal> {
        self.change_site(who, SiteChange::Set { site: Box::new(site), revision }).await
    }

    /// Gives a key of a site a new secret.
    pub async fn rotate_site_key(
        &self,
        who: Operator,
        id: Arc<str>,
        which: SiteKeyName,
        rotation: SiteKeyRotation,
    ) -> Result<SiteKeySecret, Refusal> {
        let record = self.inner.site_record(&id).await;
        let record = self.counted(record)?;
        let (purpose, known) = (record.purpose(which), record.key(which));
        let key = SiteKey::with_new_secret(purpose, &known.id, &self.inner.edge).ok_or(Code::Internal)?;
        let SiteKeyRotation { overlap_ms } = rotation;
        let rotate = SiteChange::RotateKey { id, which, hash: key.hash(), overlap_ms };
        let registered = self.change_site(who, rotate).await?;
        Ok(SiteKeySecret { key: key.to_string(), registered })
    }

    /// Revokes a key of a site.
    pub async fn revoke_site_key(
        &self,
        who: Operator,
        id: Arc<str>,
        which: SiteKeyName,
    ) -> Result<RegisteredSite, Refusal> {
        self.change_site(who, SiteChange::RevokeKey { id, which }).await
    }

    /// Ends a site: its pages show nothing any more, here at once, and on other servers within a second.
    pub async fn end_site(&self, who: Operator, id: Arc<str>) -> Result<RegisteredSite, Refusal> {
        self.change_site(who, SiteChange::End { id }).await
    }

    /// What anybody learns of a site.
    pub fn site(&self, id: &str) -> Result<SiteView, Refusal> {
        let in_force = self.inner.in_force();
        let site = in_force.site(id).ok_or_else(|| Refusal::from(Code::UnknownSite));
        self.counted(site.map(|site| SiteView {
            id: site.id.clone(),
            mode: site.mode,
            pays: site.pays_by() != NO_CAMPAIGN,
            origins: site.origins.clone(),
            look: site.look.clone(),
        }))
    }

    /// The origins of a site's pages; none of one that is not known.
    pub fn site_origins(&self, id: &str) -> Vec<String> {
        self.inner.in_force().site(id).map(|site| site.origins.clone()).unwrap_or_default()
    }

    /// What came of a site on the last so many days, for whoever shows the key of its statistics. That there is no such site is told in
    /// the same way as that the key is wrong.
    pub async fn site_statistics(
        &self,
        id: &str,
        shown: Option<SiteKey>,
        days: u64,
    ) -> Result<SiteStatistics, Refusal> {
        let (in_force, now) = (self.inner.in_force(), self.inner.edge.now());
        let shown = shown.filter(|shown| shown.purpose() == SiteKeyUse::Statistics);
        let found = shown.and_then(|shown| in_force.site_of_key(&shown, now).filter(|it| it.site.id == id));
        self.counted(found.map(|_| ()).ok_or_else(|| Code::WrongStatisticsKey.into()))?;
        self.counted(self.inner.statistics_of(id, days).await)
    }

    /// The same for operators, also of a site that has ended.
    pub async fn registered_site_statistics(&self, id: &str, days: u64) -> Result<SiteStatistics, Refusal> {
        let record = self.inner.site_record(id).await;
        self.counted(record.map(|_| ()))?;
        self.counted(self.inner.statistics_of(id, days).await)
    }

    async fn change_site(&self, who: Operator, change: SiteChange) -> Result<RegisteredSite, Refusal> {
        let record = self.change_site_record(who, change).await?;
        Ok(record.view(self.inner.edge.now()))
    }

    /// Has a site changed, and what of it is in force here.
    pub(super) async fn change_site_record(
        &self,
        who: Operator,
        change: SiteChange,
    ) -> Result<SiteRecord, Refusal> {
        let answer = self.inner.operate(who, Change::Site(change)).await;
        let record = self.counted(answer.and_then(|answer| match answer {
            Answer::SiteChanged(record) => Ok(*record),
            _ => Err(Code::Internal.into()),
        }))?;
        self.counted(self.follow().await)?;
        Ok(record)
    }

    /// Takes sites into force as they are by now, if they were changed since they were read.
    pub(super) async fn follow_sites(&self, in_force: Arc<InForce>) -> Result<bool, Refusal> {
        let now: Option<SitesRevision> = self.inner.stored_if_any(SITES_REVISION_ID).await?;
        // Also a smaller number: that of a store that was restored from a backup.
        if now.unwrap_or_default().revision == in_force.sites_revision {
            return Ok(false);
        }
        let read = |reader: &mut BoxedReader| base::sites(&mut **reader).map_err(unreadable);
        let (revision, records) = self.inner.readers.run(read).await??;
        let (number, typical_hour) = (in_force.publication, in_force.typical_hour);
        let next = in_force.with_catalog(in_force.catalog.clone(), number, typical_hour);
        let next = next.with_registered(revision, records);
        let sites = next.sites.len();
        self.inner.writer.take_into_force(Arc::new(next), self.inner.edge.now()).await?;
        tracing::info!(sites, revision, "sites are in force as they are by now");
        Ok(true)
    }
}

impl Inner {
    async fn statistics_of(&self, id: &str, days: u64) -> Result<SiteStatistics, Refusal> {
        let (in_force, now) = (self.in_force(), self.edge.now());
        let from_day = first_of(days.min(STATISTICS_DAYS_MAX), now);
        let (site, asset): (Arc<str>, _) = (id.into(), Arc::clone(&in_force.asset));
        let read =
            move |reader: &mut BoxedReader| reader.site_days(&site, &asset, from_day).map_err(unreadable);
        let found = self.readers.run(read).await??;
        let day = |(day, tally): (u64, SiteTally)| SiteDay {
            day_ms: Timestamp(day.saturating_mul(DAY_MS)),
            opened: tally.opened,
            cleared: tally.cleared,
            drips: tally.drips,
            amount: tally.amount,
        };
        Ok(SiteStatistics {
            site: id.to_owned(),
            asset: in_force.asset.to_string(),
            days: found.into_iter().map(day).collect(),
            server_time_ms: now,
        })
    }

    async fn sites_with_weeks(&self) -> Result<SiteList, Refusal> {
        let (in_force, now) = (self.in_force(), self.edge.now());
        let records: Vec<SiteRecord> = self.all_stored("".into()).await?;
        let (asset, from_day) = (Arc::clone(&in_force.asset), first_of(WEEK_DAYS, now));
        let read = move |reader: &mut BoxedReader| {
            let mut sites = Vec::with_capacity(records.len());
            for record in &records {
                // Of one that has ended nobody asks what came of it lately.
                let days = match record.ended_at {
                    None => reader.site_days(&record.site.id, &asset, from_day).map_err(unreadable)?,
                    Some(_) => Vec::new(),
                };
                let SiteTally { opened, cleared, drips, .. } =
                    days.into_iter().fold(SiteTally::default(), |sum, (_, tally)| sum.plus(tally));
                sites.push(record.summary(SiteWeek { opened, cleared, drips }));
            }
            Ok::<_, Refusal>(sites)
        };
        let sites = self.readers.run(read).await??;
        Ok(SiteList { sites, faucet: in_force.origins.first().cloned() })
    }

    pub(super) async fn site_record(&self, id: &str) -> Result<SiteRecord, Refusal> {
        self.stored(id, Code::UnknownSite).await
    }
}
