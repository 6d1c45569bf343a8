//! What the browser offers, one file a thing. Nothing in here decides. What else the page uses of it has one
//! place outside: elements are `components`', the canvas is `play`'s, `fetch` is `api`'s, WebCrypto is `keys`'. Events
//! and timers are used wherever they are needed.
//!
//! Everything that a browser may refuse (storage, keys, sound) answers with an error or `None`, never with a panic.

pub(crate) mod edge;
pub(crate) mod files;
pub(crate) mod frames;
pub(crate) mod json;
pub(crate) mod lock;
pub(crate) mod page;
pub(crate) mod sound;
pub(crate) mod storage;
