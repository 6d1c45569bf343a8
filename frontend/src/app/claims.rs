//! Claims rewards that wait, as soon as they may come, one at a time while the page is open; and takes what is answered.
//!
//! A claim whose time ran out is not sent any more. It is kept until the player was told.

use std::rc::Rc;

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
        let (claims, now) = (keeping::claims(), self.dripline.api.now());
        let Some(claim) = claims.due(now) else { return };
        self.claiming = Some(claim.request.round);
        self.dripline.claim(claim.clone());
    }

    /// A claim was answered, whether the round's page sent it or this file did.
    pub(super) fn claimed(&mut self, round: RoundId, claimed: Claimed) {
        self.claiming = self.claiming.filter(|claiming| *claiming != round);
        let drip = match &claimed {
            Claimed::Paid(receipt) => Some(Rc::clone(receipt)),
            Claimed::Later(..) | Claimed::Never(_) => None,
        };
        if let Some(receipt) = &drip {
            self.dripline.faucet.drip(receipt);
        }
        let is_never = matches!(claimed, Claimed::Never(_));
        // Nobody sees what becomes of a round that was left.
        let (is_expected, is_told) = match &mut self.finishing {
            Some(left) if left.is_about(round) => (left.claimed(&self.dripline, round, claimed), false),
            _ => {
                let is_here = self.place.claimed(&self.dripline, round, claimed);
                (is_here, is_here)
            }
        };
        self.let_finished_go();
        if is_never && is_told {
            keeping::change_claims(|claims| claims.remove(round));
        }
        self.dripline.faucet.claims = keeping::claims();
        if is_expected || drip.is_some() {
            self.dripline.refresh_wallet();
        }
        let wallet = self.dripline.player.wallet;
        if let Some(receipt) = drip.filter(|receipt| !is_told && receipt.wallet == wallet) {
            self.news.arrived(receipt);
        }
    }

    /// The player was told of the rewards that were lost.
    pub(super) fn forget_lost_claims(&mut self) {
        let now = self.dripline.api.now();
        self.dripline.faucet.claims = keeping::change_claims(|claims| claims.forget_lost(now));
    }
}
