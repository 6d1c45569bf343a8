//! Backing the player key up, and restoring it: whoever has the text has the balance.

use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::NodeRef;

use crate::app::{self, Dripline, Message};
use crate::browser::files;
use crate::components::element::{Element, Name, element, text, truth};
use crate::components::icon::{Icon, icon};
use crate::format::fill;
use crate::keys::{self, BackupError};
use crate::locales::texts;
use crate::pages::wallet::{Press, WalletPlace};

/// The name of the file that a backup is saved as.
const FILE_NAME: &str = "dripline-key.txt";

/// What became of a restoration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restored {
    /// None was tried.
    NotYet,
    /// The key of the backup is in use.
    Done,
    /// The text was no backup.
    Refused(BackupError),
}

/// Saves the key as a file.
pub(super) fn download(dripline: &mut Dripline) {
    if files::download(FILE_NAME, &dripline.player.backup_file(texts().backup_file)) {
        dripline.backed_up();
    }
}

/// Takes the key of the text that was entered.
pub(super) fn restore(dripline: &Dripline, backup_text: &NodeRef) {
    let Some(field) = backup_text.get() else { return };
    let text = field.unchecked_into::<HtmlTextAreaElement>().value();
    dripline.later(async move { Message::Restored(keys::restore(&text).await) });
}

/// Clears the text that was entered.
pub(super) fn forget_text(backup_text: &NodeRef) {
    if let Some(field) = backup_text.get() {
        field.unchecked_into::<HtmlTextAreaElement>().set_value("");
    }
}

/// The card of the player key.
pub(super) fn view(place: &WalletPlace, dripline: &Dripline) -> Element {
    let (class, picture, state) = if dripline.faucet.is_backed_up {
        ("backup-state is-good", Icon::Check, texts().backed_up)
    } else {
        ("backup-state is-risk", Icon::Warning, texts().not_backed_up_long)
    };
    let toggle = if place.is_key_shown { texts().backup_hide } else { texts().backup_show };
    let buttons = element("div", "buttons")
        .with(act(dripline, Press::Download, "button", Icon::Download, texts().backup_download))
        .with(
            act(dripline, Press::ToggleKey, "button is-quiet", Icon::Key, toggle)
                .attribute(Name::AriaExpanded, truth(place.is_key_shown)),
        );
    element("section", "card backup")
        .attribute(Name::Id, "backup")
        .attribute(Name::AriaLabelledby, "backup-title")
        .with(text("h2", "", texts().key_title).attribute(Name::Id, "backup-title"))
        .with(text("p", "", texts().key_explained))
        .with(element("p", class).with(icon(picture)).text(state))
        .with(buttons)
        .maybe(place.is_key_shown.then(|| secret(dripline)))
        .with(restoration(place, dripline))
}

fn act(dripline: &Dripline, press: Press, class: &'static str, picture: Icon, name: &str) -> Element {
    element("button", class).pressed(&dripline.link, app::Press::Wallet(press)).with(icon(picture)).text(name)
}

/// The key as text.
fn secret(dripline: &Dripline) -> Element {
    let class = "button is-quiet is-small";
    element("div", "secret")
        .with(text("code", "secret-text", &dripline.player.backup()))
        .with(text("p", "quiet", texts().backup_warning))
        .with(
            element("div", "buttons")
                .with(act(dripline, Press::CopyKey, class, Icon::Copy, texts().copy))
                .with(act(dripline, Press::Written, class, Icon::Check, texts().backup_written)),
        )
}

/// The form that restores a key.
fn restoration(place: &WalletPlace, dripline: &Dripline) -> Element {
    let message = match place.restored {
        Restored::NotYet => "",
        Restored::Done => texts().restore_done,
        Restored::Refused(BackupError::NotAKey) => texts().restore_not_a_key,
        Restored::Refused(BackupError::Mistyped) => texts().restore_mistyped,
    };
    let is_refused = matches!(place.restored, Restored::Refused(_));
    let message_class = if is_refused { "restore-message is-risk" } else { "restore-message" };
    let field = element("textarea", "")
        .reference(&place.backup_text)
        .attribute(Name::Id, "restore-text")
        .attribute(Name::Rows, "3")
        .attribute(Name::Autocomplete, "off")
        .attribute(Name::Autocapitalize, "off")
        .attribute(Name::Spellcheck, "false")
        .attribute(Name::Required, "required")
        .attribute_if(is_refused, Name::AriaInvalid, "true")
        .attribute(Name::AriaDescribedby, "restore-message");
    let form = element("form", "")
        .submitted(&dripline.link, app::Press::Wallet(Press::Restore))
        .with(text("label", "", texts().restore_label).attribute(Name::For, "restore-text"))
        .with(field)
        .maybe(loss(dripline))
        .with(
            text("p", message_class, message)
                .attribute(Name::Id, "restore-message")
                .attribute(Name::Role, "status"),
        )
        .with(text("button", "button is-quiet", texts().restore));
    element("details", "restore").with(text("summary", "", texts().restore_title)).with(form)
}

/// What another key would cost.
fn loss(dripline: &Dripline) -> Option<Element> {
    let faucet = &dripline.faucet;
    let wallet = faucet.wallet.ready().filter(|wallet| !wallet.balance.is_zero() && !faucet.is_backed_up)?;
    Some(text("p", "is-risk", &fill(texts().restore_loses, &[("amount", &faucet.money(wallet.balance))])))
}
