//! What was played, claimed and refused, in numbers.

use dripline_shared::api::overview::{Overview, RefusalCount, TrafficCounts};
use yew::prelude::*;

use crate::components::Cell::{Number, Text};
use crate::components::{part, table};
use crate::format;

/// The numbers of the last hour and since the start, as the funnel that they are.
pub(super) fn figures(stand: &Overview) -> Html {
    let (hour, total) = (&stand.traffic.last_hour, &stand.traffic.total);
    let amount = |counts: &TrafficCounts| stand.asset.format(counts.spent);
    let tiles = [
        ("Rounds in play", format::number(stand.rounds_open), "right now".to_owned()),
        ("Opened", format::number(hour.opened), since_start(&format::number(total.opened))),
        (
            "Played to the end",
            format::number(hour.finished),
            share(hour.finished, hour.opened, "of those opened"),
        ),
        ("Drips", format::number(hour.claimed), share(hour.claimed, hour.finished, "of those played")),
        ("Dripped", amount(hour), since_start(&amount(total))),
        ("Refused", format::number(hour.refused), since_start(&format::number(total.refused))),
    ];
    html! {
        <section aria-labelledby="last-hour">
            <h2 id="last-hour" class="eyebrow">{ "In the last hour" }</h2>
            <dl class="tiles">
                { for tiles.into_iter().map(|(name, value, note)| html! {
                    <div class="tile card"><dt>{ name }</dt><dd>{ value }<span class="quiet">{ note }</span></dd></div>
                }) }
            </dl>
        </section>
    }
}

fn since_start(text: &str) -> String {
    format!("{text} since the start")
}

/// How much of a whole a part is; a dash where there is no whole.
fn share(part: u64, of: u64, what: &str) -> String {
    match part.saturating_mul(100).checked_div(of) {
        Some(percent) => format!("{percent} % {what}"),
        None => format!("– {what}"),
    }
}

/// What was refused, and why.
pub(super) fn refusals(stand: &Overview) -> Html {
    let mut refusals = stand.traffic.refusals.clone();
    refusals.sort_by_key(|it| std::cmp::Reverse((it.last_hour, it.total)));
    if refusals.is_empty() {
        return part(
            "refusals",
            html! { { "Refusals" } },
            html! { <p class="quiet">{ "None since the start." }</p> },
        );
    }
    let row = |it: RefusalCount| {
        let (hour, total) = (format::number(it.last_hour), format::number(it.total));
        (
            it.code.as_str().to_owned(),
            vec![Text(format::words(it.code.as_str())), Number(hour), Number(total)],
        )
    };
    let columns = [("Reason", false), ("Last hour", true), ("Since the start", true)];
    let rows = refusals.into_iter().map(row).collect();
    part("refusals", html! { { "Refusals" } }, table("Refusals", &columns, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_nothing_is_no_percentage() {
        assert_eq!(share(0, 0, "of those opened"), "– of those opened");
        assert_eq!(share(1, 3, "of those opened"), "33 % of those opened");
    }
}
