//! What every place works with.

use std::pin::Pin;

use dripline_shared::api::VoucherLook;
use dripline_shared::statement::Statement;
use dripline_shared::wallet::Signature;
use wasm_bindgen_futures::spawn_local;

use crate::api::Api;
use crate::app::{Asked, Link, Message};
use crate::browser::json;
use crate::keys::Player;
use crate::round::{claiming, keeping};
use crate::state::claims::PendingClaim;
use crate::state::faucet::FaucetState;
use crate::state::journal::Closing;

/// The server, the player, and what is known of both.
pub(crate) struct Dripline {
    /// Takes messages to the page.
    pub(crate) link: Link,
    /// The server.
    pub(crate) api: Api,
    /// Who plays.
    pub(crate) player: Player,
    /// What is known of the faucet and the wallet.
    pub(crate) faucet: FaucetState,
    /// The level of the round in progress here, if there is one.
    pub(crate) in_progress: Option<String>,
    /// Whether that round has ended, and the server is being told of it: no other one can be opened until it has been.
    pub(crate) is_finishing: bool,
}

impl Dripline {
    /// Fetches what the player has.
    pub(crate) fn refresh_wallet(&self) {
        let (api, wallet) = (self.api.clone(), self.player.wallet);
        self.later(async move { Message::Wallet(wallet, api.wallet(wallet).await) });
    }

    /// Fetches the levels, and what they are paid out of.
    pub(crate) fn refresh_catalog(&self) {
        let api = self.api.clone();
        self.later(async move { Message::Catalog(api.catalog().await) });
        self.ask(Asked::Campaigns, "/api/v1/campaigns", None);
        for voucher in &self.faucet.vouchers {
            self.look_at_voucher(voucher.code.clone(), false);
        }
    }

    /// Asks what the code of a voucher is for. `is_entered`: the player has just entered it.
    pub(crate) fn look_at_voucher(&self, code: String, is_entered: bool) {
        let look = VoucherLook { wallet: self.player.wallet, code };
        let body = json::print(&look);
        self.ask(Asked::Voucher(look, is_entered), "/api/v1/vouchers/look", body);
    }

    /// Fetches what the operator has to tell.
    pub(crate) fn refresh_notices(&self) {
        self.ask(Asked::Notices, "/api/v1/notices", None);
    }

    fn ask(&self, asked: Asked, path: &str, body: Option<String>) {
        let (api, path) = (self.api.clone(), path.to_owned());
        self.later(async move { Message::Told(asked, api.ask(path, body).await) });
    }

    /// Fetches what pays out.
    pub(crate) fn refresh_rails(&self) {
        let api = self.api.clone();
        self.later(async move { Message::Rails(api.rails().await) });
    }

    /// Has the server close a round. Where it cannot be reached, the next round opened gives this one up, or the page asks
    /// again when it is opened anew.
    pub(crate) fn close(&self, closing: Closing) {
        let api = self.api.clone();
        self.later(async move {
            let answer = api.end(closing.round, closing.token).await;
            // What it refuses now it will always refuse: the round is gone.
            if answer.err().and_then(|failure| failure.passes_by_itself()).is_none() {
                keeping::forget_closing(&closing);
            }
            Message::Wallet(closing.wallet, api.wallet(closing.wallet).await)
        });
    }

    /// The player's key has a backup now.
    pub(crate) fn backed_up(&mut self) {
        keeping::remember_backup(self.player.key);
        self.faucet.is_backed_up = true;
    }

    /// Has a statement signed by the player. What comes of that is done `then`, whatever the page shows by that time.
    pub(crate) fn sign(&self, statement: &Statement, then: impl FnOnce(Option<Signature>) + 'static) {
        let (signing, then): (_, Box<dyn FnOnce(_)>) = (self.player.sign(statement), Box::new(then));
        spawn_local(async move { then(signing.await) });
    }

    /// Claims a reward. The claim is kept already.
    pub(crate) fn claim(&self, claim: PendingClaim) {
        let (api, round) = (self.api.clone(), claim.request.round);
        self.later(async move { Message::Claimed(round, claiming::claim(&api, claim).await) });
    }

    /// As [`later`].
    pub(crate) fn later(&self, answer: impl Future<Output = Message> + 'static) {
        later(&self.link, answer);
    }
}

/// Tells the page of an answer once it has come.
pub(crate) fn later(link: &Link, answer: impl Future<Output = Message> + 'static) {
    // Without its type: the code that waits is there once, not once for every question.
    let answer: Pin<Box<dyn Future<Output = Message>>> = Box::pin(answer);
    link.send_future(answer);
}
