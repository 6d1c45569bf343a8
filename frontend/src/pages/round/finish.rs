//! How a round ends: won and claimed, or closed.

use std::rc::Rc;

use dripline_shared::api::Receipt;
use dripline_shared::game::Status;
use dripline_shared::round::RoundId;

use crate::app::{Dripline, Message};
use crate::pages::round::count_up::CountUp;
use crate::pages::round::{Ending, Event, Phase, RoundPlace};
use crate::round::claiming::{self, Claimed};
use crate::round::keeping;

impl RoundPlace {
    /// The game has ended: what is left is sent and claimed; a lost round is closed.
    pub(super) fn settle(&mut self, dripline: &Dripline, status: Status, score: u32) {
        if status == Status::Won {
            self.phase = Phase::Settling(score);
        } else {
            self.end(dripline, Ending::Lost(score));
        }
    }

    /// Claims the reward. The answer comes to the whole page, which tells this place of it.
    pub(super) fn claim(&mut self, dripline: &Dripline) {
        let (Phase::Settling(score), Some(opening)) = (&self.phase, &self.opening) else { return };
        let now = dripline.api.now();
        let Some(claim) = claiming::claim_of(&dripline.player, opening, &self.play, *score, now) else {
            return;
        };
        let mut claims = keeping::claims();
        claims.put(claim.clone());
        keeping::keep_claims(&claims);
        keeping::forget_round();
        dripline.claim(claim);
    }

    /// A claim was answered. Tells whether it was this round's.
    pub(crate) fn claimed(&mut self, dripline: &Dripline, round: RoundId, claimed: Claimed) -> bool {
        match (&self.phase, claimed) {
            (Phase::Settling(score), claimed)
                if self.answer().is_some_and(|answer| answer.round == round) =>
            {
                let score = *score;
                match claimed {
                    Claimed::Paid(receipt) => self.paid(dripline, receipt),
                    Claimed::Later(failure, at) => self.over(Ending::Later(round, score, failure, at)),
                    Claimed::Never(failure) => self.over(Ending::Refused(score, failure)),
                }
                true
            }
            // A reward that was to come later has come.
            (Phase::Over(Ending::Later(waiting, ..)), Claimed::Paid(receipt)) if *waiting == round => {
                self.paid(dripline, receipt);
                true
            }
            _ => false,
        }
    }

    /// The drip has arrived.
    pub(super) fn paid(&mut self, dripline: &Dripline, receipt: Rc<Receipt>) {
        let (link, visit) = (dripline.link.clone(), self.visit);
        self.count_up = Some(CountUp::new(move || link.send_message(Message::Round(visit, Event::Counted))));
        self.over(Ending::Paid(receipt));
    }

    /// Closes the round with the server, whatever it says to that.
    pub(super) fn end(&mut self, dripline: &Dripline, ending: Ending) {
        if let Some(answer) = self.answer() {
            let (api, round, token) = (dripline.api.clone(), answer.round, answer.token);
            let wallet = dripline.player.wallet;
            dripline.later(async move {
                // Where the server cannot be reached, the next round opened gives this one up.
                if api.end(round, token).await.is_ok() {
                    keeping::forget_round_of(round);
                }
                Message::Wallet(wallet, api.wallet(wallet).await)
            });
        }
        self.sender = None;
        self.phase = Phase::Over(ending);
    }

    /// All is said, and nothing of the round is to be found again.
    pub(super) fn over(&mut self, ending: Ending) {
        keeping::forget_round();
        self.sender = None;
        self.phase = Phase::Over(ending);
    }
}
