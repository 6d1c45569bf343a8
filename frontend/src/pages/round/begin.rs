//! How a round begins: it is opened, or found again after a reload, and put on the stage.

use dripline_shared::api::{OpenAnswer, OpenRequest, RoundState, RoundView};
use dripline_shared::error::Code;
use dripline_shared::game::Status;
use dripline_shared::game::replay::ReplayError;
use dripline_shared::round::{ClientId, RoundId};
use dripline_shared::time::MINUTE_MS;
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::Signature;
use wasm_bindgen::JsCast;

use crate::api::Failure;
use crate::app::{Dripline, Message};
use crate::browser::{edge, page};
use crate::pages::round::{Ending, Event, Phase, Playing, RoundPlace};
use crate::play::board::Board;
use crate::play::draw;
use crate::play::stage::{Setting, Stage};
use crate::round::keeping;
use crate::round::opening::{Circumstances, open_request};
use crate::round::sender::Sender;
use crate::state::journal::{Opening, Play};
use crate::state::pause::RoundClock;

/// For how long an unanswered request to open a round is sent again as it was, in milliseconds: below the time after
/// which the server finds its statement too old.
const RESEND_MS: u64 = 4 * MINUTE_MS;

impl RoundPlace {
    /// Looks for a round of this level that was left.
    pub(super) fn find(&mut self, dripline: &Dripline) {
        let kept = keeping::opening(dripline.player.key);
        self.opening = kept.filter(|opening| opening.request.level == self.level);
        if self.opening.is_some() {
            self.play = keeping::play();
            self.phase = Phase::Resuming(None);
            self.look(dripline);
        }
    }

    /// The round elsewhere that kept this one from being opened.
    pub(super) fn round_elsewhere(&self) -> Option<RoundId> {
        match &self.phase {
            Phase::Ready(Some(Failure::Refused(problem))) => problem.open_round,
            _ => None,
        }
    }

    /// Opens a round, giving up whichever was in progress here.
    pub(super) fn start(&mut self, dripline: &Dripline, abandon: Option<RoundId>) {
        // The server would give up the round that was won.
        if dripline.is_finishing || matches!(self.phase, Phase::Opening) {
            return;
        }
        let Some(request) = self.make_request(dripline, abandon) else { return };
        self.leave();
        self.sender = None;
        self.count_up = None;
        self.phase = Phase::Opening;
        self.sign(dripline, &request.statement());
        // Neither kept nor sent before it is signed: so long, whatever was in progress still is.
        self.opening = Some(Opening { request, answer: None });
    }

    /// Sends the request to open a round, which was signed.
    pub(super) fn request(&mut self, dripline: &Dripline, signature: Signature) {
        let Some(opening) = &mut self.opening else { return };
        opening.request.signature = signature;
        keeping::forget_round();
        // Kept before it is sent: should the answer be lost, the same request gets the same answer.
        keeping::keep_opening(opening);
        self.play = Play::default();
        self.send_opening(dripline);
    }

    fn make_request(&self, dripline: &Dripline, abandon: Option<RoundId>) -> Option<OpenRequest> {
        let catalog = dripline.faucet.catalog.ready()?;
        let view = dripline.faucet.level(&self.level)?;
        let now = dripline.api.now();
        let kept = keeping::opening(dripline.player.key);
        let kept_round = match kept.filter(|kept| kept.request.wallet == dripline.player.wallet) {
            // Pressed again, because no answer came: it is the same request, whatever it gives up.
            Some(Opening { request, answer: None })
                if request.level == self.level
                    && (abandon.is_none() || request.abandon == abandon)
                    && now.since(request.issued_at_ms) < RESEND_MS =>
            {
                return Some(request);
            }
            Some(Opening { request, answer: None }) => request.abandon,
            kept => kept.and_then(|kept| Some(kept.answer?.round)),
        };
        let circumstances = Circumstances {
            origin: &page::origin(),
            client_id: ClientId(edge::random()?),
            now,
            voucher: dripline.faucet.voucher_of(&view.campaign),
            abandon: abandon
                .or(kept_round)
                .or_else(|| keeping::closing(dripline.player.wallet).map(|closing| closing.round)),
        };
        Some(open_request(&dripline.player, catalog, view, &circumstances))
    }

    fn send_opening(&self, dripline: &Dripline) {
        let Some(opening) = &self.opening else { return };
        let (api, request) = (dripline.api.clone(), opening.request.clone());
        self.later(dripline, async move { Event::Opened(api.open(&request).await.map(Box::new)) });
    }

    /// The server opened the round, or did not.
    pub(super) fn opened(&mut self, dripline: &Dripline, answer: Result<Box<OpenAnswer>, Failure>) {
        match (answer, &mut self.opening) {
            (Ok(answer), Some(opening)) => {
                if opening.request.voucher.is_some() {
                    // It is used now.
                    dripline.refresh_catalog();
                }
                opening.answer = Some(*answer);
                keeping::keep_opening(opening);
                self.play = Play::default();
                // Nobody sits ready when it was found after a reload.
                let is_found = matches!(self.phase, Phase::Resuming(_));
                self.ready_board(dripline, is_found);
                self.make_sender(dripline, 0);
            }
            (Ok(_), None) => {}
            (Err(failure), _) => {
                // A refused request opened nothing. One that was not answered may have.
                if matches!(failure, Failure::Refused(_)) {
                    keeping::forget_round();
                    self.opening = None;
                    // What pays for the level may be another campaign by now.
                    dripline.refresh_catalog();
                }
                if failure.code() == Some(Code::LevelLocked) {
                    dripline.refresh_wallet();
                }
                self.phase = Phase::Ready(Some(failure));
            }
        }
    }

