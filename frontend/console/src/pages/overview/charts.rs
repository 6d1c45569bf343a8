//! What came and went, step by step.

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::overview::{Traffic, TrafficSeries};
use dripline_shared::time::HOUR_MS;
use yew::prelude::*;

use crate::components::{FigureProps, Line, Scale, figure};
use crate::edge;

/// How many minutes the server remembers.
const MINUTES: usize = 60;
/// How many hours.
const HOURS: usize = 48;

/// The charts of minutes and of hours.
pub(super) fn charts(traffic: &Traffic, asset: &Asset) -> Html {
    html! {
        <>
            { counts("Rounds by the minute", &traffic.minutes) }
            { money("Dripped by the minute", &traffic.minutes, asset) }
            { counts("Rounds by the hour", &traffic.hours) }
            { money("Dripped by the hour", &traffic.hours, asset) }
        </>
    }
}

fn counts(title: &'static str, series: &TrafficSeries) -> Html {
    let line = |name: &str, values: &[u64], is_faint| Line {
        name: name.to_owned(),
        values: values.iter().map(|value| float(*value)).collect(),
        texts: values.iter().map(ToString::to_string).collect(),
        is_faint,
    };
    let lines = vec![
        line("opened", &series.opened, false),
        line("claimed", &series.claimed, false),
        line("played to the end", &series.finished, true),
        line("refused", &series.refused, true),
    ];
    by_time(title, series, lines)
}

fn money(title: &'static str, series: &TrafficSeries, asset: &Asset) -> Html {
    let line = Line {
        name: asset.code.clone(),
        values: series.spent.iter().map(|amount| coins(*amount, asset)).collect(),
        texts: series.spent.iter().map(|amount| amount.to_decimal(asset.decimals)).collect(),
        is_faint: false,
    };
    by_time(title, series, vec![line])
}

/// A chart of the whole time that the server remembers, also where it has run for less: then there are gaps at the beginning.
fn by_time(title: &'static str, series: &TrafficSeries, mut lines: Vec<Line>) -> Html {
    let steps = if series.step_ms < HOUR_MS { MINUTES } else { HOURS };
    let gap = steps.saturating_sub(series.opened.len());
    for line in &mut lines {
        line.values.splice(..0, std::iter::repeat_n(f64::NAN, gap));
        line.texts.splice(..0, std::iter::repeat_n(String::new(), gap));
    }
    let count = |steps: usize| u64::try_from(steps).unwrap_or(0).saturating_mul(series.step_ms);
    let first = series.from_ms.minus(count(gap));
    let moments = (0..series.opened.len().saturating_add(gap)).map(|step| first.plus(count(step)));
    let name = if series.step_ms < HOUR_MS { edge::time_of_day } else { edge::moment };
    let places: Vec<f64> = moments.clone().map(|at| float(at.0) / 1000.0).collect();
    let names: Vec<String> = moments.map(name).collect();
    figure(FigureProps { title, scale: Scale::Time, places, names, lines, band: None, note: String::new() })
}

/// An amount in whole coins, for a chart alone.
pub(crate) fn coins(amount: Amount, asset: &Asset) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a chart has some hundred pixels")]
    let units = amount.units() as f64;
    units / (0..asset.decimals).fold(1.0, |unit, _| unit * 10.0)
}

#[expect(clippy::cast_precision_loss, reason = "a chart has some hundred pixels")]
fn float(number: u64) -> f64 {
    number as f64
}
