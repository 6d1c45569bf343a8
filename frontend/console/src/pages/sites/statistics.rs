//! What came of a site, by days.

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::sites::{SiteDay, SiteStatistics};
use dripline_shared::time::{DAY_MS, Timestamp};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::{FigureProps, Line, Scale, figure, part, use_loaded};
use crate::edge;
use crate::pages::overview::coins;

/// Of how many days it can be told.
const SPANS: [u64; 3] = [7, 30, 90];
/// Of how many it is told at first.
const SPAN: u64 = 30;

#[derive(PartialEq)]
pub(super) struct StatisticsProps {
    /// The site's id.
    pub(super) site: String,
    /// What it pays.
    pub(super) asset: Asset,
}

/// The part of the page.
#[hook]
pub(super) fn use_statistics(props: &StatisticsProps) -> Html {
    let span = use_state(|| SPAN);
    let (statistics, _) =
        use_loaded::<SiteStatistics>(format!("sites/{}/statistics?days={}", props.site, *span));
    let choose = {
        let span = span.clone();
        Callback::from(move |event: Event| {
            span.set(event.target_unchecked_into::<HtmlSelectElement>().value().parse().unwrap_or(SPAN));
        })
    };
    let content = html! {
        <>
            <span class="setting">
                <label for="statistics-days">{ "Days, by UTC" }</label>
                <select id="statistics-days" onchange={choose}>
                    { for SPANS.iter().map(|days| html! {
                        <option value={days.to_string()} selected={*days == *span}>{ days.to_string() }</option>
                    }) }
                </select>
            </span>
            { statistics.view(|statistics| {
                let days = all_days(&statistics.days, statistics.server_time_ms, *span);
                html! { <>{ rounds(&days) }{ paid(&days, &props.asset) }</> }
            }) }
        </>
    };
    part("statistics", html! { { "What came of it" } }, content)
}

/// The last so many days, the oldest first, also those on which nothing came of it.
fn all_days(known: &[SiteDay], now: Timestamp, span: u64) -> Vec<SiteDay> {
    let end = now.day().saturating_add(1);
    (end.saturating_sub(span)..end)
        .map(|day| {
            let day_ms = Timestamp(day.saturating_mul(DAY_MS));
            let nothing = SiteDay { day_ms, opened: 0, cleared: 0, drips: 0, amount: Amount::ZERO };
            known.iter().find(|known| known.day_ms == day_ms).copied().unwrap_or(nothing)
        })
        .collect()
}

fn rounds(days: &[SiteDay]) -> Html {
    let line = |name: &str, pick: fn(&SiteDay) -> u64| {
        let counts = days.iter().map(pick);
        Line {
            name: name.to_owned(),
            // A chart has some hundred pixels: what is beyond its numbers is as high as it can be.
            values: counts.clone().map(|count| f64::from(u32::try_from(count).unwrap_or(u32::MAX))).collect(),
            texts: counts.map(|count| count.to_string()).collect(),
            is_faint: false,
        }
    };
    let lines = vec![
        line("opened", |day| day.opened),
        line("cleared", |day| day.cleared),
        line("drips", |day| day.drips),
    ];
    by_time("Rounds by the day", days, lines)
}

fn paid(days: &[SiteDay], asset: &Asset) -> Html {
    let line = Line {
        name: asset.code.clone(),
        values: days.iter().map(|day| coins(day.amount, asset)).collect(),
        texts: days.iter().map(|day| day.amount.to_decimal(asset.decimals)).collect(),
        is_faint: false,
    };
    by_time("Dripped by the day", days, vec![line])
}

fn by_time(title: &'static str, days: &[SiteDay], lines: Vec<Line>) -> Html {
    let places: Vec<f64> = days.iter().map(|day| edge::day_in_chart(day.day_ms)).collect();
    let names: Vec<String> = days.iter().map(|day| edge::day(day.day_ms)).collect();
    figure(FigureProps { title, scale: Scale::Day, places, names, lines, band: None, note: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_on_which_nothing_came_stand_between_the_others() {
        let day = |day: u64, opened| SiteDay {
            day_ms: Timestamp(day * DAY_MS),
            opened,
            cleared: 0,
            drips: 0,
            amount: Amount::ZERO,
        };
        let known = [day(20_001, 3), day(19_999, 5)];
        let days = all_days(&known, Timestamp(20_001 * DAY_MS + 7), 4);
        assert_eq!(days, [day(19_998, 0), day(19_999, 5), day(20_000, 0), day(20_001, 3)]);
    }
}
