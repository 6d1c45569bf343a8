//! What is stopped at once, for operators: beside what the configuration stops.

use std::collections::{BTreeMap, BTreeSet};

use dripline_shared::api::operate::payouts::{EmergencyRequest, EmergencyStop, EmergencyStops};

use crate::faucet::{Faucet, Inner, Operator};
use crate::refusal::Refusal;
use crate::store::command::Change;
use crate::store::record::{EMERGENCY_ID, EmergencyRecord, StopRecord};

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
        let changed = self.inner.operate(who, Change::SetStop { name, stopped, reason }).await;
        self.counted(changed)?;
        self.counted(self.follow().await)?;
        self.inner.ring_all();
        self.stops().await
    }
}

impl Inner {
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
