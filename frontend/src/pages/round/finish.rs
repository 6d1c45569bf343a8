//! How a round ends: won and claimed, or closed.

use std::rc::Rc;

use dripline_shared::api::Receipt;
use dripline_shared::game::Status;
use dripline_shared::round::RoundId;
use dripline_shared::statement::Statement;
use dripline_shared::wallet::Signature;

use crate::app::{Dripline, Message};
use crate::pages::round::count_up::CountUp;
use crate::pages::round::{Ending, Event, Phase, Playing, RoundPlace, Settling};
use crate::round::claiming::{self, Claimed};
use crate::round::keeping;
use crate::state::claims::PendingClaim;
use crate::state::journal::Closing;

impl RoundPlace {
    /// The game has ended: what is left is sent and claimed; a lost round is closed. Meanwhile its end is drawn.
    pub(super) fn settle(&mut self, dripline: &Dripline, status: Status, score: u32) {
        self.is_finale = self.stage.is_some();
        if status == Status::Won {
            let is_unreachable = matches!(&self.phase, Phase::Playing(Playing { is_unreachable: true, .. }));
            self.phase = Phase::Settling(Settling { score, is_unreachable, is_claiming: false });
        } else {
            self.end(dripline, Ending::Lost(score));
        }
    }

    /// The end of the game has been seen: what came of it can be shown.
    pub(super) fn finale_shown(&mut self, dripline: &Dripline) {
        self.is_finale = false;
        self.stage = None;
        self.count_up(dripline);
    }

    /// Has the claim of the reward signed. Until it is, the round is kept: should the page be closed over that, the round is
    /// found again, and claimed then.
    pub(super) fn claim(&self, dripline: &Dripline) {
        if let Phase::Settling(settling) = &self.phase
            && let Some((_, statement)) = self.claim_of(dripline, settling.score)
        {
            self.sign(dripline, &statement);
        }
    }

    /// Claims the reward. The answer comes to the whole page, which tells this place of it.
    pub(super) fn claim_with(&mut self, dripline: &Dripline, signature: Signature) {
        let Phase::Settling(Settling { score, .. }) = self.phase else { return };
        let Some((mut claim, _)) = self.claim_of(dripline, score) else { return };
        claim.request.signature = signature;
        self.phase = Phase::Settling(Settling { score, is_unreachable: false, is_claiming: true });
        keeping::change_claims(|claims| claims.put(claim.clone()));
        keeping::forget_round();
        dripline.claim(claim);
    }

    fn claim_of(&self, dripline: &Dripline, score: u32) -> Option<(PendingClaim, Statement)> {
        let opening = self.opening.as_ref()?;
        claiming::claim_of(opening, &self.play, score, dripline.api.now())
    }

    /// A claim was answered. Tells whether it was this round's.
    pub(crate) fn claimed(&mut self, dripline: &Dripline, round: RoundId, claimed: Claimed) -> bool {
        match (&self.phase, claimed) {
            (Phase::Settling(Settling { score, .. }), claimed) if self.is_about(round) => {
                let score = *score;
                match claimed {
                    Claimed::Paid(receipt) => self.paid(dripline, receipt),
                    Claimed::Later(failure, at) => self.over(Ending::Later(round, score, failure, at)),
                    Claimed::Never(failure) => self.over(Ending::Refused(score, failure)),
                }
                true
            }
            // It was tried again, and still has to wait.
            (Phase::Over(Ending::Later(waiting, score, ..)), Claimed::Later(failure, at))
                if *waiting == round =>
            {
                self.phase = Phase::Over(Ending::Later(round, *score, failure, at));
                false
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
        self.over(Ending::Paid(receipt));
        self.count_up(dripline);
    }

    /// Counts the drip up before the player's eyes.
    fn count_up(&mut self, dripline: &Dripline) {
        if !self.is_finale && matches!(self.phase, Phase::Over(Ending::Paid(_))) {
            let (link, visit) = (dripline.link.clone(), self.visit);
            let on_step = move || link.send_message(Message::Round(visit, Event::Counted));
            self.count_up = Some(CountUp::new(on_step));
        }
    }

    /// The claim of a round that was won here and can never be made: the server has not got all of it, and takes no more.
    pub(crate) fn forfeited(&self, dripline: &Dripline) -> Option<PendingClaim> {
        let Phase::Over(Ending::Broken(_) | Ending::Gone | Ending::TimedOut) = &self.phase else {
            return None;
        };
        let opening = self.opening.as_ref()?;
        let board = self.board_of(opening.answer.as_ref()?).ok()?;
        let is_won = board.status() == Status::Won;
        // Nobody needs to sign what is never sent.
        is_won.then(|| self.claim_of(dripline, board.score())).flatten().map(|(claim, _)| claim)
    }

    /// Closes the round with the server, whatever it says to that: here it is over at once.
    pub(super) fn end(&mut self, dripline: &Dripline, ending: Ending) {
        if let (Some(answer), Some(opening)) = (self.answer(), &self.opening) {
            let closing =
                Closing { wallet: opening.request.wallet, round: answer.round, token: answer.token };
            keeping::keep_closing(&closing);
            dripline.close(closing);
        }
        self.over(ending);
    }

    /// All is said, and nothing of the round is to be found again.
    pub(super) fn over(&mut self, ending: Ending) {
        keeping::forget_round();
        self.sender = None;
        if !self.is_finale {
            self.stage = None;
        }
        self.phase = Phase::Over(ending);
    }
}
