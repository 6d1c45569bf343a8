//! What the chain says of whether a transaction has paid a withdrawal.

use serde::Deserialize;
use serde_json::Value;
use solana_address::Address;

use super::{Solana, Token, address};
use crate::payout::transfers::{asset_named, transfer};
use crate::payout::{Evidence, RailError};
use crate::store::record::WithdrawalRecord;

/// A transaction with what it moved.
#[derive(Debug, Deserialize)]
struct Executed {
    transaction: Signed,
    meta: Meta,
}

#[derive(Debug, Deserialize)]
struct Signed {
    message: Message,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    account_keys: Vec<String>,
}

/// Balances before and after, those of coins in the order of the accounts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    #[serde(deserialize_with = "Option::deserialize")]
    err: Option<Value>,
    pre_balances: Vec<u64>,
    post_balances: Vec<u64>,
    #[serde(default)]
    pre_token_balances: Vec<TokenBalance>,
    #[serde(default)]
    post_token_balances: Vec<TokenBalance>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenBalance {
    mint: String,
    #[serde(default)]
    owner: Option<String>,
    ui_token_amount: TokenAmount,
}

#[derive(Debug, Deserialize)]
struct TokenAmount {
    amount: String,
}

impl Solana {
    /// Asks one endpoint: the operator who says that it was paid is another witness.
    pub(super) fn evidence_of(
        &self,
        withdrawal: &WithdrawalRecord,
        transaction: &str,
    ) -> Result<Evidence, RailError> {
        let asset = asset_named(&self.assets, &withdrawal.asset)?;
        let (to, amount) = transfer(withdrawal, u128::from(asset.scale), address::payable)?;
        let executed: Option<Executed> = self.rpc.any(|endpoint| {
            endpoint.check_chain(&self.genesis_hash)?;
            endpoint.transaction(transaction)
        })?;
        Ok(judge(executed.as_ref(), asset.token, &to, amount))
    }
}

/// Judges. Pure.
fn judge(executed: Option<&Executed>, token: Option<Token>, to: &Address, amount: u128) -> Evidence {
    let Some(Executed { transaction, meta }) = executed else {
        return Evidence::against("the chain has no such transaction that is finalized");
    };
    if let Some(error) = &meta.err {
        return Evidence::against(format!("it was executed and failed, so it has paid nobody: {error}"));
    }
    let to = to.to_string();
    let (before, after) = match token {
        None => {
            let place = transaction.message.account_keys.iter().position(|key| *key == to);
            let of = |balances: &[u64]| place.and_then(|place| balances.get(place)).copied().unwrap_or(0);
            (u128::from(of(&meta.pre_balances)), u128::from(of(&meta.post_balances)))
        }
        Some(token) => {
            let mint = token.mint.to_string();
            let of = |balances: &[TokenBalance]| {
                let theirs = balances.iter().filter(|it| it.mint == mint && it.owner.as_ref() == Some(&to));
                let amounts = theirs.filter_map(|it| it.ui_token_amount.amount.parse::<u128>().ok());
                amounts.fold(0, u128::saturating_add)
            };
            (of(&meta.pre_token_balances), of(&meta.post_token_balances))
        }
    };
    let paid = after.saturating_sub(before);
    if paid < amount {
        return Evidence::against(format!(
            "it has paid {paid} of the chain's units to {to}, and the withdrawal is owed {amount}"
        ));
    }
    Evidence::Pays { nonce: None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MINT: &str = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";

    fn to() -> Address {
        Address::from([7; 32])
    }

    fn executed(err: &Value) -> Executed {
        let owned = |owner: &str, amount: &str| json!({"accountIndex": 2, "mint": MINT, "owner": owner, "uiTokenAmount": {"amount": amount, "decimals": 6}});
        let (to, treasury) = (to().to_string(), "treasury");
        serde_json::from_value(json!({
            "slot": 5,
            "transaction": {"signatures": [], "message": {"accountKeys": [treasury, to, "program"], "header": {}}},
            "meta": {
                "err": err, "fee": 5000,
                "preBalances": [9_000, 100, 1], "postBalances": [8_000, 600, 1],
                "preTokenBalances": [owned(treasury, "900")],
                "postTokenBalances": [owned(treasury, "600"), owned(&to, "300")],
            },
        }))
        .unwrap()
    }

    fn is_against(evidence: &Evidence, words: &str) -> bool {
        matches!(evidence, Evidence::Contradicts { why } if why.contains(words))
    }

    #[test]
    fn what_an_account_has_more_afterwards_is_what_it_was_paid() {
        let executed = executed(&Value::Null);
        assert_eq!(judge(Some(&executed), None, &to(), 500), Evidence::Pays { nonce: None });
        assert!(is_against(&judge(Some(&executed), None, &to(), 501), "has paid 500"));
        let another = Address::from([8; 32]);
        assert!(is_against(&judge(Some(&executed), None, &another, 1), "has paid 0"));
        let token = Some(Token { mint: address::any(MINT).unwrap(), decimals: 6 });
        assert_eq!(judge(Some(&executed), token, &to(), 300), Evidence::Pays { nonce: None });
        assert!(is_against(&judge(Some(&executed), token, &to(), 301), "has paid 300"));
        let other = Some(Token { mint: another, decimals: 6 });
        assert!(is_against(&judge(Some(&executed), other, &to(), 1), "has paid 0"));
    }

    #[test]
    fn what_is_not_there_or_failed_pays_nobody() {
        assert!(is_against(&judge(None, None, &to(), 1), "no such transaction"));
        let failed = executed(&json!({"InstructionError": [0, {"Custom": 1}]}));
        assert!(is_against(&judge(Some(&failed), None, &to(), 1), "failed"));
    }
}
