//! What a game is, and the list of games.
//!
//! The whole contract: [`Game::start`] makes the state from a level's parameters, [`Game::step`] advances it by one
//! tick (clocked games) or one turn (turn games), and nothing else changes it. The state holds integers only, and all
//! of it is serialisable, so that a digest of every step can be compared between two machines.
//!
//! `ARCHITECTURE.md` says what it takes to add a game; it begins with a line of [`for_each_game`].

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::json::{FromJson, Json, ToJson, fill_with, one_field, only_key};
use crate::level::LevelDraft;
use crate::rng::SegmentRng;

mod deck;
pub mod replay;

/// Whether a game runs by the clock or waits for its player.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// 60 ticks a second, whatever the player does.
    Clocked,
    /// One step a turn; a turn is always an input.
    Turns,
}

impl Pace {
    /// Ticks or turns of a segment: 4 seconds, or 8 turns.
    pub const fn segment_length(self) -> u32 {
        match self {
            Self::Clocked => 240,
            Self::Turns => 8,
        }
    }
}

/// What an input byte means between two inputs of a clocked game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// The byte stays in force until another one (a direction held down). Each segment starts with `neutral` in force.
    Held {
        /// What is in force at the first tick of a segment, before any input.
        neutral: u8,
    },
    /// The byte acts on its own tick alone (a tile turned). Turn games are always of this kind.
    Pulse,
}

/// Whether a game goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It goes on.
    Playing,
    /// It ended with its goal met.
    Won,
    /// It ended without.
    Lost,
}

/// How a bot plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skill {
    /// Any input, at any time.
    Random,
    /// As a person does who has understood the game: human reaction time, some mistakes.
    Fair,
    /// As the best people do.
    Strong,
}

/// A deterministic simulation.
///
/// # Contract
/// - `step` never panics, whatever the parameters (that [`Game::validate`] accepts) and the inputs.
/// - `step` draws random numbers from the `rng` that it is given and from nothing else; that `rng` is replaced at the
///   first step of every segment.
/// - The game ends by itself at or before [`Game::length_max`] steps, and never changes after it ended.
/// - State, parameters and bot are plain data, which may go from one thread to another.
/// - A step is cheap: a claim replays whole rounds. The first row of `docs/performance.md` has the aim and what is
///   measured.
pub trait Game: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + 'static {
    /// What a level tunes: a struct of numbers and lists, with its line of [`json_object!`](crate::json_object).
    type Params: Clone
        + Debug
        + PartialEq
        + Eq
        + Serialize
        + DeserializeOwned
        + FromJson
        + ToJson
        + Send
        + Sync
        + 'static;
    /// What plays it in tests, load and simulation.
    type Bot: Bot<Self> + Send + 'static;

    /// The game's id: lower-case ASCII letters.
    const ID: &'static str;
    /// Its name for people.
    const NAME: &'static str;
    /// How to play, in one sentence.
    const HOW_TO: &'static str;
    /// Raised whenever the same transcript could give another outcome. Golden digests fail when it is forgotten.
    const RULES_VERSION: u32;
    /// Its pace.
    const PACE: Pace;
    /// What its inputs mean.
    const INPUT: InputKind;
    /// Whether the player sees at once all that chance decides (then seed 0 stays the same until the level is cleared).
    const WHOLE_BOARD_SHOWS: bool;

    /// The levels that a catalog starts with: four, of rising difficulty.
    fn default_levels() -> Vec<LevelDraft>;

    /// Whether the parameters make a game; says what is wrong as (name of the field, what was expected).
    fn validate(params: &Self::Params) -> Result<(), (&'static str, String)>;

    /// The ticks or turns at which the game has ended by itself, at the latest. Below 2^16.
    fn length_max(params: &Self::Params) -> u32;

    /// The goal in one short sentence, for the level map: "Catch 15 drops".
    fn goal(params: &Self::Params) -> String;

    /// The rules that [`Game::HOW_TO`] and [`Game::goal`] do not tell, for who is about to play: at most six short
    /// paragraphs, with this level's figures, and nothing of what this level does not have.
    fn rules(params: &Self::Params) -> Vec<String>;

    /// The state before the first step. `rng` is that of segment 0, and the first steps go on with it.
    fn start(params: &Self::Params, rng: &mut SegmentRng) -> Self;

    /// Whether `input` would be an input now: in the alphabet and, for [`InputKind::Pulse`], changing something.
    fn accepts(&self, params: &Self::Params, input: u8) -> bool;

    /// One tick or turn. `input` is what is in force: always `Some` for held inputs and turns, else only on the tick of
    /// a pulse. The caller has asked [`Game::accepts`]; an input that it refuses is ignored.
    fn step(&mut self, params: &Self::Params, input: Option<u8>, rng: &mut SegmentRng);

    /// Whether it goes on.
    fn status(&self) -> Status;

    /// The points so far. What they mean is the game's affair; a level's stars are thresholds on them.
    fn score(&self) -> u32;

    /// The input that ends the round at once, as won with the points so far: in a game that goes on after its goal is
    /// met, from then on. Most games end when it is met, and have none.
    fn finish(&self, _params: &Self::Params) -> Option<u8> {
        None
    }

    /// The state in words, for a screen reader, rows separated by line breaks. Empty for games that run by the clock.
    fn describe(&self, params: &Self::Params) -> String;
}

/// Plays a game, seeing what a person sees.
pub trait Bot<G: Game> {
    /// A bot of this skill; its mistakes come from `rng`.
    fn new(skill: Skill, rng: SegmentRng) -> Self;

