//! What a draft comes to before it is in force: bots play it, on the server.

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::SimulationRequest;
use dripline_shared::catalog::Catalog;
use dripline_shared::json::ToJson;
use dripline_shared::time::SECOND_MS;
use gloo_net::http::Method;
use yew::prelude::*;

use super::report::{Level, OfKind, OfLimit, Report, Simulated, Spread};
use crate::api::typed;
use crate::components::Cell::{Html as Other, Number, Text};
use crate::components::{FigureProps, Line, Row, Scale, figure, part, table, use_action};
use crate::format;
use crate::pages::overview::coins;

#[derive(PartialEq)]
pub(crate) struct SimulationProps {
    /// The draft.
    pub(crate) catalog: Catalog,
    /// Whether it cannot be played.
    pub(crate) is_off: bool,
}

/// The part of the page.
#[hook]
pub(crate) fn use_simulation(props: &SimulationProps) -> Html {
    let action = use_action();
    let found = use_state(|| None::<(Catalog, Report)>);
    let press = {
        let (action, found, catalog) = (action.clone(), found.clone(), props.catalog.clone());
        Callback::from(move |_: MouseEvent| {
            let request = SimulationRequest {
                catalog: catalog.clone(),
                seed: None,
                rounds: None,
                runs: None,
                players: None,
                campaign: None,
            };
            let found = found.clone();
            action.send(
                Method::POST,
                "catalog/simulate".to_owned(),
                Some(request.to_json()),
                move |answer| {
                    found.set(Some((request.catalog, typed(&answer?)?)));
                    Ok(String::new())
                },
            );
        })
    };
    let name = if action.is_busy() { "Bots are playing …" } else { "Simulate" };
    let content = html! {
        <>
            <p class="quiet">{ "Bots play the draft and what is in force by the rules of the faucet, on days with players of several kinds." }</p>
            { action.view() }
            <div class="buttons">
                <button type="button" class="button is-quiet" onclick={press} disabled={props.is_off || action.is_busy()}>{ name }</button>
            </div>
            if let Some((of, report)) = &*found {
                if *of != props.catalog {
                    <p class="quiet" role="status">{ "The draft has changed since: simulate it again." }</p>
                }
                { shown(report) }
            }
        </>
    };
    part("simulation", html! { { "What it comes to" } }, content)
}

fn shown(report: &Report) -> Html {
    let (now, before) = (&report.simulated, report.against.as_ref().map(|it| &it.simulated));
    let asked = &report.settings;
    html! {
        <>
            <p class="quiet">
                { format!("{} days with {} players each, after at least {} rounds of each game; seed {}.",
                    asked.runs, asked.players, format::number(u64::from(asked.rounds)), asked.seed) }
            </p>
            { earnings(now, before) }
            { budget(now, before) }
            { levels(now, before) }
            { limits(now) }
        </>
    }
}

/// A value and what it was before, where that is something else.
fn beside<T: PartialEq>(now: &T, before: Option<&T>, text: impl Fn(&T) -> String) -> Html {
    let was = before.filter(|before| *before != now).map(&text);
    html! {
        <>
            if let Some(was) = was {
                <span class="before"><span class="visually-hidden">{ "in force: " }</span>{ was }</span>{ " " }
            }
            <span class="after">{ text(now) }</span>
        </>
    }
}

fn earnings(now: &Simulated, before: Option<&Simulated>) -> Html {
    let spread = |it: &Spread<Amount>| {
        let [low, middle, high] =
            [it.p5, it.median, it.p95].map(|amount| format::roughly(amount).to_decimal(now.asset.decimals));
        format!("{middle} {} ({low} to {high})", now.asset.code)
    };
    let row = |it: &OfKind| {
        let was = before.and_then(|before| before.players.iter().find(|was| was.kind == it.kind));
        let hour = beside(&it.drip_per_hour, was.map(|was| &was.drip_per_hour), spread);
        let day = beside(&it.drip_per_day, was.map(|was| &was.drip_per_day), spread);
        (it.kind.clone(), vec![Text(it.kind.clone()), Other(hour), Other(day)])
    };
    let mut rows: Vec<Row> = now.players.iter().map(row).collect();
    let paid = beside(&now.paid, before.map(|it| &it.paid), spread);
    rows.push(("all".to_owned(), vec![Text("all together".to_owned()), Text(String::new()), Other(paid)]));
    let columns = [("Player", false), ("Earns in an hour: median (5 % to 95 %)", false), ("In a day", false)];
    table("What players earn", &columns, rows)
}

