//! Backing the player key up, and restoring it: whoever has the text has the balance.

use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::NodeRef;

use crate::app::{self, Dripline, Message, Visit};
use crate::browser::files;
use crate::components::element::{Element, Name, button, element, text, truth};
use crate::components::icon::{Icon, icon};
use crate::components::notice::{Weight, answer};
use crate::format::{counted, fill};
use crate::keys::{Backup, BackupError};
use crate::locales::texts;
use crate::pages::wallet::view::copy_button;
use crate::pages::wallet::{Event, Press, WalletPlace};
use crate::state::stake::Stake;

/// The name of the file that a backup is saved as.
const FILE_NAME: &str = "dripline-key.txt";

/// Where the text of a backup is entered.
pub(super) const RESTORE_TEXT: &str = "restore-text";

/// What became of a restoration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restored {
    /// None was tried, or one is under way.
    NotYet,
    /// Something would be lost with the present key, and the player is asked.
    Asking,
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

/// Reads the text that was entered. `has_agreed` is whether the player wants its key whatever is lost with the present one.
pub(super) fn read(dripline: &Dripline, visit: Visit, backup_text: &NodeRef, has_agreed: bool) {
    let Some(field) = backup_text.get() else { return };
    let text = field.unchecked_into::<HtmlTextAreaElement>().value();
    dripline.later(async move {
        Message::WalletPage(visit, Event::BackupRead(has_agreed, Backup::read(text).await))
    });
}

/// Takes the key that was read. Where something is lost with the present key, only if the player `has_agreed` to that.
pub(super) fn restore(
    dripline: &Dripline,
    backup: Result<Backup, BackupError>,
    has_agreed: bool,
) -> Restored {
    let backup = match backup {
        Ok(backup) => backup,
        Err(error) => return Restored::Refused(error),
    };
    let is_same = backup.key() == dripline.player.key;
    if !is_same && !has_agreed && stake(dripline).is_some() {
        return Restored::Asking;
    }
    dripline.later(async move { Message::Restored(backup.restore().await) });
    Restored::NotYet
}

/// What would be lost with the present key.
fn stake(dripline: &Dripline) -> Option<Stake> {
    let has_round = dripline.in_progress.is_some();
    Stake::of(&dripline.faucet, dripline.player.wallet, has_round, dripline.api.now())
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
        .maybe(place.is_key_shown.then(|| secret(place, dripline)))
        .with(restoration(place, dripline))
}

fn act(dripline: &Dripline, press: Press, class: &'static str, picture: Icon, name: &str) -> Element {
    element("button", class).pressed(&dripline.link, app::Press::Wallet(press)).with(icon(picture)).text(name)
}

/// The key as text. That it was copied does not make a backup of it: where it was put, only the player knows.
fn secret(place: &WalletPlace, dripline: &Dripline) -> Element {
    let kept = if place.is_key_copied { texts().backup_kept } else { texts().backup_written };
    element("div", "secret")
        .with(text("code", "secret-text", &dripline.player.backup()))
        .with(text("p", "quiet", texts().backup_warning))
        .with(
            element("div", "buttons")
                .with(copy_button(dripline, Press::CopyKey, place.is_key_copied))
                .with(act(dripline, Press::Written, "button is-quiet is-small", Icon::Check, kept)),
        )
}

/// The form that restores a key.
fn restoration(place: &WalletPlace, dripline: &Dripline) -> Element {
    let message = match place.restored {
        Restored::NotYet | Restored::Asking => "",
        Restored::Done => texts().restore_done,
        Restored::Refused(BackupError::NotAKey) => texts().restore_not_a_key,
        Restored::Refused(BackupError::Mistyped) => texts().restore_mistyped,
        Restored::Refused(BackupError::Unchecked) => texts().unsigned,
    };
    let is_refused = matches!(place.restored, Restored::Refused(_));
    let message_class = if is_refused { "restore-message is-risk" } else { "restore-message" };
    let field = element("textarea", "")
        .reference(&place.backup_text)
        .attribute(Name::Id, RESTORE_TEXT)
        .attribute(Name::Rows, "3")
        .attribute(Name::Autocomplete, "off")
        .attribute(Name::Autocapitalize, "off")
        .attribute(Name::Spellcheck, "false")
        .attribute(Name::Required, "required")
        .attribute_if(is_refused, Name::AriaInvalid, "true")
        .attribute(Name::AriaDescribedby, "restore-message");
    let form = element("form", "")
        .submitted(&dripline.link, app::Press::Wallet(Press::Restore))
        .with(text("label", "", texts().restore_label).attribute(Name::For, RESTORE_TEXT))
        .with(field)
        .with(
            text("p", message_class, message)
                .attribute(Name::Id, "restore-message")
                .attribute(Name::Role, "status"),
        )
        .with(text("button", "button is-quiet", texts().restore));
    // Below the form: whoever presses its button twice has not agreed to anything.
    let question = (place.restored == Restored::Asking).then(|| question(dripline));
    element("details", "restore").with(text("summary", "", texts().restore_title)).with(form).maybe(question)
}

/// What another key would cost, and whether the player wants that.
fn question(dripline: &Dripline) -> Element {
    let mut losses = element("ul", "losses");
    for loss in stake(dripline).map(|stake| losses_of(dripline, stake)).unwrap_or_default() {
        losses.push(text("li", "", &loss));
    }
    let press = |press, class, name| button(&dripline.link, app::Press::Wallet(press), class, name);
    let buttons = element("div", "buttons")
        .with(press(Press::Keep, "button", texts().restore_keep))
        .with(press(Press::Replace, "button is-quiet", texts().restore_replace));
    let content = vec![text("p", "", texts().restore_loses), losses, buttons];
    answer(Weight::Warning, texts().restore_loses_title, content)
}

fn losses_of(dripline: &Dripline, stake: Stake) -> Vec<String> {
    let mut losses = Vec::new();
    match stake.owned {
        None => losses.push(texts().restore_loses_unknown.to_owned()),
        Some((balance, drips)) => {
            if !balance.is_zero() {
                let amount = dripline.faucet.money(balance);
                losses.push(fill(texts().restore_loses_balance, &[("amount", &amount)]));
            }
            if drips > 0 {
                losses.push(counted(texts().restore_loses_drips, drips));
            }
        }
    }
    if stake.claims > 0 {
        losses.push(counted(texts().restore_loses_claims, stake.claims));
    }
    if stake.has_round {
        losses.push(texts().restore_loses_round.to_owned());
    }
    losses
}
