//! The places of the page, and what surrounds them.

pub(crate) mod campaigns;
pub(crate) mod footer;
pub(crate) mod frame;
pub(crate) mod gate;
pub(crate) mod map;
pub(crate) mod notices;
pub(crate) mod round;
pub(crate) mod wallet;

use dripline_shared::round::RoundId;

use crate::app::{Dripline, Visit};
use crate::components::element::Element;
use crate::locales::texts;
use crate::pages::round::RoundPlace;
use crate::pages::wallet::WalletPlace;
use crate::round::claiming::Claimed;
use crate::route::Route;

/// Where the player is, with what belongs to this stay alone.
pub(crate) enum Place {
    /// The level map.
    Map,
    /// A level.
    Round(Box<RoundPlace>),
    /// The wallet.
    Wallet(Box<WalletPlace>),
}

impl Place {
    /// Comes to a place.
    pub(crate) fn enter(route: &Route, dripline: &Dripline, visit: Visit) -> Self {
        match route {
            Route::Map => Self::Map,
            Route::Play(level) => Self::Round(Box::new(RoundPlace::enter(dripline, level, visit))),
            Route::Wallet => Self::Wallet(Box::new(WalletPlace::enter(dripline, visit))),
        }
    }

    /// Its name, for the window's title.
    pub(crate) fn name<'a>(&'a self, dripline: &'a Dripline) -> &'a str {
        match self {
            Self::Map => texts().levels,
            Self::Round(round) => round.name(dripline),
            Self::Wallet(_) => texts().wallet,
        }
    }

    /// What is seen there.
    pub(crate) fn view(&self, dripline: &Dripline) -> Element {
        match self {
            Self::Map => map::view(dripline),
            Self::Round(round) => round.view(dripline),
            Self::Wallet(wallet) => wallet.view(dripline),
        }
    }

    /// A moment has passed.
    pub(crate) fn tick(&mut self, dripline: &Dripline) {
        match self {
            Self::Map => {}
            Self::Round(round) => round.tick(),
            Self::Wallet(wallet) => wallet.tick(dripline),
        }
    }

    /// Whether a round is on the page.
    pub(crate) fn is_playing(&self) -> bool {
        matches!(self, Self::Round(round) if round.is_playing())
    }

    /// Whether something is counted down there.
    pub(crate) fn counts_down(&self, dripline: &Dripline) -> bool {
        match self {
            Self::Map => map::counts_down(dripline),
            Self::Round(round) => round.counts_down(),
            Self::Wallet(_) => wallet::counts_down(dripline),
        }
    }

    /// What the player has was told anew.
    pub(crate) fn wallet_came(&mut self, dripline: &Dripline) {
        if let Self::Wallet(wallet) = self {
            wallet.wallet_came(dripline);
        }
    }

    /// A claim was answered. Tells whether the place waited for that.
    pub(crate) fn claimed(&mut self, dripline: &Dripline, round: RoundId, claimed: Claimed) -> bool {
        match self {
            Self::Round(place) => place.claimed(dripline, round, claimed),
            Self::Map | Self::Wallet(_) => false,
        }
    }
}
