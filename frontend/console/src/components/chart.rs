//! A chart, drawn by uPlot, which the page loads as a script of its own.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Array, Float64Array};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, MediaQueryList, ResizeObserver};
use yew::prelude::*;

use super::FigureProps;
use crate::json::to_browser;

#[wasm_bindgen]
extern "C" {
    /// A chart of the library.
    #[wasm_bindgen(js_name = uPlot)]
    type Plot;

    #[wasm_bindgen(constructor, js_class = "uPlot", catch)]
    fn new(options: &JsValue, data: &JsValue, place: &Element) -> Result<Plot, JsValue>;

    #[wasm_bindgen(method, js_class = "uPlot", js_name = setData)]
    fn set_data(this: &Plot, data: &JsValue);

    #[wasm_bindgen(method, js_class = "uPlot", js_name = setSize)]
    fn set_size(this: &Plot, size: &JsValue);

    #[wasm_bindgen(method, js_class = "uPlot")]
    fn destroy(this: &Plot);
}

/// How high a chart is, in CSS pixels.
const HEIGHT: i32 = 200;
/// What takes the width where there is none yet.
const WIDTH_AT_FIRST: i32 = 600;
/// The custom properties that give the lines their colours, in their order.
const COLOURS: [&str; 4] = ["--water", "--accent", "--good", "--rust"];

/// How much is seen of the colour between two lines, as the last two digits of `#rrggbbaa`.
const BAND_OPACITY: &str = "26";

/// What the lower axis of a chart is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Moments, in seconds since 1970.
    Time,
    /// Days, by when they begin, in seconds since 1970.
    Day,
    /// Hours of a day.
    Hour,
}

impl Scale {
    /// What its column is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Time => "Time",
            Self::Day => "Day",
            Self::Hour => "Hour",
        }
    }
}

/// A line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// What it shows.
    pub(crate) name: String,
    /// Its values; not a number where there is none.
    pub(crate) values: Vec<f64>,
    /// Its values as they stand in the table.
    pub(crate) texts: Vec<String>,
    /// Whether it is there for comparison, and drawn so.
    pub(crate) is_faint: bool,
}

/// A chart that is on the page, with what has it fit.
struct Drawn {
    plot: Plot,
    names: Vec<(String, bool)>,
    is_dark: bool,
    resized: Option<(ResizeObserver, Closure<dyn FnMut()>)>,
}

impl Drop for Drawn {
    fn drop(&mut self) {
        if let Some((observer, _)) = &self.resized {
            observer.disconnect();
        }
        self.plot.destroy();
    }
}

/// The chart of a figure: all but its table.
#[hook]
pub(super) fn use_chart(props: &FigureProps) -> Html {
    let place = use_node_ref();
    let drawn = use_mut_ref(|| None::<Drawn>);
    let is_dark = use_state(prefers_dark);
    {
        let is_dark = is_dark.clone();
        use_effect_with((), move |()| {
            let listener = dark()
                .map(|query| EventListener::new(&query, "change", move |_| is_dark.set(prefers_dark())));
            move || drop(listener)
        });
    }
    {
        let (place, drawn) = (place.clone(), Rc::clone(&drawn));
        let data = data(&props.places, &props.lines);
        let names: Vec<_> = props.lines.iter().map(|line| (line.name.clone(), line.is_faint)).collect();
        let (scale, band) = (props.scale, props.band);
        let (lines, places) = (props.lines.clone(), props.places.clone());
        use_effect_with((lines, places, *is_dark), move |(_, _, is_dark)| {
            if let Some(place) = place.cast::<HtmlElement>() {
                show(&drawn, &place, (scale, band), (names, *is_dark), &data);
            }
        });
    }
    let gone = Rc::clone(&drawn);
    use_effect_with((), move |()| move || drop(gone.borrow_mut().take()));
    html! { <div class="chart" role="img" aria-label={props.title} ref={place}></div> }
}

/// What tells whether dark colours are wanted.
fn dark() -> Option<MediaQueryList> {
    web_sys::window()?.match_media("(prefers-color-scheme: dark)").ok()?
}

fn prefers_dark() -> bool {
    dark().is_some_and(|query| query.matches())
}

