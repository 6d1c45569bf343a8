//! Transactions of EIP-1559, signed and as bytes. Pure.

use alloy_rlp::{Bytes, Decodable as _, Encodable, RlpDecodable, RlpEncodable};

use super::address::{Address, keccak};
use super::fees::Fees;
use super::hex::Word;
use super::key::TreasuryKey;

/// The type of the transaction, its first byte (EIP-2718).
const TYPE: u8 = 2;

/// What a transaction does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) to: Address,
    /// How much of the native coin goes there, in wei.
    pub(super) value: u128,
    /// The call of a contract; nothing where coins alone go.
    pub(super) data: Vec<u8>,
}

impl Action {
    /// A transfer of nothing to oneself: it uses a nonce up, and does nothing else.
    pub(super) fn nothing(treasury: Address) -> Self {
        Self { to: treasury, value: 0, data: Vec::new() }
    }
}

/// A transaction. All candidates of a nonce are the same but for their fees and, of a cancel, what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transaction {
    pub(super) chain_id: u64,
    pub(super) nonce: u64,
    pub(super) fees: Fees,
    pub(super) gas_limit: u64,
    pub(super) action: Action,
}

/// What is hashed to be signed, in the order of EIP-1559.
#[derive(RlpEncodable)]
struct Unsigned {
    chain_id: u64,
    nonce: u64,
    max_priority_fee_per_gas: u128,
    max_fee_per_gas: u128,
    gas_limit: u64,
    to: [u8; 20],
    value: u128,
    data: Bytes,
    access_list: Vec<Bytes>,
}

/// What is sent.
#[derive(RlpEncodable, RlpDecodable)]
struct Signed {
    chain_id: u64,
    nonce: u64,
    max_priority_fee_per_gas: u128,
    max_fee_per_gas: u128,
    gas_limit: u64,
    to: [u8; 20],
    value: u128,
    data: Bytes,
    access_list: Vec<Bytes>,
    y_parity: u8,
    r: Bytes,
    s: Bytes,
}

/// With the type before it.
fn typed(payload: &impl Encodable) -> Vec<u8> {
    let mut bytes = vec![TYPE];
    payload.encode(&mut bytes);
    bytes
}

/// A number as it is written: without leading zeros.
fn trimmed(number: &[u8]) -> Bytes {
    number.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<u8>>().into()
}

/// The hash of a signed transaction, which is its id on the chain.
pub(super) fn id_of(bytes: &[u8]) -> Word {
    Word(keccak(bytes))
}

impl Transaction {
    /// Signs it; gives the bytes that are sent.
    pub(super) fn sign(&self, key: &TreasuryKey) -> Vec<u8> {
        let (fees, action) = (self.fees, &self.action);
        let unsigned = Unsigned {
            chain_id: self.chain_id,
            nonce: self.nonce,
            max_priority_fee_per_gas: fees.priority,
            max_fee_per_gas: fees.most,
            gas_limit: self.gas_limit,
            to: action.to.0,
            value: action.value,
            data: action.data.clone().into(),
            access_list: Vec::new(),
        };
        let (signature, recovery) = key.sign(&keccak(&typed(&unsigned)));
        let (r, s) = signature.split_bytes();
        let Unsigned { data, access_list, to, value, .. } = unsigned;
        typed(&Signed {
            chain_id: self.chain_id,
            nonce: self.nonce,
            max_priority_fee_per_gas: fees.priority,
            max_fee_per_gas: fees.most,
            gas_limit: self.gas_limit,
            to,
            value,
            data,
            access_list,
            y_parity: u8::from(recovery.is_y_odd()),
            r: trimmed(&r),
            s: trimmed(&s),
        })
    }

    /// Reads a signed transaction of this kind. Whose signature it has is not looked at.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, mut payload) = bytes.split_first()?;
        let signed = Signed::decode(&mut payload).ok()?;
        let is_whole = *kind == TYPE && payload.is_empty() && signed.access_list.is_empty();
        is_whole.then(|| Self {
            chain_id: signed.chain_id,
            nonce: signed.nonce,
            fees: Fees { most: signed.max_fee_per_gas, priority: signed.max_priority_fee_per_gas },
            gas_limit: signed.gas_limit,
            action: Action { to: Address(signed.to), value: signed.value, data: signed.data.to_vec() },
        })
    }

    /// What its gas costs at most, in wei.
    pub(super) fn most(&self) -> u128 {
        self.fees.most.saturating_mul(u128::from(self.gas_limit))
    }

    /// Whether it uses the nonce up and does nothing else.
    pub(super) fn is_cancel(&self, treasury: Address) -> bool {
        self.action == Action::nothing(treasury)
    }
}

