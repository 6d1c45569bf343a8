//! A round: what is kept of it, as it was played, and all that it takes to play it again as a file. The page in the frame draws
//! it: it gets the round by its name, and so needs neither a request nor a session.

use dripline_shared::api::operate::players::RoundReplay;
use dripline_shared::json::ToJson;
use yew::prelude::*;

use crate::components::{button, download, facts, part, use_loaded};
use crate::{edge, json};

#[derive(PartialEq)]
pub(crate) struct RoundProps {
    /// Its id.
    pub(crate) round: String,
}

/// The part of the page.
#[hook]
pub(crate) fn use_round(props: &RoundProps) -> Html {
    let (round, _) = use_loaded::<RoundReplay>(format!("rounds/{}", props.round));
    let save = |json: &AttrValue| {
        let (file, json) = (format!("round-{}.json", props.round), json.clone());
        Callback::from(move |()| download(&file, "application/json", &json))
    };
    let known = |round: &RoundReplay| {
        [
            (
                "Level",
                round
                    .level
                    .as_ref()
                    .map_or_else(|| "of an older build".to_owned(), |level| level.name.clone()),
            ),
            ("Campaign", round.campaign.clone()),
            ("Opened", edge::moment(round.opened_at_ms)),
            ("From the page of", round.origin.clone()),
            ("Segments", round.play.len().to_string()),
            ("Rules", format!("version {}", round.rules_version)),
            ("Level hash", round.level_hash.to_string()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), html! { { value } }))
        .collect()
    };
    let content = html! {
        <>
            { round.view(|round| {
                let json = AttrValue::from(json::written(&round.to_json()));
                html! {
                    <>
                        { facts(known(round)) }
                        <iframe key={round.round.to_string()} class="watch" title="The round as it was played" src="/console/watch" name={&json} />
                        <p class="quiet">
                            { "With this, anybody can play it again: the protocol tells how." }
                        </p>
                        { button("Save as JSON", false, save(&json)) }
                    </>
                }
            }) }
        </>
    };
    part("round", html! { <>{ "Round " }<code>{ &props.round }</code></> }, content)
}
