//! What is stopped at once, for operators: beside what the configuration stops.

use std::collections::{BTreeMap, BTreeSet};

use dripline_shared::api::operate::payouts::{EmergencyRequest, EmergencyStop, EmergencyStops};
use dripline_shared::catalog::Catalog;

use crate::check;
use crate::faucet::{Faucet, Inner, Operator};
use crate::refusal::Refusal;
use crate::store::command::Change;
use crate::store::record::{CatalogRecord, EMERGENCY_ID, EmergencyRecord, PublicationRecord, StopRecord};

/// In how many catalogs, the newest first, a level or a campaign is looked for that is not in the one in force. Rounds that have pinned
/// what older ones say have long ended.
const CATALOGS_LOOKED_AT: usize = 100;

impl Faucet {
    /// All that is stopped.
    pub async fn stops(&self) -> Result<EmergencyStops, Refusal> {
        self.counted(self.inner.stops().await)
    }

    /// Stops something, or lets it run again: here at once, and on other servers within a second.
    pub async fn set_stop(
        &self,
        who: Operator,
        request: EmergencyRequest,
    ) -> Result<EmergencyStops, Refusal> {
        let EmergencyRequest { name, stopped, reason } = request;
        let was_published = stopped && self.counted(self.inner.was_published(&name).await)?;
        let change = Change::SetStop { name, stopped, reason, was_published };
        let changed = self.inner.operate(who, change).await;
        self.counted(changed)?;
        self.counted(self.follow().await)?;
        self.inner.ring_all();
        self.stops().await
    }
}

impl Inner {
    /// Whether a level or a campaign of this name is in a catalog that was published, and not in the one in force: the newest are
    /// looked at first, one after the other.
    async fn was_published(&self, name: &str) -> Result<bool, Refusal> {
        if self.in_force().has(name) || check::rail::id_in(name).is_some() {
            return Ok(false);
        }
        let publications: Vec<PublicationRecord> = self.all_stored("".into()).await?;
        let mut seen = BTreeSet::new();
        let mut left = CATALOGS_LOOKED_AT;
        for publication in publications.iter().rev() {
            if left == 0 {
                break;
            }
            if !seen.insert(publication.version.to_string()) {
                continue;
            }
            left = left.saturating_sub(1);
            let found = self.stored_if_any::<CatalogRecord>(&publication.version.to_string()).await?;
            let is_in = |catalog: &Catalog| match check::campaign::id_in(name) {
                Some(campaign) => catalog.campaign(campaign).is_some(),
                None => catalog.levels.iter().any(|level| level.id == name),
            };
            if found.is_some_and(|record| is_in(&record.catalog)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What operators have stopped, by name.
    pub(super) async fn stopped_by_operators(&self) -> Result<BTreeMap<String, StopRecord>, Refusal> {
        let found: Option<EmergencyRecord> = self.stored_if_any(EMERGENCY_ID).await?;
        Ok(found.unwrap_or_default().stopped)
    }

    async fn stops(&self) -> Result<EmergencyStops, Refusal> {
        let (by_operators, in_force) = (self.stopped_by_operators().await?, self.in_force());
        let names: BTreeSet<&String> = by_operators.keys().chain(&in_force.stopped_by_file).collect();
        let stop = |name: &String| {
            let stop = by_operators.get(name);
            EmergencyStop {
                name: name.clone(),
                is_in_configuration: in_force.stopped_by_file.contains(name),
                reason: stop.map(|stop| stop.reason.clone()),
                by: stop.map(|stop| stop.by.clone()),
                at_ms: stop.map(|stop| stop.at),
            }
        };
        Ok(EmergencyStops { stopped: names.into_iter().map(stop).collect() })
    }
}
