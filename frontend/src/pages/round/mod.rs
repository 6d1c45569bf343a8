//! A level: about to be played, in play, or its result.
//!
//! What happens to a round comes in here. `begin` opens it or finds it again, `course` is what goes on while it is played,
//! `finish` how it ends; `view` shows it, wherever it stands.

mod begin;
mod count_up;
mod course;
mod finish;
mod pause;
mod ready;
mod receipt;
mod result;
mod rules;
mod view;

use std::rc::Rc;

use dripline_shared::api::{OpenAnswer, Receipt, RoundView};
use dripline_shared::round::RoundId;
use dripline_shared::statement::Statement;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Signature;
use yew::NodeRef;

use crate::api::Failure;
use crate::app::{Dripline, Message, Visit};
use crate::browser::page;
use crate::browser::storage::{self, Slot};
use crate::components::element::Element;
use crate::locales::texts;
use crate::pages::round::count_up::CountUp;
use crate::play::board::Board;
use crate::play::hud::HudPlaces;
use crate::play::stage::{Stage, StageEvent};
use crate::round::sender::{Sender, SenderEvent};
use crate::state::journal::{Opening, Play};

/// What a player can press here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Press {
    /// To play.
    Start,
    /// To give up the round that is open elsewhere, and play here.
    StartInstead,
    /// To ask again how the round that was found stands.
    LookAgain,
    /// To go on after a pause.
    Resume,
    /// To pause.
    Pause,
    /// To end the round, with its goal met.
    Finish,
    /// To end the round, whatever it would have been.
    GiveUp,
    /// To have sound, or none.
    ToggleSound,
}

/// What happens to a round.
pub(crate) enum Event {
    /// The request to open it, or its claim, was signed, or was not.
    Signed(Option<Signature>),
    /// The request to open it was answered.
    Opened(Result<Box<OpenAnswer>, Failure>),
    /// The server told how the round that was found stands.
    Looked(Result<Box<RoundView>, Failure>),
    /// On the stage.
    Stage(StageEvent),
    /// On the way to the server.
    Sender(SenderEvent),
    /// The reward was counted up by a step.
    Counted,
}

/// Where a round stands.
enum Phase {
    /// Not open. Perhaps the last try was refused.
    Ready(Option<Failure>),
    /// The request is under way.
    Opening,
    /// A round of this level was found, and the server is asked how it stands.
    Resuming(Option<Failure>),
    /// On the stage.
    Playing(Playing),
    /// The game was won; segments and claim are under way.
    Settling(Settling),
    /// All is said.
    Over(Ending),
}

/// How a round in play stands.
#[derive(Clone, Copy, Default)]
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

/// How a round stands that was won and is not claimed yet.
#[derive(Clone, Copy)]
struct Settling {
    score: u32,
    /// The server cannot be reached.
    is_unreachable: bool,
    /// It has all moves, and the claim is kept and under way: nothing of the round is needed any more.
    is_claiming: bool,
}

/// How a round ended.
enum Ending {
    /// Won, and paid.
    Paid(Rc<Receipt>),
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

/// A stay at a level. Leaving it, in whatever way, keeps the play.
#[expect(clippy::struct_excessive_bools, reason = "four facts, each true or not whatever the others are")]
pub(crate) struct RoundPlace {
    level: String,
    visit: Visit,
    phase: Phase,
    opening: Option<Opening>,
    play: Play,
    /// A board that waits for its canvas.
    board: Option<Box<dyn Board>>,
    stage: Option<Stage>,
    /// The game has ended, and its end is still drawn: whatever comes of it is shown after that.
    is_finale: bool,
    sender: Option<Sender>,
    has_sound: bool,
    count_up: Option<CountUp>,
    canvas: NodeRef,
    places: HudPlaces,
    /// The button that ends a pause.
    go_on: NodeRef,
    /// Whether that button was there when the page was last shown.
    had_pause: bool,
    /// Whether the board was there.
    had_board: bool,
}

impl RoundPlace {
    /// Comes to a level. A round of it that was left is found again.
    pub(crate) fn enter(dripline: &Dripline, level: &str, visit: Visit) -> Self {
        let mut place = Self {
            level: level.to_owned(),
            visit,
            phase: Phase::Ready(None),
            opening: None,
            play: Play::default(),
            board: None,
            stage: None,
            is_finale: false,
            sender: None,
            has_sound: storage::read(Slot::Sound).is_some(),
            count_up: None,
            canvas: NodeRef::default(),
            places: HudPlaces::default(),
            go_on: NodeRef::default(),
            had_pause: false,
            had_board: false,
        };
        place.find(dripline);
        place
    }

