//! The wallet: what the player has, how it came, and the key that it belongs to.

mod backup;
mod history;
mod payout;
mod read_keys;
mod view;
mod withdrawals;

use dripline_shared::amount::Amount;
use dripline_shared::api::{HistoryPage, WithdrawalPage, WithdrawalView};
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::ClientId;
use dripline_shared::wallet::Wallet;
use yew::NodeRef;

use crate::api::Failure;
use crate::app::{Dripline, Message, Visit};
use crate::browser::{files, page};
use crate::components::element::Element;
use crate::keys::{Backup, BackupError};
use crate::pages::wallet::backup::{RESTORE_TEXT, Restored};
use crate::pages::wallet::history::History;
use crate::pages::wallet::payout::Payout;
use crate::pages::wallet::read_keys::{ReadKeys, Wish};
use crate::pages::wallet::withdrawals::Withdrawals;
use crate::payout::Answer;

/// What a player can press here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Press {
    /// To connect a wallet of the player's own, or to see what there is to do with the one that is connected.
    Connect,
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
    /// To see older withdrawals.
    MoreWithdrawals,
    /// To see the read-only keys.
    ReadKeys,
    /// To make another one.
    MakeReadKey,
    /// To copy the one that was made.
    CopyReadKey,
    /// To revoke this one.
    RevokeReadKey(ClientId),
    /// Something of taking money out.
    Payout(payout::Press),
}

/// What comes that was asked for.
pub(crate) enum Event {
    /// The address was copied, or could not be.
    AddressCopied(bool),
    /// The key was copied, or could not be.
    KeyCopied(bool),
    /// The text of a backup was read, which the player wants whatever it costs, or did not say so.
    BackupRead(bool, Result<Backup, BackupError>),
    /// The entries of this wallet's history before that one.
    History(Wallet, Option<u64>, Result<HistoryPage, Failure>),
    /// The withdrawals of this wallet before that one.
    Withdrawals(Wallet, Option<WithdrawalId>, Result<WithdrawalPage, Failure>),
    /// How a withdrawal stands.
    Withdrawal(Result<Box<WithdrawalView>, Failure>),
    /// What was asked of this wallet's read-only keys was answered; whether one was made.
    ReadKeys(Wallet, bool, Result<String, Failure>),
    /// The read-only key was copied, or could not be.
    ReadKeyCopied(bool),
    /// What this wallet asked for was answered, or was not signed: without a failure, because the player did not want it.
    Answered(Wallet, Result<Answer, Option<Failure>>),
    /// The program for wallets was asked for: nothing where it has come.
    Consulted(Option<Lacking>),
}

/// The program for wallets could not be loaded.
#[derive(Clone, Copy)]
pub(crate) struct Lacking;

/// What belongs to this stay in the wallet.
pub(crate) struct WalletPlace {
    visit: Visit,
    is_copied: bool,
    /// Whether the program for wallets did not come when it was asked for.
    lacking: Option<Lacking>,
    is_key_copied: bool,
    is_key_shown: bool,
    restored: Restored,
    /// Where the text of a backup is entered.
    backup_text: NodeRef,
    history: History,
    payout: Payout,
    withdrawals: Withdrawals,
    read_keys: ReadKeys,
    /// What the lists were fetched for.
    moved: Option<Moved>,
}

/// What changes when money has moved: there is more history then.
type Moved = (u64, Amount);

