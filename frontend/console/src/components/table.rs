//! Tables. A plain function builds them: `html!` would write the code of every cell of every table anew.

use yew::prelude::*;

/// A cell.
pub(crate) enum Cell {
    /// A text.
    Text(String),
    /// A number, which stands to the right.
    Number(String),
    /// Anything else.
    Html(Html),
}

/// A column: what it is called, and whether it has numbers. A name in brackets is for screen readers alone.
pub(crate) type Column<'a> = (&'a str, bool);

/// A row: what tells it apart from the others, and its cells.
pub(crate) type Row = (String, Vec<Cell>);

/// A table that scrolls to the side where it is too wide. The first cell of each row names it.
pub(crate) fn table(label: &str, columns: &[Column<'_>], rows: Vec<Row>) -> Html {
    let names = columns.iter().map(|(name, is_number)| {
        let unseen = name.strip_prefix('(').and_then(|name| name.strip_suffix(')'));
        let text = match unseen {
            Some(name) => html! { <span class="visually-hidden">{ name.to_owned() }</span> },
            None => html! { { (*name).to_owned() } },
        };
        html! { <th scope="col" class={is_number.then_some("is-number")}>{ text }</th> }
    });
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label={format!("{label}, as a table")}>
            <table>
                <thead><tr>{ for names }</tr></thead>
                <tbody>{ for rows.into_iter().map(row) }</tbody>
            </table>
        </div>
    }
}

fn row((key, cells): Row) -> Html {
    let cells = cells.into_iter().enumerate().map(|(place, cell)| {
        let (class, content) = match cell {
            Cell::Text(text) => (None, html! { { text } }),
            Cell::Number(text) => (Some("is-number"), html! { { text } }),
            Cell::Html(content) => (None, content),
        };
        if place == 0 {
            html! { <th scope="row" {class}>{ content }</th> }
        } else {
            html! { <td {class}>{ content }</td> }
        }
    });
    html! { <tr {key}>{ for cells }</tr> }
}

/// Facts by their names.
pub(crate) fn facts(facts: Vec<(String, Html)>) -> Html {
    html! {
        <dl class="facts">{ for facts.into_iter().map(|(name, value)| html! { <div><dt>{ name }</dt><dd>{ value }</dd></div> }) }</dl>
    }
}

/// A part of a page with its title.
pub(crate) fn part(id: &'static str, title: Html, content: Html) -> Html {
    html! { <section class="card stack" aria-labelledby={id}><h2 {id}>{ title }</h2>{ content }</section> }
}
