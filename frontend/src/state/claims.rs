//! Won rounds whose reward has not arrived yet. They are kept until it has, or until the player was told that none will.

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
    /// Until when it can be claimed: from then on it is lost.
    pub(crate) until_ms: Timestamp,
    /// From when it is worth trying again.
    pub(crate) retry_at_ms: Timestamp,
}

json_object!(PendingClaim { request, wallet, level, score, until_ms, retry_at_ms });

impl PendingClaim {
    fn is_lost(&self, now: Timestamp) -> bool {
        self.until_ms <= now
    }
}

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

    /// Gives a claim up at `now`: it counts as lost from then on.
    pub(crate) fn give_up(&mut self, round: RoundId, now: Timestamp) {
        for claim in self.0.iter_mut().filter(|claim| claim.request.round == round) {
            claim.until_ms = claim.until_ms.min(now);
        }
    }

    /// Forgets the lost ones, once the player was told of them.
    pub(crate) fn forget_lost(&mut self, now: Timestamp) {
        self.0.retain(|claim| !claim.is_lost(now));
    }

    /// Those of a wallet that can still be made, the soonest first.
    pub(crate) fn waiting(&self, wallet: Wallet, now: Timestamp) -> Vec<&PendingClaim> {
        let mut claims: Vec<_> =
            self.0.iter().filter(|claim| claim.wallet == wallet && !claim.is_lost(now)).collect();
        claims.sort_by_key(|claim| claim.retry_at_ms);
        claims
    }

    /// Those of a wallet that came too late, or were given up.
    pub(crate) fn lost(&self, wallet: Wallet, now: Timestamp) -> Vec<&PendingClaim> {
        self.0.iter().filter(|claim| claim.wallet == wallet && claim.is_lost(now)).collect()
    }

    /// One that is worth trying now, of whichever wallet: it is signed already.
    pub(crate) fn due(&self, now: Timestamp) -> Option<&PendingClaim> {
        let due = self.0.iter().filter(|claim| claim.retry_at_ms <= now && !claim.is_lost(now));
        due.min_by_key(|claim| claim.retry_at_ms)
    }

    /// That of a round.
    pub(crate) fn of_round(&self, round: RoundId) -> Option<&PendingClaim> {
        self.0.iter().find(|claim| claim.request.round == round)
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
    fn a_claim_is_due_when_its_time_has_come_whichever_key_is_in_use() {
        let mut claims = PendingClaims::default();
        claims.put(claim(1, 1, 500));
        claims.put(claim(2, 1, 200));
        claims.put(claim(3, 2, 300));
        assert_eq!(claims.due(Timestamp(100)), None);
        assert_eq!(claims.due(Timestamp(250)), Some(&claim(2, 1, 200)));
        claims.remove(RoundId([2; 16]));
        assert_eq!(claims.due(Timestamp(300)), Some(&claim(3, 2, 300)));
        claims.put(claim(2, 1, 200));
        assert_eq!(claims.waiting(Wallet([1; 32]), Timestamp(200)), [&claim(2, 1, 200), &claim(1, 1, 500)]);
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
    fn a_claim_that_came_too_late_is_lost_and_forgotten_only_once_that_was_told() {
        let mut claims = PendingClaims::default();
        claims.put(claim(1, 1, 500));
        claims.put(PendingClaim { until_ms: Timestamp(20_000), ..claim(2, 1, 500) });
        let wallet = Wallet([1; 32]);
        assert!(claims.lost(wallet, Timestamp(9_999)).is_empty());
        assert_eq!(claims.lost(wallet, Timestamp(10_000)), [&claim(1, 1, 500)]);
        assert_eq!(claims.waiting(wallet, Timestamp(10_000)).len(), 1, "a lost one is not tried any more");
        assert!(claims.lost(Wallet([2; 32]), Timestamp(10_000)).is_empty(), "it is another player's");
        claims.forget_lost(Timestamp(9_999));
        assert_eq!(claims.0.len(), 2);
        claims.forget_lost(Timestamp(10_000));
        assert_eq!(claims.0.len(), 1);
    }

    #[test]
    fn a_claim_that_is_given_up_is_lost_at_once_and_never_later_than_it_was() {
        let mut claims = PendingClaims::default();
        claims.put(claim(1, 1, 500));
        claims.give_up(RoundId([1; 16]), Timestamp(600));
        claims.give_up(RoundId([1; 16]), Timestamp(700));
        assert_eq!(claims.lost(Wallet([1; 32]), Timestamp(600)).len(), 1);
        assert_eq!(claims.due(Timestamp(600)), None);
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
