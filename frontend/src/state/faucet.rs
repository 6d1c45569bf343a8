//! What the page knows of the faucet and of the player's wallet.

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::{
    AddressView, CampaignView, CatalogView, LevelView, Notices, RailList, Receipt, WalletView,
};
use dripline_shared::level::{Level, Unlock};
use dripline_shared::progress::{LevelProgress, is_unlocked};
use dripline_shared::round::{CLAIM_WINDOW_MS, Timing};
use dripline_shared::time::Timestamp;

use crate::api::Failure;
use crate::state::campaigns::{Entered, Voucher};
use crate::state::claims::PendingClaims;

/// Something that is fetched.
pub(crate) enum Fetched<T> {
    /// It has not come yet.
    Waiting,
    /// It is there.
    Ready(T),
    /// It did not come.
    Failed(Failure),
}

impl<T> Fetched<T> {
    /// What has come, if it has.
    pub(crate) fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Waiting | Self::Failed(_) => None,
        }
    }

    /// It is asked for again: what is known stays until then.
    pub(crate) fn retry(&mut self) {
        if matches!(self, Self::Failed(_)) {
            *self = Self::Waiting;
        }
    }

    /// Takes an answer: what was there before is better than a failure.
    pub(crate) fn take(&mut self, answer: Result<T, Failure>) {
        match (answer, &self) {
            (Ok(value), _) => *self = Self::Ready(value),
            (Err(_), Self::Ready(_)) => {}
            (Err(failure), _) => *self = Self::Failed(failure),
        }
    }
}

/// What is known.
pub(crate) struct FaucetState {
    /// The faucet's levels and what they pay.
    pub(crate) catalog: Fetched<CatalogView>,
    /// What the player has.
    pub(crate) wallet: Fetched<WalletView>,
    /// What the levels are paid out of. Some levels may be shown without.
    pub(crate) campaigns: Fetched<Vec<CampaignView>>,
    /// The vouchers that are kept.
    pub(crate) vouchers: Vec<Voucher>,
    /// What became of the code that was entered last.
    pub(crate) entered: Entered,
    /// What the operator has to tell, once it has come.
    pub(crate) notices: Option<Notices>,
    /// What pays out.
    pub(crate) rails: Fetched<RailList>,
    /// Won rounds whose reward has not arrived.
    pub(crate) claims: PendingClaims,
    /// Whether the player's key has been backed up.
    pub(crate) is_backed_up: bool,
}

impl Default for FaucetState {
    fn default() -> Self {
        Self {
            catalog: Fetched::Waiting,
            wallet: Fetched::Waiting,
            campaigns: Fetched::Waiting,
            vouchers: Vec::new(),
            entered: Entered::Nothing,
            notices: None,
            rails: Fetched::Waiting,
            claims: PendingClaims::default(),
            is_backed_up: false,
        }
    }
}

impl FaucetState {
    /// A player key came into use, in place of whichever was.
    pub(crate) fn welcome(&mut self, is_backed_up: bool) {
        self.wallet = Fetched::Waiting;
        self.is_backed_up = is_backed_up;
    }

    /// A drip arrived.
    pub(crate) fn drip(&mut self, receipt: &Receipt) {
        if let Fetched::Ready(wallet) = &mut self.wallet {
            add_drip(wallet, receipt);
        }
    }

    /// The player said where to be paid by a rail.
    pub(crate) fn paid_at(&mut self, address: AddressView) {
        if let Fetched::Ready(wallet) = &mut self.wallet {
            wallet.addresses.retain(|before| before.rail != address.rail);
            wallet.addresses.push(address);
        }
    }
}

/// Adds a drip to what the wallet has, until the server is asked again.
fn add_drip(wallet: &mut WalletView, receipt: &Receipt) {
    if wallet.wallet != receipt.wallet {
        return;
    }
    wallet.balance = receipt.balance;
    if let Some(money) = wallet.money.get_mut(&receipt.asset) {
        money.balance = receipt.balance;
    }
    wallet.drips = wallet.drips.saturating_add(1);
    let progress = wallet.levels.entry(receipt.level.clone()).or_default();
    progress.best_score = progress.best_score.max(receipt.outcome.score);
    progress.best_stars = progress.best_stars.max(receipt.outcome.stars);
    progress.clears = progress.clears.saturating_add(1);
    progress.last_clear_at_ms = receipt.claimed_at_ms;
    progress.pays_again_at_ms = receipt.pays_again_at_ms;
}

/// How a level stands for the player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It can be played, and pays.
    Open,
    /// It can be played; its reward arrives from then on.
    Resting(Timestamp),
    /// It cannot be played yet.
    Locked(Lock),
    /// What the player has is not known: it may be locked, unless nothing unlocks it, and it may rest.
    Unknown,
}

/// What must be reached first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lock {
    /// The level of this name must be cleared.
    Level(String),
    /// So many stars are missing.
    Stars(u32),
}

