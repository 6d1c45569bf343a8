//! Why a transaction failed, and whose fault that is. Pure.
//!
//! The chain tells it as JSON (`err` of a status): a word such as `"AccountInUse"`, or an object such as
//! `{"InstructionError": [5, {"Custom": 1}]}` or `{"InsufficientFundsForRent": {"account_index": 3}}`.

use serde_json::Value;

/// What follows from a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The treasury had too little: nobody else can help it, and the same payout may be signed again.
    TreasuryShort,
    /// One of the recipients cannot be paid, for this reason, told to a player.
    Recipient(String),
}

/// What a player is told whose address has no account yet, and who is to get less than one needs.
pub(super) const BELOW_RENT: &str = "The account at the address is new, and the amount is below the least that the chain lets an account have.";

/// What a player is told whose token account takes nothing from the faucet.
pub(super) const NOT_THEIRS: &str =
    "The token account of the address belongs to somebody else, or is frozen.";

/// The account that pays for a transaction is always its first.
const TREASURY_INDEX: u64 = 0;
/// `SystemError::ResultWithNegativeLamports` and `TokenError::InsufficientFunds`: the source has too little.
const SOURCE_TOO_LOW: u64 = 1;

/// Reads the chain's error.
pub(super) fn of(error: &Value) -> Failure {
    if let Some(rent) = error.get("InsufficientFundsForRent") {
        return match rent.get("account_index").and_then(Value::as_u64) {
            Some(TREASURY_INDEX) => Failure::TreasuryShort,
            _ => Failure::Recipient(BELOW_RENT.to_owned()),
        };
    }
    if let Some(Value::Array(parts)) = error.get("InstructionError")
        && let [_, cause] = parts.as_slice()
    {
        if cause.get("Custom").and_then(Value::as_u64) == Some(SOURCE_TOO_LOW) {
            return Failure::TreasuryShort;
        }
        return Failure::Recipient(format!("The chain refused the transfer: {cause}."));
    }
    Failure::Recipient(format!("The chain refused the transaction: {error}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_treasury_that_has_too_little_is_nobody_elses_fault() {
        for error in [
            json!({"InstructionError": [3, {"Custom": 1}]}),
            json!({"InsufficientFundsForRent": {"account_index": 0}}),
        ] {
            assert_eq!(of(&error), Failure::TreasuryShort, "{error}");
        }
    }

    #[test]
    fn everything_else_is_told_to_the_recipients() {
        for (error, expected) in [
            (json!({"InsufficientFundsForRent": {"account_index": 4}}), "is new"),
            (json!({"InstructionError": [3, {"Custom": 17}]}), "{\"Custom\":17}"),
            (json!({"InstructionError": [3, "InvalidAccountData"]}), "InvalidAccountData"),
            (json!({"InstructionError": []}), "InstructionError"),
            (json!("AccountNotFound"), "AccountNotFound"),
            (json!(null), "null"),
        ] {
            let Failure::Recipient(reason) = of(&error) else { panic!("{error}") };
            assert!(reason.contains(expected), "{reason}");
        }
    }
}
