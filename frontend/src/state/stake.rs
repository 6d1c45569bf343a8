//! What a player would lose with the key of this browser.

use dripline_shared::amount::Amount;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::state::faucet::FaucetState;

/// What belongs to a key, and would go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stake {
    /// Its balance and its drips; `None` where the server has not told.
    pub(crate) owned: Option<(Amount, u64)>,
    /// How many rewards are on their way to it.
    pub(crate) claims: u64,
    /// Whether a round of its is in progress.
    pub(crate) has_round: bool,
}

impl Stake {
    /// What would be lost with the key of `wallet`; `None` where that is known to be nothing.
    pub(crate) fn of(faucet: &FaucetState, wallet: Wallet, has_round: bool, now: Timestamp) -> Option<Self> {
        let nothing = Self { owned: Some((Amount::ZERO, 0)), claims: 0, has_round: false };
        let stake = if faucet.is_backed_up {
            // A backup brings back all but a round: only one is kept, and the other key's takes its place.
            Self { has_round, ..nothing }
        } else {
            let owned = faucet.wallet.ready().map(|view| (view.balance, view.drips));
            let claims = u64::try_from(faucet.claims.waiting(wallet, now).len()).unwrap_or(u64::MAX);
            Self { owned, claims, has_round }
        };
        (stake != nothing).then_some(stake)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use dripline_shared::api::{ClaimRequest, WalletView};
    use dripline_shared::round::RoundId;
    use dripline_shared::wallet::Signature;

    use super::*;
    use crate::api::Failure;
    use crate::state::claims::PendingClaim;
    use crate::state::faucet::Fetched;

    const WALLET: Wallet = Wallet([1; 32]);
    const NOW: Timestamp = Timestamp(1_000);

    fn faucet(balance: u32, drips: u64) -> FaucetState {
        let wallet = WalletView {
            wallet: WALLET,
            balance: Amount::from_units(balance),
            money: BTreeMap::new(),
            addresses: Vec::new(),
            drips,
            streak_days: 0,
            levels: BTreeMap::new(),
            attempts_left: 10,
            open_round: None,
            limits: Vec::new(),
            server_time_ms: NOW,
        };
        FaucetState { wallet: Fetched::Ready(wallet), ..FaucetState::default() }
    }

    fn stake(faucet: &FaucetState) -> Option<Stake> {
        Stake::of(faucet, WALLET, false, NOW)
    }

    #[test]
    fn a_key_that_is_known_to_own_nothing_can_be_lost() {
        assert_eq!(stake(&faucet(0, 0)), None);
    }

    #[test]
    fn money_drips_claims_and_a_round_each_are_something_to_lose() {
        assert!(stake(&faucet(1, 0)).is_some());
        assert!(stake(&faucet(0, 1)).is_some());
        assert!(Stake::of(&faucet(0, 0), WALLET, true, NOW).is_some());
        let mut waits = faucet(0, 0);
        waits.claims.put(PendingClaim {
            request: ClaimRequest { round: RoundId([1; 16]), signature: Signature([1; 64]) },
            wallet: WALLET,
            level: "catch-1".to_owned(),
            score: 30,
            until_ms: Timestamp(5_000),
            retry_at_ms: NOW,
        });
        assert_eq!(stake(&waits).map(|stake| stake.claims), Some(1));
        assert_eq!(Stake::of(&waits, Wallet([2; 32]), false, NOW), None, "it is another key's");
    }

    #[test]
    fn what_is_not_known_may_be_lost_too() {
        for unknown in [Fetched::Waiting, Fetched::Failed(Failure::Network)] {
            let faucet = FaucetState { wallet: unknown, ..FaucetState::default() };
            assert_eq!(stake(&faucet).map(|stake| stake.owned), Some(None));
        }
    }

    #[test]
    fn with_a_backup_nothing_is_lost_but_a_round_in_progress() {
        let backed_up = FaucetState { is_backed_up: true, ..faucet(9, 9) };
        let stake_with_round = Stake::of(&backed_up, WALLET, true, NOW);
        assert_eq!(
            stake_with_round.map(|stake| (stake.owned, stake.claims)),
            Some((Some((Amount::ZERO, 0)), 0))
        );
        assert_eq!(stake(&FaucetState { is_backed_up: true, ..faucet(9, 9) }), None);
        assert_eq!(stake(&FaucetState { is_backed_up: true, ..FaucetState::default() }), None);
    }
}
