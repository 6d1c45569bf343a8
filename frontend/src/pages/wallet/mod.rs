//! The wallet: what the player has, how it came, and the key that it belongs to.

mod backup;
mod history;
mod view;

use dripline_shared::api::HistoryPage;
use dripline_shared::wallet::Wallet;
use yew::NodeRef;

use crate::api::Failure;
use crate::app::{Dripline, Message, Visit};
use crate::browser::{files, page};
use crate::components::element::Element;
use crate::pages::wallet::backup::{RESTORE_TEXT, Restored};
use crate::pages::wallet::history::History;

/// What a player can press here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Press {
    /// To copy the address.
    CopyAddress,
    /// To save a backup as a file.
    Download,
    /// To see the key, or to hide it.
    ToggleKey,
    /// To copy the key.
    CopyKey,
    /// To say that the key was written down.
    Written,
    /// To take the key of a backup.
    Restore,
    /// To take it though something is lost with the present key.
    Replace,
    /// To keep the present key.
    Keep,
    /// To see older entries of the history.
    More,
}

/// What comes that was asked for.
pub(crate) enum Event {
    /// The address was copied, or could not be.
    AddressCopied(bool),
    /// The key was copied, or could not be.
    KeyCopied(bool),
    /// The entries of this wallet's history before that one.
    History(Wallet, Option<u64>, Result<HistoryPage, Failure>),
}

/// What belongs to this stay in the wallet.
pub(crate) struct WalletPlace {
    visit: Visit,
    is_copied: bool,
    is_key_copied: bool,
    is_key_shown: bool,
    restored: Restored,
    /// Where the text of a backup is entered.
    backup_text: NodeRef,
    history: History,
    /// The drips that the history was fetched for.
    drips: Option<u64>,
}

impl WalletPlace {
    /// Comes to the wallet.
    pub(crate) fn enter(dripline: &Dripline, visit: Visit) -> Self {
        let place = Self {
            visit,
            is_copied: false,
            is_key_copied: false,
            is_key_shown: false,
            restored: Restored::NotYet,
            backup_text: NodeRef::default(),
            history: History::default(),
            drips: drips(dripline),
        };
        dripline.refresh_wallet();
        place.fetch(dripline, None);
        place
    }

    /// The stay that this is.
    pub(crate) fn visit(&self) -> Visit {
        self.visit
    }

    /// The player pressed something.
    pub(crate) fn pressed(&mut self, dripline: &mut Dripline, press: Press) {
        match press {
            Press::CopyAddress => {
                self.copy(dripline, dripline.player.wallet.to_string(), Event::AddressCopied);
            }
            Press::Download => backup::download(dripline),
            Press::ToggleKey => {
                self.is_key_shown = !self.is_key_shown;
                self.is_key_copied = false;
            }
            Press::CopyKey => self.copy(dripline, dripline.player.backup(), Event::KeyCopied),
            Press::Written => dripline.backed_up(),
            Press::Restore => self.restored = backup::restore(dripline, &self.backup_text, false),
            // The question goes, and the keyboard back to where it came from.
            Press::Replace => {
                self.restored = backup::restore(dripline, &self.backup_text, true);
                page::focus(RESTORE_TEXT);
            }
            Press::Keep => {
                self.restored = Restored::NotYet;
                page::focus(RESTORE_TEXT);
            }
            Press::More => self.fetch(dripline, self.history.next_before),
        }
    }

    /// Something came that was asked for.
    pub(crate) fn happened(&mut self, dripline: &Dripline, event: Event) {
        match event {
            Event::AddressCopied(is_copied) => self.is_copied = is_copied,
            // What was copied is not kept yet: that the player says.
            Event::KeyCopied(is_copied) => self.is_key_copied = is_copied,
            Event::History(wallet, before, answer) => {
                if wallet == dripline.player.wallet {
                    self.history.take(before, answer);
                }
            }
        }
    }

    /// A backup was restored, and its key is in use.
    pub(crate) fn restored(&mut self, dripline: &Dripline) {
        backup::forget_text(&self.backup_text);
        self.is_copied = false;
        self.is_key_copied = false;
        self.history = History::default();
        self.fetch(dripline, None);
        self.restored = Restored::Done;
    }

    /// What the player has was told anew: with another drip there is more history.
    pub(crate) fn wallet_came(&mut self, dripline: &Dripline) {
        let drips = drips(dripline);
        if self.drips.is_some() && drips != self.drips {
            self.fetch(dripline, None);
        }
        self.drips = drips;
    }

    /// What is seen.
    pub(crate) fn view(&self, dripline: &Dripline) -> Element {
        view::view(self, dripline)
    }

    fn fetch(&self, dripline: &Dripline, before: Option<u64>) {
        let (api, wallet, visit) = (dripline.api.clone(), dripline.player.wallet, self.visit);
        dripline.later(async move {
            let answer = api.history(wallet, before).await;
            Message::WalletPage(visit, Event::History(wallet, before, answer))
        });
    }

    fn copy(&self, dripline: &Dripline, text: String, event: fn(bool) -> Event) {
        let visit = self.visit;
        dripline.later(async move { Message::WalletPage(visit, event(files::copy(&text).await)) });
    }
}

fn drips(dripline: &Dripline) -> Option<u64> {
    dripline.faucet.wallet.ready().map(|wallet| wallet.drips)
}
