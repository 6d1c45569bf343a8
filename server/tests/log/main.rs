//! The log of transfers: a tree of stored nodes is the tree of RFC 6962, however it was appended to, at every size that
//! it has had; and what happens to it is noticed by whoever kept a head of it.

#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

mod appending;
mod damage;
mod proving;
mod support;
