//! A catalog with its settings in fields: to be changed in a draft, and only seen where it is in force.

use std::rc::Rc;

use dripline_shared::api::operate::{Draft, LiveCatalog};
use dripline_shared::catalog::Catalog;
use serde_json::Value;
use yew::prelude::*;

use super::campaigns::{CampaignsProps, use_campaigns};
use super::changes::Sheet;
use super::groups::{GroupsProps, use_groups};
use super::keeping::{Kept, use_keeper};
use super::levels::{LevelsProps, use_levels};
use super::review::{ReviewProps, use_review};
use crate::components::{Tone, notice, piece};
use crate::form::{edited, limit_groups, reward_groups};

/// What of a catalog is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Levels,
    Rewards,
    Limits,
    Campaigns,
    Review,
}

const PARTS: [(Part, &str); 5] = [
    (Part::Levels, "Levels"),
    (Part::Rewards, "Rewards"),
    (Part::Limits, "Limits"),
    (Part::Campaigns, "Campaigns"),
    (Part::Review, "Compare, simulate, publish"),
];

#[derive(PartialEq)]
pub(crate) struct EditorProps {
    /// The draft; nothing where the catalog in force is only seen.
    pub(crate) draft: Option<Draft>,
    /// The catalog in force.
    pub(crate) live: LiveCatalog,
    /// Called with what there is to be told when the draft was published or dropped.
    pub(crate) over: Callback<String>,
}

/// The fields.
#[hook]
pub(crate) fn use_editor(props: &EditorProps) -> Html {
    let part = use_state(|| Part::Levels);
    let catalog = use_state(|| {
        Rc::new(
            props.draft.as_ref().map_or_else(|| props.live.catalog.clone(), |draft| draft.catalog.clone()),
        )
    });
    let keeper = use_keeper(props.draft.clone());
    let refused = use_state(|| None::<String>);
    let is_fixed = props.draft.is_none();
    let replace = {
        let (catalog, keeper) = (catalog.clone(), keeper.clone());
        Callback::from(move |to: Catalog| {
            keeper.keep(to.clone());
            catalog.set(Rc::new(to));
        })
    };
    let changed = {
        let (catalog, replace, refused) = (catalog.clone(), replace.clone(), refused.clone());
        Callback::from(move |(path, value): (String, Value)| match edited(&**catalog, &path, &value) {
            Ok(to) => {
                refused.set(None);
                replace.emit(to);
            }
            Err(why) => refused.set(Some(format!("{path} was not changed: {why}"))),
        })
    };
    let sheet = use_memo((Rc::clone(&catalog), props.live.catalog.clone()), |(catalog, live)| {
        Sheet::new((**catalog).clone(), live)
    });
    let tabs = PARTS.into_iter().filter(|(part, _)| !is_fixed || *part != Part::Review).map(|(own, name)| {
        let press = {
            let part = part.clone();
            Callback::from(move |_: MouseEvent| part.set(own))
        };
        let is_current = own == *part;
        html! {
            <button type="button" class="tab" onclick={press} aria-current={is_current.then_some("true")}>{ name }</button>
        }
    });
    let groups = |groups: Vec<_>| {
        piece!(
            use_groups,
            "",
            GroupsProps { groups, sheet: Rc::clone(&sheet), changed: changed.clone(), is_fixed }
        )
    };
    let shown = match *part {
        Part::Levels => piece!(
            use_levels,
            "",
            LevelsProps {
                sheet: Rc::clone(&sheet),
                changed: changed.clone(),
                replaced: replace.clone(),
                is_fixed
            }
        ),
        Part::Rewards => groups(reward_groups()),
        Part::Limits => groups(limit_groups()),
        Part::Campaigns => piece!(
            use_campaigns,
            "",
            CampaignsProps {
                sheet: Rc::clone(&sheet),
                changed: changed.clone(),
                replaced: replace.clone(),
                is_fixed
            }
        ),
        Part::Review => match (&props.draft, keeper.kept()) {
            (Some(draft), kept) => piece!(
                use_review,
                "",
                ReviewProps {
                    draft: draft.clone(),
                    kept: kept.clone(),
                    live: props.live.clone(),
                    sheet: Rc::clone(&sheet),
                    over: props.over.clone()
                }
            ),
            (None, _) => Html::default(),
        },
    };
    html! {
        <>
            <nav class="tabs" aria-label="Parts of the catalog">{ for tabs }</nav>
            if let Some(refused) = &*refused {
                { notice(Tone::Risk, refused) }
            }
            if !is_fixed {
                { state(keeper.kept(), sheet.mistakes().len()) }
            }
            { shown }
        </>
    }
}

fn state(kept: &Kept, mistakes: usize) -> Html {
    let said = match kept {
        Kept::Here(revision) => format!("Draft kept (revision {revision})."),
        Kept::Soon => "Keeping the draft …".to_owned(),
        Kept::Refused(why) => {
            return notice(
                Tone::Risk,
                &format!("This is not kept. {why} Choose the draft again to see it as it is."),
            );
        }
    };
    let wrong = match mistakes {
        0 => "No mistakes.".to_owned(),
        1 => "1 mistake.".to_owned(),
        _ => format!("{mistakes} mistakes."),
    };
    html! { <p class="quiet" role="status">{ format!("{said} {wrong}") }</p> }
}
