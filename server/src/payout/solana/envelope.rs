//! What is kept of a candidate: the signed transaction, and what is needed to tell later whether it is dead.
//!
//! It is JSON, so that an operator can read it in the store, and can send the transaction by hand:
//!
//! ```json
//! {"version": 1, "transaction": "<base64 of the signed bytes>", "signature": "<base58>",
//!  "last_valid_block_height": 312458113, "signing_slot": 334120877}
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use solana_transaction::Transaction;

use super::transaction::lamports_sent;
use super::verdict::Signed;

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Envelope {
    version: u32,
    /// The signed transaction as it is sent, in base64.
    transaction: String,
    /// The transaction's signature, which is its id on the chain, in base58.
    pub(super) signature: String,
    /// The last height of a block that can hold the transaction.
    last_valid_block_height: u64,
    /// A finalized slot from before the signing: no earlier block can hold the transaction.
    signing_slot: u64,
}

/// Why an envelope cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what was kept of a candidate cannot be read: {0}")]
pub(super) struct Unreadable(String);

impl Envelope {
    /// The envelope of a signed transaction.
    pub(super) fn new(transaction: &Transaction, signed: Signed) -> Result<Self, Unreadable> {
        let bytes = wincode::serialize(transaction).map_err(|error| Unreadable(error.to_string()))?;
        let signature = transaction.signatures.first().ok_or_else(|| Unreadable("not signed".to_owned()))?;
        Ok(Self {
            version: VERSION,
            transaction: STANDARD.encode(bytes),
            signature: signature.to_string(),
            last_valid_block_height: signed.last_valid_block_height,
            signing_slot: signed.signing_slot,
        })
    }

    /// The bytes that are kept.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Unreadable> {
        serde_json::to_vec(self).map_err(|error| Unreadable(error.to_string()))
    }

    /// Reads what was kept of the candidate of this id, and makes sure that the transaction in it is that one.
    pub(super) fn read(candidate: &str, bytes: &[u8]) -> Result<Self, Unreadable> {
        let envelope: Self = serde_json::from_slice(bytes).map_err(|error| Unreadable(error.to_string()))?;
        if envelope.version != VERSION {
            return Err(Unreadable(format!("version {}, expected {VERSION}", envelope.version)));
        }
        let transaction = envelope.decoded()?;
        let of_transaction = transaction.signatures.first().map(ToString::to_string);
        if of_transaction.as_deref() != Some(candidate) || envelope.signature != candidate {
            return Err(Unreadable("it holds another transaction".to_owned()));
        }
        Ok(envelope)
    }

    fn decoded(&self) -> Result<Transaction, Unreadable> {
        let decoded = STANDARD.decode(&self.transaction).map_err(|error| Unreadable(error.to_string()))?;
        wincode::deserialize(&decoded).map_err(|error| Unreadable(error.to_string()))
    }

    /// How many lamports it transfers, but for the rent of accounts that it makes.
    pub(super) fn lamports_sent(&self) -> Result<u64, Unreadable> {
        Ok(lamports_sent(&self.decoded()?))
    }

    /// When it can be executed.
    pub(super) fn signed(&self) -> Signed {
        Signed { last_valid_block_height: self.last_valid_block_height, signing_slot: self.signing_slot }
    }

    /// The transaction in base64, as `sendTransaction` takes it.
    pub(super) fn transaction(&self) -> &str {
        &self.transaction
    }
}

#[cfg(test)]
mod tests {
    use solana_message::Message;

    use super::*;

    const SIGNED: Signed = Signed { last_valid_block_height: 400, signing_slot: 250 };

    fn envelope(first_byte: u8) -> Envelope {
        let mut signature = [7; 64];
        signature[0] = first_byte;
        let mut message = Message::default();
        message.header.num_required_signatures = 1;
        let transaction = Transaction { signatures: vec![signature.into()], message };
        Envelope::new(&transaction, SIGNED).unwrap()
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let envelope = envelope(1);
        let bytes = envelope.to_bytes().unwrap();
        assert_eq!(Envelope::read(&envelope.signature, &bytes).unwrap(), envelope);
        assert_eq!(envelope.signed(), SIGNED);
    }

    #[test]
    fn an_envelope_with_another_transaction_is_refused() {
        let (one, other) = (envelope(1), envelope(2));
        let bytes = one.to_bytes().unwrap();
        assert!(Envelope::read(&other.signature, &bytes).is_err());
        let mixed = Envelope { signature: other.signature.clone(), ..one };
        assert!(Envelope::read(&other.signature, &mixed.to_bytes().unwrap()).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        let envelope = envelope(1);
        let whole = envelope.to_bytes().unwrap();
        let newer = Envelope { version: 2, ..envelope.clone() }.to_bytes().unwrap();
        let empty = Envelope { transaction: String::new(), ..envelope.clone() }.to_bytes().unwrap();
        for bytes in [&b""[..], b"{}", b"\xff", &whole[..whole.len() - 1], &newer, &empty] {
            assert!(Envelope::read(&envelope.signature, bytes).is_err());
        }
    }
}