impl FaucetState {
    /// What the player reached in a level.
    pub(crate) fn progress(&self, level: &str) -> LevelProgress {
        let reached = self.wallet.ready().and_then(|wallet| wallet.levels.get(level));
        reached.copied().unwrap_or_default()
    }

    /// How a level stands at `now`.
    pub(crate) fn standing(&self, level: &Level, now: Timestamp) -> Standing {
        let Some(wallet) = self.wallet.ready() else { return Standing::Unknown };
        let reached = &wallet.levels;
        if !is_unlocked(level, reached) {
            return Standing::Locked(match &level.unlock {
                Unlock::Cleared(id) => Lock::Level(self.level_name(id).to_owned()),
                Unlock::Stars(needed) => {
                    let stars = reached.values().map(|progress| u32::from(progress.best_stars)).sum();
                    Lock::Stars(needed.saturating_sub(stars))
                }
                Unlock::Open => Lock::Stars(0),
            });
        }
        let rests_until = self.progress(&level.id).pays_again_at_ms;
        if rests_until > now { Standing::Resting(rests_until) } else { Standing::Open }
    }

    /// From when a win of now in a level that rests until `until` would be paid: after what limits the wallet, and after
    /// the rewards of this level that are on their way already, each of which is followed by a rest. And whether it can
    /// still be claimed then. `None` where a limit does not say when it passes.
    pub(crate) fn paid_from(
        &self,
        level: &Level,
        until: Timestamp,
        now: Timestamp,
    ) -> Option<(Timestamp, bool)> {
        let view = self.wallet.ready()?;
        let limited = view.limits.iter().map(|limit| limit.until_ms);
        let start = limited.into_iter().try_fold(until, |latest, limit| Some(latest.max(limit?)))?;
        let before =
            self.claims.waiting(view.wallet, now).into_iter().filter(|claim| claim.level == level.id);
        let from = before.fold(start, |from, _| from.plus(level.cooldown_ms));
        Some((from, from < Timing::of(level).expires_at(now).plus(CLAIM_WINDOW_MS)))
    }

