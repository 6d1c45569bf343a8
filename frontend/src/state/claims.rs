//! Won rounds whose reward has not arrived yet. They are kept until it has, or until no more can come.

use dripline_shared::api::ClaimRequest;
use dripline_shared::round::RoundId;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use dripline_shared::{json_object, json_wrapper};

/// A claim that is signed and waits for its receipt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PendingClaim {
    /// What is sent.
    pub(crate) request: ClaimRequest,
    /// Whose it is.
    pub(crate) wallet: Wallet,
    /// The level's id.
    pub(crate) level: String,
    /// The score as the page saw it.
    pub(crate) score: u32,
    /// Until when it can be claimed.
    pub(crate) until_ms: Timestamp,
    /// From when it is worth trying again.
    pub(crate) retry_at_ms: Timestamp,
}

json_object!(PendingClaim { request, wallet, level, score, until_ms, retry_at_ms });

/// All of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct PendingClaims(pub(crate) Vec<PendingClaim>);

json_wrapper!(PendingClaims);

impl PendingClaims {
    /// Adds a claim, or replaces what is known of it.
    pub(crate) fn put(&mut self, claim: PendingClaim) {
        self.remove(claim.request.round);
        self.0.push(claim);
    }

    /// Forgets a claim.
    pub(crate) fn remove(&mut self, round: RoundId) {
        self.0.retain(|claim| claim.request.round != round);
    }

    /// Forgets those that came too late.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        self.0.retain(|claim| claim.until_ms > now);
    }

    /// Those of a wallet, the soonest first.
    pub(crate) fn of(&self, wallet: Wallet) -> Vec<PendingClaim> {
        let mut claims: Vec<_> = self.0.iter().filter(|claim| claim.wallet == wallet).cloned().collect();
        claims.sort_by_key(|claim| claim.retry_at_ms);
        claims
    }

    /// One that is worth trying now.
    pub(crate) fn due(&self, wallet: Wallet, now: Timestamp) -> Option<PendingClaim> {
        self.of(wallet).into_iter().find(|claim| claim.retry_at_ms <= now)
    }
}

#[cfg(test)]
mod tests {
    use dripline_shared::json::{FromJson, ToJson};
    use dripline_shared::wallet::Signature;
    use serde_json::{Value, json};

    use super::*;

    fn claim(round: u8, wallet: u8, retry_at: u64) -> PendingClaim {
        PendingClaim {
            request: ClaimRequest { round: RoundId([round; 16]), signature: Signature([1; 64]) },
            wallet: Wallet([wallet; 32]),
            level: "catch-1".to_owned(),
            score: 3,
            until_ms: Timestamp(10_000),
            retry_at_ms: Timestamp(retry_at),
        }
    }

    #[test]
    fn a_claim_is_due_when_its_time_has_come_and_only_for_its_own_wallet() {
        let mut claims = PendingClaims::default();
        claims.put(claim(1, 1, 500));
        claims.put(claim(2, 1, 200));
        claims.put(claim(3, 2, 0));
        assert_eq!(claims.due(Wallet([1; 32]), Timestamp(100)), None);
        assert_eq!(claims.due(Wallet([1; 32]), Timestamp(200)), Some(claim(2, 1, 200)));
        assert_eq!(claims.of(Wallet([1; 32])), [claim(2, 1, 200), claim(1, 1, 500)]);
    }

    #[test]
    fn a_claim_that_is_put_again_replaces_itself() {
        let mut claims = PendingClaims::default();
        claims.put(claim(1, 1, 500));
        claims.put(claim(1, 1, 900));
        assert_eq!(claims.0, [claim(1, 1, 900)]);
        claims.remove(RoundId([1; 16]));
        assert!(claims.0.is_empty());
    }

    #[test]
    fn a_claim_is_forgotten_when_it_can_no_more_be_made() {
        let mut claims = PendingClaims::default();
        claims.put(claim(1, 1, 500));
        claims.expire(Timestamp(9_999));
        assert_eq!(claims.0.len(), 1);
        claims.expire(Timestamp(10_000));
        assert!(claims.0.is_empty());
    }

    #[test]
    fn claims_are_kept_in_the_same_form_and_read_back() {
        let mut claims = PendingClaims::default();
        claims.put(claim(1, 0, 500));
        let kept = json!([{
            "request": { "round": "01".repeat(16), "signature": Signature([1; 64]).to_string() },
            "wallet": "1".repeat(32), "level": "catch-1", "score": 3, "until_ms": 10_000, "retry_at_ms": 500,
        }]);
        assert_eq!(claims.to_json::<Value>(), kept);
        assert_eq!(PendingClaims::from_json(&kept), Some(claims));
        assert_eq!(PendingClaims::from_json(&json!({})), None);
    }
}
