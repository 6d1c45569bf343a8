//! A level: about to be played, in play, or its result. This file is the course of a round; `view` shows it.

mod pause;
mod ready;
mod result;
mod view;

use dripline_shared::api::{OpenAnswer, OutcomeView, Receipt, RoundState, RoundView};
use dripline_shared::error::Code;
use dripline_shared::game::Status;
use dripline_shared::round::{ClientId, RoundId};
use dripline_shared::time::{MINUTE_MS, Timestamp};
use dripline_shared::transcript::Segment;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::api::Failure;
use crate::app::Dripline;
use crate::browser::storage::{self, Slot};
use crate::browser::{edge, page};
use crate::play::board::Board;
use crate::play::draw;
use crate::play::hud::HudPlaces;
use crate::play::stage::{Setting, Stage, StageEvent};
use crate::round::claiming::{self, Claimed};
use crate::round::keeping;
use crate::round::opening::{Circumstances, open_request};
use crate::round::sender::{Sender, SenderEvent};
use crate::state::journal::{Opening, Play};
use crate::state::pause::RoundClock;

/// For how long an unanswered request to open a round is sent again as it was, in milliseconds: below the time after
/// which the server finds its statement too old.
const RESEND_MS: u64 = 4 * MINUTE_MS;

/// Which level.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// What every place works with.
    pub(crate) dripline: Dripline,
    /// The level's id.
    pub(crate) level: String,
}

/// Where a round stands.
#[derive(Debug, Clone, PartialEq)]
enum Phase {
    /// Not open. Perhaps the last try was refused.
    Ready(Option<Failure>),
    /// The request is under way.
    Opening,
    /// A round of this level was found, and the server is asked how it stands.
    Resuming(Option<Failure>),
    /// On the stage.
    Playing(Playing),
    /// The game has ended; segments and claim are under way.
    Settling(Status, u32),
    /// All is said.
    Over(Ending),
}

/// How a round in play stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four facts, each true or not whatever the others are")]
struct Playing {
    is_paused: bool,
    /// It waits for a seed.
    is_waiting: bool,
    /// The server cannot be reached.
    is_unreachable: bool,
    /// It was found after a reload.
    is_resumed: bool,
}

/// How a round ended.
#[derive(Debug, Clone, PartialEq)]
enum Ending {
    /// Won, and paid.
    Paid(Box<Receipt>),
    /// Won; the reward comes later.
    Later(RoundId, u32, Failure, Timestamp),
    /// Won, as this page saw it; but no reward.
    Refused(u32, Failure),
    /// Lost, with this score.
    Lost(u32),
    /// It cannot be played to its end.
    Broken(Failure),
    /// Its time ran out.
    TimedOut,
    /// It ended while nobody was here.
    Gone,
}

/// What happens to a round.
pub(crate) enum Message {
    Start(Option<RoundId>),
    Opened(Result<Box<OpenAnswer>, Failure>),
    LookAgain,
    Looked(Result<Box<RoundView>, Failure>),
    Resume,
    Pause,
    GiveUp,
    PauseOver,
    Stage(StageEvent),
    Sender(SenderEvent),
    Claimed(Claimed),
    ToggleSound,
}

/// The component.
pub(crate) struct RoundPage {
    phase: Phase,
    opening: Option<Opening>,
    play: Play,
    /// A board that waits for its canvas.
    board: Option<Box<dyn Board>>,
    stage: Option<Stage>,
    sender: Option<Sender>,
    has_sound: bool,
    canvas: NodeRef,
    places: HudPlaces,
}

impl Component for RoundPage {
    type Message = Message;
    type Properties = Props;

