//! What is said of a site, in fields: of one that is to be registered, and of one that there is.

use std::rc::Rc;

use dripline_shared::api::Reason;
use dripline_shared::api::operate::Mistake;
use dripline_shared::api::operate::sites::{MadeSite, RegisteredSite, SiteChange};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::json::{FromJson, ToJson};
use dripline_shared::site::Site;
use gloo_net::http::Method;
use serde_json::{Value, json};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::logo::{LOGO, logo};
use crate::api::{Failure, typed};
use crate::components::{SettingProps, Tone, notice, setting_field, use_action};
use crate::form::{Field, edited, look_fields, mistake_at, setting, site_fields};

/// What is told when a site was changed.
const KEPT: &str = "Kept. It is in force on every server within a second.";
/// Where the levels are in a site.
const LEVELS: &str = "levels";
/// What a picker of colours shows where none is said.
const NO_COLOUR: &str = "#1385c6";

#[derive(PartialEq)]
pub(super) struct EditorProps {
    /// What there is; nothing where it is to be registered.
    pub(super) registered: Option<RegisteredSite>,
    /// What is in force.
    pub(super) catalog: Rc<Catalog>,
    /// Whether it can only be seen.
    pub(super) is_fixed: bool,
    /// Called with a site that was registered, and its keys.
    pub(super) made: Callback<MadeSite>,
    /// Called when the site was changed, with what there is to be told, or is to be seen as others have changed it.
    pub(super) changed: Callback<Option<&'static str>>,
}

/// The fields.
#[hook]
pub(super) fn use_site_editor(props: &EditorProps) -> Html {
    let action = use_action();
    let site = use_state(|| props.registered.as_ref().map_or(Site::BLANK, |it| it.site.clone()));
    // Mistakes in what nobody has filled in yet are told once it was sent.
    let is_sent = use_state(|| false);
    let refused = use_state(Vec::<Mistake>::new);
    let is_old = use_state(|| false);
    let change = {
        let (site, refused) = (site.clone(), refused.clone());
        Callback::from(move |(path, value): (String, Value)| {
            if let Ok(to) = edited(&*site, &path, &value) {
                refused.set(Vec::new());
                site.set(to);
            }
        })
    };
    let mistakes = [site.mistakes_in(&props.catalog), (*refused).clone()].concat();
    let send = {
        let (action, site) = (action.clone(), site.clone());
        let (is_sent, refused, is_old) = (is_sent.clone(), refused.clone(), is_old.clone());
        let revision = props.registered.as_ref().map(|it| it.revision);
        let (made, changed, is_right) = (props.made.clone(), props.changed.clone(), mistakes.is_empty());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            is_sent.set(true);
            if !is_right {
                return;
            }
            let (site, made, changed) = ((*site).clone(), made.clone(), changed.clone());
            let (refused, is_old) = (refused.clone(), is_old.clone());
            let (method, path, body) = match revision {
                None => (Method::POST, "sites".to_owned(), site.to_json()),
                Some(revision) => {
                    (Method::PUT, format!("sites/{}", site.id), SiteChange { site, revision }.to_json())
                }
            };
            action.send(method, path, Some(body), move |answer| {
                if let Err(failure) = &answer {
                    refused.set(told_at_fields(failure));
                    is_old.set(failure.refused_for(&[Code::SiteChanged]).is_some());
                }
                let answer = answer?;
                if revision.is_some() {
                    changed.emit(Some(KEPT));
                } else {
                    made.emit(typed(&answer)?);
                }
                Ok(String::new())
            });
        })
    };
    let whole: Value = site.to_json();
    let mistake = |path: &str| {
        let is_blank = match setting(&whole, path) {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        let told = mistake_at(&whole, &mistakes, path);
        told.filter(|_| *is_sent || !is_blank)
    };
    let stays = |path: &str| props.registered.is_some() && ["id", "mode"].contains(&path);
    let shown = |field: Field| {
        let value = setting(&whole, &field.path);
        let beside = if field.path.starts_with("look.accent") {
            picker(&field, &value, props.is_fixed, &change)
        } else {
            Html::default()
        };
        let path = &field.path;
        let choices = choices(path, &value, &props.catalog);
        let (mistake, is_fixed) = (mistake(path).map(AttrValue::from), props.is_fixed || stays(path));
        setting_field(SettingProps {
            asset: props.catalog.asset.clone(),
            changed: change.clone(),
            live: None,
            mistake,
            choices,
            beside,
            is_fixed,
            value,
            field,
        })
    };
    let name = if props.registered.is_some() { "Keep" } else { "Register it" };
    let see = props.changed.reform(|_: MouseEvent| None);
    html! {
        <form class="stack" onsubmit={send} novalidate=true>
            <div class="groups">
                <fieldset class="card group"><legend>{ "The site" }</legend>{ for site_fields().into_iter().map(shown) }</fieldset>
                <fieldset class="card group">
                    <legend>{ "How it looks" }</legend>
                    { for look_fields().into_iter().map(shown) }
                    { logo(site.look.logo.as_ref(), mistake(LOGO), props.is_fixed, &change) }
                </fieldset>
                { levels(&site, &props.catalog, mistake(LEVELS), props.is_fixed, &change) }
            </div>
            { action.view() }
            if *is_old {
                <button type="button" class="button is-quiet" onclick={see}>{ "Drop what I have changed, and see it as it is" }</button>
            }
            if !props.is_fixed {
                if *is_sent && !mistakes.is_empty() {
                    { notice(Tone::Risk, "Not sent: some of it has to be said in another way first.") }
                }
                <button class="button" disabled={action.is_busy()}>{ name }</button>
            }
        </form>
    }
}

