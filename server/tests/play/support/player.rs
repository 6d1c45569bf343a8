//! A player: the key, and what is signed with it.

use dripline_shared::api::OpenRequest;
use dripline_shared::round::hash;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;

/// A player.
#[derive(Debug, Clone)]
pub(crate) struct Player {
    pub(crate) key: SigningKey,
    pub(crate) wallet: Wallet,
}

impl Player {
    /// The player of this number.
    pub(crate) fn new(number: u32) -> Self {
        let key = SigningKey::from_bytes(&hash(b"dripline/tests/p", &[&number.to_be_bytes()]).0);
        Self { wallet: Wallet::of(&key), key }
    }
}

/// Signs a request to open.
pub(crate) fn sign(player: &Player, mut request: OpenRequest) -> OpenRequest {
    let text = request.statement().to_string();
    request.signature = Signature::of(&player.key, text.as_bytes());
    request
}

/// Adds ed25519's group order to a scalar: the same scalar to a lax verifier.
pub(crate) fn add_group_order(scalar: &mut [u8]) {
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0_u16;
    for (byte, added) in scalar.iter_mut().zip(order) {
        let sum = u16::from(*byte) + added + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
}
