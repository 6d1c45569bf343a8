//! The texts that the faucet signs: what vouches for its keys, and receipts.

use crate::api::{FaucetKey, Receipt};
use crate::round::Hash;

/// The text by which a faucet's key vouches for the one that comes after it.
pub fn key_text(faucet: Hash, key: &FaucetKey) -> String {
    let FaucetKey { id, purpose, public_key, from_ms, signature: _ } = key;
    format!(
        "Dripline key\nFaucet: {faucet}\nKey: {id}\nPurpose: {purpose}\nPublic key: {public_key}\nFrom: {from_ms}"
    )
}

/// The text that the server signs as a receipt: every fact of it, one a line, in the order of the fields.
pub fn receipt_text(receipt: &Receipt) -> String {
    let outcome = &receipt.outcome;
    let mut lines = vec![
        "Dripline receipt".to_owned(),
        format!("Faucet: {}", receipt.faucet),
        format!("Round: {}", receipt.round),
        format!("Wallet: {}", receipt.wallet),
        format!("Level: {}", receipt.level),
        format!("Campaign: {}", receipt.campaign),
        format!("Score: {}", outcome.score),
        format!("Stars: {}", outcome.stars),
        format!("Length: {}", outcome.length),
        format!("Base: {}", receipt.base),
    ];
    for factor in &receipt.factors {
        lines.push(format!("Factor {}: {}", factor.name.as_str(), factor.basis_points));
    }
    lines.extend([
        format!("Amount: {} {}", receipt.amount, receipt.asset),
        format!("Balance: {}", receipt.balance),
        format!("Pays again: {}", receipt.pays_again_at_ms),
        format!("Transcript: {}", receipt.transcript),
        format!("Round secret: {}", receipt.round_secret),
        format!("Claimed: {}", receipt.claimed_at_ms),
    ]);
    if let Some(log) = receipt.log {
        lines.extend([format!("Leaf: {}", log.leaf), format!("In the log by: {}", log.by_ms)]);
    }
    lines.push(format!("Key: {}", receipt.key_id));
    lines.join("\n")
}