/// Has the chart show this: with new values where it shows the same lines in the same colours already, anew otherwise.
fn show(
    drawn: &Rc<RefCell<Option<Drawn>>>,
    place: &HtmlElement,
    of: (Scale, Option<(usize, usize)>),
    (names, is_dark): (Vec<(String, bool)>, bool),
    data: &JsValue,
) {
    let mut drawn_now = drawn.borrow_mut();
    let is_same = |drawn: &&Drawn| drawn.names == names && drawn.is_dark == is_dark;
    if let Some(drawn) = drawn_now.as_ref().filter(is_same) {
        drawn.plot.set_data(data);
        return;
    }
    *drawn_now = None;
    let Ok(plot) = Plot::new(&to_browser(&options(place, of, &names)), data, place) else {
        // The table below has everything.
        return;
    };
    *drawn_now = Some(Drawn { plot, names, is_dark, resized: None });
    drop(drawn_now);
    let (weak, observed) = (Rc::downgrade(drawn), place.clone());
    let fit = Closure::<dyn FnMut()>::new(move || {
        let Some(drawn) = weak.upgrade() else { return };
        if let Some(drawn) = &*drawn.borrow() {
            drawn.plot.set_size(&to_browser(&json!({ "width": width(&observed), "height": HEIGHT })));
        }
    });
    if let Ok(observer) = ResizeObserver::new(fit.as_ref().unchecked_ref()) {
        observer.observe(place);
        if let Some(drawn) = drawn.borrow_mut().as_mut() {
            drawn.resized = Some((observer, fit));
        }
    }
}

fn width(place: &HtmlElement) -> i32 {
    match place.client_width() {
        0 => WIDTH_AT_FIRST,
        width => width,
    }
}

fn data(places: &[f64], lines: &[Line]) -> JsValue {
    let columns = Array::new();
    columns.push(&Float64Array::from(places));
    for line in lines {
        let values = Array::new();
        for value in &line.values {
            // A gap in the line, and not a zero.
            values.push(&if value.is_finite() { JsValue::from_f64(*value) } else { JsValue::NULL });
        }
        columns.push(&values);
    }
    columns.into()
}

fn options(
    place: &HtmlElement,
    (scale, band): (Scale, Option<(usize, usize)>),
    names: &[(String, bool)],
) -> Value {
    let (ink, grid) = (colour(place, "--muted"), colour(place, "--line"));
    let axis = json!({ "stroke": ink, "grid": { "stroke": grid, "width": 1 }, "ticks": { "stroke": grid, "width": 1 } });
    let mut upward = axis.clone();
    if let Some(upward) = upward.as_object_mut() {
        upward.insert("size".to_owned(), json!(64));
    }
    let lines = names.iter().zip(COLOURS.iter().cycle()).map(|((name, is_faint), own)| {
        let dash = if *is_faint { json!([4, 4]) } else { Value::Null };
        json!({ "label": name, "stroke": colour(place, own), "width": 2, "dash": dash })
    });
    let first = json!({ "label": scale.name() });
    // The library counts what is below as the first series.
    let bands = band.map(|(upper, lower)| {
        let series = [upper.saturating_add(1), lower.saturating_add(1)];
        json!({ "series": series, "fill": format!("{}{BAND_OPACITY}", colour(place, COLOURS[0])) })
    });
    json!({
        "width": width(place),
        "height": HEIGHT,
        "scales": {
            "x": { "time": scale != Scale::Hour },
            // From zero on, so that nothing looks like more than it is.
            "y": { "range": { "min": { "pad": 0, "soft": 0, "hard": 0, "mode": 1 }, "max": { "pad": 0.1, "soft": 1, "mode": 1 } } },
        },
        "axes": [axis, upward],
        "series": std::iter::once(first).chain(lines).collect::<Vec<_>>(),
        "bands": bands.into_iter().collect::<Vec<_>>(),
        "cursor": { "drag": { "x": false, "y": false } },
    })
}

/// What a custom property says here.
fn colour(place: &HtmlElement, name: &str) -> String {
    let style = web_sys::window().and_then(|window| window.get_computed_style(place).ok().flatten());
    style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default().trim().to_owned()
}
