//! Whose keys a faucet's keys and tree heads are signed by: with feature `signatures`.

use super::{FaucetKey, FaucetKeys, SignedTreeHead};
use crate::log::{KEY_PURPOSE, head_text};
use crate::round::faucet_fingerprint;
use crate::statement::key_text;

impl FaucetKeys {
    /// Whether the faucet is named after its first key for receipts, every other key is signed by the one before it of its
    /// purpose, and the first key of another purpose by one for receipts.
    pub fn are_chained(&self) -> bool {
        let Some(first) = self.keys.first() else { return false };
        let vouches = |by: &FaucetKey, key: &FaucetKey| {
            key.signature.as_ref().is_some_and(|signature| {
                by.public_key.verify(key_text(self.faucet, key).as_bytes(), signature).is_ok()
            })
        };
        let is_vouched_for = |(index, key): (usize, &FaucetKey)| {
            let before = self.keys.iter().take(index);
            match before.clone().rev().find(|before| before.purpose == key.purpose) {
                Some(before) => vouches(before, key),
                None => before.filter(|by| by.purpose == first.purpose).any(|by| vouches(by, key)),
            }
        };
        faucet_fingerprint(&first.public_key.0) == self.faucet
            && self.keys.iter().enumerate().skip(1).all(is_vouched_for)
    }
}

impl SignedTreeHead {
    /// Whether it was signed by the key that it names, which must be one of the faucet's for tree heads. Whether the
    /// faucet's keys are its own is told by [`FaucetKeys::are_chained`].
    pub fn is_signed_by(&self, keys: &FaucetKeys) -> bool {
        let mut candidates = keys.keys.iter().filter(|key| key.purpose == KEY_PURPOSE);
        keys.faucet == self.faucet
            && candidates
                .find(|key| key.id == self.key_id)
                .is_some_and(|key| key.public_key.verify(head_text(self).as_bytes(), &self.signature).is_ok())
    }
}
