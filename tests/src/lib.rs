//! What the tests and measurements of this package share: players that play through the HTTP API, and the servers that
//! they play against, in this process with a clock of our own or as the real program.

pub mod answer;
pub mod clock;
pub mod faucet;
pub mod fill;
pub mod levels;
pub mod play;
pub mod player;
pub mod program;
pub mod request;
pub mod wire;