    fn create(context: &Context<Self>) -> Self {
        let Props { dripline, level } = context.props();
        let mut page = Self {
            phase: Phase::Ready(None),
            opening: None,
            play: Play::default(),
            board: None,
            stage: None,
            sender: None,
            has_sound: storage::read(Slot::Sound).is_some(),
            canvas: NodeRef::default(),
            places: HudPlaces::default(),
        };
        let found =
            keeping::opening(dripline.player.wallet).filter(|opening| opening.request.level == *level);
        if let Some(opening) = found {
            page.opening = Some(opening);
            page.play = keeping::play();
            page.phase = Phase::Resuming(None);
            page.look(context);
        }
        page
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Start(abandon) => self.start(context, abandon),
            Message::Opened(answer) => self.opened(context, answer),
            Message::LookAgain => {
                self.phase = Phase::Resuming(None);
                self.look(context);
            }
            Message::Looked(answer) => self.looked(context, answer),
            Message::Resume => {
                if let Some(stage) = &self.stage {
                    stage.resume();
                    page::focus("board");
                }
            }
            Message::Pause => {
                if let Some(stage) = &self.stage {
                    stage.pause();
                }
            }
            Message::PauseOver => self.pause_over(context),
            Message::GiveUp => {
                let score = self.stage.as_ref().map_or(0, |stage| stage.with_board(|board| board.score()));
                self.end(context, Ending::Lost(score));
            }
            Message::Stage(event) => self.staged(context, event),
            Message::Sender(event) => self.sent(context, event),
            Message::Claimed(claimed) => self.claimed(context, claimed),
            Message::ToggleSound => self.toggle_sound(),
        }
        true
    }

    fn changed(&mut self, context: &Context<Self>, _before: &Props) -> bool {
        // Rendered while a game runs only where the phase changes: the frame loop writes what it shows by itself.
        if matches!(self.phase, Phase::Playing(_)) {
            return false;
        }
        self.paid_meanwhile(context);
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        view::view(self, context)
    }

    fn rendered(&mut self, context: &Context<Self>, _is_first: bool) {
        page::mark_playing(matches!(self.phase, Phase::Playing(_) | Phase::Settling(..)));
        if let Some(board) = self.board.take() {
            self.set_up(context, board);
        }
    }

    fn destroy(&mut self, _context: &Context<Self>) {
        page::mark_playing(false);
        self.record();
    }
}

impl RoundPage {
    /// Opens a round, giving up whichever was in progress here.
    fn start(&mut self, context: &Context<Self>, abandon: Option<RoundId>) {
        let Props { dripline, level } = context.props();
        let faucet = &dripline.faucet;
        let (Some(catalog), Some(view)) = (faucet.catalog.ready(), faucet.level(level)) else { return };
        let kept = keeping::opening(dripline.player.wallet);
        let unanswered = kept.clone().filter(|kept| {
            let is_fresh = dripline.api.now().since(kept.request.issued_at_ms) < RESEND_MS;
            kept.answer.is_none()
                && kept.request.level == *level
                && is_fresh
                && abandon == kept.request.abandon
        });
        let opening = unanswered.or_else(|| {
            let abandon = abandon.or_else(|| kept.and_then(|kept| Some(kept.answer?.round)));
            let circumstances = Circumstances {
                origin: &page::origin(),
                client_id: ClientId(edge::random()?),
                now: dripline.api.now(),
                abandon,
            };
            let request = open_request(&dripline.player, catalog, &view.level, &circumstances);
            Some(Opening { request, answer: None })
        });
        let Some(opening) = opening else { return };
        keeping::forget_round();
        // Kept before it is sent: should the answer be lost, the same request gets the same answer.
        keeping::keep_opening(&opening);
        self.play = Play::default();
        self.stage = None;
        self.sender = None;
        self.phase = Phase::Opening;
        send_opening(context, &opening);
        self.opening = Some(opening);
    }

    fn opened(&mut self, context: &Context<Self>, answer: Result<Box<OpenAnswer>, Failure>) {
        match (answer, &mut self.opening) {
            (Ok(answer), Some(opening)) => {
                opening.answer = Some(*answer);
                keeping::keep_opening(opening);
                self.play = Play::default();
                self.ready_board(context, false);
            }
            (Ok(_), None) => {}
            (Err(failure), _) => {
                // A refused request opened nothing. One that was not answered may have.
                if matches!(failure, Failure::Refused(_)) {
                    keeping::forget_round();
                    self.opening = None;
                }
                if failure.code() == Some(Code::LevelLocked) {
                    context.props().dripline.refresh_wallet();
                }
                self.phase = Phase::Ready(Some(failure));
            }
        }
    }

    /// Asks how the round that was found stands.
    fn look(&self, context: &Context<Self>) {
        let Some(opening) = &self.opening else { return };
        let Some(answer) = &opening.answer else { return send_opening(context, opening) };
        let (api, round, token) = (context.props().dripline.api.clone(), answer.round, answer.token);
        let link = context.link().clone();
        spawn_local(async move {
            link.send_message(Message::Looked(api.round(round, token).await.map(Box::new)));
        });
    }