#[cfg(test)]
mod tests {
    use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
    use proptest::prelude::*;

    use super::*;

    fn transaction(value: u128, data: Vec<u8>) -> Transaction {
        let fees = Fees { most: 30_000_000_000, priority: 1_000_000_000 };
        let action = Action { to: Address([0x35; 20]), value, data };
        Transaction { chain_id: 1, nonce: 9, fees, gas_limit: 25_200, action }
    }

    fn padded(number: &[u8]) -> [u8; 32] {
        let mut padded = [0; 32];
        padded[32 - number.len()..].copy_from_slice(number);
        padded
    }

    /// Who signed what the bytes are the transaction of, found out from the signature alone.
    fn signer(transaction: &Transaction, bytes: &[u8]) -> VerifyingKey {
        let signed = Signed::decode(&mut &bytes[1..]).unwrap();
        let unsigned = Unsigned {
            chain_id: transaction.chain_id,
            nonce: transaction.nonce,
            max_priority_fee_per_gas: transaction.fees.priority,
            max_fee_per_gas: transaction.fees.most,
            gas_limit: transaction.gas_limit,
            to: transaction.action.to.0,
            value: transaction.action.value,
            data: transaction.action.data.clone().into(),
            access_list: Vec::new(),
        };
        let signature = Signature::from_scalars(padded(&signed.r), padded(&signed.s)).unwrap();
        let recovery = RecoveryId::new(signed.y_parity == 1, false);
        VerifyingKey::recover_from_prehash(&keccak(&typed(&unsigned)), &signature, recovery).unwrap()
    }

    #[test]
    fn a_transaction_is_written_as_the_standard_says() {
        let bytes = transaction(1_000_000_000_000_000_000, Vec::new()).sign(&TreasuryKey::known());
        let written = super::super::hex::text(&bytes);
        // The type and a list; its length depends on the signature.
        let (head, rest) = written.split_at("0x02f872".len());
        assert!(head.starts_with("0x02f8"), "{written}");
        let expected = [
            "01",                 // the chain
            "09",                 // the nonce
            "843b9aca00",         // a gwei for priority
            "8506fc23ac00",       // 30 gwei at most
            "826270",             // 25,200 units of gas
            "94",                 // an address follows
            &"35".repeat(20),     // whose
            "880de0b6b3a7640000", // a coin
            "80",                 // no data
            "c0",                 // no list of accesses
        ];
        assert!(rest.starts_with(&expected.concat()), "{written}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn what_is_signed_is_read_back_and_is_of_the_treasury(
            value: u128, nonce: u64, data in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let key = TreasuryKey::known();
            let transaction = Transaction { nonce, ..transaction(value, data) };
            let bytes = transaction.sign(&key);
            prop_assert_eq!(Transaction::read(&bytes), Some(transaction.clone()));
            let point = signer(&transaction, &bytes).to_sec1_point(false);
            prop_assert_eq!(&keccak(&point.as_bytes()[1..])[12..], &key.address().0[..]);
            prop_assert_eq!(Transaction::read(&bytes[..bytes.len() - 1]), None);
            prop_assert_eq!(Transaction::read(&[bytes, vec![0]].concat()), None);
        }
    }

    #[test]
    fn a_transfer_of_nothing_to_oneself_is_a_cancel_and_nothing_else_is() {
        let treasury = TreasuryKey::known().address();
        let cancel = Transaction { action: Action::nothing(treasury), ..transaction(1, Vec::new()) };
        assert!(cancel.is_cancel(treasury));
        assert!(!cancel.is_cancel(Address([0x35; 20])));
        for (value, data) in [(1, Vec::new()), (0, vec![1])] {
            let action = Action { value, data, ..Action::nothing(treasury) };
            assert!(!Transaction { action, ..cancel.clone() }.is_cancel(treasury));
        }
    }
}
