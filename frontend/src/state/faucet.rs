//! What the page knows of the faucet and of the player's wallet.

use std::collections::BTreeMap;
use std::rc::Rc;

use dripline_shared::amount::Amount;
use dripline_shared::api::{CatalogView, LevelView, Receipt, WalletView};
use dripline_shared::level::{Level, Unlock};
use dripline_shared::progress::{LevelProgress, is_unlocked};
use dripline_shared::time::Timestamp;

use crate::api::Failure;
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
    /// Won rounds whose reward has not arrived.
    pub(crate) claims: PendingClaims,
    /// Whether the player's key has been backed up.
    pub(crate) is_backed_up: bool,
    /// The receipt of the drip that arrived last while the page was open.
    pub(crate) last_drip: Option<Rc<Receipt>>,
}

impl Default for FaucetState {
    fn default() -> Self {
        Self {
            catalog: Fetched::Waiting,
            wallet: Fetched::Waiting,
            claims: PendingClaims::default(),
            is_backed_up: false,
            last_drip: None,
        }
    }
}

impl FaucetState {
    /// A player key came into use, in place of whichever was.
    pub(crate) fn welcome(&mut self, is_backed_up: bool) {
        self.wallet = Fetched::Waiting;
        self.is_backed_up = is_backed_up;
        self.last_drip = None;
    }

    /// A drip arrived.
    pub(crate) fn drip(&mut self, receipt: &Rc<Receipt>) {
        self.last_drip = Some(Rc::clone(receipt));
        if let Fetched::Ready(wallet) = &mut self.wallet {
            add_drip(wallet, receipt);
        }
    }
}

/// Adds a drip to what the wallet has, until the server is asked again.
fn add_drip(wallet: &mut WalletView, receipt: &Receipt) {
    if wallet.wallet != receipt.wallet {
        return;
    }
    wallet.balance = receipt.balance;
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
        let nothing = BTreeMap::new();
        let reached = self.wallet.ready().map_or(&nothing, |wallet| &wallet.levels);
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

    /// The name of the level of this id; the id where there is no such level.
    pub(crate) fn level_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.level(id).map_or(id, |view| &view.level.name)
    }

    /// The level of this id.
    pub(crate) fn level(&self, id: &str) -> Option<&LevelView> {
        self.catalog.ready()?.levels.iter().find(|view| view.id == id)
    }

    /// The level after this one in the same game.
    pub(crate) fn next_level(&self, id: &str) -> Option<&LevelView> {
        let levels = &self.catalog.ready()?.levels;
        let at = levels.iter().position(|view| view.id == id)?;
        let game = &levels.get(at)?.game;
        levels.get(at.saturating_add(1)..)?.iter().find(|view| view.game == *game)
    }

    /// An amount of the faucet's asset, for people.
    pub(crate) fn money(&self, amount: Amount) -> String {
        self.catalog.ready().map_or_else(String::new, |catalog| catalog.asset.format(amount))
    }
}