    /// The level's name, for the window's title.
    pub(crate) fn name<'a>(&self, dripline: &'a Dripline) -> &'a str {
        dripline.faucet.level(&self.level).map_or(texts().levels, |view| &view.level.name)
    }

    /// The player pressed something.
    pub(crate) fn pressed(&mut self, dripline: &Dripline, press: Press) {
        match press {
            Press::Start => self.start(dripline, None),
            Press::StartInstead => self.start(dripline, self.round_elsewhere()),
            Press::LookAgain => self.look_again(dripline),
            Press::Resume => {
                if let Some(stage) = &self.stage {
                    stage.resume();
                }
            }
            Press::Pause => {
                if let Some(stage) = &self.stage {
                    stage.pause();
                }
            }
            Press::Finish => {
                if let Some(stage) = &self.stage {
                    stage.finish();
                }
            }
            Press::GiveUp => {
                let score = self.look_at_board(|board| board.score()).unwrap_or_default();
                self.end(dripline, Ending::Lost(score));
            }
            Press::ToggleSound => self.toggle_sound(),
        }
    }

    /// Something happened. Tells whether there is something else to be seen: while a game runs, it shows by itself how it
    /// goes.
    pub(crate) fn happened(&mut self, dripline: &Dripline, event: Event) -> bool {
        match event {
            Event::Signed(signature) => self.signed(dripline, signature),
            Event::Opened(answer) => self.opened(dripline, answer),
            Event::Looked(answer) => self.looked(dripline, answer),
            Event::Stage(event) => return self.staged(dripline, event),
            Event::Sender(event) => return self.sent(dripline, event),
            Event::Counted => {
                if let Some(count_up) = &mut self.count_up {
                    count_up.step();
                }
            }
        }
        true
    }

    /// A moment has passed.
    pub(crate) fn tick(&self) {
        let Some(stage) = self.stage.as_ref().filter(|_| self.is_paused()) else { return };
        // Pauses are used up. Where nobody is here it stays paused: should the player be back in time, the round goes on.
        if stage.left_ms() == 0 && !page::is_hidden() {
            stage.resume();
        }
    }

    /// Whether the board is on the page.
    pub(crate) fn is_playing(&self) -> bool {
        self.is_finale || matches!(self.phase, Phase::Playing(_))
    }

    /// The stay that this is.
    pub(crate) fn visit(&self) -> Visit {
        self.visit
    }

    /// Whether it is a round of this level.
    pub(crate) fn is_of(&self, level: &str) -> bool {
        self.level == level
    }

    /// Whether it is this round.
    pub(crate) fn is_about(&self, round: RoundId) -> bool {
        self.answer().is_some_and(|answer| answer.round == round)
    }

    /// Whether the game has ended and the server does not know all of it yet: that must be brought to its end, though the
    /// player goes elsewhere.
    pub(crate) fn is_unfinished(&self) -> bool {
        let is_under_way =
            matches!(self.phase, Phase::Settling(Settling { is_claiming: false, .. }) | Phase::Resuming(_));
        self.play.is_over && is_under_way
    }

    /// The player goes elsewhere, and the round goes on to its end unseen.
    pub(crate) fn leave(&mut self) {
        self.is_finale = false;
        self.stage = None;
        page::mark_playing(false);
    }

    /// Asks again how the round stands, if the server could not be asked.
    pub(crate) fn keep_trying(&mut self, dripline: &Dripline) {
        if matches!(self.phase, Phase::Resuming(Some(_))) {
            self.look_again(dripline);
        }
    }

    /// Whether something is counted down.
    pub(crate) fn counts_down(&self) -> bool {
        match &self.phase {
            _ if self.is_finale => false,
            Phase::Ready(_) | Phase::Resuming(Some(_)) => true,
            Phase::Over(ending) => matches!(ending, Ending::Paid(_) | Ending::Later(..)),
            Phase::Playing(playing) => playing.is_paused,
            Phase::Settling(settling) => settling.is_unreachable,
            Phase::Opening | Phase::Resuming(None) => false,
        }
    }

    /// What is seen.
    pub(crate) fn view(&self, dripline: &Dripline) -> Element {
        view::view(self, dripline)
    }

    /// What is seen is on the page now.
    pub(crate) fn rendered(&mut self, dripline: &Dripline) {
        page::mark_playing(self.is_playing());
        // Without the catalog there is no canvas yet.
        if self.canvas.get().is_some()
            && let Some(board) = self.board.take()
        {
            self.set_up(dripline, board);
        }
        let has_pause = self.go_on.get().is_some();
        if has_pause && !self.had_pause {
            page::focus_on(&self.go_on);
        } else if self.had_pause && !has_pause {
            page::focus("board");
        }
        self.had_pause = has_pause;
        // Where the board has gone, the keyboard goes on at what stands in its place.
        let has_board = self.is_playing();
        if self.had_board && !has_board {
            page::focus_in_place("main");
        }
        self.had_board = has_board;
    }

    fn is_paused(&self) -> bool {
        matches!(self.phase, Phase::Playing(Playing { is_paused: true, .. }))
    }

    /// Whether the goal is met and the game goes on.
    fn can_finish(&self) -> bool {
        self.look_at_board(|board| board.can_finish()).unwrap_or_default()
    }

    fn look_at_board<T>(&self, look: impl FnOnce(&dyn Board) -> T) -> Option<T> {
        match (&self.stage, &self.board) {
            (Some(stage), _) => Some(stage.with_board(look)),
            (None, Some(board)) => Some(look(&**board)),
            (None, None) => None,
        }
    }

    /// Has a statement signed, of which this place is told, and no other.
    fn sign(&self, dripline: &Dripline, statement: &Statement) {
        let (link, visit) = (dripline.link.clone(), self.visit);
        dripline.sign(statement, move |signature| {
            link.send_message(Message::Round(visit, Event::Signed(signature)));
        });
    }

    /// What was to be signed was, or was not: then nothing has changed but that the player is told.
    fn signed(&mut self, dripline: &Dripline, signature: Option<Signature>) {
        let is_opening = matches!(self.phase, Phase::Opening);
        match signature {
            Some(signature) if is_opening => self.request(dripline, signature),
            Some(signature) => self.claim_with(dripline, signature),
            None if is_opening => {
                self.opening = None;
                self.phase = Phase::Ready(Some(Failure::Unsigned));
            }
            // The claim is tried again as whatever else stands in the way of a round that was found.
            None => self.phase = Phase::Resuming(Some(Failure::Unsigned)),
        }
    }

    /// Tells this place, and no other, of an answer once it has come.
    fn later(&self, dripline: &Dripline, answer: impl Future<Output = Event> + 'static) {
        let visit = self.visit;
        dripline.later(async move { Message::Round(visit, answer.await) });
    }
}

impl Drop for RoundPlace {
    fn drop(&mut self) {
        if self.is_playing() {
            page::mark_playing(false);
        }
        self.record();
    }
}