    fn looked(&mut self, context: &Context<Self>, view: Result<Box<RoundView>, Failure>) {
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
                    return self.end(context, Ending::Gone);
                }
                self.resume_at(context, view.segments);
            }
            RoundState::Claimed => match view.receipt {
                Some(receipt) => self.over(Ending::Paid(Box::new(receipt))),
                None => self.over(Ending::Gone),
            },
            RoundState::Ended | RoundState::Expired => self.over(Ending::Gone),
        }
    }

    fn resume_at(&mut self, context: &Context<Self>, stored: u32) {
        self.ready_board(context, true);
        let status = self.board.as_ref().map(|board| board.status());
        match status {
            Some(Status::Playing) => {}
            Some(status @ (Status::Won | Status::Lost)) => {
                let score = self.board.take().map_or(0, |board| board.score());
                self.settle(context, status, score);
            }
            None => return,
        }
        self.make_sender(context, stored);
        self.send();
    }

    /// Makes the board from the opening and the play so far; it goes on the stage once there is a canvas.
    fn ready_board(&mut self, context: &Context<Self>, is_resumed: bool) {
        let Some(answer) = self.opening.as_ref().and_then(|opening| opening.answer.clone()) else { return };
        let seeds = self.play.all_seeds(&answer);
        let rest = Segment::from(&self.play.rest);
        let clock = RoundClock { opened_at: answer.opened_at_ms, timing: answer.timing };
        match draw::board(&answer.level.play, seeds, &self.play.completed(), &rest) {
            Ok(board)
                if board.status() == Status::Playing
                    && clock.is_over(board.length(), context.props().dripline.api.now()) =>
            {
                self.end(context, Ending::TimedOut);
            }
            Ok(board) => {
                self.board = Some(board);
                self.phase = Phase::Playing(Playing { is_paused: true, is_resumed, ..Playing::default() });
                if !is_resumed {
                    self.make_sender(context, 0);
                }
            }
            // What was kept is no play of this round: nothing of it can be used.
            Err(_) => self.end(context, Ending::Gone),
        }
    }

    fn make_sender(&mut self, context: &Context<Self>, stored: u32) {
        let Some(answer) = self.opening.as_ref().and_then(|opening| opening.answer.as_ref()) else { return };
        let on_event = context.link().callback(Message::Sender);
        self.sender = Some(Sender::new(context.props().dripline.api.clone(), answer, stored, on_event));
    }

    /// Puts the board on the stage.
    fn set_up(&mut self, context: &Context<Self>, board: Box<dyn Board>) {
        let Some(answer) = self.opening.as_ref().and_then(|opening| opening.answer.as_ref()) else { return };
        let Some(canvas) = self.canvas.get() else { return };
        let setting = Setting {
            board,
            clock: RoundClock { opened_at: answer.opened_at_ms, timing: answer.timing },
            stars: answer.level.stars,
            api: context.props().dripline.api.clone(),
            places: self.places.clone(),
            has_sound: self.has_sound,
        };
        self.stage = Stage::new(&canvas.unchecked_into(), setting, context.link().callback(Message::Stage));
        let is_resumed = matches!(self.phase, Phase::Playing(Playing { is_resumed: true, .. }));
        // After a reload the player says when to go on.
        if let Some(stage) = self.stage.as_ref().filter(|_| !is_resumed) {
            stage.resume();
            page::focus("board");
        }
    }

    fn staged(&mut self, context: &Context<Self>, event: StageEvent) {
        match event {
            StageEvent::Paused => {
                self.playing(|playing| playing.is_paused = true);
                self.record();
            }
            StageEvent::Resumed => self.playing(|playing| {
                playing.is_paused = false;
                playing.is_resumed = false;
            }),
            StageEvent::Waiting(is_waiting) => self.playing(|playing| playing.is_waiting = is_waiting),
            StageEvent::Turned => self.record(),
            StageEvent::SegmentEnded => {
                self.record();
                self.send();
            }
            StageEvent::Ended(status, score) => {
                self.record();
                self.settle(context, status, score);
            }
            StageEvent::TimeUp => self.end(context, Ending::TimedOut),
            StageEvent::SoundToggled => self.toggle_sound(),
        }
    }

    fn sent(&mut self, context: &Context<Self>, event: SenderEvent) {
        match event {
            SenderEvent::Stored(earned) => {
                let Some((segment, seed)) = earned else { return };
                if u32::try_from(self.play.seeds.len() + 2) == Ok(segment) {
                    self.play.seeds.push(seed);
                    keeping::keep_play(&self.play);
                }
                if let Some(stage) = &self.stage {
                    stage.learn_seed(segment, seed);
                }
            }
            SenderEvent::Unreachable(is_unreachable) => {
                self.playing(|playing| playing.is_unreachable = is_unreachable);
            }
            SenderEvent::Complete => self.claim(context),
            SenderEvent::Refused(failure) => self.end(context, Ending::Broken(failure)),
        }
    }

    /// The game has ended: what is left is sent and claimed; a lost round is closed.
    fn settle(&mut self, context: &Context<Self>, status: Status, score: u32) {
        if status == Status::Won {
            self.phase = Phase::Settling(status, score);
        } else {
            self.end(context, Ending::Lost(score));
        }
    }

    fn claim(&mut self, context: &Context<Self>) {
        let (Phase::Settling(_, score), Some(opening)) = (&self.phase, &self.opening) else { return };
        let dripline = context.props().dripline.clone();
        let now = dripline.api.now();
        let Some(claim) = claiming::claim_of(&dripline.player, opening, &self.play, *score, now) else {
            return;
        };
        let mut claims = keeping::claims();
        claims.put(claim.clone());
        keeping::keep_claims(&claims);
        keeping::forget_round();
        let link = context.link().clone();
        spawn_local(async move {
            link.send_message(Message::Claimed(claiming::claim(&dripline, claim).await));
        });
    }

    fn claimed(&mut self, context: &Context<Self>, claimed: Claimed) {
        let (Phase::Settling(_, score), Some(opening)) = (&self.phase, &self.opening) else { return };
        let round = opening.answer.as_ref().map(|answer| answer.round);
        let ending = match (claimed, round) {
            (Claimed::Paid(receipt), _) => Ending::Paid(receipt),
            (Claimed::Later(failure, at), Some(round)) => Ending::Later(round, *score, failure, at),
            (Claimed::Later(failure, _) | Claimed::Never(failure), _) => Ending::Refused(*score, failure),
        };
        context.props().dripline.refresh_wallet();
        self.over(ending);
    }

    /// A reward that was to come later may have come.
    fn paid_meanwhile(&mut self, context: &Context<Self>) {
        let Phase::Over(Ending::Later(round, ..)) = &self.phase else { return };
        let drip = context.props().dripline.faucet.last_drip.as_ref().filter(|drip| drip.round == *round);
        if let Some(drip) = drip {
            self.phase = Phase::Over(Ending::Paid(Box::new((**drip).clone())));
        }
    }

    /// The allowance for pauses is used up.
    fn pause_over(&mut self, context: &Context<Self>) {
        let Some(stage) = &self.stage else { return };
        let is_playable = stage.left_ms() == 0 && !page::is_hidden();
        if is_playable {
            stage.resume();
        } else if page::is_hidden() {
            // Nobody is here: should the player be back in time, the round goes on.
            context.link().send_message(Message::Pause);
        }
    }

    /// Closes the round with the server, whatever it says to that.
    fn end(&mut self, context: &Context<Self>, ending: Ending) {
        let dripline = context.props().dripline.clone();
        if let Some(answer) = self.opening.as_ref().and_then(|opening| opening.answer.clone()) {
            spawn_local(async move {
                // Where the server cannot be reached, the next round opened gives this one up.
                if dripline.api.end(answer.round, answer.token).await.is_ok() {
                    keeping::forget_round_of(answer.round);
                }
                dripline.refresh_wallet();
            });
        }
        self.sender = None;
        self.phase = Phase::Over(ending);
    }

    fn over(&mut self, ending: Ending) {
        keeping::forget_round();
        self.sender = None;
        self.phase = Phase::Over(ending);
    }

    /// Keeps the play as it stands.
    fn record(&mut self) {
        if let Some(stage) = self.stage.as_ref().filter(|_| matches!(self.phase, Phase::Playing(_))) {
            let play = &mut self.play;
            stage.with_board(|board| keeping::record(play, board));
            keeping::keep_play(play);
        }
    }

    /// Sends the segments that are complete, but not the end of a lost round: that is closed instead.
    fn send(&mut self) {
        let lost =
            self.stage.as_ref().is_some_and(|stage| stage.with_board(|board| board.status() == Status::Lost));
        if let Some(sender) = self.sender.as_ref().filter(|_| !lost) {
            sender.send(self.play.completed(), self.play.is_over);
        }
    }

    fn toggle_sound(&mut self) {
        self.has_sound = !self.has_sound;
        if self.has_sound {
            storage::write(Slot::Sound, "on");
        } else {
            storage::remove(Slot::Sound);
        }
        if let Some(stage) = &self.stage {
            stage.set_sound(self.has_sound);
        }
    }

    fn playing(&mut self, change: impl FnOnce(&mut Playing)) {
        if let Phase::Playing(playing) = &mut self.phase {
            change(playing);
        }
    }

    /// The clock of the round in play, and how far it was played.
    fn clock(&self) -> Option<(RoundClock, u32)> {
        let answer = self.opening.as_ref()?.answer.as_ref()?;
        let length = self.stage.as_ref()?.with_board(|board| board.length());
        Some((RoundClock { opened_at: answer.opened_at_ms, timing: answer.timing }, length))
    }

    /// What the server saw, where it disagrees.
    fn seen(failure: &Failure) -> Option<OutcomeView> {
        match failure {
            Failure::Refused(problem) => problem.outcome,
            Failure::Network | Failure::Strange(_) => None,
        }
    }
}

fn send_opening(context: &Context<RoundPage>, opening: &Opening) {
    let (api, request) = (context.props().dripline.api.clone(), opening.request.clone());
    let link = context.link().clone();
    spawn_local(async move {
        link.send_message(Message::Opened(api.open(&request).await.map(Box::new)));
    });
}