    /// The name of the level of this id; the id where there is no such level.
    pub(crate) fn level_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.level(id).map_or(id, |view| &view.level.name)
    }

    /// The level of this id, as it pays this player most.
    pub(crate) fn level(&self, id: &str) -> Option<&LevelView> {
        let view = self.catalog.ready()?.levels.iter().find(|view| view.id == id)?;
        Some(self.at_best(view))
    }

    /// The level after this one in the same game.
    pub(crate) fn next_level(&self, id: &str) -> Option<&LevelView> {
        let levels = &self.catalog.ready()?.levels;
        let at = levels.iter().position(|view| view.id == id)?;
        let game = &levels.get(at)?.game;
        levels.get(at.saturating_add(1)..)?.iter().find(|view| view.game == *game)
    }

    /// The asset of this code: one that the faucet pays or ever paid. How others are written is not known.
    pub(crate) fn asset(&self, code: &str) -> Option<&Asset> {
        self.catalog.ready()?.assets.iter().find(|asset| asset.code == code)
    }

    /// An amount of the asset of this code, for people.
    pub(crate) fn money_of(&self, code: &str, amount: Amount) -> String {
        self.asset(code).map_or_else(|| ["– ", code].concat(), |asset| asset.format(amount))
    }

    /// Whether drips are play money. That is said wherever the balance is.
    pub(crate) fn is_play_money(&self) -> bool {
        self.catalog.ready().is_some_and(|catalog| catalog.is_play_money)
    }

    /// An amount of the faucet's asset, for people.
    pub(crate) fn money(&self, amount: Amount) -> String {
        self.catalog.ready().map_or_else(String::new, |catalog| catalog.asset.format(amount))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use dripline_shared::api::{ClaimRequest, Reason};
    use dripline_shared::catalog::Catalog;
    use dripline_shared::error::Code;
    use dripline_shared::round::{Hash, RoundId};
    use dripline_shared::time::{DAY_MS, HOUR_MS};
    use dripline_shared::wallet::{Signature, Wallet};

    use super::*;
    use crate::state::claims::PendingClaim;

    const NOW: Timestamp = Timestamp(1_000);
    const WALLET: Wallet = Wallet([1; 32]);

    fn levels() -> Vec<Level> {
        Catalog::first_run().levels
    }

    /// What is known of a wallet that has nothing yet, but these limits.
    fn faucet(limits: Vec<Reason>) -> FaucetState {
        let wallet = WalletView {
            wallet: WALLET,
            balance: Amount::ZERO,
            money: BTreeMap::new(),
            addresses: Vec::new(),
            drips: 0,
            streak_days: 0,
            levels: BTreeMap::new(),
            attempts_left: 10,
            open_round: None,
            limits,
            server_time_ms: NOW,
        };
        FaucetState { wallet: Fetched::Ready(wallet), ..FaucetState::default() }
    }

    #[test]
    fn a_wallet_that_is_not_known_is_no_empty_one() {
        for unknown in [Fetched::Waiting, Fetched::Failed(Failure::Network)] {
            let faucet = FaucetState { wallet: unknown, ..FaucetState::default() };
            assert!(levels().iter().all(|level| faucet.standing(level, NOW) == Standing::Unknown));
        }
        let faucet = faucet(Vec::new());
        for level in levels() {
            let is_open = faucet.standing(&level, NOW) == Standing::Open;
            assert_eq!(is_open, level.unlock == Unlock::Open, "{}", level.id);
        }
    }

    #[test]
    fn an_address_takes_the_place_of_the_one_of_its_rail_alone() {
        let address = |rail: &str, address: &str| AddressView {
            rail: rail.to_owned(),
            address: address.to_owned(),
            set_at_ms: NOW,
            usable_from_ms: NOW,
        };
        let mut faucet = faucet(Vec::new());
        for (rail, to) in [("sandbox", "here"), ("other", "elsewhere"), ("sandbox", "there")] {
            faucet.paid_at(address(rail, to));
        }
        let kept = faucet.wallet.ready().map(|wallet| wallet.addresses.clone());
        assert_eq!(kept, Some(vec![address("other", "elsewhere"), address("sandbox", "there")]));
    }

    #[test]
    fn an_asset_that_the_faucet_ever_paid_is_written_with_its_decimals() {
        let asset = |code: &str, decimals| Asset { code: code.to_owned(), decimals };
        let mut faucet = faucet(Vec::new());
        assert_eq!(faucet.asset("USDC"), None);
        faucet.catalog = Fetched::Ready(CatalogView {
            version: Hash([0; 32]),
            faucet: Hash([0; 32]),
            asset: asset("DRIP", 6),
            assets: vec![asset("DRIP", 6), asset("USDC", 2)],
            levels: Vec::new(),
            campaigns: Vec::new(),
            typical_hour: Amount::ZERO,
            is_play_money: false,
            server_time_ms: NOW,
        });
        assert_eq!(faucet.asset("USDC"), Some(&asset("USDC", 2)));
        assert_eq!(faucet.asset("MOON"), None);
        assert_eq!(faucet.money_of("USDC", Amount::from_units(150)), "1.5 USDC");
    }

    #[test]
    fn asking_again_forgets_a_failure_and_nothing_else() {
        let mut failed = Fetched::<u8>::Failed(Failure::Network);
        failed.retry();
        assert!(matches!(failed, Fetched::Waiting));
        let mut known = Fetched::Ready(7);
        known.retry();
        assert_eq!(known.ready(), Some(&7));
    }

    #[test]
    fn a_win_is_paid_after_the_rest_unless_it_cannot_be_claimed_for_so_long() {
        let (faucet, level) = (faucet(Vec::new()), levels().remove(0));
        let soon = NOW.plus(HOUR_MS);
        assert_eq!(faucet.paid_from(&level, soon, NOW), Some((soon, true)));
        let late = NOW.plus(2 * DAY_MS);
        assert_eq!(faucet.paid_from(&level, late, NOW), Some((late, false)));
        assert_eq!(FaucetState::default().paid_from(&level, soon, NOW), None, "nothing is known");
    }

    #[test]
    fn a_win_is_paid_after_the_limits_too_and_at_no_known_time_where_they_tell_none() {
        let limit =
            |until_ms| Reason { code: Code::DripsUsedUp, message: String::new(), subject: None, until_ms };
        let level = levels().remove(0);
        let (until, later) = (NOW.plus(HOUR_MS), NOW.plus(2 * HOUR_MS));
        let limited = faucet(vec![limit(Some(later)), limit(Some(NOW))]);
        assert_eq!(limited.paid_from(&level, until, NOW), Some((later, true)));
        let endless = faucet(vec![limit(Some(later)), limit(None)]);
        assert_eq!(endless.paid_from(&level, until, NOW), None);
    }

    #[test]
    fn a_win_is_paid_after_those_that_wait_already() {
        let mut faucet = faucet(Vec::new());
        let level = Level { cooldown_ms: 10 * HOUR_MS, ..levels().remove(0) };
        let until = NOW.plus(HOUR_MS);
        for (round, wallet, id) in [
            (1, WALLET, &level.id[..]),
            (2, WALLET, &level.id),
            (3, WALLET, "another"),
            (4, Wallet([2; 32]), &level.id),
        ] {
            faucet.claims.put(PendingClaim {
                request: ClaimRequest { round: RoundId([round; 16]), signature: Signature([1; 64]) },
                wallet,
                level: id.to_owned(),
                score: 30,
                until_ms: NOW.plus(DAY_MS),
                retry_at_ms: NOW,
            });
        }
        assert_eq!(faucet.paid_from(&level, until, NOW), Some((until.plus(20 * HOUR_MS), true)));
        let until = NOW.plus(6 * HOUR_MS);
        assert_eq!(faucet.paid_from(&level, until, NOW), Some((until.plus(20 * HOUR_MS), false)));
    }
}
