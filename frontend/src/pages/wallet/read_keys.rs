//! Read-only keys: for programs that keep books of what a player earns.

use dripline_shared::api::{IssuedReadKey, ReadKeyList, ReadKeyListRequest, ReadKeyView};
use dripline_shared::round::ClientId;
use dripline_shared::statement::{Act, Statement};
use dripline_shared::wallet::Signature;

use crate::api::{self, Failure};
use crate::app::{self, Dripline, Message, Visit, later};
use crate::browser::{edge, json, page};
use crate::components::element::{Element, Name, button, element, text};
use crate::components::notice::{Weight, notice};
use crate::format::fill;
use crate::locales::failures::explain;
use crate::locales::texts;
use crate::pages::wallet::view::copy_button;
use crate::pages::wallet::{Event, Press};

/// The read-only keys, as far as they were asked for.
#[derive(Default)]
pub(super) struct ReadKeys {
    /// Those that hold.
    held: Option<Vec<ReadKeyView>>,
    /// The one that was made in this stay: it is never told again.
    made: Option<IssuedReadKey>,
    is_copied: bool,
    failure: Option<Failure>,
    /// Whether something was asked and not answered: whoever presses twice wants it once.
    is_asking: bool,
}

/// What is asked of the server.
pub(super) enum Wish {
    /// Which keys there are.
    List,
    /// Another one.
    Make,
    /// This one not to hold any more.
    Revoke(ClientId),
}

impl ReadKeys {
    /// What was asked was answered: with the key that was made, or with those that hold.
    pub(super) fn answered(&mut self, is_made: bool, answer: Result<String, Failure>) {
        self.is_asking = false;
        self.failure =
            answer.and_then(|text| if is_made { self.made(&text) } else { self.listed(&text) }).err();
    }

    fn made(&mut self, text: &str) -> Result<(), Failure> {
        let key: IssuedReadKey = api::read(text)?;
        let IssuedReadKey { id, issued_at_ms, until_ms, .. } = key;
        self.held.get_or_insert_default().push(ReadKeyView { id, issued_at_ms, until_ms });
        (self.made, self.is_copied) = (Some(key), false);
        Ok(())
    }

    fn listed(&mut self, text: &str) -> Result<(), Failure> {
        let list: ReadKeyList = api::read(text)?;
        self.made.take_if(|made| list.keys.iter().all(|key| key.id != made.id));
        self.held = Some(list.keys);
        Ok(())
    }

    /// The key was copied, or could not be.
    pub(super) fn copied(&mut self, is_copied: bool) {
        self.is_copied = is_copied;
    }

    /// The text of the key that was made.
    pub(super) fn secret(&self) -> Option<String> {
        self.made.as_ref().map(|made| made.key.to_string())
    }

    /// What is seen of them: nothing before they are asked for but how to.
    pub(super) fn view(&self, dripline: &Dripline) -> Element {
        let press =
            |press, name| button(&dripline.link, app::Press::Wallet(press), "button is-quiet is-small", name);
        let failure = self
            .failure
            .as_ref()
            .map(|failure| notice(Weight::Warning, &explain(failure, dripline.api.now()).title, Vec::new()));
        let place = element("div", "read-keys");
        let Some(held) = &self.held else {
            return place.with(press(Press::ReadKeys, texts().read_keys)).maybe(failure);
        };
        let mut list = element("ul", "");
        for key in held {
            let name = fill(texts().read_key_made, &[("moment", &page::local_moment(key.issued_at_ms))]);
            let line = text("li", "", &name).key(&key.id.to_string());
            list.push(line.with(press(Press::RevokeReadKey(key.id), texts().read_key_revoke)));
        }
        let made = self.secret().map(|secret| {
            element("div", "secret")
                .with(text("code", "secret-text", &secret))
                .with(text("p", "quiet", texts().read_key_once))
                .with(element("div", "buttons").with(copy_button(
                    dripline,
                    Press::CopyReadKey,
                    self.is_copied,
                )))
        });
        place
            .with(text("h3", "", texts().read_keys))
            .with(text("p", "quiet", texts().read_keys_why))
            .with(list)
            .with(element("div", "").attribute(Name::Role, "status").maybe(made).maybe(failure))
            .with(press(Press::MakeReadKey, texts().read_key_make))
    }
}

/// Signs a wish, and sends it.
pub(super) fn ask(keys: &mut ReadKeys, dripline: &Dripline, visit: Visit, wish: &Wish) {
    let (Some(catalog), Some(random)) = (dripline.faucet.catalog.ready(), edge::random()) else { return };
    if std::mem::replace(&mut keys.is_asking, true) {
        return;
    }
    let (wallet, api) = (dripline.player.wallet, dripline.api.clone());
    let client_id = ClientId(random);
    let (client_id, place, act) = match *wish {
        Wish::List => (client_id, "/list", Act::ListReadKeys { client_id }),
        Wish::Make => (client_id, "", Act::IssueReadKey { client_id, until: None }),
        Wish::Revoke(id) => (id, "/revoke", Act::RevokeReadKey { id }),
    };
    // All three have these fields, and differ in what is signed.
    let mut request = ReadKeyListRequest {
        wallet,
        client_id,
        issued_at_ms: api.now(),
        origin: page::origin(),
        faucet: catalog.faucet,
        signature: Signature([0; 64]),
    };
    let (link, is_made) = (dripline.link.clone(), place.is_empty());
    dripline.sign(&Statement { act, ..request.statement() }, move |signature| {
        if let Some(signature) = signature {
            request.signature = signature;
            // Requests are plain data: they can always be written.
            let body = json::print(&request).unwrap_or_default();
            later(&link, async move {
                let answer = api.ask(["/api/v1/read-keys", place].concat(), Some(body)).await;
                Message::WalletPage(visit, Event::ReadKeys(wallet, is_made, answer))
            });
        } else {
            let event = Event::ReadKeys(wallet, is_made, Err(Failure::Unsigned));
            link.send_message(Message::WalletPage(visit, event));
        }
    });
}