fn budget(now: &Simulated, before: Option<&Simulated>) -> Html {
    let line = |name: &str, of: &Simulated, pick: fn(&Spread<Amount>) -> Amount, is_faint| {
        let amounts: Vec<Amount> = of.hours.iter().map(|hour| pick(&hour.left)).collect();
        Line {
            name: name.to_owned(),
            values: amounts.iter().map(|amount| coins(*amount, &of.asset)).collect(),
            texts: amounts.iter().map(|amount| amount.to_decimal(of.asset.decimals)).collect(),
            is_faint,
        }
    };
    let mut lines = vec![
        line("median", now, |left| left.median, false),
        line("5 %", now, |left| left.p5, true),
        line("95 %", now, |left| left.p95, true),
    ];
    if let Some(before) = before.filter(|before| before.hours.len() == now.hours.len()) {
        lines.push(line("in force, median", before, |left| left.median, true));
    }
    let places: Vec<f64> = now.hours.iter().map(|hour| f64::from(hour.hour)).collect();
    let names: Vec<String> = now.hours.iter().map(|hour| hour.hour.to_string()).collect();
    let note = format!("In {}, at the end of each hour of a day in UTC.", now.asset.code);
    figure(FigureProps {
        title: "Budget left",
        scale: Scale::Hour,
        band: Some((2, 1)),
        places,
        names,
        lines,
        note,
    })
}

fn levels(now: &Simulated, before: Option<&Simulated>) -> Html {
    let skills: Vec<&str> =
        now.levels.first().iter().flat_map(|it| &it.skills).map(|it| it.skill.as_str()).collect();
    let win = |points: &u64| format!("{} %", points / 100);
    let time = |it: &u64| format!("{} s", it / SECOND_MS);
    let row = |level: &Level| {
        let was = before.and_then(|before| before.levels.iter().find(|was| was.id == level.id));
        let cells = level.skills.iter().enumerate().map(|(place, skill)| {
            let was = was.and_then(|was| was.skills.get(place));
            Other(html! {
                <>
                    { beside(&skill.win_basis_points, was.map(|it| &it.win_basis_points), win) }
                    <span class="quiet">{ " in " }{ beside(&skill.time_ms.median, was.map(|it| &it.time_ms.median), time) }</span>
                </>
            })
        });
        (level.id.clone(), std::iter::once(Text(level.id.clone())).chain(cells).collect())
    };
    let names: Vec<String> = skills.iter().map(|skill| format!("{skill} bots win")).collect();
    let columns: Vec<_> =
        std::iter::once(("Level", false)).chain(names.iter().map(|name| (name.as_str(), false))).collect();
    folded("How levels play", table("How levels play", &columns, now.levels.iter().map(row).collect()))
}

fn folded(summary: &str, content: Html) -> Html {
    html! { <details><summary>{ summary.to_owned() }</summary>{ content }</details> }
}

fn limits(now: &Simulated) -> Html {
    let money = |amount: Amount| Number(now.asset.format(amount));
    let row = |it: &OfLimit| {
        let cells = vec![
            Text(format::words(&it.limit)),
            money(it.paid),
            money(it.paid_without),
            money(it.hostile),
            money(it.hostile_without),
        ];
        (it.limit.clone(), cells)
    };
    let columns = [
        ("Limit", false),
        ("Paid in a day", true),
        ("Without it", true),
        ("Hostile players get", true),
        ("Without it", true),
    ];
    folded(
        "What each limit does",
        table("What each limit does", &columns, now.limits.iter().map(row).collect()),
    )
}