    /// The input that it makes at this tick or turn, if any. For held inputs: what to hold from now on. For turns:
    /// `None` only where no input is accepted.
    fn decide(&mut self, game: &G, params: &G::Params) -> Option<u8>;
}

/// The list of games. Calls the macro `$callback` with `module: Type` for each one; all that must know every game
/// (parameters of levels, replay, drawing, default levels, tests) is generated from here.
#[macro_export]
macro_rules! for_each_game {
    ($callback:ident) => {
        $callback! {
            catch: Catch,
            pipes: Pipes,
            merge: Merge,
        }
    };
}

/// The first of some values.
macro_rules! first {
    ($first:expr; $($other:expr;)*) => {
        $first
    };
}

macro_rules! declare_games {
    ($($module:ident: $game:ident,)*) => {
        $(
            pub mod $module;
            pub use $module::$game;
        )*

        /// A game and its parameters, as a level names them.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum GameParams {
            $(
                #[doc = concat!("Parameters of `", stringify!($module), "`.")]
                $game($module::Params),
            )*
        }

        impl FromJson for GameParams {
            const BLANK: Self = first!($(Self::$game($module::Params::BLANK);)*);

            fn fill<J: Json>(&mut self, json: &J) -> bool {
                let Some(key) = only_key(json) else { return false };
                let params = json.get(&key);
                let read = match key.as_str() {
                    $(stringify!($module) => FromJson::from_json(&params).map(Self::$game),)*
                    _ => None,
                };
                fill_with(self, read)
            }
        }

        impl ToJson for GameParams {
            fn to_json<J: Json>(&self) -> J {
                match self {
                    $(Self::$game(params) => one_field(stringify!($module), params),)*
                }
            }
        }

        impl GameParams {
            /// The ids of all games, in the order of the list.
            pub const GAMES: &'static [&'static str] = &[$($game::ID),*];

            /// Calls `visitor` with the game that these parameters are of.
            pub fn visit<V: GameVisitor>(&self, visitor: V) -> V::Output {
                match self {
                    $(Self::$game(params) => visitor.visit::<$game>(params),)*
                }
            }

            /// The levels that a catalog starts with.
            pub fn default_levels() -> Vec<LevelDraft> {
                let mut levels = Vec::new();
                $(levels.extend($game::default_levels());)*
                levels
            }
        }

        $(
            impl From<$module::Params> for GameParams {
                fn from(params: $module::Params) -> Self {
                    Self::$game(params)
                }
            }
        )*
    };
}
for_each_game!(declare_games);

/// Something to do with whichever game a level has. See [`GameParams::visit`].
pub trait GameVisitor {
    /// What it gives.
    type Output;

    /// Does it with game `G`.
    fn visit<G: Game>(self, params: &G::Params) -> Self::Output
    where
        GameParams: From<G::Params>;
}

/// What can be said of a game without its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GameFacts {
    /// [`Game::ID`].
    pub id: &'static str,
    /// [`Game::NAME`].
    pub name: &'static str,
    /// [`Game::HOW_TO`].
    pub how_to: &'static str,
    /// [`Game::RULES_VERSION`].
    pub rules_version: u32,
    /// [`Game::PACE`].
    pub pace: Pace,
    /// [`Game::INPUT`].
    pub input: InputKind,
    /// [`Game::WHOLE_BOARD_SHOWS`].
    pub whole_board_shows: bool,
}

impl GameParams {
    /// The facts of the game.
    pub fn facts(&self) -> GameFacts {
        struct Facts;
        impl GameVisitor for Facts {
            type Output = GameFacts;
            fn visit<G: Game>(self, _: &G::Params) -> GameFacts {
                GameFacts {
                    id: G::ID,
                    name: G::NAME,
                    how_to: G::HOW_TO,
                    rules_version: G::RULES_VERSION,
                    pace: G::PACE,
                    input: G::INPUT,
                    whole_board_shows: G::WHOLE_BOARD_SHOWS,
                }
            }
        }
        self.visit(Facts)
    }

    /// [`Game::PACE`].
    pub fn pace(&self) -> Pace {
        self.facts().pace
    }

    /// [`Game::length_max`].
    pub fn length_max(&self) -> u32 {
        struct LengthMax;
        impl GameVisitor for LengthMax {
            type Output = u32;
            fn visit<G: Game>(self, params: &G::Params) -> u32 {
                G::length_max(params)
            }
        }
        self.visit(LengthMax)
    }

    /// [`Game::goal`].
    pub fn goal(&self) -> String {
        struct Goal;
        impl GameVisitor for Goal {
            type Output = String;
            fn visit<G: Game>(self, params: &G::Params) -> String {
                G::goal(params)
            }
        }
        self.visit(Goal)
    }

    /// [`Game::rules`].
    pub fn rules(&self) -> Vec<String> {
        struct Rules;
        impl GameVisitor for Rules {
            type Output = Vec<String>;
            fn visit<G: Game>(self, params: &G::Params) -> Vec<String> {
                G::rules(params)
            }
        }
        self.visit(Rules)
    }

    /// [`Game::validate`].
    pub fn validate(&self) -> Result<(), (&'static str, String)> {
        struct Validate;
        impl GameVisitor for Validate {
            type Output = Result<(), (&'static str, String)>;
            fn visit<G: Game>(self, params: &G::Params) -> Self::Output {
                G::validate(params)
            }
        }
        self.visit(Validate)
    }
}