    /// Asks once more how the round that was found stands.
    pub(super) fn look_again(&mut self, dripline: &Dripline) {
        self.phase = Phase::Resuming(None);
        self.look(dripline);
    }

    /// Asks how the round that was found stands.
    pub(super) fn look(&self, dripline: &Dripline) {
        let Some(answer) = self.answer() else { return self.send_opening(dripline) };
        let (api, round, token) = (dripline.api.clone(), answer.round, answer.token);
        self.later(dripline, async move { Event::Looked(api.round(round, token).await.map(Box::new)) });
    }

    /// The server told how the round that was found stands.
    pub(super) fn looked(&mut self, dripline: &Dripline, view: Result<Box<RoundView>, Failure>) {
        let view = match view {
            Ok(view) => view,
            Err(failure) if failure.passes_by_itself().is_some() => {
                self.phase = Phase::Resuming(Some(failure));
                return;
            }
            Err(_) => return self.over(Ending::Gone),
        };
        match view.state {
            RoundState::Open | RoundState::Finished => {
                self.play.seeds = view.seeds.get(2..).unwrap_or_default().to_vec();
                let stored = usize::try_from(view.segments).unwrap_or(usize::MAX);
                if stored > self.play.segments.len() {
                    // The server has more than this browser remembers: it cannot be played on.
                    return self.end(dripline, Ending::Gone);
                }
                self.resume_at(dripline, view.segments);
            }
            RoundState::Claimed => match view.receipt {
                Some(receipt) => self.paid(dripline, receipt.into()),
                None => self.over(Ending::Gone),
            },
            RoundState::Ended | RoundState::Expired => self.over(Ending::Gone),
        }
    }

    fn resume_at(&mut self, dripline: &Dripline, stored: u32) {
        self.ready_board(dripline, true);
        let status = self.board.as_ref().map(|board| board.status());
        match status {
            Some(Status::Playing) => {}
            Some(status @ (Status::Won | Status::Lost)) => {
                let score = self.board.take().map_or(0, |board| board.score());
                self.settle(dripline, status, score);
                let has_all = usize::try_from(stored).is_ok_and(|stored| stored >= self.play.segments.len());
                if status == Status::Won && has_all {
                    self.claim(dripline);
                    return;
                }
                if status == Status::Lost {
                    return;
                }
            }
            None => return,
        }
        self.make_sender(dripline, stored);
        self.send();
    }

    /// Makes the board from the opening and the play so far; it goes on the stage once there is a canvas.
    fn ready_board(&mut self, dripline: &Dripline, is_resumed: bool) {
        let Some(answer) = self.answer() else { return };
        if answer.rules_version != answer.level.play.facts().rules_version {
            // The page that began it played by other rules than this one.
            return self.end(dripline, Ending::Gone);
        }
        let clock = RoundClock { opened_at: answer.opened_at_ms, timing: answer.timing };
        match self.board_of(answer) {
            Ok(board)
                if board.status() == Status::Playing && clock.is_over(board.length(), dripline.api.now()) =>
            {
                self.end(dripline, Ending::TimedOut);
            }
            Ok(board) => {
                self.board = Some(board);
                // After a reload the player says when to go on.
                self.phase =
                    Phase::Playing(Playing { is_paused: is_resumed, is_resumed, ..Playing::default() });
            }
            // What was kept is no play of this round: nothing of it can be used.
            Err(_) => self.end(dripline, Ending::Gone),
        }
    }

    /// The board as the play so far has left it.
    pub(super) fn board_of(&self, answer: &OpenAnswer) -> Result<Box<dyn Board>, ReplayError> {
        let (seeds, rest) = (self.play.all_seeds(answer), Segment::from(&self.play.rest));
        draw::board(&answer.level.play, seeds, &self.play.completed(), &rest)
    }

    fn make_sender(&mut self, dripline: &Dripline, stored: u32) {
        let Some(answer) = self.answer() else { return };
        let visit = self.visit;
        let on_event = dripline.link.callback(move |event| Message::Round(visit, Event::Sender(event)));
        self.sender = Some(Sender::new(dripline.api.clone(), answer, stored, on_event));
    }

    /// Puts the board on the stage.
    pub(super) fn set_up(&mut self, dripline: &Dripline, board: Box<dyn Board>) {
        let (Some(answer), Some(canvas)) = (self.answer(), self.canvas.get()) else { return };
        let api = dripline.api.clone();
        let setting = Setting {
            board,
            clock: RoundClock { opened_at: answer.opened_at_ms, timing: answer.timing },
            stars: answer.level.stars,
            now: Box::new(move || api.now()),
            places: self.places.clone(),
            has_sound: self.has_sound,
        };
        let visit = self.visit;
        let on_event = dripline.link.callback(move |event| Message::Round(visit, Event::Stage(event)));
        self.stage = Stage::new(&canvas.unchecked_into(), setting, on_event);
        if let Some(stage) = self.stage.as_ref().filter(|_| !self.is_paused()) {
            stage.resume();
            page::focus("board");
        }
    }

    /// The server's answer to the opening, once it has come.
    pub(super) fn answer(&self) -> Option<&OpenAnswer> {
        self.opening.as_ref()?.answer.as_ref()
    }
}
