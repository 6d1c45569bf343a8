//! The wallet: what the player has, how it came, and the key that it belongs to.

use dripline_shared::api::{HistoryEntry, HistoryPage};
use dripline_shared::wallet::Wallet;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::api::Failure;
use crate::app::Dripline;
use crate::browser::{files, page};
use crate::components::backup::Backup;
use crate::components::icon::{Icon, icon};
use crate::components::notice::{Weight, notice};
use crate::components::stars::stars;
use crate::format::{fill, number};
use crate::hooks::title::use_title;
use crate::locales::failures::explain;
use crate::locales::texts;

/// What the wallet works with.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// What every place works with.
    pub(crate) dripline: Dripline,
}

/// The wallet.
#[function_component]
pub(crate) fn WalletPage(props: &Props) -> Html {
    let dripline = &props.dripline;
    use_title(texts().wallet);
    {
        let dripline = dripline.clone();
        use_effect_with(dripline.player.wallet, move |_| dripline.refresh_wallet());
    }
    html! {
        <div class="wallet">
            <h1>{ texts().wallet }</h1>
            { balance(dripline) }
            <Backup dripline={dripline.clone()} />
            { progress(dripline) }
            <History dripline={dripline.clone()} drips={dripline.faucet.wallet.ready().map(|wallet| wallet.drips)} />
        </div>
    }
}

fn balance(dripline: &Dripline) -> Html {
    let faucet = &dripline.faucet;
    let wallet = faucet.wallet.ready().filter(|_| faucet.catalog.ready().is_some());
    let amount = wallet.map_or_else(|| "–".to_owned(), |wallet| faucet.money(wallet.balance));
    let figures = wallet.map(|wallet| {
        let drips = fill(texts().wallet_drips, &[("count", &number(wallet.drips))]);
        let streak = fill(texts().wallet_streak, &[("count", &number(u64::from(wallet.streak_days)))]);
        let attempts = fill(texts().wallet_attempts, &[("count", &number(u64::from(wallet.attempts_left)))]);
        [drips, streak, attempts].join(" · ")
    });
    html! {
        <section class="card wallet-balance" aria-labelledby="wallet-balance">
            <h2 id="wallet-balance" class="eyebrow">{ texts().balance }</h2>
            <p class="wallet-amount">{ icon(Icon::Drop) }{ amount }</p>
            <p class="wallet-figures">{ figures.unwrap_or_default() }</p>
            <Address wallet={AddressText::from(dripline.player.wallet)} />
        </section>
    }
}

/// A wallet's address as text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AddressText(String);

