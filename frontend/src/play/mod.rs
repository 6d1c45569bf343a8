//! Playing: the loop, the input, the canvas, and the faces of the games. Knows nothing of pages or of the server.

pub mod face;

pub mod draw;

pub(crate) mod accumulator;
pub(crate) mod board;
pub(crate) mod canvas;
pub(crate) mod colour;
pub(crate) mod css;
pub(crate) mod curves;
pub(crate) mod hud;
pub(crate) mod input;
pub(crate) mod layer;
pub(crate) mod listen;
pub(crate) mod stage;
