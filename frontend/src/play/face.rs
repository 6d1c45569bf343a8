//! What a game looks like and how it is touched. A face draws and translates; it decides nothing.
//!
//! A game's face is one file in `play/draw/`, named like the game's file in the shared crate; the list of games there
//! ([`dripline_shared::for_each_game`]) connects the two.

use dripline_shared::game::Game;
use web_sys::CanvasRenderingContext2d;

use crate::play::colour::Colour;

/// A key that games use; the page maps arrows, WASD and the numeric pad to the same four directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Space or Enter.
    Action,
    /// A second action: `F` or Backspace.
    Alternative,
}

/// Where a finger, pen or mouse is in its gesture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It went down.
    Down,
    /// It moved while down, or a mouse hovered.
    Move,
    /// It went up or was cancelled.
    Up,
}

/// Something the player did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum InputEvent {
    /// A key went down (repeats are filtered out) or up.
    Key {
        /// Which.
        key: Key,
        /// Down or up.
        down: bool,
    },
    /// A pointer, in board units (see [`Face::size`]).
    Pointer {
        /// From the left edge.
        x: f64,
        /// From the top edge.
        y: f64,
        /// Of the gesture.
        phase: Phase,
    },
    /// Everything was let go: the page lost the focus, or the game was paused.
    Released,
}

/// Colours of the theme, read from the design tokens when a round starts and when the theme changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Colours {
    /// Behind everything.
    pub background: Colour,
    /// Raised surfaces: tiles, cards.
    pub surface: Colour,
    /// Lines between things.
    pub line: Colour,
    /// Text and outlines.
    pub ink: Colour,
    /// Quiet text.
    pub muted: Colour,
    /// Water.
    pub water: Colour,
    /// Water where light falls on it.
    pub water_light: Colour,
    /// Deep water.
    pub water_deep: Colour,
    /// Pipes and metal.
    pub metal: Colour,
    /// Rust.
    pub rust: Colour,
    /// What succeeded.
    pub good: Colour,
    /// What the player should look at.
    pub accent: Colour,
}

/// What is to be drawn.
#[derive(Debug)]
pub struct Scene<'a, G: Game> {
    /// The state after the last step.
    pub game: &'a G,
    /// The level's parameters.
    pub params: &'a G::Params,
    /// How much of a tick has passed since the last step, 0 to 1: to draw motion between two ticks.
    pub fraction: f64,
    /// Milliseconds since the round was shown: for decoration only. Does not run while paused.
    pub time_ms: f64,
    /// The player asked for less motion: no decoration that moves, no shaking, no flashing.
    pub reduced_motion: bool,
    /// The theme.
    pub colours: &'a Colours,
}

/// A figure of a game's own: what it is called, and how it stands.
#[derive(Debug)]
pub struct Figure<G: Game> {
    /// Its name, beside the board.
    pub name: &'static str,
    /// What is shown under it.
    pub of: fn(&G) -> u32,
}

/// The face of a game. It may remember what it needs for decoration (the last frame's tiles, splashes in the air), and
/// what the player holds; all of that may be lost at any moment (a reload) without harm.
pub trait Face: Default + 'static {
    /// The game.
    type Game: Game;

    /// How keys and pointers play it, in a line for people. The keys of every game are told after it.
    const CONTROLS: &'static str;
    /// Whether every finger plays. In most games a second one would tear the gesture of the first apart.
    const EVERY_FINGER: bool = false;
    /// What stands beside the board in place of the time, where the board itself shows the time.
    const FIGURE: Option<Figure<Self::Game>> = None;

    /// Width and height of the board in board units. The page scales it to fit the screen, keeping the proportion.
    fn size(params: &<Self::Game as Game>::Params) -> (f64, f64);

    /// Draws one frame. The context is already scaled so that one unit is one board unit, and cleared to the theme's
    /// background. Only reads the game. Takes well below a millisecond.
    fn draw(&mut self, canvas: &CanvasRenderingContext2d, scene: &Scene<'_, Self::Game>);

    /// Takes notice of something the player did.
    fn input(&mut self, event: InputEvent, game: &Self::Game, params: &<Self::Game as Game>::Params);

    /// The input that the player wants for the next step. Clocked games: asked before every tick; held inputs answer
    /// the same byte as long as it is held (the recording drops repeats); pulses are handed out once. Turn games: asked
    /// after every [`Face::input`]; a turn is handed out once, also one that the game refuses: the player hears of it.
    fn wanted(&mut self, game: &Self::Game, params: &<Self::Game as Game>::Params) -> Option<u8>;

    /// Ticks that the player has left, in a clocked game that has gone on for `length`: the time beside the board, and
    /// the call for the last seconds. For most games until the end; where something else decides, until that.
    fn ticks_left(_game: &Self::Game, params: &<Self::Game as Game>::Params, length: u32) -> u32 {
        Self::Game::length_max(params).saturating_sub(length)
    }

    /// What happened in the last step that deserves a sound, if anything: compares with what it saw before.
    fn sound(&mut self, game: &Self::Game) -> Option<Sound>;
}

/// The sounds of all games: short tones that the page makes itself. Off until the player turns them on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// Something good, once: a drop caught, tiles merged.
    Plop,
    /// A small step: a tile turned, a move.
    Tick,
    /// Something bad.
    Clank,
}
