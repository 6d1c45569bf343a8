//! What the page knows of the faucet and of the player's wallet.

use std::rc::Rc;

use dripline_shared::amount::Amount;
use dripline_shared::api::{CatalogView, LevelView, Receipt, WalletView};
use dripline_shared::level::{Level, Unlock};
use dripline_shared::progress::{LevelProgress, is_unlocked};
use dripline_shared::time::Timestamp;
use yew::Reducible;

use crate::api::Failure;
use crate::state::claims::PendingClaims;

/// Something that is fetched.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fetched<T> {
    /// It has not come yet.
    Waiting,
    /// It is there.
    Ready(Rc<T>),
    /// It did not come.
    Failed(Failure),
}

impl<T> Fetched<T> {
    /// What has come, if it has.
    pub(crate) fn ready(&self) -> Option<&Rc<T>> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Waiting | Self::Failed(_) => None,
        }
    }

    /// After an answer: what was there before is better than a failure.
    fn after(&self, answer: Result<T, Failure>) -> Self
    where
        T: Clone,
    {
        match (answer, self) {
            (Ok(value), _) => Self::Ready(Rc::new(value)),
            (Err(_), Self::Ready(before)) => Self::Ready(Rc::clone(before)),
            (Err(failure), _) => Self::Failed(failure),
        }
    }
}

/// What is known.
#[derive(Debug, Clone, PartialEq)]
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

/// What may change it.
#[derive(Debug)]
pub(crate) enum FaucetAction {
    /// The catalog came, or did not.
    Catalog(Result<CatalogView, Failure>),
    /// The wallet came, or did not.
    Wallet(Result<WalletView, Failure>),
    /// A drip arrived.
    Drip(Box<Receipt>),
    /// The claims that wait changed.
    Claims(PendingClaims),
    /// A player key came into use, in place of whichever was; says whether it has been backed up.
    Player(bool),
    /// The player's key was backed up.
    BackedUp,
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

impl Reducible for FaucetState {
    type Action = FaucetAction;

    fn reduce(self: Rc<Self>, action: FaucetAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            FaucetAction::Catalog(answer) => next.catalog = self.catalog.after(answer),
            FaucetAction::Wallet(answer) => next.wallet = self.wallet.after(answer),
            FaucetAction::Claims(claims) => next.claims = claims,
            FaucetAction::Player(is_backed_up) => {
                next.wallet = Fetched::Waiting;
                next.is_backed_up = is_backed_up;
                next.last_drip = None;
            }
            FaucetAction::BackedUp => next.is_backed_up = true,
            FaucetAction::Drip(receipt) => {
                next.last_drip = Some(Rc::new((*receipt).clone()));
                if let Fetched::Ready(wallet) = &self.wallet {
                    next.wallet = Fetched::Ready(Rc::new(with_drip(wallet, &receipt)));
                }
            }
        }
        Rc::new(next)
    }
}

/// The wallet after a drip, until the server is asked again.
fn with_drip(wallet: &WalletView, receipt: &Receipt) -> WalletView {
    let mut wallet = wallet.clone();
    if wallet.wallet != receipt.wallet {
        return wallet;
    }
    wallet.balance = receipt.balance;
    wallet.drips = wallet.drips.saturating_add(1);
    let progress = wallet.levels.entry(receipt.level.clone()).or_default();
    progress.best_score = progress.best_score.max(receipt.outcome.score);
    progress.best_stars = progress.best_stars.max(receipt.outcome.stars);
    progress.clears = progress.clears.saturating_add(1);
    progress.last_clear_at_ms = receipt.claimed_at_ms;
    progress.pays_again_at_ms = receipt.pays_again_at_ms;
    wallet
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
        let reached = self.wallet.ready().map(|wallet| wallet.levels.clone()).unwrap_or_default();
        if !is_unlocked(level, &reached) {
            return Standing::Locked(match &level.unlock {
                Unlock::Cleared(id) => Lock::Level(self.level_name(id)),
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

    fn level_name(&self, id: &str) -> String {
        self.level(id).map_or_else(|| id.to_owned(), |view| view.level.name.clone())
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
