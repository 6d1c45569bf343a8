//! What a chain says of one transaction, and of a payout that is only tried: for an operator who asks.

use dripline_shared::payout::{RailKind, is_address};

/// What a chain says of whether a transaction has paid a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// There is no chain to ask.
    Silent,
    /// It has paid the withdrawal's address at least what arrives of it, finally.
    Pays {
        /// Its nonce, where it is the treasury's and the chain knows nonces.
        nonce: Option<u64>,
    },
    /// It has not, or that cannot be seen.
    Contradicts {
        /// What stands against it, for the operator.
        why: String,
    },
}

impl Evidence {
    /// That it has not paid it, for this reason.
    pub(super) fn against(why: impl Into<String>) -> Self {
        Self::Contradicts { why: why.into() }
    }
}

/// What came of a payout that was tried without effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Why it would not be paid; `None` where it would be, or where a receiver decides that, who was not asked.
    pub failure: Option<String>,
    /// What else was found out, or would be sent to a receiver, a line each.
    pub notes: Vec<String>,
}

/// The id of a transaction as a rail of this kind writes it. Otherwise: what was expected.
pub(crate) fn transaction_id(kind: RailKind, text: &str) -> Result<String, &'static str> {
    match kind {
        RailKind::Evm => {
            let digits = text.strip_prefix("0x").unwrap_or_default();
            let is_hash = digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            is_hash
                .then(|| text.to_ascii_lowercase())
                .ok_or("the hash of a transaction: 0x and 64 hexadecimal digits")
        }
        RailKind::Solana => {
            let mut bytes = [0; 64];
            let is_signature = text.len() <= dripline_shared::wallet::SIGNATURE_TEXT_MAX
                && bs58::decode(text).onto(&mut bytes).is_ok_and(|length| length == bytes.len());
            is_signature
                .then(|| text.to_owned())
                .ok_or("the signature of a transaction: 64 bytes written in base58")
        }
        RailKind::Sandbox | RailKind::Webhook => is_address(text)
            .then(|| text.to_owned())
            .ok_or("what the payout is called where it was made: 1 to 128 visible ASCII characters"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_transaction_is_of_its_rails_kind() {
        let hash = format!("0x{}", "aB".repeat(32));
        let signature = bs58::encode([7; 64]).into_string();
        assert_eq!(transaction_id(RailKind::Evm, &hash), Ok(hash.to_lowercase()));
        assert_eq!(transaction_id(RailKind::Solana, &signature), Ok(signature.clone()));
        assert_eq!(transaction_id(RailKind::Webhook, "paid-7"), Ok("paid-7".to_owned()));
        for (kind, text) in [
            (RailKind::Evm, signature.as_str()),
            (RailKind::Evm, &hash[2..]),
            (RailKind::Evm, &hash[..65]),
            (RailKind::Evm, &hash.replace('a', "g")),
            (RailKind::Solana, &hash),
            (RailKind::Solana, &bs58::encode([7; 63]).into_string()),
            (RailKind::Solana, ""),
            (RailKind::Webhook, "two words"),
            (RailKind::Sandbox, ""),
        ] {
            assert!(transaction_id(kind, text).is_err(), "{text}");
        }
    }
}
