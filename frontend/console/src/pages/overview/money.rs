//! Budgets, ceilings, books and rails.

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::overview::{AssetStand, CampaignStand, CeilingStand, Overview, RailStand};
use yew::prelude::*;

use crate::{edge, form, format};

/// What campaigns have spent.
pub(super) fn campaigns(stand: &Overview) -> Html {
    let row = |it: &CampaignStand| {
        html! {
            <tr key={it.id.clone()}>
                <th scope="row">
                    { &it.id }
                    if it.is_stopped {
                        <span class="badge is-risk">{ "stopped" }</span>
                    }
                </th>
                <td>{ meter(it.spent, it.budget, &format!("Spent by {}", it.id)) }</td>
                <td class="is-number">{ amount(stand, &it.asset, it.spent) }</td>
                <td class="is-number">{ amount(stand, &it.asset, it.left) }</td>
                <td class="is-number">{ amount(stand, &it.asset, it.budget) }</td>
            </tr>
        }
    };
    section(
        "campaigns",
        "Budgets",
        html! {
            <table>
                <thead><tr>
                    <th scope="col">{ "Campaign" }</th><th scope="col"><span class="visually-hidden">{ "Share that is spent" }</span></th>
                    <th scope="col" class="is-number">{ "Spent" }</th><th scope="col" class="is-number">{ "Left" }</th>
                    <th scope="col" class="is-number">{ "Budget" }</th>
                </tr></thead>
                <tbody>{ for stand.campaigns.iter().map(row) }</tbody>
            </table>
        },
    )
}

/// How full ceilings are.
pub(super) fn ceilings(stand: &Overview) -> Html {
    let row = |it: &CeilingStand| {
        html! {
            <tr key={format!("{}-{}", it.name, it.asset)}>
                <th scope="row">{ ceiling_name(&it.name) }</th>
                <td>{ meter(it.level, it.burst, &format!("Level of {}", ceiling_name(&it.name))) }</td>
                <td class="is-number">{ amount(stand, &it.asset, it.level) }</td>
                <td class="is-number">{ amount(stand, &it.asset, it.burst) }</td>
                <td>{ format!("{} in {}", amount(stand, &it.asset, it.ceiling), form::duration(it.window_ms)) }</td>
            </tr>
        }
    };
    section(
        "ceilings",
        "Outflow against ceilings",
        html! {
            <table>
                <thead><tr>
                    <th scope="col">{ "Ceiling" }</th><th scope="col"><span class="visually-hidden">{ "How full it is" }</span></th>
                    <th scope="col" class="is-number">{ "Level" }</th><th scope="col" class="is-number">{ "Waits from" }</th>
                    <th scope="col">{ "At most" }</th>
                </tr></thead>
                <tbody>{ for stand.ceilings.iter().map(row) }</tbody>
            </table>
        },
    )
}

fn ceiling_name(name: &str) -> String {
    match name {
        "outflow" => "all drips".to_owned(),
        "outflow_newcomers" => "newcomers' drips".to_owned(),
        _ => match name.split_once(':') {
            Some(("campaign", id)) => format!("campaign {id}"),
            Some(("rail", id)) => format!("payouts by {id}"),
            _ => format::words(name),
        },
    }
}

/// What is owed and what there is.
pub(super) fn assets(stand: &Overview) -> Html {
    let row = |it: &AssetStand| {
        let code = &it.books.asset.code;
        let money = |amount: Amount| it.books.asset.format(amount);
        let is_short = it.held.is_some_and(|held| held < it.owed);
        html! {
            <tr key={code.clone()}>
                <th scope="row">{ code }</th>
                <td class="is-number">{ money(it.owed) }</td>
                <td class="is-number">{ it.held.map_or_else(|| "no chain has told".to_owned(), money) }</td>
                <td>
                    if is_short {
                        <span class="badge is-risk">{ "less than is owed" }</span>
                    }
                </td>
            </tr>
        }
    };
    section(
        "treasury",
        "Treasury against liabilities",
        html! {
            <table>
                <thead><tr>
                    <th scope="col">{ "Asset" }</th>
                    <th scope="col" class="is-number">{ "Owed to players" }</th>
                    <th scope="col" class="is-number">{ "On chains" }</th>
                    <th scope="col"><span class="visually-hidden">{ "Whether that is enough" }</span></th>
                </tr></thead>
                <tbody>{ for stand.assets.iter().map(row) }</tbody>
            </table>
        },
    )
}

/// How payouts stand.
pub(super) fn rails(stand: &Overview) -> Html {
    if stand.rails.is_empty() {
        return Html::default();
    }
    let row = |it: &RailStand| {
        html! {
            <tr key={it.id.clone()}>
                <th scope="row">{ &it.id }</th>
                <td>{ rail_stage(it) }</td>
                <td class="is-number">{ format::number(it.queued) }</td>
                <td>{ it.oldest_requested_at_ms.map_or_else(String::new, edge::moment) }</td>
                <td class="is-number">{ format::number(it.sending) }</td>
                <td class="is-number">{ format::number(it.unknown) }</td>
            </tr>
        }
    };
    section(
        "rails",
        "Payouts",
        html! {
            <table>
                <thead><tr>
                    <th scope="col">{ "Rail" }</th><th scope="col">{ "Stage" }</th>
                    <th scope="col" class="is-number">{ "Waiting" }</th><th scope="col">{ "Longest since" }</th>
                    <th scope="col" class="is-number">{ "On the way" }</th><th scope="col" class="is-number">{ "Unknown" }</th>
                </tr></thead>
                <tbody>{ for stand.rails.iter().map(row) }</tbody>
            </table>
        },
    )
}

fn rail_stage(rail: &RailStand) -> Html {
    let (class, text) = if rail.is_stopped {
        ("badge is-risk", "stopped by emergency".to_owned())
    } else if rail.is_in_recovery {
        ("badge is-risk", "in recovery".to_owned())
    } else if rail.is_short {
        ("badge is-risk", "treasury low".to_owned())
    } else if let Some(why) = &rail.paused {
        ("badge is-risk", format!("paused: {why}"))
    } else if rail.kind.is_none() {
        ("badge is-risk", "not configured".to_owned())
    } else {
        ("badge is-on", "running".to_owned())
    };
    html! { <span {class}>{ text }</span> }
}

fn section(id: &'static str, title: &'static str, table: Html) -> Html {
    html! {
        <section class="card" aria-labelledby={id}>
            <h2 {id}>{ title }</h2>
            <div class="scroll" tabindex="0" role="region" aria-label={title}>{ table }</div>
        </section>
    }
}

/// How much of something there is, as a bar.
fn meter(part: Amount, of: Amount, label: &str) -> Html {
    let units = |amount: Amount| amount.units().to_string();
    html! {
        <meter min="0" max={units(of)} value={units(part)} high={(of.units() / 5 * 4).to_string()} aria-label={label.to_owned()} />
    }
}

/// An amount of an asset that the books know; in ledger units where they do not.
fn amount(stand: &Overview, code: &str, amount: Amount) -> String {
    let known =
        stand.assets.iter().map(|it| &it.books.asset).chain([&stand.asset]).find(|it| it.code == code);
    known.map_or_else(|| amount.to_string(), |asset: &Asset| asset.format(amount))
}