impl From<Wallet> for AddressText {
    fn from(wallet: Wallet) -> Self {
        Self(wallet.to_string())
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct AddressProps {
    wallet: AddressText,
}

/// The address, and a button that copies it.
#[function_component]
fn Address(props: &AddressProps) -> Html {
    let is_copied = use_state_eq(|| false);
    let copy = {
        let (is_copied, address) = (is_copied.setter(), props.wallet.0.clone());
        Callback::from(move |_: MouseEvent| {
            let (is_copied, address) = (is_copied.clone(), address.clone());
            spawn_local(async move { is_copied.set(files::copy(&address).await) });
        })
    };
    html! {
        <div class="address">
            <span class="address-name">{ texts().address }</span>
            <code class="address-text">{ &props.wallet.0 }</code>
            <button class="button is-quiet is-small" onclick={copy}>
                { icon(if *is_copied { Icon::Check } else { Icon::Copy }) }
                <span aria-live="polite">{ if *is_copied { texts().copied } else { texts().copy } }</span>
            </button>
        </div>
    }
}

fn progress(dripline: &Dripline) -> Html {
    let faucet = &dripline.faucet;
    let (Some(wallet), Some(catalog)) = (faucet.wallet.ready(), faucet.catalog.ready()) else {
        return Html::default();
    };
    let reached = catalog.levels.iter().filter(|view| wallet.levels.contains_key(&view.id));
    let rows: Vec<Html> = reached
        .map(|view| {
            let progress = faucet.progress(&view.id);
            html! {
                <tr>
                    <th scope="row">{ &view.level.name }<span class="row-game">{ view.level.play.facts().name }</span></th>
                    <td>{ stars(progress.best_stars) }</td>
                    <td class="is-number">{ number(u64::from(progress.best_score)) }</td>
                    <td class="is-number">{ number(u64::from(progress.clears)) }</td>
                </tr>
            }
        })
        .collect();
    html! {
        <section class="card" aria-labelledby="wallet-progress">
            <h2 id="wallet-progress">{ texts().progress }</h2>
            if rows.is_empty() {
                <p class="quiet">{ texts().no_progress }</p>
            } else {
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{ texts().level }</th>
                            <th scope="col">{ texts().stars }</th>
                            <th scope="col" class="is-number">{ texts().best_score }</th>
                            <th scope="col" class="is-number">{ texts().clears }</th>
                        </tr>
                    </thead>
                    <tbody>{ for rows }</tbody>
                </table>
            }
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct HistoryProps {
    dripline: Dripline,
    /// Changes when there is something new.
    drips: Option<u64>,
}

/// The history as far as it was fetched.
#[derive(Debug, Clone, PartialEq, Default)]
struct Known {
    entries: Vec<HistoryEntry>,
    next_before: Option<u64>,
    failure: Option<Failure>,
    has_come: bool,
}

impl Known {
    fn with(mut self, answer: Result<HistoryPage, Failure>) -> Self {
        self.has_come = true;
        match answer {
            Ok(page) => {
                self.entries.extend(page.entries);
                self.next_before = page.next_before;
                self.failure = None;
            }
            Err(failure) => self.failure = Some(failure),
        }
        self
    }
}

/// Every drip, the newest first, page by page.
#[function_component]
fn History(props: &HistoryProps) -> Html {
    let known = use_state(Known::default);
    let fetch = {
        let (api, wallet, setter) =
            (props.dripline.api.clone(), props.dripline.player.wallet, known.setter());
        move |before: Known| {
            let (api, setter) = (api.clone(), setter.clone());
            spawn_local(async move {
                let answer = api.history(wallet, before.next_before).await;
                setter.set(before.with(answer));
            });
        }
    };
    {
        let fetch = fetch.clone();
        use_effect_with((props.dripline.player.wallet, props.drips), move |_| fetch(Known::default()));
    }
    let more = {
        let known = (*known).clone();
        Callback::from(move |_: MouseEvent| fetch(known.clone()))
    };
    html! {
        <section class="card" aria-labelledby="wallet-history">
            <h2 id="wallet-history">{ texts().history }</h2>
            if known.entries.is_empty() && known.has_come && known.failure.is_none() {
                <p class="quiet">{ texts().no_history }</p>
            }
            if !known.entries.is_empty() {
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{ texts().when }</th>
                            <th scope="col">{ texts().level }</th>
                            <th scope="col" class="is-number">{ texts().amount }</th>
                            <th scope="col" class="is-number is-wide">{ texts().balance }</th>
                        </tr>
                    </thead>
                    <tbody>{ for known.entries.iter().map(|entry| row(&props.dripline, entry)) }</tbody>
                </table>
            }
            if let Some(failure) = &known.failure {
                { notice(Weight::Warning, &explain(failure, props.dripline.api.now()).title, Html::default()) }
            }
            if known.next_before.is_some() || known.failure.is_some() {
                <button class="button is-quiet" onclick={more}>{ texts().more }</button>
            }
        </section>
    }
}

fn row(dripline: &Dripline, entry: &HistoryEntry) -> Html {
    let faucet = &dripline.faucet;
    let level = entry.level.as_deref();
    let name = level.map(|id| faucet.level(id).map_or_else(|| id.to_owned(), |view| view.level.name.clone()));
    let at = page::local_moment(entry.at_ms);
    html! {
        <tr key={entry.id.to_string()}>
            <td><time datetime={entry.at_ms.to_string()}>{ at }</time></td>
            <th scope="row">{ name.unwrap_or_else(|| entry.kind.clone()) }</th>
            <td class="is-number is-gain">{ "+" }{ faucet.money(entry.amount) }</td>
            <td class="is-number is-wide">{ faucet.money(entry.balance) }</td>
        </tr>
    }
}
