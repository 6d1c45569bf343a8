//! The lines that put the widget into a page.

use std::rc::Rc;

use dripline_shared::catalog::Catalog;
use dripline_shared::site::Site;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::{copy, part};

#[derive(PartialEq)]
pub(super) struct SnippetProps {
    /// The site.
    pub(super) site: Site,
    /// What is in force.
    pub(super) catalog: Rc<Catalog>,
    /// The faucet's origin, as pages load the widget from it.
    pub(super) faucet: AttrValue,
}

/// The part of the page.
#[hook]
pub(super) fn use_snippet(props: &SnippetProps) -> Html {
    let SnippetProps { site, catalog, faucet } = props;
    let level = use_state(String::new);
    let choose = {
        let level = level.clone();
        Callback::from(move |event: Event| {
            level.set(event.target_unchecked_into::<HtmlSelectElement>().value());
        })
    };
    let shown = catalog.levels.iter().filter(|level| site.has_level(&level.id));
    let content = html! {
        <>
            <p class="quiet">{ "Paste these lines where the games shall be, on a page of one of its origins. There is no more to it." }</p>
            <span class="setting">
                <label for="snippet-level">{ "Level" }</label>
                <select id="snippet-level" onchange={choose}>
                    <option value="" selected={level.is_empty()}>{ "All of the site's levels" }</option>
                    { for shown.map(|it| html! { <option value={it.id.clone()} selected={it.id == *level}>{ &it.name }</option> }) }
                </select>
            </span>
            { copy(lines(faucet, &site.id, &level), "The lines for its pages") }
            <a href={format!("{faucet}/embed/playground?site={}", site.id)} target="_blank" rel="noopener">
                { "Try it out, in other layouts too" }
            </a>
        </>
    };
    part("snippet", html! { { "The lines for its pages" } }, content)
}

/// The lines; of one level where one is named.
fn lines(faucet: &str, site: &str, level: &str) -> String {
    // Ids are letters, digits and '-' alone.
    let level = if level.is_empty() { String::new() } else { format!(" level=\"{level}\"") };
    format!(
        "<script async src=\"{faucet}/embed/v1.js\"></script>\n\
         <style>dripline-faucet {{ display: block; min-height: 640px }}</style>\n\
         <dripline-faucet site=\"{site}\"{level}></dripline-faucet>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_name_the_site_and_a_level_where_one_is_chosen() {
        let all = lines("https://faucet.example", "shop", "");
        assert!(all.starts_with("<script async src=\"https://faucet.example/embed/v1.js\"></script>\n"));
        assert!(all.ends_with("\n<dripline-faucet site=\"shop\"></dripline-faucet>"));
        let one = lines("https://faucet.example", "shop", "pipes-1");
        assert!(one.ends_with("<dripline-faucet site=\"shop\" level=\"pipes-1\"></dripline-faucet>"));
    }
}