/// What the server says against fields.
fn told_at_fields(failure: &Failure) -> Vec<Mistake> {
    let Some(problem) = failure.refused_for(&[Code::SiteInvalid, Code::SiteTaken]) else { return Vec::new() };
    let mistake = |reason: &Reason| {
        if reason.code == Code::SiteTaken {
            return Mistake { field: "id".to_owned(), expected: "an id that no site has or had".to_owned() };
        }
        let field = reason.subject.clone().unwrap_or_default();
        let expected = reason.message.split_once(": expected ").map_or(&*reason.message, |it| it.1);
        Mistake { field, expected: expected.to_owned() }
    };
    problem.reasons.iter().map(mistake).collect()
}

/// What a setting can be, where that is known.
fn choices(path: &str, value: &Value, catalog: &Catalog) -> Vec<(String, String)> {
    let named = |value: &str, name: &str| (value.to_owned(), name.to_owned());
    match path {
        "mode" => vec![named("live", "the work itself"), named("test", "trying out")],
        "campaign" => {
            let mut choices = vec![named("", "nothing")];
            choices
                .extend(catalog.campaigns.iter().map(|it| named(&it.id, it.name.as_ref().unwrap_or(&it.id))));
            // One that is not in force any more.
            if let Some(id) = value.as_str().filter(|id| catalog.campaign(id).is_none()) {
                choices.push(named(id, id));
            }
            choices
        }
        _ => Vec::new(),
    }
}

/// What chooses a colour by its looks.
fn picker(field: &Field, value: &Value, is_fixed: bool, changed: &Callback<(String, Value)>) -> Html {
    let path = field.path.clone();
    let choose = changed.reform(move |event: Event| {
        (path.clone(), json!(event.target_unchecked_into::<HtmlInputElement>().value()))
    });
    let shown = value.as_str().unwrap_or(NO_COLOUR).to_owned();
    html! {
        <input type="color" value={shown} onchange={choose} disabled={is_fixed} aria-label={format!("{}, to choose", field.label)} />
    }
}

/// The levels, to be chosen from.
fn levels(
    site: &Site,
    catalog: &Catalog,
    mistake: Option<String>,
    is_fixed: bool,
    changed: &Callback<(String, Value)>,
) -> Html {
    let chosen = site.levels.clone().unwrap_or_default();
    let in_force = catalog.levels.iter().map(|level| (&level.id, &level.name));
    // Those that are not in force any more stand there, too, so that they can be taken out.
    let gone = chosen.iter().filter(|id| catalog.level(id).is_none()).map(|id| (id, id));
    let option = |(id, name): (&String, &String)| {
        let is_chosen = chosen.contains(id);
        let (chosen, id) = (chosen.clone(), id.clone());
        let toggle = changed.reform(move |_: Event| {
            let mut to: Vec<&String> = chosen.iter().filter(|other| **other != id).collect();
            if !is_chosen {
                to.push(&id);
            }
            (LEVELS.to_owned(), if to.is_empty() { Value::Null } else { json!(to) })
        });
        html! {
            <label class="choice"><input type="checkbox" checked={is_chosen} onchange={toggle} disabled={is_fixed} />{ name }</label>
        }
    };
    html! {
        <fieldset class="card group is-wide">
            <legend>{ "Levels: all of them where none is chosen" }</legend>
            { for in_force.chain(gone).map(option) }
            if let Some(mistake) = mistake {
                <span class="setting-mistake" role="alert">{ mistake }</span>
            }
        </fieldset>
    }
}
