//! What is kept of a candidate: the signed transaction, and who signed it.
//!
//! It is JSON, so that an operator can read it in the store, and can send the transaction by hand:
//!
//! ```json
//! {"version": 1, "transaction": "0x02f8…", "from": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"}
//! ```

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::hex;
use super::transaction::{Transaction, id_of};

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    /// The signed transaction as it is sent.
    transaction: String,
    /// The address whose key has signed it.
    from: String,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// The transaction's hash, which is its id on the chain.
    pub(super) id: String,
    /// The bytes that are sent, in hexadecimal.
    pub(super) bytes: String,
    /// Whose nonce it uses.
    pub(super) from: Address,
    pub(super) transaction: Transaction,
}

/// Why an envelope cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what was kept of a candidate cannot be read: {0}")]
pub(super) struct Unreadable(String);

/// What is kept of a signed transaction: its id, and the bytes.
pub(super) fn kept(transaction: &[u8], from: Address) -> Result<(String, Vec<u8>), Unreadable> {
    let kept = Kept { version: VERSION, transaction: hex::text(transaction), from: from.to_string() };
    let bytes = serde_json::to_vec(&kept).map_err(|error| Unreadable(error.to_string()))?;
    Ok((id_of(transaction).to_string(), bytes))
}

impl Envelope {
    /// Reads what was kept of the candidate of this id, and makes sure that the transaction in it is that one.
    pub(super) fn read(candidate: &str, bytes: &[u8]) -> Result<Self, Unreadable> {
        let kept: Kept = serde_json::from_slice(bytes).map_err(|error| Unreadable(error.to_string()))?;
        if kept.version != VERSION {
            return Err(Unreadable(format!("version {}, expected {VERSION}", kept.version)));
        }
        let raw = hex::bytes(&kept.transaction).ok_or_else(|| Unreadable("not hexadecimal".to_owned()))?;
        let id = id_of(&raw).to_string();
        if id != candidate {
            return Err(Unreadable("it holds another transaction".to_owned()));
        }
        let transaction =
            Transaction::read(&raw).ok_or_else(|| Unreadable("not a transaction of EIP-1559".to_owned()))?;
        let from =
            Address::read(&kept.from).map_err(|expected| Unreadable(format!("expected {expected}")))?;
        Ok(Self { id, bytes: kept.transaction, from, transaction })
    }

    /// Whether it uses the nonce up and does nothing else.
    pub(super) fn is_cancel(&self) -> bool {
        self.transaction.is_cancel(self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fees::Fees;
    use super::super::key::TreasuryKey;
    use super::super::transaction::Action;
    use super::*;

    fn signed(nonce: u64) -> (Transaction, Vec<u8>) {
        let key = TreasuryKey::known();
        let transaction = Transaction {
            chain_id: 31_337,
            nonce,
            fees: Fees { most: 9, priority: 1 },
            gas_limit: 21_000,
            action: Action::nothing(key.address()),
        };
        let bytes = transaction.sign(&key);
        (transaction, bytes)
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let (transaction, raw) = signed(1);
        let from = TreasuryKey::known().address();
        let (id, bytes) = kept(&raw, from).unwrap();
        let envelope = Envelope::read(&id, &bytes).unwrap();
        assert_eq!((&envelope.transaction, envelope.from), (&transaction, from));
        assert_eq!(envelope.bytes, hex::text(&raw));
        assert!(envelope.is_cancel());
    }

    #[test]
    fn another_transaction_or_nonsense_is_refused() {
        let from = TreasuryKey::known().address();
        let (id, whole) = kept(&signed(1).1, from).unwrap();
        let (_, other) = kept(&signed(2).1, from).unwrap();
        let text = String::from_utf8(whole.clone()).unwrap();
        let newer = text.replace("\"version\":1", "\"version\":2").into_bytes();
        let short = text.replace("0x02", "0x").into_bytes();
        for bytes in
            [&other, &newer, &short, &whole[..whole.len() - 1].to_vec(), &b"{}".to_vec(), &Vec::new()]
        {
            assert!(Envelope::read(&id, bytes).is_err());
        }
    }
}
