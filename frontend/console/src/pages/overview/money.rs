//! Budgets, ceilings, books and rails.

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::overview::{AssetStand, CampaignStand, CeilingStand, Overview, RailStand};
use yew::prelude::*;

use crate::components::Cell::{Html as Other, Number, Text};
use crate::components::{Column, Row, part, table};
use crate::{edge, form, format};

/// What campaigns have spent.
pub(super) fn campaigns(stand: &Overview) -> Html {
    let row = |it: &CampaignStand| {
        let name = html! {
            <>
                { &it.id }
                if it.is_stopped {
                    <span class="badge is-risk">{ "stopped" }</span>
                }
            </>
        };
        let money = |units| Number(amount(stand, &it.asset, units));
        let meter = meter(it.spent, it.budget, &format!("Spent by {}", it.id));
        (it.id.clone(), vec![Other(name), Other(meter), money(it.spent), money(it.left), money(it.budget)])
    };
    let columns = [
        ("Campaign", false),
        ("(Share that is spent)", false),
        ("Spent", true),
        ("Left", true),
        ("Budget", true),
    ];
    section("campaigns", "Budgets", &columns, stand.campaigns.iter().map(row).collect())
}

/// How full ceilings are.
pub(super) fn ceilings(stand: &Overview) -> Html {
    let row = |it: &CeilingStand| {
        let name = ceiling_name(&it.name);
        let money = |units| amount(stand, &it.asset, units);
        let meter = meter(it.level, it.burst, &format!("Level of {name}"));
        let most = format!("{} in {}", money(it.ceiling), form::duration(it.window_ms));
        let cells =
            vec![Text(name), Other(meter), Number(money(it.level)), Number(money(it.burst)), Text(most)];
        (format!("{}-{}", it.name, it.asset), cells)
    };
    let columns = [
        ("Ceiling", false),
        ("(How full it is)", false),
        ("Level", true),
        ("Waits from", true),
        ("At most", false),
    ];
    section("ceilings", "Outflow against ceilings", &columns, stand.ceilings.iter().map(row).collect())
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
        let short = if is_short {
            html! { <span class="badge is-risk">{ "less than is owed" }</span> }
        } else {
            Html::default()
        };
        let held = it.held.map_or_else(|| "no chain has told".to_owned(), money);
        (code.clone(), vec![Text(code.clone()), Number(money(it.owed)), Number(held), Other(short)])
    };
    let columns = [
        ("Asset", false),
        ("Owed to players", true),
        ("On chains", true),
        ("(Whether that is enough)", false),
    ];
    section("treasury", "Treasury against liabilities", &columns, stand.assets.iter().map(row).collect())
}

/// How payouts stand.
pub(super) fn rails(stand: &Overview) -> Html {
    if stand.rails.is_empty() {
        return Html::default();
    }
    let row = |it: &RailStand| {
        let since = it.oldest_requested_at_ms.map_or_else(String::new, edge::moment);
        let count = |number| Number(format::number(number));
        let cells = vec![
            Text(it.id.clone()),
            Other(rail_stage(it)),
            count(it.queued),
            Text(since),
            count(it.sending),
            count(it.unknown),
        ];
        (it.id.clone(), cells)
    };
    let columns = [
        ("Rail", false),
        ("Stage", false),
        ("Waiting", true),
        ("Longest since", false),
        ("On the way", true),
        ("Unknown", true),
    ];
    section("rails", "Payouts", &columns, stand.rails.iter().map(row).collect())
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

fn section(id: &'static str, title: &'static str, columns: &[Column<'_>], rows: Vec<Row>) -> Html {
    part(id, html! { { title } }, table(title, columns, rows))
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
