//! Backing the player key up, and restoring it: whoever has the text has the balance.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::app::Dripline;
use crate::browser::files;
use crate::components::icon::{Icon, icon};
use crate::format::fill;
use crate::keys::{self, BackupError};
use crate::locales::texts;
use crate::round::keeping;
use crate::state::faucet::FaucetAction;

/// The name of the file that a backup is saved as.
const FILE_NAME: &str = "dripline-key.txt";

/// What it works with.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// What every place works with.
    pub(crate) dripline: Dripline,
}

/// The card of the player key.
#[function_component]
pub(crate) fn Backup(props: &Props) -> Html {
    let dripline = &props.dripline;
    let is_shown = use_state_eq(|| false);
    let saved = {
        let dripline = dripline.clone();
        move || {
            keeping::remember_backup(dripline.player.wallet);
            dripline.faucet.dispatch(FaucetAction::BackedUp);
        }
    };
    let download = {
        let (player, saved) = (dripline.player.clone(), saved.clone());
        Callback::from(move |_: MouseEvent| {
            if files::download(FILE_NAME, &player.backup_file(texts().backup_file)) {
                saved();
            }
        })
    };
    let toggle = {
        let is_shown = is_shown.clone();
        Callback::from(move |_: MouseEvent| is_shown.set(!*is_shown))
    };
    let state = if dripline.faucet.is_backed_up {
        html! { <p class="backup-state is-good">{ icon(Icon::Check) }{ texts().backed_up }</p> }
    } else {
        html! { <p class="backup-state is-risk">{ icon(Icon::Warning) }{ texts().not_backed_up_long }</p> }
    };
    html! {
        <section class="card backup" id="backup" aria-labelledby="backup-title">
            <h2 id="backup-title">{ texts().key_title }</h2>
            <p>{ texts().key_explained }</p>
            { state }
            <div class="buttons">
                <button class="button" onclick={download}>{ icon(Icon::Download) }{ texts().backup_download }</button>
                <button class="button is-quiet" onclick={toggle} aria-expanded={is_shown.to_string()}>
                    { icon(Icon::Key) }
                    { if *is_shown { texts().backup_hide } else { texts().backup_show } }
                </button>
            </div>
            if *is_shown {
                <Secret text={dripline.player.backup()} on_saved={Callback::from(move |()| saved())} />
            }
            <Restore dripline={dripline.clone()} />
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SecretProps {
    text: String,
    on_saved: Callback<()>,
}

/// The key as text.
#[function_component]
fn Secret(props: &SecretProps) -> Html {
    let copy = {
        let (text, on_saved) = (props.text.clone(), props.on_saved.clone());
        Callback::from(move |_: MouseEvent| {
            let (text, on_saved) = (text.clone(), on_saved.clone());
            spawn_local(async move {
                if files::copy(&text).await {
                    on_saved.emit(());
                }
            });
        })
    };
    let written = props.on_saved.reform(|_: MouseEvent| ());
    html! {
        <div class="secret">
            <code class="secret-text">{ &props.text }</code>
            <p class="quiet">{ texts().backup_warning }</p>
            <div class="buttons">
                <button class="button is-quiet is-small" onclick={copy}>{ icon(Icon::Copy) }{ texts().copy }</button>
                <button class="button is-quiet is-small" onclick={written}>{ icon(Icon::Check) }{ texts().backup_written }</button>
            </div>
        </div>
    }
}

/// What became of a restoration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restored {
    NotYet,
    Done,
    Refused(BackupError),
}

/// The form that restores a key.
#[function_component]
fn Restore(props: &Props) -> Html {
    let area = use_node_ref();
    let restored = use_state_eq(|| Restored::NotYet);
    let dripline = &props.dripline;
    let submit = {
        let (area, restored, set_player) = (area.clone(), restored.setter(), dripline.set_player.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(element) = area.get() else { return };
            let field: HtmlTextAreaElement = element.unchecked_into();
            let (restored, set_player) = (restored.clone(), set_player.clone());
            spawn_local(async move {
                match keys::restore(&field.value()).await {
                    Ok(player) => {
                        field.set_value("");
                        // Whoever has a text to restore from has a backup.
                        keeping::remember_backup(player.wallet);
                        restored.set(Restored::Done);
                        set_player.emit(player);
                    }
                    Err(error) => restored.set(Restored::Refused(error)),
                }
            });
        })
    };
    let message = match *restored {
        Restored::NotYet => "",
        Restored::Done => texts().restore_done,
        Restored::Refused(BackupError::NotAKey) => texts().restore_not_a_key,
        Restored::Refused(BackupError::Mistyped) => texts().restore_mistyped,
    };
    let balance = dripline.faucet.wallet.ready().filter(|wallet| !wallet.balance.is_zero());
    let loses = balance
        .filter(|_| !dripline.faucet.is_backed_up)
        .map(|wallet| fill(texts().restore_loses, &[("amount", &dripline.faucet.money(wallet.balance))]));
    let is_refused = matches!(*restored, Restored::Refused(_));
    html! {
        <details class="restore">
            <summary>{ texts().restore_title }</summary>
            <form onsubmit={submit}>
                <label for="restore-text">{ texts().restore_label }</label>
                <textarea ref={area} id="restore-text" rows="3" autocomplete="off" autocapitalize="off"
                    spellcheck="false" required=true aria-invalid={is_refused.then_some("true")}
                    aria-describedby="restore-message" />
                if let Some(loses) = loses {
                    <p class="is-risk">{ loses }</p>
                }
                <p id="restore-message" class={classes!("restore-message", is_refused.then_some("is-risk"))} role="status">
                    { message }
                </p>
                <button class="button is-quiet">{ texts().restore }</button>
            </form>
        </details>
    }
}
