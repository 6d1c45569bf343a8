//! The stage of a round: steps the board by the clock, draws it, and tells what happened. It knows nothing of the
//! server; whoever made it sends segments and hands in seeds.

use std::cell::RefCell;
use std::rc::Rc;

use dripline_shared::game::{Pace, Status};
use dripline_shared::round::Seed;
use dripline_shared::time::Timestamp;
use web_sys::HtmlCanvasElement;
use yew::Callback;

use crate::browser::frames::{FrameLoop, Next};
use crate::browser::page;
use crate::browser::sound::Speaker;
use crate::locales::texts;
use crate::play::accumulator::Accumulator;
use crate::play::board::Board;
use crate::play::canvas::Surface;
use crate::play::colour::Colour;
use crate::play::face::{Colours, InputEvent, Phase};
use crate::play::hud::{Hud, HudPlaces};
use crate::play::listen::Listeners;
use crate::state::pause::RoundClock;

mod frame;

/// The beats before a clocked game runs, and after each pause.
const BEATS: f64 = 3.0;
/// The length of a beat, in milliseconds: short, because the server's clock runs.
const BEAT_MS: f64 = 380.0;

/// What happens on the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StageEvent {
    /// It was paused, by the player or because the page cannot be seen.
    Paused,
    /// It goes on.
    Resumed,
    /// The seed of the next segment is missing, or came.
    Waiting(bool),
    /// A segment was completed.
    SegmentEnded,
    /// A turn was made that completed no segment.
    Turned,
    /// The goal is met, and the game goes on.
    GoalMet,
    /// The game ended.
    Ended(Status, u32),
    /// The end of the game has been drawn for long enough to be seen.
    FinaleShown,
    /// The server would take no more of this round.
    TimeUp,
    /// The player asked for sound, or for none.
    SoundToggled,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    Countdown {
        left_ms: f64,
    },
    Running,
    Paused,
    Over {
        left_ms: f64,
    },
    /// Its end was drawn.
    Shown,
}

/// Tells the server's time.
type Now = Box<dyn Fn() -> Timestamp>;

/// What a stage is made of.
pub(crate) struct Setting {
    /// The game and its face.
    pub(crate) board: Box<dyn Board>,
    /// The server's clock for this round.
    pub(crate) clock: RoundClock,
    /// The scores of two and three stars.
    pub(crate) stars: [u32; 2],
    /// Tells the server's time.
    pub(crate) now: Now,
    /// Where figures go.
    pub(crate) places: HudPlaces,
    /// Whether sound is on.
    pub(crate) has_sound: bool,
}

/// A round on the screen. It leaves when this value is dropped.
pub(crate) struct Stage {
    inner: Rc<RefCell<Inner>>,
    frames: Rc<FrameLoop>,
    /// Held for what its drop does.
    _listeners: Listeners,
}

pub(super) struct Inner {
    board: Box<dyn Board>,
    clock: RoundClock,
    stars: [u32; 2],
    now: Now,
    surface: Surface,
    colours: Colours,
    reduced_motion: bool,
    hud: Hud,
    speaker: Speaker,
    accumulator: Accumulator,
    mode: Mode,
    is_waiting: bool,
    /// For how long it has waited for a seed, in milliseconds.
    waited_ms: f64,
    last_frame_ms: Option<f64>,
    time_ms: f64,
    told: Told,
    /// What happened and was not told yet.
    events: Vec<StageEvent>,
    on_event: Callback<StageEvent>,
}

/// What was told once, and is not told again.
#[derive(Default)]
struct Told {
    stars: u32,
    last_call: bool,
    goal: bool,
}

impl Stage {
    /// Sets a round up on `canvas`, paused: [`Stage::resume`] starts it. `None` where the browser cannot draw.
    pub(crate) fn new(
        canvas: &HtmlCanvasElement,
        setting: Setting,
        on_event: Callback<StageEvent>,
    ) -> Option<Self> {
        let surface = Surface::new(canvas.clone(), setting.board.size())?;
        let hud = Hud::new(setting.places);
        hud.describe(&setting.board.describe());
        let inner = Rc::new(RefCell::new(Inner {
            board: setting.board,
            clock: setting.clock,
            stars: setting.stars,
            now: setting.now,
            surface,
            colours: colours(),
            reduced_motion: page::prefers_reduced_motion(),
            hud,
            speaker: Speaker::new(setting.has_sound),
            accumulator: Accumulator::default(),
            mode: Mode::Paused,
            is_waiting: false,
            waited_ms: 0.0,
            last_frame_ms: None,
            time_ms: 0.0,
            told: Told::default(),
            events: Vec::new(),
            on_event,
        }));
        let frames = {
            let inner = Rc::clone(&inner);
            Rc::new(FrameLoop::new(move |time_ms| frame(&inner, time_ms)))
        };
        let listeners = Listeners::new(canvas, &inner, &frames);
        inner.borrow_mut().surface.fit();
        frames.start();
        Some(Self { inner, frames, _listeners: listeners })
    }

    /// Goes on, after a short countdown in clocked games.
    pub(crate) fn resume(&self) {
        change(&self.inner, &self.frames, Inner::resume);
    }

