//! Golden files: what both sides of the wire, and every later version, must agree on. They lie in `tests/golden`.
//!
//! A test fails where its file differs. `DRIPLINE_BLESS=1 cargo test -p dripline-shared --test golden` writes the files
//! anew; what changed is then a change of the protocol, and the diff shows it. Digests of games are only written anew when
//! the game's `RULES_VERSION` was raised: without that, a change that alters a game cannot be
//! blessed, unless its file was removed by hand, which only a game that nobody has played yet excuses.

mod digests;
mod log;
mod protocol;
mod proven;
mod store;
