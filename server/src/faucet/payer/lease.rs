//! Keeping a rail from other servers while this one pays by it.

use std::sync::Arc;

use dripline_shared::error::Code;
use dripline_shared::time::Timestamp;

use super::Payer;
use crate::payout::lease;
use crate::refusal::Refusal;
use crate::store::command::TakeLease;
use crate::store::{Answer, Command};

impl Payer {
    /// Takes the rail's lease, or renews it, and gives its epoch; `None` where another server has it.
    pub(super) async fn lease(&self) -> Result<Option<u64>, Refusal> {
        let now = self.faucet.inner.edge.now();
        self.take_lease(now, lease::until(self.faucet.inner.server, now)).await
    }

    async fn take_lease(&self, now: Timestamp, until: Timestamp) -> Result<Option<u64>, Refusal> {
        let (rail, owner) = (Arc::clone(&self.id), self.faucet.inner.server);
        match self.change(Command::TakeLease(TakeLease { now, rail, owner, until })).await? {
            Answer::Leased { epoch } => Ok(epoch),
            _ => Err(Code::Internal.into()),
        }
    }

    /// Whether the lease of this epoch is still this server's, which renews it. Where there are no others, it is.
    pub(super) async fn still_has(&self, epoch: u64) -> Result<bool, Refusal> {
        Ok(!self.faucet.is_beside_others() || self.lease().await? == Some(epoch))
    }

    /// Keeps the rail for this server while a step takes long. To be called every few seconds then.
    pub async fn hold(&self) -> Result<(), Refusal> {
        self.lease().await.map(drop)
    }

    /// Leaves the rail to other servers at once, if there may be any. To be called once no more steps are taken.
    pub async fn leave(&self) -> Result<(), Refusal> {
        if !self.faucet.is_beside_others() {
            return Ok(());
        }
        let now = self.faucet.inner.edge.now();
        self.take_lease(now, now).await.map(drop)
    }
}