    /// Stands still.
    pub(crate) fn pause(&self) {
        change(&self.inner, &self.frames, Inner::pause);
    }

    /// Goes on to end a game whose goal is met.
    pub(crate) fn finish(&self) {
        change(&self.inner, &self.frames, Inner::finish);
    }

    /// Learns the seed of a segment.
    pub(crate) fn learn_seed(&self, segment: u32, seed: Seed) {
        self.inner.borrow_mut().board.learn_seed(segment, seed);
    }

    /// Turns the sound on or off.
    pub(crate) fn set_sound(&self, on: bool) {
        self.inner.borrow_mut().speaker.set(on);
    }

    /// How long the round may still stand still, in milliseconds.
    pub(crate) fn left_ms(&self) -> u64 {
        self.inner.borrow().left_ms()
    }

    /// Looks at the board.
    pub(crate) fn with_board<T>(&self, look: impl FnOnce(&dyn Board) -> T) -> T {
        look(&*self.inner.borrow().board)
    }
}

/// Changes the stage, has the next frame drawn, and tells what happened.
pub(super) fn change<T>(
    inner: &Rc<RefCell<Inner>>,
    frames: &FrameLoop,
    change: impl FnOnce(&mut Inner) -> T,
) -> T {
    let answer = change_quietly(inner, change);
    frames.start();
    answer
}

fn change_quietly<T>(inner: &Rc<RefCell<Inner>>, change: impl FnOnce(&mut Inner) -> T) -> T {
    let mut borrowed = inner.borrow_mut();
    let answer = change(&mut borrowed);
    let events = std::mem::take(&mut borrowed.events);
    let on_event = borrowed.on_event.clone();
    drop(borrowed);
    for event in events {
        on_event.emit(event);
    }
    answer
}

fn frame(inner: &Rc<RefCell<Inner>>, time_ms: f64) -> Next {
    change_quietly(inner, |inner| inner.frame(time_ms))
}

/// The colours of the theme that is in force.
pub(crate) fn colours() -> Colours {
    let token = |name| Colour::from(page::design_token(name));
    Colours {
        background: token("--board"),
        surface: token("--board-surface"),
        line: token("--board-line"),
        ink: token("--ink"),
        muted: token("--muted"),
        water: token("--water"),
        water_light: token("--water-light"),
        water_deep: token("--water-deep"),
        metal: token("--metal"),
        rust: token("--rust"),
        good: token("--good"),
        accent: token("--accent"),
    }
}

impl Inner {
    fn left_ms(&self) -> u64 {
        self.clock.left_ms(self.board.length(), (self.now)())
    }

    fn resume(&mut self) {
        if self.mode == Mode::Paused {
            self.begin();
            self.go_on();
        }
    }

    fn finish(&mut self) {
        if self.mode == Mode::Paused && self.board.can_finish() {
            self.board.finish();
            self.mode = Mode::Running;
            self.accumulator.clear();
            self.go_on();
        }
    }

    fn go_on(&mut self) {
        self.last_frame_ms = None;
        // Whatever the player did to go on, browsers let sound begin with it.
        self.speaker.wake();
        self.events.push(StageEvent::Resumed);
    }

    /// Runs, after a short countdown in clocked games.
    fn begin(&mut self) {
        self.mode = match self.board.pace() {
            Pace::Clocked => Mode::Countdown { left_ms: BEATS * BEAT_MS },
            Pace::Turns => Mode::Running,
        };
        self.accumulator.clear();
    }

    /// Stands still, if the game is on.
    pub(super) fn pause(&mut self) {
        if self.is_on() {
            self.mode = Mode::Paused;
            self.hud.countdown(0);
            self.board.input(InputEvent::Released);
            self.events.push(StageEvent::Paused);
        }
    }

    /// Pauses or goes on, as the pause key does.
    pub(super) fn toggle_pause(&mut self) {
        if self.mode == Mode::Paused {
            self.resume();
        } else {
            self.pause();
        }
    }

    /// Tells that the player wants sound, or none.
    pub(super) fn toggle_sound(&mut self) {
        self.events.push(StageEvent::SoundToggled);
    }

    /// Hands something that the player did to the face. Tells whether the game is on.
    pub(super) fn input(&mut self, event: InputEvent) -> bool {
        if self.is_on() {
            if !matches!(event, InputEvent::Pointer { phase: Phase::Move, .. }) {
                self.speaker.wake();
            }
            if self.board.input(event) {
                self.hud.announce(texts().turn_refused);
            }
        }
        self.is_on()
    }

    /// Whether every finger plays.
    pub(super) fn every_finger(&self) -> bool {
        self.board.every_finger()
    }

    /// Whether the game is on, or about to be.
    pub(super) fn is_on(&self) -> bool {
        matches!(self.mode, Mode::Running | Mode::Countdown { .. })
    }

    /// The canvas changed its place or the screen its pixels.
    pub(super) fn fit(&mut self) {
        self.surface.fit();
    }

    /// The theme changed, or how much the player wants things to move.
    pub(super) fn restyle(&mut self) {
        self.colours = colours();
        self.reduced_motion = page::prefers_reduced_motion();
    }

    /// The canvas and its scale.
    pub(super) fn surface(&self) -> &Surface {
        &self.surface
    }
}
