//! The text of a signed tree head.

use crate::api::SignedTreeHead;

/// What the keys that sign tree heads are listed for in `/.well-known/dripline-keys.json`.
pub const KEY_PURPOSE: &str = "log";

/// The text that the faucet signs as a tree head: every fact of it, one a line, in the order of the fields. It names the
/// faucet, so that a head of one faucet never passes for one of another.
pub fn head_text(signed: &SignedTreeHead) -> String {
    let SignedTreeHead { faucet, head, key_id, signature: _ } = signed;
    let (size, root, at) = (head.size, head.root, head.at_ms);
    format!("Dripline tree head\nFaucet: {faucet}\nSize: {size}\nRoot: {root}\nAt: {at}\nKey: {key_id}")
}
