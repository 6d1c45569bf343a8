//! The faces of all games. The list of games in the shared crate connects each with its file here: the face of `Catch`
//! is `CatchFace` in `catch.rs`.

use dripline_shared::for_each_game;
use dripline_shared::game::GameParams;
use dripline_shared::game::replay::ReplayError;
use dripline_shared::round::Seed;
use dripline_shared::transcript::Segment;

use crate::play::board::{Board, Playing};

macro_rules! connect_faces {
    ($($module:ident: $game:ident,)*) => {
        $(
            pub mod $module;
        )*

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
    };
}
for_each_game!(connect_faces);
