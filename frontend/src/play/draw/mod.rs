//! The faces of all games. The list of games in the shared crate connects each with its file here: the face of `Catch`
//! is `CatchFace` in `catch.rs`.

use dripline_shared::for_each_game;
use dripline_shared::game::GameParams;
use dripline_shared::game::replay::ReplayError;
use dripline_shared::round::Seed;
use dripline_shared::transcript::Segment;

use crate::play::board::{Board, Playing};
use crate::play::face::Face as _;

/// What can be said of a face without its type.
pub(crate) struct FaceFacts {
    /// [`Face::CONTROLS`](crate::play::face::Face::CONTROLS).
    pub(crate) controls: &'static str,
    /// The name of [`Face::FIGURE`](crate::play::face::Face::FIGURE), if there is one.
    pub(crate) figure: Option<&'static str>,
}

macro_rules! connect_faces {
    ($($module:ident: $game:ident,)*) => {
        $(
            pub mod $module;
        )*

        /// The facts of the face of a level's game.
        pub(crate) fn facts(params: &GameParams) -> FaceFacts {
            match params {
                $(GameParams::$game(_) => {
                    type Face = pastey::paste!($module::[<$game Face>]);
                    FaceFacts { controls: Face::CONTROLS, figure: Face::FIGURE.map(|figure| figure.name) }
                })*
            }
        }

        /// The board of a round that has gone through `segments` and `rest`.
        pub(crate) fn board(
            params: &GameParams,
            seeds: Vec<Seed>,
            segments: &[Segment],
            rest: &Segment,
        ) -> Result<Box<dyn Board>, ReplayError> {
            match params {
                $(GameParams::$game(params) => {
                    // `CatchFace` in `catch.rs`, and so on.
                    type Face = pastey::paste!($module::[<$game Face>]);
                    let playing = Playing::<Face>::resume(params.clone(), seeds, segments, rest)?;
                    Ok(Box::new(playing))
                })*
            }
        }

        /// A recorded game of these parameters before its first step.
        #[cfg(feature = "watch")]
        pub(crate) fn recorded(params: &GameParams, seeds: Vec<Seed>) -> Box<dyn crate::watch::reel::Reel> {
            match params {
                $(GameParams::$game(params) => {
                    type Face = pastey::paste!($module::[<$game Face>]);
                    Box::new(crate::watch::reel::Recorded::<Face>::new(params.clone(), seeds))
                })*
            }
        }
    };
}
for_each_game!(connect_faces);
