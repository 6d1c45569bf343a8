//! Claims rewards that wait, as soon as they may come, one at a time while the page is open; and takes what is answered.

use dripline_shared::round::RoundId;

use crate::app::Home;
use crate::browser::page;
use crate::round::claiming::Claimed;
use crate::round::keeping;

impl Home {
    /// Claims what waits and is due.
    pub(super) fn claim_due(&mut self) {
        if self.claiming.is_some() || !page::is_online() {
            return;
        }
        let now = self.dripline.api.now();
        let mut claims = keeping::claims();
        let before = claims.0.len();
        claims.expire(now);
        if claims.0.len() != before {
            keeping::keep_claims(&claims);
        }
        let Some(claim) = claims.due(self.dripline.player.wallet, now) else { return };
        self.claiming = Some(claim.request.round);
        self.dripline.claim(claim);
    }

    /// A claim was answered, whether the round's page sent it or this file did.
    pub(super) fn claimed(&mut self, round: RoundId, claimed: Claimed) {
        self.claiming = self.claiming.filter(|claiming| *claiming != round);
        let dripline = &mut self.dripline;
        dripline.faucet.claims = keeping::claims();
        let is_paid = matches!(claimed, Claimed::Paid(_));
        if let Claimed::Paid(receipt) = &claimed {
            dripline.faucet.drip(receipt);
        }
        let is_expected = match &mut self.finishing {
            Some(left) if left.is_about(round) => left.claimed(&self.dripline, round, claimed),
            _ => self.place.claimed(&self.dripline, round, claimed),
        };
        self.let_finished_go();
        if is_expected || is_paid {
            self.dripline.refresh_wallet();
        }
    }
}
