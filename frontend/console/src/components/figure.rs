//! A chart with everything that it shows as a table, and as a file.

use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};
use yew::prelude::*;

use super::chart::use_chart;
use super::{Cell, Column, Line, Scale, button, piece, table, use_fold};
use crate::format::csv;

#[derive(PartialEq)]
pub(crate) struct FigureProps {
    /// What it shows.
    pub(crate) title: &'static str,
    /// What its lower axis is.
    pub(crate) scale: Scale,
    /// The places on the lower axis, rising.
    pub(crate) places: Vec<f64>,
    /// What the places are called in the table.
    pub(crate) names: Vec<String>,
    /// The lines. Each has a value or none for each place.
    pub(crate) lines: Vec<Line>,
    /// Between which two of them it is filled: the upper and the lower one, by their places.
    pub(crate) band: Option<(usize, usize)>,
    /// What is said below it.
    pub(crate) note: String,
}

/// The chart, the table, and the file.
pub(crate) fn figure(props: FigureProps) -> Html {
    piece!(use_figure, props.title, props)
}

#[hook]
fn use_figure(props: &FigureProps) -> Html {
    let chart = use_chart(props);
    let mut columns = vec![props.scale.name().to_owned()];
    columns.extend(props.lines.iter().map(|line| line.name.clone()));
    let cell = |line: &Line, place: usize| line.texts.get(place).cloned().unwrap_or_default();
    let rows: Vec<Vec<String>> = props
        .names
        .iter()
        .enumerate()
        .map(|(place, name)| {
            std::iter::once(name.clone()).chain(props.lines.iter().map(|line| cell(line, place))).collect()
        })
        .collect();
    let save = {
        let (file, text) =
            (format!("{}.csv", props.title.to_lowercase().replace(' ', "-")), csv(&columns, &rows));
        Callback::from(move |()| download(&file, "text/csv", &text))
    };
    // A table that nobody looks at is not built anew with every value that comes.
    let (is_open, toggle) = use_fold();
    html! {
        <figure class="figure">
            <figcaption>{ props.title }</figcaption>
            { chart }
            if !props.note.is_empty() {
                <p class="quiet">{ &props.note }</p>
            }
            <details ontoggle={toggle}>
                <summary>{ "As a table" }</summary>
                if is_open {
                    { as_table(props.title, &columns, rows) }
                    { button("Save as CSV", false, save) }
                }
            </details>
        </figure>
    }
}

fn as_table(title: &str, columns: &[String], rows: Vec<Vec<String>>) -> Html {
    let columns: Vec<Column<'_>> =
        columns.iter().enumerate().map(|(place, name)| (name.as_str(), place > 0)).collect();
    let row = |(place, cells): (usize, Vec<String>)| {
        let cells = cells.into_iter().enumerate();
        let cell = |(place, text)| if place == 0 { Cell::Text(text) } else { Cell::Number(text) };
        (place.to_string(), cells.map(cell).collect())
    };
    table(title, &columns, rows.into_iter().enumerate().map(row).collect())
}

/// Has the browser save a text as a file.
pub(crate) fn download(file: &str, kind: &str, text: &str) {
    // Where the browser can make no file, there is none, and it says so itself.
    let _ = try_download(file, kind, text);
}

fn try_download(file: &str, kind: &str, text: &str) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let properties = BlobPropertyBag::new();
    properties.set_type(kind);
    let parts = js_sys::Array::of1(&text.into());
    let blob = Blob::new_with_str_sequence_and_options(&parts, &properties).ok()?;
    let address = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&address);
    link.set_download(file);
    link.click();
    Url::revoke_object_url(&address).ok()
}