impl WalletPlace {
    /// Comes to the wallet.
    pub(crate) fn enter(dripline: &Dripline, visit: Visit) -> Self {
        let mut place = Self {
            visit,
            is_copied: false,
            lacking: None,
            is_key_copied: false,
            is_key_shown: false,
            restored: Restored::NotYet,
            backup_text: NodeRef::default(),
            history: History::default(),
            payout: Payout::default(),
            withdrawals: Withdrawals::default(),
            read_keys: ReadKeys::default(),
            moved: moved(dripline),
        };
        dripline.refresh_wallet();
        dripline.refresh_rails();
        place.begin(dripline);
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
            // What else comes of it comes to the page when it is loaded anew.
            Press::Connect => {
                let (asked, visit) = (dripline.player.consult("", 0), self.visit);
                dripline.later(async move {
                    Message::WalletPage(visit, Event::Consulted(asked.await.is_none().then_some(Lacking)))
                });
            }
            Press::Download => backup::download(dripline),
            Press::ToggleKey => {
                self.is_key_shown = !self.is_key_shown;
                self.is_key_copied = false;
            }
            Press::CopyKey => self.copy(dripline, dripline.player.backup(), Event::KeyCopied),
            Press::Written => dripline.backed_up(),
            Press::Restore => backup::read(dripline, self.visit, &self.backup_text, false),
            // The question goes, and the keyboard back to where it came from.
            Press::Replace => {
                self.restored = Restored::NotYet;
                backup::read(dripline, self.visit, &self.backup_text, true);
                page::focus(RESTORE_TEXT);
            }
            Press::Keep => {
                self.restored = Restored::NotYet;
                page::focus(RESTORE_TEXT);
            }
            Press::More => self.fetch_history(dripline, self.history.next_before),
            Press::MoreWithdrawals => {
                withdrawals::fetch(dripline, self.visit, self.withdrawals.next_before());
            }
            Press::ReadKeys => read_keys::ask(&mut self.read_keys, dripline, self.visit, &Wish::List),
            Press::MakeReadKey => read_keys::ask(&mut self.read_keys, dripline, self.visit, &Wish::Make),
            Press::RevokeReadKey(id) => {
                read_keys::ask(&mut self.read_keys, dripline, self.visit, &Wish::Revoke(id));
            }
            Press::CopyReadKey => {
                self.copy(dripline, self.read_keys.secret().unwrap_or_default(), Event::ReadKeyCopied);
            }
            Press::Payout(press) => self.payout.pressed(dripline, self.visit, press),
        }
    }

    /// Something came that was asked for.
    pub(crate) fn happened(&mut self, dripline: &mut Dripline, event: Event) {
        match event {
            Event::AddressCopied(is_copied) => self.is_copied = is_copied,
            // What was copied is not kept yet: that the player says.
            Event::KeyCopied(is_copied) => self.is_key_copied = is_copied,
            Event::BackupRead(has_agreed, backup) => {
                self.restored = backup::restore(dripline, backup, has_agreed);
            }
            Event::History(wallet, before, answer) => {
                if wallet == dripline.player.wallet {
                    self.history.take(before.as_ref(), answer.map(|page| (page.entries, page.next_before)));
                }
            }
            Event::Withdrawals(wallet, before, answer) => {
                if wallet == dripline.player.wallet {
                    self.withdrawals.take(before, answer);
                    self.payout.withdrawals_came(&self.withdrawals);
                }
            }
            Event::Withdrawal(answer) => {
                self.withdrawals.looked(dripline, answer);
                self.payout.withdrawals_came(&self.withdrawals);
            }
            Event::ReadKeys(wallet, is_made, answer) => {
                if wallet == dripline.player.wallet {
                    self.read_keys.answered(is_made, answer);
                }
            }
            Event::Consulted(lacking) => self.lacking = lacking,
            Event::ReadKeyCopied(is_copied) => self.read_keys.copied(is_copied),
            Event::Answered(wallet, answer) => {
                if wallet == dripline.player.wallet
                    && let Some(view) = self.payout.answered(dripline, answer)
                {
                    self.withdrawals.requested(view);
                    // What it has come to may have been told before.
                    self.payout.withdrawals_came(&self.withdrawals);
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
        self.payout = Payout::default();
        self.withdrawals = Withdrawals::default();
        self.read_keys = ReadKeys::default();
        self.begin(dripline);
        self.restored = Restored::Done;
    }

    /// What the player has was told anew: where money has moved there is more to be listed.
    pub(crate) fn wallet_came(&mut self, dripline: &Dripline) {
        let moved = moved(dripline);
        if self.moved.is_some() && moved != self.moved {
            self.fetch_history(dripline, None);
            withdrawals::fetch(dripline, self.visit, None);
        }
        self.moved = moved;
    }

    /// What pays out was told anew, or was not.
    pub(crate) fn rails_came(&mut self, dripline: &Dripline) {
        self.payout.rails_came(dripline);
    }

    /// A moment has passed.
    pub(crate) fn tick(&mut self, dripline: &Dripline) {
        self.withdrawals.tick(dripline, self.visit);
    }

    /// What is seen is on the page now.
    pub(crate) fn rendered(&mut self) {
        self.payout.rendered();
    }

    /// What is seen.
    pub(crate) fn view(&self, dripline: &Dripline) -> Element {
        view::view(self, dripline)
    }

    /// Fetches what belongs to the wallet, and asks again for what it was not answered.
    fn begin(&mut self, dripline: &Dripline) {
        self.fetch_history(dripline, None);
        withdrawals::fetch(dripline, self.visit, None);
        self.payout.resume(dripline, self.visit);
    }

    fn fetch_history(&self, dripline: &Dripline, before: Option<u64>) {
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

/// Whether something is counted down in the wallet.
pub(super) fn counts_down(dripline: &Dripline) -> bool {
    !dripline.faucet.claims.0.is_empty() || payout::counts_down(dripline)
}

fn moved(dripline: &Dripline) -> Option<Moved> {
    dripline.faucet.wallet.ready().map(|wallet| (wallet.drips, wallet.balance))
}
